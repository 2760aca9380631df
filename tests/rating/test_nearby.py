"""Rated again with only those whom a change touches, a subject is what rating the whole changed county makes of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from mujun.rating import rate, worlds
from mujun.rating.change import Change
from mujun.rating.nearby import Nearby, Touched
from mujun.rating.reach import Reaches
from mujun.rating.worlds import Worlds
from mujun.rules.rating_plan import compile_rating
from tests.rating.given import CLASSES, frame_of, rules_of

OWN = "own: {{stat: {}, over: [{}]{}}}"
RATIO = "ratio_of_sums, of: tax_paid, per: land_mu"
STATISTICS = (
    OWN.format(RATIO, "cohort, industry_division", ", min_members: 3, otherwise: all_tax"),
    OWN.format("mean, of: tax_per_mu", "cohort, industry_division", ", min_members: 2, otherwise: all_tax"),
    OWN.format(RATIO, "township", ", members: 'tax_paid > 50', otherwise: 9"),
    OWN.format(RATIO, "size_band", ""),
    OWN.format("mean, of: tax_per_mu", "cohort", ", round: 1"),
)
BENCHMARKS = ("own", "coalesce(nullif(own, 0), all_tax, 3)", "own * 0.9")
MISSING = ("cohort_mean", "zero", "reweight", "full")
CUTS = (
    "{default: {shares: {A: 20, B: 60, C: 90, D: 100}}}",
    "{default: {shares: {A: 20, B: 60, C: 90, D: 100}, ties: worse}}",
    "{default: {thresholds: {A: 70, B: 50, C: 30}, rest: D}}",
)
BEFORE = (
    '{id: great, when: "tax_paid >= 900", set: A, reason: 大户, in_base: true}',
    '{id: above, when: "tax_per_mu >= own * 3", set: A, reason: 高于同行三倍, in_base: true}',
)
BONUSES = tuple(f"{{id: bonus, when: '{when}', points: 3}}" for when in ("rd > 0.02", "rd > all_rd", "rd_points >= 30"))
RANKED_BY = ("[score, tax_per_mu]", "[score]", '["score", "own"]', "[score, rd_points]", '["score", "-rd_benchmark"]')
SCORED = (
    "cap: 1.5",
    "cap: 1.5, fallback: {indicator: rd, benchmark: all_rd}",
    "method: formula, formula: 'weight * ln(1 + value / benchmark)', cap: 1.1",
    "method: inverse, zero_at: 4, cap: 1.5",
)
ZERO = ("", ", zero_denominator: full", ", zero_denominator: cohort_mean, negative: cohort_mean")
OF_THEIR_OWN = ("_cell", "_order")
"""Numbers that are others in every frame."""


def rules(draw: random.Random) -> str:
    """A rating in which nearly everything hangs on others; mostly only what they are held against."""
    few = draw.random() < 0.6

    def one_of(several: tuple[str, ...], *, plain: int) -> str:
        return draw.choice(several[:plain] if few else several)

    return f"""
population: {{scope: "land_mu >= 3"}}
fields: {{size_band: {{value: "case when land_mu < 10 then '小' else '大' end"}}}}
statistics:
  all_tax: {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [cohort]}}
  all_rd: {{stat: ratio_of_sums, of: rd_expense, per: revenue, over: []}}
  {draw.choice(STATISTICS)}
cohorts: [{{id: above, when: "scale = '规上' or tax_paid >= 500"}}, {{id: below, when: "true"}}]
indicators:
  tax_per_mu: {{of: tax_paid, per: land_mu}}
  rd: {{of: rd_expense, per: revenue}}
scoring:
  above:
    tax_per_mu: {{weight: 60, benchmark: "{draw.choice(BENCHMARKS)}", {one_of(SCORED, plain=1)}}}
    rd: {{weight: 40, benchmark: all_rd, cap: 1.2, missing: {draw.choice(MISSING)}{draw.choice(ZERO)}}}
  below:
    tax_per_mu: {{weight: 50, benchmark: all_tax, cap: 1.5}}
    rd: {{weight: 50, benchmark: 0.02, cap: 1.5, missing: {draw.choice(MISSING)}}}
adjustments: {{items: [{one_of(BONUSES, plain=1)}]}}
decimals: {{points: 2, score: {draw.choice([0, 1, 2])}}}
tiers:
  classes: {CLASSES}
  cells: {draw.choice(["[cohort]", "[cohort, township]", "[]"])}
  rank_by: {one_of(RANKED_BY, plain=2)}
  cut: {draw.choice(CUTS)}
  before: [{one_of(BEFORE, plain=1)}]
  after: [{{id: low, when: "tax_per_mu < all_tax", at_most: B, reason: 低于平均}}]
