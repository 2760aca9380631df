"""What stands of one key, from its rows: the rule of the views in `layout`, row by row, for what has to name rows.

Rows come oldest first, each with `_form, _batch, _columns` (the fields its form carries), `_way` (missing: format 4,
read as `whole`) and `_series`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from decimal import Decimal

from mujun.dataclass import dataclass
from mujun.fields import Table
from mujun.store.layout import NEVER, TELLS_ROWS

Row = Mapping[str, object]


@dataclass(frozen=True)
class Figure:
    """A figure that stands: its value, and the rows that say so; several where figures were added."""

    value: object
    rows: tuple[Row, ...]


@dataclass
class Standing:
    """What stands of a key so far, field by field; `take` goes on with the next row."""

    base: dict[str, Row] = field(default_factory=dict)
    added: dict[str, dict[object, Row]] = field(default_factory=dict)

    def take(self, table: Table, row: Row) -> None:
        """Take in the next row."""
        way = way_of(row)
        if way in NEVER:
            return
        for f in said_by(table, row):
            if way == "add":
                # Put anew, so that the newest comes last.
                self.added.setdefault(f, {}).pop(row["_series"], None)
                self.added[f][row["_series"]] = row
                continue
            self.base[f] = row
            if way in ("whole", "replace"):
                self.added.pop(f, None)

    def figure(self, name: str) -> Figure | None:
        """What stands of a field, if anything was said of it."""
        base, added = self.base.get(name), list(self.added.get(name, {}).values())
        rows = ([] if base is None else [base]) + added
        if not rows:
            return None
        if not added:
            return Figure(rows[0][name], tuple(rows))
        values = [r[name] for r in rows]
        return Figure(sum((v for v in values if isinstance(v, Decimal)), Decimal(0)), tuple(rows))


def standing(table: Table, rows: Sequence[Row]) -> Standing:
    """What stands of a key whose rows are these, oldest first."""
    stand = Standing()
    for row in rows:
        stand.take(table, row)
    return stand


def standing_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows that stand of a key that has many (land), oldest first."""
    rows = [r for r in rows if way_of(r) not in NEVER]

    def since(ways: Sequence[str], row: Row, *same: str) -> bool:
        newer = (o for o in rows if way_of(o) in ways and all(o[k] == row[k] for k in same))
        return all(_batch(o) <= _batch(row) for o in newer)

    return [
        r
        for r in rows
        if since(("whole",), r)
        and since(("replace",), r, TELLS_ROWS)
        and since(("said",), r, "_series")
        and since(("add", "replace"), r, TELLS_ROWS, "_series")
    ]


def way_of(row: Row) -> str:
    """How a row meets what stood before it."""
    return str(row["_way"] or "whole")


def said_by(table: Table, row: Row) -> list[str]:
    """The fields of which a row says something, besides its key."""
    columns = row["_columns"]
    assert isinstance(columns, Sequence)
    whole = way_of(row) == "whole"
    return [f for f in table.by_name if f not in table.key and f in columns and (whole or row[f] is not None)]


def _batch(row: Row) -> int:
    return int(str(row["_batch"]))
