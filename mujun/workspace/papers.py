"""What a county puts on paper: results and records drawn by the reports, in the format that a file's ending says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from mujun.allocation import Allocation, OfficeList
from mujun.analysis.fairness import Fairness
from mujun.monitoring.plan_month import PlanMonth
from mujun.monitoring.projects import ProjectBook
from mujun.monitoring.racing import Race
from mujun.records import LandRegister
from mujun.reports.departments.land_sheets import write_land
from mujun.reports.drawing.exporting import write_table
from mujun.reports.firms.card import Card
from mujun.reports.firms.explanation_file import Entry, write_explanations, write_index
from mujun.reports.money.office_lists import office_file, write_office_list
from mujun.reports.money.project_sheets import write_substitutions
from mujun.reports.monitoring.assessment_sheets import Assessment, write_assessment
from mujun.reports.monitoring.month_sheets import write_plan_month
from mujun.reports.monitoring.project_sheets import write_projects
from mujun.reports.monitoring.race_sheets import write_race
from mujun.reports.notice import notice_html, notice_text
from mujun.reports.rectification.list_document import write_list
from mujun.reports.rectification.progress_report import write_status
from mujun.reports.rectification.progress_sheet import ProgressSheet
from mujun.reports.runs.fairness_sheets import write_fairness
from mujun.reports.runs.scenario_workbook import Tried, write_scenarios
from mujun.rules.document import Document
from mujun.rules.loading import MODELS
from mujun.rules.schema import schema_text
from mujun.steps import part, step
from mujun.store import ListDocument
from mujun.workspace.as_json import json_of
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.drawn import drawn
from mujun.workspace.firms.census import Census, write_geojson
from mujun.workspace.firms.explaining import Explaining
from mujun.workspace.money.amounts import land_tax
from mujun.workspace.money.projects import Drawn, SubstitutionState
from mujun.workspace.problems.problem_list import ProblemList
from mujun.workspace.rectification.handed_out import hand_out
from mujun.workspace.rectification.lists import Draft
from mujun.workspace.rectification.monitoring import Status, progress_report
from mujun.workspace.rectification.papers import (
    paper_of,
    paper_of_draft,
    progress_sheet,
    recheck_sheet,
    visited_sheet,
)
from mujun.workspace.rectification.rechecking import Recheck
from mujun.workspace.rectification.visited import Visited
from mujun.workspace.rounds.township_round import ToScreen
from mujun.workspace.runs.exporting import Export
from mujun.workspace.runs.scenarios import WhatIf
from mujun.writing import Several, write_text


def _by_ending(
    file: Path, result: object, workbook: Callable[[], Path], *, form: str | None = None, run: int | None = None
) -> Path:
    """JSON for other programs where the file's ending, or `form`, says so; else the workbook."""
    if form == "json" or (form is None and file.suffix.lower() == ".json"):
        return write_text(file, json_of(result, run=run) + "\n")
    return workbook()


# ------------------------------------------------------------------------------------------------------------- rules


def rules_paper(document: Document, file: Path, form: str | None = None) -> Path:
    """A rule set in readable Chinese, as `rules.show` gives it, as a page or as text.

    Args:
        document: what `rules.show` gave.
        file: where to.
        form: `html` or `text`; by default what the file's ending says.

    Raises:
        InputError: the file cannot be written.
    """
    paged = form == "html" or (form is None and file.suffix.lower() in (".html", ".htm"))
    return write_text(file, notice_html(document) if paged else notice_text(document))


def schema_files(folder: Path, kind: str | None = None) -> list[Path]:
    """The JSON Schemas of rule files, for editors: of one kind or of all.

    Raises:
        UsageError: there is no such kind.
        InputError: a file cannot be written.
    """
    texts = {k: schema_text(k) for k in ((kind,) if kind is not None else MODELS)}
    several = Several(folder)
    for name, text in texts.items():
        with several.one(name, ".schema.json") as file:
            write_text(file, text)
    return several.finish()


# -------------------------------------------------------------------------------------------------- records and firms


def land_paper(register: LandRegister, file: Path, *, whose: str = "") -> Path:
    """A land register as .xlsx, or as .json for other programs.

    Args:
        register: what `parcels.register` gave.
        file: where to.
        whose: the township or firm that the workbook is about; in its title.

    Raises:
        InputError: the file cannot be written.
    """
    return _by_ending(file, register, lambda: write_land(file, register, whose=whose))


CARD_ENDINGS = {".json": "json", ".html": "html", ".htm": "html"}


