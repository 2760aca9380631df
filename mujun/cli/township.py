"""`screen`, `verify`, `confirm`: workbooks that go out to townships and firms, and come back."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.findings import finding_line
from mujun.cli.options import (
    Amount,
    county_of,
    output_option,
    reads,
    rules_option,
    tell_still_out,
    township_option,
    words,
    writes,
    year_option,
)
from mujun.cli.tables import table
from mujun.steps import whole

if TYPE_CHECKING:
    import polars as pl

    from mujun import County
    from mujun.messages import MessageKey
    from mujun.workspace.rounds.returning import Returned
    from mujun.workspace.rounds.township_round import Counts, Handed

SHOWN = 20
"""Findings listed on screen per file; counts are always complete."""


@click.command(help=words("help_screen"))
@rules_option(required=False)
@year_option()
@township_option()
@click.option("--all", "every", is_flag=True, help=words("help_screen_all"))
@click.option("--parcels", is_flag=True, help=words("help_screen_parcels"))
@click.option("--min-mu", type=Amount(), default="3", show_default=True, help=words("help_min_mu"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=words("help_out_either"))
@click.pass_context
def screen(
    ctx: click.Context, rules: str | None, year: int | None, township: str | None, every: bool, parcels: bool,
    min_mu: Decimal, output: Path | None,
) -> None:  # fmt: skip
    """The township's round goes out: a workbook per township."""
    if every and (township is not None or output is None):
        raise click.UsageError(messages.text("screen_all_needs_folder"))
    if output is not None and not every:
        writes(".xlsx", ".csv", ".parquet", ".json")(ctx, None, output)
    county = county_of(ctx)
    if parcels:
        _parcels_out(county, year, township, output, every=every)
        return
    if every:
        assert output is not None
        with whole():
            out = county.rounds.screen_all(output, min_mu=min_mu, rules=rules, year=year)
        for handed in out.handed:
            _told(str(handed.township), min_mu, handed)
        if out.without_township:
            click.echo(messages.text("screen_nowhere", count=out.without_township))
        return
    where = township or messages.text("all_townships")
    if output is not None and output.suffix.lower() == ".xlsx":
        handed = county.rounds.screen(output, township, min_mu=min_mu, rules=rules, year=year)
        _told(where, min_mu, handed)
        return
    screening = county.rounds.to_screen(township, min_mu=min_mu, rules=rules, year=year)
    click.echo(_counted(where, min_mu, screening.counts))
    if output is not None:
        county.papers.screening(screening, output)
        click.echo(messages.text("paper_written", file=output))


def _parcels_out(county: County, year: int | None, township: str | None, output: Path | None, *, every: bool) -> None:
    if output is None or (not every and output.suffix.lower() != ".xlsx"):
        raise click.UsageError(messages.text("screen_parcels_needs_file"))
    if every:
        with whole():
            handed = county.rounds.screen_parcels_all(output, year=year)
    else:
        handed = (county.rounds.screen_parcels(output, township, year=year),)
    for one in handed:
        where = one.township or messages.text("all_townships")
        counts = {"parcels": one.parcels, "problems": one.problems, "file": one.file}
        sentence = messages.text("screen_parcels_done", township=where, **counts)
        click.echo(sentence + messages.text("screen_mark", mark=one.issue.mark))


def _counted(township: str, least: Decimal, counts: Counts) -> str:
    sentence = messages.text("screen_count", township=township, least=least, **asdict(counts))
    if counts.marked:
        sentence += messages.text("screen_marked", count=counts.marked)
    if counts.waiting:
        sentence += messages.text("screen_waiting", count=counts.waiting)
    return sentence


def _told(township: str, least: Decimal, handed: Handed) -> None:
    sentence = _counted(township, least, handed.counts)
    click.echo(f"{sentence} → {handed.file}" + messages.text("screen_mark", mark=handed.issue.mark))


@click.command(help=words("help_verify"))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), callback=reads)
@click.option("--status", is_flag=True, help=words("help_verify_status"))
@year_option()
@click.option("--dry-run", is_flag=True, help=words("help_load_dry_run"))
@click.option("--strict", is_flag=True, help=words("help_load_strict"))
@click.option("--document", help=words("help_verify_document"))
@output_option(".xlsx", help_key="help_verify_output")
@click.option(
    "--findings", type=click.Path(path_type=Path), callback=writes(".xlsx"), help=words("help_verify_findings")
)
@click.pass_context
def verify(
    ctx: click.Context, files: tuple[Path, ...], status: bool, year: int | None, dry_run: bool, strict: bool,
    document: str | None, output: Path | None, findings: Path | None,
) -> None:  # fmt: skip
    """What comes back is taken in; or who has returned what."""
    if bool(files) == status:
        raise click.UsageError(messages.text("verify_files_or_status"))
    county = county_of(ctx)
    if status:
        _show_status(county, year, output)
        return
    output = output or findings
    outcomes = county.rounds.verify(files, strict=strict, dry_run=dry_run, document=document)
    for outcome in outcomes:
        _show_returned(outcome)
        if count := county.rectify.waiting_among(outcome):
            click.echo(messages.text("verify_candidates", count=count))
    for corrected in sorted({y for o in outcomes for y in o.corrected_years}):
        tell_still_out(county, "publication_out_corrected", corrected)
    if output is not None:
        county.papers.findings(output, [o.records for o in outcomes if o.records is not None])
        click.echo(messages.text("verify_findings_written", count=sum(_findings(o) for o in outcomes), file=output))
    if any(o.refused or o.errors for o in outcomes):
        ctx.exit(1)


