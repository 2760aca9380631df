"""Actual values that mujun computes: from the enterprises of a year, from labels, from the rectification."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from mujun.monitoring.month import Month, year_end
from mujun.monitoring.targets import counted_by_month
from mujun.monitoring.values import Value
from mujun.numbers import WIDE, round_decimal
from mujun.rules.computed_figures import FigurePlan
from mujun.rules.expressions import Compiled, as_number
from mujun.rules.model import Target, TheTargets

COUNTY = None
Sums = Mapping[str | None, tuple[Fraction, Fraction]]
"""Per township, and for the county (`None`): the sums of what is divided and of what it is divided by."""


def sums_of(plan: FigurePlan, frame: pl.DataFrame) -> Sums:
    """The sums behind a figure in a year.

    Args:
        plan: the figure.
        frame: the enterprises of the year, as the store gives them: `township` and what the plan reads.

    Returns:
        Only groups in which some enterprise counts: one that is a member and has a value of both.
    """
    of = _summand(plan.of)
    per = _summand(plan.per) if plan.per is not None else pl.lit(Decimal(1)).cast(WIDE)
    member = plan.members.value.expr.fill_null(value=False) if plan.members is not None else pl.lit(value=True)
    rows = frame.select("township", of.alias("of"), per.alias("per"), member.alias("member"))
    counted = rows.filter(pl.col("member"), pl.col("of").is_not_null(), pl.col("per").is_not_null())
    if counted.is_empty():
        return {}
    by_township = counted.group_by("township").agg(pl.col("of").sum(), pl.col("per").sum()).sort("township")
    told: dict[str | None, tuple[Fraction, Fraction]] = {
        name: (Fraction(a), Fraction(b)) for name, a, b in by_township.iter_rows() if name is not None
    }
    told[COUNTY] = (Fraction(counted["of"].sum()), Fraction(counted["per"].sum()))
    return told


def _summand(compiled: Compiled) -> pl.Expr:
    """A value as a decimal that adds up exactly; a float is taken at 12 decimals."""
    if compiled.value.kind == "exact":
        return compiled.value.expr.cast(pl.Decimal(38, compiled.value.scale))
    return as_number(compiled.value).cast(WIDE)


def figure_values(
    plan: FigurePlan, year: int, sums: Sums, before: Sums | None, known_on: date | None
) -> Iterable[Value]:
    """The values of a figure at the end of a year, of the county and of each township.

    Args:
        plan: the figure.
        year: the data year.
        sums: its sums of that year.
        before: those of the year before, for a figure that is a change; nothing where there are none.
        known_on: when the newest of the records came.
    """
    assert plan.target.computed is not None
    change = plan.target.computed.change
    for whose, (above, below) in sums.items():
        ratio = _ratio(above, below, plan)
        if change is not None:
            earlier = before.get(whose) if before is not None else None
            was = _ratio(*earlier, plan) if earlier is not None else None
            if ratio is None or was is None or was <= 0:
                continue
            ratio = ratio / was - 1 if change == "growth" else 1 - ratio / was
        if ratio is not None:
            # Kept as all quantities are, so that what is shown is what is compared.
            value = Fraction(round_decimal(ratio * plan.factor, 6))
            yield Value(plan.target.id, whose, year_end(year), value, "computed", known_on)


def _ratio(above: Fraction, below: Fraction, plan: FigurePlan) -> Fraction | None:
    if plan.per is None:
        return above
    return above / below if below > 0 else None


def label_values(
    target: Target,
    labels: pl.DataFrame,
    townships: Mapping[str, str | None],
    months: Sequence[Month],
    known_on: date | None,
) -> Iterable[Value]:
    """How many firms (or records) bear a figure's labels at the end of each month.

    Where no record has any of the labels nothing is known: that is not none.

    Args:
        target: a figure with labels.
        labels: rows of `labels`: `credit_code, label, since, until`.
        townships: the township of each firm.
        months: the months.
        known_on: when the newest of the records came.
    """
    assert target.computed is not None
    mine = labels.filter(pl.col("label").is_in(target.computed.labels))
    if mine.is_empty():
        return
    names = sorted({t for t in townships.values() if t is not None})
    for month in months:
        day = month.last_day
        force = mine.filter(pl.col("since") <= day, pl.col("until").is_null() | (pl.col("until") >= day))
        codes = force["credit_code"].to_list()
        bearers = codes if target.computed.each == "record" else sorted(set(codes))
        yield Value(target.id, COUNTY, month, Fraction(len(bearers)), "labels", known_on)
        where = [townships.get(code) for code in bearers]
        for name in names:
            yield Value(target.id, name, month, Fraction(where.count(name)), "labels", known_on)


def loop_values(target: Target, file: TheTargets, tracked: pl.DataFrame, months: Sequence[Month]) -> Iterable[Value]:
    """What the rectification brought until the end of each month, of the county and of each township.

    Years for which the file itself says how many (`base`, `actual`) are the file's: what the loop counted of them is
    not added. A township has what the loop counts of it, since the file says nothing of that.

    Args:
        target: a figure that the loop counts.
        file: the plan.
        tracked: columns as in `mujun.rectification.tracking.TRACK_SCHEMA`.
        months: the months.
    """
    given = {int(y): Fraction(v) for y, v in (target.base | target.actual).items()}
    counted = counted_by_month(target, tracked)
    names = sorted(t for t in tracked["township"].unique() if t is not None)
    by_name = {n: counted_by_month(target, tracked.filter(pl.col("township") == n)) for n in names}
    for month in months:
        stated = sum((v for y, v in given.items() if y <= month.year), Fraction(0))
        from_loop = sum((v for m, v in counted.items() if m <= month and m.year not in given), Fraction(0))
        yield Value(target.id, COUNTY, month, stated + from_loop, "loop", month.last_day)
        for name, mine in by_name.items():
            total = sum((v for m, v in mine.items() if m <= month), Fraction(0))
            yield Value(target.id, name, month, total, "loop", month.last_day)
