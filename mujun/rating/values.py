"""Values as a document shows them: exact, without trailing zeros."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from mujun.numbers import at12
from mujun.rules.expressions import Meaning

VALUE_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "field": pl.String(),
    "label": pl.String(),
    "value": pl.String(),
    "unit": pl.String(),
}


def shown(meaning: Meaning) -> pl.Expr:
    """A column as text: `20.500000` is `20.5`, a list is joined, a float is taken at 12 decimals."""
    column = pl.col(meaning.name)
    if meaning.kind == "exact":
        text = column.cast(pl.Decimal(38, meaning.scale)).cast(pl.String)
        return _plain(text) if meaning.scale else text
    if meaning.kind == "number":
        taken = at12(column)
        return _plain(pl.when(taken.abs() < 1e25).then(taken).cast(pl.Decimal(38, 12)).cast(pl.String))
    if meaning.kind == "boolean":
        return pl.when(column).then(pl.lit("是")).when(column.not_()).then(pl.lit("否"))
    if meaning.kind == "texts":
        return column.list.join("、", ignore_nulls=True)
    return column.cast(pl.String)


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.replace(r"\.?0+$", "")


def values_of(frame: pl.DataFrame, meanings: Iterable[Meaning]) -> pl.DataFrame:
    """The values of some names, a row per enterprise and name: `credit_code, field, label, value, unit`.

    Args:
        frame: enterprises with the columns named.
        meanings: what to show, in order.
    """
    frames = [
        frame.select(
            pl.col("credit_code"),
            pl.lit(m.name).alias("field"),
            pl.lit(m.label or m.name).alias("label"),
            shown(m).alias("value"),
            pl.lit(str(m.unit) if m.unit is not None and m.unit.dimensions else "").alias("unit"),
        )
        for m in meanings
        if m.name in frame.columns
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=VALUE_SCHEMA)
