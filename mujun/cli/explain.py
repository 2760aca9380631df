"""`explain`: why an enterprise has its tier, as text, page or JSON; one firm or a township's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import run_option, tell_what_came_since, words, workspace, writes
from mujun.errors import UsageError, problem

if TYPE_CHECKING:
    from mujun.analysis import Explanation

TOGETHER = 50
"""Firms of a township that are explained together."""


@click.command(help=words("help_explain"))
@click.argument("code", required=False)
@run_option()
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
    township: str | None,
    output: Path | None,
    form: str | None,
    amounts: bool,
    together: tuple[str, ...],
    figures: bool,
) -> None:
    """Why an enterprise has its tier."""
    from mujun.reports.firms.explanation_file import BY_ENDING, drawn, write_explanation
    from mujun.workspace.firms.explaining import explained, explainer, firms_of, ways_of

    if (code is None) == (township is None):
        raise click.UsageError(messages.text("explain_code_or_township"))
    if township is not None and output is None:
        raise click.UsageError(messages.text("explain_township_needs_folder"))
    if township is not None and output is not None and output.is_file():
        raise UsageError(problem("explain_not_a_folder", folder=output))
    if output is not None and township is None:
        writes(*(BY_ENDING if form is None else (output.suffix.lower(),)))(ctx, None, output)
    own = workspace(ctx)
    result = own.runs.recompute(run if run is not None else own.runs.newest())
    tell_what_came_since(own, result.number)
    made = explainer(result)
    if township is not None and output is not None:
        codes = firms_of(result, township)
        ways = ways_of(own, result, together)
        _township(
            output,
            form or "html",
            codes,
            lambda c: explained(own, made, result, c, amounts=amounts, ways=ways, figures=figures),
        )
        click.echo(messages.text("explain_written", count=len(codes), folder=output))
        return
    said = explained(
        own, made, result, [str(code)], amounts=amounts, ways=ways_of(own, result, together), figures=True
    )[0]
    if output is None:
        click.echo(drawn(said, form or "text"), nl=False)
        return
    write_explanation(said, output, form)
    click.echo(messages.text("explain_one_written", name=said.name, file=output))


def _township(
    folder: Path, form: str, codes: Sequence[str], explanations: Callable[[Sequence[str]], list[Explanation]]
) -> None:
    """A file for each firm, some firms at a time: their ways up are computed together."""
    from mujun.reports.firms.explanation_file import write_explanations, write_index
    from mujun.writing import Several

    entries, files = [], Several(folder)
    with click.progressbar(length=len(codes), file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for start in range(0, len(codes), TOGETHER):
            several = explanations(codes[start : start + TOGETHER])
            entries += write_explanations(several, files, form)
            bar.update(len(several))
    if form == "html":
        write_index(entries, files)
    files.finish()
