"""Tier shares, what drives differences and what weights come to, worked out by hand on four firms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from mujun.analysis.fairness import DIMENSIONS, Fairness, fairness
from mujun.analysis.fairness.groups import grouped
from mujun.rating import rate
from tests.rating.given import frame_of, rated, rules_of

D = Decimal

RULES = """
cohorts: [{id: all, label: 全部, when: "true"}]
indicators:
  tax: {label: 亩均税收, of: tax_paid, per: land_mu}
  va: {label: 亩均增加值, of: value_added, per: land_mu}
scoring: {all: {tax: {weight: 60, benchmark: 10}, va: {weight: 40, benchmark: 10}}}
adjustments: {items: [{id: bonus, when: "array_contains(labels, '奖')", points: 8}]}
tiers:
  classes: [{id: A}, {id: B}, {id: C}, {id: D}, {id: E}]
  rank_by: [score]
  cut: {default: {shares: {A: 25, B: 50, C: 75, D: 100}}}
"""
# Points: 60 + 20 = 80, 30 + 40 = 70, 0 + 40 = 40, 30 + 20 = 50. The mean is 60, of each indicator 30.
FIRMS: list[dict[str, Any]] = [
    {"land_mu": 1, "tax_paid": 10, "value_added": 5, "scale": "规上", "township": "甲镇", "industry": "1711",
     "owned_mu": 1, "rented_in_mu": 0, "started_on": date(2020, 1, 1)},
    {"land_mu": 1, "tax_paid": 5, "value_added": 10, "scale": "规上", "township": "乙镇", "industry": "1712",
     "owned_mu": 0, "rented_in_mu": 1, "started_on": date(2019, 12, 31)},
    {"land_mu": 1, "tax_paid": 0, "value_added": 10, "scale": "规下", "township": "甲镇", "industry": "3311",
     "owned_mu": 1, "rented_in_mu": 0, "started_on": None, "registered_on": date(2002, 12, 31)},
    {"land_mu": 1, "tax_paid": 5, "value_added": 5, "scale": "规下", "township": None, "industry": "3311",
     "owned_mu": 1, "rented_in_mu": 1, "park": "园"},
]  # fmt: skip


def looked_at(firms: list[dict[str, Any]] = FIRMS, rules: str = RULES) -> Fairness:
    return fairness(rated(rules, firms), frame_of(firms))


def drivers(found: Fairness, dimension: str) -> dict[Any, tuple[Any, ...]]:
    rows = found.drivers.filter(pl.col("dimension") == dimension)
    wanted = ("mean_score", "difference", "driver", "part:tax", "part:va", "part:rest")
    return {row["group"]: tuple(row[c] for c in wanted) for row in rows.iter_rows(named=True)}


def test_tier_shares_of_groups() -> None:
    found = looked_at()
    assert found.tiers == ("A", "B", "C", "D")
    counts = found.shares.select("dimension", "group", *(f"count:{t}" for t in found.tiers))
    assert counts.filter(pl.col("dimension").is_in(["all", "scale", "township", "tenure"])).rows() == [
        ("all", None, 1, 1, 1, 1),
        ("scale", "规上", 1, 1, 0, 0),
        ("scale", "规下", 0, 0, 1, 1),
        ("township", "甲镇", 1, 0, 0, 1),
        ("township", "乙镇", 0, 1, 0, 0),
        ("township", None, 0, 0, 1, 0),
        ("tenure", "own", 1, 0, 0, 1),
        ("tenure", "mixed", 0, 0, 1, 0),
        ("tenure", "rented", 0, 1, 0, 0),
    ]
    above = found.shares.filter(pl.col("group") == "规上").row(0, named=True)
    assert (above["share:A"], above["share:C"], above["small"]) == (50, 0, True)
    assert found.dimensions.filter(pl.col("dimension") == "scale")["association"].to_list() == [1]
    parks = found.dimensions.filter(pl.col("dimension") == "park").row(0, named=True)
    assert (parks["groups"], parks["known"], parks["association"]) == (1, 1, None)


def test_what_drives_a_difference() -> None:
    found = looked_at()
    assert drivers(found, "scale") == {"规上": (75, 15, "tax", 15, 0, 0), "规下": (45, -15, "tax", -15, 0, 0)}
    assert drivers(found, "tenure") == {
        "own": (60, 0, None, 0, 0, 0),
        "mixed": (50, -10, "va", 0, -10, 0),
        "rented": (70, 10, "va", 0, 10, 0),
    }


def test_bonuses_are_a_part_too() -> None:
    firms = [{**firm, "labels": ["奖"] if i == 3 else []} for i, firm in enumerate(FIRMS)]
    # 8 more for the fourth: the mean is 62, and of bonuses 2.
    assert drivers(looked_at(firms), "tenure")["mixed"] == (58, -4, "va", 0, -10, 6)


def test_effective_weights() -> None:
    # Scores 20, 10, −20, −10 from their mean: 1000 in all. Tax 30, 0, −30, 0: 1200. Value added −10, 10, 10, −10: −200.
    found = looked_at().weights
    assert found.select("indicator", "weight", "nominal", "effective", "explained").rows() == [
        ("tax", 60, D("0.6"), D("1.2"), D("0.5")),
        ("va", 40, D("0.4"), D("-0.2"), D("0.5")),
        ("rest", None, None, 0, None),
    ]


def test_correlations_of_indicators() -> None:
    # −600 ÷ √(1800 × 400) = −0.70710…; ranks 4, 2.5, 1, 2.5 against 1.5, 3.5, 3.5, 1.5: −3 ÷ √(4.5 × 4), the same.
    (row,) = looked_at().correlations.rows(named=True)
    assert (row["first"], row["second"], row["subjects"]) == ("tax", "va", 4)
    assert (row["pearson"], row["spearman"]) == (D("-0.7071"), D("-0.7071"))


@pytest.mark.parametrize(
    ("started", "registered", "band"),
    [
        (date(2020, 1, 1), None, "0"),
        (date(2022, 12, 31), None, "0"),
        (date(2019, 12, 31), None, "3"),
        (date(2018, 1, 1), None, "3"),
        (date(2017, 12, 31), None, "5"),
        (date(2012, 12, 31), None, "10"),
        (date(2002, 12, 31), None, "20"),
        (None, date(1990, 5, 1), "20"),
        # Production began late: registration plays no part.
        (date(2021, 5, 1), date(1990, 5, 1), "0"),
        (None, None, None),
    ],
)
def test_age_is_in_whole_years_at_the_end_of_the_year(
    started: date | None, registered: date | None, band: str | None
) -> None:
    firms = [{**FIRMS[0], "started_on": started, "registered_on": registered}]
    assert grouped(rated(RULES, firms), frame_of(firms))["age"].to_list() == [band]


def test_several_firms_rated_together_are_one() -> None:
    firms = [{**firm, "parcels": [["P1"], ["P1"], ["P2"], ["P3"]][i]} for i, firm in enumerate(FIRMS)]
    found = looked_at(firms, RULES + "population: {subject: parcel}\n")
    tenure = found.shares.filter(pl.col("dimension") == "tenure").select("group", "subjects").rows()
    # One firm owns, the other rents: together they are mixed.
    assert tenure == [("own", 1), ("mixed", 2)]
    assert found.shares["subjects"][0] == 3


def test_only_who_was_rated_counts() -> None:
    rules = RULES + "population: {special: [{id: s, when: \"scale = '规下'\", treatment: ungraded, reason: 例}]}\n"
    found = looked_at(rules=rules)
    assert found.shares["subjects"][0] == 2
    assert drivers(found, "scale")["规上"][:2] == (75, 0)


def test_nobody_rated() -> None:
    found = looked_at(rules=RULES + 'population: {scope: "false"}\n')
    assert (found.tiers, found.shares.height, found.drivers.height, found.weights.height) == ((), 0, 0, 0)
    assert found.dimensions["dimension"].to_list() == list(DIMENSIONS)


def test_all_alike_have_no_effective_weights() -> None:
    found = looked_at([FIRMS[0], {**FIRMS[0], "credit_code": "E9"}])
    assert found.weights["effective"].to_list() == [None, None, None]
    assert found.correlations["pearson"].to_list() == [None]


def test_parts_add_up_exactly_and_order_plays_no_part() -> None:
    firms = [
        {**FIRMS[i % 4], "land_mu": 1 + i % 7, "tax_paid": (i * 13) % 29, "value_added": (i * 7) % 31,
         "township": f"{i % 5}镇", "labels": ["奖"] if i % 6 == 0 else []}
        for i in range(60)
    ]  # fmt: skip
    frame, rules = frame_of(firms), rules_of(RULES)
    found = fairness(rate(frame, rules), frame)
    parts = found.drivers.select(pl.sum_horizontal("part:tax", "part:va", "part:rest").alias("sum"))["sum"]
    assert parts.to_list() == found.drivers["difference"].to_list()
    assert found.weights["effective"].sum() == 1
    turned = fairness(rate(frame.reverse(), rules), frame.sample(fraction=1, shuffle=True, seed=1))
    for name in ("dimensions", "shares", "drivers", "weights", "correlations"):
        assert getattr(found, name).equals(getattr(turned, name)), name
