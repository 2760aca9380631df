"""Doubts that change figures: asked once, answered, and nothing counts before."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mujun.records import FileRecords, read_file
from mujun.records.readings.questions import Answers
from tests.records.files import HEAD, Rows, code, text, workbook

D = Decimal
TAX = [[code(n), f"示例{n}厂", str(figure)] for n, figure in ((1, 1205000), (2, 880500), (3, 450000))]


def answered(path: Path, **answers: str) -> FileRecords:
    """The file read again with the only question answered."""
    (question,) = read_file(path).questions
    return read_file(path, answers=Answers({question.id: answers["choice"]}))


def test_a_unit_that_nothing_says_is_asked_where_the_figures_look_odd(tmp_path: Path) -> None:
    """Median 880500: in 万元 that would be a firm of 88 亿元; in 元 it is 88.05 万元."""
    path = text(tmp_path / "2022税收.csv", [HEAD, *TAX])
    records = read_file(path)
    assert records.tables == ()
    (finding,) = records.findings
    assert (finding.code, finding.severity, finding.values["waiting"]) == ("question_open", "error", 3)
    assert [c.key for c in records.questions[0].choices] == ["元", "千元", "万元", "百万元", "亿元"]
    for choice in ("元", "1"):
        (loaded,) = answered(path, choice=choice).tables
        assert loaded.rows["tax_paid"].to_list() == [D("120.5"), D("88.05"), D(45)]
    (kept,) = answered(path, choice="万元").tables
    assert kept.rows["tax_paid"].to_list() == [D(1205000), D(880500), D(450000)]


def test_a_choice_that_there_is_not_answers_nothing(tmp_path: Path) -> None:
    path = text(tmp_path / "2022税收.csv", [HEAD, *TAX])
    assert answered(path, choice="吨").tables == ()


def test_the_same_layout_asks_under_the_same_name(tmp_path: Path) -> None:
    this = text(tmp_path / "2022税收.csv", [HEAD, *TAX])
    last = text(tmp_path / "2021税收.csv", [HEAD, *TAX[:2]])
    (question,), (again,) = read_file(this).questions, read_file(last).questions
    assert question.id == again.id
    remembered = read_file(last, answers=Answers(remembered={question.id: "元"}))
    assert remembered.reading is not None
    assert [(q.answer, q.remembered) for q in remembered.reading.answered] == [("元", True)]


def test_a_far_jump_from_last_year_is_asked(tmp_path: Path) -> None:
    """Plausible by itself, but a thousand times last year's median."""
    rows: Rows = [HEAD, [code(1), "甲", 1250], [code(2), "乙", 900]]
    path = text(tmp_path / "2022税收.csv", rows)
    assert read_file(path).questions == ()
    assert len(read_file(path, last=lambda table, field, year: D("0.9")).questions) == 1


def test_only_the_table_in_doubt_waits(tmp_path: Path) -> None:
    sure: Rows = [[*HEAD[:2], "用水量（立方米）"], [code(1), "甲", 900]]
    path = workbook(tmp_path / "2022.xlsx", {"税收": [HEAD, *TAX], "用水": sure})
    records = read_file(path)
    assert [t.table for t in records.tables] == ["water"]
    assert [q.sheet for q in records.questions] == ["税收"]


@pytest.mark.parametrize(
    ("rows", "code_of_question"),
    [
        ([["单位：元"], [*HEAD[:2], "实缴税金（万元）"], [code(1), "甲", 5], [code(2), "乙", 6]], "unit_differs"),
        ([["单位：元、万元"], HEAD, [code(1), "甲", 5]], "unit_differs"),
        ([[*HEAD[:2], "用地面积（亩）"], [code(1), "甲", 5]], "tenure_unsaid"),
        ([[*HEAD[:2], "绿化", ""], ["", "", "面积（亩）", "权属"], [code(1), "甲", 5, "自有"]], "column_meaning"),
    ],
)
def test_contradictions_are_questions(tmp_path: Path, rows: list[list[object]], code_of_question: str) -> None:
    records = read_file(text(tmp_path / "2022.csv", rows))
    assert [q.code for q in records.questions] == [code_of_question]
    assert records.tables == ()
    assert str(records.questions[0])


def test_a_reading_says_where_each_unit_comes_from(tmp_path: Path) -> None:
    rows: Rows = [["单位：元"], [*HEAD, "退税（万元）"], [code(1), "甲", 50000, 3], ["合计", "", 50000, 3]]
    reading = read_file(text(tmp_path / "2022税收.csv", rows)).reading
    assert reading is not None
    (block,) = reading.blocks
    figures = {c.field: (c.unit, c.unit_from, c.read, c.own_total, c.agrees) for c in block.columns if c.unit_from}
    assert figures == {
        "tax_paid": ("元", "sheet_title", D(50000), D(50000), True),
        "tax_refund": ("万元", "header", D(3), D(3), True),
    }
    assert [(r.row, r.role) for r in block.rows] == [(1, "title"), (4, "total")]
    assert (block.header_rows, block.records, block.firms, block.year) == ((2, 2), 1, 1, 2022)


GROUND: list[object] = ["统一社会信用代码", "企业名称", "用地面积（亩）", "其中：出租面积（亩）"]


def grounds(records: FileRecords) -> list[tuple[str, Decimal]]:
    (land,) = records.tables
    return sorted(land.rows.filter(land.rows["area_mu"] > 0).select("tenure", "area_mu").iter_rows())


def test_an_area_beside_what_is_let_out_is_asked_about(tmp_path: Path) -> None:
    """10 mu own and 3 of it let, or 10 mu in use: nobody can tell by the headers."""
    path = text(tmp_path / "2022用地.csv", [GROUND, [code(1), "甲", 10, 3]])
    assert [q.code for q in read_file(path).questions] == ["ground_beside"]
    assert grounds(answered(path, choice="自有")) == [("租出", D(3)), ("自有", D(10))]
    assert grounds(answered(path, choice="none")) == [("租出", D(3))]


def test_a_column_of_tenures_is_of_the_area_that_names_none(tmp_path: Path) -> None:
    rows: Rows = [[*GROUND, "权属"], [code(1), "甲", 10, 3, "自有"], [code(2), "乙", 6, 0, "租入"]]
    records = read_file(text(tmp_path / "2022用地.csv", rows))
    assert records.questions == ()
    assert grounds(records) == [("租入", D(6)), ("租出", D(3)), ("自有", D(10))]
