"""The frame made ready: the columns that the rules read, in the dictionary's types."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from mujun.errors import RatingError, problem
from mujun.fields import FRAME_FIELDS, Field
from mujun.messages import Firm
from mujun.numbers import QUANTITY, QUANTITY_LIMIT, half_up, plot_ratio
from mujun.rules.expressions import Meaning

IDENTITY: tuple[str, ...] = ("year", "credit_code", "name", "township", "park", "industry", "scale")
"""Columns that every result carries, read by the rules or not."""


def prepared(frame: pl.DataFrame, names: Iterable[str], inputs: Iterable[Meaning] = ()) -> pl.DataFrame:
    """The columns of a frame that rules read, typed; what the frame does not have is missing.

    Args:
        frame: one row per enterprise. Quantities may be decimals, whole numbers or floats; a float counts as the
            decimal of at most six places next to it.
        names: frame fields to bring.
        inputs: the rules' own input fields (`input:`), brought from columns of the same name.

    Raises:
        RatingError: no `credit_code`, one twice or missing, or a column of a type that cannot be what it should be.
    """
    _check_codes(frame)
    wanted = dict.fromkeys([*IDENTITY, *names])
    have = frame.schema
    columns = [_typed(FRAME_FIELDS[n], have) for n in wanted if n in FRAME_FIELDS]
    for meaning in inputs:
        columns.append(_typed_input(meaning, have))
    return frame.lazy().select(columns).collect(engine="in-memory")


def _check_codes(frame: pl.DataFrame) -> None:
    if "credit_code" not in frame.columns:
        raise RatingError(problem("frame_no_codes", columns=frame.columns[:20]))
    codes = frame["credit_code"]
    if codes.null_count():
        raise RatingError(problem("frame_code_missing", count=codes.null_count()))
    if not _all_different(codes):
        twice = codes.filter(codes.is_duplicated()).unique().sort()
        raise RatingError(problem("frame_code_twice", code=Firm(twice[0]), count=twice.len()))


def _all_different(codes: pl.Series) -> bool:
    """Whether no code occurs twice: of sorted ones, as a store gives them, the next would be the same."""
    if codes.is_sorted():
        return not (codes == codes.shift(1)).any()
    # Whole numbers are counted in half the time, and different ones never come of one code.
    return codes.hash().n_unique() == codes.len() or codes.n_unique() == codes.len()


def _typed(field: Field, have: pl.Schema) -> pl.Expr:
    name, dtype = field.name, have.get(field.name)
    if dtype is None or dtype == pl.Null:
        return _absent(field, have)
    if field.kind == "quantity":
        return _quantity(name, dtype)
    if field.kind == "texts":
        return pl.col(name).cast(field.dtype).fill_null([])
    if field.kind == "text" and not (dtype == pl.String or isinstance(dtype, (pl.Enum, pl.Categorical))):
        raise RatingError(problem("frame_column_type", column=name, seen=str(dtype), wanted="String"))
    if field.kind in ("date", "boolean") and dtype != field.dtype:
        raise RatingError(problem("frame_column_type", column=name, seen=str(dtype), wanted=str(field.dtype)))
    return pl.col(name).cast(field.dtype)


def _absent(field: Field, have: pl.Schema) -> pl.Expr:
    if field.name == "as_of" and "year" in have:
        return pl.date(pl.col("year").cast(pl.Int32), 12, 31).alias("as_of")
    if field.name == "industry_division" and "industry" in have:
        division = pl.col("industry").cast(pl.String).str.extract(r"^(\d{2})")
        return division.alias("industry_division")
    if field.name == "plot_ratio" and {"floor_area_m2", "land_mu"} <= set(have):
        return plot_ratio("floor_area_m2", "land_mu").alias("plot_ratio")
    if field.kind == "texts":
        return pl.lit([], dtype=field.dtype).alias(field.name)
    return pl.lit(None, dtype=field.dtype).alias(field.name)


def _typed_input(meaning: Meaning, have: pl.Schema) -> pl.Expr:
    dtype = have.get(meaning.name)
    target = QUANTITY if meaning.kind == "exact" else meaning.dtype
    if dtype is None or dtype == pl.Null:
        return pl.lit(None, dtype=target).alias(meaning.name)
    if meaning.kind == "exact":
        return _quantity(meaning.name, dtype)
    if dtype != target:
        raise RatingError(problem("frame_column_type", column=meaning.name, seen=str(dtype), wanted=str(target)))
    return pl.col(meaning.name)


def _quantity(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Decimal):
        return (column if dtype.scale <= 6 else half_up(column, 6)).cast(QUANTITY)
    if dtype.is_integer():
        return column.cast(QUANTITY)
    if dtype.is_float():
        bounded = pl.when(column.is_finite() & (column.abs() < float(QUANTITY_LIMIT))).then(column)
        return half_up(bounded.cast(pl.Decimal(38, 12)), 6).cast(QUANTITY).alias(name)
    raise RatingError(problem("frame_column_type", column=name, seen=str(dtype), wanted="Decimal(18, 6)"))
