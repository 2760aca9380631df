"""`identity`: whose rows are that bear a name and no code, and codes that changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import county_of, output_option, reads, township_option, words
from mujun.cli.tables import table
from mujun.errors import UsageError, problem
from mujun.fields import TABLES
from mujun.fields.here import table_here
from mujun.messages import MessageKey

SHOWN = 40
"""Names listed on screen; the workbook has all."""

CHANGES = TABLES["aliases"].by_name["change"].choices
_DONE: dict[str, MessageKey] = {
    "换码": "identity_alias_done",
    "合并": "identity_merger_done",
    "撤销": "identity_alias_withdrawn",
}


@click.group(help=words("help_identity"))
def identity() -> None:
    """Who is meant."""


@identity.command("list", help=words("help_identity_list"))
@township_option()
@output_option(".xlsx")
@click.pass_context
def list_(ctx: click.Context, township: str | None, output: Path | None) -> None:
    """What is to be decided."""
    from mujun.reports.departments.identity_sheets import basis

    county = county_of(ctx)
    proposed = county.identity.proposals(township=township)
    kinds = {kind: sum(p.kind == kind for p in proposed) for kind in ("exact", "near")}
    rows = sum(len(p.rows) for p in proposed)
    rest = len(proposed) - sum(kinds.values())
    click.echo(messages.text("identity_list_head", names=len(proposed), rows=rows, **kinds, rest=rest))
    if output is not None:
        county.papers.identity(output, proposed)
        click.echo(messages.text("identity_written", file=output))
        return
    if not proposed:
        return
    lines = [
        (
            p.name, p.township, len(p.rows), p.proposed.name if p.proposed else "—",
            p.proposed.code if p.proposed else "—", f"{p.proposed.likeness}%" if p.proposed else "—", basis(p),
        )
        for p in proposed[:SHOWN]
    ]  # fmt: skip
    click.echo(table(messages.text("identity_columns"), lines))
    if len(proposed) > SHOWN:
        click.echo(messages.text("identity_capped", count=len(proposed) - SHOWN))
    click.echo(messages.text("identity_next"))


@identity.command("accept", help=words("help_identity_accept"))
@click.argument("file", required=False, type=click.Path(path_type=Path), callback=reads)
@click.option("--name", help=words("help_identity_name"))
@click.option("--code", help=words("help_identity_code"))
@township_option()
@click.option("--refuse", is_flag=True, help=words("help_identity_refuse"))
@click.option("--document", help=words("help_identity_document"))
@click.option("--note", help=words("help_identity_note"))
@click.pass_context
def accept(
    ctx: click.Context,
    file: Path | None,
    name: str | None,
    code: str | None,
    township: str | None,
    refuse: bool,
    document: str | None,
    note: str | None,
) -> None:
    """Take decisions, of a workbook or one."""
    if (file is None) == (name is None):
        raise UsageError(problem("identity_file_or_name"))
    decisions = county_of(ctx).identity
    if file is not None:
        made = decisions.accept_workbook(file, document=document)
    else:
        assert name is not None
        made = decisions.accept(name, code=code, township=township, refuse=refuse, document=document, note=note)
    for wrong in made.left_out:
        click.echo(str(wrong), err=True)
    for finding in made.findings:
        click.echo(messages.text("identity_doubtful", what=finding.what, remedy=finding.remedy))
    if made.already is not None:
        click.echo(messages.text("identity_already", batch=made.already))
    elif made.batch is None:
        click.echo(messages.text("identity_nothing_decided", undecided=made.undecided))
    else:
        counts = {"confirmed": made.confirmed, "refused": made.refused, "undecided": made.undecided}
        click.echo(messages.text("identity_decided", batch=made.batch, **counts))
    for batch in made.reentered:
        tables = "、".join(dict.fromkeys(table_here(t.table) for t in batch.records.tables))
        click.echo(
            messages.text(
                "identity_reentered", file=batch.records.file, tables=tables, rows=batch.rows, batch=batch.batch
            )
        )
    if made.left_out:
        ctx.exit(1)


@identity.command("licence", help=words("help_identity_licence"))
@click.argument("code", required=False)
@click.option("--name", help=words("help_licence_name"))
@click.option("--document", help=words("help_licence_document"))
@click.option("--note", help=words("help_identity_note"))
@click.option("--withdraw", is_flag=True, help=words("help_licence_withdraw"))
@click.pass_context
def licence(
    ctx: click.Context, code: str | None, name: str | None, document: str | None, note: str | None, withdraw: bool
) -> None:
    """Confirm a licence's code by a document, or list those confirmed."""
    decisions = county_of(ctx).identity
    if code is None:
        rows = decisions.licences().select("credit_code", "name", "ruling", "document", "note")
        if rows.is_empty():
            click.echo(messages.text("licence_none"))
        else:
            click.echo(table(messages.text("licence_columns"), [tuple(c or "—" for c in row) for row in rows.rows()]))
        return
    if not name or not document:
        raise UsageError(problem("licence_name_and_document"))
    made = decisions.licence(code, name, document=document, note=note, withdraw=withdraw)
    values = {"code": made.code, "name": made.name, "batch": made.batch}
    click.echo(messages.text("licence_withdrawn" if withdraw else "licence_done", **values))
    for other, called in made.near.items():
        click.echo(messages.text("licence_near", other=other, name=called))
    for batch in made.reentered:
        tables = "、".join(dict.fromkeys(table_here(t.table) for t in batch.records.tables))
        rows_in = sum(f.code == "code_confirmed" for f in batch.records.findings)
        click.echo(
            messages.text("identity_reentered", file=batch.records.file, tables=tables, rows=rows_in, batch=batch.batch)
        )


@identity.command("alias", help=words("help_identity_alias"))
@click.argument("old")
@click.argument("new")
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help=words("help_identity_since"))
@click.option("--change", type=click.Choice(CHANGES), default=CHANGES[0], help=words("help_identity_change"))
@click.option("--document", help=words("help_identity_document"))
@click.option("--note", help=words("help_identity_note"))
@click.pass_context
def alias(
    ctx: click.Context, old: str, new: str, since: datetime, change: str, document: str | None, note: str | None
) -> None:
    """Put down that a code became another's."""
    batch = county_of(ctx).identity.alias(old, new, since=since.date(), change=change, document=document, note=note)
    values = {"old": messages.Firm(old), "new": messages.Firm(new), "since": since.date(), "batch": batch}
    click.echo(messages.text(_DONE[change], **values))


@identity.command("changes", help=words("help_identity_changes"))
@click.pass_context
def changes(ctx: click.Context) -> None:
    """The register of codes that changed."""
    rows = county_of(ctx).identity.changes()
    if rows.is_empty():
        click.echo(messages.text("identity_no_changes"))
        return
    lines = [
        (
            row["credit_code"], row["name"] or "—", row["since"], row["change"], row["successor"],
            row["successor_name"] or "—", row["document"] or "—",
            messages.text(
                "identity_counts" if row["counts"] else "identity_withdrawn" if row["change"] == CHANGES[2]
                else "identity_left_aside"
            ),
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("identity_changes_columns"), lines))
