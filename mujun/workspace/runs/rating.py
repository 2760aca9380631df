"""A year rated, and the result kept as a run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import polars as pl

import mujun
from mujun.errors import UsageError, problem
from mujun.rules import RuleSet, load_rules
from mujun.rules.for_years import check_year
from mujun.steps import part, step
from mujun.store import Store
from mujun.workspace.computing import YearResult, gathered_at, record_of
from mujun.workspace.county_file import CountyFile
from mujun.workspace.final_runs import final_runs
from mujun.workspace.runs.gate import check_gate
from mujun.workspace.tables_at import YearTables

_PARTS = 7
"""Parts of rating a year, as a screen tells them: records, frame, three of computing, digests, keeping."""


def rate_year(
    county: CountyFile,
    rules: str | Path | RuleSet,
    year: int,
    *,
    as_of_batch: int | None = None,
    save: bool = True,
    final: bool = False,
    label: str = "",
    despite: Collection[str] | None = None,
    after_list: bool = False,
) -> YearResult:
    """Rate a year and keep the run.

    Args:
        county: the county.
        rules: a rule set, its address or its folder.
        year: the data year.
        as_of_batch: the inputs as they stood at a batch.
        save: whether the run is kept in the store.
        final: whether it is the year's result, which later years look back on.
        label: what the bureau calls it.
        despite: fields whose absence is accepted. A rating that is not kept passes the gate where this is not given:
            whoever only looks is not asked.
        after_list: that the year's final result may be made anew although a list was issued on the one before.

    Raises:
        UsageError: the rules are not for this year, there are no data, or a figure that an indicator needs is missing
            for all of those it is asked of (for more than half, where the rules do not say what that earns); or a list
            of the year was issued on its final result, and nobody said that it is to be made anew.
        RuleError, RatingError: as `mujun.rate` says.
    """
    ruleset = rules if isinstance(rules, RuleSet) else load_rules(rules)
    check_year(ruleset, year)
    with Store.open(county.path) as store:
        if final and save and not after_list:
            _check_listed(store, year)
        batch = store.newest_batch() if as_of_batch is None else as_of_batch
        step("step_tables", of=_PARTS, rows=0)
        # Tables are as large as all that is made of them: each is read when its part of the frame is made, and goes.
        tables = YearTables(store, batch, year=year)
        step("step_frame", done=1, of=_PARTS, year=year)
        gathered = gathered_at(tables, year, ruleset)
    with part(2, _PARTS, parts=3):
        result = gathered.computed(batch)
    if save or despite is not None:
        check_gate(result, despite or ())
    if not save:
        return result
    with part(5, _PARTS, parts=2):
        return keep_run(county, result, final=final, label=label)


def keep_run(county: CountyFile, result: YearResult, *, final: bool = False, label: str = "") -> YearResult:
    """A result kept as a run, with its number.

    Raises:
        UsageError: it is to be final and overlaps with another final run of the year.
    """
    if final:
        _check_firms(result)
        _check_overlap(county, result)
    step("step_sealing", of=2)
    record = record_of(result, version=mujun.__version__, who=county.who, label=label, final=final)
    step("step_keeping", done=1, of=2)
    with Store.open(county.path, write=True) as store:
        number = store.save_run(record)
    return replace(result, number=number)


def _check_listed(store: Store, year: int) -> None:
    """A second final result of a year whose list is out needs somebody who says so: the list rests on the first."""
    finals = store.runs().filter(pl.col("final"), pl.col("year") == year)
    lists = store.list_documents().filter(pl.col("kind") == "list", pl.col("year") == year).sort("number")
    if finals.height and lists.height:
        last = lists.row(-1, named=True)
        raise UsageError(
            problem(
                "final_after_list", year=year, list=last["number"], title=last["title"], day=last["issued_on"],
                run=last["run"], final=finals["number"].max(),
            )
        )  # fmt: skip


def _check_firms(result: YearResult) -> None:
    """A rating of townships or parks gives no enterprise a tier, so that it is no year's final result."""
    population = result.rating.plan.rating.population
    if population.area is not None:
        raise UsageError(problem("final_of_areas", address=result.ruleset.address, subject=population.subject))


def _check_overlap(county: CountyFile, result: YearResult) -> None:
    """A year may be made up of several final runs of different rule sets where no firm is in two."""
    with Store.open(county.path) as store:
        others = final_runs(store, None).filter(
            pl.col("year") == result.year, pl.col("rules") != result.ruleset.address
        )
        mine = result.rating.ratings.filter(pl.col("treatment") != "out")["credit_code"]
        for number, rules in others.select("number", "rules").iter_rows():
            theirs = store.run_table(number).filter(pl.col("treatment") != "out")["credit_code"]
            both = mine.filter(mine.is_in(theirs.implode()))
            if both.len():
                name = result.rating.ratings.filter(pl.col("credit_code") == both[0])["name"][0] or "—"
                raise UsageError(
                    problem("runs_overlap", run=number, rules=rules, count=both.len(), code=both[0], name=name)
                )
