""".xlsx: cells and marks of a workbook, read from its parts in one pass.

What a cell means is what Excel shows: numbers at 15 digits, days as dates, shares in per cent; formulas by the value
that was kept. A formula of which none was kept, or whose writer left it to be computed, is marked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_COLUMNS
from mujun.records.sheets.archive import Archive, local
from mujun.records.sheets.number_formats import PLAIN, NumberFormat, number_shown
from mujun.records.sheets.open_xml_shared import NO_STYLE, RichText, shared_texts, styles_of, unescaped, whole_number
from mujun.records.sheets.package import relations, workbook_part
from mujun.records.sheets.sheet import Grid, Sheet, check_comments


def open_xml_sheets(archive: Archive, place: Place) -> list[Sheet]:
    """All worksheets of a workbook.

    Raises:
        InputError: what stops the whole file.
    """
    main = workbook_part(archive)
    book = _Book(archive, main, place)
    sheets = []
    for entry in book.entries:
        grid = Grid(Place(file=place.file, sheet=entry.name))
        _read_sheet(book, entry.part, grid)
        for part, threaded in _comment_parts(archive, entry.part):
            grid.comments.update(_comments(archive, part, threaded=threaded, place=grid.place))
        sheets.append(grid.sheet(entry.name, hidden=entry.hidden, epoch_1904=book.epoch_1904))
    return sheets


# -------------------------------------------------------------------------------------------------------- the workbook


@dataclass(frozen=True)
class _Entry:
    name: str
    part: str
    hidden: bool


_NO_CALCULATOR = "124519"
"""The calculator's version that the two Python writers name. They compute nothing: a value other than 0 that one of
them kept beside a formula was given with it, where other programs keep what an older formula came to."""


class _Book:
    """What all sheets share."""

    def __init__(self, archive: Archive, main: str, place: Place):
        self.archive, self.place = archive, place
        self.epoch_1904 = False
        self.computed_on_opening = self.values_given = False
        self.entries: list[_Entry] = []
        related = relations(archive, main)
        archive.parse(main, lambda tag, given: self._start(tag, given, related))
        parts = {kind: target for kind, target, _ in related.values()}
        self.styles = styles_of(archive, parts["styles"]) if parts.get("styles", "") in archive else []
        shared = parts.get("sharedStrings", "")
        self.texts, self.texts_struck = shared_texts(archive, shared, place) if shared in archive else ([], set())

    def _start(self, tag: str, given: dict[str, str], relations: dict[str, tuple[str, str, bool]]) -> None:
        match local(tag):
            case "workbookPr":
                self.epoch_1904 = _true(given.get("date1904"))
            case "calcPr":
                self.computed_on_opening = _true(given.get("fullCalcOnLoad"))
                self.values_given = given.get("calcId") == _NO_CALCULATOR
            case "sheet":
                self._sheet(given, relations)

    def _sheet(self, given: dict[str, str], relations: dict[str, tuple[str, str, bool]]) -> None:
        ids = [value for key, value in given.items() if local(key) == "id" and ":" in key]
        kind, part, _ = relations.get(ids[0] if ids else "", ("", "", False))
        if not kind and (guess := f"xl/worksheets/sheet{len(self.entries) + 1}.xml") in self.archive:
            kind, part = "worksheet", guess
        if kind in ("chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet"):
            return
        if part not in self.archive:
            raise InputError(problem("file_broken", self.place))
        hidden = given.get("state", "visible") != "visible"
        self.entries.append(_Entry(given.get("name", ""), part, hidden))


def _true(value: str | None) -> bool:
    return value in ("1", "true", "on")


# ----------------------------------------------------------------------------------------------------------- one sheet

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


def _position(address: str) -> tuple[int, int]:
    """Row and column of `B5`, from 0; -1 where it is no address."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return -1, -1
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