def _findings(outcome: Returned) -> int:
    return len(outcome.records.findings) if outcome.records is not None else 0


def _show_returned(outcome: Returned) -> None:
    for why in outcome.refused:
        reason = replace(why, place=replace(why.place, file=None))  # the line begins with it
        click.echo(messages.text("verify_refused", file=outcome.file, why=str(reason)), err=True)
    if outcome.already is not None:
        click.echo(messages.text("load_file_already", file=outcome.file, batch=outcome.already))
    if outcome.records is None or outcome.issue is None:
        return
    counts = {
        "file": outcome.file, "mark": outcome.issue.mark, "lines": outcome.lines, "filled": outcome.filled,
        "errors": outcome.errors, "surveys": outcome.count("surveys") + outcome.count("parcel_surveys"),
    }  # fmt: skip
    done: dict[str, MessageKey] = {"survey": "verify_survey_done", "parcel_survey": "verify_parcels_done"}
    click.echo(messages.text(done.get(outcome.issue.kind, "verify_confirmation_done"), **counts))
    _show_problems(outcome)
    if outcome.batch is not None:
        click.echo(messages.text("verify_batch", batch=outcome.batch))
    elif not outcome.refused and outcome.already is None:
        click.echo(messages.text("verify_not_kept"))
    findings = outcome.records.findings
    for finding in findings[:SHOWN]:
        click.echo(finding_line(finding))
    if len(findings) > SHOWN:
        click.echo(messages.text("findings_capped", count=len(findings) - SHOWN))


def _show_problems(outcome: Returned) -> None:
    problems = outcome.problems
    if problems.changed or problems.added or problems.rows_refused:
        counts = {"changed": len(problems.changed), "added": len(problems.added), "refused": problems.rows_refused}
        click.echo(messages.text("verify_problems", **counts))
    for wrong in problems.refused:
        click.echo(str(wrong), err=True)


def _show_status(county: County, year: int | None, output: Path | None) -> None:
    wanted = year if year is not None else county.data.newest_year()
    rows, parcels = county.rounds.status(wanted), county.rounds.parcel_status(wanted)
    if rows.is_empty() and parcels.is_empty():
        click.echo(messages.text("verify_nothing_out", year=wanted))
        return
    whole = output is not None
    if not rows.is_empty():
        click.echo(messages.text("verify_status_head", year=wanted))
        _show_round(rows, "firms", messages.text("verify_status_columns"), whole=whole)
    if not parcels.is_empty():
        click.echo(messages.text("verify_parcel_status_head", year=wanted))
        _show_round(parcels, "parcels", messages.text("verify_parcel_status_columns"), whole=whole)
    if output is not None:
        county.papers.round(output, rows, wanted, parcels)
        click.echo(messages.text("verify_status_written", file=output))


def _show_round(rows: pl.DataFrame, what: str, headers: str, *, whole: bool) -> None:
    """A table of townships; below it, unless a workbook has the whole list, some of what lacks."""
    columns = ("township", "issued_on", what, "returned", "complete", "missing", "problems")
    totals = [sum(rows[c].to_list()) for c in columns[2:]]
    shown = [*rows.select(columns).rows(), (messages.text("verify_status_total"), None, *totals)]
    click.echo(table(headers, shown))
    if whole:
        return
    for township, returned, missing in rows.select("township", "returned", f"missing_{what}").iter_rows():
        if missing and returned:  # where nobody has returned anything the table says it all
            rest = "…" if len(missing) > 3 else ""
            click.echo(messages.text("verify_missing", township=township, firms=missing[:3], rest=rest))


@click.command(help=words("help_confirm"))
@click.argument("codes", nargs=-1)
@township_option()
@year_option()
@rules_option(required=False)
@click.option("--all", "every", is_flag=True, help=words("help_confirm_all"))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=words("help_out_either"))
@click.pass_context
def confirm(
    ctx: click.Context, codes: tuple[str, ...], township: str | None, year: int | None, rules: str | None, every: bool,
    output: Path,
) -> None:  # fmt: skip
    """A sheet per firm with every figure that will count."""
    if [bool(codes), township is not None, every].count(True) != 1:
        raise click.UsageError(messages.text("confirm_whom"))
    if not every:
        writes(".xlsx")(ctx, None, output)
    county = county_of(ctx)
    wanted = year if year is not None else county.data.newest_year()
    if every:
        with whole():
            written = county.rounds.confirm_all(wanted, output, rules=rules)
    else:
        written = [county.rounds.confirm(wanted, output, township=township, codes=codes, rules=rules)]
    for one in written:
        click.echo(messages.text("confirm_done", firms=one.firms, lines=one.lines, file=one.file, mark=one.issue.mark))
