"""The benchmark compares like with like: all three plans give the same results."""

from __future__ import annotations

from benchmarks import stability
from benchmarks.frames import firms
from benchmarks.large_rules import large_rules
from benchmarks.peers import jobs_of
from benchmarks.run import ANOTHER_HAND, TWO_COHORTS, against_hand
from mujun.analysis.stability.drawing import SOURCES
from mujun.rating import rate
from mujun.rules import load_rules


def test_all_plans_agree_on_two_thousand_firms_and_are_timed() -> None:
    figures = against_hand(2000, 3)
    assert len(figures) == 3
    assert all(0 < least <= middle <= most for middle, least, most in figures.values())


def test_the_plan_by_another_hand_agrees_on_ten_thousand_firms() -> None:
    assert set(jobs_of([ANOTHER_HAND], load_rules(TWO_COHORTS), 10_000)) == {"mujun", ANOTHER_HAND.name}


def test_the_large_rule_set_rates() -> None:
    rating = rate(firms(500), large_rules())
    assert rating.subjects["tier"].null_count() < 500
    assert any(rating.subjects["rules_changed"].list.len() > 0)


def test_the_plan_by_hand_tests_tiers_alike() -> None:
    """The same draws by hand and by mujun: a firm's frequencies differ by no more than a rounding of a draw or two."""
    for one_cell in (True, False):
        rating = rate(firms(400), stability.rules_of(one_cell=one_cell))
        assert stability.same_frequencies(rating, stability.stated(SOURCES, 50)) <= 0.04
