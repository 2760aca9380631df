"""Measures: what tiers come to in money and quotas, for each office and each firm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import MujunError
from mujun.workbench.figures import money
from mujun.workbench.frame import Page, heading, part
from mujun.workbench.pages.checks import nothing_yet, plain_table
from mujun.workbench.result_grid import result_grid
from mujun.workbench.view import View, sentence_of

if TYPE_CHECKING:
    from mujun.allocation.accounts import OfficeList
    from mujun.allocation.result import Allocation
    from mujun.workspace import YearResult
    from mujun.workspace.county import County
    from mujun.workspace.runs.exporting import Export

BY = ("tier", "township")
"""How totals are broken down."""

FIGURES = ("amount", "amount_last", "change")
"""Columns of totals that are amounts."""


@dataclass(frozen=True)
class Amounts:
    """The amounts of a year, their totals by tier and township, and what each office charges."""

    result: YearResult = field(repr=False)
    allocation: Allocation = field(repr=False)
    totals: Mapping[str, pl.DataFrame] = field(repr=False)
    export: Export = field(repr=False)
    offices: tuple[OfficeList, ...] = field(repr=False)


async def read(view: View) -> Amounts | str | None:
    """The amounts of the year, their totals and the offices' lists."""
    year = view.year
    if year is None or year not in view.years:
        return None

    def step(county: County) -> Amounts | str:
        try:
            result, allocation = county.money.allocate(county.runs.of_year(year)[-1])
        except MujunError as error:
            return sentence_of(error)
        totals = {by: county.money.against_last_year(result, allocation, by).rows for by in BY}
        export = county.runs.export("allocation", run=result.number)
        return Amounts(result, allocation, totals, export, county.money.offices(allocation))

    return await view.desk.kept(("money", year), step)


def draw(view: View, given: Amounts | str | None) -> None:
    """Totals, offices, and every amount with its derivation."""
    heading(messages.text("year_path_measures"), messages.text("money_says"))
    if given is None:
        nothing_yet(view)
        return
    if isinstance(given, str):
        ui.label(given).classes("question")
        return
    result, allocation, offices = given.result, given.allocation, given.offices
    with ui.element("section").classes("panel column"):
        part(messages.text("money_offices"))
        for office in offices:
            ui.label(
                messages.text(
                    "money_office",
                    office=messages.text(messages.key(f"office_{office.office}")),
                    lines=office.lines.height,
                )
            )
        ui.button(
            messages.text("money_office_save"),
            icon="folder_zip",
            on_click=view.hand_over(
                lambda c, folder: c.papers.offices(folder, result, allocation, offices),
                f"{result.year}年度部门执行清单",
            ),
        ).props("unelevated no-caps").set_enabled(bool(offices))
    for by in BY:
        with ui.element("section").classes("panel column"):
            part(messages.text(messages.key(f"money_by_{by}")))
            _totals(given.totals[by], by)
    with ui.element("section").classes("panel column"):
        part(messages.text("money_all"))
        ui.label(messages.text("money_click")).classes("quiet")
        result_grid(
            view,
            given.export,
            file=f"{result.year}年度差别化措施",
            first=("name", "tier", "measure", "kind", "amount", "unit", "township"),
            on_open=lambda row: _derived(view, allocation, row),
        )


def _totals(rows: pl.DataFrame, by: str) -> None:
    titles = ("money_measure", f"money_{by}", "money_firms", "money_amount", "money_last", "money_change", "money_unit")
    plain_table(
        [messages.text(messages.key(t)) for t in titles],
        (
            (r["label"], r[by], r["enterprises"], *(money(r[n]) for n in FIGURES), r["unit"])
            for r in rows.iter_rows(named=True)
        ),
    )


def _derived(view: View, allocation: Allocation, row: dict[str, Any]) -> None:
    lines = view.desk.county.money.explain(allocation, row["credit_code"])
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 820px; width: 100%"):
        part(str(row["name"] or row["credit_code"]))
        for line in lines:
            ui.label(line)
        with ui.row():
            ui.link(messages.text("checks_to_firm"), view.to(f"/firms/{row['credit_code']}"))
            ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.open()


PAGES = (Page("/measures", "year_path_measures", draw, read),)
