"""`coverage`: what is there of a year, what is blank, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import polars as pl

from mujun import messages
from mujun.cli.options import WHOLE, county_of, output_option, words
from mujun.cli.records import WIDEST, waiting_line
from mujun.cli.tables import table
from mujun.fields.here import field_here, labelled, table_here, unit_here
from mujun.reports.drawing.terminal import fitted

if TYPE_CHECKING:
    from mujun.workspace.data.coverage import Coverage, Waiting

SHOWN = 40
"""Figures that wait that are listed on screen; counts are complete."""


@click.command(help=words("help_coverage"))
@click.argument("year", type=WHOLE)
@click.option("--waiting", is_flag=True, help=words("help_coverage_waiting"))
@click.option("--json", "as_document", is_flag=True, help=words("help_coverage_json"))
@click.option("--as-of-batch", type=WHOLE, help=words("help_as_of_batch"))
@output_option(".xlsx")
@click.pass_context
def coverage(
    ctx: click.Context, year: int, waiting: bool, as_document: bool, as_of_batch: int | None, output: Path | None
) -> None:
    """What is there of a year."""
    county = county_of(ctx)
    covered = county.data.coverage(year, as_of_batch=as_of_batch)
    if as_document:
        click.echo(county.papers.json(covered), nl=False)
        return
    if output is not None:
        file = county.papers.coverage(
            output, year, covered.fields, covered.kept_out, covered.contested, covered.totals, covered.waiting
        )
        click.echo(messages.text("coverage_written", file=file))
        return
    if waiting:
        show_waiting(covered, covered.differing, shown=SHOWN)
        if not covered.waits:
            click.echo(messages.text("coverage_nothing_waits", year=year))
        return
    show_coverage(covered)
    show_waiting(covered, covered.differing)


def show_coverage(covered: Coverage) -> None:
    """The table of a year: a line per field of which anything was said or is expected."""
    on_roll = int(covered.fields["on_roll"].max() or 0)  # type: ignore[arg-type]
    click.echo(messages.text("coverage_head", year=covered.year, firms=on_roll))
    last = pl.col("with_value_last").fill_null(0) > 0
    told = covered.fields.filter((pl.col("with_value") + pl.col("waiting_rows") + pl.col("contested") > 0) | last)
    lines = [
        (
            table_here(r["table"]), labelled(r["field"], r["label"], r["unit"]), r["with_value"],
            r["blank"], r["waiting_rows"] + r["contested"] or "", r["off_roll"] or "", _shown(r["total"]),
            _shown(r["total_in_store"]), _in_files(r), "" if r["with_value_last"] is None else r["with_value_last"],
            _shown(r["total_last"]),
        )
        for r in told.iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("coverage_columns"), lines))
    rest = covered.fields.join(told, on=["table", "field"], how="anti")
    unsaid = [field_here(r["field"], r["label"]) for r in rest.iter_rows(named=True)]
    if unsaid:
        click.echo(fitted(messages.text("coverage_unsaid", count=len(unsaid), fields=unsaid), WIDEST))
    for r in told.filter(pl.col("unlikely_median").is_not_null()).iter_rows(named=True):
        median = _shown(r["unlikely_median"])
        about = {"field": field_here(r["field"], r["label"]), "unit": unit_here(r["unit"])}
        click.echo(messages.text("coverage_median", median=median, **about))
    for r in told.filter(last, pl.col("with_value") * 2 < pl.col("with_value_last")).iter_rows(named=True):
        about = {"field": field_here(r["field"], r["label"])}
        click.echo(messages.text("coverage_fewer", now=r["with_value"], last=r["with_value_last"], **about))


def _in_files(row: Mapping[str, Any]) -> str:
    """The total that the files give, and what was read of these columns where it is another."""
    stated, read = row["total_in_files"], row["read_of_these"]
    if stated is None or stated == read:
        return _shown(stated)
    return messages.text("coverage_total_differs", said=stated, read=read)


def _shown(value: object) -> str:
    return "" if value is None else messages.show(value)


def show_waiting(
    covered: Waiting, differing: pl.DataFrame | None = None, *, shown: int = 0, briefly: bool = False
) -> None:
    """What waits: rows kept out, by file, and figures on which files differ; nothing where nothing does.

    `differing` are files' own totals that were not read (`Coverage.differing`), where they are to be told.
    """
    rows = int(covered.kept_out["rows"].sum())
    if rows and briefly:
        click.echo(messages.text("coverage_rows_wait_briefly", count=rows, year=covered.year))
    elif rows:
        files = [
            messages.text("coverage_of_file", file=r["file"], table=table_here(r["table"]), count=r["rows"])
            for r in covered.kept_out.iter_rows(named=True)
        ]
        click.echo(messages.text("coverage_rows_wait", count=rows))
        for line in files:
            click.echo(f"　{line}" if messages.language() == "zh" else f"  {line}")
    if covered.waiting.height:
        asked = covered.waiting.unique(["batch", "table", "sheet", "row"])
        click.echo(messages.text("coverage_tables_wait", count=asked.height, rows=int(asked["rows"].sum())))
        for row in covered.waiting.iter_rows(named=True):
            about = {"file": row["file"], "table": table_here(row["table"]), "sheet": row["sheet"] or "—"}
            click.echo(
                messages.text(
                    "coverage_question", id=row["question"], asks=row["asks"], choices=row["choices"], **about
                )
            )
    for row in differing.iter_rows(named=True) if differing is not None else ():
        about = {k: row[k] for k in ("file", "header", "own_total", "read")} | {"unit": unit_here(row["unit"] or "")}
        click.echo(messages.text("coverage_file_total", sheet=row["sheet"] or "—", **about))
    if covered.contested.height:
        click.echo(messages.text("coverage_contested", count=covered.contested.height, year=covered.year))
        for row in covered.contested.head(shown).iter_rows(named=True):
            click.echo(waiting_line(row))
        if shown and covered.contested.height > shown:
            click.echo(messages.text("coverage_contested_more", count=covered.contested.height - shown))
