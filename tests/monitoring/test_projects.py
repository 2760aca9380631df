"""Projects over their whole life, land supplied, the special fund: stages, delays, promises and figures by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import polars as pl
import pytest

from mujun import messages
from mujun.errors import RuleError
from mujun.fields import TABLES
from mujun.monitoring.counting import record_values
from mujun.monitoring.month import Month
from mujun.monitoring.plan_month import plan_month_of
from mujun.monitoring.projects import ProjectBook, ProjectStanding, project_book
from mujun.monitoring.signs import Sign, signs_of
from mujun.monitoring.values import Values
from mujun.reports.monitoring.project_sheets import projects_json
from mujun.reports.monitoring.wording import sentence_of
from mujun.rules import load_rules
from mujun.rules.model import TheTargets
from mujun.rules.model.targets import Watched
from mujun.rules.record_figures import record_plans
from mujun.rules.targets_plan import whole_targets

DAY = date(2022, 12, 31)
NAMES = ("projects", "project_years", "land_supply", "special_fund")


def table(name: str, *rows: Mapping[str, object]) -> pl.DataFrame:
    schema = TABLES[name].schema
    exact = [
        {k: Decimal(str(v)) if isinstance(v, int | float) and k != "year" else v for k, v in r.items()} for r in rows
    ]
    return pl.DataFrame([{c: r.get(c) for c in schema} for r in exact], schema=schema)


# A: its start is 45 days late on 31 December (due 16 November); B: done on time but for its contract, reached in
# June 2022; C: given up in May; D: finishes in the future, nobody leads it.
PROJECTS = (
    {"project": "A", "project_name": "甲项目", "township": "甲镇", "industry": "3812", "total_investment": 120000,
     "county_head": "是", "leader": "张", "team": "一专班", "sign_due": date(2022, 3, 1),
     "signed_on": date(2022, 3, 11), "supply_due": date(2022, 6, 1), "supplied_on": date(2022, 5, 30),
     "start_due": date(2022, 11, 16)},
    {"project": "B", "project_name": "乙项目", "credit_code": "B", "name": "乙厂", "township": "乙镇",
     "industry": "1742", "total_investment": 8000, "county_head": "否", "sign_due": date(2020, 1, 1),
     "signed_on": date(2020, 2, 1),
     "target_due": date(2022, 6, 30), "target_reached_on": date(2022, 6, 30), "promised_tax": 500,
     "added_value": 2000, "need_tce": 300},
    {"project": "C", "project_name": "丙项目", "industry": "7010", "total_investment": 200000, "county_head": "是",
     "signed_on": date(2021, 9, 1), "start_due": date(2022, 1, 1), "ended_on": date(2022, 5, 31)},
    {"project": "D", "project_name": "丁项目", "township": "甲镇", "industry": "5930", "total_investment": 10000,
     "county_head": "是", "leader": "李", "signed_on": date(2022, 8, 1), "finish_due": date(2023, 8, 1)},
)  # fmt: skip
TABLE: Mapping[str, pl.DataFrame] = {
    "projects": table("projects", *PROJECTS),
    "project_years": table(
        "project_years",
        {"year": 2021, "project": "B", "year_investment_due": 3000, "year_investment": 2500},
        {"year": 2022, "project": "B", "year_investment_due": 1000, "year_investment": 1200},
        {"year": 2023, "project": "B", "year_investment_due": 9, "year_investment": 9},
    ),
    "land_supply": table(
        "land_supply",
        {"parcel": "P1", "supplied_on": date(2022, 3, 5), "township": "甲镇", "land_use": "工业", "supply_mu": 60,
         "standard_land": "是", "supply_price": 1800},
        {"parcel": "P2", "supplied_on": date(2022, 7, 5), "township": "甲镇", "land_use": "工业", "supply_mu": 20,
         "standard_land": "否", "supply_price": 600},
        {"parcel": "P3", "supplied_on": date(2022, 9, 5), "township": "乙镇", "land_use": "住宅", "supply_mu": 120,
         "supply_price": 60000},
        {"parcel": "P4", "supplied_on": date(2021, 9, 5), "township": "乙镇", "land_use": "工业", "supply_mu": 10,
         "standard_land": "否", "supply_price": 300},
    ),
    "special_fund": table(
        "special_fund",
        {"entry": "1", "booked_on": date(2021, 12, 1), "transfer_income": 10000, "fund_paid_in": 52, "fund_spent": 20},
        {"entry": "2", "booked_on": date(2022, 4, 1), "transfer_income": 50000, "fund_paid_in": 250},
        {"entry": "3", "booked_on": date(2022, 10, 1), "transfer_income": 12400, "fund_spent": 100},
    ),
}  # fmt: skip
FIRMS = {
    2022: pl.DataFrame(
        {"credit_code": ["B"], "tax_paid": [Decimal(450)], "value_added": [Decimal(2100)], "energy_tce": [Decimal(310)]}
    )
}
WATCHED = Watched("发改", Decimal(10000), 0, "资源")


def book(day: date = DAY, watched: Watched | None = WATCHED) -> ProjectBook:
    return project_book(TABLE, FIRMS, day, watched, F("0.52"))


def project(code: str, day: date = DAY) -> ProjectStanding:
    return next(p for p in book(day).projects if p.row["project"] == code)


# ------------------------------------------------------------------------------------------------------------- projects


def test_a_stage_is_late_by_the_days_since_it_was_due() -> None:
    a = project("A")
    assert a.next is not None
    # 16 November to 31 December: 14 + 31. It was signed 10 days late; the land came 2 days before its time.
    assert (a.stage, a.next.stage, a.late) == ("供地", "开工", 45)
    assert [(d.stage, d.late) for d in a.days[:3]] == [("签约", 10), ("供地", 0), ("开工", 45)]
    # On 15 November nothing was late, and in April the land had not been supplied.
    assert (project("A", date(2022, 11, 15)).late, project("A", date(2022, 4, 30)).stage) == (0, "签约")


def test_who_is_given_up_is_not_late_and_who_is_in_time_neither() -> None:
    assert (project("C").ended, project("C").late, project("C").next) == (True, 0, None)
    # In March it was not given up yet, and 59 days late (1 January to 1 March).
    assert project("C", date(2022, 3, 1)).late == 59
    assert project("D").late == 0
    assert [p.row["project"] for p in book().late] == ["A"]
    assert [p.row["project"] for p in book(watched=Watched("发改", None, 45)).late] == []


def test_a_large_project_without_leader_or_team() -> None:
    # D has a leader and no team; B is below 1 亿元; C is given up.
    assert [p.row["project"] for p in book().projects if p.unled] == ["D"]


def test_investment_of_the_year_and_since_the_beginning() -> None:
    b = project("B")
    assert (b.year_due, b.year_done, b.done) == (1000, 1200, 3700)


def test_full_production_is_held_against_the_promise_by_the_firm_s_own_records() -> None:
    # 450 of 500 万元 tax are short, 2100 of 2000 value added are not; 310 of 300 tce are too much.
    assert [(p.promised, p.value, p.share, p.short) for p in project("B").promises] == [
        ("promised_tax", 450, F(9, 10), True), ("added_value", 2100, F(21, 20), False),
        ("need_tce", 310, F(31, 30), True),
    ]  # fmt: skip
    # In July it was reached, and no year's records of since then were there.
    assert [(p.value, p.short) for p in project("B", date(2022, 7, 31)).promises] == [(None, None)] * 3
    assert project("B", date(2022, 5, 31)).promises == ()


def test_land_and_fund_by_year() -> None:
    told = book()
    # 2022: 80 of 200 mu are industrial, 60 of these 标准地; P4 is of the year before.
    assert [(s.year, s.mu, s.industrial_share, s.standard_share) for s in told.supply] == [
        (2021, 10, 100, 0), (2022, 200, 40, 75)
    ]  # fmt: skip
    assert told.parcels == ("P2",)
    # 250 of 62400 are 0.4006 %; 52 − 20 were left, and 250 − 100 come to it.
    assert [(f.year, f.paid_in, f.spent, f.balance) for f in told.funds] == [(2021, 52, 20, 32), (2022, 250, 100, 182)]
    assert told.funds[1].share == F(250 * 100, 62400)
    assert '"not_standard": [\n  "P2"\n ]' in projects_json(told)


# -------------------------------------------------------------------------------------------------------------- figures

PLAN = """\
mujun: 1
kind: targets
name: 某县目标
years: [2021, 2022]
status: example
sources: [{document: 手写}]
targets:
  - {id: large, label: 大项目, kind: cumulative, unit: 个, base: {"2020": 8, "2021": 7}, targets: {"2022": 19}, computed: {records: projects, on: signed_on, members: "total_investment >= 100000 and left(industry, 2) between '13' and '43'"}}
  - {id: head, label: 制造业占比, kind: level, unit: "%", targets: {"2022": 33}, computed: {records: projects, on: signed_on, members: "left(industry, 2) between '13' and '43'", out_of: "county_head = '是' and (ended_on is null or ended_on > as_of)", span: all}}
  - {id: industrial, label: 工业用地占比, kind: level, unit: "%", targets: {"2022": 30}, computed: {records: land_supply, on: supplied_on, of: supply_mu, members: "land_use = '工业'", out_of: "true"}}
  - {id: fund, label: 专项资金, kind: level, unit: "%", targets: {"2022": 0.52}, computed: {records: special_fund, on: booked_on, of: fund_paid_in, per: transfer_income}}
  - {id: spent, label: 专项资金支出, kind: yearly, unit: 亿元, targets: {"2022": 1}, computed: {records: special_fund, on: booked_on, of: fund_spent}}
