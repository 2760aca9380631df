"""Measures of every kind that documents use: refunds, streaks with gaps, brackets by the industry's mean, matrices."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mujun.allocation import allocate, explain_amount
from mujun.errors import RuleError
from mujun.messages import speaking
from mujun.rules.allocation_plan import check_allocation, compile_allocation
from mujun.rules.showing import show_rules
from tests.allocation.given import enterprises, measure, row_of, rules_of

# ------------------------------------------------------------------------------------------------------------- refunds

REFUND = """measures:
  - id: power
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    rate: [{id: d, when: "tier = 'D'", value: 0.3}]
    exempt: [{id: small, when: "electricity_kwh < 100", reason: 用电少}]
    max_amount: 50
  - id: back
    label: 整改达标返还
    kind: relief
    refunds: power
    per: share
    rate: [{id: done, when: "array_contains(labels, '整改达标')", value: 0.35}]
    max_amount: 15
"""


@pytest.mark.parametrize(
    ("kwh", "labels", "collected", "back", "capped"),
    [
        (100_000, ["整改达标"], "3", "1.05", False),
        # 180 万元 are capped at 50; 35 % of what was collected is 17.5, of which 15 are given back.
        (6_000_000, ["整改达标"], "50", "15", True),
        (100_000, [], "3", None, None),
        (99, ["整改达标"], "0", "0", False),
        # 0.0001 × 0.3 元 rounds to 0 分, and so does what is given back of it.
        ("100.01", ["整改达标"], "0.003", "0.00105", False),
    ],
)
def test_what_is_collected_is_given_back_under_a_condition(
    tmp_path: Path, kwh: object, labels: list[str], collected: str, back: str | None, capped: bool | None
) -> None:
    firm = {"credit_code": "T", "tier": "D", "electricity_kwh": kwh, "labels": labels}
    allocation = allocate(rules_of(tmp_path, REFUND), enterprises([firm]))
    assert row_of(allocation, "T", "power")["amount"] == Decimal(collected)
    if back is None:
        assert allocation.rows.filter(measure="back").is_empty()
        return
    row = row_of(allocation, "T", "back")
    assert (row["quantity"], row["rate"], row["basis"]) == (Decimal(collected), Decimal("0.35"), "measure")
    assert (row["amount"], row["capped"]) == (Decimal(back), capped)


def test_a_refund_in_words(tmp_path: Path) -> None:
    firm = {"credit_code": "T", "tier": "D", "electricity_kwh": 100_000, "labels": ["整改达标"]}
    allocation = allocate(rules_of(tmp_path, REFUND), enterprises([firm]))
    with speaking("zh"):
        lines = explain_amount(allocation, "T")
    assert "  返还“差别化电价”的执行金额 3 万元" in lines
    assert "  3 × 35% = 1.05 万元" in lines
    assert lines[-1] == "  金额 1.05 万元"


def test_a_trial_is_given_back_as_a_trial(tmp_path: Path) -> None:
    rules_of(tmp_path / "trial", "binding: false\n" + REFUND.split("  - id: back")[0])
    refund = "include: [../trial]\nmeasures:\n  - id: back" + REFUND.split("  - id: back")[1]
    firm = {"credit_code": "T", "tier": "D", "electricity_kwh": 100_000, "labels": ["整改达标"]}
    allocation = allocate(rules_of(tmp_path / "own", refund), enterprises([firm]))
    assert row_of(allocation, "T", "back")["binding"] is False


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("refunds: power", "refunds: powr", "refund_of_nothing"),
        ("refunds: power", "refunds: back", "refund_of_refund"),
        ("per: share\n", "per: 元/千瓦时\n", "refund_not_share"),
        ("per: share\n", "per: share\n    of: tax_paid\n", "refund_not_share"),
        ("per: share\n", "per: share\n    exclusive: x\n", "refund_not_share"),
        ("per: share\n", "per: share\n    lever: new_land\n", "lever_unit"),
    ],
)
def test_refunds_that_do_not_fit(tmp_path: Path, old: str, new: str, code: str) -> None:
    codes = [p.code for p in check_allocation(rules_of(tmp_path, REFUND.replace(old, new)))[1]]
    assert code in codes


# ------------------------------------------------------------------------------------------------------------- streaks

RATE = measure('{id: d, when: "tier = \'D\'", value: "0.05 * streak"}')


@pytest.mark.parametrize(
    ("gaps", "history", "years"),
    [
        ("{}", ["D", None, "D"], 2),
        ("{untiered: skipped}", ["D", None, "D"], 3),
        ("{untiered: skipped}", [None, None, "D"], 2),
        ("{untiered: skipped}", ["D", "C", "D"], 2),
        ("{other_tier: skipped}", ["D", "C", "D"], 3),
        ("{other_tier: skipped}", ["D", None, "D"], 2),
        ("{untiered: skipped, other_tier: skipped}", ["C", None, "D", "B", "D"], 3),
        ("{untiered: skipped, other_tier: skipped}", [], 1),
    ],
)
def test_what_breaks_a_streak_is_for_the_rules_to_say(
    tmp_path: Path, gaps: str, history: list[str | None], years: int
) -> None:
    rules = rules_of(tmp_path, f"streak: {gaps}\n{RATE}")
    firm = {"credit_code": "T", "tier": "D", "tier_history": history, "electricity_kwh": 10_000}
    row = row_of(allocate(rules, enterprises([firm])), "T")
    assert (row["streak"], row["amount"]) == (years, Decimal("0.05") * years)


# --------------------------------------------------------------------------------------------------- brackets, matrices


def test_brackets_by_multiples_of_the_industry_s_mean(tmp_path: Path) -> None:
    # Of the industry 17: (40 + 20 + 60) ÷ 120 = 1 tce per 万元. A: 40 ÷ 10 = 4, above twice the mean; B: 20 ÷ 50 = 0.4;
    # C: 60 ÷ 60 = 1, not above. Alone in 38, D is its own mean.
    body = """statistics:
  industry_energy: {stat: ratio_of_sums, of: energy_tce, per: value_added, over: [industry_division]}
