"""`rate`, `list_enterprises`, `allocate` of a Spark frame: every county's year by itself, many at a time."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as sql
from pyspark.sql import types as spark
from pyspark.sql.pandas.types import to_arrow_schema

from mujun import messages
from mujun.allocation.periods import Span, span_of
from mujun.rules.allocation_plan import compile_allocation
from mujun.rules.frame_columns import Step
from mujun.rules.gaps import check_words
from mujun.rules.ruleset import RuleSet
from mujun.spark.column_types import polars_type, spark_type
from mujun.spark.county_years import CountyYears
from mujun.spark.needs import needs_of
from mujun.spark.on_worker import OF_COUNTY, OF_YEAR, PLACE, SUMMARY, TASK, UNREAD, OnWorker
from mujun.spark.one_county import empty_table
from mujun.spark.sharing import (
    TASKS_PER_CORE,
    CountyYear,
    check_all_read,
    check_columns,
    firms_by_target,
    rested_on,
    shared_out,
    sizes_of,
    usage_by_target,
)

USAGE = ("credit_code", "utility", "from", "until", "quantity")
"""The columns of usage records, besides the county's."""

_SUMMARY = spark.StructType(
    [
        spark.StructField("firms", spark.LongType()),
        spark.StructField("rows", spark.LongType()),
        spark.StructField("digest", spark.StringType()),
        spark.StructField("problem", spark.StringType()),
        spark.StructField("codes", spark.ArrayType(spark.StringType())),
        spark.StructField("unkept", spark.ArrayType(spark.StringType())),
    ]
)


def rate(
    frame: DataFrame,
    ruleset: RuleSet,
    *,
    county: str = "county",
    tasks: int | None = None,
    despite: Collection[str] = (),
) -> CountyYears:
    """Rate every county's year of a Spark frame as `mujun.rate` rates one.

    Args:
        frame: a row per enterprise and year, columns as in `mujun.fields.FRAME_FIELDS`, decimals as decimals, and the
            county's column. Earlier years' values (`tax_paid_last`) that it does not have are taken from the rows of
            the same code in earlier years; statistics with `year: previous` look at the rows of the year before.
        ruleset: what `load_rules` gives; one for all counties. Counties with rules of their own are calls of their own.
        county: the column that says which rating a row belongs to: a county's, or a city's that rates as one.
        tasks: over how many tasks the counties are spread; by default four to a core, at most one to a county's year.
        despite: fields, by name or label, whose absence is accepted: without it a county's year is not computed where a
            figure that an indicator asks for is missing for all, as `mujun rate` refuses it.

    Returns:
        The results, not computed yet: Spark computes when it is asked for rows. What cannot be rated is told in
        `counties`, and the others are rated.

    Raises:
        RuleError: the rule set has no rating, is only a base, or does not fit together.
        UsageError: a column is missing, the rules look at tiers and the frame does not bring them, or the dictionary
            has no such field as in `despite`.
        RatingError: a column is of a type that it cannot be.
    """
    return _county_by_county(frame, ruleset, "rating", county, tasks, None, despite)


def list_enterprises(
    frame: DataFrame,
    ruleset: RuleSet,
    *,
    county: str = "county",
    tasks: int | None = None,
    despite: Collection[str] = (),
) -> CountyYears:
    """List in every county's year the enterprises that rectification.yaml wants dealt with, as `list_enterprises` does.

    A rule set with a rating is rated first; without one the frame gives `tier` and the like. Arguments and errors as of
    `rate`.
    """
    return _county_by_county(frame, ruleset, "rectification", county, tasks, None, despite)


def allocate(
    frame: DataFrame,
    ruleset: RuleSet,
    *,
    usage: DataFrame | None = None,
    county: str = "county",
    tasks: int | None = None,
    despite: Collection[str] = (),
) -> CountyYears:
    """What the measures of a rule set cost and bring every enterprise of every county's year, as `mujun.allocate` says.

    Args:
        frame: as of `rate`.
        ruleset: what `load_rules` gives, with allocation.yaml.
        usage: the county's column and `credit_code, utility, from, until, quantity`: bills, or monthly readings, of all
            years; a year is given those of the days that its measures charge, and of its own days. With a column
            `year` a record counts for that data year only: `mujun export usage` writes them by a year's codes.
        county: the column that says which county a row belongs to, in both frames.
        tasks, despite: as of `rate`.
    """
    return _county_by_county(frame, ruleset, "allocation", county, tasks, usage, despite)


def _county_by_county(
    frame: DataFrame,
    ruleset: RuleSet,
    step: Step,
    county: str,
    tasks: int | None,
    usage: DataFrame | None,
    despite: Collection[str],
) -> CountyYears:
    check_words(despite)
    check_columns(frame, (county, "year", "credit_code"))
    needs = needs_of(ruleset, step, frame.columns)
    columns = dict.fromkeys([county, "year", *needs.columns, *(c for c in frame.columns if c == UNREAD)])
    # A year that is the name of a folder comes as text.
    named = {name: sql.col(f"`{name}`") for name in columns}
    frame = frame.select(*(c.cast("int").alias(n) if n == "year" else c for n, c in named.items()))
    types = {field.name: polars_type(field.dataType) for field in frame.schema}
    schema = empty_table(ruleset, step, needs, types).schema
    sizes = sizes_of(frame, county)
    pairs = rested_on(sizes, needs.years_back)
    chosen = _chosen_tasks(sizes, pairs, tasks or TASKS_PER_CORE * frame.sparkSession.sparkContext.defaultParallelism)
    rows = firms_by_target(frame, county, pairs, chosen)
    if usage is not None:
        check_columns(usage, (county, *USAGE))
        check_all_read(usage)
        records = usage.select(county, *USAGE, *(c for c in usage.columns if c == "year"))
        touched = usage_by_target(records, county, _days_looked_at(ruleset, chosen), chosen)
        rows = rows.unionByName(touched, allowMissingColumns=True)
    written = spark.StructType(
        [
            spark.StructField(county, frame.schema[county].dataType),
            spark.StructField(PLACE, spark.IntegerType()),
            spark.StructField(SUMMARY, _SUMMARY),
            *(spark.StructField(name, spark_type(dtype)) for name, dtype in schema.items()),
        ]
    )
    sent = pickle.dumps((ruleset, step, needs, tuple(despite)))
    work = OnWorker(sent, messages.language(), county, to_arrow_schema(written))
    computed = (
        rows.repartitionById(max(chosen.values(), default=0) + 1, sql.col(TASK))
        .groupBy(TASK, OF_COUNTY, OF_YEAR)
        .applyInArrow(work.as_function(), written)
    )
    return CountyYears(computed, county)


def _chosen_tasks(
    sizes: Mapping[CountyYear, int], pairs: Sequence[tuple[CountyYear, CountyYear, int]], most: int
) -> dict[CountyYear, int]:
    weights = dict.fromkeys(sizes, 0)
    for target, source, _ in pairs:
        weights[target] += sizes[source]
    return shared_out(weights, max(1, min(most, len(weights))))


def _days_looked_at(ruleset: RuleSet, targets: Iterable[CountyYear]) -> dict[int, Span]:
    """By data year from when until when usage records matter: the days that are charged, and the year's own."""
    measures = compile_allocation(ruleset).measures
    looked_at: dict[int, Span] = {}
    for year in {t.year for t in targets if t.year is not None}:
        spans = [span_of(measure.source.period, year) for measure in measures]
        spans.append(Span(date(year, 1, 1), date(year, 12, 31)))
        known = [span for span in spans if span is not None]
        looked_at[year] = Span(min(s.first for s in known), max(s.last for s in known))
    return looked_at
