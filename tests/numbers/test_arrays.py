"""Many numbers at once are what they are one by one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mujun.numbers import at12, at12_number
from mujun.numbers.arrays import floats_of, taken_at12


@pytest.mark.parametrize("scale", range(31))
def test_a_decimal_is_the_float_that_polars_gives(scale: int) -> None:
    draw = np.random.default_rng(scale)
    sizes = (10**3, 2**52, 2**53 - 1, 2**53 + 99, 2**62)
    whole = [None, 0, *(int(n) for size in sizes for n in draw.integers(-size, size, 300))]
    for several in (whole, whole[:400], [*whole, 2**70]):
        numbers = pl.Series(several, dtype=pl.Int128).reinterpret(dtype=pl.Decimal(38, scale))
        assert floats_of(numbers).tolist()[1:] == numbers.cast(pl.Float64).to_list()[1:]
        assert np.isnan(floats_of(numbers)[0])


def test_other_numbers_and_none_at_all() -> None:
    assert floats_of(pl.Series([1, 2**53 + 1], dtype=pl.Int64)).tolist() == [1.0, 2.0**53]
    assert floats_of(pl.Series([], dtype=pl.Decimal(18, 6))).tolist() == []
    assert np.isnan(floats_of(pl.Series([None], dtype=pl.Float64))[0])


def test_twelve_decimals_are_those_of_a_column() -> None:
    numbers = [3 * 1.1 / 1.1, -1.0000000000005, 0.0, 1e300, float("inf"), float("-inf"), float("nan"), 1e-13]
    column = pl.select(at12(pl.lit(pl.Series(numbers)))).to_series().to_list()
    found = taken_at12(np.array(numbers)).tolist()
    assert [None if n != n else n for n in found] == column == [None if n != n else at12_number(n) for n in numbers]
