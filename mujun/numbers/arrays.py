"""The number rules for many numbers at once, as NumPy's floats; NaN is a missing one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]

FLOAT_HOLDS, EXACT_POWER = 2.0**53, 22
"""Up to here every whole number is a float, and so is every power of ten: their quotient is the nearest float."""


def floats_of(column: pl.Series) -> Floats:
    """A column of numbers as floats, NaN where one is missing; not to be written to.

    A decimal is Polars' own cast, by way of 64 bits where they hold all of it, which takes half the time.
    """
    if isinstance(column.dtype, pl.Decimal) and column.dtype.scale <= EXACT_POWER:
        parts = column.to_physical().cast(pl.Int64, strict=False)
        if parts.null_count() == column.null_count():
            numbers = _with_nan(parts)
            if not numbers.size or not (
                np.fmax.reduce(numbers) >= FLOAT_HOLDS or np.fmin.reduce(numbers) <= -FLOAT_HOLDS
            ):
                return numbers / 10.0**column.dtype.scale if column.dtype.scale else numbers
    return _with_nan(column)


def _with_nan(column: pl.Series) -> Floats:
    floats = column.cast(pl.Float64)
    return (floats.fill_null(float("nan")) if floats.null_count() else floats).to_numpy()


def taken_at12(numbers: Floats) -> Floats:
    """The same array, its numbers taken at 12 decimals as `at12` does; what is not finite is NaN."""
    with np.errstate(invalid="ignore", over="ignore"):
        np.multiply(numbers, 1e12, out=numbers)
        np.rint(numbers, out=numbers)
        np.divide(numbers, 1e12, out=numbers)
    numbers[np.isinf(numbers)] = np.nan
    return numbers
