"""Indicators that are one number divided by another, of many rows at once.

Half of what a ratio costs is making floats of decimals, the rest fresh memory for each of eight steps. Here both are
NumPy's, in place; the bits are those of `at12(divided(of, per))`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from mujun.numbers.arrays import Floats, floats_of, taken_at12
from mujun.rating.columns import UNDIVIDED
from mujun.rules.expressions import Compiled, as_number
from mujun.rules.names import IndicatorPlan

_SIDE = "_side"


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
    taken = {t: floats[t] if sides[t].value.kind == "exact" else taken_at12(floats[t].copy()) for t in below}
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
            value = taken_at12(floats[of] / floats[per])
        value[~(taken[per] > 0)] = np.nan
        columns[plan.name] = pl.Series(plan.name, value, nan_to_null=True)
    return columns
