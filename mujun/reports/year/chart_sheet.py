"""Charts of a year in its workbook, each below the figures that it draws."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from mujun.reports.charts.beside_last_year import compared_rows
from mujun.reports.charts.of_county import holding_rows, holding_title, tier_rows, tiers_title
from mujun.reports.county.county_year import CountyYear
from mujun.reports.drawing.colours import tier_marks
from mujun.reports.drawing.labels import places_of
from mujun.reports.drawing.sheets import Bars, Column, Sheet, Table
from mujun.reports.year.document import YearDocument


def chart_sheet(document: YearDocument) -> Sheet | None:
    """Tiers by cohort, what each tier holds, townships and industries; `None` where nobody has a tier."""
    year = CountyYear(document, None, pl.DataFrame(schema={"credit_code": pl.String, "tier": pl.String}))
    if not year.ladder or year.rated.is_empty():
        return None
    parts = [
        _tiers(year),
        _holdings(year),
        _compared(year, "township", "镇街"),
        _compared(year, "industry_division", "行业"),
    ]
    kept = tuple(p for p in parts if p is not None)
    lines = (document.origin, "图随表格里的数变动；各镇街、行业为合计之比")
    return Sheet("图表", f"{document.year}年主要图表", lines, kept, trial=document.trial, portrait=True, paged=True)


def _spread(rows: pl.DataFrame, group: str, value: str, year: CountyYear) -> pl.DataFrame:
    """A row per group, a column per tier."""
    wide = rows.pivot("tier", index=group, values=value, maintain_order=True)
    return wide.select(group, *(pl.col(t) if t in wide.columns else pl.lit(0).alias(t) for t in year.ladder))


def _tiers(year: CountyYear) -> Table | None:
    rows = tier_rows(year)
    columns = (Column("label", "评价组别"), *(Column(t, f"{t}档（家）", "whole") for t in year.ladder))
    table = Table(columns, _spread(rows, "label", "enterprises", year), "各组档次")
    return replace(table, chart=Bars(tiers_title(rows), "label", tier_marks(year.ladder), stacked=True))


def _holdings(year: CountyYear) -> Table | None:
    rows = holding_rows(year)
    if rows.is_empty():
        return None
    columns = (Column("what", "占用和产出"), *(Column(t, f"{t}档（%）", "number", 2) for t in year.ladder))
    table = Table(columns, _spread(rows, "what", "share", year), "各档占用和产出的比例")
    return replace(table, chart=Bars(holding_title(year, rows), "what", tier_marks(year.ladder), stacked=True))


def _compared(year: CountyYear, by: str, what: str) -> Table | None:
    rows = compared_rows(year, by)
    if rows.height < 2:
        return None
    ratio = year.facts.ratios[0]
    value = Column("now", f"{ratio.label}（{ratio.unit}）", "number", places_of(ratio.unit))
    columns = (Column("group", what, width=24.0), value)
    title = f"各{what}{ratio.label}（{ratio.unit}）"
    return Table(columns, rows, title, chart=Bars(title, "group", {"now": tier_marks(("A",))["A"]}))
