"""Sheets as text: .csv in several encodings, web pages named .xls, and text files given as they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from tests.intake.grid import Cell, Sheet

ENCODINGS = {"utf8": "utf-8", "bom": "utf-8-sig", "gb18030": "gb18030", "utf16": "utf-16"}


def as_csv(sheets: Iterable[Sheet], path: Path, encoding: str) -> None:
    """The first sheet, as Excel saves it as text."""
    sheet = next(iter(sheets))
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    for row in sheet.rows:
        writer.writerow([cell.shown for cell in row] + [""] * (sheet.width - len(row)))
    path.write_bytes(made.getvalue().encode(ENCODINGS.get(encoding, encoding)))


def as_page(sheets: Iterable[Sheet], path: Path) -> None:
    """A web page with a table per sheet, as tax systems export it under the name .xls."""
    parts = [("" if s.name == "Sheet1" else f"<h3>{escape(s.name)}</h3>") + _page_table(s) for s in sheets]
    head = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    path.write_text(f"<html><head>{head}</head><body>{''.join(parts)}</body></html>", encoding="utf-8")


def _page_table(sheet: Sheet) -> str:
    covered = sheet.covered()
    rows = []
    for r, row in enumerate(sheet.rows):
        filled = [*row, *(Cell() for _ in range(sheet.width - len(row)))]
        cells = (_page_cell(sheet, r, c, cell) for c, cell in enumerate(filled) if (r, c) not in covered)
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table border="1">{"".join(rows)}</table>'


def _page_cell(sheet: Sheet, r: int, c: int, cell: Cell) -> str:
    height, width = sheet.spans.get((r, c), (1, 1))
    marks = (f' rowspan="{height}"' if height > 1 else "") + (f' colspan="{width}"' if width > 1 else "")
    inside = escape(cell.shown) or "&nbsp;"
    return f"<td{marks}>{f'<s>{inside}</s>' if sheet.is_struck(r, cell) else inside}</td>"


_ESCAPES = re.compile(r"\\x([0-9A-Fa-f]{2})")


def raw_bytes(text: str, encoding: str) -> bytes:
    r"""A text with `\r`, `\t`, `\\`, `\xE4` (that byte) in it, in an encoding; lines end with `\n`.

    `cr` for the encoding ends them with a return, `crlf` with both; `utf-16-le` and `utf-16-be` have no mark.
    """
    end = {"cr": "\r", "crlf": "\r\n"}.get(encoding, "\n")
    true = {"cr": "utf-8", "crlf": "utf-8"}.get(encoding, encoding)
    text = text + "\n"
    if text.endswith("\\\n"):
        text = text[:-2]
    pieces = _ESCAPES.split(text.replace("\n", end).replace("\\r", "\r").replace("\\t", "\t").replace("\\n", "\n"))
    made = b""
    for i, piece in enumerate(pieces):
        made += bytes.fromhex(piece) if i % 2 else piece.encode(true if not i else true.removesuffix("-sig"))
    return made
