"""A plan at the end of a month as a whole: every figure, the townships by each, every task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from mujun.dataclass import dataclass
from mujun.monitoring.month import Month
from mujun.monitoring.standing import Placed, Standing, places, standing_of
from mujun.monitoring.tasks import TaskStanding, tasks_at
from mujun.monitoring.values import Report, Values
from mujun.notebooks import InNotebooks
from mujun.numbers import round_decimal
from mujun.rules.model import TheTargets

if TYPE_CHECKING:
    from mujun.monitoring.signs import Sign

STANDING_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(), "group": pl.String(), "label": pl.String(), "unit": pl.String(), "kind": pl.String(),
    "offices": pl.List(pl.String()), "base_year": pl.Int32(), "base": pl.Decimal(38, 6),
    "aim_year": pl.Int32(), "aim": pl.Decimal(38, 6), "plan_year": pl.Int32(), "plan_aim": pl.Decimal(38, 6),
    "value": pl.Decimal(38, 6), "period": pl.String(), "source": pl.String(), "known_on": pl.Date(),
    "reported": pl.Decimal(38, 6), "differs": pl.Decimal(38, 6), "done": pl.Decimal(38, 6),
    "year_done": pl.Decimal(38, 6), "year_aim": pl.Decimal(38, 6), "share": pl.Float64(), "plan_share": pl.Float64(),
    "expected": pl.Decimal(38, 6), "gap": pl.Decimal(38, 6), "remaining": pl.Decimal(38, 6),
    "months_left": pl.Int64(), "needed": pl.Decimal(38, 6), "pace": pl.Decimal(38, 6),
    "forecast": pl.Decimal(38, 6), "forecast_low": pl.Decimal(38, 6), "forecast_high": pl.Decimal(38, 6),
    "verdict": pl.String(), "rank": pl.Int64(), "among": pl.Int64(),
}  # fmt: skip
"""A figure at the end of a month; what the columns mean is said at `mujun.monitoring.standing.Standing`. `rank, among`:
a township's place."""


@dataclass(frozen=True)
class PlanMonth(InNotebooks):
    """Where a plan stands at the end of a month.

    Attributes:
        file: the plan.
        month: the month.
        known_on: as of whose knowledge it is told; none: of now.
        townships: all townships.
        township: whose figures these are; the county's where none is given.
        standings: every figure of the plan, in the order of the file; of a township those that it has a value or a
            target of.
        places: the townships by each figure that several of them have a value of.
        tasks: every task, by number.
        signs: the warnings, by office; of the county's month alone.
    """

    file: TheTargets = field(repr=False)
    month: Month
    known_on: date | None
    townships: tuple[str, ...] = field(repr=False)
    township: str | None
    standings: tuple[Standing, ...] = field(repr=False)
    places: dict[str, tuple[Placed, ...]] = field(repr=False)
    tasks: tuple[TaskStanding, ...] = field(repr=False)
    signs: tuple[Sign, ...] = field(default=(), repr=False)

    def standing(self, figure: str) -> Standing:
        """One figure's standing.

        Raises:
            KeyError: there is no such figure.
        """
        return next(s for s in self.standings if s.target.id == figure)

    def place(self, figure: str) -> Placed | None:
        """The township's own place by a figure."""
        return next((p for p in self.places.get(figure, ()) if p.township == self.township), None)

    def rows(self) -> pl.DataFrame:
        """The figures as a table; columns as in `STANDING_SCHEMA`."""
        return pl.DataFrame([self._row(s) for s in self.standings], schema=STANDING_SCHEMA)

    def _row(self, s: Standing) -> dict[str, object]:
        place = self.place(s.target.id)
        return {
            "id": s.target.id, "group": s.target.group, "label": s.target.label, "unit": s.target.unit,
            "kind": s.target.kind, "offices": list(self.file.led_by(s.target)),
            "base_year": s.base[0] if s.base else None, "base": _exact(s.base[1] if s.base else None),
            "aim_year": s.aim_year, "aim": _exact(s.aim), "plan_year": s.plan_year, "plan_aim": _exact(s.plan_aim),
            "value": _exact(s.value.value if s.value else None), "period": str(s.value.month) if s.value else None,
            "source": s.value.source if s.value else None, "known_on": s.value.known_on if s.value else None,
            "reported": _exact(s.beside.value if s.beside else None), "differs": _exact(s.differs),
            "done": _exact(s.done), "year_done": _exact(s.year_done), "year_aim": _exact(s.year_aim),
            "share": _float(s.share), "plan_share": _float(s.plan_share), "expected": _exact(s.expected),
            "gap": _exact(s.gap), "remaining": _exact(s.remaining), "months_left": s.left,
            "needed": _exact(s.needed), "pace": _exact(s.pace),
            "forecast": _exact(s.forecast.value if s.forecast else None),
            "forecast_low": _exact(s.forecast.low if s.forecast else None),
            "forecast_high": _exact(s.forecast.high if s.forecast else None),
            "verdict": s.verdict, "rank": place.rank if place else None, "among": place.among if place else None,
        }  # fmt: skip


def plan_month_of(
    file: TheTargets,
    values: Values,
    reports: Sequence[Report],
    month: Month,
    townships: Sequence[str],
    *,
    township: str | None = None,
    known_on: date | None = None,
) -> PlanMonth:
    """Where a plan stands at the end of a month.

    Args:
        file: the plan.
        values: everything known of its figures.
        reports: everything that offices reported, in the order of recording.
        month: the month.
        townships: all townships.
        township: a township's figures in place of the county's.
        known_on: only what was known at the end of that day, which `values` and `reports` are limited to already.
    """
    told = [standing_of(t, file, values, month, township) for t in file.figures]
    if township is not None:
        told = [s for s in told if s.value is not None or s.target.targets]
    placed = {t.id: places(t, file, values, month) for t in file.figures}
    tasks = tasks_at(file, reports, month, townships)
    several = {figure: those for figure, those in placed.items() if len(those) > 1}
    return PlanMonth(file, month, known_on, tuple(townships), township, tuple(told), several, tasks)


def _exact(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_decimal(value, 6)


def _float(value: Fraction | None) -> float | None:
    return None if value is None else value.numerator / value.denominator
