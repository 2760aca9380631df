"""Monthly reports: workbooks out and back, values and tasks typed in place, and everything that was reported."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import events, ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import MujunError, UsageError, problem
from mujun.workbench.coming_back import tell_outcome, uploaded_workbooks
from mujun.workbench.frame import Page, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.pages.monitoring import Plan, plan_head, told_of_plan
from mujun.workbench.view import View, give, sentence_of
from mujun.writing.file_names import file_name

if TYPE_CHECKING:
    from mujun.rules.model import TheTargets
    from mujun.workspace.county import County
    from mujun.workspace.monitoring.returning import MonthTaken
    from mujun.workspace.monitoring.typing_in import LineKey, MonthForm, MonthLine


@dataclass(frozen=True)
class Reported:
    """What a plan's offices reported, and what they owe for the month that the address names."""

    rows: pl.DataFrame = field(repr=False)
    file: TheTargets | None
    forms: tuple[MonthForm, ...] = ()
    why_none: str = ""


async def read_values(view: View) -> Plan[Reported]:
    """Everything reported, and the forms of a month."""
    month = view.asked.get("month", "")

    def ask(county: County, _: date, rules: str) -> Reported:
        told = Reported(county.monitor.reported(rules=rules), county.rules.load(rules).targets)
        if not month:
            return told
        try:
            return replace(told, forms=county.monitor.forms(month, rules=rules))
        except MujunError as error:
            return replace(told, why_none=sentence_of(error))

    return await told_of_plan(view, f"reported {month}", ask)


def _own_office(view: View, file: TheTargets | None) -> str:
    """By which word the plan calls the office of whoever has the page open.

    Raises:
        UsageError: the plan does not have the office.
    """
    known = file.office_called(view.person.of) if file is not None else None
    if known is None:
        offices = list(file.offices.values()) if file is not None else "—"
        raise UsageError(problem("monitoring_other_office", office=view.person.of, known=offices))
    return known


def draw_values(view: View, plan: Plan[Reported]) -> None:
    """Sheets out, sheets back, and what was reported."""
    plan_head(view, plan, messages.text("monitoring_values_says"))
    if plan.told is None:
        return
    last = view.asked.get("month") or f"{date.today().replace(day=1) - timedelta(days=1):%Y-%m}"
    rules = plan.rules
    reported, file = plan.told.rows, plan.told.file
    offices = dict(file.offices) if file is not None else {}
    only = _own_office(view, file) if view.person.limited else None
    if view.may_change:
        with ui.element("section").classes("panel column"):
            part(messages.text("monitoring_out"))
            with ui.row().classes("items-center").style("gap: 12px"):
                month = ui.input(messages.text("monitoring_month"), value=last).props("outlined dense")

                async def handed() -> None:
                    wanted = str(month.value or "").strip()
                    folder = view.desk.new_folder() / f"{file_name(wanted)}月度填报表"
                    await view.worked(
                        lambda c: c.monitor.sheets(folder, wanted, rules=rules, only=only), "workbench_writing"
                    )
                    give(folder)

                ui.button(messages.text("monitoring_sheets"), icon="folder_zip", on_click=view.handler(handed)).props(
                    "unelevated no-caps"
                ).mark("sheets")
        with ui.element("section").classes("panel column"):
            part(messages.text("confirmation_back"))
            ui.upload(
                multiple=True,
                auto_upload=True,
                label=messages.text("data_choose"),
                on_multi_upload=view.handler(lambda event: _returned(view, event, only, offices)),
            ).props('accept=".xlsx" flat bordered').mark("returned")
        _typing(view, plan, last, only)
    rows = (reported if only is None else reported.filter(pl.col("office") == only)).reverse()
    text = messages.text
    columns = [
        Shown("number", text("monitoring_number"), 100),
        Shown("label", text("monitoring_figure"), 260, pinned=True),
        Shown("office", text("checks_owner"), 130),
        Shown("township", text("checks_township"), 110),
        Shown("month", text("monitoring_period"), 100),
        Shown("value", text("monitoring_value"), 120),
        Shown("said", text("monitoring_said"), 260, wrapped=True),
        Shown("evidence", text("loop_said_evidence"), 200),
        Shown("received_on", text("monitoring_received"), 120),
        Shown("who", text("data_who"), 110),
        Shown("stands", text("monitoring_stands"), 90),
        Shown("back_why", text("monitoring_back_column"), 200, wrapped=True),
    ]
    with ui.element("section").classes("panel column"):
        part(text("monitoring_reported", count=rows.height))
        if view.may_change:
            ui.label(text("monitoring_reported_click")).classes("quiet")
        grid(view, rows, columns, file="月度填报", on_open=lambda row: _report_window(view, row, only))


