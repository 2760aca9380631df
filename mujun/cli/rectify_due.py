"""`rectify due`: what is due and late."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import township_option, words, workspace
from mujun.cli.rectify_days import day_option, today_or
from mujun.cli.tables import table
from mujun.errors import UsageError, problem

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
    from mujun.rectification.due import counted
    from mujun.workspace.rectification.papers import due_matters

    until, days = today_or(as_of), _days(within)
    rows = due_matters(workspace(ctx), until, days, township)
    if rows.is_empty():
        click.echo(messages.text("due_none", day=until, within=days))
        return
    counts = {m: int((rows["matter"] == m).sum()) for m in ("overdue", "due", "watch")}
    click.echo(messages.text("due_count", day=until, within=days, **counts))
    for by in ("township", "department"):
        click.echo(table(messages.text(messages.key(f"due_head_{by}")), counted(rows, by).rows()))
    shown = [
        (
            messages.text(messages.key(f"due_matter_{r['matter']}")), r["name"], r["subject"], r["township"],
            messages.text(messages.key(f"state_{r['state']}")), r["due_on"], r["days"],
        )
        for r in rows.head(SHOWN).iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("due_head_rows"), shown))
    if rows.height > SHOWN:
        click.echo(messages.text("due_more", count=rows.height - SHOWN))
    if output is not None:
        from mujun.reports.rectification.reminders import write_reminders

        files = write_reminders(output, rows, until, days)
        click.echo(messages.text("due_written", folder=output, count=len(files)))


def _days(text: str) -> int:
    found = re.fullmatch(r"(\d{1,4})\s*[d天]?", text.strip())
    if found is None:
        raise UsageError(problem("within_not_days", value=text))
    return int(found.group(1))
