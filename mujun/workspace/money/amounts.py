"""What tiers come to in money and quotas: office lists, the quarterly ledger, other rules, last year, land-use tax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from pathlib import Path

import polars as pl

from mujun.allocation import (
    Allocation,
    LeverLedger,
    OfficeList,
    explain_amount,
    lever_ledger,
    office_list,
    offices_of,
)
from mujun.analysis.money_change import MoneyChange, money_change
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.notebooks import InNotebooks
from mujun.records import LandUseTax, land_use_tax, with_successors
from mujun.rules import load_kept, load_rules
from mujun.rules.model.allocation import Office
from mujun.store import Store
from mujun.workspace.asking import codes_of
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.runs.kept import kept_runs, runs_of_year
from mujun.workspace.runs.past import run_table
from mujun.workspace.runs.policies import amounts_of
from mujun.workspace.runs.rating import rate_year
from mujun.workspace.runs.standing_alone import result_for

DIMENSIONS = ("tier", "township", "industry", "scale", "park", "cohort")
"""By what totals can be broken down."""

MONEY = pl.Decimal(38, 6)


def allocation_of(
    county: CountyFile, run: int | None = None, rules: str | Path | None = None, *, year: int | None = None
) -> tuple[YearResult, Allocation]:
    """A run computed again, with its amounts by its own rules or by others.

    Args:
        run: the run; by default the final result of `year` (of the newest run's year where none is said), else the
            newest. Rules that rate nobody themselves go by the year's final result, else by 历年评价.
        rules: another rule set's allocation.
        year: the data year.

    Raises:
        UsageError: there is no such run, or the rules have no allocation.
    """
    result = result_for(county, rules, year, run, final=True)
    allocation = result.allocation if result.tiers_from is not None else amounts_of(county, result, rules)
    if allocation is None:
        raise UsageError(problem("no_allocation", address=str(rules or result.ruleset.address)))
    return result, allocation


def explained_amounts(allocation: Allocation, asked: str) -> tuple[str, ...]:
    """Each measure that touches an enterprise, derived step by step, in the language in force.

    Args:
        allocation: the amounts.
        asked: the enterprise: its code, its name, or a part of its name that no other bears.

    Raises:
        UsageError: nobody or several are meant; names the nearest, or all that may be.
    """
    (code,) = codes_of(allocation.firms, [asked])
    return explain_amount(allocation, code)


def years_apart(allocation: Allocation) -> tuple[int, ...]:
    """The data years that the allocation's rules are for, where the one it was computed for is none of them."""
    file = allocation.plan.ruleset.allocation
    years = file.years if file is not None else ()
    return () if not years or allocation.year in years else tuple(years)


# ------------------------------------------------------------------------------------------------ offices and quarters


def office_lists(county: CountyFile, allocation: Allocation, only: Sequence[Office] = ()) -> tuple[OfficeList, ...]:
    """The lists of all offices whom the rules give something to do, with the account numbers as they stand today.

    An account under a code that has changed by the end of the data year goes to the firm that it is now.

    Args:
        allocation: the amounts.
        only: which offices; all by default.

    Raises:
        UsageError: no measure is for an office that is asked for, or the rules are not for this year.
    """
    if years := years_apart(allocation):
        address = allocation.plan.ruleset.address
        raise UsageError(problem("allocation_not_for_year", address=address, year=allocation.year, years=list(years)))
    accounts = _by_code(county, allocation.year, "accounts")["accounts"]
    return tuple(office_list(allocation, office, accounts) for office in (only or offices_of(allocation)))


def levers(county: CountyFile, result: YearResult, allocation: Allocation) -> LeverLedger:
    """The quarterly ledger of a run's amounts."""
    return lever_ledger(allocation, _by_code(county, result.year, "usage", as_of_batch=result.batch)["usage"])


def land_tax(county: CountyFile, result: YearResult) -> LandUseTax:
    """The land-use tax of a year, line by line, from the records that a run was made from."""
    tables = _by_code(county, result.year, "land", "parcels", "land_grades", as_of_batch=result.batch)
    of_year = {n: tables[n].filter(pl.col("year") == result.year) for n in ("land", "enterprises")}
    return land_use_tax(of_year["land"], tables["parcels"], tables["land_grades"], of_year["enterprises"])


def _by_code(
    county: CountyFile, year: int | None, *names: str, as_of_batch: int | None = None
) -> dict[str, pl.DataFrame]:
    """Tables by the codes that are right at the end of a year."""
    with Store.open(county.path) as store:
        tables = store.tables(("aliases", "enterprises", *names), as_of_batch=as_of_batch)
    return with_successors(tables, year)[0] if year is not None else tables


# --------------------------------------------------------------------------------------------- last year, other rules


@dataclass(frozen=True)
class AgainstLastYear(InNotebooks):
    """Totals of a year beside those of the year before.

    Attributes:
        by: the column that totals are broken down by.
        rows: `measure, label, kind, unit`, the column, `enterprises, amount, enterprises_last, amount_last, change`;
            amounts of last year are missing where it was not rated.
        last_runs: the runs that last year's figures are from.
        tried: those of them whose rules' measures are for other years, so that nothing of it was ever charged.
    """

    by: str
    rows: pl.DataFrame = field(repr=False)
    last_runs: tuple[int, ...] = ()
    tried: tuple[int, ...] = ()


def against_last_year(
    county: CountyFile, result: YearResult, allocation: Allocation, by: str = "tier"
) -> AgainstLastYear:
    """The totals of each measure by tier, township, industry and so on, and the same of the year before.

    Args:
        result, allocation: the year.
        by: one of `DIMENSIONS`; `industry` is the division of two digits.
    """
    mine = _totals(_divided(allocation.rows), by)
    runs = _runs_of_last_year(county, result.year - 1)
    last = [run_table(county, n, "allocation").with_columns(pl.lit(n).alias("_run")) for n in runs]
    keys = ["measure", "kind", by]
    labels = allocation.rows.select("measure", "label").unique(maintain_order=True)
    if not last:
        nothing = [pl.lit(None, dtype=d).alias(n) for n, d in (("enterprises_last", pl.Int64), ("amount_last", MONEY))]
        rows = mine.with_columns(nothing)
    else:
        theirs = pl.concat([_with_firms(county, rows, by) for rows in last])
        summed = _totals(theirs, by).rename({"enterprises": "enterprises_last", "amount": "amount_last"})
        rows = mine.join(summed.drop("unit"), on=keys, how="full", coalesce=True, nulls_equal=True)
    zero = pl.lit(0, dtype=MONEY)
    filled = [pl.col("amount").fill_null(zero), pl.col("enterprises").fill_null(0)]
    if last:
        filled += [pl.col("amount_last").fill_null(zero), pl.col("enterprises_last").fill_null(0)]
    order = {m: i for i, m in enumerate(labels["measure"])}
    rows = (
        rows.join(labels, on="measure", how="left")
        .with_columns(
            *filled,
            pl.coalesce("label", "measure").alias("label"),
            pl.col("measure").replace_strict(order, default=len(order), return_dtype=pl.Int32).alias("_order"),
        )
        .with_columns((pl.col("amount") - pl.col("amount_last")).alias("change"))
        .sort("_order", "measure", "kind", by, nulls_last=True)
    )
    columns = ("enterprises", "amount", "enterprises_last", "amount_last", "change")
    tried = tuple(n for n in runs if _tried(county, n))
    return AgainstLastYear(by, rows.select("measure", "label", "kind", "unit", by, *columns), tuple(runs), tried)


def _divided(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("industry").str.slice(0, 2).alias("industry"))


def _totals(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    return (
        rows.filter(pl.col("kind") != "note")
        .group_by("measure", "kind", by)
        .agg(
            pl.col("unit").first(),
            (pl.col("amount") > 0).sum().cast(pl.Int64).alias("enterprises"),
            pl.col("amount").sum().cast(MONEY),
        )
    )


def _runs_of_last_year(county: CountyFile, year: int) -> list[int]:
    if not (kept_runs(county)["year"] == year).any():
        return []
    with Store.open(county.path) as store:
        return [n for n in runs_of_year(county, year) if "allocation" in store.run(n).results]


def _tried(county: CountyFile, number: int) -> bool:
    with Store.open(county.path) as store:
        run = store.run(number)
    file = load_kept(run.rules, run.rule_files).allocation
    return file is not None and bool(file.years) and run.year not in file.years


def _with_firms(county: CountyFile, rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """A kept table of amounts with the column it is to be broken down by."""
    if by not in rows.columns:
        rated = run_table(county, rows["_run"][0]).select("credit_code", by) if rows.height else None
        rows = rows.join(rated, on="credit_code", how="left") if rated is not None else rows
    if by == "industry" and rows.height:
        rows = _divided(rows)
    return rows.select("measure", "kind", by, "unit", "amount")


@dataclass(frozen=True)
class OtherRules(InNotebooks):
    """What another rule set makes in money.

    Attributes:
        change: the comparison.
        address: the other rules.
        rated_anew: whether its tiers are its own.
        years: the years its amounts are for, where this is none of them.
        dropped: labels of measures that the other rules do not have.
    """

    change: MoneyChange
    address: str
    rated_anew: bool
    dropped: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


def other_rules(county: CountyFile, result: YearResult, allocation: Allocation, rules: str | Path) -> OtherRules:
    """The amounts of a run beside those that another rule set would give.

    A set with a rating of its own rates the same records anew, as a trial that is not kept; one with only an
    allocation goes by the tiers as they are.

    Raises:
        UsageError: the other rules have no allocation, or are not for this year.
    """
    other = load_rules(rules)
    if other.allocation is None:
        raise UsageError(problem("no_allocation", address=other.address))
    if other.rating is not None and other.rating.status != "abstract":
        after = rate_year(county, other, result.year, as_of_batch=result.batch, save=False).allocation
        anew = True
    else:
        after, anew = amounts_of(county, result, rules), False
    assert after is not None
    theirs = {m.name for m in after.plan.measures}
    ours = (m for m in allocation.plan.measures if m.source.kind in ("surcharge", "relief"))
    dropped = tuple(m.source.label for m in ours if m.name not in theirs)
    return OtherRules(money_change(allocation, after), other.address, anew, dropped, years_apart(after))
