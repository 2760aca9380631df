"""Files dropped, read, asked about, loaded; then coverage, findings, corrections."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload

from mujun import County
from tests.workbench.simulated import Bench, played
from tests.workspace.small_county import F

ROLL = (
    "年度,统一社会信用代码,企业名称,镇街,行业代码,规模\n"
    f"2024,{F[1]},甲厂,三江街道,3311,规上\n2024,{F[2]},乙厂,甘霖镇,1713,规上\n"
)
TAX = f"2024年税收（万元）\n统一社会信用代码,企业名称,实缴税金\n{F[1]},甲厂,12.5\n{F[2]},乙厂,-3\n"
UNSAID = f"统一社会信用代码,企业名称,2024年税收\n{F[1]},甲厂,1250\n{F[2]},乙厂,900\n"


async def drop(bench: Bench, **files: str) -> None:
    """Drop files onto the page."""
    upload = next(iter(bench.user.find(ui.upload).elements))
    await upload.handle_uploads(
        [SmallFileUpload(f"{name}.csv", "text/csv", text.encode()) for name, text in files.items()]
    )
    await bench.settled()


def test_files_are_read_then_loaded(tmp_path: Path) -> None:
    store = tmp_path / "mujun.duckdb"
    County(store).create()

    async def play(bench: Bench) -> None:
        await bench.open("/data?year=2024")
        await bench.sees("还没有装入任何文件。")
        await drop(bench, 名录=ROLL, 税收=TAX)
        # 12.5 + (-3) = 9.5
        await bench.sees("待装入的文件（2 个）", "名录.csv", "税收.csv", "读懂了")
        sheets = "".join(e.props["innerHTML"] for e in bench.user.find(ui.html).elements)
        assert "税收 · 实缴税金" in sheets
        assert '<td class="figure">9.5</td>' in sheets
        assert County(store).data.batches().is_empty()
        await bench.click("load")
        await bench.sees("装入结果", "装入 2 行，0 行有错不计入，记为第 1 批。")
        assert bench.desk.basket == {}
        await bench.open("/")
        await bench.sees("名录上有 2 家企业；已装入 2 批数据。")
        await bench.open("/data/coverage?year=2024")
        await bench.sees("数据覆盖", "行有错不计入")

    played(store, tmp_path, play)
    assert County(store).data.table("tax").height == 2


def test_a_question_is_answered_by_a_click_and_the_table_counts(small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/data?year=2024")
        await drop(bench, 名录=ROLL, 税务局=UNSAID)
        questions = [
            q for f in [County(small_store).data.read(p) for p in bench.desk.basket.values()] for q in f.questions
        ]
        if not questions:
            return
        await bench.sees(questions[0].asks, questions[0].choices[0].says)
        await bench.click(questions[0].choices[0].says)
        assert bench.desk.answers == {questions[0].id: questions[0].choices[0].key}
        await bench.click("load")
        assert bench.desk.basket == {}

    played(small_store, tmp_path, play)


def test_what_is_no_table_is_said_and_stays_out(tmp_path: Path) -> None:
    store = tmp_path / "mujun.duckdb"
    County(store).create()

    async def play(bench: Bench) -> None:
        await bench.open("/data")
        await drop(bench, **{"../../etc/会议纪要": "今天开会,明天也开会\n谁,来\n"})
        assert [p.parent.parent for p in bench.desk.basket.values()] == [tmp_path]
        await bench.sees("读不了")
        load = next(iter(bench.user.find(marker="load").elements))
        assert not load.enabled  # type: ignore[attr-defined]

    played(store, tmp_path, play)


def test_a_finding_is_mended_in_place_as_a_correction(small_store: Path, tmp_path: Path) -> None:
    county = County(small_store)
    before = county.data.batches().height

    async def play(bench: Bench) -> None:
        from mujun.workbench.pages.checks import mend
        from mujun.workbench.view import View

        await bench.open("/checks?year=2022")
        await bench.sees("问题", "按部门导出")
        with bench.user:
            view = View(bench.desk, "zh", "/checks", {}, {}, 2022, (2022,))
            mend(view, F[1], 2022, "tax.tax_paid", "10")
        await bench.click("mend")
        await bench.sees("请填正确的值。")
        bench.user.find(kind=ui.input, content="正确的值（可带单位，如 12.5万元）").type("120000元")
        await bench.click("mend")
        await bench.sees("更正要写理由和依据文件，日后查得到。")
        bench.user.find(kind=ui.input, content="理由").type("企业更正申报")
        bench.user.find(kind=ui.input, content="依据文件").type("完税证明1号")
        await bench.click("try")
        await bench.sees("实缴税金：10 → 12")
        assert county.data.batches().height == before
        await bench.click("mend")
        assert county.data.batches().height == before + 1
        await bench.open("/checks/corrections?year=2022")
        await bench.sees("共 1 行")

    played(small_store, tmp_path, play)
    tax = county.data.table("tax").filter(pl.col("year") == 2022, pl.col("credit_code") == F[1])
    assert str(tax["tax_paid"].item()) == "12.000000"


def test_the_rows_of_a_grid_are_fetched_once_and_whole(sample_county: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/checks")
        grid = next(iter(bench.user.find(ui.aggrid).elements))
        given = json.loads((await bench.user.http_client.get(f"/rows/{grid.offered}")).content)  # type: ignore[attr-defined]
        county = County(sample_county)
        assert len(given["rows"]) == county.data.findings(2022).height + len(county.data.check(2022))
        assert {"what", "remedy", "township"} <= set(given["columns"])
        assert (await bench.user.http_client.get("/rows/unknown")).status_code == 410
        await bench.open("/checks/names")
        await bench.sees("155 个名称要认定", "就是这家")

    played(sample_county, tmp_path, play)
