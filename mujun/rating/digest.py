"""A digest of a table's values: the same whatever the chunks, threads or buffers behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import polars as pl

_TOGETHER = 8
"""Columns whose texts are made at once, by as many threads as there are."""

_WHOLE = (pl.Int64, pl.Int32, pl.Int8, pl.UInt32)


def digest_of(frame: pl.DataFrame) -> str:
    """SHA-256 over names, types, missing marks and values, column by column, in row order.

    Texts and lists count as their text, numbers as their shortest exact text: two tables have the same digest exactly
    if they would print alike with every digit.
    """
    total = hashlib.sha256()
    for series, values in _columns(frame):
        total.update(f"{series.name}\x1e{series.dtype}\x1e{series.len()}\x1e".encode())
        total.update(_missing(series))
        total.update(values)
    return total.hexdigest()


def _columns(frame: pl.DataFrame) -> Iterator[tuple[pl.Series, bytes]]:
    """Every column and its values as bytes."""
    every = frame.get_columns()
    for start in range(0, len(every), _TOGETHER):
        several = every[start : start + _TOGETHER]
        as_text = [s for s in several if s.null_count() < s.len() and not _is_number(s)]
        # One text a column, put together where the column is: a hundred thousand Python strings take ten times as long.
        named = {str(i): s for i, s in enumerate(as_text)}
        texts = pl.DataFrame(named).select([_text(n, s) for n, s in named.items()]).row(0) if named else ()
        by_name = {s.name: text for s, text in zip(as_text, texts, strict=True)}
        for series in several:
            yield series, by_name[series.name] if series.name in by_name else _plain(series)


def _is_number(series: pl.Series) -> bool:
    return series.dtype == pl.Float64 or series.dtype in _WHOLE


def _text(name: str, series: pl.Series) -> pl.Expr:
    column = pl.col(name)
    if isinstance(series.dtype, pl.List):
        column = column.list.join("\x1f")
    if series.dtype == pl.Date:
        # Writing a date takes long, and a table has few different ones.
        days = series.unique().drop_nulls()
        column = column.replace_strict(days, days.cast(pl.String), default=None, return_dtype=pl.String)
    # Bytes as they stand: as a text of Python's it would be read and written once more.
    return column.cast(pl.String).fill_null("").str.join("\x1e").cast(pl.Binary)


def _missing(series: pl.Series) -> bytes:
    """A byte for every value: whether it is missing."""
    count = series.null_count()
    if count in (0, series.len()):
        return bytes([count > 0]) * series.len()
    return series.is_null().to_numpy().tobytes()


def _plain(series: pl.Series) -> bytes:
    """Numbers as they stand in 64 bits, and texts of which there is none."""
    if not _is_number(series):
        return b"\x1e" * (series.len() - 1)
    if series.null_count() == series.len():
        return bytes(8 * series.len())
    if series.dtype == pl.Float64:
        # Zero has two signs, which are one value.
        return (series.fill_null(0.0) + 0.0).to_numpy().tobytes()
    return series.fill_null(0).cast(pl.Int64).to_numpy().tobytes()
