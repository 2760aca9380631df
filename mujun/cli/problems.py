"""`problems`: the list of problems found on firms and parcels, from finding to closing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import Amount, county_of, output_option, reads, township_option, words
from mujun.cli.rectify_days import day, day_option, today_or
from mujun.cli.tables import table
from mujun.fields.here import field_here

SHOWN = 20
"""Problems listed on screen; counts are always complete."""


@click.group(help=words("help_problems"))
def problems() -> None:
    """The list of problems."""


@problems.command("list", help=words("help_problems_list"))
@township_option()
@click.option("--department", help=words("help_problems_department"))
@click.option("--kind", help=words("help_problems_kind"))
@click.option("--firm", "code", help=words("help_problems_firm"))
@click.option("--parcel", help=words("help_problems_parcel"))
@click.option("--open", "only_open", is_flag=True, help=words("help_problems_open"))
@output_option(".xlsx", ".csv", ".parquet", ".json")
@click.pass_context
def list_(
    ctx: click.Context,
    township: str | None,
    department: str | None,
    kind: str | None,
    code: str | None,
    parcel: str | None,
    only_open: bool,
    output: Path | None,
) -> None:
    """The problems on record."""
    county = county_of(ctx)
    listed = county.problems.list(
        township=township, department=department, kind=kind, code=code, parcel=parcel, only_open=only_open
    )
    counts = {s: listed.counts.get(s, 0) for s in ("open", "ordered", "mended", "fined", "closed")}
    if output is not None:
        county.papers.problems(listed, output)
    click.echo(messages.text("problems_count", count=listed.rows.height, **counts))
    if listed.counts.get("withdrawn"):
        click.echo(messages.text("problems_withdrawn_count", count=listed.counts["withdrawn"]))
    if output is not None:
        click.echo(messages.text("paper_written", file=output))
        return
    shown = [
        (
            r["problem"], r["name"] or r["parcel"], r["township"], r["problem_kind"], r["handled_by"],
            messages.text(messages.key(f"problem_state_{r['state']}")), r["order_deadline"],
        )
        for r in listed.rows.head(SHOWN).iter_rows(named=True)
    ]  # fmt: skip
    if shown:
        click.echo(table(messages.text("problems_head"), shown))
    if listed.rows.height > SHOWN:
        click.echo(messages.text("due_more", count=listed.rows.height - SHOWN))


@problems.command(help=words("help_problems_event"))
@click.argument("number")
@click.argument("action", type=click.Choice(["order", "mend", "fine", "close", "withdraw"]))
@day_option("--on", help_key="help_rectify_on")
@click.option("--document", default="", help=words("help_rectify_document"))
@click.option("--department", default="", help=words("help_problems_handed_to"))
@day_option("--deadline", help_key="help_problems_deadline")
@click.option("--result", default="", help=words("help_problems_result"))
@click.option("--amount", type=Amount(), help=words("help_problems_amount"))
@click.option("--reason", default="", help=words("help_problems_reason"))
@click.option("--evidence", type=click.Path(path_type=Path), callback=reads, help=words("help_problems_evidence"))
@click.pass_context
def event(
    ctx: click.Context,
    number: str,
    action: str,
    on: datetime | None,
    document: str,
    department: str,
    deadline: datetime | None,
    result: str,
    amount: Decimal | None,
    reason: str,
    evidence: Path | None,
) -> None:
    """Say what was done about a problem."""
    outcome = county_of(ctx).problems.say(
        number, action, on=today_or(on), document=document, department=department, deadline=day(deadline),
        result=result, amount=amount, reason=reason, evidence=evidence,
    )  # fmt: skip
    state = messages.text(messages.key(f"problem_state_{outcome.state}"))
    click.echo(messages.text("problem_said", number=outcome.number, state=state, batch=outcome.batch))


@problems.command(help=words("help_problems_revoke"))
@click.argument("number")
@click.option("--reason", required=True, help=words("help_problems_reason"))
@click.option("--document", default="", help=words("help_rectify_document"))
@click.pass_context
def revoke(ctx: click.Context, number: str, reason: str, document: str) -> None:
    """Take the last step back."""
    outcome = county_of(ctx).problems.take_back(number, reason=reason, document=document)
    state = messages.text(messages.key(f"problem_state_{outcome.state}"))
    click.echo(messages.text("problem_taken_back", number=outcome.number, state=state, batch=outcome.batch))


@problems.command(help=words("help_problems_course"))
@click.argument("number")
@click.pass_context
def course(ctx: click.Context, number: str) -> None:
    """What was said of a problem."""
    rows = [
        (
            s.batch, f"{s.at:%Y-%m-%d %H:%M}", s.who,
            messages.clauses([messages.text(messages.key(f"problem_step_{a}")) for a in s.actions]),
            messages.clauses([f"{field_here(n)} {messages.show(v)}" for n, v in s.values.items()]), s.reason,
            "" if s.taken_back is None else s.taken_back,
        )
        for s in county_of(ctx).problems.course(number)
    ]  # fmt: skip
    click.echo(table(messages.text("problem_course_head"), rows))


@problems.command(help=words("help_problems_sheet"))
@township_option()
@click.option("--department", help=words("help_problems_department"))
@output_option(".xlsx", required=True)
@click.pass_context
def sheet(ctx: click.Context, township: str | None, department: str | None, output: Path) -> None:
    """A hand-over book."""
    issue, count = county_of(ctx).problems.sheet(output, township=township, department=department)
    click.echo(messages.text("problem_sheet_done", file=output, count=count, mark=issue.mark))


@problems.command(help=words("help_problems_notice"))
@click.argument("numbers", nargs=-1)
@township_option()
@click.option("--department", help=words("help_problems_department"))
@output_option(".docx", ".html", ".htm", required=True)
@click.pass_context
def notice(
    ctx: click.Context, numbers: tuple[str, ...], township: str | None, department: str | None, output: Path
) -> None:
    """Orders to mend by a day, one per problem."""
    count = county_of(ctx).papers.orders(output, numbers, township=township, department=department)
    click.echo(messages.text("pages_written", file=output, count=count))


@problems.command(help=words("help_problems_load"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), callback=reads)
@click.option("--dry-run", is_flag=True, help=words("help_load_dry_run"))
@click.pass_context
def load(ctx: click.Context, files: tuple[Path, ...], dry_run: bool) -> None:
    """Take hand-over books back."""
    taken = county_of(ctx).problems.load(files, dry_run=dry_run)
    for one in taken:
        for wrong in one.refused:
            click.echo(str(wrong), err=True)
        if one.already:
            click.echo(messages.text("problems_already", file=one.file))
            continue
        click.echo(
            messages.text(
                "problems_taken", file=one.file, changed=one.changed, added=one.added, refused=one.rows_refused
            )
        )
    if any(one.refused for one in taken):
        ctx.exit(1)


@problems.command(help=words("help_problems_status"))
@day_option("--as-of", help_key="help_rectify_as_of")
@output_option(".xlsx")
@click.pass_context
def status(ctx: click.Context, as_of: datetime | None, output: Path | None) -> None:
    """How each township's list stands, and who has not sent theirs."""
    county = county_of(ctx)
    rows = county.problems.status(today_or(as_of))
    click.echo(table(messages.text("problems_status_head"), rows.rows()))
    missing = [t for t, s in rows.select("township", "sent").iter_rows() if s == "未报"]
    click.echo(messages.text("problems_missing", townships=missing or "—"))
    if output is not None:
        county.problems.book(output, today_or(as_of))
        click.echo(messages.text("paper_written", file=output))
