"""Points: every method, and what happens to missing, zero and negative values; all computed by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mujun.analysis.stability import firmness
from mujun.errors import RatingError
from mujun.rules.showing import show_rules
from tests.rating.given import CLASSES, column, rated, rules_of

D = Decimal


def scheme(item: str, rest: str = "", more: str = "") -> str:
    """One cohort, tax per mu scored by `item`, revenue per mu by `rest`."""
    second = f"rev_per_mu: {rest}" if rest else ""
    return f"""
cohorts: [{{id: all, when: "true"}}]
indicators:
  tax_per_mu: {{of: tax_paid, per: land_mu}}
  rev_per_mu: {{of: revenue, per: land_mu}}
  tax_per_head: {{of: tax_paid, per: employees}}
scoring:
  all:
    tax_per_mu: {item}
    {second}
{more}
tiers:
  classes: {CLASSES}
  cut: {{default: {{shares: {{A: 20, B: 60, C: 95, D: 100}}}}}}
"""


def points(item: str, *rows: dict[str, Any], name: str = "tax_per_mu", rest: str = "", more: str = "") -> list[Any]:
    return column(rated(scheme(item, rest, more), rows), f"{name}_points")


LAND = {"land_mu": 10}


def firm(tax: Any, **more: Any) -> dict[str, Any]:
    return {"tax_paid": tax, **LAND, **more}


def test_ratio_is_weight_times_value_by_benchmark() -> None:
    # 240.97 / 10 = 24.097, exactly the benchmark; half of it; twice of it without a cap
    assert points("{weight: 30, benchmark: 24.097}", firm("240.97"), firm("120.485"), firm("481.94")) == [30, 15, 60]


def test_cap_and_floor_are_multiples_of_the_weight() -> None:
    item = "{weight: 30, benchmark: 10, cap: 1.5, floor: -0.5}"
    # 3 × value: 20 → 60 cut to 45; 15 → 45 stays; −1 → −3 stays; −6 → −18 cut to −15
    assert points(item, firm(200), firm(150), firm(-10), firm(-60)) == [45, 45, -3, -15]


def test_cap_and_floor_are_those_of_each_cohort() -> None:
    rules = f"""
cohorts: [{{id: large, when: "tax_paid >= 100"}}, {{id: small, when: "true"}}]
indicators: {{tax_per_mu: {{of: tax_paid, per: land_mu}}}}
scoring:
  large: {{tax_per_mu: {{weight: 30, benchmark: 10, cap: 1.5, floor: -0.5, missing: cohort_mean}}}}
  small: {{tax_per_mu: {{weight: 10, benchmark: 1, cap: 2, floor: -1, missing: cohort_mean}}}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{shares: {{A: 20, B: 60, C: 95, D: 100}}}}}}
