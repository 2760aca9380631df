"""`runs`: past ratings."""

from __future__ import annotations

import click

from mujun import messages
from mujun.cli.options import words, workspace
from mujun.cli.rating import show_result
from mujun.cli.tables import table


@click.group(help=words("help_runs"))
def runs() -> None:
    """Past ratings."""


@runs.command("list", help=words("help_runs_list"))
@click.pass_context
def list_runs(ctx: click.Context) -> None:
    """List the ratings that were kept."""
    rows = [
        (
            r["number"], r["year"], r["rules"], r["batch"], messages.text("yes" if r["final"] else "no"),
            f"{r['created_at']:%Y-%m-%d %H:%M}", r["digest"][:12], r["label"],
        )
        for r in workspace(ctx).runs().iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("runs_head"), rows))


@runs.command("show", help=words("help_runs_show"))
@click.argument("number", type=int)
@click.pass_context
def show(ctx: click.Context, number: int) -> None:
    """One rating in brief."""
    show_result(workspace(ctx).recompute(number))


@runs.command("verify", help=words("help_runs_verify"))
@click.argument("number", type=int)
@click.pass_context
def verify(ctx: click.Context, number: int) -> None:
    """Compute a rating again and compare."""
    found = workspace(ctx).verify(number)
    if found.same:
        click.echo(messages.text("runs_same", run=number, digest=found.computed))
        return
    version = workspace(ctx).version_of(number)
    click.echo(
        messages.text("runs_differs", run=number, kept=found.kept, computed=found.computed, version=version), err=True
    )
    ctx.exit(1)
