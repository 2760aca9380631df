"""`show`: one code, everything: all that is on record about an enterprise or a parcel."""

from __future__ import annotations

from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import county_of, output_option, words

FORMATS = ("text", "json", "html")


@click.command(help=words("help_show"))
@click.argument("code", required=False)
@click.option("--parcel", help=words("help_show_parcel"))
@click.option("--format", "form", type=click.Choice(FORMATS), help=words("help_show_format"))
@output_option(".txt", ".json", ".html", ".htm")
@click.pass_context
def show(ctx: click.Context, code: str | None, parcel: str | None, form: str | None, output: Path | None) -> None:
    """Everything about one enterprise or parcel."""
    if (code is None) == (parcel is None):
        raise click.UsageError(messages.text("show_one_of"))
    county = county_of(ctx)
    with county.kept_open():
        card = county.parcels.show(parcel) if parcel is not None else county.firms.show(str(code))
    if output is None:
        click.echo(county.papers.drawn(card, form or "text"))
        return
    county.papers.card(card, output, form)
    click.echo(messages.text("show_written", id=card.id, file=output))
