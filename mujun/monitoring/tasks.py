"""The tasks of a plan at the end of a month: not begun, on the way, done, late or stopped, with the last report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from mujun.dataclass import dataclass
from mujun.monitoring.month import Month
from mujun.monitoring.values import Report, standing_reports
from mujun.rules.model import Task, TheTargets

TaskState = Literal["not_begun", "working", "done", "late", "stopped"]


@dataclass(frozen=True)
class DueStanding:
    """Something that is due of a task: until when, and whether it was reported done, and when first."""

    subject: str
    what: str
    by: date | None
    done_in: Month | None
    late: bool


@dataclass(frozen=True)
class TaskStanding:
    """A task at the end of a month.

    Attributes:
        task: the task.
        state: late where something is due and not done, unless the task is done or stopped.
        due: what is due of it.
        last: the newest report of the task itself.
        offices: what each of those who lead said last: `(office, township, report)`; none where they said nothing.
    """

    task: Task
    state: TaskState
    due: tuple[DueStanding, ...]
    last: Report | None
    offices: tuple[tuple[str, str | None, Report | None], ...]


def due_subject(task: Task, at: int) -> str:
    """How reports name what is due of a task: `6.1` is the first of the sixth."""
    return f"{task.number}.{at + 1}"


def tasks_at(
    file: TheTargets,
    reports: Sequence[Report],
    month: Month,
    townships: Sequence[str],
    known_on: date | None = None,
) -> tuple[TaskStanding, ...]:
    """Every task at the end of a month, by number.

    A task is done when everyone who leads it has reported so, a task led by the townships when every one of them has.

    Args:
        file: the plan.
        reports: everything ever reported.
        month: the month.
        townships: all townships.
        known_on: only what was known at the end of that day.
    """
    told = [r for r in standing_reports(reports, known_on) if r.kind == "task" and r.month <= month]
    return tuple(_task(file, t, told, month, townships) for t in sorted(file.tasks, key=lambda t: t.number))


def leading(file: TheTargets, task: Task, townships: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Everyone who reports a task: its offices, and each township where they lead."""
    for office in task.lead:
        if office == file.townships_office:
            yield from ((office, name) for name in townships)
        else:
            yield office, None


def _task(file: TheTargets, task: Task, told: Sequence[Report], month: Month, townships: Sequence[str]) -> TaskStanding:
    leads = list(leading(file, task, townships))
    last = [(o, t, _newest(told, str(task.number), o, t)) for o, t in leads]
    due = tuple(
        _due(due_subject(task, i), d.what, d.by, leads, told, month) for i, d in enumerate(task.due)
    )  # fmt: skip
    states = [r.state if r is not None else "not_begun" for _, _, r in last]
    reports = [r for _, _, r in last if r is not None]
    newest = max(reports, key=lambda r: (r.month, r.number), default=None)
    return TaskStanding(task, _state(states, due), due, newest, tuple(last))


def _state(states: Sequence[str], due: Sequence[DueStanding]) -> TaskState:
    if states and all(s == "done" for s in states):
        return "done"
    if states and all(s in ("done", "stopped") for s in states):
        return "stopped"
    if any(d.late for d in due):
        return "late"
    return "not_begun" if all(s == "not_begun" for s in states) else "working"


def _due(
    subject: str,
    what: str,
    by: date | None,
    leads: Sequence[tuple[str, str | None]],
    told: Sequence[Report],
    month: Month,
) -> DueStanding:
    firsts = [_first_done(told, subject, o, t) for o, t in leads]
    done = [m for m in firsts if m is not None]
    done_in = max(done) if done and len(done) == len(firsts) else None
    late = done_in is None and by is not None and by <= month.last_day
    return DueStanding(subject, what, by, done_in, late)


def _first_done(told: Sequence[Report], subject: str, office: str, township: str | None) -> Month | None:
    """The month since which it has been reported done without a break."""
    since: Month | None = None
    for r in sorted(_by(told, subject, office, township), key=lambda r: r.month):
        since = (since or r.month) if r.state == "done" else None
    return since


def _newest(told: Sequence[Report], subject: str, office: str, township: str | None) -> Report | None:
    return max(_by(told, subject, office, township), key=lambda r: r.month, default=None)


def _by(told: Sequence[Report], subject: str, office: str, township: str | None) -> Iterator[Report]:
    return (r for r in told if r.subject == subject and r.office == office and r.township == township)
