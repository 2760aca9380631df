"""Which rows of one firm are added up: a total counts instead of its parts, a part of another row counts not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import Field
from mujun.records.headers import squeezed
from mujun.records.readings.row_totals import SumRow, sums_among
from mujun.records.readings.row_words import YEAR_LONG, Cell, cell_of
from mujun.records.typed import Part

_TAXES = ("税种", "税目", "征收项目", "征收品目", "税种名称")


@dataclass(frozen=True)
class Uneven:
    """A total that is not the sum of its parts."""

    row: int
    field: Field
    text: str
    stated: Decimal
    parts: Decimal


@dataclass
class Told:
    """What the rows of firms say of each other.

    Attributes:
        leave: rows that are parts of a total that counts, and those that are part of another row.
        totals: how many firms have a total that counts.
        of_which: how many rows are part of another row.
        uneven: totals that are not the sum of their parts.
        outside: rows of a month of another year, and the cells that say so.
        no_tax: rows that are no tax, and what they are.
        sums: rows that equal the sum of the others of their firm, and what they are called.
        alike: rows that equal the sum of the others of their firm, though nothing else says that they are totals.
        short: firms that have not all months: the first row of each.
    """

    leave: set[int] = field(default_factory=set)
    totals: int = 0
    of_which: int = 0
    uneven: list[Uneven] = field(default_factory=list)
    outside: dict[int, str] = field(default_factory=dict)
    no_tax: dict[int, str] = field(default_factory=dict)
    sums: dict[int, str] = field(default_factory=dict)
    alike: list[int] = field(default_factory=list)
    short: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    at: int
    row: int
    texts: tuple[str, ...]
    cells: tuple[Cell, ...]
    figures: tuple[Decimal | None, ...]


def told_of(
    part: Part, apart: pl.DataFrame, headers: Sequence[str], periods: Sequence[bool], days: Sequence[bool] = ()
) -> Told:
    """What the rows of each firm are to each other.

    Args:
        part: typed rows of a table of a year's figures.
        apart: the columns that tell rows apart, as text.
        headers: their headers.
        periods: which of them are times.
        days: which of them are days on which something was paid or read: they need not fill the year.
    """
    texts, leaves, times = _joined(apart, [squeezed(h.rsplit("/", maxsplit=1)[-1]) for h in headers], periods)
    figures = [f for f in part.table.fields if f.kind == "quantity"]
    key = list(part.table.key)
    rows = part.typed.select(*key, "_row", *(f.name for f in figures)).with_row_index("_at")
    rows = rows.filter(~pl.any_horizontal(pl.col(list(part.table.firm_key)).is_null()))
    firms: dict[tuple[object, ...], list[_Row]] = {}
    cells = [
        [cell_of(t or "", period=times[d], quarters="季" in leaves[d]) for t in column]
        for d, column in enumerate(texts)
    ]
    for values in rows.iter_rows():
        at, whose, number, amounts = values[0], values[1 : 1 + len(key)], values[1 + len(key)], values[2 + len(key) :]
        one = _Row(at, number, tuple(c[at] or "" for c in texts), tuple(c[at] for c in cells), amounts)
        firms.setdefault(whose, []).append(one)
    told = Told()
    tax = [leaf in _TAXES for leaf in leaves]
    filling = [t and not (days and days[i]) for i, t in enumerate(periods)]
    several: list[list[_Row]] = []
    for (year, *_), mine in firms.items():
        counting = _counting(mine, year if isinstance(year, int) else None, tax, told)
        counting = _without_totals(counting, figures, told)
        if any(filling):
            _months(counting, times, told)
        if len(counting) > 1:
            several.append(counting)
    sums = sums_among([[SumRow(r.at, r.texts, r.figures, any(c.months for c in r.cells)) for r in f] for f in several])
    told.sums = sums.asked
    told.alike = [r.row for f in several for r in f if r.at in sums.alike]
    return told


def _joined(
    apart: pl.DataFrame, leaves: list[str], periods: Sequence[bool]
) -> tuple[list[list[str | None]], list[str], list[bool]]:
    """The columns as lists; 所属期起 and 所属期止 as one."""
    columns = [apart[c].to_list() for c in apart.columns]
    times = list(periods)
    start = next((i for i, t in enumerate(leaves) if t.endswith("起")), None)
    end = next((i for i, t in enumerate(leaves) if t.endswith("止")), None)
    if start is not None and end is not None:
        columns[start] = [f"{a or ''}至{b or ''}" for a, b in zip(columns[start], columns[end], strict=True)]
        del columns[end], leaves[end], times[end]
    return columns, leaves, times


def _counting(rows: list[_Row], year: int | None, tax: Sequence[bool], told: Told) -> list[_Row]:
    """The rows that are no part of another one and of this year."""
    left = []
    for r in rows:
        if (
            len(rows) > 1
            and any(c.of_which for c in r.cells)
            and not all(any(c.of_which for c in o.cells) for o in rows)
        ):
            told.of_which += 1
            told.leave.add(r.at)
            continue
        other = next((t for t, c in zip(r.texts, r.cells, strict=True) if c.year not in (None, year)), None)
        if other is not None and year is not None:
            told.outside[r.at] = other
            continue
        fee = next((t for t, c, of_tax in zip(r.texts, r.cells, tax, strict=True) if of_tax and c.no_tax), None)
        if fee is not None:
            told.no_tax[r.at] = fee
            continue
        left.append(r)
    return left


def _without_totals(rows: list[_Row], figures: Sequence[Field], told: Told) -> list[_Row]:
    """The rows that are added: of a total and its parts the total only."""
    if len(rows) < 2 or not any(c.whole or c.months & (c.months - 1) for r in rows for c in r.cells):
        return rows
    before = len(told.leave)
    grand = [r for r in rows if _has(r) and all(c.whole or not t for c, t in zip(r.cells, r.texts, strict=True))]
    if grand:
        rows = _one_of(grand, [r for r in rows if r not in grand], figures, told)
    else:
        for d in range(len(rows[0].cells)):
            groups: dict[tuple[str, ...], list[_Row]] = {}
            for r in rows:
                groups.setdefault((*r.texts[:d], *r.texts[d + 1 :]), []).append(r)
            rows = [r for group in groups.values() for r in _in_one_column(group, d, figures, told)]
    told.totals += len(told.leave) > before
    return rows


def _in_one_column(rows: list[_Row], d: int, figures: Sequence[Field], told: Told) -> list[_Row]:
    wholes = [r for r in rows if r.cells[d].whole and _has(r)]
    if wholes:
        return _one_of(wholes, [r for r in rows if r not in wholes], figures, told)
    left = list(rows)
    for r in sorted(rows, key=lambda r: -r.cells[d].months.bit_count()):
        months = r.cells[d].months
        inside = [o for o in left if o is not r and o.cells[d].months and _within(o.cells[d].months, months)]
        if r in left and inside:
            outer = [o for o in inside if not any(_within(o.cells[d].months, p.cells[d].months) for p in inside)]
            _held(r, outer, figures, told)
            told.leave |= {o.at for o in inside}
            left = [o for o in left if o not in inside]
    return left


def _within(few: int, many: int) -> bool:
    return few != many and few & many == few


def _has(r: _Row) -> bool:
    return any(v is not None for v in r.figures)


def _one_of(wholes: list[_Row], parts: list[_Row], figures: Sequence[Field], told: Told) -> list[_Row]:
    """The total that counts: the one that its parts make up, else the greatest; several without parts are added."""
    if len(wholes) > 1 and not parts:
        return _of_totals_alone(wholes, figures, told)
    largest = max(wholes, key=_greatness)
    fitting = [r for r in wholes if parts and all(s in (None, v) for v, s in zip(r.figures, _sums(parts), strict=True))]
    one = fitting[0] if fitting else largest
    _held(one, parts, figures, told)
    told.leave |= {r.at for r in (*wholes, *parts) if r is not one}
    return [one]


def _of_totals_alone(wholes: list[_Row], figures: Sequence[Field], told: Told) -> list[_Row]:
    """Of rows that all say total the one that the others make up, or that says no more than 合计; else all of them.

    国税合计 and 地税合计 are two parts; 小计, 小计 and 合计 are not three.
    """
    largest = max(wholes, key=_greatness)
    others = [r for r in wholes if r is not largest]
    made_up = all(s in (None, v) for v, s in zip(largest.figures, _sums(others), strict=True))
    if not made_up and not any(t in _BARE for t in largest.texts):
        return wholes
    _held(largest, others, figures, told)
    told.leave |= {r.at for r in others}
    return [largest]


_BARE = ("合计", "总计", "共计", "全年", "全部", "总数", "总表")


def _greatness(r: _Row) -> list[Decimal]:
    return [v if v is not None else Decimal("-Infinity") for v in r.figures]


def _held(whole: _Row, parts: list[_Row], figures: Sequence[Field], told: Told) -> None:
    """A total held against its parts; months within months only once."""
    inner = [
        p for p in parts
        if not any(_within(c.months, o.cells[d].months) for o in parts for d, c in enumerate(p.cells) if c.months)
    ]  # fmt: skip
    for f, stated, sums in zip(figures, whole.figures, _sums(inner), strict=True):
        if stated is not None and sums is not None and stated != sums:
            told.uneven.append(Uneven(whole.row, f, " ".join(t for t in whole.texts if t), stated, sums))


def _sums(rows: Sequence[_Row]) -> list[Decimal | None]:
    columns = zip(*(r.figures for r in rows), strict=True)
    known = [[v for v in column if v is not None] for column in columns]
    return [sum(column, Decimal(0)) if column else None for column in known]


def _months(rows: list[_Row], times: Sequence[bool], told: Told) -> None:
    """Whether a firm's rows are of all months; where one names none, nobody can tell."""
    months = 0
    for r in rows:
        named = [c.months for c, is_time in zip(r.cells, times, strict=True) if is_time]
        if not any(named):
            return
        months |= max(named)
    if rows and months != YEAR_LONG:
        told.short.append(rows[0].row)
