"""Several lists in one file: each with its own conditions, exit, effects; the rest is as the file has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mujun.errors import RuleError, UsageError
from mujun.rectification import exits, list_enterprises
from mujun.rules import run_cases
from mujun.rules.checking import check_rules
from mujun.rules.named_lists import lists_of, with_list
from mujun.rules.showing import show_rules
from mujun.workspace.computing import case_engine
from tests.allocation.given import enterprises, rules_of
from tests.rating.given import frame_of

RULES = """fields:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, value: "tax_paid / land_mu"}
scope: "land_mu >= 3"
paths:
  - {id: upgrade, when: "true", path: 整治提升, months: 12}
exit: {when: "tax_per_mu >= 5", evidence: [年度税收证明]}
lists:
  idle:
    label: 低效用地
    listing: [{id: low, when: "tax_per_mu < 3", reason: 亩均税收低于3万元}]
  power:
    label: 高耗能
    scope: "electricity_kwh > 100000"
    listing: [{id: high, when: "energy_tce / value_added > 1", reason: 单位增加值能耗高于1}]
    paths:
      - {id: close, when: "tier = 'D'", path: 关停退出, months: 6}
      - {id: other, when: "true", path: 节能改造, months: 9}
    exit: {when: "energy_tce / value_added < 0.8"}
    effects: {energy_tce: "energy_tce * 0.5", land_mu: "0"}
"""
CASES = """cases:
  - id: both
    enterprises:
      - {credit_code: "91330683MA288AAAAA", land_mu: 10, tax_paid: 20, electricity_kwh: 200000, energy_tce: 9,
         value_added: 6}
    rectification:
      - {credit_code: "91330683MA288AAAAA", list: idle, path: 整治提升}
      - {credit_code: "91330683MA288AAAAA", list: power, path: 节能改造, expected_energy_tce: 4.5}
"""
# 甲 is on both; 乙 on the second and is to leave; 丙 uses too little power for the second, 丁 has less than 3 mu.
FIRMS: list[dict[str, Any]] = [
    {"credit_code": "A", "land_mu": 10, "tax_paid": 20, "electricity_kwh": 200000, "energy_tce": 9, "value_added": 6},
    {"credit_code": "B", "land_mu": 10, "tax_paid": 40, "electricity_kwh": 200000, "energy_tce": 8, "value_added": 6,
     "tier": "D"},
    {"credit_code": "C", "land_mu": 10, "tax_paid": 10, "electricity_kwh": 90000, "energy_tce": 9, "value_added": 1},
    {"credit_code": "D", "land_mu": 2, "tax_paid": 1, "electricity_kwh": 90000, "energy_tce": 9, "value_added": 1},
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("idle", {"A": ("整治提升", "10.000000", "9.000000"), "C": ("整治提升", "10.000000", "9.000000")}),
        # Half of 9 and of 8 tce; the list says that no land is freed.
        ("power", {"A": ("节能改造", "0.000000", "4.500000"), "B": ("关停退出", "0.000000", "4.000000")}),
        ("高耗能", {"A": ("节能改造", "0.000000", "4.500000"), "B": ("关停退出", "0.000000", "4.000000")}),
    ],
)
def test_each_list_by_its_own_rules(tmp_path: Path, name: str, expected: dict[str, tuple[str, str, str]]) -> None:
    rules = with_list(rules_of(tmp_path, RULES, "rectification"), name)
    rows = list_enterprises(rules, enterprises(FIRMS)).rectification.iter_rows(named=True)
    by_code = {r["credit_code"]: (r["path"], str(r["expected_land_mu"]), str(r["expected_energy_tce"])) for r in rows}
    assert by_code == expected


def test_each_list_has_its_own_exit(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, RULES, "rectification")
    better = [{**FIRMS[0], "energy_tce": "4.7"}]  # 4.7 / 6 = 0.783 < 0.8, and 2万元 a mu still
    idle, power = (exits(with_list(rules, n), enterprises(better))[0]["met"][0] for n in ("idle", "power"))
    assert (idle, power) == (False, True)


def test_the_file_alone_is_no_list(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, RULES, "rectification")
    assert lists_of(rules) == {"idle": "低效用地", "power": "高耗能"}
    with pytest.raises(RuleError, match="请用 --list 指明一张"):
        list_enterprises(rules, enterprises(FIRMS))
    with pytest.raises(UsageError, match=r"几张清单：idle（低效用地）、power（高耗能）"):
        with_list(rules, None)
    with pytest.raises(UsageError, match="没有名为“pwer”的清单"):
        with_list(rules, "pwer")


def test_the_only_list_need_not_be_named(tmp_path: Path) -> None:
    one = RULES[: RULES.index("  power:")]
    rules = with_list(rules_of(tmp_path, one, "rectification"), None)
    assert rules.list_name == "idle"


def test_check_show_and_cases_know_every_list(tmp_path: Path) -> None:
    (tmp_path / "tests.yaml").write_text("mujun: 1\nkind: tests\n" + CASES, encoding="utf-8")
    rules = rules_of(tmp_path, RULES, "rectification")
    checked = check_rules(tmp_path)
    assert [str(p) for p in checked.problems] == []
    told = "\n".join(str(part) for part in show_rules(rules).parts)
    assert "清单：低效用地" in told
    assert "清单：高耗能" in told
    assert "节能改造" in told
    outcomes = run_cases(rules, case_engine)
    assert [o.mismatches for o in outcomes] == [()]
    assert outcomes[0].checked > 0


def test_a_mistake_in_one_list_is_told_at_its_place(tmp_path: Path) -> None:
    body = RULES.replace('"tax_per_mu < 3"', '"tax_per_muu < 3"')
    rules = with_list(rules_of(tmp_path, body, "rectification"), "idle")
    with pytest.raises(RuleError, match="tax_per_muu"):
        list_enterprises(rules, enterprises(FIRMS))
    assert len(check_rules(tmp_path).problems) == 1


def test_listing_beside_lists_is_refused(tmp_path: Path) -> None:
    body = RULES + "listing: [{id: x, when: \"tier = 'D'\", reason: D类}]\n"
    rules_of(tmp_path, body, "rectification")
    assert [p.code for p in check_rules(tmp_path).problems] == ["lists_and_listing"]


def test_a_list_of_parcels_beside_one_of_firms(tmp_path: Path) -> None:
    body = """statistics:
  near: {stat: sum, of: tax_paid, over: [parcel], among: all}
paths: [{id: all, when: "true", path: 整治提升, months: 12}]
lists:
  firms: {listing: [{id: near, when: "tax_paid < 0.5 * near", reason: 不足同地块一半}]}
  parcels: {subject: parcel, listing: [{id: low, when: "tax_paid < 100", reason: 低}]}
"""
    rules = rules_of(tmp_path, body, "rectification")
    assert check_rules(tmp_path).problems == ()
    firms = [
        {"credit_code": "A", "tax_paid": 30, "parcels": ["P1"]}, {"credit_code": "B", "tax_paid": 60, "parcels": ["P1"]}
    ]  # fmt: skip
    listed = {}
    for name in ("firms", "parcels"):
        rows = list_enterprises(with_list(rules, name), frame_of(firms)).rectification
        listed[name] = rows[rows.columns[1]].to_list()
    # 30 of 90 is less than half, 60 is not; together they pay 90.
    assert listed == {"firms": ["A"], "parcels": ["P1"]}
