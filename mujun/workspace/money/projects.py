"""Freed energy for projects, and the substitution ledger of two-high projects, as the store keeps their records."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun.allocation import Allocation, Ledger, ProjectPool, share_among_projects
from mujun.allocation.spending import (
    ProjectNeed,
    check_ledger,
    enter_plans,
    ledger_of,
    needs_met,
    source_id,
    unspent_energy,
)
from mujun.allocation.substitution import Multiples
from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, UsageError, problem
from mujun.fields import TABLES
from mujun.notebooks import InNotebooks
from mujun.records import read_file
from mujun.rectification.tracking import counted_acceptance
from mujun.rules import RuleSet, load_rules
from mujun.rules.allocation_plan import compile_allocation
from mujun.workspace.book import read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.loading import load_files
from mujun.workspace.data.on_record import current_table
from mujun.workspace.data.outcome import FileOutcome
from mujun.workspace.data.spendings import SUBSTITUTIONS, spendings_in
from mujun.workspace.money.amounts import allocation_of


@dataclass(frozen=True)
class FreedEnergy(InNotebooks):
    """What there is to share out, in 吨标煤.

    Attributes:
        sources: what the `sources` table frees and no substitution has spent.
        accepted: what was verified when listed firms were accepted that are no source in that table.
        firms: how many those are.
    """

    sources: Decimal
    accepted: Decimal
    firms: int

    @property
    def total(self) -> Decimal:
        """Both together."""
        return self.sources + self.accepted


def freed_energy(county: CountyFile, as_of: date | None = None) -> FreedEnergy:
    """The energy that closed and rectified firms freed, each firm once.

    A firm in the `sources` table counts there, as it was acknowledged; any other by its acceptance in the
    rectification, as long as that stands.

    Args:
        as_of: only what was accepted until that day counts.
    """
    sources, spent = current_table(county, "sources"), current_table(county, SUBSTITUTIONS)
    known = set(sources["credit_code"].drop_nulls())
    if as_of is not None:
        sources = sources.filter(pl.col("accepted_on") <= as_of)
        spent = spent.join(sources.select("source"), on="source", how="semi")
    accepted: list[Decimal] = []
    for (kind, code), steps in read_book(county).steps(as_of).items():
        acceptance = counted_acceptance(steps) if kind == "enterprise" and code not in known else None
        if acceptance is not None and acceptance.energy_tce:
            accepted.append(acceptance.energy_tce)
    return FreedEnergy(unspent_energy(sources, spent), sum(accepted, Decimal(0)), len(accepted))


def project_pools(
    county: CountyFile,
    allocation: Allocation,
    *,
    only: str | None = None,
    amount: Decimal | None = None,
    as_of: date | None = None,
) -> tuple[ProjectPool, ...]:
    """The pools of a rule set shared out among the projects on record.

    What the ledger has already spent on a project's energy lessens its need.

    Args:
        allocation: the amounts of a run: its firms' tiers.
        only: one pool by its id.
        amount: 吨标煤 in place of what the rules or the sources say.
        as_of: only what was accepted until that day counts.

    Raises:
        UsageError: the rules have no pool, or none of that id; no projects are on record.
    """
    plans = allocation.plan.pools
    address = allocation.plan.ruleset.address
    if not plans:
        raise UsageError(problem("pools_none", address=address))
    chosen = [p for p in plans if only is None or p.source.id == only]
    if not chosen:
        raise UsageError(problem("pool_unknown", id=only, known=[p.source.id for p in plans]))
    # Projects that ask for no energy are on record for other reasons.
    asking = pl.col("need_tce").is_not_null() | pl.col("project_kind").is_not_null()
    projects = current_table(county, "projects").filter(asking)
    if projects.is_empty():
        raise UsageError(problem("projects_none"))
    projects = _with_had(projects, current_table(county, SUBSTITUTIONS))
    firms = allocation.frames[0].select("credit_code", "tier", "scale", "township")
    pools: list[ProjectPool] = []
    for plan in chosen:
        freed = amount if amount is not None else plan.source.amount
        if freed is None:
            freed = freed_energy(county, as_of).total
        pools.append(share_among_projects(plan, projects, firms, freed))
    return tuple(pools)


def _with_had(projects: pl.DataFrame, spent: pl.DataFrame) -> pl.DataFrame:
    """The projects with `had_tce`, what the ledger has spent on their energy."""
    had = spent.filter(pl.col("substituted") == "能耗").group_by("project").agg(pl.col("spent").sum().alias("had_tce"))
    return projects.join(had, on="project", how="left", maintain_order="left")


@dataclass(frozen=True)
class Drawn(InNotebooks):
    """Which sources a pool's shares are taken from.

    Attributes:
        rows: `project, source, substituted, spent, document`, as the `substitutions` table has them: a row takes the
            place of an earlier one of the same project and source, and so holds what that one spent as well.
        earlier: how many rows hold something that was spent before.
        beyond: 吨标煤 that no source in the table covers: stated amounts, and what accepted firms freed.
    """

    rows: pl.DataFrame = field(repr=False)
    earlier: int
    beyond: Decimal


def drawn_on(county: CountyFile, pool: ProjectPool, as_of: date | None = None) -> Drawn:
    """The shares of a pool taken from the sources, those acknowledged first being used up first.

    Loaded as `substitutions` they are in the ledger, so that nothing is given away twice.
    """
    sources = current_table(county, "sources")
    if as_of is not None:
        sources = sources.filter(pl.col("accepted_on") <= as_of)
    spent = current_table(county, SUBSTITUTIONS)
    balances = {b.source.id: b.left for b in ledger_of(sources, spent).balances()}
    energy = spent.filter(pl.col("substituted") == "能耗", pl.col("spent") > 0)
    before = {(p, s): n for p, s, n in energy.select("project", "source", "spent").iter_rows()}
    order = sources.sort("accepted_on", "source", nulls_last=True)["source"].to_list()
    left = [(s, balances.get(source_id(s, "能耗"), Decimal(0))) for s in order]
    rows: list[tuple[str, str, str, Decimal, str]] = []
    beyond = Decimal(0)
    for project, given in pool.rows.filter(pl.col("given") > 0).select("project", "given").iter_rows():
        wanted = given
        while wanted > 0 and left:
            source, there = left[0]
            taken = min(wanted, there)
            if taken > 0:
                had = before.get((project, source), Decimal(0))
                rows.append((project, source, "能耗", had + taken, pool.plan.document))
            wanted -= taken
            left[0] = (source, there - taken)
            if there == taken:
                left.pop(0)
        beyond += wanted
    schema = {f.name: f.dtype for f in TABLES[SUBSTITUTIONS].fields}
    earlier = sum((project, source) in before for project, source, *_ in rows)
    return Drawn(pl.DataFrame(rows, schema=schema, orient="row"), earlier, beyond)


@dataclass(frozen=True)
class SubstitutionState(InNotebooks):
    """The ledger as it stands, and what each project still lacks by the rules.

    Attributes:
        ledger: sources and spendings.
        needs: what each project has to substitute.
        document: what the multiples rest on.
        spent: rows of the `substitutions` table.
        wrong: sources that were corrected downwards after they had been spent, and the like.
    """

    ledger: Ledger
    needs: tuple[ProjectNeed, ...]
    document: str
    spent: pl.DataFrame = field(repr=False)
    wrong: tuple[Problem, ...] = ()


def substitution_state(
    county: CountyFile, rules: str | Path | RuleSet | None = None, *, run: int | None = None
) -> SubstitutionState:
    """The substitution ledger with the rules' multiples.

    Args:
        county: the county.
        rules: the rules that state them; by default those by which a run's amounts are computed.
        run: which run; the newest where none is named.

    Raises:
        UsageError: the rules say nothing of substitution.
    """
    multiples, document = _multiples(_rules(county, rules, run))
    sources, spent, projects = (current_table(county, n) for n in ("sources", SUBSTITUTIONS, "projects"))
    ledger = ledger_of(sources, spent)
    wrong = tuple(check_ledger(sources, spent))
    return SubstitutionState(ledger, needs_met(ledger, projects, multiples), document, spent, wrong)


def enter_substitutions(
    county: CountyFile,
    file: str | Path,
    rules: str | Path | RuleSet | None = None,
    *,
    run: int | None = None,
    reason: str | None = None,
    document: str | None = None,
    dry_run: bool = False,
) -> tuple[FileOutcome, SubstitutionState]:
    """A file of substitution plans entered as one batch: all of its projects or none.

    Args:
        file: a file with the `substitutions` table.
        rules, run: as in `substitution_state`.
        reason, document: for the batch.
        dry_run: only check.

    Raises:
        UsageError: the file has rows that cannot be read, a plan overspends or is short; each with the shortage.
        InputError: the file cannot be read.
    """
    ruleset = _rules(county, rules, run)
    multiples, _ = _multiples(ruleset)
    records = read_file(file, table=SUBSTITUTIONS)
    plans = spendings_in(records)
    wrong = [
        problem("plan_row", Place(file=f.file, sheet=f.sheet, row=f.row), what=f.what, remedy=f.remedy)
        for f in records.findings
        if f.severity == "error"
    ]
    if wrong or plans.is_empty():
        raise UsageError([*wrong, problem("plan_unreadable", file=records.file, count=len(wrong))])
    sources, spent, projects = (current_table(county, n) for n in ("sources", SUBSTITUTIONS, "projects"))
    enter_plans(sources, spent, projects, plans, multiples)
    if dry_run:
        return FileOutcome(records.file, records), substitution_state(county, ruleset)
    (outcome,) = load_files(county, [file], table=SUBSTITUTIONS, reason=reason, document=document).files
    if outcome.refused:
        raise UsageError(list(outcome.refused))
    return outcome, substitution_state(county, ruleset)


def _rules(county: CountyFile, rules: str | Path | RuleSet | None, run: int | None) -> RuleSet:
    if rules is None:
        return allocation_of(county, run)[1].plan.ruleset
    return rules if isinstance(rules, RuleSet) else load_rules(rules)


def _multiples(ruleset: RuleSet) -> tuple[Multiples, str]:
    substitution = compile_allocation(ruleset).substitution
    if substitution is None:
        raise UsageError(problem("substitution_none", address=ruleset.address))
    return substitution
