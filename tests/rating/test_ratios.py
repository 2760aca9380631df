"""Ratios of sums by floats are those by decimals, bit by bit, and left to decimals where floats do not hold them."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from mujun.rating import statistics
from mujun.rating.groups import group_rows
from mujun.rating.statistics import compute_statistics
from mujun.rules.names import StatisticPlan
from mujun.rules.rating_plan import compile_rating
from tests.rating.given import CLASSES, frame_of, rules_of

RULES = f"""
statistics:
  all_tax: {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [township], min_members: 2}}
cohorts: [{{id: all, when: "true"}}]
indicators:
  tax_per_mu: {{label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
scoring:
  all:
    tax_per_mu: {{weight: 100, benchmark: 10, cap: 1.5}}
decimals: {{points: 4, score: 2}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{thresholds: {{A: 90, B: 60, C: 30}}, rest: D}}}}
"""


def plan_of() -> StatisticPlan:
    (plan,) = (p for level in compile_rating(rules_of(RULES)).names.levels for p in level.statistics)
    return plan


def numbers(plan: StatisticPlan, frame: pl.DataFrame) -> list[float | None]:
    (table,) = compute_statistics([plan], frame, group_rows(frame, ("township",)))
    return table.by_code.to_list()


def frame_of_sums(largest: int, seed: int) -> pl.DataFrame:
    drawn = random.Random(seed)
    rows = [
        {
            "credit_code": str(k),
            "township": str(k // 3),
            "tax_paid": Decimal(drawn.randrange(-(10**largest), 10**largest)).scaleb(-6),
            "land_mu": Decimal(drawn.choice((0, drawn.randrange(10 ** (largest - 2), 10**largest)))).scaleb(-6),
        }
        for k in range(600)
    ]
    return frame_of(rows).with_columns(pl.lit("rated").alias("treatment"))


@pytest.mark.parametrize(("largest", "by_floats"), [(9, True), (14, True), (18, False)])
def test_floats_give_what_decimals_give(largest: int, by_floats: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    frame, plan = frame_of_sums(largest, largest), plan_of()
    asked = statistics._ratios
    given: list[bool] = []

    def noted(*arguments: object) -> object:
        result = asked(*arguments)  # type: ignore[arg-type]
        given.append(result is not None)
        return result

    monkeypatch.setattr(statistics, "_ratios", noted)
    fast = numbers(plan, frame)
    monkeypatch.setattr(statistics, "_ratios", lambda *_: None)
    assert [v if v is None else v.hex() for v in fast] == [v if v is None else v.hex() for v in numbers(plan, frame)]
    assert given == [by_floats]


def test_groups_that_are_too_small_or_divide_by_nothing_have_none() -> None:
    rows = [
        {"credit_code": "1", "township": "甲", "tax_paid": 3, "land_mu": 2},
        {"credit_code": "2", "township": "乙", "tax_paid": 3, "land_mu": 0},
        {"credit_code": "3", "township": "乙", "tax_paid": 3, "land_mu": 0},
        {"credit_code": "4", "township": "丙", "tax_paid": 0, "land_mu": 1},
        {"credit_code": "5", "township": "丙", "tax_paid": 0, "land_mu": 1},
    ]
    frame = frame_of(rows).with_columns(pl.lit("rated").alias("treatment"))
    plan = plan_of()
    assert sorted(numbers(plan, frame), key=str) == [0.0, None, None]
    # By decimals, since it is rounded: the same.
    rounded = replace(plan, source=replace(plan.source, round=4))
    assert numbers(rounded, frame) == numbers(plan, frame)
