"""The papers of a plan's course: made for the county, an office or a township, in Word or as a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.monitoring.assessing import assess
from mujun.monitoring.month import Month, month_over, year_end
from mujun.monitoring.plan_month import PlanMonth
from mujun.monitoring.projects import ProjectBook
from mujun.monitoring.racing import Race
from mujun.reports.monitoring.course import Course
from mujun.reports.monitoring.plan_papers import (
    assessment_paper,
    bulletin,
    monthly_sheet,
    quarter_ended,
)
from mujun.reports.official.document import OfficialPaper
from mujun.reports.official.web_page import write_paper_page
from mujun.reports.official.word import write_word
from mujun.rules.model.papers import ThePapers
from mujun.rules.paper_texts import FILE, papers_texts
from mujun.workspace.county_file import CountyFile
from mujun.workspace.monitoring.knowledge import Knowledge, known_until
from mujun.workspace.monitoring.month_status import book_of_knowledge, month_of_knowledge
from mujun.workspace.monitoring.racing import race_of_knowledge
from mujun.writing import Several

PlanPaper = Literal["monthly", "bulletin", "assessment"]
_NAMES = {"monthly": "月监测", "bulletin": "季度通报", "assessment": "年度考核"}


def plan_paper(
    county: CountyFile,
    kind: PlanPaper,
    day: date,
    *,
    rules: str | Path | None = None,
    known_on: date | None = None,
    office: str | None = None,
    township: str | None = None,
    texts_file: Path | None = None,
) -> OfficialPaper:
    """A paper of the last month, quarter or year that is over on a day.

    Args:
        county: the county.
        kind: `monthly`, `bulletin` (of a quarter) or `assessment` (of a year).
        day: the day.
        rules: the rule set with the plan; by default that of the newest list.
        known_on: as it was known at the end of that day.
        office: only what an office leads or reports, by its short or full name.
        township: only a township's own figures and tasks.
        texts_file: a papers.yaml with the county's own words, over that beside the store.

    Raises:
        UsageError: there is no plan, no such office or township, or the plan has no assessment.
        RuleError: something is wrong with the plan or the words.
    """
    month = period_end(kind, day)
    known = known_until(county, month, rules=rules, known_on=known_on)
    if office is not None and township is not None:
        raise UsageError(problem("monitor_office_or_township"))
    race = _race(county, known, kind, rules) if office is None and kind != "monthly" else None
    return _paper(county, known, kind, office, township, texts_file, race)


def plan_papers(
    county: CountyFile,
    kind: PlanPaper,
    day: date,
    folder: Path,
    *,
    ending: str = ".docx",
    rules: str | Path | None = None,
    known_on: date | None = None,
    texts_file: Path | None = None,
) -> tuple[Path, ...]:
    """The same paper for the whole county, for every office that leads or reports something, and for every township.

    Args:
        county, kind, day, rules, known_on, texts_file: as `plan_paper` takes them.
        folder: where to; made where it is not there.
        ending: `.docx` or `.html`.

    Raises:
        UsageError, RuleError: as `plan_paper`.
        InputError: a file cannot be written.
    """
    month = period_end(kind, day)
    known = known_until(county, month, rules=rules, known_on=known_on)
    several = Several(folder)
    race = _race(county, known, kind, rules) if kind != "monthly" else None
    for name, office, township in _readers(known):
        paper = _paper(county, known, kind, office, township, texts_file, race)
        with several.one(f"{_NAMES[kind]}_{month}_{name}", ending) as file:
            write_plan_paper(paper, file)
    return tuple(several.finish())


def write_plan_paper(paper: OfficialPaper, file: Path) -> Path:
    """A paper as a page where the file ends in `.html`, else as a Word document.

    Raises:
        UsageError: the extra `papers` is not installed.
        InputError: the file cannot be written.
    """
    return write_paper_page(file, paper) if file.suffix.lower() == ".html" else write_word(file, paper)


def period_end(kind: PlanPaper, day: date) -> Month:
    """The end of the last month, quarter or year that is over on a day."""
    month = month_over(day)
    if kind == "monthly":
        return month
    if kind == "bulletin":
        return quarter_ended(month)
    return month if month.month == 12 else year_end(month.year - 1)


def _readers(known: Knowledge) -> Iterator[tuple[str, str | None, str | None]]:
    yield "全县（市）", None, None
    file = known.file
    for office, called in file.offices.items():
        if office == file.townships_office:
            continue
        leads = any(office in t.lead for t in file.tasks)
        if leads or any(file.owed_by(t) == office for t in file.figures):
            yield called, office, None
    for township in known.townships:
        yield township, None, township


def _paper(
    county: CountyFile,
    known: Knowledge,
    kind: PlanPaper,
    office: str | None,
    township: str | None,
    texts_file: Path | None,
    race: Race | None,
) -> OfficialPaper:
    told = month_of_knowledge(known, township)
    short = _office(known, office) if office is not None else ""
    before = _earlier(known, township) if kind == "bulletin" else None
    course = Course(told, told.signs, before, short, _texts(county, known, texts_file), race, _book(known))
    if kind == "monthly":
        return monthly_sheet(course)
    if kind == "bulletin":
        return bulletin(course)
    contest = known.file.assessment
    if contest is None:
        raise UsageError(problem("monitor_no_assessment", plan=known.file.name))
    rows = assess(known.file, contest, known.values, known.month.year, township)
    return assessment_paper(course, contest, rows)


def _earlier(known: Knowledge, township: str | None) -> PlanMonth:
    """The plan three months before, of what is known now: what the quarter brought."""
    return month_of_knowledge(replace(known, month=known.month.later(-3)), township)


def _book(known: Knowledge) -> ProjectBook | None:
    return book_of_knowledge(known) if known.file.projects is not None and known.tables else None


def _race(county: CountyFile, known: Knowledge, kind: PlanPaper, rules: str | Path | None) -> Race | None:
    """The townships' race, compared with that of a quarter before, of an assessment with that of a year before."""
    if known.file.race is None or not known.townships:
        return None
    earlier = known.month.later(-12 if kind == "assessment" else -3)
    before = known_until(county, earlier, rules=rules, known_on=known.known_on)
    return race_of_knowledge(known, race_of_knowledge(before) if before.townships else None)


def _office(known: Knowledge, wanted: str) -> str:
    offices = known.file.offices
    short = next((o for o, called in offices.items() if wanted in (o, called)), None)
    if short is None:
        names = [*offices, *offices.values()]
        raise UsageError(
            problem(
                "monitor_no_office",
                name=wanted,
                known=list(offices.values()) or "—",
                near=Guess(nearest(wanted, names)),
            )
        )
    return short


def _texts(county: CountyFile, known: Knowledge, texts_file: Path | None) -> ThePapers:
    """The county's own words: of the rule set, beside the store, and as given."""
    beside = county.path.parent / FILE
    files = [f for f in (beside if beside.is_file() else None, texts_file) if f is not None]
    return papers_texts(known.rules, *files)
