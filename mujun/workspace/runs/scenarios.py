"""What if: scenarios computed on the very inputs of a baseline and held against it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.analysis import comparing as compare
from mujun.analysis.comparison import Comparison, Side
from mujun.analysis.scenarios import Scenario, read_scenarios, ruleset_of, scenario_of
from mujun.dataclass import dataclass
from mujun.errors import MujunError, Place, Problem, UsageError, problem
from mujun.messages import MessageKey
from mujun.notebooks import InNotebooks
from mujun.rules import RuleSet, load_kept, load_rules
from mujun.rules.checking import doubts_about
from mujun.rules.differing import differences
from mujun.rules.folders import text_in
from mujun.rules.for_years import check_year, fits_year
from mujun.rules.named_lists import lists_of
from mujun.rules.variants import setting_of
from mujun.store import Store
from mujun.workspace.computing import YearResult, computed, result_tables
from mujun.workspace.county_file import CountyFile, Progress
from mujun.workspace.names_of_tables import lists_in
from mujun.workspace.runs.comparing import common_ladder
from mujun.workspace.runs.kept import kept_runs, newest_run
from mujun.workspace.runs.rating import keep_run
from mujun.workspace.runs.standing_alone import alone, stands_alone, year_alone
from mujun.workspace.tables_at import inputs_at
from mujun.workspace.tiers_from import TiersFrom


@dataclass(frozen=True)
class Outcome:
    """What became of a scenario.

    Attributes:
        scenario: what was tried.
        comparison: the baseline and the scenario side by side; `None` where it could not be computed.
        problems: why not.
        doubts: what is doubtful about its rules and not about the baseline's.
        elsewhere: the years that its rules are for, where the baseline's is none of them.
        kept: the number of the run that it was kept as.
    """

    scenario: Scenario
    comparison: Comparison | None = field(default=None, repr=False)
    problems: tuple[Problem, ...] = ()
    doubts: tuple[Problem, ...] = ()
    elsewhere: tuple[int, ...] = ()
    kept: int | None = None


@dataclass(frozen=True)
class WhatIf(InNotebooks):
    """A baseline and what became of each scenario, in their order."""

    baseline: YearResult = field(repr=False)
    outcomes: tuple[Outcome, ...]

    @property
    def baseline_in_words(self) -> str:
        """What everything is held against, in the language in force."""
        base = self.baseline
        key: MessageKey = "whatif_baseline_rated" if base.number is None else "whatif_baseline_run"
        sentence = messages.text(key, run=base.number, year=base.year, rules=base.ruleset.address, batch=base.batch)
        return sentence if base.tiers_from is None else f"{sentence}\n{base.tiers_from}"


@dataclass(frozen=True)
class Baseline:
    """A result and the inputs it was computed from."""

    result: YearResult
    tables: Mapping[str, pl.DataFrame] = field(repr=False)


def usual_baseline(county: CountyFile, year: int | None = None) -> int:
    """The run to compare with where none is named: the newest final one, of a year if one is given, else the newest.

    Raises:
        UsageError: nothing has been rated yet.
    """
    newest = newest_run(county, year)
    finals = kept_runs(county).filter(pl.col("final"))
    if year is not None:
        finals = finals.filter(pl.col("year") == year)
    return int(finals["number"].max()) if finals.height else newest  # type: ignore[arg-type]


def baseline_of_run(county: CountyFile, number: int) -> Baseline:
    """A past run, computed again from what it kept.

    Raises:
        UsageError: there is no such run.
    """
    with Store.open(county.path) as store:
        run = store.run(number)
        tables = inputs_at(store, run.batch, number)
    result = computed(load_kept(run.rules, run.rule_files), run.year, tables, run.batch)
    return Baseline(replace(result, number=number), tables)


def baseline_of_year(county: CountyFile, year: int, rules: str) -> Baseline:
    """A year as it stands, rated by a rule set.

    Raises:
        UsageError: there is no such rule set, it is not for the year, or there are no data.
    """
    ruleset = load_rules(rules)
    check_year(ruleset, year)
    with Store.open(county.path) as store:
        batch = store.newest_batch()
        tables = inputs_at(store, batch)
    return Baseline(computed(ruleset, year, tables, batch), tables)


def try_rules(
    county: CountyFile,
    *,
    run: int | None = None,
    year: int | None = None,
    rules: str | None = None,
    settings: Sequence[str] = (),
    scenarios: str | Path | None = None,
    label: str | None = None,
    keep: bool = False,
    progress: Progress = lambda _: None,
) -> WhatIf:
    """Try rules against a baseline: changed values, another rule set, a file of scenarios, or several of these.

    Args:
        county: the county.
        run: the baseline; by default the newest final run, of `year` if one is given, else the newest.
        year: with `rules` and something to try, the baseline is this year rated by them (listed and charged, by rules
            that rate nobody themselves).
        rules: another rule set to try; or the baseline's, see `year`.
        settings: values to change, each `path=value`.
        scenarios: a YAML file of scenarios.
        label: what the changed values are called.
        keep: whether the results are kept as runs that are not final.
        progress: is told the scenario in work.

    Raises:
        UsageError: nothing to try, a run and a year, no such run or file, or rules that are not for the year.
        RuleError: settings or scenarios that cannot be read.
    """
    if run is not None and year is not None:
        raise UsageError(problem("whatif_run_and_year"))
    stated = [setting_of(s) for s in settings]
    # Rules that only list or charge are tried on themselves: they rest on tiers that are there.
    tries_alone = rules is not None and bool(stated or scenarios) and stands_alone(load_rules(rules))
    rates_baseline = tries_alone or (year is not None and rules is not None and bool(stated or scenarios))
    tried: list[Scenario] = []
    if stated or (rules is not None and not rates_baseline):
        other = None if rates_baseline else rules
        tried.append(scenario_of(stated, other, label or "、".join([*([other] if other else []), *settings])))
    tried += _in_file(scenarios)
    if not tried:
        raise UsageError(problem("whatif_nothing"))
    if tries_alone:
        baseline = Baseline(*year_alone(county, load_rules(str(rules)), year, run))
    elif rates_baseline:
        assert year is not None
        assert rules is not None
        baseline = baseline_of_year(county, year, rules)
    else:
        baseline = baseline_of_run(county, run if run is not None else usual_baseline(county, year))
    return what_if(county, baseline, tried, keep=keep, progress=progress)


def _in_file(file: str | Path | None) -> tuple[Scenario, ...]:
    if file is None:
        return ()
    if not os.path.lexists(file):
        raise UsageError(problem("scenarios_no_file", file=file))
    return read_scenarios(text_in(Path(file), str(file)), str(file))


def what_if(
    county: CountyFile,
    baseline: Baseline,
    scenarios: Sequence[Scenario],
    *,
    keep: bool = False,
    progress: Progress = lambda _: None,
) -> WhatIf:
    """Every scenario on the baseline's inputs; one that cannot be computed does not stop the others.

    Args:
        baseline: what `baseline_of_run` or `baseline_of_year` gives.
        scenarios: what to try.
        keep: whether the results are kept as runs that are not final, labelled with the scenarios' names.
        progress: is told the scenario in work.

    Raises:
        UsageError: `keep` with rules that are not for the year.
    """
    prepared: list[tuple[Scenario, RuleSet | None, tuple[Problem, ...]]] = []
    for scenario in scenarios:
        try:
            base = load_rules(scenario.rules) if scenario.rules is not None else baseline.result.ruleset
            prepared.append((scenario, ruleset_of(scenario, base), ()))
        except MujunError as error:
            prepared.append((scenario, None, error.problems))
    if keep:
        _check_kept(baseline.result.year, prepared)
    outcomes: list[Outcome] = []
    for scenario, ruleset, problems in prepared:
        if ruleset is None:
            outcomes.append(Outcome(scenario, problems=problems))
            continue
        progress(scenario.name)
        outcomes.append(_outcome(county, baseline, scenario, ruleset, keep=keep))
    return WhatIf(baseline.result, tuple(outcomes))


def _check_kept(year: int, prepared: Sequence[tuple[Scenario, RuleSet | None, tuple[Problem, ...]]]) -> None:
    for scenario, ruleset, _ in prepared:
        if ruleset is not None and ruleset.rating is None:
            raise UsageError(problem("whatif_keep_alone", label=scenario.name))
    wrong = [
        problem("whatif_keep_other_years", label=scenario.name, year=year)
        for scenario, ruleset, _ in prepared
        if ruleset is not None and not fits_year(ruleset, year)
    ]
    if wrong:
        raise UsageError(wrong)


def _outcome(county: CountyFile, baseline: Baseline, scenario: Scenario, ruleset: RuleSet, *, keep: bool) -> Outcome:
    before = baseline.result
    try:
        after = _computed(baseline, ruleset)
    except MujunError as error:
        return Outcome(scenario, problems=error.problems)
    elsewhere = () if fits_year(ruleset, before.year) or ruleset.rating is None else ruleset.rating.years
    kept = keep_run(county, after, label=scenario.name).number if keep else None
    comparison = compare_results(before, replace(after, number=kept), scenario.name)
    return Outcome(scenario, comparison, (), _new_doubts(before.ruleset, ruleset), elsewhere, kept)


def _computed(baseline: Baseline, ruleset: RuleSet) -> YearResult:
    """A scenario's rules on the baseline's inputs; rules that rate nobody on the baseline's tiers."""
    before, tables = baseline.result, baseline.tables
    if not stands_alone(ruleset):
        return computed(ruleset, before.year, tables, before.batch)
    number = () if before.number is None else (before.number,)
    tiers = before.tiers_from or TiersFrom(
        "run", number, (before.ruleset.address,), before.rating.enterprises["tier"].count()
    )
    return alone(ruleset, before.year, tables, before.batch, before.rating, tiers)


