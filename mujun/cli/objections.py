"""`objections`: an objection put on record as it comes in, and the year's register."""

from __future__ import annotations

import click

from mujun import messages
from mujun.cli.findings import finding_line
from mujun.cli.options import WHOLE, county_of, tell_still_out, words
from mujun.cli.tables import called, table
from mujun.fields.here import label_here


@click.group(help=words("help_objections"))
def objections() -> None:
    """Objections on record."""


@objections.command(help=words("help_objections_add"))
@click.argument("code")
@click.argument("item")
@click.option("--year", type=WHOLE, required=True, help=words("help_year"))
@click.option("--asked", default="", help=words("help_objections_asked"))
@click.option("--reason", default="", help=words("help_objections_reason"))
@click.option("--verdict", type=click.Choice(["agreed", "rejected"]), help=words("help_objections_verdict"))
@click.option("--document", default="", help=words("help_objections_document"))
@click.option("--dry-run", is_flag=True, help=words("help_correct_dry_run"))
@click.pass_context
def add(
    ctx: click.Context, code: str, item: str, year: int, asked: str, reason: str, verdict: str | None, document: str,
    dry_run: bool,
) -> None:  # fmt: skip
    """Put an objection on record."""
    county = county_of(ctx)
    made = county.rounds.put_objection(
        code, year, item, asked=asked, reason=reason, verdict=verdict or "", document=document, dry_run=dry_run
    )
    findings = made.records.findings if made.records is not None else ()
    for finding in findings:
        click.echo(finding_line(finding), err=finding.severity == "error")
    if made.batch is None:
        click.echo(messages.text("verify_not_kept").strip(), err=bool(made.errors))
        if made.errors:
            ctx.exit(1)
    else:
        click.echo(messages.text("objection_kept", batch=made.batch))
    if made.corrected:
        tell_still_out(county, "publication_out_corrected", year)


@objections.command("list", help=words("help_objections_list"))
@click.argument("year", type=WHOLE)
@click.pass_context
def list_(ctx: click.Context, year: int) -> None:
    """The register of a year."""
    rows = county_of(ctx).rounds.objections(year)
    if rows.is_empty():
        click.echo(messages.text("objections_none", year=year))
        return
    lines = [
        (r["number"], r["taken_in_on"], called(r["credit_code"], r["name"]), label_here(r["item"]), r["content"],
         r["decision"], r["answer"], r["batch"])
        for r in rows.iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("objections_columns"), lines))
