"""The substitution ledger from its records: what closed firms freed, what projects need, what was spent on them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from mujun.allocation.substitution import (
    ACCOUNTS,
    Ledger,
    Multiples,
    NewProject,
    Source,
    Spending,
    substitute,
    with_sources,
)
from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.rules.model.allocation import Account

FREED: Mapping[Account, str] = {
    "产能": "freed_capacity_t",
    "能耗": "freed_tce",
    "煤": "freed_coal_t",
    "污染物": "freed_pollutants_t",
    "碳": "freed_carbon_t",
}
NEEDED: Mapping[Account, str] = {
    "产能": "need_capacity_t",
    "能耗": "need_tce",
    "煤": "need_coal_t",
    "污染物": "need_pollutants_t",
    "碳": "need_carbon_t",
}
"""The columns of `sources` and `projects` for each account."""


def source_id(source: str, account: str) -> str:
    """What the ledger calls an account of a source."""
    return f"{source}（{account}）"


def ledger_of(sources: pl.DataFrame, spent: pl.DataFrame) -> Ledger:
    """The ledger as the records have it.

    Args:
        sources: rows of the `sources` table.
        spent: rows of the `substitutions` table; a row of 0 was taken back.

    Returns:
        Sources by their number, an entry for each account that has something; spendings by project and source.
    """
    entries = [
        Source(source_id(row["source"], account), account, row[column], row["name"] or "", row["document"] or "")
        for row in sources.sort("source").iter_rows(named=True)
        for account, column in FREED.items()
        if row[column]
    ]
    spendings = tuple(
        Spending(source_id(row["source"], row["substituted"]), row["project"], row["spent"])
        for row in spent.sort("project", "source", "substituted").iter_rows(named=True)
        if row["spent"]
    )
    return Ledger(with_sources(Ledger(), entries).sources, spendings)


def needs_of(row: Mapping[str, Any]) -> dict[Account, Decimal]:
    """What a project takes up on each account."""
    return {account: row[column] for account, column in NEEDED.items() if row[column]}


def check_ledger(sources: pl.DataFrame, spent: pl.DataFrame) -> list[Problem]:
    """Spendings that cannot be: of a source that is not known, or more than it has.

    Args:
        sources: rows of the `sources` table.
        spent: rows of the `substitutions` table.
    """
    ledger = ledger_of(sources, spent)
    known = {s.id for s in ledger.sources}
    strange = sorted({s.source for s in ledger.spendings} - known)
    problems = [problem("ledger_source_unknown", source=s) for s in strange]
    for b in ledger.balances():
        if b.left < 0:
            by = sorted({s.project for s in ledger.spendings if s.source == b.source.id})
            problems.append(
                problem(
                    "ledger_spent_beyond", source=b.source.id, freed=b.source.amount, spent=b.spent, shortage=-b.left,
                    projects=by,
                )
            )  # fmt: skip
    return problems


def enter_plans(
    sources: pl.DataFrame, spent: pl.DataFrame, projects: pl.DataFrame, plans: pl.DataFrame, multiples: Multiples
) -> Ledger:
    """Plans of several projects entered into the ledger one after the other, all of them or none.

    Args:
        sources, spent, projects: rows of those tables as they stand.
        plans: rows of a new `substitutions` file.
        multiples: what the rules require.

    Raises:
        UsageError: a project is not known or needs no substitution, or a plan overspends or is short; everything that
            is wrong with any of the plans.
    """
    ledger = ledger_of(sources, spent)
    known = {row["project"]: row for row in projects.iter_rows(named=True)}
    problems: list[Problem] = []
    for name in plans["project"].unique(maintain_order=True):
        row = known.get(name)
        if row is None:
            problems.append(problem("ledger_project_unknown", project=name))
            continue
        kind = row["project_kind"]
        if kind not in multiples:
            problems.append(problem("ledger_no_need", project=name, kind=kind, kinds=list(multiples) or "—"))
            continue
        needs = {a: n for a, n in needs_of(row).items() if a in multiples[kind]}
        plan = [
            (source_id(r["source"], r["substituted"]), r["spent"])
            for r in plans.filter(pl.col("project") == name).iter_rows(named=True)
        ]
        try:
            ledger = substitute(ledger, NewProject(name, kind, needs), plan, multiples)
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
    return ledger


@dataclass(frozen=True)
class ProjectNeed:
    """What a project has to substitute on one account, and what has been."""

    project: str
    project_name: str
    account: Account
    need: Decimal
    multiple: Decimal
    required: Decimal
    given: Decimal

    @property
    def shortage(self) -> Decimal:
        """What is still lacking."""
        return max(self.required - self.given, Decimal(0))


def needs_met(ledger: Ledger, projects: pl.DataFrame, multiples: Multiples) -> tuple[ProjectNeed, ...]:
    """Every project that has to substitute, account by account."""
    accounts = {s.id: s.account for s in ledger.sources}
    needs: list[ProjectNeed] = []
    for row in projects.sort("project").iter_rows(named=True):
        wanted = multiples.get(row["project_kind"], {})
        for account in ACCOUNTS:
            need, multiple = row[NEEDED[account]], wanted.get(account)
            if not need or multiple is None:
                continue
            given = sum((s.amount for s in ledger.of(row["project"]) if accounts.get(s.source) == account), Decimal(0))
            needs.append(
                ProjectNeed(
                    row["project"], row["project_name"] or "", account, need, multiple, need * multiple, given
                )
            )  # fmt: skip
    return tuple(needs)


def unspent_energy(sources: pl.DataFrame, spent: pl.DataFrame) -> Decimal:
    """吨标煤 that sources freed and no substitution has spent."""
    return ledger_of(sources, spent).left("能耗")
