"""What happened to listed enterprises and parcels: appended, never changed or taken out.

An event that was recorded by mistake is revoked by another one that names its number. Every event has the time at which
it was recorded, so that the state as it was known on any day can be told later.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import polars as pl

from mujun.store.connecting import first_row, frame_of, now
from mujun.store.transactions import insert

EVENT_SCHEMA: dict[str, pl.DataType] = {
    "subject_kind": pl.String(),
    "subject": pl.String(),
    "action": pl.String(),
    "happened_on": pl.Date(),
    "actor": pl.String(),
    "note": pl.String(),
    "document": pl.String(),
    "evidence": pl.List(pl.String()),
    "waiver": pl.String(),
    "path": pl.String(),
    "deadline": pl.Date(),
    "department": pl.String(),
    "land_mu": pl.Decimal(18, 6),
    "energy_tce": pl.Decimal(18, 6),
    "list_document": pl.Int32(),
    "revokes": pl.Int32(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "sha256": pl.String(),
    "way": pl.String(),
}
"""The columns of an event as it is handed over; `number, recorded_at, who` are added when it is written."""


def append(
    connection: duckdb.DuckDBPyConnection, events: pl.DataFrame, *, who: str, recorded_at: datetime | None = None
) -> list[int]:
    """Write events within the transaction that is open, in the order of the rows.

    Args:
        connection: the store's.
        events: columns as in `EVENT_SCHEMA`; one that is absent is missing.
        who: who records them.
        recorded_at: when, in UTC; now where nothing is said.

    Returns:
        Their numbers.
    """
    row = first_row(connection, "SELECT coalesce(max(number), 0) + 1 FROM event")
    first = int(row[0]) if row else 1
    numbers = list(range(first, first + events.height))
    columns = [
        pl.col(name).cast(dtype) if name in events.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in EVENT_SCHEMA.items()
    ]
    rows = events.select(
        pl.Series("number", numbers, dtype=pl.Int32),
        *columns,
        pl.lit(recorded_at or now()).cast(pl.Datetime("us")).alias("recorded_at"),
        pl.lit(who).alias("who"),
    )
    insert(connection, "event", rows)
    return numbers


def event_table(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Every event ever recorded, in the order of recording: `number`, `EVENT_SCHEMA`, `recorded_at` (UTC), `who`."""
    told: pl.DataFrame = frame_of(connection.sql("SELECT * FROM event ORDER BY number"))
    return told.select(
        pl.col("number").cast(pl.Int32),
        *(pl.col(name).cast(dtype) for name, dtype in EVENT_SCHEMA.items()),
        pl.col("recorded_at").dt.replace_time_zone("UTC"),
        "who",
    )
