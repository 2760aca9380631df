"""Indicators that are one number divided by another, of many rows at once.

Half of what a ratio costs is making floats of decimals, the rest fresh memory for each of eight steps. Here both are
NumPy's, in place; the bits are those of `at12(divided(of, per))`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.rating.columns import UNDIVIDED
from mujun.rules.expressions import Compiled, as_number
from mujun.rules.names import IndicatorPlan

_SIDE = "_side"

_EXACT = 2.0**53
"""Whole numbers below it are floats as they are, and divided by a power of ten they are the nearest float to it."""

Floats = npt.NDArray[np.float64]


def with_ratios(frame: pl.LazyFrame, ratios: Sequence[IndicatorPlan]) -> pl.DataFrame:
    """The rows with each ratio and, as `<name>:undivided`, whether its denominator was there but not above zero.

    A ratio is at 12 decimals, and missing where a side is, or where its denominator is not above zero.
    """
    sides: dict[str, Compiled] = {}
    for plan in ratios:
        for side in (plan.of, plan.per):
            if side is not None:
                sides.setdefault(side.source.text, side)
    number = {text: f"{_SIDE}{i}" for i, text in enumerate(sides)}
    asked = [_number(side).alias(number[text]) for text, side in sides.items()]
    columns = {column.name: column for column in frame.with_columns(asked).collect(engine="in-memory")}
    floats = {text: floats_of(columns.pop(name)) for text, name in number.items()}
    columns |= _divided(ratios, sides, floats)
    return pl.DataFrame(list(columns.values()))


def _number(side: Compiled) -> pl.Expr:
    """A side as it is kept: a decimal becomes a float later."""
    value = side.value
    return value.expr if value.kind == "exact" and value.constant is None else as_number(value)


def _divided(
    ratios: Sequence[IndicatorPlan], sides: Mapping[str, Compiled], floats: Mapping[str, Floats]
) -> dict[str, pl.Series]:
    below = {plan.per.source.text for plan in ratios if plan.per is not None}
    # Noise below the twelfth decimal of what is no exact number is not above zero.
    taken = {t: floats[t] if sides[t].value.kind == "exact" else _at12(floats[t].copy()) for t in below}
    negative = {text: pl.Series(numbers <= 0) for text, numbers in taken.items()}
    columns: dict[str, pl.Series] = {}
    for plan in ratios:
        assert plan.per is not None
        mark = UNDIVIDED.of(plan.name)
        columns[mark] = negative[plan.per.source.text].alias(mark)
    for plan in ratios:
        assert plan.of is not None
        assert plan.per is not None
        of, per = plan.of.source.text, plan.per.source.text
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            value = _at12(floats[of] / floats[per])
        value[~(taken[per] > 0)] = np.nan
        columns[plan.name] = pl.Series(plan.name, value, nan_to_null=True)
    return columns


def _at12(value: Floats) -> Floats:
    """The same array, taken at 12 decimals; what is not finite is NaN."""
    with np.errstate(invalid="ignore", over="ignore"):
        np.multiply(value, 1e12, out=value)
        np.rint(value, out=value)
        np.divide(value, 1e12, out=value)
    value[np.isinf(value)] = np.nan
    return value


def floats_of(column: pl.Series) -> Floats:
    """A column of numbers as floats, NaN where it is missing; not to be written to.

    A decimal is Polars' own cast, by way of 64 bits where they hold all of it, which takes half the time.
    """
    if isinstance(column.dtype, pl.Decimal):
        parts = column.to_physical().cast(pl.Int64, strict=False)
        if parts.null_count() == column.null_count():
            numbers = _with_nan(parts)
            if not numbers.size or not (np.fmax.reduce(numbers) >= _EXACT or np.fmin.reduce(numbers) <= -_EXACT):
                return numbers / 10.0**column.dtype.scale if column.dtype.scale else numbers
    return _with_nan(column)


def _with_nan(column: pl.Series) -> Floats:
    floats = column.cast(pl.Float64)
    return (floats.fill_null(float("nan")) if floats.null_count() else floats).to_numpy()
