"""`rest: year`: days without a bill by what bills leave of the year's figure. All numbers are worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.allocation import Allocation, allocate
from mujun.allocation.explaining import explain_amount
from mujun.allocation.levers import by_quarter
from mujun.errors import RuleError
from tests.allocation.given import enterprises, measure, row_of, rules_of, usage

FIRM = "91330683XXXX000011"
RATE = "{id: d, when: \"tier = 'D'\", value: 0.1}"

Bill = tuple[date, date, str]


def records_of(bills: list[Bill]) -> pl.DataFrame:
    return usage(*((FIRM, "电", first.isoformat(), last.isoformat(), kwh) for first, last, kwh in bills))


def charged(folder: Path, figure: str, bills: list[Bill], period: str, *, year: int = 2022, rate: str = RATE,
            rest: str = "    rest: year\n") -> Allocation:  # fmt: skip
    rules = rules_of(folder, measure(rate, more=f"{rest}    period: {period}\n"))
    frame = enterprises([{"credit_code": FIRM, "tier": "D", "electricity_kwh": Decimal(figure)}], year)
    records = records_of(bills)
    return allocate(rules, frame, usage=records)


def of(allocation: Allocation) -> dict[str, Any]:
    row = row_of(allocation, FIRM)
    names = ("quantity", "billed", "carried", "basis", "days", "covered_days", "computed")
    return {n: row[n] if not isinstance(row[n], Decimal) else row[n].normalize() for n in names}


def D(text: str) -> Decimal:
    return Decimal(text).normalize()


CASES = [
    # 2022 whole: 90 days billed at 9,500; 36,500 − 9,500 = 27,000 over the other 275 days, all of them charged.
    ("36500", [(date(2022, 1, 1), date(2022, 3, 31), "9500")], "{from: 2022-01-01, until: 2022-12-31}", 2022,
     ("36500", "9500", "9500", "usage_rest", 365, 90, "0.365")),
    # December: 15 days billed at 1,000; January to June carry 20,000. 30,000 − 21,000 = 9,000 over 365 − 196 = 169
    # days; 16 of them are charged: 852.071006. 1,852.071006 × 0.1 = 185.21 yuan.
    ("30000", [(date(2022, 12, 1), date(2022, 12, 15), "1000"), (date(2022, 1, 1), date(2022, 6, 30), "20000")],
     "{from: 2022-12-01, until: 2022-12-31}", 2022,
     ("1852.071006", "1000", "21000", "usage_rest", 31, 15, "0.018521")),
    # Over New Year: December billed at 3,600, November at 2,500; 31 days of 2023 at 36,500 / 365 = 100 a day.
    ("36500", [(date(2022, 11, 1), date(2022, 11, 30), "2500"), (date(2022, 12, 1), date(2022, 12, 31), "3600")],
     "{from: 2022-12-01, until: 2023-01-31}", 2022, ("6700", "3600", "6100", "usage_rest", 62, 31, "0.067")),
    # A bill over New Year: 10 of its 20 days are in each year. December: 10 days billed at 1,000; 36,500 − 1,000 over
    # 355 days is 100 a day, 21 of them: 2,100. January: 10 days billed at 1,000, 21 at 36,500 / 365: 2,100.
    ("36500", [(date(2022, 12, 22), date(2023, 1, 10), "2000")], "{from: 2022-12-01, until: 2023-01-31}", 2022,
     ("6200", "2000", "1000", "usage_rest", 62, 20, "0.062")),
    # A leap year, no bill in the days charged: 36,600 − 3,100 over 335 days is 100 a day; February has 29.
    ("36600", [(date(2024, 1, 1), date(2024, 1, 31), "3100")], "{from: 2024-02-01, until: 2024-02-29}", 2024,
     ("2900", "0", "3100", "usage_rest", 29, 0, "0.029")),
    # The year after, a leap year: 10 days billed at 2,000; 19 × 36,500 / 366 = 1,894.808743.
    ("36500", [(date(2024, 2, 1), date(2024, 2, 10), "2000")], "{from: 2024-02-01, until: 2024-02-29}", 2023,
     ("3894.808743", "2000", "0", "usage_rest", 29, 10, "0.038948")),
    # Bills that carry more than the figure leave nothing for the other days.
    ("1000", [(date(2022, 1, 1), date(2022, 1, 31), "1200")], "{from: 2022-01-01, until: 2022-02-28}", 2022,
     ("1200", "1200", "1200", "usage_rest", 59, 31, "0.012")),
]  # fmt: skip


@pytest.mark.parametrize(("figure", "bills", "period", "year", "expected"), CASES)
def test_the_rest_of_the_year(
    tmp_path: Path, figure: str, bills: list[Bill], period: str, year: int, expected: tuple[Any, ...]
) -> None:
    quantity, billed, carried, basis, days, covered, computed = expected
    assert of(charged(tmp_path, figure, bills, period, year=year)) == {
        "quantity": D(quantity), "billed": D(billed), "carried": D(carried), "basis": basis, "days": days,
        "covered_days": covered, "computed": D(computed),
    }  # fmt: skip


JANUARY = [(date(2022, 1, 1), date(2022, 1, 31), "3100")]
TWO_MONTHS = "{from: 2022-01-01, until: 2022-02-28}"


def test_days_with_bills_only_where_nothing_is_said(tmp_path: Path) -> None:
    row = of(charged(tmp_path, "36500", JANUARY, TWO_MONTHS, rest=""))
    assert (row["basis"], row["quantity"], row["billed"]) == ("usage", D("3100"), None)


def test_all_days_with_a_bill_are_by_bills(tmp_path: Path) -> None:
    row = of(charged(tmp_path, "99999", JANUARY, "{from: 2022-01-01, until: 2022-01-31}"))
    assert (row["basis"], row["quantity"], row["billed"]) == ("usage", D("3100"), None)


def test_two_rates_each_with_the_days_it_holds(tmp_path: Path) -> None:
    # 31 days of December billed at 3,100 × 0.1; 31 of January at 100 a day × 0.2: 310 + 620 yuan.
    rate = (
        "{id: a, when: \"tier = 'D'\", value: 0.1, until: 2022-12-31}, "
        "{id: b, when: \"tier = 'D'\", value: 0.2, from: 2023-01-01}"
    )
    bills = [(date(2022, 12, 1), date(2022, 12, 31), "3100")]
    allocation = charged(tmp_path, "36500", bills, "{from: 2022-12-01, until: 2023-01-31}", rate=rate)
    assert of(allocation)["computed"] == D("0.093")
    assert allocation.segments["quantity"].to_list() == [Decimal(3100), Decimal(3100)]


def test_quarters_of_an_amount_are_what_each_comes_to(tmp_path: Path) -> None:
    # First quarter: 31 days billed at 3,100 and 59 at (36,500 − 3,100) / 334 = 100; every quarter has 100 a day.
    allocation = charged(tmp_path, "36500", JANUARY, "{from: 2022-01-01, until: 2022-12-31}")
    spread = by_quarter(allocation, "m", records_of(JANUARY))
    assert spread.select("quarter", "amount").rows() == [
        ("2022Q1", Decimal("0.090000")),
        ("2022Q2", Decimal("0.091000")),
        ("2022Q3", Decimal("0.092000")),
        ("2022Q4", Decimal("0.092000")),
    ]


def test_a_firm_without_a_figure_of_the_year_is_charged_by_its_bills(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure(RATE, more=f"    rest: year\n    period: {TWO_MONTHS}\n"))
    frame = enterprises([{"credit_code": FIRM, "tier": "D", "electricity_kwh": None}])
    frame = frame.with_columns(pl.col("electricity_kwh").cast(pl.Decimal(18, 6)))
    row = of(allocate(rules, frame, usage=records_of(JANUARY)))
    assert (row["basis"], row["quantity"]) == ("usage", D("3100"))


def test_the_explanation_says_which_days_are_by_what(tmp_path: Path) -> None:
    explanation = "\n".join(explain_amount(charged(tmp_path, "36500", JANUARY, TWO_MONTHS), FIRM))
    assert "59 天中有 31 天的用量记录，合计 3100 千瓦时" in explanation
    assert (
        "其余 28 天按 2022 年全年数 36500 减去当年账单 3100 后按天折算，计 2800 千瓦时；共 5900 千瓦时" in explanation
    )


def test_only_quantities_that_meters_count_have_a_rest(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure(RATE, of="owned_mu", per="元/亩", more="    rest: year\n"))
    with pytest.raises(RuleError) as caught:
        allocate(rules, enterprises([{"credit_code": FIRM, "tier": "D", "owned_mu": Decimal(3)}]))
    assert [p.code for p in caught.value.problems] == ["rest_without_meter"]
