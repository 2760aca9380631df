"""The tables on a sheet: one, several under each other, several side by side, each with its header and titles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES, Table, headers_of
from mujun.records.headers import meaning
from mujun.records.limits import MAX_TITLE_ROWS
from mujun.records.readings.header_rows import HeaderRows, header_at, score
from mujun.records.readings.names_say import months_named, years_said
from mujun.records.readings.patterns import FOOT, TOTAL
from mujun.records.readings.units_said import in_line
from mujun.records.sheets import Sheet


@dataclass(frozen=True)
class Area:
    """Where one table lies on its sheet.

    Attributes:
        header: its header.
        lo, hi: its columns, `hi` not among them.
        end: position of the first row that is not its own any more.
        titles: positions of the rows above the header that are about this table.
        repeated: positions of rows in which the header stands again.
        beside: whether other tables stand beside it.
        start: position of its first row where a divider, not its header, stands above it.
    """

    header: HeaderRows
    lo: int
    hi: int
    end: int
    titles: tuple[int, ...]
    repeated: tuple[int, ...] = ()
    beside: bool = False
    start: int | None = None

    @property
    def first(self) -> int:
        """Position of the first row below the header, or below the divider that it begins with."""
        return self.header.after if self.start is None else self.start


def areas_of(sheet: Sheet, tables: Sequence[Table]) -> tuple[Area, ...]:
    """The tables on a sheet, from the top, and those side by side from the left; none where no header is found."""
    first = _first_header(sheet, tables)
    if first is None:
        return ()
    regions = _side_by_side(first)
    titles = tuple(r for r in _rows_from_top(sheet) if r < first.first)
    areas: list[Area] = []
    for lo, hi in regions:
        areas += _stacked(sheet, tables, first, titles, lo, hi, beside=len(regions) > 1)
    return tuple(sorted(areas, key=lambda a: (a.header.first, a.lo)))


def _rows_from_top(sheet: Sheet) -> list[int]:
    rows = [i for i in range(min(sheet.cells.height, MAX_TITLE_ROWS * 2)) if any(sheet.texts(i))]
    return rows[:MAX_TITLE_ROWS]


def _first_header(sheet: Sheet, tables: Sequence[Table]) -> HeaderRows | None:
    """The first header with two known names that has records below it; one that has none gives way to a better one."""
    best: HeaderRows | None = None
    best_score = 1
    for at in _rows_from_top(sheet):
        if best is not None and (at < best.after or _has_records(sheet, best, at)):
            if at >= best.after:
                break
            continue
        header = header_at(sheet, at, tables, 0, sheet.cells.width, 0)
        if header is not None and (score_here := score(header.paths, tables)) > best_score:
            best, best_score = header, score_here
    return best


def _has_records(sheet: Sheet, header: HeaderRows, until: int) -> bool:
    """Whether a row with a figure or a code stands between a header and another row."""
    return any(
        re.fullmatch(r"[0-9A-Za-z]{15,20}|[¥￥+-]?[0-9][0-9,]*(?:\.[0-9]+)?", text)
        for row in range(header.after, until + 1)
        for text in sheet.texts(row)
        if text
    )


def _side_by_side(header: HeaderRows) -> list[tuple[int, int]]:
    """The columns of each table where a row of headers holds several: the code stands in it more than once."""
    paths = header.paths
    leaves = [p[-1] if p else "" for p in paths]
    at = [
        i for i, t in enumerate(leaves) if t and (h := meaning(t, "tax")) is not None and h.field.name == "credit_code"
    ]
    starts = [0]
    for one, other in pairwise(at):
        back = 0
        while one - back > 0 and leaves[other - back - 1] and leaves[other - back - 1] == leaves[one - back - 1]:
            back += 1
        starts.append(max(other - back, one + 1))
    ends = [*starts[1:], len(paths)]
    return list(zip(starts, ends, strict=True))


def _stacked(
    sheet: Sheet, tables: Sequence[Table], first: HeaderRows, titles: tuple[int, ...], lo: int, hi: int, *, beside: bool
) -> Iterator[Area]:
    """The tables under each other in some columns."""
    header = first
    repeated: list[int] = []
    for at in _likely_headers(sheet, first, lo, hi):
        if at < header.after or (repeated and at <= repeated[-1]):
            continue
        other = header_at(sheet, at, tables, lo, hi, header.after)
        if other is None or score(other.paths[lo:hi], tables) < 2:
            continue
        above = _titles_above(sheet, header, other, lo, hi)
        texts = [t for r in above for t in sheet.texts(r) if t]
        if (
            other.paths[lo:hi] == header.paths[lo:hi]
            and other.units[lo:hi] == header.units[lo:hi]
            and not any(in_line(t, "block_title") for t in texts)
            and years_said(texts) in ([], years_said([t for r in titles for t in sheet.texts(r) if t]))
            and months_named(texts)[0] in (0, months_named([t for r in titles for t in sheet.texts(r) if t])[0])
        ):
            repeated += range(other.first, other.after)
            continue
        yield from _by_unit(sheet, Area(header, lo, hi, min([other.first, *above]), titles, tuple(repeated), beside))
        header, titles, repeated = other, tuple(above), []
    yield from _by_unit(sheet, Area(header, lo, hi, sheet.cells.height, titles, tuple(repeated), beside))


_UNIT_WORD = r"元|亩|公顷|平方|㎡|[mM][23²³]|吨|千克|公斤|立方|千瓦时|[kK][wW][hH]|度|吉焦"


def _by_unit(sheet: Sheet, area: Area) -> Iterator[Area]:
    """A table in pieces, where a divider between its rows says another unit than the header and titles above."""
    known = {s.unit for r in area.titles for t in sheet.texts(r) if t for s in in_line(t, "block_title")}
    pieces = [p for path in area.header.paths[area.lo : area.hi] for p in path]
    known |= {s.unit for p in (*pieces, *area.header.units[area.lo : area.hi]) if p for s in in_line(p, "header")}
    for at in _dividers(sheet, area):
        units = {s.unit for t in sheet.texts(at)[area.lo : area.hi] if t for s in in_line(t, "block_title")}
        if not units or units <= known:
            continue
        known = units
        if any(re.fullmatch(r"[0-9A-Za-z]{15,20}|[+-]?[0-9][0-9,]*(?:\.[0-9]+)?", t)
               for r in range(area.first, at) for t in sheet.texts(r)[area.lo : area.hi] if t):  # fmt: skip
            yield replace(area, end=at, repeated=tuple(r for r in area.repeated if r < at))
        area = replace(area, titles=(at,), start=at + 1, repeated=tuple(r for r in area.repeated if r > at))
    yield area


def _dividers(sheet: Sheet, area: Area) -> list[int]:
    """Rows below a header, with records below them, that hold few texts, no figure and no code, and a unit's word."""
    names = [f"c{c}" for c in range(area.lo, area.hi)]
    body = sheet.cells.slice(area.first, area.end - area.first).select(names)
    body = body.with_row_index("_at", offset=area.first)
    keys = [c for c in range(area.lo, area.hi) if area.header.paths[c] and _names_code(area.header.paths[c][-1])]
    records = body
    if keys:
        code = pl.col(f"c{keys[0]}").str.contains(r"^[0-9A-Za-z]{15,20}$").fill_null(False)
        records, body = body.filter(code), body.filter(~code)
    cells = [pl.col(n) for n in names]
    figure = pl.any_horizontal(
        c.str.contains(r"^\s*(?:[0-9A-Za-z]{15,20}|[¥￥+-]?[0-9][0-9,]*(?:\.[0-9]+)?)\s*$") for c in cells
    )
    if not keys:
        records = body.filter(figure.fill_null(False))
    if records.is_empty():
        return []
    last = int(records["_at"][-1])
    says = pl.any_horizontal(c.str.contains(_UNIT_WORD) for c in cells)
    looked = body.filter((pl.col("_at") < last) & ~figure.fill_null(False) & says.fill_null(False))
    candidates = [int(i) for i in looked["_at"] if int(i) not in area.repeated]
    return [i for i in candidates if len({t for t in sheet.texts(i)[area.lo : area.hi] if t}) <= 3]


