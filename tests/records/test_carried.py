"""Which fields a file speaks of: what it does not carry is left to the departments that do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from mujun.fields import TABLES
from mujun.records import LoadedTable, read_file
from mujun.reports.departments.findings import write_findings
from mujun.reports.departments.template import write_template
from tests.records.files import HEAD, Rows, code, text, workbook

KEY = ("year", "credit_code")


def columns(path: Path) -> list[tuple[str, ...]]:
    return [t.columns for t in read_file(path).tables]


def test_the_columns_of_a_departments_file_blank_or_not(tmp_path: Path) -> None:
    rows: Rows = [[*HEAD, "退税", "备用"], [code(1), "甲", 1, None, None]]
    assert columns(text(tmp_path / "2022税收.csv", rows)) == [(*KEY, "name", "tax_paid", "tax_refund")]


def test_what_the_title_says_is_carried(tmp_path: Path) -> None:
    head = ["统一社会信用代码", "企业名称", "镇街"]
    sheets = {"规上": [head, [code(1), "甲", "a"]], "规下": [head, [code(2), "乙", "b"]]}
    assert columns(workbook(tmp_path / "2022名录.xlsx", sheets)) == [(*KEY, "name", "township", "scale")]


def test_sheets_with_the_same_columns_are_one_and_others_apart(tmp_path: Path) -> None:
    sheets: dict[str, Rows] = {
        "a": [HEAD, [code(1), "甲", 1]],
        "b": [[*HEAD, "退税"], [code(2), "乙", 1, 2]],
        "c": [["企业名称", "实缴税金", "信用代码"], ["丙", 1, code(3)]],
    }
    tables = read_file(workbook(tmp_path / "2022税收.xlsx", sheets)).tables
    assert [(t.columns, t.rows["_sheet"].to_list()) for t in tables] == [
        ((*KEY, "name", "tax_paid"), ["a", "c"]),
        ((*KEY, "name", "tax_paid", "tax_refund"), ["b"]),
    ]


def fill(path: Path, sheet: str, *rows: Mapping[str, object]) -> Path:
    """The template with these rows, by the beginning of the column's label."""
    write_template(path, ["energy", "land"])
    book = openpyxl.load_workbook(path)
    labels = {str(c.value).split("（")[0]: c.column for c in reversed(book[sheet][1])}
    for i, row in enumerate(rows, start=2):
        for label, value in row.items():
            book[sheet].cell(i, labels[label], value)
    book.save(path)
    return path


def test_columns_of_the_template_that_were_left_blank_are_not(tmp_path: Path) -> None:
    firms = [{"年度": 2022, "统一社会信用代码": code(i), "用电量": q} for i, q in ((1, 5), (2, None))]
    assert columns(fill(tmp_path / "供电.xlsx", "能源", *firms)) == [(*KEY, "electricity_kwh")]


def test_land_stands_row_by_row_and_carries_all(tmp_path: Path) -> None:
    row = {"年度": 2022, "统一社会信用代码": code(1), "权属": "自有", "用地面积": 5}
    assert columns(fill(tmp_path / "用地.xlsx", "用地", row)) == [tuple(TABLES["land"].by_name)]


def test_a_findings_workbook_carries_what_each_rows_own_file_did(tmp_path: Path) -> None:
    head = ["统一社会信用代码", "企业名称"]
    power = text(tmp_path / "2022供电.csv", [[*head, "用电量（千瓦时）"], ["坏码一", "甲", 5], ["坏码二", "乙", None]])
    coal = text(tmp_path / "2022统计.csv", [[*head, "煤炭（吨）"], ["坏码三", "甲", 7]])
    book = write_findings(tmp_path / "问题.xlsx", [read_file(power), read_file(coal)])
    opened = openpyxl.load_workbook(book)
    for i, firm in ((2, 1), (3, 2), (4, 1)):
        opened["能源-供电公司"].cell(i, 2, code(firm))
    opened.save(book)
    records = read_file(book)
    assert records.findings == ()

    def figures_of(t: LoadedTable) -> list[tuple[object, ...]]:
        return t.rows.select("credit_code", *t.columns[3:]).rows()

    assert [(t.columns[2:], figures_of(t)) for t in records.tables] == [
        (("name", "electricity_kwh"), [(code(1), 5), (code(2), None)]),
        (("name", "coal_t"), [(code(1), 7)]),
    ]


@pytest.mark.parametrize("third", [7, 8])
def test_three_sheets_about_one_firm(tmp_path: Path, third: int) -> None:
    head = ["统一社会信用代码", "企业名称"]
    sheets: dict[str, Rows] = {
        "用电": [[*head, "用电量（千瓦时）"], [code(1), "甲", 5]],
        "用煤": [[*head, "煤炭（吨）"], [code(1), "甲", 7]],
        "用气": [[*head, "天然气（立方米）", "煤炭（吨）"], [code(1), "甲", 1, third]],
    }
    findings = read_file(workbook(tmp_path / "2022能源.xlsx", sheets)).findings
    assert [(f.code, f.sheet) for f in findings] == (
        [] if third == 7 else [("duplicate_key", "用煤"), ("duplicate_key", "用气")]
    )
