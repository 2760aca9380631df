"""Parts add up to the whole, whatever the weights."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mujun.allocation.sharing import by_weight, in_turn

WEIGHTS = st.lists(st.one_of(st.integers(0, 10**6), st.fractions(0, 10)), min_size=1, max_size=8)


@given(st.integers(0, 10**14), WEIGHTS)
def test_parts_add_up_and_none_is_off_by_a_unit(whole: int, weights: list[int | Fraction]) -> None:
    for parts in (by_weight(whole, weights), in_turn(whole, weights)):
        assert sum(parts) == whole
        assert all(p >= 0 for p in parts)
        total = sum(weights, Fraction(0))
        if total:
            assert all(abs(p - whole * w / total) < 2 for p, w in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("whole", "weights", "parts"),
    [(100, [1, 2], [33, 67]), (1, [1, 1], [1, 0]), (5, [0, 3], [0, 5]), (3, [0, 0], [2, 1]), (0, [1, 1], [0, 0])],
)
def test_what_is_left_over_goes_to_the_largest_remainders(whole: int, weights: list[int], parts: list[int]) -> None:
    assert by_weight(whole, weights) == parts


def test_in_turn_what_has_been_given_by_then_is_rounded() -> None:
    # 10 in eighths: 1.25 → 1, 2.5 → 3, 3.75 → 4, 5.
    assert in_turn(10, [1] * 8) == [1, 2, 1, 1, 1, 2, 1, 1]