def card_paper(card: Card, file: Path, form: str | None = None) -> Path:
    """A card as a page, JSON or text.

    Args:
        card: what `firms.show` or `parcels.show` gave.
        file: where to.
        form: `html`, `json` or `text`; by default what the file's ending says.

    Raises:
        InputError: the file cannot be written.
    """
    text = drawn(card, form or CARD_ENDINGS.get(file.suffix.lower(), "text"))
    return write_text(file, text if text.endswith("\n") else text + "\n")


def screening_paper(screening: ToScreen, file: Path) -> Path:
    """The firms that a round looks at as a table: .xlsx, .csv, .parquet or .json; nothing is handed out with it.

    Raises:
        InputError: the file cannot be written.
        UsageError: a format that there is not.
    """
    return write_table(screening.rows, file, what="screening", rules=screening.result.ruleset)


TOGETHER, TOGETHER_BY_FIGURES = 250, 50
"""Firms of a township that are explained together, for their ways up are computed at once: so many, or so many where
each figure of theirs is tried as well."""


def explanation_papers(
    explaining: Explaining,
    township: str,
    folder: Path,
    form: str = "html",
    *,
    figures: bool = False,
    progress: Callable[[int | None], None] = lambda _: None,
) -> int:
    """The explanations of a township's firms, a file each; of pages an index as well. Says how many.

    Args:
        explaining: what `firms.explaining` gave.
        township: whose firms.
        folder: where to.
        form: `html`, `json` or `text`.
        figures: whether the ways up try each figure of the records as well, a second a firm.
        progress: is told how many firms there are, then `None` for each that is done.

    Raises:
        UsageError: there is no such township; names the nearest.
        InputError: a file cannot be written.
    """
    codes = explaining.firms_of(township)
    progress(len(codes))
    step("step_explaining", of=len(codes), count=len(codes))
    entries: list[Entry] = []
    files = Several(folder)
    files.expect(len(codes) + (form == "html"))
    together = TOGETHER_BY_FIGURES if figures else TOGETHER
    for start in range(0, len(codes), together):
        some = codes[start : start + together]
        with part(start, len(codes), parts=len(some)):
            entries += write_explanations(explaining.of(some, figures=figures), files, form)
        for _ in some:
            progress(None)
    if form == "html":
        write_index(entries, files)
    files.finish()
    return len(codes)


# --------------------------------------------------------------------------------------------------------------- runs


def table_paper(table: Export, file: Path, *, headers: str | None = None) -> Path:
    """A table as .xlsx, .csv, .parquet or .json.

    Args:
        table: what `runs.export` gave.
        file: where to.
        headers: `names` or `labels`; by default labels in workbooks and names elsewhere.

    Raises:
        InputError: the file cannot be written.
        UsageError: a format that there is not.
    """
    return write_table(table.rows, file, what=table.what, headers=headers, rules=table.rules)


def fairness_paper(fairness: Fairness, file: Path, *, run: int | None = None) -> Path:
    """Who gets which tier as .xlsx, or as .json for other programs.

    Args:
        fairness: what `runs.fairness` gave.
        file: where to.
        run: the number of its run.

    Raises:
        InputError: the file cannot be written.
    """
    return _by_ending(file, fairness, lambda: write_fairness(file, fairness, run=run), run=run)


def scenarios_paper(what_if: WhatIf, file: Path) -> Path:
    """The scenarios that could be computed, side by side, as a workbook.

    Raises:
        InputError: the file cannot be written.
    """
    tried = [Tried(o.scenario.id, o.scenario.name, o.comparison) for o in what_if.outcomes if o.comparison is not None]
    return write_scenarios(file, what_if.baseline_in_words, tried)


# ------------------------------------------------------------------------------------------------------ rectification


def listing_paper(made: Draft, file: Path) -> Path:
    """A list that is not issued yet: a workbook as the issued one will be, other formats as the list stands.

    Raises:
        InputError: the file cannot be written.
    """
    if file.suffix.lower() == ".xlsx":
        return write_list(file, paper_of_draft(made))
    return write_table(made.rows, file, what="rectification", rules=made.listing.plan.ruleset)


def list_paper(listed: ListDocument, file: Path) -> Path:
    """An issued list or amendment as its workbook.

    Raises:
        InputError: the file cannot be written.
    """
    return write_list(file, paper_of(listed))


def census_paper(census: Census, file: Path) -> Path:
    """The census of parcels as a table (.xlsx, .csv, .parquet, .json) or as GeoJSON.

    Raises:
        InputError: the file cannot be written.
        UsageError: a format that there is not.
    """
    if file.suffix.lower() == ".geojson":
        return write_geojson(census, file)
    return write_table(census.rows, file, what="parcels")


