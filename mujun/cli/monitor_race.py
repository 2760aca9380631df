"""`monitor race`: the townships ranked, explained, tried with other values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import county_of, json_option, output_option, rules_option, shown, words
from mujun.cli.rectify_days import day, day_option, today_or
from mujun.cli.tables import table
from mujun.errors import UsageError, problem

if TYPE_CHECKING:
    from mujun.analysis.stability import Firmness
    from mujun.monitoring.racing import Race, RaceItem


@click.command(help=words("help_monitor_race"))
@day_option("--as-of", help_key="help_rectify_as_of")
@day_option("--since", help_key="help_race_since")
@day_option("--known-on", help_key="help_rectify_known_on")
@rules_option(required=False)
@click.option("--explain", "explained", help=words("help_race_explain"))
@click.option("--try", "tries", multiple=True, help=words("help_race_try"))
@click.option("--stability", is_flag=True, help=words("help_race_stability"))
@json_option()
@output_option(".xlsx", ".json")
@click.pass_context
def race(
    ctx: click.Context,
    as_of: datetime | None,
    since: datetime | None,
    known_on: datetime | None,
    rules: str | None,
    explained: str | None,
    tries: tuple[str, ...],
    stability: bool,
    form: str | None,
    output: Path | None,
) -> None:
    """The townships' race."""
    wanted = _values(tries)
    county = county_of(ctx)
    told = county.monitor.race(today_or(as_of), rules=rules, known_on=day(known_on), since=day(since))
    shown(county, told, form, output, lambda: _show(told))
    if explained is not None:
        click.echo(county.papers.drawn(county.monitor.race_explained(told, explained), "text"), nl=False)
    if wanted:
        click.echo(messages.text("race_tried", changes="、".join(tries)))
        _show_tried(county.monitor.race_tried(told, wanted))
    if stability:
        _show_firmness(told, county.monitor.race_firmness(told))
    if output is not None:
        county.papers.race(told, output)
        click.echo(messages.text("paper_written", file=output))


def _values(tries: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    """What `--try` says, by township and figure."""
    wanted: dict[str, dict[str, Decimal]] = {}
    for text in tries:
        whose, _, value = text.partition("=")
        township, _, figure = whose.replace("：", ":").partition(":")
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            number = Decimal("nan")
        if not township.strip() or not figure.strip() or not number.is_finite():
            raise UsageError(problem("race_try_form", text=text))
        wanted.setdefault(township.strip(), {})[figure.strip()] = number
    return wanted


def _show(told: Race) -> None:
    from mujun.reports.monitoring.race_sheets import basis_words, lift_words, moved_words
    from mujun.reports.monitoring.wording import number

    since = str(told.since) if told.since is not None else "—"
    click.echo(messages.text("race_title", label=told.contest.label, last=told.month.last_day, since=since))
    rows = [
        (r.rank, r.township, number(r.score), r.before, moved_words(r) or None,
         number(r.ahead) if r.ahead is not None else None, lift_words(told, r))
        for r in told.racers
    ]  # fmt: skip
    click.echo(table(messages.text("race_head"), rows))
    labels = [f"{i.target.label}（{messages.show(i.weight)}）" for i in told.racers[0].items]
    click.echo(messages.text("race_items"))
    by_item = [(r.township, *(_points(i) for i in r.items)) for r in told.racers]
    click.echo(table(messages.text("race_items_head", labels="\t".join(labels)), by_item))
    click.echo(basis_words(told.contest))


def _points(item: RaceItem) -> str:
    """The points, or why there are none."""
    from mujun.reports.monitoring.race_sheets import item_note
    from mujun.reports.monitoring.wording import number

    return item_note(item) if item.note in ("missing", "zero_denominator") else number(item.points)


def _show_tried(tried: Race) -> None:
    from mujun.reports.monitoring.race_sheets import moved_words
    from mujun.reports.monitoring.wording import number

    rows = [(r.rank, r.township, number(r.score), r.before, moved_words(r)) for r in tried.racers]
    click.echo(table(messages.text("race_tried_head"), rows))


def _show_firmness(told: Race, firmness: Firmness) -> None:
    from mujun.reports.monitoring.wording import number

    rows = {r["subject"]: r for r in firmness.subjects.iter_rows(named=True)}
    shown = [
        (
            r.rank, r.township, number(r.score),
            f"{rows[r.township]['rank_low']}–{rows[r.township]['rank_high']}",
            f"{rows[r.township]['rank_shift']:.1f}",
        )
        for r in told.racers
    ]  # fmt: skip
    click.echo(table(messages.text("race_firm_head"), shown))
    click.echo(messages.text("race_firm_note", draws=firmness.draws))