offices: {发改: 县发改局, 资源: 县资源局, 财政: 县财政局}
tasks: [{number: 1, title: 资金, lead: 财政, goals: fund}]
projects: {office: 发改, team_from: 10000, land_office: 资源}
"""  # noqa: E501


def plan(folder: Path, text: str = PLAN) -> TheTargets:
    (folder / "targets.yaml").write_text(text, encoding="utf-8")
    return whole_targets(load_rules(folder))


def values_at(file: TheTargets, month: Month) -> Iterator[tuple[str, str | None, F]]:
    for counted in record_plans(file):
        for v in record_values(counted, TABLE[counted.table], [month], date(2023, 1, 5)):
            yield v.figure, v.township, v.value


def test_figures_are_counted_from_records(tmp_path: Path) -> None:
    file = plan(tmp_path)
    told = {(f, t): v for f, t, v in values_at(file, Month(2022, 12))}
    # 8 and 7 by the plan; of the records A alone is large, of industry and of a year that the plan does not count.
    assert told["large", None] == 16
    assert (told["large", "甲镇"], told["large", "乙镇"]) == (1, 0)
    # The county head's: A and D are going, C is given up in May; one of two is of industry.
    assert told["head", None] == 50
    # 80 of 200 mu; 甲镇 80 of 80, 乙镇 0 of 120.
    assert (told["industrial", None], told["industrial", "甲镇"], told["industrial", "乙镇"]) == (40, 100, 0)
    # 25000 / 62400 %, at six decimals; 100 万元 are 0.01 亿元.
    assert told["fund", None] == F("0.400641")
    assert told["spent", None] == F("0.01")


def test_a_month_before_knows_only_what_had_come_by_then(tmp_path: Path) -> None:
    file = plan(tmp_path)
    april = {(f, t): v for f, t, v in values_at(file, Month(2022, 4))}
    # C was still going and is no industry; D comes in August: A of A and C.
    assert (april["large", None], april["head", None]) == (16, 50)
    assert (april["industrial", None], april["fund", None]) == (100, F("0.5"))
    # A new year begins with nothing: no land, no income, nothing to divide by.
    january = {f for f, _, _ in values_at(file, Month(2022, 1))}
    assert january == {"large", "head", "spent"}
    # Before the first record nothing is known, not even none.
    assert {f for f, _, _ in values_at(file, Month(2021, 8))} == {"large"}


# ------------------------------------------------------------------------------------------------------------- warnings


def test_the_five_warnings_about_projects_land_and_money(tmp_path: Path) -> None:
    file = plan(tmp_path)
    told = plan_month_of(file, Values([]), [], Month(2022, 12), ("甲镇",))
    seen: dict[str, Sign] = {s.rule: s for s in signs_of(told, Values([]), [], None, book())}
    with messages.speaking("zh"):
        assert sentence_of(seen["project_late"]) == "1 个项目晚于计划：甲项目（开工晚 45 天）。"
        assert sentence_of(seen["project_unled"]) == "1 个大项目没有写明牵头领导或工作专班：丁项目。"
        assert sentence_of(seen["promise_short"]) == "1 个到了达产期的项目没有达到承诺：乙项目。"
        assert sentence_of(seen["land_not_standard"]) == "本年有 1 宗工业用地不是标准地：P2。"
        # 0.52 % of 62400 are 324.48.
        assert sentence_of(seen["fund_short"]) == (
            "专项资金本年提取 250万元，按土地出让收入的 0.52% 应提取 324.48万元，少 74.48万元。"
        )
    offices = {rule: seen[rule].office for rule in ("project_late", "land_not_standard", "fund_short")}
    assert offices == {"project_late": "发改", "land_not_standard": "资源", "fund_short": "财政"}
    # In the year before nothing of this is so: C alone is on record, its start not due yet.
    early = plan_month_of(file, Values([]), [], Month(2021, 12), ("甲镇",))
    rules = {s.rule for s in signs_of(early, Values([]), [], None, book(date(2021, 12, 31)))}
    assert not rules & {"project_late", "promise_short", "fund_short"}


MISTAKES = (
    ("on: signed_on", "on: signed", "on 写的是“signed”，应是“建设项目”表的日期字段"),
    ("computed: {records: projects, on: signed_on, members", "computed: {records: projects, members", "写的是“—”"),
    ("kind: yearly, unit: 亿元", "kind: rate, unit: 亿元", "目标“spent”由逐条记录算出，口径不能是 rate"),
    (
        "of: fund_spent",
        "per: fund_spent",
        "目标“spent”写了 per 或 out_of，算出的是比值，口径只能是 level",
    ),
    ("of: fund_paid_in, per", "per", "目标“fund”写了 per，没有写 of"),
    ('out_of: "true"', 'out_of: "true", per: supply_mu', "目标“industrial”同时写了 per 和 out_of"),
    (
        'unit: "%", targets: {"2022": 30}',
        'unit: 亩, targets: {"2022": 30}',
        "“industrial”写了 out_of，算出的是百分数",
    ),
    ("of: fund_spent", "of: fund_spnt", "fund_spnt"),
    ("unit: 亿元", "unit: 亩", "目标“spent”的单位是“亩”"),
    (
        "records: special_fund, on: booked_on, of: fund_spent",
        "of: tax_paid, on: booked_on",
        "on、out_of 只用于 records",
    ),
    ("on: signed_on, members", "labels: 小巨人, on: signed_on, members", "不能再写 labels、change"),
    ("office: 发改,", "office: 发该,", "projects 的 office 写的“发该”不在 offices 中"),
    ("team_from: 10000", "team_from: 0", "team_from 应大于0（写的是 0）"),
)


@pytest.mark.parametrize(("old", "new", "sentence"), MISTAKES)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in PLAN
    with pytest.raises(RuleError) as wrong:
        plan(tmp_path, PLAN.replace(old, new, 1))
    assert any(sentence in str(p) for p in wrong.value.problems), [str(p) for p in wrong.value.problems]