def _report_window(view: View, row: dict[str, Any], only: str | None) -> None:
    """What was reported, and taking it back, with the reason."""
    text = messages.text
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 600px; width: 100%"):
        part(str(row["label"] or row["subject"]))
        whose = row["township"] or row["office"]
        ui.label(text("monitoring_report_line", number=row["number"], office=whose, month=row["month"]))
        value = row["value"] if row["kind"] == "figure" else text(messages.key(f"task_{row['state']}"))
        for name, words in (("value", value), ("said", row["said"]), ("loop_said_evidence", row["evidence"])):
            if words is not None:
                key = "monitoring_value" if name == "value" else "monitoring_said" if name == "said" else name
                ui.label(text("monitoring_report_says", what=text(messages.key(key)), says=messages.show(words)))
        ui.label(text("monitoring_report_by", who=row["who"], day=row["recorded_on"])).classes("quiet")
        if row["back_by"] is not None:
            ui.label(
                text("monitoring_report_back", who=row["back_by"], day=row["back_on"], why=row["back_why"])
            ).classes("question")
        elif view.may_change:
            _taking_back(view, int(row["number"]), only, window)
        ui.button(text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.on("hide", window.delete)
    window.open()


def _taking_back(view: View, number: int, only: str | None, window: ui.dialog) -> None:
    ui.label(messages.text("monitoring_back_says")).classes("quiet")
    reason = ui.input(messages.text("monitoring_back_why")).props("outlined dense").classes("wide")
    reason.mark("report-back-why")

    async def gone() -> None:
        why = str(reason.value or "")
        await view.worked(lambda county: county.monitor.take_back(number, reason=why, by=only))
        window.close()
        ui.notify(messages.text("monitor_back_done", number=number), type="positive")
        if view.fill is not None:
            await view.fill()

    ui.button(messages.text("monitoring_back_do"), on_click=view.handler(gone)).props("outline no-caps").mark(
        "take-report-back"
    )


async def _returned(
    view: View, event: events.MultiUploadEventArguments, only: str | None, offices: dict[str, str]
) -> None:
    files = await uploaded_workbooks(view, event)

    def step(county: County) -> tuple[MonthTaken, ...]:
        if only is not None:
            for looked in county.monitor.load(files, dry_run=True):
                if looked.office and looked.office not in (only, offices[only]):
                    raise UsageError(problem("rights_other_workbook", file=looked.file, township=view.person.of))
        return county.monitor.load(files)

    taken = await view.worked(step)
    await tell_outcome(view, (("", _said(one)) for one in taken))


def _said(one: MonthTaken) -> list[str]:
    lines = [str(p) for p in one.refused]
    if one.already:
        return [*lines, messages.text("problems_already", file=one.file)]
    if one.month:
        lines.append(
            messages.text(
                "monitor_taken", file=one.file, office=one.office, month=one.month, figures=one.figures,
                tasks=one.tasks, corrected=one.corrected, blank=one.blank, refused=one.rows_refused,
            )
        )  # fmt: skip
    return lines


# -------------------------------------------------------------------------------------------------------------- typing


def _typing(view: View, plan: Plan[Reported], last: str, only: str | None) -> None:
    """The month's form of an office, to be filled in here."""
    text = messages.text
    told = plan.told
    assert told is not None  # the page was drawn with it
    with ui.element("section").classes("panel column"):
        part(text("monthly_here"))
        ui.label(text("monthly_here_says")).classes("quiet")
        with ui.row().classes("items-center").style("gap: 12px"):
            month = ui.input(text("monitoring_month"), value=last).props("outlined dense").mark("month-here")
            ui.button(
                text("monthly_open"),
                on_click=view.handler(
                    lambda: view.go(
                        view.path, set=plan.rules, month=str(month.value or "").strip(), office=view.asked.get("office")
                    )
                ),
            ).props("outline no-caps").mark("open-month")
        if told.why_none:
            ui.label(told.why_none).classes("question")
            return
        forms = [f for f in told.forms if only is None or (f.office == only and f.township is None)]
        if not view.asked.get("month"):
            return
        if not forms:
            ui.label(text("monthly_owes_nothing")).classes("quiet")
            return
        form = next((f for f in forms if f.called == view.asked.get("office")), forms[0])
        if len(forms) > 1:
            ui.select(
                {f.called: f.called for f in forms},
                value=form.called,
                label=text("monthly_office"),
                on_change=view.handler(
                    lambda e: view.go(view.path, set=plan.rules, month=view.asked["month"], office=e.value)
                ),
            ).props("outlined dense").style("min-width: min(320px, 100%)").mark("office")
        _Typed(view, plan.rules, form, only).draw()


ABOUT = {"figure": 3, "task": 2}
"""How many of a line's given cells say what it is about: name, unit and what to fill in; number and title."""


HEADERS = {
    "指标": "figure",
    "单位": "unit",
    "填什么": "asks",
    "年度目标": "aim_year",
    "全程目标": "aim",
    "上次期间": "last_period",
    "上次数": "last_value",
    "本月数": "value",
    "佐证": "evidence",
    "说明": "note",
    "序号": "number",
    "任务": "task",
    "时限": "until",
    "上次状态": "last_state",
    "上次进展": "last_said",
    "本月状态": "state",
    "本月进展": "said",
}
"""The workbook's headers, which stay Chinese there, and the messages that name them on the page."""


def _header(header: str) -> str:
    return messages.text(messages.key(f"monthly_header_{HEADERS[header]}")) if header in HEADERS else header


class _Typed:
    """What somebody types into the form of an office's month."""

    def __init__(self, view: View, rules: str | None, form: MonthForm, only: str | None) -> None:
        self.view = view
        self.rules = rules
        self.form = form
        self.only = only
        self.fields: dict[LineKey, dict[str, Any]] = {}

    def draw(self) -> None:
        """A row for each figure and each task."""
        text, form = messages.text, self.form
        part(text("monthly_title", called=form.called, month=str(form.month)))
        for kind, key in (("figure", "monitoring_figures"), ("task", "monitoring_tasks")):
            lines = {k: line for k, line in form.lines.items() if k[0] == kind}
            if not lines:
                continue
            ui.label(text(messages.key(key))).style("font-weight: 600")
            with ui.element("div").classes("sheet-view"), ui.element("table").classes("plain form"):
                for number, (line_key, line) in enumerate(lines.items()):
                    asked = form.asked[kind]
                    given = [h for h in line.given if h != "代号"]
                    # What is asked stands beside what it is about; what is only to compare with comes behind.
                    about, compared = given[: ABOUT[kind]], given[ABOUT[kind] :]
                    if number == 0:
                        with ui.element("tr"):
                            for header in (*about, *asked, *compared):
                                with ui.element("th"):
                                    ui.label(_header(header))
                    with ui.element("tr"):
                        self._given(line, about)
                        self.fields[line_key] = {h: self._field(line_key, line, h, asked[h]) for h in asked}
                        self._given(line, compared)
        ui.button(text("monthly_hand_in"), on_click=self.view.handler(self._handed_in)).props(
            "unelevated no-caps"
        ).mark("hand-in")

    @staticmethod
    def _given(line: MonthLine, headers: list[str]) -> None:
        for header in headers:
            with ui.element("td"):
                ui.label(line.given[header] or "")

    def _field(self, key: LineKey, line: MonthLine, header: str, choices: Any) -> Any:
        stands = line.reported.get(header, "")
        with ui.element("td"):
            if choices:
                made: Any = ui.select({"": "—", **{c: c for c in choices}}, value=stands).props("dense outlined")
                made.style("width: 110px")
            else:
                made = ui.input(value=stands).props("dense outlined hide-bottom-space")
                made.style(f"width: {110 if header == '本月数' else 180}px")
        made.props["aria-label"] = f"{next(iter(list(line.given.values())[1:]), key[1])} {_header(header)}"
        made.mark(f"{key[1]}-{header}")
        return made

    async def _handed_in(self) -> None:
        typed = {k: {h: str(f.value or "") for h, f in fields.items()} for k, fields in self.fields.items()}
        month, called, rules = str(self.form.month), self.form.called, self.rules
        taken = await self.view.worked(lambda county: county.monitor.enter(month, called, typed, rules=rules))
        lines = [str(p) for p in taken.refused]
        lines.append(
            messages.text(
                "monthly_taken", office=taken.office, month=taken.month, figures=taken.figures, tasks=taken.tasks,
                corrected=taken.corrected, blank=taken.blank, refused=taken.rows_refused,
            )
        )  # fmt: skip
        await tell_outcome(self.view, [("", lines)])


PAGES = (Page("/monitoring/values", "monitoring_values", draw_values, read_values),)
