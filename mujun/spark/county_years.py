"""What came of many counties and years: their results, and a line for each county and year."""

from __future__ import annotations

import polars as pl
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sql
from pyspark.sql import types as spark

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.spark.column_types import polars_type
from mujun.spark.on_worker import PLACE, SUMMARY


@dataclass(frozen=True)
class CountyYears:
    """The results of many counties and years.

    As `rate` gives them they are not computed yet, and Spark computes anew what is asked for anew: `write` them and go
    on with what was written, which takes one pass and no memory, or `persist()` them.

    Attributes:
        rows: everything in one frame: `county`, `_place`, `_summary`, and the columns of the result. Of each county's
            year the row of place 0 sums up, the others are its result in order.
        county: what the county's column is called.
    """

    rows: DataFrame
    county: str

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns of the result with the types that a local call gives."""
        return {
            field.name: polars_type(field.dataType)
            for field in self.rows.schema
            if field.name not in (self.county, PLACE, SUMMARY)
        }

    @property
    def results(self) -> DataFrame:
        """The county's column, then the columns of a local result (without `run`), and `_place`: the row's number."""
        named = [sql.col(f"`{name}`") for name in self.schema]
        return self.rows.filter(sql.col(PLACE) > 0).select(self.county, *named, PLACE)

    @property
    def counties(self) -> DataFrame:
        """A row per county and year: `year, firms, rows, digest, unkept`, and `problem, codes` of what is not computed.

        `firms` are the rows of the frame, `rows` those of the result; `digest` is that of a local call. `unkept` are
        sentences of what the rules promise of tiers' shares (`verify`) and did not come out.
        """
        return self.rows.filter(sql.col(PLACE) == 0).select(self.county, "year", f"{SUMMARY}.*")

    def persist(self) -> CountyYears:
        """The same, kept by Spark once it is computed, in memory and where that is not enough on disk."""
        self.rows.persist()
        return self

    def unpersist(self) -> None:
        """Let go of what was kept."""
        self.rows.unpersist()

    def write(self, folder: str) -> CountyYears:
        """Compute everything once into Parquet, `county=…/year=…/`, and give what was written.

        Whoever reads the files without mujun takes the rows with `_place > 0`.

        Raises:
            AnalysisException: of Spark; the folder is there already.
        """
        self.rows.write.partitionBy(self.county, "year").parquet(folder)
        return CountyYears.read(self.rows.sparkSession, folder, self.county)

    @classmethod
    def read(cls, session: SparkSession, folder: str, county: str = "county") -> CountyYears:
        """What `write` wrote; counties are text, as the names of the folders are."""
        schema = session.read.parquet(folder).schema
        # Left to itself Spark reads the county 001 as the number 1.
        kinds = {county: spark.StringType(), "year": spark.IntegerType()}
        fields = [spark.StructField(f.name, kinds.get(f.name, f.dataType)) for f in schema]
        rows = session.read.schema(spark.StructType(fields)).parquet(folder)
        named = [f.name for f in fields if f.name not in (county, PLACE, SUMMARY, "year")]
        return cls(rows.select(county, PLACE, SUMMARY, "year", *(sql.col(f"`{name}`") for name in named)), county)

    def table(self, county: object, year: int) -> pl.DataFrame:
        """One county's result as a local call gives it, in its order.

        `mujun.rating.digest_of` of it is the county's digest.

        Raises:
            UsageError: the county's year is not there, or could not be computed.
        """
        here = self.rows.filter((sql.col(self.county) == sql.lit(county)) & (sql.col("year") == year))
        frame = pl.from_arrow(here.drop(self.county).toArrow())
        assert isinstance(frame, pl.DataFrame)
        told = frame.filter(pl.col(PLACE) == 0)[SUMMARY]
        if told.is_empty():
            raise UsageError(problem("spark_no_county", county=county, year=year))
        if (wrong := told[0]["problem"]) is not None:
            raise UsageError(problem("spark_county_failed", county=county, year=year, problem=wrong))
        ordered = frame.filter(pl.col(PLACE) > 0).sort(PLACE)
        return ordered.select(pl.col(name).cast(dtype) for name, dtype in self.schema.items())
