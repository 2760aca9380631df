"""Figures as texts with their unit behind them, by which they can be loaded back whatever the header says."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mujun.records.cells import halfwidth

_PLAIN = r"^[+-]?[0-9][0-9,]*(?:\.[0-9]*)?$"


def with_units(texts: pl.DataFrame, units: Mapping[str, str]) -> pl.DataFrame:
    """Columns whose plain numbers have a unit behind them; other texts as they are.

    Args:
        texts: columns of text.
        units: by column its unit.
    """
    columns = {name: pl.col(name) for name in units}
    return texts.with_columns(
        pl.when(halfwidth(text).str.contains(_PLAIN)).then(text + units[name]).otherwise(text).alias(name)
        for name, text in columns.items()
    )


def with_own_units(texts: pl.Series, units: pl.Series) -> pl.Series:
    """Plain numbers with the unit that stands in their row."""
    rows = pl.DataFrame({"t": texts, "u": units})
    number = halfwidth(pl.col("t"))
    plain = number.str.contains(_PLAIN) & pl.col("u").is_not_null()
    return rows.select(pl.when(plain).then(number + pl.col("u")).otherwise(pl.col("t")))["t"].alias(texts.name)
