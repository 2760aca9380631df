"""Days of each enterprise's own: `period: {begins: …, grace: …, ends: …}`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun import messages
from mujun.allocation import Allocation, allocate, explain_amount
from mujun.allocation.levers import lever_ledger
from mujun.rules.showing import show_rules
from tests.allocation.given import enterprises, rules_of

RULES = """fields:
  notified_on: {{label: 告知日期, input: date}}
  closed_on: {{label: 停产日期, input: date}}
measures:
  - id: power
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    lever: power_surcharge
    rate: [{{id: d, when: "tier = 'D'", value: 0.10}}]
    period: {period}
"""
# 365000 kWh a year are 1000 a day in 2022 and 2023 alike.
FIRMS: list[dict[str, Any]] = [
    {"credit_code": "A", "name": "甲", "tier": "D", "electricity_kwh": 365000},
    {"credit_code": "B", "name": "乙", "tier": "D", "electricity_kwh": 365000},
    {"credit_code": "C", "name": "丙", "tier": "D", "electricity_kwh": 365000},
    {"credit_code": "D", "name": "丁", "tier": "B", "electricity_kwh": 365000},
]
NOTIFIED = [date(2022, 3, 31), date(2020, 5, 1), None, date(2022, 3, 31)]
CLOSED = [None, date(2022, 6, 30), None, None]


def charged(folder: Path, period: str) -> Allocation:
    frame = enterprises(FIRMS).with_columns(
        pl.Series("notified_on", NOTIFIED, dtype=pl.Date), pl.Series("closed_on", CLOSED, dtype=pl.Date)
    )
    return allocate(rules_of(folder, RULES.format(period=period)), frame)


def amounts(folder: Path, period: str) -> dict[str, Decimal]:
    return dict(charged(folder, period).allocation.select("credit_code", "amount").iter_rows())


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        # 甲 from 31 March: 1 + 30 + 31 + 30 + 31 + 31 + 30 + 31 + 30 + 31 = 276 days; 乙 the whole year; 丙 has no day.
        ("{begins: notified_on}", {"A": "2.76", "B": "3.65"}),
        # Six months after 31 March is 30 September: 1 + 31 + 30 + 31 = 93 days.
        ("{begins: notified_on, grace: 6}", {"A": "0.93", "B": "3.65"}),
        # 乙 until 30 June: 181 days; the others go on to the end.
        ("{ends: \"coalesce(closed_on, date '2022-12-31')\"}", {"A": "3.65", "B": "1.81", "C": "3.65"}),
        # Within the period as ever: from 1 October to the end of the year 92 days; 甲's 30 September lies before.
        ("{year: 0, from: 2022-10-01, begins: notified_on, grace: 6}", {"A": "0.92", "B": "0.92"}),
        # The year after: 甲 from 31 March 2023 on, when two years less one day are over for nobody else.
        ("{year: +1, begins: notified_on, grace: 12}", {"A": "2.76", "B": "3.65"}),
    ],
)
def test_each_is_charged_over_its_own_days(tmp_path: Path, period: str, expected: dict[str, str]) -> None:
    assert amounts(tmp_path, period) == {code: Decimal(amount) for code, amount in expected.items()}


def test_bills_count_only_of_ones_own_days(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, RULES.format(period="{begins: notified_on, grace: 6}"))
    frame = enterprises(FIRMS[:1]).with_columns(
        pl.Series("notified_on", NOTIFIED[:1]), pl.Series("closed_on", [None], dtype=pl.Date)
    )
    bills = pl.DataFrame(
        {
            "credit_code": ["A", "A"],
            "utility": ["电", "电"],
            "from": [date(2022, 8, 1), date(2022, 10, 1)],
            "until": [date(2022, 8, 31), date(2022, 10, 31)],
            "quantity": [Decimal(50000), Decimal(20000)],
        }
    )
    # August lies before 30 September: 20000 kWh at 0.1 are 2000 yuan.
    assert allocate(rules, frame, usage=bills).allocation["amount"].to_list() == [Decimal("0.2")]


def test_a_lump_sum_is_given_once_to_whom_has_days_left(tmp_path: Path) -> None:
    body = RULES.format(period="{begins: notified_on, grace: 12}")
    body = body.replace("    of: electricity_kwh\n    per: 元/千瓦时\n    lever: power_surcharge\n", "    per: 万元\n")
    frame = enterprises(FIRMS).with_columns(
        pl.Series("notified_on", NOTIFIED, dtype=pl.Date), pl.Series("closed_on", CLOSED, dtype=pl.Date)
    )
    # 甲's twelve months are over in 2023 only.
    assert allocate(rules_of(tmp_path, body), frame).allocation["credit_code"].to_list() == ["B"]


def test_the_ledger_has_nothing_before_ones_own_days(tmp_path: Path) -> None:
    line = next(x for x in lever_ledger(charged(tmp_path, "{begins: notified_on, grace: 6}")).lines if x.amounts)
    # 甲: one day of the third quarter, 92 of the fourth; 乙: 90, 91, 92 and 92.
    assert [str(v) for v in line.amounts.values()] == ["0.900000", "0.910000", "0.930000", "1.840000"]


def test_the_explanation_names_the_day_and_why(tmp_path: Path) -> None:
    with messages.speaking("zh"):
        told = "\n".join(explain_amount(charged(tmp_path, "{begins: notified_on, grace: 6}"), "A"))
    assert "本企业自2022-09-30起执行：告知日期满6个月" in told
    assert "2022-03-31" in told


def test_rules_show_prints_them(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, RULES.format(period="{begins: notified_on, grace: 6, ends: closed_on}"))
    told = "\n".join(str(part) for part in show_rules(rules).parts)
    assert "各企业自告知日期满6个月起，至停产日期止" in told
