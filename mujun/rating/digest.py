"""A digest of a table's values: the same whatever the chunks, threads or buffers behind it."""

from __future__ import annotations

import hashlib

import polars as pl


def digest_of(frame: pl.DataFrame) -> str:
    """SHA-256 over names, types, missing marks and values, column by column, in row order.

    Texts and lists count as their text, numbers as their shortest exact text: two tables have the same digest exactly
    if they would print alike with every digit.
    """
    total = hashlib.sha256()
    for series in frame.iter_columns():
        total.update(f"{series.name}\x1e{series.dtype}\x1e{series.len()}\x1e".encode())
        total.update(series.is_null().to_numpy().tobytes())
        total.update(_values(series))
    return total.hexdigest()


def _values(series: pl.Series) -> bytes:
    if series.dtype == pl.Float64:
        # Zero has two signs, which are one value.
        return (series.fill_null(0.0) + 0.0).to_numpy().tobytes()
    if series.dtype in (pl.Int64, pl.Int32, pl.Int8, pl.UInt32):
        return series.fill_null(0).cast(pl.Int64).to_numpy().tobytes()
    if isinstance(series.dtype, pl.List):
        series = series.list.join("\x1f")
    texts = series.cast(pl.String).fill_null("")
    # One text, put together where the column is: a hundred thousand Python strings take ten times as long.
    return (texts.str.join("\x1e")[0] or "").encode()
