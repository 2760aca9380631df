"""`rectify event, sheet, load, revoke, history, recheck`: what happens to those on the list."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import WHOLE, Amount, county_of, output_option, reads, run_option, township_option, words
from mujun.cli.rectify_days import day, day_option, today_or
from mujun.cli.tables import table

if TYPE_CHECKING:
    from mujun.workspace.rectification.looking_back import Entry


@click.command(help=words("help_rectify_event"))
@click.argument("code")
@click.argument("action")
@day_option("--on", help_key="help_rectify_on")
@click.option("--actor", default="", help=words("help_rectify_actor"))
@click.option("--note", default="", help=words("help_rectify_note"))
@click.option("--document", default="", help=words("help_rectify_document"))
@click.option("--evidence", multiple=True, help=words("help_rectify_evidence"))
@click.option("--waiver", default="", help=words("help_rectify_waiver"))
@click.option("--path", default="", help=words("help_rectify_path"))
@click.option("--way", default="", help=words("help_rectify_way"))
@day_option("--deadline", help_key="help_rectify_deadline")
@click.option("--department", default="", help=words("help_rectify_department"))
@click.option("--land-mu", type=Amount(), help=words("help_rectify_land"))
@click.option("--energy-tce", type=Amount(), help=words("help_rectify_energy"))
@click.option("--parcel", is_flag=True, help=words("help_rectify_parcel"))
@click.pass_context
def event(
    ctx: click.Context,
    code: str,
    action: str,
    on: datetime | None,
    actor: str,
    note: str,
    document: str,
    evidence: tuple[str, ...],
    waiver: str,
    path: str,
    way: str,
    deadline: datetime | None,
    department: str,
    land_mu: Decimal | None,
    energy_tce: Decimal | None,
    parcel: bool,
) -> None:
    """Record one event."""
    done = county_of(ctx).rectify.record(
        code,
        action,
        on=today_or(on),
        actor=actor,
        note=note,
        document=document,
        evidence=evidence,
        waiver=waiver,
        path=path,
        way=way,
        deadline=day(deadline),
        department=department,
        land_mu=land_mu,
        energy_tce=energy_tce,
        kind="parcel" if parcel else None,
    )
    click.echo(
        messages.text(
            "event_done", number=done.number, code=messages.Firm(done.event.subject), day=done.event.on,
            action=messages.Word(messages.key(f"action_{done.event.action}")),
            state=messages.text(messages.key(f"state_{done.state}")),
        )
    )  # fmt: skip


@click.command(help=words("help_rectify_sheet"))
@township_option()
@click.option("--surveyed", is_flag=True, help=words("help_rectify_surveyed"))
@click.option("--rules", help=words("help_rectify_surveyed_rules"))
@output_option(".xlsx", required=True)
@click.pass_context
def sheet(ctx: click.Context, township: str | None, surveyed: bool, rules: str | None, output: Path) -> None:
    """The progress sheet of a township, or of all; or of those screened who were visited."""
    if rules is not None and not surveyed:
        raise click.UsageError(messages.text("sheet_rules_only_surveyed"))
    county = county_of(ctx)
    if surveyed:
        visited = county.rectify.visited(township, rules)
        county.papers.visited(visited, output, township)
        proposals = [v.proposal for v in visited.visits.values()]
        counts = {p: proposals.count(p) for p in ("verify", "dismiss", "look")}
        click.echo(messages.text("sheet_surveyed_done", file=output, firms=len(proposals), left=visited.left, **counts))
        return
    rows = county.papers.progress(output, township).rows
    firms = int((rows["kind"] == "enterprise").sum())
    click.echo(messages.text("sheet_done", file=output, firms=firms, parcels=rows.height - firms))


@click.command(help=words("help_rectify_load"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), callback=reads)
@click.option("--dry-run", is_flag=True, help=words("help_load_dry_run"))
@click.pass_context
def load(ctx: click.Context, files: tuple[Path, ...], dry_run: bool) -> None:
    """Load progress sheets."""
    done = county_of(ctx).rectify.load(files, dry_run=dry_run)
    for wrong in (*done.files_refused, *done.refused):
        click.echo(str(wrong), err=True)
    click.echo(
        messages.text(
            "events_checked" if dry_run else "events_loaded", count=len(done.recorded), already=done.already,
            blank=done.blank, refused=done.rows_refused,
        )
    )  # fmt: skip
    if done.files_refused or done.refused:
        ctx.exit(1)


@click.command(help=words("help_rectify_revoke"))
@click.argument("number", type=WHOLE)
@click.option("--reason", required=True, help=words("help_rectify_reason"))
@click.option("--document", default="", help=words("help_rectify_document"))
@click.pass_context
def revoke(ctx: click.Context, number: int, reason: str, document: str) -> None:
    """Take back an event."""
    gone = county_of(ctx).rectify.revoke(number, reason=reason, document=document)
    action = messages.Word(messages.key(f"action_{gone.action}"))
    click.echo(
        messages.text("revoke_done", number=number, code=messages.Firm(gone.subject), day=gone.on, action=action)
    )


@click.command(help=words("help_rectify_history"))
@click.argument("code")
@day_option("--as-of", help_key="help_rectify_as_of")
@day_option("--known-on", help_key="help_rectify_known_on")
@click.pass_context
def history(ctx: click.Context, code: str, as_of: datetime | None, known_on: datetime | None) -> None:
    """The course of one enterprise or parcel."""
    told_history = county_of(ctx).rectify.history(code, as_of=day(as_of), known_on=day(known_on))
    if not told_history.entries:
        click.echo(messages.text("history_none", code=messages.Firm(code), day=told_history.day))
        return
    rows = [
        (
            e.number, e.event.on, messages.text(messages.key(f"action_{e.event.action}")), _state(e),
            e.event.actor, e.event.document, _details(e), f"{e.recorded_in_china:%Y-%m-%d %H:%M}", e.place,
        )
        for e in told_history.entries
    ]  # fmt: skip
    for row in told_history.stands.iter_rows(named=True):
        state = messages.text(messages.key(f"state_{row['state'] or 'none'}"))
        shown = {n: "—" if row[n] is None else row[n] for n in ("name", "path", "deadline", "department")}
        click.echo(messages.text("history_stands", code=code, state=state, **shown))
    click.echo(table(messages.text("history_head"), rows))


def _state(entry: Entry) -> str:
    if entry.revoked_by is not None:
        return messages.text("history_revoked", number=entry.revoked_by)
    return messages.text(messages.key(f"state_{entry.state}"))


def _details(entry: Entry) -> str:
    told = entry.event
    details = [told.note] if told.note else []
    for name in ("evidence", "waiver", "path", "way", "deadline", "department", "land_mu", "energy_tce"):
        value = getattr(told, name)
        if value is not None and value not in ("", ()):
            details.append(messages.text(messages.key(f"history_detail_{name}"), value=value))
    return messages.clauses(details)


@click.command(help=words("help_rectify_recheck"))
@run_option()
@output_option(".xlsx")
@click.pass_context
def recheck(ctx: click.Context, run: int | None, output: Path | None) -> None:
    """Test those listed on newer data."""
    county = county_of(ctx)
    proposed = county.rectify.recheck(run)
    click.echo(messages.text("recheck_done", year=proposed.year, run=proposed.run, count=proposed.proposals.height))
    kinds = ("accept", "relapse", "keep", "untold", "merged", "gone", "closed", "evidence")
    rows = [(messages.text(messages.key(f"proposal_{k}")), proposed.counts.get(k, 0)) for k in kinds]
    click.echo(table(messages.text("recheck_head"), rows))
    if output is None:
        click.echo(messages.text("recheck_next"))
        return
    county.papers.recheck(proposed, output)
    click.echo(messages.text("paper_written", file=output))
