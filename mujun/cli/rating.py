"""`rate`: rating a year and looking at what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

from mujun import messages
from mujun.cli.coverage import show_waiting
from mujun.cli.options import WHOLE, county_of, rules_option, tell_still_out, words, year_option
from mujun.cli.tables import table
from mujun.fields.here import field_here
from mujun.messages import MessageKey
from mujun.steps import whole

if TYPE_CHECKING:
    from mujun import Rating
    from mujun.workspace import County, YearResult

SHOWN = 20
"""Firms listed on screen."""


@click.command(help=words("help_rate"))
@rules_option()
@year_option(required=True)
@click.option("--as-of-batch", type=WHOLE, help=words("help_as_of_batch"))
@click.option("--final", is_flag=True, help=words("help_rate_final"))
@click.option("--label", default="", help=words("help_rate_label"))
@click.option("--despite", multiple=True, metavar="FIELD", help=words("help_rate_despite"))
@click.option("--after-list", is_flag=True, help=words("help_rate_after_list"))
@click.option("--dry-run", is_flag=True, help=words("help_rate_dry_run"))
@click.pass_context
def rate(
    ctx: click.Context, rules: str, year: int, as_of_batch: int | None, final: bool, label: str,
    despite: tuple[str, ...], after_list: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Rate a year by a rule set."""
    county = county_of(ctx)
    with county.kept_open():
        if year in county.data.years():
            show_waiting(county.data.waiting(year, as_of_batch=as_of_batch), briefly=True)
    with whole():
        result = county.runs.rate(
            rules, year, as_of_batch=as_of_batch, save=not dry_run, final=final, label=label, despite=despite,
            after_list=after_list,
        )  # fmt: skip
    _show_gaps(county, result)
    show_result(result)
    for tie in county.runs.ties(result):
        names, fields = list(tie.firms), [field_here(f) for f in tie.fields]
        click.echo(
            messages.text("rate_tie", cell=tie.cell, tier=tie.tier, names=names, count=len(names), fields=fields)
        )
    if final and not dry_run:
        tell_still_out(county, "publication_out_rated", year)
    if not dry_run and result.rating.plan.rating.population.area is None:
        click.echo(messages.text("rate_next"))


def _show_gaps(county: County, result: YearResult) -> None:
    """Large gaps that the rules excuse: said before the tiers."""
    for gap in county.runs.gaps(result):
        if gap.large:
            click.echo(
                messages.text(
                    "rate_gap", cohort=gap.cohort_label, indicator=gap.indicator_label, field=field_here(gap.field),
                    missing=gap.missing, asked=gap.asked,
                )
            )  # fmt: skip


def show_result(result: YearResult) -> None:
    """The tier tables of a rating, and what its rules' `verify` says."""
    rating = result.rating
    key: MessageKey = "rate_done" if result.number is not None else "rate_not_kept"
    click.echo(
        messages.text(key, year=result.year, name=rating.plan.rating.name, run=result.number, digest=rating.digest[:12])
    )
    if not rating.binding:
        click.echo(messages.text("rate_trial"))
    show_tiers(rating)
    if rating.plan.rating.population.area is not None:
        areas = rating.subjects.height
        click.echo(messages.text("rate_areas", count=areas, unplaced=rating.unplaced, run=result.number or "—"))
    _show_merged(rating)


def _show_merged(rating: Rating) -> None:
    """How many firms were rated together, and what the other way of rating would have said."""
    if rating.merged:
        several = rating.subjects.filter(rating.subjects["members"].list.len() > 1)
        firms = int(several["members"].list.len().sum())
        click.echo(messages.text("rate_merged", subjects=rating.subjects.height, several=several.height, firms=firms))
    if rating.other is None:
        return
    both = rating.enterprises.filter(rating.enterprises["counted_as"].is_not_null()).sort("credit_code")
    moved = both.filter(both["tier"].ne_missing(both["other_tier"]))
    way = messages.text(messages.key(f"rate_way_{rating.counting}"))
    click.echo(messages.text("rate_both", firms=both.height, way=way, moved=moved.height))
    rows = [
        (r["credit_code"], r["name"], r["score"], r["rank"], r["tier"], r["other_score"], r["other_rank"],
         r["other_tier"], len(r["members" if rating.counting == "merged" else "other_members"] or []))
        for r in _with_members(rating, moved).head(SHOWN).iter_rows(named=True)
    ]  # fmt: skip
    if rows:
        click.echo(table(messages.text("rate_both_head"), rows))
    if moved.height > SHOWN:
        click.echo(messages.text("rate_both_more", shown=SHOWN, count=moved.height))


def _with_members(rating: Rating, rows: pl.DataFrame) -> pl.DataFrame:
    if not rating.merged:
        return rows
    return rows.join(rating.subjects.select("subject", "members"), on="subject", how="left", maintain_order="left")


def show_tiers(rating: Rating) -> None:
    """Tiers per cohort, treatments, and the checks of the rules."""
    rows = [(r["label"], r["tier"], r["subjects"], r["share"]) for r in rating.tiers.iter_rows(named=True)]
    click.echo(table(messages.text("rate_head"), rows))
    others = [
        (messages.text(messages.key(f"treatment_{r['treatment']}")), r["reason"] or "", r["subjects"])
        for r in rating.treatments.filter(~rating.treatments["treatment"].is_in(["rated"])).iter_rows(named=True)
    ]
    if others:
        click.echo(table(messages.text("rate_treatments_head"), others))
    for verified in rating.verified:
        click.echo(verified.sentence)
