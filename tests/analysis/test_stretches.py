"""What the way up calls impossible is impossible: a dense scan between what is and the far end finds nothing."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from mujun.analysis import Explainer, Ways
from mujun.analysis.way_up import Reach, WayUp
from mujun.messages import speaking
from mujun.rating import rate
from mujun.rating.change import Change
from mujun.reports.firms.way_up_text import bar_words
from tests.rating.given import CLASSES, frame_of, rules_of

SMALL = f"""
population: {{scope: "scale = '规上' or land_mu >= 3"}}
cohorts: [{{id: above, when: "scale = '规上'"}}, {{id: below, when: "true"}}]
indicators:
  tax_per_mu: {{label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
  tax_per_kwh: {{label: 单位用电税收, of: tax_paid, per: electricity_kwh}}
scoring:
  above: {{tax_per_mu: {{weight: 100, benchmark: 10, cap: 1.2}}}}
  below:
    tax_per_mu: {{weight: 60, benchmark: 10, cap: 1.5}}
    tax_per_kwh: {{weight: 40, benchmark: 0.001, cap: 1}}
decimals: {{points: 4, score: 2}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{thresholds: {{A: 90, B: 60, C: 30}}, rest: D}}}}
  after: [{{id: wide, when: "land_mu > 40", at_most: C, reason: 用地过大}}]
"""


def firm(code: str, **values: Any) -> dict[str, Any]:
    return {"credit_code": code, "scale": "规下", "labels": [], **values}


def ways_of(rows: list[dict[str, Any]], text: str, code: str) -> tuple[WayUp, Ways]:
    frame = frame_of(rows)
    rating = rate(frame, rules_of(text))
    ways = Ways(rating, frame)
    way = Explainer(rating, frame).explain_all([code], ways=ways, figures=True)[0].way_up
    assert way is not None
    return way, ways


def reach(way: WayUp, name: str) -> Reach:
    return next(r for r in (*way.figures, *way.alone) if r.name == name)


def test_a_stretch_between_two_places_that_fail_is_found() -> None:
    # Tax 20 on 5.979 mu earn 60 × 3.345041 ÷ 10 = 20.0702 and, with 20 ÷ 40000 = 0.0005, 40 × 0.5 = 20: 40.07, tier C.
    # B wants 60, which 59.995 rounds to: 60 × 20 ÷ (10 × m) ≥ 39.99495 holds from m = 3.000 (40.0000) and no further
    # than 3.0003: 120 ÷ 39.99495 = 3.00037…. Below 3 mu it leaves the scope.
    way, _ = ways_of([firm("甲", tax_paid=20, land_mu=Decimal("5.979"), electricity_kwh=40000)], SMALL, "甲")
    land = reach(way, "land_mu")
    assert (way.tier, way.target) == ("C", "B")
    assert (land.target, land.tier) == (Decimal("3.0003"), "B")


def test_where_the_scope_ends_is_said() -> None:
    # Tax 10: even on 3 mu 60 × 10 ÷ 30 = 20 and 40 × 0.25 = 10 are 30, 30 short of B; on less it is not rated.
    row = firm("甲", tax_paid=10, land_mu=4, electricity_kwh=40000)
    way, _ = ways_of([row], SMALL.replace("C: 30", "C: 20"), "甲")
    land = reach(way, "land_mu")
    assert land.target is None
    (bar,) = land.bars
    assert (bar.kind, bar.value, bar.most, bar.short) == (
        "leaves",
        Decimal("2.9999"),
        Decimal("30.00"),
        Decimal("30.00"),
    )
    with speaking("zh"):
        assert bar_words(bar) == "到 2.9999 亩 就不再参评（不参评），途中最高 30 分，仍差 30 分"


def test_own_penalties_are_part_of_what_is_said() -> None:
    # The cap of 1.5 allows 90 for land and the kWh stay at 10: 100, less 5 of its own, is 95 where A asks 120.
    text = SMALL.replace("thresholds: {A: 90, B: 60, C: 30}", "thresholds: {A: 120, B: 60, C: 20}").replace(
        "decimals:", 'adjustments: {items: [{id: let, when: "land_mu < 100", points: -5}]}\ndecimals:'
    )
    way, _ = ways_of([firm("甲", tax_paid=100, land_mu=10, electricity_kwh=400000)], text, "甲")
    bar = reach(way, "tax_per_mu").bars[0]
    assert (bar.kind, bar.most, bar.own, bar.short) == ("cap", Decimal("95.00"), Decimal(-5), Decimal("25.00"))


def test_once_reported_any_value_does_it() -> None:
    text = """
cohorts: [{id: all, when: "true"}]
indicators: {rd: {label: 研发强度, of: rd_expense, per: revenue}, tax: {of: tax_paid, per: land_mu}}
scoring:
  all:
    rd: {weight: 50, method: minmax, start: 0.6, over: [], missing: zero}
    tax: {weight: 50, benchmark: 1, cap: 1}
