"""Monitoring: the plan's figures, tasks and warnings as they are known; the townships' race; monthly reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import MujunError, UsageError, problem
from mujun.workbench.frame import Page, heading, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.pages.checks import plain_table
from mujun.workbench.rights import may_open
from mujun.workbench.view import View, sentence_of

if TYPE_CHECKING:
    from mujun.monitoring.plan_month import PlanMonth
    from mujun.monitoring.racing import Race
    from mujun.workspace.county import County

TABS = (
    ("/monitoring", "monitoring_plan"),
    ("/monitoring/race", "monitoring_race"),
    ("/monitoring/values", "monitoring_values"),
)


T = TypeVar("T")


@dataclass(frozen=True)
class Plan(Generic[T]):
    """What a page tells of a plan: by which rule set, and why there is nothing to tell."""

    sets: dict[str, str]
    rules: str | None
    told: T | None = field(default=None, repr=False)
    why_none: str = ""


def _sets(county: County) -> dict[str, str]:
    """The rule sets that have a plan, by address."""
    return {
        r["address"]: f"{r['name']}（{r['address']}）"
        for r in county.rules.list().iter_rows(named=True)
        if "targets" in r["kinds"] and r["status"] != "wrong"
    }


def _chosen(view: View, county: County) -> tuple[dict[str, str], str | None]:
    """The plans, and the one that the address names, else the only one of the year."""
    sets = _sets(county)
    asked = view.asked.get("set")
    if asked is not None and asked not in sets:
        raise UsageError(problem("rules_unknown_set", address=asked))
    usual = [a for a in sets if str(view.year) in a] or list(sets)
    return sets, asked or (usual[0] if usual else None)


async def told_of_plan(view: View, what: str, ask: Callable[[County, date, str], T]) -> Plan[T]:
    """What the county tells of its plan, or the sentence why it does not."""
    today, asked = _day(view), view.asked.get("set")

    def step(county: County) -> Plan[T]:
        sets, rules = _chosen(view, county)
        if rules is None:
            return Plan(sets, None, why_none=messages.text("monitoring_no_plan"))
        try:
            return Plan(sets, rules, ask(county, today, rules))
        except MujunError as error:
            return Plan(sets, rules, why_none=sentence_of(error))

    return await view.desk.kept((what, asked, view.year, today), step)


def _day(view: View) -> date:
    """The day that the address names, else today.

    Raises:
        UsageError: it names none.
    """
    asked = view.asked.get("day", "")
    try:
        return date.fromisoformat(asked) if asked else date.today()
    except ValueError as error:
        raise UsageError(problem("monitoring_no_day", said=asked)) from error


def plan_head(view: View, plan: Plan[Any], says: str) -> None:
    """The heading, the parts of monitoring, and which plan on which day."""
    heading(messages.text("workbench_monitoring"), says)
    with ui.row().style("gap: 6px").props("role=navigation"):
        for path, key in [t for t in TABS if may_open(view.person, t[0])]:
            look = "unelevated" if view.path == path else "flat"
            ui.button(messages.text(messages.key(key)), on_click=lambda p=path: view.go(p, set=plan.rules)).props(
                f"{look} no-caps"
            )
    if len(plan.sets) > 1 and not view.person.limited:
        ui.select(
            plan.sets,
            value=plan.rules,
            label=messages.text("monitoring_which"),
            on_change=view.handler(lambda e: view.go(view.path, set=e.value)),
        ).props("outlined dense").style("min-width: min(420px, 100%)")
    if not view.person.limited and view.path != "/monitoring/values":
        day = ui.input(messages.text("monitoring_day"), value=_day(view).isoformat()).props("outlined dense type=date")
        day.on("change", view.handler(lambda: view.go(view.path, set=plan.rules, day=day.value)))
    if plan.why_none:
        ui.label(plan.why_none).classes("question")


# ------------------------------------------------------------------------------------------------------------- the plan


async def read(view: View) -> Plan[PlanMonth]:
    """The plan's month."""
    return await told_of_plan(view, "plan month", lambda c, day, rules: c.monitor.month(day, rules=rules))


def draw(view: View, plan: Plan[PlanMonth]) -> None:
    """Warnings first, then figures and tasks."""
    plan_head(view, plan, messages.text("monitoring_says"))
    if plan.told is None:
        return
    told = plan.told
    with ui.row().classes("items-center wide"):
        part(
            messages.text(
                "monitor_title",
                plan=told.file.name,
                month=str(told.month),
                last=told.month.last_day,
                whose=messages.text("monitor_county"),
            )
        )
        ui.space()
        ui.button(
            messages.text("rating_save"),
            icon="download",
            on_click=view.hand_over(lambda c, file: c.papers.plan_month(told, file), f"月度监测_{told.month}.xlsx"),
        ).props("outline no-caps")
        for kind in ("monthly", "bulletin", "assessment"):
            ui.button(
                messages.text(messages.key(f"monitoring_{kind}")),
                icon="description",
                on_click=view.hand_over(_paper(kind, plan.rules, _day(view)), f"{kind}_{told.month}.html"),
            ).props("flat no-caps")
    _signs(view, told)
    _figures(view, told)
    _tasks(view, told)


def _paper(kind: str, rules: str | None, day: date) -> Any:
    wanted: Any = kind

    def write(county: County, file: Path) -> object:
        return county.papers.plan_paper(county.monitor.paper(wanted, day, rules=rules), file)

    return write


