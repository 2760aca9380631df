"""The annual assessment: what each weighed figure of a year brought, with floors and caps."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from mujun.dataclass import dataclass
from mujun.monitoring.month import year_end
from mujun.monitoring.path import aim_of
from mujun.monitoring.standing import of_township
from mujun.monitoring.values import Value, Values
from mujun.rules.model import Contest, Target, TheTargets


@dataclass(frozen=True)
class Assessed:
    """One figure of an assessment.

    Attributes:
        target: the figure.
        weight: as the file weighs it.
        counted: the weight that counts, larger where that of others was given to it.
        value: the newest value of the year; none where nobody reported in it.
        aim: of the year.
        share: the value as a share of the aim.
        factor: the share within floor and cap.
        points: the weight that counts times the factor.
        why: why it does not count: `no_aim` (the plan has no aim for the year), `missing` (nobody reported).
    """

    target: Target
    weight: Fraction
    counted: Fraction
    value: Value | None
    aim: Fraction | None
    share: Fraction | None
    factor: Fraction | None
    points: Fraction
    why: str


def assess(
    file: TheTargets, contest: Contest, values: Values, year: int, township: str | None = None
) -> tuple[Assessed, ...]:
    """The year's assessment, in the order of the file.

    A figure brings its weight times the share of its aim, no less than `floor` and no more than `cap` times the weight.
    One without an aim for the year is not assessed: its weight goes to the others in proportion. One without a value of
    the year brings nothing, or its weight goes to the others, as `missing` says.

    A township is held against its own targets; figures that are not broken down to it have no aim.
    """
    figures = {t.id: t for t in file.figures}
    weights = {name: Fraction(item.weight) for name, item in contest.items.items()}
    seen = {name: _of_year(values, name, year, township) for name in weights}
    mine = {n: figures[n] if township is None else of_township(figures[n], township) for n in weights}
    aims = {name: aim_of(mine[name], file, year) for name in weights}
    why = {n: "no_aim" if not aims[n] else "missing" if seen[n] is None else "" for n in weights}
    given_away = {n for n, w in why.items() if w == "no_aim" or (w == "missing" and contest.missing == "reweight")}
    kept = sum((w for n, w in weights.items() if n not in given_away), Fraction(0))
    times = sum(weights.values(), Fraction(0)) / kept if kept else Fraction(0)
    told = []
    for name, item in contest.items.items():
        value, aim = seen[name], aims[name]
        counted = Fraction(0) if name in given_away else weights[name] * times
        share = value.value / aim if value is not None and aim else None
        floor, cap = (Fraction(limit) for limit in contest.limits(item))
        factor = None if share is None else min(max(share, floor), cap)
        points = counted * factor if factor is not None else Fraction(0)
        told.append(
            Assessed(figures[name], weights[name], counted, value, aim, share, factor, points, why[name])
        )  # fmt: skip
    return tuple(told)


def points_of(rows: Sequence[Assessed]) -> Fraction | None:
    """The points of an assessment; none where nothing was to be assessed."""
    return sum((a.points for a in rows), Fraction(0)) if any(a.why != "no_aim" for a in rows) else None


def _of_year(values: Values, figure: str, year: int, township: str | None) -> Value | None:
    value = values.at(figure, year_end(year), township)
    return value if value is not None and value.month.year == year else None