tiers: {classes: [{id: A}, {id: B}], cut: {default: {thresholds: {A: 70}, rest: B}}}
"""
    rows = [
        firm("甲", tax_paid=10, land_mu=10, revenue=100),
        firm("乙", tax_paid=10, land_mu=10, revenue=100, rd_expense=5),
        firm("丙", tax_paid=10, land_mu=10, revenue=100, rd_expense=9),
    ]
    # 50 for tax; any reported research earns 0.6 × 50 = 30 at the least: 80, above 70.
    way, _ = ways_of(rows, text, "甲")
    assert way.tier == "B"
    assert reach(way, "rd").any_value


VARIED = f"""
population:
  scope: "scale = '规上' or land_mu >= 3"
  special:
    - {{id: tiny, when: "electricity_kwh < 2000", treatment: collected, reason: 用电过少}}
cohorts: [{{id: above, when: "scale = '规上'"}}, {{id: wide, when: "land_mu >= 20"}}, {{id: below, when: "true"}}]
indicators:
  tax_per_mu: {{of: tax_paid, per: land_mu}}
  sales_per_mu: {{of: revenue, per: land_mu}}
  rd: {{of: rd_expense, per: revenue}}
  power: {{of: electricity_kwh, per: revenue}}
scoring:
  above:
    tax_per_mu: {{weight: 40, benchmark: 10, cap: 1.5}}
    sales_per_mu: {{weight: 20, benchmark: 100, cap: 1}}
    rd: {{weight: 20, method: steps, steps: [{{at_least: 0.05, share: 1}}, {{at_least: 0.02, share: 0.5}}]}}
    power: {{weight: 20, method: inverse, benchmark: 100, zero_at: 2}}
  wide:
    tax_per_mu: {{weight: 70, benchmark: 14, cap: 1}}
    rd: {{weight: 30, method: linear, points: [[0, 0], [0.03, 0.8], [0.1, 1]]}}
  below:
    tax_per_mu: {{weight: 40, benchmark: 10, cap: 1.5}}
    sales_per_mu: {{weight: 20, benchmark: 100, cap: 1}}
    rd: {{weight: 20, method: steps, steps: [{{at_least: 0.05, share: 1}}, {{at_least: 0.02, share: 0.5}}]}}
    power: {{weight: 20, method: inverse, benchmark: 100, zero_at: 2}}
adjustments:
  items:
    - {{id: let, when: "land_mu > 12 and land_mu <= 13", points: 15}}
    - {{id: fine, when: "sales_per_mu < 40", points: -5}}
decimals: {{points: 4, score: 2}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{thresholds: {{A: 90, B: 60, C: 30}}, rest: D}}}}
  after:
    - {{id: veto, when: "tax_per_mu < 2 or electricity_kwh > 90000", at_most: C, reason: 一票否决}}
    - {{id: lift, when: "rd between 0.031 and 0.033", at_least: B, reason: 研发突出}}
"""


@pytest.mark.parametrize("seed", range(3))
def test_a_dense_scan_finds_nothing_that_is_called_impossible(seed: int) -> None:
    draw = random.Random(seed)
    rows = [
        firm(
            f"户{n}",
            scale=draw.choice(["规上", "规下", "规下"]),
            tax_paid=round(draw.lognormvariate(3, 1.2), 2),
            land_mu=Decimal(draw.randint(3000, 45000)) / 1000,
            revenue=round(draw.lognormvariate(6, 1), 2),
            rd_expense=draw.choice([None, round(draw.lognormvariate(2, 1.5), 2)]),
            electricity_kwh=draw.randint(1500, 120000),
        )
        for n in range(8)
    ]
    frame = frame_of(rows)
    rating = rate(frame, rules_of(VARIED))
    ways = Ways(rating, frame)
    told = Explainer(rating, frame).explain_all([r["credit_code"] for r in rows], ways=ways, figures=True)
    position = {t: i for i, t in enumerate(rating.plan.tier_ids)}
    scanned = 0
    for said in told:
        way = said.way_up
        if way is None or way.target is None:
            continue
        for lever in (*way.figures, *way.alone):
            if lever.target is not None or not lever.bars or lever.current is None:
                continue
            end = lever.bars[0].value
            if end is None:
                continue
            width = end - lever.current
            places = [lever.current + width * k / 300 for k in range(1, 300)]
            places += [lever.current * (1 + Decimal(k) / 100 * (1 if width > 0 else -1)) for k in range(1, 100)]
            rounded = [round(p, 6) for p in places if p > 0]
            changes = [
                Change(said.subject, figures={lever.name: p}, firm=said.credit_code)
                if lever.kind == "figure"
                else Change(said.subject, {lever.name: float(p)})
                for p in rounded
            ]
            for value, row in zip(rounded, ways.solver.worlds.rate(changes), strict=True):
                reached = row is not None and row["tier"] is not None and row["treatment"] == "rated"
                assert not (reached and position[str(row["tier"])] <= position[way.target]), (  # type: ignore[index]
                    said.credit_code, lever.name, lever.current, value, lever.bars,
                )  # fmt: skip
            scanned += 1
    assert scanned > 3
