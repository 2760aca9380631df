""".xlsb: cells as another reader has them, marks as LibreOffice shows them, bounds before anything is unpacked."""

from __future__ import annotations

import struct
from pathlib import Path

import fastexcel
import pytest

from mujun.errors import InputError, Place
from mujun.records.sheet_marks import Merge
from mujun.records.sheets import opening, sheet
from mujun.records.sheets.archive import Archive
from mujun.records.sheets.binary_workbook import binary_workbook_sheets
from mujun.records.sheets.sheet import Sheet
from tests.records.binary_workbooks import Book, Cell, Error, Formula, Packed, Shared, record

ROWS = {
    0: {0: Shared(0), 1: "企业名称", 2: "实缴税金(万元)"},
    1: {0: "91330683MA00000001", 1: Shared(1), 2: 12.5, 3: Packed(1250 << 2 | 3)},
    2: {0: "0123", 1: "乙厂", 2: 0.1 + 0.2, 3: Packed(struct.unpack("<Q", struct.pack("<d", 1.5))[0] >> 32)},
    4: {0: True, 1: Error(7), 2: Formula(7.25), 3: Formula("文"), 4: Formula(False), 5: 1e-7, 6: Packed(0xFFFFFFEE)},
}  # fmt: skip
BOOK = Book(ROWS, shared=("统一社会信用代码", "甲厂 <&>\n二"))


def read(book: Book) -> Sheet:
    (sheet,) = binary_workbook_sheets(Archive(book.content(), Place(file="x.xlsb")), Place(file="x.xlsb"))
    return sheet


def test_every_kind_of_cell() -> None:
    sheet = read(BOOK)
    assert sheet.name == "税收"
    assert [sheet.texts(i) for i in range(5)] == [
        ["统一社会信用代码", "企业名称", "实缴税金(万元)", "", "", "", ""],
        ["91330683MA00000001", "甲厂 <&>\n二", "12.5", "12.5", "", "", ""],
        ["0123", "乙厂", "0.3", "1.5", "", "", ""],
        [""] * 7,
        ["TRUE", "#DIV/0!", "7.25", "文", "FALSE", "0.0000001", "-5"],
    ]
    assert sheet.rows.to_list() == [1, 2, 3, 4, 5]
    assert sheet.marks.formulas == {(4, 2), (4, 3), (4, 4)}


def test_another_reader_has_the_same_cells() -> None:
    book = fastexcel.read_excel(BOOK.content())
    assert book.sheet_names == ["税收"]
    other = book.load_sheet("税收", header_row=None, skip_rows=0, dtypes="string").to_polars()
    mine = read(BOOK)
    for row in range(5):
        for column in range(7):
            theirs = other.row(row)[column]
            if isinstance(ROWS.get(row, {}).get(column), (Error, bool)) or (row, column) in ((4, 4), (2, 2), (4, 5)):
                continue  # it shows these in ways of its own: no errors, small letters, nine decimals
            assert (theirs or "") == mine.texts(row)[column], (row, column)


def test_what_formats_show() -> None:
    # A day came in as a number and a share as its fraction: formats were not read.
    sheet = read(Book({0: {0: Cell(44625, 2), 1: Cell(0.125, 3), 2: Cell(1234567.0, 4)}}))
    assert sheet.texts(0) == ["2022-03-05", "12.5%", "1234567"]
    assert sheet.marks.scaled[(0, 2)].shown == "1234.6"
    later = read(Book({0: {0: Cell(43163, 2)}}, epoch_1904=True))
    assert later.texts(0) == ["2022-03-05"]
    assert later.marks.epoch_1904


def test_marks() -> None:
    # Nothing of this was seen in .xlsb: rows that a filter hides counted without a word, struck-out figures too.
    sheet = read(
        Book(
            {0: {0: "甲", 1: "乙", 2: "丙"}, 1: {0: Cell("划去", 1), 1: 5}, 2: {0: "x"}},
            hidden_rows=frozenset({2}), hidden_columns=((1, 1), (2, 900_000)), merges=((0, 0, 1, 0),), filtered=True,
            comments={(1, 1): "以前年度\n补缴"}, hidden=True,
        )
    )  # fmt: skip
    assert sheet.hidden
    assert sheet.marks.hidden_rows == {2}
    assert sheet.marks.filtered
    assert sheet.marks.hidden_columns == {1, 2}
    assert sheet.marks.struck == {(1, 0)}
    assert sheet.marks.merges == (Merge(0, 0, 1, 0),)
    assert sheet.marks.comments == {(1, 1): "以前年度 补缴"}


def test_a_number_of_more_than_fifteen_digits_is_marked() -> None:
    sheet = read(Book({0: {0: 123456789012345678.0, 1: "123456789012345678"}}))
    assert sheet.numeric is not None
    assert (sheet.numeric["c0"][0], sheet.numeric["c1"][0]) == (True, False)


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as error:
        opening.read_sheets(data, "xlsb", Path("x.xlsb"))
    return error.value.problems[0].code


def test_small_files_that_would_be_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # A shared text of megabytes in thousands of cells, cells in opposite corners: the reader unpacked first.
    monkeypatch.setattr(sheet, "MAX_TEXT", 100_000)
    many = {row: {0: Shared(0)} for row in range(200)}
    assert refused(Book(many, shared=("长" * 1000,)).content()) == "too_much_text"
    assert refused(Book({0: {0: 1}, 1_999_999: {999: 1}}).content()) == "too_many_cells"
    assert refused(Book({0: {0: 1}, 4_000_000_000: {0: 1}}).content()) == "too_many_cells"
    assert read(Book({0: {0: 1}}, hidden_rows=frozenset({4_000_000_000}))).cells.height == 1
    monkeypatch.setattr(sheet, "MAX_MARKS", 50)
    assert refused(Book({row: {0: Formula(1.0)} for row in range(60)}).content()) == "too_many_cells"


@pytest.mark.parametrize(
    "more",
    [
        record(7, struct.pack("<III", 0, 0, 99)),  # a shared text that there is not
        record(6, struct.pack("<III", 0, 0, 0x7FFFFFFF)),  # a text longer than its record
        record(5, b"\0" * 9),  # half a number
        b"\x05\xff\xff\xff\x7f",  # a record longer than the part
    ],
)
def test_damaged_records_are_one_sentence(more: bytes) -> None:
    assert refused(Book(ROWS, shared=("a", "b"), more=more).content()) == "file_broken"
