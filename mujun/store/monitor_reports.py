"""What offices reported of a plan's figures and tasks: appended, never changed or taken out.

A correction is a further report of the same subject, office and month; the newest counts and the earlier ones stay.
A report taken back is one more that names its number: what was reported before it counts again.
`received_on` is the day on which a report was known, `recorded_at` when it was put in: the state as it was known on any
day is told by the first, and one that was put in later than it was received shows both.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import polars as pl

from mujun.store.connecting import first_row, frame_of, now
from mujun.store.transactions import insert

REPORT_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "subject": pl.String(),
    "township": pl.String(),
    "office": pl.String(),
    "year": pl.Int32(),
    "month": pl.Int32(),
    "value": pl.Decimal(18, 6),
    "state": pl.String(),
    "said": pl.String(),
    "evidence": pl.String(),
    "note": pl.String(),
    "received_on": pl.Date(),
    "mark": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "sha256": pl.String(),
    "revokes": pl.Int32(),
}
"""The columns of a report as it is handed over; `revokes` is the number of the report that it takes back, whose reason
is then its `note`; `number, recorded_at, who` are added when it is written."""


def append_reports(
    connection: duckdb.DuckDBPyConnection, reports: pl.DataFrame, *, who: str, recorded_at: datetime | None = None
) -> list[int]:
    """Write reports within the transaction that is open, in the order of the rows.

    Args:
        connection: the store's.
        reports: columns as in `REPORT_SCHEMA`.
        who: who puts them in.
        recorded_at: when, in UTC; now where nothing is said.

    Returns:
        Their numbers.
    """
    row = first_row(connection, "SELECT coalesce(max(number), 0) + 1 FROM monitor_report")
    first = int(row[0]) if row else 1
    numbers = list(range(first, first + reports.height))
    rows = reports.select(
        pl.Series("number", numbers, dtype=pl.Int32),
        *(pl.col(name).cast(dtype) for name, dtype in REPORT_SCHEMA.items()),
        pl.lit(recorded_at or now()).cast(pl.Datetime("us")).alias("recorded_at"),
        pl.lit(who).alias("who"),
    )
    insert(connection, "monitor_report", rows)
    return numbers


def report_table(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Every report ever, in the order of recording: `number`, `REPORT_SCHEMA`, `recorded_at` (UTC), `who`."""
    told: pl.DataFrame = frame_of(connection.sql("SELECT * FROM monitor_report ORDER BY number"))
    return told.select(
        pl.col("number").cast(pl.Int32),
        *(pl.col(name).cast(dtype) for name, dtype in REPORT_SCHEMA.items()),
        pl.col("recorded_at").dt.replace_time_zone("UTC"),
        "who",
    )
