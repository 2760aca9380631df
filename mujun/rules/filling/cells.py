"""A rule set laid out as tables of cells: what each shows, and where what may be changed stands in the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from decimal import Decimal
from typing import Literal

from mujun.dataclass import dataclass
from mujun.rules.tree import Node

Kind = Literal["number", "whole", "text", "date", "policy", "years", "within", "table"]
"""What may stand in an open cell.

`within` is a number or a day within an expression, `policy` what a missing value earns, `years` several years,
`table` a cell of a lookup table.
"""


@dataclass(frozen=True)
class Spot:
    """Where the value of an open cell stands.

    Attributes:
        kind: what it may hold.
        file: the file, as the rule set's texts name it.
        path: the dotted path of its key, for messages.
        node: its value's node; none where the key is not written.
        parent: the mapping it belongs to, into which the key is written where it is not yet.
        key: its key.
        required: whether it must hold something.
        nth: which number within an expression it is; the row of a lookup table, counted from its first line.
        column: the column of a lookup table.
    """

    kind: Kind
    file: str
    path: str
    node: Node | None = None
    parent: Node | None = None
    key: str = ""
    required: bool = False
    nth: int = 0
    column: int = 0


@dataclass(frozen=True)
class FormCell:
    """A cell: what it shows, and its spot where it is open."""

    value: str | Decimal | None = None
    spot: Spot | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Title:
    """A heading above tables; level 1 is a part of the sheet."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Grid:
    """A table: its headers, and rows of cells."""

    headers: tuple[str, ...]
    rows: tuple[tuple[FormCell, ...], ...]


@dataclass(frozen=True)
class Line:
    """A row of a sheet: a title, cells, or nothing."""

    cells: tuple[FormCell, ...] = ()
    title: Title | None = None
    is_header: bool = False


@dataclass(frozen=True)
class FormPage:
    """One sheet: what a file of the rule set says."""

    name: str
    parts: tuple[Title | Grid, ...] = field(default=(), repr=False)

    def lines(self) -> Iterator[Line]:
        """The sheet's rows from the top: titles, headers, rows of cells, and an empty row behind each table."""
        for part in self.parts:
            if isinstance(part, Title):
                yield Line(title=part)
                continue
            yield Line(cells=tuple(FormCell(h) for h in part.headers), is_header=True)
            for row in part.rows:
                yield Line(cells=row)
            yield Line()

    def cells(self) -> Iterator[tuple[int, int, FormCell]]:
        """Every cell with its row and column, counted from 0: titles and headers too, as locked cells."""
        for row, line in enumerate(self.lines()):
            if line.title is not None:
                yield row, 0, FormCell(line.title.text)
            for column, cell in enumerate(line.cells):
                yield row, column, cell
