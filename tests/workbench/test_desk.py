"""What is kept for browsers to fetch: once for each person, and no more than fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun import County
from mujun.workbench import desk
from mujun.workbench.desk import Desk


@pytest.fixture
def bench(tmp_path: Path) -> Desk:
    return Desk(County(tmp_path / "mujun.duckdb"), tmp_path)


def test_a_page_opened_again_keeps_its_rows_once(bench: Desk) -> None:
    key = bench.offer_rows(b"rows", "张三")
    assert bench.offer_rows(b"rows", "张三") == key
    other = bench.offer_rows(b"rows", "李四")
    assert other != key
    assert bench.offered_rows(key, "张三") == b"rows"
    assert bench.offered_rows(key, "李四") is None


def test_those_opened_last_are_kept(bench: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "OFFERED", 2)
    first, second = (bench.offer_rows(rows, "张三") for rows in (b"1", b"2"))
    assert bench.offer_rows(b"1", "张三") == first
    third = bench.offer_rows(b"3", "张三")
    kept = [bench.offered_rows(key, "张三") for key in (first, second, third)]
    assert kept == [b"1", None, b"3"]
    # What was let go is offered under a new address.
    again = bench.offer_rows(b"2", "张三")
    assert again != second
    assert bench.offered_rows(again, "张三") == b"2"
    for number in range(20):
        bench.offer_rows(str(number).encode(), "张三")
    assert len(bench._keys) <= 5
