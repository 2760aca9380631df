"""Rules on the pages: changed in the form and in the text, tried at once, saved, undone, copied for a new year."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload

from mujun import County
from mujun.errors import UsageError
from mujun.workbench.desk import Desk
from mujun.workbench.rights import Person
from mujun.workbench.rules_trial import Trial
from mujun.workbench.view import View
from tests.workbench.simulated import Bench, played
from tests.workbench.test_roles import REFUSED, as_, staffed  # noqa: F401 - a fixture
from tests.workspace.small_county import RATING, rules_at
from tests.workspace.test_rules_by_hand import BENCHMARK, CASES

YEARS = "years"


@pytest.fixture
def own(small_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small county's rules in the bureau's folder."""
    rules_at(tmp_path / "规则" / "小县", tests=CASES)
    monkeypatch.setenv("MUJUN_RULES", str(tmp_path / "规则"))
    return tmp_path / "规则" / "小县"


def said(folder: Path) -> str:
    return (folder / "rating.yaml").read_text(encoding="utf-8")


def one(bench: Bench, marker: str) -> Any:
    """The element with a mark."""
    return next(iter(bench.user.find(marker=marker).elements))


async def put(bench: Bench, marker: str, value: object) -> None:
    """Write something into a field, and wait until its consequences are there."""
    one(bench, marker).set_value(value)
    await bench.settled()


def test_the_list_tells_the_bureaus_sets_and_those_with_mistakes(own: Path, small_store: Path, tmp_path: Path) -> None:
    rules_at(own.parent / "坏的", rating="mujun: 1\nkind: rating\nname: [\n")

    async def play(bench: Bench) -> None:
        await bench.open("/rules")
        rows = bench.desk.offered_rows(one_grid(bench).offered, bench.keeper.owner)
        assert rows is not None
        text = rows.decode()
        assert text.index("小县评价") < text.index("黄岩")
        assert "有错" in text
        assert "本局" in text
        await bench.open("/rules/form?set=坏的")
        await bench.sees("这套规则现在有错，排不成表格", "坏的/rating.yaml")
        for path in ("show", "form", "text"):
            await bench.open(f"/rules/{path}?set={own.parent}/小县")
            await bench.sees("请到“规则”页从列表里点开")

    played(small_store, tmp_path, play)


def one_grid(bench: Bench) -> Any:
    return next(iter(bench.user.find(ui.aggrid).elements))


