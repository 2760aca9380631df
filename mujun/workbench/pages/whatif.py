"""What if: the numbers of the rules changed by hand, with tiers, list and money computed anew at once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.errors import RuleError, UsageError, problem
from mujun.workbench.figures import money
from mujun.workbench.frame import Page, part
from mujun.workbench.pages.checks import plain_table
from mujun.workbench.pages.rating import number_of, run_heading
from mujun.workbench.rules_trial import new_rules_folder
from mujun.workbench.turns import Turns
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.analysis.comparison import Comparison
    from mujun.rules.filling import FormPage
    from mujun.rules.filling.cells import Grid
    from mujun.workspace.county import County
    from mujun.workspace.rules_by_hand import RuleFiles
    from mujun.workspace.runs.trying import Ready

PAUSE = 0.35
"""Seconds without a change after which the year is computed anew."""


async def read(view: View) -> tuple[Ready, RuleFiles]:
    """The run at hand, and its rules laid out."""
    number = number_of(view)

    def step(county: County) -> tuple[Ready, RuleFiles]:
        ready = county.runs.ready_to_try(number)
        files = county.rules.files(ready.result.ruleset.address)
        if files.problems:
            raise RuleError(files.problems)
        return ready, files

    return await view.desk.kept(("whatif", number), step)


def draw(view: View, given: tuple[Ready, RuleFiles]) -> None:
    """Numbers to the left, what they come to to the right."""
    ready, files = given
    number = number_of(view)
    run_heading(view, number, messages.text("whatif_says"))
    trial = Trial(view, number, ready, files.address)
    with ui.row().classes("wide items-start").style("gap: 20px"):
        with ui.element("section").classes("panel column").style("flex: 1 1 430px; width: auto; max-width: 100%"):
            part(messages.text("whatif_numbers"))
            # What a plan aims at moves no tier, no list and no amount.
            for page in (p for p in files.worded if p.name != messages.text("form_targets")):
                _numbers(trial, page)
        with (
            ui.element("section")
            .classes("panel column")
            .style("flex: 1 1 420px; width: auto; max-width: 100%; position: sticky; top: 64px") as outcome
        ):
            trial.outcome = outcome
            trial.show()


def numbers_in(grid: Grid) -> list[tuple[str, str, Decimal]]:
    """Path, label and value of the numbers of a table of the form."""
    numbers = []
    for row in grid.rows:
        named = next((str(c.value) for c in row if c.spot is None and c.value is not None), "")
        for header, cell in zip(grid.headers, row, strict=False):
            if cell.spot is not None and cell.spot.kind in ("number", "whole") and isinstance(cell.value, Decimal):
                label = f"{named} · {header}" if header not in (messages.text("form_content"), "") else named
                numbers.append((cell.spot.path, label, cell.value))
    return numbers


def _numbers(trial: Trial, page: FormPage) -> None:
    title = page.name
    for piece in page.parts:
        if hasattr(piece, "text"):
            title = piece.text
            continue
        numbers = numbers_in(piece) if hasattr(piece, "rows") else []
        if not numbers:
            continue
        with ui.expansion(title, value=any(p.endswith(".weight") for p, _, _ in numbers)).classes("wide"):
            for path, label, value in numbers:
                _number(trial, path, label, value)


def _number(trial: Trial, path: str, label: str, value: Decimal) -> None:
    slides = path.endswith((".weight", ".cap")) or ".shares." in path
    with ui.row().classes("wide items-center").style("gap: 12px; flex-wrap: nowrap"):
        ui.label(label).style("flex: 1 1 150px; min-width: 0")
        field = ui.number(value=float(value), on_change=lambda e: trial.changed(path, value, e.value))
        field.props(f'dense outlined aria-label="{label.replace(chr(34), "")}"').style("width: 108px").mark(path)
        if slides:
            most = max(100.0, float(value) * 2) if not path.endswith(".cap") else max(3.0, float(value) * 2)
            slider = ui.slider(min=0, max=most, step=1 if most >= 100 else 0.1, value=float(value))
            slider.props(f'aria-label="{label.replace(chr(34), "")}"').style("flex: 1 1 110px")
            slider.bind_value(field, "value")


class Trial:
    """The numbers changed so far, and what they come to."""

    def __init__(self, view: View, number: int, ready: Ready, address: str) -> None:
        self.view = view
        self.number = number
        self.ready = ready
        self.address = address
        self.settings: dict[str, str] = {}
        self.outcome: ui.element | None = None
        self.comparison: Comparison | None = None
        self.trouble = ""
        self._turns = Turns(view, PAUSE)

    async def changed(self, path: str, before: Decimal, now: float | None) -> None:
        """Take a changed number; compute when no other follows at once."""
        messages.set_language(self.view.language)
        if now is None:
            return
        number = Decimal(repr(float(now)))
        if number == before:
            self.settings.pop(path, None)
        else:
            self.settings[path] = messages.show(number)
        await self._turns.tried(self._step, self._tried)

    def _step(self) -> Callable[[County], Comparison] | None:
        settings = dict(self.settings)
        return (lambda county: county.runs.tried(self.ready, settings)) if settings else None

    def _tried(self, comparison: Comparison | None, trouble: str) -> None:
        self.comparison, self.trouble = comparison, trouble
        self.show()

    def show(self) -> None:
        """Draw what the numbers come to."""
        if self.outcome is None or self.outcome.is_deleted:
            return
        self.outcome.clear()
        with self.outcome:
            part(messages.text("whatif_outcome"))
            if self.trouble:
                ui.label(self.trouble).classes("trouble").props("role=alert")
            elif self.comparison is None:
                ui.label(messages.text("whatif_unchanged")).classes("quiet")
            else:
                _outcome(self.comparison)
                self._keep()
            self._kept()

    def _keep(self) -> None:
        name = ui.input(messages.text("whatif_name")).props("dense outlined").classes("wide").mark("scenario name")
        with ui.row():
            ui.button(messages.text("whatif_note"), on_click=self.view.handler(lambda: self.note(name.value))).props(
                "outline no-caps"
            ).mark("note")
            ui.button(messages.text("whatif_save"), on_click=self.view.handler(lambda: self.save(name.value))).props(
                "unelevated no-caps"
            ).mark("save rules")

    def note(self, name: str | None) -> None:
        """Put the scenario beside others, to be compared."""
        if not (name or "").strip():
            raise UsageError(problem("whatif_no_name"))
        if self.comparison is None:
            return
        noted = self.view.tray.scenarios.setdefault(self.number, {})
        noted[str(name).strip()] = (dict(self.settings), summary(self.comparison))
        self.show()

    async def save(self, name: str | None) -> None:
        """Write the changed rules as a rule set of its own, beside the store."""
        folder = new_rules_folder(self.view, name)
        settings = dict(self.settings)
        called = (name or "").strip()
        taken = await self.view.worked(
            lambda county: county.rules.with_numbers(self.address, settings, folder, name=called)
        )
        with ui.dialog() as window, ui.card().classes("panel").style("max-width: 720px"):
            part(messages.text("whatif_saved", folder=f"{folder.parent.name}/{folder.name}"))
            for difference in taken.differences:
                ui.label(str(difference))
            for case in taken.failing:
                ui.label(messages.text("whatif_case_fails", case=case)).classes("question")
            ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
        window.open()

    def _kept(self) -> None:
        if self.comparison is None:
            return
        noted = self.view.tray.scenarios.get(self.number, {})
        if not noted:
            return
        part(messages.text("whatif_noted"))
        titles = [
            messages.text(k)
            for k in ("whatif_name", "whatif_up", "whatif_down", "whatif_listed", "whatif_struck", "whatif_burden")
        ]
        plain_table(titles, ((name, *figures[:-1], money(figures[-1])) for name, (_, figures) in noted.items()))


def summary(comparison: Comparison) -> tuple[object, ...]:
    """Up, down, listed, struck and burden of a comparison."""
    row = comparison.effects().row(0, named=True)
    return row["up"], row["down"], row["listed"], row["struck"], row["burden"]


def _outcome(comparison: Comparison) -> None:
    up, down, listed, struck, burden = summary(comparison)
    with ui.row().style("gap: 10px"):
        for key, figure in (
            ("whatif_up", up),
            ("whatif_down", down),
            ("whatif_listed", listed),
            ("whatif_struck", struck),
            ("whatif_burden", money(burden)),
        ):
            with ui.column().classes("tile").style("min-width: 96px"):
                ui.label("—" if figure is None else str(figure)).classes("figure").style("font-size: 1.2rem")
                ui.label(messages.text(messages.key(key))).classes("quiet")
    counts = comparison.firms
    rows = []
    for cohort, label in comparison.cohorts.items():
        for tier in comparison.tiers:
            before, after = (
                counts.filter(pl.col(f"cohort_{side}") == cohort, pl.col(f"tier_{side}") == tier).height
                for side in ("before", "after")
            )
            if before or after:
                rows.append((label, tier, before, after, f"{after - before:+d}" if after != before else ""))
    plain_table(
        [messages.text(k) for k in ("whatif_cohort", "checks_tier", "mend_old", "mend_new", "whatif_change")], rows
    )
    movers = comparison.movers
    if movers.height:
        part(messages.text("mend_moves", count=movers.height))
        plain_table(
            [messages.text(k) for k in ("checks_firm", "mend_old", "mend_new")],
            ((r["name"], r["tier_before"], r["tier_after"]) for r in movers.head(12).iter_rows(named=True)),
        )


PAGES = (Page("/rating/{number}/whatif", "rating_whatif", draw, read),)
