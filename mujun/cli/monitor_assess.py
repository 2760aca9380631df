"""`monitor assess`: the annual assessment of the county and of its townships."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import county_of, json_option, output_option, rules_option, shown, words
from mujun.cli.rectify_days import day, day_option, today_or
from mujun.cli.tables import table

if TYPE_CHECKING:
    from mujun.reports.monitoring.assessment_sheets import Assessment


@click.command(help=words("help_monitor_assess"))
@day_option("--as-of", help_key="help_rectify_as_of")
@day_option("--known-on", help_key="help_rectify_known_on")
@rules_option(required=False)
@json_option()
@output_option(".xlsx", ".json")
@click.pass_context
def assess(
    ctx: click.Context,
    as_of: datetime | None,
    known_on: datetime | None,
    rules: str | None,
    form: str | None,
    output: Path | None,
) -> None:
    """The annual assessment."""
    county = county_of(ctx)
    told = county.monitor.assessment(today_or(as_of), rules=rules, known_on=day(known_on))
    shown(county, told, form, output, lambda: _show(told))
    if output is not None:
        county.papers.assessment(told, output)
        click.echo(messages.text("paper_written", file=output))


def _show(told: Assessment) -> None:
    from mujun.reports.monitoring.assessment_sheets import WHY
    from mujun.reports.monitoring.race_sheets import basis_words
    from mujun.reports.monitoring.wording import number, percent

    points = number(told.points)
    click.echo(messages.text("assess_title", label=told.contest.label, year=told.year, points=points))
    rows = [
        (
            a.target.label, number(a.counted), number(a.value.value) if a.value else None, number(a.aim),
            percent(a.share), number(a.factor, 4), number(a.points), WHY[a.why] or None,
        )
        for a in told.whole
    ]  # fmt: skip
    click.echo(table(messages.text("assess_head"), rows))
    if told.townships:
        click.echo(messages.text("assess_townships"))
        click.echo(table(messages.text("assess_townships_head"), [(r, n, number(p)) for n, p, r in told.ranked]))
    click.echo(basis_words(told.contest))
