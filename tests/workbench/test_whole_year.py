"""The whole year by clicks: from an empty folder to the list, its events, the amounts and the papers; no command."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload

from mujun import County
from mujun.reports.rounds.survey_workbook import FIRMS, HEADER
from tests.few_firms import few_files
from tests.workbench.simulated import Bench, played
from tests.workbench.test_rules import put

RULES = "zhejiang/shengzhou-2022"
UNSAID = "统一社会信用代码,企业名称,实缴税金\n{},甲,1205000\n{},乙,880500\n{},丙,450000\n"
"""Taxes of the year before without a unit: in 万元 they would be those of a country."""
LONG = 300
"""Seconds that a step may take where several work on the machine."""


async def drop(bench: Bench, files: dict[str, bytes]) -> None:
    """Drop files onto the page, whatever they hold, and wait until they are read."""
    upload = next(iter(bench.user.find(ui.upload).elements))
    await upload.handle_uploads([SmallFileUpload(n, "application/octet-stream", b) for n, b in files.items()])
    await asyncio.sleep(0.5)  # until the files are written and the reading has begun
    await bench.settled(LONG)


async def rows_of(bench: Bench) -> list[dict[str, Any]]:
    """The rows of the page's grid, as the browser fetches them; `_at` is what it says of a row that is clicked."""
    grid = next(iter(bench.user.find(ui.aggrid).elements))
    given = json.loads((await bench.user.http_client.get(f"/rows/{grid.offered}")).content)  # type: ignore[attr-defined]
    return [dict(zip(given["columns"], row, strict=True)) | {"_at": at} for at, row in enumerate(given["rows"])]


def downloaded(bench: Bench) -> zipfile.ZipFile:
    """The archive that came down last."""
    return zipfile.ZipFile(io.BytesIO(bench.user.download.http_responses[-1].content))


def visited(workbook: bytes) -> tuple[bytes, str]:
    """A township's survey with its first firm looked at, as somebody fills it in Excel; and the firm's code."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    sheet = book[FIRMS.sheet]
    headers = [str(c.value) for c in sheet[HEADER + 1]]
    said = {"operation": "正常生产", "proposed_path": "整治提升", "verified_by": "李四", "verified_on": "2023-05-04"}
    for field, header in zip(FIRMS.fields, FIRMS.asked_headers, strict=True):
        value = said.get(field.name, "否" if "否" in field.choices else None)
        if value is not None:
            sheet.cell(HEADER + 2, headers.index(header) + 1, value)
    filled = io.BytesIO()
    book.save(filled)
    return filled.getvalue(), str(sheet.cell(HEADER + 2, headers.index(FIRMS.key) + 1).value)


async def begin(bench: Bench) -> None:
    """Say whose county it is."""
    await bench.open("/")
    bench.user.find(kind=ui.input, content="县（市、区）名称").type("嵊州市")
    next(iter(bench.user.find(ui.number).elements)).set_value(2022)
    await bench.click("begin")
    await bench.open("/")
    await bench.sees("嵊州市2022年度", "装入部门数据")


async def load(bench: Bench, county: County, files: list[Path]) -> None:
    """Drop the offices' files, answer what one of them asks, load."""
    await bench.open("/data")
    await drop(bench, {f.name: f.read_bytes() for f in files if f.parent.name == "2022"})
    await bench.click("load", LONG)
    codes = county.data.table("enterprises")["credit_code"][:3]
    await bench.open("/data")
    await drop(bench, {"2021年税收.csv": UNSAID.format(*codes).encode()})
    await bench.sees("有 1 个疑问要答复")
    await bench.click("元（中位数合 88.05 万元）")
    await bench.click("load", LONG)
    assert county.data.table("tax").filter(year=2021)["tax_paid"].sum() == Decimal("253.55")
    assert bench.tray.basket == {}


async def check(bench: Bench, county: County) -> None:
    """Look at the findings, mend one, decide a name."""
    await bench.open("/checks")
    # The tax office wrote “约12”; asked on the telephone it said 12.3.
    wrong = next(r for r in await rows_of(bench) if r["value"] == "约12" and r["field"] == "tax_paid")
    bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": wrong["_at"]}})
    await bench.sees("更正“实缴税金”")
    for label, text in (
        ("正确的值（可带单位，如 12.5万元）", "12.3万元"), ("理由", "电话核实"), ("依据文件", "完税证明3号"),
    ):  # fmt: skip
        bench.user.find(kind=ui.input, content=label).type(text)
    await bench.click("mend")
    mended = county.data.table("tax").filter(year=2022, credit_code=wrong["credit_code"])
    assert mended["tax_paid"].to_list() == [Decimal("12.3")]
    before = len(county.identity.proposals())
    await bench.open("/checks/names")
    bench.user.find(kind=ui.input, content="依据文件").type("营业执照")
    await bench.click_one(min(bench.user.find(kind=ui.button, content="就是这家").elements, key=lambda e: e.id))
    assert len(county.identity.proposals()) < before


