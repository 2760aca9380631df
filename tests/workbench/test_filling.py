"""Files dropped, read, asked about and loaded; a finding mended in place: with the mouse, without a command."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
from nicegui import ui

from mujun import County
from tests.workbench.simulated import Bench, played
from tests.workbench.test_data import drop
from tests.workspace.small_county import F, files_at

D = Decimal
HEAD = "统一社会信用代码,企业名称"


def taxes(store: Path) -> dict[str, Decimal]:
    """The taxes on record, by firm."""
    return dict(County(store).data.table("tax").select("credit_code", "tax_paid").iter_rows())


def test_files_are_dropped_read_and_loaded(tmp_path: Path) -> None:
    store = tmp_path / "mujun.duckdb"
    County(store).create()
    files = {f.stem: f.read_text(encoding="utf-8") for f in files_at(tmp_path / "files", 2022)}

    async def play(bench: Bench) -> None:
        await bench.open("/data?year=2022")
        await drop(bench, **files)
        await bench.sees("待装入的文件（6 个）")
        sheets = "".join(e.props["innerHTML"] for e in bench.user.find(ui.html).elements)
        # Of the taxes: 10 + 4 + 5 + 6 + 10 + 8 + 300 + 400 = 743.
        assert "税收 · 实缴税金" in sheets
        assert '<td class="figure">743</td>' in sheets
        assert County(store).data.batches().is_empty()
        await bench.click("load")
        await bench.sees("装入结果", "装入 8 行，0 行有错不计入，记为第 1 批。")
        assert bench.tray.basket == {}

    played(store, tmp_path, play)
    assert taxes(store) == {F[n]: D(t) for n, t in enumerate((10, 4, 5, 6, 10, 8, 300, 400), start=1)}
    assert County(store).data.batches().height == 6


def test_a_question_is_answered_by_a_click_and_the_figure_comes_in(small_store: Path, tmp_path: Path) -> None:
    """A column whose unit nothing says, and whose figures in 万元 would be a firm of 120 亿元: it waits."""

    def of_2023() -> dict[str, Decimal]:
        rows = County(small_store).data.table("tax").filter(pl.col("year") == 2023)
        return dict(rows.select("credit_code", "tax_paid").iter_rows())

    asked = f"{HEAD},实缴税金\n{F[1]},示例1厂,1205000\n{F[2]},示例2厂,880500\n{F[3]},示例3厂,450000\n"

    async def play(bench: Bench) -> None:
        await bench.open("/data")
        await drop(bench, **{"2023年税收": asked})
        await bench.sees("有 1 个疑问要答复", "数字是什么单位？")
        await bench.click("load")
        assert of_2023() == {}
        await bench.open("/data")
        await bench.click("元（中位数合 88.05 万元）")
        await bench.click("load")
        assert bench.tray.basket == {}

    played(small_store, tmp_path, play)
    assert of_2023() == {F[1]: D("120.5"), F[2]: D("88.05"), F[3]: D(45)}


def test_a_finding_is_mended_in_place_with_a_reason(small_store: Path, tmp_path: Path) -> None:
    file = tmp_path / "水_2022.csv"
    file.write_text(f"年度,{HEAD},用水量(吨)\n2022,{F[6]},示例6厂,-5\n2022,{F[1]},示例1厂,50\n", encoding="utf-8")
    County(small_store).data.load([file])

    async def play(bench: Bench) -> None:
        await bench.open("/checks?year=2022")
        await bench.sees("1 个错误")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.sees("“用水量”不能是负数：-5", "水_2022.csv")
        await bench.click("mend")
        await bench.sees("请填正确的值。")
        bench.user.find(kind=ui.input, content="正确的值（可带单位，如 12.5万元）").type("5")
        await bench.click("mend")
        await bench.sees("更正要写理由和依据文件，日后查得到。")
        bench.user.find(kind=ui.input, content="理由").type("水表抄错")
        bench.user.find(kind=ui.input, content="依据文件").type("水费单1号")
        await bench.click("mend")
        await bench.sees("0 个错误")
        await bench.open("/checks/corrections?year=2022")
        grid = next(iter(bench.user.find(ui.aggrid).elements))
        offered = bench.desk.offered_rows(grid.offered, bench.keeper.owner)  # type: ignore[attr-defined]
        assert offered is not None
        assert "水表抄错" in offered.decode()
        assert "水费单1号" in offered.decode()

    played(small_store, tmp_path, play)
    water = County(small_store).data.table("water")
    assert dict(water.select("credit_code", "water_m3").iter_rows()) == {F[1]: D(50), F[6]: D(5)}
