"""`rectify due`: what is due and late."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import county_of, township_option, words
from mujun.cli.rectify_days import day_option, today_or
from mujun.cli.tables import table
from mujun.errors import UsageError, problem

_STATES = {"problem": "problem_state"}

SHOWN = 15
"""Matters listed on screen; counts are always complete."""


@click.command(help=words("help_rectify_due"))
@click.option("--within", default="30d", show_default=True, help=words("help_rectify_within"))
@day_option("--as-of", help_key="help_rectify_as_of")
@township_option()
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help=words("help_out_folder"))
@click.pass_context
def due(ctx: click.Context, within: str, as_of: datetime | None, township: str | None, output: Path | None) -> None:
    """What is due and late, by township and office."""
    county = county_of(ctx)
    until, days = today_or(as_of), _days(within)
    due = county.rectify.due(until, days, township)
    rows = due.rows
    if rows.is_empty():
        click.echo(messages.text("due_none", day=until, within=days))
        return
    click.echo(messages.text("due_count", day=until, within=days, **due.counts))
    for by in ("township", "department"):
        click.echo(table(messages.text(messages.key(f"due_head_{by}")), due.by(by).rows()))
    shown = [
        (
            messages.text(messages.key(f"due_matter_{r['matter']}")), r["name"], r["subject"], r["township"],
            messages.text(messages.key(f"{_STATES.get(r['kind'], 'state')}_{r['state']}")), r["due_on"], r["days"],
        )
        for r in rows.head(SHOWN).iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("due_head_rows"), shown))
    if rows.height > SHOWN:
        click.echo(messages.text("due_more", count=rows.height - SHOWN))
    if output is not None:
        files = county.papers.reminders(output, rows, until, days)
        click.echo(messages.text("due_written", folder=output, count=len(files)))


def _days(text: str) -> int:
    match = re.fullmatch(r"(\d{1,4})\s*[d天]?", text.strip())
    if match is None:
        raise UsageError(problem("within_not_days", value=text))
    return int(match.group(1))
