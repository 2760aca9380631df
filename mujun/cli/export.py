"""`export`: results and records as files."""

from __future__ import annotations

from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import (
    WHOLE,
    county_of,
    list_option,
    output_option,
    run_option,
    tell_what_came_since,
    township_option,
    words,
    year_option,
)
from mujun.steps import part, step, whole

WHAT = ("ratings", "subjects", "rectification", "allocation", "enterprises", "findings", "accounts", "usage")


@click.command(help=words("help_export"))
@click.argument("what", type=click.Choice(WHAT))
@output_option(".xlsx", ".csv", ".parquet", ".json", required=True)
@run_option()
@year_option()
@click.option("--rules", help=words("help_export_rules"))
@list_option()
@click.option("--kept", type=WHOLE, help=words("help_export_kept"))
@township_option()
@click.option("--tier", help=words("help_tier"))
@click.option("--firm", "firms", multiple=True, metavar="CODE|NAME", help=words("help_export_firm"))
@click.option("--public", is_flag=True, help=words("help_export_public"))
@click.option("--headers", type=click.Choice(["names", "labels"]), help=words("help_export_headers"))
@click.pass_context
def export(
    ctx: click.Context,
    what: str,
    output: Path,
    run: int | None,
    year: int | None,
    rules: str | None,
    name: str | None,
    kept: int | None,
    township: str | None,
    tier: str | None,
    firms: tuple[str, ...],
    public: bool,
    headers: str | None,
) -> None:
    """Write a table to a file."""
    county = county_of(ctx)
    with whole(), part(0, 3, file=output.name):
        step("step_result")
        table = county.runs.export(
            what,
            run=run,
            year=year,
            rules=rules,
            township=township,
            tier=tier,
            firms=firms,
            public=public,
            kept=kept,
            name=name,
        )
    for number in table.runs:
        tell_what_came_since(county, number)
    with whole(), part(1, 3, parts=2, file=output.name):
        step("step_drawing")
        county.papers.table(table, output, headers=headers)
    if table.tiers_from is not None:
        click.echo(str(table.tiers_from))
    click.echo(messages.text("export_done", what=what, rows=table.rows.height, file=output))
