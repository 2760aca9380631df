"""Rows written at once are the same cells as those written one by one, as another program reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from mujun.reports.drawing import workbook
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text
from mujun.reports.drawing.workbook import write_workbook

ODD = [
    "甲&<乙>",
    " 前后空格 ",
    "",
    None,
    "=1+1",
    "换\n行",
    "垂直\x0b制表",
    "_x0041_",
    "😀",
    "'引号\"",
    "长" * 60,
    "00123",
]
COUNT = len(ODD) * 10

ROWS = pl.DataFrame(
    {
        "name": ODD * 10,
        "land": [Decimal("12345.678901"), None, Decimal("-0.000001"), Decimal(0)] * (COUNT // 4),
        "ratio": [0.1 + 0.2, float("nan"), None, 1e-9, 123456789.123456, float("inf")] * (COUNT // 6),
        "count": [3, None] * (COUNT // 2),
        "tier": ["A", "D", "不在档内", None] * (COUNT // 4),
        "verdict": ["符合", "不符合", None] * (COUNT // 3),
        "until": [date(2024, 2, 29), None, date(2023, 1, 1)] * (COUNT // 3),
        "labels": [["甲", "乙"], [], None] * (COUNT // 3),
        "yes": [True, False, None] * (COUNT // 3),
        "nothing": [None] * COUNT,
        "_total": [False] * (COUNT - 1) + [True],
    },
    schema_overrides={"nothing": pl.String, "labels": pl.List(pl.String)},
)
COLUMNS = (
    Column("name", "名称", wrapped=True, width=20.0), Column("land", "用地（亩）", "number", 2),
    Column("ratio", "亩均（万元/亩）", "number", 4), Column("count", "家数", "whole"), Column("tier", "档次", "tier"),
    Column("verdict", "结论", "verdict"), Column("until", "时限", "date"), Column("labels", "标签", "texts"),
    Column("yes", "是否", "boolean"), Column("nothing", "空"),
)  # fmt: skip


def cells(file: Path) -> list[tuple[object, ...]]:
    """Every cell of the sheet: value, format of numbers, fill, font, alignment; and the height of its row."""
    page = openpyxl.load_workbook(file)["表"]
    return [
        (c.coordinate, c.value, c.number_format, c.fill.fgColor.rgb, c.font.b, c.font.color and c.font.color.rgb,
         c.alignment.wrap_text, c.border.left.style, page.row_dimensions[c.row].height)
        for row in page.iter_rows()
        for c in row
    ]  # fmt: skip


def test_the_same_cells_as_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Texts stand before, between and after the tables: rows at once have to keep their place among them.
    table = Table(COLUMNS, ROWS, "全部", "_total")
    parts = (table, Text(("中间的话",)), table, Text(("末尾的话",)))
    sheet = Sheet("表", "标题", ("一行",), parts, tiers=("A", "B", "D"))
    alone = Sheet("表", "标题", (), (Table(COLUMNS, ROWS, "", "_total"),), 1, printed=4, tiers=("A", "B", "D"))
    for number, wanted in enumerate((sheet, alone)):
        files = [tmp_path / f"{number}-{way}.xlsx" for way in ("at-once", "one-by-one")]
        monkeypatch.setattr(workbook, "MANY", 100)
        write_workbook(files[0], [wanted])
        monkeypatch.setattr(workbook, "MANY", 10**9)
        write_workbook(files[1], [wanted])
        at_once, one_by_one = map(cells, files)
        assert len(at_once) > 2 * COUNT
        for a, b in zip(at_once, one_by_one, strict=True):
            # One by one, a number is cut at sixteen digits.
            same = a[1] == (pytest.approx(b[1], rel=1e-14) if isinstance(b[1], float) else b[1])
            assert same, (a, b)
            assert (a[0], *a[2:]) == (b[0], *b[2:])


def test_all_digits_of_a_number_are_in_its_cell(tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "a.xlsx", [Sheet("表", parts=(Table(COLUMNS, ROWS),))])
    page = openpyxl.load_workbook(file)["表"]
    assert page["C2"].value == 0.1 + 0.2
    assert page["B2"].value == 12345.678901
    # Neither a formula nor a number: text stays text.
    assert (page["A6"].value, page["A6"].data_type) == ("=1+1", "s")
    assert page["A13"].value == "00123"


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    sheet = Sheet("表", parts=(Table(COLUMNS, ROWS),))
    first, second = (write_workbook(tmp_path / f"{n}.xlsx", [sheet]).read_bytes() for n in (1, 2))
    assert first == second
