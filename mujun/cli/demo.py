"""`demo`: the whole year on the sample county."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl
from click.core import ParameterSource

from mujun import County, messages
from mujun.cli.allocate import total_of
from mujun.cli.options import words
from mujun.cli.rating import show_tiers
from mujun.errors import UsageError, problem
from mujun.samples import fresh_folder, sample_files, sample_progress

if TYPE_CHECKING:
    from mujun.workspace import YearResult

RULES, YEAR = "zhejiang/shengzhou-2022", 2022
EARLIER_LIST = ("2021年度高耗低效整治企业清单", "示例腾笼办〔2022〕1号", date(2022, 6, 30))
"""The list of the year before: its title, document and day."""


@click.command(help=words("help_demo"))
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
def demo(ctx: click.Context, folder: Path | None) -> None:
    """The whole year on the sample county."""
    if ctx.find_root().get_parameter_source("db") is ParameterSource.COMMANDLINE:
        raise UsageError(problem("demo_own_store", db=ctx.obj))
    files = sample_files()
    target = fresh_folder(folder)
    store = target / "mujun.duckdb"
    _clear(store, files)
    county = County(store)
    click.echo(messages.text("demo_start", files=len(files), folder=target))
    loaded = county.data.load(files)
    rows = sum(o.rows_in for o in loaded.files)
    out = sum(o.rows_out for o in loaded.files)
    warnings = sum(f.severity == "warning" for f in loaded.findings)
    click.echo(messages.text("demo_loaded", rows=rows, out=out, warnings=warnings))
    crossed = county.data.check(YEAR)
    click.echo(_earlier_list(county))
    result = county.runs.rate(RULES, YEAR, final=True)
    firms, above = result.frame.height, result.frame.filter(pl.col("scale") == "规上").height
    click.echo(messages.text("demo_checked", year=YEAR, firms=firms, above=above, count=len(crossed)))
    rated = result.rating.subjects.filter(pl.col("tier").is_not_null()).height
    name, digest = result.rating.plan.rating.name, result.rating.digest[:12]
    click.echo(messages.text("demo_rated", name=name, rated=rated, run=result.number, digest=digest))
    show_tiers(result.rating)
    if result.listing is not None:
        listed = result.listing.rectification
        land, energy = listed["expected_land_mu"].sum(), listed["expected_energy_tce"].sum()
        click.echo(messages.text("demo_listed", count=listed.height, land=land, energy=energy))
    if result.allocation is not None:
        surcharge, relief = total_of(result.allocation, "surcharge"), total_of(result.allocation, "relief")
        lines = result.allocation.allocation.height
        click.echo(messages.text("demo_allocated", rows=lines, surcharge=surcharge, relief=relief))
    if result.number is not None and county.runs.verify(result.number).same:
        click.echo(messages.text("demo_verified"))
    book = target / f"{YEAR}年度综合评价.xlsx"
    county.papers.year(book, result, (*loaded.findings, *crossed))
    click.echo(messages.text("demo_workbook", file=book))
    code = _some_firm(result)
    click.echo(messages.text("demo_page", file=_page(county, result, code, target)))
    click.echo(messages.text("demo_offices", folder=_offices(county, result, target / "部门执行清单")))
    click.echo(messages.text("demo_next", db=store, run=result.number, code=code))


def _earlier_list(county: County) -> str:
    """Rate and list the year before, take in what became of its list, and say so."""
    title, document, on = EARLIER_LIST
    county.runs.rate(RULES, YEAR - 1, final=True)
    issued = county.rectify.issue(title=title, document=document, issued_on=on)
    recorded = county.rectify.load([sample_progress()])
    counts = {"count": issued.tables["firms"].height, "events": len(recorded.recorded)}
    return messages.text("demo_earlier", title=title, on=on, **counts)


def _clear(store: Path, files: list[Path]) -> None:
    """Remove the store of an earlier demo, which has the sample county's files and no others.

    Raises:
        UsageError: a store of somebody's own lies there; it is left alone.
    """
    if not os.path.lexists(store):
        return
    loaded = set(County(store).data.batches()["sha256"])
    if loaded - {hashlib.sha256(file.read_bytes()).hexdigest() for file in files}:
        raise UsageError(problem("demo_not_its_own", file=store))
    store.unlink()
    store.with_name(store.name + ".wal").unlink(missing_ok=True)


def _some_firm(result: YearResult) -> str:
    """The first enterprise of the last tier: whoever has most reason to ask why."""
    return str(result.rating.ratings.filter(pl.col("tier") == "D")["credit_code"][0])


def _page(county: County, result: YearResult, code: str, folder: Path) -> Path:
    file = folder / f"评价说明_{code}.html"
    county.papers.explanation(county.firms.explain(code, result, ways=False, figures=False), file)
    return file


def _offices(county: County, result: YearResult, folder: Path) -> Path:
    assert result.allocation is not None
    county.papers.offices(folder, result, result.allocation, county.money.offices(result.allocation))
    return folder
