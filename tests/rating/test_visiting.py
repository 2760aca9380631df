"""A subject measured against another frame's standards: unchanged it gets what it had, changed its own place."""

from __future__ import annotations

import polars as pl
import pytest

from mujun.rating import Rating, rate
from mujun.rating.visiting import visiting
from mujun.rules import load_rules
from mujun.rules.ruleset import RuleSet
from tests.rating.against_oracle import frame_of
from tests.rating.given import CLASSES, rated, rules_of
from tests.rating.given import frame_of as small_frame
from tests.rating.test_both import FIRMS, WAYS
from tests.rating.test_both import RULES as BOTH_WAYS
from tests.rating.test_shipped_against_oracle import RATINGS, firms, whole


def random_county(rules: RuleSet, size: int, seed: int) -> Rating:
    """A rating of random firms E00000, E00001, …; another seed gives the same firms other figures."""
    assert rules.rating is not None
    year = rules.rating.years[0]
    inputs = {n: f.input for n, f in rules.rating.fields.items() if f.input}
    resolved = whole(rules.resolved["rating"])
    frames = [
        frame_of([{**f, "park": "开发区"} for f in firms(size, y, s, inputs)], resolved, y)
        for y, s in ((year, seed), (year - 1, 99))
    ]
    return rate(frames[0], rules, frames[1])


def frame_behind(rating: Rating) -> pl.DataFrame:
    """What a rating's subjects were made of, as far as the rules read it."""
    from mujun.fields import FRAME_FIELDS

    return rating.subjects.select([c for c in rating.subjects.columns if c in FRAME_FIELDS])


@pytest.mark.parametrize("address", RATINGS)
def test_who_has_not_changed_gets_exactly_what_he_had(address: str) -> None:
    rating = random_county(load_rules(address), 300, 1)
    found = visiting(rating, rating)
    assert found["score"].drop_nulls().len() > 40
    # Columns of the other way of counting stand beside the enterprises, not the subjects.
    shown = [n for n in rating.columns if n in rating.subjects.columns]
    assert {"score", "rank", "size", "tier", "tier_cut", "rules_changed", "reason"} <= set(shown)
    for name in shown:
        assert found[name].equals(rating.subjects[name]), name


FIXED = """
population: {subject: enterprise}
cohorts: [{id: above, when: "scale = '规上'"}, {id: below, when: "true"}]
indicators: {tax_per_mu: {of: tax_paid, per: land_mu}, tax_per_head: {of: tax_paid, per: employees}}
scoring:
  above: {tax_per_mu: {weight: 60, benchmark: 20, cap: 1.5}, tax_per_head: {weight: 40, benchmark: 9, missing: full}}
  below: {tax_per_mu: {weight: 100, benchmark: 15, cap: 1.2}}
tiers:
  classes: CLASSES
  rank_by: [score, tax_per_mu]
  before: [{id: top, when: "tax_paid >= 800", set: A, reason: 大户, in_base: true}]
  cut:
    default: {shares: {A: 20, B: 60, C: 95, D: 100}, ties: TIES}
    below: BELOW
  after: [{id: veto, when: "array_contains(labels, '环境违法')", at_most: C, reason: 否决}]
""".replace("CLASSES", CLASSES)

CUTS = {
    "shares": "{shares: {A: 5, B: 75, C: 95, D: 100}, rounding: floor}",
    "thresholds": "{thresholds: {A: 90, B: 40, C: 10}, rest: D}",
    "picks": "{picks: [{id: first, tier: A, among: 'rank <= 0.5 * size', by: [tax_per_mu_points], take: 15}, "
    "{id: last, tier: D, by: ['-score'], take: 10}], rest: B}",
}


