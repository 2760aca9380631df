"""The coverage of a year as a workbook: 覆盖情况, 未计入的行, 待定数字."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mujun.fields import TABLES, label_of
from mujun.reports.drawing.sheets import Column, Sheet, Table
from mujun.reports.drawing.workbook import write_workbook


def write_coverage(
    path: str | Path, year: int, fields: pl.DataFrame, kept_out: pl.DataFrame, contested: pl.DataFrame,
    totals: pl.DataFrame, waiting: pl.DataFrame,
) -> Path:  # fmt: skip
    """Write the coverage of a year as a workbook.

    Args:
        path: where to; an existing file is replaced.
        year: the data year.
        fields, kept_out, contested, totals, waiting: as `workspace.data.coverage.Coverage` has them.

    Raises:
        InputError: the file cannot be written.
    """
    tables = {name: table.label for name, table in TABLES.items()}
    sheets = [_fields(year, fields, tables)]
    if kept_out.height:
        sheets.append(_kept_out(year, kept_out, tables))
    if contested.height:
        sheets.append(_contested(year, contested, tables))
    if waiting.height:
        sheets.append(_waiting(year, waiting, tables))
    if totals.height:
        sheets.append(_totals(year, totals, tables))
    return write_workbook(path, sheets, title=f"{year}年数据覆盖情况")


def _waiting(year: int, waiting: pl.DataFrame, tables: dict[str, str]) -> Sheet:
    columns = (
        Column("file", "文件", width=36.0), Column("sheet", "工作表"), Column("row", "表头行号", "whole"),
        Column("table", "数据表"), Column("rows", "行数", "whole"), Column("question", "编号"),
        Column("asks", "问题", width=60.0), Column("choices", "可选答案", width=60.0),
    )  # fmt: skip
    lines = ("这些表等回答，一行都没有计入：mujun load 文件 --answer 编号=选项编号。",)
    return Sheet("待答问题", f"{year}年等回答的表", lines, (Table(columns, waiting.with_columns(_labels(tables))),))


def _totals(year: int, totals: pl.DataFrame, tables: dict[str, str]) -> Sheet:
    columns = (
        Column("file", "文件", width=36.0), Column("sheet", "工作表"), Column("table", "数据表"),
        Column("label", "项目"), Column("header", "表头", width=30.0), Column("unit", "单位"),
        Column("own_total", "文件合计", "number", 4), Column("read", "读到合计", "number", 4),
        Column("differs", "差", "number", 4),
    )  # fmt: skip
    rows = totals.with_columns(_labels(tables), differs=pl.col("own_total") - pl.col("read"))
    return Sheet("文件合计", f"{year}年各文件的合计与读到的数", (), (Table(columns, rows),))


def _labels(tables: dict[str, str]) -> pl.Expr:
    return pl.col("table").replace(tables)


def _fields(year: int, fields: pl.DataFrame, tables: dict[str, str]) -> Sheet:
    rows = fields.with_columns(pl.col("table").replace(tables))
    columns = (
        Column("table", "数据表"),
        Column("label", "项目"),
        Column("unit", "单位"),
        Column("owner", "责任部门"),
        Column("on_roll", "名录企业数", "whole"),
        Column("with_value", "有数", "whole"),
        Column("blank", "空白", "whole"),
        Column("waiting_rows", "未计入的行", "whole"),
        Column("contested", "待定", "whole"),
        Column("off_roll", "名录外企业数", "whole"),
        Column("total", "名录企业合计", "number", 4),
        Column("total_in_store", "库中合计", "number", 4),
        Column("total_in_files", "文件合计", "number", 4),
        Column("read_of_these", "文件合计的各列读到", "number", 4),
        Column("with_value_last", "上年有数", "whole"),
        Column("total_last", "上年合计", "number", 4),
        Column("unlikely_median", "疑似单位不对：中位数", "number", 4),
    )
    lines = ("空白不是零：没有报的企业不会当作零。待定：几份文件说法不同，还没有定。",)
    return Sheet("覆盖情况", f"{year}年数据覆盖情况", lines, (Table(columns, rows),), fixed=2)


def _kept_out(year: int, kept_out: pl.DataFrame, tables: dict[str, str]) -> Sheet:
    columns = (
        Column("table", "数据表"), Column("batch", "批次", "whole"), Column("file", "文件", width=44.0),
        Column("rows", "行数", "whole"),
    )  # fmt: skip
    rows = kept_out.with_columns(pl.col("table").replace(tables))
    lines = ("这些行有错误，没有计入；改好后装回，或由部门重发整份文件。",)
    return Sheet("未计入的行", f"{year}年未计入的行", lines, (Table(columns, rows),))


def _contested(year: int, contested: pl.DataFrame, tables: dict[str, str]) -> Sheet:
    columns = (
        Column("table", "数据表"), Column("credit_code", "统一社会信用代码"), Column("name", "企业名称", width=30.0),
        Column("record", "记录"), Column("field", "项目"), Column("stands", "现为", width=24.0),
        Column("stands_in", "出自", width=36.0), Column("says", "另一份为", width=24.0),
        Column("file", "另一份", width=36.0), Column("sheet", "工作表"), Column("row", "行号", "whole"),
    )  # fmt: skip
    labels = {name: label_of(name) for name in contested["field"].unique().to_list()}
    rows = contested.with_columns(pl.col("table").replace(tables), pl.col("field").replace(labels))
    lines = (
        "定法：把另一份再装一次，以它为准加 --replace，相加加 --add，保持原有加 --keep；单个企业用 mujun correct。",
    )
    return Sheet("待定数字", f"{year}年几份文件说法不同的数字", lines, (Table(columns, rows),), fixed=3)