"""
    # No limit is one number: 30 × 20 ÷ 10 cut to 45, 30 × 10 ÷ 10; 10 × 9 cut to 20, 10 × 0.5, 10 × −3 cut to −10
    found = rated(rules, [firm(200), firm(100), firm(90), firm(5), firm(-30)])
    assert column(found, "tax_per_mu_points") == [45, 30, 20, 5, -10]


def test_without_a_floor_nothing_falls_below_zero() -> None:
    assert points("{weight: 30, benchmark: 10}", firm(-10)) == [0]


def test_notes_say_what_cut() -> None:
    rating = rated(scheme("{weight: 30, benchmark: 10, cap: 1.5}"), [firm(200), firm(150), firm(-1), firm(None)])
    assert column(rating, "tax_per_mu_note") == ["capped", None, "floored", "missing"]


def test_points_round_half_away_from_zero_at_four_decimals() -> None:
    # 0.05 / 10 / 100 = 0.00005 → 0.0001; 0.00015 → 0.0002 (banker's rounding would give 0 and 0.0002)
    assert points("{weight: 1, benchmark: 100}", firm("0.05"), firm("0.15")) == [D("0.0001"), D("0.0002")]


@pytest.mark.parametrize(("policy", "expected"), [("zero", 0), ("full", 30), ("cap", 45), ("{points: 7.5}", D("7.5"))])
def test_policies_for_a_missing_value(policy: str, expected: Any) -> None:
    item = f"{{weight: 30, benchmark: 10, cap: 1.5, missing: {policy}}}"
    assert points(item, firm(None), firm(100)) == [expected, 30]


def test_missing_earns_the_mean_of_the_cohort() -> None:
    # (30 + 15 + 9.99) / 3 = 18.33
    item = "{weight: 30, benchmark: 10, missing: cohort_mean}"
    assert points(item, firm(100), firm(50), firm("33.3"), firm(None))[3] == D("18.33")


def test_the_mean_counts_those_who_are_handled_as_negative() -> None:
    # 25 and the 1 that a loss earns: (25 + 1) / 2 = 13
    item = "{weight: 25, benchmark: 10, cap: 1, negative: {points: 1}, missing: cohort_mean}"
    assert points(item, firm(100), firm(-5), firm(None)) == [25, 1, 13]


def test_who_gets_the_mean_has_no_points_in_it() -> None:
    item = "{weight: 25, benchmark: 10, cap: 1, negative: cohort_mean, missing: cohort_mean}"
    assert points(item, firm(100), firm(60), firm(-5), firm(None)) == [25, 15, 20, 20]


def test_the_mean_lifts_nobody_above_the_cap_of_his_own_weight() -> None:
    # Two have nothing but this item, whose 20 become 100: 100 each; the third keeps both, so that his 20 is all of it.
    item = "{weight: 20, benchmark: 10, cap: 1, missing: cohort_mean}"
    rest = "{weight: 80, benchmark: 40, missing: reweight}"
    rows = [firm(100), firm(100), firm(None, revenue=400)]
    assert points(item, *rows, rest=rest) == [100, 100, 20]
    # Without a cap nothing holds it.
    assert points(item.replace("cap: 1, ", ""), *rows, rest=rest) == [100, 100, 100]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ("floor: 0.5, missing: {points: 1}", 1),
        ("floor: 0, missing: {points: -4}", -4),
        ("cap: 1, missing: {points: 40}", 40),
    ],
)
def test_fixed_points_go_before_floor_and_cap(limits: str, expected: int) -> None:
    # What is stated in points is what is earned: floor and cap hold what the method gives.
    assert points(f"{{weight: 30, benchmark: 10, {limits}}}", firm(None)) == [expected]


def test_the_mean_of_nobody_is_zero() -> None:
    assert points("{weight: 30, benchmark: 10, missing: cohort_mean}", firm(None)) == [0]


def test_reweight_shares_the_weight_among_the_others() -> None:
    # tax missing: revenue's 70 becomes 100; revenue 20/mu on 40 earns half
    more = "{weight: 70, benchmark: 40, cap: 1.2}"
    rows = [firm(None, revenue=200), firm(100, revenue=200), firm(None, revenue=600)]
    assert points("{weight: 30, benchmark: 10, missing: reweight}", *rows, name="rev_per_mu", rest=more) == [
        50,
        35,
        120,
    ]


def test_reweight_of_everything_leaves_zero() -> None:
    got = points(
        "{weight: 30, benchmark: 10, missing: reweight}",
        firm(None),
        rest="{weight: 70, benchmark: 1, missing: reweight}",
    )
    assert got == [0]


def test_a_denominator_not_above_zero_is_missing_unless_said_otherwise() -> None:
    rows: list[dict[str, Any]] = [
        {"tax_paid": 5, "land_mu": 0},
        {"tax_paid": 5, "land_mu": -1},
        {"tax_paid": 5, "land_mu": None},
    ]
    assert points("{weight: 30, benchmark: 10, missing: {points: 1}}", *rows) == [1, 1, 1]
    item = "{weight: 30, benchmark: 10, missing: {points: 1}, zero_denominator: {points: 2}}"
    assert points(item, *rows) == [2, 2, 1]


def test_negative_has_a_policy_of_its_own() -> None:
    item = "{weight: 30, benchmark: 10, floor: -1, negative: {points: -4}}"
    assert points(item, firm(-10), firm(0), firm(10)) == [-4, 0, 3]


def test_fallback_has_its_own_benchmark_and_the_same_weight_and_cap() -> None:
    item = "{weight: 30, benchmark: 10, cap: 1.5, missing: zero, fallback: {indicator: tax_per_head, benchmark: 2}}"
    rows: list[dict[str, Any]] = [
        {"tax_paid": 8, "employees": 8, "land_mu": None},  # 1 per head of 2: 15
        {"tax_paid": 80, "employees": 8, "land_mu": None},  # 10 per head: 150 cut to 45
        {"tax_paid": 8, "employees": None, "land_mu": None},  # nothing left
        {"tax_paid": 100, "employees": 8, "land_mu": 10},  # its own value
    ]
    rating = rated(scheme(item), rows)
    assert column(rating, "tax_per_mu_points") == [15, 45, 0, 30]
    assert column(rating, "tax_per_mu_note") == ["fallback:tax_per_head", "fallback:tax_per_head", "missing", None]
    assert column(rating, "tax_per_mu_benchmark") == [2, 2, 10, 10]


def test_minmax_starts_at_a_share() -> None:
    # 10, 20, 30 per mu: 0.2, 0.2 + 0.8 × 0.5, 1
    item = "{weight: 50, method: minmax, start: 0.2}"
    assert points(item, firm(100), firm(200), firm(300), firm(None)) == [10, 30, 50, 0]


@pytest.mark.parametrize(("over", "expected"), [("", [0, 60, 0, 60]), (", over: []", [0, 30, 40, 60])])
def test_minmax_by_nothing_is_among_everybody_whatever_the_cohort(over: str, expected: list[int]) -> None:
    """Rules, engine, words and stability read `over: []` alike: one group of all; without `over` it is the cohort."""
    item = f"{{weight: 60, method: minmax{over}}}"
    text = f"""
