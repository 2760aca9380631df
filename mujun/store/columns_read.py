"""How the figures of a batch were read: per column its header, unit, the sum read and the file's own total."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import polars as pl

from mujun.records.loaded import FileRecords
from mujun.store.connecting import frame_of

COLUMNS_READ: dict[str, pl.DataType] = {
    "batch": pl.Int32(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "year": pl.Int32(),
    "table": pl.String(),
    "field": pl.String(),
    "letters": pl.String(),
    "header": pl.String(),
    "unit": pl.String(),
    "unit_from": pl.String(),
    "filled": pl.Int64(),
    "read": pl.Decimal(38, 6),
    "own_total": pl.Decimal(38, 6),
}
"""Columns of `columns_read`: a row per column of figures that a batch's tables had; `row` is their header's first."""


def of_batch(records: FileRecords, batch: int) -> pl.DataFrame:
    """What is put down of a file that becomes a batch: columns `COLUMNS_READ`."""
    return pl.DataFrame(list(_rows(records, batch)), schema=COLUMNS_READ, orient="row")


def _rows(records: FileRecords, batch: int) -> Iterator[tuple[object, ...]]:
    for block in records.reading.blocks if records.reading is not None else ():
        if block.waits:
            continue
        for c in block.columns:
            if c.use in ("field", "added") and c.unit_from is not None:
                yield (
                    batch, block.sheet, block.header_rows[0], block.year, c.table, c.field, c.letters, c.header, c.unit,
                    c.unit_from, c.filled, c.read, c.own_total,
                )  # fmt: skip


def columns_read(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The columns of all batches, in the order of the files."""
    columns: pl.DataFrame = frame_of(connection.sql('SELECT * FROM column_read ORDER BY batch, sheet, "row", letters'))
    return columns.select(pl.col(c).cast(t) for c, t in COLUMNS_READ.items())
