"""What a past run stands for: the rules of a year where none are named, and whether records came in since."""

from __future__ import annotations

import polars as pl

from mujun.dataclass import dataclass
from mujun.rules import RuleSet, load_kept, load_rules
from mujun.rules.for_years import check_year
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.runs.kept import kept_runs, newest_run, runs_of_year


def rules_of_run(county: CountyFile, number: int) -> RuleSet:
    """The rules of a past run, as it kept them."""
    with Store.open(county.path) as store:
        run = store.run(number, results=False)
    return load_kept(run.rules, run.rule_files)


@dataclass(frozen=True)
class Governing:
    """Rules that count for a year, the run that they were taken from, and whether it is final; none where named."""

    rules: RuleSet
    run: int | None = None
    final: bool = False


def governing(county: CountyFile, rules: str | RuleSet | None, year: int) -> tuple[Governing, ...]:
    """The rules asked for, else those of the year's final runs, else of its newest one; nothing where there is none.

    Raises:
        UsageError: the rules asked for are not for this year.
    """
    if rules is not None:
        ruleset = rules if isinstance(rules, RuleSet) else load_rules(rules)
        check_year(ruleset, year)
        return (Governing(ruleset),)
    with Store.open(county.path) as store:
        if store.newest_run(year) is None:
            return ()
        finals = dict(store.runs().select("number", "final").iter_rows())
    return tuple(Governing(rules_of_run(county, n), n, finals[n]) for n in runs_of_year(county, year))


def rules_for(county: CountyFile, rules: str | RuleSet | None, year: int) -> RuleSet | None:
    """The newest of the rules that `governing` gives; `None` where there are none.

    Raises:
        UsageError: the rules asked for are not for this year.
    """
    known = governing(county, rules, year)
    return known[-1].rules if known else None


def loaded_since(county: CountyFile, number: int) -> int:
    """How many batches came in after a run took its records: what it does not know of."""
    with Store.open(county.path) as store:
        return store.loaded_since(number)


def newer_trial(county: CountyFile, number: int) -> int | None:
    """The newest run of a final run's year, where it is a newer one: what is handed out does not rest on it."""
    runs = kept_runs(county)
    year, final = runs.filter(pl.col("number") == number).select("year", "final").row(0)
    newest = newest_run(county, year)
    return newest if final and newest > number else None
