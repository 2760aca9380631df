"""Sheets as workbooks: .xlsx by two writers, .xls by a third."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import openpyxl
import xlsxwriter
import xlwt
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from tests.intake.grid import Cell, Sheet

DATE_SHAPE = "yyyy-mm-dd"


def _plain(value: str | Decimal | datetime.date | None) -> str | int | float | datetime.date | None:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def by_openpyxl(sheets: Iterable[Sheet], path: Path) -> None:
    """A workbook that keeps no value of a formula, as this writer does."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        made = book.create_sheet(sheet.name)
        for r, c, cell in sheet.cells():
            if cell.value is None and not cell.formula and not cell.note:
                continue
            made_cell = made.cell(r + 1, c + 1)
            made_cell.value = f"={cell.formula}" if cell.formula and not cell.kept else _plain(cell.value)
            if isinstance(cell.value, str) and cell.value.startswith("="):
                made_cell.data_type = "s"
            if cell.shape or isinstance(cell.value, datetime.date):
                made_cell.number_format = cell.shape or DATE_SHAPE
            if cell.note:
                made_cell.comment = Comment(cell.note, "科室")
            if sheet.is_struck(r, cell):
                made_cell.font = Font(strike=True)
        for (r, c), (height, width) in sheet.spans.items():
            made.merge_cells(start_row=r + 1, start_column=c + 1, end_row=r + height, end_column=c + width)
        for r in sheet.hidden_rows | sheet.filtered_rows:
            made.row_dimensions[r + 1].hidden = True
        if sheet.filtered_rows:
            made.auto_filter.ref = f"A1:{get_column_letter(max(1, sheet.width))}{len(sheet.rows)}"
        for c in sheet.hidden_columns:
            made.column_dimensions[get_column_letter(c + 1)].hidden = True
        if sheet.hidden:
            made.sheet_state = "hidden"
    book.save(path)


def by_xlsxwriter(sheets: Iterable[Sheet], path: Path) -> None:
    """A workbook that keeps every formula's value."""
    with xlsxwriter.Workbook(str(path)) as book:
        for sheet in sheets:
            made = book.add_worksheet(sheet.name)
            for r, c, cell in sheet.cells():
                look: dict[str, bool | str] = {"font_strikeout": sheet.is_struck(r, cell)}
                if cell.shape or isinstance(cell.value, datetime.date):
                    look["num_format"] = cell.shape or DATE_SHAPE
                style = book.add_format(look) if any(look.values()) else None
                value = _plain(cell.value)
                span = sheet.spans.get((r, c))
                if span:
                    made.merge_range(r, c, r + span[0] - 1, c + span[1] - 1, "", style)
                if cell.formula:
                    made.write_formula(r, c, f"={cell.formula}", style, value if cell.kept else 0)
                elif isinstance(value, str):
                    made.write_string(r, c, value, style)
                elif isinstance(value, datetime.date):
                    made.write_datetime(r, c, value, style)
                elif value is not None:
                    made.write_number(r, c, value, style)
                if cell.note:
                    made.write_comment(r, c, cell.note)
            for r in sheet.hidden_rows:
                made.set_row(r, None, None, {"hidden": True})
            for r in sheet.filtered_rows:
                made.set_row(r, options={"hidden": True})
            if sheet.filtered_rows:
                made.autofilter(0, 0, len(sheet.rows) - 1, sheet.width - 1)
            for c in sheet.hidden_columns:
                made.set_column(c, c, None, None, {"hidden": True})
            if sheet.hidden:
                made.hide()


def by_xlwt(sheets: Iterable[Sheet], path: Path) -> None:
    """A workbook of Excel 97 to 2003; its writer keeps no value of a formula."""
    book = xlwt.Workbook(encoding="utf-8", style_compression=2)
    for sheet in sheets:
        made = book.add_sheet(sheet.name)
        for r, c, cell in sheet.cells():
            value = _plain(cell.value)
            written = xlwt.Formula(cell.formula) if cell.formula and not cell.kept else value
            if (span := sheet.spans.get((r, c))) is not None:
                made.write_merge(r, r + span[0] - 1, c, c + span[1] - 1, written, _xls_style(sheet, r, cell))
            elif written is not None:
                made.write(r, c, written, _xls_style(sheet, r, cell))
        for r in sheet.hidden_rows | sheet.filtered_rows:
            made.row(r).hidden = True
        for c in sheet.hidden_columns:
            made.col(c).hidden = True
        if sheet.hidden:
            made.visibility = 1
    book.save(str(path))


def _xls_style(sheet: Sheet, row: int, cell: Cell) -> xlwt.XFStyle:
    style = xlwt.XFStyle()
    if cell.shape or isinstance(cell.value, datetime.date):
        style.num_format_str = cell.shape or DATE_SHAPE
    style.font.struck_out = sheet.is_struck(row, cell)
    return style
