"""Files that are dropped onto the page, and the rows of grids."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload

from mujun import County
from tests.workbench.simulated import Bench, played
from tests.workspace.small_county import F, files_at


async def drop(bench: Bench, **files: str) -> None:
    """Drop files onto the page."""
    upload = next(iter(bench.user.find(ui.upload).elements))
    await upload.handle_uploads(
        [SmallFileUpload(f"{name}.csv", "text/csv", text.encode()) for name, text in files.items()]
    )
    await bench.settled()


def test_what_is_no_table_is_said_and_stays_out(tmp_path: Path) -> None:
    store = tmp_path / "mujun.duckdb"
    County(store).create()

    async def play(bench: Bench) -> None:
        await bench.open("/data")
        await drop(bench, **{"../../etc/会议纪要": "今天开会,明天也开会\n谁,来\n"})
        assert [p.parent.parent for p in bench.tray.basket.values()] == [tmp_path]
        await bench.sees("读不了")
        load = next(iter(bench.user.find(marker="load").elements))
        assert not load.enabled  # type: ignore[attr-defined]

    played(store, tmp_path, play)


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


def test_a_file_sent_anew_names_a_notice_that_is_out(small_store: Path, tmp_path: Path) -> None:
    county = County(small_store)
    county.runs.publish(2022, first=date.today(), until=date.today() + timedelta(days=6), place="网站")
    sent = {f.stem: f.read_text(encoding="utf-8") for f in files_at(tmp_path / "又", 2022, taxes={1: 11})}
    water = f"年度,统一社会信用代码,企业名称,用水量(吨)\n2022,{F[1]},示例1厂,5\n"
    told = "还没有结束；公示的结果里没有这项更正"

    async def play(bench: Bench) -> None:
        # What nobody had said before corrects nothing that was published.
        await bench.open("/data?year=2022")
        await drop(bench, 水_2022=water)
        await bench.click("load")
        await bench.sees("已装入")
        await bench.lacks(told)
        await drop(bench, 税收_2022=sent["税收_2022"])
        await bench.click("load")
        await bench.sees(told)

    played(small_store, tmp_path, play)
    assert county.data.table("water")["credit_code"].to_list() == [F[1]]
