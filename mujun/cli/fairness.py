"""`fairness`: who gets which tier, and why."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from mujun import messages
from mujun.cli.options import county_of, output_option, run_option, words
from mujun.cli.tables import table
from mujun.reports.drawing.terminal import text_table

if TYPE_CHECKING:
    from mujun.analysis.fairness import Fairness

SHOWN = 15
"""Groups listed on screen."""

BY = ("scale", "industry", "township", "park", "age", "tenure")
"""What `--by` takes: the dimensions, named here so that help need not open the analysis."""


@click.command(help=words("help_fairness"))
@run_option()
@click.option("--by", type=click.Choice(BY), help=words("help_fairness_by"))
@output_option(".xlsx", ".json", help_key="help_fairness_output")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help=words("help_stability_format"),
)  # fmt: skip
@click.pass_context
def fairness(ctx: click.Context, run: int | None, by: str | None, output: Path | None, form: str) -> None:
    """Tiers by group, what drives differences, effective weights."""
    county = county_of(ctx)
    number = run if run is not None else county.runs.newest()
    result = county.runs.fairness(number)
    if form == "json":
        click.echo(county.papers.json(result, run=number))
    elif by is not None:
        _show_head(result)
        _show_by(result, by)
    elif output is None:
        _show_head(result)
        _show_glance(result)
    if output is not None:
        county.papers.fairness(result, output, run=number)
        click.echo(messages.text("fairness_written", file=output), err=form == "json")


def _show_head(result: Fairness) -> None:
    rating = result.rating
    count = result.shares["subjects"][0]
    click.echo(messages.text("fairness_title", year=rating.year, name=rating.plan.rating.name, count=count))
    if not rating.binding:
        click.echo(messages.text("rate_trial"))


def _show_glance(result: Fairness) -> None:
    """Every dimension in a line, then weights, then indicators that say the same."""
    from mujun.reports.runs.fairness_sheets import alike, dimension_name, group_name, most_of, names_of, reading

    lines = []
    for dimension, groups, _, _, association, chance, as_large in result.dimensions.iter_rows():
        line = [dimension_name(dimension), groups, association, chance, _percent(as_large)]
        for tier in (result.tiers[0], result.tiers[-1]):
            most = most_of(result, dimension, tier)
            line += [group_name(dimension, most[0]), most[1]] if most else ["—", "—"]
        lines.append(line)
    click.echo(table(messages.text("fairness_dimensions_head"), lines))
    names = names_of(result)
    weights = [
        (
            names[r["cohort"]],
            names[r["indicator"]],
            *(_percent(r[c]) for c in ("nominal", "effective", "least", "most", "explained")),
        )
        for r in result.weights.iter_rows(named=True)
    ]
    click.echo(table(messages.text("fairness_weights_head"), weights))
    near = [
        (names[r["cohort"]], names[r["first"]], names[r["second"]], r["spearman"], r["pearson"])
        for r in alike(result).iter_rows(named=True)
    ]
    click.echo(messages.text("fairness_alike" if near else "fairness_none_alike"))
    if near:
        click.echo(table(messages.text("fairness_pairs_head"), near))
    _show_reading(reading())
    click.echo(messages.text("fairness_next"))


def _percent(share: Decimal | None) -> Decimal | None:
    return None if share is None else share.scaleb(2)


def _show_by(result: Fairness, by: str) -> None:
    """One dimension: tier shares, then what drives each group's mean score."""
    from mujun.reports.runs.fairness_sheets import dimension_name, group_name, names_of, reading

    groups = result.shares.filter(pl.col("dimension").is_in(["all", by]))
    head = [dimension_name(by), messages.text("fairness_count")]
    head += [messages.text("fairness_share", tier=t) for t in result.tiers]
    lines = [
        (group_name(r["dimension"], r["group"]), r["subjects"], *(r[f"share:{t}"] for t in result.tiers))
        for r in groups.head(SHOWN + 1).iter_rows(named=True)
    ]
    click.echo(text_table(head, lines))
    if groups.height > SHOWN + 1:
        click.echo(messages.text("fairness_more", count=groups.height - SHOWN - 1))
    names = names_of(result)
    moved = result.drivers.filter(pl.col("dimension") == by, pl.col("driver").is_not_null())
    far = moved.sort(pl.col("small"), pl.col("difference").abs(), descending=[False, True], maintain_order=True)
    click.echo(
        table(
            messages.text("fairness_drivers_head"),
            [
                (
                    names[r["cohort"]], group_name(by, r["group"]), r["subjects"], r["mean_score"], r["difference"],
                    names[r["driver"]], r[f"part:{r['driver']}"],
                )
                for r in far.head(SHOWN).iter_rows(named=True)
            ],
        )
    )  # fmt: skip
    if far.height > SHOWN:
        click.echo(messages.text("fairness_more", count=far.height - SHOWN))
    _show_reading(reading()[:3])


def _show_reading(lines: list[str]) -> None:
    click.echo(messages.text("fairness_read"))
    for line in lines:
        click.echo(f"· {line}")
