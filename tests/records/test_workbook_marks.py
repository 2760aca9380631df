"""What a workbook shows besides its texts: every mark that can make a figure another one is found, in a real file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from mujun.messages import LANGUAGES, speaking
from mujun.records import FileRecords, read_file
from mujun.records.container import container_of, read_bytes
from mujun.records.sheet_marks import Merge
from mujun.records.sheets import Sheet, read_sheets
from tests.records.files import Rows, code, found, only, workbook

HEAD = ["统一社会信用代码", "企业名称", "实缴税金（万元）"]
TWO: Rows = [HEAD, [code(1), "示例甲厂", 10], [code(2), "示例乙厂", 20]]


def book(path: Path, rows: list[list[Any]], then: Callable[[Any], None] = lambda _: None) -> Path:
    """A workbook by a program that computes no formula."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    then(sheet)
    made.save(path)
    return path


def sheet_of(path: Path) -> Sheet:
    """The first sheet as it is read."""
    data = read_bytes(path)
    return read_sheets(data, container_of(data, path), path)[0]


def tax(records: FileRecords) -> list[D | None]:
    """The figures that came in."""
    return [value for t in records.tables for value in t.rows["tax_paid"]]


def rewritten(path: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> Path:
    """The workbook with its parts renamed or changed."""
    with zipfile.ZipFile(path) as whole:
        parts = [change(name, whole.read(name)) for name in whole.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


# ------------------------------------------------------------------------------------------------------------ formulas


def test_a_formula_never_computed_keeps_its_row_out(tmp_path: Path) -> None:
    # H1: openpyxl writes =5+5 without a value; it was read as a blank, and the firm had no tax.
    records = read_file(book(tmp_path / "税收.xlsx", [HEAD, [code(1), "示例甲厂", "=5+5"], TWO[2]]), year=2022)
    assert tax(records) == [D(20)]
    finding = only(records, "formula_not_computed")
    assert (finding.row, finding.field, finding.severity) == (2, "tax_paid", "error")
    for language, label in zip(LANGUAGES, ("实缴税金", "Tax paid"), strict=True):
        with speaking(language):
            assert label in finding.what
            assert "Excel" in finding.remedy


def test_a_zero_that_stands_for_a_formula_to_be_computed(tmp_path: Path) -> None:
    # xlsxwriter keeps a 0 for every formula and asks that all be computed on opening.
    def formula(_: Any, sheets: dict[str, Any]) -> None:
        sheets["税收"].write_formula(1, 2, "=5+5")

    records = read_file(workbook(tmp_path / "税收.xlsx", {"税收": TWO}, then=formula), year=2022)
    assert tax(records) == [D(20)]
    assert found(records) == [("formula_not_computed", 2, "tax_paid")]


def test_a_kept_value_that_nobody_computed_counts_and_is_said(tmp_path: Path) -> None:
    def formula(_: Any, sheets: dict[str, Any]) -> None:
        sheets["税收"].write_formula(1, 2, "=5+5", None, 10)

    path = workbook(tmp_path / "税收.xlsx", {"税收": TWO}, then=formula)
    given = read_file(path, year=2022)
    assert (tax(given), found(given)) == ([D(10), D(20)], [])
    # Other programs fill a template and leave its formulas' old values, to be computed on opening.
    records = read_file(rewritten(path, lambda name, data: (name, data.replace(b"124519", b"191029"))), year=2022)
    assert tax(records) == [D(10), D(20)]
    assert found(records) == [("formula_doubtful", 2, "tax_paid")]


def saved_by_excel(name: str, data: bytes) -> tuple[str, bytes]:
    """Excel computes before it saves, and says no more that anything is to be computed."""
    data = data.replace(b' fullCalcOnLoad="1"', b"")
    return name, data.replace(b'<c r="C3"><f>', b'<c r="C3" t="str"><f>')


def test_a_formula_with_its_value_is_data(tmp_path: Path) -> None:
    def formulas(_: Any, sheets: dict[str, Any]) -> None:
        sheets["税收"].write_formula(1, 2, "=5-5", None, 0)
        # A text formula that gave "" is a true blank.
        sheets["税收"].write_formula(2, 2, '=IF(1=1,"",1)', None, "")

    path = rewritten(workbook(tmp_path / "税收.xlsx", {"税收": TWO}, then=formulas), saved_by_excel)
    records = read_file(path, year=2022)
    assert tax(records) == [D(0), None]
    assert found(records) == []
    assert sheet_of(path).marks.formulas == {(1, 2), (2, 2)}


@pytest.mark.parametrize("column", [0, 1])
def test_codes_and_names_may_be_formulas(tmp_path: Path, column: int) -> None:
    row: list[Any] = [code(1), "示例甲厂", 10]
    row[column] = "=VLOOKUP(A9,B:C,2,0)"
    records = read_file(book(tmp_path / "税收.xlsx", [HEAD, row, TWO[2]]), year=2022)
    assert tax(records) == [D(20)]
    assert [c for c, _, _ in found(records)] == ["formula_not_computed"]


def test_a_row_of_nothing_but_formulas_is_no_blank_row(tmp_path: Path) -> None:
    records = read_file(book(tmp_path / "税收.xlsx", [*TWO, ["=A2", "=B2", "=C2"]]), year=2022)
    assert found(records) == [("formula_not_computed", 4, f) for f in ("credit_code", "name", "tax_paid")]


def test_an_error_in_place_of_a_name(tmp_path: Path) -> None:
    def error(_: Any, sheets: dict[str, Any]) -> None:
        sheets["税收"].write_formula(1, 1, "=NA()", None, "#N/A")

    path = rewritten(workbook(tmp_path / "税收.xlsx", {"税收": TWO}, then=error), saved_by_excel)
    records = read_file(path, year=2022)
    assert tax(records) == [D(20)]
    assert [(f.code, f.value) for f in records.findings] == [("error_value", "#N/A")]


# ------------------------------------------------------------------------------------------------------------- formats


@pytest.mark.parametrize(
    ("form", "held", "shown", "divisor"),
    [
        ("0!.0,", 1234567, "123.5", 1000),  # 万元 with one decimal, as every Chinese handbook teaches it
        ("0!.0000", 1234567, "123.4567", 1),  # the point is only drawn
        ('0"."0,', -1234567, "-123.5", 1000),
        ("0.00,", 1234567, "1234.57", 1000),
        ("#,##0,,", 1234567890, "1235", 10**6),
        ("#,##0.0,;[Red]-#,##0.0,", -1234567, "-1234.6", 1000),
    ],
)
def test_a_format_that_shows_another_figure(tmp_path: Path, form: str, held: int, shown: str, divisor: int) -> None:
    # H5: Excel shows 123.5 under 万元, the cell holds 1234567.
    path = book(
        tmp_path / "税收.xlsx", [HEAD, [code(1), "示例甲厂", held], TWO[2]],
        lambda ws: setattr(ws["C2"], "number_format", form),
    )  # fmt: skip
    mark = sheet_of(path).marks.scaled[(1, 2)]
    assert (mark.shown.replace(",", ""), mark.divisor) == (shown, divisor)
    records = read_file(path, year=2022)
    assert tax(records) == [D(20)]
    finding = only(records, "format_scales")
    assert (finding.severity, finding.value) == ("error", str(held))
    assert mark.shown in finding.what


@pytest.mark.parametrize(
    "form", ["General", "0.00", "#,##0.00", "#,##0", "0_ ", "#,##0.00_);(#,##0.00)", '_ * #,##0.00_ ;_ * "-"??_ ', "@"]
)
def test_formats_that_show_what_is_held(tmp_path: Path, form: str) -> None:
    path = book(tmp_path / "税收.xlsx", TWO, lambda ws: setattr(ws["C2"], "number_format", form))
    records = read_file(path, year=2022)
    assert (tax(records), found(records)) == ([D(10), D(20)], [])


def test_a_share_means_what_is_shown(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", [["率"], [0.125], [1]], lambda ws: setattr(ws["A2"], "number_format", "0%"))
    assert sheet_of(path).cells["c0"].to_list() == ["率", "12.5%", "1"]


@pytest.mark.parametrize("form", ['"$"#,##0.00', "[$$-409]#,##0.00", "$#,##0"])
def test_dollars_are_shown_as_dollars(tmp_path: Path, form: str) -> None:
    path = book(tmp_path / "x.xlsx", TWO, lambda ws: setattr(ws["C2"], "number_format", form))
    assert sheet_of(path).cells["c2"][1] == "$10"


@pytest.mark.parametrize(
    ("form", "held", "shown"),
    [
        ("yyyy-mm-dd", 44625, "2022-03-05"),
        ('yyyy"年"m"月"d"日"', 44625, "2022-03-05"),
        ("[$-804]yyyy/m/d;@", 44625.5, "2022-03-05 12:00:00"),
        ("mmm-yy", 44621, "2022-03-01"),
        ("[h]:mm", 1.5, "1.5"),
        ('0"台"', 5, "5"),
        ('0"days"', 5, "5"),
    ],
)
def test_days_by_their_format(tmp_path: Path, form: str, held: float, shown: str) -> None:
    path = book(tmp_path / "x.xlsx", [[held]], lambda ws: setattr(ws["A1"], "number_format", form))
    assert sheet_of(path).cells["c0"].to_list() == [shown]


# ------------------------------------------------------------------------------------------- merged, hidden, struck out


def test_merged_cells_are_marked(tmp_path: Path) -> None:
    def merged(ws: Any) -> None:
        ws.merge_cells("A2:A3")
        ws.merge_cells("B2:B3")

    path = book(tmp_path / "用地.xlsx", [HEAD, [code(1), "示例甲厂", 10], [None, None, 5]], merged)
    assert sheet_of(path).marks.merges == (Merge(1, 0, 2, 0), Merge(1, 1, 2, 1))


def test_hidden_rows_are_read_and_said(tmp_path: Path) -> None:
    # H8: 90 came in without a word.
    path = book(tmp_path / "税收.xlsx", TWO, lambda ws: setattr(ws.row_dimensions[3], "hidden", True))
    records = read_file(path, year=2022)
    assert tax(records) == [D(10), D(20)]
    finding = only(records, "rows_hidden")
    assert (finding.severity, dict(finding.values)) == ("warning", {"count": 1, "rows": "3"})


def test_filtered_rows_and_hidden_columns(tmp_path: Path) -> None:
    def filtered(_: Any, sheets: dict[str, Any]) -> None:
        sheets["税收"].autofilter(0, 0, 2, 2)
        sheets["税收"].filter_column(0, "x == 1")
        sheets["税收"].set_row(1, options={"hidden": True})
        sheets["税收"].set_column(2, 2, options={"hidden": True})

    records = read_file(workbook(tmp_path / "税收.xlsx", {"税收": TWO}, then=filtered), year=2022)
    assert tax(records) == [D(10), D(20)]
    assert only(records, "rows_filtered").values["rows"] == "2"
    assert only(records, "columns_hidden").values["columns"] == "C"


def test_rows_struck_through_are_read_and_said(tmp_path: Path) -> None:
    path = book(tmp_path / "税收.xlsx", TWO, lambda ws: setattr(ws["B3"], "font", Font(strike=True)))
    records = read_file(path, year=2022)
    assert tax(records) == [D(10), D(20)]
    assert only(records, "rows_struck").values["rows"] == "3"
    assert sheet_of(path).marks.struck == {(2, 1)}


def test_comments_are_said(tmp_path: Path) -> None:
    path = book(tmp_path / "税收.xlsx", TWO, lambda ws: setattr(ws["C2"], "comment", Comment("应剔除20万元", "张")))
    records = read_file(path, year=2022)
    assert tax(records) == [D(10), D(20)]
    assert "C2 应剔除20万元" in only(records, "cell_comments").what


def test_marks_above_the_header_and_on_blank_rows_say_nothing(tmp_path: Path) -> None:
    def marked(ws: Any) -> None:
        ws.row_dimensions[1].hidden = True
        ws.row_dimensions[90].hidden = True
        ws["A1"].font = Font(strike=True)
        ws.column_dimensions["T"].hidden = True

    path = book(tmp_path / "税收.xlsx", [["2022年度税收"], *TWO], marked)
    assert found(read_file(path)) == []


# ------------------------------------------------------------------------------------------------- odd but legal zips


def backslashes(name: str, data: bytes) -> tuple[str, bytes]:
    return name.replace("/", "\\"), data


def odd_case(name: str, data: bytes) -> tuple[str, bytes]:
    return name.replace("xl/workbook.xml", "xl/Workbook.xml"), data


def strict(name: str, data: bytes) -> tuple[str, bytes]:
    spaces = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    }  # fmt: skip
    for plain, other in spaces.items():
        data = data.replace(plain, other)
    return name, data


def without_addresses(name: str, data: bytes) -> tuple[str, bytes]:
    if name.endswith("sheet1.xml"):
        for r in (1, 2, 3):
            for letter in "ABC":
                data = data.replace(f' r="{letter}{r}"'.encode(), b"")
            data = data.replace(f'<row r="{r}"'.encode(), b"<row")
    return name, data


def prefixed(name: str, data: bytes) -> tuple[str, bytes]:
    if name.endswith("sheet1.xml"):
        data = (
            data.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?").replace(b"xmlns=", b"xmlns:x=")
        )
    return name, data


@pytest.mark.parametrize("change", [backslashes, odd_case, strict, without_addresses, prefixed])
def test_odd_but_legal_workbooks(tmp_path: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> None:
    # H11 and its kin: Excel opens each of them.
    records = read_file(rewritten(book(tmp_path / "税收.xlsx", TWO), change), year=2022)
    assert (tax(records), found(records)) == ([D(10), D(20)], [])


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    def laughing(name: str, data: bytes) -> tuple[str, bytes]:
        if name.endswith("sheet1.xml"):
            head, tail = data.split(b"?>", 1) if b"?>" in data[:100] else (b'<?xml version="1.0"', data)
            data = head + b"?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + tail
        return name, data

    from mujun.errors import InputError

    with pytest.raises(InputError) as e:
        read_file(rewritten(book(tmp_path / "税收.xlsx", TWO), laughing), year=2022)
    assert [p.code for p in e.value.problems] == ["file_broken"]
