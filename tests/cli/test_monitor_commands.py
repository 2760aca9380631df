"""The lead office's month as a clerk types it: sheets out and back, the plan's state, the race, projects, papers."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.cli import running
from tests.workspace.small_county import F, county

Run = Callable[..., tuple[int, str, str]]

PLAN = """\
mujun: 1
kind: targets
name: 小县行动目标
years: [2021, 2022, 2023]
status: example
sources: [{document: 小县〔2022〕3号}]
targets:
  - {id: tax, label: 亩均税收, kind: level, unit: 万元/亩, base: {"2020": 5}, targets: {"2022": 8}, computed: {of: tax_paid, per: land_mu}, reported_by: 税务}
  - {id: institutes, label: 研究院, kind: cumulative, unit: 家, base: {"2021": 10}, targets: {"2022": 16, "2023": 20}}
  - {id: dorms, label: 清退宿舍, kind: campaign, unit: 处, targets: {"2022": 30, "2023": 60}, reported_by: 镇街, townships: {三江街道: {"2022": 20}, 甘霖镇: {"2022": 10}}}
  - {id: large, label: 大项目, kind: cumulative, unit: 个, base: {"2021": 1}, targets: {"2022": 3}, computed: {records: projects, on: signed_on, members: "total_investment >= 100000"}}
offices: {科技: 县科技局, 税务: 县税务局, 发改: 县发改局, 镇街: 各镇街}
townships_office: 镇街
tasks:
  - {number: 1, title: 创新, lead: 科技, goals: institutes}
  - {number: 2, title: 摸排, lead: 镇街, due: [{what: 清单报齐, by: 2022-04-30}], goals: dorms}
