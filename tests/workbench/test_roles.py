"""What each role sees and may do, tried on the pages: another township's firm by address, another office's table."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from nicegui import core, ui

from mujun import County
from mujun.workbench import people
from tests.workbench.simulated import PORT, SECURE, Bench, played, sign_in
from tests.workbench.test_data import drop
from tests.workbench.test_people import WORD
from tests.workspace.small_county import F, P, rules_at

REFUSED = "您的账号不能看这一页或做这一步。"
PEOPLE = (
    ("张三", "bureau", ""),
    ("王五", "office", "税务局"),
    ("李四", "township", "甘霖镇"),
    ("赵六", "reader", ""),
)
HEAD = "统一社会信用代码,企业名称"


@pytest.fixture
def staffed(small_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small county with an account of each role, and a finding about each of two tables."""
    argon2 = pytest.importorskip("argon2")
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(people, "hasher", lambda: quick)
    monkeypatch.setattr("mujun.workbench.sessions.hasher", lambda: quick)
    for name, role, of in PEOPLE:
        people.add(small_store, name, role, of, WORD)
    for stem, header, code in (("水", "用水量(吨)", F[6]), ("税", "实缴税金(万元)", F[1])):
        file = tmp_path / f"{stem}_2022.csv"
        file.write_text(f"年度,{HEAD},{header}\n2022,{code},示例厂,约五\n", encoding="utf-8")
        County(small_store).data.load([file])
    rules_at(tmp_path / "规则" / "小县")
    monkeypatch.setenv("MUJUN_RULES", str(tmp_path / "规则"))
    return small_store


def as_(name: str, store: Path, files: Path, play: Callable[[Bench], Awaitable[None]]) -> None:
    """Let somebody with an account do something."""
    played(store, files, play, (name, WORD))


async def rows_of(bench: Bench) -> tuple[str, list[dict[str, object]]]:
    """The address and the rows of the page's grid, fetched as the browser does."""
    grid = next(iter(bench.user.find(ui.aggrid).elements))
    address = f"/rows/{grid.offered}"  # type: ignore[attr-defined]
    given = json.loads((await bench.user.http_client.get(address)).content)
    return address, [dict(zip(given["columns"], row, strict=True)) for row in given["rows"]]


def test_a_township_sees_its_own_firms_and_parcels_only(staffed: Path, tmp_path: Path) -> None:
    """甘霖镇 has the firms 5 to 8 and the parcels 3 to 5; 三江街道 the others."""

    async def play(bench: Bench) -> None:
        await bench.open("/firms?year=2022")
        address, rows = await rows_of(bench)
        assert {r["credit_code"] for r in rows} == {F[5], F[6], F[7], F[8]}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(core.app), base_url=SECURE) as other:
            assert (await sign_in(other, "赵六", WORD)).status_code == 303
            assert (await other.get(address)).status_code == 410
        for path in (f"/firms/{F[1]}", f"/firms/{F[1]}/explanation", f"/firms/{F[1]}/calculator", "/firms/示例1厂",
                     f"/parcels/{P[1]}", "/parcels/nothing", "/rating", "/checks", "/list", f"/list/{F[5]}", "/data",
                     "/measures", "/changes", "/rules", "/publication", "/checks/corrections"):  # fmt: skip
            await bench.open(path)
            await bench.sees(REFUSED)
            await bench.lacks("示例1厂", "更正这家")
        await bench.open(f"/firms/{F[5]}")
        await bench.sees("示例5厂")
        await bench.lacks(REFUSED, "更正数据")
        await bench.open("/firms?year=2022")
        search = bench.user.find(marker="search")
        search.type("示例1厂").trigger("keydown.enter")
        await bench.settled()
        await bench.sees("“示例1厂”在本镇街名录上找到 0 家")
        await bench.open("/parcels?year=2022")
        _, parcels = await rows_of(bench)
        assert {r["township"] for r in parcels} <= {"甘霖镇"}
        await bench.open("/")
        await bench.sees("甘霖镇的工作", "李四（甘霖镇）", "退出")
        assert not [e for e in bench.user._client.elements.values() if "end the workbench" in e._markers]

    as_("李四", staffed, tmp_path, play)


