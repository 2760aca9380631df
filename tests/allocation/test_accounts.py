"""Amounts on account numbers: to the 分, and in all exactly what the measures come to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.allocation import allocate, office_list, offices_of
from mujun.errors import UsageError
from mujun.rules import load_rules
from tests.allocation.given import enterprises, measure, rules_of, usage

TWO = """measures:
  - {id: power, label: 电, kind: surcharge, of: electricity_kwh, per: 元/千瓦时, rate: [{id: d, when: "tier = 'D'", value: 0.1}]}
  - {id: quota, label: 超定额, kind: surcharge, of: water_over_quota_m3, per: 元/立方米, rate: [{id: d, when: "tier = 'D'", value: 1}]}
  - {id: land, label: 土地, kind: relief, of: land_use_tax, per: share, rate: [{id: d, when: "true", value: 0.5}]}
  - {id: award, label: 奖励, kind: relief, per: 万元, rate: [{id: d, when: "tier = 'A'", value: 3}]}
"""  # noqa: E501


def accounts(*rows: tuple[str, str, str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [(c, u, a, None if n is None else Decimal(str(n))) for c, u, a, n in rows],
        schema={
            "credit_code": pl.String, "utility": pl.String, "account": pl.String, "account_use": pl.Decimal(18, 6),
        },
        orient="row",
    )  # fmt: skip


FIRMS = enterprises(
    [
        {"credit_code": "A", "tier": "D", "electricity_kwh": 1000, "water_over_quota_m3": 7, "land_use_tax": 2},
        {"credit_code": "B", "tier": "D", "electricity_kwh": "333.3", "land_use_tax": 1},
        {"credit_code": "C", "tier": "D", "electricity_kwh": None},
        {"credit_code": "E", "tier": "A", "electricity_kwh": 5},
    ]
)


def test_each_office_gets_its_own(tmp_path: Path) -> None:
    allocation = allocate(rules_of(tmp_path, TWO), FIRMS)
    assert offices_of(allocation) == ("power", "water", "tax")
    held = accounts(("A", "电", "P1", None), ("A", "水", "W1", None), ("A", "气", "G1", None))
    assert office_list(allocation, "water", held).lines.select("credit_code", "account", "amount").rows() == [
        ("A", "W1", Decimal("0.0007"))
    ]
    power = office_list(allocation, "power", held)
    assert power.lines.select("credit_code", "account", "split").rows() == [("A", "P1", "one"), ("B", None, "none")]
    assert power.without_account["credit_code"].to_list() == ["B"]
    assert power.open["credit_code"].to_list() == ["C"], "a D firm whose use is not known"
    assert power.totals["without"].to_list() == [Decimal("0.003333")]
    tax = office_list(allocation, "tax", held)
    assert tax.lines["amount"].to_list() == [1, Decimal("0.5")]
    assert tax.without_account.is_empty(), "the tax office goes by credit codes"
    with pytest.raises(UsageError):
        office_list(allocation, "gas", held)


@pytest.mark.parametrize(
    ("uses", "cents", "split"),
    [
        # 1,000 kWh × 0.1 元 = 100.00 元 on three accounts.
        ((None, None, None), [3334, 3333, 3333], "equal"),
        ((1, 2, None), [3334, 3333, 3333], "equal"),
        ((0, 0, 0), [3334, 3333, 3333], "equal"),
        ((1, 1, 4), [1667, 1667, 6666], "by_use"),
        ((5, 0, 5), [5000, 0, 5000], "by_use"),
    ],
)
def test_several_accounts_share_by_their_use(
    tmp_path: Path, uses: tuple[Any, ...], cents: list[int], split: str
) -> None:
    allocation = allocate(rules_of(tmp_path, TWO), FIRMS)
    held = accounts(*(("A", "电", f"P{i}", use) for i, use in enumerate(uses)))
    lines = office_list(allocation, "power", held).lines.filter(credit_code="A")
    assert [int(a * 1_000_000) for a in lines["amount"]] == cents
    assert lines["quantity"].sum() == 1000
    assert set(lines["split"]) == {split}


def test_a_tax_paid_back_is_in_the_list_as_it_is_in_the_total(tmp_path: Path) -> None:
    firms = enterprises([{"credit_code": "A", "land_use_tax": 4}, {"credit_code": "B", "land_use_tax": "-1.5"}])
    allocation = allocate(rules_of(tmp_path, TWO), firms)
    assert office_list(allocation, "tax", accounts()).lines["amount"].sum() == Decimal("1.25")


def test_rates_that_change_are_told_with_their_days(tmp_path: Path) -> None:
    rate = '{id: early, when: "true", value: 0.1, until: 2022-06-30}, {id: late, when: "true", value: 0.2}'
    allocation = allocate(
        rules_of(tmp_path, measure(rate)), enterprises([{"credit_code": "T", "electricity_kwh": 365}])
    )
    (line,) = office_list(allocation, "power", accounts()).lines.iter_rows(named=True)
    assert line["rate"] is None
    assert line["rates"] == ["2022-01-01 — 2022-06-30: 0.1", "2022-07-01 — 2022-12-31: 0.2"]


def test_days_without_a_record_are_told(tmp_path: Path) -> None:
    allocation = allocate(rules_of(tmp_path, TWO), FIRMS, usage=usage(("A", "电", "2022-01-01", "2022-01-31", 50)))
    listed = office_list(allocation, "power", accounts())
    assert listed.partly.select("credit_code", "covered_days", "days").rows() == [("A", 31, 365)]


def test_trials_and_notes_charge_nobody() -> None:
    rules = load_rules("zhejiang/ruian-electricity-2022")
    firm = {"credit_code": "T", "scale": "规上", "tier": "C", "electricity_kwh": 10**6}
    listed = office_list(allocate(rules, enterprises([firm])), "power", accounts())
    assert listed.lines.is_empty()
    assert listed.open.is_empty(), "a warning lacks no amount"


SUZHOU = load_rules("jiangsu/suzhou-electricity-2018")


@settings(max_examples=40)
@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.one_of(st.none(), st.integers(0, 10**6))), max_size=12),
)
def test_the_lists_add_up_to_the_measure(kwh: list[int], held: list[tuple[int, int, int | None]]) -> None:
    firms = [{"credit_code": f"T{i}", "tier": "D", "electricity_kwh": Decimal(n) / 1000} for i, n in enumerate(kwh)]
    allocation = allocate(SUZHOU, enterprises(firms, 2018))
    unique = {(f"T{i}", f"P{j}"): use for i, j, use in held}
    listed = office_list(allocation, "power", accounts(*((c, "电", a, u) for (c, a), u in unique.items())))
    assert listed.lines["amount"].sum() == allocation.rows["amount"].sum()
    charged = allocation.rows.filter(pl.col("amount") > 0).sort("credit_code")
    assert listed.lines["quantity"].sum() == charged["quantity"].sum()
    each = listed.lines.group_by("credit_code").agg(pl.col("amount").sum()).sort("credit_code")
    assert each["amount"].to_list() == charged["amount"].to_list()
