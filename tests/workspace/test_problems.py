"""Problems with a life of their own: found, ordered, mended, fined, closed; handed over and taken back."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from mujun.errors import InputError, UsageError
from mujun.reports.rectification.problem_sheets import ASKED, headers_of
from mujun.workspace import County
from mujun.workspace.problems.evidence import evidence_folder, keep_evidence
from mujun.workspace.problems.problem_books import load_problems, problem_sheet
from mujun.workspace.problems.problem_list import (
    list_problems,
    problem_book,
    problem_status,
    say_of_problem,
)
from mujun.workspace.rectification.papers import due_matters
from mujun.workspace.rounds.returning import take_back
from mujun.workspace.rounds.township_round import hand_out, screening_rules

from .round_county import ALONE, LANDLORD, county, rules_at
from .test_township_round import VISIT, Sheet

FIRE, LAND = f"2022-{ALONE}-8", f"2022-{LANDLORD}-1"


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Visited on 18 May 2023: one firm with a fire hazard, one on land it may not use; two were not visited."""
    folder = tmp_path_factory.mktemp("problems")
    own, rules = county(folder / "county.duckdb"), rules_at(folder / "rules")
    hand_out(own, screening_rules(own, rules, 2022), "甲镇", Decimal(3), folder / "核查.xlsx")
    sheet = Sheet(folder / "核查.xlsx")
    sheet.put(ALONE, **VISIT | {"消防隐患": "是", "核查说明": "无喷淋"})
    sheet.put(LANDLORD, **VISIT | {"违法用地": "是"})
    (back,) = take_back(own, [sheet.save(folder / "back.xlsx")])
    assert back.count("problems") == 2
    return own.path


@pytest.fixture
def own(surveyed: Path, tmp_path: Path) -> County:
    return County(shutil.copy(surveyed, tmp_path / "county.duckdb"))


def row(own: County, number: str) -> dict[str, Any]:
    return list_problems(own).rows.filter(pl.col("problem") == number).row(0, named=True)


def test_a_survey_puts_problems_on_the_list(own: County) -> None:
    assert list_problems(own).rows["problem"].to_list() == sorted([FIRE, LAND])
    stands = row(own, FIRE)
    wanted = ("problem_kind", "problem_text", "found_by", "found_on", "handled_by", "township", "state")
    assert [stands[n] for n in wanted] == [
        "消防隐患", "无喷淋", "张三", date(2023, 5, 18), "消防救援大队", "甲镇", "open"
    ]  # fmt: skip


def test_the_life_of_a_problem(own: County, tmp_path: Path) -> None:
    order: dict[str, Any] = {"deadline": date(2023, 6, 30), "document": "消限1号"}
    assert say_of_problem(own, FIRE, "order", **order).state == "ordered"
    shown = tmp_path / "照片.jpg"
    shown.write_bytes(b"seen")
    assert say_of_problem(own, FIRE, "mend", on=date(2023, 6, 20), result="已装喷淋", evidence=shown).state == "mended"
    assert say_of_problem(own, FIRE, "close", on=date(2023, 7, 1)).state == "closed"
    stands = row(own, FIRE)
    assert stands["evidence_sha256"] == hashlib.sha256(b"seen").hexdigest()
    assert (evidence_folder(own) / stands["evidence"]).read_bytes() == b"seen"
    assert stands["evidence"] == f"{stands['evidence_sha256'][:12]}_照片.jpg"
    assert (stands["mend_result"], stands["order_document"]) == ("已装喷淋", "消限1号")
    with pytest.raises(UsageError) as caught:
        say_of_problem(own, FIRE, "mend", on=date(2023, 7, 2))
    assert [p.code for p in caught.value.problems] == ["problem_closed"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("照片.jpg", "照片.jpg"),
        ("身份证330683199001011234.png", "身份证3306**********1234.png".replace("*", "_")),
        ("a.j\x1b[31mpg", "a.j_[31mpg"),
        ("b\u202egpj.exe", "b_gpj.exe"),
        ("c.<img src=x>", "c._img src=x_"),
        ("=cmd|' C calc'!A0.csv", "=cmd_' C calc'!A0.csv"),
        (".hidden", ".hidden"),
        ("长" * 80 + ".pdf", None),
    ],
)
def test_names_of_evidence_are_made_plain(own: County, tmp_path: Path, given: str, kept: str | None) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / given).write_bytes(b"seen")
    name, digest = keep_evidence(own, sent / given)
    assert len(name.encode()) <= 180
    assert name.startswith(digest[:12] + "_")
    assert kept is None or name == f"{digest[:12]}_{kept}"
    assert [f.name for f in evidence_folder(own).iterdir()] == [name]
    assert (evidence_folder(own) / name).read_bytes() == b"seen"
    # Again, and after somebody has changed the copy.
    assert keep_evidence(own, sent / given) == (name, digest)
    (evidence_folder(own) / name).write_bytes(b"other")
    assert keep_evidence(own, sent / given) == (name, digest)
    assert (evidence_folder(own) / name).read_bytes() == b"seen"


