"""XML tables (SpreadsheetML 2003), which reporting systems write under the name `.xls`."""

from __future__ import annotations

import re
from xml.parsers import expat

from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_COLUMNS, MAX_ROWS
from mujun.records.sheets.archive import local, xml_parser
from mujun.records.sheets.number_formats import PLAIN, NumberFormat, number_format, percent_text
from mujun.records.sheets.sheet import Grid, Sheet, fifteen_digits

_NAMED = {
    "Percent": "0.00%", "General Number": "General", "Fixed": "0.00", "Standard": "#,##0.00", "Scientific": "0.00E+00",
    "Currency": "#,##0.00", "Euro Currency": "#,##0.00",
}  # fmt: skip


def xml_table_sheets(text: str, place: Place) -> list[Sheet]:
    """All worksheets of an XML table.

    Raises:
        InputError: what stops the whole file.
    """
    reader = _Reader(place)
    parser = xml_parser(place, reader.start, reader.end, reader.text)
    plain = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))
    try:
        parser.Parse(plain.encode("utf-8"), True)
    except expat.ExpatError:
        raise InputError(problem("file_broken", place)) from None
    return reader.sheets


class _Reader:
    def __init__(self, place: Place):
        self.place = place
        self.sheets: list[Sheet] = []
        self.styles: dict[str, tuple[NumberFormat, bool]] = {}
        self.style = ""
        self.grid: Grid | None = None
        self.name, self.hidden = "", False
        self.row = self.column = -1
        self.next_column = 0
        self.cell: dict[str, str] = {}
        self.kind = ""
        self.pieces: list[str] | None = None
        self.value: str | None = None
        self.note: list[str] | None = None
        self.visible: list[str] | None = None

    def start(self, tag: str, given: dict[str, str]) -> None:
        attributes = {local(key): value for key, value in given.items()}
        name = local(tag)
        if self.grid is None:
            self._outside(name, attributes)
            return
        match name:
            case "Column":
                first = _number(attributes.get("Index"), MAX_COLUMNS, self.next_column + 1) - 1
                span = _number(attributes.get("Span"), MAX_COLUMNS, 0)
                if attributes.get("Hidden") == "1":
                    self.grid.hidden_columns.update(range(first, first + span + 1))
                self.next_column = first + span + 1
            case "Row":
                self.row = _number(attributes.get("Index"), MAX_ROWS + 1, self.row + 2) - 1
                self.column = -1
                if attributes.get("Hidden") == "1":
                    self.grid.hide_row(self.row)
            case "Cell":
                self.column = _number(attributes.get("Index"), MAX_COLUMNS + 1, self.column + 2) - 1
                self.cell, self.value, self.note = attributes, None, None
            case "Data" if self.note is None:
                self.kind, self.pieces = attributes.get("Type", "String"), []
            case "Comment":
                self.note = []
            case "AutoFilterColumn":
                self.grid.filtered = True
            case "Visible":
                self.visible = []

    def _outside(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Style":
            self.style = attributes.get("ID", "")
            self.styles[self.style] = (PLAIN, False)
        elif name == "NumberFormat" and self.style:
            code = attributes.get("Format", "General")
            form = (
                NumberFormat(date=True)
                if "Date" in code or "Time" in code
                else number_format(-1, _NAMED.get(code, code))
            )
            self.styles[self.style] = (form, self.styles[self.style][1])
        elif name == "Font" and self.style and attributes.get("StrikeThrough") == "1":
            self.styles[self.style] = (self.styles[self.style][0], True)
        elif name == "Worksheet":
            self.name = attributes.get("Name", "")
            self.grid = Grid(Place(file=self.place.file, sheet=self.name))
            self.row, self.next_column, self.hidden = -1, 0, False

    def end(self, tag: str) -> None:
        if self.grid is None:
            return
        match local(tag):
            case "Data" if self.pieces is not None:
                self.value, self.pieces = "".join(self.pieces), None
            case "Comment" if self.note is not None:
                if note := " ".join("".join(self.note).split()):
                    self.grid.comments[(self.row, self.column)] = note
            case "Cell":
                self._end_cell(self.grid)
            case "Visible" if self.visible is not None:
                self.hidden, self.visible = "Hidden" in "".join(self.visible), None
            case "Worksheet":
                self.sheets.append(self.grid.sheet(self.name, hidden=self.hidden))
                self.grid = None

    def text(self, piece: str) -> None:
        for open_text in (self.pieces, self.note if self.pieces is None else None, self.visible):
            if open_text is not None:
                open_text.append(piece)

    def _end_cell(self, grid: Grid) -> None:
        at = (self.row, self.column)
        across = _number(self.cell.get("MergeAcross"), MAX_COLUMNS, 0)
        down = _number(self.cell.get("MergeDown"), MAX_ROWS, 0)
        if across or down:
            grid.merge(at[0], at[1], at[0] + down, at[1] + across)
        form, struck = self.styles.get(self.cell.get("StyleID", ""), (PLAIN, False))
        if "Formula" in self.cell:
            if self.value is None:
                grid.reach(*at)
                grid.uncomputed.add(at)
            else:
                grid.formulas.add(at)
        if self.value:
            shown = self._shown(self.value, form, grid, at)
            grid.put(at[0], at[1], shown)
            if struck:
                grid.struck.add(at)
        self.column += across

    def _shown(self, value: str, form: NumberFormat, grid: Grid, at: tuple[int, int]) -> str:
        if self.kind == "Boolean":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if self.kind == "DateTime":
            return value.replace("T", " ").removesuffix(".000")
        if self.kind != "Number":
            return value
        try:
            number = float(value)
        except ValueError:
            return value
        if form.percent:
            return percent_text(number)
        if (scaled := form.scaled(number)) is not None:
            grid.scaled[at] = scaled
        if form.unit:
            grid.drawn[at] = form.unit
        if abs(number) >= 1e15:
            grid.long.add(at)
        return form.foreign + fifteen_digits(number)


def _number(text: str | None, most: int, otherwise: int) -> int:
    return min(int(text), most) if text and text.isdigit() and len(text) < 10 else otherwise
