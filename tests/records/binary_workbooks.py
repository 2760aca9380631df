"""Writes .xlsb (MS-XLSB) for tests: no program at hand does. fastexcel, in another language, reads what it writes."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>
<Override PartName="/xl/worksheets/sheet1.bin" ContentType="application/vnd.ms-excel.worksheet"/>
<Override PartName="/xl/styles.bin" ContentType="application/vnd.ms-excel.styles"/>
<Override PartName="/xl/comments1.bin" ContentType="application/vnd.ms-excel.comments"/>
<Override PartName="/xl/sharedStrings.bin" ContentType="application/vnd.ms-excel.sharedStrings"/></Types>"""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _relations(*targets: tuple[str, str, str]) -> str:
    lines = [f'<Relationship Id="{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in targets]
    ns = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<?xml version="1.0"?><Relationships xmlns="{ns}">{"".join(lines)}</Relationships>'


def record(number: int, body: bytes = b"") -> bytes:
    return _varying(number) + _varying(len(body)) + body


def _varying(value: int) -> bytes:
    out = bytearray()
    while True:
        out.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)


def wide(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<I", len(data) // 2) + data


@dataclass(frozen=True)
class Formula:
    """A formula by the value it keeps."""

    value: float | str | bool


@dataclass(frozen=True)
class Shared:
    """A text by its number among the shared ones."""

    index: int


@dataclass(frozen=True)
class Error:
    """An error by its number."""

    number: int


@dataclass(frozen=True)
class Packed:
    """Four bytes that hold a number."""

    raw: int


@dataclass(frozen=True)
class Cell:
    """A value with the number of its style: 0 plain, 1 struck through, 2 a date, 3 per cent, 4 thousands."""

    value: object
    style: int = 0


@dataclass
class Book:
    """A workbook of one sheet."""

    rows: Mapping[int, Mapping[int, object]]
    shared: Iterable[str] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    merges: tuple[tuple[int, int, int, int], ...] = ()
    filtered: bool = False
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    hidden: bool = False
    epoch_1904: bool = False
    more: bytes = b""

    def content(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", TYPES)
            archive.writestr("_rels/.rels", _relations(("r1", "officeDocument", "xl/workbook.bin")))
            archive.writestr("xl/workbook.bin", self._workbook())
            archive.writestr(
                "xl/_rels/workbook.bin.rels",
                _relations(
                    ("rId1", "worksheet", "worksheets/sheet1.bin"), ("rId2", "styles", "styles.bin"),
                    ("rId3", "sharedStrings", "sharedStrings.bin"),
                ),
            )  # fmt: skip
            archive.writestr("xl/styles.bin", _styles())
            texts = b"".join(record(19, b"\0" + wide(t)) for t in self.shared)
            counts = struct.pack("<II", len(tuple(self.shared)), len(tuple(self.shared)))
            archive.writestr("xl/sharedStrings.bin", record(159, counts) + texts + record(160))
            archive.writestr("xl/worksheets/sheet1.bin", self._sheet())
            if self.comments:
                archive.writestr(
                    "xl/worksheets/_rels/sheet1.bin.rels", _relations(("c", "comments", "../comments1.bin"))
                )
                archive.writestr("xl/comments1.bin", self._comments())
        return out.getvalue()

    def write(self, path: Path) -> Path:
        path.write_bytes(self.content())
        return path

    def _workbook(self) -> bytes:
        sheet = struct.pack("<II", int(self.hidden), 1) + wide("rId1") + wide("税收")
        about = record(153, struct.pack("<III", int(self.epoch_1904), 0, 0) + wide(""))
        return record(131) + about + record(143) + record(156, sheet) + record(144) + record(132)

    def _sheet(self) -> bytes:
        heights = sorted({*self.rows, *self.hidden_rows})
        last = max((max(c, default=0) for c in self.rows.values()), default=0)
        parts = [record(129), record(148, struct.pack("<IIII", min(heights), max(heights), 0, last))]
        if self.hidden_columns:
            columns = [struct.pack("<IIIIH", a, b, 2340, 0, 1) for a, b in self.hidden_columns]
            parts += [record(390), *(record(60, c) for c in columns), record(391)]
        parts.append(record(145))
        for row in heights:
            flags = 0x1000 if row in self.hidden_rows else 0
            parts.append(record(0, struct.pack("<IIHHBI", row, 0, 300, flags, 0, 0)))
            parts += [_cell(column, value) for column, value in self.rows.get(row, {}).items()]
        parts += [self.more, record(146)]
        if self.filtered:
            parts += [record(161, b"\0" * 16), record(163, b"\0" * 6), record(164), record(162)]
        if self.merges:
            merged = [struct.pack("<IIII", t, b, left, right) for t, left, b, right in self.merges]
            parts += [record(177, struct.pack("<I", len(merged))), *(record(176, m) for m in merged), record(178)]
        return b"".join([*parts, record(130)])

    def _comments(self) -> bytes:
        parts = [record(628), record(630), record(632, wide("甲")), record(631), record(633)]
        for (row, column), text in self.comments.items():
            parts.append(record(635, struct.pack("<IIIII", 0, row, row, column, column) + b"\0" * 16))
            parts += [record(637, b"\0" + wide(text)), record(636)]
        return b"".join([*parts, record(634), record(629)])


def _cell(column: int, given: object) -> bytes:
    value, style = (given.value, given.style) if isinstance(given, Cell) else (given, 0)
    head = struct.pack("<II", column, style)
    no_formula = struct.pack("<HI", 0, 3) + b"\x1e\x01\0" + struct.pack("<I", 0)
    match value:
        case Formula(bool(v)):
            return record(10, head + bytes([v]) + no_formula)
        case Formula(str(v)):
            return record(8, head + wide(v) + no_formula)
        case Formula(v):
            return record(9, head + struct.pack("<d", v) + no_formula)
        case Shared(index):
            return record(7, head + struct.pack("<I", index))
        case Error(number):
            return record(3, head + bytes([number]))
        case Packed(raw):
            return record(2, head + struct.pack("<I", raw))
        case bool(v):
            return record(4, head + bytes([v]))
        case str(v):
            return record(6, head + wide(v))
        case int(v) | float(v):
            return record(5, head + struct.pack("<d", v))
    raise TypeError(value)


def _styles() -> bytes:
    def font(flags: int) -> bytes:
        return record(43, struct.pack("<HHHHBBBB", 220, flags, 400, 0, 0, 2, 134, 0) + b"\0" * 8 + b"\0" + wide("宋体"))

    def style(form: int, font_at: int, parent: int = 0) -> bytes:
        return record(47, struct.pack("<HHHHHBBHH", parent, form, font_at, 0, 0, 0, 0, 0, 0x3F))

    thousands = record(44, struct.pack("<H", 164) + wide("#,##0.0,"))
    cells = style(0, 0) + style(0, 1) + style(14, 0) + style(10, 0) + style(164, 0)
    fonts = record(611, struct.pack("<I", 2)) + font(0) + font(8) + record(612)
    parents = record(626, struct.pack("<I", 1)) + style(0, 0, 0xFFFF) + record(627)
    forms = record(615, struct.pack("<I", 1)) + thousands + record(616)
    cell_styles = record(617, struct.pack("<I", 5)) + cells + record(618)
    return record(278) + forms + fonts + parents + cell_styles + record(279)
