"""Lists of parcels: `subject: parcel`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.errors import RuleError
from mujun.rectification import Listing, exits, list_enterprises
from tests.allocation.given import rules_of
from tests.rating.given import frame_of

RULES = """subject: parcel
scope: "land_mu >= 5"
fields:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, value: "tax_paid / land_mu"}
statistics:
  usual: {stat: ratio_of_sums, of: tax_paid, per: land_mu}
listing:
  - {id: low, when: "tax_per_mu < 0.5 * usual", reason: 亩均税收不足平均的一半}
  - {id: crowded, when: "firms >= 3 and tax_per_mu < usual", reason: 三家以上而低于平均}
paths: [{id: all, when: "true", path: 整治提升, months: 12}]
exit: {when: "tax_per_mu >= usual"}
"""
FIRMS: list[dict[str, Any]] = [
    # On P1 alone: 甲 and 乙, 30 + 10 of 10 + 10 mu: 2 a mu.
    {"credit_code": "甲", "name": "甲", "township": "城关镇", "tax_paid": 30, "land_mu": 10, "parcels": ["P1"]},
    {"credit_code": "乙", "name": "乙", "township": "城关镇", "tax_paid": 10, "land_mu": 10, "parcels": ["P1"]},
    # 丙 joins P2 and P3, 丁 and 戊 stand on one of them each: 40 + 40 + 20 of 20 mu: 5 a mu.
    {"credit_code": "丙", "name": "丙", "township": "石璜镇", "tax_paid": 40, "land_mu": 10, "parcels": ["P2", "P3"]},
    {"credit_code": "丁", "name": "丁", "township": "石璜镇", "tax_paid": 40, "land_mu": 5, "parcels": ["P2"]},
    {"credit_code": "戊", "name": "戊", "township": "石璜镇", "tax_paid": 20, "land_mu": 5, "parcels": ["P3"]},
    # 己 on P4: 100 of 10 mu. 庚 on P5 has 2 mu and is outside the scope, but counts in the average. 辛 stands nowhere.
    {"credit_code": "己", "name": "己", "township": "石璜镇", "tax_paid": 100, "land_mu": 10, "parcels": ["P4"]},
    {"credit_code": "庚", "name": "庚", "township": "石璜镇", "tax_paid": 20, "land_mu": 2, "parcels": ["P5"]},
    {"credit_code": "辛", "name": "辛", "township": "石璜镇", "tax_paid": 900, "land_mu": 1},
]


def listed(tmp_path: Path, rows: list[dict[str, Any]] = FIRMS) -> Listing:
    return list_enterprises(rules_of(tmp_path, RULES, "rectification"), frame_of(rows))


def test_a_parcel_is_listed_by_the_figures_of_all_firms_on_it(tmp_path: Path) -> None:
    # The average is (40 + 100 + 100 + 20) / (20 + 20 + 10 + 2) = 260 / 52 = 5; half of it 2.5. P1 has 2. P2 and P3
    # together have 5, which is not below 5; with 辛, who stands nowhere, the average would be 1160 / 53.
    rows = listed(tmp_path).rectification
    assert rows.select("parcel", "parcels", "members", "reasons").rows() == [("P1", ["P1"], ["乙", "甲"], ["low"])]
    assert rows["land_mu"].to_list() == [20]


def test_three_firms_on_joined_parcels(tmp_path: Path) -> None:
    rows = [dict(r) for r in FIRMS]
    rows[3]["tax_paid"] = 30  # 90 of 20 mu: 4.5; the average 250 / 52 = 4.81
    parcels = listed(tmp_path, rows).rectification.sort("parcel")
    assert parcels.select("parcel", "parcels", "reasons").rows() == [
        ("P1", ["P1"], ["low"]), ("P2", ["P2", "P3"], ["crowded"]),
    ]  # fmt: skip
    assert parcels.filter(pl.col("parcel") == "P2")["expected_land_mu"].to_list() == [20]


def test_the_exit_is_told_of_each_parcel(tmp_path: Path) -> None:
    met, _ = exits(rules_of(tmp_path, RULES, "rectification"), frame_of(FIRMS))
    assert dict(met.select("credit_code", "met").iter_rows()) == {
        "P1": False, "P2": True, "P3": True, "P4": True, "P5": True,
    }  # fmt: skip


def test_what_the_reasons_rest_on_is_told(tmp_path: Path) -> None:
    told = listed(tmp_path).triggers
    rows = {(r["credit_code"], r["field"], float(r["value"])) for r in told.iter_rows(named=True)}
    assert rows == {("P1", "tax_per_mu", 2.0), ("P1", "usual", 5.0)}


def test_a_firms_own_result_is_nothing_of_a_parcel(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, RULES.replace("tax_per_mu < 0.5 * usual", "score < 60"), "rectification")
    with pytest.raises(RuleError, match="score"):
        list_enterprises(rules, frame_of(FIRMS))


def test_last_years_parcels(tmp_path: Path) -> None:
    body = RULES.replace("per: land_mu}", "per: land_mu, year: previous}")
    rules = rules_of(tmp_path, body, "rectification")
    # Last year only 甲 and 己: 130 / 20 = 6.5; half of it 3.25.
    got = list_enterprises(rules, frame_of(FIRMS), previous=frame_of([FIRMS[0], FIRMS[5]]))
    assert got.rectification.sort("parcel").select("parcel", "reasons").rows() == [
        ("P1", ["low"]), ("P2", ["crowded"]),
    ]  # fmt: skip
