"""The year's workbook: what a bureau chief reads and what its sections hand on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl

from mujun.allocation import Allocation
from mujun.messages import speaking
from mujun.rating.result import Rating
from mujun.records.finding import FINDING_SCHEMA, Finding, findings_frame
from mujun.rectification import Listing
from mujun.reports.drawing.labels import headings
from mujun.reports.drawing.sheets import Sheet, Table, columns_of
from mujun.reports.drawing.wording import worded
from mujun.reports.drawing.workbook import write_workbook
from mujun.reports.year.chart_sheet import chart_sheet
from mujun.reports.year.cover import cover_sheet
from mujun.reports.year.document import YearDocument
from mujun.reports.year.front_page import front_sheet
from mujun.reports.year.merged_sheets import both_sheet, members_sheet
from mujun.reports.year.policy_sheets import amounts_sheet, measures_sheet, rectification_sheet
from mujun.reports.year.reading_guide import guide_sheet
from mujun.reports.year.result_sheets import industry_sheet, ratings_sheet, township_sheet

LISTED = 20_000
"""Findings listed one by one; counts are always complete."""


class RatedYear(Protocol):
    """A year rated, with what follows from it: `mujun.workspace.YearResult` is one."""

    @property
    def rating(self) -> Rating:
        """The rating."""

    @property
    def frame(self) -> pl.DataFrame:
        """The frame it was made from."""

    @property
    def listing(self) -> Listing | None:
        """The rectification list."""

    @property
    def allocation(self) -> Allocation | None:
        """The amounts."""

    @property
    def number(self) -> int | None:
        """The run's number."""


def write_year(
    path: str | Path,
    result: RatedYear,
    findings: Iterable[Finding] | pl.DataFrame = (),
    *,
    only: Collection[str] = (),
) -> Path:
    """Write the workbook of a year that the workspace rated.

    Args:
        path: where to; an existing file is replaced.
        result: the year.
        findings: what loading and checking found.
        only: names of the sheets wanted, such as `整治清单` for the list as offices exchange it; all by default.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    return year_workbook(
        path,
        rating=result.rating,
        frame=result.frame,
        rectification=result.listing.rectification if result.listing else None,
        allocation=result.allocation.rows if result.allocation else None,
        findings=findings,
        run=result.number,
        energy_basis=result.listing.energy_basis if result.listing else "equivalent",
        only=only,
    )


def year_workbook(
    path: str | Path,
    *,
    rating: Rating,
    frame: pl.DataFrame,
    rectification: pl.DataFrame | None = None,
    allocation: pl.DataFrame | None = None,
    findings: Iterable[Finding] | pl.DataFrame = (),
    run: int | None = None,
    energy_basis: str = "equivalent",
    only: Collection[str] = (),
) -> Path:
    """Write a year's workbook: 封面, 概况, 图表, 按镇街, 按行业, 全部评价结果, 整治清单, 差别化措施, 数据问题, 说明.

    Where the rules merge firms there are 合并评价 and 两种评价 as well.

    Args:
        path: where to; an existing file is replaced.
        rating: the rating.
        frame: the frame it was made from, for land, value added and energy.
        rectification: the list, columns as in `mujun.rectification.COLUMNS`.
        allocation: the amounts, columns as in `mujun.allocation.COLUMNS`; those of `Allocation.rows` say more.
        findings: what loading and checking found, as findings or as the store's table of them.
        run: the run's number, where it was kept.
        energy_basis: the basis on which freed energy is counted: `equivalent` or `calorific`.
        only: names of the sheets wanted; all by default.

    Returns:
        The path.

    Raises:
        UsageError: a table has more rows than an Excel sheet.
        InputError: the file cannot be written.
    """
    document = YearDocument(rating, frame, rectification, allocation, _as_table(findings), run, energy_basis)
    created = date(rating.year + 1, 1, 1) if rating.year else None
    sheets = [s for s in year_sheets(document) if not only or s.name in only]
    return write_workbook(path, sheets, created=created, footer=document.ruleset.address, title=document.title)


def write_townships(path: str | Path, document: YearDocument) -> Path:
    """Write a workbook with a sheet per township: its enterprises, the first columns on paper, the others beside them.

    Raises:
        InputError: the file cannot be written.
    """
    whole = ratings_sheet(document)
    (table,) = whole.tables
    sheets: list[Sheet] = []
    for township in sorted(document.rating.ratings["township"].drop_nulls().unique().to_list()):
        mine = replace(table, rows=table.rows.filter(pl.col("township") == township))
        title = f"{township}{document.year}年度企业评价结果（{mine.rows.height} 家）"
        sheets.append(replace(whole, name=f"{len(sheets) + 1:02d} {township}", title=title, parts=(mine,)))
    created = date(document.rating.year + 1, 1, 1) if document.rating.year else None
    return write_workbook(path, sheets, created=created, footer=document.ruleset.address, title=document.title)


def year_sheets(document: YearDocument) -> tuple[Sheet, ...]:
    """The sheets of a year's workbook in order."""
    sheets = (
        front_sheet(document),
        chart_sheet(document),
        township_sheet(document),
        industry_sheet(document),
        ratings_sheet(document),
        members_sheet(document),
        both_sheet(document),
        rectification_sheet(document),
        measures_sheet(document),
        amounts_sheet(document),
        findings_sheet(document),
        guide_sheet(document),
    )
    made = [s for s in sheets if s is not None]
    return (cover_sheet(document, made), *made)


def findings_sheet(document: YearDocument) -> Sheet | None:
    """Every finding with what to do; `None` where there is none."""
    if document.findings.is_empty():
        return None
    order = ["severity", "owner", "table", "file", "sheet", "row"]
    rows = worded(document.findings.sort(order, nulls_last=True, maintain_order=True), what="findings")
    known = headings(rows.schema, what="findings")
    wanted = (
        "severity", "owner", "table", "file", "sheet", "row", "year", "credit_code", "name", "field", "value", "what",
        "remedy",
    )  # fmt: skip
    wide = {"file": 22.0, "name": 22.0, "field": 14.0, "value": 16.0, "what": 34.0, "remedy": 34.0}
    rows = rows.with_columns(pl.col("severity").str.replace(r"（.*", ""))
    columns = tuple(
        replace(c, width=wide.get(c.name)) for c in columns_of((known[c] for c in wanted), wrapped=list(wide))
    )
    table = Table(columns, rows.head(LISTED))
    capped = f"，这里列出前 {LISTED} 条" if rows.height > LISTED else ""
    lines = (f"共 {rows.height} 条{capped}。错误的行没有装入，改正后重新装入；提示的行已装入，请核实。",)
    return Sheet("数据问题", f"{document.year}年数据问题", lines, (table,), 0)


def _as_table(findings: Iterable[Finding] | pl.DataFrame) -> pl.DataFrame:
    if isinstance(findings, pl.DataFrame):
        return findings.select(list(FINDING_SCHEMA))
    # Findings put themselves into words when they are asked; the workbook is Chinese.
    with speaking("zh"):
        return findings_frame(findings)
