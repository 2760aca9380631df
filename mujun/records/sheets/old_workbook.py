""".xls and .et: cells and marks of workbooks in the format of Excel 97–2003, by xlrd.

xlrd gives the value of a formula but not that it is one; the file's own records say so, and which was never computed.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mujun.errors import InputError, Place, problem
from mujun.messages import MessageKey
from mujun.records.sheets.number_formats import ERRORS, NumberFormat, number_format, number_shown
from mujun.records.sheets.sheet import Grid, Sheet

_BOUNDSHEET, _FORMULA, _RECALCID = 0x0085, (0x0006, 0x0206, 0x0406), 0x01C1

_Formulas = dict[tuple[int, int], bool]
"""By cell: whether the formula has no value."""


def old_workbook_sheets(data: bytes, place: Place) -> list[Sheet]:
    """All worksheets of a workbook.

    Raises:
        InputError: what stops the whole file.
    """
    import xlrd

    # What a damaged file can make xlrd raise: it reads records as they come.
    broken = (
        xlrd.XLRDError, xlrd.compdoc.CompDocError, AssertionError, struct.error, LookupError, ValueError, TypeError,
        AttributeError, OverflowError, ArithmeticError, EOFError, NameError,
    )  # fmt: skip
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )  # fmt: skip
        formulas = _formulas(data, [s.name for s in book.sheets()])
        return [_sheet(book, sheet, formulas.get(i, {}), place) for i, sheet in enumerate(book.sheets())]
    except InputError:
        raise
    except broken as e:
        code: MessageKey = (
            "file_password" if "encrypted" in str(e).lower() or "password" in str(e).lower() else "file_broken"
        )
        raise InputError(problem(code, place)) from e


def _sheet(book: Any, sheet: Any, formulas: _Formulas, place: Place) -> Sheet:
    grid = Grid(Place(file=place.file, sheet=sheet.name))
    styles: dict[int, tuple[NumberFormat, bool]] = {}
    epoch_1904 = book.datemode == 1
    for r in range(sheet.nrows):
        row = zip(sheet.row_types(r), sheet.row_values(r), strict=True)
        for c, (kind, value) in enumerate(row):
            if kind in (0, 6) or value == "":
                continue
            index = sheet.cell_xf_index(r, c)
            if index not in styles:
                styles[index] = _style(book, index)
            form, struck = styles[index]
            text = _text(kind, value, form, grid, (r, c), epoch_1904=epoch_1904)
            if text:
                grid.put(r, c, text)
                if struck:
                    grid.struck.add((r, c))
    for at, uncomputed in formulas.items():
        if uncomputed:
            grid.reach(*at)
        (grid.uncomputed if uncomputed else grid.formulas).add(at)
    for top, bottom, left, right in sheet.merged_cells:
        grid.merge(top, left, bottom - 1, right - 1)
    grid.hidden_rows = {r for r, about in sheet.rowinfo_map.items() if about.hidden}
    grid.hidden_columns = {c for c, about in sheet.colinfo_map.items() if about.hidden}
    grid.filtered = bool(getattr(sheet, "has_filter", False))
    grid.comments = {at: " ".join(note.text.split()) for at, note in sheet.cell_note_map.items() if note.show in (0, 1)}
    return grid.sheet(sheet.name, hidden=sheet.visibility != 0, epoch_1904=epoch_1904)


def _style(book: Any, index: int) -> tuple[NumberFormat, bool]:
    form = book.xf_list[index]
    struck = bool(book.font_list[form.font_index].struck_out)
    known = book.format_map.get(form.format_key)
    return number_format(-1 if known else form.format_key, known.format_str if known else None), struck


def _text(kind: int, value: Any, form: NumberFormat, grid: Grid, at: tuple[int, int], *, epoch_1904: bool) -> str:
    match kind:
        case 1:
            return str(value)
        case 4:
            return "TRUE" if value else "FALSE"
        case 5:
            return ERRORS.get(value, "#ERROR")
    form = replace(form, date=True) if kind == 3 else form
    return number_shown(float(value), form, grid, at, epoch_1904=epoch_1904)


# ------------------------------------------------------------------------------------------------------------ formulas


def _formulas(data: bytes, names: list[str]) -> Mapping[int, _Formulas]:
    """The formulas of each sheet, by its position.

    A formula that gave an empty text, and one that was never computed, keep the same value; but programs that compute
    leave the number of their calculator (RECALCID) behind.
    """
    stream = _stream(data)
    starts: dict[int, int] = {}
    by_sheet: dict[int, _Formulas] = {}
    computes = False
    current = -1
    sheets = 0
    for at, kind, body in _records(stream):
        if kind == _BOUNDSHEET and len(body) > 6:
            # Charts and macro sheets are listed too; xlrd keeps worksheets only.
            if body[5] == 0:
                starts[struct.unpack_from("<I", body)[0]] = sheets
                sheets += 1
        elif kind == _RECALCID:
            computes = True
        elif kind in (0x0809, 0x0409, 0x0209, 0x0009) and at in starts:
            current = starts[at]
        elif kind in _FORMULA and current >= 0 and len(body) >= 14:
            row, column = struct.unpack_from("<HH", body)
            value = body[6:14]
            empty = value[6:8] == b"\xff\xff" and value[0] == 3
            by_sheet.setdefault(current, {})[(row, column)] = empty
    if computes or sheets != len(names):
        return {i: dict.fromkeys(cells, False) for i, cells in by_sheet.items()} if sheets == len(names) else {}
    return by_sheet


def _stream(data: bytes) -> bytes:
    """The workbook's own stream within the file."""
    from xlrd.compdoc import CompDoc

    folder = CompDoc(data, logfile=io.StringIO())
    for name in ("Workbook", "Book"):
        memory, base, length = folder.locate_named_stream(name)
        if memory:
            return bytes(memory[base : base + length])
    return b""


def _records(stream: bytes) -> Any:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length
