"""`read`: how files are understood, without taking them in."""

from __future__ import annotations

from pathlib import Path

import click

from mujun.cli.answers import answers_given, not_asked
from mujun.cli.options import county_of, output_option, reads, words, year_option
from mujun.errors import UsageError
from mujun.fields import TABLES


@click.command(help=words("help_read"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), callback=reads)
@click.option("--table", type=click.Choice(list(TABLES)), help=words("help_load_table"))
@year_option()
@click.option("--answer", "answers", multiple=True, callback=answers_given, help=words("help_load_answer"))
@click.option("--json", "as_json", is_flag=True, help=words("help_read_json"))
@output_option(".xlsx", help_key="help_read_output")
@click.pass_context
def read(
    ctx: click.Context,
    files: tuple[Path, ...],
    table: str | None,
    year: int | None,
    answers: dict[str, str],
    as_json: bool,
    output: Path | None,
) -> None:
    """Show how files are read."""
    county = county_of(ctx)
    records = [county.data.read(f, table=table, year=year, answers=answers) for f in files]
    if unknown := not_asked(answers, records):
        raise UsageError(unknown)
    readings = [r.reading for r in records if r.reading is not None]
    if output is not None:
        county.papers.reading(output, readings)
    if as_json:
        from mujun.reports.departments.reading_json import dumped

        click.echo(dumped(readings))
    elif output is None:
        from mujun.reports.departments.reading_text import whole_lines

        for reading in readings:
            for line in whole_lines(reading):
                click.echo(line)
