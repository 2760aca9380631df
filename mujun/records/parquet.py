"""How much a Parquet file unpacks to, found before it is: 2.5 KB may say one long text a million times."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_CELLS, MAX_FILE_BYTES, MAX_TEXT, MAX_UNPACKED_BYTES
from mujun.records.parquet_pages import MOST_PAGES, Pages, check_footer, pages_of
from mujun.records.sheets.sheet import check_size

ROWS_AT_ONCE = 65_536
ROWS_FROM_NOTHING, ROWS_OF_A_BYTE = 100_000, 10
"""How many rows a file may have, besides those for each of its bytes: one code said two million times takes 300 bytes
and minutes, while rows of which each says something take some bytes each."""
_TEXT_AT_ONCE = 2**27


def kept_table(source: Path | bytes, place: Place, columns: Collection[str] | None = None) -> pl.DataFrame:
    """A table that mujun wrote as Parquet, wherever the file has been since: read only when its size is known.

    The first reading is pyarrow's, which says of broken bytes what Polars would end the process for.

    Args:
        source: the file, or its bytes.
        place: where it stands, for a refusal.
        columns: those that are wanted, as far as the table has them; all unless told.

    Raises:
        InputError: `file_broken`, `file_too_large`, `too_many_cells`, `too_much_text`, `file_unpacks_too_large`,
            `parquet_too_many_pages`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        data = source if isinstance(source, bytes) else _bytes_of(source, place)
        about, pages = looked_through(data, place)
        texts = [
            about.schema.column(j).path
            for j in range(about.num_columns)
            if about.schema.column(j).physical_type == "BYTE_ARRAY" and not any(group[j].grows for group in pages)
        ]
        left = MAX_TEXT
        file = pq.ParquetFile(io.BytesIO(data), read_dictionary=texts, pre_buffer=False)
        together = rows_at_once([p for group in pages for p in group])
        wanted = None if columns is None else [name for name in file.schema_arrow.names if name in columns]
        for batch in file.iter_batches(batch_size=together, columns=wanted, use_threads=False):
            left -= sum(_text_in(column) for column in batch.columns)
            if left < 0:
                raise InputError(problem("too_much_text", place, limit=MAX_TEXT // 2**20))
        return pl.read_parquet(io.BytesIO(data), columns=wanted)
    except (*BROKEN, pa.ArrowException):
        raise InputError(problem("file_broken", place)) from None


BROKEN = (
    pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, TypeError, LookupError,
    OverflowError, MemoryError,
)  # fmt: skip
"""What reading a broken file raises, besides pyarrow's own."""


def _bytes_of(file: Path, place: Place) -> bytes:
    size = file.stat().st_size
    if size > MAX_FILE_BYTES:
        raise InputError(problem("file_too_large", place, size=size // 2**20, limit=MAX_FILE_BYTES // 2**20))
    return file.read_bytes()


def looked_through(data: bytes, place: Place) -> tuple[Any, list[list[Pages]]]:
    """What a file says of itself: its footer as pyarrow's metadata, and its pages by group of rows and column.

    Raises:
        InputError: `file_broken`, or it says that it is too large: `too_many_cells`, `too_much_text`,
            `file_unpacks_too_large`, `parquet_too_many_pages`.
    """
    import pyarrow.parquet as pq

    check_footer(data, place)
    about = pq.read_metadata(io.BytesIO(data))
    most = ROWS_FROM_NOTHING + ROWS_OF_A_BYTE * len(data)
    if about.num_rows > most:
        raise InputError(problem("too_many_cells", place, rows=about.num_rows, columns=about.num_columns, limit=most))
    _check_said(about, place)
    return about, pages_of(data, about, place)


def _check_said(about: Any, place: Place) -> None:
    """Refuse what says in its footer that it is too large."""
    check_size(about.num_rows, about.num_columns, place)
    if about.num_row_groups * about.num_columns > MOST_PAGES:
        raise InputError(problem("parquet_too_many_pages", place, limit=MOST_PAGES))
    # Lists have more values than rows.
    columns = range(about.num_columns)
    groups = [about.row_group(i) for i in range(about.num_row_groups)]
    values = [sum(g.column(j).num_values for g in groups) for j in columns]
    if sum(values) > MAX_CELLS or min(values, default=0) < 0:
        raise InputError(
            problem("too_many_cells", place, rows=about.num_rows, columns=about.num_columns, limit=MAX_CELLS)
        )
    # Of a fixed length, one value of megabytes in a dictionary may be used a million times.
    fixed = [about.schema.column(j).physical_type == "FIXED_LEN_BYTE_ARRAY" for j in columns]
    if sum(n * about.schema.column(j).length for j, n in enumerate(values) if fixed[j]) > MAX_TEXT:
        raise InputError(problem("too_much_text", place, limit=MAX_TEXT // 2**20))
    unpacked = sum(g.total_byte_size for g in groups)
    if unpacked > MAX_UNPACKED_BYTES or unpacked < 0:
        limit = MAX_UNPACKED_BYTES // 2**20
        raise InputError(problem("file_unpacks_too_large", place, size=unpacked // 2**20, limit=limit))


def rows_at_once(pages: Sequence[Pages]) -> int:
    """How many rows may be read together: so few that texts which grow cannot grow beyond bounds."""
    longest = max((p.size for p in pages if p.grows), default=0)
    return max(1, min(ROWS_AT_ONCE, _TEXT_AT_ONCE // longest)) if longest else ROWS_AT_ONCE


def _text_in(piece: Any) -> int:
    """How many bytes of text values have, each counted as often as it is used."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_list(piece.type) or pa.types.is_large_list(piece.type):
        if not len(piece):
            return 0
        # What `flatten` gives, which would have all of pyarrow's functions loaded: as long as Polars takes.
        begins = piece.offsets
        return _text_in(piece.values[begins[0].as_py() : begins[-1].as_py()])
    if pa.types.is_struct(piece.type):
        return sum(_text_in(part) for part in piece.flatten())
    if pa.types.is_dictionary(piece.type):
        # Each text of the dictionary as often as an index names it; a missing one names none.
        used = np.bincount(_indices(piece), minlength=len(piece.dictionary))
        return int(np.dot(used.astype(np.int64), _lengths(piece.dictionary)))
    return int(_lengths(piece).sum()) if _is_text(piece.type) else 0


def _indices(piece: Any) -> Any:
    """The indices of a dictionary's texts that are there."""
    import numpy as np

    present, numbers = piece.indices.buffers()
    kind = np.dtype(piece.indices.type.to_pandas_dtype())
    span = slice(piece.offset, piece.offset + len(piece))
    indices = np.frombuffer(numbers, dtype=kind)[span]
    if present is None:
        return indices
    return indices[np.unpackbits(np.frombuffer(present, dtype=np.uint8), bitorder="little")[span].astype(bool)]


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(is_kind(kind) for is_kind in kinds)


def _lengths(texts: Any) -> Any:
    """The bytes of each text, 0 of a missing one, from where each begins: pyarrow's own way takes as long to load as
    Polars."""
    import numpy as np
    import pyarrow as pa

    if not _is_text(texts.type):
        return np.zeros(len(texts), dtype=np.int64)
    wide = pa.types.is_large_string(texts.type) or pa.types.is_large_binary(texts.type)
    begins = np.frombuffer(texts.buffers()[1], dtype=np.int64 if wide else np.int32)
    return np.diff(begins[texts.offset : texts.offset + len(texts) + 1]).astype(np.int64)
