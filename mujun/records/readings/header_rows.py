"""The header of a table: up to four rows, groups over their members, units below their names, numbered columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from mujun.dataclass import dataclass
from mujun.fields import TABLES, Table
from mujun.records.headers import NOT_TAKEN_QUIETLY, is_unit, meaning, squeezed
from mujun.records.readings.senses import clean, sense_of
from mujun.records.readings.sub_words import word_of
from mujun.records.sheets import Sheet

MOST_ROWS = 4
"""Rows that a header has at most."""

Path = tuple[str, ...]
"""The texts above a column, the outermost first."""

_NUMBER = re.compile(r"[¥￥]?[+-]?[0-9][0-9,]*(?:\.[0-9]+)?%?")
_CODE = re.compile(r"[0-9A-Za-z]{15,20}")
_HINT = re.compile(r"[（(][0-9]{1,3}[)）](?:\s*[=＝].*)?|[0-9]{1,3}\s*[=＝].*|栏次|行次")
_LETTERS = ("甲", "乙", "丙", "丁", "戊", "己")


@dataclass(frozen=True)
class HeaderRows:
    """Where a header stands and what it says.

    Attributes:
        first: position of its uppermost row.
        after: position of the first row below it, past a row that numbers the columns.
        paths: per column of the sheet the texts above it, units left out; empty where there is none.
        units: per column the text of the unit row; empty where there is none.
        depth: how many rows it has.
    """

    first: int
    after: int
    paths: tuple[Path, ...]
    units: tuple[str, ...]
    depth: int

    def text(self, column: int) -> str:
        """A column's header in one line."""
        return " / ".join(self.paths[column])


def header_at(sheet: Sheet, at: int, tables: Sequence[Table], lo: int, hi: int, top: int) -> HeaderRows | None:
    """The header whose keys stand in a row, if it is one.

    Args:
        sheet: the sheet.
        at: the row.
        tables: which tables may be meant.
        lo, hi: the columns looked at, `hi` not among them.
        top: no row above this one belongs to it.
    """
    texts = _row(sheet, at, lo, hi)
    keys = [c for c, t in texts.items() if _is_key(t)]
    if not keys or len(texts) < 2 or any(_CODE.fullmatch(t) for t in texts.values()):
        return None
    last = at
    while last - at + 1 < MOST_ROWS and last + 1 < sheet.cells.height and _continues(sheet, at, last + 1, keys, lo, hi):
        last += 1
    header = _built(sheet, at, last, lo, hi)
    first = at
    while last - first + 1 < MOST_ROWS and first > top and _is_group_row(sheet, first - 1, keys, lo, hi):
        wider = _built(sheet, first - 1, last, lo, hi)
        if score(wider.paths, tables) < score(header.paths, tables):
            break
        header, first = wider, first - 1
    return header


def score(paths: Sequence[Path], tables: Sequence[Table]) -> int:
    """How many fields a header names, of the table of which it names most."""
    return max(len(fields_named(tuple(paths), t.name)) for t in tables)


@lru_cache(maxsize=2048)
def fields_named(paths: tuple[Path, ...], table: str) -> frozenset[str]:
    """The fields of a table that a header names."""
    headers = (sense_of(p, table).header for p in paths if p)
    return frozenset(h.field.name for h in headers if h is not None)


# ------------------------------------------------------------------------------------------------------------- the rows


def _row(sheet: Sheet, at: int, lo: int, hi: int) -> dict[int, str]:
    """The filled cells of a row, by column."""
    return {c: t for c, t in enumerate(sheet.texts(at)) if t and lo <= c < hi}


@lru_cache(maxsize=4096)
def _is_key(text: str) -> bool:
    """Whether a text names a column that is no figure, in any table: a code, a name, a year, a counter."""
    text = clean(text)
    if squeezed(text) in NOT_TAKEN_QUIETLY:
        return True
    return any((h := meaning(text, name)) is not None and h.field.kind != "quantity" for name in TABLES)


@lru_cache(maxsize=4096)
def _known(text: str) -> bool:
    text = clean(text)
    return is_unit(text) or word_of(text) is not None or any(sense_of((text,), name).header for name in TABLES)