def test_evidence_of_one_name_is_kept_twice_and_what_is_none_is_refused(own: County, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "照片.jpg").write_bytes(b"seen %d" % number)
        keep_evidence(own, tmp_path / str(number) / "照片.jpg")
    assert len(list(evidence_folder(own).iterdir())) == 2
    (tmp_path / "folder.jpg").mkdir()
    with (tmp_path / "large.jpg").open("wb") as large:
        large.truncate(2**30)
    for wrong, code in (("folder.jpg", "file_is_folder"), ("large.jpg", "file_too_large"), ("no", "file_not_found")):
        with pytest.raises(InputError) as caught:
            keep_evidence(own, tmp_path / wrong)
        assert [p.code for p in caught.value.problems] == [code]
    shutil.rmtree(evidence_folder(own))
    evidence_folder(own).write_bytes(b"")
    with pytest.raises(InputError) as caught:
        keep_evidence(own, tmp_path / "1" / "照片.jpg")
    assert evidence_folder(own).name in str(caught.value)


TOMORROW = date.today() + timedelta(days=1)


@pytest.mark.parametrize(("action", "more", "code"), [
    ("close", {"on": date(2023, 6, 1)}, "problem_not_mended"),
    ("mend", {"on": date(2023, 5, 17)}, "problem_day_before"),
    ("mend", {"on": TOMORROW}, "problem_day_to_come"),
    ("order", {"deadline": date(2023, 5, 1)}, "problem_day_before"),
    ("order", {}, "problem_needs_deadline"),
    ("fine", {"on": date(2023, 6, 1), "amount": Decimal(-1)}, "problem_fine_negative"),
    ("mended", {}, "problem_action"),
])  # fmt: skip
def test_what_cannot_be_said(own: County, action: str, more: dict[str, Any], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        say_of_problem(own, FIRE, action, **more)
    assert [p.code for p in caught.value.problems] == [code]
    assert row(own, FIRE)["state"] == "open"


def test_overdue_ones_are_due(own: County) -> None:
    say_of_problem(own, FIRE, "order", deadline=date(2023, 6, 30))
    say_of_problem(own, LAND, "order", deadline=date(2023, 7, 30), department="资源局")
    found = due_matters(own, date(2023, 7, 10), 30)
    assert found.rows.select("kind", "subject", "matter", "days", "department").rows() == [
        ("problem", FIRE, "overdue", -10, "消防救援大队"), ("problem", LAND, "due", 20, "资源局")
    ]  # fmt: skip
    say_of_problem(own, FIRE, "mend", on=date(2023, 7, 1))
    assert due_matters(own, date(2023, 7, 10), 30).counts == {"overdue": 0, "due": 1, "watch": 0}


def handed(own: County, file: Path, fill: Callable[[Any, dict[str, int]], None], **whose: str) -> Path:
    """A hand-over book with some cells filled in by hand: the sheet of problems and the column of each header."""
    problem_sheet(own, file, **whose)
    book = openpyxl.load_workbook(file)
    page = book["问题治理"]
    fill(book, {str(c.value): c.column for c in page[3]})
    book.save(file)
    return file


def test_a_department_s_book_comes_back(own: County, tmp_path: Path) -> None:
    def fill(book: Any, head: dict[str, int]) -> None:
        page = book["问题治理"]
        assert page.protection.sheet
        assert [page.cell(4, head["问题编号"]).value, page.max_row] == [FIRE, 4]
        page.cell(4, head["责令整改文号"]).value = "消限2号"
        page.cell(4, head["整改期限"]).value = date(2023, 6, 30)
        new = book["新增问题"]
        columns = {c.value: c.column for c in new[2]}
        told = {"统一社会信用代码": LANDLORD, "问题类别": "扬尘", "发现人": "李四", "发现日期": "2023-06-01"}
        for at, more in ((3, {}), (4, {"企业名称": "甲纺织"}), (5, {"发现人": None})):
            for header, value in {**told, **more}.items():
                new.cell(at, columns[header]).value = value

    file = handed(own, tmp_path / "交办.xlsx", fill, department="消防救援大队")
    (taken,) = load_problems(own, [file])
    assert (taken.changed, taken.added, taken.rows_refused) == (1, 1, 2)
    assert [p.code for p in taken.refused] == ["event_name_differs", "problem_lacks"]
    assert [p.place.row for p in taken.refused] == [4, 5]
    assert (row(own, FIRE)["state"], row(own, FIRE)["order_deadline"]) == ("ordered", date(2023, 6, 30))
    added = row(own, f"20230601-{LANDLORD}")
    assert [added[n] for n in ("name", "township", "problem_kind", "state")] == ["丙电机", "甲镇", "扬尘", "open"]
    assert load_problems(own, [file])[0].already


def test_a_problem_that_no_department_was_given_is_in_the_bureau_s_book(own: County, tmp_path: Path) -> None:
    # A kind of the county's own has no department by itself: it stood in nobody's book.
    def fill(book: Any, head: dict[str, int]) -> None:
        new = book["新增问题"]
        columns = {c.value: c.column for c in new[2]}
        told = {"统一社会信用代码": LANDLORD, "问题类别": "扬尘", "发现人": "李四", "发现日期": "2023-06-01"}
        for header, value in told.items():
            new.cell(3, columns[header]).value = value

    assert load_problems(own, [handed(own, tmp_path / "甲镇.xlsx", fill, township="甲镇")])[0].added == 1
    number = f"20230601-{LANDLORD}"
    assert row(own, number)["handled_by"] is None
    for bureau in ("经信局", "市经信局"):
        assert list_problems(own, department=bureau).rows["problem"].to_list() == [number]
    assert list_problems(own, department="消防救援大队").rows["problem"].to_list() == [FIRE]

    def claim(book: Any, head: dict[str, int]) -> None:
        page = book["问题治理"]
        assert [page.cell(4, head["问题编号"]).value, page.max_row] == [number, 4]
        assert "其中 1 个还没有处置部门" in page.cell(2, 1).value
        page.cell(4, head["处置部门"]).value = "建设局"

    (taken,) = load_problems(own, [handed(own, tmp_path / "经信局.xlsx", claim, department="经信局")])
    assert taken.changed == 1
    with pytest.raises(UsageError):
        list_problems(own, department="经信局")
    assert list_problems(own, department="建设局").rows.height == 1


def test_each_locked_cell_that_was_changed_is_refused_by_its_cell(own: County, tmp_path: Path) -> None:
    asked = len(ASKED)
    locked = headers_of()[:-asked]

    def fill(book: Any, head: dict[str, int]) -> None:
        page = book["问题治理"]
        for at in (4, 5):
            page.cell(at, head["整改期限"]).value = date(2023, 6, 30)
        for header in locked[1:]:
            page.cell(4, head[header]).value = "改过"

    (taken,) = load_problems(own, [handed(own, tmp_path / "交办.xlsx", fill)])
    assert (taken.changed, taken.rows_refused) == (1, 1)
    said = [str(p) for p in taken.refused]
    for at, header in enumerate(locked[1:], start=2):
        cell = f"{openpyxl.utils.get_column_letter(at)}4"
        assert sum(f"{cell} 的“{header}”" in s for s in said) == 1, header


def test_all_townships_in_one_book_and_who_has_not_sent_theirs(own: County, tmp_path: Path) -> None:
    roll = tmp_path / "名录2.csv"
    roll.write_text(
        "年度,统一社会信用代码,企业名称,镇街,行业代码,规模\n2022,91330683MA0000001G,己厂,乙镇,1751,规上\n",
        encoding="utf-8",
    )
    own.data.load([roll])
    say_of_problem(own, FIRE, "order", deadline=date(2023, 6, 30))
    status = problem_status(own, date(2023, 7, 1))
    # 甲镇: four firms handed out, two visited; two problems, one ordered and late.
    assert status.rows() == [
        ("乙镇", "未报", 0, 0, 0, 0, 0, 0, 0, 0, 0), ("甲镇", "部分", 4, 2, 2, 1, 1, 1, 0, 0, 0)
    ]  # fmt: skip
    book = openpyxl.load_workbook(problem_book(own, tmp_path / "汇总.xlsx", date(2023, 7, 1)))
    assert book.sheetnames == ["汇总", "甲镇"]
    texts = [str(c.value) for r in book["汇总"].iter_rows() for c in r if c.value is not None]
    assert "未报清单的镇街：乙镇" in texts
