"""A sheet as a person sees it: cells, what is merged, hidden, struck out, noted, computed, formatted."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_NAMES = "甲机械厂 乙纺织公司 丙轴承厂 丁电器公司 戊领带厂 己茶机公司 庚厨具厂 辛塑料公司 壬印染厂"
NAMES = tuple(f"示例{n}" for n in _NAMES.split())


def with_check(body: str) -> str:
    """Seventeen characters and the check character of GB 32100-2015."""
    weighed = sum(CHARACTERS.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + CHARACTERS[-weighed % 31]


def code(number: int) -> str:
    """The credit code of firm `number`: right by its check character, of no real firm."""
    return with_check(f"91330683XXXX{number:05d}")


def name(number: int) -> str:
    """The name of firm `number`."""
    return NAMES[number - 1] if number <= len(NAMES) else f"示例{number}号工厂"


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        value: what is in it: text, an exact number, a date, nothing.
        formula: the formula that gives it, without `=`.
        kept: whether a formula's value is kept in the file.
        shape: its number format.
        note: a comment on it.
        struck: whether it is struck out.
    """

    value: str | Decimal | datetime.date | None = None
    formula: str = ""
    kept: bool = True
    shape: str = ""
    note: str = ""
    struck: bool = False

    @property
    def shown(self) -> str:
        """What text files and web pages have of it."""
        if self.value is None:
            return ""
        return f"{self.value:f}" if isinstance(self.value, Decimal) else str(self.value)


Span = tuple[int, int]


@dataclass(frozen=True)
class Sheet:
    """One sheet; rows and columns are counted from 0, `spans` has the top left cell of what is merged."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    spans: dict[Span, Span] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    filtered_rows: frozenset[int] = frozenset()
    struck_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return max((len(row) for row in self.rows), default=0)

    def cells(self) -> Iterator[tuple[int, int, Cell]]:
        """Every cell with its place; what a merged cell covers is empty."""
        for r, row in enumerate(self.rows):
            for c, cell in enumerate(row):
                yield r, c, cell

    def covered(self) -> set[Span]:
        """The places that a merged cell covers, but for its own."""
        return {
            (r + i, c + j)
            for (r, c), (height, width) in self.spans.items()
            for i in range(height)
            for j in range(width)
            if (i, j) != (0, 0)
        }

    def is_struck(self, row: int, cell: Cell) -> bool:
        """Whether a cell is struck out, alone or with its row."""
        return cell.struck or row in self.struck_rows


_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")
_DATE = re.compile(r"d:(\d{4})-(\d\d)-(\d\d)")
_FIRM = re.compile(r"([@#])(\d{1,3})(?!\d)")
_MARKS = re.compile(r"\{(fmt|note|struck)\s*([^{}]*)\}")
_ROW_MARKS = re.compile(r"\[(hidden|filtered|struck)\]\s*")


def firms_named(text: str) -> str:
    """`@7` is the code of firm 7, `#7` its name, `&#64;` a true @."""
    return _FIRM.sub(lambda m: code(int(m[2])) if m[1] == "@" else name(int(m[2])), text).replace("&#64;", "@")


def _value(text: str) -> str | Decimal | datetime.date | None:
    if not text:
        return None
    if dated := _DATE.fullmatch(text):
        return datetime.date(int(dated[1]), int(dated[2]), int(dated[3]))
    if text.startswith("'"):
        return firms_named(text[1:])
    return Decimal(text) if _NUMBER.fullmatch(text) else firms_named(text)


def in_short(text: str) -> str:
    """The codes of firms in a text as cases write them."""
    return re.sub(r"91330683XXXX(\d{5})[0-9A-Z]", lambda m: f"@{int(m[1])}", text)


def cell_of(text: str) -> Cell:
    """A cell as a case writes it: `12.5`, `'12.5` (text), `d:2022-03-05`, `=5+5`, `=5+5 → 10`, `10 {note 剔除}`."""
    marks = {m[1]: m[2].strip() for m in _MARKS.finditer(text)}
    plain = _MARKS.sub("", text).strip()
    formula, kept, value = "", True, plain
    if plain.startswith("=") and not plain.startswith('="'):
        formula, arrow, value = (part.strip() for part in plain[1:].partition("→"))
        kept = bool(arrow)
    return Cell(
        _value(value),
        formula=firms_named(formula),
        kept=kept,
        shape=marks.get("fmt", ""),
        note=marks.get("note", ""),
        struck="struck" in marks,
    )


def sheet_of(name: str, lines: list[str], hidden_columns: str = "", *, hidden: bool = False) -> Sheet:
    """A sheet from the lines of a case: cells between `|`, `<` joined leftwards, `^` upwards, `.` an empty row."""
    marked: dict[str, set[int]] = {"hidden": set(), "filtered": set(), "struck": set()}
    texts: list[list[str]] = []
    for r, line in enumerate(lines):
        while mark := _ROW_MARKS.match(line):
            marked[mark[1]].add(r)
            line = line[mark.end() :]
        texts.append([] if line.strip() == "." else [part.strip() for part in line.split("|")])
    width = max((len(row) for row in texts), default=0)
    return Sheet(
        name,
        tuple(tuple(Cell() if t in ("<", "^") else cell_of(t) for t in row) for row in texts),
        spans=_spans(texts, width),
        hidden_rows=frozenset(marked["hidden"]),
        filtered_rows=frozenset(marked["filtered"]),
        struck_rows=frozenset(marked["struck"]),
        hidden_columns=frozenset(ord(c) - ord("A") for c in hidden_columns.replace(" ", "")),
        hidden=hidden,
    )


def _spans(texts: list[list[str]], width: int) -> dict[Span, Span]:
    def at(r: int, c: int) -> str:
        return texts[r][c] if r < len(texts) and c < len(texts[r]) else ""

    spans: dict[Span, Span] = {}
    for r in range(len(texts)):
        for c in range(width):
            if at(r, c) in ("<", "^"):
                continue
            across = 1
            while at(r, c + across) == "<":
                across += 1
            down = 1
            while at(r + down, c) == "^":
                down += 1
            if (down, across) != (1, 1):
                spans[r, c] = (down, across)
    return spans
