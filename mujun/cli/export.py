"""`export`: results and records as files."""

from __future__ import annotations

from pathlib import Path

import click
import polars as pl

from mujun import messages
from mujun.cli.options import output_option, run_option, township_option, words, workspace, year_option
from mujun.errors import UsageError, problem
from mujun.rules import RuleSet
from mujun.workspace import Workspace

OF_RUNS = ("ratings", "subjects", "rectification", "allocation")
OF_RECORDS = ("enterprises", "findings", "accounts")


@click.command(help=words("help_export"))
@click.argument("what", type=click.Choice([*OF_RUNS, *OF_RECORDS]))
@output_option(required=True)
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

    own = workspace(ctx)
    rows, rules = _rows(own, what, run, year)
    if township is not None:
        rows = _filtered(rows, "township", township)
    if tier is not None:
        rows = _filtered(rows, "tier", tier)
    write_table(rows, output, what=what, headers=headers, rules=rules)
    click.echo(messages.text("export_done", what=what, rows=rows.height, file=output))


def _rows(own: Workspace, what: str, run: int | None, year: int | None) -> tuple[pl.DataFrame, RuleSet | None]:
    if what in OF_RUNS:
        return own.union([run] if run is not None else own.runs_of_year(year), what)
    return own.records(what, year), None


def _filtered(rows: pl.DataFrame, column: str, wanted: str) -> pl.DataFrame:
    if column not in rows.columns:
        raise UsageError(problem("export_no_column", column=column))
    known = rows[column].drop_nulls().unique().sort().to_list()
    if wanted not in known:
        raise UsageError(problem("export_unknown_value", column=column, value=wanted, known=known or "—"))
    return rows.filter(pl.col(column) == wanted)
