"""Amounts of rules that stand alone, kept with what they rest on: listed, shown, explained and handed on again."""

from __future__ import annotations

from dataclasses import field

import polars as pl

import mujun
from mujun.allocation import Allocation
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.notebooks import InNotebooks
from mujun.rating import digest_of
from mujun.rules import load_kept
from mujun.store import KeptAmounts, Store
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.runs.standing_alone import year_by
from mujun.workspace.tiers_from import TiersFrom


@dataclass(frozen=True)
class Recalled(InNotebooks):
    """Kept amounts, and the same computed again from the rules, records and results that they rest on.

    Attributes:
        kept: as they were kept.
        result: the year computed again.
        allocation: its amounts, which can be explained.
        same: whether they are to the last digit those that were kept.
    """

    kept: KeptAmounts = field(repr=False)
    result: YearResult = field(repr=False)
    allocation: Allocation = field(repr=False)
    same: bool

    @property
    def tiers_from(self) -> TiersFrom:
        """Where the tiers came from, as it was kept."""
        return self.result.tiers_from or TiersFrom("nowhere")


def keep_amounts(county: CountyFile, result: YearResult, *, label: str = "") -> int:
    """Keep the amounts of rules that stand alone, with where the tiers came from and whom statistics counted.

    Args:
        county: the county.
        result: what `county.money.allocate` gave.
        label: what the bureau calls them.

    Returns:
        Their number.

    Raises:
        UsageError: the rules have a rating of their own: `rate` keeps its amounts with the run.
    """
    allocation, tiers = result.allocation, result.tiers_from
    if allocation is None or tiers is None:
        raise UsageError(problem("amounts_of_a_run", address=result.ruleset.address))
    rows = allocation.allocation
    kept = KeptAmounts(
        year=result.year,
        rules=result.ruleset.address,
        rule_files=result.ruleset.texts,
        batch=result.batch,
        mujun_version=mujun.__version__,
        tiers=tiers.source,
        runs=tiers.runs,
        tiered=tiers.tiered,
        counted=allocation.counted_in_words,
        digest=digest_of(rows),
        rows=rows,
        label=label,
        who=county.who,
    )
    with Store.open(county.path, write=True) as store:
        return store.save_amounts(kept)


def kept_amounts(county: CountyFile) -> pl.DataFrame:
    """All amounts that were kept, oldest first: `number, year, rules, batch, tiers, runs, label, created_at`, …"""
    with Store.open(county.path) as store:
        return store.kept_amounts()


def kept_table(county: CountyFile, number: int) -> KeptAmounts:
    """Amounts exactly as they were kept.

    Raises:
        UsageError: none were kept under this number.
    """
    with Store.open(county.path) as store:
        return store.kept_amount(number)


def recall_amounts(county: CountyFile, number: int) -> Recalled:
    """Kept amounts computed again, so that each can be explained.

    Raises:
        UsageError: none were kept under this number.
    """
    kept = kept_table(county, number)
    ruleset = load_kept(kept.rules, kept.rule_files)
    with Store.open(county.path) as store:
        when = store.kept_amounts().filter(pl.col("number") == number)["created_at"].item()
        later = store.runs().filter(pl.col("created_at") > when)["number"].min()
    # What became final since then was nobody's tier at that time.
    before_run = int(str(later)) if later is not None else None
    result = year_by(county, ruleset, kept.year, kept.tiers, tuple(kept.runs), kept.batch, before_run)
    assert result.allocation is not None
    same = digest_of(result.allocation.allocation) == kept.digest
    return Recalled(kept, result, result.allocation, same)
