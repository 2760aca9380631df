"""Corrections: what is said anew, what stays, what it changes; and objections that come back on confirmation sheets."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from mujun.errors import InputError, UsageError
from mujun.fields import FRAME_FIELDS, MADE_OF, TABLES, lag_of
from mujun.reports.official.papers import objection_register
from mujun.rules.model.papers import ThePapers
from mujun.workspace import County
from mujun.workspace.rounds.confirming import confirm
from mujun.workspace.rounds.correcting import changes_of_batch, correct, corrections_on_record, field_said
from mujun.workspace.rounds.correction_effects import effect_if, effect_of_batch
from mujun.workspace.rounds.register import objections
from mujun.workspace.rounds.returning import Returned, take_back
from tests.workspace.why import Why

from .round_county import ALONE, LANDLORD, SEVERAL, SMALL, TENANT, county, rules_at

WHY: Why = {"reason": "漏计附加税", "document": "示例1号"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county, rated once, and the confirmation sheets of its township."""
    folder = tmp_path_factory.mktemp("correcting")
    own = county(folder / "county.duckdb")
    own.runs.rate(rules_at(folder / "rules"), 2022)
    confirm(own, 2022, folder / "确认.xlsx", township="甲镇")
    return folder


@pytest.fixture
def own(made: Path, tmp_path: Path) -> County:
    return County(shutil.copy(made / "county.duckdb", tmp_path / "county.duckdb"))


def tax(own: County, code: str) -> Decimal:
    return Decimal(own.data.table("tax").filter(pl.col("credit_code") == code)["tax_paid"].item())


# ---------------------------------------------------------------------------------------------------------- corrections


def test_a_correction_is_a_batch_and_the_old_figure_stays(own: County) -> None:
    done = correct(own, LANDLORD, 2022, {"实缴税金": "90.5万元"}, **WHY)
    assert tax(own, LANDLORD) == Decimal("90.5")
    assert own.data.table("tax", as_of_batch=3).filter(pl.col("credit_code") == LANDLORD)["tax_paid"].item() == Decimal(
        18
    )
    assert corrections_on_record(own).select("number", "reason", "document").row(0) == (4, *WHY.values())
    changed = changes_of_batch(own, 4).select("credit_code", "field", "old", "new").rows()
    assert (done.batch, changed) == (4, [(LANDLORD, "tax_paid", "18", "90.5")])
    # What the correction did not name is as it was.
    assert tax(own, ALONE) == Decimal(120)
    assert own.runs.list().height == 1


def test_what_it_changes_is_told_before_and_after_alike(own: County) -> None:
    """亩均税收 12, 5, 3, 11, 0.5; two of five are A. With 90.5 万元 on 6 亩 the landlord is first, the tenant falls."""
    tried = correct(own, LANDLORD, 2022, {"tax_paid": "90.5"}, **WHY, dry_run=True)
    assert (tried.batch, tax(own, LANDLORD)) == (None, Decimal(18))
    (foreseen,) = effect_if(own, tried, 2022)
    correct(own, LANDLORD, 2022, {"tax_paid": "90.5"}, **WHY)
    (effect,) = effect_of_batch(own, 4)
    assert foreseen.firms.equals(effect.firms)
    rows = effect.firms.select("credit_code", "own", "rank_before", "rank_after", "tier_before", "tier_after").rows()
    assert rows == [(LANDLORD, True, 4, 1, "B", "A"), (TENANT, False, 2, 3, "A", "B")]
    scores = effect.firms.select("score_before", "score_after").row(0)
    assert scores == (Decimal(30), Decimal("150.8333"))
    assert effect.moved.height == 2


def test_what_it_changes_goes_by_the_final_result(own: County, tmp_path: Path) -> None:
    """As lists and measures do: a newer trial by other rules says nothing of the year's result."""
    tried = correct(own, LANDLORD, 2022, {"tax_paid": "90.5"}, **WHY, dry_run=True)
    (trial,) = effect_if(own, tried, 2022)
    assert (trial.run, trial.final) == (1, False)
    assert "第 1 次，只是试算，还没有正式结果" in trial.rated_by
    own.runs.rate(rules_at(tmp_path / "rules"), 2022, final=True)
    own.runs.rate(rules_at(tmp_path / "others"), 2022)
    (effect,) = effect_if(own, tried, 2022)
    assert (effect.run, effect.final, effect.rules) == (2, True, own.runs.list()["rules"][1])
    assert "第 2 次，正式结果" in effect.rated_by
    batch = correct(own, LANDLORD, 2022, {"tax_paid": "90.5"}, **WHY).batch
    assert [(e.run, e.final) for e in effect_of_batch(own, int(str(batch)))] == [(2, True)]


