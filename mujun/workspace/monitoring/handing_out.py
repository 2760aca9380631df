"""Monthly sheets handed out: one per office, and per township, with exactly what each owes for the month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.monitoring.month import Month, month_of
from mujun.monitoring.path import next_aim
from mujun.monitoring.standing import of_township
from mujun.monitoring.tasks import due_subject
from mujun.monitoring.values import Report, standing_reports
from mujun.notebooks import InNotebooks
from mujun.numbers import round_decimal
from mujun.reports.monitoring.office_sheets import ASKS, STATES, OfficeSheet, amount_text, write_office_sheet
from mujun.rules.model import Target, Task, TheTargets
from mujun.store import Issue, Store
from mujun.store.issues import MONTHLY
from mujun.workspace.book import CHINA
from mujun.workspace.county_file import CountyFile
from mujun.workspace.monitoring.knowledge import Knowledge, known_until
from mujun.writing import Several


@dataclass(frozen=True)
class HandedOut(InNotebooks):
    """A monthly sheet that was written: its file, its mark, whose it is and how much it asks."""

    file: Path
    mark: str
    office: str
    called: str
    figures: int
    tasks: int
    sheet: OfficeSheet = field(repr=False)


def hand_out_month(
    county: CountyFile,
    folder: Path,
    month: Month | str,
    *,
    rules: str | Path | None = None,
    only: str | None = None,
) -> tuple[HandedOut, ...]:
    """Write a workbook for every office that owes something for a month, and keep what each gives.

    Args:
        county: the county.
        folder: where to; made where it is not there.
        month: the month, also as text: `2022-10`.
        rules: the rule set with the plan; by default that of the newest list.
        only: one office by its short or full name, or one township.

    Raises:
        UsageError: there is no plan, the text names no month, the month is not over, nobody owes anything, or `only`
            is nobody's name.
        InputError: a file cannot be written.
    """
    known, sheets = owing(county, month, rules=rules)
    if only is not None:
        names = [n for s in sheets for n in (s.office, s.called)]
        wanted = [s for s in sheets if only == s.called or (only == s.office)]
        if not wanted:
            near = Guess(nearest(only, names))
            raise UsageError(problem("monitor_owes_nothing", name=only, known=[s.called for s in sheets], near=near))
        sheets = wanted
    several = Several(folder)
    handed: list[HandedOut] = []
    for sheet in sheets:
        with several.one(f"{sheet.called}_{sheet.month}_填报表", ".xlsx") as file:
            handed.append(_hand_out(county, file, sheet, known.rules))
    several.finish()
    return tuple(handed)


def owing(
    county: CountyFile, month: Month | str, *, rules: str | Path | None = None
) -> tuple[Knowledge, list[OfficeSheet]]:
    """What is known until a month that is over, and the sheets of all who owe something for it.

    Raises:
        UsageError: there is no plan, the text names no month, the month is not over, or nobody owes anything.
    """
    month = _month(month)
    if month.last_day > datetime.now(CHINA).date():
        raise UsageError(problem("monitor_month_to_come", month=str(month), last=month.last_day))
    known = known_until(county, month, rules=rules)
    sheets = [s for s in office_sheets(known) if s.lines]
    if not sheets:
        raise UsageError(problem("monitor_nobody_owes", plan=known.file.name))
    return known, sheets


def _month(given: Month | str) -> Month:
    month = month_of(given) if isinstance(given, str) else given
    if month is None:
        raise UsageError(problem("monitor_no_month", value=given))
    return month


def _hand_out(county: CountyFile, file: Path, sheet: OfficeSheet, rules: str) -> HandedOut:
    draft = Issue(MONTHLY, sheet.month.year, sheet.township, 0, rules, sheet.given(), county.who)
    with Store.open(county.path, write=True) as store:
        issue = store.save_issue(draft, lambda made: write_office_sheet(file, sheet, made.mark))
    return HandedOut(file, issue.mark, sheet.office, sheet.called, len(sheet.figures), len(sheet.tasks), sheet)


def office_sheets(known: Knowledge) -> Iterable[OfficeSheet]:
    """What every office owes for the month, in the order of the file; offices that owe nothing have empty sheets."""
    file = known.file
    for office, called in file.offices.items():
        figures = [t for t in file.figures if office == file.owed_by(t)]
        tasks = [t for t in file.tasks if office in t.lead]
        whose: Sequence[str | None] = known.townships if office == file.townships_office else (None,)
        for township in whose:
            yield OfficeSheet(
                office, township or called, township, file.name, known.month,
                tuple(_figure(known, t, township) for t in figures),
                tuple(row for t in tasks for row in _task(known, t, office, township)),
            )  # fmt: skip


def _figure(known: Knowledge, target: Target, township: str | None) -> dict[str, str | None]:
    mine = target if township is None else of_township(target, township)
    last = known.values.at(target.id, known.month, township)
    return {
        "代号": target.id,
        "指标": target.label,
        "单位": target.unit or None,
        "填什么": ASKS[target.kind],
        "年度目标": _aim(mine, known.file, known.month.year),
        "全程目标": _aim(mine, known.file, 9999),
        "上次期间": str(last.month) if last is not None else None,
        "上次数": _amount(last.value) if last is not None else None,
    }


def _aim(target: Target, file: TheTargets, year: int) -> str | None:
    aim = next_aim(target, file, year)
    return None if aim is None else f"{_amount(aim[1])}（{aim[0]}）"


def _amount(value: Fraction) -> str | None:
    return amount_text(round_decimal(value, 6))


def _task(known: Knowledge, task: Task, office: str, township: str | None) -> Iterable[dict[str, str | None]]:
    told = standing_reports(known.reports)
    subjects: list[tuple[str, str, date | None]] = [(str(task.number), task.title, None)]
    subjects += [(due_subject(task, i), f"　其中：{d.what}", d.by) for i, d in enumerate(task.due)]
    for subject, title, by in subjects:
        mine = [
            r
            for r in told
            if r.kind == "task" and r.subject == subject and r.office == office and r.township == township
            and r.month <= known.month
        ]  # fmt: skip
        last: Report | None = max(mine, key=lambda r: r.month, default=None)
        yield {
            "序号": subject,
            "任务": title,
            "时限": by.isoformat() if by is not None else None,
            "上次期间": str(last.month) if last is not None else None,
            "上次状态": STATES.get(last.state) if last is not None else None,
            "上次进展": (last.said or None) if last is not None else None,
        }
