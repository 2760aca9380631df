"""Sheets of results: by township, by industry, and every enterprise's own."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from mujun.rating.members import member_columns
from mujun.rating.result import OTHER
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.industries import division_of
from mujun.reports.drawing.labels import Heading
from mujun.reports.drawing.sheets import Column, Sheet, Table, columns_of
from mujun.reports.drawing.wording import treatment_words, worded
from mujun.reports.year import summary
from mujun.reports.year.document import YearDocument
from mujun.reports.year.front_page import consequence_columns, ratio_columns

_BASIS = "各档家数为参评定档企业；用地、税收等为参评企业合计，亩均等为合计之比；整治和金额含全部企业"


def township_sheet(document: YearDocument) -> Sheet:
    """A row per township, and the total."""
    rows = summary.by_township(document.facts).with_columns(_named("township", "镇街不明"))
    head = (known("township"),)
    return _summary_sheet(document, "按镇街", "各镇街情况", Table((*head, *_columns(document)), rows, "", "total"))


def industry_sheet(document: YearDocument) -> Sheet:
    """A row per industry division, and the total."""
    rows = summary.by_industry(document.facts).with_columns(
        pl.when(~pl.col("total"))
        .then(pl.coalesce("industry_name", pl.lit("行业不明")))
        .otherwise(pl.lit("合计"))
        .alias("industry_name")
    )
    head = (Column("industry_division", "大类"), Column("industry_name", "行业（GB/T 4754—2017）"))
    return replace(
        _summary_sheet(document, "按行业", "各行业情况", Table((*head, *_columns(document)), rows, "", "total")),
        fixed=2,
    )


def _named(name: str, missing: str) -> pl.Expr:
    return pl.when("total").then(pl.lit("合计")).otherwise(pl.col(name).fill_null(missing)).alias(name)


def _summary_sheet(document: YearDocument, name: str, title: str, table: Table) -> Sheet:
    lines = (document.origin, _BASIS)
    return Sheet(name, f"{document.year}年{title}", lines, (table,), 1, trial=document.trial, tiers=document.ladder)


def _columns(document: YearDocument) -> list[Column]:
    ladder = document.ladder
    tiers = [Column(f"tier:{t}", f"{t}档", "whole") for t in ladder]
    return [
        Column("enterprises", "企业数（家）", "whole"),
        known("counted"),
        *tiers,
        *ratio_columns(document),
        *consequence_columns(document),
    ]


# --------------------------------------------------------------------------------------------------- every enterprise


def ratings_sheet(document: YearDocument) -> Sheet:
    """Every enterprise: first what a reader on paper needs, then how each point was earned."""
    rows = worded(document.rating.ratings, what="ratings", ruleset=document.ruleset)
    division = division_of()
    other = pl.when(pl.col("treatment") != treatment_words()["rated"]).then("treatment")
    rows = rows.with_columns(
        division.alias("industry_name"),
        pl.concat_str(other, "reason", separator="：", ignore_nulls=True).replace({"": None}).alias("reason"),
    )
    first, then = _order(document)
    headings = {
        **document.headings,
        "industry_name": Heading("industry_name", "行业大类"),
        "reason": Heading("reason", "未定档、直接定档或调整的理由"),
    }
    # Only what is printed may make a row taller.
    widths = {"reason": 26.0, "rules_matched": 30.0, "rules_changed": 24.0}
    columns = [
        replace(c, width=widths.get(c.name), wrapped=c.name == "reason")
        for c in columns_of(headings[c] for c in first + then)
    ]
    lines = (
        document.origin,
        f"按评价组别、名次排列；打印到“{columns[len(first) - 1].header}”为止。"
        "行业、基准值、得分、加减分等列收在右边，点列标上方的“+”展开",
    )
    return Sheet(
        "全部评价结果",
        f"{document.year}年全部企业评价结果",
        lines,
        (Table(tuple(columns), rows),),
        fixed=first.index("name") + 1,
        printed=len(first),
        behind=True,
        tiers=document.ladder,
        trial=document.trial,
    )


def _order(document: YearDocument) -> tuple[list[str], list[str]]:
    """Columns to be printed, and the others; those that say nothing are left out."""
    rating = document.rating
    plan, rows = rating.plan.rating, rating.ratings
    indicators = [n for n in plan.indicators if n in rows.columns]
    first = ["cohort", "rank", "name", "credit_code", "township", "tier", "score", *indicators, "reason"]
    then = ["scale", "industry", "industry_name", "park", "size", "tier_cut", "rules_matched", "rules_changed"]
    if rows["park"].null_count() == rows.height:
        then.remove("park")
    if rating.merged:
        then = ["subject", "members", *(c for c in member_columns(rating.plan) if c in rows.columns), *then]
    if rating.other is not None:
        then = ["counted_as", "other_as", *(f"other_{name}" for name in OTHER), *then]
    for name in indicators:
        then += [c for c in (f"{name}_benchmark", f"{name}_points", f"{name}_note") if c in rows.columns]
    then += [c for c in rows.columns if c.startswith("adj_")]
    return first, then
