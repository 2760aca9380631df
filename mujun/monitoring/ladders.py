"""Who has an honour and who could be next: firms by stated conditions, each met, not met, or not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date

import polars as pl

from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks
from mujun.rules.ladders_plan import LadderPlan, LaddersPlan

HOLDER_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(), "name": pl.String(), "township": pl.String(), "label": pl.String(),
    "since": pl.Date(), "until": pl.Date(), "document": pl.String(), "in_force": pl.Boolean(),
}  # fmt: skip
"""A firm with an honour: since when, until when, and whether it was in force on the day."""

NEXT: tuple[str, ...] = ("ready", "near")
"""`ready`: all conditions are met; `near`: no more than the ladder's `near` are not met or not known."""


@dataclass(frozen=True)
class LadderResult(InNotebooks):
    """One ladder on a day.

    Attributes:
        id, label, office: as the file says.
        conditions: what the conditions are called, by id.
        holders: rows as in `HOLDER_SCHEMA`, newest first.
        by_year: how many firms got the honour in each year, and have it still: `year, firms, in_force`.
        candidates: who could be next, those who are ready first: `credit_code, name, township, stands` (one of `NEXT`),
            `met, unmet, unknown` (how many conditions) and `lacks` (what is missing, in words), then a column for each
            condition: true, false or missing.
        lapsed: firms that had the honour and whose time is over: rows as in `HOLDER_SCHEMA`.
    """

    id: str
    label: str
    office: str
    conditions: Mapping[str, str]
    holders: pl.DataFrame = field(repr=False)
    by_year: pl.DataFrame = field(repr=False)
    candidates: pl.DataFrame = field(repr=False)
    lapsed: pl.DataFrame = field(repr=False)

    def count(self, stands: str) -> int:
        """How many firms are ready, or near."""
        return self.candidates.filter(pl.col("stands") == stands).height

    @property
    def in_force(self) -> int:
        """How many firms have it."""
        return self.holders.filter(pl.col("in_force"))["credit_code"].n_unique()


def ladders_on(plan: LaddersPlan, frame: pl.DataFrame, labels: pl.DataFrame, day: date) -> tuple[LadderResult, ...]:
    """Every ladder on a day.

    Args:
        plan: the ladders.
        frame: the firms of a year, with the fields that the plan reads from the `extra` table.
        labels: rows of `labels`.
        day: the day on which honours count.
    """
    rows = frame
    for name, compiled in plan.fields:
        rows = rows.with_columns(compiled.value.expr.alias(name))
    return tuple(_ladder(one, rows, labels, day) for one in plan.ladders)


def _ladder(plan: LadderPlan, frame: pl.DataFrame, labels: pl.DataFrame, day: date) -> LadderResult:
    one = plan.ladder
    townships = frame.select("credit_code", "township", pl.col("name").alias("_name"))
    mine = labels.filter(pl.col("label").is_in(one.honour), pl.col("since") <= day).join(
        townships, on="credit_code", how="left", maintain_order="left"
    )
    holders = (
        mine.with_columns(
            pl.coalesce("_name", "name").alias("name"),
            (pl.col("until").is_null() | (pl.col("until") >= day)).alias("in_force"),
        )
        .sort("since", "credit_code", "label", descending=[True, False, False])
        .select(pl.col(n).cast(t) for n, t in HOLDER_SCHEMA.items())
    )
    holding = holders.filter(pl.col("in_force"))["credit_code"].unique()
    lapsed = holders.filter(~pl.col("in_force") & ~pl.col("credit_code").is_in(holding.implode()))
    first = holders.group_by("credit_code").agg(pl.col("since").min(), pl.col("in_force").any())
    by_year = (
        first.group_by(pl.col("since").dt.year().alias("year"))
        .agg(pl.len().cast(pl.Int64).alias("firms"), pl.col("in_force").sum().cast(pl.Int64))
        .sort("year")
    )
    conditions = {c.id: c.label for c, _ in plan.conditions}
    return LadderResult(
        one.id, one.label, one.office or "", conditions, holders, by_year,
        _candidates(plan, frame, labels, day, holding), lapsed,
    )  # fmt: skip


def _candidates(
    plan: LadderPlan, frame: pl.DataFrame, labels: pl.DataFrame, day: date, holding: pl.Series
) -> pl.DataFrame:
    one = plan.ladder
    among = frame.filter(~pl.col("credit_code").is_in(holding.implode()))
    if plan.members is not None:
        among = among.filter(plan.members.value.expr.fill_null(value=False))
    if one.after:
        force = labels.filter(
            pl.col("label").is_in(one.after),
            pl.col("since") <= day,
            pl.col("until").is_null() | (pl.col("until") >= day),
        )
        among = among.filter(pl.col("credit_code").is_in(force["credit_code"].unique().implode()))
    names = [c.id for c, _ in plan.conditions]
    seen = among.select(
        "credit_code", "name", "township", *(made.value.expr.alias(c.id) for c, made in plan.conditions)
    )
    met = pl.sum_horizontal(pl.col(n).fill_null(value=False).cast(pl.Int64) for n in names)
    unmet = pl.sum_horizontal((~pl.col(n)).fill_null(value=False).cast(pl.Int64) for n in names)
    unknown = pl.sum_horizontal(pl.col(n).is_null().cast(pl.Int64) for n in names)
    lacks = pl.concat_list(
        pl.when(pl.col(c.id).is_null()).then(pl.lit(f"{c.label}（没有数据）")).when(~pl.col(c.id)).then(pl.lit(c.label))
        for c, _ in plan.conditions
    ).list.drop_nulls()
    told = seen.with_columns(met.alias("met"), unmet.alias("unmet"), unknown.alias("unknown"), lacks.alias("lacks"))
    short = pl.col("unmet") + pl.col("unknown")
    return (
        told.with_columns(pl.when(short == 0).then(pl.lit("ready")).otherwise(pl.lit("near")).alias("stands"))
        .filter(short <= one.near)
        .sort(short, "unmet", "township", "credit_code", nulls_last=True)
        .select("credit_code", "name", "township", "stands", "met", "unmet", "unknown", "lacks", *names)
    )