def _continues(sheet: Sheet, top: int, at: int, keys: Sequence[int], lo: int, hi: int) -> bool:
    """Whether a row below the first belongs to the header: no keys, no figures, names or units under their groups."""
    texts = {c: t for c, t in _row(sheet, at, lo, hi).items() if t not in ("-", "—", "/")}
    covered = _covered(sheet, at)
    texts = {c: t for c, t in texts.items() if c not in covered or covered[c] == (at, c)}
    if not texts:
        return False
    if any(len(t) > 30 or _CODE.fullmatch(t) for t in texts.values()):
        return False
    if all(_HINT.fullmatch(t) for t in texts.values()):
        return False
    if any(_NUMBER.fullmatch(t) and not re.fullmatch(r"20[0-9]{2}", t) for t in texts.values()):
        return False
    if any(c in keys and not is_unit(t) for c, t in texts.items()):
        return False
    one_text = len(set(texts.values())) == 1 and not all(is_unit(t) for t in texts.values())
    if one_text and (len(texts) > 1 or _width(sheet, at, min(texts)) > max(2, (hi - lo) // 2)):
        return False  # a title over the whole width
    above = _filled(sheet, top, at - 1, lo, hi)
    under_group = [c for c in texts if above.get(c) and sum(above.get(o) == above[c] for o in texts) > 1]
    return bool(under_group) or any(_known(t) for t in texts.values())


def _is_group_row(sheet: Sheet, at: int, keys: Sequence[int], lo: int, hi: int) -> bool:
    """Whether a row above the keys holds groups: texts over some of the columns, none over the keys, no title."""
    texts = _row(sheet, at, lo, hi)
    if not texts or any(
        len(t) > 20 or _NUMBER.fullmatch(t) or re.search(r"单位\s*[:：]|日期|填报|制表", t) for t in texts.values()
    ):
        return False
    first = min(keys)
    if any(c == first for c in texts):
        return False
    spans = [_width(sheet, at, c) for c in texts]
    return any(1 < s < hi - lo for s in spans) or (not _merged(sheet, at) and len(texts) > 1)


def _built(sheet: Sheet, first: int, last: int, lo: int, hi: int) -> HeaderRows:
    grid = [_filled_row(sheet, r, first, last, lo, hi) for r in range(first, last + 1)]
    width = sheet.cells.width
    paths: list[Path] = []
    units: list[str] = []
    for c in range(width):
        pieces: list[str] = []
        unit = ""
        for depth, row in enumerate(grid):
            text = row.get(c, "")
            if not text or (pieces and squeezed(pieces[-1]) == squeezed(text)):
                continue
            if depth and pieces and is_unit(text) and word_of(text) is None:
                unit = text.strip("()（）[]【】 ")
                continue
            pieces.append(text)
        paths.append(tuple(pieces))
        units.append(unit)
    return HeaderRows(first, _after_numbering(sheet, last + 1), tuple(paths), tuple(units), last - first + 1)


def _filled_row(sheet: Sheet, at: int, first: int, last: int, lo: int, hi: int) -> dict[int, str]:
    """A header row with what merged cells, or groups without merged cells, say for the columns beside them."""
    texts = _row(sheet, at, lo, hi)
    covered = _covered(sheet, at)
    filled = dict(texts)
    for c, (top, left) in covered.items():
        if lo <= c < hi and first <= top:
            filled[c] = sheet.cells[f"c{left}"][top] or ""
    if at < last and not _merged(sheet, at):
        # Text files and careless workbooks: a group stands over its first member only.
        below = _row(sheet, at + 1, lo, hi)
        group, begun = "", False
        for c in range(lo, hi):
            if texts.get(c):
                group, begun = texts[c], c in below
            elif group and begun and c in below and not is_unit(below[c]):
                filled[c] = group
            else:
                begun = False
    return filled


def _filled(sheet: Sheet, first: int, last: int, lo: int, hi: int) -> dict[int, str]:
    """Per column the lowest text of some header rows."""
    texts: dict[int, str] = {}
    for r in range(first, last + 1):
        texts |= {c: t for c, t in _filled_row(sheet, r, first, last + 1, lo, hi).items() if t}
    return texts


def _covered(sheet: Sheet, at: int) -> dict[int, tuple[int, int]]:
    """The columns of a row that lie in a merged range, with the cell that holds its text."""
    merges = sheet.marks.merges_by_row.get(at, ())
    return {c: (m.top, m.left) for m in merges for c in range(m.left, m.right + 1)}


def _merged(sheet: Sheet, at: int) -> bool:
    return any(m.right > m.left for m in sheet.marks.merges_by_row.get(at, ()))


def _width(sheet: Sheet, at: int, column: int) -> int:
    spans = (m.right - m.left + 1 for m in sheet.marks.merges_by_row.get(at, ()) if m.left <= column <= m.right)
    return next(spans, 1)


def _after_numbering(sheet: Sheet, at: int) -> int:
    """Past a row that only numbers the columns (甲, 乙, 1, 2, 3; `(3)=(1)+(2)`), as statistical forms have it."""
    if at >= sheet.cells.height:
        return at
    filled = [t for t in sheet.texts(at) if t]
    if filled and all(_HINT.fullmatch(t) for t in filled):
        return at + 1
    numbers = [int(t) for t in filled if re.fullmatch(r"[0-9]{1,3}", t)]
    letters = [t for t in filled if t in _LETTERS]
    counted = numbers == list(range(1, len(numbers) + 1)) and len(numbers) + len(letters) == len(filled)
    return at + 1 if counted and len(filled) > 2 else at
