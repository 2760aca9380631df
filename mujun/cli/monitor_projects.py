"""`monitor projects`: projects over their whole life, land supplied and the special fund."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import county_of, json_option, output_option, rules_option, shown, township_option, words
from mujun.cli.rectify_days import day, day_option, today_or
from mujun.cli.tables import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mujun.monitoring.projects import ProjectBook, ProjectStanding


@click.command(help=words("help_monitor_projects"))
@day_option("--as-of", help_key="help_rectify_as_of")
@day_option("--known-on", help_key="help_rectify_known_on")
@rules_option(required=False)
@township_option()
@json_option()
@output_option(".xlsx", ".json")
@click.pass_context
def projects(
    ctx: click.Context,
    as_of: datetime | None,
    known_on: datetime | None,
    rules: str | None,
    township: str | None,
    form: str | None,
    output: Path | None,
) -> None:
    """Projects over their whole life."""
    county = county_of(ctx)
    book = county.monitor.projects(today_or(as_of), rules=rules, known_on=day(known_on))
    shown(county, book, form, output, lambda: _show(book, township))
    if output is not None:
        county.papers.projects(book, output, township)
        click.echo(messages.text("paper_written", file=output))


def _show(book: ProjectBook, township: str | None) -> None:
    from mujun.reports.monitoring.project_sheets import of_township, year_share
    from mujun.reports.monitoring.wording import number, percent

    shown = of_township(book, township)
    counts = {
        "count": len(shown), "ended": sum(p.ended for p in shown), "unled": sum(p.unled for p in shown),
        "late": sum(p in shown for p in book.late),
    }  # fmt: skip
    click.echo(messages.text("projects_title", day=book.day, **counts))
    rows = [
        (
            p.row["project_name"], p.row["township"], number(p.row["total_investment"]), p.stage or None, _next(p),
            p.next.due if p.next else None, p.late or None, number(p.year_done), percent(year_share(p)),
            p.row["leader"],
        )
        for p in shown
    ]  # fmt: skip
    if rows:
        click.echo(table(messages.text("projects_head"), rows))
    _show_promises(shown)
    if township is None:
        _show_land_and_money(book)


def _next(project: ProjectStanding) -> str | None:
    if project.ended:
        return messages.text("project_ended")
    return project.next.stage if project.next is not None else None


def _show_promises(shown: Sequence[ProjectStanding]) -> None:
    from mujun.reports.monitoring.project_sheets import promise_word
    from mujun.reports.monitoring.wording import number

    rows = [
        (
            p.row["project_name"], messages.text(messages.key(f"promise_{v.promised}")), v.year, number(v.aim),
            number(v.value), promise_word(v),
        )
        for p in shown
        for v in p.promises
    ]  # fmt: skip
    if rows:
        click.echo(messages.text("promises"))
        click.echo(table(messages.text("promises_head"), rows))


def _show_land_and_money(book: ProjectBook) -> None:
    from mujun.reports.monitoring.project_sheets import percents
    from mujun.reports.monitoring.wording import number

    if book.supply:
        click.echo(messages.text("supply"))
        land = [
            (s.year, s.parcels, number(s.mu), number(s.industrial), percents(s.industrial_share),
             percents(s.standard_share), number(s.price))
            for s in book.supply
        ]  # fmt: skip
        click.echo(table(messages.text("supply_head"), land))
    if book.funds:
        click.echo(messages.text("funds"))
        money = [
            (f.year, number(f.income), number(book.owed(f)), number(f.paid_in), percents(f.share, 3),
             number(f.spent), number(f.balance))
            for f in book.funds
        ]  # fmt: skip
        click.echo(table(messages.text("funds_head"), money))
