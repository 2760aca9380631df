"""`explain`: why an enterprise has its tier, as text, page or JSON; one firm or a township's."""

from __future__ import annotations

from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import run_option, words, workspace
from mujun.errors import UsageError, problem


@click.command(help=words("help_explain"))
@click.argument("code", required=False)
@run_option()
@click.option("--township", help=words("help_explain_township"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=words("help_explain_output"))
@click.option("--format", "form", type=click.Choice(["text", "html", "json"]), help=words("help_explain_format"))
@click.option("--allocation", "amounts", is_flag=True, help=words("help_explain_allocation"))
@click.option("--figures", is_flag=True, help=words("help_explain_figures"))
@click.pass_context
def explain(
    ctx: click.Context,
    code: str | None,
    run: int | None,
    township: str | None,
    output: Path | None,
    form: str | None,
    amounts: bool,
    figures: bool,
) -> None:
    """Why an enterprise has its tier."""
    from mujun.reports.explanation_file import drawn, write_explanation, write_explanations
    from mujun.workspace.explaining import explained, explainer, firms_of

    if (code is None) == (township is None):
        raise click.UsageError(words("explain_code_or_township"))
    if township is not None and output is None:
        raise click.UsageError(words("explain_township_needs_folder"))
    own = workspace(ctx)
    result = own.recompute(run if run is not None else own.newest_run())
    made = explainer(result)
    if township is not None and output is not None:
        if output.is_file():
            raise UsageError(problem("explain_not_a_folder", folder=output))
        several = explained(own, made, result, firms_of(result, township), amounts=amounts, figures=figures)
        write_explanations(several, output, form or "html")
        click.echo(messages.text("explain_written", count=len(several), folder=output))
        return
    said = explained(own, made, result, [str(code)], amounts=amounts, figures=True)[0]
    if output is None:
        click.echo(drawn(said, form or "text"), nl=False)
        return
    write_explanation(said, output, form)
    click.echo(messages.text("explain_one_written", name=said.name, file=output))
