"""Who has returned what: the rounds of the townships, of firms and of parcels, as a workbook."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mujun.reports.drawing.columns import known
from mujun.reports.drawing.sheets import Column, Sheet, Table, table_sheet
from mujun.reports.drawing.workbook import write_workbook


def _columns(what: str, rows_called: str) -> tuple[Column, ...]:
    return (
        known("township", width=14.0),
        Column("marks", "核查表编号", "texts", width=16.0),
        Column("issued_on", "发出日期", "date"),
        Column(what, f"应核查{rows_called}", "whole"),
        Column("returned", "已交回", "whole"),
        Column("complete", "其中填写完整", "whole"),
        Column("missing", "未交回", "whole"),
        Column("problems", f"发现问题{rows_called}", "whole"),
    )


def write_round(path: Path, rows: pl.DataFrame, year: int, parcels: pl.DataFrame | None = None) -> Path:
    """Write the status of a round: a sheet of townships, and one of what is missing; of firms, then of parcels.

    Args:
        path: where to.
        rows: what `mujun.workspace.rounds.who_returned.round_status` gives.
        year: the data year.
        parcels: what `parcel_status` gives, where workbooks of parcels were handed out.
    """
    title = f"{year}年度现场核查交回情况"
    sheets = [] if rows.is_empty() and parcels is not None else _sheets(rows, "firms", "企业", title, "")
    if parcels is not None and not parcels.is_empty():
        sheets += _sheets(parcels, "parcels", "地块", f"{year}年度地块核查交回情况", "地块")
    return write_workbook(path, sheets, title=title)


def _sheets(rows: pl.DataFrame, what: str, rows_called: str, title: str, before: str) -> list[Sheet]:
    counted = (what, "returned", "complete", "missing", "problems")
    totals = pl.DataFrame({"township": ["合计"], **{c: [rows[c].sum()] for c in counted}})
    whole = pl.concat([rows.with_columns(_total=False), totals.with_columns(_total=True)], how="diagonal_relaxed")
    table = Table(_columns(what, rows_called), whole, totals="_total")
    sheets: list[Sheet] = [table_sheet(f"{before}交回情况", title, table, fixed=1)]
    missing = rows.select("township", pl.col(f"missing_{what}").alias("line")).explode("line").drop_nulls("line")
    if missing.height:
        columns = (known("township", width=14.0), Column("line", f"未交回的{rows_called}", "text", width=60.0))
        sheets.append(table_sheet(f"未交回{rows_called}", f"{title}：未交回的{rows_called}", Table(columns, missing)))
    return sheets
