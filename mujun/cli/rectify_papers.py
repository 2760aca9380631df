"""`rectify plan, notice`: papers about one enterprise or parcel each."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import county_of, output_option, township_option, words
from mujun.cli.rectify_days import day, day_option


@click.command(help=words("help_rectify_plan"))
@click.argument("code", required=False)
@township_option()
@click.option("--parcels", is_flag=True, help=words("help_rectify_plan_parcels"))
@day_option("--as-of", help_key="help_rectify_as_of")
@output_option(".docx", ".html", ".htm", required=True)
@click.pass_context
def plan(
    ctx: click.Context, code: str | None, township: str | None, parcels: bool, as_of: datetime | None, output: Path
) -> None:
    """Plans, a page each."""
    papers = county_of(ctx).papers
    count = papers.plans(output, code=code, township=township, day=day(as_of), parcels=parcels)
    click.echo(messages.text("pages_written", file=output, count=count))


@click.command(help=words("help_rectify_notice"))
@click.argument("code", required=False)
@township_option()
@click.option("--parcels", is_flag=True, help=words("help_rectify_plan_parcels"))
@day_option("--as-of", help_key="help_rectify_as_of")
@output_option(".docx", ".html", ".htm", required=True)
@click.pass_context
def notice(
    ctx: click.Context, code: str | None, township: str | None, parcels: bool, as_of: datetime | None, output: Path
) -> None:
    """Strike-off notices, a page each."""
    papers = county_of(ctx).papers
    count = papers.notices(output, code=code, township=township, day=day(as_of), parcels=parcels)
    click.echo(messages.text("pages_written", file=output, count=count))
