"""What was published when, until when and where: appended, never changed; one taken back is a row more."""

from __future__ import annotations

from datetime import date
from typing import Literal

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.store.connecting import first_row, now
from mujun.store.transactions import transaction

NoticeKind = Literal["result", "data"]
"""result: what the rating came to (结果公示); data: the land that is to be rated, before the rating (数据公示)."""

PUBLISHED: dict[str, pl.DataType] = {
    "number": pl.Int32(),
    "notice": pl.String(),
    "year": pl.Int32(),
    "run": pl.Int32(),
    "first": pl.Date(),
    "until": pl.Date(),
    "place": pl.String(),
    "objections": pl.String(),
    "objections_by": pl.Date(),
    "document": pl.String(),
    "reason": pl.String(),
    "revokes": pl.Int32(),
    "at": pl.Datetime("us", "UTC"),
    "who": pl.String(),
}
"""Columns of `published`: which notice of which year and run, its first and last day, where it could be read, to whom
objections went until when; `revokes` is the number of the record that this one takes back, `reason` says why."""


@dataclass(frozen=True)
class PublicationRow:
    """A notice that was published, or such a record taken back; attributes as in `PUBLISHED`."""

    notice: NoticeKind
    year: int
    run: int | None
    first: date
    until: date
    place: str
    objections: str
    objections_by: date
    document: str
    reason: str | None = None
    revokes: int | None = None


def put_down(connection: duckdb.DuckDBPyConnection, told: PublicationRow, who: str) -> int:
    """Put a publication down in one transaction; gives its number."""
    with transaction(connection):
        newest = first_row(connection, "SELECT coalesce(max(number), 0) + 1 FROM publication")
        number = int(newest[0]) if newest else 1
        connection.execute(
            "INSERT INTO publication VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [number, told.notice, told.year, told.run, told.first, told.until, told.place, told.objections,
             told.objections_by, told.document, told.reason, told.revokes, now(), who],
        )  # fmt: skip
    return number


def published(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Every publication ever put down, and those taken back, oldest first: columns `PUBLISHED`."""
    raw: pl.DataFrame = connection.sql("SELECT * FROM publication ORDER BY number").pl()
    return raw.with_columns(pl.col("at").dt.replace_time_zone("UTC")).select(
        pl.col(c).cast(t) for c, t in PUBLISHED.items()
    )
