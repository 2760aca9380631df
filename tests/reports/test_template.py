"""The empty workbook: complete, understood by the reader, and helpful."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from mujun.errors import InputError, UsageError
from mujun.fields import TABLES
from mujun.records import read_file
from mujun.reports.departments.template import GUIDE, heading, write_template
from tests.records.files import code


def test_a_sheet_per_table_with_labels_and_units(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_template(tmp_path / "空表.xlsx"))
    handed_out = [t for t in TABLES.values() if t.in_template]
    assert book.sheetnames == [GUIDE, *(t.label for t in handed_out)]
    for table in handed_out:
        sheet = book[table.label]
        assert [c.value for c in sheet[1]] == [heading(f) for f in table.fields]
        assert sheet.freeze_panes is not None
        assert sheet.max_row == 1
    assert book["税收"]["D1"].value == "实缴税金（万元）"
    assert book["能源"]["F1"].value == "综合能耗（当量值）（吨标煤）"


def test_drop_downs_notes_and_text_columns(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write_template(tmp_path / "空表.xlsx", ["enterprises"]))["企业名录"]
    lists = {str(v.sqref).split(":")[0][0]: v.formula1 for v in sheet.data_validations.dataValidation}
    names = [f.name for f in TABLES["enterprises"].fields]
    assert lists[chr(65 + names.index("scale"))] == '"规上,规下"'
    code_column = chr(65 + names.index("credit_code"))
    assert sheet.column_dimensions[code_column].number_format == "@"
    assert "18 位" in sheet[f"{code_column}1"].comment.text
    assert "必填" in sheet[f"{code_column}1"].comment.text


def filled_in(path: Path, *names: str) -> list[tuple[str, int]]:
    """The tables that are read, and how many rows of each, where these have one each."""
    book = openpyxl.load_workbook(write_template(path))
    known = {"year": 2022, "credit_code": code(1), "industry": "3811", "tier": "A"}
    known["geometry"] = "POLYGON ((0 0, 1 0, 1 1, 0 0))"
    for name in names:
        for i, f in enumerate(TABLES[name].fields, start=1):
            value = known.get(f.name) or {"quantity": 12.5, "date": dt.date(2022, 3, 5)}.get(f.kind, "文字")
            book[TABLES[name].label].cell(2, i, f.choices[0] if f.choices else value)
    book.save(path)
    records = read_file(path)
    assert records.findings == ()
    return [(t.table, t.rows.height) for t in records.tables]


def test_what_is_filled_in_is_read(tmp_path: Path) -> None:
    names = [t.name for t in TABLES.values() if t.in_template]
    assert filled_in(tmp_path / "填报.xlsx", *names) == [(name, 1) for name in names]


@pytest.mark.parametrize("name", ["enterprises", "accounts"])
def test_sheets_that_are_left_empty_are_passed_over(tmp_path: Path, name: str) -> None:
    assert filled_in(tmp_path / "填报.xlsx", name) == [(name, 1)]


def test_an_empty_template_has_no_rows(tmp_path: Path) -> None:
    with pytest.raises(InputError) as e:
        read_file(write_template(tmp_path / "空表.xlsx"))
    assert [p.code for p in e.value.problems] == ["no_rows"]


def test_nothing_half_written(tmp_path: Path) -> None:
    with pytest.raises(InputError) as e:
        write_template(tmp_path / "没有这个文件夹" / "空表.xlsx")
    assert e.value.problems[0].code == "no_such_folder"
    (tmp_path / "占位.xlsx").mkdir()
    with pytest.raises(UsageError) as refused:
        write_template(tmp_path / "占位.xlsx")
    assert refused.value.problems[0].code == "output_is_folder"
    assert ".part" not in str(e.value)
    (tmp_path / "占位.xlsx").rmdir()
    (tmp_path / "旧.xlsx").write_text("old")
    with pytest.raises(KeyError):
        write_template(tmp_path / "旧.xlsx", ["no_such_table"])
    assert [p.name for p in tmp_path.iterdir()] == ["旧.xlsx"]
    assert (tmp_path / "旧.xlsx").read_text() == "old"
