"""`init`, `template`, `load`, `check`: getting records in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.answers import answers_given, not_asked
from mujun.cli.findings import finding_line
from mujun.cli.options import county_of, output_option, reads, tell_still_out, words, writes, year_option
from mujun.cli.tables import called
from mujun.errors import UsageError, problem
from mujun.fields import TABLES
from mujun.fields.here import table_here
from mujun.reports.drawing.terminal import fitted
from mujun.reports.firms.card import field_shown
from mujun.steps import part, step, whole

if TYPE_CHECKING:
    from mujun.records import Finding
    from mujun.store import Again, Met
    from mujun.workspace import County, FileOutcome

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
@click.option("--replace", "again", flag_value="replace", help=words("help_load_replace"))
@click.option("--add", "again", flag_value="add", help=words("help_load_add"))
@click.option("--keep", "again", flag_value="keep", help=words("help_load_keep"))
@click.option("--drop-missing", is_flag=True, help=words("help_load_drop_missing"))
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
    again: Again | None,
    drop_missing: bool,
    reason: str | None,
    document: str | None,
) -> None:
    """Load department files."""
    county = county_of(ctx)
    with whole():
        outcome = county.data.load(
            files,
            table=table,
            year=year,
            repair=repair,
            strict=strict,
            dry_run=dry_run,
            again=again,
            reason=reason,
            document=document,
            answers=answers,
            drop_missing=drop_missing,
        )
    for unknown in (*not_asked(answers, outcome.records()), *outcome.unanswered):
        click.echo(str(unknown), err=True)
    replaced: set[int] = set()
    for file in outcome.files:
        _tell(file)
        if file.met is not None and not file.refused:
            replaced |= _tell_met(county, file, file.met)
            _tell_gone(file, file.met)
    for corrected in sorted(replaced):
        tell_still_out(county, "publication_out_corrected", corrected)
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
        tables = "、".join(f"{table_here(name)} {count}" for name, count in counts.items())
        tables = f"（{tables}）" if messages.language() == "zh" else f"({tables})"
    if outcome.refused:
        why = " ".join(str(p) for p in outcome.refused)
        click.echo(messages.text("load_file_refused", file=outcome.file, why=why), err=True)
    elif records is not None and records.questions and not records.tables:
        click.echo(messages.text("load_file_waits", file=outcome.file))
    elif outcome.already is not None:
        click.echo(messages.text("load_file_already", file=outcome.file, batch=outcome.already))
    elif outcome.batch is not None:
        click.echo(
            messages.text("load_file_in", file=outcome.file, rows=outcome.rows_in, batch=outcome.batch, tables=tables)
        )
    elif records is not None and records.sent_back.answers and not records.tables:
        click.echo(messages.text("load_answers_only", file=outcome.file, count=len(records.sent_back.answers)))
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
        wrong = {(f.sheet, f.row) for f in records.findings if f.severity == "error" and f.row is not None}
        errors = max(outcome.rows_out, len(wrong))
        click.echo(messages.text("load_findings_count", errors=errors, warnings=warnings))
        for finding in records.findings[:SHOWN]:
            click.echo(finding_line(finding))
        if len(records.findings) > SHOWN:
            click.echo(messages.text("findings_capped", count=len(records.findings) - SHOWN))


def _tell_met(county: County, outcome: FileOutcome, met: Met) -> set[int]:
    """What came of figures that were said before: replaced, of an older edition, waiting.

    Returns:
        The data years of which figures say otherwise now.
    """
    years: set[int] = set()
    if met.replaced and outcome.batch is None:
        click.echo(messages.text("load_would_replace", count=met.replaced))
    elif met.replaced and outcome.batch is not None:
        changed = county.rounds.changes(outcome.batch)
        years.update(changed["year"].drop_nulls().to_list())
        click.echo(messages.text("load_replaced", count=changed.height, batch=outcome.batch))
        for row in changed.head(SHOWN).iter_rows(named=True):
            field = field_shown(row["field"]) if row["field"] else table_here(row["table"])
            about = {"year": row["year"] or "—", "code": called(row["credit_code"], row["name"]), "field": field}
            click.echo(messages.text("load_replaced_line", **about, old=row["old"] or "—", new=row["new"] or "—"))
        if changed.height > SHOWN:
            click.echo(messages.text("lines_unlisted", count=changed.height - SHOWN))
    if met.older:
        click.echo(messages.text("load_older", count=met.older))
    if met.waiting.height:
        click.echo(messages.text("load_waits", count=met.waiting.height))
        for row in met.waiting.head(SHOWN).iter_rows(named=True):
            click.echo(waiting_line(row))
        if met.waiting.height > SHOWN:
            click.echo(messages.text("lines_unlisted", count=met.waiting.height - SHOWN))
        click.echo(messages.text("load_waits_do", file=outcome.file))
    return years


def _tell_gone(outcome: FileOutcome, met: Met) -> None:
    """Firms that the sender's version before had and this one does not."""
    if outcome.dropped is not None and outcome.dropped_in is not None:
        click.echo(messages.text("load_dropped", count=outcome.dropped.height, batch=outcome.dropped_in))
        return
    for (name, year), firms in met.gone.group_by("table", "year", maintain_order=True):
        listed = [called(r["credit_code"], r["name"]) for r in firms.head(SHOWN).iter_rows(named=True)]
        shown = [*listed, "…"] if firms.height > SHOWN else listed
        click.echo(messages.text("load_gone", count=firms.height, table=table_here(str(name)), year=year, firms=shown))
    if met.gone["droppable"].any():
        click.echo(messages.text("load_gone_do", file=outcome.file))
    stays = met.gone.filter(~met.gone["droppable"])
    if stays.height:
        click.echo(messages.text("load_gone_others", count=stays.height))


def waiting_line(row: Mapping[str, object]) -> str:
    """A figure that waits, in one line: of whom, what stands and where it was said, what the other file says."""
    name, code, apart = row["name"], row["credit_code"], row["record"]
    who = called(str(code), str(name)) if name and code else name or code or apart or "—"
    field = field_shown(str(row["field"]))
    record = f" {apart}" if apart and apart not in (who, name, code) else ""
    about = {k: row[k] or "—" for k in ("year", "stands", "stands_in", "says", "file")}
    return messages.text("load_waits_line", who=who, field=f"{field}{record}", **about)


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
    from mujun.cli.coverage import show_coverage, show_waiting

    checks = county.data.checks(year)
    with whole(), county.kept_open():
        with part(0, 2):
            findings = checks.across()
        with part(1, 2):
            step("step_coverage")
            covered = checks.coverage()
    show_coverage(covered)
    show_waiting(covered, covered.differing)
    if anomalies:
        from mujun.cli.anomalies import show_second_look

        with whole():
            look = checks.second_look(rules)
        findings = look.beside(findings)
        # Those of the second look come first: comparing thousands with thousands took half a minute.
        _show_check(findings[len(look.findings) :], year)
        show_second_look(look)
    else:
        _show_check(findings, year)
    if findings and output is None:
        click.echo(messages.text("check_next", year=year))
    elif findings and output is not None:
        with whole():
            step("step_papers", of=1)
            written = county.papers.findings_by_department(findings, year, output)
        for file in written:
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
