"""The register of objections as a workbook: each issue with its answer and decision, and how many of each kind."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mujun.reports.drawing.columns import known
from mujun.reports.drawing.sheets import Column, Sheet, Table
from mujun.reports.drawing.workbook import write_workbook


def write_objections(file: Path, rows: pl.DataFrame, year: int) -> Path:
    """Write the register.

    Args:
        file: where to; an existing file is replaced.
        rows: columns as in `workspace.rounds.register.REGISTER`.
        year: the data year.

    Raises:
        InputError: the file cannot be written.
    """
    title = f"{year}年度异议登记（{rows.height} 项，涉及企业 {rows['credit_code'].n_unique()} 家）"
    return write_workbook(file, [_register(rows, title), _counts(rows, year)], title=title)


def _register(rows: pl.DataFrame, title: str) -> Sheet:
    columns = (
        Column("number", "序号", "whole", 0),
        Column("taken_in_on", "登记日期", "date"),
        known("credit_code"),
        Column("name", "企业名称", width=26.0, wrapped=True),
        known("township"),
        Column("label", "事项", width=16.0, wrapped=True),
        Column("content", "异议和理由", width=44.0, wrapped=True),
        Column("decision", "处理决定", width=12.0),
        Column("answer", "答复和下一步", width=36.0, wrapped=True),
        Column("batch", "装入批次", "whole", 0),
    )
    lines = ("确认单交回的每项异议和逐项更正各一行，同一事项以最后一次为准；企业名称未隐去，不作公示",)
    return Sheet("异议登记", title, lines, (Table(columns, rows),), fixed=4)


def _counts(rows: pl.DataFrame, year: int) -> Sheet:
    """A row per township and a column per decision, and all together."""
    decisions = rows["decision"].unique(maintain_order=True).to_list()
    named = rows.with_columns(pl.col("township").fill_null("镇街不明"))
    counts = [pl.len().cast(pl.Int64).alias("all")]
    counts += [(pl.col("decision") == d).sum().cast(pl.Int64).alias(f"d{i}") for i, d in enumerate(decisions)]
    by_town = named.group_by("township").agg(counts).sort("all", "township", descending=[True, False])
    total = named.select(pl.lit("合计").alias("township"), *counts)
    both = pl.concat([by_town.with_columns(_total(value=False)), total.with_columns(_total(value=True))])
    columns = (
        known("township"),
        Column("all", "项数", "whole"),
        *(Column(f"d{i}", f"{d}（项）", "whole") for i, d in enumerate(decisions)),
    )
    return Sheet("按镇街", f"{year}年度异议按镇街和处理决定", (), (Table(columns, both, "", "_total"),))


def _total(*, value: bool) -> pl.Expr:
    return pl.lit(value=value).alias("_total")
