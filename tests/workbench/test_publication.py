"""Publication put on record and taken back on its page; home and the run's page follow."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from nicegui import ui

from mujun import County
from mujun.messages import Language
from tests.workbench.simulated import Bench, played
from tests.workbench.test_roles import as_, staffed  # noqa: F401 - a fixture
from tests.workbench.test_rules import put
from tests.workspace.small_county import F, files_at, rules_at


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


NOT_OVER: dict[Language, str] = {
    "zh": "（登记第 1 号，{0} 至 {0}，异议截止 {1}）还没有结束",
    "en": "(record 1, {0} to {0}, objections by {1}) is ",
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_done_before_a_notice_is_over_names_it(small_store: Path, tmp_path: Path, language: Language) -> None:
    file = tmp_path / "水_2022.csv"
    file.write_text(f"年度,统一社会信用代码,企业名称,用水量(吨)\n2022,{F[6]},示例6厂,-5\n", encoding="utf-8")
    county = County(small_store)
    county.data.load([file])
    # Its last day is past, and objections may still be raised.
    yesterday, by = date.today() - timedelta(days=1), date.today() + timedelta(days=3)
    county.runs.publish(2022, first=yesterday, until=yesterday, place="网站", objections_by=by)
    sentence = NOT_OVER[language].format(yesterday, by)

    async def play(bench: Bench) -> None:
        bench.user.http_client.cookies.set("mujun_language", language)
        await bench.open("/publication?year=2022")
        await bench.sees({"zh": "异议期内", "en": "open to objections"}[language])
        await bench.open("/checks?year=2022")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.settled()
        for field, text in zip(inputs(bench)[-3:], ("5", "水表抄错", "水费单1号"), strict=True):
            field.set_value(text)
        await bench.lacks(sentence)
        await bench.click("try")
        # As the command line prints it, not with the decimals that the column has.
        await bench.sees(sentence, "：— → 5\n" if language == "zh" else "— → 5\n")
        await bench.click("mend")
        assert [sentence in text for text in notes(bench)].count(True) == 1
        await bench.open("/list?year=2022")
        await bench.sees(sentence)
        # A list of a day after the notice has nothing to wait for.
        day = next(f for f in inputs(bench) if f.value == date.today().isoformat())
        day.set_value((by + timedelta(days=1)).isoformat())
        await bench.until(lambda: not any(sentence in text for text in bench.texts()))
        day.set_value(date.today().isoformat())
        inputs(bench)[1].set_value("小县〔2023〕1号")
        await bench.click("issue")
        assert [sentence in text for text in notes(bench)].count(True) == 1
        await bench.open("/rating/1?year=2022")
        await bench.lacks(sentence)
        await bench.desk.change(
            lambda c: c.runs.rate(rules_at(tmp_path / "rules"), 2022, final=True, after_list=True), "王五"
        )
        await bench.open("/rating/2?year=2022")
        await bench.sees(sentence)
        # What has a notice of its own is not said to lack one.
        county.runs.publish(2022, first=date.today(), until=date.today(), place="网站")
        await bench.open("/rating/2?year=2022")
        await bench.lacks(sentence)

    played(small_store, tmp_path, play)


def test_the_list_page_names_the_notice_that_is_out_and_the_result_that_is_not(
    small_store: Path, tmp_path: Path
) -> None:
    county, until = County(small_store), date.today() + timedelta(days=6)
    county.runs.publish(2022, first=date.today(), until=until, place="网站")

    async def play(bench: Bench) -> None:
        missing = "清单依据的是第 2 次评价，这次结果还没有登记公示"
        await bench.open("/list?year=2022")
        await bench.sees("年度第 1 次评价的结果公示（登记第 1 号")
        await bench.lacks("还没有登记公示")
        await bench.open("/?year=2022")
        await bench.sees(f"处理异议，公示到 {until} 才结束", f"第 1 次的结果公示（连同异议期）到 {until} 才结束。")
        county.runs.rate(rules_at(tmp_path / "rules"), 2022, final=True)
        await bench.open("/list?year=2022")
        await bench.sees("年度第 1 次评价的结果公示（登记第 1 号", missing)
        await bench.open("/?year=2022")
        await bench.sees("还没有结束；后来又定了新稿", "第 2 次已定稿，还没有登记公示。")
        county.runs.publish(2022, first=date.today(), until=until, place="网站")
        await bench.open("/list?year=2022")
        await bench.lacks("还没有登记公示")

    played(small_store, tmp_path, play)


def inputs(bench: Bench) -> list[ui.input]:
    return [e for e in bench.user._client.elements.values() if isinstance(e, ui.input)]


def notes(bench: Bench) -> list[str]:
    """What is told beside the page until it is read."""
    return [e.message for e in bench.user._client.elements.values() if isinstance(e, ui.notification)]
