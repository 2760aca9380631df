"""Firms rated both alone and merged: which result counts, and what the other one is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from mujun.errors import RuleError
from mujun.rating import Rating, rate
from tests.rating.given import frame_of, rated, rules_of

D = Decimal

# Points are ten times 万元 per 亩; a quarter of the subjects in each tier.
RULES = """
population: {subject: %s, both: %s}
cohorts: [{id: all, when: "true"}]
indicators: {tax_per_mu: {of: tax_paid, per: land_mu}}
scoring: {all: {tax_per_mu: {weight: 100, benchmark: 10}}}
tiers:
  classes: [{id: A}, {id: B}, {id: C}, {id: D}]
  rank_by: [score]
  cut: {default: {shares: {A: 25, B: 50, C: 75, D: 100}}}
"""
# 混 has land of its own and rented land on 主's parcel; 三 and 四 share another parcel and rent nothing.
FIRMS: list[dict[str, Any]] = [
    {"credit_code": "主", "land_mu": 10, "owned_mu": 10, "rented_in_mu": 0, "tax_paid": 100, "parcels": ["P1"]},
    {"credit_code": "混", "land_mu": 10, "owned_mu": 4, "rented_in_mu": 6, "tax_paid": 20, "parcels": ["P1", "P2"]},
    {"credit_code": "三", "land_mu": 5, "owned_mu": 5, "rented_in_mu": 0, "tax_paid": 60, "parcels": ["P3"]},
    {"credit_code": "四", "land_mu": 5, "owned_mu": 5, "rented_in_mu": 0, "tax_paid": 30, "parcels": ["P3"]},
]

ALONE = {"主": ("主", 100, 2, "B"), "混": ("混", 20, 4, "D"), "三": ("三", 120, 1, "A"), "四": ("四", 60, 3, "C")}
"""Everybody alone: subject, score, rank, tier of four."""

# 混 with 主: 120 ÷ 20 = 6 → 60 points. Three subjects: last ranks 0.75 → 1, 1.5 → 2, 2.25 → 2.
ONLY_MIXED_MERGE = {
    "主": ("P1", 60, 2, "B"),
    "混": ("P1", 60, 2, "B"),
    "三": ("三", 120, 1, "A"),
    "四": ("四", 60, 2, "B"),
}
# 三 with 四: 90 ÷ 10 = 9 → 90 points. Two subjects: last ranks 0.5 → 1, 1, 1.5 → 2: the second is a C.
ALL_MERGE = {"主": ("P1", 60, 2, "C"), "混": ("P1", 60, 2, "C"), "三": ("P3", 90, 1, "A"), "四": ("P3", 90, 1, "A")}
# 混 apart: 主 100, P3 90, 混 20. Three subjects.
MIXED_APART = {"主": ("P1", 100, 1, "A"), "混": ("混", 20, 3, "D"), "三": ("P3", 90, 2, "B"), "四": ("P3", 90, 2, "B")}

WAYS = {
    ("enterprise", "true"): ("alone", ALONE, ONLY_MIXED_MERGE),
    ("enterprise", "{counts: alone}"): ("alone", ALONE, ONLY_MIXED_MERGE),
    ("enterprise", "{counts: merged}"): ("merged", ONLY_MIXED_MERGE, ALONE),
    ("parcel", "true"): ("merged", ALL_MERGE, MIXED_APART),
    ("parcel", "{with: parcel, counts: alone}"): ("alone", MIXED_APART, ALL_MERGE),
}


def results(rating: Rating) -> dict[str, tuple[Any, ...]]:
    return {
        row["credit_code"]: (row["subject"], row["score"], row["rank"], row["tier"])
        for row in rating.enterprises.iter_rows(named=True)
    }


@pytest.mark.parametrize(("subject", "both"), WAYS)
def test_one_result_counts_and_the_other_stands_beside_it(subject: str, both: str) -> None:
    counting, counted, other = WAYS[subject, both]
    rating = rated(RULES % (subject, both), FIRMS)
    assert results(rating) == counted
    assert rating.other is not None
    assert results(rating.other) == other
    row = rating.ratings.filter(pl.col("credit_code") == "混").row(0, named=True)
    beside = tuple(row[f"other_{name}"] for name in ("subject", "score", "rank", "tier"))
    assert (row["counted_as"], beside) == (counting, other["混"])
    assert row["other_as"] == ("merged" if counting == "alone" else "alone")
    assert row["other_members"] == (["主", "混"] if counting == "alone" else ["混"])
    others = rating.ratings.filter(pl.col("credit_code") != "混")
    assert others.select("counted_as", "other_tier", "other_members").unique().rows() == [(None, None, None)]


def test_without_both_nothing_is_beside() -> None:
    rating = rated(RULES.replace(", both: %s", "") % "parcel", FIRMS)
    assert rating.other is None
    assert "other_tier" not in rating.ratings.columns
    assert results(rating) == ALL_MERGE
    assert results(rated(RULES % ("parcel", "false"), FIRMS)) == ALL_MERGE


def test_a_rule_says_which_firms() -> None:
    rating = rated(RULES % ("enterprise", "{when: \"credit_code in ('三')\"}"), FIRMS)
    found = rating.ratings.filter(pl.col("counted_as").is_not_null())
    assert found.select("credit_code", "other_subject", "other_score").rows() == [("三", "P3", D(90))]


def test_a_condition_that_cannot_be_told_is_not_met() -> None:
    firms = [{**firm, "rented_in_mu": None} for firm in FIRMS]
    assert rated(RULES % ("enterprise", "true"), firms).ratings["counted_as"].null_count() == 4


def test_merging_by_group() -> None:
    firms = [{**firm, "group_code": "G" if firm["credit_code"] in ("混", "四") else None} for firm in FIRMS]
    rating = rated(RULES % ("enterprise", "{with: group}"), firms)
    # (20 + 30) ÷ 15 = 3.33… → 33.3333 points.
    row = rating.ratings.filter(pl.col("credit_code") == "混").row(0, named=True)
    assert (row["other_subject"], row["other_members"], row["other_score"]) == ("G", ["四", "混"], D("33.3333"))


def test_whoever_shares_nothing_has_the_same_result_twice() -> None:
    firms = [{**firm, "parcels": []} for firm in FIRMS]
    row = rated(RULES % ("enterprise", "true"), firms).ratings.filter(pl.col("credit_code") == "混")
    assert row.select("score", "rank", "size", "tier").row(0) == row.select(
        "other_score", "other_rank", "other_size", "other_tier"
    ).row(0)


@pytest.mark.parametrize(("subject", "both"), WAYS)
def test_the_other_result_takes_no_place(subject: str, both: str) -> None:
    """Ranks, sizes and statistics of the result that counts are those of a rating that knows no other."""
    rating = rated(RULES % (subject, both), FIRMS)
    assert {c.size for c in rating.cells} == {rating.subjects.height}
    assert rating.subjects["rank"].count() == rating.subjects.height


def test_the_order_of_rows_plays_no_part() -> None:
    rules = rules_of(RULES % ("enterprise", "{counts: merged}"))
    frame = frame_of(FIRMS)
    assert rate(frame, rules).digest == rate(frame.reverse(), rules).digest


def test_a_field_that_divides_has_to_say_how_it_pools() -> None:
    text = RULES % ("enterprise", "true") + "fields: {share: {value: tax_paid / land_mu}}\n"
    with pytest.raises(RuleError, match="share"):
        rated(text, FIRMS)
