"""Statistics among all, rated or the own cohort; benchmarks of peers in one place; last year's values of own fields."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from mujun.errors import RuleError
from mujun.rating import rate
from tests.rating.given import rules_of

REST = """
cohorts: [{id: above, when: "scale = '规上'"}, {id: below, when: "true"}]
indicators:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}
tiers:
  classes: [{id: A}, {id: B}]
  cut: {default: {shares: {A: 50, B: 100}}}
"""
FIRMS = [
    # code, scale, division, tax, land: 亩均税收 10, 4, 5, 1, 2
    ("T1", "规上", "17", 100, 10),
    ("T2", "规上", "17", 40, 10),
    ("T3", "规上", "34", 50, 10),
    ("T4", "规下", "17", 10, 10),
    ("T5", "规下", "17", 4, 2),
]


def frame(**more: list[Any]) -> pl.DataFrame:
    rows = [
        {
            "year": 2022,
            "credit_code": c,
            "scale": s,
            "industry_division": d,
            "tax_paid": Decimal(t),
            "land_mu": Decimal(m),
        }
        for c, s, d, t, m in FIRMS
    ]
    return pl.DataFrame(rows).with_columns(**{n: pl.Series(n, v) for n, v in more.items()})


def column(text: str, name: str, **more: list[Any]) -> dict[str, Any]:
    found = rate(frame(**more), rules_of(REST + text)).enterprises
    return dict(found.select("credit_code", name).iter_rows())


ONE_STATISTIC = """
population: {{scope: "land_mu >= 3"}}
statistics:
  x: {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [industry_division]{among}}}
scoring: {{above: {{tax_per_mu: {{weight: 1, benchmark: 10}}}}, below: {{tax_per_mu: {{weight: 1, benchmark: 10}}}}}}
"""


@pytest.mark.parametrize(
    ("among", "expected"),
    [
        # T5 with its 2 mu is out of scope. 17: (100 + 40 + 10) ÷ 30 = 5; with T5 (154 ÷ 32) = 4.8125.
        ("", {"T1": 5.0, "T3": 5.0, "T4": 5.0, "T5": 5.0}),
        (", among: rated", {"T1": 5.0, "T3": 5.0, "T4": 5.0, "T5": 5.0}),
        (", among: all", {"T1": 4.8125, "T3": 5.0, "T4": 4.8125, "T5": 4.8125}),
        # Of the own cohort: (100 + 40) ÷ 20 = 7; T4 is alone in his; T5 has none.
        (", among: cohort", {"T1": 7.0, "T3": 5.0, "T4": 1.0, "T5": None}),
    ],
)
def test_a_statistic_counts_whom_it_says(among: str, expected: dict[str, Any]) -> None:
    found = column(ONE_STATISTIC.format(among=among), "x")
    assert {code: found[code] for code in expected} == expected


def test_what_counts_everybody_may_decide_who_is_rated() -> None:
    """A mean of all is there before anybody's treatment: the scope may ask for it."""
    text = """
population: {scope: "tax_per_mu >= half"}
statistics: {half: {stat: median, of: tax_per_mu, among: all}}
scoring: {above: {tax_per_mu: {weight: 100, benchmark: 10}}, below: {tax_per_mu: {weight: 100, benchmark: 10}}}
"""
    # 1, 2, 4, 5, 10: the median is 4.
    assert column(text, "treatment") == {"T1": "rated", "T2": "rated", "T3": "rated", "T4": "out", "T5": "out"}


PEERS = """
scoring:
  above: {{tax_per_mu: {{weight: 100, benchmark: {above}}}}}
  below: {{tax_per_mu: {{weight: 100, benchmark: 1}}}}
"""


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        # The ratio of sums of the division: 17: 154 ÷ 32 = 4.8125; 34: 5.
        ("{peers: ratio_of_sums, over: [industry_division]}", {"T1": 4.8125, "T3": 5.0}),
        ("{peers: ratio_of_sums, over: [industry_division], among: cohort}", {"T1": 7.0, "T3": 5.0}),
        # Fewer than two: everybody's, (100 + 40 + 50 + 10 + 4) ÷ 42 = 4.857142857143.
        ("{peers: ratio_of_sums, over: [industry_division], min_members: 2, otherwise: all}",
         {"T1": 4.8125, "T3": 4.857142857143}),
        ("{peers: ratio_of_sums, over: [industry_division], min_members: 2, otherwise: 6}", {"T1": 4.8125, "T3": 6.0}),
        # The mean of the division's values: (10 + 4 + 1 + 2) ÷ 4 = 4.25; twice that: 8.5.
        ("{peers: mean, over: [industry_division], times: 2}", {"T1": 8.5, "T3": 10.0}),
        ("{peers: median, members: \"scale = '规上'\"}", {"T1": 5.0, "T3": 5.0}),
    ],
)  # fmt: skip
def test_a_benchmark_of_peers_in_one_place(above: str, expected: dict[str, float]) -> None:
    found = column(PEERS.format(above=above), "tax_per_mu_benchmark")
    assert {code: found[code] for code in expected} == expected


def test_peers_of_what_has_no_two_sides_are_told() -> None:
    text = """
scoring: {above: {growth: {weight: 100, benchmark: {peers: ratio_of_sums}}}, below: {growth: {weight: 1, benchmark: 1}}}
"""
    with pytest.raises(RuleError) as told:
        rules_of(REST.replace("indicators:", "tables: {}\nindicators:\n  growth: {value: tax_paid}\n") + text)
    assert "peers_without_sides" in {p.code for p in told.value.problems}


LAST = """
fields:
  credit: {{label: 抵税, input: quantity, unit: 万元}}
  rated_tax: {{label: 评价税收, unit: 万元, value: "实缴税金 + coalesce(credit, 0)"}}
  more: {{value: "{more}"}}
scoring: {{above: {{tax_per_mu: {{weight: 1, benchmark: 10}}}}, below: {{tax_per_mu: {{weight: 1, benchmark: 10}}}}}}
"""


def test_last_years_values_of_own_fields_are_their_algorithm_with_last_years_figures() -> None:
    last: dict[str, list[Any]] = {
        "tax_paid_last": [90, 40, 60, None, 5],
        "credit": [1, 2, 3, 4, 5],
        "credit_last": [10, None, 5, 1, None],
    }
    found = column(LAST.format(more="rated_tax - rated_tax_last"), "more", **last)
    # T1: 101 − (90 + 10) = 1; T2: 42 − 40; T3: 53 − 65; T4: last year's tax is missing; T5: 9 − 5.
    assert found == {"T1": 1, "T2": 2, "T3": -12, "T4": None, "T5": 4}
    assert column(LAST.format(more="评价税收 - 上年评价税收"), "more", **last) == found


def test_a_field_that_rests_on_what_is_not_known_of_last_year_is_told() -> None:
    text = LAST.format(more="rated_tax_last").replace("coalesce(credit, 0)", "days_between(started_on, as_of)")
    with pytest.raises(RuleError) as told:
        rate(frame(), rules_of(REST + text.replace("实缴税金 + ", "").replace("unit: 万元, value", "value")))
    said = [p for p in told.value.problems if p.code == "field_no_earlier"]
    assert [p.values["needs"] for p in said] == [["as_of"]]
