"""`publication`: when and where notices were out, put on record, listed and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from mujun import messages
from mujun.cli.options import WHOLE, county_of, words
from mujun.cli.rectify_days import day, day_option
from mujun.cli.tables import table

if TYPE_CHECKING:
    from mujun import County
    from mujun.workspace.publishing import Publication


@click.group(help=words("help_publication"))
def publication() -> None:
    """Publications on record."""


@publication.command(help=words("help_publication_add"))
@click.argument("year", type=WHOLE)
@day_option("--from", "first", help_key="help_publication_from", required=True)
@day_option("--until", help_key="help_publication_until", required=True)
@click.option("--where", "place", required=True, help=words("help_publication_where"))
@click.option("--objections", default="", help=words("help_publication_objections"))
@day_option("--objections-by", help_key="help_publication_objections_by")
@click.option(
    "--notice", type=click.Choice(["result", "data"]), default="result", help=words("help_publication_notice")
)
@click.option("--run", type=WHOLE, help=words("help_publication_run"))
@click.option("--document", default="", help=words("help_publication_document"))
@click.pass_context
def add(
    ctx: click.Context, year: int, first: datetime, until: datetime, place: str, objections: str,
    objections_by: datetime | None, notice: Any, run: int | None, document: str,
) -> None:  # fmt: skip
    """Put a publication on record."""
    county = county_of(ctx)
    known = county.runs.publish(
        year, first=first.date(), until=until.date(), place=place, objections=objections,
        objections_by=day(objections_by), notice=notice, run=run, document=document,
    )  # fmt: skip
    click.echo(
        messages.text(
            "publication_added", number=known.number, title=known.title, of=_run_said(county, known.run),
            first=known.first, until=known.until, days=known.days, weekdays=known.weekdays,
        )
    )  # fmt: skip
    for doubt in known.doubts:
        click.echo(str(doubt), err=True)


def _run_said(county: County, run: int | None) -> str:
    """Which run was put down, and by which rules; nothing of a notice of data."""
    if run is None:
        return ""
    kept = county.runs.list()
    return messages.text("publication_added_of", run=run, rules=kept.filter(kept["number"] == run)["rules"].item())


@publication.command("list", help=words("help_publication_list"))
@click.argument("year", type=WHOLE, required=False)
@click.pass_context
def list_(ctx: click.Context, year: int | None) -> None:
    """What is on record, newest first."""
    every = county_of(ctx).runs.published()
    known = [p for p in every if year in (None, p.year)]
    if not every:
        click.echo(messages.text("publication_nothing"))
        return
    if not known:
        years = sorted({p.year for p in every})
        click.echo(messages.text("publication_nothing_of", year=year, years=years))
        return
    click.echo(table(messages.text("publication_columns"), [_line(p) for p in known]))


def _line(known: Publication) -> tuple[object, ...]:
    back = known.taken_back
    return (
        known.number, known.title, known.year, known.run, known.first, known.until, known.place, known.objections,
        known.objections_by, known.document, known.who, known.at.date(),
        messages.text("publication_back_by", at=back.at.date(), who=back.who, reason=back.reason) if back else "",
    )  # fmt: skip


@publication.command(help=words("help_publication_revoke"))
@click.argument("number", type=WHOLE)
@click.option("--reason", required=True, help=words("help_publication_reason"))
@click.pass_context
def revoke(ctx: click.Context, number: int, reason: str) -> None:
    """Take a record back."""
    known = county_of(ctx).runs.take_back_publication(number, reason=reason)
    click.echo(messages.text("publication_taken_back", number=known.number))
