"""The way up held against rating again by the independent rater, densely: a few drawn counties of the long trial."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mujun.rules.methods import METHODS
from mujun.rules.model import Item
from tests.analysis.test_ways import firm, way_of
from tests.analysis.way_trial import Trial, try_county
from tests.rating.given import CLASSES, rules_of


@pytest.mark.parametrize(("seed", "firms"), [(130, 3), (150, 3)])
def test_every_statement_holds(seed: int, firms: int) -> None:
    trial = Trial()
    try_county(seed, trial, firms=firms, density=6)
    assert trial.wrong == []
    assert sum(trial.checked.values()) > 20


FALLING = f"""
cohorts: [{{id: all, when: "true"}}]
indicators:
  tax: {{label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
  use: {{label: 单位增加值能耗, of: energy_tce, per: value_added}}
scoring:
  all:
    tax: {{weight: 60, benchmark: 10, cap: 1}}
    use: {{weight: 40, ITEM}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{thresholds: {{A: 90, B: 60, C: 30}}, rest: D}}}}
"""


@pytest.mark.parametrize(
    ("item", "target"),
    [
        # 30 of tax; 30 more at three quarters of the weight: by the line at 0.2 + 0.25 × 0.6, 0.35.
        ("method: linear, points: [[0.2, 1], [0.8, 0]]", "0.350000"),
        # Below 0.5 the step of nine tenths ends the one of nothing.
        ("method: steps, steps: [{at_least: 0.5, share: 0}, {at_least: 0, share: 0.9}]", "0.499999"),
        # 40 × (2 − v ÷ 0.5) = 30 at 0.625; the points of 29.99995 are rounded up.
        ('method: formula, benchmark: 0.5, formula: "weight * (2 - value / benchmark)"', "0.625000"),
    ],
)
def test_lower_is_better_where_the_points_fall(item: str, target: str) -> None:
    """Lines, steps and formulas may fall: more energy was called an improvement, and less of it impossible."""
    rows = [firm("甲", 50, energy_tce=100, value_added=100)]
    way = way_of("甲", rows, FALLING.replace("ITEM", item), figures=True)
    use = next(r for r in way.alone if r.name == "use")
    assert use.target is not None
    assert abs(use.target - Decimal(target)) <= Decimal("0.000001")
    figure = next(r for r in way.figures if r.name == "energy_tce")
    assert figure.target is not None
    assert figure.target < 100
    assert way.together is not None
    assert all(p.target < p.current for p in way.together.parts if p.name == "use")


def _item(scoring: str) -> Item:
    rules = rules_of(FALLING.replace("ITEM", scoring))
    assert rules.rating is not None
    return rules.rating.scoring["all"].items["use"]


@pytest.mark.parametrize(
    ("scoring", "value", "below"),
    [
        ("method: linear, points: [[0, 0], [1, 1], [2, 0]]", 0.5, False),
        ("method: linear, points: [[0, 0], [1, 1], [2, 0]]", 1.5, True),
        ("method: linear, points: [[0, 0], [1, 1]]", 3.0, False),
        ("method: linear, points: [[0, 1], [1, 0]]", -1.0, True),
        ("method: linear, points: [[0, 1], [1, 0]]", None, True),
        ("method: steps, steps: [{at_least: 2, share: 0.5}, {at_least: 1, share: 1}]", 2.5, True),
        ("method: steps, steps: [{at_least: 2, share: 0.5}, {at_least: 1, share: 1}]", 0.5, False),
        ("method: steps, steps: [{at_least: 2, share: 1}, {at_least: 1, share: 0.5}]", None, False),
        ("method: inverse, benchmark: 1, zero_at: 2", 0.5, True),
        ("benchmark: 1", 0.5, False),
        ("method: minmax", 0.5, False),
        ('method: formula, formula: "weight - value"', 0.5, None),
    ],
)
def test_where_more_points_are(scoring: str, value: float | None, below: bool | None) -> None:
    item = _item(scoring)
    assert METHODS[item.method.name].earns_more_below(item, value) is below


NEAR = """
cohorts: [{id: all, when: "true"}]
indicators: {tax: {label: 亩均税收, of: tax_paid, per: land_mu}}
scoring: {all: {tax: {weight: 100, benchmark: 10, missing: full}}}
tiers:
  classes: CLASSES
  cut: {default: {thresholds: {A: 90, B: 60, C: 30}, rest: D}}
  after: [{id: band, when: "tax_paid between 20 and 22", at_least: C, reason: 扶持}]
""".replace("CLASSES", CLASSES)


def test_a_stretch_before_the_way_that_is_seen_from_afar_is_found() -> None:
    """Between 20 and 22 a rule lifts to C; by its points a firm of ten mu is there from 30 only."""
    way = way_of("甲", [firm("甲", 10)], NEAR, figures=True)
    tax = next(r for r in way.figures if r.name == "tax_paid")
    assert (tax.target, tax.tier) == (Decimal(20), "C")


def test_a_missing_value_that_loses_the_tier_whatever_it_is() -> None:
    """It was told as a fall to a thousand, the farthest place that was looked at."""
    text = NEAR.replace(
        "benchmark: 10, missing: full", "method: steps, steps: [{at_least: 0, share: 0.1}], missing: full"
    )
    way = way_of("甲", [{**firm("甲", 10), "tax_paid": None}], text)
    assert way.tier == "A"
    assert [(r.current, r.any_value) for r in way.falling] == [(None, True)]
