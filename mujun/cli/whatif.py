"""`whatif`: rules tried out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from mujun import messages
from mujun.cli.comparing import BY, WIDEST_NAME, show_movers, show_moves, signed
from mujun.cli.options import WHOLE, county_of, output_option, reads, words
from mujun.cli.tables import table
from mujun.messages import MessageKey
from mujun.reports.drawing.terminal import fitted, text_table
from mujun.reports.runs.scenario_workbook import (
    Tried,
    said_changes,
    summary,
    tiers_side_by_side,
    winners_and_losers,
)

if TYPE_CHECKING:
    from mujun.workspace.runs.scenarios import Outcome, WhatIf


@click.command(help=words("help_whatif"))
@click.option("--run", type=WHOLE, help=words("help_whatif_run"))
@click.option("--year", type=WHOLE, help=words("help_whatif_year"))
@click.option("--rules", help=words("help_whatif_rules"))
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help=words("help_whatif_set"))
@click.option(
    "--scenarios", "file", type=click.Path(dir_okay=False, path_type=Path), callback=reads,
    help=words("help_whatif_scenarios"),
)  # fmt: skip
@click.option("--label", help=words("help_whatif_label"))
@click.option("--keep", is_flag=True, help=words("help_whatif_keep"))
@click.option("--by", type=click.Choice(list(BY)), default="cohort", show_default=True, help=words("help_diff_by"))
@click.option("--top", type=click.IntRange(min=0), default=10, help=words("help_diff_top"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=words("help_diff_format"))
@output_option(".xlsx", help_key="help_whatif_output")
@click.pass_context
def whatif(
    ctx: click.Context,
    run: int | None,
    year: int | None,
    rules: str | None,
    settings: tuple[str, ...],
    file: Path | None,
    label: str | None,
    keep: bool,
    by: str,
    top: int,
    form: str,
    output: Path | None,
) -> None:
    """Try rules out against a baseline."""
    county = county_of(ctx)
    result = county.runs.whatif(
        run=run, year=year, rules=rules, settings=settings, scenarios=file, label=label, keep=keep, progress=_progress
    )
    tried = [Tried(o.scenario.id, o.scenario.name, o.comparison) for o in result.outcomes if o.comparison is not None]
    if form == "json":
        click.echo(county.papers.json(result))
    else:
        show_whatif(result, by=by, top=top)
    if output is not None and tried:
        county.papers.scenarios(result, output)
        click.echo(messages.text("diff_written", file=output), err=form == "json")
    elif len(tried) > 1 and form == "text":
        click.echo(messages.text("whatif_see_workbook"))
    for outcome in result.outcomes:
        if outcome.problems:
            reason = "\n".join(str(p) for p in outcome.problems)
            click.echo(messages.text("whatif_failed", label=outcome.scenario.name, reason=reason), err=True)
    if any(o.problems for o in result.outcomes):
        ctx.exit(1)


def _progress(name: str) -> None:
    if sys.stderr.isatty():
        click.echo(messages.text("whatif_scenario", label=name, id="…"), err=True)


def show_whatif(result: WhatIf, *, by: str = "cohort", top: int = 10) -> None:
    """The baseline, each scenario, who moves between tiers and who pays more or less."""
    tried = [Tried(o.scenario.id, o.scenario.name, o.comparison) for o in result.outcomes if o.comparison is not None]
    click.echo(result.baseline_in_words)
    for outcome in result.outcomes:
        if outcome.comparison is not None:
            _show_scenario(outcome)
    if len(tried) > 1:
        rows = [(fitted(r[0], WIDEST_NAME), *r[1:6], signed(r[6]), *r[7:]) for r in summary(tried).iter_rows()]
        click.echo(table(messages.text("whatif_summary_head"), rows))
    if tried:
        head = [*messages.text("whatif_tiers_head").split("\t"), *(fitted(t.name, WIDEST_NAME) for t in tried)]
        click.echo(text_table(head, tiers_side_by_side(tried).rows()))
    if len(tried) == 1:
        show_moves(tried[0].comparison, by=by)
        show_movers(tried[0].comparison, top)
        _show_burdens(tried[0], top)
    for outcome in result.outcomes:
        if outcome.kept is not None:
            click.echo(
                messages.text(
                    "whatif_kept", label=outcome.scenario.name, run=outcome.kept, base=result.baseline.number or "—"
                )
            )
    if tried and all(o.kept is None for o in result.outcomes):
        click.echo(messages.text("whatif_not_kept"))


def _show_scenario(outcome: Outcome) -> None:
    assert outcome.comparison is not None
    scenario = outcome.scenario
    click.echo(messages.text("whatif_scenario", label=scenario.name, id=scenario.id))
    changes = said_changes(outcome.comparison.rules)
    if scenario.rules is not None:
        click.echo("  " + messages.text("whatif_rules", rules=scenario.rules, count=len(outcome.comparison.rules)))
    elif changes:
        more = ["…"] if len(changes) > _MOST_CHANGES else []
        change_words = messages.clauses([*changes[:_MOST_CHANGES], *more])
        click.echo("  " + messages.text("whatif_changes", changes=change_words))
    for doubt in outcome.doubts:
        click.echo(f"  {doubt}")
    if outcome.elsewhere:
        years, year = list(outcome.elsewhere), outcome.comparison.before.year
        click.echo("  " + messages.text("whatif_other_years", label=scenario.name, years=years, year=year))


_MOST_CHANGES = 8


def _show_burdens(tried: Tried, top: int) -> None:
    """Who pays most more, and who pays most less."""
    rows = winners_and_losers(tried.comparison).drop_nulls("burden")
    losers = rows.filter(pl.col("burden") > 0).head(top)
    winners = rows.filter(pl.col("burden") < 0).sort("burden", "credit_code").head(top)
    both: tuple[tuple[MessageKey, pl.DataFrame], ...] = (("whatif_losers", losers), ("whatif_winners", winners))
    for key, chosen in both:
        if chosen.height:
            click.echo(messages.text(key))
            shown = [
                (r["name"] or "—", r["credit_code"], r["township"] or "—",
                 f"{r['tier_before'] or '—'}→{r['tier_after'] or '—'}", signed(r["burden"]))
                for r in chosen.iter_rows(named=True)
            ]  # fmt: skip
            click.echo(table(messages.text("whatif_burden_head"), shown))
