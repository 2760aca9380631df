"""Web pages and web archives with tables, as tax and reporting systems export them under the name `.xls`.

A table of at least two rows and two columns is a sheet; lines and smaller tables between them are rows above the next
one, as Excel shows them. What the page does not show is not read.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import field
from html.parser import HTMLParser

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_COLUMNS, MAX_ROWS
from mujun.records.sheet_marks import Scaled
from mujun.records.sheets.encodings import named_encoding, text_of
from mujun.records.sheets.sheet import Grid, Sheet

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_\-]+)""", re.IGNORECASE)
_SHEET_NAME = re.compile(r"<x:Name>([^<]{1,31})</x:Name>")


def web_page_sheets(data: bytes, place: Place) -> list[Sheet]:
    """The tables of a page.

    Raises:
        InputError: `file_is_web_page`: it has none.
    """
    sheets = _sheets_of(_page_text(data, place), place)
    if not sheets:
        raise InputError(problem("file_is_web_page", place))
    return sheets


def web_archive_sheets(data: bytes, place: Place) -> list[Sheet]:
    """The tables of the pages in a MIME archive, as Excel saves a workbook as a single web page.

    Raises:
        InputError: `file_is_web_page`: no page has one.
    """
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    sheets: list[Sheet] = []
    for part in message.walk():
        if part.get_content_type() != "text/html":
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            sheets += _sheets_of(_page_text(content, place, part.get_content_charset()), place)
    if not sheets:
        raise InputError(problem("file_is_web_page", place))
    if len(sheets) > 1:
        sheets = [
            Sheet(s.name or f"{i}", s.cells, s.rows, s.numeric, s.hidden, s.marks) for i, s in enumerate(sheets, 1)
        ]
    return sheets


def _page_text(data: bytes, place: Place, charset: str | None = None) -> str:
    match = _CHARSET.search(data[:8192])
    named = charset or (match.group(1).decode("ascii") if match else None)
    return text_of(data, place, named_encoding(named)).text


# ------------------------------------------------------------------------------------------------------------ the page


@dataclass
class _Cell:
    text: list[str] = field(default_factory=list)
    down: int = 1
    across: int = 1
    struck: bool = False
    number: str = ""

    @property
    def shown(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.text).split("\n"))
        return "\n".join(line for line in lines if line)


@dataclass
class _Row:
    cells: list[_Cell] = field(default_factory=list)
    hidden: bool = False


@dataclass
class _Table:
    rows: list[_Row] = field(default_factory=list)
    in_cell: bool = False

    @property
    def is_data(self) -> bool:
        filled = [sum(1 for cell in row.cells if cell.shown) for row in self.rows]
        return sum(n > 0 for n in filled) > 1 and sum(n > 1 for n in filled) > 0 and max(filled) > 1


