"""Several of the list ticked, and the same event recorded of all: those that cannot are named with the reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.workbench.evidence import Evidence
from mujun.workbench.frame import part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.pages.course import step_fields, typed_in
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.workspace.county import County

NOT_TOGETHER = ("land_mu", "energy_tce", "waiver")
"""What is each one's own and so is not said of several at once."""


def tracked_grid(view: View, rows: pl.DataFrame, columns: list[Shown]) -> None:
    """Those on the list; a click opens one, and whoever may can tick several."""
    with ui.row().classes("items-center wide") as above:
        ui.space()
    made = grid(
        view,
        rows,
        columns,
        file="整治进度",
        on_open=lambda row: view.go(f"/list/{row['subject']}"),
        several=view.may_change,
    )
    if not view.may_change:
        return

    async def ticked() -> None:
        chosen = [rows.row(int(r["_at"]), named=True) for r in await made.get_selected_rows()]
        if not chosen:
            raise UsageError(problem("together_nobody"))
        following = await view.desk.read(
            lambda county: [county.rectify.next_of(str(row["subject"])) for row in chosen[:SHOWN]]
        )
        _window(view, chosen, following)

    with above:
        ui.button(messages.text("together_do"), icon="checklist", on_click=view.handler(ticked)).props(
            "outline no-caps"
        ).mark("together")


SHOWN = 60
"""Those whose next steps are looked up to offer steps and evidence; the others' are of the same kind."""


def _window(view: View, chosen: list[dict[str, Any]], following: list[Any]) -> None:
    text = messages.text
    actions = {a: text(messages.key(f"action_{a}")) for f in following for a in f.actions}
    with ui.dialog().props("persistent") as window, ui.card().classes("panel").style("max-width: 720px; width: 100%"):
        part(text("together_title", count=len(chosen)))
        names = [str(r["name"] or r["subject"]) for r in chosen]
        ui.label(messages.show(names[:12]) + ("……" if len(names) > 12 else "")).classes("quiet")
        if not actions:
            ui.label(text("loop_nothing_next")).classes("quiet")
        else:
            _form(view, window, chosen, following, actions)
        ui.button(text("workbench_cancel"), on_click=window.close).props("flat no-caps")
    window.on("hide", window.delete)
    window.open()


def _form(
    view: View, window: ui.dialog, chosen: list[dict[str, Any]], following: list[Any], actions: dict[str, str]
) -> None:
    text = messages.text
    action = ui.select(actions, value=next(iter(actions)), label=text("loop_next")).props("outlined dense")
    action.classes("wide").mark("action")
    day = ui.input(text("loop_on"), value=date.today().isoformat()).props("outlined dense type=date").classes("wide")
    asked = ui.column().classes("wide").style("gap: 12px")
    here: dict[str, Any] = {}

    def redraw() -> None:
        asked.clear()
        able = [f for f in following if action.value in f.actions]
        fields = dict.fromkeys(n for f in able for n in f.actions[action.value] if n not in NOT_TOGETHER)
        paths = list(dict.fromkeys(p for f in able for p in f.paths))
        wanted = list(dict.fromkeys(k for f in able for k in f.wanted(action.value)))
        with asked:
            here["fields"] = step_fields(fields, paths, able[0].ways)
            here["evidence"] = Evidence(view, wanted)

    action.on_value_change(view.handler(redraw))
    redraw()

    def step(county: County, *, dry_run: bool) -> Any:
        evidence: Evidence = here["evidence"]
        return county.rectify.record_together(
            [str(r["subject"]) for r in chosen],
            str(action.value),
            on=date.fromisoformat(str(day.value)),
            evidence=evidence.kinds,
            files=() if dry_run else evidence.files(),
            dry_run=dry_run,
            **typed_in(here["fields"]),
        )

    outcome = ui.column().classes("wide").style("gap: 4px")

    async def tried() -> None:
        made = await view.worked(lambda county: step(county, dry_run=True), reads=True)
        outcome.clear()
        with outcome:
            _told(chosen, made, "together_would")

    async def recorded() -> None:
        made = await view.worked(lambda county: step(county, dry_run=False))
        window.close()
        _outcome(view, chosen, made)
        if view.fill is not None:
            await view.fill()

    with ui.row():
        ui.button(text("loop_record"), on_click=view.handler(recorded)).props("unelevated no-caps").mark("record-all")
        ui.button(text("together_try"), on_click=view.handler(tried)).props("outline no-caps").mark("try-all")


def _told(chosen: list[dict[str, Any]], made: Any, key: str) -> None:
    """How many, and each that cannot with its reason."""
    ui.label(messages.text(messages.key(key), count=len(made.recorded))).classes("state good")
    if made.refused:
        ui.label(messages.text("together_refused", count=len(made.refused))).classes("state bad")
    names = {str(r["subject"]): str(r["name"] or r["subject"]) for r in chosen}
    for code, why in made.refused.items():
        for sentence in why:
            ui.label(f"{names.get(code, code)}：{sentence}").classes("question")


def _outcome(view: View, chosen: list[dict[str, Any]], made: Any) -> None:
    numbers = [r.number for r in made.recorded]
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 720px; width: 100%"):
        part(messages.text("data_outcome"))
        _told(chosen, made, "together_done")
        with ui.row().classes("items-center wide"):
            if numbers:
                reason = ui.input(messages.text("mend_reason")).props("outlined dense").mark("undo-reason")

                async def undone() -> None:
                    why = str(reason.value or "").strip()
                    if not why:
                        raise UsageError(problem("together_undo_reason"))

                    def step(county: County) -> None:
                        for number in reversed(numbers):
                            county.rectify.revoke(number, reason=why)

                    await view.worked(step)
                    window.close()
                    ui.notify(messages.text("together_undone", count=len(numbers)), type="positive")
                    if view.fill is not None:
                        await view.fill()

                ui.button(messages.text("together_undo"), on_click=view.handler(undone)).props("flat no-caps").mark(
                    "undo-all"
                )
            ui.space()
            ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.open()
