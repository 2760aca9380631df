"""Readings that share an opening see what every other would, and are in nobody's way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from mujun import County
from mujun.errors import StoreError
from mujun.store import Store
from tests.opened_once import OpenedOnce
from tests.workspace.small_county import county, files_at

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a file that is open can neither be replaced nor removed there")

WRITE = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('CREATE TABLE of_another (n INTEGER)')"


@pytest.fixture
def small(tmp_path: Path) -> County:
    return county(tmp_path)


@pytest.fixture
def counted(opened_once: OpenedOnce, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each connection that is made, whether nothing was open before."""
    fresh: list[bool] = []
    connect = opened_once.connect

    def counting(*given: object, **more: object) -> duckdb.DuckDBPyConnection:
        before = opened_once._kept
        made = connect(*given, **more)
        fresh.append(opened_once._kept is not before or before is None)
        return made

    monkeypatch.setattr(duckdb, "connect", counting)
    return fresh


def batches(path: Path) -> int:
    with Store.open(path) as store:
        return store.batches().height


def test_the_second_reading_uses_the_opening_of_the_first(small: County, counted: list[bool]) -> None:
    assert [batches(small.path), batches(small.path)] == [6, 6]
    assert counted == [True, False]


def test_what_was_loaded_meanwhile_is_seen(small: County, tmp_path: Path, counted: list[bool]) -> None:
    before = batches(small.path)
    small.data.load(files_at(tmp_path / "2023", 2023)[:1])
    counted.clear()
    assert batches(small.path) == before + 1
    assert counted == [True]


def test_a_file_in_its_place_is_read_anew(small: County, tmp_path: Path, counted: list[bool]) -> None:
    other = County(tmp_path / "other.duckdb")
    other.create()
    assert batches(small.path) == 6
    Path(shutil.copy(other.path, tmp_path / "copy.duckdb")).replace(small.path)
    counted.clear()
    assert batches(small.path) == 0
    assert counted == [True]


def test_a_damaged_file_is_found_damaged(small: County) -> None:
    assert batches(small.path) == 6
    small.path.write_bytes(small.path.read_bytes()[:8192])
    with pytest.raises(StoreError):
        batches(small.path)


def test_another_process_may_write(small: County, counted: list[bool]) -> None:
    assert batches(small.path) == 6
    subprocess.run([sys.executable, "-c", WRITE, str(small.path)], check=True)
    counted.clear()
    assert batches(small.path) == 6
    assert counted == [True]
    # Nothing is kept from here on: the process could still be there.
    assert batches(small.path) == 6
    assert counted == [True, True]


def test_one_who_writes_in_this_process_is_refused_while_somebody_reads(small: County) -> None:
    with Store.open(small.path), pytest.raises(StoreError):
        Store.open(small.path, write=True)
