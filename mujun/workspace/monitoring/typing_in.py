"""A month's reports typed in place: what each office owes, with what it reported already, and lines put on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.monitoring.month import Month
from mujun.monitoring.values import Report, standing_reports
from mujun.notebooks import InNotebooks
from mujun.reports.monitoring.office_sheets import (
    FIGURE_KEY,
    FIGURES_ASKED,
    STATES,
    TASK_KEY,
    TASKS_ASKED,
    OfficeSheet,
    amount_text,
)
from mujun.store import REPORT_SCHEMA, Store
from mujun.workspace.book import CHINA
from mujun.workspace.county_file import CountyFile
from mujun.workspace.monitoring.handing_out import owing
from mujun.workspace.monitoring.knowledge import Knowledge
from mujun.workspace.monitoring.returning import MonthTaken, figure_reported, task_reported

LineKey = tuple[Literal["figure", "task"], str]
"""A line of a form: a figure by its id, or a task by its number."""


@dataclass(frozen=True)
class MonthLine:
    """A figure or task that an office owes.

    Attributes:
        given: what stands fast, by the header that it has in the workbook.
        reported: what the office has reported of this month already, by header; empty where nothing.
    """

    given: Mapping[str, str | None]
    reported: Mapping[str, str]


@dataclass(frozen=True)
class MonthForm(InNotebooks):
    """What an office, or a township, owes for a month, to be typed in.

    Attributes:
        office: its short name.
        called: its full name, or the township's.
        township: whose it is, of the office that stands for the townships.
        month: of which month.
        plan, rules: what the plan is called, and the rule set it stands in.
        lines: its figures, then its tasks.
    """

    office: str
    called: str
    township: str | None
    month: Month
    plan: str
    rules: str
    lines: Mapping[LineKey, MonthLine] = field(repr=False)

    @property
    def asked(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """What is to be typed, by kind of line and header, each with its choices where there are any."""
        choices = {TASKS_ASKED[0]: tuple(STATES.values())}
        asked = {"figure": FIGURES_ASKED, "task": TASKS_ASKED}
        return {kind: {h: choices.get(h, ()) for h in headers} for kind, headers in asked.items()}


def month_forms(county: CountyFile, month: Month | str, *, rules: str | Path | None = None) -> tuple[MonthForm, ...]:
    """What every office and township owes for a month, in the order of the plan.

    Args:
        county: the county.
        month: the month, also as text: `2022-10`.
        rules: the rule set with the plan; by default that of the newest list.

    Raises:
        UsageError: there is no plan, the text names no month, the month is not over, or nobody owes anything.
    """
    known, sheets = owing(county, month, rules=rules)
    return tuple(_form(known, sheet) for sheet in sheets)


def _form(known: Knowledge, sheet: OfficeSheet) -> MonthForm:
    reported = {
        (r.kind, r.subject): r
        for r in standing_reports(known.reports)
        if r.month == known.month and r.office == sheet.office and r.township == sheet.township
    }
    lines: dict[LineKey, MonthLine] = {}
    for row in sheet.figures:
        subject = str(row[FIGURE_KEY])
        lines["figure", subject] = MonthLine(row, _figure_texts(reported.get(("figure", subject))))
    for row in sheet.tasks:
        subject = str(row[TASK_KEY])
        lines["task", subject] = MonthLine(row, _task_texts(reported.get(("task", subject))))
    return MonthForm(sheet.office, sheet.called, sheet.township, known.month, sheet.plan, known.rules, lines)


def _figure_texts(report: Report | None) -> dict[str, str]:
    if report is None:
        return {}
    value = amount_text(report.value) if report.value is not None else None
    return _filled(dict(zip(FIGURES_ASKED, (value, report.evidence, report.note), strict=True)))


def _task_texts(report: Report | None) -> dict[str, str]:
    if report is None:
        return {}
    texts = (STATES.get(report.state), report.said, report.evidence, report.note)
    return _filled(dict(zip(TASKS_ASKED, texts, strict=True)))


def _filled(texts: Mapping[str, str | None]) -> dict[str, str]:
    return {header: text for header, text in texts.items() if text}


def enter_month(
    county: CountyFile,
    month: Month | str,
    called: str,
    lines: Mapping[LineKey, Mapping[str, str]],
    *,
    rules: str | Path | None = None,
    dry_run: bool = False,
) -> MonthTaken:
    """Put typed lines of an office's month on record, each read as its workbook would be.

    A line that says what the office has reported of the month already is not put in again; one that says otherwise is a
    correction, and the earlier report stays beside it. A line that cannot be taken is refused with its reason, the
    others count. A blank line reports nothing and takes nothing back.

    Args:
        county: the county.
        month: the month, also as text.
        called: the office by its short or full name, or a township.
        lines: what was typed, by line and header.
        rules: the rule set with the plan; by default that of the newest list.
        dry_run: only say what would come in.

    Raises:
        UsageError: as of `month_forms`; or the office owes nothing, or not such a line.
        StoreError: it could not be written.
    """
    forms = month_forms(county, month, rules=rules)
    form = next((f for f in forms if called in (f.called, f.office)), None)
    if form is None:
        near = Guess(nearest(called, [f.called for f in forms]))
        raise UsageError(problem("monitor_owes_nothing", name=called, known=[f.called for f in forms], near=near))
    unknown = [problem("monitor_not_owed", name=form.called, subject=key[1]) for key in lines if key not in form.lines]
    if unknown:
        raise UsageError(unknown)
    rows: list[dict[str, Any]] = []
    refused: list[Problem] = []
    blank = corrected = 0
    for key, typed in lines.items():
        line = form.lines[key]
        texts = _filled({header: text.strip() for header, text in typed.items()})
        if texts == line.reported:
            continue
        cells = {**line.given, **texts}
        read = figure_reported if key[0] == "figure" else task_reported
        row, wrong = read(cells.get, Place())
        if wrong is not None:
            refused.append(wrong)
        elif row is None:
            blank += key[0] == "figure"
        else:
            rows.append(row)
            corrected += bool(line.reported)
    whose = {
        "township": form.township, "office": form.office, "year": form.month.year, "month": form.month.month,
        "received_on": datetime.now(CHINA).date(),
    }  # fmt: skip
    frame = pl.DataFrame([{n: {**r, **whose}.get(n) for n in REPORT_SCHEMA} for r in rows], schema=REPORT_SCHEMA)
    if frame.height and not dry_run:
        with Store.open(county.path, write=True) as store:
            store.add_reports(frame, who=county.who)
    return MonthTaken(
        "",
        form.called,
        str(form.month),
        figures=frame.filter(pl.col("kind") == "figure").height,
        tasks=frame.filter(pl.col("kind") == "task").height,
        corrected=corrected,
        blank=blank,
        refused=tuple(refused),
        rows_refused=len(refused),
        rows=frame,
    )
