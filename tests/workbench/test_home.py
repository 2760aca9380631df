"""The first start, and the year as a path."""

from __future__ import annotations

import asyncio
from pathlib import Path

from nicegui import ui

from mujun import County
from mujun.workbench.places import Place
from tests.workbench.simulated import Bench, played


def test_the_first_start_asks_for_place_and_year_and_makes_the_store(tmp_path: Path) -> None:
    store = tmp_path / "mujun.duckdb"

    async def play(bench: Bench) -> None:
        await bench.open("/")
        await bench.sees("开始使用", "县（市、区）名称", "装入样例县")
        await bench.click("begin")
        await bench.sees("请填写县（市、区）名称，例如“嵊州市”。")
        assert not store.exists()
        bench.user.find(kind=ui.input).type("新昌县")
        await bench.click("begin")
        await bench.open("/")
        await bench.sees("新昌县", "还没有这一年的企业名录。", "装入部门数据", "税务局：税收")

    played(store, tmp_path, play)
    place = Place.beside(store)
    assert place is not None
    assert place.name == "新昌县"
    assert County(store).data.years() == []


def test_without_a_store_other_pages_lead_to_the_first(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        for path in ("/data",):
            await bench.open(path)
            await bench.sees("还没有数据库。请先到首页填写地名和年度。")

    played(tmp_path / "mujun.duckdb", tmp_path, play)


def test_the_path_of_the_sample_county(sample_county: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/")
        # The records of the sample county are rated once, as the final result of 2022; no list is issued.
        await bench.sees("2022年度", "名录上有 2988 家企业", "已完成", "第 1 次已定稿，可以出公示材料。")
        await bench.sees("按规则有 456 家列入，清单尚未印发。", "清单印发后才有整治督查。")
        await bench.open("/?year=2021")
        await bench.sees("这一年还没有评价。", "选规则，评价")

    played(sample_county, tmp_path, play)


def test_what_came_in_after_a_rating_makes_it_stale(sample_county: Path) -> None:
    county = County(sample_county)
    before = {s.name: s.state for s in county.monitor.year_path(2022).steps}
    assert before["rating"] == "done"
    firm = county.runs.table(1).filter(county.runs.table(1)["tier"] == "D")["credit_code"][0]
    county.rounds.correct(firm, 2022, {"tax_paid": "9999万元"}, reason="企业更正", document="完税证明")
    path = county.monitor.year_path(2022)
    assert {s.name: s.state for s in path.steps} == {**before, "rating": "stale"}
    rating = next(s for s in path.steps if s.name == "rating")
    assert "第 1 次以后又装入了 1 批数据，结果没有算进去。" in [str(f) for f in rating.facts]
    assert str(rating.next_action) == "用新数据重新评价"


def test_the_workbench_is_ended_from_a_page(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/")
        await bench.click("end the workbench")
        await bench.sees("关闭工作台？数据都已保存")
        assert not bench.stopped
        await bench.click("really end it")
        for _ in range(40):
            await asyncio.sleep(0.05)
        assert bench.stopped

    played(tmp_path / "mujun.duckdb", tmp_path, play)
