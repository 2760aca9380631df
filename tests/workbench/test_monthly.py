"""Monthly reports typed on the page: an office its own figures, the bureau everybody's, a reader none."""

from __future__ import annotations

from pathlib import Path

from mujun import County
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
