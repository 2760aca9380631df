"""The quarterly ledger: each amount in its quarters, to the 分, and blank where nothing is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mujun.allocation import LeverLine, Quarter, allocate, lever_ledger
from mujun.allocation.levers import LeverLedger, by_quarter, quarters_of
from mujun.allocation.periods import Span
from mujun.rules import load_rules
from mujun.rules.allocation_plan import LEVER_UNITS
from tests.allocation.given import enterprises, measure, rules_of, usage

POWER = "    lever: power_surcharge\n    period: {from: 2022-12-01, until: 2023-06-30}\n"


def line(ledger: LeverLedger, lever: str) -> LeverLine:
    return next(li for li in ledger.lines if li.lever == lever)


def test_quarters() -> None:
    quarters = list(quarters_of(Span(date(2022, 12, 1), date(2023, 6, 30))))
    assert [str(q) for q in quarters] == ["2022Q4", "2023Q1", "2023Q2"]
    assert Quarter(2023, 3).span == Span(date(2023, 7, 1), date(2023, 9, 30))
    assert Quarter(2024, 1).span.days == 91


def test_without_records_it_goes_by_the_days(tmp_path: Path) -> None:
    # 31 + 90 + 91 of 365 days of 365,000 kWh × 0.1 元: 3,100 + 9,000 + 9,100 元.
    rules = rules_of(tmp_path, measure("{id: d, when: \"tier = 'D'\", value: 0.1}", more=POWER))
    allocation = allocate(rules, enterprises([{"credit_code": "T", "tier": "D", "electricity_kwh": 365_000}]))
    assert dict(by_quarter(allocation, "m").select("quarter", "amount").iter_rows()) == {
        "2022Q4": Decimal("0.31"),
        "2023Q1": Decimal("0.9"),
        "2023Q2": Decimal("0.91"),
    }


def test_with_records_it_goes_by_what_was_used(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, measure("{id: d, when: \"tier = 'D'\", value: 0.1}", more=POWER))
    bills = usage(("T", "电", "2022-12-01", "2022-12-31", 1_000), ("T", "电", "2023-04-01", "2023-04-30", 3_000))
    firm = {"credit_code": "T", "tier": "D", "electricity_kwh": 365_000}
    allocation = allocate(rules, enterprises([firm]), usage=bills)
    assert dict(by_quarter(allocation, "m", bills).select("quarter", "amount").iter_rows()) == {
        "2022Q4": Decimal("0.01"),
        "2023Q2": Decimal("0.03"),
    }


def test_a_cap_is_spread_like_the_amount_and_adds_up(tmp_path: Path) -> None:
    more = POWER + "    max_amount: 1\n"
    rules = rules_of(tmp_path, measure("{id: d, when: \"tier = 'D'\", value: 0.1}", more=more))
    allocation = allocate(rules, enterprises([{"credit_code": "T", "tier": "D", "electricity_kwh": 3_650_000}]))
    spread = by_quarter(allocation, "m")
    # 31/212, 121/212 of 1 万元, rounded as it goes.
    assert spread["amount"].to_list() == [Decimal("0.146226"), Decimal("0.424529"), Decimal("0.429245")]
    assert spread["amount"].sum() == 1


def test_lump_sums_and_refunds(tmp_path: Path) -> None:
    body = """measures:
  - {id: award, label: 奖励, kind: relief, per: 万元, lever: award, period: {year: +1}, rate: [{id: a, when: "tier = 'A'", value: 3}]}
  - {id: tax, label: 加征, kind: surcharge, of: land_use_tax, per: share, rate: [{id: a, when: "true", value: 0.1}]}
  - {id: back, label: 返还, kind: relief, per: share, refunds: tax, lever: award, period: {year: +1}, rate: [{id: a, when: "true", value: 1}]}
"""  # noqa: E501
    allocation = allocate(
        rules_of(tmp_path, body), enterprises([{"credit_code": "T", "tier": "A", "land_use_tax": 20}])
    )
    ledger = lever_ledger(allocation)
    award = line(ledger, "award")
    assert award.amounts == {Quarter(2023, 1): 3, Quarter(2023, 2): 0, Quarter(2023, 3): 0, Quarter(2023, 4): 2}
    assert (award.total, award.enterprises, award.measures) == (Decimal(5), 1, ("奖励", "返还"))
    assert ledger.outside == ("加征",)


def test_eleven_lines_and_why_they_are_blank(tmp_path: Path) -> None:
    body = """measures:
  - {id: relief, label: 减免, kind: relief, of: land_use_tax, per: share, lever: land_tax_relief, rate: [{id: a, when: "true", value: 0.5}]}
  - {id: water, label: 水, kind: surcharge, of: water_m3, per: 元/立方米, lever: water_surcharge, rate: [{id: a, when: "true", value: 1}]}
  - {id: quota, label: 用能, kind: quota, of: land_mu, per: 吨标煤/亩, lever: energy_quota, rate: [{id: a, when: "tier = 'A'", value: 5}]}
"""  # noqa: E501
    firms: list[dict[str, Any]] = [
        {"credit_code": "1", "tier": "A", "land_use_tax": 10, "land_mu": 2},
        {"credit_code": "2", "tier": "B"},
        {"credit_code": "3", "tier": "C", "land_use_tax": 4},
        {"credit_code": "4", "tier": "D"},
    ]
    ledger = lever_ledger(allocate(rules_of(tmp_path, body), enterprises(firms)))
    assert [li.lever for li in ledger.lines] == list(LEVER_UNITS)
    assert len(ledger.lines) == 11
    relief = line(ledger, "land_tax_relief")
    # B's tax is not known; C's relief is none of A and B's.
    assert (relief.total, relief.enterprises, relief.open, relief.others) == (Decimal(5), 1, 1, Decimal(2))
    assert line(ledger, "energy_quota").total == 10
    water = line(ledger, "water_surcharge")
    assert (water.total, water.why, water.open) == (None, "lever_no_data", 2)
    assert (line(ledger, "new_land").total, line(ledger, "new_land").why) == (None, "lever_no_measure")


def test_a_trial_is_not_reported(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, "binding: false\n" + measure('{id: d, when: "true", value: 0.1}', more=POWER))
    allocation = allocate(rules, enterprises([{"credit_code": "T", "tier": "D", "electricity_kwh": 1}]))
    assert line(lever_ledger(allocation), "power_surcharge").why == "lever_trial"


@pytest.mark.parametrize(
    ("rules", "lever"),
    [
        ("zhejiang/land-use-tax-2019", "land_tax_relief"),
        ("shandong/feixian-land-use-tax-2021", "land_tax_relief"),
        ("zhejiang/ruian-electricity-2022", "power_surcharge"),
        ("shandong/electricity-2022", "power_surcharge"),
        ("jiangsu/suzhou-electricity-2018", "power_surcharge"),
        ("jiangsu/suqian-electricity-2022", "power_surcharge"),
        ("zhejiang/linhai-water-2019", "water_surcharge"),
        ("zhejiang/linhai-water-2022", "water_surcharge"),
    ],
)
def test_shipped_documents_say_which_line_they_are_counted_in(rules: str, lever: str) -> None:
    levers = {m.source.lever for m in allocate(load_rules(rules), enterprises([{"credit_code": "T"}])).plan.measures}
    assert lever in levers
