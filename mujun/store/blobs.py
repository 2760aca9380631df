"""Tables kept whole inside the store, as Parquet: their columns follow from rule sets, their types stay exact."""

from __future__ import annotations

import io

import polars as pl

from mujun.errors import StoreError, problem


def as_blob(table: pl.DataFrame) -> bytes:
    """A table as the store keeps it."""
    parquet = io.BytesIO()
    table.write_parquet(parquet, compression="zstd")
    return parquet.getvalue()


def from_blob(blob: bytes) -> pl.DataFrame:
    """A kept table as it was."""
    return pl.read_parquet(io.BytesIO(blob))


def table_of_run(blob: bytes, run: int, name: str) -> pl.DataFrame:
    """A table that a run keeps.

    Raises:
        StoreError: `store_blob_broken`, with the run and the table.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        # pyarrow says of broken bytes what Polars would end the process for.
        pyarrow.parquet.read_table(io.BytesIO(blob))
        return from_blob(blob)
    except (pyarrow.ArrowException, pl.exceptions.PolarsError, OSError) as error:
        raise StoreError(problem("store_blob_broken", run=run, table=name)) from error
