"""`stability`: how firm the tiers of a rating are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from mujun import messages
from mujun.cli.options import county_of, output_option, rules_option, run_option, words, year_option
from mujun.cli.tables import table
from mujun.steps import whole

if TYPE_CHECKING:
    from mujun.analysis.stability import Firmness

SHOWN = 12
"""Fragile firms listed on screen."""

MOST_DRAWS = 9_999


@click.command(help=words("help_stability"))
@run_option()
@rules_option(required=False)
@year_option()
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), help=words("help_stability_draws"))
@click.option("--seed", type=click.IntRange(0), help=words("help_stability_seed"))
@output_option(".xlsx")
@output_option(".csv", ".parquet", names=("--parameters",), help_key="help_stability_parameters")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help=words("help_stability_format"),
)  # fmt: skip
@click.pass_context
def stability(
    ctx: click.Context,
    run: int | None,
    rules: str | None,
    year: int | None,
    draws: int | None,
    seed: int | None,
    output: Path | None,
    parameters: Path | None,
    form: str,
) -> None:
    """How firm the tiers of a rating are."""
    county = county_of(ctx)
    with whole():
        firmness = county.runs.stability(run, rules=rules, year=year, draws=draws, seed=seed)
    if form == "json":
        click.echo(county.papers.json(firmness))
    else:
        show_firmness(firmness)
    for file, write in ((output, county.papers.stability), (parameters, county.papers.stability_draws)):
        if file is not None:
            write(file, firmness)
            click.echo(messages.text("stability_written", file=file), err=form == "json")


def show_firmness(firmness: Firmness) -> None:
    """What a test found: tiers, sources, indicators, and the least firm."""
    from mujun.reports.runs.stability_sheets import assumptions_in_words, names_of, ranges_in_words

    rating, names = firmness.rating, names_of(firmness)
    seed = firmness.stated.seed
    click.echo(
        messages.text("stability_head", year=rating.year, name=rating.plan.rating.name, draws=firmness.draws, seed=seed)
    )
    click.echo(ranges_in_words(firmness))
    for line in assumptions_in_words(firmness):
        click.echo(line)
    tiers = [
        (names[r["cohort"]], r["tier"], r["subjects"], _percent(r["kept"]), r["fragile"])
        for r in firmness.tiers.iter_rows(named=True)
    ]
    click.echo(table(messages.text("stability_tier_head"), tiers))
    fragile = int(firmness.subjects["fragile"].sum())
    limit = messages.show(firmness.stated.fragile_below)
    click.echo(messages.text("stability_count", rated=firmness.subjects.height, fragile=fragile, limit=limit))
    _show_sources(firmness)
    dropped = [
        (names[r["cohort"]], names[r["indicator"]], r["moved"], r["up"], r["down"], f"{r['rank_shift']:.1f}")
        for r in firmness.dropped.iter_rows(named=True)
    ]
    click.echo(table(messages.text("stability_drop_head"), dropped))
    if fragile:
        _show_fragile(firmness)


def _percent(share: float | None) -> str:
    # An estimate of nothing may come out a little below it.
    return "—" if share is None else f"{max(share, 0.0) * 100:.1f}"


def _show_sources(firmness: Firmness) -> None:
    if not firmness.variance_draws:
        click.echo(messages.text("stability_no_sources"))
        return
    of_all = firmness.sources.filter(pl.col("cohort").is_null())
    rows = []
    for (source,), several in of_all.partition_by("source", as_dict=True, maintain_order=True).items():
        by = {r["output"]: r for r in several.iter_rows(named=True)}
        cells = [_percent(by[o][k]) for o in ("rank_shift", "tier_moves") for k in ("first_order", "total_order")]
        rows.append((messages.text(messages.key(f"stability_source_{source}")), *cells))
    click.echo(table(messages.text("stability_source_head"), rows))
    designs = len(rows) + 2
    note = {"draws": firmness.variance_draws, "designs": designs, "subjects": firmness.variance_subjects}
    click.echo(messages.text("stability_source_note", **note))


def _show_fragile(firmness: Firmness) -> None:
    from mujun.reports.runs.stability_sheets import names_of

    names, fragile = names_of(firmness), firmness.fragile
    rows = [
        (
            r["name"] or r["subject"], names[r["cohort"]], r["tier"], _percent(r["kept"]), r["likely"], r["rank"],
            f"{r['rank_low']}–{r['rank_high']}",
        )
        for r in fragile.head(SHOWN).iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("stability_fragile_head"), rows))
    if fragile.height > SHOWN:
        click.echo(messages.text("stability_fragile_more", shown=SHOWN, count=fragile.height))