""" + measure(
        '{id: twice, when: "energy_tce / value_added > 2 * industry_energy", value: 0.2},'
        ' {id: above, when: "energy_tce / value_added > industry_energy", value: 0.1}'
    )
    rows = [("A", "1751", 10, 40), ("B", "1751", 50, 20), ("C", "1761", 60, 60), ("D", "3812", 1, 90)]
    firms = [
        {"credit_code": c, "industry": i, "value_added": v, "energy_tce": e, "electricity_kwh": 10_000}
        for c, i, v, e in rows
    ]
    allocation = allocate(rules_of(tmp_path, body), enterprises(firms))
    assert allocation.rows.select("credit_code", "amount").rows() == [("A", Decimal("0.2"))]


def test_a_per_cent_matrix_by_tier_and_scale(tmp_path: Path) -> None:
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "matrix.csv").write_text("tier,scale,part\nA,*,1\nB,规上,0.8\nB,规下,0.6\n", encoding="utf-8")
    body = """tables: {relief: {file: matrix.csv, keys: [tier, scale]}}
measures:
  - {id: m, label: 减, kind: relief, of: land_use_tax, per: share, rate: [{id: all, when: "true", value: relief_part}]}
"""
    firms = [
        {"credit_code": c, "tier": t, "scale": s, "land_use_tax": 10}
        for c, t, s in (("1", "A", "规下"), ("2", "B", "规上"), ("3", "B", "规下"), ("4", "C", "规上"))
    ]
    allocation = allocate(rules_of(tmp_path, body), enterprises(firms))
    amounts = dict(allocation.rows.select("credit_code", "amount").iter_rows())
    assert amounts == {"1": 10, "2": 8, "3": 6, "4": None}


@pytest.mark.parametrize(
    ("use", "amount"), [("9999.99", "0.1"), ("10000", "0.1"), ("15000", "0.25"), ("10000.01", "0.1")]
)
def test_one_measure_for_each_step(tmp_path: Path, use: str, amount: str) -> None:
    # 0.1 元 up to 10,000 ㎥, 0.3 元 beyond: 15,000 ㎥ are 1,000 + 1,500 元.
    body = """measures:
  - {id: low, label: 一, kind: surcharge, of: "least(water_m3, 10000)", per: 元/立方米, rate: [{id: d, when: "true", value: 0.1}]}
  - {id: high, label: 二, kind: surcharge, of: "greatest(water_m3 - 10000, 0)", per: 元/立方米, rate: [{id: d, when: "true", value: 0.3}]}
