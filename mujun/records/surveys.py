"""What a visit on site means: the eight kinds of problem, who answers for each, and what a rule may look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from mujun.fields import TABLES
from mujun.records.finding import Finding, finding_about

PROBLEMS: Mapping[str, str] = {
    "illegal_land": "自然资源局",
    "safety_hazard": "应急管理局",
    "unlicensed": "市场监管局",
    "poor_quality": "市场监管局",
    "illegal_building": "综合行政执法局",
    "pollution": "生态环境局",
    "tax_evasion": "税务局",
    "fire_hazard": "消防救援大队",
}
"""The eight kinds of problem, fields of `surveys`, and the department that each is handed over to."""

LABEL = "问题隐患"
"""The label that an enterprise with any problem has in the year of the survey, beside those of the `labels` table."""

YES = "是"


def problems_expr() -> pl.Expr:
    """The labels of the problems that were found, as a list; empty where none was."""
    problems = [
        pl.when(pl.col(name) == YES).then(pl.lit(TABLES["surveys"].by_name[name].label)) for name in PROBLEMS
    ]  # fmt: skip
    return pl.concat_list(problems).list.drop_nulls()


def surveyed(surveys: pl.LazyFrame, year: int) -> pl.LazyFrame:
    """What the frame takes from the surveys of a year.

    Returns:
        `credit_code, surveyed_mu, operation, survey_problems`, a row per enterprise visited.
    """
    return surveys.filter(pl.col("year") == year).select(
        "credit_code", "surveyed_mu", "operation", problems_expr().alias("survey_problems")
    )


def about_surveys(surveys: pl.DataFrame, year: int) -> Iterator[Finding]:
    """A finding for every problem that stands in a survey of the year, for the department that has to act."""
    table = TABLES["surveys"]
    for row in surveys.filter(pl.col("year") == year).sort("credit_code").iter_rows(named=True):
        for name, owner in PROBLEMS.items():
            if row[name] == YES:
                yield finding_about(
                    "survey_problem",
                    "surveys",
                    row,
                    name,
                    YES,
                    owner=owner,
                    values={
                        "label": table.by_name[name].label,
                        "owner": owner,
                        "by": row["verified_by"] or "—",
                        "on": row["verified_on"] or "—",
                    },
                )
