"""Odd figures that somebody looked at and found right: appended, never changed; one taken back is a row more."""

from __future__ import annotations

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.store.connecting import first_row, now
from mujun.store.transactions import transaction

JUDGED: dict[str, pl.DataType] = {
    "number": pl.Int32(),
    "kind": pl.String(),
    "credit_code": pl.String(),
    "year": pl.Int32(),
    "field": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "revokes": pl.Int32(),
    "at": pl.Datetime("us", "UTC"),
    "who": pl.String(),
}
"""Columns of `judged`: what was odd (`kind`), about which figure, which value was found right (missing where there was
none) and why; `revokes` is the number of the judgement that this one takes back."""


@dataclass(frozen=True)
class Judgement:
    """A figure found right, or such a judgement taken back; attributes as in `JUDGED`."""

    kind: str
    credit_code: str
    year: int
    field: str
    value: str | None
    reason: str
    revokes: int | None = None


def judge(connection: duckdb.DuckDBPyConnection, told: Judgement, who: str) -> int:
    """Put a judgement down in one transaction; gives its number."""
    with transaction(connection):
        newest = first_row(connection, "SELECT coalesce(max(number), 0) + 1 FROM judgement")
        number = int(newest[0]) if newest else 1
        connection.execute(
            "INSERT INTO judgement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [number, told.kind, told.credit_code, told.year, told.field, told.value, told.reason, told.revokes, now(),
             who],
        )  # fmt: skip
    return number


def judged(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Every judgement ever, oldest first: columns `JUDGED`."""
    raw: pl.DataFrame = connection.sql("SELECT * FROM judgement ORDER BY number").pl()
    return raw.with_columns(pl.col("at").dt.replace_time_zone("UTC")).select(
        pl.col(c).cast(t) for c, t in JUDGED.items()
    )
