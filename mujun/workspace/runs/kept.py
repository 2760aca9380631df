"""The register of past runs, which needs nothing of what computes them."""

from __future__ import annotations

import polars as pl

from mujun.errors import UsageError, problem
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.final_runs import final_runs


def kept_runs(county: CountyFile) -> pl.DataFrame:
    """All ratings ever kept, oldest first: `number, year, rules, batch, final, created_at, digest, label`, …"""
    with Store.open(county.path) as store:
        return store.runs()


def newest_run(county: CountyFile, year: int | None = None) -> int:
    """The number of the newest run that rated enterprises, of a year if one is given.

    Raises:
        UsageError: nothing has been rated yet.
    """
    with Store.open(county.path) as store:
        number = store.newest_run(year)
    if number is None:
        raise UsageError(problem("no_runs" if year is None else "no_runs_of_year", year=year))
    return number


def newest_run_year(county: CountyFile) -> int:
    """The data year of the newest run that rated enterprises.

    Raises:
        UsageError: nothing has been rated yet.
    """
    return int(kept_runs(county).filter(pl.col("number") == newest_run(county))["year"].item())


def runs_of_year(county: CountyFile, year: int | None = None) -> list[int]:
    """The runs that make up a year's result: its final ones, else the newest; without a year the newest of all.

    Raises:
        UsageError: nothing has been rated yet.
    """
    if year is not None:
        with Store.open(county.path) as store:
            finals = final_runs(store, None).filter(pl.col("year") == year)["number"].to_list()
        if finals:
            return sorted(finals)
    return [newest_run(county, year)]
