"""Sheets as an OpenDocument spreadsheet, written by hand: what LibreOffice and WPS would write, no more."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tests.intake.grid import Cell, Sheet

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
        ("number", "datastyle"), ("of", "of"), ("dc", "dc"),
    )
)  # fmt: skip
_STYLES = (
    '<style:style style:name="struck" style:family="table-cell"><style:text-properties '
    'style:text-line-through-style="solid" style:text-line-through-type="single"/></style:style>'
    '<style:style style:name="gone" style:family="table"><style:table-properties table:display="false"/></style:style>'
)


def by_hand(sheets: Iterable[Sheet], path: Path) -> None:
    """An .ods file."""
    tables = "".join(map(_table, sheets))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.3">'
        f"<office:automatic-styles>{_STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_TYPE}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", _TYPE)
        packed.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
        packed.writestr("META-INF/manifest.xml", manifest, zipfile.ZIP_DEFLATED)


def _table(sheet: Sheet) -> str:
    gone = ' table:visibility="collapse"'
    columns = "".join(f"<table:table-column{gone if c in sheet.hidden_columns else ''}/>" for c in range(sheet.width))
    rows = "".join(_row(sheet, r) for r in range(len(sheet.rows)))
    style = ' table:style-name="gone"' if sheet.hidden else ""
    return f"<table:table table:name={quoteattr(sheet.name)}{style}>{columns}{rows}</table:table>"


def _row(sheet: Sheet, r: int) -> str:
    seen = ' table:visibility="collapse"' if r in sheet.hidden_rows else ""
    seen = ' table:visibility="filter"' if r in sheet.filtered_rows else seen
    covered = sheet.covered()
    row = sheet.rows[r]
    cells = []
    for c in range(max(1, sheet.width)):
        cell = row[c] if c < len(row) else Cell()
        cells.append("<table:covered-table-cell/>" if (r, c) in covered else _cell(sheet, r, c, cell))
    return f"<table:table-row{seen}>{''.join(cells)}</table:table-row>"


def _cell(sheet: Sheet, r: int, c: int, cell: Cell) -> str:
    marks = ""
    if span := sheet.spans.get((r, c)):
        marks += f' table:number-columns-spanned="{span[1]}" table:number-rows-spanned="{span[0]}"'
    if sheet.is_struck(r, cell):
        marks += ' table:style-name="struck"'
    if cell.formula:
        marks += f" table:formula={quoteattr('of:=' + cell.formula)}"
    inside = f"<office:annotation><text:p>{escape(cell.note)}</text:p></office:annotation>" if cell.note else ""
    if cell.value is None or (cell.formula and not cell.kept):
        return f"<table:table-cell{marks}>{inside}</table:table-cell>" if inside else f"<table:table-cell{marks}/>"
    shown = escape(cell.shown)
    if isinstance(cell.value, Decimal):
        marks += f' office:value-type="float" office:value="{cell.shown}"'
    elif isinstance(cell.value, datetime.date):
        marks += f' office:value-type="date" office:date-value="{shown}"'
    else:
        marks += ' office:value-type="string"'
    return f"<table:table-cell{marks}>{inside}<text:p>{shown}</text:p></table:table-cell>"
