"""The path that a plan lays out for a figure: where it starts, where each year should end, where it should be now."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from mujun.monitoring.month import Month
from mujun.rules.model import Target, TheTargets

TOTALS = ("campaign", "cumulative")
"""Kinds that are counted up: a value is a total since some beginning, and a year adds to it."""


def year_ends(target: Target, file: TheTargets) -> dict[int, Fraction]:
    """What a plan says of the ends of years: bases as they were, then what is aimed at.

    Of a figure that is counted up they are totals: bases add up year by year, a campaign begins with nothing at the
    end of the year before the plan's first one (or before its first base), and a year for which the plan says only
    what is to be added is the total before it and that. Of other kinds they are the values themselves; a `yearly`
    figure begins every year with nothing, so its bases lay no path.
    """
    base = {int(y): Fraction(v) for y, v in target.base.items()}
    aims = {int(y): Fraction(v) for y, v in target.targets.items()}
    if target.kind not in TOTALS:
        return {**base, **aims} if target.kind == "level" else aims | yearly_of(target)
    ends: dict[int, Fraction] = {}
    if target.kind == "campaign":
        begins = min([*base, *file.years, *(int(y) for y in (*target.targets, *target.yearly))])
        ends[begins - 1] = Fraction(0)
    total = Fraction(0)
    for year in sorted(base):
        total += base[year]
        ends[year] = total
    for year in sorted({*aims, *yearly_of(target)}):
        if year in aims:
            ends[year] = aims[year]
        elif year not in base and (before := ends.get(year - 1)) is not None:
            ends[year] = before + yearly_of(target)[year]
    return ends


def yearly_of(target: Target) -> dict[int, Fraction]:
    """What each year is to add."""
    return {int(y): Fraction(v) for y, v in target.yearly.items()}


def aim_of(target: Target, file: TheTargets, year: int) -> Fraction | None:
    """What a figure should have reached at the end of a year: a total of what is counted up, else the value."""
    if str(year) in target.base and str(year) not in target.targets:
        return None
    ends = year_ends(target, file)
    return ends.get(year) if str(year) in target.targets or str(year) in target.yearly else None


def next_aim(target: Target, file: TheTargets, year: int) -> tuple[int, Fraction] | None:
    """The aim of a year, or of the next year that has one, or of the last one when all are over."""
    years = sorted({int(y) for y in (*target.targets, *target.yearly)})
    aims = [(y, aim) for y in years if (aim := aim_of(target, file, y)) is not None]
    return next((a for a in aims if a[0] >= year), aims[-1] if aims else None)


def begins_at(target: Target, file: TheTargets, year: int) -> tuple[int, Fraction] | None:
    """The newest base before a year, from which what was done is counted: `(year, value)`.

    Of a campaign without base it is the nothing with which it begins; a rate and a yearly figure have none.
    """
    if target.kind in ("rate", "yearly"):
        return None
    aimed = {int(y) for y in (*target.targets, *target.yearly)}
    ends = {y: v for y, v in year_ends(target, file).items() if y not in aimed and y < year}
    newest = max(ends, default=None)
    return None if newest is None else (newest, ends[newest])


def expected_at(target: Target, file: TheTargets, month: Month) -> Fraction | None:
    """Where a figure should be at the end of a month, if it keeps to the plan.

    Years between two ends that the plan names share the way evenly; within a year the way is done evenly month by
    month, or as the curve says. A rate, and a share that each year makes anew, has to hold all year; a yearly figure
    begins each year with nothing. Nothing is expected before the first end that the plan names; after the last one,
    that one.
    """
    if holds_all_year(target):
        aim = next_aim(target, file, month.year)
        return aim[1] if aim is not None and aim[0] == month.year else None
    share = share_of_year(target.curve or file.curve, month.month)
    ends = year_ends(target, file)
    if target.kind == "yearly":
        return ends[month.year] * share if month.year in ends else None
    before, after = _end(ends, month.year - 1), _end(ends, month.year)
    if before is None or after is None:
        return after if month.month == 12 else None
    return before + (after - before) * share


def holds_all_year(target: Target) -> bool:
    """Whether nothing is added month by month: a rate, and a share that each year's records make anew."""
    computed = target.computed
    return target.kind == "rate" or (
        target.kind == "level" and computed is not None and computed.records is not None and computed.span == "year"
    )


def share_of_year(curve: Mapping[str, Decimal], month: int) -> Fraction:
    """How much of a year's way should be done at the end of a month: evenly, or as a curve says, even in between.

    >>> share_of_year({}, 3), share_of_year({"6": Decimal("0.3")}, 3), share_of_year({"6": Decimal("0.3")}, 9)
    (Fraction(1, 4), Fraction(3, 20), Fraction(13, 20))
    """
    points = {0: Fraction(0), 12: Fraction(1), **{int(m): Fraction(s) for m, s in curve.items()}}
    for (first, low), (last, high) in pairwise(sorted(points.items())):
        if first <= month <= last:
            return low + (high - low) * Fraction(month - first, last - first)
    return Fraction(1)


def _end(ends: Mapping[int, Fraction], year: int) -> Fraction | None:
    """The end of a year: as named, on the way between two that are, or the last one when that is over."""
    if not ends or year < min(ends):
        return None
    if year >= max(ends):
        return ends[max(ends)]
    first = max(y for y in ends if y <= year)
    last = min(y for y in ends if y >= year)
    if first == last:
        return ends[year]
    return ends[first] + (ends[last] - ends[first]) * Fraction(year - first, last - first)
