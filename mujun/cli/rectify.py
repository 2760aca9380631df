"""`rectify`: the rectification list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import output_option, run_option, words, workspace
from mujun.errors import UsageError, problem
from mujun.rectification import Listing
from mujun.workspace import YearResult


@click.group(help=words("help_rectify"))
def rectify() -> None:
    """The rectification list."""


@rectify.command("list", help=words("help_rectify_list"))
@run_option()
@click.option("--rules", help=words("help_rules"))
@output_option()
@click.pass_context
def list_(ctx: click.Context, run: int | None, rules: str | None, output: Path | None) -> None:
    """The list with its reasons."""
    own = workspace(ctx)
    result = own.recompute(run if run is not None else own.newest_run())
    listing = own.listing(result, rules)
    if listing is None:
        raise UsageError(problem("no_rectification", address=rules or result.ruleset.address))
    show_listing(listing)
    if output is not None:
        _write(replace(result, listing=listing), listing, output)
        click.echo(messages.text("export_done", what="rectification", rows=listing.rectification.height, file=output))


def _write(result: YearResult, listing: Listing, output: Path) -> None:
    """A workbook in the form that offices exchange; other formats as the list stands."""
    if output.suffix.lower() == ".xlsx":
        from mujun.reports.year import write_year

        write_year(output, result, only=("整治清单",))
        return
    from mujun.reports.exporting import write_table

    write_table(listing.rectification, output, what="rectification", rules=listing.plan.ruleset)


def show_listing(listing: Listing) -> None:
    """How many were listed, for which reasons."""
    rows = listing.rectification
    click.echo(
        messages.text(
            "list_done",
            count=rows.height,
            land=rows["expected_land_mu"].sum(),
            energy=rows["expected_energy_tce"].sum(),
            basis=messages.text(f"basis_{listing.energy_basis}"),
        )
    )
    for row in listing.counts.iter_rows(named=True):
        click.echo(messages.text("list_reason_line", reason=row["reason_text"], count=row["listed"]))
    if listing.exempted.height:
        click.echo(messages.text("list_exempted", count=listing.exempted["credit_code"].n_unique()))
