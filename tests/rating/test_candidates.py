"""A subject rated again by itself is what its county rated again gives, wherever it is said to stand alone."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from mujun.rating import rate
from mujun.rating.candidates import Candidates
from mujun.rating.change import Change
from mujun.rating.worlds import Worlds
from mujun.workspace import County
from tests.rating.given import CLASSES, frame_of, rules_of
from tests.rating.test_worlds import SHOWN, firms

CUTS = {
    "better": "{default: {shares: {A: 20, B: 50, C: 80, D: 100}}}",
    "worse": "{default: {shares: {A: 20, B: 50, C: 80, D: 100}, ties: worse}}",
    "thresholds": "{default: {thresholds: {A: 70, B: 40}, rest: C}}",
}


def rules(method: str, cut: str, *, mean: bool = False, **more: str) -> str:
    read = "tax: {stat: mean, of: tax_per_mu, over: [cohort]}" if mean else "tax: {stat: count, over: [cohort]}"
    return f"""
population: {{subject: {more.get("subject", "enterprise")}}}
statistics: {{{read}}}
cohorts: [{{id: above, when: "scale = '规上'"}}, {{id: below, when: "true"}}]
indicators:
  tax_per_mu: {{of: tax_paid, per: land_mu}}
  rd: {{of: rd_expense, per: revenue}}
scoring:
  above: {{tax_per_mu: {method}, rd: {{weight: 50, benchmark: 0.03, missing: {more.get("missing", "zero")}}}}}
  below: {{tax_per_mu: {method}, rd: {{weight: 50, benchmark: 0.02}}}}
decimals: {{points: 4, score: 1}}
tiers:
  classes: {CLASSES}
  rank_by: {{default: [score, rd], below: [tax_per_mu]}}
  cut: {CUTS[cut]}
  before: [{{id: great, when: "tax_per_mu >= 60", set: A, reason: 大户, in_base: true}}]
  after: [{{id: low, when: "tax_per_mu < 3", at_most: B, reason: 太低}}]
"""


METHODS = [
    "{weight: 50, benchmark: 12, cap: 1.5}",
    "{weight: 50, method: inverse, benchmark: 12, zero_at: 2}",
    "{weight: 50, method: linear, points: [[0, 0], [10, 0.6], [30, 1]]}",
    "{weight: 50, method: steps, steps: [{at_least: 20, share: 1}, {at_least: 5, share: 0.5}]}",
    '{weight: 50, method: formula, benchmark: 12, formula: "weight * ln(1 + value / benchmark)"}',
]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("method", METHODS, ids=lambda m: m[12:26])
def test_alone_and_with_the_county(method: str, cut: str) -> None:
    rows = firms(len(method) + len(cut))
    ruleset, frame = rules_of(rules(method, cut)), frame_of(rows)
    rating = rate(frame, ruleset)
    alone, county = Candidates(rating), Worlds(rating, frame)
    free = [f"E{i}" for i in range(12) if alone.stands_alone(f"E{i}", "tax_per_mu")]
    assert len(free) >= 6
    changes = [Change(s, {"tax_per_mu": v}) for s in free for v in (0.0, 2.5, 9.999999, 12.0, 59.0, 61.0)]
    changes += [Change(s, {"tax_per_mu": 8.0, "rd": 0.021}) for s in free]
    found = alone.rate(changes).select(*SHOWN, "tax_per_mu_points").rows(named=True)
    wanted = county.rate(changes)
    for change, mine, theirs in zip(changes, found, wanted, strict=True):
        assert theirs is not None
        assert mine == {k: theirs[k] for k in mine}, change


@pytest.mark.parametrize(
    ("text", "close", "alone"),
    [
        (rules(METHODS[0], "better"), True, True),
        # A mean that others are held against moves with the firm.
        (rules(METHODS[0], "better", mean=True), False, False),
        (rules("{weight: 50, method: minmax}", "better"), False, False),
        (rules("{weight: 50, benchmark: 12, missing: reweight}", "better"), False, False),
        # Others get the mean of its points.
        (rules("{weight: 50, benchmark: 12, missing: cohort_mean}", "better"), True, False),
    ],
)
def test_when_a_subject_stands_alone(text: str, close: bool, alone: bool) -> None:
    rows = [{**r, "tax_paid": 100, "land_mu": 10} for r in firms(2)]
    rows[11] |= {"tax_paid": None, "scale": "规上"}
    candidates = Candidates(rate(frame_of(rows), rules_of(text)))
    assert (candidates.close("E1", "tax_per_mu"), candidates.stands_alone("E1", "tax_per_mu")) == (close, alone)


def test_a_subject_fixed_by_a_rule_that_looks_elsewhere_stays_fixed() -> None:
    text = rules(METHODS[0], "better").replace('when: "tax_per_mu >= 60"', 'when: "tax_paid >= 900"')
    rows = firms(2)
    rows[0] |= {"tax_paid": 950, "land_mu": 10}
    ruleset, frame = rules_of(text), frame_of(rows)
    rating = rate(frame, ruleset)
    candidates, change = Candidates(rating), Change("E0", {"tax_per_mu": 2.0})
    assert candidates.stands_alone("E0", "tax_per_mu")
    found = candidates.rate([change]).select(SHOWN).row(0, named=True)
    wanted = Worlds(rating, frame).rate([change])[0]
    assert wanted is not None
    assert found == {k: wanted[k] for k in SHOWN}
    # The rule gives an A; another one takes it away from who has so little.
    assert (found["tier_cut"], found["tier"], found["rank"]) == ("A", "B", None)


def test_a_pooled_subject_alone() -> None:
    rows = firms(4)
    ruleset, frame = rules_of(rules(METHODS[0], "better", subject="group")), frame_of(rows)
    rating = rate(frame, ruleset)
    change = Change("G", {"tax_per_mu": 17.25})
    found = Candidates(rating).rate([change]).select(SHOWN).row(0, named=True)
    wanted = Worlds(rating, frame).rate([change])[0]
    assert wanted is not None
    assert found == {k: wanted[k] for k in SHOWN}


def test_the_sample_county(sample_county: Path) -> None:
    result = County(sample_county).runs.recompute(1)
    alone, county = Candidates(result.rating), Worlds(result.rating, result.frame)
    draw = random.Random(11)
    rated = result.rating.subjects.filter(pl.col("treatment") == "rated")
    rows = rated.sort("subject").to_dicts()
    changes = []
    for row in draw.sample(rows, 120):
        names = [n for n in result.rating.plan.rating.scoring[row["cohort"]].items if row[n]]
        names = [n for n in names if alone.stands_alone(row["subject"], n)]
        if not names:
            continue
        name = draw.choice(names)
        changes.append(Change(row["subject"], {name: round(row[name] * draw.uniform(0, 4), 6)}))
    assert len(changes) > 100
    found = alone.rate(changes).select(SHOWN).rows(named=True)
    for change, mine, theirs in zip(changes, found, county.rate(changes), strict=True):
        assert theirs is not None
        assert mine == {k: theirs[k] for k in mine}, change
