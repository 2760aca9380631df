"""What the sheets of an .xlsx workbook share: the styles that cells name by position, and their texts."""

from __future__ import annotations

import re
from dataclasses import field

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_TEXT
from mujun.records.sheets.archive import Archive, local
from mujun.records.sheets.number_formats import PLAIN, NumberFormat, number_format


@dataclass(frozen=True)
class Style:
    """How a cell is shown."""

    form: NumberFormat
    struck: bool


NO_STYLE = Style(PLAIN, struck=False)


def styles_of(archive: Archive, part: str) -> list[Style]:
    """The styles that cells name by their position."""
    codes: dict[int, str] = {}
    fonts: list[bool] = []
    forms: list[tuple[int, int]] = []
    path: list[str] = []

    def start(tag: str, given: dict[str, str]) -> None:
        name = local(tag)
        within = path[-1] if path else ""
        path.append(name)
        if name == "numFmt" and within == "numFmts":
            codes[whole_number(given.get("numFmtId"))] = given.get("formatCode", "")
        elif name == "font" and within == "fonts":
            fonts.append(False)
        elif name == "strike" and within == "font" and path[-3] == "fonts":
            fonts[-1] = given.get("val", "1") not in ("0", "false", "off")
        elif name == "xf" and within == "cellXfs":
            forms.append((whole_number(given.get("numFmtId")), whole_number(given.get("fontId"))))

    def end(_: str) -> None:
        path.pop()

    archive.parse(part, start, end)
    return [
        Style(number_format(number, codes.get(number)), struck=font < len(fonts) and fonts[font])
        for number, font in forms
    ]


def whole_number(text: str | None) -> int:
    """A whole number as parts write it; 0 for anything else."""
    return int(text) if text and text.isdigit() and len(text) < 10 else 0


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    r"""A text with `_x000D_` as the sign it stands for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


@dataclass
class RichText:
    """One text, which may consist of runs; phonetic guides are no part of it."""

    pieces: list[str] = field(default_factory=list)
    runs: int = 0
    runs_struck: int = 0
    _reading: bool = False
    _guide: int = 0

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element within the text begins."""
        if name == "rPh":
            self._guide += 1
        elif name == "r":
            self.runs += 1
        elif name == "strike" and given.get("val", "1") not in ("0", "false", "off"):
            self.runs_struck += 1
        elif name == "t":
            self._reading = not self._guide

    def end(self, name: str) -> None:
        """An element within the text ends."""
        if name == "rPh":
            self._guide -= 1
        elif name == "t":
            self._reading = False

    def text(self, piece: str) -> None:
        """A piece of characters: of the text, or of what is no part of it."""
        if self._reading:
            self.pieces.append(piece)

    @property
    def whole(self) -> str:
        """All of it, as Excel shows it."""
        return unescaped("".join(self.pieces))

    @property
    def struck(self) -> bool:
        """Whether all of its runs are struck through."""
        return 0 < self.runs == self.runs_struck


def shared_texts(archive: Archive, part: str, place: Place) -> tuple[list[str], set[int]]:
    """The texts that cells share, and which of them are struck through as a whole."""
    texts: list[str] = []
    struck: set[int] = set()
    current: RichText | None = None
    held = 0

    def start(tag: str, given: dict[str, str]) -> None:
        nonlocal current
        name = local(tag)
        if name == "si":
            current = RichText()
        elif current is not None:
            current.start(name, given)

    def end(tag: str) -> None:
        nonlocal current, held
        name = local(tag)
        if current is None:
            return
        if name == "si":
            if current.struck:
                struck.add(len(texts))
            whole = current.whole
            held += len(whole)
            if held > MAX_TEXT:
                raise InputError(problem("too_much_text", place, limit=MAX_TEXT // 2**20))
            texts.append(whole)
            current = None
        else:
            current.end(name)

    def text(piece: str) -> None:
        if current is not None:
            current.text(piece)

    archive.parse(part, start, end, text)
    return texts, struck