cohorts: [{{id: large, when: "scale = '规上'"}}, {{id: small, when: "true"}}]
indicators: {{tax_per_mu: {{of: tax_paid, per: land_mu}}}}
scoring: {{large: {{tax_per_mu: {item}}}, small: {{tax_per_mu: {item}}}}}
tiers: {{classes: {CLASSES}, cells: [cohort], cut: {{default: {{shares: {{A: 50, B: 100}}}}}}}}
"""
    # 10 and 40 per mu in one cohort, 50 and 70 in the other: (v − 10) ÷ 60 of 60 points among all four.
    rows = [firm(v * 10, scale=s) for v, s in ((10, "规上"), (40, "规上"), (50, "规下"), (70, "规下"))]
    rating = rated(text, rows)
    assert column(rating, "tax_per_mu_points") == expected
    assert ("在全部对象中取" in str(show_rules(rules_of(text)).parts)) == bool(over)
    # With nothing drawn the arrays give the rating itself, or refuse.
    assert firmness(rating, draws=1, threads=1, variance=False).subjects.height == 4


@pytest.mark.parametrize(("flat", "expected"), [("full", 50), ("start", 10)])
def test_minmax_of_equals(flat: str, expected: int) -> None:
    assert points(f"{{weight: 50, method: minmax, start: 0.2, flat: {flat}}}", firm(100), firm(100)) == [expected] * 2


def test_inverse_rewards_less() -> None:
    # zero at twice the benchmark: at it (2 − 1)/2; half of it 0.75; above 2 nothing; never more than the weight
    item = "{weight: 40, method: inverse, benchmark: 10, zero_at: 2}"
    assert points(item, firm(100), firm(50), firm(300), firm(-50)) == [20, 30, 0, 40]


def test_linear_runs_between_given_values() -> None:
    item = "{weight: 10, method: linear, points: [[3, 0], [10, 0.6], [30, 1]]}"
    # 6.5 is half way to 10: 0.3; 20 half way to 30: 0.8
    assert points(item, firm(10), firm(65), firm(100), firm(200), firm(900)) == [0, 3, 6, 8, 10]


def test_steps_take_the_first_that_holds() -> None:
    item = "{weight: 10, method: steps, steps: [{at_least: 30, share: 1}, {at_least: 15, share: 0.6}]}"
    assert points(item, firm(300), firm("299.999999"), firm(150), firm(149)) == [10, 6, 6, 0]


def test_percentile_counts_those_at_or_below() -> None:
    # of 4 values: 1/4, 3/4 for both equals, 4/4
    assert points("{weight: 20, method: percentile}", firm(10), firm(20), firm(20), firm(30)) == [5, 15, 15, 20]


def test_a_formula_sees_value_benchmark_and_weight() -> None:
    # 30 × (2/1)² = 120
    item = '{weight: 30, method: formula, benchmark: 10, formula: "weight * power(value / benchmark, 2)"}'
    assert points(item, firm(200), firm(50)) == [120, D("7.5")]


def test_a_benchmark_that_is_missing_or_zero_stops_the_run() -> None:
    with pytest.raises(RatingError) as caught:
        points('{weight: 30, benchmark: "nullif(revenue / land_mu, 5)"}', firm(10, revenue=50), firm(10, revenue=10))
    assert caught.value.problems[0].code == "benchmark_unusable"
    assert caught.value.problems[0].values["indicator"] == "tax_per_mu"
    assert caught.value.problems[0].values["count"] == 1


def test_a_benchmark_nobody_needs_may_be_missing() -> None:
    assert points('{weight: 30, benchmark: "revenue / land_mu"}', firm(None, revenue=None), firm(10, revenue=10)) == [
        0,
        30,
    ]


def test_adjustments_families_and_score() -> None:
    more = """
adjustments:
  items:
    - {id: high, when: "array_contains(labels, '高新技术企业')", points: 3, family: honours}
    - {id: champion, when: "array_contains(labels, '单项冠军')", points: 4, family: honours}
    - {id: leasing, points: "-5 * greatest(tenants_below - 1, 0)"}
  families: {honours: {max: 6, take: sum}}
  score: {min: 0, max: 40}
decimals: {points: 4, score: 2}
"""
    rows = [
        firm(100, labels=["高新技术企业", "单项冠军"], tenants_below=0),  # 30 + 6
        firm(100, labels=["高新技术企业"], tenants_below=3),  # 30 + 3 − 10
        firm(10, labels=[], tenants_below=5),  # 3 − 20, not below 0
        firm("33.35", labels=[], tenants_below=1),  # 10.005 → 10.01
        firm(140, labels=[], tenants_below=0),  # 42, not above 40
    ]
    rating = rated(scheme("{weight: 30, benchmark: 10}", more=more), rows)
    assert column(rating, "score") == [36, 23, 0, D("10.01"), 40]
    assert column(rating, "adj_champion") == [4, 0, 0, 0, 0]
    assert column(rating, "adj_leasing") == [0, -10, -20, 0, 0]
