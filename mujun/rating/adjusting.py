"""Bonuses and penalties, their families, and the score."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from mujun.numbers import half_up, round_decimal, round_points, with_decimals
from mujun.rating import columns as c
from mujun.rating.parameters import where
from mujun.rating.slices import in_slices
from mujun.rules.expressions import as_number
from mujun.rules.model import Family
from mujun.rules.model.rating import ScoreLimits
from mujun.rules.rating_plan import AdjustmentPlan, RatingPlan


def with_score(plan: RatingPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """Points as decimals, adjustments, and the score of every scored subject.

    Adds `adj_<id>` (what an item gives before its family's limit), `adj:<id>` (whether its condition holds, missing
    where that cannot be told), `family:<name>` (what a family gives), `score:points` (the sum before adjustments),
    `score`, and `_score`, the score as a whole number.
    """
    anew = [c.POINTS.of(i) for i in plan.rating.indicators]
    return in_slices(frame, lambda rows: _scored(plan, rows), anew)


def _scored(plan: RatingPlan, frame: pl.DataFrame) -> pl.DataFrame:
    places, kept = plan.rating.decimals.points, plan.rating.decimals.score
    scored = c.SCORED.col.is_not_null() if frame[c.SCORED.name].null_count() else None
    names = [c.POINTS.of(i) for i in plan.rating.indicators if c.POINTS.of(i) in frame.columns]
    lazy = frame.lazy().with_columns(
        where(scored, _added([pl.col(n).fill_null(0) for n in names])).alias(c.UNADJUSTED.name)
    )
    lazy = with_decimals(lazy, names, places).with_columns(
        (a.when.value.expr if a.when else pl.lit(value=True)).alias(c.ADJUSTMENT_MET.of(a.source.id))
        for a in plan.adjustments
    )
    items = {a.source.id: _Item(a, places) for a in plan.adjustments}
    lazy = lazy.with_columns([where(scored, item.kept).alias(c.ADJUSTMENT.of(i)) for i, item in items.items()])
    families = plan.rating.adjustments.families
    lazy = lazy.with_columns(
        where(scored, _family(family, [i for i in items.values() if i.adjustment.source.family == name], places)).alias(
            c.FAMILY.of(name)
        )
        for name, family in families.items()
    )
    parts = [item.gives for item in items.values() if item.adjustment.source.family is None]
    parts += [pl.col(c.FAMILY.of(name)) for name in families]
    score = where(scored, rounded_score(plan, _added([c.UNADJUSTED.col, *parts])))
    lazy = lazy.with_columns(score.alias(c.SCORE_CODE.name))
    plain = not parts and kept == places and plan.rating.adjustments.score == ScoreLimits()
    lazy = with_decimals(lazy.with_columns(c.SCORE_CODE.col.alias(c.SCORE.name)), [c.SCORE.name], kept)
    if plain:
        # Nothing is added and nothing rounded: the sum of the points is the score.
        return lazy.with_columns(c.SCORE.col.alias(c.UNADJUSTED.name)).collect(engine="in-memory")
    computed = [c.ADJUSTMENT.of(i) for i, item in items.items() if item.stated is None]
    computed += [c.FAMILY.of(name) for name in families]
    return with_decimals(lazy, [*computed, c.UNADJUSTED.name], places).collect(engine="in-memory")


def added_up(plan: RatingPlan) -> tuple[str, ...]:
    """The columns that add up to what a score is rounded from: points, items of no family, and families."""
    adjustments = plan.rating.adjustments
    loose = (c.ADJUSTMENT.of(item.id) for item in adjustments.items if item.family is None)
    return (c.UNADJUSTED.name, *loose, *(c.FAMILY.of(name) for name in adjustments.families))


def _added(parts: list[pl.Expr]) -> pl.Expr:
    """Whole numbers added up in pairs, and the sums again: of many no more than a few are in memory at once."""
    if not parts:
        return pl.lit(0, dtype=pl.Int64)
    while len(parts) > 1:
        parts = [a + b for a, b in zip(parts[::2], parts[1::2], strict=False)] + parts[len(parts) // 2 * 2 :]
    return parts[0]


class _Item:
    """What an item gives: points that are stated are one of two numbers and looked up, others are a column."""

    def __init__(self, adjustment: AdjustmentPlan, places: int) -> None:
        self.adjustment, self.places = adjustment, places
        points = adjustment.points
        constant = points.value.constant if points is not None else Decimal(0)
        self.stated = round_decimal(constant, places) if isinstance(constant, Decimal) else None

    @property
    def holds(self) -> pl.Expr:
        """Whether its condition holds; one that cannot be told counts as not met."""
        return pl.col(c.ADJUSTMENT_MET.of(self.adjustment.source.id))

    @property
    def gives(self) -> pl.Expr:
        """Its points as a whole number of 10⁻ᵖˡᵃᶜᵉˢ, of who is scored never missing."""
        if self.stated is None:
            return pl.col(c.ADJUSTMENT.of(self.adjustment.source.id))
        stated = pl.lit(int(self.stated.scaleb(self.places)), dtype=pl.Int64)
        return pl.when(self.holds).then(stated).otherwise(pl.lit(0, dtype=pl.Int64))

    @property
    def kept(self) -> pl.Expr:
        """Its column: a decimal where its points are stated, else the whole number that is to become one."""
        dtype = pl.Decimal(18, self.places)
        if self.stated is not None:
            return pl.when(self.holds).then(pl.lit(self.stated, dtype=dtype)).otherwise(pl.lit(Decimal(0), dtype=dtype))
        return pl.when(self.holds).then(self._computed()).otherwise(0).fill_null(0)

    def _computed(self) -> pl.Expr:
        """Points that are computed, rounded; missing where they are."""
        assert self.adjustment.points is not None
        value, places = self.adjustment.points.value, self.places
        if value.kind == "exact":
            wide = value.expr.cast(pl.Decimal(38, max(value.scale, places)))
            scaled = half_up(wide, places).cast(pl.Decimal(38, places)) * pl.lit(
                Decimal(10) ** places, dtype=pl.Decimal(38, 0)
            )
            return scaled.cast(pl.Int64)
        number = as_number(value)
        return round_points(pl.when(number.is_finite()).then(number), places, largest=None)


def _family(family: Family, members: list[_Item], places: int) -> pl.Expr:
    """What a family gives, as a whole number of 10⁻ᵖˡᵃᶜᵉˢ."""
    if not members:
        return pl.lit(0, dtype=pl.Int64)
    if family.take == "sum":
        total = _added([member.gives for member in members])
    else:
        # An item that does not hold takes no part: a family of penalties must not be lifted to zero by it.
        total = pl.max_horizontal([pl.when(member.holds).then(member.gives) for member in members]).fill_null(0)
    low = None if family.min is None else int(family.min.scaleb(places))
    high = None if family.max is None else int(family.max.scaleb(places))
    return total if low is None and high is None else total.clip(low, high)


def rounded_score(plan: RatingPlan, score: pl.Expr) -> pl.Expr:
    """A sum of points and adjustments as a score, a whole number of its own 10⁻ᵖˡᵃᶜᵉˢ within its limits."""
    places, kept = plan.rating.decimals.points, plan.rating.decimals.score
    if kept >= places:
        whole = score * 10 ** (kept - places)
    else:
        step = 10 ** (places - kept)
        whole = (score + score.sign() * (step // 2)).truncdiv(step)
    limits = plan.rating.adjustments.score
    low = None if limits.min is None else int(limits.min.scaleb(kept))
    high = None if limits.max is None else int(limits.max.scaleb(kept))
    if low is not None or high is not None:
        whole = whole.clip(low, high)
    rounded: pl.Expr = whole.cast(pl.Int64)
    return rounded
