"""Whole numbers between Polars and Python: products of a quantity, a rate and a part of a year, exact to the last.

A year has 365 days and a bill 31: the exact amount is a fraction that no decimal holds. Python's whole numbers have no
limit, so numerators are multiplied there and divided once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from mujun.numbers import WIDE, at12, wide
from mujun.rules.expressions import Value

Numbers = list[int | None]

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
    return column.to_physical().to_list(), 10**dtype.scale


def rounded(numbers: Iterable[int | None], denominator: int, places: int = AMOUNT_PLACES) -> Numbers:
    """Fractions rounded half away from zero, as whole numbers of 10⁻ᵖˡᵃᶜᵉˢ.

    >>> rounded([1, -1, None], 8, 2)
    [13, -13, None]
    """
    above, below = 2 * 10**places, 2 * denominator
    return [
        None if n is None else (n * above + denominator) // below if n >= 0 else -((denominator - n * above) // below)
        for n in numbers
    ]


def decimals(numbers: Sequence[int | None], name: str, dtype: pl.Decimal = AMOUNT) -> pl.Series:
    """Whole numbers of 10⁻ˢᶜᵃˡᵉ as a decimal column.

    Raises:
        OverflowError: one of them does not fit.
    """
    largest = 10 ** (38 - dtype.scale)
    known = [n for n in numbers if n is not None]
    if known and max(max(known), -min(known)) >= largest:
        raise OverflowError
    # A decimal is its whole number of the last place in 128 bits, which are read as they are.
    return pl.Series(name, numbers, dtype=pl.Int128).reinterpret(dtype=pl.Decimal(38, dtype.scale))
