"""Old workbooks, web pages, web archives and XML tables: what a person sees comes in, with its marks."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest
import xlwt

from mujun.errors import InputError
from mujun.records import FileRecords, read_file
from mujun.records.sheet_marks import Merge, Scaled
from tests.records.files import code, found
from tests.records.test_workbook_marks import HEAD, TWO, sheet_of, tax

ROW = "<tr><td>{}</td><td>{}</td><td>{}</td></tr>"
TABLE = "".join(ROW.format(*cells) for cells in TWO)


def read(folder: Path, text: str, encoding: str = "utf-8", name: str = "税收.xls") -> FileRecords:
    """A file of this text, read."""
    (folder / name).write_bytes(text.encode(encoding))
    return read_file(folder / name, year=2022)


def test_marks_of_an_old_workbook(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("税收")
    for column, word in enumerate(HEAD):
        sheet.write(0, column, word)
    sheet.write_merge(1, 2, 0, 0, code(1))
    sheet.write(1, 1, "示例甲厂", xlwt.easyxf("font: struck_out on"))
    sheet.write(1, 2, 1234567, xlwt.easyxf(num_format_str="0.0,"))
    sheet.write(2, 2, xlwt.Formula("5+5"))
    sheet.row(2).hidden = True
    sheet.col(1).hidden = True
    book.save(str(tmp_path / "税收.xls"))
    marks = sheet_of(tmp_path / "税收.xls").marks
    assert marks.merges == (Merge(1, 0, 2, 0),)
    assert [marks.struck, marks.hidden_rows, marks.hidden_columns] == [{(1, 1)}, {2}, {1}]
    assert [marks.uncomputed, marks.formulas] == [{(2, 2)}, set()]
    assert marks.scaled == {(1, 2): Scaled("1234.6", 1000)}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_page_named_like_a_workbook(tmp_path: Path, encoding: str) -> None:
    charset = "gb2312" if encoding == "gb18030" else encoding
    page = (
        f'<html><head><meta charset="{charset}"><style>td {{}}</style></head><body><h2>税收</h2><table>{TABLE}</table>'
    )
    records = read(tmp_path, page, encoding)
    assert (tax(records), found(records)) == ([D(10), D(20)], [])


def test_a_table_within_a_table_that_only_arranges(tmp_path: Path) -> None:
    outer = f"<table><tr><td><table>{TABLE}</table></td></tr></table>"
    assert tax(read(tmp_path, f"<html>{outer}</html>")) == [D(10), D(20)]


def test_cells_that_a_page_never_ends(tmp_path: Path) -> None:
    page = "<table>" + TABLE.replace("</td>", "").replace("</tr>", "")
    assert tax(read(tmp_path, page)) == [D(10), D(20)]


def test_marks_of_a_page(tmp_path: Path) -> None:
    # What is not shown takes no place; Excel's own pages keep the number behind what they show.
    head = "<tr>" + "".join(f"<td>{word}</td>" for word in HEAD) + "</tr>"
    code_and_gone = f'<td rowspan=2>{code(1)}</td><td style="display: none">x</td>'
    first = f'<tr>{code_and_gone}<td><s>甲</s></td><td x:num="12.345">12.3</td></tr>'
    second = '<tr style="display:none"><td>乙</td><td x:num="1234567">123.5</td></tr>'
    (tmp_path / "税收.xls").write_text(f"<html><table>{head}{first}{second}</table></html>", encoding="utf-8")
    sheet = sheet_of(tmp_path / "税收.xls")
    assert sheet.cells.rows() == [tuple(HEAD), (code(1), "甲", "12.345"), (None, "乙", "1234567")]
    assert sheet.marks.merges == (Merge(1, 0, 2, 0),)
    assert [sheet.marks.struck, sheet.marks.hidden_rows] == [{(1, 1)}, {2}]
    assert sheet.marks.scaled == {(2, 2): Scaled("123.5", 1)}


def test_a_page_of_spans_is_bounded(tmp_path: Path) -> None:
    cells = '<td colspan="1000" rowspan="60000">1</td>' * 3
    (tmp_path / "x.xls").write_text(f"<table><tr>{cells}</tr><tr><td>2</td><td>3</td></tr></table>", encoding="utf-8")
    with pytest.raises(InputError) as e:
        read_file(tmp_path / "x.xls", year=2022)
    assert e.value.problems[0].code == "too_many_cells"


def test_a_web_archive(tmp_path: Path) -> None:
    # H12: what Excel and tax systems save as a single web page.
    archive = "\r\n".join([
        "MIME-Version: 1.0", 'Content-Type: multipart/related; boundary="B"', "", "--B", "Content-Location: a.htm",
        'Content-Type: text/html; charset="utf-8"', "", f"<html><table>{TABLE}</table></html>", "--B--", "",
    ])  # fmt: skip
    records = read(tmp_path, archive)
    assert (tax(records), found(records)) == ([D(10), D(20)], [])


def test_an_xml_table(tmp_path: Path) -> None:
    def cell(value: object) -> str:
        kind = "Number" if isinstance(value, int) else "String"
        return f'<Cell><Data ss:Type="{kind}">{value}</Data></Cell>'

    rows = "".join(f"<Row>{''.join(map(cell, row))}</Row>" for row in TWO)
    spaces = (
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    )
    more = f'<Row ss:Hidden="1">{cell(code(3))}{cell("丙")}<Cell ss:Formula="=1+1"/></Row>'
    table = f'<Worksheet ss:Name="税收"><Table>{rows}{more}</Table></Worksheet>'
    book = f'<?xml version="1.0"?><Workbook {spaces}>{table}</Workbook>'
    records = read(tmp_path, book)
    assert tax(records) == [D(10), D(20)]
    assert found(records) == [("rows_hidden", None, None), ("formula_not_computed", 4, "tax_paid")]
