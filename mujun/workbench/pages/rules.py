"""Rule sets: read as notices with their sources, checked and tested, copied for a new year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.reports.notice import notice_html
from mujun.workbench.frame import Page, framed, heading, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.view import View
from mujun.writing.names import file_name

if TYPE_CHECKING:
    from mujun.workspace.county import County


async def read(view: View) -> Any:
    """The rule sets that there are."""
    return await view.desk.kept("rule sets", lambda county: county.rules.list())


def draw(view: View, sets: pl.DataFrame) -> None:
    """The rule sets as a grid."""
    heading(messages.text("workbench_rules"), messages.text("rules_says"))
    text = messages.text
    kinds = {k: text(messages.key(f"rules_kind_{k}")) for k in sets["kinds"].explode().drop_nulls().unique()}
    rows = sets.with_columns(
        pl.col("years").cast(pl.List(pl.String)).list.join("、"),
        pl.col("kinds").list.eval(pl.element().replace(kinds)).list.join("、"),
        pl.col("status").replace({s: text(messages.key(f"status_{s}")) for s in sets["status"].unique()}),
    )
    columns = [
        Shown("name", messages.text("rules_name"), 340, pinned=True),
        Shown("address", messages.text("rules_address"), 230),
        Shown("years", messages.text("rules_years"), 160),
        Shown("status", messages.text("rules_status"), 120),
        Shown("kinds", messages.text("rules_kinds"), 240),
    ]
    with ui.element("section").classes("panel column"):
        grid(view, rows, columns, file="规则集", on_open=lambda row: view.go("/rules/show", set=row["address"]))


async def read_set(view: View) -> Any:
    """A rule set as a notice, what is doubtful about it, and its worked cases."""
    address = view.asked.get("set", "")
    known = await view.desk.kept("rule sets", lambda county: county.rules.list())
    if address not in known["address"].to_list():
        raise UsageError(problem("rules_unknown_set", address=address))

    def step(county: County) -> Any:
        loaded = county.rules.load(address)
        return loaded, notice_html(county.rules.show(loaded)), county.rules.check(address), county.rules.test(address)

    return await view.desk.kept(("rule set", address), step)


def draw_set(view: View, given: Any) -> None:
    """The notice, the checks, and a copy to work on."""
    loaded, page, checked, cases = given
    heading(loaded.name, loaded.address)
    with ui.element("section").classes("panel column"):
        passed = sum(c.passed for c in cases)
        ui.label(messages.text("rules_cases", passed=passed, count=len(cases))).classes(
            "state good" if passed == len(cases) else "state bad"
        )
        for doubt in checked.problems:
            ui.label(str(doubt)).classes("question")
        with ui.row().classes("items-center"):
            ui.button(
                messages.text("rules_excel"),
                icon="download",
                on_click=view.hand_over(
                    lambda c, file: c.papers.rules_form(file, c.rules.form(loaded.address)),
                    f"{file_name(loaded.name)}.xlsx",
                ),
            ).props("outline no-caps")
            name = ui.input(messages.text("rules_new_name")).props("outlined dense").mark("new set")
            ui.button(
                messages.text("rules_copy"), on_click=view.handler(lambda: _copied(view, loaded, name.value))
            ).props("outline no-caps").mark("copy")
    framed(view, page, loaded.name)


async def _copied(view: View, loaded: Any, name: str | None) -> None:
    said = (name or "").strip()
    if not said:
        raise UsageError(problem("whatif_no_name"))
    folder = view.desk.rules_folder / file_name(said)
    year = view.year
    await view.worked(lambda county: county.rules.new(folder, loaded.address, year=year))
    with ui.dialog() as window, ui.card().classes("panel"):
        part(messages.text("whatif_saved", folder=f"{folder.parent.name}/{folder.name}"))
        ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.open()


PAGES = (
    Page("/rules", "workbench_rules", draw, read),
    Page("/rules/show", "workbench_rules", draw_set, read_set),
)
