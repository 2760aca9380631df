"""The job of many counties: their frames in, their ratings, lists and amounts out, partitioned.

    spark-submit --master spark://HOST:7077 examples/rate_counties.py FRAMES RESULTS --rules zhejiang/shengzhou-2022

FRAMES is a folder of Parquet as `mujun export enterprises` writes it, `county=330683/year=2022/…` or with those columns
inside. RESULTS gets `rating/`, `rectification/`, `allocation/` as far as the rule set has them, each partitioned by
county and year (`CountyYears.write`), and beside each `…_counties/`: digests, and what was wrong where nothing could be
computed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, Row, SparkSession

from mujun import messages
from mujun.errors import MujunError, UsageError, problem
from mujun.fields.here import field_here
from mujun.rules import RuleSet, load_rules
from mujun.rules.allocation_plan import UTILITY_OF, compile_allocation
from mujun.rules.gaps import check_words
from mujun.spark.county_by_county import allocate, list_enterprises, rate
from mujun.spark.county_years import CountyYears
from mujun.spark.reading import read_folder
from mujun.spark.session import SETTINGS

TOLD = 20
"""How many counties' troubles are printed; all of them are in the table of counties."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute and write everything; 0 where every county's year was computed, 1 where one was not or nothing was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("frames", help="folder of Parquet files")
    parser.add_argument("results", help="folder to be made")
    parser.add_argument("--rules", required=True, help="rule set, by address or folder")
    parser.add_argument("--county", default="county", help="the county's column")
    parser.add_argument("--usage", help="folder of Parquet files with bills or readings, as mujun export usage writes")
    parser.add_argument("--despite", action="append", default=[], metavar="FIELD", help="rate although it is missing")
    parser.add_argument("--tasks", type=int, help="over how many tasks the counties are spread")
    given = parser.parse_args(arguments)
    session = _session()
    try:
        failed = _computed(session, given)
    except MujunError as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if failed else 0


def _session() -> SparkSession:
    builder = SparkSession.builder.appName("mujun")
    for name, value in SETTINGS.items():
        # Where it listens is for the cluster to say.
        builder = builder if name.startswith("spark.driver") else builder.config(name, value)
    return builder.getOrCreate()


def _computed(session: SparkSession, given: argparse.Namespace) -> int:
    """Write every result that the rule set gives; how many counties' years could not be computed."""
    rules = load_rules(given.rules)
    frame = read_folder(session, given.frames)
    usage = read_folder(session, given.usage) if given.usage else None
    failed = 0
    check_words(given.despite)
    for name, step in _steps(rules, usage).items():
        folder = f"{given.results}/{name}"
        done = _written(step(frame, rules, county=given.county, tasks=given.tasks, despite=given.despite), folder)
        failed += _told(done, given.county, folder)
        if name == "rating":
            _tell_of_promises(done, given.county, folder)
        if name == "allocation":
            _tell_of_amounts(rules, done, usage)
    return failed


def _tell_of_promises(done: CountyYears, county: str, folder: str) -> None:
    """Say which shares that the rules promise did not come out, as `mujun rate` does."""
    unkept = [
        messages.text("spark_unkept", county=row[county], year=row["year"], said=said)
        for row in _in_order(done.counties.collect(), county)
        for said in row["unkept"] or ()
    ]
    for line in unkept[:TOLD]:
        print(line)
    if len(unkept) > TOLD:
        print(messages.text("spark_more_unkept", count=len(unkept) - TOLD, folder=folder))


def _tell_of_amounts(rules: RuleSet, done: CountyYears, usage: DataFrame | None) -> None:
    """Say what amounts rest on where that is not all it might be: no readings, a year that the measures are not for."""
    measures = compile_allocation(rules).measures
    charged = {m.utility for m in measures}
    fields = [field_here(name) for name, utility in UTILITY_OF.items() if utility in charged]
    if fields and usage is None:
        print(messages.text("spark_no_readings", fields=fields))
    years = rules.allocation.years if rules.allocation is not None else ()
    tried = {row["year"] for row in done.counties.filter("problem is null").select("year").distinct().collect()}
    for year in sorted(tried - set(years) if years else ()):
        print(messages.text("allocation_tried_on_year", address=rules.address, year=year, years=list(years)))


def _steps(rules: RuleSet, usage: DataFrame | None) -> dict[str, Callable[..., CountyYears]]:
    steps: dict[str, Callable[..., CountyYears]] = {}
    if rules.rating is not None:
        steps["rating"] = rate
    if rules.lists:
        steps["rectification"] = list_enterprises
    if rules.allocation_parts:
        steps["allocation"] = partial(allocate, usage=usage)
    return steps


def _written(done: CountyYears, folder: str) -> CountyYears:
    try:
        written = done.write(folder)
        written.counties.coalesce(1).write.parquet(f"{folder}_counties")
    except AnalysisException as error:
        if error.getCondition() != "PATH_ALREADY_EXISTS":
            raise
        raise UsageError(problem("spark_folder_there", folder=folder)) from error
    return written


def _told(done: CountyYears, county: str, folder: str) -> int:
    counties = done.counties.select(county, "year", "rows", "problem").collect()
    failed = [row for row in counties if row["problem"] is not None]
    print(
        messages.text(
            "spark_written", folder=folder, counties=len(counties) - len(failed), rows=sum(r["rows"] for r in counties)
        )
    )
    for row in _in_order(failed, county)[:TOLD]:
        told = problem("spark_county_failed", county=row[county], year=row["year"], problem=row["problem"])
        print(told, file=sys.stderr)
    if len(failed) > TOLD:
        print(messages.text("spark_more_failed", count=len(failed) - TOLD, folder=folder), file=sys.stderr)
    return len(failed)


def _in_order(rows: Iterable[Row], county: str) -> list[Row]:
    return sorted(rows, key=lambda row: (str(row[county]), row["year"] or 0))
