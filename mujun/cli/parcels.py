"""`parcels`: the census of parcels."""

from __future__ import annotations

from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import county_of, output_option, township_option, words, year_option
from mujun.cli.tables import table

SHOWN = 30
"""Parcels listed on screen; counts are always complete."""


@click.group(help=words("help_parcels"))
def parcels() -> None:
    """The census of parcels."""


@parcels.command("list", help=words("help_parcels_list"))
@year_option()
@township_option()
@output_option(".xlsx", ".csv", ".parquet", ".json", ".geojson")
@click.pass_context
def list_(ctx: click.Context, year: int | None, township: str | None, output: Path | None) -> None:
    """Every parcel with its title, its firms and what they yield."""
    county = county_of(ctx)
    census = county.parcels.list(year if year is not None else county.data.newest_year(), township)
    rows = census.rows
    told = {"year": census.year, "count": rows.height, "empty": rows.filter(rows["firms"] == 0).height}
    if output is not None:
        county.papers.census(census, output)
    click.echo(messages.text("parcels_count", land=rows["area_mu"].sum(), problems=rows["problems"].sum(), **told))
    if output is not None:
        click.echo(messages.text("paper_written", file=output))
        return
    click.echo(table(messages.text("parcels_head"), census.brief.head(SHOWN).rows()))
    if rows.height > SHOWN:
        click.echo(messages.text("parcels_more", count=rows.height - SHOWN))
