"""Periods, pieces, quantities from bills and years, and the order of the steps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.allocation import COLUMNS, allocate, usage_against_year
from mujun.allocation.periods import Span, pieces, runs
from mujun.errors import RatingError
from tests.allocation.given import enterprises, measure, row_of, rules_of, usage

HALF = "    period: {from: 2023-01-01, until: 2023-06-30}\n"


def test_a_year_is_one_year_leap_or_not() -> None:
    assert Span(date(2024, 1, 1), date(2024, 12, 31)).years == 1
    assert Span(date(2023, 7, 1), date(2024, 6, 30)).years == Fraction(184, 365) + Fraction(182, 366)


def test_pieces_are_cut_where_rows_begin_and_end() -> None:
    span = Span(date(2022, 12, 1), date(2023, 6, 30))
    cut = pieces(span, [(None, None), (date(2023, 1, 1), None), (None, date(2022, 11, 30))])
    assert cut == [
        (Span(date(2022, 12, 1), date(2022, 12, 31)), (0,)),
        (Span(date(2023, 1, 1), date(2023, 6, 30)), (0, 1)),
    ]
    assert runs((s, 0) for s, _ in cut) == [(span, 0)]
    assert runs((s, -1) for s, _ in cut) == []


def test_a_bill_that_straddles_the_end_counts_by_its_days(tmp_path: Path) -> None:
    # 15 December to 14 January: 14 of 31 days are in the period.
    rules = rules_of(tmp_path, measure("{id: d, when: \"tier = 'D'\", value: 0.1}", more=HALF))
    records = usage(("T", "电", "2022-12-15", "2023-01-14", 3_100), ("T", "电", "2023-01-15", "2023-02-14", 1_000))
    row = row_of(allocate(rules, enterprises([{"credit_code": "T", "tier": "D"}]), usage=records), "T")
    assert (row["quantity"], row["amount"]) == (2_400, Decimal("0.024"))
    assert (row["covered_days"], row["days"]) == (45, 181)


def test_two_meters_with_bills_of_their_own_are_added_up(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure("{id: d, when: \"tier = 'D'\", value: 0.1}", more=HALF))
    records = usage(("T", "电", "2023-01-01", "2023-01-31", 100), ("T", "电", "2023-01-11", "2023-02-09", 200))
    row = row_of(allocate(rules, enterprises([{"credit_code": "T", "tier": "D"}]), usage=records), "T")
    assert (row["quantity"], row["covered_days"]) == (300, 40)


def test_bills_outside_the_period_leave_the_year_in_force(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure("{id: d, when: \"tier = 'D'\", value: 0.1}", more=HALF))
    records = usage(("T", "电", "2022-01-01", "2022-12-31", 1), ("T", "水", "2023-01-01", "2023-01-31", 1))
    frame = enterprises([{"credit_code": "T", "tier": "D", "electricity_kwh": 365_000}])
    row = row_of(allocate(rules, frame, usage=records), "T")
    assert (row["basis"], row["quantity"], row["yearly"]) == ("year", 181_000, 365_000)


def test_rates_that_step_are_summed_before_rounding(tmp_path: Path) -> None:
    early = '{id: early, when: "true", value: 0.1, until: 2023-03-31}'
    rate = early + ', {id: late, when: "true", value: 0.2, from: 2023-04-01}'
    rules = rules_of(tmp_path, measure(rate, more=HALF))
    allocation = allocate(rules, enterprises([{"credit_code": "T", "electricity_kwh": 1}]))
    row = row_of(allocation, "T")
    # (90 × 0.1 + 91 × 0.2) ÷ 365 元 = 0.0745… 元: 0.07; rounded apart it would be 0.02 + 0.05.
    assert row["amount"] == Decimal("0.000007")
    assert (row["rate"], row["rate_ids"]) == (None, ["early", "late"])
    assert (str(row["from"]), str(row["until"])) == ("2023-01-01", "2023-06-30")
    assert allocation.segments.select("rate_id", "days").rows() == [("early", 90), ("late", 91)]


def test_the_first_row_that_holds_applies(tmp_path: Path) -> None:
    rate = '{id: special, when: "scale = \'规下\'", value: 0.5}, {id: usual, when: "true", value: 0.1}'
    firms = [{"credit_code": c, "scale": s, "electricity_kwh": 10} for c, s in (("A", "规下"), ("B", "规上"))]
    allocation = allocate(rules_of(tmp_path, measure(rate)), enterprises(firms))
    assert [row_of(allocation, c)["rate_ids"] for c in "AB"] == [["special"], ["usual"]]


def test_amounts_are_rounded_once_half_up(tmp_path: Path) -> None:
    # 0.05 × 0.1 元 = 0.005 元 → 0.01 元; banker's rounding would give 0.
    rules = rules_of(tmp_path, measure('{id: a, when: "true", value: 0.1}'))
    row = row_of(allocate(rules, enterprises([{"credit_code": "T", "electricity_kwh": "0.05"}])), "T")
    assert row["computed"] == Decimal("0.000001")


def test_a_rate_may_be_an_expression(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure('{id: a, when: "true", value: "0.1 * streak"}'))
    frame = enterprises([{"credit_code": "T", "tier": "D", "streak": 3, "electricity_kwh": 10_000}])
    row = row_of(allocate(rules, frame), "T")
    assert (row["rate"], row["amount"]) == (Decimal("0.3"), Decimal("0.3"))


def test_missing_figures_give_no_amount_and_no_zero(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure('{id: a, when: "true", value: 0.1}'))
    row = row_of(allocate(rules, enterprises([{"credit_code": "T", "electricity_kwh": None}])), "T")
    assert (row["quantity"], row["computed"], row["amount"], row["capped"]) == (None, None, None, False)


def test_a_lump_sum_has_no_days(tmp_path: Path) -> None:
    body = (
        "measures:\n  - {id: m, label: 奖励, kind: relief, per: 元, period: {from: 2023-03-01, until: 2023-03-31},"
        " rate: [{id: a, when: \"tier = 'A'\", value: 200000}]}\n"
    )
    row = row_of(allocate(rules_of(tmp_path, body), enterprises([{"credit_code": "T", "tier": "A"}])), "T")
    assert (row["amount"], row["quantity"], row["basis"], row["unit"]) == (20, None, None, "万元")


def test_a_quota_is_counted_in_what_it_allots(tmp_path: Path) -> None:
    body = (
        "measures:\n  - {id: m, label: 核减用能, kind: quota, of: energy_tce, per: share,"
        " rate: [{id: d, when: \"tier = 'D'\", value: 0.1}]}\n"
    )
    row = row_of(
        allocate(rules_of(tmp_path, body), enterprises([{"credit_code": "T", "tier": "D", "energy_tce": 55}])), "T"
    )
    assert (row["amount"], row["unit"]) == (Decimal("5.5"), "吨标煤")


EXCLUSIVE = """measures:
  - {id: a, label: 甲, kind: surcharge, of: electricity_kwh, per: 元/千瓦时, exclusive: price, rate: [{id: x, when: "true", value: 0.1}], max_amount: 0.2}
  - {id: b, label: 乙, kind: surcharge, of: electricity_kwh, per: 元/千瓦时, exclusive: price, rate: [{id: x, when: "true", value: 0.05}]}
  - {id: c, label: 丙, kind: surcharge, of: electricity_kwh, per: 元/千瓦时, exclusive: price, rate: [{id: x, when: "true", value: 0.05}]}
  - {id: d, label: 丁, kind: surcharge, of: electricity_kwh, per: 元/千瓦时, exclusive: price, rate: [{id: x, when: "true", value: 9}],
     exempt: [{id: e, when: "true", reason: 免}]}
