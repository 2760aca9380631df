"""Rule sets: read as notices with their sources, copied for a new year, handed out and taken back."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import events, ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.reports.notice import notice_html
from mujun.workbench.coming_back import uploaded_workbooks
from mujun.workbench.frame import Page, framed, heading, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.pages.rules_files import add_button
from mujun.workbench.pages.rules_form import rules_tabs, set_asked
from mujun.workbench.rules_trial import new_rules_folder
from mujun.workbench.view import View
from mujun.writing.file_names import file_name

if TYPE_CHECKING:
    from mujun.rules import RuleSet
    from mujun.rules.checking import Checked
    from mujun.rules.testing import CaseOutcome
    from mujun.workspace.county import County
    from mujun.workspace.rules_by_hand import RuleFiles


async def read(view: View) -> pl.DataFrame:
    """The rule sets that there are."""
    return await view.desk.kept("rule sets", lambda county: county.rules.list())


def draw(view: View, sets: pl.DataFrame) -> None:
    """The rule sets as a grid, those made here first."""
    text = messages.text
    heading(text("workbench_rules"), text("rules_says"))
    kinds = {k: text(messages.key(f"rules_kind_{k}")) for k in sets["kinds"].explode().drop_nulls().unique()}
    rows = sets.sort("shipped", maintain_order=True).with_columns(
        pl.col("years").cast(pl.List(pl.String)).list.join("、"),
        pl.col("kinds").list.eval(pl.element().replace(kinds)).list.join("、"),
        pl.col("status").replace({s: text(messages.key(f"status_{s}")) for s in sets["status"].unique()}),
        pl.when("shipped")
        .then(pl.lit(text("rules_of_program")))
        .otherwise(pl.lit(text("rules_of_bureau")))
        .alias("of"),
    )
    columns = [
        Shown("name", text("rules_name"), 340, pinned=True),
        Shown("of", text("rules_of"), 110, colours={text("rules_of_bureau"): "#dcefe3"}),
        Shown("years", text("rules_years"), 160),
        Shown("status", text("rules_status"), 120, colours={text("status_wrong"): "#f2bfbb"}),
        Shown("kinds", text("rules_kinds"), 240),
        Shown("address", text("rules_address"), 230),
    ]
    wrong = set(sets.filter(pl.col("status") == "wrong")["address"])
    with ui.element("section").classes("panel column"):
        grid(
            view,
            rows,
            columns,
            file="规则集",
            # A set with mistakes is no notice: it is mended in its files.
            on_open=lambda row: view.go(
                "/rules/text" if row["address"] in wrong else "/rules/show", set=row["address"]
            ),
        )


@dataclass(frozen=True)
class OneSet:
    """A rule set: its files, the notice, what is doubtful, and what its worked cases gave."""

    loaded: RuleSet = field(repr=False)
    files: RuleFiles = field(repr=False)
    notice: str = field(repr=False)
    checked: Checked
    cases: tuple[CaseOutcome, ...]


async def read_set(view: View) -> OneSet:
    """A rule set as a notice, what is doubtful about it, and its worked cases."""
    address = await set_asked(view)

    def step(county: County) -> OneSet:
        loaded, files = county.rules.load(address), county.rules.files(address)
        notice = notice_html(county.rules.show(loaded))
        return OneSet(loaded, files, notice, county.rules.check(address), county.rules.test(address))

    return await view.desk.kept(("rule set", address), step)


def draw_set(view: View, given: OneSet) -> None:
    """The notice, the checks, and what can be made of the set."""
    loaded, checked, cases = given.loaded, given.checked, given.cases
    heading(loaded.name, loaded.address)
    rules_tabs(view, given.files)
    with ui.element("section").classes("panel column"):
        passed = sum(c.passed for c in cases)
        ui.label(messages.text("rules_cases", passed=passed, count=len(cases))).classes(
            "state good" if passed == len(cases) else "state bad"
        )
        for doubt in (*checked.problems, *checked.warnings, *(f for c in cases for f in c.failures)):
            ui.label(str(doubt)).classes("question")
        with ui.row().classes("items-center"):
            if view.may_change:
                for key, opens, mark in (
                    ("rules_new_year", _new_year, "new-year"),
                    ("rules_copy", _copy, "copy"),
                    ("rules_take_back", _take_back, "take-back"),
                ):
                    button = ui.button(
                        messages.text(messages.key(key)), on_click=view.handler(lambda o=opens: o(view, loaded))
                    )
                    button.props("outline no-caps").mark(mark)
                add_button(view, given.files)
            ui.button(
                messages.text("rules_excel"),
                icon="download",
                on_click=view.hand_over(
                    lambda c, file: c.papers.rules_form(file, c.rules.form(loaded.address)),
                    f"{file_name(loaded.name)}.xlsx",
                ),
            ).props("outline no-caps")
    framed(view, given.notice, loaded.name)


def _window(title: str, says: str) -> tuple[ui.dialog, ui.card]:
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 620px; width: 100%") as card:
        part(title)
        ui.label(says).classes("quiet")
    window.on("hide", window.delete)
    window.open()
    return window, card


def _new_year(view: View, loaded: RuleSet) -> None:
    """Last year's set copied for the new one: its head opened for the new document, everything else as it was."""
    text = messages.text
    years = loaded.head.years if loaded.head is not None else ()
    of = loaded.head.place if loaded.head is not None else None
    window, card = _window(text("rules_new_year"), text("rules_new_year_says", name=loaded.name))
    following = max(years, default=(view.year or 0) - 1) + 1
    with card:
        place = ui.input(text("rules_place"), value=of or "").props("outlined dense").classes("wide").mark("place")
        year = ui.number(text("rules_data_year"), value=following, precision=0).props("outlined dense").classes("wide")
        year.mark("year-of-the-set")
        name = ui.input(text("rules_new_name")).props("outlined dense").classes("wide").mark("new-set")

    def proposed() -> None:
        if place.value and year.value:
            name.set_value(view.desk.county.rules.folder_for(str(place.value), int(year.value)).name)

    async def made() -> None:
        folder = new_rules_folder(view, name.value)
        if year.value is None:
            raise UsageError(problem("rules_no_year"))
        place_name, of = str(place.value or "").strip() or None, int(year.value)
        await view.worked(lambda county: county.rules.new(folder, loaded.address, place=place_name, year=of))
        window.close()
        await _open_new(view, folder.name, "/rules/form")

    proposed()
    place.on_value_change(proposed)
    year.on_value_change(proposed)
    with card:
        _buttons(view, window, "rules_make", made)