"""  # noqa: E501
    allocation = allocate(rules_of(tmp_path, body), enterprises([{"credit_code": "T", "water_m3": use}]))
    assert round(allocation.rows["amount"].sum(), 4) == Decimal(amount)
    assert [m.office for m in allocation.plan.measures] == ["water", "water"]


# --------------------------------------------------------------------------------------------------- pools in the rules

POOL = """pools:
  - id: p
    label: 分配
    order: [{id: a, when: "project_kind = '技改'", weight: added_value}]
measures: [{id: m, label: 例, kind: note, rate: [{id: a, when: "true", note: 例}]}]
"""


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("project_kind", "project_knd", "name_unknown_near"),
        ("'技改'", "'技术改造'", "name_unknown"),
        ("label: 分配", "label: 分配\n    share: 1.2", "pool_share"),
        ("label: 分配", "label: 分配\n    share: 0", "pool_share"),
        ("label: 分配", "label: 分配\n    step: 0.0000001", "pool_step_wrong"),
        ("label: 分配", "label: 分配\n    amount: -1", "pool_amount_negative"),
        ("[{id: a, when: \"project_kind = '技改'\", weight: added_value}]", "[]", "pool_without_order"),
        ("measures:", "substitution: {multiples: {钢铁: {煤: 1}}}\nmeasures:", "substitution_kind"),
        ("measures:", "substitution: {multiples: {两高: {}}}\nmeasures:", "substitution_nothing"),
        ("measures:", "substitution: {multiples: {两高: {煤: 0}}}\nmeasures:", "substitution_multiple"),
    ],
)
def test_pools_and_multiples_that_cannot_be(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert old in POOL
    rules = rules_of(tmp_path, POOL.replace(old, new))
    codes = [p.code for p in check_allocation(rules)[1]]
    if code.startswith("name"):
        assert len(codes) == 1
    else:
        assert codes == [code]
    with pytest.raises(RuleError):
        compile_allocation(rules)


def test_a_rate_up_to_a_ceiling_is_computed_at_the_ceiling_and_said_to_be_one(tmp_path: Path) -> None:
    """D类每千瓦时加价0.5元以内: 1,000 kWh × 0.5 元 = 500 元 = 0.05 万元."""
    rules = rules_of(tmp_path / "set", measure("{id: d, when: \"tier = 'D'\", up_to: 0.5}"))
    allocation = allocate(rules, enterprises([{"credit_code": "E1", "tier": "D", "electricity_kwh": 1000}]))
    assert allocation.allocation["amount"].to_list() == [Decimal("0.05")]
    assert any("最高0.5 元/千瓦时" in line for line in explain_amount(allocation, "E1"))
    assert "最高0.5 元/千瓦时" in str(show_rules(rules))


def test_a_rate_says_one_thing(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as told:
        compile_allocation(rules_of(tmp_path / "set", measure('{id: d, when: "true", up_to: 0.5, value: 0.1}')))
    assert [p.code for p in told.value.problems] == ["rate_value_or_note"]
