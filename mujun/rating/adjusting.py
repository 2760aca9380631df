"""Bonuses and penalties, their families, and the score."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from mujun.numbers import half_up, round_decimal, round_points, with_decimals
from mujun.rating import columns as c
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
    scored = c.SCORED.col.is_not_null()
    names = [c.POINTS.of(i) for i in plan.rating.indicators if c.POINTS.of(i) in frame.columns]
    total = pl.sum_horizontal([pl.col(n).fill_null(0) for n in names]) if names else pl.lit(0, dtype=pl.Int64)
    lazy = frame.lazy().with_columns(pl.when(scored).then(total).alias(c.UNADJUSTED.name))
    lazy = with_decimals(lazy, names, places).with_columns(
        (a.when.value.expr if a.when else pl.lit(value=True)).alias(c.ADJUSTMENT_MET.of(a.source.id))
        for a in plan.adjustments
    )
    lazy = lazy.with_columns([_item(a, places, scored) for a in plan.adjustments])
    families = plan.rating.adjustments.families
    lazy = lazy.with_columns([_family(plan, name, family, places, scored) for name, family in families.items()])
    parts = [c.ADJUSTMENT.of(a.source.id) for a in plan.adjustments if a.source.family is None]
    parts += [c.FAMILY.of(name) for name in families]
    score = pl.sum_horizontal([c.UNADJUSTED.col, *(pl.col(part) for part in parts)]) if parts else c.UNADJUSTED.col
    lazy = lazy.with_columns(pl.when(scored).then(rounded_score(plan, score)).alias(c.SCORE_CODE.name))
    plain = not parts and kept == places and plan.rating.adjustments.score == ScoreLimits()
    lazy = with_decimals(lazy.with_columns(c.SCORE_CODE.col.alias(c.SCORE.name)), [c.SCORE.name], kept)
    if plain:
        # Nothing is added and nothing rounded: the sum of the points is the score.
        return lazy.with_columns(c.SCORE.col.alias(c.UNADJUSTED.name)).collect(engine="in-memory")
    computed = [c.ADJUSTMENT.of(a.source.id) for a in plan.adjustments if _stated(a, places) is None]
    computed += [c.FAMILY.of(name) for name in families]
    lazy = lazy.with_columns([e for a in plan.adjustments for e in _stated_decimals(a, places, scored)])
    return with_decimals(lazy, [*computed, c.UNADJUSTED.name], places).collect(engine="in-memory")


def _stated(adjustment: AdjustmentPlan, places: int) -> Decimal | None:
    """The points of an adjustment that are a number, rounded; `None` where they are computed."""
    constant = adjustment.points.value.constant if adjustment.points is not None else Decimal(0)
    return round_decimal(constant, places) if isinstance(constant, Decimal) else None


def _stated_decimals(adjustment: AdjustmentPlan, places: int, scored: pl.Expr) -> Iterator[pl.Expr]:
    """`adj_<id>` as a decimal, where its points are a number: one of two."""
    stated, dtype = _stated(adjustment, places), pl.Decimal(18, places)
    if stated is not None:
        holds = pl.col(c.ADJUSTMENT_MET.of(adjustment.source.id))
        given = pl.when(holds).then(pl.lit(stated, dtype=dtype)).otherwise(pl.lit(Decimal(0), dtype=dtype))
        yield pl.when(scored).then(given).alias(c.ADJUSTMENT.of(adjustment.source.id))


def _item(adjustment: AdjustmentPlan, places: int, scored: pl.Expr) -> pl.Expr:
    """What an item gives, as a whole number of 10⁻ᵖˡᵃᶜᵉˢ; a condition or points that are missing give nothing."""
    identity, points, stated = adjustment.source.id, adjustment.points, _stated(adjustment, places)
    if points is None or stated is not None:
        rounded: pl.Expr = pl.lit(int((stated or Decimal(0)).scaleb(places)), dtype=pl.Int64)
    elif points.value.kind == "exact":
        wide = points.value.expr.cast(pl.Decimal(38, max(points.value.scale, places)))
        scaled = half_up(wide, places).cast(pl.Decimal(38, places)) * pl.lit(
            Decimal(10) ** places, dtype=pl.Decimal(38, 0)
        )
        rounded = scaled.cast(pl.Int64)
    else:
        number = as_number(points.value)
        finite = pl.when(number.is_finite()).then(number)
        rounded = round_points(finite, places, largest=None)
    holds = pl.col(f"adj:{identity}").fill_null(value=False)
    given = pl.when(holds).then(rounded).otherwise(0).fill_null(0)
    return pl.when(scored).then(given).alias(f"adj_{identity}")


def _family(plan: RatingPlan, name: str, family: Family, places: int, scored: pl.Expr) -> pl.Expr:
    members = [a.source.id for a in plan.adjustments if a.source.family == name]
    if not members:
        return pl.when(scored).then(0).cast(pl.Int64).alias(f"family:{name}")
    if family.take == "sum":
        total = pl.sum_horizontal([pl.col(f"adj_{m}") for m in members])
    else:
        # An item that does not hold takes no part: a family of penalties must not be lifted to zero by it.
        taking = [pl.when(pl.col(f"adj:{m}").fill_null(value=False)).then(pl.col(f"adj_{m}")) for m in members]
        total = pl.max_horizontal(taking).fill_null(0)
    low = None if family.min is None else int(family.min.scaleb(places))
    high = None if family.max is None else int(family.max.scaleb(places))
    if low is not None or high is not None:
        total = total.clip(low, high)
    return pl.when(scored).then(total).alias(f"family:{name}")


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
