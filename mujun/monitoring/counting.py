"""Actual values from records that count from a day on: projects, land supplied, the special fund."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from mujun.monitoring.month import Month
from mujun.monitoring.path import TOTALS
from mujun.monitoring.values import Value
from mujun.numbers import WIDE, round_decimal
from mujun.rules.expressions import Compiled, as_number
from mujun.rules.record_figures import AS_OF, RecordPlan

_ONE = Decimal(1)


def record_values(
    plan: RecordPlan, records: pl.DataFrame, months: Sequence[Month], known_on: date | None
) -> Iterator[Value]:
    """The values of a figure at the end of each month, of the county and of each township that records name.

    Of what is counted up, years for which the file itself says how many (`base`, `actual`) are the file's: records of
    them are not added, as the loop's are not; a township has what the records say. Nothing is known before the first
    record, and of a ratio where there is nothing to divide by.

    Args:
        plan: the figure.
        records: rows of its table.
        months: the months.
        known_on: when the newest of the records came.
    """
    dated = records.filter(pl.col(plan.on).is_not_null())
    if dated.is_empty():
        return
    first = dated[plan.on].min()
    assert isinstance(first, date)
    target = plan.target
    given = {int(y): Fraction(v) for y, v in (target.base | target.actual).items()}
    names: list[str | None] = [None]
    if "township" in dated.columns:
        names += sorted(t for t in dated["township"].unique() if t is not None)
    for month in (m for m in months if first <= m.last_day):
        rows = _until(plan, dated, month)
        for name in names:
            mine = rows if name is None else rows.filter(pl.col("township") == name)
            stated = Fraction(0)
            if target.kind in TOTALS and name is None:
                stated = sum((v for y, v in given.items() if y <= month.year), Fraction(0))
                mine = mine.filter(~pl.col("_year").is_in(list(given)))
            value = _value(plan, mine)
            if value is not None:
                exact = Fraction(round_decimal(value * plan.factor, 6))
                yield Value(target.id, name, month, stated + exact, "projects", known_on)


def _until(plan: RecordPlan, dated: pl.DataFrame, month: Month) -> pl.DataFrame:
    """The records that count at the end of a month, with what is summed of each."""
    computed = plan.target.computed
    assert computed is not None
    of_year = plan.target.kind == "yearly" or (plan.target.kind == "level" and computed.span == "year")
    rows = dated.filter(pl.col(plan.on) <= month.last_day)
    if of_year:
        rows = rows.filter(pl.col(plan.on).dt.year() == month.year)
    rows = rows.with_columns(pl.lit(month.last_day).alias(AS_OF))
    town = pl.col("township") if "township" in rows.columns else pl.lit(None, dtype=pl.String)
    return rows.select(
        town.alias("township"),
        pl.col(plan.on).dt.year().alias("_year"),
        _summand(plan.of).alias("of"),
        (_summand(plan.per) if plan.per is not None else pl.lit(_ONE).cast(WIDE)).alias("per"),
        _holds(plan.members).alias("member"),
        _holds(plan.out_of).alias("among"),
    )


def _value(plan: RecordPlan, rows: pl.DataFrame) -> Fraction | None:
    members = rows.filter(pl.col("member"))
    if plan.out_of is not None:
        whole = _sum(rows.filter(pl.col("among")), "of")
        return _sum(members.filter(pl.col("among")), "of") / whole if whole > 0 else None
    if plan.per is not None:
        below = _sum(members, "per")
        return _sum(members, "of") / below if below > 0 else None
    return _sum(members, "of")


def _sum(rows: pl.DataFrame, column: str) -> Fraction:
    """The exact sum; records without a value add nothing."""
    return Fraction(rows[column].sum() or 0)


def _summand(compiled: Compiled | None) -> pl.Expr:
    if compiled is None:
        return pl.lit(_ONE).cast(WIDE)
    if compiled.value.kind == "exact":
        return compiled.value.expr.cast(pl.Decimal(38, compiled.value.scale))
    return as_number(compiled.value).cast(WIDE)


def _holds(compiled: Compiled | None) -> pl.Expr:
    if compiled is None:
        return pl.lit(value=True)
    return compiled.value.expr.fill_null(value=False)
