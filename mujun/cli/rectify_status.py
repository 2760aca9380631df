"""`rectify status`: how far the rectification is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import county_of, json_option, output_option, shown, words
from mujun.cli.rectify_days import day, day_option, today_or
from mujun.cli.tables import table
from mujun.messages import MessageKey

if TYPE_CHECKING:
    from mujun.workspace.rectification.monitoring import Status

BY = ("township", "park", "industry", "tier", "path", "way")
"""What `--by` takes: the dimensions of progress, named here so that help need not open the monitoring."""


@click.command(help=words("help_rectify_status"))
@day_option("--as-of", help_key="help_rectify_as_of")
@day_option("--known-on", help_key="help_rectify_known_on")
@click.option("--list", "number", metavar="NUMBER|NAME", help=words("help_rectify_one_list"))
@click.option("--targets", help=words("help_rectify_targets"))
@click.option("--by", type=click.Choice(BY), help=words("help_rectify_by"))
@json_option()
@output_option(".xlsx", ".json")
@click.pass_context
def status(
    ctx: click.Context,
    as_of: datetime | None,
    known_on: datetime | None,
    number: str | None,
    targets: str | None,
    by: str | None,
    form: str | None,
    output: Path | None,
) -> None:
    """How far the rectification is."""
    county = county_of(ctx)
    only = int(number) if number is not None and number.isascii() and number.isdigit() else number
    progress = county.monitor.status(today_or(as_of), known_on=day(known_on), only=only, targets=targets)
    for problem in progress.set_aside:
        click.echo(str(problem), err=True)
    as_json = shown(county, progress, form, output, lambda: _show(progress, by))
    if output is not None:
        county.papers.status(progress, output, "json" if as_json else "workbook")
        click.echo(messages.text("paper_written", file=output))


def _show(progress: Status, by: str | None) -> None:
    t = progress.totals
    click.echo(
        messages.text(
            "status_total", day=progress.day, firms=t.firms, done=t.done, parcels=t.parcels,
            parcels_done=t.parcels_done, overdue=t.overdue,
        )
    )  # fmt: skip
    click.echo(
        messages.text(
            "status_effects", land=t.expected_land_mu, energy=t.expected_energy_tce, land_done=t.verified_land_mu,
            energy_done=t.verified_energy_tce, basis=messages.text(messages.key(f"basis_{progress.energy_basis}")),
        )
    )  # fmt: skip
    if t.land_not_counted_mu:
        click.echo(messages.text("status_land_not_counted", land=t.land_not_counted_mu))
    if t.without_energy:
        click.echo(messages.text("status_without_energy", count=t.without_energy))
    _show_group(progress, by or "township")
    if progress.targets is not None and by is None:
        click.echo(messages.text("status_plan", plan=progress.plan))
        rows = [
            (
                r["label"], r["unit"], r["year"], messages.text(messages.key(f"status_basis_{r['basis']}")),
                r["target"], r["done"], _percent(r["share"]),
                r["remaining"], r["months_left"], r["per_month"], _remark(r),
            )
            for r in progress.targets.iter_rows(named=True)
        ]  # fmt: skip
        click.echo(table(messages.text("status_targets_head"), rows))
    if by is None:
        click.echo(messages.text("status_more_groups"))


def _show_group(progress: Status, by: str) -> None:
    from mujun.reports.rectification.progress_report import group_name

    rows = [
        (
            group_name(by, r["group"]), r["rank"], r["firms"], r["done"], _percent(r["share"]), r["target"],
            r["working"], r["overdue"], _two(r["per_month"]), r["verified_land_mu"], r["verified_energy_tce"],
        )
        for r in progress.groups[by].iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text(messages.key(f"status_groups_head_{by}")), rows))


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _two(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _remark(row: dict[str, object]) -> str:
    remarks: list[MessageKey] = ["status_not_known"] if row["source"] == "none" else []
    remarks += ["status_doubtful"] if row["doubtful"] else []
    told = [messages.text(key) for key in remarks]
    if row["of_file"] is not None:
        told.append(messages.text("status_of_file", value=row["of_file"]))
    return messages.show(told)
