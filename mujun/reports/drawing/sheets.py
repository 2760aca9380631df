"""What a sheet of a workbook holds, as data: titles, tables, notes. Drawing is `workbook`'s."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Literal

import polars as pl

from mujun.dataclass import dataclass
from mujun.reports.drawing.labels import Heading, Shape, header_row

Tone = Literal["plain", "quiet", "warning"]


@dataclass(frozen=True)
class Column:
    """A column of a table: where its cells come from, its header, and how they are written."""

    name: str
    header: str
    shape: Shape = "text"
    places: int | None = None
    width: float | None = None
    wrapped: bool = False
    to_sheet: bool = False
    """Whether its cells are names of sheets, to be clicked."""


@dataclass(frozen=True)
class Bars:
    """A native chart of a table: horizontal bars, a row of the table each, in its own workbook's cells.

    Attributes:
        title: what it shows.
        category: the column whose texts stand beside the bars.
        values: the columns that are drawn, with the colour of each.
        stacked: each bar parted among the columns, as shares of the whole; else bars side by side.
    """

    title: str
    category: str
    values: Mapping[str, str]
    stacked: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a sheet.

    Attributes:
        columns: its columns in order.
        rows: a frame with those columns and perhaps others.
        caption: a line above it.
        totals: the name of a Boolean column that says which rows are totals.
        chart: a chart of it, drawn below.
    """

    columns: tuple[Column, ...]
    rows: pl.DataFrame = field(repr=False)
    caption: str = ""
    totals: str = ""
    chart: Bars | None = None


@dataclass(frozen=True)
class Text:
    """Lines of text between tables, each as wide as the sheet."""

    lines: tuple[str, ...]
    caption: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes:
        name: its tab.
        title: a large first line; empty for none.
        lines: smaller lines below it.
        parts: tables and texts in order. A sheet of one table has its header frozen and filters.
        fixed: how many columns stay in sight when scrolling to the right.
        printed: how many columns are printed; all by default. Wide tables print what a reader on paper needs.
        tiers: the ladder of tiers, best first, by which tier cells are coloured.
        trial: what every page says of a result that has no effect.
        portrait: printed upright.
        behind: whether the columns that are not printed are folded away, to be opened by a click.
        paged: whether every table begins a page, so that no chart is cut in two.
    """

    name: str
    title: str = ""
    lines: tuple[str, ...] = ()
    parts: tuple[Table | Text, ...] = ()
    fixed: int = 0
    printed: int | None = None
    tiers: tuple[str, ...] = ()
    trial: str = ""
    portrait: bool = False
    behind: bool = False
    paged: bool = False

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables."""
        return tuple(p for p in self.parts if isinstance(p, Table))

    @property
    def alone(self) -> bool:
        """Whether it is one table and nothing else."""
        return len(self.parts) == 1 and isinstance(self.parts[0], Table)


def columns_of(headings: Iterable[Heading], *, wrapped: Sequence[str] = ()) -> tuple[Column, ...]:
    """Columns from headings, in their order."""
    chosen = list(headings)
    headers = header_row(chosen)
    return tuple(
        Column(h.name, header, h.shape, h.places, wrapped=h.name in wrapped)
        for h, header in zip(chosen, headers, strict=True)
    )


def table_sheet(name: str, title: str, table: Table, *, lines: Iterable[str] = (), fixed: int = 0) -> Sheet:
    """A sheet of one table."""
    return Sheet(name, title, tuple(lines), (table,), fixed)


def with_numbers(table: Table, header: str = "序号") -> Table:
    """The table with a first column that counts its rows; totals are not counted."""
    counts = ~table.rows[table.totals] if table.totals else pl.Series([True] * table.rows.height, dtype=pl.Boolean)
    number = pl.select(pl.when(counts).then(counts.cast(pl.Int64).cum_sum()).alias("_number"))["_number"]
    rows = table.rows.with_columns(number)
    return replace(table, columns=(Column("_number", header, "whole", 0), *table.columns), rows=rows)


_NUMERALS = "一二三四五六七八九十"


def with_numerals(parts: Iterable[Table | Text]) -> tuple[Table | Text, ...]:
    """Parts whose captions are numbered 一、二、 in order; those without a caption are passed over.

    >>> [p.caption for p in with_numerals([Text(("…",), "总体"), Text(("…",)), Text(("…",), "依据")])]
    ['一、总体', '', '二、依据']
    """
    numerals = iter(_NUMERALS)
    return tuple(replace(p, caption=f"{next(numerals)}、{p.caption}") if p.caption else p for p in parts)


def with_trial(sheet: Sheet, remark: str) -> Sheet:
    """The sheet saying on every page that its result has no effect."""
    return replace(sheet, trial=remark)


def with_tiers(sheet: Sheet, ladder: Iterable[str]) -> Sheet:
    """The sheet with tier cells coloured by a ladder."""
    return replace(sheet, tiers=tuple(ladder))
