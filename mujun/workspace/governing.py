"""Which rules count for a year where none are named: those of the year's newest run."""

from __future__ import annotations

import polars as pl

from mujun.rules import RuleSet, load_kept, load_rules
from mujun.store import Store
from mujun.workspace.computing import check_year
from mujun.workspace.workspace import Workspace


def rules_of_run(own: Workspace, number: int) -> RuleSet:
    """The rules of a past run, as it kept them."""
    with Store.open(own.path) as store:
        run = store.run(number)
    return load_kept(run.rules, run.rule_files)


def rules_for(own: Workspace, rules: str | RuleSet | None, year: int) -> RuleSet | None:
    """The rules asked for, else those of the year's newest run; `None` where there is neither.

    Raises:
        UsageError: the rules asked for are not for this year.
    """
    if rules is not None:
        ruleset = rules if isinstance(rules, RuleSet) else load_rules(rules)
        check_year(ruleset, year)
        return ruleset
    runs = own.runs().filter(pl.col("year") == year)
    return None if runs.is_empty() else rules_of_run(own, int(str(runs["number"].max())))