def _signs(view: View, told: PlanMonth) -> None:
    from mujun.reports.monitoring.wording import sentence_of as said_of

    with ui.element("section").classes("panel column"):
        part(messages.text("monitoring_signs", count=len(told.signs)))
        for sign in told.signs[:SHOWN]:
            with ui.row().classes("wide").style("gap: 10px; flex-wrap: nowrap; align-items: start"):
                ui.label(told.file.offices.get(sign.office, sign.office)).classes("state waits")
                ui.label(said_of(sign))
        if len(told.signs) > SHOWN:
            ui.label(messages.text("monitoring_more", count=len(told.signs) - SHOWN)).classes("quiet")


SHOWN = 20
"""Warnings shown on the page; the workbook has all."""


def _figures(view: View, told: PlanMonth) -> None:
    text, offices = messages.text, told.file.offices
    rows = told.rows().with_columns(
        pl.col("offices").list.eval(pl.element().replace(offices)).list.join("、").alias("office"),
        _words("verdict", "verdict_"),
        _words("source", "source_"),
        (pl.col("share") * 100).round(1).alias("percent"),
    )
    columns = [
        Shown("label", text("monitoring_figure"), 230, pinned=True),
        Shown("verdict_word", text("monitoring_verdict"), 110, colours=_verdict_colours()),
        Shown("value", text("monitoring_value"), 120),
        Shown("unit", text("money_unit"), 90),
        Shown("period", text("monitoring_period"), 100),
        Shown("aim", text("monitoring_aim"), 120),
        Shown("percent", text("monitoring_share"), 120),
        Shown("expected", text("monitoring_expected"), 120),
        Shown("needed", text("monitoring_needed"), 120),
        Shown("forecast", text("monitoring_forecast"), 120),
        Shown("plan_aim", text("monitoring_plan_aim"), 120),
        Shown("source_word", text("monitoring_source"), 120),
        Shown("office", text("checks_owner"), 180),
    ]
    with ui.element("section").classes("panel column"):
        part(messages.text("monitoring_figures"))
        grid(view, rows, columns, file="监测指标")


def _verdict_colours() -> dict[str, str]:
    return {
        messages.text("verdict_reached"): "#cfe8d5",
        messages.text("verdict_ahead"): "#cfe8d5",
        messages.text("verdict_behind"): "#fce4bf",
    }


def _words(name: str, before: str) -> pl.Expr:
    def word(value: str) -> str:
        return messages.text(messages.key(f"{before}{value}"))

    return pl.col(name).fill_null("none").map_elements(word, return_dtype=pl.String).alias(f"{name}_word")


def _tasks(view: View, told: PlanMonth) -> None:
    if not told.tasks:
        return
    text = messages.text
    rows = pl.DataFrame(
        [
            (
                t.task.number,
                t.task.title,
                text(messages.key(f"task_{t.state}")),
                "、".join(told.file.offices.get(o, o) for o in t.task.lead),
                str(t.last.month) if t.last else None,
                t.last.said if t.last else None,
            )
            for t in told.tasks
        ],
        schema={"number": pl.Int64, "title": pl.String, "state": pl.String, "office": pl.String, "last": pl.String,
                "said": pl.String},
        orient="row",
    )  # fmt: skip
    columns = [
        Shown("number", text("monitoring_number"), 80),
        Shown("title", text("monitoring_task"), 420, wrapped=True),
        Shown("state", text("loop_state"), 110),
        Shown("office", text("checks_owner"), 180),
        Shown("last", text("monitoring_last"), 110),
        Shown("said", text("monitoring_said"), 320, wrapped=True),
    ]
    with ui.element("section").classes("panel column"):
        part(messages.text("monitoring_tasks"))
        grid(view, rows, columns, file="重点任务")


# ------------------------------------------------------------------------------------------------------------- the race


async def read_race(view: View) -> Plan[Race]:
    """The race."""
    return await told_of_plan(view, "race", lambda c, day, rules: c.monitor.race(day, rules=rules))


def draw_race(view: View, plan: Plan[Race]) -> None:
    """Ranks, and points item by item."""
    plan_head(view, plan, messages.text("monitoring_race_says"))
    if plan.told is None:
        return
    from mujun.reports.monitoring.race_sheets import basis_words, item_note, lift_words, moved_words
    from mujun.reports.monitoring.wording import number

    told = plan.told
    since = str(told.since) if told.since is not None else "—"
    with ui.row().classes("items-center wide"):
        part(messages.text("race_title", label=told.contest.label, last=told.month.last_day, since=since))
        ui.space()
        ui.button(
            messages.text("rating_save"),
            icon="download",
            on_click=view.hand_over(lambda c, file: c.papers.race(told, file), f"镇街赛马_{told.month}.xlsx"),
        ).props("outline no-caps")
    with ui.element("section").classes("panel column"):
        _table(
            messages.text("race_head").split("\t"),
            [
                (r.rank, r.township, number(r.score), r.before, moved_words(r) or None,
                 number(r.ahead) if r.ahead is not None else None, lift_words(told, r))
                for r in told.racers
            ],
        )  # fmt: skip
    with ui.element("section").classes("panel column"):
        part(messages.text("race_items"))
        labels = [f"{i.target.label}（{messages.show(i.weight)}）" for i in told.racers[0].items]
        _table(
            messages.text("race_items_head", labels="\t".join(labels)).split("\t"),
            [
                (r.township, *(item_note(i) if i.note in ("missing", "zero_denominator") else number(i.points)
                               for i in r.items))
                for r in told.racers
            ],
        )  # fmt: skip
        ui.label(basis_words(told.contest)).classes("quiet")


def _table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    plain_table(titles, [[_short(v) for v in row] for row in rows])


def _short(value: object) -> object:
    return f"{float(value):.2f}" if isinstance(value, Fraction | Decimal) else value


PAGES = (
    Page("/monitoring", "workbench_monitoring", draw, read),
    Page("/monitoring/race", "monitoring_race", draw_race, read_race),
)