class _SheetReader:
    """The handlers of one sheet's parser; its cells go into a grid."""

    def __init__(self, book: _Book, grid: Grid):
        self.book, self.grid = book, grid
        self.row, self.column = -1, -1
        self.computed_on_opening = book.computed_on_opening
        self.columns: dict[str, int] = {}
        self.tags: dict[str, str] = {}
        self.in_cell = False
        self.collecting = False
        self.pieces: list[str] = []
        self.kind, self.style = "", NO_STYLE
        self.formula = False
        self.kept = False
        self.rich: RichText | None = None
        self.hides_columns: list[tuple[int, int]] = []

    def start(self, tag: str, given: dict[str, str]) -> None:
        name = self.tags.get(tag) or self.tags.setdefault(tag, local(tag))
        if name == "c":
            self._cell(given)
        elif self.in_cell:
            if name == "v":
                self.collecting, self.kept = True, True
            elif name == "f":
                self.formula = True
            elif name == "is":
                self.rich = RichText()
            elif self.rich is not None:
                self.rich.start(name, given)
        elif name == "row":
            self._row(given)
        else:
            self._other(name, given)

    def _cell(self, given: dict[str, str]) -> None:
        self.column += 1
        address = given.get("r")
        if address is not None:
            letters = address.rstrip("0123456789")
            column = self.columns.get(letters)
            if column is None:
                column = self.columns[letters] = _position(f"{letters}1")[1]
            self.column = column if column >= 0 else self._broken()
            row = address[len(letters) :]
            if row != self.row_text and row.isdigit():
                self.row, self.row_text = int(row) - 1, row
        self.in_cell = True
        self.kind = given.get("t", "n")
        style = given.get("s")
        if style is None:
            self.style = NO_STYLE
        else:
            at = int(style) if style.isdigit() else -1
            self.style = self.book.styles[at] if 0 <= at < len(self.book.styles) else NO_STYLE
        self.formula = self.kept = False
        self.rich = None
        self.pieces.clear()

    row_text = ""

    def _broken(self) -> NoReturn:
        raise InputError(problem("file_broken", self.grid.place))

    def _row(self, given: dict[str, str]) -> None:
        number = given.get("r", "")
        self.row = int(number) - 1 if number.isdigit() and 0 < len(number) < 9 and number != "0" else self.row + 1
        self.row_text, self.column = str(self.row + 1), -1
        if ("hidden" in given or "ht" in given) and (_true(given.get("hidden")) or _zero(given.get("ht"))):
            self.grid.hide_row(self.row)

    def _other(self, name: str, given: dict[str, str]) -> None:
        if name == "mergeCell":
            first, _, last = given.get("ref", "").partition(":")
            (top, left), (bottom, right) = _position(first), _position(last or first)
            if min(top, left, bottom, right) >= 0:
                self.grid.merge(min(top, bottom), min(left, right), max(top, bottom), max(left, right))
        elif name == "col" and (_true(given.get("hidden")) or _zero(given.get("width"))):
            begin, end = whole_number(given.get("min")), min(whole_number(given.get("max")), MAX_COLUMNS)
            self.grid.hidden_columns.update(range(max(begin - 1, 0), end))
        elif name == "filterColumn":
            self.grid.filtered = True
        elif name == "sheetCalcPr":
            self.computed_on_opening |= _true(given.get("fullCalcOnLoad"))

    def text(self, piece: str) -> None:
        if self.collecting:
            self.pieces.append(piece)
        elif self.rich is not None:
            self.rich.text(piece)

    def end(self, tag: str) -> None:
        name = self.tags[tag]
        if name == "v":
            self.collecting = False
        elif name == "c":
            self.in_cell = False
            if self.pieces or self.rich is not None or self.formula:
                self._finish()
        elif self.rich is not None:
            self.rich.end(name)

    def _finish(self) -> None:
        at = (self.row, self.column)
        kind, style, grid = self.kind, self.style, self.grid
        kept = "".join(self.pieces)
        struck = style.struck
        shown = kept
        if kind == "s":
            index = int(kept) if kept.isdigit() and len(kept) < 10 else -1
            texts = self.book.texts
            if not 0 <= index < len(texts):
                self._broken()
            shown = texts[index]
            struck = struck or index in self.book.texts_struck
        elif kind == "inlineStr":
            shown = self.rich.whole if self.rich is not None else unescaped(kept)
            struck = struck or (self.rich is not None and self.rich.struck)
        elif kind == "n":
            shown = self._number(kept, style.form, at) if kept.strip() else ""
        elif kind == "str":
            shown = unescaped(kept)
        elif kind == "b":
            shown = "TRUE" if kept.strip() in ("1", "true") else "FALSE"
        elif kind == "d":
            shown = kept.replace("T", " ").removesuffix("Z")
        if self.formula and self._is_uncomputed(at, kind, kept):
            return
        if shown:
            grid.put(at[0], at[1], shown)
            if struck:
                grid.struck.add(at)

    def _number(self, kept: str, form: NumberFormat, at: tuple[int, int]) -> str:
        if len(kept) < 16 and form is PLAIN and kept.isdigit() and (kept[0] != "0" or kept == "0"):
            return kept
        try:
            value = float(kept)
        except ValueError:
            return kept
        return number_shown(value, form, self.grid, at, epoch_1904=self.book.epoch_1904)

    def _is_uncomputed(self, at: tuple[int, int], kind: str, kept: str) -> bool:
        """Whether a formula has no value of its own; either way it is marked."""
        # A text formula that gave "" keeps an empty value and says that it is a text; one never computed says nothing.
        # Programs that compute nothing themselves leave nothing or 0, and ask that all be computed on opening.
        blank = not kept.strip()
        if (blank and kind != "str") or (self.computed_on_opening and (blank or kept.strip() == "0")):
            self.grid.reach(*at)
            self.grid.uncomputed.add(at)
            return True
        self.grid.formulas.add(at)
        if self.computed_on_opening and not self.book.values_given and kind != "e":
            self.grid.doubtful.add(at)
        return False


