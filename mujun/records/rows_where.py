"""Rows of which something holds, without copying those of a file where it holds of all."""

from __future__ import annotations

import polars as pl


def rows_where(rows: pl.DataFrame, condition: pl.Expr) -> pl.DataFrame:
    """The rows of which a condition holds: the frame itself where it holds of all, none of it where of none.

    Most files are in order, and a million rows of texts take a hundred megabytes each time that they are copied.
    """
    holds = rows.select(condition.fill_null(value=False).alias("holds"))["holds"]
    if holds.all():
        return rows
    return rows.filter(holds) if holds.any() else rows.clear()


def in_every_row(troubles: pl.DataFrame, height: int) -> pl.DataFrame:
    """What is said of one value (`_at` and what it is), said of each of so many rows that have it."""
    rows = pl.DataFrame({"_at": pl.int_range(height, dtype=pl.Int64, eager=True)})
    return rows.join(troubles.drop("_at"), how="cross").select(troubles.columns)
