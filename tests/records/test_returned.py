"""A returned sheet held against what was issued: what counts as the same cell, and where a cell is."""

from __future__ import annotations

import polars as pl
import pytest

from mujun.errors import Problem
from mujun.records.resized import resized
from mujun.records.returned import MARK, Lines, lines_of, mark_in
from mujun.records.sheets import Sheet

HEADERS = ("代码", "面积", "意见")


def sheet(*rows: tuple[str | None, ...]) -> Sheet:
    cells = [("编号：MS1-00000000", None, None), HEADERS, *rows]
    columns = {f"c{i}": pl.Series([r[i] for r in cells], dtype=pl.String) for i in range(3)}
    return Sheet("表", pl.DataFrame(columns), pl.Series("row", range(1, len(cells) + 1), dtype=pl.Int64))


def held(given: str | None, now: str | None) -> Lines:
    issued = pl.DataFrame({"代码": ["a"], "面积": [given], "credit_code": ["a"], "name": ["甲"]})
    lines = lines_of(sheet(("a", now, None)), "a.xlsx", HEADERS, "代码", issued, table="surveys")
    assert isinstance(lines, Lines)
    return lines


@pytest.mark.parametrize(("given", "now", "same"), [
    ("3.5", "3.50", True),
    ("1234567.123456", "1234567.123456", True),
    ("123456789012.123456", "123456789012.123", True),  # fifteen digits are all that a workbook keeps
    ("甲 镇", "甲镇", True),
    (None, None, True),
    (None, "0", False),  # a blank is no zero
    ("0", None, False),
    ("3.5", "3.51", False),
    ("甲", "乙", False),
])  # fmt: skip
def test_what_is_the_same_cell(given: str | None, now: str | None, same: bool) -> None:
    lines = held(given, now)
    assert (lines.kept, lines.refused) == (((2,), ()) if same else ((), (2,)))
    assert [f.values["cell"] for f in lines.findings] == ([] if same else ["B3"])


def test_a_header_in_another_place_stops_the_sheet() -> None:
    issued = pl.DataFrame({"代码": ["a"], "面积": ["1"], "credit_code": ["a"], "name": ["甲"]})
    stopped = lines_of(sheet(), "a.xlsx", ("代码", "意见", "面积"), "代码", issued, table="surveys")
    assert isinstance(stopped, Problem)
    assert (stopped.code, stopped.values["cell"]) == ("returned_header", "B2")


def test_a_firm_without_land_rows_is_left_to_a_person() -> None:
    from decimal import Decimal

    assert resized([], leased=False, net=Decimal(0), measured=Decimal(5)) == "survey_land_unknown"
    rented = [{"tenure": "租入", "area_mu": Decimal(5)}]  # from a village: no other firm's row says so
    assert resized(rented, leased=False, net=Decimal(5), measured=Decimal(6)) == "survey_land_leased"


@pytest.mark.parametrize(("text", "mark"), [
    ("编号：MS12-3fa9c01b　用地不少于 3 亩", "MS12-3fa9c01b"),
    ("合同编号：C12-20230518", None),
    ("MS12-3fa9c01b", None),
])  # fmt: skip
def test_only_our_own_mark_is_one(text: str, mark: str | None) -> None:
    only = Sheet("表", pl.DataFrame({"c0": [text]}), pl.Series("row", [1], dtype=pl.Int64))
    assert mark_in([only], MARK) == mark
