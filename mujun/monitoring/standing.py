"""Where a figure stands at the end of a month: done, expected, needed, forecast, and beside whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from mujun.dataclass import dataclass
from mujun.monitoring.month import Month, year_end
from mujun.monitoring.path import TOTALS, aim_of, begins_at, expected_at, holds_all_year, next_aim
from mujun.monitoring.progress import per_month
from mujun.monitoring.values import Value, Values
from mujun.rules.model import Target, TheTargets

PACE_MONTHS = 3
"""By how many months before the newest value its pace is told."""

Verdict = Literal["reached", "ahead", "behind", "open", "no_aim", "unknown"]
"""`reached`: the aim of the year; `ahead`: at least what is expected by now; `behind`: less; `open`: a value, but
nothing that would be expected by now; `no_aim`: a value, and no aim at all; `unknown`: no value."""


@dataclass(frozen=True)
class Forecast:
    """What a figure comes to at the end of a year if the last months go on, and by their slowest and fastest."""

    value: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Beside:
    """A column of a higher level: its own aim of a year, and how far the county's value is above it.

    `difference` is told of levels and rates alone: how many firms a province has says nothing of a county's.
    """

    region: str
    year: int
    aim: Fraction
    added: bool
    difference: Fraction | None


@dataclass(frozen=True)
class Standing:
    """A figure of the plan at the end of a month.

    Attributes:
        target: the figure.
        month: the month.
        base: from when and from what the plan counts, `(year, value)`.
        value: the newest value until the end of the month.
        beside: what an office reported of the same month as a value that mujun computed.
        aim_year, aim: the aim of the month's year, or of the next year that has one.
        plan_year, plan_aim: the last aim of the plan.
        done: what was reached since the base; of a rate and a yearly figure the value itself.
        year_done, year_aim: what the year added, and what it was to add.
        share, plan_share: the value as a share of the aim of the year and of the plan.
        expected: where it should be by now.
        gap: the value above what is expected.
        remaining: what is missing to the aim.
        left: the months that are left until the aim's year is over.
        needed: what has to be added each month to arrive.
        pace: what the last months added each month.
        forecast: at the end of the aim's year.
        regions: the columns of province and city.
        verdict: in a word.
    """

    target: Target
    month: Month
    township: str | None
    base: tuple[int, Fraction] | None
    value: Value | None
    beside: Value | None
    aim_year: int | None
    aim: Fraction | None
    plan_year: int | None
    plan_aim: Fraction | None
    done: Fraction | None
    year_done: Fraction | None
    year_aim: Fraction | None
    share: Fraction | None
    plan_share: Fraction | None
    expected: Fraction | None
    gap: Fraction | None
    remaining: Fraction | None
    left: int
    needed: Fraction | None
    pace: Fraction | None
    forecast: Forecast | None
    regions: tuple[Beside, ...]
    verdict: Verdict

    @property
    def differs(self) -> Fraction | None:
        """How far what was reported is above what mujun computed of the same month."""
        if self.value is None or self.beside is None:
            return None
        return self.beside.value - self.value.value


def standing_of(
    target: Target, file: TheTargets, values: Values, month: Month, township: str | None = None
) -> Standing:
    """Where a figure of the county, or of a township, stands at the end of a month.

    A township is held against its own targets; it has no base.
    """
    mine = target if township is None else of_township(target, township)
    value = values.at(target.id, month, township)
    if value is not None and value.source == "base" and value.month.year < month.year:
        # With the base alone nothing is known of what has been reached since.
        value = None
    seen = value.value if value is not None else None
    base = begins_at(mine, file, month.year)
    wanted = next_aim(mine, file, month.year)
    last = next_aim(mine, file, 9999)
    if mine.kind == "yearly":
        # What another year is to bring says nothing of this one.
        wanted = wanted if wanted is not None and wanted[0] == month.year else None
        last = wanted
    expected = expected_at(mine, file, month)
    if mine.kind == "yearly" and value is not None and value.month.year < month.year:
        # Of a year that has begun with nothing, last year's figure says nothing.
        value = seen = None
    aim_year, aim = wanted if wanted is not None else (None, None)
    left = max(year_end(aim_year) - month, 0) if aim_year is not None else 0
    remaining = max(aim - seen, Fraction(0)) if aim is not None and seen is not None else None
    adds = not holds_all_year(mine)
    year_done, year_aim = _of_year(mine, file, values, month, township, seen)
    pace = _pace(mine, values, month, township)
    return Standing(
        target=mine, month=month, township=township, base=base, value=value,
        beside=values.beside(value) if value is not None else None,
        aim_year=aim_year, aim=aim, plan_year=last[0] if last else None, plan_aim=last[1] if last else None,
        done=None if seen is None else seen - base[1] if base is not None else seen,
        year_done=year_done, year_aim=year_aim,
        share=_share(seen, aim), plan_share=_share(seen, last[1] if last else None),
        expected=expected, gap=seen - expected if seen is not None and expected is not None else None,
        remaining=remaining, left=left,
        needed=per_month(remaining, left) if remaining is not None and adds else None,
        pace=pace[0] if pace is not None else None,
        forecast=_forecast(mine, values, month, township, aim_year or month.year, pace),
        regions=tuple(_beside(mine, month.year, seen)) if township is None else (),
        verdict="no_aim"
        if aim is None and seen is not None
        else _verdict(seen, aim if (aim_year or 0) <= month.year else None, expected),
    )  # fmt: skip


def of_township(target: Target, township: str) -> Target:
    """The figure with a township's own targets, and nothing of the county's."""
    return Target(
        target.id, target.label, target.kind, target.unit, targets=dict(target.townships.get(township, {})),
        group=target.group, counts=target.counts, path=target.path, computed=target.computed,
        reported_by=target.reported_by, curve=target.curve,
    )  # fmt: skip


def _share(value: Fraction | None, aim: Fraction | None) -> Fraction | None:
    return value / aim if value is not None and aim is not None and aim > 0 else None


def _verdict(value: Fraction | None, aim: Fraction | None, expected: Fraction | None) -> Verdict:
    if value is None:
        return "unknown"
    if aim is not None and value >= aim:
        return "reached"
    if expected is None:
        return "open"
    return "ahead" if value >= expected else "behind"


def _of_year(
    target: Target, file: TheTargets, values: Values, month: Month, township: str | None, seen: Fraction | None
) -> tuple[Fraction | None, Fraction | None]:
    """What the year added, and what it was to add: of what is counted up, and of a yearly figure."""
    if target.kind == "yearly":
        return seen, aim_of(target, file, month.year)
    if target.kind not in TOTALS:
        return None, None
    before = values.at(target.id, year_end(month.year - 1), township)
    begins = before.value if before is not None and before.month == year_end(month.year - 1) else None
    start = begins_at(target, file, month.year)
    if begins is None and start is not None and start[0] == month.year - 1:
        begins = start[1]
    aim = Fraction(target.yearly[str(month.year)]) if str(month.year) in target.yearly else None
    if aim is None and begins is not None and (total := aim_of(target, file, month.year)) is not None:
        aim = total - begins
    return (seen - begins if seen is not None and begins is not None else None), aim


def _points(target: Target, values: Values, month: Month, township: str | None) -> list[tuple[Month, Fraction]]:
    """The values by which a pace is told: of the last months before the newest; a yearly figure begins at nothing."""
    series = values.series(target.id, month, township)
    if target.kind == "yearly":
        series = [(m, v) for m, v in series if m.year == month.year]
        series = [(year_end(month.year - 1), Fraction(0)), *series] if series else []
    if not series:
        return []
    newest = series[-1][0]
    recent = [p for p in series if newest - p[0] <= PACE_MONTHS]
    if len(recent) == 1 and len(series) > 1 and newest - series[-2][0] < 12:
        recent = series[-2:]
    return recent


def _pace(
    target: Target, values: Values, month: Month, township: str | None
) -> tuple[Fraction, Fraction, Fraction] | None:
    """What was added each month of late: on the whole, and between two values at least and at most."""
    if holds_all_year(target):
        return None
    points = _points(target, values, month, township)
    if len(points) < 2:
        return None
    (first, low), (last, high) = points[0], points[-1]
    steps = [(v - u) / (n - m) for (m, u), (n, v) in pairwise(points)]
    return (high - low) / (last - first), min(steps), max(steps)


def _forecast(
    target: Target,
    values: Values,
    month: Month,
    township: str | None,
    year: int,
    pace: tuple[Fraction, Fraction, Fraction] | None,
) -> Forecast | None:
    points = _points(target, values, month, township)
    if not points or year_end(year) <= month:
        return None
    newest, value = points[-1]
    if holds_all_year(target):
        seen = [v for m, v in points if m.year == newest.year]
        return Forecast(value, min(seen), max(seen)) if newest.year == month.year else None
    if pace is None or (target.kind == "yearly" and year != month.year):
        return None
    left = year_end(year) - newest
    usual, slow, fast = (value + p * left for p in pace)
    if target.kind != "level":
        # What is counted is never less than none.
        usual, slow, fast = (max(v, Fraction(0)) for v in (usual, slow, fast))
    return Forecast(usual, slow, fast)


def _beside(target: Target, year: int, value: Fraction | None) -> Iterable[Beside]:
    for name, region in target.regions.items():
        for aims, added in ((region.targets, False), (region.yearly, True)):
            aimed = _year_or_next(aims, year)
            if aimed is None:
                continue
            aim = Fraction(aims[str(aimed)])
            comparable = target.kind in ("level", "rate") and not added and value is not None
            yield Beside(name, aimed, aim, added, value - aim if comparable and value is not None else None)


def _year_or_next(aims: dict[str, Decimal], year: int) -> int | None:
    years = sorted(int(y) for y in aims)
    return next((y for y in years if y >= year), years[-1] if years else None)


@dataclass(frozen=True)
class Placed:
    """A township among the others by one figure: `rank` is 1 + how many are strictly ahead, of `among`.

    They are ranked by the share of their own targets where every one with a value has a target, else by the value.
    """

    figure: str
    township: str
    value: Fraction
    month: Month
    aim: Fraction | None
    share: Fraction | None
    rank: int
    among: int


def places(target: Target, file: TheTargets, values: Values, month: Month) -> tuple[Placed, ...]:
    """The townships that have a value of a figure, by rank."""
    told = [
        (name, s)
        for name in values.townships(target.id)
        if (s := standing_of(target, file, values, month, name)).value is not None
    ]
    by_share = bool(told) and all(s.share is not None for _, s in told)
    key = [(s.share if by_share else s.value.value) if s.value is not None else None for _, s in told]
    placed = [
        Placed(
            target.id, name, s.value.value, s.value.month, s.aim, s.share, 1 + _ahead(key, mine), len(told)
        )
        for (name, s), mine in zip(told, key, strict=True)
        if s.value is not None and mine is not None
    ]  # fmt: skip
    return tuple(sorted(placed, key=lambda p: (p.rank, p.township)))


def _ahead(key: Sequence[Fraction | None], mine: Fraction) -> int:
    return sum(1 for other in key if other is not None and other > mine)
