"""`rectify`: the rectification list and its closed loop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from mujun import messages
from mujun.cli import rectify_due, rectify_events, rectify_papers, rectify_status
from mujun.cli.options import (
    WHOLE,
    county_of,
    list_option,
    output_option,
    run_option,
    tell_final,
    tell_still_out,
    tell_tiers,
    words,
    year_option,
)
from mujun.cli.rectify_days import day_option, today_or
from mujun.cli.tables import called, table

if TYPE_CHECKING:
    import polars as pl

    from mujun import County, Listing
    from mujun.store import ListDocument
    from mujun.workspace.rectification.lists import Unverified


_NAMED = 5
"""How many firms a sentence names."""


@click.group(help=words("help_rectify"))
def rectify() -> None:
    """The rectification list."""


for _command in (
    rectify_events.event,
    rectify_events.sheet,
    rectify_events.load,
    rectify_events.revoke,
    rectify_events.history,
    rectify_events.recheck,
    rectify_due.due,
    rectify_status.status,
    rectify_papers.plan,
    rectify_papers.notice,
):
    rectify.add_command(_command)


# ------------------------------------------------------------------------------------------------------------ the list


@rectify.command("list", help=words("help_rectify_list"))
@run_option("help_run_final")
@click.option("--rules", help=words("help_rules"))
@year_option()
@list_option()
@day_option("--on", help_key="help_rectify_list_on")
@output_option(".xlsx", ".csv", ".parquet", ".json")
@click.pass_context
def list_(
    ctx: click.Context,
    run: int | None,
    rules: str | None,
    year: int | None,
    name: str | None,
    on: datetime | None,
    output: Path | None,
) -> None:
    """The list with its reasons."""
    county = county_of(ctx)
    when = today_or(on)
    made = county.rectify.list(when, run=run, rules=rules, year=year, name=name)
    tell_final(county, made.result.number, run)
    tell_tiers(made.result, [made.listing.counted_in_words])
    show_listing(made.listing)
    click.echo(messages.text("list_as_issued", day=when, **made.counts))
    if made.gone:
        rest = "…" if len(made.gone) > _NAMED else ""
        click.echo(messages.text("list_gone", count=len(made.gone), names=made.gone[:_NAMED], rest=rest))
    _tell_late(made.tables, when)
    if output is not None:
        county.papers.listing(made, output)
        click.echo(messages.text("export_done", what="rectification", rows=made.counts["firms"], file=output))
    else:
        click.echo(messages.text("list_next"))


def _tell_late(tables: Mapping[str, pl.DataFrame], when: date) -> None:
    """How many deadlines are over on the day of issue already: they were carried over."""
    late = sum((tables[name]["deadline"] < when).sum() for name in ("firms", "parcels"))
    if late:
        click.echo(messages.text("issue_late", count=late, day=when))


def show_listing(listing: Listing) -> None:
    """How many were listed, for which reasons, by which path, and what that is expected to free."""
    rows = listing.rectification
    click.echo(
        messages.text(
            "list_done",
            count=rows.height,
            land=rows["expected_land_mu"].sum(),
            energy=rows["expected_energy_tce"].sum(),
            basis=messages.text(messages.key(f"basis_{listing.energy_basis}")),
        )
    )
    for row in listing.counts.iter_rows(named=True):
        click.echo(messages.text("list_reason_line", reason=row["reason_text"], count=row["listed"]))
    if listing.exempted.height:
        click.echo(messages.text("list_exempted", count=listing.exempted["credit_code"].n_unique()))
    if rows.height:
        click.echo(table(messages.text("list_paths_head"), listing.paths.rows()))
        for name, rule in listing.effects:
            click.echo(messages.text("list_effect", what=messages.text(messages.key(f"effect_{name}")), rule=rule))
        if not listing.plan.file.effects:
            click.echo(messages.text("list_effect_default"))


@rectify.command(help=words("help_rectify_screen"))
@run_option("help_run_final")
@click.option("--rules", help=words("help_rules"))
@year_option()
@list_option()
@day_option("--on", help_key="help_rectify_on")
@click.option("--document", default="", help=words("help_rectify_document"))
@click.option("--actor", default="", help=words("help_rectify_actor"))
@click.pass_context
def screen(
    ctx: click.Context,
    run: int | None,
    rules: str | None,
    year: int | None,
    name: str | None,
    on: datetime | None,
    document: str,
    actor: str,
) -> None:
    """Put down whom the rules would list, for townships to verify."""
    county = county_of(ctx)
    done = county.rectify.screen(
        today_or(on), run=run, rules=rules, year=year, name=name, document=document, actor=actor
    )
    tell_final(county, done.run, run)
    click.echo(
        messages.text(
            "screened_done", run=done.run, count=done.screened, already=done.already, dismissed=done.dismissed
        )
    )


@rectify.command(help=words("help_rectify_issue"))
@run_option("help_run_final")
@click.option("--rules", help=words("help_rules"))
@year_option()
@list_option()
@click.option("--title", required=True, help=words("help_rectify_title"))
@click.option("--document", required=True, help=words("help_rectify_document"))
@day_option("--on", help_key="help_rectify_issue_on")
@click.option(
    "--unverified",
    type=click.Choice(["refuse", "list", "leave"]),
    default="refuse",
    show_default=True,
    help=words("help_rectify_unverified"),
)
@click.option("--actor", default="", help=words("help_rectify_actor"))
@output_option(".xlsx")
@click.pass_context
def issue(
    ctx: click.Context,
    run: int | None,
    rules: str | None,
    year: int | None,
    name: str | None,
    title: str,
    document: str,
    on: datetime | None,
    unverified: str,
    actor: str,
    output: Path | None,
) -> None:
    """Freeze the list as a numbered document."""
    county = county_of(ctx)
    listed = county.rectify.issue(
        title=title,
        document=document,
        issued_on=today_or(on),
        run=run,
        rules=rules,
        year=year,
        name=name,
        unverified=cast("Unverified", unverified),
        actor=actor,
    )
    tell_final(county, listed.run, run)
    firms, parcels = listed.tables["firms"], listed.tables["parcels"]
    entered = firms if "reasons" not in listed.tables else parcels
    counts = {e: int((entered["entry"] == e).sum()) for e in ("new", "carried", "relisted")}
    click.echo(
        messages.text(
            "issue_done", number=listed.number, title=title, document=document, day=listed.issued_on,
            firms=firms.height, parcels=parcels.height, digest=listed.digest[:12], **counts,
        )
    )  # fmt: skip
    if listed.tables["left_out"].height:
        click.echo(messages.text("issue_left_out", count=listed.tables["left_out"].height))
    _tell_late(listed.tables, listed.issued_on)
    tell_still_out(county, "publication_out_issued", listed.year, listed.issued_on)
    _put(county, listed, output)
    click.echo(messages.text("issue_next", number=listed.number))


@rectify.command(help=words("help_rectify_amend"))
@click.argument("number", type=WHOLE, required=False)
@click.option("--add", multiple=True, metavar="CODE", help=words("help_rectify_add"))
@click.option("--remove", multiple=True, metavar="CODE", help=words("help_rectify_remove"))
@click.option("--correct", multiple=True, nargs=3, metavar="CODE FIELD VALUE", help=words("help_rectify_correct"))
@click.option("--reason", required=True, help=words("help_rectify_reason"))
@click.option("--document", required=True, help=words("help_rectify_document"))
@day_option("--on", help_key="help_rectify_issue_on")
@click.option("--title", default="", help=words("help_rectify_title"))
@click.option("--actor", default="", help=words("help_rectify_actor"))
@click.option("--dry-run", is_flag=True, help=words("help_rectify_amend_dry_run"))
@output_option(".xlsx")
@click.pass_context
def amend(
    ctx: click.Context,
    number: int | None,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    correct: tuple[tuple[str, str, str], ...],
    reason: str,
    document: str,
    on: datetime | None,
    title: str,
    actor: str,
    dry_run: bool,
    output: Path | None,
) -> None:
    """Amend a list by a document of its own."""
    county = county_of(ctx)
    made = county.rectify.amend(
        number, reason=reason, document=document, issued_on=today_or(on), add=add, remove=remove,
        correct=correct, title=title, actor=actor, dry_run=dry_run,
    )  # fmt: skip
    changes = made.tables["changes"]
    counts = {c: int((changes["change"] == c).sum()) for c in ("add", "remove", "correct")}
    if dry_run:
        click.echo(messages.text("amend_would", list=made.amends, **counts))
        click.echo(table(messages.text("amend_columns"), [_changed(r) for r in changes.iter_rows(named=True)]))
    else:
        click.echo(
            messages.text(
                "amend_done", number=made.number, list=made.amends, document=document, day=made.issued_on,
                digest=made.digest[:12], **counts,
            )
        )  # fmt: skip
    tell_still_out(county, "publication_out_issued", made.year, made.issued_on)
    _put(county, made, output)


def _changed(row: Mapping[str, str | None]) -> tuple[str, ...]:
    """A line of what an amendment changes."""
    what = messages.text(messages.key(f"amend_change_{row['change']}"))
    field = messages.text(messages.key(f"correctable_{row['field']}")) if row["field"] else ""
    blank = "—" if row["field"] else ""
    return what, called(str(row["subject"]), row["name"]), field, row["before"] or blank, row["after"] or blank


@rectify.command(help=words("help_rectify_lists"))
@click.argument("number", type=WHOLE, required=False)
@output_option(".xlsx")
@click.pass_context
def lists(ctx: click.Context, number: int | None, output: Path | None) -> None:
    """The lists and amendments that were issued."""
    county = county_of(ctx)
    issued = county.rectify.issued(number)
    if not issued:
        click.echo(messages.text("lists_none"))
        return
    rows = [
        (
            s.listed.number, messages.text(messages.key(f"list_kind_{s.listed.kind}")), s.listed.amends,
            _titled(s.listed), s.listed.document, s.listed.issued_on, s.listed.run, s.firms, s.parcels,
            s.listed.digest[:12], messages.text("list_whole" if s.whole else "list_not_whole"),
        )
        for s in issued
    ]  # fmt: skip
    click.echo(table(messages.text("lists_head"), rows))
    if output is not None:
        _put(county, next(s.listed for s in issued if number in (None, s.listed.number)), output)
    if not all(s.whole for s in issued):
        ctx.exit(1)


def _titled(listed: ListDocument) -> str:
    """A list's title, and which of several lists of its rules it is."""
    return f"{listed.title}（{listed.list_name}）" if listed.list_name else listed.title


def _put(county: County, listed: ListDocument, output: Path | None) -> None:
    """A list as a workbook, where one is wanted."""
    if output is not None:
        click.echo(messages.text("paper_written", file=county.papers.list(listed, output)))