projects: {office: 发改, team_from: 10000}
assessment: {label: 年度考核, cap: 1.1, items: {tax: {weight: 50}, institutes: {weight: 30}, dorms: {weight: 20, cap: 1}}}
race: {label: 镇街赛马, document: 小县〔2022〕4号, items: {tax: {weight: 60, by: value}, dorms: {weight: 40}}}
"""  # noqa: E501

PROJECTS = f"""\
项目代码,项目名称,建设单位,建设单位代码,镇街,行业代码,总投资（亿元）,联系领导,服务专班,承诺税收（万元）,计划签约时间,实际签约时间,计划开工时间,实际开工时间,计划达产时间,实际达产时间
P1,新厂房,新厂公司,,甘霖镇,3812,12,,,,2022-03-01,2022-03-10,2022-09-01,,,
P2,扩建,示例7厂,{F[7]},甘霖镇,3812,0.8,,,350,2020-01-01,2020-01-01,2020-06-01,2020-06-01,2022-06-30,2022-06-30
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small county with its plan, two projects on record, and October reported by everyone but 甘霖镇."""
    folder = tmp_path_factory.mktemp("monitor commands")
    the_county = county(folder)
    (folder / "plan").mkdir()
    (folder / "plan" / "targets.yaml").write_text(PLAN, encoding="utf-8")
    (folder / "2022年重大项目.csv").write_text(PROJECTS, encoding="utf-8")
    assert not the_county.data.load([folder / "2022年重大项目.csv"]).findings
    return the_county.path


@pytest.fixture
def run(told: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """A command on the county: its exit status, what it printed, and what it complained of."""
    store = shutil.copy(told, tmp_path / "county.duckdb")

    return lambda *words: running.run(capsys, "--db", store, "monitor", *words)


@pytest.fixture(scope="module")
def plan(told: Path) -> Path:
    return told.parent / "plan"


def fill(file: Path, figures: dict[str, object], tasks: dict[str, str], name: str) -> Path:
    book = openpyxl.load_workbook(file)
    for tab, header, values in (("指标", "本月数", figures), ("任务", "本月状态", tasks)):
        heads = [c.value for c in book[tab][3]]
        for row in book[tab].iter_rows(min_row=4):
            if str(row[0].value) in values:
                row[heads.index(header)].value = values[str(row[0].value)]
    path = file.with_name(name)
    book.save(path)
    return path


def test_a_month_from_sheets_to_papers(run: Run, plan: Path, tmp_path: Path) -> None:
    status, printed, _ = run("sheet", "--month", "2022-10", "--rules", plan, "-o", tmp_path / "out")
    assert (status, "已写 4 份填报表" in printed) == (0, True)
    sheets = {p.name.split("_")[0]: p for p in (tmp_path / "out").iterdir()}
    assert set(sheets) == {"县科技局", "县税务局", "三江街道", "甘霖镇"}
    back = [
        fill(sheets["县科技局"], {"institutes": 13}, {"1": "推进中"}, "一.xlsx"),
        fill(sheets["三江街道"], {"dorms": 18}, {"2": "推进中", "2.1": "已完成"}, "二.xlsx"),
    ]
    status, printed, _ = run("load", *back, "--received", "2022-11-04")
    assert (status, printed.count("2022-10")) == (0, 2)
    bad = fill(sheets["甘霖镇"], {"dorms": "许多"}, {}, "三.xlsx")
    status, _, wrong = run("load", bad, "--received", "2022-11-05")
    assert status == 1
    assert "“清退宿舍”的本月数写的是“许多”，不是数字" in wrong

    status, printed, _ = run("status", "--as-of", "2022-10-31", "--rules", plan)
    assert status == 0
    # 13 of 16; 15 are expected after ten months of 10 to 16.
    assert re.search(r"研究院\s+家\s+10\s+13\s+2022-10", printed)
    assert "甘霖镇" in printed, "who has not reported is named"
    data = json.loads(run("status", "--as-of", "2022-10-31", "--rules", plan, "--format", "json")[1])
    assert {f["id"]: f["value"] for f in data["figures"]}["dorms"] == "18"
    # On 3 November nothing of it was known.
    then = json.loads(
        run("status", "--as-of", "2022-10-31", "--known-on", "2022-11-03", "--rules", plan, "--format", "json")[1]
    )
    assert {f["id"]: f["value"] for f in then["figures"]}["dorms"] is None

    status, printed, _ = run("values", "institutes", "--rules", plan)
    assert (status, "13" in printed, "2022-10" in printed, "2022-11-04" in printed) == (0, True, True, True)
    for kind in ("monthly", "bulletin", "assessment"):
        file = tmp_path / f"{kind}.html"
        assert run("paper", kind, "--as-of", "2022-12-31", "--rules", plan, "-o", file)[0] == 0
        assert "研究院" in file.read_text(encoding="utf-8")


def test_the_race_as_table_workbook_and_json(run: Run, plan: Path, tmp_path: Path) -> None:
    # 2022: 三江街道 25 of 25 mu … taxes 10 + 4 + 5 + 6 = 25 on 25 mu is 1; 甘霖镇 10 + 8 + 300 + 400 = 718 on 48 mu.
    status, printed, _ = run("race", "--as-of", "2022-12-31", "--rules", plan)
    assert status == 0
    assert re.search(r"1\s+甘霖镇\s+60\s", printed)
    # 60 × 1 ÷ 14.958333 = 4.01; nobody has reported dorms.
    assert re.search(r"2\s+三江街道\s+4\.01\s", printed)
    assert "没有上报" in printed
    assert "权重依据：小县〔2022〕4号" in printed
    asked = ("race", "--as-of", "2022-12-31", "--rules", plan)
    assert "60 × " in run(*asked, "--explain", "三江街道")[1]
    printed = run(*asked, "--try", "三江街道:亩均税收=14.958333", "--try", "三江街道:dorms=10")[1].split("试算：")[1]
    # 60 and half of 40: first now.
    assert re.search(r"1\s+三江街道\s+80\s+2\s+升 1 位", printed)
    assert run(*asked, "-o", tmp_path / "赛马.xlsx")[0] == 0
    assert openpyxl.load_workbook(tmp_path / "赛马.xlsx").sheetnames == ["名次", "逐项得分", "怎样提升"]
    data = json.loads(run(*asked, "--format", "json")[1])
    assert [(t["township"], t["rank"], t["score"]) for t in data["townships"]] == [
        ("甘霖镇", 1, "60"), ("三江街道", 2, "4.01")
    ]  # fmt: skip


def test_the_annual_assessment_of_county_and_townships(run: Run, plan: Path, tmp_path: Path) -> None:
    assert run("sheet", "--month", "2022-12", "--rules", plan, "-o", tmp_path / "out")[0] == 0
    sheets = {p.name.split("_")[0]: p for p in (tmp_path / "out").iterdir()}
    back = [fill(sheets[name], {"dorms": v}, {}, f"{name}.xlsx") for name, v in (("三江街道", 15), ("甘霖镇", 12))]
    assert run("load", *back, "--received", "2023-01-05")[0] == 0
    # 10.178 of 8 is more than 1.1: 55; nobody reported institutes: 0; 27 of 30: 18.
    asked = ("assess", "--as-of", "2022-12-31", "--rules", plan)
    status, printed, _ = run(*asked)
    assert (status, "年度考核：2022年度得 73 分" in printed) == (0, True)
    assert re.search(r"研究院\s+30\s+16\s+—\s+—\s+0\s+本年没有数据", printed)
    # Of the townships dorms alone has an aim, so that it weighs 100: 15 of 20; 12 of 10, at most once the weight.
    assert re.search(r"1\s+甘霖镇\s+100\s", printed)
    assert re.search(r"2\s+三江街道\s+75\s", printed)
    data = json.loads(run(*asked, "--format", "json")[1])
    assert (data["points"], [(t["township"], t["points"]) for t in data["townships"]]) == (
        "73", [("甘霖镇", "100"), ("三江街道", "75")]
    )  # fmt: skip
    assert run(*asked, "-o", tmp_path / "考核.xlsx")[0] == 0
    assert openpyxl.load_workbook(tmp_path / "考核.xlsx").sheetnames == ["全县（市）", "镇街", "甘霖镇", "三江街道"]
    page = tmp_path / "甘霖镇.html"
    assert run("paper", "assessment", *asked[1:], "--township", "甘霖镇", "-o", page)[0] == 0
    assert "得 100 分" in page.read_text(encoding="utf-8")
    # On 4 January none of it was known: neither the sheets nor the records, which came later still.
    assert "得 0 分" in run(*asked, "--known-on", "2023-01-04")[1]
    then = run("race", "--as-of", "2022-12-31", "--rules", plan, "--known-on", "2023-01-04")[1]
    assert re.search(r"1\s+甘霖镇\s+0\s", then)
    assert re.search(r"1\s+甘霖镇\s+100\s", run("race", "--as-of", "2022-12-31", "--rules", plan)[1])


def test_projects_as_table_and_workbook(run: Run, plan: Path, tmp_path: Path) -> None:
    status, printed, _ = run("projects", "--as-of", "2022-12-31", "--rules", plan, "-o", tmp_path / "项目.xlsx")
    assert status == 0
    # 1 September to 31 December: 29 + 31 + 30 + 31 = 121 days.
    assert re.search(r"新厂房\s+甘霖镇\s+120,000\s+签约\s+开工\s+2022-09-01\s+121\s", printed)
    assert "晚于计划 1 个，没有领导或专班的大项目 1 个" in printed
    # Firm 7 paid 300 万元 of 350 promised.
    assert re.search(r"扩建\s+税收（万元）\s+2022\s+350\s+300\s+没有兑现", printed)
    assert openpyxl.load_workbook(tmp_path / "项目.xlsx").sheetnames == ["项目", "达产兑现"]
    assert "新厂房" not in run("projects", "--as-of", "2022-12-31", "--rules", plan, "--township", "三江街道")[1]
    told = json.loads(run("status", "--as-of", "2022-12-31", "--rules", plan, "--format", "json")[1])
    # One by the plan and one of the records.
    assert {f["id"]: f["value"] for f in told["figures"]}["large"] == "2"


@pytest.mark.parametrize(("words", "says"), [
    (("race", "--as-of", "2022-12-31", "--since", "2023-01-31"), "不早于"),
    (("race", "--as-of", "2022-12-31", "--try", "甘霖镇"), "应写明镇街、指标、数值"),
    (("race", "--as-of", "2022-12-31", "--try", "甘霖镇:taks=1"), "赛马没有“taks”这一项"),
    (("race", "--as-of", "2022-12-31", "--try", "甘林镇:tax=1"), "甘霖镇"),
    (("race", "--as-of", "2022-12-31", "--explain", "甘林镇"), "甘霖镇"),
    (("sheet", "--month", "2022年13月", "-o", "out"), "2022年13月"),
    (("paper", "bulletin", "--as-of", "2022-12-31"), "-o"),
    (("paper", "bulletin", "--as-of", "2022-12-31", "--office", "县科技", "-o", "a.html"), "县科技局"),
    (("values", "institute"), "institutes"),
    (("status", "--as-of", "2022-12-31", "--township", "甘林镇"), "甘霖镇"),
])  # fmt: skip
def test_wrong_calls_are_one_sentence(
    run: Run, plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    status, _, error = run(*words, "--rules", plan)
    assert status in (1, 2)
    assert says in error
    assert "Traceback" not in error


def test_what_the_plan_does_not_have_is_said(run: Run, plan: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    text = re.sub(r"^(race|assessment|projects):.*\n", "", PLAN, flags=re.MULTILINE)
    (bare / "targets.yaml").write_text(text, encoding="utf-8")
    assert "没有写 race" in run("race", "--as-of", "2022-12-31", "--rules", bare)[2]
    assert "没有 assessment" in run("paper", "assessment", "--as-of", "2022-12-31", "--rules", bare, "-o", "a.html")[2]