@pytest.mark.parametrize(("word", "says"), [
    ("land_mu", "land.area_mu（用地面积）、land.tenure（权属）"),
    ("实际用地", "是算出来的，不能直接更正；请更正它所依据的项目：land.area_mu"),
    ("emissions_t", "emissions.cod_t"),
    ("surveyed_mu", "来自“现场核查”表"),
    ("land_mu_last2", "是2年前的数"),
])  # fmt: skip
def test_what_is_worked_out_is_corrected_where_it_comes_from(word: str, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        field_said(word)


def test_every_column_that_no_table_has_says_where_it_comes_from() -> None:
    own_fields = {n for t in TABLES.values() for n in t.by_name}
    made = {n for n in FRAME_FIELDS if n not in own_fields and lag_of(n) is None}
    assert made - MADE_OF.keys() == {"as_of"}  # the year's last day, which nobody corrects
    for sources in MADE_OF.values():
        for table, _, name in (source.partition(".") for source in sources):
            assert not name or name in TABLES[table].by_name


def test_a_row_of_land_is_told_by_what_it_is(own: County) -> None:
    with pytest.raises(InputError, match="P2"):
        correct(own, SEVERAL, 2022, {"land.area_mu": "5"}, **WHY)
    correct(own, SEVERAL, 2022, {"land.area_mu": "5"}, **WHY, record={"parcel": "P2"})
    rows = own.data.table("land").filter(pl.col("credit_code") == SEVERAL).select("parcel", "area_mu").rows()
    assert sorted(rows) == [("P2", Decimal(5)), ("P3", Decimal(3))]
    with pytest.raises(InputError, match="没有这样的用地记录"):
        correct(own, SEVERAL, 2022, {"land.area_mu": "5"}, **WHY, record={"parcel": "P9"})


def test_a_figure_may_become_missing_or_be_the_first(own: County) -> None:
    correct(own, ALONE, 2022, {"tax_paid": None, "revenue": "1亿元"}, **WHY)
    assert own.data.table("tax").filter(pl.col("credit_code") == ALONE)["tax_paid"].to_list() == [None]
    assert own.data.table("output")["revenue"].to_list() == [Decimal(10000)]


@pytest.mark.parametrize(("said", "says"), [
    ({"tax_paid": "120"}, "已经是这个数"),
    ({"tax_paid": "很多"}, "读不懂"),
    ({"land.area_mu": "-1"}, "不能是负数"),
    ({"scale": "大"}, "规上、规下"),
])  # fmt: skip
def test_what_cannot_be_taken_is_refused_whole(own: County, said: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        correct(own, ALONE, 2022, {**said}, **WHY)
    assert corrections_on_record(own).is_empty()


def test_whom_and_what_there_is(own: County) -> None:
    with pytest.raises(UsageError):
        correct(own, ALONE, 2021, {"tax_paid": "1"}, **WHY)
    with pytest.raises(UsageError, match="实缴税金"):
        field_said("实缴税")
    with pytest.raises(UsageError):
        field_said("credit_code")
    assert field_said("实缴税金") == ("tax", "tax_paid")
    assert field_said("用地.用地面积") == ("land", "area_mu")


# -------------------------------------------------------------------------------------------------- confirmation sheets


def line(sheet: Worksheet, label: str) -> int:
    return next(r for r in range(6, sheet.max_row + 1) if str(sheet.cell(r, 2).value).startswith(label))


def sheet_of(book: openpyxl.Workbook, code: str) -> Worksheet:
    return next(s for s in book.worksheets if code in str(s["A2"].value))


def object_to(made: Path, file: Path, *said: tuple[str, str, tuple[str | None, ...]]) -> Path:
    """The workbook with 申请更正为, 理由, 核定意见, 文号 written on lines."""
    book = openpyxl.load_workbook(made / "确认.xlsx")
    for code, label, cells in said:
        sheet = sheet_of(book, code)
        row = line(sheet, label)
        for i, text in enumerate(cells):
            sheet.cell(row, 6 + i).value = text
    book.save(file)
    return file


def back(own: County, file: Path) -> Returned:
    return take_back(own, [file])[0]


def test_every_figure_that_counts_has_its_place(made: Path) -> None:
    book = openpyxl.load_workbook(made / "确认.xlsx")
    assert len(book.worksheets) == 5
    sheet = sheet_of(book, LANDLORD)
    lines = [[sheet.cell(r, c).value for c in (2, 3, 4, 5)] for r in range(6, 10)]
    assert lines == [
        ["实缴税金", "万元", 18, "税收.csv Sheet1 第 4 行"],
        ["自有用地 P4", "亩", 8, "用地.xlsx Sheet1 第 5 行"],
        [f"租出用地 P4 {TENANT}", "亩", 2, "用地.xlsx Sheet1 第 6 行"],
        ["实际用地", "亩", 6, "自有 8 ＋ 租入 0 － 租出 2"],
    ]
    # What follows from other lines cannot be objected to by itself.
    assert [bool(sheet.cell(r, 6).protection.locked) for r in (6, 7, 8, 9)] == [False, False, False, True]


def test_an_objection_the_bureau_agreed_to_becomes_a_correction(own: County, made: Path, tmp_path: Path) -> None:
    agreed = ("90.5", "漏计附加税", "同意", "示例7号")
    land = ("7", "实测", "同意", "示例8号")
    returned = back(
        own, object_to(made, tmp_path / "a.xlsx", (LANDLORD, "实缴税金", agreed), (LANDLORD, "自有用地", land))
    )
    assert (returned.filled, returned.errors) == (2, 0)
    assert tax(own, LANDLORD) == Decimal("90.5")
    areas = own.data.table("land").filter(pl.col("credit_code") == LANDLORD).select("tenure", "area_mu").rows()
    assert sorted(areas) == [("租出", Decimal(2)), ("自有", Decimal(7))]
    on_record = corrections_on_record(own).row(-1, named=True)
    assert (on_record["document"], on_record["number"]) == ("示例7号、示例8号", returned.batch)
    (effect,) = effect_of_batch(own, int(str(returned.batch)))
    # 90.5 万元 on 7 − 2 = 5 亩.
    assert effect.firms.filter("own")["score_after"].to_list() == [Decimal(181)]


def test_other_objections_change_nothing_and_are_told(own: County, made: Path, tmp_path: Path) -> None:
    told: dict[str, tuple[tuple[str | None, ...], str]] = {
        ALONE: (("90", "漏计", None, None), "objection_open"),
        SEVERAL: (("90", "漏计", "不同意", None), "objection_rejected"),
        LANDLORD: (("90", "漏计", "同意", None), "objection_incomplete"),
        TENANT: (("90", "漏计", "好", "文"), "objection_verdict"),
        SMALL: (("很多", "漏计", "同意", "文"), "unreadable_cell"),
    }
    said = [(code, "实缴税金", cells) for code, (cells, _) in told.items()]
    returned = back(own, object_to(made, tmp_path / "a.xlsx", *said))
    assert returned.records is not None
    assert {f.credit_code: f.code for f in returned.records.findings} == {c: code for c, (_, code) in told.items()}
    assert own.data.table("tax").sort("credit_code")["_batch"].unique().to_list() == [3]


def test_the_register_has_every_objection_once_with_its_decision(own: County, made: Path, tmp_path: Path) -> None:
    assert objections(own, 2022).is_empty()
    back(own, object_to(made, tmp_path / "a.xlsx", (ALONE, "实缴税金", ("90", "漏计", None, None)),
                        (SEVERAL, "实缴税金", ("90", "漏计", "不同意", None))))  # fmt: skip
    correct(own, TENANT, 2022, {"tax_paid": "70"}, **WHY)
    told = objections(own, 2022).select("number", "credit_code", "township", "label", "decision").rows()
    assert told == [
        (1, SEVERAL, "甲镇", "实缴税金", "不予同意"),
        (2, ALONE, "甲镇", "实缴税金", "待核定"),
        (3, TENANT, "甲镇", "实缴税金", "同意更正"),
    ]
    # The sheet of the first comes back once more, decided: one objection, agreed.
    back(own, object_to(made, tmp_path / "b.xlsx", (ALONE, "实缴税金", ("90", "漏计", "同意", "示例9号"))))
    rows = {r["credit_code"]: r for r in objections(own, 2022).iter_rows(named=True)}
    assert len(rows) == 3
    assert (rows[ALONE]["decision"], rows[ALONE]["answer"]) == ("同意更正", "")
    assert rows[ALONE]["content"] == "实缴税金由 120 更正为 90（漏计，示例9号）"
    assert rows[TENANT]["content"] == "实缴税金由 66 更正为 70（漏计附加税，示例1号）"
    paper = objection_register(objections(own, 2022), 2022, "甲县", ThePapers(mujun=1, kind="papers", name=""), None)
    assert "共登记企业异议和更正 3 项，涉及企业 3 家：不予同意 1 项，同意更正 2 项" in str(paper.parts[0])
    assert [r[5] for r in paper.annexes[0].table.rows] == ["不予同意", "同意更正", "同意更正"]
    made_papers = own.papers.report(2022, tmp_path / "材料", only=["objections"])
    assert [p.name for p in made_papers.papers] == ["objections"]


def test_objections_to_anything_else_have_their_answer_and_decision(own: County, made: Path, tmp_path: Path) -> None:
    other = "其他异议"
    returned = back(
        own,
        object_to(
            made, tmp_path / "a.xlsx",
            (ALONE, other, ("申请不参评", "二期在建", "同意", "示例9号")),
            (SEVERAL, other, ("档次应为B", None, "不同意", None)),
            (TENANT, other, (None, "不属本镇", None, None)),
            (LANDLORD, other, ("申请不参评", None, "同意", None)),
        ),
    )  # fmt: skip
    assert (returned.filled, returned.errors) == (4, 1)
    assert own.data.table("tax").sort("credit_code")["_batch"].unique().to_list() == [3], "nothing is corrected"
    rows = {r["credit_code"]: r for r in objections(own, 2022).iter_rows(named=True)}
    assert {c: (r["label"], r["decision"], r["content"]) for c, r in rows.items()} == {
        ALONE: (other, "同意", "企业提出：申请不参评；二期在建；同意（示例9号）"),
        SEVERAL: (other, "不予同意", "企业提出：档次应为B；不予同意"),
        TENANT: (other, "待核定", "企业提出：不属本镇，还没有核定意见"),
        LANDLORD: (other, "退回补正", "其他异议同意更正，但没有填：文号"),
    }
    assert "mujun load" in rows[ALONE]["answer"]
    papers = own.papers.report(2022, tmp_path / "材料", only=["objections", "objection-book"])
    assert [p.name for p in papers.papers] == ["objections", "objection-book"]
    book = openpyxl.load_workbook(papers.papers[1].file)
    lines = [[c.value for c in row] for row in book["异议登记"].iter_rows(min_row=4)]
    assert len(lines) == 4
    assert {(row[2], row[7]) for row in lines} == {(c, r["decision"]) for c, r in rows.items()}
    counts = [[c.value for c in row] for row in book["按镇街"].iter_rows()]
    assert counts[-1][:2] == ["合计", 4]


def test_a_figure_that_changed_since_is_not_corrected_over(own: County, made: Path, tmp_path: Path) -> None:
    correct(own, ALONE, 2022, {"tax_paid": "130"}, **WHY)
    returned = back(own, object_to(made, tmp_path / "a.xlsx", (ALONE, "实缴税金", ("140", "漏计", "同意", "文"))))
    assert returned.records is not None
    assert [f.code for f in returned.records.findings] == ["objection_stale"]
    assert tax(own, ALONE) == Decimal(130)


@pytest.mark.parametrize(("edit", "says"), [
    (lambda b: sheet_of(b, SMALL).cell(6, 4, 99), "D6"),
    (lambda b: b.remove(sheet_of(b, SMALL)), SMALL),
    (lambda b: sheet_of(b, SMALL).cell(5, 4, "数"), "D5"),
])  # fmt: skip
def test_an_edited_sheet_is_told_with_its_cell(
    own: County, made: Path, tmp_path: Path, edit: Callable[[openpyxl.Workbook], object], says: str
) -> None:
    book = openpyxl.load_workbook(made / "确认.xlsx")
    edit(book)
    book.save(tmp_path / "a.xlsx")
    returned = back(own, tmp_path / "a.xlsx")
    told = [*map(str, returned.refused), *(f.what for f in (returned.records.findings if returned.records else ()))]
    assert says in " ".join(told)


def test_a_sheet_that_came_back_untouched_is_no_batch(own: County, made: Path) -> None:
    returned = back(own, made / "确认.xlsx")
    assert (returned.batch, returned.filled, returned.errors, returned.refused) == (None, 0, 0, ())
