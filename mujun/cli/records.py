"""`init`, `template`, `load`, `check`: getting records in."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from mujun import messages
from mujun.cli.findings import finding_line
from mujun.cli.options import output_option, reads, words, workspace, writes, year_option
from mujun.errors import UsageError, problem
from mujun.fields import TABLES
from mujun.records import Finding
from mujun.reports.drawing.terminal import fitted
from mujun.workspace import FileOutcome, LoadOutcome

SHOWN = 10
"""Findings listed on screen per file; counts are always complete."""

WIDEST = 96
"""Columns of an example on screen; what is cut off stands in the department's workbook."""


@click.command(help=words("help_init"))
@click.pass_context
def init(ctx: click.Context) -> None:
    """Make a new store."""
    workspace(ctx).create()
    click.echo(messages.text("init_done", file=ctx.obj))


@click.command(help=words("help_template"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), callback=writes(".xlsx"))
def template(file: Path) -> None:
    """Write the empty workbook."""
    from mujun.reports.departments.template import write_template

    click.echo(messages.text("template_done", file=write_template(file)))


@click.command(help=words("help_load"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), callback=reads)
@click.option("--table", type=click.Choice(list(TABLES)), help=words("help_load_table"))
@year_option()
@click.option("--dry-run", is_flag=True, help=words("help_load_dry_run"))
@click.option("--strict", is_flag=True, help=words("help_load_strict"))
@click.option("--repair", is_flag=True, help=words("help_load_repair"))
@output_option(".xlsx", names=("--findings",), help_key="help_load_findings")
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
    reason: str | None,
    document: str | None,
) -> None:
    """Load department files."""
    with _progress(len(files)) as step:
        outcome = workspace(ctx).data.load(
            files,
            table=table,
            year=year,
            repair=repair,
            strict=strict,
            dry_run=dry_run,
            reason=reason,
            document=document,
            progress=lambda _: step(),
        )
    for file in outcome.files:
        _tell(file)
    if findings is not None:
        _write_findings(outcome, findings)
    if outcome.refused:
        ctx.exit(1)


@contextlib.contextmanager
def _progress(steps: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, nothing in a pipe."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=steps, file=sys.stderr, hidden=hidden) as bar:
        yield lambda: bar.update(1)


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
    else:
        click.echo(messages.text("load_file_dry", file=outcome.file, rows=outcome.rows_in, tables=tables))
    if records is None:
        return
    if records.totals_left_out:
        click.echo(messages.text("load_totals_left_out", count=records.totals_left_out))
    if records.findings:
        warnings = sum(f.severity == "warning" for f in records.findings)
        click.echo(messages.text("load_findings_count", errors=outcome.rows_out, warnings=warnings))
        for finding in records.findings[:SHOWN]:
            click.echo(finding_line(finding))
        if len(records.findings) > SHOWN:
            click.echo(messages.text("findings_capped", count=len(records.findings) - SHOWN))


def _write_findings(outcome: LoadOutcome, file: Path) -> None:
    from mujun.reports.departments.findings import write_findings

    write_findings(file, outcome.records())
    click.echo(messages.text("findings_written", count=len(outcome.findings), file=file))


@click.command(help=words("help_check"))
@year_option(required=True)
@click.option("--anomalies", is_flag=True, help=words("help_check_anomalies"))
@click.option("--rules", help=words("help_check_rules"))
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help=words("help_out_folder"))
@click.pass_context
def check(ctx: click.Context, year: int, anomalies: bool, rules: str | None, output: Path | None) -> None:
    """Cross-table findings of a year, and data worth a second look."""
    own = workspace(ctx)
    if year not in own.data.years():
        raise UsageError(problem("year_without_enterprises", year=year, known=own.data.years() or "—"))
    if rules is not None and not anomalies:
        raise UsageError(problem("check_rules_alone"))
    findings = own.data.check(year)
    if anomalies:
        from mujun.cli.anomalies import show_second_look
        from mujun.workspace.second_look import second_look, with_second_look

        look = second_look(own, year, rules)
        findings = with_second_look(findings, look)
        _show_check([f for f in findings if f not in look.findings], year)
        show_second_look(look)
    else:
        _show_check(findings, year)
    if findings and output is None:
        click.echo(messages.text("check_next", year=year))
    elif findings and output is not None:
        _by_department(findings, year, output)


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


def _by_department(findings: tuple[Finding, ...], year: int, folder: Path) -> None:
    from mujun.records import findings_frame
    from mujun.reports.departments.findings import write_findings_tables
    from mujun.writing import Several

    several = Several(folder)
    for owner in dict.fromkeys(f.owner for f in findings):
        mine = [f for f in findings if f.owner == owner]
        # What a bureau hands on is Chinese, whatever the language of the screen.
        with messages.speaking("zh"):
            table = findings_frame(mine)
        with several.one(f"{year}年数据核查_{owner or '其他'}", ".xlsx") as file:
            write_findings_tables(file, table, {})
            click.echo(messages.text("check_written", owner=owner, count=len(mine), file=file))
    several.finish()
