"""Statistics of last year in lists and prices, and last year's amounts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mujun.allocation import allocate
from mujun.errors import RatingError
from mujun.rating import rate
from mujun.rectification import list_enterprises
from mujun.rules import load_kept
from tests.allocation.given import enterprises, rules_of
from tests.rating.given import HEAD

THIS_YEAR: list[dict[str, Any]] = [
    {"credit_code": "A", "name": "甲", "township": "城关镇", "tax_paid": 30, "land_mu": 10, "tier": "D"},
    {"credit_code": "B", "name": "乙", "township": "城关镇", "tax_paid": 90, "land_mu": 10, "tier": "B"},
    {"credit_code": "C", "name": "丙", "township": "石璜镇", "tax_paid": 20, "land_mu": 10, "tier": "C"},
]
# Of last year: 甲 and 丁 are of 城关镇, 丁 is gone; 丙 had no tier, so that it was not rated.
LAST_YEAR: list[dict[str, Any]] = [
    {"credit_code": "A", "township": "城关镇", "tax_paid": 40, "land_mu": 10, "tier": "C"},
    {"credit_code": "D", "township": "城关镇", "tax_paid": 80, "land_mu": 10, "tier": "B"},
    {"credit_code": "C", "township": "石璜镇", "tax_paid": 50, "land_mu": 10},
]
LIST = """statistics:
  last: {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: {over}, among: {among}, year: previous}}
listing:
  - {{id: less, when: "tax_paid / land_mu < {times} * last", reason: 低于上年平均}}
"""


def listed(tmp_path: Path, **settings: object) -> list[str]:
    rules = rules_of(tmp_path, LIST.format(**{"over": "[]", "among": "all", "times": 1, **settings}), "rectification")
    got = list_enterprises(rules, enterprises(THIS_YEAR), previous=enterprises(LAST_YEAR))
    return got.rectification["credit_code"].sort().to_list()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # All of last year: (40 + 80 + 50) / 30 = 5.67; this year 3, 9 and 2.
        ({}, ["A", "C"]),
        # Those who had a tier: (40 + 80) / 20 = 6; a third of it is 2, which 丙 does not fall below.
        ({"among": "rated", "times": "1 / 3"}, []),
        ({"among": "rated", "times": "0.5"}, ["C"]),
        # By township: 城关镇 6, of which half is 3; 石璜镇 5, of which half is 2.5.
        ({"over": "[township]", "times": "0.5"}, ["C"]),
    ],
)
def test_a_list_goes_by_last_years_statistics(tmp_path: Path, settings: dict[str, object], expected: list[str]) -> None:
    assert listed(tmp_path, **settings) == expected


def test_without_last_years_frame_nothing_is_listed(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, LIST.format(over="[]", among="all", times=1), "rectification")
    with pytest.raises(RatingError, match="没有上一年的数据"):
        list_enterprises(rules, enterprises(THIS_YEAR))


def test_members_may_ask_for_last_years_tier(tmp_path: Path) -> None:
    text = LIST.format(over="[]", among="all", times=1).replace(
        "year: previous", "year: previous, members: \"tier = 'C'\""
    )
    rules = rules_of(tmp_path, text, "rectification")
    got = list_enterprises(rules, enterprises(THIS_YEAR), previous=enterprises(LAST_YEAR))
    # 甲 alone had C last year: 4; this year 甲 has 3 and 丙 2.
    assert got.rectification["credit_code"].sort().to_list() == ["A", "C"]


RATING = """
fields: {rated_tax: {label: 评价税收, unit: 万元, value: "tax_paid + coalesce(tax_credit, 0)"}}
population: {scope: "land_mu >= 5"}
cohorts: [{id: all, when: "true"}]
indicators: {tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: rated_tax, per: land_mu}}
scoring: {all: {tax_per_mu: {weight: 100, benchmark: 10}}}
tiers: {classes: [{id: A}, {id: D}], cut: {default: {shares: {A: 50, D: 100}}}}
"""
POLICY = """
statistics: {last: {stat: mean, of: tax_per_mu, year: previous}}
listing:
  - {id: less, when: "tax_per_mu < last and rated_tax < rated_tax_last", reason: 低于上年参评企业平均且税收下降}
"""


def test_a_set_with_a_rating_counts_last_years_firms_by_its_own_rules() -> None:
    files = {
        "test/set/rating.yaml": HEAD + RATING,
        "test/set/rectification.yaml": HEAD.replace("kind: rating", "kind: rectification") + POLICY,
    }
    rules = load_kept("test/set", files)
    # 丙 had 4 mu last year and was out of scope: the mean is (40 + 10)/10 = 5 and 8: 6.5, not (5 + 8 + 12.5) / 3 = 8.5.
    before = [dict(r) for r in LAST_YEAR]
    before[0]["tax_credit"] = 10
    before[2]["land_mu"] = 4
    now = [dict(r) for r in THIS_YEAR]
    now[0] |= {"tax_paid_last": 40, "tax_credit_last": 10}
    now[1] |= {"tax_paid_last": 95, "tax_paid": 70}
    now[2] |= {"tax_paid_last": 15}
    frame = enterprises(now)
    rating = rate(frame, rules, enterprises(before))
    got = list_enterprises(rules, frame, rating, previous=enterprises(before))
    # 甲 3 < 6.5 and 30 < 50; 乙 7 is not below 6.5; 丙 2 < 6.5 but its tax grew from 15 to 20.
    assert got.rectification["credit_code"].to_list() == ["A"]


AMOUNTS = """statistics:
  last: {stat: ratio_of_sums, of: tax_paid, per: land_mu, year: previous, among: all}
measures:
  - id: power
    label: 差别化电价
    kind: surcharge
    per: 万元
    rate: [{id: less, when: "tax_paid / land_mu < last", value: "coalesce(power_amount_last, 0) + 1"}]
"""


def test_an_amount_may_follow_what_was_charged_last_year(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, AMOUNTS, "allocation")
    import polars as pl

    frame = enterprises(THIS_YEAR).with_columns(
        pl.Series("power_amount_last", ["2.5", "0", None]).cast(pl.Decimal(18, 6))
    )
    got = allocate(rules, frame, previous=enterprises(LAST_YEAR)).allocation
    # 5.67 a mu last year: 甲 pays 2.5 + 1, 丙 of whom nothing is known 0 + 1.
    assert {r["credit_code"]: float(r["amount"]) for r in got.iter_rows(named=True)} == {"A": 3.5, "C": 1.0}
