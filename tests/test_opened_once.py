"""Steps that share an opening see what every other would, and are in nobody's way."""

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
from mujun.store import Store, opening
from tests.opened_once import OpenedOnce
from tests.workspace.small_county import county, files_at

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a file that is open can neither be replaced nor removed there")

WRITE = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('CREATE TABLE of_another (n INTEGER)')"


@pytest.fixture
def small(tmp_path: Path) -> County:
    return county(tmp_path)


@pytest.fixture
def counted(opened_once: OpenedOnce, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each opening of a store, whether its file was not open before."""
    fresh: list[bool] = []
    connected = opened_once.connected

    def counting(path: Path, *, write: bool) -> duckdb.DuckDBPyConnection:
        before = opened_once._kept
        made = connected(path, write=write)
        fresh.append(opened_once._kept is not before or before is None)
        return made

    monkeypatch.setattr(opening, "connected", counting)
    return fresh


def batches(path: Path) -> int:
    with Store.open(path) as store:
        return store.batches().height


def test_the_second_reading_uses_the_opening_of_the_first(small: County, counted: list[bool]) -> None:
    assert [batches(small.path), batches(small.path)] == [6, 6]
    assert counted == [True, False]


def test_what_was_loaded_meanwhile_is_seen_by_the_opening_that_loaded_it(
    small: County, tmp_path: Path, counted: list[bool]
) -> None:
    files = files_at(tmp_path / "2023", 2023)
    before = batches(small.path)
    small.data.load(files[:1])
    small.data.load(files[1:2])
    assert batches(small.path) == before + 2
    assert counted.count(True) == 1
    # The file alone holds everything: a copy of it has the same.
    assert batches(Path(shutil.copy(small.path, tmp_path / "copy.duckdb"))) == before + 2


def test_what_another_wrote_after_a_writing_is_seen(small: County, tmp_path: Path, counted: list[bool]) -> None:
    before = Path(shutil.copy(small.path, tmp_path / "before.duckdb"))
    small.data.load(files_at(tmp_path / "2023", 2023)[:1])
    assert batches(small.path) == 7
    shutil.copyfile(before, small.path)
    counted.clear()
    assert batches(small.path) == 6
    assert counted == [True]


def test_what_was_not_closed_well_is_opened_anew(small: County, tmp_path: Path, counted: list[bool]) -> None:
    log = small.path.with_name(small.path.name + ".wal")
    with Store.open(small.path, write=True) as store:
        store._connection.execute("CREATE TABLE of_another (n INTEGER)")
        assert log.exists()
    assert not log.exists()
    counted.clear()
    assert batches(small.path) == 6
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


@pytest.mark.parametrize("kept", ["nothing", "reading", "writing"])
def test_who_reads_and_who_writes_in_this_process_refuse_each_other(small: County, kept: str) -> None:
    if kept != "nothing":
        Store.open(small.path, write=kept == "writing").close()
    with Store.open(small.path), Store.open(small.path), pytest.raises(StoreError):
        Store.open(small.path, write=True)
    with Store.open(small.path, write=True), Store.open(small.path, write=True), pytest.raises(StoreError):
        Store.open(small.path)
    assert batches(small.path) == 6


def test_who_writes_what_he_opened_to_read_is_found_out(small: County) -> None:
    Store.open(small.path, write=True).close()
    store = Store.open(small.path)
    store._connection.execute("CREATE TABLE of_another (n INTEGER)")
    with pytest.raises(AssertionError, match="opened for reading"):
        store.close()


def test_another_process_may_write(small: County, counted: list[bool]) -> None:
    assert batches(small.path) == 6
    subprocess.run([sys.executable, "-c", WRITE, str(small.path)], check=True)
    counted.clear()
    assert batches(small.path) == 6
    assert counted == [True]
    # It has ended: what is opened now is kept again.
    assert batches(small.path) == 6
    assert counted == [True, False]


def test_nothing_is_kept_beside_another_process(small: County, counted: list[bool]) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert [batches(small.path), batches(small.path)] == [6, 6]
        assert counted == [True, True]
        other.communicate(b"\n")
    assert [batches(small.path), batches(small.path)] == [6, 6]
    assert counted == [True, True, True, False]


def test_a_process_that_cannot_begin_is_not_waited_for(small: County, counted: list[bool]) -> None:
    with pytest.raises(FileNotFoundError):
        subprocess.run([small.path.with_name("nothing")], check=False)
    assert [batches(small.path), batches(small.path)] == [6, 6]
    assert counted == [True, False]
