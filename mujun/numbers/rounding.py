"""Decimals and 四舍五入, for Polars expressions and for single numbers.

Three facts about Polars 2 shape this module. `round` on a binary float follows the binary value, so that 1.005 would
become 1.00: we round whole numbers of 10⁻¹² instead. Casting a decimal down is half-even: we round before we cast.
And casting NaN or infinity to a decimal raises: `at12` makes them missing first.

The half-even step at the 12th decimal only ever decides about the noise of a double; what a rule rounds to (four or
two places, say) is decided on whole numbers, half away from zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cache

import polars as pl

QUANTITY = pl.Decimal(18, 6)
"""Every quantity from the moment it is read: 万元, 亩, tce, kWh."""

QUANTITY_LIMIT = Decimal(10) ** 12
"""Quantities are smaller than this in absolute value; a larger one is refused when it is read."""

WIDE = pl.Decimal(38, 12)
"""Where values at 12 decimals are added up."""

_TWELVE = 10**12

SETTLED = 2.0**51 / 1e12
"""Below it a number at 12 decimals is the same bits when it is taken at 12 decimals once more.

With k a whole number below 2⁵¹, the double next to k · 10⁻¹² times 10¹² is off by less than a half, and rounds to k.
"""


# ------------------------------------------------------------------------------------------------ floats within a row


def at12(value: pl.Expr) -> pl.Expr:
    """A float expression taken at 12 decimals; NaN and infinity become missing.

    Args:
        value: Float64 expression.

    Returns:
        Float64: the double nearest to a whole number of 10⁻¹². Two values that differ only in the noise of
        floating-point arithmetic are equal after it: `3 * 1.1 / 1.1 < 3` is false.
    """
    taken = divided((value * 1e12).round(), 1e12)
    return pl.when(taken.is_finite()).then(taken)


def with_at12(frame: pl.LazyFrame, values: Mapping[str, tuple[pl.Expr, pl.Expr | None]]) -> pl.LazyFrame:
    """`at12` of several values as columns, step by step.

    An expression that names its argument four times computes it four times, and arguments within arguments sixteen
    times; a column is computed once. The result has the same bits.

    Args:
        frame: where the values come from.
        values: by the column's name a Float64 expression, and a condition without which the value is missing.
    """
    names = list(values)
    frame = frame.with_columns([(value * 1e12).round().alias(name) for name, (value, _) in values.items()])
    frame = frame.with_columns([divided(pl.col(name), 1e12) for name in names])
    kept = {
        n: pl.col(n).is_finite() if also is None else also & pl.col(n).is_finite() for n, (_, also) in values.items()
    }
    return frame.with_columns([pl.when(kept[name]).then(pl.col(name)).alias(name) for name in names])


def divided(above: pl.Expr, below: pl.Expr | float) -> pl.Expr:
    """A true division of floats, correctly rounded whatever the shapes.

    Polars multiplies a column by the reciprocal where the divisor is one number, which is off by a bit in two of three
    cases, and divides truly where it is a column: the same firm would get other bits in a frame of one row. Adding
    zero times the dividend makes every divisor a column.
    """
    return above / (below + above * 0.0)


def at12_number(value: float) -> float | None:
    """`at12` of one number.

    >>> at12_number(3 * 1.1 / 1.1)
    3.0
    >>> at12_number(float("inf")) is None
    True
    """
    product = value * 1e12
    if product != product or product in (float("inf"), float("-inf")):
        return None
    return round(product) / 1e12


def wide(value: pl.Expr) -> pl.Expr:
    """A finite float expression as `Decimal(38, 12)`, ready to be added across rows."""
    return value.cast(WIDE)


# ------------------------------------------------------------------------------------------------------ 四舍五入


def round_points(value: pl.Expr, places: int, *, largest: float | None) -> pl.Expr:
    """Points rounded 四舍五入 to whole numbers of 10⁻ᵖˡᵃᶜᵉˢ, as Int64.

    Args:
        value: Float64 expression, finite or missing.
        places: decimals to keep, 0 to 8.
        largest: the largest absolute value that occurs. Below 9,000 the whole number of 10⁻¹² fits in Int64, four
            times faster than the way through `Decimal(38, 12)`, which is taken otherwise with the same result.

    Returns:
        Int64; `round_points(1.005, 2)` is 101.
    """
    if largest is not None and largest < 9_000:
        return points_of_twelfths((value * 1e12).round().cast(pl.Int64), places)
    scaled = half_up(wide(value), places) * pl.lit(Decimal(10) ** places, dtype=pl.Decimal(38, 0))
    return scaled.cast(pl.Int64)


def points_of_twelfths(twelfths: pl.Expr, places: int, *, signed: bool = True) -> pl.Expr:
    """Whole numbers of 10⁻¹² (Int64) rounded 四舍五入 to whole numbers of 10⁻ᵖˡᵃᶜᵉˢ, 0 to 8 of them.

    Args:
        twelfths: the numbers.
        places: decimals to keep.
        signed: whether some may be below zero.
    """
    step = 10 ** (12 - places)
    half = twelfths.sign() * (step // 2) if signed else step // 2
    points: pl.Expr = (twelfths + half).cast(pl.Int64).truncdiv(step)
    return points


def points_to_decimal(points: pl.Expr, places: int) -> pl.Expr:
    """Whole numbers of 10⁻ᵖˡᵃᶜᵉˢ (Int64) back as `Decimal(18, places)`.

    A decimal is its whole number of the last place in 128 bits, which are read as they are.
    """
    return points.cast(pl.Int128).reinterpret(dtype=pl.Decimal(18, places))


def with_decimals(frame: pl.LazyFrame, names: Iterable[str], places: int) -> pl.LazyFrame:
    """The frame with some columns of whole numbers of 10⁻ᵖˡᵃᶜᵉˢ as `Decimal(18, places)`."""
    return frame.with_columns([points_to_decimal(pl.col(name), places) for name in names])


def half_up(value: pl.Expr, places: int) -> pl.Expr:
    """A decimal expression rounded half away from zero; keeps its scale."""
    return value.round(places, mode="half_away_from_zero")


def round_decimal(value: Decimal | Fraction, places: int) -> Decimal:
    """One exact number, 四舍五入.

    >>> round_decimal(Decimal("1.005"), 2)
    Decimal('1.01')
    >>> round_decimal(Fraction(-1, 8), 2)
    Decimal('-0.13')
    """
    if isinstance(value, Fraction):
        return Decimal(whole(value * 10**places)).scaleb(-places)
    return value.quantize(_last_place(places), rounding=ROUND_HALF_UP, context=_ROUNDING)


_ROUNDING = Context(prec=60)


@cache
def _last_place(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def whole(value: Fraction) -> int:
    """The nearest whole number, half away from zero.

    >>> whole(Fraction(5, 2)), whole(Fraction(-5, 2))
    (3, -3)
    """
    doubled = abs(value) * 2
    magnitude = (doubled.numerator + doubled.denominator) // (2 * doubled.denominator)
    return magnitude if value >= 0 else -magnitude


# -------------------------------------------------------------------------------------------- quantities from outside


def to_quantity(values: Iterable[object], name: str = "") -> pl.Series:
    """Numbers of any Python kind as a series of quantities, `Decimal(18, 6)`, rounded 四舍五入 at the sixth decimal.

    Args:
        values: `Decimal`, `int`, `float` or `None`; a float counts as its shortest decimal text.
        name: the series' name.

    Raises:
        ValueError: a number of 10¹² or more, or one that is not finite.
    """
    quantities: list[Decimal | None] = []
    for value in values:
        if value is None:
            quantities.append(None)
            continue
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(str(value))
        if not number.is_finite() or abs(number) >= QUANTITY_LIMIT:
            raise ValueError(f"{name}: {value} is not a quantity below 10^12")
        quantities.append(round_decimal(number, 6))
    return pl.Series(name, quantities, dtype=QUANTITY)


def twelfths(value: Fraction) -> Decimal:
    """An exact number at 12 decimals, half away from zero: means and quantiles of decimals."""
    return Decimal(whole(value * _TWELVE)).scaleb(-12)