def problems_paper(problems: ProblemList, file: Path) -> Path:
    """Problems as a table: .xlsx, .csv, .parquet or .json.

    Raises:
        InputError: the file cannot be written.
        UsageError: a format that there is not.
    """
    return write_table(problems.rows, file, what="problems")


def progress_paper(county: CountyFile, file: Path, township: str | None = None) -> ProgressSheet:
    """The progress sheet of a township, or of all, for what happened to be filled in.

    Raises:
        UsageError: nobody is on a list or waiting, or nobody of that township is.
        InputError: the file cannot be written.
    """
    sheet = progress_sheet(county, township)
    hand_out(county, file, sheet)
    return sheet


def visited_paper(county: CountyFile, visited: Visited, file: Path, township: str | None = None) -> Path:
    """A progress sheet of those screened who were visited, filled in with what the surveys propose.

    Raises:
        InputError: the file cannot be written.
    """
    return hand_out(county, file, visited_sheet(visited, township))


def recheck_paper(county: CountyFile, recheck: Recheck, file: Path) -> Path:
    """A progress sheet of those for whom newer data propose something, with what it rests on.

    Raises:
        InputError: the file cannot be written.
    """
    return hand_out(county, file, recheck_sheet(county, recheck))


def status_paper(status: Status, file: Path, form: str | None = None) -> Path:
    """A day's status as a workbook, or as JSON for other programs.

    Args:
        status: what `monitor.status` gave.
        file: where to.
        form: `json` or `workbook`; by default what the file's ending says.

    Raises:
        InputError: the file cannot be written.
    """
    return _by_ending(file, status, lambda: write_status(file, progress_report(status)), form=form)


def plan_month_paper(told: PlanMonth, file: Path) -> Path:
    """A plan's month as a workbook, or as JSON for other programs, as the file's ending says.

    Raises:
        InputError: the file cannot be written.
    """
    return _by_ending(file, told, lambda: write_plan_month(file, told))


def assessment_paper(told: Assessment, file: Path) -> Path:
    """The annual assessment as a workbook, or as JSON, as the file's ending says.

    Raises:
        InputError: the file cannot be written.
    """
    return _by_ending(file, told, lambda: write_assessment(file, told))


def race_paper(told: Race, file: Path) -> Path:
    """The race as a workbook, or as JSON for other programs, as the file's ending says.

    Raises:
        InputError: the file cannot be written.
    """
    return _by_ending(file, told, lambda: write_race(file, told))


def projects_paper(book: ProjectBook, file: Path, township: str | None = None) -> Path:
    """Projects, land supplied and the special fund as a workbook, or as JSON, as the file's ending says.

    Args:
        book: what `monitor.projects` gave.
        file: where to.
        township: only the projects of one township.

    Raises:
        InputError: the file cannot be written.
    """
    return _by_ending(file, book, lambda: write_projects(file, book, township))


# ----------------------------------------------------------------------------------------------------------- money


def allocation_paper(allocation: Allocation, file: Path) -> Path:
    """Amounts as a table: .xlsx, .csv, .parquet or .json.

    Raises:
        InputError: the file cannot be written.
        UsageError: a format that there is not.
    """
    return write_table(allocation.allocation, file, what="allocation", rules=allocation.plan.ruleset)


def plan_paper(drawn_on: Drawn, file: Path) -> Path:
    """What a pool gave to projects, as a file that `money.substitute` takes in.

    Raises:
        InputError: the file cannot be written.
        UsageError: a format that there is not.
    """
    return write_table(drawn_on.rows, file, what="substitutions", headers="labels")


def substitutions_paper(state: SubstitutionState, file: Path) -> Path:
    """The substitution ledger as a workbook: balances of sources, what projects lack, and every spending.

    Raises:
        InputError: the file cannot be written.
    """
    return write_substitutions(file, state.ledger, state.needs, state.spent, state.document)


def office_papers(
    county: CountyFile, folder: Path, result: YearResult, allocation: Allocation, lists: Sequence[OfficeList]
) -> list[Path]:
    """A workbook for each office, with account numbers and exact amounts.

    Args:
        county: the county.
        folder: where to.
        result, allocation: what `money.allocate` gave.
        lists: what `money.offices` gave.

    Raises:
        InputError: a file cannot be written.
    """
    several = Several(folder, len(lists))
    for listed in lists:
        land = land_tax(county, result) if listed.office == "tax" else None
        with several.one(office_file(allocation, listed.office), ".xlsx") as file:
            write_office_list(file, listed, allocation, land)
    return several.finish()