def test_an_office_sees_its_findings_and_sends_its_tables(staffed: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/checks?year=2022")
        _, rows = await rows_of(bench)
        assert {r["owner"] for r in rows} == {"税务局"}
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.sees("约五")
        await bench.lacks("更正“实缴税金”")
        for path in ("/firms", f"/firms/{F[1]}", "/parcels", "/confirmation", "/rating", "/checks/names", "/changes"):
            await bench.open(path)
            await bench.sees(REFUSED)
        await bench.open("/data?year=2023")
        await drop(bench, 水务=f"年度,{HEAD},用水量(吨)\n2023,{F[1]},示例1厂,7\n")
        await bench.click("load")
        await bench.sees("里有“用水”的数据，不是税务局交的表，没有装入。")
        bench.desk.tray_of("王五").basket.clear()
        await drop(bench, 税收=f"年度,{HEAD},实缴税金(万元)\n2023,{F[1]},示例1厂,7\n")
        await bench.click("load")
        await bench.sees("装入 1 行")

    as_("王五", staffed, tmp_path, play)
    county = County(staffed)
    assert county.data.table("water").filter(year=2023).is_empty()
    assert county.data.table("tax").filter(year=2023)["tax_paid"].to_list() == [7]
    assert county.data.changes().row(0, named=True)["who"] == "王五"


def test_a_reader_sees_all_and_changes_nothing(staffed: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/firms?year=2022")
        _, rows = await rows_of(bench)
        assert len(rows) == 8
        await bench.open("/rating?year=2022")
        await bench.click("rate")
        await bench.sees(REFUSED)
        await bench.open("/data")
        assert not [e for e in bench.user._client.elements.values() if isinstance(e, ui.upload)]
        await bench.open("/changes")
        _, changes = await rows_of(bench)
        assert {"装入", "评价定稿"} <= {c["kind_word"] for c in changes}

    as_("赵六", staffed, tmp_path, play)
    assert County(staffed).runs.list().height == 1


def test_who_changed_something_meanwhile_is_said(staffed: Path, tmp_path: Path) -> None:
    file = tmp_path / "水_2021.csv"
    file.write_text(f"年度,{HEAD},用水量(吨)\n2021,{F[1]},示例1厂,7\n", encoding="utf-8")

    async def play(bench: Bench) -> None:
        await bench.open("/list?year=2022")
        await bench.desk.change(lambda county: county.data.load([file]), "王五")
        await bench.click("issue")
        await bench.lacks("这一页打开以后")
        bench.user.find(kind=ui.input, content="文号").type("小县〔2023〕1号")
        await bench.click("issue")
        await bench.sees("这一页打开以后，王五又改过数据。")

    as_("张三", staffed, tmp_path, play)
    changes = County(staffed).data.changes()
    assert changes.filter(kind="list")["who"].to_list() == ["张三"]
    assert changes.filter(kind="load")["who"][0] == "王五"


def test_the_bureau_does_all_and_signs_for_it(staffed: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/rating?year=2022")
        lists = [e for e in bench.user.find(ui.select).elements if "小县" in e.options]
        lists[0].set_value("小县")
        await bench.click("rate")
        await bench.until(lambda: County(staffed).runs.list().height == 2)

    as_("张三", staffed, tmp_path, play)
    assert County(staffed).runs.list()["who"].to_list()[1:] == ["张三"]


def test_the_door_with_accounts(staffed: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(core.app), base_url=SECURE) as browser:
            html = {"accept": "text/html"}
            away = await browser.get("/firms?year=2022", headers=html)
            assert away.headers["location"] == "/login?back=%2Ffirms%3Fyear%3D2022"
            for path in ("/firms", "/_nicegui_ws/socket.io/?transport=polling", "/rows/x", "/_mujun/another-token"):
                assert (await browser.get(path)).status_code == 403, path
            token = bench.keeper.new_token()
            assert (await browser.get(f"/enter?token={token}")).status_code == 403
            form = await browser.get("/login?back=/firms", headers=html)
            assert '<input name="password" type="password"' in form.text
            wrong = await sign_in(browser, "张三", "wrong password 1")
            assert wrong.status_code == 403
            assert "账号或口令不对。" in wrong.text
            assert "wrong password" not in wrong.text
            hostile = await sign_in(browser, '"><script>alert(1)</script>', "x")
            assert "<script>" not in hostile.text
            for origin in ({}, {"origin": "https://evil.example"}, {"origin": f"http://127.0.0.1:{PORT}"}):
                data = {"name": "张三", "password": WORD}
                assert (await browser.post("/login", data=data, headers=origin)).status_code == 403
            assert (await browser.get("/login", headers={"host": "evil.example"})).status_code == 403
            right = await browser.post(
                "/login?back=//evil.example", data={"name": "张三", "password": WORD}, headers={"origin": SECURE}
            )
            assert right.headers["location"] == "/"
            cookie = right.headers["set-cookie"]
            assert all(flag in cookie for flag in ("HttpOnly", "Secure", "SameSite=Lax"))
            assert (await browser.get("/")).status_code == 200
            people.change_password(staffed, "张三", f"{WORD}!")
            assert (await browser.get("/")).status_code == 403
            await sign_in(browser, "张三", f"{WORD}!")
            assert (await browser.get("/")).status_code == 200
            gone = await browser.post("/logout", headers={"origin": SECURE})
            assert gone.headers["location"] == "/login"
            assert (await browser.get("/")).status_code == 403

    as_("赵六", staffed, tmp_path, play)
