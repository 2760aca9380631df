"""Who computes what: every county's year with the rows it rests on, spread evenly over tasks in one shuffle."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as sql
from pyspark.sql.pandas.types import to_arrow_type

from mujun.allocation.periods import Span
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.spark.on_worker import BACK, OF_COUNTY, OF_YEAR, TASK, UNREAD, USAGE, USAGE_ROW

TASKS_PER_CORE = 4
"""How many tasks each core is given: enough that a late one does not leave the others waiting."""


@dataclass(frozen=True, order=True)
class CountyYear:
    """A county's year; a row that does not say where it belongs goes to one whose county or year is missing."""

    county: object
    year: int | None


def check_columns(frame: DataFrame, wanted: Sequence[str]) -> None:
    """See that a Spark frame has the columns without which its rows belong nowhere.

    Raises:
        UsageError: it has not.
    """
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        near = Guess(nearest(missing[0], frame.columns))
        raise UsageError(problem("spark_no_column", missing=missing, columns=frame.columns[:20], near=near))


def check_all_read(frame: DataFrame) -> None:
    """See that every file of a folder was read, where what is missing would be missed in silence.

    Raises:
        UsageError: one was not.
    """
    if UNREAD in frame.columns:
        told = frame.filter(sql.col(UNREAD).isNotNull()).select(UNREAD).first()
        if told is not None:
            raise UsageError(problem("spark_unread", told=told[0]))


def sizes_of(frame: DataFrame, county: str) -> dict[CountyYear, int]:
    """How many rows every county's year has: one pass that reads two columns."""
    counted = frame.groupBy(sql.col(county).alias("county"), sql.col("year").cast("int").alias("year")).count()
    return {CountyYear(row["county"], row["year"]): row["count"] for row in counted.collect()}


def rested_on(sizes: Mapping[CountyYear, int], years_back: int) -> list[tuple[CountyYear, CountyYear, int]]:
    """For every county's year the years that its result rests on, itself first: `(for, rows of, years back)`."""
    pairs = []
    for target in sizes:
        pairs.append((target, target, 0))
        if target.year is not None and target.county is not None:
            earlier = [(CountyYear(target.county, target.year - back), back) for back in range(1, years_back + 1)]
            pairs += [(target, source, back) for source, back in earlier if source in sizes]
    return pairs


def shared_out(weights: Mapping[CountyYear, int], tasks: int) -> dict[CountyYear, int]:
    """To which task each county's year goes: the largest first, each to the task that has least to do.

    >>> a, b, c = (CountyYear(name, 2022) for name in "abc")
    >>> shared_out({a: 10, b: 70, c: 50}, 2) == {b: 0, c: 1, a: 1}
    True
    """
    heap = [(0, task) for task in range(tasks)]
    chosen: dict[CountyYear, int] = {}
    for target in sorted(weights, key=lambda t: (-weights[t], str(t.county), t.year or 0)):
        load, task = heapq.heappop(heap)
        chosen[target] = task
        heapq.heappush(heap, (load + weights[target], task))
    return chosen


def firms_by_target(
    frame: DataFrame, county: str, pairs: Sequence[tuple[CountyYear, CountyYear, int]], tasks: Mapping[CountyYear, int]
) -> DataFrame:
    """The rows of a frame once for every county's year that rests on them, with `_task, _county, _year, _back`."""
    plan = {
        OF_COUNTY: _counties([source for _, source, _ in pairs], frame, county),
        "_row_year": pa.array([source.year for _, source, _ in pairs], pa.int32()),
        OF_YEAR: pa.array([target.year for target, _, _ in pairs], pa.int32()),
        BACK: pa.array([back for _, _, back in pairs], pa.int32()),
        TASK: pa.array([tasks[target] for target, _, _ in pairs], pa.int32()),
    }
    where = sql.broadcast(frame.sparkSession.createDataFrame(pa.table(plan)))
    same = frame[county].eqNullSafe(where[OF_COUNTY]) & frame["year"].cast("int").eqNullSafe(where["_row_year"])
    return frame.join(where, same).drop("_row_year")


def usage_by_target(
    usage: DataFrame, county: str, days: Mapping[int, Span], tasks: Mapping[CountyYear, int]
) -> DataFrame:
    """Usage records once for every county's year that may charge them, with `_task, _county, _year, _back, _usage`.

    Args:
        usage: the county's column and `credit_code, utility, from, until, quantity`, and `year` where a record is there
            for one data year only.
        county: what the county's column is called.
        days: by year from when until when its measures look at records.
        tasks: where each county's year is computed.

    A record without days, or that ends before it begins, goes to all years of its county, which say so.
    """
    targets = [t for t in tasks if t.county is not None and t.year is not None]
    plan = {
        OF_COUNTY: _counties(targets, usage, county),
        OF_YEAR: pa.array([t.year for t in targets], pa.int32()),
        "_first": pa.array([days[t.year].first for t in targets if t.year is not None], pa.date32()),
        "_last": pa.array([days[t.year].last for t in targets if t.year is not None], pa.date32()),
        TASK: pa.array([tasks[t] for t in targets], pa.int32()),
    }
    where = sql.broadcast(usage.sparkSession.createDataFrame(pa.table(plan)))
    begins, ends = usage["from"], usage["until"]
    touches = (begins <= where["_last"]) & (ends >= where["_first"])
    wrong = begins.isNull() | ends.isNull() | (ends < begins)
    same = usage[county] == where[OF_COUNTY]
    if "year" in usage.columns:
        same &= usage["year"].cast("int") == where[OF_YEAR]
    together = usage.join(where, same & (touches | wrong))
    record = sql.struct("utility", "from", "until", sql.col("quantity").cast("decimal(18,6)").alias("quantity"))
    return together.select("credit_code", OF_COUNTY, OF_YEAR, TASK, sql.lit(USAGE_ROW).alias(BACK), record.alias(USAGE))


def _counties(places: Sequence[CountyYear], frame: DataFrame, county: str) -> pa.Array:
    return pa.array([place.county for place in places], to_arrow_type(frame.schema[county].dataType))
