""".xlsb: cells and marks of workbooks in Excel's binary format (MS-XLSB), read from their records in one pass.

The parts are those of an .xlsx, each a stream of records: a number, a length, and so many bytes. Every bound is held
while records come in. What is not to be seen in this format: whether a formula was ever computed (each keeps a value;
the programs that write the format compute), and texts of which only a run is struck through.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_COLUMNS, MAX_TEXT
from mujun.records.sheets.archive import Archive
from mujun.records.sheets.number_formats import ERRORS, PLAIN, NumberFormat, number_format, number_shown
from mujun.records.sheets.package import relations, workbook_part
from mujun.records.sheets.sheet import Grid, Sheet, check_comments

_ROW, _COLUMN, _MERGE, _FILTERED = 0, 60, 176, 163
_CELLS = frozenset((2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 62))
_FORMULAS = frozenset((8, 9, 10, 11))
_SHEET, _WORKBOOK_PROPERTIES = 156, 153
_SHARED_TEXT = 19
_FONT, _FORMAT, _CELL_STYLES, _CELL_STYLES_END, _STYLE = 43, 44, 617, 618, 47
_COMMENT, _COMMENT_TEXT = 635, 637

_ROW_HIDDEN, _COLUMN_HIDDEN, _STRUCK, _FROM_1904 = 0x1000, 0x0001, 0x0008, 0x0001
_NULL = 0xFFFFFFFF


@dataclass(frozen=True)
class _Style:
    form: NumberFormat
    struck: bool


_NO_STYLE = _Style(PLAIN, struck=False)


def binary_workbook_sheets(archive: Archive, place: Place) -> list[Sheet]:
    """All worksheets of a workbook.

    Raises:
        InputError: what stops the whole file.
    """
    try:
        return _Book(archive, place).sheets()
    except (struct.error, IndexError, UnicodeDecodeError):
        # A record shorter than what stands in it.
        raise InputError(problem("file_broken", place)) from None


def _records(archive: Archive, part: str) -> Iterator[tuple[int, bytes]]:
    """The records of a part: number and content. Both number and length have seven bits to a byte, low ones first."""
    held = bytearray()
    for piece in archive.chunks(part):
        held += piece
        at = 0
        while (head := _head(held, at)) is not None:
            number, begin, length = head
            if len(held) < begin + length:
                break
            yield number, bytes(held[begin : begin + length])
            at = begin + length
        del held[:at]
    if held:
        raise InputError(problem("file_broken", archive.place))


def _head(held: bytearray, at: int) -> tuple[int, int, int] | None:
    number, at, complete = _varying(held, at, 2)
    length, at, whole = _varying(held, at, 4)
    return (number, at, length) if complete and whole else None


def _varying(held: bytearray, at: int, most: int) -> tuple[int, int, bool]:
    value = 0
    for i in range(most):
        if at >= len(held):
            return 0, at, False
        byte = held[at]
        at += 1
        value |= (byte & 0x7F) << (7 * i)
        if not byte & 0x80:
            break
    return value, at, True


def _text(body: bytes, at: int) -> tuple[str, int]:
    """A text and where it ends: its length in characters of two bytes, then these."""
    (length,) = struct.unpack_from("<I", body, at)
    if length == _NULL:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(body):
        raise IndexError
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


class _Book:
    """A workbook's parts, and what all its sheets share."""

    def __init__(self, archive: Archive, place: Place):
        self.archive, self.place = archive, place
        self.main = workbook_part(archive)
        self.related = relations(archive, self.main)
        self.epoch_1904 = False
        parts = {kind: target for kind, target, _ in self.related.values()}
        styles, shared = parts.get("styles", ""), parts.get("sharedStrings", "")
        self.styles = self._styles(styles) if styles in archive else []
        self.texts = self._texts(shared) if shared in archive else []

    def sheets(self) -> list[Sheet]:
        """The worksheets, in the workbook's order."""
        listed: list[tuple[str, str, bool]] = []
        for number, body in _records(self.archive, self.main):
            if number == _WORKBOOK_PROPERTIES:
                self.epoch_1904 = bool(struct.unpack_from("<I", body)[0] & _FROM_1904)
            elif number == _SHEET:
                relation, end = _text(body, 8)
                name, _ = _text(body, end)
                kind, part, _ = self.related.get(relation, ("", "", False))
                if kind == "worksheet":
                    listed.append((name, part, bool(struct.unpack_from("<I", body)[0])))
        return [self._sheet(name, part, hidden=hidden) for name, part, hidden in listed]

    def _styles(self, part: str) -> list[_Style]:
        codes: dict[int, str] = {}
        fonts: list[bool] = []
        styles: list[_Style] = []
        of_cells = False
        for number, body in _records(self.archive, part):
            if number == _FORMAT:
                codes[struct.unpack_from("<H", body)[0]] = _text(body, 2)[0]
            elif number == _FONT:
                fonts.append(bool(struct.unpack_from("<H", body, 2)[0] & _STRUCK))
            elif number in (_CELL_STYLES, _CELL_STYLES_END):
                of_cells = number == _CELL_STYLES
            elif number == _STYLE and of_cells:
                _, form, font = struct.unpack_from("<HHH", body)
                styles.append(_Style(number_format(form, codes.get(form)), font < len(fonts) and fonts[font]))
        return styles

    def _texts(self, part: str) -> list[str]:
        texts, held = [], 0
        for number, body in _records(self.archive, part):
            if number == _SHARED_TEXT:
                texts.append(_text(body, 1)[0])
                held += len(texts[-1])
                if held > MAX_TEXT:
                    raise InputError(problem("too_much_text", self.place, limit=MAX_TEXT // 2**20))
        return texts

    def _sheet(self, name: str, part: str, *, hidden: bool) -> Sheet:
        grid = Grid(Place(file=self.place.file, sheet=name))
        row = -1
        for number, body in _records(self.archive, part):
            if number in _CELLS:
                self._cell(number, body, row, grid)
            elif number == _ROW:
                row, _, height, flags = struct.unpack_from("<IIHH", body)
                if flags & _ROW_HIDDEN or height == 0:
                    grid.hide_row(row)
            elif number == _COLUMN:
                first, last, width, _, flags = struct.unpack_from("<IIIIH", body)
                if flags & _COLUMN_HIDDEN or width == 0:
                    grid.hidden_columns.update(range(first, min(last, MAX_COLUMNS) + 1))
            elif number == _MERGE:
                top, bottom, left, right = struct.unpack_from("<IIII", body)
                grid.merge(top, left, bottom, right)
            elif number == _FILTERED:
                grid.filtered = True
        for kind, target, _ in relations(self.archive, part).values():
            if kind == "comments" and target in self.archive:
                grid.comments.update(self._comments(target))
        return grid.sheet(name, hidden=hidden, epoch_1904=self.epoch_1904)

    def _cell(self, number: int, body: bytes, row: int, grid: Grid) -> None:
        column, style_at = struct.unpack_from("<II", body)
        style_at &= 0xFFFFFF
        style = self.styles[style_at] if style_at < len(self.styles) else _NO_STYLE
        at = (row, column)
        if row < 0:
            raise IndexError
        match number:
            case 7:
                shown = self.texts[struct.unpack_from("<I", body, 8)[0]]
            case 6 | 8:
                shown = _text(body, 8)[0]
            case 62:
                shown = _text(body, 9)[0]
            case 3 | 11:
                shown = ERRORS.get(body[8], "#ERROR")
            case 4 | 10:
                shown = "TRUE" if body[8] else "FALSE"
            case _:
                value = _packed(body[8:12]) if number == 2 else struct.unpack_from("<d", body, 8)[0]
                shown = number_shown(value, style.form, grid, at, epoch_1904=self.epoch_1904)
        if number in _FORMULAS:
            grid.formulas.add(at)
        if shown:
            grid.put(row, column, shown)
            if style.struck:
                grid.struck.add(at)

    def _comments(self, part: str) -> dict[tuple[int, int], str]:
        comments: dict[tuple[int, int], str] = {}
        at = (-1, -1)
        for number, body in _records(self.archive, part):
            if number == _COMMENT:
                row, _, column = struct.unpack_from("<III", body, 4)
                at = (row, column)
            elif number == _COMMENT_TEXT and min(at) >= 0:
                comments[at] = " ".join(_text(body, 1)[0].split())
                check_comments(comments, self.place)
        return comments


def _packed(body: bytes) -> float:
    """A number in four bytes: an integer of 30 bits or the upper 30 of a double; it may count hundredths."""
    (raw,) = struct.unpack("<i", body)
    value = float(raw >> 2) if raw & 2 else struct.unpack("<d", struct.pack("<Q", (raw & 0xFFFFFFFC) << 32))[0]
    return float(value / 100 if raw & 1 else value)
