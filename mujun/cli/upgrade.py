"""`upgrade`: a store of an earlier version brought up to date on purpose."""

from __future__ import annotations

import click

from mujun import messages
from mujun.cli.options import county_of, words
from mujun.cli.runs import runs_differ, show_tables

COUNTED = ("batch", "run", "list_document", "event", "issue")
"""The tables whose rows are told one by one."""


@click.command(help=words("help_upgrade"))
@click.option("--verify/--no-verify", default=True, show_default=True, help=words("help_upgrade_verify"))
@click.pass_context
def upgrade(ctx: click.Context, verify: bool) -> None:
    """Bring the store up to the present format and say what was done."""
    county = county_of(ctx)
    outcome = county.data.upgrade(verify=verify)
    done = outcome.upgrade
    if done is None:
        click.echo(messages.text("upgrade_not_needed", file=county.path, format=outcome.format))
    else:
        click.echo(
            messages.text("upgrade_done", file=county.path, before=done.before, after=done.after, kept=done.kept.name)
        )
        counts = {name: done.rows.get(f'main."{name}"', 0) for name in COUNTED}
        click.echo(messages.text("upgrade_counts", rows=sum(done.rows.values()), **counts))
    for run in outcome.runs:
        if run.same:
            click.echo(messages.text("runs_same", run=run.number, digest=run.kept))
        else:
            show_tables(run)
            click.echo(runs_differ(run), err=True)
    if not all(run.same for run in outcome.runs):
        ctx.exit(1)
