"""Parquet: a file as a sheet whose header is the column names; rows count from 1 below it.

Read by pyarrow, which raises where a corrupt file makes other readers abort; text is kept as a dictionary until it is
known how long all of it is, for a value of megabytes may be used a million times.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import polars as pl

from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_TEXT
from mujun.records.parquet import BROKEN, looked_through, rows_at_once
from mujun.records.parquet_pages import Pages
from mujun.records.sheet_marks import Marks
from mujun.records.sheets.sheet import Sheet, fifteen_digits, trimmed


def columnar_sheet(data: bytes, place: Place) -> Sheet:
    """A Parquet file as a sheet.

    Raises:
        InputError: as of `mujun.records.parquet.looked_through`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about, pages = looked_through(data, place)
        schema = about.schema.to_arrow_schema()
        kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)
        chunks = [[group[j] for group in pages for j in _columns(about, f.name)] for f in schema]
        texts = [
            f.name
            for f, of_column in zip(schema, chunks, strict=True)
            if any(is_kind(f.type) for is_kind in kinds) and not any(p.grows for p in of_column)
        ]
        file = pq.ParquetFile(io.BytesIO(data), read_dictionary=texts, pre_buffer=False)
        columns: dict[str, pl.Series] = {}
        odd: dict[int, str] = {}
        characters = 0
        for i, f in enumerate(schema):
            pieces = []
            for piece in _pieces(file, f.name, chunks[i]):
                text, long, kind = _as_text(piece, f, MAX_TEXT - characters, place)
                characters += long
                pieces.append(text)
                if kind:
                    odd[i] = kind
            head = pl.Series(f"c{i}", [f.name], dtype=pl.String)
            columns[f"c{i}"] = pl.concat([head, *(p.alias(f"c{i}") for p in pieces)])
        cells = pl.DataFrame(columns)
    except (*BROKEN, pa.ArrowException):
        raise InputError(problem("file_broken", place)) from None
    return Sheet(None, cells, pl.Series("row", range(cells.height), dtype=pl.Int64), marks=Marks(odd_columns=odd))


def _pieces(file: Any, name: str, chunks: list[Pages]) -> Iterator[Any]:
    """A column's values, some rows at a time."""
    for batch in file.iter_batches(batch_size=rows_at_once(chunks), columns=[name], use_threads=False):
        yield batch.column(0)


def _columns(about: Any, name: str) -> list[int]:
    """The numbers of a column's parts: what is within it has numbers of its own."""
    return [j for j in range(about.num_columns) if about.schema.column(j).path.split(".")[0] == name]


def _as_text(piece: Any, f: Any, left: int, place: Place) -> tuple[pl.Series, int, str]:
    """Values as texts, how many characters they have, and their type where it is none of a table's."""
    import pyarrow as pa

    if pa.types.is_dictionary(piece.type):
        lengths = pl.Series(_from_arrow(piece.dictionary)).cast(pl.Binary).bin.size().fill_null(0)
        used = pl.Series(_from_arrow(piece.indices)).drop_nulls()
        long = int(lengths.cast(pl.Int64).gather(used.cast(pl.UInt32)).sum() or 0)
        _check_text(long, left, place)
        piece = piece.cast(piece.type.value_type)
        if not pa.types.is_binary(piece.type) and not pa.types.is_large_binary(piece.type):
            return trimmed(pl.Series(_from_arrow(piece)).cast(pl.String)), long, ""
    if pa.types.is_binary(piece.type) or pa.types.is_large_binary(piece.type):
        try:
            # Some programs write texts without saying that they are.
            whole = pl.Series(_from_arrow(piece)).cast(pl.String)
        except pl.exceptions.PolarsError:
            return _odd(piece, "binary")
        return trimmed(whole), int(whole.str.len_bytes().sum() or 0), ""
    if pa.types.is_float32(piece.type) or pa.types.is_float16(piece.type):
        # A number of seven digits has seven: 0.1 is 0.1, and not 0.10000000149.
        shortest = pl.Series(_from_arrow(piece)).cast(pl.Float32).cast(pl.String).to_list()
        return pl.Series([v and fifteen_digits(float(v)) for v in shortest], dtype=pl.String), 0, ""
    values = pl.Series(_from_arrow(piece))
    if values.dtype == pl.String:
        long = int(values.str.len_chars().sum() or 0)
        _check_text(long, left, place)
        return trimmed(values), long, ""
    if values.dtype == pl.Float64:
        return pl.Series([None if v is None else fifteen_digits(v) for v in values.to_list()], dtype=pl.String), 0, ""
    if values.dtype.is_nested() or values.dtype in (pl.Duration, pl.Object, pl.Time) or values.dtype == pl.Null:
        return _odd(piece, "" if values.dtype == pl.Null else str(f.type))
    return trimmed(values.cast(pl.String)), 0, ""


def _check_text(long: int, left: int, place: Place) -> None:
    if long > left:
        raise InputError(problem("too_much_text", place, limit=MAX_TEXT // 2**20))


def _odd(piece: Any, kind: str) -> tuple[pl.Series, int, str]:
    """Values of a type that no table has, as a person may recognise them."""
    shown = [None if v is None else str(v)[:200] for v in piece.to_pylist()]
    return pl.Series(shown, dtype=pl.String), 0, kind


def _from_arrow(piece: Any) -> pl.Series:
    series = pl.from_arrow(piece)
    if not isinstance(series, pl.Series):
        raise TypeError(type(series))
    return series
