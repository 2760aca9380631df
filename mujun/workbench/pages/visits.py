"""Visits on site: the firms of a survey, and the form of one of them, made for a phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import events, ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.fields import Field
from mujun.fields.here import with_unit
from mujun.reports.drawing.english_headers import words_here
from mujun.workbench.frame import Page, heading, part, photograph
from mujun.workbench.notices_out import tell_still_out
from mujun.workbench.pages.firms import firm_heading
from mujun.workbench.rights import own
from mujun.workbench.view import View, show_trouble

if TYPE_CHECKING:
    from mujun.workspace.county import County
    from mujun.workspace.rounds.filling_in import Visit
    from mujun.workspace.rounds.returning import Returned

AT_ONCE = 40
"""Firms listed at once."""


async def read(view: View) -> pl.DataFrame | None:
    """The firms to be visited, of whoever asks."""
    year = view.year
    if year is None:
        return None
    rows = await view.desk.kept(("visits", year), lambda county: county.rounds.visits(year))
    return own(view.person, rows, township="township")


def draw(view: View, rows: pl.DataFrame | None) -> None:
    """A line per firm, those not visited first, and a search."""
    heading(messages.text("visits_title"), messages.text("visits_says"))
    if rows is None or rows.is_empty():
        ui.label(messages.text("visits_none"))
        ui.link(messages.text("year_path_confirmation"), view.to("/confirmation"))
        return
    visited = rows.filter(pl.col("problems").is_not_null()).height
    ui.label(messages.text("visits_done", firms=rows.height, visited=visited)).classes("state waits")
    search = ui.input(messages.text("visits_search")).props("outlined clearable debounce=250").classes("wide")
    listed = ui.element("section").classes("panel column").style("gap: 0; padding-top: 4px; padding-bottom: 4px")
    shown = [AT_ONCE]

    def fill() -> None:
        said = str(search.value or "").strip().casefold()
        hits = rows.filter(
            pl.col("name").fill_null("").str.to_lowercase().str.contains(said, literal=True)
            | pl.col("credit_code").str.to_lowercase().str.contains(said, literal=True)
        )
        listed.clear()
        with listed:
            for row in hits.head(shown[0]).iter_rows(named=True):
                _line(view, row)
            if hits.height > shown[0]:
                more = ui.button(messages.text("visits_more", count=min(AT_ONCE, hits.height - shown[0])))
                more.props("flat no-caps").on_click(view.handler(longer))

    def longer() -> None:
        shown[0] += AT_ONCE
        fill()

    search.on_value_change(view.handler(fill))
    fill()


def _line(view: View, row: Mapping[str, Any]) -> None:
    with ui.link(target=view.to(f"/firms/{row['credit_code']}/visit")).classes("visit-line"):
        ui.label(str(row["name"] or row["credit_code"])).style("font-weight: 600")
        if row["problems"] is None:
            ui.label(messages.text("visits_no")).classes("state")
        else:
            said = messages.text("visits_yes", on=row["verified_on"] or "—", by=row["verified_by"] or "")
            ui.label(said).classes("state good")
            if row["problems"]:
                ui.label(messages.text("visits_problems", count=row["problems"])).classes("state waits")


# ------------------------------------------------------------------------------------------------------------- one firm


@dataclass
class Form:
    """What is filled in: a field's input by name, and the photographs chosen."""

    inputs: dict[str, Any] = field(default_factory=dict)
    photographs: list[Path] = field(default_factory=list)

    @property
    def answers(self) -> dict[str, str]:
        """What was typed or chosen, by field."""
        return {n: str(i.value).strip() for n, i in self.inputs.items() if str(i.value or "").strip()}


async def read_visit(view: View) -> tuple[Visit, dict[str, bytes]]:
    """The firm's line of the survey, and its photographs."""
    code, year = str(view.named["code"]), view.year

    def step(county: County) -> tuple[Visit, dict[str, bytes]]:
        known = county.rounds.visit(code, year or 0)
        return known, {n: county.rounds.photograph(code, known.issue.year, n) for n in known.photographs}

    return await view.desk.read(step)


