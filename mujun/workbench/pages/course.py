"""One firm or parcel on the list: its course as a time line, only what may happen next, and its problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.workbench.evidence import Evidence, evidence_links
from mujun.workbench.frame import Page, drawn_by, heading, part
from mujun.workbench.pages.problems import problem_lines
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.rectification.states import Action
    from mujun.workspace.county import County
    from mujun.workspace.rectification.looking_back import Course, Entry
    from mujun.workspace.rectification.next_steps import NextSteps


@dataclass(frozen=True)
class Whole:
    """The course of one, what may happen next, and the problems found there."""

    course: Course
    following: NextSteps
    problems: pl.DataFrame = field(repr=False)


async def read_course(view: View) -> Whole:
    """Everything that happened to one, and what may."""
    code = str(view.named["code"])

    def step(county: County) -> Whole:
        rows = county.problems.list().rows
        mine = rows.filter((pl.col("credit_code") == code) | (pl.col("parcel") == code))
        return Whole(county.rectify.history(code), county.rectify.next_of(code), mine)

    return await view.desk.kept(("course", code, date.today()), step)


def draw_course(view: View, whole: Whole) -> None:
    """A time line, and only what may happen next."""
    course = whole.course
    stands = course.stands.row(0, named=True) if course.stands.height else {}
    heading(str(stands.get("name") or course.code), course.code)
    state = whole.following.state
    with ui.row().classes("items-center"):
        ui.label(messages.text(messages.key(f"state_{state or 'none'}"))).classes("state waits")
        if stands.get("deadline"):
            ui.label(messages.text("loop_until", day=stands["deadline"]))
        ui.link(messages.text("checks_to_firm"), view.to(f"/firms/{course.code}"))
    with ui.row().classes("wide items-start").style("gap: 20px"):
        with ui.element("section").classes("panel column work halved"):
            part(messages.text("loop_course"))
            if not course.entries:
                ui.label(messages.text("loop_nothing_yet")).classes("quiet")
            for entry in reversed(course.entries):
                _entry(view, entry)
        if view.may_change:
            with ui.element("section").classes("panel column work halved"):
                _Step(view, whole.following).draw()
    if whole.problems.height:
        with ui.element("section").classes("panel column"):
            part(messages.text("problems_here", count=whole.problems.height))
            problem_lines(view, whole.problems)


def _entry(view: View, entry: Entry) -> None:
    event = entry.event
    files = view.desk.county.problems.kept_files(event.evidence)
    kinds = [e for e in event.evidence if e not in files]
    with ui.column().style("gap: 0; border-left: 3px solid var(--line); padding: 2px 0 8px 14px").classes("wide"):
        ui.label(f"{event.on} {messages.text(messages.key(f'action_{event.action}'))}").style("font-weight: 600")
        details = [x for x in (event.note, event.document, event.path, event.actor) if x]
        if details:
            ui.label(messages.clauses(details))
        if kinds:
            ui.label(messages.show(kinds)).classes("quiet")
        with ui.row().style("gap: 0 8px"):
            evidence_links(view, files)
        if entry.revoked_by is not None:
            ui.label(messages.text("loop_revoked", number=entry.revoked_by)).classes("state bad")
        elif entry.list_document is None and view.may_change:
            ui.button(messages.text("loop_revoke"), on_click=view.handler(lambda: _revoke(view, entry.number))).props(
                "flat dense no-caps size=sm"
            ).mark("revoke")


def _revoke(view: View, number: int) -> None:
    with ui.dialog() as window, ui.card().classes("panel"):
        part(messages.text("loop_revoke"))
        reason = ui.input(messages.text("mend_reason")).props("outlined dense").style("width: 360px; max-width: 100%")

        async def do() -> None:
            why = str(reason.value or "").strip()
            await view.worked(lambda county: county.rectify.revoke(number, reason=why))
            window.close()
            if view.fill is not None:
                await view.fill()

        ui.button(messages.text("loop_revoke"), on_click=view.handler(do)).props("unelevated no-caps").mark("do-revoke")
    window.on("hide", window.delete)
    window.open()


class _Step:
    """The form of the next step: which, when, what it asks for, and what shows it."""

    def __init__(self, view: View, following: NextSteps) -> None:
        self.view = view
        self.following = following
        self.fields: dict[str, Any] = {}
        self.evidence: Evidence | None = None

    def draw(self) -> None:
        """What may be chosen; the fields follow the choice."""
        part(messages.text("loop_next"))
        actions = {a: messages.text(messages.key(f"action_{a}")) for a in self.following.actions}
        if not actions:
            ui.label(messages.text("loop_nothing_next")).classes("quiet")
            return
        action = ui.radio(actions, value=next(iter(actions))).mark("action")
        day = ui.input(messages.text("loop_on"), value=date.today().isoformat())
        day.props("outlined dense type=date").classes("wide")
        drawn_by(action, self._fields, self.view)

        async def recorded() -> None:
            await self._record(str(action.value), date.fromisoformat(str(day.value)))

        ui.button(messages.text("loop_record"), on_click=self.view.handler(recorded)).props("unelevated no-caps").mark(
            "record"
        )

    def _fields(self, action: str) -> None:
        self.fields = step_fields(
            self.following.actions[cast("Action", action)], self.following.paths, self.following.ways
        )
        self.evidence = Evidence(self.view, self.following.wanted(action), self.following.shown)

    async def _record(self, action: str, on: date) -> None:
        code, typed = self.following.code, typed_in(self.fields)
        assert self.evidence is not None  # drawn with the fields
        kinds, files = self.evidence.kinds, self.evidence.files()
        await self.view.worked(
            lambda county: county.rectify.record(code, action, on=on, evidence=kinds, files=files, **typed)
        )
        ui.notify(messages.text("loop_recorded"), type="positive")
        if self.view.fill is not None:
            await self.view.fill()


def step_fields(asked: Any, paths: Any, ways: Any) -> dict[str, Any]:
    """The fields that a step asks for, and those of every step: document, note, actor."""
    text = messages.text
    made: dict[str, Any] = {}
    for name in (*asked, "document", "note", "actor"):
        if name in ("path", "way"):
            made[name] = ui.select(
                {"": text("loop_as_listed"), **{c: c for c in (paths if name == "path" else ways)}},
                value="",
                label=text(messages.key(f"loop_said_{name}")),
            ).props("outlined dense")
        elif name == "deadline":
            made[name] = ui.input(text("loop_deadline")).props("outlined dense type=date stack-label")
        elif name in ("land_mu", "energy_tce"):
            key = "loop_freed_land" if name == "land_mu" else "loop_freed_energy"
            made[name] = ui.number(text(messages.key(key))).props("outlined dense")
        else:
            made[name] = ui.input(text(messages.key(f"loop_said_{name}"))).props("outlined dense")
        made[name].classes("wide").mark(name)
    return made


def typed_in(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of a step say, as the county takes it; blank ones say nothing."""
    typed: dict[str, Any] = {}
    for name, field_ in fields.items():
        if name in ("land_mu", "energy_tce"):
            typed[name] = None if field_.value is None else Decimal(repr(float(field_.value)))
        elif name == "deadline":
            typed[name] = date.fromisoformat(str(field_.value)) if field_.value else None
        else:
            typed[name] = str(field_.value or "").strip()
    return typed


PAGES = (Page("/list/{code}", "loop_course", draw_course, read_course),)
