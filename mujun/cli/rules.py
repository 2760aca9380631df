"""`rules`: rule sets."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import WHOLE, county_of, output_option, reads, words
from mujun.cli.tables import table
from mujun.errors import MujunError, UsageError, problem

if TYPE_CHECKING:
    from mujun.rules import CaseOutcome


@click.group(help=words("help_rules_group"))
def rules() -> None:
    """Rule sets."""


@rules.command("list", help=words("help_rules_list"))
@click.pass_context
def list_rules(ctx: click.Context) -> None:
    """List the rule sets."""
    rows = []
    for r in county_of(ctx).rules.list().iter_rows(named=True):
        years = f"{min(r['years'])}–{max(r['years'])}" if len(r["years"]) > 1 else "".join(map(str, r["years"]))
        rows.append(
            (
                r["address"],
                r["name"],
                years,
                messages.text(messages.key(f"status_{r['status']}")),
                "、".join(r["kinds"]),
            )
        )
    click.echo(table(messages.text("rules_head"), rows))


@rules.command("test", help=words("help_rules_test"))
@click.argument("address", nargs=-1, required=True)
@click.pass_context
def test(ctx: click.Context, address: tuple[str, ...]) -> None:
    """Run a rule set's cases."""
    failed = False
    for one in address:
        outcomes = county_of(ctx).rules.test(one)
        wrong = [o for o in outcomes if not o.passed]
        if not outcomes:
            click.echo(messages.text("rules_tests_none", address=one))
        elif not wrong:
            numbers = sum(o.checked for o in outcomes)
            click.echo(messages.text("rules_tests_passed", address=one, cases=len(outcomes), numbers=numbers))
        else:
            failed = True
            click.echo(messages.text("rules_test_failed", address=one, failed=len(wrong)), err=True)
            for outcome in wrong:
                _show_failure(outcome)
    if failed:
        ctx.exit(1)


def _show_failure(outcome: CaseOutcome) -> None:
    for failure in outcome.failures:
        click.echo(f"　{failure}", err=True)


@rules.command("check", help=words("help_rules_check"))
@click.argument("address", nargs=-1, required=True)
@click.option("--year", type=WHOLE, help=words("help_rules_check_year"))
@click.pass_context
def check(ctx: click.Context, address: tuple[str, ...], year: int | None) -> None:
    """Check a rule set, and against a year's data if one is given."""
    failed = False
    for one in address:
        try:
            checked = county_of(ctx).rules.check(one, year)
        except MujunError as error:
            failed = True
            click.echo(str(error), err=True)
            continue
        for doubt in (*checked.problems, *checked.warnings):
            click.echo(str(doubt), err=bool(checked.problems))
        if checked.problems or checked.warnings:
            click.echo(
                messages.text(
                    "rules_problem_count", address=one, errors=len(checked.problems), warnings=len(checked.warnings)
                )
            )
        else:
            click.echo(messages.text("rules_fine", address=one))
        failed = failed or bool(checked.problems)
    if failed:
        ctx.exit(1)


@rules.command("show", help=words("help_rules_show"))
@click.argument("address")
@click.option("--format", "form", type=click.Choice(["text", "html"]), help=words("help_rules_show_format"))
@output_option(".html", ".htm", ".txt", ".md")
@click.pass_context
def show(ctx: click.Context, address: str, form: str | None, output: Path | None) -> None:
    """Show a rule set as a document."""
    from mujun.reports.notice import COLUMNS, notice_html, notice_text

    rules = county_of(ctx).rules
    document = rules.show(rules.load(address))
    paged = form == "html" or (form is None and output is not None and output.suffix.lower() in (".html", ".htm"))
    if output is None:
        columns = min(max(shutil.get_terminal_size((COLUMNS, 0)).columns, 60), 160)
        click.echo(notice_html(document) if paged else notice_text(document, columns), nl=False)
        return
    county_of(ctx).papers.rules(document, output, "html" if paged else "text")
    click.echo(messages.text("rules_show_written" if paged else "rules_show_written_text", file=output))


