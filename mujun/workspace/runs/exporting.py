"""Results and records as tables to be handed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import TABLES
from mujun.notebooks import InNotebooks
from mujun.reports.drawing.publishing import published
from mujun.rules import RuleSet
from mujun.workspace.asking import codes_asked
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.standing import current_table, findings_on_record, frame_of_year, years_on_record
from mujun.workspace.runs.past import runs_of_year, united

OF_RUNS = ("ratings", "subjects", "rectification", "allocation")
"""Tables that runs keep."""

OF_RECORDS = ("enterprises", "findings", "accounts")
"""Tables made of the records as they stand."""


@dataclass(frozen=True)
class Export(InNotebooks):
    """A table to be handed on: what it is, its rows, the rules that name its columns, and the runs it is of."""

    what: str
    rows: pl.DataFrame = field(repr=False)
    rules: RuleSet | None = field(default=None, repr=False)
    runs: tuple[int, ...] = ()


def export(
    county: CountyFile,
    what: str,
    *,
    run: int | None = None,
    year: int | None = None,
    township: str | None = None,
    tier: str | None = None,
    firms: Sequence[str] = (),
    public: bool = False,
) -> Export:
    """A table of results or records, as `export` writes it.

    Args:
        county: the county.
        what: `ratings`, `subjects`, `rectification`, `allocation` of past runs; `enterprises` (the frame of a year),
            `findings`, `accounts` of the records as they stand.
        run: which run; without one those that make up the year.
        year: the data year; the newest where none is given.
        township, tier: only the rows of one.
        firms: only these enterprises: codes, names, or parts of names that no other bears.
        public: only what a notice may show, natural persons masked unless the rule set says `persons: full`.

    Raises:
        UsageError: there is no such run, table, township, tier or enterprise.
    """
    numbers: list[int] = []
    if what in OF_RUNS:
        numbers = [run] if run is not None else runs_of_year(county, year)
        rows, rules = united(county, numbers, what)
    else:
        rows, rules = _records(county, what, year), None
    for column, wanted in (("township", township), ("tier", tier)):
        if wanted is not None:
            rows = _only(rows, column, wanted)
    if firms:
        rows = _of_firms(rows, codes_asked(county, firms))
    return Export(what, published(rows, what, rules) if public else rows, rules, tuple(numbers))


def _of_firms(rows: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """The rows of some enterprises, and of subjects that they are members of."""
    wanted = pl.Series(list(codes), dtype=pl.String)
    mine = pl.col("credit_code").is_in(wanted.implode())
    if "members" in rows.columns:
        mine |= pl.col("members").list.set_intersection(list(codes)).list.len().fill_null(0) > 0
    return rows.filter(mine)


def _records(county: CountyFile, what: str, year: int | None) -> pl.DataFrame:
    if what == "findings":
        return findings_on_record(county, year)
    if what == "accounts":
        return current_table(county, "accounts").select(list(TABLES["accounts"].by_name))
    years = years_on_record(county)
    if not years:
        raise UsageError(problem("year_without_enterprises", year=year or "—", known="—"))
    return frame_of_year(county, year if year is not None else years[-1])[0]


def _only(rows: pl.DataFrame, column: str, wanted: str) -> pl.DataFrame:
    if column not in rows.columns:
        raise UsageError(problem("export_no_column", column=column))
    known = rows[column].drop_nulls().unique().sort().to_list()
    if wanted not in known:
        raise UsageError(problem("export_unknown_value", column=column, value=wanted, known=known or "—"))
    return rows.filter(pl.col(column) == wanted)
