"""What is kept for browsers to fetch: once for each person, and no more than fits."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from mujun import County, messages
from mujun.workbench import desk
from mujun.workbench.desk import Desk
from mujun.workbench.grid import _plain, as_json


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


def test_a_table_is_made_once_for_all_who_see_it(bench: Desk) -> None:
    made: list[pl.DataFrame] = []

    def make(rows: pl.DataFrame) -> bytes:
        made.append(rows)
        return as_json(rows)

    rows = pl.DataFrame({"name": ["甲厂"], "listed": [True]})
    key = bench.offer_table(rows, make, "张三")
    # Equal rows are the same rows, whoever made the frame.
    assert bench.offer_table(rows.clone(), make, "张三") == key
    parts = pl.concat([rows.clear(), rows, rows.clear()], rechunk=False)
    assert bench.offer_table(parts, make, "张三") == key
    assert bench.offer_table(rows.clear(), as_json, "张三") != key
    other = bench.offer_table(pl.DataFrame(rows.to_dict()), make, "李四")
    assert other != key
    assert len(made) == 1
    assert bench.offered_rows(other, "李四") == bench.offered_rows(key, "张三") == as_json(rows)
    assert bench.offered_rows(key, "李四") is None
    bench.offer_table(rows.with_columns(name=pl.lit("乙厂")), make, "张三")
    assert len(made) == 2
    # Yes and no are words.
    with messages.speaking("en"):
        english = bench.offer_table(rows, make, "张三")
    assert english != key
    assert bench.offered_rows(english, "张三") == '{"columns":["name","listed"],"rows":[["甲厂","yes"]]}'.encode()


ODD = datetime(2023, 5, 4, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("text", ["甲", None, '"\\']),
        pl.Series("whole", [1, None, -(2**60)]),
        pl.Series("part", [0.1, None, float("nan"), float("inf"), -float("inf"), -0.0, 1e300]),
        pl.Series("decimal", [Decimal("0.285000"), None, Decimal("-1234567.890123")], pl.Decimal(18, 6)),
        pl.Series("large", [Decimal("9007199254.740993"), Decimal("123456789012.345678")], pl.Decimal(18, 6)),
        pl.Series("nothing", [None, None], pl.Decimal(18, 6)),
        pl.Series("tier", ["A", None], pl.Enum(["A", "B"])),
        pl.Series("yes", [True, False, None]),
        pl.Series("day", [date(2023, 5, 4), None]),
        pl.Series("moment", [ODD, None]),
        pl.Series("several", [["甲", "乙"], [], None]),
        pl.Series("none", [], pl.String()),
    ],
    ids=lambda column: column.name,
)
def test_a_column_at_once_is_what_each_of_its_values_is(column: pl.Series) -> None:
    expected = {"columns": [column.name], "rows": [[_plain(value)] for value in column]}
    assert as_json(column.to_frame()).decode() == json.dumps(expected, ensure_ascii=False, separators=(",", ":"))


def test_papers_beside_the_store_are_watched(bench: Desk) -> None:
    before = bench.rules_state
    (bench.county.path.parent / "papers.yaml").write_text("contact: 经信局\n", encoding="utf-8")
    assert bench.rules_state != before
