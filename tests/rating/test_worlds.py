"""A changed firm rated in a copy of its county is what rating the changed county gives, column by column."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.rating import rate
from mujun.rating.change import Change
from mujun.rating.worlds import Worlds
from mujun.workspace import County
from tests.rating.given import CLASSES, frame_of, rules_of

SHOWN = ("treatment", "cohort", "score", "rank", "size", "tier_cut", "tier", "rules_matched", "rules_changed")

METHODS = {
    "ratio": "{weight: 50, benchmark: all, cap: 1.5}",
    "minmax": "{weight: 50, method: minmax, start: 0.2}",
    "percentile": "{weight: 50, method: percentile, missing: cohort_mean}",
    "inverse": "{weight: 50, method: inverse, benchmark: all, zero_at: 2}",
    "reweight": "{weight: 50, benchmark: all, missing: reweight}",
}
CUTS = {
    "shares": "{default: {shares: {A: 25, B: 50, C: 75, D: 100}}}",
    "thresholds": "{default: {thresholds: {A: 60, B: 40}, rest: C}}",
    "picks": "{default: {picks: [{id: best, tier: A, by: [tax_per_mu_points], take: 25}], rest: B}}",
}


def rules(method: str, cut: str, subject: str = "enterprise", over: str = "cohort", large: str = "1000") -> str:
    return f"""
population: {{subject: {subject}, scope: "land_mu >= 3"}}
statistics: {{all: {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [{over}]}}}}
cohorts: [{{id: above, when: "scale = '规上' or tax_paid >= {large}"}}, {{id: below, when: "true"}}]
indicators:
  tax_per_mu: {{of: tax_paid, per: land_mu}}
  rd: {{of: rd_expense, per: revenue}}
scoring:
  above: {{tax_per_mu: {METHODS[method]}, rd: {{weight: 50, benchmark: 0.03, missing: cohort_mean}}}}
  below: {{tax_per_mu: {METHODS[method]}, rd: {{weight: 50, benchmark: 0.02}}}}
tiers:
  classes: {CLASSES}
  cut: {CUTS[cut]}
  before: [{{id: great, when: "tax_paid >= 900", set: A, reason: 大户, in_base: true}}]
  after: [{{id: low, when: "tax_per_mu < all", at_most: B, reason: 低于平均}}]
"""


def firms(seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    return [
        {
            "credit_code": f"E{i}",
            "scale": "规上" if i % 3 else "规下",
            "group_code": "G" if i in (1, 2) else None,
            "land_mu": draw.choice([2, 5, 10, 20]),
            "tax_paid": draw.choice([20, 50, 120, 300, 950, None]),
            "revenue": 1000,
            "rd_expense": draw.choice([10, 30, None]),
        }
        for i in range(12)
    ]


def same(found: Mapping[str, object] | None, wanted: Mapping[str, object], columns: list[str]) -> None:
    assert found is not None
    assert {c: found[c] for c in columns} == {c: wanted[c] for c in columns}


KINDS = [
    *((m, c, "cohort", "1000") for m in METHODS for c in CUTS),
    # Across cohorts; and a change that moves a firm to another cohort.
    ("ratio", "shares", "", "1000"),
    ("minmax", "shares", "cohort", "70"),
]


@pytest.mark.parametrize(("method", "cut", "over", "large"), KINDS)
def test_a_changed_figure_gives_what_rating_again_gives(method: str, cut: str, over: str, large: str) -> None:
    ruleset, rows = rules_of(rules(method, cut, over=over, large=large)), firms(len(method))
    frame = frame_of(rows)
    worlds = Worlds(rate(frame, ruleset), frame)
    changes = [Change(f"E{i}", figures={"tax_paid": Decimal(v)}) for i in (1, 4, 6) for v in (0, 77, 901)]
    changes.append(Change("E5", figures={"land_mu": Decimal("2.5")}))
    points = [*SHOWN, "tax_per_mu_points", "rd_points", "tax_per_mu"]
    for change, found in zip(changes, worlds.rate(changes), strict=True):
        changed = [{**r, **change.figures} if r["credit_code"] == change.subject else r for r in rows]
        again = rate(frame_of(changed), ruleset)
        same(found, again.subjects.filter(credit_code=change.subject).row(0, named=True), points)


def test_a_member_of_a_pooled_subject_changes_the_whole() -> None:
    ruleset, rows = rules_of(rules("ratio", "shares", "group")), firms(3)
    frame = frame_of(rows)
    found = Worlds(rate(frame, ruleset), frame).rate([Change("G", figures={"tax_paid": Decimal(500)}, firm="E2")])[0]
    changed = [{**r, "tax_paid": 500} if r["credit_code"] == "E2" else r for r in rows]
    wanted = rate(frame_of(changed), ruleset).subjects.filter(subject="G").row(0, named=True)
    same(found, wanted, [*SHOWN, "tax_per_mu_points"])


def test_a_given_indicator_leaves_the_sums_as_they_are() -> None:
    rows = firms(8)
    ruleset = rules_of(rules("ratio", "shares"))
    frame = frame_of(rows)
    rating = rate(frame, ruleset)
    found = Worlds(rating, frame).rate([Change("E4", {"tax_per_mu": 31.5})])[0]
    assert found is not None
    before = rating.subjects.filter(credit_code="E4").row(0, named=True)
    assert (found["tax_per_mu"], found["tax_paid"], found["all"]) == (31.5, before["tax_paid"], before["all"])
    assert found["rd_points"] == before["rd_points"]


def test_a_county_that_cannot_be_rated_does_not_stop_the_others() -> None:
    rows = [{"credit_code": "E1", "scale": "规上", "land_mu": 5, "tax_paid": 10, "revenue": 1, "rd_expense": 1}]
    ruleset, frame = rules_of(rules("ratio", "shares")), frame_of(rows)
    worlds = Worlds(rate(frame, ruleset), frame)
    none, some = worlds.rate([Change("E1", figures={"tax_paid": Decimal(0)}), Change("E1", {"rd": 0.5})])
    # Nobody pays tax: no benchmark.
    assert none is None
    assert some is not None


def test_the_sample_county(sample_county: Path) -> None:
    result = County(sample_county).runs.recompute(1)
    worlds = Worlds(result.rating, result.frame)
    ranked = result.rating.subjects.filter(pl.col("treatment") == "rated", pl.col("tax_paid") > 0)
    codes = random.Random(5).sample(ranked["credit_code"].sort().to_list(), 6)
    paid = dict(result.frame.select("credit_code", "tax_paid").iter_rows())
    changes = [Change(c, figures={"tax_paid": paid[c] * 2}) for c in codes]
    columns = [*SHOWN, *(c for c in ranked.columns if c.endswith(("_points", "_benchmark", "_note")))]
    for change, found in zip(changes, worlds.rate(changes), strict=True):
        mine = pl.col("credit_code") == change.subject
        doubled = result.frame.with_columns(
            pl.when(mine).then(pl.lit(change.figures["tax_paid"])).otherwise("tax_paid").alias("tax_paid")
        )
        again = rate(doubled, result.ruleset).subjects.filter(mine).row(0, named=True)
        same(found, again, columns)
