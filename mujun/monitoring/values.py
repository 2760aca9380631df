"""Actual values: each with its month, where it comes from, when it was known and who said it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from mujun.dataclass import dataclass
from mujun.monitoring.month import Month, year_end
from mujun.monitoring.path import TOTALS, year_ends
from mujun.rules.model import Target, TheTargets

Source = Literal["base", "file", "computed", "labels", "loop", "projects", "reported"]

RANK: Mapping[Source, int] = {
    "base": 0, "file": 1, "reported": 2, "projects": 3, "labels": 4, "computed": 5, "loop": 6
}  # fmt: skip
"""Of two values of the same month the one counts that mujun computes itself, then what an office reported, then what
the file says."""


@dataclass(frozen=True)
class Value:
    """What a figure was at the end of a month.

    Attributes:
        figure: the target's id.
        township: whose value; the county's where there is none.
        month: at the end of which month. A year's value is that of its December.
        value: in the figure's unit. Of what is counted up it is the total, with the base where the kind says so.
        source: `base` and `file` (targets.yaml), `computed` (records of enterprises), `labels`, `loop` (the
            rectification), `projects`, `reported` (an office).
        known_on: the day it was known; of what is computed the day on which the newest of its records came.
        office, who: who reported it, and who put it in.
        evidence, note: as reported.
        number: the number of the report.
        again: how many earlier reports of the same month it replaces.
    """

    figure: str
    township: str | None
    month: Month
    value: Fraction
    source: Source
    known_on: date | None = None
    office: str = ""
    who: str = ""
    evidence: str = ""
    note: str = ""
    number: int | None = None
    again: int = 0


class Values:
    """All that is known of a plan's figures, to be asked by figure, township and month."""

    def __init__(self, known: Iterable[Value]) -> None:
        by_whose: dict[tuple[str, str | None], list[Value]] = defaultdict(list)
        for value in known:
            by_whose[value.figure, value.township].append(value)
        self._by_whose = {
            whose: tuple(sorted(several, key=lambda v: (v.month, RANK[v.source])))
            for whose, several in by_whose.items()
        }

    def of(self, figure: str, township: str | None = None) -> tuple[Value, ...]:
        """Everything known of a figure, oldest month first; in a month what counts comes last."""
        return self._by_whose.get((figure, township), ())

    def at(self, figure: str, month: Month, township: str | None = None) -> Value | None:
        """The newest value until the end of a month."""
        return next((v for v in reversed(self.of(figure, township)) if v.month <= month), None)

    def beside(self, value: Value) -> Value | None:
        """What an office reported of the same month, where mujun computed the value itself; else nothing."""
        if RANK[value.source] <= RANK["reported"]:
            return None
        same = (v for v in self.of(value.figure, value.township) if v.month == value.month)
        return next((v for v in same if v.source == "reported"), None)

    def series(self, figure: str, month: Month, township: str | None = None) -> list[tuple[Month, Fraction]]:
        """The values that count, one a month, oldest first, until the end of a month."""
        return list({v.month: v.value for v in self.of(figure, township) if v.month <= month}.items())

    def townships(self, figure: str) -> list[str]:
        """The townships that have a value of a figure."""
        return sorted({t for f, t in self._by_whose if f == figure and t is not None})


def values_of_file(file: TheTargets) -> list[Value]:
    """What targets.yaml itself says of years: bases, and values entered by hand.

    Of what is counted up the file gives the additions of years: each year's value is the total until then. A total is
    known only where every year since the beginning is: since a campaign's first year, else since the first base.
    """
    known: list[Value] = []
    for target in file.figures:
        given = {int(y): Fraction(v) for y, v in (target.base | target.actual).items()}
        total, next_year = Fraction(0), _first_year(target, file)
        for year in sorted(given):
            if target.kind in TOTALS:
                if year != next_year:
                    break
                total, next_year = total + given[year], year + 1
            source: Source = "file" if str(year) in target.actual else "base"
            value = total if target.kind in TOTALS else given[year]
            known.append(Value(target.id, None, year_end(year), value, source))
    return known


