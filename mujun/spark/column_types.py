"""Types of columns as Polars, Arrow and Spark call them: decimals stay decimals of the same digits."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pyarrow as pa
from pyspark.sql import types as spark


def spark_type(dtype: pl.DataType) -> spark.DataType:
    """The Spark type of a column of a result."""
    if isinstance(dtype, pl.Decimal):
        return spark.DecimalType(dtype.precision, dtype.scale)
    if isinstance(dtype, pl.List):
        inner = dtype.inner
        return spark.ArrayType(spark_type(inner if isinstance(inner, pl.DataType) else inner()))
    return _SPARK[type(dtype)]()


_SPARK: Mapping[type[pl.DataType], type[spark.DataType]] = {
    pl.String: spark.StringType,
    pl.Int32: spark.IntegerType,
    pl.Int64: spark.LongType,
    pl.Float64: spark.DoubleType,
    pl.Boolean: spark.BooleanType,
    pl.Date: spark.DateType,
}


def polars_type(dtype: spark.DataType) -> pl.DataType:
    """The Polars type that a Spark column comes as."""
    from pyspark.sql.pandas.types import to_arrow_type

    nothing = pa.table({"column": pa.array([], type=to_arrow_type(dtype))})
    frame = pl.from_arrow(nothing)
    assert isinstance(frame, pl.DataFrame)
    return frame.schema["column"]
