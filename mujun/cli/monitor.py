"""`monitor`: a plan month by month: sheets out and back, where it stands."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mujun import messages
from mujun.cli.monitor_assess import assess
from mujun.cli.monitor_projects import projects
from mujun.cli.monitor_race import race
from mujun.cli.options import (
    WHOLE,
    county_of,
    json_option,
    output_option,
    reads,
    rules_option,
    shown,
    township_option,
    words,
    year_option,
)
from mujun.cli.rectify_days import day, day_option, today_or
from mujun.cli.tables import table
from mujun.errors import UsageError, problem

if TYPE_CHECKING:
    from mujun.monitoring.plan_month import PlanMonth
    from mujun.workspace.monitoring.plan_papers import PlanPaper

NEXT = ("ready", "near")
SHOWN = 20
"""Firms listed on screen for each honour; the workbook has all."""
TASK_STATES = ("not_begun", "working", "late", "done", "stopped")


@click.group(help=words("help_monitor"))
def monitor() -> None:
    """The plan, month by month."""


monitor.add_command(race)
monitor.add_command(assess)
monitor.add_command(projects)


@monitor.command(help=words("help_monitor_sheet"))
@click.option("--month", required=True, help=words("help_monitor_month"))
@rules_option(required=False)
@click.option("--only", help=words("help_monitor_only"))
@click.option(
    "-o", "--output", "folder", required=True, type=click.Path(file_okay=False, path_type=Path),
    help=words("help_monitor_folder"),
)  # fmt: skip
@click.pass_context
def sheet(ctx: click.Context, month: str, rules: str | None, only: str | None, folder: Path) -> None:
    """The offices' sheets of a month."""
    made = county_of(ctx).monitor.sheets(folder, month, rules=rules, only=only)
    rows = [(m.called, m.figures, m.tasks, m.mark, m.file.name) for m in made]
    click.echo(table(messages.text("monitor_sheets_head"), rows))
    click.echo(messages.text("monitor_sheets_done", count=len(made), folder=folder))


@monitor.command(help=words("help_monitor_load"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), callback=reads)
@day_option("--received", help_key="help_monitor_received")
@click.option("--dry-run", is_flag=True, help=words("help_load_dry_run"))
@click.pass_context
def load(ctx: click.Context, files: tuple[Path, ...], received: datetime | None, dry_run: bool) -> None:
    """Take sheets back."""
    taken = county_of(ctx).monitor.load(files, received=day(received), dry_run=dry_run)
    for one in taken:
        for wrong in one.refused:
            click.echo(str(wrong), err=True)
        if one.already:
            click.echo(messages.text("problems_already", file=one.file))
        elif one.month:
            click.echo(
                messages.text(
                    "monitor_taken", file=one.file, office=one.office, month=one.month, figures=one.figures,
                    tasks=one.tasks, corrected=one.corrected, blank=one.blank, refused=one.rows_refused,
                )
            )  # fmt: skip
    if any(one.refused for one in taken):
        ctx.exit(1)


@monitor.command(help=words("help_monitor_status"))
@day_option("--as-of", help_key="help_rectify_as_of")
@day_option("--known-on", help_key="help_rectify_known_on")
@rules_option(required=False)
@township_option()
@json_option()
@output_option(".xlsx", ".json")
@click.pass_context
def status(
    ctx: click.Context,
    as_of: datetime | None,
    known_on: datetime | None,
    rules: str | None,
    township: str | None,
    form: str | None,
    output: Path | None,
) -> None:
    """Where the plan stands."""
    county = county_of(ctx)
    told = county.monitor.month(today_or(as_of), rules=rules, known_on=day(known_on), township=township)
    shown(county, told, form, output, lambda: _show(told))
    if output is not None:
        county.papers.plan_month(told, output)
        click.echo(messages.text("paper_written", file=output))


