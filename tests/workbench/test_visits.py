"""A township's person fills in a firm's survey on a phone; the bureau sees it; nobody else gets there by address."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import openpyxl
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload

from mujun import County
from tests.records.test_photographs import PLACE, exif, jpeg
from tests.workbench.simulated import Bench, played
from tests.workbench.test_roles import REFUSED, as_, staffed
from tests.workspace.small_county import F, P

__all__ = ["staffed"]  # a fixture of another module


async def fill(bench: Bench, **answers: str) -> None:
    """Put something into fields of the form."""
    for name, value in answers.items():
        (field,) = bench.user.find(marker=name).elements
        field.set_value(value)  # type: ignore[attr-defined]


async def take(bench: Bench, *photographs: bytes) -> None:
    """Choose photographs."""
    (upload,) = bench.user.find(marker="photographs").elements
    files = [SmallFileUpload(f"../IMG{i}.php", "text/html", data) for i, data in enumerate(photographs)]
    await upload.handle_uploads(files)  # type: ignore[attr-defined]
    await bench.settled()


def test_a_firm_is_visited_on_a_phone_and_the_bureau_sees_it(staffed: Path, tmp_path: Path) -> None:
    county = County(staffed)

    async def in_the_field(bench: Bench) -> None:
        await bench.open("/confirmation/visits?year=2022")
        await bench.sees("这一年还没有发出核查表")
        await bench.open(f"/firms/{F[5]}/visit?year=2022")
        await bench.sees("先在“确认”里发出这个镇街的核查表")
        await bench.open("/confirmation?year=2022")
        await bench.click("survey")
        await bench.open("/confirmation/visits?year=2022")
        await bench.sees("4 家中 0 家已核查", "示例5厂", "示例8厂")
        await bench.lacks("示例1厂")
        await bench.open(f"/firms/{F[5]}/visit?year=2022")
        await bench.click("hand in")
        # Who and when stand there already; nothing else was said.
        await fill(bench, verified_on="2099-01-01", operation="停产")
        await bench.click("hand in")
        await bench.sees("有错，没有交上去")
        assert county.data.table("surveys").height <= 1
        await fill(bench, verified_on="2023-05-04", fire_hazard="是", remark="<b>上锁</b>")
        await take(bench, b"<svg onload='alert(1)'>")
        await bench.click("hand in")
        await bench.sees("不是 JPEG 或 PNG 照片")
        await bench.open(f"/firms/{F[5]}/visit?year=2022")
        await fill(bench, verified_on="2023-05-04", operation="停产", fire_hazard="是", remark="<b>上锁</b>")
        await take(bench, jpeg(exif(6)))
        await bench.sees("待交 1 张")
        await bench.click("hand in")
        await bench.sees("已记录，第")
        for path in (f"/firms/{F[1]}/visit", "/firms/nobody/visit"):
            await bench.open(f"{path}?year=2022")
            await bench.sees(REFUSED)
            await bench.lacks("示例1厂")

    async def at_the_bureau(bench: Bench) -> None:
        await bench.open("/confirmation/visits?year=2022")
        await bench.sees("4 家中 1 家已核查", "问题 1 项")
        await bench.open(f"/firms/{F[5]}/visit?year=2022")
        await bench.sees("这家已核查过", "现场照片")
        shown = next(e.content for e in bench.user.find(ui.html).elements if "/photograph/" in e.content)
        address = shown.split('src="')[1].split('"')[0]
        picture = await bench.user.http_client.get(address)
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.content.startswith(b"\xff\xd8\xff")
        assert PLACE not in picture.content

    async def who_only_reads(bench: Bench) -> None:
        await bench.open(f"/firms/{F[5]}/visit?year=2022")
        await bench.sees("现场情况")
        assert not bench.user.find(marker="operation").elements.pop().enabled  # type: ignore[attr-defined]
        assert not [e for e in bench.user._client.elements.values() if "hand in" in e._markers]

    async def of_an_office(bench: Bench) -> None:
        for path in ("/confirmation/visits", f"/firms/{F[5]}/visit"):
            await bench.open(f"{path}?year=2022")
            await bench.sees(REFUSED)

    as_("李四", staffed, tmp_path, in_the_field)
    row = county.data.table("surveys").filter(credit_code=F[5]).row(0, named=True)
    assert (row["operation"], row["fire_hazard"], row["remark"], row["verified_by"]) == (
        "停产", "是", "<b>上锁</b>", "李四",
    )  # fmt: skip
    assert county.data.changes().row(0, named=True)["who"] == "李四"
    as_("张三", staffed, tmp_path, at_the_bureau)
    as_("赵六", staffed, tmp_path, who_only_reads)
    as_("王五", staffed, tmp_path, of_an_office)


def test_a_parcel_is_drawn_among_the_parcels_one_may_see(staffed: Path, tmp_path: Path) -> None:
    features = [
        f'{{"type":"Feature","properties":{{"宗地号":"{P[n]}"}},"geometry":{{"type":"Polygon","coordinates":'
        f'{[[[500000 + x + dx, y] for dx, y in ((0, 0), (90, 0), (90, 90), (0, 90), (0, 0))]]!s}}}}}'
        for n, x in ((2, 0), (3, 100), (4, 200))
    ]  # fmt: skip
    layer = tmp_path / "地块图形_2022.geojson"
    layer.write_text(f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}', encoding="utf-8")
    County(staffed).data.load([layer])

    def drawn(bench: Bench) -> str:
        return next((e.content for e in bench.user.find(ui.html).elements if "<svg" in e.content), "")

    async def township(bench: Bench) -> None:
        await bench.open(f"/parcels/{P[3]}?year=2022")
        await bench.sees("位置和四邻")
        assert P[4] in drawn(bench)
        assert P[2] not in drawn(bench)

    async def bureau(bench: Bench) -> None:
        await bench.open(f"/parcels/{P[3]}?year=2022")
        assert all(P[n] in drawn(bench) for n in (2, 3, 4))
        await bench.open(f"/parcels/{P[1]}?year=2022")
        await bench.sees("这宗地没有图形")

    as_("李四", staffed, tmp_path, township)
    as_("张三", staffed, tmp_path, bureau)


def test_what_changes_a_figure_names_a_notice_that_is_out(small_store: Path, tmp_path: Path) -> None:
    county = County(small_store)
    county.runs.publish(2022, first=date.today(), until=date.today() + timedelta(days=6), place="网站")
    county.rounds.screen_all(tmp_path / "核查表", year=2022)
    confirmed = county.rounds.confirm(2022, tmp_path / "确认.xlsx", codes=[F[5]])
    book = openpyxl.load_workbook(confirmed.file)
    sheet = book.worksheets[0]
    row = next(r[1].row for r in sheet.iter_rows() if r[1].value == "实缴税金")
    for column, text in enumerate(("30", "漏计", "同意", "9号"), start=6):
        sheet.cell(row, column).value = text
    book.save(tmp_path / "交回.xlsx")
    told = "还没有结束；公示的结果里没有这项更正"

    async def play(bench: Bench) -> None:
        await bench.open(f"/firms/{F[5]}/visit?year=2022")
        await fill(bench, verified_on="2023-05-04", operation="停产")
        await bench.click("hand in")
        await bench.sees("已记录，第")
        await bench.lacks(told)
        await bench.open(f"/firms/{F[5]}/visit?year=2022")
        await fill(bench, surveyed_mu="25")
        await bench.click("hand in")
        await bench.sees("已记录，第", told)
        await bench.open("/confirmation?year=2022")
        await bench.lacks(told)
        (upload,) = bench.user.find(marker="returned").elements
        file = SmallFileUpload("交回.xlsx", "", (tmp_path / "交回.xlsx").read_bytes())
        await upload.handle_uploads([file])  # type: ignore[attr-defined]
        await bench.sees("已收入，记为第", told)

    played(small_store, tmp_path, play)
    tax, land = county.data.table("tax"), county.data.table("land")
    assert tax.filter(tax["credit_code"] == F[5])["tax_paid"].item() == 30
    assert land.filter(land["credit_code"] == F[5])["area_mu"].item() == 25