def _first_year(target: Target, file: TheTargets) -> int | None:
    """The year whose additions are the first of a total: without it no later total is known."""
    if target.kind == "campaign":
        return min(year_ends(target, file)) + 1
    return min((int(y) for y in target.base), default=None)


@dataclass(frozen=True)
class Report:
    """One line of a workbook that an office sent back, or one said by hand.

    Attributes:
        number: in the order of recording.
        kind: `figure` or `task`.
        subject: the target's id, or the task: `6` for itself, `6.1` for the first thing that is due of it.
        township, office: whose and from whom.
        month: of which month.
        value: of a figure.
        state: of a task: `not_begun`, `working`, `done`, `stopped`.
        said: what was reported in words.
        evidence, note: as reported.
        known_on: the day on which it was received.
        recorded_on: the day on which it was put in.
        who: who put it in.
        file: the workbook.
        revokes: the number of the report that this one takes back; its note says why, and it reports nothing itself.
    """

    number: int
    kind: Literal["figure", "task"]
    subject: str
    township: str | None
    office: str
    month: Month
    value: Decimal | None
    state: str
    said: str
    evidence: str
    note: str
    known_on: date
    recorded_on: date
    who: str
    file: str = ""
    revokes: int | None = None


def reports_in_force(reports: Sequence[Report], known_on: date | None = None) -> list[Report]:
    """The reports that nobody took back, without those that take back; in the order of recording.

    Args:
        reports: everything ever reported, in the order of recording.
        known_on: only what was known at the end of that day.
    """
    known = [r for r in reports if known_on is None or r.known_on <= known_on]
    gone = {r.revokes for r in known}
    return [r for r in known if r.revokes is None and r.number not in gone]


def standing_reports(reports: Sequence[Report], known_on: date | None = None) -> list[Report]:
    """Of every subject, township, office and month the newest report that was not taken back.

    What was said before stays on record only.

    Args:
        reports: everything ever reported, in the order of recording.
        known_on: only what was known at the end of that day.
    """
    newest: dict[tuple[str, str, str | None, str, Month], Report] = {}
    for r in reports_in_force(reports, known_on):
        office = r.office if r.kind == "task" else ""
        newest[r.kind, r.subject, r.township, office, r.month] = r
    return list(newest.values())


def values_reported(reports: Sequence[Report], file: TheTargets, known_on: date | None = None) -> list[Value]:
    """What offices reported of the plan's figures; of figures that each township reports the county's is the sum.

    The sum of a month is of every township's newest value until then; it is known in the months in which somebody
    reported.
    """
    figures = {t.id: t for t in file.figures}
    earlier: dict[tuple[str, str | None, Month], int] = defaultdict(int)
    for r in reports_in_force(reports, known_on):
        if r.kind == "figure":
            earlier[r.subject, r.township, r.month] += 1
    known = [
        Value(
            r.subject, r.township, r.month, Fraction(r.value), "reported", r.known_on, r.office, r.who, r.evidence,
            r.note, r.number, earlier[r.subject, r.township, r.month] - 1,
        )
        for r in standing_reports(reports, known_on)
        if r.kind == "figure" and r.value is not None and r.subject in figures
    ]  # fmt: skip
    return [*known, *_summed(known, figures)]


def _summed(known: Sequence[Value], figures: Mapping[str, Target]) -> list[Value]:
    """The county's values of what townships report, where the county reports none itself."""
    of_county = {v.figure for v in known if v.township is None}
    by_figure: dict[str, list[Value]] = defaultdict(list)
    for value in known:
        adds_up = figures[value.figure].kind in (*TOTALS, "yearly")
        if value.township is not None and adds_up and value.figure not in of_county:
            by_figure[value.figure].append(value)
    sums: list[Value] = []
    for figure, several in by_figure.items():
        for month in sorted({v.month for v in several}):
            newest: dict[str | None, Value] = {}
            for v in sorted(several, key=lambda v: v.month):
                same_year = figures[figure].kind != "yearly" or v.month.year == month.year
                if v.month <= month and same_year:
                    newest[v.township] = v
            days = [v.known_on for v in newest.values() if v.known_on is not None]
            total = sum((v.value for v in newest.values()), Fraction(0))
            sums.append(Value(figure, None, month, total, "reported", max(days, default=None), "各镇街"))
    return sums
