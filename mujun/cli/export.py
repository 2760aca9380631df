"""`export`: results and records as files."""

from __future__ import annotations

from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import output_option, run_option, township_option, words, workspace, year_option

WHAT = ("ratings", "subjects", "rectification", "allocation", "enterprises", "findings", "accounts")


@click.command(help=words("help_export"))
@click.argument("what", type=click.Choice(WHAT))
@output_option(".xlsx", ".csv", ".parquet", ".json", required=True)
@run_option()
@year_option()
@township_option()
@click.option("--tier", help=words("help_tier"))
@click.option("--headers", type=click.Choice(["names", "labels"]), help=words("help_export_headers"))
@click.pass_context
def export(
    ctx: click.Context,
    what: str,
    output: Path,
    run: int | None,
    year: int | None,
    township: str | None,
    tier: str | None,
    headers: str | None,
) -> None:
    """Write a table to a file."""
    from mujun.reports.drawing.exporting import write_table

    table = workspace(ctx).runs.export(what, run=run, year=year, township=township, tier=tier)
    write_table(table.rows, output, what=what, headers=headers, rules=table.rules)
    click.echo(messages.text("export_done", what=what, rows=table.rows.height, file=output))
