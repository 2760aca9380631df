"""Variances, correlations and shares from whole numbers: by hand, against scipy, and what must always hold."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mujun.analysis.fairness.exact import apportioned, association, correlation, explained, moments, ranked

D = Decimal


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ([[10, 0], [0, 10]], D(1)),
        ([[5, 5], [5, 5]], D(0)),
        # (9 + 1 + 1 + 9) ÷ 16 − 1 = 1 ÷ 4.
        ([[3, 1], [1, 3]], D("0.5")),
        # An empty tier and an empty group say nothing.
        ([[3, 0, 1], [1, 0, 3], [0, 0, 0]], D("0.5")),
        ([[3, 1]], None),
        ([[3], [1]], None),
        ([], None),
    ],
)
def test_association_of_groups_and_tiers(counts: list[list[int]], wanted: Decimal | None) -> None:
    assert association(counts, 4) == wanted


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=5))
def test_association_is_cramers_v(counts: list[list[int]]) -> None:
    table = np.array([row for row in counts if sum(row)])
    table = table[:, table.sum(axis=0) > 0] if table.size else table
    found = association(counts, 4)
    if table.size == 0 or min(table.shape) < 2:
        assert found is None
        return
    assert found is not None
    assert float(found) == pytest.approx(stats.contingency.association(table), abs=6e-5)


COLUMNS = st.lists(st.tuples(*[st.integers(-200, 200)] * 3), min_size=2, max_size=30)


@settings(max_examples=60)
@given(COLUMNS)
def test_correlations_are_pearsons_and_spearmans(rows: list[tuple[int, int, int]]) -> None:
    frame = pl.DataFrame(rows, schema=["a", "b", "c"], orient="row")
    plain, by_rank = moments(frame), moments(ranked(frame))
    a, b = frame["a"].to_numpy(), frame["b"].to_numpy()
    if len(set(a)) == 1 or len(set(b)) == 1:
        assert correlation(plain, 0, 1, 4) is None
        assert correlation(by_rank, 0, 1, 4) is None
        return
    assert float(correlation(plain, 0, 1, 4) or 0) == pytest.approx(stats.pearsonr(a, b).statistic, abs=6e-5)
    assert float(correlation(by_rank, 0, 1, 4) or 0) == pytest.approx(stats.spearmanr(a, b).statistic, abs=6e-5)


@settings(max_examples=60)
@given(COLUMNS)
def test_the_share_explained_is_that_of_a_regression(rows: list[tuple[int, int, int]]) -> None:
    frame = pl.DataFrame(rows, schema=["a", "b", "c"], orient="row")
    found = explained(moments(frame), 0, [1, 2])
    a = frame["a"].to_numpy().astype(float)
    if len(set(a)) == 1:
        assert found is None
        return
    others = np.column_stack([np.ones(len(a)), frame["b"].to_numpy(), frame["c"].to_numpy()])
    fitted = others @ np.linalg.lstsq(others, a, rcond=None)[0]
    wanted = 1 - ((a - fitted) ** 2).sum() / ((a - a.mean()) ** 2).sum()
    assert found is not None
    assert float(found) == pytest.approx(wanted, abs=1e-6)


def test_a_copy_explains_all_and_nothing_nothing() -> None:
    frame = pl.DataFrame({"a": [1, 5, 2, 9], "twice": [2, 10, 4, 18], "flat": [7, 7, 7, 7]})
    found = moments(frame)
    assert explained(found, 0, [1, 2]) == 1
    assert explained(found, 0, [2]) == 0
    assert explained(found, 0, []) == 0
    assert explained(found, 2, [0]) is None


def test_large_numbers_do_not_overflow() -> None:
    frame = pl.DataFrame({"a": [10**12, -(10**12)] * 1000, "b": [10**12, -(10**12)] * 1000})
    found = moments(frame)
    assert found.spread[0][1] == 2000 * 2000 * 10**24
    assert correlation(found, 0, 1, 4) == 1


@pytest.mark.parametrize(
    ("parts", "places", "wanted"),
    [
        ([Fraction(1, 3)] * 3, 2, [D("0.34"), D("0.33"), D("0.33")]),
        ([Fraction(1, 6), Fraction(-1, 6)], 2, [D("0.17"), D("-0.17")]),
        ([Fraction(1, 2), Fraction(1, 2)], 0, [D(1), D(0)]),
        ([], 4, []),
    ],
)
def test_rounded_parts_add_up(parts: Sequence[Fraction], places: int, wanted: list[Decimal]) -> None:
    assert apportioned(parts, places) == wanted


@settings(max_examples=100)
@given(st.lists(st.fractions(-50, 50, max_denominator=999), max_size=8))
def test_parts_always_add_up_and_stay_near(parts: list[Fraction]) -> None:
    found = apportioned(parts, 4)
    total = sum(parts, Fraction(0))
    assert abs(Fraction(sum(found, D(0))) - total) <= Fraction(1, 20_000)
    assert all(abs(Fraction(f) - p) < Fraction(1, 10_000) for f, p in zip(found, parts, strict=True))
