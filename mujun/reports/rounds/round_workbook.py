"""Who has returned what: the round of the townships as a workbook."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mujun.reports.drawing.columns import known
from mujun.reports.drawing.sheets import Column, Sheet, Table, table_sheet
from mujun.reports.drawing.workbook import write_workbook

_COLUMNS = (
    known("township", width=14.0),
    Column("marks", "核查表编号", "texts", width=16.0),
    Column("issued_on", "发出日期", "date"),
    Column("firms", "应核查企业", "whole"),
    Column("returned", "已交回", "whole"),
    Column("complete", "其中填写完整", "whole"),
    Column("missing", "未交回", "whole"),
    Column("problems", "发现问题企业", "whole"),
)


def write_round(path: Path, rows: pl.DataFrame, year: int) -> Path:
    """Write the status of a round: a sheet of townships, and one of the firms that are missing.

    Args:
        path: where to.
        rows: what `mujun.workspace.rounds.township_round.round_status` gives.
        year: the data year.
    """
    totals = pl.DataFrame(
        {"township": ["合计"], **{c: [rows[c].sum()] for c in ("firms", "returned", "complete", "missing", "problems")}}
    )
    whole = pl.concat([rows.with_columns(_total=False), totals.with_columns(_total=True)], how="diagonal_relaxed")
    title = f"{year}年度现场核查交回情况"
    sheets: list[Sheet] = [table_sheet("交回情况", title, Table(_COLUMNS, whole, totals="_total"), fixed=1)]
    missing = rows.select("township", pl.col("missing_firms").alias("firm")).explode("firm").drop_nulls("firm")
    if missing.height:
        columns = (known("township", width=14.0), Column("firm", "未交回的企业", "text", width=60.0))
        sheets.append(table_sheet("未交回企业", f"{title}：未交回的企业", Table(columns, missing)))
    return write_workbook(path, sheets, title=title)
