"""Department files as they lie on disk: a title, a line with who made it, headers, rows, a total row.

A workbook is written with a fixed creation date and nothing else that changes from run to run.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from .firms import Firm

Cell = str | Decimal | int | date | None

SERIAL = "_serial"
"""The column 序号, counted when the sheet is written."""

TOTAL = "合计"
_MADE = datetime(2023, 3, 10, 9, 0)


@dataclass(eq=False)
class Row:
    """One record: cells by field, and the firm it is about."""

    cells: dict[str, Cell]
    firm: Firm | None = None


@dataclass(eq=False)
class Sheet:
    """One sheet, or the whole of a csv file.

    Attributes:
        name: as the tab shows it; empty for csv.
        table: the table its rows belong to.
        year: the data year; 0 where rows belong to no single year.
        title: the merged first row.
        notes: cells of the row below it.
        headers: field to header, in the order of the columns.
        rows: the records.
        sums: fields whose sum stands in the total row; no total row where empty.
        gap: blank rows above the header.
    """

    name: str
    table: str
    year: int
    title: str
    notes: tuple[str, ...]
    headers: dict[str, str]
    rows: list[Row]
    sums: tuple[str, ...] = ()
    gap: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    total_row: Row = field(default_factory=lambda: Row({}, None))

    def count_up(self) -> None:
        """Fix the total row, before any dirt: departments add up their own records, not their typing errors."""
        for name in self.sums:
            numbers = (r.cells.get(name) for r in self.rows)
            self.totals[name] = sum((Decimal(n) for n in numbers if isinstance(n, (int, Decimal))), Decimal(0))

    @property
    def header_row(self) -> int:
        """The number of the header row, as Excel shows it."""
        return 2 + self.gap + (1 if self.notes else 0)

    def numbers(self) -> dict[int, int]:
        """Excel's row number by `id` of the row."""
        return {id(row): self.header_row + i for i, row in enumerate([*self.rows, self.total_row], start=1)}

    def find(self, firm: Firm) -> list[Row]:
        """The rows about a firm."""
        return [r for r in self.rows if r.firm is firm]


@dataclass(eq=False)
class Book:
    """One file: `path` below the sample folder; `encoding` for csv."""

    path: str
    sheets: list[Sheet]
    encoding: str | None = None


def write(book: Book, folder: Path) -> None:
    """Write one file."""
    path = folder / book.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if book.encoding is None:
        _write_workbook(book, path)
    else:
        path.write_bytes(_csv_text(book.sheets[0]).encode(book.encoding))


def _lines(sheet: Sheet) -> Iterable[list[Cell]]:
    """Records and the total row; titles and headers are the writers' own."""
    for serial, row in enumerate(sheet.rows, start=1):
        yield [serial if name == SERIAL else row.cells.get(name) for name in sheet.headers]
    if sheet.sums:
        first = next(iter(sheet.headers))
        yield [TOTAL if name == first else sheet.totals.get(name) for name in sheet.headers]


# ---------------------------------------------------------------------------------------------------------------- csv


def _csv_text(sheet: Sheet) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    width = len(sheet.headers)
    writer.writerow([sheet.title, *[""] * (width - 1)])
    if sheet.notes:
        writer.writerow([*sheet.notes, *[""] * (width - len(sheet.notes))])
    for _ in range(sheet.gap):
        writer.writerow([""] * width)
    writer.writerow(sheet.headers.values())
    for cells in _lines(sheet):
        writer.writerow(["" if c is None else c for c in cells])
    return out.getvalue()


# ----------------------------------------------------------------------------------------------------------- workbooks

_WIDTHS: Mapping[str, float] = {
    SERIAL: 6,
    "credit_code": 22,
    "name": 34,
    "counterparty": 34,
    "holder": 34,
    "parcel": 24,
}


def _write_workbook(book: Book, path: Path) -> None:
    workbook = xlsxwriter.Workbook(path)
    workbook.set_properties({"created": _MADE, "author": "示例"})
    title = workbook.add_format({"bold": True, "font_size": 14, "align": "center"})
    head = workbook.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for sheet in book.sheets:
        page = workbook.add_worksheet(sheet.name)
        last = len(sheet.headers) - 1
        page.merge_range(0, 0, 0, last, sheet.title, title)
        for i, said in enumerate(sheet.notes):
            page.write_string(1, i * 3, said)
        for column, (name, header) in enumerate(sheet.headers.items()):
            page.set_column(column, column, _WIDTHS.get(name, 13))
            page.write_string(sheet.header_row - 1, column, header, head)
        for y, cells in enumerate(_lines(sheet), start=sheet.header_row):
            for x, cell in enumerate(cells):
                if isinstance(cell, date):
                    page.write_datetime(y, x, datetime(cell.year, cell.month, cell.day), day)
                elif isinstance(cell, (int, Decimal)):
                    page.write_number(y, x, cell)
                elif cell is not None:
                    page.write_string(y, x, cell)
    workbook.close()
