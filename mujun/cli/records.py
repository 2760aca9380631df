"""`init`, `template`, `load`, `check`: getting records in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.answers import answers_given, not_asked
from mujun.cli.findings import finding_line
from mujun.cli.options import county_of, output_option, progress, reads, words, writes, year_option
from mujun.errors import UsageError, problem
from mujun.fields import TABLES
from mujun.reports.drawing.terminal import fitted

if TYPE_CHECKING:
    from mujun.records import Finding
    from mujun.workspace import FileOutcome

SHOWN = 10
"""Findings listed on screen per file; counts are always complete."""

WIDEST = 96
"""Columns of an example on screen; what is cut off stands in the department's workbook."""


@click.command(help=words("help_init"))
@click.pass_context
def init(ctx: click.Context) -> None:
    """Make a new store."""
    county_of(ctx).create()
    click.echo(messages.text("init_done", file=ctx.obj))


@click.command(help=words("help_template"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), callback=writes(".xlsx"))
@click.pass_context
def template(ctx: click.Context, file: Path) -> None:
    """Write the empty workbook."""
    click.echo(messages.text("template_done", file=county_of(ctx).papers.template(file)))


@click.command(help=words("help_load"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), callback=reads)
@click.option("--table", type=click.Choice(list(TABLES)), help=words("help_load_table"))
@year_option()
@click.option("--dry-run", is_flag=True, help=words("help_load_dry_run"))
@click.option("--strict", is_flag=True, help=words("help_load_strict"))
@click.option("--repair", is_flag=True, help=words("help_load_repair"))
@output_option(".xlsx", names=("--findings",), help_key="help_load_findings")
@click.option("--answer", "answers", multiple=True, callback=answers_given, help=words("help_load_answer"))
@click.option("--reason", help=words("help_load_reason"))
@click.option("--document", help=words("help_load_document"))
@click.pass_context
def load(
    ctx: click.Context,
    files: tuple[Path, ...],
    table: str | None,
    year: int | None,
    dry_run: bool,
    strict: bool,
    repair: bool,
    findings: Path | None,
    answers: dict[str, str],
    reason: str | None,
    document: str | None,
) -> None:
    """Load department files."""
    county = county_of(ctx)
    with progress(len(files)) as told:
        outcome = county.data.load(
            files,
            table=table,
            year=year,
            repair=repair,
            strict=strict,
            dry_run=dry_run,
            reason=reason,
            document=document,
            answers=answers,
            progress=lambda _: told(None),
        )
    for unknown in not_asked(answers, outcome.records()):
        click.echo(str(unknown), err=True)
    for file in outcome.files:
        _tell(file)
    if findings is not None:
        county.papers.findings(findings, outcome.records())
        click.echo(messages.text("findings_written", count=len(outcome.findings), file=findings))
    if outcome.refused:
        ctx.exit(1)


def _tell(outcome: FileOutcome) -> None:
    records = outcome.records
    tables = ""
    if records is not None:
        counts: dict[str, int] = {}
        for t in records.tables:
            counts[t.table] = counts.get(t.table, 0) + t.rows.height
        tables = "、".join(f"{TABLES[name].label} {count}" for name, count in counts.items())
        tables = f"（{tables}）" if messages.language() == "zh" else f"({tables})"
    if outcome.refused:
        why = " ".join(str(p) for p in outcome.refused)
        click.echo(messages.text("load_file_refused", file=outcome.file, why=why), err=True)
    elif outcome.already is not None:
        click.echo(messages.text("load_file_already", file=outcome.file, batch=outcome.already))
    elif outcome.batch is not None:
        click.echo(
            messages.text("load_file_in", file=outcome.file, rows=outcome.rows_in, batch=outcome.batch, tables=tables)
        )
    elif records is not None and records.questions and not records.tables:
        click.echo(messages.text("load_file_waits", file=outcome.file))
    else:
        click.echo(messages.text("load_file_dry", file=outcome.file, rows=outcome.rows_in, tables=tables))
    if records is None:
        return
    if records.reading is not None and outcome.already is None:
        from mujun.reports.departments.reading_text import short_lines

        for line in short_lines(records.reading):
            click.echo(line)
    if records.totals_left_out:
        click.echo(messages.text("load_totals_left_out", count=records.totals_left_out))
    if records.findings:
        warnings = sum(f.severity == "warning" for f in records.findings)
        click.echo(messages.text("load_findings_count", errors=outcome.rows_out, warnings=warnings))
        for finding in records.findings[:SHOWN]:
            click.echo(finding_line(finding))
        if len(records.findings) > SHOWN:
            click.echo(messages.text("findings_capped", count=len(records.findings) - SHOWN))


@click.command(help=words("help_check"))
@year_option(required=True)
@click.option("--anomalies", is_flag=True, help=words("help_check_anomalies"))
@click.option("--rules", help=words("help_check_rules"))
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help=words("help_out_folder"))
@click.pass_context
def check(ctx: click.Context, year: int, anomalies: bool, rules: str | None, output: Path | None) -> None:
    """Cross-table findings of a year, and data worth a second look."""
    county = county_of(ctx)
    if rules is not None and not anomalies:
        raise UsageError(problem("check_rules_alone"))
    findings = county.data.check(year)
    if anomalies:
        from mujun.cli.anomalies import show_second_look

        look = county.data.second_look(year, rules)
        findings = look.beside(findings)
        _show_check([f for f in findings if f not in look.findings], year)
        show_second_look(look)
    else:
        _show_check(findings, year)
    if findings and output is None:
        click.echo(messages.text("check_next", year=year))
    elif findings and output is not None:
        for file in county.papers.findings_by_department(findings, year, output):
            click.echo(messages.text("check_written", owner=file.owner, count=file.count, file=file.path))


def _show_check(findings: Sequence[Finding], year: int) -> None:
    """How many cross-table findings there are, by kind and owner."""
    if not findings:
        click.echo(messages.text("check_none", year=year))
        return
    click.echo(messages.text("check_count", year=year, count=len(findings)))
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.code, finding.owner), []).append(finding)
    for (_, owner), several in kinds.items():
        click.echo(messages.text("check_line", what=_example(several[0]), count=len(several), owner=owner))


def _example(finding: Finding) -> str:
    """A finding in one line: about whom, what; the rest is in the department's workbook."""
    what = finding.what.rstrip("。.")
    who = finding.name or finding.credit_code
    unsaid = who is not None and who not in what and (finding.credit_code or who) not in what
    return fitted(messages.text("check_who", who=who, what=what) if unsaid else what, WIDEST)