"""  # noqa: E501


@pytest.mark.parametrize(("kwh", "winner"), [(10_000, "a"), (100_000, "b")], ids=["highest", "a cap comes before"])
def test_only_the_highest_of_an_exclusive_group_applies(tmp_path: Path, kwh: int, winner: str) -> None:
    allocation = allocate(rules_of(tmp_path, EXCLUSIVE), enterprises([{"credit_code": "T", "electricity_kwh": kwh}]))
    rows = {n: row_of(allocation, "T", n) for n in "abcd"}
    assert [n for n in "abc" if rows[n]["amount"] > 0] == [winner], "of equal ones the earlier applies"
    assert {rows[n]["excluded_by"] for n in "abc" if n != winner} == {winner}
    assert (rows["d"]["exempt"], rows["d"]["excluded_by"]) == ("e", None)
    assert rows["c"]["amount_alone"] == rows["c"]["computed"]


def test_a_trial_excludes_nothing_that_is_charged(tmp_path: Path) -> None:
    trial = "binding: false\n" + measure('{id: x, when: "true", value: 9}', more="    exclusive: price\n")
    rules_of(tmp_path / "trial", trial)
    both = "include: [../trial]\n" + measure(
        '{id: x, when: "true", value: 0.1}', more="    exclusive: price\n"
    ).replace("id: m", "id: own")
    allocation = allocate(
        rules_of(tmp_path / "both", both), enterprises([{"credit_code": "T", "electricity_kwh": 10_000}])
    )
    assert (row_of(allocation, "T")["binding"], row_of(allocation, "T", "own")["binding"]) == (False, True)
    assert row_of(allocation, "T", "own")["amount"] == Decimal("0.1")
    assert not allocation.binding


def test_managed_as_decides_what_is_charged(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure("{id: b, when: \"tier = 'B'\", value: 0.1}"))
    allocation = allocate(
        rules, enterprises([{"credit_code": "T", "tier": "D", "managed_as": "B", "electricity_kwh": 10_000}])
    )
    assert (row_of(allocation, "T")["tier"], row_of(allocation, "T")["tier_shown"]) == ("B", "D")


def test_the_exported_columns_are_those_of_the_design(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure("{id: b, when: \"tier = 'B'\", value: 0.1}"))
    allocation = allocate(rules, enterprises([{"credit_code": "T", "tier": "B", "electricity_kwh": 1}]))
    assert tuple(allocation.allocation.columns) == COLUMNS
    assert allocation.totals.row(0, named=True)["enterprises"] == 1
    empty = allocate(rules, enterprises([{"credit_code": "T", "tier": "B", "electricity_kwh": 1}]).clear())
    assert empty.allocation.height == 0
    assert empty.allocation.schema == allocation.allocation.schema


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (usage(("T", "电", "2023-02-01", "2023-01-01", 1)), "usage_dates"),
        (pl.DataFrame({"credit_code": ["T"]}), "usage_columns"),
    ],
)
def test_usage_records_that_cannot_be_are_refused(tmp_path: Path, records: pl.DataFrame, code: str) -> None:
    rules = rules_of(tmp_path, measure('{id: b, when: "true", value: 0.1}'))
    with pytest.raises(RatingError) as caught:
        allocate(rules, enterprises([{"credit_code": "T", "electricity_kwh": 1}]), usage=records)
    assert [p.code for p in caught.value.problems] == [code]


def test_a_period_by_the_data_year_needs_one(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure('{id: b, when: "true", value: 0.1}'))
    frame: Any = enterprises([{"credit_code": "T", "electricity_kwh": 1}]).drop("year")
    with pytest.raises(RatingError) as caught:
        allocate(rules, frame)
    assert [p.code for p in caught.value.problems] == ["period_no_year"]


def test_bills_are_held_against_the_year() -> None:
    frame = enterprises([{"credit_code": "T", "electricity_kwh": 1_000}, {"credit_code": "U", "water_m3": 5}])
    records = usage(
        ("T", "电", "2021-12-17", "2022-01-15", 300), ("T", "电", "2022-01-16", "2022-12-31", 800),
        ("X", "电", "2022-01-01", "2022-01-31", 1),
    )  # fmt: skip
    held = usage_against_year(frame, records, 2022)
    assert held.select("credit_code", "utility", "used", "covered_days", "difference").rows() == [
        ("T", "电", Decimal(950), 365, Decimal(-50))
    ]
