"""Those with whom a subject is held together: everything that a grading step asks of many subjects.

A step of the rating works row by row; where it needs others (extremes, places, means, cells) it asks its peers. Who
they are is the only thing in which the rating of a county differs from that of a visitor (`visitors`) or of a
candidate (`candidates`): the steps are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import polars as pl

from mujun.numbers import at12_number
from mujun.rating import columns as c
from mujun.rating.evaluation import Evaluated
from mujun.rating.formulas import Formula
from mujun.rating.groups import Groups, by_code, group_rows, numbered
from mujun.rating.ranking import Cell, cells_of, last_ranks, with_cells
from mujun.rules.model import Cut
from mujun.rules.rating_plan import CutPlan, RatingPlan

Side = Literal["min", "max"]
"""The place among equals: that of the first of them, or of the last."""


class Peers(Protocol):
    """What a grading step may ask; rows are those of the frame that is graded."""

    @property
    def counted(self) -> pl.Expr:
        """Which rows set standards for others."""

    def extremes(self, indicator: str, over: tuple[str, ...] | None) -> tuple[pl.Series, pl.Series]:
        """The least and largest value among scored subjects of the group; of the cohort where a key is missing.

        No group stated is the cohort; a group by nothing is everybody.
        """

    def places(self, indicator: str) -> tuple[pl.Series, pl.Series]:
        """How many of the cohort's scored values are at or below each, and how many there are."""

    def mean(self, frame: pl.DataFrame, formula: Formula) -> pl.Series:
        """For each row the mean of a formula's points of those of its cohort who have some of their own, rounded to a
        whole number."""

    def fit(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The scored frame; whoever cannot be held against these peers has no score in it."""

    def with_cells(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, Groups]:
        """`_cell` and `_in_base` of every subject, and the cells by code."""

    def ranks(self, frame: pl.DataFrame, side: Side) -> pl.Series:
        """The place of each ranked row in its cell by `_order`."""

    def picked(self, frame: pl.DataFrame, by: str, side: Side) -> pl.Series:
        """The place of each row in its cell by another column, among those who have a value there."""

    def cut_cells(self, frame: pl.DataFrame, groups: Groups) -> tuple[pl.DataFrame, tuple[Cell, ...], Groups]:
        """The cells with their size and base as a cut takes shares of them, for each row the one that is its own."""

    def last_ranks(self, cut: Cut, cells: Sequence[Cell], groups: Groups) -> list[pl.Series]:
        """By cell code the last rank of each tier of a cut by shares but the last one, which takes whoever is left."""

    def threshold(self, cut: CutPlan, tier: str) -> pl.Expr:
        """What a tier of a cut by thresholds asks of what is compared."""


class CountyPeers:
    """Everybody in one county, or each in his world of several in one frame.

    Args:
        plan: the rules.
        subjects: the subjects with every name computed.
    """

    def __init__(self, plan: RatingPlan, subjects: Evaluated) -> None:
        self.plan, self.subjects = plan, subjects

    @property
    def counted(self) -> pl.Expr:
        """Which rows set standards for others: all."""
        return pl.lit(value=True)

    @property
    def scored(self) -> pl.Expr:
        """Which rows are scored at all."""
        return c.IS_SCORED

    def extremes(self, indicator: str, over: tuple[str, ...] | None) -> tuple[pl.Series, pl.Series]:
        """The least and largest value among scored subjects of the group; of the cohort where a key is missing."""
        low, high = self._group_extremes(indicator, (c.COHORT.name,) if over is None else over)
        if over and low.null_count():
            own_low, own_high = self._group_extremes(indicator, (c.COHORT.name,))
            nowhere = self.subjects.groups(over).codes.is_null()
            low = pl.select(pl.when(nowhere).then(own_low).otherwise(low).alias("low"))["low"]
            high = pl.select(pl.when(nowhere).then(own_high).otherwise(high).alias("high"))["high"]
        return low, high

    def _group_extremes(self, name: str, over: tuple[str, ...]) -> tuple[pl.Series, pl.Series]:
        groups = self.subjects.groups(over)
        counts = self.scored & self.counted
        extremes = (
            self.subjects.frame.lazy()
            .select(groups.codes.alias("_group"), pl.when(counts).then(pl.col(name)).alias("v"))
            .filter(pl.col("_group").is_not_null())
            .group_by("_group")
            .agg(pl.col("v").min().alias("low"), pl.col("v").max().alias("high"))
            .collect()
        )
        return groups.spread(by_code(groups, extremes, "low")), groups.spread(by_code(groups, extremes, "high"))

    def places(self, indicator: str) -> tuple[pl.Series, pl.Series]:
        """How many of the cohort's scored values are at or below each, and how many there are."""
        frame, scored = self.subjects.frame, c.IS_SCORED & c.COHORT_CODE.col.is_not_null()
        value = frame.with_columns(
            pl.when(scored).then(pl.col(indicator)).alias("_value"),
            pl.when(scored).then(c.COHORT_CODE.col).cast(pl.UInt32).alias("_group"),
        )
        worlds = self.subjects.worlds
        if worlds:
            value = value.with_columns(group_rows(value, (*worlds, "_group")).codes.alias("_group"))
        return self.place(value, "_value", "_group", "max"), self.group_size(value, "_value", "_group")

    def cohorts(self, frame: pl.DataFrame) -> Groups:
        """The scored rows by cohort."""
        return group_rows(frame, (*self.subjects.worlds, c.SCORED.name))

    def mean(self, frame: pl.DataFrame, formula: Formula) -> pl.Series:
        """For each row the mean of a formula's points of those of its cohort who have some of their own, rounded to a
        whole number."""
        groups = self.cohorts(frame)
        means = (
            frame.lazy()
            .with_columns(groups.codes.alias("_group"))
            .filter(formula.has_points & self.counted, pl.col("_group").is_not_null())
            .group_by("_group")
            .agg(rounded_mean(formula.points.sum(), formula.points.count().cast(pl.Int64)).alias("mean"))
            .collect()
        )
        return groups.spread(by_code(groups, means, "mean", 0))

    def fit(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The scored frame: in a county without a benchmark nobody is rated, so everybody fits."""
        return frame

    def with_cells(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, Groups]:
        """`_cell` and `_in_base` of every subject, and the cells by code."""
        tiers = self.plan.rating.tiers
        assert tiers is not None
        return with_cells(self.plan, tiers, frame, self.subjects.grouped.get(tiers.cells), self.subjects.worlds)

    def ranks(self, frame: pl.DataFrame, side: Side) -> pl.Series:
        """The place of each ranked row in its cell by `_order`."""
        return self.place(frame, c.ORDER.name, c.CELL.name, side)

    def picked(self, frame: pl.DataFrame, by: str, side: Side) -> pl.Series:
        """The place of each row in its cell by another column, among those who have a value there."""
        return self.place(frame, by, c.CELL.name, side)

    def cut_cells(self, frame: pl.DataFrame, groups: Groups) -> tuple[pl.DataFrame, tuple[Cell, ...], Groups]:
        """The cells with their size and base as a cut takes shares of them."""
        return frame, tuple(cells_of(self.plan, frame, groups)), groups

    def last_ranks(self, cut: Cut, cells: Sequence[Cell], groups: Groups) -> list[pl.Series]:
        """By cell code the last rank of each tier of a cut by shares but the last one."""
        position = {t: i for i, t in enumerate(self.plan.tier_ids)}
        limits = [last_ranks(cut, cell, position) for cell in cells]
        codes = [cell.code for cell in cells]
        assert cut.shares is not None
        return [
            numbered(groups, {code: limit[number] for code, limit in zip(codes, limits, strict=True)})
            for number in range(len(cut.shares) - 1)
        ]

    def threshold(self, cut: CutPlan, tier: str) -> pl.Expr:
        """What a tier of a cut by thresholds asks: the number that is stated."""
        assert cut.source.thresholds is not None
        assert cut.by is not None
        limit = cut.source.thresholds[tier]
        return pl.lit(limit if cut.by.value.kind == "exact" else at12_number(float(limit)))

    def place(self, frame: pl.DataFrame, by: str, over: str, side: Side) -> pl.Series:
        """The place of each row in its group by ascending `by`; missing where `by` or `over` is."""
        return frame.select(pl.col(by).rank(side).over(over).cast(pl.Int64).alias("place"))["place"]

    def group_size(self, frame: pl.DataFrame, by: str, over: str) -> pl.Series:
        """How many rows of each row's group have a value."""
        return frame.select(pl.col(by).count().over(over).cast(pl.Int64).alias("size"))["size"]


def rounded_mean(total: pl.Expr, count: pl.Expr) -> pl.Expr:
    """A sum of whole numbers by how many they are, half away from zero: (2 × sum + n) ÷ 2n; nothing of none is 0."""
    mean = total.sign() * (2 * total.abs() + count).floordiv(2 * count)
    return pl.when(count > 0).then(mean).otherwise(0)
