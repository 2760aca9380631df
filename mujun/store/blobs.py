"""Tables kept whole inside the store, as Parquet: their columns follow from rule sets, their types stay exact."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import field
from hashlib import sha256

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, Problem, StoreError, problem


def as_blob(table: pl.DataFrame) -> bytes:
    """A table as the store keeps it."""
    parquet = io.BytesIO()
    # The first level: the third takes half as long again for four hundredths less.
    table.write_parquet(parquet, compression="zstd", compression_level=1, statistics=False)
    return parquet.getvalue()


@dataclass(frozen=True)
class PackedTable:
    """A table as its bytes.

    Attributes:
        blob: the Parquet file.
        height: its rows.
    """

    blob: bytes = field(repr=False)
    height: int


def packed_table(table: pl.DataFrame) -> PackedTable:
    """A table as the store keeps it, with its height."""
    return PackedTable(as_blob(table), table.height)


def as_written(blob: bytes, digest: str, columns: Collection[str] | None = None) -> pl.DataFrame | None:
    """A kept table whose bytes still have the SHA-256 they were written with; nothing where it is not whole.

    Such bytes are ours, and Polars reads them as they are; of others pyarrow would have to say first whether they are
    whole, which takes longer than all that a firm is told.
    """
    if sha256(blob).hexdigest() != digest:
        return None
    try:
        kept = io.BytesIO(blob)
        wanted = None if columns is None else [name for name in pl.read_parquet_schema(kept) if name in columns]
        return pl.read_parquet(kept, columns=wanted)
    except UNREADABLE:
        return None


UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)
"""What Polars raises of bytes that are no Parquet file, or none that is whole."""


def table_of_run(
    blob: bytes, run: int, name: str, columns: Collection[str] | None = None, *, seal: str | None = None
) -> pl.DataFrame:
    """A table that a run keeps, or some of its columns.

    Args:
        blob: its bytes.
        run, name: which it is, for a refusal.
        columns: those that are wanted, as far as the table has them; all unless told.
        seal: the SHA-256 of the bytes as they were written, where that was put down.

    Raises:
        StoreError: `store_blob_broken`, with the run and the table.
    """
    kept = as_written(blob, seal, columns) if seal is not None else None
    return kept if kept is not None else _table(blob, problem("store_blob_broken", run=run, table=name), columns)


def table_of_list(blob: bytes, number: int, name: str) -> pl.DataFrame:
    """A table of a rectification list or amendment.

    Raises:
        StoreError: `store_list_blob_broken`, with the document's number and the table.
    """
    return _table(blob, problem("store_list_blob_broken", number=number, table=name))


def table_of_issue(blob: bytes, mark: str) -> pl.DataFrame:
    """What a workbook handed out gave.

    Raises:
        StoreError: `store_issue_blob_broken`, with the workbook's mark.
    """
    return _table(blob, problem("store_issue_blob_broken", mark=mark))


def _table(blob: bytes, broken: Problem, columns: Collection[str] | None = None) -> pl.DataFrame:
    from mujun.records.parquet import kept_table

    try:
        return kept_table(blob, Place(), columns)
    except InputError as error:
        raise StoreError(broken) from error
