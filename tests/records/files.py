"""Department files in a few words: workbooks, text files, and codes that are right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from stdnum.cn import uscc

from mujun.records import FileRecords, Finding

HEAD = ["统一社会信用代码", "企业名称", "实缴税金"]

Rows = list[list[Any]]


def code(number: int) -> str:
    """A valid credit code."""
    body = f"91330683MA2B{number:05d}"
    return body + uscc.calc_check_digit(body)


def workbook(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[object]]],
    then: Callable[[Any, dict[str, Any]], None] | None = None,
) -> Path:
    """An .xlsx with these sheets; texts, numbers and dates as such, `None` blank, `=` formulas with an error."""
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    made = {}
    for name, rows in sheets.items():
        sheet = made[name] = book.add_worksheet(name)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                match cell:
                    case None:
                        pass
                    case dt.date():
                        sheet.write_datetime(i, j, dt.datetime(cell.year, cell.month, cell.day), day)
                    case "=1/0":
                        sheet.write_formula(i, j, cell, None, "#DIV/0!")
                    case str():
                        sheet.write_string(i, j, cell)
                    case _:
                        sheet.write(i, j, cell)
    if then is not None:
        then(book, made)
    book.close()
    return path


def old_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """An .xls."""
    import xlwt

    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write(i, j, cell, day)
                elif cell is not None:
                    sheet.write(i, j, cell)
    book.save(str(path))
    return path


def text(path: Path, rows: Sequence[Sequence[object]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A text file, without quotes; all rows as long as the longest."""
    width = max(len(row) for row in rows)
    full = ([*row, *[None] * (width - len(row))] for row in rows)
    lines = [delimiter.join("" if cell is None else str(cell) for cell in row) for row in full]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def found(records: FileRecords) -> list[tuple[str, int | None, str | None]]:
    """Findings as code, row, field."""
    return [(f.code, f.row, f.field) for f in records.findings]


def only(records: FileRecords, wanted: str) -> Finding:
    """The one finding of a code."""
    (finding,) = [f for f in records.findings if f.code == wanted]
    return finding
