"""What a worker computes, without Spark: any rule set that ships, from the columns and years that it asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from benchmarks.county_tables import clean_tables
from mujun import County, messages
from mujun.errors import UsageError
from mujun.fields import FRAME_FIELDS
from mujun.rating import rate
from mujun.records import build_frame
from mujun.rules import addresses, load_rules
from mujun.rules.frame_columns import Step
from mujun.spark.needs import needs_of
from mujun.spark.one_county import Computed, computed, with_lags
from mujun.store import Store
from tests.records.files import code
from tests.spark.counties import firms, rules
from tests.store.given import file, rows

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
        # Sets for other years, and of figures that the sample county does not have, are tried all the same.
        year = ruleset.rating.years[0] if ruleset.rating is not None and ruleset.rating.years else YEAR
        fields = [*FRAME_FIELDS, *(ruleset.rating.fields if ruleset.rating is not None else ())]
        done = computed(ruleset, step, needs, brought, None, year=year, despite=fields)
        expected = computed(ruleset, step, whole, years, None, year=year, despite=fields)
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
    done = computed(rules(), "rating", needs, {0: this, 1: twice}, None, year=2022)
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


# --------------------------------------------------------------------------------- what a store refuses is refused here


def rated(
    frame: pl.DataFrame, address: str = "zhejiang/shengzhou-2022", step: Step = "rating", year: int = YEAR,
    despite: Collection[str] = (), usage: pl.DataFrame | None = None,
) -> Computed:  # fmt: skip
    ruleset = load_rules(address)
    needs = needs_of(ruleset, step, frame.columns)
    with messages.speaking("en"):
        return computed(ruleset, step, needs, {0: frame.select(needs.columns)}, usage, year=year, despite=despite)


def test_a_figure_that_all_lack_is_refused_as_by_a_store(years: Mapping[int, pl.DataFrame]) -> None:
    lost = years[0].with_columns(pl.lit(None, dtype=pl.Decimal(18, 6)).alias("tax_paid"))
    steps: tuple[Step, ...] = ("rating", "rectification", "allocation")
    for step in steps:
        done = rated(lost.with_columns(streak=None), step=step)
        assert (done.table, done.digest) == (None, None)
        assert set(done.codes) == {"gate_missing"}
        assert done.problem is not None
        assert "is missing, so nothing was rated" in done.problem
        assert "--despite tax_paid" in done.problem
    assert rated(lost, despite=["tax_paid"]).table is not None
    assert rated(lost, despite=["实缴税金"]).digest == rated(lost, despite=["tax_paid"]).digest
    # Of a few firms it is the rules that say what a missing figure earns.
    few = years[0].with_columns(pl.when(pl.int_range(pl.len()) > 3).then("tax_paid"))
    assert rated(few).codes == ()


def test_rules_for_another_year_rate_nobody(years: Mapping[int, pl.DataFrame]) -> None:
    done = rated(years[0].with_columns(pl.lit(2021, pl.Int32).alias("year")), "zhejiang/huangyan-2022", year=2021)
    assert done.table is None
    assert done.problem is not None
    assert done.problem.startswith("the rule set “zhejiang/huangyan-2022” is for 2022, not for 2021.")
    assert "rules_not_for_year" not in rated(years[0], "zhejiang/huangyan-2022").codes


def test_rules_that_only_charge_say_that_there_are_no_tiers(years: Mapping[int, pl.DataFrame]) -> None:
    address = "zhejiang/ruian-electricity-2022"
    charged = rated(years[0], address, "allocation")
    assert charged.table is not None
    assert charged.table.height
    nobody = years[0].with_columns(pl.lit(None, dtype=pl.String).alias("tier"))
    done = rated(nobody, address, "allocation")
    assert (done.table, done.codes) == (None, ("spark_nobody_graded",))
    with pytest.raises(UsageError, match="tier（档次）") as refused:
        needs_of(load_rules(address), "allocation", years[0].drop("tier").columns)
    assert [p.code for p in refused.value.problems] == ["spark_needs_standing"]
    # Rules that rate bring their own tiers, and a list by figures alone wants none.
    assert rated(nobody.drop("tier"), step="allocation").codes == ()
    assert rated(nobody.drop("tier"), "zhejiang/huzhou-2021", "rectification").codes == ()


def test_figures_that_cannot_be_are_refused(years: Mapping[int, pl.DataFrame]) -> None:
    below = years[0].with_columns(-pl.col("land_mu"))
    done = rated(below)
    assert done.codes == ("spark_below_zero",)
    count = years[0].filter(pl.col("land_mu") > 0).height
    assert done.problem is not None
    assert f"(land_mu) is below zero for {count} enterprises, such as " in done.problem
    # A firm that lets out more than it has is rated by a store as well; nobody uses less than nothing.
    first = pl.int_range(pl.len()) == years[0]["electricity_kwh"].arg_max()
    assert rated(years[0].with_columns(land_mu=pl.when(first).then(-1).otherwise("land_mu"))).codes == ()
    wrong = years[0].with_columns(electricity_kwh=pl.when(first).then(-1).otherwise("electricity_kwh"))
    assert rated(wrong, "zhejiang/ruian-electricity-2022", "allocation").codes == ("spark_below_zero",)
    # A tax that was paid back, and a loss, can be.
    paid_back = years[0].with_columns(tax_paid=pl.when(first).then(-pl.col("tax_paid")).otherwise("tax_paid"))
    assert rated(paid_back).codes == ()


def test_readings_that_cannot_be_are_refused(years: Mapping[int, pl.DataFrame]) -> None:
    codes = years[0]["credit_code"].sort()
    days = {"from": date(2022, 1, 1), "until": date(2022, 12, 31)}

    def charged(*readings: tuple[str | None, int]) -> Computed:
        given = [{"credit_code": codes[n], "utility": u, **days, "quantity": q} for n, (u, q) in enumerate(readings)]
        kinds = {"credit_code": pl.String, "utility": pl.String, "from": pl.Date, "until": pl.Date}
        usage = pl.DataFrame(given, schema={**kinds, "quantity": pl.Decimal(18, 6)})
        return rated(years[0].with_columns(streak=None), step="allocation", usage=usage)

    assert charged(("电", 1000), ("水", 0)).codes == ()
    done = charged(("电", -5), ("电", 1000), ("水", -7))
    assert done.codes == ("spark_reading_below_zero",)
    assert done.problem is not None
    assert f"2 readings are below zero, such as {codes[0]} with -5 of 电" in done.problem
    done = charged(("electricity", 5), (None, 1), ("电", -1))
    assert done.codes == ("spark_reading_below_zero", "spark_reading_of_what")
    assert done.problem is not None
    assert "2 readings have the utility electricity, —; it must be one of 电, 水, 气, 热." in done.problem


def test_what_a_store_exports_is_all_that_its_amounts_rest_on(sample_county: Path) -> None:
    county, address = County(sample_county), "zhejiang/shengzhou-2022"
    frame, usage = (county.runs.export(what, year=YEAR).rows for what in ("enterprises", "usage"))
    assert usage.columns == ["credit_code", "name", "utility", "account", "from", "until", "quantity"]
    assert usage.equals(usage.sort("credit_code", "utility", "from", "until", "account"))
    with Store.open(county.path) as store:
        kept = store.run(1).digests
    ruleset = load_rules(address)
    steps: dict[Step, str] = {"rating": "ratings", "rectification": "rectification", "allocation": "allocation"}
    for step, name in steps.items():
        needs = needs_of(ruleset, step, frame.columns)
        done = computed(ruleset, step, needs, {0: frame.select(needs.columns)}, usage, year=YEAR)
        assert done.digest == kept[name]
    assert rated(frame, address, "allocation").digest != kept["allocation"]


def test_readings_of_a_firm_whose_code_changed_go_by_the_code_of_the_year(tmp_path: Path) -> None:
    before, after = code(1), code(2)
    roll = [{"year": y, "credit_code": c, "name": "示例1厂"} for y, c in ((2021, before), (2022, after))]
    change = {"credit_code": before, "successor": after, "change": "换码", "since": date(2022, 5, 1)}
    days = {"from": date(2022, 4, 1), "until": date(2022, 4, 30)}
    used = {"credit_code": before, "utility": "电", "quantity": Decimal(7), **days}
    with Store.create(tmp_path / "嵊州.duckdb") as store:
        for name, given in (("enterprises", roll), ("aliases", [change]), ("usage", [used])):
            store.add_batch(file(f"{name}.xlsx", {name: rows(name, *given)}), who="甲")
    exported = {y: County(tmp_path / "嵊州.duckdb").runs.export("usage", year=y).rows for y in (2021, 2022)}
    assert {y: one["credit_code"].to_list() for y, one in exported.items()} == {2021: [before], 2022: [after]}