@pytest.mark.parametrize("cut", ["shares", "thresholds"])
@pytest.mark.parametrize("ties", ["better", "worse"])
def test_by_fixed_benchmarks_a_visit_is_a_rating_with_that_one_row_replaced(cut: str, ties: str) -> None:
    # Fixed benchmarks leave nothing of the others but their places, so the real engine must agree to the digit.
    rules = rules_of(FIXED.replace("TIES", ties).replace("BELOW", CUTS[cut]))
    hosts, guests = random_county(rules, 120, 1), random_county(rules, 120, 3)
    found = visiting(guests, hosts)
    here, there = frame_behind(hosts), frame_behind(guests)
    moved = 0
    for code in here["credit_code"].to_list()[:24]:
        replaced = pl.concat([here.filter(pl.col("credit_code") != code), there.filter(pl.col("credit_code") == code)])
        real = rate(replaced, rules).subjects.filter(pl.col("credit_code") == code)
        visit = found.filter(pl.col("credit_code") == code)
        shown = ["treatment", "cohort", "score", "rank", "size", "tier_cut", "tier", "rules_changed"]
        assert visit.select(shown).to_dicts() == real.select(shown).to_dicts(), code
        moved += real["tier"][0] != hosts.subjects.filter(pl.col("credit_code") == code)["tier"][0]
    assert moved > 5


def test_picks_hold_a_visitor_against_those_who_were_up_for_them() -> None:
    rules = rules_of(FIXED.replace("TIES", "better").replace("BELOW", CUTS["picks"]))
    rating = random_county(rules, 200, 1)
    found = visiting(rating, rating)
    assert found["tier"].equals(rating.subjects["tier"])
    assert set(found["tier"].drop_nulls()) >= {"A", "B", "D"}


@pytest.mark.parametrize(("subject", "both"), WAYS)
def test_merged_subjects_visit_as_they_are_merged(subject: str, both: str) -> None:
    rating = rated(BOTH_WAYS % (subject, both), FIRMS)
    found = visiting(rating, rating)
    shown = [n for n in ("subject", "members", "score", "rank", "size", "tier") if n in rating.subjects.columns]
    assert ("members" in shown) == rating.merged
    assert found.select(shown).to_dicts() == rating.subjects.select(shown).to_dicts()


PEERS = """
population: {subject: enterprise}
cohorts: [{id: all, when: "true"}]
statistics: {mean_tax: {stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [industry_division], min_members: 1}}
indicators: {tax_per_mu: {of: tax_paid, per: land_mu}}
scoring: {all: {tax_per_mu: {weight: 100, benchmark: mean_tax}}}
decimals: {points: 4, score: 2}
tiers:
  classes: CLASSES
  rank_by: [score]
  cut: {default: {shares: {A: 50, B: 100}}}
""".replace("CLASSES", CLASSES)


def test_benchmarks_stand_as_they_are() -> None:
    # By hand: the hosts' benchmark is (10 + 30) ÷ 2 = 20 万元/亩. E1 had 10, hence 50 points; with 30 it gets 150 and
    # shares the first rank with E2. Its new figure does not raise the benchmark to 30.
    rules = rules_of(PEERS)
    rows = [
        {"industry_division": "17", "land_mu": 1, "tax_paid": 10},
        {"industry_division": "17", "land_mu": 1, "tax_paid": 30},
    ]
    hosts = rate(small_frame(rows), rules)
    guests = rate(small_frame([{**rows[0], "tax_paid": 30}, rows[1]]), rules)
    found = visiting(guests, hosts)
    assert [str(s) for s in found["score"]] == ["150.00", "150.00"]
    assert found["rank"].to_list() == [1, 1]
    assert hosts.subjects["rank"].to_list() == [2, 1]


def test_without_a_benchmark_among_the_hosts_there_is_no_score() -> None:
    rules = rules_of(PEERS)
    hosts = rate(small_frame([{"industry_division": "17", "land_mu": 1, "tax_paid": 10}]), rules)
    guests = rate(small_frame([{"industry_division": "26", "land_mu": 1, "tax_paid": 10}]), rules)
    found = visiting(guests, hosts)
    assert found.select("score", "rank", "tier").rows() == [(None, None, None)]


def test_only_by_the_same_rules() -> None:
    one = rate(small_frame([{"industry_division": "17", "land_mu": 1, "tax_paid": 10}]), rules_of(PEERS))
    other = rate(small_frame([{"industry_division": "17", "land_mu": 1, "tax_paid": 10}]), rules_of(PEERS))
    with pytest.raises(ValueError, match="same rule set"):
        visiting(one, other)
