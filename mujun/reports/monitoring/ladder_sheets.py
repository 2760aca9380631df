"""梯队: who has each honour and who could be next, as a workbook for the lead office."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from mujun.monitoring.ladders import LadderResult
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers
from mujun.reports.drawing.workbook import tab_name, write_workbook

STANDS = {"ready": "可以申报", "near": "培育对象"}


def _met(condition: str) -> pl.Expr:
    met = pl.col(condition)
    word = pl.when(met.is_null()).then(pl.lit("没有数据")).when(met).then(pl.lit("具备")).otherwise(pl.lit("不具备"))
    return word.alias(condition)


def write_ladders(path: str | Path, name: str, year: int, day: date, ladders: Sequence[LadderResult]) -> Path:
    """Write the workbook: all ladders at a glance, then for each who could be next and who has it.

    Args:
        path: where to.
        name: what the ladders are called.
        year: the data year by which conditions were judged.
        day: the day on which honours count.
        ladders: the ladders.

    Raises:
        InputError: the file cannot be written.
    """
    line = f"条件按 {year} 年度企业数据判断；荣誉按截至 {day} 有效的标签"
    sheets = [_summary(name, line, ladders), *(sheet for one in ladders for sheet in _sheets(one, line))]
    return write_workbook(path, sheets, created=day, title=name, footer=f"截至 {day}")


def _summary(name: str, line: str, ladders: Sequence[LadderResult]) -> Sheet:
    rows = pl.DataFrame(
        [
            (one.label, one.office, one.in_force, one.count("ready"), one.count("near"), one.lapsed.height)
            for one in ladders
        ],
        schema={"label": pl.String, "office": pl.String, "held": pl.Int64, "ready": pl.Int64, "near": pl.Int64,
                "lapsed": pl.Int64},
        orient="row",
    )  # fmt: skip
    columns = (
        Column("label", "荣誉", width=26), Column("office", "培育单位", width=16),
        Column("held", "现有（家）", "whole"),
        Column("ready", "可以申报（家）", "whole"), Column("near", "培育对象（家）", "whole"),
        Column("lapsed", "已失效（家）", "whole"),
    )  # fmt: skip
    return Sheet("梯队", name, (line,), (Table(columns, rows), Text(_NOTES, "说明", "quiet")))


_NOTES = (
    "可以申报：条件全部具备。培育对象：只差少数条件，或少数条件没有数据。条件是规则文件所写，申报以主管部门的办法为准。",
    "没有数据的条件不算具备，也不算不具备；请补报后再看。",
)


def _sheets(one: LadderResult, line: str) -> Iterator[Sheet]:
    told = one.candidates.with_columns(
        pl.col("stands").replace(STANDS),
        pl.col("lacks").list.join("；"),
        *(_met(c) for c in one.conditions),
    )
    columns = (
        Column("name", "企业名称", width=30), Column("credit_code", "统一社会信用代码", width=21),
        Column("township", "镇街", width=12), Column("stands", "梯队"), Column("lacks", "还差", width=44, wrapped=True),
        *(Column(c, label, width=16, wrapped=True) for c, label in one.conditions.items()),
    )  # fmt: skip
    head = f"{one.label}：谁可以是下一家"
    yield Sheet(tab_name(f"{one.label}_下一家"), head, (line,), (with_numbers(Table(columns, told)),), 2)
    holders = (
        Column("name", "企业名称", width=30), Column("credit_code", "统一社会信用代码", width=21),
        Column("township", "镇街", width=12), Column("label", "荣誉", width=18), Column("since", "认定日期", "date"),
        Column("until", "有效期至", "date"), Column("document", "文号", width=22),
        Column("in_force", "有效", "boolean"),
    )  # fmt: skip
    years = (
        Column("year", "首次认定年份", "whole"), Column("firms", "家数", "whole"),
        Column("in_force", "现在有效", "whole"),
    )  # fmt: skip
    yield Sheet(
        tab_name(f"{one.label}_现有"), f"{one.label}：现有 {one.in_force} 家", (line,),
        (Table(years, one.by_year, "按首次认定的年份"), with_numbers(Table(holders, one.holders, "逐家"))), 2,
    )  # fmt: skip
