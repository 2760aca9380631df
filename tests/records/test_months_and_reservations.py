"""Months on sheets of their own, rows that are totals under any name, and titles that change what figures are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mujun.records import FileRecords, read_file
from mujun.records.readings.questions import Answers
from mujun.records.readings.row_totals import SumRow, sums_among
from tests.records.files import HEAD, Rows, code, text, workbook

D = Decimal
POWER = ["统一社会信用代码", "企业名称", "用电量（千瓦时）"]


def kwh(records: FileRecords) -> dict[str, Decimal]:
    (energy,) = (t for t in records.tables if t.table == "energy")
    return dict(energy.rows.select("credit_code", "electricity_kwh").iter_rows())


def codes(records: FileRecords) -> list[str]:
    return [f.code for f in records.findings]


def months(*numbers: int, figure: int = 1000) -> dict[str, Rows]:
    return {f"{n}月": [POWER, [code(1), "甲", figure], [code(2), "乙", 500 + n]] for n in numbers}


def test_twelve_sheets_of_months_are_the_year(tmp_path: Path) -> None:
    """甲 12 × 1000; 乙 12 × 500 + (1 + … + 12 = 78)."""
    records = read_file(workbook(tmp_path / "2022年用电.xlsx", months(*range(1, 13))))
    assert (kwh(records), codes(records)) == ({code(1): D(12000), code(2): D(6078)}, [])
    assert records.reading is not None
    assert [n.code for b in records.reading.blocks for n in b.notes] == ["months_added"]


def test_eleven_sheets_are_told(tmp_path: Path) -> None:
    records = read_file(workbook(tmp_path / "2022年用电.xlsx", months(*range(1, 12))))
    assert (kwh(records)[code(1)], codes(records)) == (D(11000), ["months_missing"])


def test_a_sheet_of_the_whole_year_counts_instead_of_its_months(tmp_path: Path) -> None:
    """全年 says 12001 of 甲: it counts, and that it is not the sum is told; 乙 is not on it: its months are added."""
    sheets: dict[str, Rows] = {**months(*range(1, 13)), "全年": [POWER, [code(1), "甲", 12001]]}
    records = read_file(workbook(tmp_path / "2022年用电.xlsx", sheets))
    assert (kwh(records), codes(records)) == ({code(1): D(12001), code(2): D(6078)}, ["parts_differ"])


def test_a_month_that_waits_holds_the_others(tmp_path: Path) -> None:
    """A sum without March would be a wrong figure; answered, all twelve come in."""
    sheets = months(*range(1, 13))
    sheets["3月"] = [["单位：万千瓦时", None, None, "单位：千瓦时"], ["统一社会信用代码", "企业名称", "用电量"],
                     [code(1), "甲", 1000], [code(2), "乙", 503]]  # fmt: skip
    path = workbook(tmp_path / "2022年用电.xlsx", sheets)
    records = read_file(path)
    (question,) = records.questions
    assert records.tables == ()
    assert sum(b.waits for b in records.reading.blocks) == 12 if records.reading else False
    after = read_file(path, answers=Answers({question.id: "千瓦时"}))
    assert kwh(after) == {code(1): D(12000), code(2): D(6078)}


# ----------------------------------------------------------------------------------------------- totals under any name


def sums(*firms: list[tuple[str, int]]) -> tuple[list[str], int]:
    rows = [[SumRow(100 * f + r, (word,), (D(v),)) for r, (word, v) in enumerate(firm)] for f, firm in enumerate(firms)]
    among = sums_among(rows)
    return sorted(among.asked.values()), len(among.alike)


@pytest.mark.parametrize(
    ("firms", "asked", "alike"),
    [
        ([[("增值税", 60), ("税额", 60)]], ["税额"], 0),
        ([[("增值税", 60), ("企业所得税", 60)]], [], 0),
        ([[("东厂区", 9), ("西厂区", 9)]], [], 0),
        ([[("331001", 9), ("331002", 9)]], [], 0),
        ([[("331001", 6), ("331002", 4), ("全厂", 10)], [("331003", 5), ("331004", 3)]], ["全厂"], 0),
        ([[("331001", 6), ("331002", 4), ("331003", 10)], [("331004", 5), ("331005", 3), ("331006", 1)]], [], 1),
        ([[("331001", 6), ("331002", 4), ("331003", 10)], [("331004", 5), ("331005", 3), ("331006", 8)]],
         ["331003", "331006"], 0),
        ([[("工业", 6), ("生活", 6)], [("工业", 7), ("生活", 2)]], [], 0),
        ([[("锅炉", 100), ("车间照明", 100)]], [], 1),
        ([[("生产部", 6), ("管理", 2), ("营销", 4)]], [], 1),
        ([[("锅炉", 81250), ("车间照明", 60000), ("办公楼房", 21250)]], ["锅炉"], 0),
        ([[("锅炉", 100), ("车间照明", 100)], [("锅炉", 70), ("车间照明", 70)]], ["车间照明", "车间照明"], 0),
    ],
)  # fmt: skip
def test_a_row_that_is_the_sum_of_the_others(firms: list[list[tuple[str, int]]], asked: list[str], alike: int) -> None:
    """A word is a total where it is one in each firm that has it; numbers only where all long firms end with one.

    What may be chance, in one firm alone, is told and not asked about.
    """
    assert sums(*firms) == (asked, alike)


# ------------------------------------------------------------------------------- titles that change what figures are


@pytest.mark.parametrize(
    ("title", "question", "choices"),
    [
        ("2022年企业减免税情况（万元）", "not_paid", ["take", "tax_credit", "none"]),
        ("2022年应缴税金（万元）", "not_paid", ["take", "none"]),
        ("2022年度企业税收预计表（万元）", "not_actual", ["take", "none"]),
        ("剔除企业名单（万元）", "firms_left_out", ["take", "none"]),
    ],
)
def test_a_title_that_changes_the_figures_is_asked(
    tmp_path: Path, title: str, question: str, choices: list[str]
) -> None:
    rows: Rows = [[title], ["统一社会信用代码", "企业名称", "税收合计"], [code(1), "甲", "12"], [code(2), "乙", "15.5"]]
    path = text(tmp_path / "2022年税务.csv", rows)
    (asked,) = read_file(path).questions
    assert (asked.code, [c.key for c in asked.choices]) == (question, choices)
    (tax,) = read_file(path, answers=Answers({asked.id: "take"})).tables
    assert tax.rows["tax_paid"].to_list() == [D(12), D("15.5")]
    if "tax_credit" in choices:
        (tax,) = read_file(path, answers=Answers({asked.id: "tax_credit"})).tables
        assert (tax.rows["tax_credit"].to_list(), tax.rows["tax_paid"].to_list()) == ([D(12), D("15.5")], [None, None])


@pytest.mark.parametrize(
    "title",
    ["2022年企业税收（不含退税、查补）", "2022年目标企业税收情况", "2022年计划完成情况", "2022年税收和退税"],
)
def test_titles_that_change_nothing_are_not_asked(tmp_path: Path, title: str) -> None:
    rows: Rows = [[title], [*HEAD, "退税（万元）"], [code(1), "甲", "12", "1"], [code(2), "乙", "15.5", "2"]]
    records = read_file(text(tmp_path / "2022年税务.csv", rows))
    assert (records.questions, records.findings) == ((), ())
