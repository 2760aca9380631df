"""Where a plan stands at the end of a month: every figure and task, as it was known on any day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.monitoring.month import month_over
from mujun.monitoring.path import next_aim
from mujun.monitoring.plan_month import PlanMonth, plan_month_of
from mujun.monitoring.projects import ProjectBook, project_book
from mujun.monitoring.signs import signs_of
from mujun.monitoring.values import Report, standing_reports
from mujun.store import REPORT_SCHEMA, Store
from mujun.workspace.book import CHINA
from mujun.workspace.county_file import CountyFile
from mujun.workspace.monitoring.knowledge import Knowledge, known_until, plan_of, reports_of


def plan_month(
    county: CountyFile,
    day: date,
    *,
    rules: str | Path | None = None,
    known_on: date | None = None,
    township: str | None = None,
) -> PlanMonth:
    """Where a plan stands at the end of the last month that is over on a day.

    Args:
        county: the county.
        day: the day.
        rules: the rule set with the plan; by default that of the newest list.
        known_on: as it was known at the end of that day.
        township: a township's figures in place of the county's.

    Raises:
        UsageError: there is no plan, or no such township.
        RuleError: something is wrong with the plan.
    """
    return month_of_knowledge(known_until(county, month_over(day), rules=rules, known_on=known_on), township)


def month_of_knowledge(known: Knowledge, township: str | None = None) -> PlanMonth:
    """The same of what was read already.

    Raises:
        UsageError: there is no such township.
    """
    if township is not None and township not in known.townships:
        near = Guess(nearest(township, known.townships))
        raise UsageError(
            problem("unknown_township", township=township, near=near, known=list(known.townships) or "—")
        )  # fmt: skip
    told = plan_month_of(
        known.file, known.values, known.reports, known.month, known.townships, township=township,
        known_on=known.known_on,
    )  # fmt: skip
    if township is not None:
        return told
    book = book_of_knowledge(known) if known.file.projects is not None and known.tables else None
    return replace(told, signs=signs_of(told, known.values, known.reports, known.tracked, book))


def projects(
    county: CountyFile, day: date, *, rules: str | Path | None = None, known_on: date | None = None
) -> ProjectBook:
    """Projects over their whole life, land supplied and the special fund at the end of the last month that is over.

    Args:
        county: the county.
        day: the day.
        rules: the rule set with the plan; by default that of the newest list.
        known_on: as it was known at the end of that day.

    Raises:
        UsageError: there is no plan, or no projects, land supply and funds are on record.
        RuleError: something is wrong with the plan.
    """
    known = known_until(county, month_over(day), rules=rules, known_on=known_on)
    if not known.tables or all(known.tables[n].is_empty() for n in ("projects", "land_supply", "special_fund")):
        raise UsageError(problem("monitor_no_projects"))
    return book_of_knowledge(known)


def book_of_knowledge(known: Knowledge) -> ProjectBook:
    """The same of what was read already."""
    fund = next((t for t in known.file.figures if t.computed and t.computed.records == "special_fund"), None)
    wanted = next_aim(fund, known.file, known.month.year) if fund is not None else None
    aim = wanted[1] if wanted is not None else None
    return project_book(known.tables, known.frames, known.month.last_day, known.file.projects, aim)


REPORTED_SCHEMA: dict[str, pl.DataType] = {
    "number": pl.Int32(), "kind": pl.String(), "subject": pl.String(), "label": pl.String(), "office": pl.String(),
    "township": pl.String(), "month": pl.String(), "value": pl.Decimal(18, 6), "state": pl.String(),
    "said": pl.String(), "evidence": pl.String(), "note": pl.String(), "received_on": pl.Date(),
    "recorded_on": pl.Date(), "who": pl.String(), "file": pl.String(), "stands": pl.Boolean(),
    "back_by": pl.String(), "back_on": pl.Date(), "back_why": pl.String(),
}  # fmt: skip


def reported(
    county: CountyFile, subject: str | None = None, *, rules: str | Path | None = None, known_on: date | None = None
) -> pl.DataFrame:
    """Everything that offices ever reported, corrections beside what they replaced; columns as in `REPORTED_SCHEMA`.

    Of what was taken back, `back_by`, `back_on` and `back_why` say by whom, when and why.

    Args:
        county: the county.
        subject: only of one figure (its id) or task (its number).
        rules: the rule set with the plan; by default that of the newest list.
        known_on: only what was known at the end of that day.

    Raises:
        UsageError: there is no plan, or it has no such figure or task.
    """
    file, _ = plan_of(county, rules)
    labels = {t.id: t.label for t in file.figures} | {str(t.number): t.title for t in file.tasks}
    for task in file.tasks:
        labels |= {f"{task.number}.{i}": d.what for i, d in enumerate(task.due, 1)}
    if subject is not None and subject not in labels:
        near = Guess(nearest(subject, labels))
        raise UsageError(problem("monitor_no_subject", subject=subject, near=near))
    with Store.open(county.path) as store:
        every = [r for r in reports_of(store) if known_on is None or r.known_on <= known_on]
    stands = {r.number for r in standing_reports(every)}
    backs = {r.revokes: r for r in every if r.revokes is not None}
    rows = [
        {
            "number": r.number, "kind": r.kind, "subject": r.subject, "label": labels.get(r.subject),
            "office": r.office, "township": r.township, "month": str(r.month), "value": r.value,
            "state": r.state or None, "said": r.said or None, "evidence": r.evidence or None, "note": r.note or None,
            "received_on": r.known_on, "recorded_on": r.recorded_on, "who": r.who, "file": r.file or None,
            "stands": r.number in stands, **_taken_back(backs.get(r.number)),
        }
        for r in every
        if r.revokes is None and (subject is None or r.subject == subject)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=REPORTED_SCHEMA).sort("kind", "subject", "township", "month", "number")


def _taken_back(back: Report | None) -> dict[str, object]:
    if back is None:
        return {}
    return {"back_by": back.who, "back_on": back.recorded_on, "back_why": back.note}


def take_back_report(county: CountyFile, number: int, *, reason: str, by: str | None = None) -> None:
    """Take back something that was reported by mistake: what was reported of it before counts again, if anything.

    Both stay on record, with who took it back and why; as the plan was known on an earlier day, it counts still.

    Args:
        county: the county.
        number: the report's number, as `reported` has it.
        reason: why.
        by: the office that asks, by the short word of the plan, where it may take back only what it reported itself.

    Raises:
        UsageError: no reason, no such report, it was taken back before, or another office reported it.
        StoreError: it could not be written.
    """
    if not reason.strip():
        raise UsageError(problem("monitor_back_no_reason"))
    with Store.open(county.path) as store:
        rows = store.reports()
    mine = rows.filter(pl.col("number") == number, pl.col("revokes").is_null())
    if mine.is_empty():
        raise UsageError(problem("monitor_back_unknown", number=number))
    back = rows.filter(pl.col("revokes") == number)
    if back.height:
        raise UsageError(problem("monitor_back_before", number=number, who=back["who"][0]))
    if by is not None and mine["office"].item() != by:
        raise UsageError(problem("monitor_back_of_other", number=number, office=mine["office"].item()))
    whose = mine.select("kind", "subject", "township", "office", "year", "month").row(0, named=True)
    told = {
        **whose, "note": reason.strip(), "received_on": datetime.now(CHINA).date(), "revokes": number,
    }  # fmt: skip
    row = pl.DataFrame([{n: told.get(n) for n in REPORT_SCHEMA}], schema=REPORT_SCHEMA)
    with Store.open(county.path, write=True) as store:
        store.add_reports(row, who=county.who)
