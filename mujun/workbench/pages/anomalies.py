"""Odd figures of a year: each is right, which is put on record with the reason, or it is another, as a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.fields import TABLES
from mujun.fields.here import field_here
from mujun.workbench.frame import Page, heading, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.pages.checks import correctable, mend, nothing_yet, tabs
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.analysis.anomalies import Anomaly
    from mujun.workspace.county import County
    from mujun.workspace.second_look import SecondLook


async def read_anomalies(view: View) -> tuple[SecondLook, pl.DataFrame] | None:
    """What is worth a second look, and what was looked at already."""
    year = view.year
    if year is None or year not in view.years:
        return None

    def step(county: County) -> tuple[SecondLook, pl.DataFrame]:
        return county.data.second_look(year), county.data.found_right(year)

    return await view.desk.kept(("anomalies", year), step)


def draw_anomalies(view: View, given: tuple[SecondLook, pl.DataFrame] | None) -> None:
    """Figures that are odd, those that matter most first; below, those found right."""
    heading(messages.text("year_path_checks"), messages.text("checks_anomalies_says"))
    tabs(view)
    if given is None:
        nothing_yet(view)
        return
    look, right = given
    if look.effect is not None:
        moved = sum(steps > 0 for steps in look.effect.moved.values())
        ui.label(messages.text("checks_anomalies_effect", moved=moved, others=look.effect.others))
    text = messages.text
    columns = [
        Shown("place", text("checks_place"), 80),
        Shown("name", text("checks_firm"), 210, pinned=True),
        Shown("field", text("checks_field"), 150),
        Shown("kind", text("checks_kind"), 150),
        Shown("value", text("checks_value"), 130, kind="number"),
        Shown("last", text("checks_last"), 130, kind="number"),
        Shown("likely", text("checks_likely"), 130, kind="number"),
        Shown("tier", text("checks_tier"), 120),
        Shown("what", text("checks_what"), 420, wrapped=True),
    ]
    with ui.element("section").classes("panel column"):
        ui.label(text("checks_anomalies_click")).classes("quiet")
        grid(
            view,
            _anomaly_rows(look),
            columns,
            file="异常数据",
            on_open=lambda row: _anomaly(view, look.anomalies[int(row["place"]) - 1], str(row["what"])),
        )
    if right.height:
        _found_right(view, right)


def _anomaly_rows(look: SecondLook) -> pl.DataFrame:
    rows = []
    for place, (a, f) in enumerate(zip(look.anomalies, look.findings, strict=True), start=1):
        before, after = (None, None) if look.effect is None else look.effect.tiers.get(a.credit_code, (None, None))
        tier = "" if a.likely is None else moved(before, after)
        rows.append(
            (
                place,
                a.name,
                field_here(a.field),
                messages.text(messages.key(f"anomaly_kind_{a.kind}")),
                _number(a.value),
                _number(a.values.get("last")),
                _number(a.likely),
                tier,
                f.what,
            )
        )
    names = ("place", "name", "field", "kind", "value", "last", "likely", "tier", "what")
    kinds = {
        n: pl.Float64 if n in ("value", "last", "likely") else pl.Int64 if n == "place" else pl.String for n in names
    }
    return pl.DataFrame(rows, schema=kinds, orient="row")


def moved(before: str | None, after: str | None) -> str:
    """From which tier to which; a firm that leaves the rating, or comes into it, has none on one side."""
    return before or "" if before == after else f"{before or '—'} → {after or '—'}"


def _number(value: object) -> float | None:
    try:
        return None if value is None else float(str(value))
    except ValueError:
        return None


def _anomaly(view: View, anomaly: Anomaly, what: str) -> None:
    """An odd figure: it is right, with the reason; or it is another, as a correction."""
    holders = [t.name for t in TABLES.values() if anomaly.field in correctable(t.name)]
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 680px; width: 100%"):
        part(str(anomaly.name or anomaly.credit_code))
        ui.label(what)
        if view.may_change:
            _right(view, anomaly, window)
        if view.may_change and len(holders) == 1 and view.year is not None:
            mend(view, anomaly.credit_code, view.year, f"{holders[0]}.{anomaly.field}", anomaly.likely, window.close)
        elif len(holders) != 1:
            ui.label(messages.text("checks_mend_in_file")).classes("quiet")
        with ui.row():
            ui.link(messages.text("checks_to_firm"), view.to(f"/firms/{anomaly.credit_code}"))
            ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.on("hide", window.delete)
    window.open()


def _right(view: View, anomaly: Anomaly, window: ui.dialog) -> None:
    part(messages.text("judge_title"))
    ui.label(messages.text("judge_says")).classes("quiet")
    reason = ui.input(messages.text("judge_reason")).props("outlined dense").classes("wide").mark("why-right")

    async def kept() -> None:
        year, why = view.year or 0, str(reason.value or "")
        await view.worked(lambda county: county.data.find_right(anomaly, year, reason=why))
        window.close()
        ui.notify(messages.text("judge_done"), type="positive")
        if view.fill is not None:
            await view.fill()

    ui.button(messages.text("judge_do"), on_click=view.handler(kept)).props("outline no-caps").mark("right")


def _found_right(view: View, right: pl.DataFrame) -> None:
    """Figures that were found right, each to be asked about again by a click."""
    with ui.element("section").classes("panel column"):
        part(messages.text("judge_list", count=right.height))
        for row in right.head(SHOWN).iter_rows(named=True):
            with ui.row().classes("items-center wide").style("gap: 4px 12px"):
                ui.label(
                    f"{row['name'] or row['credit_code']} · {field_here(row['field'])} {row['value'] or '—'}"
                ).style("font-weight: 600")
                ui.label(f"{row['reason']}（{row['who']} {row['at']:%Y-%m-%d}）").style("flex: 1 1 200px; min-width: 0")
                if view.may_change:
                    number = int(row["number"])
                    ui.button(
                        messages.text("judge_again"),
                        on_click=view.change(
                            lambda county, n=number: county.data.ask_again(n),  # type: ignore[misc]
                            done=messages.Word("judge_asked"),
                        ),
                    ).props("flat dense no-caps").mark("ask-again")
        if right.height > SHOWN:
            ui.label(messages.text("judged_more", count=right.height - SHOWN)).classes("quiet")


SHOWN = 50
"""Figures found right that the page lists; all of them are among the changes."""

PAGES = (Page("/checks/anomalies", "checks_anomalies", draw_anomalies, read_anomalies),)
