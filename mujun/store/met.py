"""What becomes of the rows of a file, as far as other files spoke of the same: what goes in and what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Literal

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.fields import Table

Again = Literal["ask", "replace", "add", "keep"]
"""What becomes of a figure on which another file says otherwise: it waits, replaces, is added, or gives way."""

WAITING: dict[str, pl.DataType] = {
    "table": pl.String(),
    "year": pl.Int32(),
    "credit_code": pl.String(),
    "name": pl.String(),
    "record": pl.String(),
    "field": pl.String(),
    "stands": pl.String(),
    "stands_in": pl.String(),
    "says": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
}
"""Columns of figures that wait: what stands and by which file, what the later file says and where."""


GONE: dict[str, pl.DataType] = {
    "table": pl.String(),
    "year": pl.Int32(),
    "credit_code": pl.String(),
    "name": pl.String(),
    "droppable": pl.Boolean(),
}
"""Columns of firms that a sender's version before had and this one does not.

`droppable`: their figures may be made blank, since nobody else gave any.
"""


SAYS = ("parcel", "area_mu", "floor_area_m2", "counterparty")
"""What a row of land says, besides whose it is and its tenure."""


@dataclass(frozen=True)
class Placed:
    """Rows of one table that meet what stands in one way, and the fields they speak of."""

    table: str
    rows: pl.DataFrame
    quarantine: pl.DataFrame
    columns: tuple[str, ...]
    way: str
    series: str | None = None
    edition: int | None = None
    of_batch: int | None = None


@dataclass(frozen=True)
class Met:
    """What becomes of a file.

    Attributes:
        placed: its rows, by the way in which they meet what stands.
        waiting: columns `WAITING`; figures on which another file says otherwise.
        replaced: how many figures (of land: firms' rows of a year) say otherwise than what stood before.
        older: how many figures a newer edition of the same register has otherwise; they do not count.
        gone: columns `GONE`; firms that the sender's version before had and this one does not. They stay.
    """

    placed: tuple[Placed, ...]
    waiting: pl.DataFrame = field(repr=False)
    replaced: int = 0
    older: int = 0
    gone: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GONE), repr=False)


@dataclass(frozen=True)
class Sender:
    """Whose rows these are: the series and edition, and the batch that they complete, if they do."""

    series: str | None
    edition: int | None
    of_batch: int | None = None


def carried_by(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    """The fields that rows speak of, keys included, in the order of the dictionary; without `columns` all of them."""
    return tuple(name for name in table.by_name if not columns or name in columns or name in table.key)


def parted(whole: Placed, rows: pl.DataFrame, columns: Sequence[str], way: str, *, first: bool = False) -> Placed:
    """Some of the rows of a part, with the fields and the way that are theirs; the first has what was kept out."""
    kept_out = whole.quarantine if first else whole.quarantine.clear()
    return replace(whole, rows=rows, columns=tuple(columns), way=way, quarantine=kept_out)


def waiting_row(
    table: Table, row: Mapping[str, object], name: str, stands: object, stands_in: object, says: object
) -> tuple[object, ...]:
    """One figure that waits, as `WAITING` has it."""
    rest = [row[k] for k in table.key if k not in ("year", "credit_code") and row[k] is not None]
    shown = [None if v is None else messages.show(v) for v in (stands, says)]
    return (
        table.name, row.get("year"), row.get("credit_code"), row.get("name"), messages.show(rest) if rest else None,
        name, shown[0], stands_in, shown[1], row.get("_file"), row["_sheet"], row["_row"],
    )  # fmt: skip
