"""The planting of the thirty-one other slips, and what of them is always seen; `benchmarks/other_slips.py` counts."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal as D

import pytest

from benchmarks.county_tables import clean_tables
from benchmarks.other_slips import PLAN, Slip, _exchanged, planted, searched, told_of
from mujun.analysis.anomalies import Anomaly

YEAR = 2022
Told = tuple[tuple[Anomaly, ...], tuple[Anomaly, ...], list[Slip]]


@pytest.fixture(scope="module")
def told() -> Told:
    clean = clean_tables(every=3)
    spoilt, slips = planted(clean, YEAR, 7)
    return searched(clean, YEAR), searched(spoilt, YEAR), slips


def test_thirty_one_are_planted_at_as_many_firms(told: Told) -> None:
    slips = told[2]
    assert Counter(s.kind for s in slips) == {kind: count for kind, count, *_ in PLAN}
    assert len({s.credit_code for s in slips}) == len(slips) == 31


def test_what_can_be_seen_is_seen(told: Told) -> None:
    clean, spoilt, slips = told
    new = told_of(spoilt) - told_of(clean)
    seen = Counter(s.kind for s in slips if any((s.credit_code, f) in new for f in s.fields))
    # Single figures of last year or of a neighbour are too short in this county: they could agree by chance.
    for kind in (
        "columns exchanged",
        "last year's row again",
        "a digit too many or few",
        "nothing where peers have it",
    ):
        assert seen[kind] >= {k: n for k, n, *_ in PLAN}[kind] - 1, kind


def test_rows_that_touch_are_no_alarm_by_themselves(told: Told) -> None:
    clean = told[0]
    assert not [a for a in clean if a.kind in ("copy", "repeat")]


def test_digits_are_exchanged_from_the_first_significant_one() -> None:
    assert _exchanged(D("0.1234"), 0) == D("0.2134")
    assert _exchanged(D("1243.25"), 2) == D("1234.25")
