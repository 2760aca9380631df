"""Tables kept whole inside the store, as Parquet: their columns follow from rule sets, their types stay exact."""

from __future__ import annotations

import io

import polars as pl


def as_blob(table: pl.DataFrame) -> bytes:
    """A table as the store keeps it."""
    parquet = io.BytesIO()
    table.write_parquet(parquet, compression="zstd")
    return parquet.getvalue()


def from_blob(blob: bytes) -> pl.DataFrame:
    """A kept table as it was."""
    return pl.read_parquet(io.BytesIO(blob))
