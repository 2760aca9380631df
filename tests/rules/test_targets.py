"""targets.yaml: indicators, goals, tasks, weights; what is said where they do not fit; 嵊州's file against the plan."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mujun import messages
from mujun.errors import RuleError
from mujun.rules import load_rules
from mujun.rules.checking import check_rules
from mujun.rules.document import Document, Heading, Paragraph, Table
from mujun.rules.model import TheTargets
from mujun.rules.showing import show_rules
from mujun.rules.targets_plan import check_targets, whole_targets

RIGHT = """\
mujun: 1
kind: targets
name: 某县目标
years: [2022, 2023]
sources: [{document: 手写, checked: 2026-11-29}]
targets:
  - {id: rd, label: 研发占比, kind: level, unit: "%", targets: {"2022": 3, "2023": 3.2}, doubtful: ["2022"], regions: {某省: {targets: {"2023": 2.3}}, 某市: {yearly: {"2023": 2}, note: 每年}}}
  - {id: firms, label: 整治企业, kind: campaign, unit: 家, targets: {"2023": 200}, counts: firms, townships: {甲镇: {"2023": 40}, 乙镇: {"2023": 25}}}
  - {id: giants, label: 小巨人, kind: cumulative, unit: 家, base: {"2020": 2}, yearly: {"2022": 2}, targets: {"2023": 7}}
goals:
  - {id: institutes, label: 研究院, kind: cumulative, unit: 家, targets: {"2023": 20}, note: 口径未见}
  - {id: robots, label: 机器人, kind: campaign, unit: 台, yearly: {"2022": 600, "2023": 1200}}
offices: {科技: 县科技局, 经信: 县经信局, 镇街: 各镇}
tasks:
  - {number: 2, title: 数字化, lead: 经信, goals: robots}
  - number: 1
    title: 创新
    lead: [科技, 经信]
    support: 镇街
    due: [{what: 报出名单, by: 2022-04-30}, {what: 闭环管理}]
    goals: [rd, institutes]
assessment:
  label: 年度考核
  document: 某政〔2022〕1号
  floor: 0.2
  cap: 1.2
  items: {rd: {weight: 60}, institutes: {weight: 39.5, cap: 1}, robots: {weight: 0.5, floor: 0}}
race:
  label: 赛马
  missing: reweight
  ties: dense
  total: 10
  items: {firms: {weight: 7}, rd: {weight: 3, by: value}}
