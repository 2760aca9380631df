""".ods: cells and marks of an OpenDocument spreadsheet, in one pass over its content."""

from __future__ import annotations

from dataclasses import field

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_COLUMNS, MAX_ROWS
from mujun.records.sheet_marks import Scaled
from mujun.records.sheets.archive import Archive, local
from mujun.records.sheets.number_formats import percent_text
from mujun.records.sheets.sheet import Grid, Sheet, fifteen_digits

_MOST_REPEATED = 1_000_000
"""A filled cell that the file says once may stand for so many."""

_NOT_SHOWN = frozenset(
    ("tracked-changes", "shapes", "dde-links", "content-validations", "named-expressions", "forms", "change-deletion")
)
"""Parts of a table that hold texts which are no cells: deleted ones, drawings, choices."""


def open_document_sheets(archive: Archive, place: Place) -> list[Sheet]:
    """All sheets of a spreadsheet.

    Raises:
        InputError: what stops the whole file.
    """
    if b"encryption-data" in (archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in archive else b""):
        raise InputError(problem("file_password", place))
    styles = _Styles()
    reader = _Reader(place, styles)
    if "styles.xml" in archive:
        archive.parse("styles.xml", styles.start, styles.end, styles.text)
    archive.parse("content.xml", reader.start, reader.end, reader.text)
    return reader.sheets


@dataclass
class _Styles:
    """What cell and table styles make of what they style; a style without a word has its parent's."""

    struck: dict[str, bool] = field(default_factory=dict)
    factor: dict[str, int] = field(default_factory=dict)
    drawn: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    parent: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    _name: str = ""
    _number: str = ""
    _behind: bool = False
    _drawing: bool = False

    def start(self, tag: str, given: dict[str, str]) -> None:
        attributes = {local(key): value for key, value in given.items()}
        name = local(tag)
        if name == "style":
            self._name = attributes.get("name", "")
            if parent := attributes.get("parent-style-name"):
                self.parent[self._name] = parent
            if data := attributes.get("data-style-name"):
                self.data[self._name] = data
        elif name in ("number-style", "currency-style", "percentage-style"):
            self._number, self._behind = attributes.get("name", ""), False
        elif name == "text" and self._number:
            self._drawing = self._behind
        elif name == "number" and self._number:
            self._behind = True
            factor = attributes.get("display-factor", "1")
            if factor != "1":
                self.factor[self._number] = int(float(factor)) if factor.replace(".", "", 1).isdigit() else 1
        elif name == "text-properties" and self._name:
            lined = attributes.get("text-line-through-style") or attributes.get("text-line-through-type")
            if lined is not None:
                self.struck[self._name] = lined != "none"
        elif name == "table-properties" and self._name and attributes.get("display") == "false":
            self.hidden.add(self._name)

    def end(self, tag: str) -> None:
        name = local(tag)
        if name == "style":
            self._name = ""
        elif name == "text":
            self._drawing = False
        elif name in ("number-style", "currency-style", "percentage-style"):
            self._number = ""

    def text(self, text: str) -> None:
        if self._drawing:
            self.drawn[self._number] = self.drawn.get(self._number, "") + text

    def is_struck(self, name: str) -> bool:
        for _ in range(20):
            if name in self.struck:
                return self.struck[name]
            if name not in self.parent:
                return False
            name = self.parent[name]
        return False

    def divisor(self, name: str) -> int:
        return self.factor.get(self._number_style(name), 1)

    def unit(self, name: str) -> str:
        """The words that a format draws behind a figure."""
        return self.drawn.get(self._number_style(name), "").strip()

    def _number_style(self, name: str) -> str:
        for _ in range(20):
            if name in self.data:
                return self.data[name]
            if name not in self.parent:
                return ""
            name = self.parent[name]
        return ""