@monitor.command(help=words("help_monitor_values"))
@click.argument("subject", required=False)
@rules_option(required=False)
@day_option("--known-on", help_key="help_rectify_known_on")
@click.pass_context
def values(ctx: click.Context, subject: str | None, rules: str | None, known_on: datetime | None) -> None:
    """Everything reported."""
    rows = county_of(ctx).monitor.reported(subject, rules=rules, known_on=day(known_on))
    shown = [
        (
            r["number"], r["label"] or r["subject"], r["township"] or r["office"], r["month"],
            _word(f"task_{r['state']}") if r["kind"] == "task" else r["value"], r["evidence"], r["received_on"],
            r["recorded_on"], r["who"], _stands(r),
        )
        for r in rows.iter_rows(named=True)
    ]  # fmt: skip
    click.echo(messages.text("monitor_values_count", count=rows.height, replaced=rows.height - rows["stands"].sum()))
    if shown:
        click.echo(table(messages.text("monitor_values_head"), shown))


def _stands(row: dict[str, Any]) -> str:
    if row["back_by"] is not None:
        return messages.text("monitor_taken_back", who=row["back_by"], why=row["back_why"])
    return messages.text("monitor_stands" if row["stands"] else "monitor_replaced")


@monitor.command(help=words("help_monitor_revoke"))
@click.argument("number", type=WHOLE)
@click.option("--reason", required=True, help=words("help_monitor_back_reason"))
@click.pass_context
def revoke(ctx: click.Context, number: int, reason: str) -> None:
    """Take a report back."""
    county_of(ctx).monitor.take_back(number, reason=reason)
    click.echo(messages.text("monitor_back_done", number=number))


@monitor.command(help=words("help_monitor_paper"))
@click.argument("kind", type=click.Choice(["monthly", "bulletin", "assessment"]))
@day_option("--as-of", help_key="help_rectify_as_of")
@day_option("--known-on", help_key="help_rectify_known_on")
@rules_option(required=False)
@click.option("--office", help=words("help_monitor_office"))
@township_option()
@click.option("--texts", type=click.Path(path_type=Path), callback=reads, help=words("help_monitor_texts"))
@click.option("--all", "folder", type=click.Path(file_okay=False, path_type=Path), help=words("help_monitor_all"))
@output_option(".docx", ".html")
@click.pass_context
def paper(
    ctx: click.Context,
    kind: PlanPaper,
    as_of: datetime | None,
    known_on: datetime | None,
    rules: str | None,
    office: str | None,
    township: str | None,
    texts: Path | None,
    folder: Path | None,
    output: Path | None,
) -> None:
    """A monthly sheet, a bulletin or an assessment."""
    if (folder is None) == (output is None):
        raise UsageError(problem("monitor_paper_where"))
    county, when, known = county_of(ctx), today_or(as_of), day(known_on)
    if folder is not None:
        made = county.monitor.papers(kind, when, folder, rules=rules, known_on=known, texts_file=texts)
        click.echo(messages.text("monitor_papers_done", count=len(made), folder=folder))
    if output is not None:
        told = county.monitor.paper(
            kind, when, rules=rules, known_on=known, office=office, township=township, texts_file=texts
        )
        county.papers.plan_paper(told, output)
        click.echo(messages.text("paper_written", file=output))


@monitor.command(help=words("help_monitor_ladders"))
@rules_option()
@year_option()
@day_option("--as-of", help_key="help_monitor_honours_on")
@click.option("--only", help=words("help_monitor_ladder"))
@output_option(".xlsx")
@click.pass_context
def ladders(
    ctx: click.Context, rules: str, year: int | None, as_of: datetime | None, only: str | None, output: Path | None
) -> None:
    """Who has each honour and who could be next."""
    county = county_of(ctx)
    told = county.monitor.ladders(rules, year=year, day=day(as_of), only=only)
    click.echo(messages.text("ladders_title", name=told.name, year=told.year, day=told.day))
    rows = [
        (one.label, one.office, one.in_force, *(one.count(s) for s in NEXT),
         one.lapsed.height)
        for one in told.ladders
    ]  # fmt: skip
    click.echo(table(messages.text("ladders_head"), rows))
    for one in told.ladders:
        shown = one.candidates.head(SHOWN)
        if shown.is_empty():
            continue
        click.echo(messages.text("ladder_next", label=one.label))
        lines = [
            (r["name"], r["township"], _word(f"ladder_stands_{r['stands']}"), messages.clauses(r["lacks"]))
            for r in shown.iter_rows(named=True)
        ]
        click.echo(table(messages.text("ladder_head"), lines))
        if one.candidates.height > SHOWN:
            click.echo(messages.text("ladder_more", count=one.candidates.height - SHOWN))
    if output is not None:
        county.papers.ladders(told, output)
        click.echo(messages.text("paper_written", file=output))


