"""Confirmation: workbooks handed out to townships and firms, taken back, and who has not returned his."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from nicegui import events, ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.workbench.coming_back import tell_outcome, uploaded_workbooks
from mujun.workbench.frame import Page, heading, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.notices_out import tell_still_out
from mujun.workbench.pages.checks import nothing_yet
from mujun.workbench.pages.rating import rules_for_year
from mujun.workbench.rights import own
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.workspace.county import County
    from mujun.workspace.rounds.returning import Returned


@dataclass(frozen=True)
class Round:
    """Who has returned what, and by which rules firms may be looked at where nothing of the year is rated yet.

    Attributes:
        rows: a line per workbook handed out.
        rules: the rule sets to choose from, by address; none where the year's newest run has chosen.
    """

    rows: pl.DataFrame = field(repr=False)
    rules: dict[str, str]


async def read(view: View) -> Round | None:
    """Who has returned what."""
    year = view.year
    if year is None or year not in view.years:
        return None

    def step(county: County) -> Round:
        runs = county.runs.list().filter(pl.col("year") == year)
        rules = rules_for_year(county, year, runs) if runs.is_empty() else {}
        return Round(county.rounds.status(year), rules)

    whole = await view.desk.kept(("round", year), step)
    return Round(own(view.person, whole.rows, township="township"), whole.rules)


def draw(view: View, known: Round | None) -> None:
    """Hand out, take back, see who is missing."""
    heading(messages.text("year_path_confirmation"), messages.text("confirmation_says"))
    year = view.year
    if known is None or year is None:
        nothing_yet(view)
        return
    with ui.element("section").classes("panel column"):
        part(messages.text("confirmation_out"))
        ui.label(messages.text("confirmation_survey_says")).classes("quiet")
        rules = _rules(known)
        with ui.row():
            if view.person.role == "township":
                township = view.person.of
                ui.button(
                    messages.text("confirmation_survey_own"),
                    icon="download",
                    on_click=_handed(
                        view,
                        lambda c, file: c.rounds.screen(file, township, year=year, rules=rules()),
                        f"{year}年度现场核查表_{township}.xlsx",
                    ),
                ).props("unelevated no-caps").mark("survey")
            else:
                ui.button(
                    messages.text("confirmation_survey"),
                    icon="folder_zip",
                    on_click=_handed(
                        view,
                        lambda c, folder: c.rounds.screen_all(folder, year=year, rules=rules()),
                        f"{year}年度现场核查表",
                    ),
                ).props("unelevated no-caps").mark("survey")
                ui.button(
                    messages.text("confirmation_firms"),
                    icon="folder_zip",
                    on_click=_handed(
                        view,
                        lambda c, folder: c.rounds.confirm_all(year, folder, rules=rules()),
                        f"{year}年度数据确认单",
                    ),
                ).props("outline no-caps").mark("confirm")
            if not known.rows.is_empty():
                ui.button(
                    messages.text("visits_open"), icon="edit_note", on_click=lambda: view.go("/confirmation/visits")
                ).props("outline no-caps")
    _back(view, known.rows)


def _rules(known: Round) -> Callable[[], str | None]:
    """A list of rule sets where no run says by which firms are looked at; gives what is chosen."""
    if not known.rules:
        return lambda: None
    choice = ui.select(
        known.rules, value=next(iter(known.rules)), label=messages.text("confirmation_rules"), with_input=True
    )
    choice.props("outlined").classes("wide").mark("rules")
    return lambda: str(choice.value)


def _back(view: View, rows: pl.DataFrame) -> None:
    with ui.element("section").classes("panel column"):
        part(messages.text("confirmation_back"))
        ui.upload(
            multiple=True,
            auto_upload=True,
            label=messages.text("data_choose"),
            on_multi_upload=view.handler(lambda event: _returned(view, event)),
        ).props('accept=".xlsx" flat bordered').mark("returned")
    with ui.element("section").classes("panel column"):
        part(messages.text("confirmation_status"))
        if rows.is_empty():
            ui.label(messages.text("year_path_confirmation_none"))
            return
        columns = [
            Shown(n, messages.text(messages.key(f"confirmation_{'firms_count' if n == 'firms' else n}")))
            for n in ("township", "issued_on", "firms", "returned", "complete", "missing", "problems")
        ]
        grid(view, rows, columns, file="核查进度", look="grid-low")


def _handed(view: View, write: Callable[[County, Path], object], name: str) -> Callable[..., Awaitable[None]]:
    """A handler that hands out into a folder, which changes the store, and gives the folder."""

    async def do() -> None:
        from mujun.workbench.view import give

        folder = view.desk.new_folder() / name
        await view.worked(lambda county: write(county, folder), "workbench_writing")
        give(folder)
        if view.fill is not None:
            await view.fill()

    return view.handler(do)


async def _returned(view: View, event: events.MultiUploadEventArguments) -> None:
    files = await uploaded_workbooks(view, event)

    def step(county: County) -> tuple[Returned, ...]:
        if view.person.limited:
            # Looked at first: a workbook of another township comes in by nobody's mistake.
            for looked in county.rounds.verify(files, dry_run=True):
                if looked.issue is not None and looked.issue.township != view.person.of:
                    raise UsageError(problem("rights_other_workbook", file=looked.file, township=view.person.of))
        return county.rounds.verify(files)

    outcomes = await view.worked(step)
    await tell_outcome(view, ((outcome.file, _said(outcome)) for outcome in outcomes))
    await tell_still_out(view, "publication_out_corrected", (y for o in outcomes for y in o.corrected_years))


def _said(outcome: Returned) -> list[str]:
    if outcome.refused:
        return [str(p) for p in outcome.refused]
    lines = [messages.text("confirmation_taken", batch=outcome.batch)] if outcome.batch is not None else []
    return [*lines, *(f.what for f in (outcome.records.findings if outcome.records is not None else ())[:20])]


PAGES = (Page("/confirmation", "year_path_confirmation", draw, read),)