async def confirm(bench: Bench, county: County) -> None:
    """Hand the survey out, take one township's back."""
    await bench.open("/confirmation")
    # Nothing is rated yet: the page asks by which rules firms are looked at.
    next(iter(bench.user.find(marker="rules").elements)).set_value(RULES)  # type: ignore[attr-defined]
    await bench.click("survey", LONG)
    archive = downloaded(bench)
    # Of fifteen townships four have no firm to look at.
    assert len(archive.namelist()) == 11
    name = next(n for n in archive.namelist() if n.startswith("甘霖镇"))
    back, code = visited(archive.read(name))
    await drop(bench, {name: back})
    await bench.sees("装入结果")
    visits = county.data.table("surveys").filter(year=2022)
    assert visits.select("credit_code", "operation", "verified_by").rows() == [(code, "正常生产", "李四")]


async def rate(bench: Bench, county: County) -> None:
    """Rate on trial, look, make it final."""
    await bench.open("/rating")
    choice = next(e for e in bench.user.find(ui.select).elements if RULES in e.options)
    choice.set_value(RULES)
    await bench.click("rate", LONG)
    await bench.open("/rating/1")
    await bench.click("fix", LONG)
    assert county.runs.list().select("number", "final").rows() == [(1, False), (2, True)]


async def publish(bench: Bench, county: County) -> None:
    """Make the papers that are published, and put down where they hang."""
    await bench.open("/publication")
    wanted = {"结果公示稿", "整治清单", "分镇街评价结果"}
    for box in bench.user.find(ui.checkbox).elements:
        box.set_value(box.text in wanted)
    await bench.click("make papers", LONG)
    await bench.sees("已生成 3 种材料")
    names = downloaded(bench).namelist()
    assert all(any(w in n for n in names) for w in wanted)
    today = date.today()
    await put(bench, "publication_first", today.isoformat())
    await put(bench, "publication_until", (today + timedelta(days=6)).isoformat())
    await put(bench, "publication_where", "县政府网站")
    await bench.click("put publication down")
    await bench.until(lambda: len(county.runs.published()) == 1)
    await bench.settled()


async def rectify(bench: Bench, county: County) -> str:
    """Issue the list, put down what comes next for one firm; gives its code."""
    await bench.open("/list")
    bench.user.find(kind=ui.input, content="文号").type("嵊亩均〔2023〕1号")
    await bench.click("issue", LONG)
    (issued,) = county.rectify.issued()
    listed = await rows_of(bench)
    # All manufacturers of the last tier are on it, and each is counted once.
    assert issued.firms + issued.parcels == len(listed) == len({r["subject"] for r in listed})
    code = str(next(r["subject"] for r in listed if r["kind"] == "enterprise"))
    await bench.open(f"/list/{code}")
    await bench.click("record")
    return code


async def measure(bench: Bench, county: County) -> None:
    """Hand the amounts to the offices, look at what is due."""
    await bench.open("/measures")
    await bench.click("下载各部门执行清单", LONG)
    assert len(downloaded(bench).namelist()) == 3
    await bench.open("/supervision")
    await bench.click("下载督查通报", LONG)
    assert openpyxl.load_workbook(io.BytesIO(bench.user.download.http_responses[-1].content)).sheetnames


def test_a_year_from_an_empty_folder_to_the_papers(tmp_path: Path) -> None:
    store = tmp_path / "嵊州.duckdb"
    county = County(store)
    files = few_files(tmp_path / "files")

    async def year(bench: Bench) -> None:
        await begin(bench)
        await load(bench, county, files)
        await check(bench, county)
        await confirm(bench, county)
        await rate(bench, county)
        await publish(bench, county)
        code = await rectify(bench, county)
        await measure(bench, county)
        await bench.open("/")
        await bench.sees("第 2 次的结果", "在县政府网站公示，异议截止", "《2022年度高耗低效企业整治清单》")
        # Looked at and verified by being issued, listed, and the one step that was put down by hand.
        steps = [e.event.action for e in county.rectify.history(code).entries]
        assert steps == ["screen", "verify", "list", "plan"]
        await bench.open("/changes")
        kinds = {r["kind"] for r in await rows_of(bench)}
        assert {"load", "final_rating", "list", "event"} <= kinds

    played(store, tmp_path, year)
