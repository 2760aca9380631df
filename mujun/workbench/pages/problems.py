"""Problems found on firms and parcels: the list, and what may be said next of each, with what shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.fields.here import field_here
from mujun.workbench.evidence import Evidence, evidence_links
from mujun.workbench.figures import money
from mujun.workbench.frame import Page, drawn_by, heading, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.result_grid import WIDTHS
from mujun.workbench.rights import may_open, own
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.workspace.problems.course import ProblemStep
    from mujun.workspace.problems.problem_list import ProblemList

FIRST = (
    "problem",
    "state",
    "name",
    "parcel",
    "township",
    "problem_kind",
    "problem_text",
    "handled_by",
    "order_deadline",
)
"""What the list of problems begins with: whose it is, what it is and how it stands, before codes."""


async def read_problems(view: View) -> ProblemList:
    """The problems on record."""
    problems = await view.desk.kept("problems", lambda county: county.problems.list())
    return replace(problems, rows=own(view.person, problems.rows, office="handled_by", township="township"))


def draw_problems(view: View, problems: ProblemList) -> None:
    """The problems as a grid."""
    heading(messages.text("workbench_problems"), messages.text("problems_says"))
    if problems.rows.is_empty():
        ui.label(messages.text("problems_none"))
        return
    from mujun.reports.drawing.english_headers import header_here
    from mujun.reports.drawing.labels import headings
    from mujun.reports.drawing.wording import worded

    states = {s: messages.text(messages.key(f"problem_state_{s}")) for s in problems.rows["state"].unique().to_list()}
    rows = worded(problems.rows, what="problems").with_columns(pl.col("state").replace(states))
    known = headings(rows.schema, what="problems", ruleset=None)
    headers = {n: header_here(h, "problems") for n, h in known.items()}
    names = [n for n in FIRST if n in rows.columns]
    names += [n for n in rows.columns if n not in FIRST and not n.startswith("_")]
    plain = {r["problem"]: r for r in problems.rows.iter_rows(named=True)}
    with ui.element("section").classes("panel column"):
        ui.button(
            messages.text("rating_save"),
            icon="download",
            on_click=view.hand_over(lambda c, file: c.papers.problems(problems, file), "问题清单.xlsx", theirs=True),
        ).props("outline no-caps")
        ui.label(messages.text("problems_click")).classes("quiet")
        grid(
            view,
            rows,
            [Shown(n, headers.get(n, n), WIDTHS.get(n), wrapped=n == "problem_text") for n in names],
            file="问题清单",
            on_open=lambda row: problem_window(view, plain[row["problem"]]),
        )


def problem_lines(view: View, rows: pl.DataFrame) -> None:
    """Problems, a line each, opened by a click."""
    for row in rows.iter_rows(named=True):
        with ui.row().classes("items-center wide").style("gap: 4px 12px"):
            ui.label(messages.text(messages.key(f"problem_state_{row['state']}"))).classes(
                {"closed": "state done", "withdrawn": "state"}.get(row["state"], "state waits")
            )
            details = [str(row[n]) for n in ("problem_kind", "problem_text", "handled_by", "order_deadline") if row[n]]
            ui.label(messages.show(details)).style("flex: 1 1 200px; min-width: 0")
            ui.button(
                messages.text("problems_open"), on_click=view.handler(lambda r=row: problem_window(view, r))
            ).props("flat dense no-caps").mark("open-problem")


async def problem_window(view: View, row: dict[str, Any]) -> None:
    """A problem with everything that was said of it, what may be said next, and the last of it taken back."""

    course = await view.desk.read(lambda county: county.problems.course(str(row["problem"])))
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 680px; width: 100%"):
        part(str(row["name"] or row["parcel"] or row["problem"]))
        look = "state done" if row["state"] == "closed" else "state" if row["state"] == "withdrawn" else "state waits"
        ui.label(messages.text(messages.key(f"problem_state_{row['state']}"))).classes(look)
        for name in (
            "problem", "problem_kind", "problem_text", "found_by", "found_on", "handled_by", "order_document",
            "order_deadline", "mended_on", "mend_result", "fined_on", "fine_amount", "closed_on",
            "withdrawn_on", "withdrawn_why",
        ):  # fmt: skip
            if row.get(name) is not None:
                value = row[name] if name != "fine_amount" else money(row[name])
                ui.label(messages.text("problems_line", field=field_here(name), value=messages.show(value)))
        files = view.desk.county.problems.kept_files(str(row["evidence"] or "").split("、"))
        with ui.row().style("gap: 0 8px"):
            evidence_links(view, files)
        _course(course)
        if view.may_change:
            _Saying(view, row, window).draw()
            _taking_back(view, row, course, window)
        with ui.row().classes("wide"):
            if row["credit_code"] and may_open(view.person, "/firms/{code}"):
                ui.link(messages.text("checks_to_firm"), view.to(f"/firms/{row['credit_code']}"))
            ui.space()
            ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.on("hide", window.delete)
    window.open()


def _course(course: tuple[ProblemStep, ...]) -> None:
    """Who said what when; what was taken back is struck out."""
    text = messages.text
    part(text("problems_course"))
    for step in course:
        words = messages.clauses([text(messages.key(f"problem_step_{a}")) for a in step.actions])
        line = text("problems_step", what=words, who=step.who, at=f"{step.at.astimezone():%Y-%m-%d %H:%M}")
        with ui.column().classes("wide").style("gap: 0"):
            label = ui.label(line)
            if step.taken_back is not None:
                label.style("text-decoration: line-through")
            if step.takes_back is not None:
                ui.label(text("problems_step_why", why=step.reason)).classes("quiet")


def _taking_back(view: View, row: dict[str, Any], course: tuple[ProblemStep, ...], window: ui.dialog) -> None:
    """The last step taken back, with the reason; an office takes back what it put down itself."""
    standing = [s for s in course[1:] if s.taken_back is None and s.takes_back is None]
    by = view.person.of if view.person.role == "office" else None
    if not standing or (by is not None and standing[-1].who != view.person.name):
        return
    last = messages.clauses([messages.text(messages.key(f"problem_step_{a}")) for a in standing[-1].actions])
    part(messages.text("problems_back", step=last))
    reason = ui.input(messages.text("problems_back_why")).props("outlined dense").classes("wide")
    reason.mark("problem-back-why")

    async def gone() -> None:
        number, why = str(row["problem"]), str(reason.value or "")
        done = await view.worked(lambda county: county.problems.take_back(number, reason=why, by=by))
        window.close()
        state = messages.text(messages.key(f"problem_state_{done.state}"))
        ui.notify(
            messages.text("problem_taken_back", number=done.number, state=state, batch=done.batch), type="positive"
        )
        if view.fill is not None:
            await view.fill()

    ui.button(messages.text("problems_back_do"), on_click=view.handler(gone)).props("outline no-caps").mark(
        "take-problem-back"
    )


ASKS = {
    "order": ("order_document", "order_deadline", "handled_by"),
    "mend": ("mended_on", "mend_result"),
    "fine": ("fined_on", "fine_amount"),
    "close": ("closed_on",),
    "withdraw": ("withdrawn_on", "withdrawn_why"),
}
"""The fields that each step asks for, as the records call them."""

PARAMETERS = {
    "order_document": "document",
    "order_deadline": "deadline",
    "handled_by": "department",
    "mended_on": "on",
    "fined_on": "on",
    "closed_on": "on",
    "withdrawn_on": "on",
    "withdrawn_why": "reason",
    "mend_result": "result",
    "fine_amount": "amount",
}
"""What `problems.say` calls them."""


class _Saying:
    """The form of what is said next of a problem."""

    def __init__(self, view: View, row: dict[str, Any], window: ui.dialog) -> None:
        self.view = view
        self.row = row
        self.window = window
        self.fields: dict[str, Any] = {}
        self.evidence: Evidence | None = None

    def draw(self) -> None:
        """What may be said; the fields follow the choice."""
        actions = {
            a: messages.text(messages.key(f"problem_say_{a}"))
            for a in self.view.desk.county.problems.allowed(self.row["state"])
            if a != "withdraw" or not self.view.person.limited
        }
        if not actions:
            over = "problems_withdrawn" if self.row["state"] == "withdrawn" else "problems_over"
            ui.label(messages.text(messages.key(over))).classes("quiet")
            return
        part(messages.text("loop_next"))
        action = ui.radio(actions, value=next(iter(actions))).props("inline").mark("say")
        drawn_by(action, self._fields, self.view)
        ui.button(
            messages.text("loop_record"), on_click=self.view.handler(lambda: self._recorded(str(action.value)))
        ).props("unelevated no-caps").mark("record-problem")

    def _fields(self, action: str) -> None:

        self.fields = {}
        for name in ASKS[action]:
            label = field_here(name)
            if name == "fine_amount":
                made: Any = ui.number(label).props("outlined dense")
            elif name == "order_deadline":
                made = ui.input(label).props("outlined dense type=date stack-label")
            elif name.endswith("_on"):
                made = ui.input(label, value=date.today().isoformat()).props("outlined dense type=date")
            else:
                made = ui.input(label, value=self.row["handled_by"] or "" if name == "handled_by" else "")
                made.props("outlined dense")
            self.fields[name] = made.classes("wide").mark(name)
        self.evidence = Evidence(self.view)

    async def _recorded(self, action: str) -> None:
        assert self.evidence is not None  # drawn with the fields
        typed: dict[str, Any] = {}
        for name, made in self.fields.items():
            value: Any = made.value
            if name == "fine_amount":
                value = None if value is None else Decimal(repr(float(value)))
            elif name.endswith(("_on", "_deadline")):
                value = date.fromisoformat(str(value)) if value else None
            else:
                value = str(value or "").strip()
            typed[PARAMETERS[name]] = value
        number, files = str(self.row["problem"]), self.evidence.files()
        by = self.view.person.of if self.view.person.role == "office" else None
        await self.view.worked(lambda county: county.problems.say(number, action, evidence=files, by=by, **typed))
        self.window.close()
        ui.notify(messages.text("loop_recorded"), type="positive")
        if self.view.fill is not None:
            await self.view.fill()


PAGES = (Page("/problems", "workbench_problems", draw_problems, read_problems),)
