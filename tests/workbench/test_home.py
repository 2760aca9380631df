"""The first start, and the year as a path."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from nicegui import ui

from mujun import County, messages
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
        await bench.sees("2022年度", "名录上有 2988 家企业", "已完成", "第 1 次已定稿，还没有登记公示。")
        await bench.sees("按规则有 456 家列入，清单尚未印发。", "清单印发后才有整治督查。")
        # The warnings of loading are one number, on both pages; those of comparing offices have a name of their own.
        left = County(sample_county).data.open_findings(2022).filter(severity="warning").height
        await bench.sees(f"装入时有 {left} 条提示；部门之间比对出的另在“核查”里。")
        await bench.open("/checks")
        await bench.sees(f"提示中装入时 {left} 条，部门之间比对 ")
        await bench.open("/?year=2021")
        await bench.sees("这一年还没有评价。", "选规则，评价")

    played(sample_county, tmp_path, play)


def test_what_came_in_after_a_rating_makes_it_stale(small_store: Path) -> None:
    county = County(small_store)
    before = {s.name: s.state for s in county.monitor.year_path(2022).steps}
    assert before["rating"] == "done"
    firm = county.runs.table(1).filter(county.runs.table(1)["tier"] == "D")["credit_code"][0]
    county.rounds.correct(firm, 2022, {"tax_paid": "9999万元"}, reason="企业更正", document="完税证明")
    path = county.monitor.year_path(2022)
    assert {s.name: s.state for s in path.steps} == {**before, "rating": "stale"}
    rating = next(s for s in path.steps if s.name == "rating")
    assert "第 1 次以后又装入了 1 批数据，结果没有算进去。" in [str(f) for f in rating.facts]
    assert str(rating.next_action) == "用新数据重新评价"


def test_a_final_year_goes_on_though_rows_are_kept_out_and_says_so(sample_county: Path, tmp_path: Path) -> None:
    county = County(sample_county)
    path = county.monitor.year_path(2022)
    steps = {s.name: s for s in path.steps}
    out = sum(county.data.coverage(2022).kept_out["rows"])
    assert out > 0
    assert steps["checks"].state == "done"
    assert f"{out} 行数据因有错没有计入。" in [str(f) for f in steps["checks"].facts]
    assert "第 1 次评价就这样定了稿；处理了要重新评价，才会改变结果。" in [str(f) for f in steps["checks"].facts]
    assert steps["confirmation"].state == "passed"
    # The list follows the public notice; until it is issued the notice is what waits.
    assert path.next_step == steps["publication"]

    async def play(bench: Bench) -> None:
        await bench.open("/")
        await bench.sees(f"{out} 行数据因有错没有计入。", "没有做", "查看", "公示：公示并登记")

    played(sample_county, tmp_path, play)


def test_a_list_without_a_record_of_publication_asks_for_it_after_everything_else(sample_county: Path) -> None:
    county = County(sample_county)
    county.rectify.issue(title="高耗低效企业清单", document="嵊经信〔2023〕1号", issued_on=date(2023, 6, 1))
    path = county.monitor.year_path(2022, day=date(2023, 6, 2))
    steps = {s.name: s for s in path.steps}
    assert steps["publication"].state == "ready"
    assert [str(f) for f in steps["publication"].facts] == [
        "第 1 次已定稿，还没有登记公示。",
        "第 1 号清单已于 2023-06-01 印发；公示过的请补登记。",
    ]
    # Handing measures to the offices leaves no record: what is due is asked first.
    assert steps["measures"].state == "ready"
    assert path.next_step == steps["supervision"]
    quiet = replace(steps["supervision"], state="done", next_action=None)
    assert replace(path, steps=(*path.steps[:-1], quiet)).next_step == steps["publication"]
    county.runs.publish(2022, first=date(2023, 5, 8), until=date(2023, 5, 14), place="市政府门户网站")
    known = county.monitor.year_path(2022, day=date(2023, 6, 2))
    step = next(s for s in known.steps if s.name == "publication")
    assert step.state == "done"
    assert replace(known, steps=(*known.steps[:-1], quiet)).next_step == steps["measures"]


def test_rows_kept_out_since_the_final_result_ask_anew(sample_county: Path, tmp_path: Path) -> None:
    county = County(sample_county)
    code = county.runs.table(1)["credit_code"][0]
    sent = tmp_path / "供电公司_2022年用电量.csv"
    sent.write_text(f"统一社会信用代码,年度,用电量（千瓦时）\n{code},2022,约12\n", encoding="utf-8")
    before = sum(county.data.coverage(2022).kept_out["rows"])
    county.data.load([sent])
    assert sum(county.data.coverage(2022).kept_out["rows"]) == before + 1
    path = county.monitor.year_path(2022)
    assert path.next_step is not None
    assert path.next_step.name == "checks"
    assert path.next_step.state == "waits"


def test_how_firm_and_how_fair_a_run_is_is_shown(small_store: Path, tmp_path: Path) -> None:
    county = County(small_store)
    fragile = county.runs.stability(1).fragile
    shares = county.runs.fairness(1).shares.row(0, named=True)

    async def play(bench: Bench) -> None:
        await bench.open("/rating/1/stability")
        await bench.sees(f"{fragile.height} 家的档次", "导出所见")
        await bench.open("/rating/1/fairness")
        table = next(h.content for h in bench.user.find(kind=ui.html).elements if "class='plain'" in h.content)
        assert f"<td class='figure'>{shares['subjects']}</td>" in table
        assert f"<td class='figure'>{messages.show(shares['share:A'])}</td>" in table

    played(small_store, tmp_path, play)


def test_the_workbench_is_ended_from_a_page(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/")
        await bench.click("end the workbench")
        await bench.sees("关闭工作台？数据都已保存")
        assert not bench.stopped
        await bench.click("really end it")
        await bench.until(lambda: bench.stopped, 2)

    played(tmp_path / "mujun.duckdb", tmp_path, play)
