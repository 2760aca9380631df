"""What crosses counties: statistics over all of them in Spark's decimals, and a rule set's table filled with them.

A county's own statistics are computed inside its group. A provincial mean is known only to whoever has all counties: it
is computed first, enters the rule set as a table, and is from then on as fixed as a published figure: a county that is
given the table rates itself alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args

import polars as pl
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql
from pyspark.sql.types import DecimalType, IntegralType

from mujun.dataclass import dataclass
from mujun.errors import Problem, RuleError, UsageError, problem
from mujun.numbers import WIDE, round_decimal
from mujun.rules.lookups import read_lookup
from mujun.rules.ruleset import RuleSet
from mujun.spark.sharing import check_all_read, check_columns

Way = Literal["ratio_of_sums", "mean", "sum", "count", "max", "min"]
"""Ways to put many counties' figures together, as the statistics of a rule set are called."""

_EXACT = (DecimalType, IntegralType)
"""Types whose sums do not depend on the order in which tasks finish."""


@dataclass(frozen=True)
class Across:
    """A statistic over many counties.

    Attributes:
        stat: the way.
        of: the column; of a ratio the one above.
        per: of a ratio the one below.
        round: 四舍五入 to so many decimals, as documents print it; twelve where it is not said.
    """

    stat: Way
    of: str
    per: str | None = None
    round: int = 12


def across_counties(
    frame: DataFrame,
    statistics: Mapping[str, Across],
    *,
    over: Sequence[str] = (),
    among: Column | None = None,
) -> pl.DataFrame:
    """Statistics over the firms of all counties, exactly: sums of decimals in Spark, the division at the end here.

    Args:
        frame: a row per enterprise and year, with decimals as decimals.
        statistics: by the name that the table's column gets.
        over: the groups: `["year"]`, `["year", "industry_division"]`, or nothing.
        among: which rows count, as a condition of Spark.

    Returns:
        A row per group: `over` as text, sorted, then the statistics as `Decimal(38, 12)`, missing where nobody has the
        figure. A ratio counts the firms that have both of its figures; it and a mean are as `ratio_of_sums` and `mean`
        of a rule set would be over all these firms.

    Raises:
        UsageError: a column is not there, or a statistic cannot be computed so.
    """
    columns = [c for s in statistics.values() for c in (s.of, s.per) if c is not None]
    check_columns(frame, [*over, *columns])
    check_all_read(frame)
    for one in statistics.values():
        if one.stat not in get_args(Way) or (one.stat == "ratio_of_sums") != (one.per is not None):
            raise UsageError(problem("spark_statistic_unknown", stat=one.stat, known=list(get_args(Way))))
    inexact = [c for c in columns if not isinstance(frame.schema[c].dataType, _EXACT)]
    if inexact and any(s.stat != "count" for s in statistics.values()):
        raise UsageError(problem("spark_not_exact", columns=sorted(set(inexact))))
    rows = frame if among is None else frame.filter(among)
    sums = [column for name, one in statistics.items() for column in _sums(name, one)]
    grouped = rows.groupBy(*(sql.col(key).cast("string").alias(key) for key in over)).agg(*sums).collect()
    keys = [pl.Series(key, [row[key] for row in grouped], dtype=pl.String) for key in over]
    numbers = [
        pl.Series(name, [_number(one, row[f"{name}.a"], row[f"{name}.b"]) for row in grouped], dtype=WIDE)
        for name, one in statistics.items()
    ]
    table = pl.DataFrame([*keys, *numbers])
    return table.sort(over) if over else table


def _sums(name: str, one: Across) -> tuple[Column, Column]:
    of = sql.col(f"`{one.of}`")
    if one.per is not None:
        per = sql.col(f"`{one.per}`")
        both = of.isNotNull() & per.isNotNull()
        return sql.sum(sql.when(both, of)).alias(f"{name}.a"), sql.sum(sql.when(both, per)).alias(f"{name}.b")
    first = {"max": sql.max, "min": sql.min, "count": sql.count}.get(one.stat, sql.sum)(of)
    return first.alias(f"{name}.a"), sql.count(of).alias(f"{name}.b")


def _number(one: Across, above: Decimal | int | None, below: Decimal | int | None) -> Decimal | None:
    if above is None or below is None:
        return None
    if one.stat == "ratio_of_sums":
        # The same steps as a rule set's statistic: two exact sums, one division of floats, twelve decimals.
        quotient = float(above) / float(below) if below > 0 else None
        return None if quotient is None else round_decimal(Decimal(round(quotient * 1e12)).scaleb(-12), one.round)
    value = Fraction(above) / Fraction(below) if one.stat == "mean" else Fraction(above)
    return round_decimal(value, one.round)


def with_table(ruleset: RuleSet, table: str, rows: pl.DataFrame) -> RuleSet:
    """A rule set whose rating reads another table than the file that it came with, and is another rule set by digest.

    Args:
        ruleset: its rating.yaml declares the table: `tables: {province: {file: province.csv, keys: [year]}}`.
        table: which; the rules read its columns as `<table>_<column>`.
        rows: keys and columns, as `across_counties` gives them.

    Raises:
        UsageError: the rating has no such table, or none at all.
        RuleError: the rows do not have its keys.
    """
    declared = ruleset.rating.tables if ruleset.rating is not None else {}
    if not declared:
        raise UsageError(problem("spark_no_tables", rules=ruleset.address, table=table))
    if table not in declared:
        raise UsageError(problem("spark_table_unknown", rules=ruleset.address, table=table, known=sorted(declared)))
    file = ruleset.lookups["rating"][table].file
    text = rows.select(pl.all().cast(pl.String)).write_csv()
    kept = file if file in ruleset.texts else f"{ruleset.address}/{declared[table].file}"
    problems: list[Problem] = []
    lookup = read_lookup(table, declared[table], text, file, problems)
    if lookup is None or problems:
        raise RuleError(problems)
    return replace(
        ruleset,
        lookups={**ruleset.lookups, "rating": {**ruleset.lookups["rating"], table: lookup}},
        texts={**ruleset.texts, kept: text},
    )
