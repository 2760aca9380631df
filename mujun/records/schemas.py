"""What must hold of every record, as pandera schemas made from the dictionary: one per table.

All checks look at one column. A check of a whole frame would turn every failing row into text, tax records and all,
inside an error message; what needs several columns (duplicate keys) is counted in `checks` instead. Frames are
collected before they are validated: pandera silently leaves data checks out on a LazyFrame.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from mujun.fields import TABLES, Field
from mujun.records.identity import is_valid_code
from mujun.records.limits import EARLIEST_YEAR, FIRST_DAY, LAST_DAY, latest_year

FAILURES = {"_at": pl.Int64(), "field": pl.String(), "check": pl.String()}


@cache
def _column(table: str, name: str) -> pa.Column:
    f = TABLES[table].by_name[name]
    return pa.Column(f.dtype, checks=list(_checks(f)), nullable=TABLES[table].may_be_blank(name))


@lru_cache(maxsize=256)
def schema(table: str, names: tuple[str, ...] | None = None) -> pa.DataFrameSchema:
    """The schema of a table or some of its columns: types, blanks, choices and bounds as the dictionary has them."""
    chosen = TABLES[table].by_name if names is None else names
    return pa.DataFrameSchema({name: _column(table, name) for name in chosen}, name=table)


def _checks(f: Field) -> Iterator[pa.Check]:
    if f.choices:
        yield pa.Check.isin(list(f.choices))
    if f.pattern:
        yield pa.Check.str_matches(f.pattern)
    if f.kind == "quantity" and not f.negative:
        yield pa.Check.ge(0)
    if f.kind == "date":
        yield pa.Check.ge(FIRST_DAY)
        yield pa.Check.le(LAST_DAY)
    if f.name == "credit_code":
        yield pa.Check(_code_is_valid, name="code_is_valid", error="code_is_valid")
    if f.name == "year":
        yield pa.Check.ge(EARLIEST_YEAR)
        yield pa.Check(_year_has_come, name="year_has_come", error="year_has_come")


def _code_is_valid(data: PolarsData) -> pl.LazyFrame:
    """A credit code by GB 32100-2015, or a local code."""
    return data.lazyframe.select(is_valid_code(pl.col(data.key)) | pl.col(data.key).is_null())


def _year_has_come(data: PolarsData) -> pl.LazyFrame:
    """Not after this year."""
    return data.lazyframe.select(pl.col(data.key) <= latest_year())


def failures(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Every cell of a collected frame that fails its table's schema.

    Returns:
        `_at` (row position), `field`, `check` (pandera's name of it); complete, not capped: a failing check of one
        column costs that column only.
    """
    described = TABLES[table]
    # Nothing can fail in a column that is blank from top to bottom and may be: such are most, and each takes its time.
    told = tuple(
        name for name, dtype in described.schema.items()
        if frame[name].null_count() < frame.height or frame[name].dtype != dtype or not described.may_be_blank(name)
    )  # fmt: skip
    try:
        schema(table, told).validate(frame.select(told), lazy=True)
    except pa.errors.SchemaErrors as e:
        cases: pl.DataFrame = e.failure_cases
        wrong = cases.filter(pl.col("index").is_null())
        if wrong.height:
            raise AssertionError(f"{table}: the frame is not what its schema describes: {wrong.rows()[:3]}") from e
        return cases.select(
            pl.col("index").cast(pl.Int64).alias("_at"), pl.col("column").alias("field"), pl.col("check")
        ).unique(maintain_order=True)
    return pl.DataFrame(schema=FAILURES)
