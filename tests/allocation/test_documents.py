"""The documents of the field, held to amounts computed by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mujun.allocation import allocate
from mujun.rules import load_rules
from tests.allocation.given import enterprises, measure, row_of, rules_of, usage


def electricity(rules: str, year: int, records: Any = None, **firm: Any) -> dict[str, Any]:
    allocation = allocate(load_rules(rules), enterprises([{"credit_code": "T", **firm}], year), usage=records)
    return row_of(allocation, "T", "electricity")


def test_ruian_caps_a_small_d_firm_at_fifty() -> None:
    # 6,000,000 kWh in the window × 0.30 = 1,800,000 元 = 180 万元.
    used = usage(("T", "电", "2022-12-01", "2023-06-30", 6_000_000))
    row = electricity("zhejiang/ruian-electricity-2022", 2022, used, scale="规下", tier="D", electricity_kwh=9_000_000)
    assert (row["quantity"], row["rate"]) == (6_000_000, Decimal("0.3"))
    assert (row["computed"], row["amount"], row["capped"]) == (180, 50, True)
    assert (row["basis"], row["days"], row["covered_days"]) == ("usage", 212, 212)


def test_ruian_exempts_49_999_kwh() -> None:
    row = electricity("zhejiang/ruian-electricity-2022", 2022, scale="规下", tier="D", electricity_kwh=49_999)
    assert (row["exempt"], row["amount"], row["capped"]) == ("small_use", 0, False)
    assert row["computed"] > 0, "what the exemption waives is shown"


def test_ruian_warns_a_large_c_firm() -> None:
    row = electricity("zhejiang/ruian-electricity-2022", 2022, scale="规上", tier="C", electricity_kwh=10**6)
    assert (row["amount"], row["rate"], row["notes"]) == (None, None, ["告诫，暂不加价"])


def test_ruian_charges_small_c_firms_from_january() -> None:
    row = electricity("zhejiang/ruian-electricity-2022", 2022, scale="规下", tier="C", electricity_kwh=365_000)
    assert (str(row["from"]), str(row["until"])) == ("2023-01-01", "2023-06-30")
    assert (row["quantity"], row["amount"]) == (181_000, Decimal("1.81"))


@pytest.mark.parametrize(
    ("history", "rate"),
    [
        ([], "0.05"),
        (["D"], "0.10"),
        (["D", "D"], "0.15"),
        (["D", "D", "D", "D"], "0.15"),
        (["C", "D", "D"], "0.05"),
        ([None, "D", "D"], "0.05"),
        (["D", None, "D", "D"], "0.10"),
    ],
    ids=["first", "second", "third", "fifth", "broken by C", "broken by a year without", "two after a break"],
)
def test_shandong_goes_by_years_running(history: list[str | None], rate: str) -> None:
    row = electricity("shandong/electricity-2022", 2022, tier="D", tier_history=history, electricity_kwh=1_000_000)
    assert row["rate"] == Decimal(rate)
    assert row["amount"] == Decimal(rate) * 100


@pytest.mark.parametrize(("data_year", "rate"), [(2018, "0.10"), (2019, "0.20"), (2020, "0.30"), (2021, "0.30")])
def test_suzhou_goes_by_calendar_year(data_year: int, rate: str) -> None:
    row = electricity("jiangsu/suzhou-electricity-2018", data_year, tier="D", streak=7, electricity_kwh=1_000_000)
    assert (row["rate"], row["amount"]) == (Decimal(rate), Decimal(rate) * 100)
    assert row["quantity"] == 1_000_000, "a leap year is one year"


def test_suqian_charges_the_year_after() -> None:
    records = usage(
        ("T", "电", "2022-01-01", "2022-12-31", 900_000),
        ("T", "电", "2023-01-01", "2023-12-31", 600_000),
    )
    row = electricity(
        "jiangsu/suqian-electricity-2022", 2022, records, tier="D", tier_last="D", electricity_kwh=900_000
    )
    assert (row["quantity"], row["rate"], row["amount"]) == (600_000, Decimal("0.08"), Decimal("4.8"))


def test_linhai_before_and_after_march_2022(tmp_path: Any) -> None:
    """The old document on use over quota for two months, the new one on all use for ten: both in one year."""
    both = rules_of(tmp_path, "include: [zhejiang/linhai-water-2019, zhejiang/linhai-water-2022]\nmeasures: []\n")
    firm = {"credit_code": "T", "tier": "D", "water_m3": 36_500, "water_over_quota_m3": 3_650}
    allocation = allocate(both, enterprises([firm], 2021))
    before = row_of(allocation, "T", "zhejiang/linhai-water-2019#water")
    after = row_of(allocation, "T", "zhejiang/linhai-water-2022#water")
    assert (str(before["until"]), before["quantity"], before["amount"]) == ("2022-02-28", 590, Decimal("0.059"))
    assert (str(after["from"]), after["quantity"], after["amount"]) == ("2022-03-01", 30_600, Decimal("0.918"))
    assert before["document"] != after["document"]


def test_use_over_quota_never_comes_from_bills() -> None:
    firm = {"credit_code": "T", "tier": "C", "water_m3": 9_000, "water_over_quota_m3": 1_000}
    records = usage(("T", "水", "2019-01-01", "2019-12-31", 9_000))
    allocation = allocate(load_rules("zhejiang/linhai-water-2019"), enterprises([firm], 2018), usage=records)
    assert (row_of(allocation, "T", "water")["quantity"], row_of(allocation, "T", "water")["basis"]) == (1_000, "year")


def test_twenty_mu_at_six_yuan_relieved_by_four_fifths(tmp_path: Any) -> None:
    # 20 亩 = 13,333.33… ㎡ × 6 = 80,000 元; 80 % of it is 64,000 元 = 6.4 万元.
    by_due = allocate(
        load_rules("zhejiang/land-use-tax-2019"),
        enterprises([{"credit_code": "T", "tier": "B", "industry": "1751", "land_use_tax": 8}], 2018),
    )
    assert row_of(by_due, "T", "land_use_tax")["amount"] == Decimal("6.4")
    by_land = allocate(
        rules_of(tmp_path, measure('{id: b, when: "true", value: 6 * 0.8}', of="owned_mu", per="元/㎡")),
        enterprises([{"credit_code": "T", "owned_mu": 20}]),
    )
    assert row_of(by_land, "T")["amount"] == Decimal("6.4"), "亩 and 元/㎡ meet exactly: a fifteenth"


@pytest.mark.parametrize(
    ("town", "tier", "name", "amount"),
    [(True, "A", "relief", "3.2"), (True, "D", "surcharge", "3.2"), (False, "B", "relief", "0.4")],
)
def test_feixian_differs_from_the_rate_of_those_not_rated(town: bool, tier: str, name: str, amount: str) -> None:
    import polars as pl

    frame = enterprises([{"credit_code": "T", "tier": tier, "owned_mu": 15}], 2021)
    frame = frame.with_columns(pl.lit(value=town).alias("in_county_town"))
    allocation = allocate(load_rules("shandong/feixian-land-use-tax-2021"), frame)
    assert row_of(allocation, "T", f"land_use_tax_{name}")["amount"] == Decimal(amount)
