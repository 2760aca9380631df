"""The loop on the pages: a step with its evidence, several at once, problems of a firm; each role only what is its."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload
from nicegui.testing.user_interaction import UserInteraction

from mujun import County
from mujun.errors import UsageError
from mujun.workspace.problems.evidence import evidence_folder
from tests.workbench.simulated import Bench, played
from tests.workbench.test_roles import REFUSED, as_, rows_of, staffed  # noqa: F401 - a fixture
from tests.workbench.test_rules import one, put
from tests.workspace.small_county import F

PROBLEMS = (
    "问题编号,统一社会信用代码,企业名称,问题类别,问题描述,发现人,发现日期,处置部门\n"
    f"W1,{F[5]},示例5厂,消防隐患,无喷淋,张三,2023-05-18,税务局\n"
    f"W2,{F[1]},示例1厂,违法用地,占用耕地,张三,2023-05-19,自然资源和规划局\n"
)
PHOTO = SmallFileUpload("现场.jpg", "image/jpeg", b"\xff\xd8\xffpicture")


def with_list(store: Path) -> County:
    """The list of 1 March 2023 issued."""
    county = County(store)
    county.rectify.issue(title="清单", document="1号", issued_on=date(2023, 3, 1))
    return county


def with_problems(store: Path, folder: Path) -> County:
    file = folder / "问题隐患.csv"
    file.write_text(PROBLEMS, encoding="utf-8")
    county = County(store)
    outcome = county.data.load([file], table="problems")
    assert not outcome.refused, outcome.refused
    return county


def states(county: County) -> dict[str, str]:
    return dict(county.monitor.status(date.today()).tracked.select("subject", "state").iter_rows())


def marks(bench: Bench) -> set[str]:
    return {m for e in bench.user._client.elements.values() for m in e._markers}


def tick(bench: Bench, monkeypatch: pytest.MonkeyPatch, places: list[int]) -> None:
    """Tick rows, as the grid tells them."""
    grid: Any = next(e for e in bench.user.find(ui.aggrid).elements)

    async def ticked() -> list[dict[str, int]]:
        return [{"_at": place} for place in places]

    monkeypatch.setattr(grid, "get_selected_rows", ticked)


def test_a_step_is_recorded_with_a_photograph_and_taken_back(small_store: Path, tmp_path: Path) -> None:
    county = with_list(small_store)
    code = next(c for c, s in sorted(states(county).items()) if s == "listed" and c in F.values())
    for action in ("plan", "start"):
        county.rectify.record(code, action, on=date(2023, 4, 1))

    async def play(bench: Bench) -> None:
        await bench.open(f"/list/{code}")
        assert list(one(bench, "action").options) == ["report"]
        await bench.sees("镇街核查表")
        upload = one(bench, "evidence-files")
        await upload.handle_uploads([PHOTO])
        await bench.settled()
        assert one(bench, "镇街核查表").value is True
        await bench.click("record")
        await bench.sees("镇街核查表_现场.jpg")
        assert list(one(bench, "action").options) == ["return", "accept"]
        await bench.click("evidence-file")
        await bench.until(lambda: bool(bench.user.download.http_responses))
        assert bench.user.download.http_responses[-1].content == b"\xff\xd8\xffpicture"
        # Acceptance wants the energy freed: refused with the reason, nothing recorded.
        one(bench, "action").set_value("accept")
        await bench.settled()
        await bench.click("record")
        await bench.sees("腾出用能")
        assert states(county)[code] == "reported_done"
        await bench.open(f"/list/{code}")
        # The newest stands first.
        newest = min(bench.user.find(marker="revoke").elements, key=lambda e: e.id)
        UserInteraction(bench.user, {newest}, None).click()
        await bench.settled()
        bench.user.find(kind=ui.input, content="理由").type("记错了")
        await bench.click("do-revoke")
        await bench.until(lambda: states(county)[code] == "in_progress")

    played(small_store, tmp_path, play)
    (file,) = evidence_folder(county).iterdir()
    assert file.read_bytes() == b"\xff\xd8\xffpicture"


def test_several_are_ticked_and_those_that_cannot_are_named(
    small_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = with_list(small_store)
    tracked = county.monitor.status(date.today()).tracked
    codes = tracked["subject"].to_list()
    firms = [n for n, c in enumerate(codes) if c in F.values()]
    county.rectify.record(codes[firms[0]], "plan", on=date(2023, 4, 1))
    name = tracked["name"][firms[0]]

    async def play(bench: Bench) -> None:
        await bench.open("/list?year=2022")
        tick(bench, monkeypatch, [])
        await bench.click("together")
        await bench.sees("还没有勾选")
        tick(bench, monkeypatch, firms)
        await bench.click("together")
        await bench.sees(f"给 {len(firms)} 家（块）记同一件事")
        one(bench, "action").set_value("plan")
        await bench.settled()
        await bench.click("try-all")
        await bench.sees(f"可以记 {len(firms) - 1} 家", f"{name}：")
        assert list(states(county).values()).count("planned") == 1
        await bench.click("record-all")
        await bench.sees(f"已记 {len(firms) - 1} 家", "1 家（块）没有记", f"{name}：")
        assert {states(county)[codes[n]] for n in firms} == {"planned"}
        await bench.click("undo-all")
        await bench.sees("撤回要写理由")
        await put(bench, "undo-reason", "记错了日期")
        await bench.click("undo-all")
        await bench.until(lambda: list(states(county).values()).count("planned") == 1)

    played(small_store, tmp_path, play)


def test_a_problem_is_ordered_mended_and_closed_in_the_loop(small_store: Path, tmp_path: Path) -> None:
    with_list(small_store)
    county = with_problems(small_store, tmp_path)

    def problem() -> dict[str, Any]:
        return county.problems.list().rows.filter(problem="W1").row(0, named=True)

    async def play(bench: Bench) -> None:
        await bench.open(f"/list/{F[5]}")
        await bench.sees("这里的问题（1 个）", "无喷淋")
        await bench.lacks("占用耕地")
        await bench.click("open-problem")
        assert list(one(bench, "say").options) == ["order", "mend", "fine", "withdraw"]
        await bench.click("record-problem")
        await bench.sees("期限")
        await put(bench, "order_deadline", "2023-06-30")
        await bench.click("record-problem")
        await bench.until(lambda: problem()["state"] == "ordered")
        await bench.open(f"/list/{F[5]}")
        await bench.click("open-problem")
        one(bench, "say").set_value("mend")
        await bench.settled()
        await put(bench, "mend_result", "已装喷淋")
        uploads = bench.user.find(marker="evidence-files").elements
        await max(uploads, key=lambda e: e.id).handle_uploads([PHOTO])  # type: ignore[attr-defined]
        await bench.settled()
        await bench.click("record-problem")
        await bench.until(lambda: problem()["state"] == "mended")
        await bench.open("/problems")
        grid = next(iter(bench.user.find(ui.aggrid).elements))
        rows = bench.desk.offered_rows(grid.offered, bench.keeper.owner)  # type: ignore[attr-defined]
        assert rows is not None
        place = county.problems.list().rows["problem"].to_list().index("W1")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": place}})
        await bench.sees("已装喷淋", "现场.jpg")
        assert list(one(bench, "say").options) == ["fine", "close", "withdraw"]
        one(bench, "say").set_value("close")
        await bench.settled()
        await bench.click("record-problem")
        await bench.until(lambda: problem()["state"] == "closed")

    played(small_store, tmp_path, play)
    assert problem()["evidence"].endswith("_现场.jpg")


def test_a_step_is_taken_back_and_a_problem_withdrawn_on_the_page(small_store: Path, tmp_path: Path) -> None:
    county = with_problems(small_store, tmp_path)
    county.problems.say("W1", "order", deadline=date(2023, 6, 30), department="消防救援大队")

    def state() -> str:
        return str(county.problems.list().rows.filter(problem="W1")["state"].item())

    def place() -> int:
        return county.problems.list().rows["problem"].to_list().index("W1")

    async def again(bench: Bench) -> None:
        await bench.open("/problems")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": place()}})
        await bench.sees("经过")

    async def play(bench: Bench) -> None:
        await again(bench)
        await bench.sees("撤回最近一步（交办）", "发现 · ")
        await bench.click("take-problem-back")
        await bench.sees("要写理由")
        await again(bench)
        await put(bench, "problem-back-why", "交错了部门")
        await bench.click("take-problem-back")
        await bench.until(lambda: state() == "open")
        await again(bench)
        await bench.sees("撤回 · ", "理由：交错了部门")
        # Nothing but its finding stands: that is not taken back but withdrawn.
        assert "take-problem-back" not in marks(bench)
        one(bench, "say").set_value("withdraw")
        await bench.settled()
        await bench.click("record-problem")
        await bench.sees("要写明为什么")
        await again(bench)
        one(bench, "say").set_value("withdraw")
        await bench.settled()
        await put(bench, "withdrawn_why", "现场核实有喷淋")
        await bench.click("record-problem")
        await bench.until(lambda: state() == "withdrawn")
        await again(bench)
        await bench.sees("已撤销，不再处置", "撤回最近一步（撤销）", "现场核实有喷淋")

    played(small_store, tmp_path, play)


def test_an_office_takes_back_what_it_put_down_itself_only(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    county = with_problems(staffed, tmp_path)
    office = str(county.problems.list().rows.filter(problem="W1")["handled_by"].item())
    county.problems.say("W1", "order", deadline=date(2023, 6, 30))

    async def play(bench: Bench) -> None:
        await bench.open("/problems")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.sees("经过")
        assert "take-problem-back" not in marks(bench)
        assert list(one(bench, "say").options) == ["order", "mend", "fine"]
        County(staffed, who="王五").problems.say("W1", "mend", on=date(2023, 6, 20))
        await bench.open("/problems")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.sees("撤回最近一步（整改）")
        await put(bench, "problem-back-why", "报早了")
        await bench.click("take-problem-back")
        await bench.until(lambda: county.problems.list().rows.filter(problem="W1")["state"].item() == "ordered")

    as_("王五", staffed, tmp_path, play)
    with pytest.raises(UsageError, match="由本人或经信局撤回"):
        County(staffed, who="王五").problems.take_back("W1", reason="错", by=office)
    with pytest.raises(UsageError, match="由经信局撤销"):
        county.problems.say("W1", "withdraw", reason="不是问题", by=office)


def test_an_office_speaks_of_its_problems_only(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    county = with_problems(staffed, tmp_path)

    async def office(bench: Bench) -> None:
        await bench.open("/problems")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.sees("无喷淋")
        await put(bench, "order_deadline", "2023-06-30")
        await bench.click("record-problem")
        await bench.until(lambda: county.problems.list().rows.filter(problem="W1")["state"].to_list() == ["ordered"])
        # Handed to another office meanwhile, it is its no longer.
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.settled()
        county.problems.say("W1", "order", deadline=date(2023, 7, 30), department="消防救援大队")
        one(bench, "say").set_value("fine")
        await bench.settled()
        await bench.click("record-problem")
        await bench.sees("不由您所在的部门处置")
        await bench.open(f"/list/{F[5]}")
        await bench.sees(REFUSED)

    async def looks(bench: Bench) -> None:
        await bench.open("/problems")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.settled()
        assert "record-problem" not in marks(bench)

    as_("王五", staffed, tmp_path, office)
    as_("李四", staffed, tmp_path, looks)
    as_("赵六", staffed, tmp_path, looks)
    assert county.problems.list().rows.filter(problem="W1")["fined_on"].to_list() == [None]


def test_a_reader_sees_the_course_and_may_do_nothing(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    county = with_list(staffed)
    code = next(c for c, s in sorted(states(county).items()) if s == "listed" and c in F.values())
    county.rectify.record(code, "plan", on=date(2023, 4, 1))

    async def play(bench: Bench) -> None:
        await bench.open(f"/list/{code}")
        await bench.sees("经过")
        assert not {"record", "revoke", "action"} & marks(bench)
        await bench.open("/list?year=2022")
        assert "together" not in marks(bench)

    as_("赵六", staffed, tmp_path, play)


def test_grids_say_states_and_headers_in_the_words_of_the_field(small_store: Path, tmp_path: Path) -> None:
    county = with_problems(small_store, tmp_path)
    by_problem = {r["problem"]: r for r in county.problems.list().rows.iter_rows(named=True)}
    assert by_problem["W1"]["state"] == "open"

    def headers(bench: Bench) -> dict[str, str]:
        shown = next(iter(bench.user.find(ui.aggrid).elements))
        return {c["field"]: c["headerName"] for c in shown.options["columnDefs"]}

    async def play(bench: Bench) -> None:
        await bench.open("/problems?year=2022")
        _, rows = await rows_of(bench)
        assert {r["problem"]: r["state"] for r in rows}["W1"] == "待处置"
        assert list(headers(bench))[:3] == ["problem", "state", "name"]
        await bench.open("/firms?year=2022")
        # The rank comes from the rating; in the table of firms no field is called so.
        assert headers(bench)["rank"] == "组内名次"

    played(small_store, tmp_path, play)