"""


def county(draw: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "credit_code": f"E{i:02}",
            "scale": draw.choice(["规上", "规下"]),
            "industry_division": draw.choice(["13", "18", "26", None]),
            "township": draw.choice(["甲镇", "乙镇"]),
            "land_mu": draw.choice([2, 5, 5, 10, 20]),
            "tax_paid": draw.choice([20, 50, 50, 120, 300, 480, 950, None]),
            "revenue": draw.choice([1000, 2000, 0]),
            "rd_expense": draw.choice([10, 30, 60, -5, None]),
        }
        for i in range(40)
    ]


def changes_of(draw: random.Random, rows: list[dict[str, Any]]) -> list[Change]:
    changes = [
        Change(draw.choice(rows)["credit_code"], figures={name: Decimal(value)})
        for name, values in {
            "tax_paid": ("0", "49.9", "51", "130", "510", "901", "4000"),
            "land_mu": ("2.9", "3", "9.99", "10", "80"),
            "rd_expense": ("0", "20", "31.5"),
            "revenue": ("1", "1500"),
        }.items()
        for value in values
    ]
    changes += [
        Change(draw.choice(rows)["credit_code"], {name: value}) for name in ("tax_per_mu", "rd") for value in (0.0, 7.5)
    ]
    draw.shuffle(changes)
    return changes


@pytest.mark.parametrize("seed", range(24))
def test_a_change_gives_what_rating_the_whole_county_gives(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    ruleset, rows = rules_of(rules(draw)), county(draw)
    frame, changes = frame_of(rows), changes_of(draw, rows)
    rating, by_few = rate(frame, ruleset), list[int]()
    nearby = Nearby.rate

    def noted(near: Nearby, touched: Touched) -> list[Mapping[str, object]]:
        by_few.append(touched.changed.height)
        return nearby(near, touched)

    monkeypatch.setattr(Nearby, "rate", noted)
    monkeypatch.setattr(worlds, "NEARBY_FROM", 0)
    results = Worlds(rating, frame).rate(changes)
    # All are, but those that move another key of the ranking's cells or a statistic that a case looks at.
    assert sum(by_few) == len(changes)
    monkeypatch.setattr(Reaches, "of", lambda *_: None)
    whole = Worlds(rating, frame).rate(changes)
    assert sum(by_few) == len(changes)
    for change, found, by_all in zip(changes, results, whole, strict=True):
        changed = [{**r, **change.figures} if r["credit_code"] == change.subject else r for r in rows]
        again = rate(frame_of(changed), ruleset).subjects.filter(credit_code=change.subject).row(0, named=True)
        wanted = by_all if change.indicators else again
        assert found is not None
        assert wanted is not None
        told = [n for n in rating.subjects.columns if n in found and n not in OF_THEIR_OWN]
        assert {n: found[n] for n in told} == {n: wanted[n] for n in told}, change


@pytest.mark.parametrize(
    "changed",
    [
        {},
        # The middle of all, a case that looks at a statistic, extremes, and those who are picked: the rules do not show
        # whom a change reaches.
        {"own": "{stat: median, of: tax_per_mu, over: [cohort]}"},
        {"cohorts": '[{id: large, when: "land_mu > all_land"}, {id: all, when: "true"}]'},
        {"method": "{weight: 60, method: minmax}"},
        {"cut": "{default: {picks: [{id: best, tier: A, by: [tax_per_mu], take: 25}], rest: B}}"},
    ],
)
def test_where_the_rules_do_not_show_it_the_whole_county_is_rated(changed: Mapping[str, str]) -> None:
    ruleset = rules_of(f"""
statistics:
  own: {changed.get("own", "{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [cohort]}")}
  all_land: {{stat: mean, of: land_mu, over: []}}
cohorts: {changed.get("cohorts", '[{id: large, when: "land_mu > 10"}, {id: all, when: "true"}]')}
indicators: {{tax_per_mu: {{of: tax_paid, per: land_mu}}}}
scoring:
  large: {{tax_per_mu: {{weight: 100, benchmark: 3, cap: 1.5}}}}
  all: {{tax_per_mu: {changed.get("method", "{weight: 100, benchmark: own, cap: 1.5}")}}}
tiers:
  classes: {CLASSES}
  cut: {changed.get("cut", "{default: {thresholds: {A: 70, B: 50}, rest: D}}")}
""")
    reach = Reaches(compile_rating(ruleset)).of(frozenset({"tax_paid", "tax_per_mu", "land_mu"}))
    assert (reach is None) == bool(changed)
