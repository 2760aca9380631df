"""The way up is exact: what it names reaches the tier, a step less does not; by hand and for hundreds of firms."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.analysis import Explainer, Ways, WayUp
from mujun.analysis.levers import figures_behind, grid_of, step_of
from mujun.analysis.off_list import exits_of
from mujun.errors import UsageError
from mujun.rating import rate
from mujun.rating.change import Change
from mujun.rectification import list_enterprises
from mujun.workspace import County
from mujun.workspace.firms.explaining import explained, explainer, ways_of
from tests.rating.given import CLASSES, frame_of, rules_of

RULES = f"""
cohorts: [{{id: all, when: "true"}}]
indicators:
  tax_per_mu: {{label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
  rd: {{label: 研发强度, of: rd_expense, per: revenue}}
scoring:
  all:
    tax_per_mu: {{weight: 60, benchmark: 10, cap: 1.5}}
    rd: {{weight: 40, benchmark: 0.04, cap: 1}}
decimals: {{points: 4, score: 2}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{thresholds: {{A: 90, B: 60, C: 30}}, rest: D}}}}
  after: [{{id: veto, when: "array_contains(labels, '事故')", at_most: C, reason: 一票否决}}]
"""


def firm(code: str, tax: float, rd: float | None = 20, **values: Any) -> dict[str, Any]:
    return {
        "credit_code": code, "land_mu": 10, "tax_paid": tax, "revenue": 1000, "rd_expense": rd, "labels": [], **values,
    }  # fmt: skip


def way_of(code: str, rows: list[dict[str, Any]], text: str = RULES, *, figures: bool = False) -> WayUp:
    frame = frame_of(rows)
    rating = rate(frame, rules_of(text))
    made = Explainer(rating, frame)
    found = made.explain_all([code], ways=Ways(rating, frame), figures=figures)[0].way_up
    assert found is not None
    return found


def test_by_hand() -> None:
    # 60 × 5 ÷ 10 = 30 and 40 × 0.02 ÷ 0.04 = 20: 50, so C; B begins at 60, which 59.995 rounds to.
    way = way_of("甲", [firm("甲", 50)])
    assert (way.tier, way.target, way.score, way.score_needed) == ("C", "B", Decimal("50.00"), Decimal(60))
    rd, tax = sorted(way.alone, key=lambda r: r.name)
    # 60 × v ÷ 10 ≥ 39.99495 (which rounds to 39.9950 and 59.9950 to 60.00): v ≥ 6.665825.
    assert (tax.target, tax.tier, tax.score) == (Decimal("6.665825"), "B", Decimal("60.00"))
    assert tax.change == Decimal("0.333165")
    assert tax.needed is not None
    assert (tax.needed.current, tax.needed.target) == (Decimal(50), Decimal("66.6583"))
    # 40 × v ÷ 0.04 ≥ 29.99495: v ≥ 0.02999495.
    assert (rd.target, rd.step) == (Decimal("0.029994950"), Decimal("1E-9"))
    # Tax is nearer by a third than research by a half.
    assert [r.name for r in way.alone] == ["tax_per_mu", "rd"]
    # Both together: 30 × 1.199899 is 35.9970 and 20 × 1.199899 is 23.9980 at four decimals, 59.9950 in all.
    assert way.together is not None
    assert way.together.change == Decimal("0.199899")
    assert [(p.name, p.target) for p in way.together.parts] == [
        ("tax_per_mu", Decimal("5.999495")),
        ("rd", Decimal("0.02399798")),
    ]


def test_chosen_indicators_move_together() -> None:
    rows = [firm("甲", 50)]
    frame = frame_of(rows)
    rating = rate(frame, rules_of(RULES))
    ways = Ways(rating, frame, chosen=["亩均税收"])
    way = Explainer(rating, frame).explain_all(["甲"], ways=ways)[0].way_up
    assert way is not None
    assert way.together is not None
    # Tax alone has to come to 6.665825 from 5.
    assert way.together.change == Decimal("0.333165")
    assert [p.name for p in way.together.parts] == ["tax_per_mu"]
    with pytest.raises(UsageError, match="是否为“亩均税收”"):
        Ways(rating, frame, chosen=["亩均税"])


def test_falling_by_hand() -> None:
    way = way_of("甲", [firm("甲", 50)])
    # C begins at 30, which 29.995 rounds to: tax gives at least 9.99495.
    falls = {r.name: r for r in way.falling}
    assert (falls["tax_per_mu"].target, falls["tax_per_mu"].tier) == (Decimal("1.665824"), "D")
    # Without any research 30 are left.
    assert set(falls) == {"tax_per_mu"}
    assert way.falls_to == "D"


def test_what_a_cap_bars_is_said_with_what_lacks() -> None:
    # 60 × 2 ÷ 10 = 12 and 20 are 32; research at its cap gives 40 + 12 = 52, 8 less than 60.
    way = way_of("甲", [firm("甲", 20)])
    rd = next(r for r in way.alone if r.name == "rd")
    assert rd.target is None
    assert [(b.kind, b.short) for b in rd.bars] == [("cap", Decimal("8.00"))]
    assert way.alone[-1].name == "rd"


def test_what_a_rule_bars_is_named() -> None:
    way = way_of("甲", [firm("甲", 50, labels=["事故"])])
    assert [(b.kind, b.id, b.reason) for b in way.bars] == [("rule", "veto", "一票否决")]
    assert all(r.target is None and r.bars[0].id == "veto" for r in way.alone)
    assert way.together is None


def test_the_best_and_those_without_rank_have_no_way_up() -> None:
    text = RULES.replace("cohorts:", 'population: {scope: "land_mu >= 5"}\ncohorts:', 1)
    rows = [firm("甲", 150, 40), firm("乙", 50, land_mu=2)]
    best, out = way_of("甲", rows, text), way_of("乙", rows, text)
    assert (best.note, best.target, best.alone) == ("best", None, ())
    assert best.falling
    assert (out.note, out.alone, out.falling) == ("unranked", (), ())


def test_a_value_that_is_missing_begins_at_nothing() -> None:
    rd = next(r for r in way_of("甲", [firm("甲", 100, None)]).alone if r.name == "rd")
    # 60 are there already, so B; A wants 30 more.
    assert (rd.current, rd.change, rd.tier) == (None, None, "A")


RANKED = RULES.replace("thresholds: {A: 90, B: 60, C: 30}, rest: D", "shares: {A: 25, B: 50, C: 75, D: 100}").replace(
    "benchmark: 10", "benchmark: mean"
)
RANKED = f"statistics: {{mean: {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: []}}}}\n{RANKED}"


def test_a_figure_moves_the_benchmark_along() -> None:
    rows = [firm("甲", 100), firm("乙", 80), firm("丙", 60), firm("丁", 40)]
    way = way_of("丙", rows, RANKED, figures=True)
    tax = next(r for r in way.figures if r.name == "tax_paid")
    assert tax.target is not None
    # Equals share the better tier: 60 × x ÷ 10 ÷ ((220 + x) ÷ 40) has to come to 63.99495, which rounds to 乙's 64.00.
    assert (tax.target, tax.tier, tax.step) == (Decimal("79.9914"), "B", Decimal("0.0001"))
    for paid, tier in ((tax.target, "B"), (tax.target - Decimal("0.0001"), "C")):
        changed = frame_of([r | {"tax_paid": paid} if r["credit_code"] == "丙" else r for r in rows])
        assert rate(changed, rules_of(RANKED)).of("丙")["tier"] == tier  # type: ignore[index]
    # Fewer mu of land do it as well.
    land = next(r for r in way.figures if r.name == "land_mu")
    assert land.target is not None
    assert land.target < 10


def test_a_member_of_a_group_moves_the_whole() -> None:
    text = RULES.replace("cohorts:", "population: {subject: group}\ncohorts:", 1)
    rows = [
        firm("甲", 25, 10, group_code="G", revenue=500, land_mu=5),
        firm("乙", 25, 10, group_code="G", revenue=500, land_mu=5),
    ]
    way = way_of("乙", rows, text, figures=True)
    tax = next(r for r in way.figures if r.name == "tax_paid")
    # Together they lack 16.6583, all of it paid by one.
    assert (tax.current, tax.target) == (Decimal(25), Decimal("41.6583"))


@pytest.mark.parametrize(("size", "step"), [(25.0, "0.000001"), (0.024, "1E-9"), (0.00001, "1E-12")])
def test_the_grid_fits_the_size(size: float, step: str) -> None:
    assert grid_of(size) == Decimal(step)


@pytest.mark.parametrize(
    ("name", "step"),
    [("tax_paid", "0.0001"), ("land_mu", "0.0001"), ("electricity_kwh", "1"), ("employees", "0.000001")],
)
def test_figures_are_told_as_in_practice(name: str, step: str) -> None:
    assert step_of(name) == Decimal(step)


def test_nobody_is_told_to_employ_fewer(sample_county: Path) -> None:
    plan = County(sample_county).runs.recompute(1).rating.plan
    found = dict(figures_behind(plan, "above"))
    assert found["value_added"]
    assert not found["land_mu"]
    assert {"employees", "revenue"}.isdisjoint(found)


def known(value: Decimal | None) -> Decimal:
    assert value is not None
    return value


def test_two_hundred_firms_are_exact(sample_county: Path) -> None:
    result = County(sample_county).runs.recompute(1)
    made, ways = explainer(result), Ways(result.rating, result.frame)
    rated = result.rating.subjects.filter(pl.col("treatment") == "rated")["subject"].sort().to_list()
    rows = list(made.subjects(random.Random(500).sample(rated, 200)).values())
    order = {t: i for i, t in enumerate(result.rating.plan.tier_ids)}
    asked: list[tuple[Change, str | None, bool]] = []
    for subject, way in ways.of(rows).items():
        assert way.target is not None or way.note == "best"
        for reach in (r for r in way.alone if r.target is not None):
            target, step = known(reach.target), known(reach.step)
            for value, holds in ((target, True), (target - step, False)):
                asked.append((Change(subject, {reach.name: float(value)}), way.target, holds))
        if way.together is not None:
            less = way.together.change - Decimal("0.000001")
            targets = {p.name: float(p.target) for p in way.together.parts}
            before = {p.name: float(round(p.current * (1 + less), 12)) for p in way.together.parts}
            asked += [(Change(subject, targets), way.target, True), (Change(subject, before), way.target, False)]
        # Every tenth fall as well: the same search, downwards.
        for reach in way.falling[:1] if int(subject[-3:-1], 36) % 10 == 0 else ():
            target, step = known(reach.target), known(reach.step)
            for value, holds in ((target, False), (target + step, True)):
                asked.append((Change(subject, {reach.name: float(value)}), way.tier, holds))
    assert len(asked) > 400
    # The whole county is rated again for each.
    found = ways.solver.worlds.rate([change for change, _, _ in asked])
    wrong = [
        (change, tier, row)
        for (change, tier, holds), row in zip(asked, found, strict=True)
        if row is None or (order[str(row["tier"])] <= order[str(tier)]) != holds
    ]
    assert wrong == []


def test_figures_and_the_way_off_are_exact_by_rating_again(sample_county: Path) -> None:
    own = County(sample_county)
    result = own.runs.recompute(1)
    assert result.listing is not None
    listed = result.listing.frame.filter(pl.col("kept:low_tax_above") | pl.col("kept:high_energy"))
    ranked = result.rating.subjects.filter(pl.col("treatment") == "rated", pl.col("tier") == "C")["subject"]
    codes = listed.filter(pl.col("credit_code").is_in(ranked.implode()))["credit_code"].sort().to_list()[:1]
    order = {t: i for i, t in enumerate(result.rating.plan.tier_ids)}
    for said in explained(own, explainer(result), result, codes, ways=ways_of(result), figures=True):
        way = said.way_up
        assert way is not None
        assert way.target is not None
        reached = [r for r in way.figures if r.target is not None]
        assert reached
        for reach in reached[:2]:
            assert reach.target is not None
            back = reach.step if reach.target > (reach.current or 0) else -(reach.step or Decimal(0))
            for value, holds in ((reach.target, True), (reach.target - (back or Decimal(0)), False)):
                mine = pl.col("credit_code") == said.credit_code
                changed = pl.when(mine).then(pl.lit(value, dtype=pl.Decimal(18, 6))).otherwise(reach.name)
                again = rate(result.frame.with_columns(changed.alias(reach.name)), result.ruleset).of(said.credit_code)
                assert again is not None
                assert (order[str(again["tier"])] <= order[way.target]) == holds
        for exit_ in (e for e in way.off_list if e.target is not None):
            target, step = known(exit_.target), known(exit_.step)
            back = step if target > known(exit_.current) else -step
            condition = next(when for r, when in result.listing.plan.listing if r.id == exit_.reason)
            assert condition is not None
            row = result.listing.frame.filter(pl.col("credit_code") == said.credit_code)
            for value, holds in ((target, False), (target - back, True)):
                put = pl.lit(value).cast(row.schema[str(exit_.name)]).alias(str(exit_.name))
                if exit_.name in result.frame.columns:
                    mine = pl.col("credit_code") == said.credit_code
                    frame = result.frame.with_columns(pl.when(mine).then(put).otherwise(exit_.name).alias(exit_.name))
                    row = list_enterprises(result.ruleset, frame, rate(frame, result.ruleset)).frame.filter(mine)
                else:
                    row = row.with_columns(put)
                assert row.select(condition.value.expr.fill_null(value=False)).item() == holds


LIST = """
mujun: 1
kind: rectification
name: 清单
place: 某县
years: [2022]
status: example
sources: [{document: 手算, checked: 2026-11-23}]
listing:
  - {id: low, when: "tax_per_mu < 6 and land_mu >= 3", reason: 低}
  - {id: hazard, when: "array_contains(labels, '隐患')", reason: 隐患}
  - {id: large, when: "energy_tce > 100", reason: 高耗}
paths: [{id: up, when: "true", path: 整治提升, months: 12}]
"""


def test_the_way_off_by_hand() -> None:
    ruleset = rules_of(RULES, **{"rectification.yaml": LIST})
    rows = [firm("甲", 50, labels=["隐患"], energy_tce=120), firm("乙", 70)]
    frame = frame_of(rows)
    listing = list_enterprises(ruleset, frame, rate(frame, ruleset))
    found = exits_of(listing, ["甲", "乙"])
    assert set(found) == {"甲"}
    told = [(e.reason, e.name, e.target, e.change) for e in found["甲"]]
    assert told == [
        ("low", "tax_per_mu", Decimal("6.000000"), Decimal("0.200000")),
        # 50 ÷ 8.3333 is 6.00002 and 50 ÷ 8.3334 is 5.99995: less land is more tax on each mu.
        ("low", "land_mu", Decimal("8.3333"), Decimal("-0.166670")),
        ("hazard", None, None, None),
        ("large", "energy_tce", Decimal("100.00"), Decimal("-0.166667")),
    ]
    assert found["甲"][2].needs == ("标签",)
