"""`show`: one code, everything: all that is on record about an enterprise or a parcel."""

from __future__ import annotations

from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import output_option, words, workspace
from mujun.reports.firms.card import Card

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
    own = workspace(ctx)
    if parcel is not None:
        from mujun.workspace.firms.showing_parcels import parcel_card

        card = parcel_card(own, parcel)
    else:
        from mujun.workspace.firms.showing import enterprise_card

        card = enterprise_card(own, str(code))
    endings = {".json": "json", ".html": "html", ".htm": "html"}
    chosen = form or (endings.get(output.suffix.lower(), "text") if output else "text")
    from mujun.writing import write_text

    said = _drawn(card, chosen)
    if output is None:
        click.echo(said)
        return
    write_text(output, said if said.endswith("\n") else said + "\n")
    click.echo(messages.text("show_written", id=card.id, file=output))


def _drawn(card: Card, form: str) -> str:
    from mujun.reports.firms.card import card_json, card_text
    from mujun.reports.firms.card_page import card_page

    return {"text": card_text, "json": card_json, "html": card_page}[form](card)
