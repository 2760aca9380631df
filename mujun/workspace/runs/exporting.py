"""Results and records as tables to be handed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import cast

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import TABLES
from mujun.notebooks import InNotebooks
from mujun.reports.drawing.publishing import published
from mujun.rules import RuleSet, load_kept, load_rules
from mujun.rules.named_lists import with_list
from mujun.store import Store
from mujun.workspace.asking import codes_asked
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table, findings_on_record, frame_of_year, years_on_record
from mujun.workspace.frames_at import OF_USAGE, usage_at
from mujun.workspace.names_of_tables import LIST, kind_of, table_of_list
from mujun.workspace.runs.kept import runs_of_year
from mujun.workspace.runs.past import united
from mujun.workspace.runs.policies import amounts_of, listing_of
from mujun.workspace.runs.standing_alone import result_for
from mujun.workspace.tiers_from import TiersFrom, TierSource

OF_RUNS = ("ratings", "subjects", "rectification", "allocation")
"""Tables that runs keep."""


@dataclass(frozen=True)
class Export(InNotebooks):
    """A table to be handed on: its rows, the rules that name its columns, the runs it is of, whence its tiers are."""

    what: str
    rows: pl.DataFrame = field(repr=False)
    rules: RuleSet | None = field(default=None, repr=False)
    runs: tuple[int, ...] = ()
    tiers_from: TiersFrom | None = None


def export(
    county: CountyFile,
    what: str,
    *,
    run: int | None = None,
    year: int | None = None,
    rules: str | None = None,
    township: str | None = None,
    tier: str | None = None,
    firms: Sequence[str] = (),
    public: bool = False,
    kept: int | None = None,
    name: str | None = None,
) -> Export:
    """A table of results or records, as `export` writes it.

    Args:
        county: the county.
        what: `ratings`, `subjects`, `rectification`, `allocation` of past runs; `enterprises` (the frame of a year),
            `usage` (bills and readings by the codes that are right at the end of a year), `findings`, `accounts` of the
            records as they stand.
        run: which run; without one those that make up the year.
        year: the data year; the newest where none is given.
        rules: other rules for `rectification` and `allocation`: what they list and charge now, not what a run kept.
        township, tier: only the rows of one.
        firms: only these enterprises: codes, names, or parts of names that no other bears.
        kept: of `allocation`: the amounts of rules that stand alone that were kept under this number.
        name: of `rectification`: which of several lists.
        public: only what a notice may show, natural persons masked unless the rule set says `persons: full`.

    Raises:
        UsageError: there is no such run, table, township, tier or enterprise.
    """
    numbers: list[int] = []
    tiers_from = None
    ruleset: RuleSet | None
    if kept is not None:
        rows, ruleset, tiers_from = _kept(county, what, kept)
    elif rules is not None:
        rows, ruleset, tiers_from = _by_rules(county, what, rules, year, run, name)
    elif what in OF_RUNS:
        numbers = [run] if run is not None else runs_of_year(county, year)
        if what == LIST:
            what = _kept_list(county, numbers[0], name)
        rows, ruleset = united(county, numbers, what)
        what = kind_of(what)
    else:
        rows, ruleset = _records(county, what, year), None
    for column, wanted in (("township", township), ("tier", tier)):
        if wanted is not None:
            rows = _only(rows, column, wanted)
    if firms:
        rows = _of_firms(rows, codes_asked(county, firms))
    return Export(what, published(rows, what, ruleset) if public else rows, ruleset, tuple(numbers), tiers_from)


def _kept_list(county: CountyFile, number: int, name: str | None) -> str:
    """The table of a run's list: of the one that is named, where its rules make several."""
    with Store.open(county.path) as store:
        run = store.run(number, results=False)
    return table_of_list(with_list(load_kept(run.rules, run.rule_files), name).list_name)


def _of_firms(rows: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """The rows of some enterprises, and of subjects that they are members of."""
    wanted = pl.Series(list(codes), dtype=pl.String)
    mine = pl.col("credit_code").is_in(wanted.implode()) if "credit_code" in rows.columns else pl.lit(value=False)
    if "members" in rows.columns:
        mine |= pl.col("members").list.set_intersection(list(codes)).list.len().fill_null(0) > 0
    return rows.filter(mine)


def _kept(county: CountyFile, what: str, number: int) -> tuple[pl.DataFrame, RuleSet, TiersFrom]:
    """Amounts exactly as they were kept."""
    if what != "allocation":
        raise UsageError(problem("export_kept_of_amounts", what=what))
    with Store.open(county.path) as store:
        kept = store.kept_amount(number)
        runs = store.runs().filter(pl.col("number").is_in(list(kept.runs))).sort("number")
    source = cast("TierSource", kept.tiers)
    tiers = TiersFrom(source, tuple(kept.runs), tuple(runs["rules"].to_list()), kept.tiered)
    return kept.rows, load_kept(kept.rules, kept.rule_files), tiers


def _by_rules(
    county: CountyFile, what: str, rules: str, year: int | None, run: int | None, name: str | None
) -> tuple[pl.DataFrame, RuleSet | None, TiersFrom | None]:
    """A list or amounts by rules that are named."""
    loaded = load_rules(rules)
    if what == "rectification":
        loaded = with_list(loaded, name)
    if what not in ("rectification", "allocation"):
        raise UsageError(problem("export_rules_of_nothing", what=what))
    result = result_for(county, loaded, year, run)
    if what == "rectification":
        listing = result.listing if result.tiers_from is not None else listing_of(county, result, loaded)
        if listing is None:
            raise UsageError(problem("no_rectification", address=loaded.address))
        return listing.rectification, loaded, result.tiers_from
    amounts = result.allocation if result.tiers_from is not None else amounts_of(county, result, rules)
    if amounts is None:
        raise UsageError(problem("no_allocation", address=loaded.address))
    return amounts.allocation, loaded, result.tiers_from


def _records(county: CountyFile, what: str, year: int | None) -> pl.DataFrame:
    if what == "findings":
        return _with_township(county, findings_on_record(county, year))
    if what == "accounts":
        return current_table(county, "accounts").select(list(TABLES["accounts"].by_name))
    years = years_on_record(county)
    if not years:
        raise UsageError(problem("year_without_enterprises", year=year or "—", known="—"))
    wanted = year if year is not None else years[-1]
    return _usage(county, wanted) if what == "usage" else frame_of_year(county, wanted)[0]


def _usage(county: CountyFile, year: int) -> pl.DataFrame:
    """Bills and readings of all days, as the amounts of a year go by them."""
    with Store.open(county.path) as store:
        usage = usage_at(store.tables(OF_USAGE), year)
    return usage.select(list(TABLES["usage"].by_name)).sort("credit_code", "utility", "from", "until", "account")


def _with_township(county: CountyFile, findings: pl.DataFrame) -> pl.DataFrame:
    """Findings with the township of the firm that each is about, by the newest roll."""
    roll = current_table(county, "enterprises").sort("year").unique("credit_code", keep="last", maintain_order=True)
    return findings.join(roll.select("credit_code", "township"), on="credit_code", how="left", maintain_order="left")


def _only(rows: pl.DataFrame, column: str, wanted: str) -> pl.DataFrame:
    if column not in rows.columns:
        raise UsageError(problem("export_no_column", column=column))
    known = rows[column].drop_nulls().unique().sort().to_list()
    if wanted not in known:
        raise UsageError(problem("export_unknown_value", column=column, value=wanted, known=known or "—"))
    return rows.filter(pl.col(column) == wanted)
