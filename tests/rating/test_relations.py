"""Statistics of the firms on one's own parcels, and of one's own tenants: `over: [parcel]`, `over: [landlord]`."""

from __future__ import annotations

from typing import Any

import pytest

from mujun.errors import RuleError
from tests.rating.given import frame_of, rated, rules_of

RULES = """
population: {{scope: "tax_paid > 0"}}
statistics: {{x: {statistic}}}
cohorts: [{{id: all, when: "true"}}]
indicators: {{tax_per_mu: {{label: 亩均税收, of: tax_paid, per: land_mu}}, shown: {{label: 用到, value: "x"}}}}
scoring: {{all: {{tax_per_mu: {{weight: 100, benchmark: 10}}}}}}
tiers: {{classes: [{{id: A}}], cut: {{default: {{shares: {{A: 100}}}}}}}}
"""
# 甲 stands on P1 and P2 and lets to 乙 and 丙; 丁 lets to 乙; 戊 stands nowhere; 己 pays nothing and is out of scope.
FIRMS: list[dict[str, Any]] = [
    {"credit_code": "甲", "scale": "规上", "tax_paid": 100, "land_mu": 10, "parcels": ["P1", "P2"],
     "tenants": ["乙", "丙"]},
    {"credit_code": "乙", "scale": "规下", "tax_paid": 40, "land_mu": 8, "parcels": ["P1"]},
    {"credit_code": "丙", "scale": "规上", "tax_paid": 50, "land_mu": 5, "parcels": ["P2"]},
    {"credit_code": "丁", "scale": "规上", "tax_paid": 10, "land_mu": 5, "parcels": ["P3"], "tenants": ["乙", "己"]},
    {"credit_code": "戊", "scale": "规下", "tax_paid": 7, "land_mu": 7},
    {"credit_code": "己", "scale": "规下", "tax_paid": 0, "land_mu": 6, "parcels": ["P3"]},
]  # fmt: skip


def found(statistic: str, rows: list[dict[str, Any]] = FIRMS) -> dict[str, Any]:
    got = rated(RULES.format(statistic=statistic), rows).enterprises
    return {c: None if x is None else float(x) for c, x in got.select("credit_code", "x").iter_rows()}


def test_a_parcels_firms_are_all_who_share_one_with_it() -> None:
    # 甲 sees 甲, 乙, 丙, once each: 190; 乙 those of P1: 100 + 40; 丙 those of P2: 100 + 50; 丁 itself.
    assert found("{stat: sum, of: tax_paid, over: [parcel]}") == {
        "甲": 190, "乙": 140, "丙": 150, "丁": 10, "戊": None, "己": 10,
    }  # fmt: skip


def test_a_landlords_tenants_do_not_count_it_itself() -> None:
    # 甲: 40 + 50; 丁: 40, as 己 is not rated; nobody else lets.
    assert found("{stat: sum, of: tax_paid, over: [landlord]}") == {
        "甲": 90, "乙": None, "丙": None, "丁": 40, "戊": None, "己": None,
    }  # fmt: skip


def test_among_all_counts_who_is_out_of_scope() -> None:
    # 丁's tenants are 乙 with 8 mu and 己 with 6: 40 / 14.
    assert found("{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [landlord], among: all}")[
        "丁"
    ] == pytest.approx(40 / 14, abs=1e-12)


def test_a_key_beside_it_has_to_be_the_same() -> None:
    # 甲 is 规上: of P1 and P2 it sees itself and 丙; 乙 is 规下 and sees itself.
    assert found("{stat: sum, of: tax_paid, over: [parcel, scale]}")["甲"] == 150
    assert found("{stat: sum, of: tax_paid, over: [parcel, scale]}")["乙"] == 40


def test_otherwise_and_least_members_hold_as_ever() -> None:
    by = found("{stat: median, of: tax_paid, over: [parcel], min_members: 2, otherwise: 0}")
    # 甲: 40, 50, 100; 乙: 40, 100.
    assert (by["甲"], by["乙"], by["丁"], by["戊"]) == (50, 70, 0, 0)


def test_members_are_told_by_a_condition() -> None:
    assert found("{stat: count, over: [landlord], members: \"scale = '规下'\", otherwise: 0}") == {
        "甲": 1, "乙": 0, "丙": 0, "丁": 1, "戊": 0, "己": 0,
    }  # fmt: skip


def test_row_order_changes_nothing() -> None:
    statistic = "{stat: mean, of: tax_paid, over: [parcel]}"
    assert found(statistic, FIRMS[::-1]) == found(statistic)


def test_a_file_that_has_a_field_of_that_name_means_the_field() -> None:
    rules = RULES.format(statistic="{stat: sum, of: tax_paid, over: [parcel]}")
    own = rules + 'fields: {parcel: {label: 地块, value: "scale"}}\n'
    got = rated(own, FIRMS).enterprises
    # 规上: 100 + 50 + 10.
    assert float(dict(got.select("credit_code", "x").iter_rows())["甲"]) == 160


def test_last_years_relation_is_last_years() -> None:
    rules = RULES.format(statistic="{stat: sum, of: tax_paid, over: [landlord], year: previous}")
    before = frame_of([{**row, "year": 2021} for row in FIRMS[:3]])
    rows = [{**row, "tenants": []} for row in FIRMS]
    got = rated(rules, rows, before).enterprises
    assert dict(got.select("credit_code", "x").iter_rows())["甲"] == 90


def test_where_firms_are_merged_a_relation_is_refused() -> None:
    rules = RULES.format(statistic="{stat: sum, of: tax_paid, over: [parcel]}")
    merged = rules.replace('population: {scope: "tax_paid > 0"}', "population: {subject: parcel}")
    with pytest.raises(RuleError, match="一个评价对象由几家企业合成"):
        rated(merged, FIRMS)
    assert rules_of(rules).rating is not None
