"""`layouts`: the answers that files of a layout were given, listed and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import WHOLE, county_of, words
from mujun.cli.tables import table
from mujun.fields.here import table_here

if TYPE_CHECKING:
    from mujun.workspace.data.layouts import Layout


@click.group(help=words("help_layouts"))
def layouts() -> None:
    """Answered layouts."""


@layouts.command("list", help=words("help_layouts_list"))
@click.pass_context
def list_(ctx: click.Context) -> None:
    """All answered layouts."""
    known = county_of(ctx).data.layouts()
    if not known:
        click.echo(messages.text("layouts_none"))
        return
    lines = [
        (x.number, x.office, table_here(x.table), len(x.answers), sum(a.counts for a in x.answers), x.file)
        for x in known
    ]
    click.echo(table(messages.text("layouts_columns"), lines))


@layouts.command(help=words("help_layouts_show"))
@click.argument("number", type=WHOLE)
@click.pass_context
def show(ctx: click.Context, number: int) -> None:
    """One layout's answers, and the files read by them."""
    _show(county_of(ctx).data.layout(number))


@layouts.command(help=words("help_layouts_revoke"))
@click.argument("number", type=WHOLE)
@click.option("--question", help=words("help_layouts_question"))
@click.pass_context
def revoke(ctx: click.Context, number: int, question: str | None) -> None:
    """Answers count no longer."""
    layout = county_of(ctx).data.revoke_layout(number, question=question)
    click.echo(messages.text("layouts_revoked", number=number, office=layout.office))
    _show(layout)


def _show(layout: Layout) -> None:
    click.echo(
        messages.text(
            "layouts_head", number=layout.number, office=layout.office, table=table_here(layout.table)
        )
    )  # fmt: skip
    for a in layout.answers:
        says = messages.text("layouts_gone") if a.says is None else a.says
        click.echo(messages.text("layouts_answer", id=a.question, asks=a.asks, says=says))
        if a.given_in is not None:
            click.echo(messages.text("layouts_given", file=a.given_in[0], batch=a.given_in[1]))
        for file, batch in a.used_for:
            click.echo(messages.text("layouts_used", file=file, batch=batch))
