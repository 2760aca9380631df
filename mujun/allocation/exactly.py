"""Whole numbers without a limit: products of a quantity, a rate and a part of a year, exact to the last.

A year has 365 days and a bill 31: the exact amount is a fraction that no decimal holds. Numerators are multiplied as
whole numbers and divided once, at the end: in 128 bits where every one of them fits, and else as Python's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import polars as pl

from mujun.numbers import WIDE, at12, wide
from mujun.rules.expressions import Value

Numbers = pl.Series | list[int | None]
"""Whole numbers, missing ones null: a column of 128 bits, or a list of Python's."""

_LIMIT = 1 << 127

AMOUNT_PLACES = 6
"""Decimals of an amount in 万元: 分 exactly."""

AMOUNT = pl.Decimal(38, AMOUNT_PLACES)
RATE = pl.Decimal(38, 12)


def exact(value: Value) -> pl.Expr:
    """A number's expression as a decimal: exact as it is, a float taken at 12 decimals."""
    if value.kind == "exact":
        return value.expr.cast(pl.Decimal(38, value.scale))
    if value.kind == "null":
        return pl.lit(None, dtype=WIDE)
    taken = at12(value.expr)
    return wide(pl.when(taken.abs() < 1e25).then(taken))


def numerators(column: pl.Series) -> tuple[Numbers, int]:
    """A decimal column as whole numbers and the power of ten they are over."""
    dtype = column.dtype
    assert isinstance(dtype, pl.Decimal)
    return column.to_physical().cast(pl.Int128), 10**dtype.scale


def repeated(number: int, count: int) -> Numbers:
    """One number for each of so many."""
    return pl.repeat(number, count, dtype=pl.Int128, eager=True)


def as_list(numbers: Numbers) -> list[int | None]:
    """As Python's own."""
    return numbers if isinstance(numbers, list) else numbers.to_list()


def times(numbers: Numbers, by: Numbers | int) -> Numbers:
    """Numbers multiplied one by one, or all by the same; missing where either is.

    >>> times([3, None], 2)
    [6, None]
    """
    fits = max(largest(numbers), 1) * max(largest(by), 1) < _LIMIT
    if fits and isinstance(numbers, pl.Series) and not isinstance(by, list):
        return numbers * (_one(by) if isinstance(by, int) else by)
    others = [by] * len(numbers) if isinstance(by, int) else as_list(by)
    pairs = zip(as_list(numbers), others, strict=True)
    return [None if n is None or m is None else n * m for n, m in pairs]


def plus(numbers: Numbers, others: Numbers) -> Numbers:
    """Numbers added one by one; missing where either is."""
    in_columns = isinstance(numbers, pl.Series) and isinstance(others, pl.Series)
    if in_columns and largest(numbers) + largest(others) < _LIMIT:
        return numbers + others
    pairs = zip(as_list(numbers), as_list(others), strict=True)
    return [None if n is None or m is None else n + m for n, m in pairs]


def summed(terms: Sequence[tuple[Numbers, int]], factor: Fraction, height: int) -> tuple[Numbers, int]:
    """Terms over their own denominators added up over a common one, times a factor; missing if any is.

    Args:
        terms: of each what it gives every row, and what that is over.
        factor: what their sum is multiplied by.
        height: how many rows there are.
    """
    if not terms:
        return pl.repeat(None, height, dtype=pl.Int128, eager=True), 1
    common = math.lcm(*(over for _, over in terms)) * factor.denominator
    total: Numbers | None = None
    for numbers, over in terms:
        one = times(numbers, common // over // factor.denominator * factor.numerator)
        total = one if total is None else plus(total, one)
    assert total is not None
    return total, common


def rounded(numbers: Numbers, denominator: int, places: int = AMOUNT_PLACES) -> Numbers:
    """Fractions rounded half away from zero, as whole numbers of 10⁻ᵖˡᵃᶜᵉˢ.

    >>> rounded([1, -1, None], 8, 2)
    [13, -13, None]
    """
    above, below = 2 * 10**places, 2 * denominator
    if isinstance(numbers, pl.Series) and largest(numbers) * above + below < _LIMIT:
        return (numbers.abs() * _one(above) + _one(denominator)) // _one(below) * numbers.sign()
    return [
        None if n is None else (n * above + denominator) // below if n >= 0 else -((denominator - n * above) // below)
        for n in as_list(numbers)
    ]


def decimals(numbers: Numbers, name: str, dtype: pl.Decimal = AMOUNT) -> pl.Series:
    """Whole numbers of 10⁻ˢᶜᵃˡᵉ as a decimal column.

    Raises:
        OverflowError: one of them does not fit.
    """
    if largest(numbers) >= 10 ** (38 - dtype.scale):
        raise OverflowError
    # A decimal is its whole number of the last place in 128 bits, which are read as they are.
    return pl.Series(name, numbers, dtype=pl.Int128).reinterpret(dtype=pl.Decimal(38, dtype.scale))


def largest(numbers: Numbers | int) -> int:
    """The largest of them, whatever its sign; 0 where there is none."""
    if isinstance(numbers, int):
        return abs(numbers)
    if isinstance(numbers, pl.Series):
        return max(int(numbers.max() or 0), -int(numbers.min() or 0))  # type: ignore[arg-type]
    return max((abs(n) for n in numbers if n is not None), default=0)


def _one(number: int) -> pl.Series:
    """A number for every row: a column takes no Python number of more than 64 bits."""
    return pl.Series([number], dtype=pl.Int128)
