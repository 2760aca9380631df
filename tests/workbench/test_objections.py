"""An objection is put on record and decided on the page of publication; what it changes names a notice that is out."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from nicegui import ui

from mujun import County
from tests.workbench.simulated import Bench, played
from tests.workbench.test_loop import marks
from tests.workbench.test_roles import as_, rows_of, staffed  # noqa: F401 - a fixture
from tests.workbench.test_rules import one, put
from tests.workspace.small_county import F


def register(county: County) -> list[tuple[Any, ...]]:
    return county.rounds.objections(2022).select("credit_code", "item", "asked", "state").rows()


def test_put_down_and_decided(small_store: Path, tmp_path: Path) -> None:
    county = County(small_store)
    county.runs.publish(2022, first=date.today(), until=date.today() + timedelta(days=6), place="网站")

    async def play(bench: Bench) -> None:
        await bench.open("/publication?year=2022")
        await bench.sees("2022 年度没有登记异议。")
        await bench.click("put-objection-down")
        await bench.click("objection-find")
        await bench.sees("请先写企业的信用代码或名称。")
        await put(bench, "objection-firm", "示例6厂")
        await bench.click("objection-find")
        await bench.sees(f"示例6厂（{F[6]}）")
        # Its tax is 8 万元; what the firm owns is a line of its own, what follows from others none.
        lines = list(one(bench, "objection-item").options.values())
        assert "实缴税金：8 万元" in lines
        assert not [line for line in lines if line.startswith("实际用地")]
        number = next(n for n, line in one(bench, "objection-item").options.items() if line.startswith("实缴税金"))
        await put(bench, "objection-item", number)
        await bench.click("objection-do")
        await bench.sees("请写明“实缴税金”申请更正为多少")
        await put(bench, "objection-asked", "12")
        await put(bench, "objection-reason", "漏计")
        await bench.click("objection-do")
        await bench.until(lambda: register(county) == [(F[6], "实缴税金", "12", "open")])
        await bench.settled()
        await bench.sees("待核定 1")
        _, rows = await rows_of(bench)
        assert "在“公示”的“异议”里点这一项" in str(rows[0]["answer"])
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.settled()
        assert (one(bench, "objection-asked").value, one(bench, "objection-item").value) == ("12", number)
        await put(bench, "objection-verdict", "agreed")
        await bench.click("objection-do")
        await bench.sees("没有登记，请改好再登记：", "但没有填：文号")
        await put(bench, "objection-document", "9号")
        await bench.click("objection-try")
        await bench.sees("实缴税金由 8 更正为 12（漏计，9号）", "还没有结束")
        assert register(county)[0][-1] == "open"
        await bench.click("objection-do")
        await bench.until(lambda: register(county) == [(F[6], "实缴税金", "12", "agreed")])
        await bench.settled()
        await bench.sees("同意更正 1")
        # Decided: a click opens nothing.
        await bench.open("/publication?year=2022")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.settled()
        assert "objection-firm" not in marks(bench)

    played(small_store, tmp_path, play)
    tax = county.data.table("tax")
    assert tax.filter(tax["credit_code"] == F[6])["tax_paid"].item() == 12


def test_who_only_reads_sees_the_register(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    County(staffed).rounds.put_objection(F[6], 2022, "other", asked="应为规下")

    async def play(bench: Bench) -> None:
        await bench.open("/publication?year=2022")
        await bench.sees("待核定 1")
        assert "put-objection-down" not in marks(bench)
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.settled()
        assert "objection-firm" not in marks(bench)

    as_("赵六", staffed, tmp_path, play)
