"""Monthly reports typed on the page: an office its own figures, the bureau everybody's, a reader none."""

from __future__ import annotations

from pathlib import Path

from nicegui import ui

from mujun import County, messages
from mujun.reports.monitoring.office_sheets import (
    FIGURE_KEY,
    FIGURES_ASKED,
    FIGURES_GIVEN,
    TASKS_ASKED,
    TASKS_GIVEN,
)
from mujun.workbench.pages.monthly import HEADERS, _header
from tests.workbench.simulated import Bench
from tests.workbench.test_roles import as_, staffed  # noqa: F401 - a fixture
from tests.workbench.test_rules import one, put
from tests.workspace.test_monthly_sheets import PLAN

HERE = "/monitoring/values?year=2022&set=目标&month=2022-10"


def with_plan(folder: Path) -> None:
    plan = folder / "规则" / "目标"
    plan.mkdir(parents=True)
    (plan / "targets.yaml").write_text(PLAN, encoding="utf-8")


def test_the_bureau_types_an_offices_month_and_corrects_it(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    with_plan(tmp_path)
    county = County(staffed)

    def reported() -> list[tuple[object, ...]]:
        return county.monitor.reported("institutes", rules="目标").select("value", "stands", "who").rows()

    async def play(bench: Bench) -> None:
        await bench.open("/monitoring/values?year=2022&set=目标")
        await bench.sees("选月份，照填报表逐项填")
        await bench.open("/monitoring/values?year=2022&set=目标&month=2199-01")
        await bench.sees("2199-01")
        await bench.open(f"{HERE}&office=县科技局")
        await bench.sees("县科技局 2022-10 填报", "研究院", "创新")
        await put(bench, "institutes-本月数", "十三")
        await put(bench, "1-本月状态", "推进中")
        await bench.click("hand-in")
        await bench.sees("“十三”", "收下 0 个指标、1 项任务")
        assert reported() == []
        await put(bench, "institutes-本月数", "13")
        await bench.click("hand-in")
        await bench.until(lambda: reported() == [(13, True, "张三")])
        await bench.open(f"{HERE}&office=县科技局")
        assert one(bench, "institutes-本月数").value == "13"
        assert one(bench, "1-本月状态").value == "推进中"
        await put(bench, "institutes-本月数", "14")
        await bench.click("hand-in")
        await bench.sees("其中更正 1 项")
        assert reported() == [(13, False, "张三"), (14, True, "张三")]
        await bench.open(f"{HERE}&office=甘霖镇")
        await bench.sees("甘霖镇 2022-10 填报", "清退宿舍")

    as_("张三", staffed, tmp_path, play)


def test_a_report_is_taken_back_on_the_page_by_who_may(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    with_plan(tmp_path)
    county = County(staffed)
    county.monitor.enter("2022-10", "县科技局", {("figure", "institutes"): {"本月数": "13"}}, rules="目标")
    county.monitor.enter("2022-10", "县税务局", {("figure", "tax"): {"本月数": "6"}}, rules="目标")

    def stands() -> dict[str, bool]:
        return dict(county.monitor.reported(rules="目标").select("subject", "stands").iter_rows())

    async def reader(bench: Bench) -> None:
        await bench.open(HERE)
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.sees("第 2 号")
        await bench.lacks("撤回这条填报")

    async def office(bench: Bench) -> None:
        await bench.open(HERE)
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.sees("第 2 号 · 税务 · 2022-10")
        await bench.click("take-report-back")
        await bench.sees("要写理由")
        await put(bench, "report-back-why", "口径不对")
        await bench.click("take-report-back")
        await bench.until(lambda: stands() == {"institutes": True, "tax": False})

    async def bureau(bench: Bench) -> None:
        await bench.open(HERE)
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.sees("王五 于", "口径不对")
        await bench.open(HERE)
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 1}})
        await bench.sees("第 1 号 · 科技 · 2022-10")
        await put(bench, "report-back-why", "科技局来电")
        await bench.click("take-report-back")
        await bench.until(lambda: stands() == {"institutes": False, "tax": False})

    as_("赵六", staffed, tmp_path, reader)
    as_("王五", staffed, tmp_path, office)
    as_("张三", staffed, tmp_path, bureau)


def test_every_header_of_the_workbook_has_its_word_on_the_page() -> None:
    asked = {*FIGURES_GIVEN, *FIGURES_ASKED, *TASKS_GIVEN, *TASKS_ASKED} - {FIGURE_KEY}
    assert set(HEADERS) == asked
    assert {h for h in asked if _header(h) != h} == set()
    with messages.speaking("en"):
        assert [h for h in asked if any("\u4e00" <= c <= "\u9fff" for c in _header(h))] == []


def test_an_office_types_its_own_month_only(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    with_plan(tmp_path)
    county = County(staffed)

    async def office(bench: Bench) -> None:
        await bench.open(f"{HERE}&office=县科技局")
        await bench.sees("县税务局 2022-10 填报")
        await bench.lacks("研究院", "创新")
        await put(bench, "tax-本月数", "6.5")
        await bench.click("hand-in")
        await bench.until(lambda: county.monitor.reported("tax", rules="目标")["who"].to_list() == ["王五"])

    async def reader(bench: Bench) -> None:
        await bench.open(f"{HERE}&office=县科技局")
        await bench.lacks("在这里填报", "提交")

    as_("王五", staffed, tmp_path, office)
    as_("赵六", staffed, tmp_path, reader)
    assert set(county.monitor.reported(rules="目标")["office"]) == {"税务"}
