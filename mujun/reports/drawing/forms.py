"""What a form holds, as data: a sheet that is handed out, filled in and comes back. Drawing is `form_workbook`'s."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from mujun.dataclass import dataclass

Value = str | int | float | Decimal | date | None

Allowance = Literal["format_columns", "format_rows", "sort", "autofilter"]
"""What a locked sheet still lets a hand do."""


@dataclass(frozen=True)
class Look:
    """How a cell looks, and whether it is open when the sheet is locked.

    Attributes:
        font: its font; Excel's own by default.
        size: in points; 0 for Excel's own.
        colour: of the text, as `#RRGGBB`; black by default.
        fill: the cell's colour; none by default.
        edged: whether it has a border.
        edge: the border's colour; black by default.
        align, valign: Excel's words; general and bottom by default.
        wrapped: whether text runs on in a second line.
        numbers: Excel's number format; `@` holds text as text.
        open: whether it can be filled in when the sheet is locked.
    """

    font: str = ""
    size: float = 0
    bold: bool = False
    colour: str = ""
    fill: str = ""
    edged: bool = False
    edge: str = ""
    align: str = ""
    valign: str = ""
    wrapped: bool = False
    numbers: str = ""
    open: bool = False

    def but(self, **changed: Any) -> Look:
        """The same look with some of it changed."""
        return replace(self, **changed)


TEXT, COUNT, DAY, QUANTITY, YEAR = "@", "#,##0", "yyyy-mm-dd", "#,##0.######", "0"
"""Number formats of cells to fill in."""


@dataclass(frozen=True)
class Entry:
    """What may be entered into a cell: one of a list, a number from a least one, a day, or a text of some length.

    Attributes:
        choices: the list.
        least: the least number.
        days: the first and last day.
        after: the day after which a day must be.
        longest: the most characters of a text.
        title, hint: what is said of anything else.
        warns: whether anything else is let in after a warning.
    """

    choices: tuple[str, ...] = ()
    least: int | None = None
    days: tuple[date, date] | None = None
    after: date | None = None
    longest: int | None = None
    title: str = ""
    hint: str = ""
    warns: bool = False


def one_of(choices: Iterable[str]) -> Entry:
    """One of a list, and nothing else."""
    chosen = tuple(choices)
    return Entry(chosen, title="只能选", hint="、".join(chosen))


class Cell(NamedTuple):
    """A cell: its value (none: blank), its look, a note shown beside it, over how many columns, what may be entered."""

    value: Value
    look: Look | None = None
    note: str = ""
    span: int = 1
    entry: Entry | None = None


@dataclass(frozen=True)
class Row:
    """A row: its cells from the left, nothing where there is none, and its height in points where it has its own."""

    cells: tuple[Cell | None, ...] = ()
    height: float | None = None


@dataclass(frozen=True)
class FormColumn:
    """A column of a form.

    Attributes:
        width: in characters.
        look: of the cells in which nothing has been written yet.
        entry: what may be entered below the header.
        codes: whether texts below the header look like numbers on purpose.
    """

    width: float
    look: Look | None = None
    entry: Entry | None = None
    codes: bool = False


@dataclass(frozen=True)
class Paper:
    """How a form is printed: one page wide.

    Attributes:
        size: the printer's own by default.
        upright: not across.
        columns: how many columns are printed; all by default.
        repeated: whether the header stands on every page, and how many columns with it.
        margins: left, right, top, bottom in inches; Excel's own by default.
        footer: in Excel's codes.
    """

    size: Literal["", "A3", "A4"] = ""
    upright: bool = False
    columns: int = 0
    repeated: tuple[bool, int] = (True, 0)
    margins: tuple[float, float, float, float] | None = None
    footer: str = ""


@dataclass(frozen=True)
class Form:
    """One sheet of a workbook that is filled in and comes back.

    Protection is without a password: it keeps a hand from slipping, not a will from changing.

    Attributes:
        name: its tab.
        columns: its columns in order.
        rows: its rows from the top; drawn as they come, so that long ones need not be in memory at once.
        header: position of the header row, counted from 0; none for a sheet of text.
        body: how many rows below the header are the table's.
        endless: whether what may be entered holds to the end of the sheet, for rows that are yet to be added.
        fixed: columns that stay in sight; the header does too. None: nothing stays.
        filtered: how many columns have a filter.
        locked: what may still be done with the sheet when it is locked; none: it is not locked.
        paper: how it is printed; none: as Excel likes.
        active: whether it is the sheet that is open when the workbook is opened.
        hidden: whether it is not shown: what it holds is for the program that reads the workbook back.
    """

    name: str
    columns: Sequence[FormColumn]
    rows: Iterable[Row]
    header: int | None = None
    body: int = 0
    endless: bool = False
    fixed: int | None = None
    filtered: int = 0
    locked: tuple[Allowance, ...] | None = None
    paper: Paper | None = None
    active: bool = False
    hidden: bool = False


def row_of(values: Iterable[Value], look: Look | None = None, height: float | None = None) -> Row:
    """A row of cells that look the same."""
    return Row(tuple(Cell(v, look) for v in values), height)


def cells_of(values: Iterable[Value], look: Look | None = None) -> tuple[Cell | None, ...]:
    """Cells that look the same; nothing is written where there is no value: there the column's own look stands."""
    return tuple(None if v is None or v == "" else Cell(v, look) for v in values)


def text_rows(lines: Iterable[str], look: Look | None = None) -> tuple[Row, ...]:
    """A row of one cell per line of text."""
    return tuple(row_of((line,), look) for line in lines)
