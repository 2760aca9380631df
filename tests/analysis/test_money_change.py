"""What other rules make in money: measures, groups, winners and losers add up to the same."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun.allocation import allocate
from mujun.analysis.money_change import money_change
from tests.allocation.given import enterprises, rules_of

BODY = """measures:
  - {{id: power, label: 电, kind: surcharge, of: electricity_kwh, per: 元/千瓦时, rate: [{{id: d, when: "tier = 'D'", value: {d}}}]}}
  - {{id: land, label: 土地, kind: relief, of: land_use_tax, per: share, rate: [{{id: a, when: "tier = 'A'", value: {a}}}]}}
"""  # noqa: E501
FIRMS = enterprises(
    [
        {"credit_code": "1", "name": "甲", "township": "城关", "tier": "D", "electricity_kwh": 100_000},
        {"credit_code": "2", "township": "河口", "tier": "D", "electricity_kwh": 10_000},
        {"credit_code": "3", "township": "河口", "tier": "A", "electricity_kwh": 9, "land_use_tax": 10},
        {"credit_code": "4", "township": "河口", "tier": "B", "electricity_kwh": 9, "land_use_tax": 10},
    ]
)


def test_who_pays_more_and_who_less(tmp_path: Path) -> None:
    before = allocate(rules_of(tmp_path / "a", BODY.format(d="0.1", a="0.5")), FIRMS)
    after = allocate(rules_of(tmp_path / "b", BODY.format(d="0.3", a="0.8")), FIRMS)
    found = money_change(before, after)
    # 100,000 kWh × 0.2 元 more is 2 万元, 10,000 kWh 0.2 万元; 10 万元 × 0.3 relieved more.
    assert found.losers.select("credit_code", "change").rows() == [("1", 2), ("2", Decimal("0.2"))]
    assert found.winners.select("credit_code", "change").rows() == [("3", -3)]
    assert found.measures.select("measure", "before", "after", "change").rows() == [
        ("power", Decimal("1.1"), Decimal("3.3"), Decimal("2.2")),
        ("land", 5, 8, 3),
    ]
    towns = found.by("township").select("township", "losers", "winners", "change").rows()
    assert towns == [("城关", 1, 0, 2), ("河口", 1, 1, Decimal("-2.8"))]
    assert found.by("tier")["change"].sum() == found.firms["change"].sum() == Decimal("-0.8")


def test_a_measure_that_is_given_up_and_one_that_is_new(tmp_path: Path) -> None:
    first, second = BODY.format(d="0.1", a="0.5").split("  - {id: land")
    before = allocate(rules_of(tmp_path / "a", first), FIRMS)
    after = allocate(rules_of(tmp_path / "b", "measures:\n  - {id: land" + second), FIRMS)
    found = money_change(before, after)
    assert dict(found.measures.select("measure", "change").iter_rows()) == {"power": Decimal("-1.1"), "land": 5}
    assert found.firms.filter(pl.col("change") < 0).height == 3


def test_the_same_rules_change_nothing_and_trials_do_not_count(tmp_path: Path) -> None:
    rules = BODY.format(d="0.1", a="0.5")
    before = allocate(rules_of(tmp_path / "a", rules), FIRMS)
    same = money_change(before, before)
    assert (same.losers.height, same.winners.height, same.firms["change"].sum()) == (0, 0, 0)
    trial = allocate(rules_of(tmp_path / "b", "binding: false\n" + rules), FIRMS)
    assert money_change(trial, trial).firms.is_empty()
