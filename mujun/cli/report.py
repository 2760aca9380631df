"""`report`: the papers of a year."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import WHOLE, county_of, output_option, reads, run_option, words
from mujun.cli.tables import table
from mujun.errors import UsageError, problem
from mujun.steps import whole

if TYPE_CHECKING:
    from mujun import County


@click.command(help=words("help_report"))
@click.argument("year", type=WHOLE, required=False)
@run_option()
@click.option(
    "-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), help=words("help_report_folder")
)
@click.option("--only", default="", metavar="NAMES", help=words("help_report_only"))
@click.option("--firm", "firms", multiple=True, metavar="CODE|NAME", help=words("help_report_firm"))
@click.option(
    "--texts", type=click.Path(dir_okay=False, path_type=Path), callback=reads, help=words("help_report_texts")
)
@output_option(".yaml", names=("--template",), help_key="help_report_template")
@click.option("--list", "listed", is_flag=True, help=words("help_report_list"))
@click.pass_context
def report(
    ctx: click.Context, year: int | None, run: int | None, folder: Path | None, only: str, firms: tuple[str, ...],
    texts: Path | None, template: Path | None, listed: bool,
) -> None:  # fmt: skip
    """Write the papers of a year."""
    county = county_of(ctx)
    if listed:
        _show_papers(county)
        return
    if year is None:
        raise UsageError(problem("report_wants_year"))
    if template is not None:
        county.papers.texts_template(template, year)
        click.echo(messages.text("report_template_done", file=template))
        return
    names = [n.strip() for n in only.replace("，", ",").split(",") if n.strip()]
    with whole():
        made = county.papers.report(
            year, folder or Path(f"{year}年度材料"), run=run, only=names, texts=texts, firms=firms
        )  # fmt: skip
    click.echo(
        table(messages.text("papers_made_columns"), [(p.title, p.file.name, p.count, p.reader) for p in made.papers])
    )
    for name, why in made.left_out:
        click.echo(messages.text("report_left_out", paper=county.papers.title_of(name), why=why))
    if made.no_last:
        click.echo(made.no_last)
    click.echo(messages.text("report_done", count=len(made.papers), folder=made.folder, index=made.index))


def _show_papers(county: County) -> None:
    rows = [(n, county.papers.title_of(n), county.papers.reader_of(n)) for n in county.papers.names()]
    click.echo(table(messages.text("papers_columns"), rows))
    click.echo(messages.text("papers_on_demand", names=list(county.papers.on_demand())))
