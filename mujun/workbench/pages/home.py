"""The first page: the first start where there is no store, then the year as a path with what comes next."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from nicegui import ui

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.samples import sample_files
from mujun.workbench.frame import BESIDE, WAY, Page, heading, part
from mujun.workbench.places import Place
from mujun.workbench.rights import may_open
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.workspace.county import County
    from mujun.workspace.year_path import Step, YearPath

SAMPLE = Place("嵊州市（样例）", 2022)
"""The county that ships, and its newest year."""

ADDRESSES = {
    "data": "/data",
    "checks": "/checks",
    "confirmation": "/confirmation",
    "rating": "/rating",
    "publication": "/publication",
    "list": "/list",
    "measures": "/measures",
    "supervision": "/supervision",
}
"""Where each step of the year is done."""


async def read(view: View) -> YearPath | None:
    """The path of the year; nothing before the first start."""
    if not view.desk.county.path.exists() or view.year is None or view.person.limited:
        return None
    year = view.year
    return await view.desk.kept(("path", year, date.today()), lambda c: c.monitor.year_path(year))


def draw(view: View, path: YearPath | None) -> None:
    """The year, or what is asked at the first start."""
    if view.person.limited:
        _own_work(view)
    elif path is None and not view.may_change:
        heading(messages.text("workbench_home"), messages.text("workbench_no_store"))
    elif path is None:
        _first_start(view)
    else:
        _path(view, path)


def _own_work(view: View) -> None:
    """What an office or township does here."""
    place = view.desk.place
    heading(messages.text("workbench_home_title", place=place.name if place else "", year=view.year or "—"))
    with ui.element("section").classes("panel column"):
        part(messages.text("workbench_own", of=view.person.of))
        for path, _, words in (*WAY, *BESIDE):
            if path != "/" and may_open(view.person, path):
                ui.link(messages.text(words), view.to(path)).style("font-size: 1.1rem")


# ------------------------------------------------------------------------------------------------------------ the path


def _path(view: View, path: YearPath) -> None:
    place = view.desk.place
    heading(messages.text("workbench_home_title", place=place.name if place else "", year=path.year))
    step = path.next_step
    if step is not None:
        with ui.element("section").classes("panel column").style("background: var(--soft)"):
            ui.label(messages.text("workbench_next")).classes("quiet")
            with ui.row().classes("items-center wide").style("gap: 18px"):
                ui.label(f"{step.title}：{step.next_action}" if view.language == "zh" else str(step.next_action)).style(
                    "font-size: 1.15rem; font-weight: 600"
                )
                _does(view, step, "unelevated")
    with ui.element("section").classes("panel column").style("gap: 0"):
        for number, each in enumerate(path.steps, start=1):
            _step(view, number, each)
    if path.missing_tables or path.missing_townships:
        with ui.element("section").classes("panel column"):
            part(messages.text("workbench_missing"))
            for office, label in path.missing_tables:
                ui.label(messages.text("workbench_missing_table", office=office, table=label))
            for township, count in path.missing_townships:
                ui.label(messages.text("workbench_missing_township", township=township, count=count))


def _step(view: View, number: int, step: Step) -> None:
    with ui.element("div").classes(f"step {step.state}"):
        ui.label("✓" if step.state == "done" else str(number)).classes("mark").props("aria-hidden=true")
        with ui.column().style("gap: 0; min-width: 0"):
            with ui.row().classes("items-center").style("gap: 10px"):
                ui.link(step.title, view.to(ADDRESSES[step.name])).style(
                    "font-weight: 600; font-size: 1.05rem; color: inherit; text-decoration: none"
                )
                ui.label(messages.text(messages.key(f"workbench_state_{step.state}"))).classes(f"state {step.state}")
            for fact in step.facts:
                ui.label(str(fact)).classes("facts")
        with ui.element("div").classes("does"):
            if step.next_action is not None:
                _does(view, step, "outline")
            elif step.state in ("done", "passed"):
                ui.link(messages.text("workbench_look"), view.to(ADDRESSES[step.name]))


def _does(view: View, step: Step, look: str) -> None:
    address = view.to(ADDRESSES[step.name])
    ui.button(str(step.next_action), on_click=lambda: ui.navigate.to(address)).props(f"{look} no-caps")


# ---------------------------------------------------------------------------------------------------------- first start


def _first_start(view: View) -> None:
    heading(messages.text("workbench_first"), messages.text("workbench_first_says"))
    with ui.row().classes("wide items-stretch").style("gap: 20px"):
        with ui.element("section").classes("panel column").style("flex: 1 1 320px; width: auto"):
            part(messages.text("workbench_first_own"))
            name = ui.input(messages.text("workbench_first_place")).classes("wide").props("outlined autofocus")
            year = ui.number(messages.text("workbench_first_year"), value=date.today().year - 1, format="%d")
            year.classes("wide").props("outlined")
            ui.button(
                messages.text("workbench_begin"),
                on_click=view.handler(lambda: _begin(view, str(name.value or ""), year.value)),
            ).props("unelevated no-caps").mark("begin")
        with ui.element("section").classes("panel column").style("flex: 1 1 320px; width: auto"):
            part(messages.text("workbench_first_sample"))
            ui.label(messages.text("workbench_first_sample_says"))
            ui.button(
                messages.text("workbench_first_sample_do"),
                on_click=view.change(
                    lambda county: _load_sample(county),
                    lambda _: ui.navigate.to("/"),
                    working="workbench_first_sample_working",
                    again=False,
                ),
            ).props("outline no-caps")


async def _begin(view: View, name: str, year: float | None) -> None:
    """Make the store, and put down whose it is.

    Raises:
        UsageError: no name, or no year that data can be of.
    """
    place_name = name.strip()
    if not place_name:
        raise UsageError(problem("workbench_first_no_place"))
    if year is None or year != int(year) or not 2000 <= int(year) <= date.today().year:
        raise UsageError(problem("workbench_first_no_year", newest=date.today().year))
    place = Place(place_name, int(year))

    def create(county: County) -> None:
        if not county.path.exists():
            county.create()
        place.put_beside(county.path)

    await view.worked(create)
    ui.navigate.to("/")


def _load_sample(county: County) -> None:
    files = sample_files()
    county.data.load(files)
    SAMPLE.put_beside(county.path)


PAGES = (Page("/", "workbench_home", draw, read, without_store=True),)