def _copy(view: View, loaded: RuleSet) -> None:
    """The set as it is under another name, to be changed."""
    text = messages.text
    window, card = _window(text("rules_copy"), text("rules_copy_says"))

    async def made() -> None:
        folder, called = new_rules_folder(view, name.value), str(name.value).strip()
        await view.worked(lambda county: county.rules.save_form(loaded.address, {}, folder=folder, name=called))
        window.close()
        await _open_new(view, folder.name, "/rules/form")

    with card:
        name = ui.input(text("rules_new_name")).props("outlined dense").classes("wide").mark("new-set")
        _buttons(view, window, "rules_make", made)


def _take_back(view: View, loaded: RuleSet) -> None:
    """A workbook that was filled in becomes a new set."""
    text = messages.text
    window, card = _window(text("rules_take_back"), text("rules_take_back_says"))

    async def came(event: events.MultiUploadEventArguments) -> None:
        folder, called = new_rules_folder(view, name.value), str(name.value).strip()
        files = await uploaded_workbooks(view, event)
        taken = await view.worked(lambda county: county.rules.take_back(files[0], folder, name=called))
        window.close()
        ui.notify(text("rules_taken_back", count=len(taken.differences)), type="positive")
        await _open_new(view, folder.name, "/rules/show")

    with card:
        name = ui.input(text("rules_new_name")).props("outlined dense").classes("wide").mark("new-set")
        upload = ui.upload(
            multiple=True, max_files=1, auto_upload=True, label=text("data_choose"), on_multi_upload=view.handler(came)
        )
        upload.props('accept=".xlsx" flat bordered').mark("workbook")
        ui.button(text("workbench_close"), on_click=window.close).props("flat no-caps")


def _buttons(view: View, window: ui.dialog, key: str, does: Any) -> None:
    with ui.row():
        ui.button(messages.text(messages.key(key)), on_click=view.handler(does)).props("unelevated no-caps").mark(
            "make"
        )
        ui.button(messages.text("workbench_cancel"), on_click=window.close).props("flat no-caps")


async def _open_new(view: View, name: str, path: str) -> None:
    sets = await view.desk.kept("rule sets", lambda county: county.rules.list())
    if name in sets["address"].to_list():
        view.go(path, set=name)
    elif view.fill is not None:
        await view.fill()


PAGES = (
    Page("/rules", "workbench_rules", draw, read, without_store=True),
    Page("/rules/show", "workbench_rules", draw_set, read_set, without_store=True),
)
