"""`explain`: why an enterprise has its tier, as text, page or JSON; one firm or a township's."""

from __future__ import annotations

from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import (
    county_of,
    list_option,
    run_option,
    tell_what_came_since,
    words,
    writes,
    year_option,
)
from mujun.errors import UsageError, problem
from mujun.steps import whole


@click.command(help=words("help_explain"))
@click.argument("code", required=False)
@run_option()
@click.option("--rules", help=words("help_explain_rules"))
@year_option()
@list_option()
@click.option("--township", help=words("help_explain_township"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=words("help_explain_output"))
@click.option("--format", "form", type=click.Choice(["text", "html", "json"]), help=words("help_explain_format"))
@click.option("--allocation", "amounts", is_flag=True, help=words("help_explain_allocation"))
@click.option("--together", multiple=True, help=words("help_explain_together"))
@click.option("--figures", is_flag=True, help=words("help_explain_figures"))
@click.pass_context
def explain(
    ctx: click.Context,
    code: str | None,
    run: int | None,
    rules: str | None,
    year: int | None,
    name: str | None,
    township: str | None,
    output: Path | None,
    form: str | None,
    amounts: bool,
    together: tuple[str, ...],
    figures: bool,
) -> None:
    """Why an enterprise has its tier."""
    from mujun.reports.firms.explanation_file import BY_ENDING

    if (code is None) == (township is None):
        raise click.UsageError(messages.text("explain_code_or_township"))
    if township is not None and output is None:
        raise click.UsageError(messages.text("explain_township_needs_folder"))
    if township is not None and output is not None and output.is_file():
        raise UsageError(problem("explain_not_a_folder", folder=output))
    if output is not None and township is None:
        writes(*(BY_ENDING if form is None else (output.suffix.lower(),)))(ctx, None, output)
    county = county_of(ctx)
    with county.kept_open():
        explaining = county.firms.explaining(run, rules=rules, year=year, amounts=amounts, together=together, name=name)
        tell_what_came_since(county, explaining.rated.number)
        if explaining.rated.tiers_from is not None:
            click.echo(str(explaining.rated.tiers_from), err=True)
        if township is not None and output is not None:
            with whole():
                count = county.papers.explanations(explaining, township, output, form or "html", figures=figures)
            click.echo(messages.text("explain_written", count=count, folder=output))
            return
        (explanation,) = explaining.of([str(code)], figures=True)
        if output is None:
            click.echo(county.papers.drawn(explanation, form or "text"), nl=False)
            return
        county.papers.explanation(explanation, output, form)
        click.echo(messages.text("explain_one_written", name=explanation.name, file=output))