class _Reader:
    """The handlers of the content's parser."""

    def __init__(self, place: Place, styles: _Styles):
        self.place, self.styles = place, styles
        self.sheets: list[Sheet] = []
        self.grid: Grid | None = None
        self.name, self.hidden = "", False
        self.row = self.column = 0
        self.rows_repeated = 1
        self.filled: list[tuple[int, int, str]] = []
        self.cell: dict[str, str] | None = None
        self.column_styles: list[tuple[int, str]] = []
        self.paragraphs: list[str] = []
        self.note: list[str] = []
        self.spans: list[bool] = []
        self.struck_text = False
        self.skipping = 0
        self.in_note = self.in_paragraph = False

    def start(self, tag: str, given: dict[str, str]) -> None:
        name = local(tag)
        if self.skipping or name in _NOT_SHOWN:
            self.skipping += 1
            return
        if self.grid is None:
            if name == "table":
                self._table({local(key): value for key, value in given.items()})
            else:
                self.styles.start(tag, given)
            return
        attributes = {local(key): value for key, value in given.items()}
        match name:
            case "table":
                self.skipping = 1  # a table within a cell
            case "table-column":
                self._columns(attributes)
            case "table-row":
                self.rows_repeated = _count(attributes.get("number-rows-repeated"), MAX_ROWS)
                self.column, self.filled = 0, []
                # Not a million rows of nothing below the table: a sheet's end is often hidden.
                if attributes.get("visibility", "visible") != "visible" and self.rows_repeated < _MOST_REPEATED:
                    self.grid.hide_row(self.row, self.rows_repeated)
                    self.grid.filtered |= attributes["visibility"] == "filter"
            case "table-cell" | "covered-table-cell":
                # The kind of value is said twice, the second time by LibreOffice for errors.
                attributes["error"] = "1" if given.get("calcext:value-type") == "error" else ""
                if "office:value-type" in given:
                    attributes["value-type"] = given["office:value-type"]
                self.cell, self.paragraphs, self.note, self.struck_text = attributes, [], [], False
            case "annotation":
                self.in_note = True
            case "p":
                self.in_paragraph = True
                (self.note if self.in_note else self.paragraphs).append("")
            case "s":
                self.text(" " * _count(attributes.get("c"), 1000))
            case "tab" | "line-break":
                self.text("\n" if name == "line-break" else "\t")
            case "span":
                self.spans.append(self.styles.is_struck(attributes.get("style-name", "")))

    def end(self, tag: str) -> None:
        if self.skipping:
            self.skipping -= 1
            return
        if self.grid is None:
            self.styles.end(tag)
            return
        match local(tag):
            case "table":
                self.sheets.append(self.grid.sheet(self.name, hidden=self.hidden))
                self.grid = None
            case "table-row":
                self._end_row(self.grid)
            case "table-cell" | "covered-table-cell":
                self._end_cell(self.grid)
            case "annotation":
                self.in_note = False
            case "p":
                self.in_paragraph = False
            case "span":
                self.spans.pop()

    def text(self, piece: str) -> None:
        if not self.in_paragraph or self.skipping or self.grid is None:
            return
        lines = self.note if self.in_note else self.paragraphs
        lines[-1] += piece
        self.struck_text |= not self.in_note and any(self.spans) and bool(piece.strip())

    def _table(self, attributes: dict[str, str]) -> None:
        self.name = attributes.get("name", "")
        self.hidden = attributes.get("style-name", "") in self.styles.hidden
        self.grid = Grid(Place(file=self.place.file, sheet=self.name))
        self.row = self.column = 0
        self.column_styles = []

    def _columns(self, attributes: dict[str, str]) -> None:
        repeated = _count(attributes.get("number-columns-repeated"), MAX_COLUMNS)
        if self.grid is not None and attributes.get("visibility", "visible") != "visible":
            self.grid.hidden_columns.update(range(self.column, self.column + repeated))
        self.column = min(self.column + repeated, MAX_COLUMNS)
        self.column_styles.append((self.column, attributes.get("default-cell-style-name", "")))

    def _end_cell(self, grid: Grid) -> None:
        attributes = self.cell or {}
        self.cell = None
        repeated = _count(attributes.get("number-columns-repeated"), 2**31)
        shown = "\n".join(self.paragraphs).strip()
        style = attributes.get("style-name") or next((s for end, s in self.column_styles if self.column < end), "")
        at = (self.row, self.column)
        text = self._value(attributes, shown)
        if self.note and (note := " ".join(" ".join(self.note).split())):
            grid.comments[at] = note
        down, across = (
            _count(attributes.get("number-rows-spanned"), MAX_ROWS),
            _count(attributes.get("number-columns-spanned"), MAX_COLUMNS),
        )
        if down > 1 or across > 1:
            grid.merge(self.row, self.column, self.row + down - 1, self.column + across - 1)
        if "formula" in attributes:
            if not text and "value-type" not in attributes:
                grid.reach(*at)
                grid.uncomputed.add(at)
            else:
                grid.formulas.add(at)
        if text:
            if repeated * self.rows_repeated > _MOST_REPEATED:
                limit = _MOST_REPEATED
                raise InputError(
                    problem("too_many_cells", grid.place, rows=self.rows_repeated, columns=repeated, limit=limit)
                )
            self.filled.append((self.column, repeated, text))
            if self.styles.is_struck(style) or self.struck_text:
                grid.struck.add(at)
            if attributes.get("value-type") in ("float", "currency") and (divisor := self.styles.divisor(style)) > 1:
                grid.scaled[at] = Scaled(shown, divisor)
            if attributes.get("value-type") in ("float", "currency") and (unit := self.styles.unit(style)):
                grid.drawn[at] = unit
        self.column += repeated

    def _value(self, attributes: dict[str, str], shown: str) -> str:
        kind = attributes.get("value-type")
        if attributes.get("error"):
            return shown
        if kind in ("float", "currency", "percentage"):
            try:
                value = float(attributes.get("value", ""))
            except ValueError:
                return shown
            if kind == "percentage":
                return percent_text(value)
            if kind == "float" and abs(value) >= 1e15 and self.grid is not None:
                self.grid.long.add((self.row, self.column))
            return ("$" if attributes.get("currency") == "USD" else "") + fifteen_digits(value)
        if kind == "date":
            return attributes.get("date-value", shown).replace("T", " ").removesuffix("Z")
        if kind == "boolean":
            return "TRUE" if attributes.get("boolean-value") == "true" else "FALSE"
        if kind == "string":
            return attributes.get("string-value", shown) or shown
        return shown

    def _end_row(self, grid: Grid) -> None:
        for column, repeated, text in self.filled:
            for row in range(self.row, self.row + self.rows_repeated):
                for c in range(column, column + repeated):
                    grid.put(row, c, text)
        self.row += self.rows_repeated


def _count(text: str | None, most: int) -> int:
    return max(1, min(int(text), most)) if text and text.isdigit() and len(text) < 12 else 1
