"""Warnings about a plan's month: plain rules, each with what it saw and the office that should look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Literal, get_args

import polars as pl

from mujun.dataclass import dataclass
from mujun.monitoring.month import Month
from mujun.monitoring.path import TOTALS, expected_at
from mujun.monitoring.plan_month import PlanMonth
from mujun.monitoring.projects import ProjectBook
from mujun.monitoring.standing import Standing
from mujun.monitoring.tasks import TaskStanding
from mujun.monitoring.values import Report, Values, standing_reports
from mujun.rectification.tracking import UNDONE
from mujun.rules.model import Target

Rule = Literal[
    "never_reported", "silent", "townships_missing", "falling_behind", "far_behind", "missed", "jump", "fell",
    "unchanged", "pace", "forecast_short", "differs", "no_evidence", "task_late", "task_silent", "task_done_short",
    "subject_idle", "subject_overdue", "project_late", "project_unled", "promise_short", "land_not_standard",
    "fund_short",
]  # fmt: skip

RULES: tuple[Rule, ...] = get_args(Rule)

SILENT_MONTHS = 2
"""After how many months without a report an office is asked."""
TASK_SILENT_MONTHS = 3
FAR = Fraction(1, 10)
"""How far behind what is expected by now, as a share of the aim, is far."""
JUMP = Fraction(1, 2)
"""By how much a level or rate may change in a month."""
JUMP_STEPS = 3
"""How many times the usual month a total may grow in one."""
TWICE = 2
"""Of its pace so far, what may be needed each month."""
DIFFERS = Fraction(1, 100)
"""How far what is reported may be from what is computed."""
IDLE_DAYS = 90
"""After how many days without an event a listed enterprise or parcel is asked about."""
NAMED = 5
"""How many are named of those that a warning counts."""


@dataclass(frozen=True)
class Sign:
    """A warning.

    Attributes:
        rule: which rule saw it; its sentence is the message `sign_<rule>`.
        subject: the figure's id or the task's number; empty where it is about listed firms and parcels.
        label: what the figure or task is called.
        office: the short name of the office that should look at it; empty where the plan names none.
        values: what goes into the sentence.
    """

    rule: Rule
    subject: str
    label: str
    office: str
    values: Mapping[str, object] = field(default_factory=dict)


def signs_of(
    told: PlanMonth,
    values: Values,
    reports: Sequence[Report],
    tracked: pl.DataFrame | None,
    book: ProjectBook | None = None,
) -> tuple[Sign, ...]:
    """The warnings of a month, by office in the order of the plan, then by rule.

    Args:
        told: the county's month.
        values: everything known of the figures.
        reports: everything that offices reported until the month was told.
        tracked: where everyone on the rectification lists stood; none without a list.
        book: projects, land supplied and the special fund; none where the plan does not watch them.
    """
    standing = [r for r in standing_reports(reports) if r.month <= told.month]
    seen = _together(
        [
            *(sign for s in told.standings for sign in _of_figure(s, told, values, standing)),
            *(sign for t in told.tasks for sign in _of_task(t, told, standing)),
            *(_of_lists(told, tracked) if tracked is not None else ()),
            *(_of_projects(told, book) if book is not None else ()),
        ]
    )
    offices = list(told.file.offices)
    place = {office: i for i, office in enumerate(offices)}
    return tuple(sorted(seen, key=lambda s: (place.get(s.office, len(offices)), RULES.index(s.rule))))


TOGETHER: tuple[Rule, ...] = ("never_reported", "no_evidence", "task_silent")
"""Rules whose warnings of one office are told in one sentence."""


def _together(seen: Sequence[Sign]) -> list[Sign]:
    """The warnings, those of an office that say the same of several things as one."""
    told: list[Sign] = []
    for rule, office in dict.fromkeys((s.rule, s.office) for s in seen):
        mine = [s for s in seen if (s.rule, s.office) == (rule, office)]
        if rule in TOGETHER:
            labels = [s.label for s in mine]
            values = {"count": len(mine), "labels": labels}
            told.append(Sign(rule, mine[0].subject if len(mine) == 1 else "", "、".join(labels), office, values))
        else:
            told += mine
    return told


# -------------------------------------------------------------------------------------------------------------- figures


def _of_figure(s: Standing, told: PlanMonth, values: Values, reports: Sequence[Report]) -> Iterator[Sign]:
    figure, file = s.target, told.file
    lead = next(iter(file.led_by(figure)), file.owed_by(figure) or "")

    def sign(rule: Rule, office: str = lead, **more: object) -> Sign:
        return Sign(rule, figure.id, figure.label, office, {"label": figure.label, "unit": figure.unit, **more})

    owner = file.owed_by(figure)
    mine = [r for r in reports if r.kind == "figure" and r.subject == figure.id]
    if owner is not None and owner == file.townships_office:
        yield from _of_townships(sign, told, mine, owner)
    elif owner is not None:
        last = max((r.month for r in mine), default=None)
        if last is None:
            yield sign("never_reported", owner)
        elif told.month - last >= SILENT_MONTHS:
            yield sign("silent", owner, months=told.month - last, last=last)
    for r in mine:
        if r.month == told.month and not r.evidence:
            yield sign("no_evidence", r.office)
            break
    yield from _of_pace(sign, s)
    yield from _of_course(sign, figure, told, values)
    if s.value is not None and s.differs and abs(s.differs) > DIFFERS * abs(s.value.value):
        reported = s.value.value + s.differs
        yield sign("differs", value=s.value.value, reported=reported, differs=s.differs, month=s.value.month)


def _of_townships(sign: Callable[..., Sign], told: PlanMonth, mine: Sequence[Report], owner: str) -> Iterator[Sign]:
    recent = {r.township for r in mine if told.month - r.month < SILENT_MONTHS}
    missing = [t for t in told.townships if t not in recent]
    if missing:
        yield sign("townships_missing", owner, count=len(missing), townships=missing)


def _of_pace(sign: Callable[..., Sign], s: Standing) -> Iterator[Sign]:
    """What the standing itself says: far behind, missed, too slow, not to be reached as things go."""
    if s.value is None or s.aim is None:
        return
    seen = s.value.value
    over = s.left == 0 and s.aim_year is not None and s.month.year >= s.aim_year
    if over:
        if seen < s.aim and s.value.month.year == s.aim_year:
            yield sign("missed", year=s.aim_year, value=seen, aim=s.aim)
        return
    if s.gap is not None and s.aim > 0 and s.gap < -FAR * s.aim:
        yield sign("far_behind", value=seen, expected=s.expected, short=-s.gap)
    if s.needed is not None and s.needed > 0 and s.pace is not None and s.needed > TWICE * max(s.pace, Fraction(0)):
        yield sign("pace", needed=s.needed, pace=s.pace, year=s.aim_year)
    elif s.forecast is not None and s.forecast.high < s.aim:
        yield sign("forecast_short", high=s.forecast.high, aim=s.aim, year=s.aim_year)


def _of_course(sign: Callable[..., Sign], figure: Target, told: PlanMonth, values: Values) -> Iterator[Sign]:
    """What the last months say: further and further behind, a jump, a total that fell, a value that never changes."""
    file, month = told.file, told.month
    series = values.series(figure.id, month)
    if not series or series[-1][0] != month:
        return
    last_four = [v for m, v in series if month - m <= 3]
    if len(last_four) == 4:
        behind = [
            None if (wanted := expected_at(figure, file, month.later(-i))) is None else v - wanted
            for i, v in zip((3, 2, 1, 0), last_four, strict=True)
        ]
        gaps = [g for g in behind if g is not None]
        if len(gaps) == 4 and gaps[0] < 0 and all(b < a for a, b in pairwise(gaps)):
            yield sign("falling_behind", first=-gaps[0], last=-gaps[3])
    if len(series) < 2:
        return
    (before, was), (_, now) = series[-2], series[-1]
    if figure.kind in TOTALS and now < was:
        yield sign("fell", value=now, before=was, last=before)
    if _jumped(figure, series, month):
        yield sign("jump", value=now, before=was, last=before)
    aim = next((s.aim for s in told.standings if s.target.id == figure.id), None)
    kept = [v for v in values.of(figure.id) if v.source == "reported" and 0 <= month - v.month <= 3]
    if len(kept) == 4 and len({v.value for v in kept}) == 1 and aim is not None and now < aim:
        yield sign("unchanged", value=now)


def _jumped(figure: Target, series: Sequence[tuple[Month, Fraction]], month: Month) -> bool:
    """Whether the newest value changed far more than is usual."""
    (before, was), (newest, now) = series[-2], series[-1]
    if figure.kind in (*TOTALS, "yearly"):
        recent = [p for p in series[:-1] if month - p[0] <= 6]
        if figure.kind == "yearly":
            recent = [p for p in recent if p[0].year == month.year]
        steps = [(v - u) / (n - m) for (m, u), (n, v) in pairwise(recent)]
        usual = sum(steps, Fraction(0)) / len(steps) if len(steps) > 1 else Fraction(0)
        return usual > 0 and (now - was) / (newest - before) > JUMP_STEPS * usual
    return newest - before <= 3 and was != 0 and abs(now - was) > JUMP * abs(was)


# ---------------------------------------------------------------------------------------------------------------- tasks


def _of_task(t: TaskStanding, told: PlanMonth, reports: Sequence[Report]) -> Iterator[Sign]:
    number, lead = str(t.task.number), t.task.lead[0]
    values = {"number": t.task.number, "label": t.task.title}
    if t.state not in ("done", "stopped"):
        for d in t.due:
            if d.late and d.by is not None:
                yield Sign("task_late", number, t.task.title, lead, {**values, "what": d.what, "by": d.by})
        for office in t.task.lead:
            months = [r.month for r in reports if r.kind == "task" and r.subject == number and r.office == office]
            if not months or told.month - max(months) >= TASK_SILENT_MONTHS:
                yield Sign("task_silent", number, t.task.title, office, values)
    if t.state == "done":
        short = [
            s.target.label
            for s in told.standings
            if s.target.id in t.task.goals and s.plan_share is not None and s.plan_share < 1
        ]
        if short:
            yield Sign("task_done_short", number, t.task.title, lead, {**values, "goals": short})


# ---------------------------------------------------------------------------------------------------------------- lists


def _of_lists(told: PlanMonth, tracked: pl.DataFrame) -> Iterator[Sign]:
    """Enterprises and parcels that were promised and of which nothing is heard, or whose time is over."""
    day = told.month.last_day
    counted = [t for t in told.file.figures if t.counts is not None]
    office = next((o for t in counted for o in told.file.led_by(t)), "")
    since = pl.coalesce("since", "listed_on")
    idle = tracked.filter(pl.col("state") == "listed", since <= day - timedelta(days=IDLE_DAYS))
    late = tracked.filter(pl.col("state").is_in(UNDONE), pl.col("deadline") < day)
    rules: tuple[tuple[Rule, pl.DataFrame], ...] = (("subject_idle", idle), ("subject_overdue", late))
    for rule, rows in rules:
        if rows.height:
            several = [r["name"] or r["subject"] for r in rows.sort("kind", "subject").iter_rows(named=True)]
            named = list(dict.fromkeys(several))[:NAMED]
            firms = rows.filter(pl.col("kind") == "enterprise").height
            values = {"firms": firms, "parcels": rows.height - firms, "names": named, "days": IDLE_DAYS}
            yield Sign(rule, "", "", office, values)


# ------------------------------------------------------------------------------------------------------------- projects


def _of_projects(told: PlanMonth, book: ProjectBook) -> Iterator[Sign]:
    """Projects that are late, led by nobody or short of their promise; land and the fund as they should be."""
    watched = book.watched
    if watched is None:
        return
    late = [f"{p.row['project_name']}（{p.next.stage}晚 {p.late} 天）" for p in book.late if p.next is not None]
    unled = [p.row["project_name"] for p in book.going if p.unled]
    short = [p.row["project_name"] for p in book.going if any(v.short for v in p.promises)]
    seen: tuple[tuple[Rule, list[str], str], ...] = (
        ("project_late", late, watched.office),
        ("project_unled", unled, watched.office),
        ("promise_short", short, watched.office),
        ("land_not_standard", list(book.parcels) if watched.land_office else [], watched.land_office or ""),
    )
    for rule, names, office in seen:
        if names:
            yield Sign(rule, "", "", office, {"count": len(names), "names": names[:NAMED]})
    fund = next((f for f in book.funds if f.year == told.month.year), None)
    owed = book.owed(fund) if fund is not None else None
    if fund is not None and owed is not None and fund.paid_in < owed:
        target = next(t for t in told.file.figures if t.computed and t.computed.records == "special_fund")
        office = next(iter(told.file.led_by(target)), told.file.owed_by(target) or "")
        paid, due = Fraction(fund.paid_in), Fraction(owed)
        values = {"paid": paid, "owed": due, "short": due - paid, "aim": book.fund_aim}
        yield Sign("fund_short", target.id, target.label, office, values)