@cache
def _key_spellings() -> list[str]:
    """How columns that name a record are headed, in any table."""
    spellings: set[str] = set()
    for t in TABLES.values():
        named = {*t.key, "name"} - {"year", "since", "from", "until", "label", "field"}
        spellings |= {spelling for spelling, f in headers_of(t).items() if f.name in named}
    return sorted(spellings)


def _likely_headers(sheet: Sheet, header: HeaderRows, lo: int, hi: int) -> list[int]:
    """Rows below a header in which the name of a key stands: the only ones that are looked at closely."""
    names = [f"c{c}" for c in range(lo, hi)]
    keys = [c for c in range(lo, hi) if header.paths[c] and _names_code(header.paths[c][-1])]
    body = sheet.cells.slice(header.after).select(names).with_row_index("_at", offset=header.after)
    if keys:
        # A code is no header: of a million rows that have one none has to be looked at.
        code = pl.col(f"c{keys[0]}").str.contains(r"^[0-9A-Za-z]{15,20}$").fill_null(False)
        body = body.filter(~code)
    if body.is_empty():
        return []
    short = [pl.when(pl.col(n).str.len_chars() <= 20).then(pl.col(n)) for n in names]
    squeezed = [
        s.str.replace_all(r"[\s*:：_\-]+|[（(].*$", "").str.to_lowercase().is_in(_key_spellings()) for s in short
    ]
    return [int(i) for i in body.filter(pl.any_horizontal(squeezed).fill_null(False))["_at"]]


def _names_code(text: str) -> bool:
    header = meaning(text, "tax")
    return header is not None and header.field.name == "credit_code"


def _titles_above(sheet: Sheet, header: HeaderRows, other: HeaderRows, lo: int, hi: int) -> list[int]:
    """The rows directly above a second header that are its titles: few texts, no figure, no total, no note."""
    titles: list[int] = []
    for at in range(other.first - 1, header.after - 1, -1):
        texts = [t for t in sheet.texts(at)[lo:hi] if t]
        if not texts:
            continue
        plain = [re.sub(r"\s+", "", t) for t in texts]
        if len(texts) > 3 or any(re.fullmatch(r"[+-]?[0-9][0-9,.]*%?|[0-9A-Za-z]{15,20}", t) for t in plain):
            break
        if any(re.search(TOTAL, t) for t in plain) or re.search(FOOT, plain[0]):
            break
        titles.insert(0, at)
    return titles