def _show(told: PlanMonth) -> None:
    click.echo(
        messages.text(
            "monitor_title", plan=told.file.name, month=str(told.month), last=told.month.last_day,
            whose=told.township or messages.text("monitor_county"),
        )
    )  # fmt: skip
    if told.known_on is not None:
        click.echo(messages.text("monitor_known_on", day=told.known_on))
    rows = [
        (
            r["label"], r["unit"], r["base"], r["value"], r["period"], _word(f"source_{r['source'] or 'none'}"),
            r["aim"], r["aim_year"], _percent(r["share"]), r["expected"], _word(f"verdict_{r['verdict']}"),
            r["needed"], _range(r), r["plan_aim"], _percent(r["plan_share"]), _place(r),
        )
        for r in told.rows().iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("monitor_figures_head"), [[_short(v) for v in row] for row in rows]))
    _show_differences(told)
    if told.township is None:
        _show_regions(told)
        _show_tasks(told)
        _show_signs(told)


def _show_differences(told: PlanMonth) -> None:
    for r in (r for r in told.rows().iter_rows(named=True) if r["differs"]):
        click.echo(
            messages.text(
                "monitor_differs", label=r["label"], value=_short(r["value"]), reported=_short(r["reported"]),
                differs=_short(r["differs"]), month=r["period"], unit=r["unit"],
            )
        )  # fmt: skip


def _show_regions(told: PlanMonth) -> None:
    rows = [
        (
            s.target.label, s.target.unit, b.region, b.year, _short(b.aim), _short(s.value.value if s.value else None),
            _short(b.difference),
        )
        for s in told.standings
        for b in s.regions
        if b.difference is not None
    ]  # fmt: skip
    if rows:
        click.echo(messages.text("monitor_regions"))
        click.echo(table(messages.text("monitor_regions_head"), rows))


def _show_tasks(told: PlanMonth) -> None:
    if not told.tasks:
        return
    counts = {state: sum(t.state == state for t in told.tasks) for state in TASK_STATES}
    click.echo(messages.text("monitor_tasks", count=len(told.tasks), **counts))
    shown = [
        (t.task.number, t.task.title, _word(f"task_{t.state}"), str(t.last.month) if t.last else None,
         t.last.said if t.last else None)
        for t in told.tasks
    ]  # fmt: skip
    click.echo(table(messages.text("monitor_tasks_head"), shown))


def _show_signs(told: PlanMonth) -> None:
    from mujun.reports.monitoring.wording import sentence_of

    if told.signs:
        offices = told.file.offices
        click.echo(messages.text("monitor_signs", count=len(told.signs)))
        rows = [(offices.get(s.office, s.office), sentence_of(s)) for s in told.signs]
        click.echo(table(messages.text("monitor_signs_head"), rows))


def _word(made: str) -> str:
    return messages.text(messages.key(made))


def _range(row: dict[str, Any]) -> str:
    if row["forecast"] is None:
        return "—"
    low, high = _short(row["forecast_low"]), _short(row["forecast_high"])
    return f"{_short(row['forecast'])}（{low}～{high}）"


def _place(row: dict[str, Any]) -> str:
    return "—" if row["rank"] is None else f"{row['rank']}/{row['among']}"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _short(value: object) -> object:
    """A number with two decimals at most; what is no number as it is."""
    from mujun.reports.monitoring.wording import number

    return number(value).replace(",", "") if isinstance(value, Fraction | Decimal) else value