@rules.command("diff", help=words("help_rules_diff"))
@click.argument("before")
@click.argument("after")
@click.pass_context
def diff(ctx: click.Context, before: str, after: str) -> None:
    """Say what differs between two rule sets."""
    rules = county_of(ctx).rules
    differences = rules.diff(rules.load(before), rules.load(after))
    for difference in differences:
        click.echo(str(difference))
    click.echo(messages.text("rules_diff_count", count=len(differences)) if differences else messages.text("diff_same"))


@rules.command("sheet", help=words("help_rules_sheet"))
@click.argument("address")
@output_option(".xlsx", required=True)
@click.pass_context
def sheet(ctx: click.Context, address: str, output: Path) -> None:
    """Write a rule set as a workbook to fill in."""
    county = county_of(ctx)
    county.papers.rules_form(output, county.rules.form(address))
    click.echo(messages.text("rules_sheet_written", file=output))


@rules.command("load", help=words("help_rules_load"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), callback=reads)
@click.option(
    "--as", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help=words("help_rules_load_as")
)
@click.pass_context
def load(ctx: click.Context, file: Path, folder: Path) -> None:
    """Make a rule set from a filled-in workbook."""
    from mujun.cli.whatif import show_whatif

    county = county_of(ctx)
    made = county.rules.take_back(file, folder)
    files = list(made.files)
    if not made.differences:
        click.echo(messages.text("rules_load_same", folder=folder, files=files))
        return
    for line in (*made.differences, *made.checked.warnings):
        click.echo(str(line))
    warnings = len(made.checked.warnings)
    click.echo(
        messages.text("rules_load_written", count=len(made.differences), folder=folder, files=files, warnings=warnings)
    )
    if made.failing:
        click.echo(messages.text("rules_load_cases", count=len(made.failing), cases=list(made.failing), folder=folder))
    try:
        tried = county.rules.try_taken_back(made)
    except MujunError as error:
        # The new set stands; what it would change cannot be told on this county.
        click.echo(messages.text("rules_load_not_tried", reason=str(error)))
        return
    if tried is None:
        click.echo(messages.text("rules_load_no_year", folder=folder))
        return
    show_whatif(tried)
    for outcome in tried.outcomes:
        if outcome.problems:
            reason = "\n".join(str(p) for p in outcome.problems)
            click.echo(messages.text("rules_load_not_tried", reason=reason))


@rules.command("new", help=words("help_rules_new"))
@click.argument("place")
@click.option("--from", "source", required=True, help=words("help_rules_new_from"))
@click.option(
    "-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), help=words("help_rules_new_folder")
)
@click.option("--year", type=WHOLE, help=words("help_rules_new_year"))
@click.pass_context
def new(ctx: click.Context, place: str, source: str, folder: Path | None, year: int | None) -> None:
    """Make a rule set from another."""
    rules = county_of(ctx).rules
    made = rules.new(folder or rules.folder_for(place, year), source, place=place, year=year)
    click.echo(messages.text("new_made", source=made.source, folder=made.folder, files=list(made.files)))


@rules.command("schema", help=words("help_rules_schema"))
@click.argument("kind", required=False)
@click.option(
    "-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), help=words("help_rules_schema_folder")
)
@click.pass_context
def schema(ctx: click.Context, kind: str | None, folder: Path | None) -> None:
    """Write the JSON Schema of rule files."""
    rules = county_of(ctx).rules
    if kind is None and folder is None:
        raise UsageError(problem("schema_kind_or_folder", known=list(rules.kinds())))
    if folder is None:
        click.echo("".join(rules.schema(k) for k in ([kind] if kind is not None else rules.kinds())), nl=False)
        return
    files = [file.name for file in county_of(ctx).papers.rule_schemas(folder, kind)]
    click.echo(messages.text("rules_schema_written", folder=folder, files=files, first=files[0]))
