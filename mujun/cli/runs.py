"""`runs`: past ratings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

import mujun
from mujun import messages
from mujun.cli.comparing import BY
from mujun.cli.options import WHOLE, county_of, output_option, words
from mujun.cli.rating import show_result
from mujun.cli.tables import called, table
from mujun.fields.here import field_here

if TYPE_CHECKING:
    from mujun.workspace import TableVerified, Verification
    from mujun.workspace.runs.bundle_verifying import BundleVerification


@click.group(help=words("help_runs"))
def runs() -> None:
    """Past ratings."""


@runs.command("list", help=words("help_runs_list"))
@click.pass_context
def list_runs(ctx: click.Context) -> None:
    """List the ratings that were kept."""
    rows = [
        (
            r["number"], r["year"], r["rules"], r["batch"], messages.text("yes" if r["final"] else "no"),
            f"{r['created_at']:%Y-%m-%d %H:%M}", r["digest"][:12], r["label"],
        )
        for r in county_of(ctx).runs.list().iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("runs_head"), rows))


@runs.command("show", help=words("help_runs_show"))
@click.argument("number", type=WHOLE)
@click.pass_context
def show(ctx: click.Context, number: int) -> None:
    """One rating in brief, and when and where its result was published."""
    county = county_of(ctx)
    result = county.runs.recall(number)
    show_result(result)
    known = [p for p in county.runs.published(result.year) if p.run == number and p.taken_back is None]
    for record in sorted(known, key=lambda p: (p.first, p.number)):
        when = messages.text(messages.key(f"publication_when_{record.when(date.today())}"))
        about = {n: getattr(record, n) for n in ("number", "title", "first", "until", "place")}
        click.echo(messages.text("runs_published", **about, by=record.objections_by, when=when))


@runs.command("verify", help=words("help_runs_verify"))
@click.argument("target")
@click.pass_context
def verify(ctx: click.Context, target: str) -> None:
    """Compute a rating again, from the store or from a bundle, and compare."""
    verification = county_of(ctx).runs.verify(target)
    if verification.of == "bundle":
        show_bundle(ctx, verification)
        return
    show_tables(verification)
    if verification.same:
        click.echo(messages.text("runs_same", run=verification.number, digest=verification.kept))
        return
    click.echo(runs_differ(verification), err=True)
    ctx.exit(1)


def runs_differ(verification: Verification) -> str:
    """What is said of a rating that does not come out as it was kept."""
    about = {"run": verification.number, "version": verification.version, "here": mujun.__version__}
    if verification.by_earlier:
        return messages.text(
            "runs_differs_older", **about, columns=[field_here(c) for c in verification.columns] or "—"
        )
    return messages.text("runs_differs", **about)


def show_tables(verification: Verification) -> None:
    """What became of each table that a run kept."""
    for table_found in verification.tables:
        click.echo(_table_said(table_found), err=not table_found.same)


def _table_said(verified: TableVerified) -> str:
    values = {
        "table": words_of(verified.name), "kept": _short(verified.kept), "held": _short(verified.held),
        "computed": _short(verified.computed), "count": verified.differing,
        "code": called(verified.first, verified.first_name),
    }  # fmt: skip
    if verified.same:
        return messages.text("verify_table", table=values["table"], digest=_short(verified.kept))
    if verified.held is None and verified.kept:
        return messages.text("verify_table_gone", **values)
    if verified.held is None:
        return messages.text("verify_table_new", **values)
    if verified.altered and verified.held == verified.computed:
        return messages.text("verify_table_digest", **values)
    if verified.altered:
        return messages.text("verify_table_altered", **values)
    if verified.computed is None:
        return messages.text("verify_table_not_computed", **values)
    return messages.text("verify_table_differs" if verified.differing else "verify_table_reordered", **values)


def words_of(table_name: str) -> str:
    """A kept table in words."""
    if table_name.startswith("rectification_"):
        return messages.text("table_of_run_list", name=table_name.removeprefix("rectification_"))
    return messages.text(messages.key(f"table_of_run_{table_name}")) if table_name in KEPT else table_name


KEPT = ("ratings", "subjects", "rectification", "allocation", "frame", "previous")
"""The tables of a run that have a name in words."""


def _short(digest: str | None) -> str:
    return digest[:12] if digest else "—"


def show_bundle(ctx: click.Context, verification: BundleVerification) -> None:
    """What became of verifying a bundle; ends with 1 where it is not sound."""
    if verification.sealed is None:
        click.echo(messages.text("bundle_seal_gone", seal=verification.seal), err=True)
    elif verification.sealed != verification.seal:
        click.echo(messages.text("bundle_seal_differs", sealed=verification.sealed, seal=verification.seal), err=True)
    for file in verification.altered:
        click.echo(messages.text("bundle_altered", file=file), err=True)
    for file in verification.missing:
        click.echo(messages.text("bundle_missing", file=file), err=True)
    for file in verification.unlisted:
        click.echo(messages.text("bundle_unlisted", file=file))
    for file in verification.unlike:
        click.echo(messages.text("bundle_unlike", file=file), err=True)
    for file in verification.uncompared:
        click.echo(messages.text("bundle_uncompared", file=file, version=verification.version))
    again = verification.recomputed
    if again is None:
        click.echo(messages.text("bundle_not_recomputed"), err=True)
    else:
        show_tables(again)
    if verification.same and again is not None:
        click.echo(messages.text("bundle_same", run=verification.run, files=verification.files, digest=again.kept))
        click.echo(messages.text("bundle_seal", seal=verification.seal))
        return
    click.echo(
        messages.text("bundle_differs", run=verification.run, version=verification.version, here=mujun.__version__),
        err=True,
    )
    ctx.exit(1)


@runs.command("bundle", help=words("help_runs_bundle"))
@click.argument("number", type=WHOLE)
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help=words("help_bundle_folder")
)
@click.pass_context
def bundle(ctx: click.Context, number: int, output: Path) -> None:
    """One rating as a folder that verifies anywhere."""
    made = county_of(ctx).runs.bundle(number, output)
    click.echo(messages.text("bundle_done", run=made.run, folder=made.folder, files=made.files, seal=made.seal))
    click.echo(messages.text("bundle_next", folder=made.folder))


@runs.command("diff", help=words("help_runs_diff"))
@click.argument("before", type=WHOLE)
@click.argument("after", type=WHOLE)
@click.option("--by", type=click.Choice(list(BY)), default="cohort", show_default=True, help=words("help_diff_by"))
@click.option("--top", type=click.IntRange(min=0), default=20, help=words("help_diff_top"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=words("help_diff_format"))
@output_option(".xlsx", help_key="help_diff_output")
@click.pass_context
def diff(ctx: click.Context, before: int, after: int, by: str, top: int, form: str, output: Path | None) -> None:
    """Who moved between two ratings, and why."""
    county = county_of(ctx)
    comparison = county.runs.diff(before, after)
    if form == "json":
        click.echo(county.papers.json(comparison))
    else:
        from mujun.cli.comparing import show_comparison

        show_comparison(comparison, by=by, top=top)
    if output is not None:
        county.papers.comparison(output, comparison)
        click.echo(messages.text("diff_written", file=output), err=form == "json")