def _zero(size: str | None) -> bool:
    return size is not None and re.fullmatch(r"0+(\.0*)?", size) is not None


def _read_sheet(book: _Book, part: str, grid: Grid) -> None:
    reader = _SheetReader(book, grid)
    book.archive.parse(part, reader.start, reader.end, reader.text)


# ------------------------------------------------------------------------------------------------------------- comments


def _comment_parts(archive: Archive, part: str) -> Sequence[tuple[str, bool]]:
    """The parts with notes of a sheet, old ones first; whether each is a thread of remarks."""
    kinds = {"comments": False, "threadedComment": True}
    parts = [
        (target, kinds[kind])
        for kind, target, outside in relations(archive, part).values()
        if kind in kinds and not outside and target in archive
    ]
    return sorted(parts, key=lambda entry: entry[1])


def _comments(archive: Archive, part: str, *, threaded: bool, place: Place) -> dict[tuple[int, int], str]:
    """Notes by cell; of a thread all remarks, one after the other."""
    notes: dict[tuple[int, int], str] = {}
    at = (-1, -1)
    pieces: list[str] = []
    opening, reading = ("threadedComment", "text") if threaded else ("comment", "t")
    inside = False

    def start(tag: str, given: dict[str, str]) -> None:
        nonlocal at, inside
        name = local(tag)
        if name == opening:
            at = _position(given.get("ref", ""))
            pieces.clear()
        inside = name == reading

    def end(tag: str) -> None:
        nonlocal inside
        inside = False
        if local(tag) == opening and min(at) >= 0:
            note = " ".join("".join(pieces).split())
            notes[at] = f"{notes[at]} / {note}" if at in notes else note
            check_comments(notes, place)

    def text(piece: str) -> None:
        if inside:
            pieces.append(piece)

    archive.parse(part, start, end, text)
    return notes
