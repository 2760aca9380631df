"""`allocate`: amounts per enterprise and measure."""

from __future__ import annotations

from pathlib import Path

import click
import polars as pl

from mujun import messages
from mujun.allocation import Allocation, explain_amount
from mujun.cli.options import output_option, run_option, words, workspace
from mujun.cli.tables import table
from mujun.errors import UsageError, problem


@click.command(help=words("help_allocate"))
@run_option()
@click.option("--rules", help=words("help_rules"))
@click.option("--explain", "code", help=words("help_allocate_explain"))
@output_option()
@click.pass_context
def allocate(ctx: click.Context, run: int | None, rules: str | None, code: str | None, output: Path | None) -> None:
    """Amounts per enterprise and measure."""
    own = workspace(ctx)
    result = own.recompute(run if run is not None else own.newest_run())
    found = own.amounts(result, rules)
    if found is None:
        raise UsageError(problem("no_allocation", address=rules or result.ruleset.address))
    if code is not None:
        for line in explain_amount(found, code):
            click.echo(line)
        return
    show_amounts(found)
    if output is not None:
        from mujun.reports.exporting import write_table

        write_table(found.allocation, output, what="allocation", rules=found.plan.ruleset)
        click.echo(messages.text("export_done", what="allocation", rows=found.allocation.height, file=output))


def total_of(found: Allocation, kind: str) -> object:
    """The sum of the amounts of a kind of measure, in 万元."""
    return found.allocation.filter(pl.col("kind") == kind, pl.col("excluded_by").is_null())["amount"].sum()


def show_amounts(found: Allocation) -> None:
    """Totals, then amounts by measure and tier."""
    rows = found.allocation
    click.echo(
        messages.text(
            "allocate_done", rows=rows.height, surcharge=total_of(found, "surcharge"), relief=total_of(found, "relief")
        )
    )
    shown = [
        (r["label"], r["tier"], r["enterprises"], r["amount"])
        for r in found.totals.iter_rows(named=True)
        if r["kind"] != "note" and r["amount"] is not None
    ]
    click.echo(table(messages.text("allocate_head"), shown))
