"""Sums by tier, township and industry, against plain Python over the rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from mujun.reports.year import summary
from tests.reports.given import year


@pytest.fixture(scope="module")
def facts() -> summary.Facts:
    y = year()
    assert y.listing is not None
    assert y.allocation is not None
    return summary.facts_of(y.rating, y.frame, y.listing.rectification, y.allocation.allocation)


def _plain() -> list[dict[str, Any]]:
    y = year()
    rated = {r["credit_code"]: r for r in y.rating.ratings.to_dicts()}
    return [
        {**row, **{k: rated[row["credit_code"]][k] for k in ("tier", "treatment", "cohort")}}
        for row in y.frame.to_dicts()
    ]


def test_townships_add_up_to_the_total(facts: summary.Facts) -> None:
    rows = summary.by_township(facts)
    parts, total = rows.filter(~pl.col("total")), rows.filter("total").row(0, named=True)
    for name in ("enterprises", "counted", "land_mu", "tax", "value_added", "listed", "surcharge", "relief", "tier:A"):
        assert parts[name].sum() == total[name], name
    assert total["enterprises"] == 40
    assert parts.height == 4  # one of them without a name


def test_sums_are_exact_and_of_those_rated(facts: summary.Facts) -> None:
    wanted = [r for r in _plain() if r["township"] == "甘霖镇" and r["treatment"] in ("rated", "ungraded")]
    row = summary.by_township(facts).filter(pl.col("township") == "甘霖镇").row(0, named=True)
    assert row["counted"] == len(wanted)
    assert row["tax"] == sum((r["tax_paid"] for r in wanted), Decimal(0))
    assert row["land_mu"] == sum((r["land_mu"] for r in wanted), Decimal(0))


def test_a_ratio_is_of_sums_over_those_that_have_both_sides(facts: summary.Facts) -> None:
    both = [r for r in _plain() if r["treatment"] in ("rated", "ungraded") and r["land_mu"] is not None]
    tax = sum((r["tax_paid"] for r in both), Decimal(0))
    land = sum((r["land_mu"] for r in both), Decimal(0))
    assert summary.total_of(facts)["tax_per_mu"][0] == pytest.approx(float(tax / land), abs=1e-12)


def test_the_ratio_of_a_cohort_is_the_statistic_of_the_rules(facts: summary.Facts) -> None:
    for cohort in facts.cohorts:
        rows = year().rating.enterprises.filter(pl.col("cohort") == cohort)
        total = summary.total_of(summary.only(facts, pl.col("cohort") == cohort))
        assert total["tax_per_mu"][0] == rows["cohort_tax_per_mu"].drop_nulls()[0]


def test_every_enterprise_is_in_exactly_one_row_of_the_tier_table(facts: summary.Facts) -> None:
    rows = summary.by_tier(facts).filter(~pl.col("total"))
    assert rows["enterprises"].sum() == 40
    rated = rows.filter(pl.col("treatment").is_null())
    for cohort, tier, count in rated.select("cohort", "tier", "enterprises").iter_rows():
        assert count == sum(r["cohort"] == cohort and r["tier"] == tier and r["treatment"] == "rated" for r in _plain())


def test_tiers_are_in_order_and_shares_make_a_hundred(facts: summary.Facts) -> None:
    rows = summary.by_tier(facts)
    for cohort in facts.cohorts:
        mine = rows.filter(pl.col("cohort") == cohort, ~pl.col("total"))
        tiers = mine["tier"].to_list()
        assert tiers == sorted(tiers, key=facts.tiers.index)
        assert abs(sum(mine["share"]) - 100) <= Decimal("0.04")


def test_row_order_of_the_frame_changes_nothing(facts: summary.Facts) -> None:
    y = year()
    assert y.listing is not None
    assert y.allocation is not None
    shuffled = summary.facts_of(
        y.rating,
        y.frame.sample(fraction=1, shuffle=True, seed=3),
        y.listing.rectification.reverse(),
        y.allocation.allocation.reverse(),
    )
    assert summary.by_township(shuffled).equals(summary.by_township(facts))
    assert summary.by_tier(shuffled).equals(summary.by_tier(facts))
    assert summary.by_industry(shuffled).equals(summary.by_industry(facts))


def test_measures_add_up() -> None:
    y = year()
    assert y.allocation is not None
    rows = summary.by_measure(y.allocation.rows)
    for measure in rows["measure"].unique():
        mine = rows.filter(pl.col("measure") == measure)
        assert mine.filter(~pl.col("total"))["amount"].sum() == mine.filter("total")["amount"].sum()
        assert mine["total"].to_list()[-1] is True


def test_without_list_and_amounts_they_are_zero_or_missing() -> None:
    y = year()
    total = summary.total_of(summary.facts_of(y.rating, y.frame)).row(0, named=True)
    assert (total["listed"], total["surcharge"], total["expected_land_mu"]) == (0, None, None)
