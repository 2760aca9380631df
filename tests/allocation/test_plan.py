"""What an allocation file can have wrong is said when it is compiled, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.errors import RuleError
from mujun.rules.allocation_plan import check_allocation, compile_allocation
from tests.allocation.given import measure, rules_of

OF = "    of: electricity_kwh\n"
RELIEF = measure('{id: a, when: "true", value: 8}', of="land_use_tax", per="share").replace("surcharge", "relief")
DATED_LUMP = measure('{id: a, when: "true", value: 1, from: 2023-01-01}', per="万元").replace(OF, "")
GOOD = '{id: a, when: "true", value: 0.1}'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (measure(GOOD, per="元/立方米"), "measure_per_unlike"),
        (measure(GOOD, per="share"), "measure_share_of_money"),
        (measure(GOOD, per="元/庹"), "rules_unknown_unit"),
        (measure(GOOD, of="1"), "measure_of_without_unit"),
        (measure(GOOD).replace("    per: 元/千瓦时\n", ""), "measure_without_per"),
        (measure(GOOD, of="electricity"), "expression_unknown_name_near"),
        (measure(""), "measure_without_rate"),
        (measure('{id: a, when: "true"}'), "rate_value_or_note"),
        (measure('{id: a, when: "true", value: 1, note: 二}'), "rate_value_or_note"),
        (measure('{id: a, when: "true", value: -1}'), "rate_negative"),
        (measure('{id: a, when: "1 + 1", value: 1}'), "rule_wants_condition"),
        (measure('{id: a, when: "true", value: "land_use_tax"}'), "unit_unlike"),
        (measure(f"{GOOD}, {GOOD}"), "id_twice"),
        (measure('{id: a, when: "true", value: 1, from: 2023-02-01, until: 2023-01-31}'), "period_order"),
        (measure(GOOD, more="    period: {from: 2023-02-01, until: 2023-01-31}\n"), "period_order"),
        (measure(GOOD, more="    period: {from: 2023-02-01}\n"), "period_one_end"),
        (measure(GOOD, more="    max_amount: 0\n"), "measure_max_amount"),
        (measure(GOOD).replace("surcharge", "note"), "rate_value_in_note"),
        (measure('{id: a, when: "true", note: 字}').replace("surcharge", "note"), "note_with_amount"),
        (RELIEF, "rate_share_above_one"),
        (DATED_LUMP, "rate_dates_without_of"),
        (measure(GOOD, per="share").replace(OF, ""), "measure_share_without_of"),
        (
            "statistics: {x: {stat: mean, of: tax_paid, over: [parcel, landlord]}}\n" + measure(GOOD),
            "statistic_two_relations",
        ),
        ("fields: {tier: {value: \"'D'\"}}\n" + measure(GOOD), "name_of_standing"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, body: str, code: str) -> None:
    rules = rules_of(tmp_path, body)
    codes = [p.code for p in check_allocation(rules)[1]]
    assert code in codes
    with pytest.raises(RuleError):
        compile_allocation(rules)


def test_a_set_without_allocation_says_so(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, 'listing: [{id: a, when: "true", reason: 一}]\n', "rectification")
    with pytest.raises(RuleError) as caught:
        compile_allocation(rules)
    assert [p.code for p in caught.value.problems] == ["rules_no_allocation"]


def test_the_plain_quantity_is_metered_and_nothing_else(tmp_path: Path) -> None:
    def utility(of: str) -> str | None:
        (charged,) = check_allocation(rules_of(tmp_path, measure(GOOD, of=of)))[0].measures
        return charged.utility

    assert utility("electricity_kwh") == utility("用电量") == "电"
    assert utility("electricity_kwh - 1") is None
