"""What falls due and what is overdue: deadlines of the work, and watches that end."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from mujun.rectification.tracking import TRACK_SCHEMA, UNDONE

DUE_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "subject": pl.String(),
    "name": pl.String(),
    "township": pl.String(),
    "department": pl.String(),
    "path": pl.String(),
    "state": pl.String(),
    "matter": pl.String(),
    "due_on": pl.Date(),
    "days": pl.Int64(),
    "list": pl.Int32(),
}
"""`matter`: `overdue` and `due` (the deadline of work still to be done), `watch` (a watch that has ended or will end);
`days` are those left, negative where the day has passed."""

_ORDER = {"overdue": 0, "due": 1, "watch": 2}


def due(tracked: pl.DataFrame, day: date, within: int) -> pl.DataFrame:
    """What is overdue on a day, and what falls due within some days of it.

    A deadline is kept on its day: it is overdue from the day after. Whoever has reported the work done and waits for
    acceptance is overdue all the same, with that state.

    Args:
        tracked: columns as in `TRACK_SCHEMA`.
        day: the day on which one looks.
        within: how many days ahead.

    Returns:
        Columns as in `DUE_SCHEMA`, the longest overdue first; enterprises and parcels each by themselves.
    """
    assert tracked.columns == list(TRACK_SCHEMA)
    until = day + timedelta(days=within)
    work = tracked.filter(pl.col("state").is_in(UNDONE) & (pl.col("deadline") <= until)).with_columns(
        pl.when(pl.col("deadline") < day).then(pl.lit("overdue")).otherwise(pl.lit("due")).alias("matter"),
        pl.col("deadline").alias("due_on"),
    )
    watches = tracked.filter(pl.col("watch_until") <= until).with_columns(
        pl.lit("watch").alias("matter"), pl.col("watch_until").alias("due_on")
    )
    rows = pl.concat([work, watches]).with_columns((pl.col("due_on") - pl.lit(day)).dt.total_days().alias("days"))
    rank = pl.col("matter").replace_strict(_ORDER, return_dtype=pl.Int32)
    return rows.sort(rank, "due_on", "kind", "subject").select(pl.col(n).cast(t) for n, t in DUE_SCHEMA.items())


def counted(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """How many of each matter by township or department: `group, overdue, due, watch, longest`.

    `longest` is the most days that anything is overdue. The most overdue first.
    """
    return (
        rows.group_by(pl.col(by).alias("group"))
        .agg(
            *((pl.col("matter") == matter).sum().alias(matter) for matter in _ORDER),
            pl.when(pl.col("matter") == "overdue").then(-pl.col("days")).max().alias("longest"),
        )
        .sort(["overdue", "due", "watch", "group"], descending=[True, True, True, False], nulls_last=True)
    )