"""  # noqa: E501


def read(folder: Path, text: str) -> TheTargets:
    (folder / "targets.yaml").write_text(text, encoding="utf-8")
    targets = load_rules(folder).targets
    assert targets is not None
    return targets


def shown(folder: Path, text: str) -> Document:
    (folder / "targets.yaml").write_text(text, encoding="utf-8")
    return show_rules(load_rules(folder))


def tables(document: Document) -> dict[str, Table]:
    """The tables of a document by their first title, with the caption where there is one."""
    return {p.caption or p.titles[0]: p for p in document.parts if isinstance(p, Table)}


# ------------------------------------------------------------------------------------------------------------- reading


def test_a_file_with_everything_is_right(tmp_path: Path) -> None:
    file = read(tmp_path, RIGHT)
    check = check_rules(tmp_path)
    assert [str(p) for p in (*check.problems, *check.warnings)] == []
    assert [t.id for t in file.figures] == ["rd", "firms", "giants", "institutes", "robots"]
    assert file.targets[0].regions["某市"].yearly == {"2023": 2}
    # One office, one goal may be written without brackets.
    assert (file.tasks[0].lead, file.tasks[0].goals) == (("经信",), ("robots",))
    assert file.race is not None
    assert file.assessment is not None
    institutes, robots = file.assessment.items["institutes"], file.assessment.items["robots"]
    assert file.assessment.limits(institutes) == (Decimal("0.2"), Decimal(1))
    assert file.assessment.limits(robots) == (Decimal(0), Decimal("1.2"))


def test_a_file_of_before_says_nothing_of_tasks(tmp_path: Path) -> None:
    file = read(tmp_path, RIGHT.split("goals:\n")[0])
    assert (file.goals, file.offices, file.tasks, file.assessment, file.race) == ((), {}, (), None, None)
    assert check_targets(file) == []


# ------------------------------------------------------------------------------------------------------------ mistakes

MISTAKES = [
    (
        {"lead: 经信, goals": "lead: 经讯, goals"},
        "tasks[0]：任务 2 的单位“经讯”不在 offices 中，有：科技、经信、镇街。请改正，或在 offices 中加上。",
    ),
    (
        {"support: 镇街": "support: 统计"},
        "tasks[1]：任务 1 的单位“统计”不在 offices 中，有：科技、经信、镇街。请改正，或在 offices 中加上。",
    ),
    (
        {"support: 镇街": "support: 经信"},
        "tasks[1]：任务 1 把单位“经信”写了不止一次，一个单位或牵头或配合，只写一次。",
    ),
    ({"lead: [科技, 经信]": "lead: []"}, "tasks[1]：任务 1“创新”没有牵头单位，请在 lead 中写明。"),
    (
        {"number: 2": "number: 1"},
        "tasks[1]：序号 1 的任务有两项：“数字化”和“创新”。请按文件核对序号。",
    ),
    ({"number: 2": "number: 0"}, "tasks[0]：任务的序号写的是 0，应从1起。"),
    (
        {"goals: [rd, institutes]": "goals: [rd, institutes, institute]"},
        "tasks[1]：任务 1 的目标“institute”在 targets、goals 中都没有。是否为“institutes”？请改正，或在 goals 中加上。",
    ),
    (
        {"goals: [rd, institutes]": "goals: [rd]"},
        "goals.institutes：补充目标“institutes”没有列在任何任务的 goals 中，无从知道由谁牵头。请列入一项任务，或删去。",
    ),
    (
        {"unit: 台, ": ""},
        "goals.robots：补充目标“robots”没有写单位，请写 unit（如 家、项、%、亿元）。",
    ),
    (
        {'{targets: {"2023": 2.3}}': "{note: 未见}"},
        "targets.rd.regions.某省：目标“rd”的地区“某省”没有写目标值，请写 targets 或 yearly，或删去这个地区。",
    ),
    (
        {'某省: {targets: {"2023"': '某省: {targets: {"23"'},
        "targets.rd：目标“rd”的年份写的是“23”，应是四位数的年份。",
    ),
    (
        {"rd: {weight: 60}": "rd: {weight: 50}"},
        "assessment：“年度考核”各项权重相加是 90，应为 100。请改正权重，或写明 total。",
    ),
    (
        {"{weight: 39.5, cap: 1}": "{weight: 39.5, cap: 0.1}"},
        "assessment.items.institutes：“年度考核”中“institutes”的下限 0.2 高于上限 0.1（都是权重的倍数），请核对。",
    ),
    (
        {"rd: {weight: 60}": "rd: {weight: 60, by: value}"},
        "assessment.items.rd：“年度考核”的“rd”写了 by: value，但考核是对照目标，没有其他镇街可比。"
        "请改为 by: share，或放到 race 中。",
    ),
    (
        {"{firms: {weight: 7}, rd: {weight: 3, by: value}}": "{firms: {weight: 10}, rd: {weight: 0, by: value}}"},
        "race.items.rd：“赛马”中“rd”的权重写的是 0，应大于0。",
    ),
    (
        {"items: {firms: {": "items: {firm: {"},
        "race.items.firm：“赛马”的指标“firm”在 targets、goals 中都没有。是否为“firms”？请改正，或在 goals 中加上。",
    ),
    (
        {"{firms: {weight: 7}, rd: {weight: 3, by: value}}": "{}"},
        "race：“赛马”没有计分的指标，请在 items 中写明指标和权重，或删去这一节。",
    ),
    (
        {"rd: {weight: 3, by: value}}": "rd: {weight: 3, by: value}}\n  within: -1"},
        "race：“赛马”的 within 写的是 -1，应是0或更大的月数。",
    ),
    (
        {"  floor: 0.2": "  within: 2\n  floor: 0.2"},
        "assessment：“年度考核”写了 within，它只用于 race：考核看的是当年的数。请删去。",
    ),
    (
        {"rd: {weight: 3, by: value}": "rd: {weight: 3}"},
        "race.items.rd：“赛马”按完成率比“rd”，但它没有分解到镇街的目标，也不按整治企业计数。"
        "请写 townships，或改为 by: value。",
    ),
    (
        {"id: robots": "id: rd", "goals: robots": "goals: rd", ", robots: {": ", giants: {"},
        "targets.rd：代号“rd”在 targets / goals 中用了不止一次。请改其中一个。",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), MISTAKES, ids=range(len(MISTAKES)))
def test_what_does_not_fit_is_said(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    text = RIGHT
    for old, new in change.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "targets.yaml").write_text(text, encoding="utf-8")
    with messages.speaking("zh"):
        (only,) = [str(p) for p in check_rules(tmp_path).problems]
        assert only.split(" ", 1)[1] == sentence
        # What is wrong is not printed either.
        with pytest.raises(RuleError):
            show_rules(load_rules(tmp_path))


def test_everything_is_said_at_once(tmp_path: Path) -> None:
    text = (
        RIGHT.replace("unit: 台, ", "").replace("number: 2", "number: 1").replace("rd: {weight: 60}", "rd: {weight: 1}")
    )
    codes = {p.code for p in check_targets(read(tmp_path, text))}
    assert codes == {"goal_without_unit", "task_number_twice", "contest_total"}


# ------------------------------------------------------------------------------------------------------------- showing


def test_everything_is_printed(tmp_path: Path) -> None:
    document = shown(tmp_path, RIGHT)
    headings = [p.text for p in document.parts if isinstance(p, Heading)]
    assert headings == ["一、目标", "（一）指标", "（二）补充目标", "（三）任务", "（四）年度考核", "（五）赛马"]
    printed = tables(document)
    indicators = printed["目标"]
    assert indicators.titles == ("目标", "单位", "口径", "2020", "2022", "2023", "某省2023", "某市2023", "说明")
    assert indicators.rows == (
        ("研发占比", "%", "本年值", "—", "3？", "3.2", "2.3", "新增2", "某市：每年"),
        ("整治企业", "家", "自行动开始累计", "—", "—", "200", "—", "—", "—"),
        ("小巨人", "家", "含基期累计", "2", "新增2", "7", "—", "—", "—"),
    )
    assert printed["整治企业：分解到镇街（家）"].rows == (("甲镇", "40"), ("乙镇", "25"))
    assert printed["补充目标"].rows == (
        ("研究院", "家", "含基期累计", "—", "20", "口径未见"),
        ("机器人", "台", "自行动开始累计", "新增600", "新增1200", "—"),
    )
    assert printed["序号"].titles == ("序号", "任务", "牵头单位", "配合单位", "要完成的工作", "可计数的目标")
    assert printed["序号"].rows == (
        (
            "1", "创新", "县科技局、县经信局", "各镇", "2022-04-30前：报出名单；闭环管理",
            "研发占比3.2%（2023）；研究院20家（2023）",
        ),
        ("2", "数字化", "县经信局", "—", "—", "机器人新增1200台（2023）"),
    )  # fmt: skip


def test_weights_say_where_they_are_from(tmp_path: Path) -> None:
    document = shown(tmp_path, RIGHT)
    assessed, raced = [p for p in document.parts if isinstance(p, Table) and "权重" in p.titles]
    # 60 × 0.2 and 60 × 1.2; 39.5 × 0.2 and × 1; 0.5 × 0 and × 1.2.
    assert [(r[0], r[1], *r[3:]) for r in assessed.rows] == [
        ("研发占比", "60", "12", "72"), ("研究院", "39.5", "7.9", "39.5"), ("机器人", "0.5", "0", "0.6"),
        ("合计", "100", "—", "—"),
    ]  # fmt: skip
    assert [r[:3] for r in raced.rows] == [
        ("整治企业", "7", "权重 × 目标完成率"), ("研发占比", "3", "权重 × 本镇街的值 ÷ 最高者"), ("合计", "10", "—"),
    ]  # fmt: skip
    paragraphs = [p.text for p in document.parts if isinstance(p, Paragraph)]
    assert "权重依据：某政〔2022〕1号。没有上报的该项记零分；同分并列，其后空出名次。" in paragraphs
    assert "权重是示例，不是文件所定。没有上报的权重按比例分给其余各项；同分并列，其后接着排。" in paragraphs


# ------------------------------------------------------------------------------------------ 嵊州: the plan's annex 2

PLAN = """\
1 | 经信 | 统计 | 28 115 33 25
2 | 发改 | 经信 环境 | 8
3 | 科技 | 经信 | 3.2
4 | 资源 | 经信 | 5000
5 | 镇街 | 经信 资源 应急 执法 环境 消防 税务 |
6 | 镇街 经信 资源 | 环境 市监 执法 应急 税务 供电 消防 | 100
7 | 开发区 高铁 经信 | 资源 应急 市监 执法 环境 消防 | 21 3
8 | 镇街 | 经信 发改 资源 |
9 | 经信 | 发改 财政 资源 环境 应急 税务 市监 | 220 1385 200
10 | 发改 | 经信 环境 资源 | 5
11 | 经信 | 发改 环境 税务 统计 |
12 | 科技 | | 270 990 20 69 19 2
13 | 科技 | 商务 |
14 | 科技 | | 43 5
15 | 经信 | | 30
16 | 经信 | | 1 7 9
17 | 招商 | | 23
18 | 发改 | 开发区 高铁 经信 | 25 33.33
19 | 金融 | | 9
20 | 市监 | | 20 31
21 | 经信 | | 410 4 21 1800
22 | 市监 | |
23 | 市监 | | 22
24 | 商务 | | 4
25 | 市监 | 公安 |
26 | 财政 | 发改 经信 | 0.52
27 | 资源 | 发改 经信 开发区 高铁 | 30
28 | 金融 | 人行 银保监 |
29 | 发改 | 经信 环境 水投 税务 供电 |
30 | 人才 | 经信 教体 科技 人社 金融 工会 |
31 | 制高办 | 各牵头单位 |
32 | 制高办 | 经信 |
33 | 发改 经信 | 大数据 |
34 | 制高办 | 发改 经信 |
"""
"""Number, lead, support, and what its figures have to reach by 2023; read off the annex, not off the rule file."""


@pytest.fixture(scope="module")
def shengzhou() -> TheTargets:
    return whole_targets(load_rules("zhejiang/shengzhou-2022"))


@pytest.mark.parametrize("line", PLAN.splitlines(), ids=lambda line: line.split(" ")[0])
def test_a_task_is_as_in_the_plan(shengzhou: TheTargets, line: str) -> None:
    number, lead, support, reached = (cell.split() for cell in line.split("|"))
    (task,) = [t for t in shengzhou.tasks if t.number == int(number[0])]
    assert (list(task.lead), list(task.support)) == (lead, support)
    by_id = {t.id: t for t in shengzhou.figures}
    assert [by_id[g].targets["2023"] for g in task.goals] == [Decimal(value) for value in reached]


def test_all_tasks_goals_and_regions_are_there(shengzhou: TheTargets) -> None:
    assert [t.number for t in shengzhou.tasks] == list(range(1, 35))
    assert (len(shengzhou.targets), len(shengzhou.goals)) == (17, 22)
    # Every one of the seventeen is led by somebody.
    assert {t.id for t in shengzhou.figures} == {g for task in shengzhou.tasks for g in task.goals}
    due = {t.number: [(d.what, d.by.isoformat() if d.by else None) for d in t.due] for t in shengzhou.tasks if t.due}
    assert due[5] == [("各镇街清单全部报齐", "2022-04-30")]
    assert due[8] == [("报出高耗低效企业清单", "2022-04-30"), ("清单企业闭环管理", None)]
    assert sorted(due) == [5, 6, 8, 18, 29, 32]


REGIONS: list[Any] = [
    ("tax_per_mu", 37, 30), ("va_per_mu", 180, 130), ("land", 150000, 50000), ("outdated", 5000, 500),
    ("scattered", None, None), ("energy", 400, 40), ("firms", 10000, 1000), ("energy_drop", "10.4", 10),
    ("rd", "2.3", "2.65"), ("champions", "+20", "+2"), ("little_giants", "+100", "+10"), ("projects", 300, 60),
    ("investment", 10, 12), ("stock_listed", "+5", None), ("standards", 1000, 135), ("brands", 1000, 100),
    ("first_sets", "+200", 120),
]  # fmt: skip
"""Zhejiang's and Shaoxing's columns of 2023 as printed; `+` is what is to be added in the year."""


def test_province_and_city_are_as_printed(shengzhou: TheTargets) -> None:
    printed = []
    for t in shengzhou.targets:
        cells: list[Decimal | None] = []
        for name in ("浙江省", "绍兴市"):
            region = t.regions.get(name)
            values = (region.targets | region.yearly) if region is not None else {}
            assert set(values) <= {"2023"}
            cells.append(values.get("2023"))
        printed.append((t.id, *cells))
    assert printed == [(i, *(None if v is None else Decimal(v) for v in values)) for i, *values in REGIONS]
    added = {(t.id, name) for t in shengzhou.targets for name, r in t.regions.items() if r.yearly}
    assert added == {
        (i, name) for i, *values in REGIONS for name, v in zip(("浙江省", "绍兴市"), values, strict=True)
        if str(v).startswith("+")
    }  # fmt: skip


def test_its_weights_are_an_example_and_say_so(shengzhou: TheTargets) -> None:
    assert shengzhou.assessment is not None
    assert shengzhou.race is not None
    for contest in (shengzhou.assessment, shengzhou.race):
        assert contest.document is None
        assert "示例" in contest.label
    assert any("assessment、race 是本规则集的示例，不是嵊州市的规定" in line for line in shengzhou.omits)


def test_offices_are_known_by_what_else_they_are_called(tmp_path: Path) -> None:
    # 供电公司, as department files call it, was nobody in a plan that says 县供电局.
    text = RIGHT.replace("offices: {", "also_called: {供电公司: 供电}\noffices: {供电: 县供电局, ")
    plan = read(tmp_path, text)
    called = {
        "供电公司": "供电",
        "供电局": "供电",
        "县供电局": "供电",
        "供电": "供电",
        "科技局": "科技",
        "供水公司": None,
    }
    assert {name: plan.office_called(name) for name in called} == called
    wrong = read(tmp_path, text.replace("供电公司: 供电}", "供电公司: 电力}"))
    assert [p.code for p in check_targets(wrong)] == ["targets_called_unknown"]
