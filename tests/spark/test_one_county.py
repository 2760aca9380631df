"""What a worker computes, without Spark: any rule set that ships, from the columns and years that it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import pytest

from benchmarks.county_tables import clean_tables
from mujun.errors import UsageError
from mujun.rating import rate
from mujun.records import build_frame
from mujun.rules import addresses, load_rules
from mujun.rules.frame_columns import Step
from mujun.spark.needs import needs_of
from mujun.spark.one_county import computed, with_lags
from tests.spark.counties import firms, rules

YEAR = 2022
SHIPPED = [address for address in addresses() if not address.endswith(("huangyan-base", "sichuan/parks-2022"))]
CONCERN_NOBODY = {
    "anhui/ningguo-2024", "shandong/feixian-land-use-tax-2021", "shandong/qingdao-gas-2022",
    "zhejiang/jiande-lianhua-2021", "zhejiang/land-use-tax-2019", "zhejiang/linhai-water-2019",
}  # fmt: skip
"""Sets that list or charge none of this county's firms."""


@pytest.fixture(scope="module")
def years() -> Mapping[int, pl.DataFrame]:
    """The sample county's years as frames, with the tiers that sets without a rating of their own go by."""
    tables = clean_tables(every=6)
    frames = {back: build_frame(tables, YEAR - back)[0] for back in (0, 1)}
    tiers = rate(frames[0], load_rules("zhejiang/shengzhou-2022")).enterprises.select("credit_code", "tier")
    return {0: frames[0].join(tiers, on="credit_code", how="left", maintain_order="left"), 1: frames[1]}


@pytest.mark.parametrize("address", SHIPPED)
def test_the_columns_asked_for_are_enough(address: str, years: Mapping[int, pl.DataFrame]) -> None:
    ruleset = load_rules(address)
    steps: dict[Step, bool] = {
        "rating": ruleset.rating is not None,
        "rectification": ruleset.lists,
        "allocation": bool(ruleset.allocation_parts),
    }
    assert any(steps.values())
    for step in (step for step, has in steps.items() if has):
        needs = needs_of(ruleset, step, years[0].columns)
        brought = {back: frame.select(n for n in needs.columns if n in frame.columns) for back, frame in years.items()}
        whole = replace(needs, columns=tuple(years[0].columns))
        done, expected = computed(ruleset, step, needs, brought, None), computed(ruleset, step, whole, years, None)
        assert (done.digest, done.codes) == (expected.digest, expected.codes)
        assert done.table is None or done.table.height or address in CONCERN_NOBODY


def test_few_columns_travel(years: Mapping[int, pl.DataFrame]) -> None:
    needs = needs_of(load_rules("zhejiang/shengzhou-2022"), "rating", years[0].columns)
    assert len(needs.columns) < 30 < years[0].width
    assert needs.years_back == 0


def test_earlier_values_come_from_earlier_rows() -> None:
    needs = needs_of(rules(), "rectification", firms().columns)
    assert needs.lags == {
        "tax_paid_last": ("tax_paid", 1), "energy_tce_last": ("energy_tce", 1), "energy_tce_last2": ("energy_tce", 2),
    }  # fmt: skip
    # Last year's frame is looked at as well, with what it says of two years before it.
    assert (needs.previous, needs.years_back) == (True, 3)
    this = pl.DataFrame({"credit_code": ["a", "b"], "tax_paid": [3, 4], "energy_tce": [5, 6]})
    last = pl.DataFrame({"credit_code": ["c", "b"], "tax_paid": [1, 2], "energy_tce": [7, 8]})
    joined = with_lags({0: this, 1: last}, needs, 0)
    assert joined.select("credit_code", *sorted(needs.lags)).rows() == [("a", None, None, None), ("b", 8, None, 2)]


def test_an_earlier_value_that_is_two_is_no_value() -> None:
    needs = needs_of(rules(), "rating", firms().columns)
    this = pl.DataFrame({"credit_code": ["a"], "tax_paid": [3]})
    twice = pl.DataFrame({"credit_code": ["b", "b"], "tax_paid": [1, 2]})
    done = computed(rules(), "rating", needs, {0: this, 1: twice}, None)
    assert done.table is None
    assert done.codes == ("spark_code_twice",)
    assert done.problem == "企业 b 在往前第 1 年的数据中有不止一行，往年数值取哪一行不能确定。请先改正那一年的数据。"


def test_values_that_the_frame_brings_stay_as_they_are() -> None:
    have = [*firms().columns, "tax_paid_last"]
    assert needs_of(rules(), "rating", have).lags == {}


def test_tiers_of_earlier_years_are_asked_for() -> None:
    ruleset, have = load_rules("zhejiang/shengzhou-2022"), ["year", "credit_code", "land_mu"]
    with pytest.raises(UsageError, match="往年档次（streak）"):
        needs_of(ruleset, "rectification", have)
    assert "tier_last" in needs_of(ruleset, "rectification", [*have, "tier_last"]).columns
