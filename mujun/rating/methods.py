"""The scoring methods: raw points as floats, each formula in the order in which it is written down.

The order matters: floats are rounded at every step, and the result must be the same bits everywhere.
"""

from __future__ import annotations

from itertools import pairwise

import polars as pl
from polars.expr.whenthen import ChainedThen, Then

from mujun.numbers import at12, divided
from mujun.rating.evaluation import Evaluated
from mujun.rating.groups import by_code, group_rows
from mujun.rating.visitors import OWN, VISITS, group_sizes, places, residents
from mujun.rules.expressions import Compiled, as_number
from mujun.rules.model import Item

Chained = Then | ChainedThen


def raw_points(
    item: Item, formula: Compiled | None, value: pl.Expr, benchmark: pl.Expr, weight: pl.Expr, number: int
) -> pl.Expr:
    """Points by an item's method before cap, floor and rounding.

    Args:
        item: the item's numbers that do not differ between cohorts.
        formula: the compiled expression of `formula`; its value, benchmark and weight are columns already.
        value, benchmark, weight: Float64 expressions.
        number: the formula's number, which names its group columns (see `with_group_values`).
    """
    if item.method == "ratio":
        return weight * divided(value, benchmark)
    if item.method == "inverse":
        zero_at = float(item.zero_at or 1)
        points = weight * divided(zero_at - divided(value, benchmark), zero_at)
        return pl.when(points > weight).then(weight).otherwise(points)
    if item.method == "minmax":
        return _minmax(item, value, weight, number)
    if item.method == "percentile":
        return weight * (pl.col(f"_below{number}").cast(pl.Float64) / pl.col(f"_among{number}").cast(pl.Float64))
    if item.method == "linear":
        return weight * _linear(item, value)
    if item.method == "steps":
        return weight * _steps(item, value)
    assert formula is not None
    return at12(as_number(formula.value))


def _minmax(item: Item, value: pl.Expr, weight: pl.Expr, number: int) -> pl.Expr:
    low, high = pl.col(f"_low{number}"), pl.col(f"_high{number}")
    start = float(item.start)
    share = start + (1 - start) * (divided(value - low, high - low))
    flat = 1.0 if item.flat == "full" else start
    return weight * pl.when(high == low).then(flat).otherwise(share)


def _linear(item: Item, value: pl.Expr) -> pl.Expr:
    points = [(float(x), float(s)) for x, s in item.points]
    share: Chained = pl.when(value <= points[0][0]).then(points[0][1])
    for (x0, s0), (x1, s1) in pairwise(points):
        share = share.when(value <= x1).then(s0 + (s1 - s0) * (divided(value - x0, x1 - x0)))
    return share.otherwise(points[-1][1])


def _steps(item: Item, value: pl.Expr) -> pl.Expr:
    first, *others = [(float(s.at_least), float(s.share)) for s in item.steps]
    share: Chained = pl.when(value >= first[0]).then(first[1])
    for least, part in others:
        share = share.when(value >= least).then(part)
    return share.otherwise(0.0)


# -------------------------------------------------------------------------------------- what a method asks of a group


def with_group_values(
    item: Item,
    indicator: str,
    fallbacks: tuple[tuple[str, Compiled | None], ...],
    fallback: str,
    done: Evaluated,
    number: int,
) -> pl.DataFrame:
    """The frame with the columns that `minmax` and `percentile` read: extremes of a group, places within the cohort.

    Where a fallback value is used, they are the fallback indicator's own.
    """
    if item.method not in ("minmax", "percentile"):
        return done.frame
    frame = done.frame
    pairs: list[tuple[pl.Series, pl.Series]] = []
    for name in (indicator, *(n for n, _ in fallbacks)):
        pairs.append(_extremes(name, item, done) if item.method == "minmax" else _places(name, done))
    names = ("_low", "_high") if item.method == "minmax" else ("_below", "_among")
    used = frame[fallback] if fallbacks else None
    columns = []
    for side, name in enumerate(names):
        chosen = pairs[0][side]
        for place, pair in enumerate(pairs[1:], start=1):
            chosen = pl.select(pl.when(used == place).then(pair[side]).otherwise(chosen).alias("chosen"))["chosen"]
        columns.append(chosen.alias(f"{name}{number}"))
    return frame.hstack(columns)


def _extremes(name: str, item: Item, done: Evaluated) -> tuple[pl.Series, pl.Series]:
    """The least and largest value among scored subjects of each row's group; where a key is missing, of its cohort."""
    over = item.over or ("cohort",)
    low, high = _group_extremes(name, over, done)
    if item.over is not None and low.null_count():
        own_low, own_high = _group_extremes(name, ("cohort",), done)
        nowhere = done.groups(over).codes.is_null()
        low = pl.select(pl.when(nowhere).then(own_low).otherwise(low).alias("low"))["low"]
        high = pl.select(pl.when(nowhere).then(own_high).otherwise(high).alias("high"))["high"]
    return low, high


def _group_extremes(name: str, over: tuple[str, ...], done: Evaluated) -> tuple[pl.Series, pl.Series]:
    groups = done.groups(over)
    scored = pl.col("treatment").is_in(["rated", "ungraded"]) & residents(done.frame)
    counted = (
        done.frame.lazy()
        .select(groups.codes.alias("_group"), pl.when(scored).then(pl.col(name)).alias("v"))
        .filter(pl.col("_group").is_not_null())
        .group_by("_group")
        .agg(pl.col("v").min().alias("low"), pl.col("v").max().alias("high"))
        .collect()
    )
    return groups.spread(by_code(groups, counted, "low")), groups.spread(by_code(groups, counted, "high"))


def _places(name: str, done: Evaluated) -> tuple[pl.Series, pl.Series]:
    """How many of the cohort's scored values are at or below each, and how many there are."""
    frame = done.frame
    cohort = group_rows(frame, (*done.worlds, "_scored")).codes if done.worlds else frame["_scored"]
    value = frame.select(
        pl.when(pl.col("_scored").is_not_null()).then(pl.col(name)).alias("value"),
        pl.lit(cohort).alias("_scored"),
        *(c for c in (VISITS, OWN) if c in frame.columns),
    )
    return places(value, "value", "_scored", "max"), group_sizes(value, "value", "_scored")