def _new_doubts(base: RuleSet, ruleset: RuleSet) -> tuple[Problem, ...]:
    """What is doubtful about a variant and not about its base; that it has no test cases is in its nature."""
    known = {(p.code, p.place.key) for p in doubts_about(base)} | {("sound_no_tests", None)}
    new = (p for p in doubts_about(ruleset) if (p.code, p.place.key) not in known)
    return tuple(replace(p, place=Place(key=p.place.key)) for p in new)


def compare_results(before: YearResult, after: YearResult, name: str) -> Comparison:
    """Two results of the same data side by side.

    Args:
        before, after: the results.
        name: what the later one is called.
    """
    ladder = common_ladder(before.rating.plan.ruleset, after.rating.plan.ruleset)
    return Comparison(
        _side(before, "基准"),
        _side(after, name),
        after.ruleset,
        before.ruleset,
        ladder,
        compare.compare_ratings(before.rating.ratings, after.rating.ratings, ladder),
        compare.compare_several_lists(
            lists_in(result_tables(before)), lists_in(result_tables(after)), lists_of(after.ruleset)
        ),
        compare.compare_amounts(*(_charged(r) for r in (before, after))),
        differences(before.ruleset, after.ruleset),
    )


def _charged(result: YearResult) -> pl.DataFrame | None:
    table = None if result.allocation is None else result.allocation.allocation
    return compare.in_effect(table, result.ruleset, binding=result.rating.binding)


def _side(result: YearResult, name: str) -> Side:
    return Side(
        name,
        result.year,
        result.ruleset.address,
        result.batch,
        result.number,
        "",
        result.rating.digest,
    )
