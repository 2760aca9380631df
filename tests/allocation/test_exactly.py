"""Whole numbers in 128 bits and Python's own come to the same, and none is ever cut off."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mujun.allocation.exactly import Numbers, as_list, decimals, plus, rounded, summed, times

SMALL = st.lists(st.none() | st.integers(-(10**30), 10**30), min_size=1, max_size=5)


def _column(numbers: list[int | None]) -> Numbers:
    return pl.Series(numbers, dtype=pl.Int128)


@given(SMALL, st.integers(1, 10**20), st.integers(-(10**20), 10**20))
def test_a_column_comes_to_what_fractions_come_to(numbers: list[int | None], over: int, by: int) -> None:
    product = as_list(times(_column(numbers), by))
    assert product == [None if n is None else n * by for n in numbers]
    both, common = summed([(_column(numbers), over), (_column(numbers), 7)], Fraction(3, 11), len(numbers))
    for n, made in zip(numbers, as_list(both), strict=True):
        assert (None if n is None else (Fraction(n, over) + Fraction(n, 7)) * Fraction(3, 11)) == (
            None if made is None else Fraction(made, common)
        )
    assert as_list(rounded(_column(numbers), over)) == rounded(numbers, over)
    assert as_list(plus(_column(numbers), _column(numbers))) == [None if n is None else n + n for n in numbers]


@pytest.mark.parametrize("by", [10, 10**9])
def test_what_does_not_fit_into_128_bits_goes_on_as_pythons_own(by: int) -> None:
    # 10³⁷ × 10 is the last power of ten that fits; × 10⁹ it has 46 digits.
    product = times(_column([10**37, None]), by)
    assert as_list(product) == [10**37 * by, None]
    assert isinstance(product, list) == (by > 10)
    with pytest.raises(OverflowError):
        decimals(product, "amount")