def test_a_number_is_changed_tried_saved_and_taken_back(own: Path, small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/rules/form?set=小县")
        await bench.sees("验算例 1 个，成立 1 个", "还没有改动", "检查没有错误")
        assert not one(bench, "save").enabled
        await put(bench, BENCHMARK, "二十")
        await bench.sees("“二十”不是数", "1 处错误，不能保存")
        assert "不是数" in one(bench, BENCHMARK).error
        assert not one(bench, "save").enabled
        await put(bench, BENCHMARK, "20")
        await bench.sees("验算例 1 个，成立 0 个", "应为 50，得到 25", "改动 1 处")
        assert one(bench, BENCHMARK).error is None
        assert said(own) == RATING
        # Whoever leaves and comes back finds what he had begun.
        await bench.open("/rules")
        await bench.open("/rules/form?set=小县")
        assert one(bench, BENCHMARK).value == "20"
        await bench.sees("改动 1 处")
        await bench.click("save")
        await bench.sees("已保存：rating.yaml", "刚才保存了 rating.yaml")
        assert said(own) == RATING.replace("benchmark: 10}", "benchmark: 20}")
        assert one(bench, BENCHMARK).value == "20"
        await bench.click("undo")
        await bench.sees("已恢复到保存以前")
        assert said(own) == RATING
        assert one(bench, BENCHMARK).value == "10"

    played(small_store, tmp_path, play)


def test_a_change_that_does_not_hold_is_refused_at_its_field(own: Path, small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/rules/form?set=小县")
        for expansion in bench.user.find(ui.expansion).elements:
            expansion.set_value(True)
        await bench.settled()
        await put(bench, "tiers.cut.default.shares.D", "90")
        await bench.sees("改后规则不成立")
        assert "不成立" in one(bench, "tiers.cut.default.shares.D").error
        assert not one(bench, "save").enabled
        await bench.click("drop")
        await bench.sees("还没有改动")

    played(small_store, tmp_path, play)
    assert said(own) == RATING


def test_files_changed_by_somebody_else_are_not_overwritten(own: Path, small_store: Path, tmp_path: Path) -> None:
    other = RATING.replace("weight: 100", "weight: 80")

    async def play(bench: Bench) -> None:
        await bench.open("/rules/form?set=小县")
        await put(bench, BENCHMARK, "20")
        await bench.sees("改动 1 处")
        (own / "rating.yaml").write_text(other, encoding="utf-8")
        await bench.click("save")
        await bench.sees("改过，没有保存")

    played(small_store, tmp_path, play)
    assert said(own) == other


def test_the_text_is_told_at_its_lines_and_saved(own: Path, small_store: Path, tmp_path: Path) -> None:
    line = RATING[: RATING.index("benchmark: 10")].count("\n") + 1

    async def play(bench: Bench) -> None:
        await bench.open("/rules/text?set=小县&file=rating.yaml")
        await bench.sees("验算例 1 个，成立 1 个", "tests.yaml")
        await put(bench, "editor", RATING.replace("benchmark: 10", "benchmrk: 10"))
        await bench.sees(f"rating.yaml:{line}")
        assert {"kind": "line", "line": line, "class": "line-wrong"} in one(bench, "editor").decorations
        assert "benchmrk" in one(bench, "editor").line_tooltips[line]
        await bench.lacks(str(tmp_path))
        assert not one(bench, "save").enabled
        await put(bench, "editor", RATING.replace("benchmark: 10", "benchmark: 5 "))
        # 5 of 5 are all 100 points: the case says 50, in line 9 of tests.yaml.
        await bench.sees("应为 50，得到 100", "tests.yaml:9")
        await bench.click("save")
        await bench.sees("已保存：rating.yaml")
        assert "benchmark: 5 }" in said(own)
        await bench.open("/rules/text?set=小县&file=tests.yaml&line=9")
        assert {"kind": "line", "line": 9, "class": "line-doubt"} in one(bench, "editor").decorations
        await bench.open("/rules/text?set=小县&file=../rating.yaml")
        await bench.sees("这套规则没有文件")

    played(small_store, tmp_path, play)


def test_a_shipped_set_is_saved_as_another(own: Path, small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/rules/form?set=zhejiang/huangyan-2022")
        await bench.sees("随程序来的规则不改动")
        assert not any("save" in e._markers for e in bench.user._client.elements.values())
        await bench.click("save-as")
        await bench.sees("请先写名称")
        await put(bench, "new-set", "小县")
        await bench.click("save-as")
        await bench.sees("已有一套规则叫“小县”")
        await put(bench, "new-set", "../黄岩/2022")
        await bench.click("save-as")
        await bench.until(lambda: (own.parent / "_黄岩_2022").is_dir())

    played(small_store, tmp_path, play)
    rules = County(small_store).rules
    assert rules.load("_黄岩_2022").name == "../黄岩/2022"
    (named,) = rules.diff(rules.load("zhejiang/huangyan-2022"), rules.load("_黄岩_2022"))
    assert named.key == "name"


def test_last_years_set_is_copied_for_the_new_year(own: Path, small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/rules/show?set=小县")
        await bench.click("new-year")
        assert one(bench, "year-of-the-set").value == 2024
        await put(bench, "place", "浙江省绍兴市小县")
        assert one(bench, "new-set").value == "小县-2024"
        await bench.click("make")
        await bench.until(lambda: (own.parent / "小县-2024" / "rating.yaml").is_file())
        await bench.open("/rules/form?set=小县-2024")
        assert one(bench, YEARS).value == "2024"
        await bench.sees("检查没有错误", "这里还有“待填”")

    played(small_store, tmp_path, play)
    made = County(small_store).rules.load("小县-2024")
    assert made.rating is not None
    assert (made.rating.years, made.rating.name) == ((2024,), "小县评价")


def test_the_name_of_a_new_set_stays_while_the_rules_change(own: Path, small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/rules/text?set=小县&file=rating.yaml")
        await put(bench, "new-set", "另一套")
        await put(bench, "editor", RATING.replace("benchmark: 10", "benchmark: 12"))
        await bench.sees("benchmark")
        assert one(bench, "new-set").value == "另一套"
        # Also where another file of the set is looked at meanwhile.
        await bench.open("/rules/text?set=小县&file=rectification.yaml")
        assert one(bench, "new-set").value == "另一套"
        await bench.click("save-as")
        await bench.until(lambda: (own.parent / "另一套").is_dir())
        await bench.settled()
        await bench.open("/rules/text?set=小县&file=rating.yaml")
        assert one(bench, "new-set").value == ""

    played(small_store, tmp_path, play)
    assert "benchmark: 12" in said(own.parent / "另一套")
    assert "name: 另一套\n" in said(own.parent / "另一套")
    assert said(own) == RATING


def test_a_filled_workbook_becomes_a_set(own: Path, small_store: Path, tmp_path: Path) -> None:
    import openpyxl

    county = County(small_store)
    file = county.papers.rules_form(tmp_path / "规则.xlsx", county.rules.form("小县"))
    book = openpyxl.load_workbook(file)
    sheet = book["综合评价"]
    (weight,) = [c for row in sheet.iter_rows() for c in row if c.value == 100 and c.column == 3] or [None]
    if weight is None:
        weight = next(c for row in sheet.iter_rows() for c in row if c.value == 100)
    weight.value = 95
    book.save(file)

    async def play(bench: Bench) -> None:
        await bench.open("/rules/show?set=小县")
        await bench.click("take-back")
        await put(bench, "new-set", "交回的")
        upload = one(bench, "workbook")
        await upload.handle_uploads([SmallFileUpload("规则.xlsx", "", file.read_bytes())])
        await bench.until(lambda: (own.parent / "交回的").is_dir())
        await bench.sees("改动 1 处")

    played(small_store, tmp_path, play)
    assert county.rules.load("交回的").name == "交回的"


def test_a_reader_looks_and_saves_nothing_and_a_township_sees_none(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "规则" / "小县" / "tests.yaml").write_text(CASES, encoding="utf-8")

    async def reads(bench: Bench) -> None:
        await bench.open("/rules/form?set=小县")
        await bench.sees("检查没有错误")
        assert not one(bench, BENCHMARK).enabled
        assert not {"save", "save-as", "drop"} & {m for e in bench.user._client.elements.values() for m in e._markers}
        await bench.open("/rules/show?set=小县")
        assert not {"new-year", "copy"} & {m for e in bench.user._client.elements.values() for m in e._markers}

    async def refused(bench: Bench) -> None:
        for path in ("/rules/form?set=小县", "/rules/text?set=小县", "/rules/show?set=小县"):
            await bench.open(path)
            await bench.sees(REFUSED)
            await bench.lacks("亩均税收")

    as_("赵六", staffed, tmp_path, reads)
    for name in ("李四", "王五"):
        as_(name, staffed, tmp_path, refused)


def test_saving_is_refused_to_a_reader_however_it_is_asked(own: Path, small_store: Path, tmp_path: Path) -> None:
    """The buttons are not there; what they would do is refused as well."""
    desk = Desk(County(small_store), tmp_path)
    person = Person("赵六", "reader")
    for page in ("/rules/form", "/rules/text"):
        view = View(desk, "zh", page, {}, {}, person, page)
        trial = Trial(view, County(small_store).rules.files("小县"), "text", lambda _: None, lambda _: None)
        trial.changes["rating.yaml"] = RATING.replace("weight: 100", "weight: 90")
        for saving in (trial.save(), trial.save_as("另一套")):
            with pytest.raises(UsageError, match="您的账号"):
                asyncio.run(saving)
    desk.close()
    assert said(own) == RATING
    assert not (own.parent / "另一套").exists()


def test_a_file_is_added_checked_saved_and_taken_back(own: Path, small_store: Path, tmp_path: Path) -> None:
    """Begun with every key as a comment, then from a set that ships; its mistakes stand at their lines."""
    file = own / "allocation.yaml"

    async def play(bench: Bench) -> None:
        await bench.open("/rules/show?set=小县")
        await bench.click("add-file")
        await put(bench, "which-file", "ladders.yaml")
        assert set(one(bench, "begin-from").options) == {"", "zhejiang/shengzhou-2022"}
        await bench.click("begin")
        await bench.open("/rules/text?set=小县&file=ladders.yaml")
        await bench.sees("没有写任何梯队", "ladders.yaml（未保存）")
        assert "## conditions" not in one(bench, "editor").value
        assert "## ladders：梯队" in one(bench, "editor").value
        await bench.click("rules_drop_file")
        await bench.open("/rules/text?set=小县")
        await bench.lacks("ladders.yaml")
        await bench.click("add-file")
        await put(bench, "which-file", "allocation.yaml")
        await put(bench, "begin-from", "zhejiang/linhai-water-2019")
        await bench.click("begin")
        await bench.open("/rules/text?set=小县&file=allocation.yaml")
        # The small county has no tier C.
        await bench.sees("“C”不是该字段的取值", "1 处错误，不能保存")
        text = one(bench, "editor").value
        line = text[: text.index("{id: c,")].count("\n") + 1
        assert {"kind": "line", "line": line, "class": "line-wrong"} in one(bench, "editor").decorations
        assert "years: [2021, 2022, 2023]" in text
        assert not file.exists()
        await put(bench, "editor", text.replace("tier = 'C'", "tier = 'B'"))
        await bench.sees("检查没有错误", "这里还有“待填”")
        await bench.click("save")
        await bench.sees("已保存：allocation.yaml")
        assert "tier = 'B'" in file.read_text(encoding="utf-8")
        await bench.click("undo")
        await bench.until(lambda: not file.exists())
        assert said(own) == RATING

    played(small_store, tmp_path, play)


def test_a_file_is_taken_out_and_brought_back(own: Path, small_store: Path, tmp_path: Path) -> None:
    file = own / "tests.yaml"

    async def play(bench: Bench) -> None:
        await bench.open("/rules/text?set=小县&file=tests.yaml")
        await bench.click("rules_remove_file")
        await bench.sees("tests.yaml 将从这套规则中去掉")
        await bench.click("rules_keep_file")
        await bench.sees("还没有改动")
        await bench.click("rules_remove_file")
        await bench.sees("检查没有错误")
        await bench.click("save")
        await bench.until(lambda: not file.exists())
        await bench.open("/rules/text?set=小县")
        await bench.click("undo")
        await bench.until(file.exists)
        assert file.read_text(encoding="utf-8") == CASES

    played(small_store, tmp_path, play)


def test_rules_are_copied_changed_and_checked_before_there_is_a_year(own: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/rules/show?set=小县")
        await bench.sees("验算例 1 个，成立 1 个")
        await bench.open("/rules/form?set=小县")
        await put(bench, BENCHMARK, "20")
        await bench.sees("应为 50，得到 25")
        await bench.click("save")
        await bench.sees("已保存：rating.yaml")
        await bench.open("/rules/show?set=zhejiang/huangyan-2022")
        await bench.click("copy")
        await put(bench, "new-set", "黄岩抄")
        await bench.click("make")
        await bench.until(lambda: (own.parent / "黄岩抄" / "rating.yaml").is_file())
        assert "name: 黄岩抄\n" in said(own.parent / "黄岩抄")

    played(tmp_path / "还没有.duckdb", tmp_path, play)
    assert not (tmp_path / "还没有.duckdb").exists()


def test_form_and_grids_are_headed_in_english_and_fill_the_same_cells(
    own: Path, small_store: Path, tmp_path: Path
) -> None:
    async def play(bench: Bench) -> None:
        bench.user.http_client.cookies.set("mujun_language", "en")
        await bench.open("/rules/form?set=小县")
        await bench.sees("Rectification list", "scoring: 全部", "benchmark", "no mistakes")
        await bench.lacks("基准值", "权重", "评价组别")
        await put(bench, BENCHMARK, "20")
        await bench.sees("1 change")
        await bench.click("save")
        await bench.sees("Saved: rating.yaml")
        assert "benchmark: 20}" in said(own)
        await bench.open("/parcels?year=2022")
        headers = [column["headerName"] for column in one_grid(bench).options["columnDefs"]]
        assert {"Parcel", "Township", "Land area (mu)", "Firms on it"} <= set(headers)
        assert all(header.isascii() for header in headers)

    played(small_store, tmp_path, play)