_BREAKS = frozenset(("br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "caption"))
_UNREAD = frozenset(("script", "style", "title", "noscript", "template", "select"))
_STRIKES = frozenset(("s", "strike", "del"))
_NO_END = frozenset(("br", "img", "col", "meta", "link", "input", "hr", "base", "area", "wbr"))


class _Page(HTMLParser):
    """The page as rows of texts and tables, in their order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.content: list[str | _Table] = []
        self.line: list[str] = []
        self.tables: list[_Table] = []
        self.unread: list[str] = []
        self.struck: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.unread:
            if tag not in _NO_END and tag == self.unread[0]:
                self.unread.append(tag)
            return
        attributes = {name: value or "" for name, value in attrs}
        style = re.sub(r"\s+", "", attributes.get("style", "")).lower()
        gone = "display:none" in style or "hidden" in attributes
        if tag in _UNREAD or (gone and tag not in ("tr", "table", *_NO_END)):
            if tag in ("td", "th"):
                self._close_cell()
            self.unread = [tag]
            return
        if tag in _BREAKS:
            self._break()
        if (tag in _STRIKES or "line-through" in style) and tag not in _NO_END:
            self.struck.append(tag)
        if tag == "table":
            self._end_line()
            self.tables.append(_Table())
        elif not self.tables:
            return
        elif tag == "tr":
            self._close_cell()
            self.tables[-1].rows.append(_Row(hidden=gone))
        elif tag in ("td", "th"):
            self._close_cell()
            table = self.tables[-1]
            if not table.rows:
                table.rows.append(_Row())
            down, across = _span(attributes.get("rowspan"), MAX_ROWS), _span(attributes.get("colspan"), MAX_COLUMNS)
            table.rows[-1].cells.append(_Cell(down=down, across=across, number=attributes.get("x:num", "")))
            table.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if self.unread:
            if tag == self.unread[-1]:
                self.unread.pop()
            return
        if tag in _BREAKS:
            self._break()
        if tag in ("td", "th"):
            self._close_cell()
        elif tag == "table" and self.tables:
            table = self.tables.pop()
            self.content.append(table)
        if tag in self.struck:
            while self.struck.pop() != tag:
                pass

    def _close_cell(self) -> None:
        if self.tables:
            self.tables[-1].in_cell = False
        # A strike that began within the cell ends with it.
        self.struck = [tag for tag in self.struck if tag == "tr"]

    def handle_data(self, data: str) -> None:
        if self.unread:
            return
        if not self.tables:
            self.line.append(data)
        elif self.tables[-1].in_cell and self.tables[-1].rows:
            cell = self.tables[-1].rows[-1].cells[-1]
            cell.text.append(data.replace("\n", " "))
            cell.struck |= bool(self.struck) and bool(data.strip())

    def _break(self) -> None:
        if not self.tables:
            self._end_line()
        elif self.tables[-1].in_cell and self.tables[-1].rows:
            self.tables[-1].rows[-1].cells[-1].text.append("\n")

    def _end_line(self) -> None:
        text = " ".join("".join(self.line).split())
        if text and not self.tables:
            self.content.append(text)
        self.line = []

    def whole(self) -> list[str | _Table]:
        """Everything, with tables that the page never ended."""
        self.close()
        while self.tables:
            self.content.append(self.tables.pop())
        self._end_line()
        return self.content


def _span(text: str | None, most: int) -> int:
    plain = (text or "").strip()
    return max(1, min(int(plain), most)) if plain.isdigit() and len(plain) < 8 else 1


# ---------------------------------------------------------------------------------------------------------- the sheets


def _sheets_of(text: str, place: Place) -> list[Sheet]:
    page = _Page()
    page.feed(text)
    pieces = page.whole()
    groups: list[list[str | _Table]] = [[]]
    for piece in pieces:
        if isinstance(piece, _Table) and piece.is_data and any(isinstance(p, _Table) and p.is_data for p in groups[-1]):
            # What stands between two tables belongs to the later one.
            last = max(i for i, p in enumerate(groups[-1]) if isinstance(p, _Table) and p.is_data)
            between = groups[-1][last + 1 :]
            del groups[-1][last + 1 :]
            groups.append(between)
        groups[-1].append(piece)
    groups = [
        g for g in groups if any(isinstance(p, _Table) and any(c.shown for r in p.rows for c in r.cells) for p in g)
    ]
    name = _SHEET_NAME.search(text)
    only = name.group(1) if name and len(groups) == 1 else None
    return [_sheet(g, only if len(groups) == 1 else f"表{i}", place) for i, g in enumerate(groups, 1)]


def _sheet(pieces: list[str | _Table], name: str | None, place: Place) -> Sheet:
    grid = Grid(Place(file=place.file, sheet=name))
    row = 0
    for piece in pieces:
        if isinstance(piece, str):
            grid.put(row, 0, piece)
            row += 1
        else:
            row = _put_table(grid, piece, row)
    return grid.sheet(name)


def _put_table(grid: Grid, table: _Table, top: int) -> int:
    """A table's cells from a row on; the row below it."""
    taken: list[int] = []
    row = top
    for html_row in table.rows:
        column = 0
        if html_row.hidden:
            grid.hidden_rows.add(row)
        for cell in html_row.cells:
            while column < len(taken) and taken[column] > row:
                column += 1
            text = cell.shown
            if text:
                grid.put(row, column, text)
                if cell.struck:
                    grid.struck.add((row, column))
                _number(grid, cell, text, row, column)
            if cell.down > 1 or cell.across > 1:
                bottom = min(cell.down, len(table.rows) - (row - top)) + row - 1
                grid.merge(row, column, max(row, bottom), column + cell.across - 1)
            taken += [0] * (min(column + cell.across, MAX_COLUMNS + 1) - len(taken))
            for i in range(column, min(column + cell.across, len(taken))):
                taken[i] = row + cell.down
            column += cell.across
        row += 1
    return row


def _number(grid: Grid, cell: _Cell, text: str, row: int, column: int) -> None:
    """Where Excel wrote the page, the number behind what is shown: it has all digits, or is another figure."""
    if not cell.number:
        return
    try:
        held, shown = float(cell.number), float(text.replace(",", ""))
    except ValueError:
        return
    grid.put(row, column, cell.number)
    if abs(held - shown) > max(1.0, abs(held) / 100):
        grid.scaled[(row, column)] = Scaled(text, 1)
