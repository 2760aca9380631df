"""Publication put on record and taken back on its page; home and the run's page follow."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from nicegui import ui

from mujun import County
from tests.workbench.simulated import Bench, played
from tests.workbench.test_roles import as_, staffed  # noqa: F401 - a fixture
from tests.workbench.test_rules import put
from tests.workspace.small_county import files_at


def test_put_on_record_followed_and_taken_back(small_store: Path, tmp_path: Path) -> None:
    county = County(small_store)
    today = date.today()

    async def play(bench: Bench) -> None:
        await bench.open("/rating/1?year=2022")
        await bench.sees("这次结果还没有登记公示。", "出材料")
        await bench.open("/publication?year=2022")
        await bench.sees("出材料", "登记公示", "评价结果公示 · 第 1 次评价")
        await bench.click("put publication down")
        await bench.sees("请填公示的第一天和最后一天。")
        await put(bench, "publication_first", today.isoformat())
        await put(bench, "publication_until", (today + timedelta(days=6)).isoformat())
        await bench.sees("共 7 天，其中周一至周五 5 天")
        await bench.click("put publication down")
        await bench.sees("请写明在哪里公示")
        await put(bench, "publication_where", "<b>网站</b>")
        await bench.click("put publication down")
        await bench.until(lambda: len(county.runs.published()) == 1)
        await bench.settled()
        await bench.sees("第 1 号 · 评价结果公示", "公示中")
        await bench.open("/rating/1?year=2022")
        await bench.sees("第 1 号 · 评价结果公示", "公示中")
        await bench.open("/?year=2022")
        await bench.sees("在<b>网站</b>公示，异议截止", "进行中")
        await bench.open("/publication?year=2022")
        await bench.click("take-publication-back-1")
        await bench.click("really-take-publication-back")
        await bench.sees("撤回公示登记要写理由")
        await put(bench, "publication-back-why", "网站没有发出")
        await bench.click("really-take-publication-back")
        await bench.until(lambda: county.runs.published()[0].taken_back is not None)
        await bench.settled()
        await bench.sees("已撤回", "撤回：网站没有发出")
        await bench.open("/?year=2022")
        await bench.sees("第 1 次已定稿，还没有登记公示。")
        await bench.open("/changes?year=2022")

    played(small_store, tmp_path, play)
    record = county.runs.published()[0]
    assert (record.run, record.until - record.first, record.place) == (1, timedelta(days=6), "<b>网站</b>")


def test_before_a_result_is_final_the_data_may_be_published(tmp_path: Path) -> None:
    county = County(tmp_path / "small.duckdb")
    county.data.load(files_at(tmp_path / "2022", 2022))

    async def play(bench: Bench) -> None:
        await bench.open("/publication?year=2022")
        select = next(s for s in bench.user.find(kind=ui.select).elements if s.props.get("label") == "公示什么")
        assert select.options == {"data": "用地数据公示"}
        await bench.open("/publication?year=2019")
        await bench.sees("装入部门数据")
        await bench.lacks("登记公示")

    played(county.path, tmp_path, play)


def test_who_only_reads_sees_the_record_and_changes_nothing(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    County(staffed).runs.publish(2022, first=date(2023, 5, 8), until=date(2023, 5, 14), place="网站")

    async def play(bench: Bench) -> None:
        await bench.open("/publication?year=2022")
        await bench.sees("第 1 号 · 评价结果公示", "已期满")
        await bench.lacks("登记公示", "撤回登记")

    as_("赵六", staffed, tmp_path, play)
