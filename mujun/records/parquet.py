"""How much a Parquet file unpacks to, found before it is: 2.5 KB may say one long text a million times."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl

from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_CELLS, MAX_TEXT, MAX_UNPACKED_BYTES
from mujun.records.sheets.sheet import check_size

ROWS_AT_ONCE = 65_536
_PREFIXES = "DELTA_BYTE_ARRAY"
"""Each text as what it adds to the one before: it may grow with every row, up to all that the column unpacks to."""

_TEXT_AT_ONCE = 2**28


def kept_table(source: Path | bytes, place: Place) -> pl.DataFrame:
    """A table that mujun wrote as Parquet, wherever the file has been since: read only when its size is known.

    The first reading is pyarrow's, which says of broken bytes what Polars would end the process for.

    Raises:
        InputError: `file_broken`, `too_many_cells`, `too_much_text`, `file_unpacks_too_large`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    def opened() -> Any:
        return io.BytesIO(source) if isinstance(source, bytes) else source

    try:
        about = pq.read_metadata(opened())
        check_parquet(about, place)
        every = range(about.num_columns)
        texts = [
            about.schema.column(j).path
            for j in every
            if about.schema.column(j).physical_type == "BYTE_ARRAY" and not grows(chunks_of(about, [j]))
        ]
        left = MAX_TEXT
        file = pq.ParquetFile(opened(), read_dictionary=texts, pre_buffer=False)
        for batch in file.iter_batches(batch_size=rows_at_once(chunks_of(about, every)), use_threads=False):
            left -= sum(_text_in(column) for column in batch.columns)
            if left < 0:
                raise InputError(problem("too_much_text", place, limit=MAX_TEXT // 2**20))
        return pl.read_parquet(opened())
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError, TypeError, LookupError, OverflowError):
        raise InputError(problem("file_broken", place)) from None


def check_parquet(about: Any, place: Place) -> None:
    """Refuse what says of itself that it is too large.

    Raises:
        InputError: `too_many_cells`, `file_unpacks_too_large`.
    """
    check_size(about.num_rows, about.num_columns, place)
    # Lists have more values than rows.
    values = sum(chunk.num_values for chunk in chunks_of(about, range(about.num_columns)))
    if values > MAX_CELLS:
        raise InputError(
            problem("too_many_cells", place, rows=about.num_rows, columns=about.num_columns, limit=MAX_CELLS)
        )
    unpacked = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    if unpacked > MAX_UNPACKED_BYTES or unpacked < 0:
        limit = MAX_UNPACKED_BYTES // 2**20
        raise InputError(problem("file_unpacks_too_large", place, size=unpacked // 2**20, limit=limit))


def chunks_of(about: Any, columns: Any) -> list[Any]:
    """What the file says of columns, for each group of rows."""
    return [about.row_group(g).column(j) for g in range(about.num_row_groups) for j in columns]


def grows(chunks: list[Any]) -> bool:
    """Whether texts are written as additions to the one before."""
    return any(_PREFIXES in c.encodings for c in chunks)


def rows_at_once(chunks: list[Any]) -> int:
    """How many rows may be read together: so few that texts which grow cannot grow beyond bounds."""
    longest = max((c.total_uncompressed_size for c in chunks if grows([c])), default=0)
    return max(1, min(ROWS_AT_ONCE, _TEXT_AT_ONCE // max(1, longest))) if longest else ROWS_AT_ONCE


def _text_in(piece: Any) -> int:
    """How many bytes of text values have, each counted as often as it is used."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_list(piece.type) or pa.types.is_large_list(piece.type):
        return _text_in(piece.flatten())
    if pa.types.is_struct(piece.type):
        return sum(_text_in(part) for part in piece.flatten())
    if pa.types.is_dictionary(piece.type):
        lengths = pc.fill_null(pc.binary_length(piece.dictionary), 0).cast(pa.int64())
        return int(pc.sum(lengths.take(piece.indices.drop_null())).as_py() or 0)
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    if any(is_kind(piece.type) for is_kind in kinds):
        return int(pc.sum(pc.binary_length(piece)).as_py() or 0)
    return 0