def draw_visit(view: View, given: tuple[Visit, dict[str, bytes]]) -> None:
    """What is on record, what is seen, photographs, handing in."""
    visit, pictures = given
    firm_heading(view, visit.name)
    form = Form()
    with ui.element("section").classes("panel column"):
        part(messages.text("visit_given"))
        _on_record(visit.looked_at)
    with ui.element("section").classes("panel column"):
        part(messages.text("visit_seen"))
        if visit.answers:
            ui.label(messages.text("visit_again")).classes("question")
        for asked in visit.fields:
            form.inputs[asked.name] = _input(view, asked, visit.answers.get(asked.name), fresh=not visit.answers)
    with ui.element("section").classes("panel column"):
        part(messages.text("visit_photographs"))
        for name, content in pictures.items():
            photograph(view, content, name)
        if view.may_change:
            _choose(view, form, visit.most_photographs, visit.largest_photograph)
    if view.may_change:
        hand_in = ui.button(
            messages.text("visit_hand_in"), on_click=view.handler(lambda: _handed_in(view, visit, form))
        )
        hand_in.props("unelevated no-caps size=lg").classes("wide").mark("hand in")


def _on_record(looked_at: Mapping[str, str]) -> None:
    """What the workbook shows before the columns to fill in."""
    with ui.element("dl").classes("on-record"):
        for header, text in looked_at.items():
            ui.html(tag="dt", content=words_here(header), sanitize=_plain)
            ui.html(tag="dd", content=text, sanitize=_plain)


def _plain(text: str) -> str:
    import html

    return html.escape(text)


def _input(view: View, asked: Field, stands: object, *, fresh: bool) -> Any:
    """The input for a field: a list where only some values are allowed, else what is typed."""
    label = with_unit(asked)
    said = "" if stands is None else messages.show(stands)
    if asked.choices:
        made: Any = ui.select(
            {"": messages.text("visit_unsaid"), **{c: c for c in asked.choices}}, value=said, label=label
        )
        made.props("outlined")
    else:
        if fresh and asked.name == "verified_by":
            said = view.person.name
        if fresh and asked.name == "verified_on":
            said = date.today().isoformat()
        made = ui.input(label, value=said)
        kind = {"quantity": "inputmode=decimal", "date": "type=date stack-label"}.get(asked.kind, "")
        made.props(f"outlined {kind}")
    made.classes("wide").mark(asked.name).set_enabled(view.may_change)
    return made


def _choose(view: View, form: Form, most: int, largest: int) -> None:
    size = largest // 2**20
    ui.label(messages.text("visit_photographs_say", most=most, size=size)).classes("quiet")
    waits = ui.label("").classes("state waits").props("role=status")
    waits.set_visibility(False)

    async def taken(event: events.MultiUploadEventArguments) -> None:
        for upload in event.files:
            # Its own name decides nothing: not even what kind it is.
            target = view.desk.new_folder() / f"{messages.text('visit_photographs')}{len(form.photographs) + 1}"
            await upload.save(target)
            form.photographs.append(target)
        waits.set_text(messages.text("visit_photograph_waits", count=len(form.photographs)))
        waits.set_visibility(True)

    ui.upload(
        multiple=True,
        auto_upload=True,
        max_file_size=largest,
        max_files=most,
        label=messages.text("visit_photograph_choose"),
        on_multi_upload=view.handler(taken),
        on_rejected=view.handler(
            lambda: ui.notify(messages.text("visit_photographs_say", most=most, size=size), type="negative")
        ),
    ).props('accept="image/jpeg,image/png" flat bordered').mark("photographs")


async def _handed_in(view: View, visit: Visit, form: Form) -> None:
    code, year, answers, photographs = str(view.named["code"]), visit.issue.year, form.answers, tuple(form.photographs)
    outcome = await view.worked(lambda county: county.rounds.fill_in(code, year, answers, photographs))
    findings = outcome.records.findings if outcome.records is not None else ()
    with messages.on_pages():
        told = [(f.severity, f"{f.what} {f.remedy}") for f in findings]
    if outcome.batch is None and outcome.already is None:
        said = [messages.text("visit_refused"), *(words for severity, words in told if severity == "error")]
        show_trouble("\n".join(said), view.person)
        return
    _tell(view, outcome, [words for _, words in told])
    await tell_still_out(view, "publication_out_corrected", outcome.corrected_years)
    if view.fill is not None:
        await view.fill()


def _tell(view: View, outcome: Returned, told: list[str]) -> None:
    """A window with what became of it, and the way to the next firm."""
    with ui.dialog() as window, ui.card().classes("panel"):
        if outcome.batch is not None:
            part(messages.text("visit_taken", batch=outcome.batch))
        else:
            part(messages.text("visit_already", batch=outcome.already))
        if told:
            ui.label(messages.text("visit_told")).classes("quiet")
        for line in told:
            ui.label(line)
        with ui.row():
            ui.button(messages.text("visits_title"), on_click=lambda: view.go("/confirmation/visits")).props(
                "unelevated no-caps"
            )
            ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.open()


PAGES = (
    Page("/confirmation/visits", "visits_title", draw, read),
    Page("/firms/{code}/visit", "visit_tab", draw_visit, read_visit),
)
