"""Rules that only list or only charge, on their own: the tiers they go by come from a run, else from 历年评价.

A run that is not final is nobody's result: it is used only where it is named.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.messages import MessageKey
from mujun.rating import Rating, rate
from mujun.rating.policy_frame import GIVEN
from mujun.rules import RuleSet, load_kept, load_rules
from mujun.store import Store
from mujun.workspace.computing import YearResult, followed, listed_by_name
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import years_on_record
from mujun.workspace.final_runs import final_runs
from mujun.workspace.frames_at import frame_at, previous_at, usage_at
from mujun.workspace.runs.kept import newest_run_year, runs_of_year
from mujun.workspace.runs.past import recalled
from mujun.workspace.tables_at import Tables, inputs_at
from mujun.workspace.tiers_from import TiersFrom, TierSource


def stands_alone(ruleset: RuleSet) -> bool:
    """Whether a rule set lists or charges and rates nobody itself."""
    return ruleset.rating is None and (ruleset.rectification is not None or ruleset.allocation is not None)


def result_for(
    county: CountyFile,
    rules: str | Path | RuleSet | None,
    year: int | None = None,
    run: int | None = None,
    *,
    amounts: bool = True,
    final: bool = False,
    confirmed: bool = True,
) -> YearResult:
    """What a list or amounts by some rules rest on.

    Args:
        county: the county.
        rules: the rules that list or charge; the run's own where none are named.
        year: the data year; without it and a run, the newest run's, or for rules that stand alone the newest on record.
        run: which run.
        amounts: whether the amounts of a run are wanted.
        final: without a year and a run, the final result of the newest run's year goes before a newer trial of it: what
            is handed out rests on what was decided.
        confirmed: as for `recalled`.

    Returns:
        Rules that stand alone: their year, with `tiers_from`, list and amounts. Otherwise a run computed again.

    Raises:
        UsageError: as `year_alone` says; nothing has been rated yet.
    """
    ruleset = rules if isinstance(rules, RuleSet) or rules is None else load_rules(rules)
    if ruleset is not None and stands_alone(ruleset):
        return year_alone(county, ruleset, year, run)[0]
    with county.kept_open():
        if run is None and (year is not None or final):
            run = runs_of_year(county, newest_run_year(county) if year is None else year)[-1]
        return recalled(county, run, amounts=amounts, confirmed=confirmed)


def year_alone(
    county: CountyFile, ruleset: RuleSet, year: int | None = None, run: int | None = None
) -> tuple[YearResult, Tables]:
    """A rule set without a rating of its own on a year: its list, its amounts, and the rating they go by.

    Args:
        county: the county.
        ruleset: rules that list or charge.
        year: the data year; the run's, else the newest on record.
        run: the run whose tiers count; else the year's final runs, else 历年评价.

    Returns:
        The year, and the tables it was computed from.

    Raises:
        UsageError: there is no such run, it is of another year, there are no data, or the rules ask for tiers and the
            year has none that count.
    """
    if run is not None:
        named = recalled(county, run, amounts=False)
        if year is not None and year != named.year:
            raise UsageError(problem("run_of_other_year", run=run, year=year, seen=named.year))
        tiers = TiersFrom("run", (run,), (named.ruleset.address,), _tiered(named.rating))
        with Store.open(county.path) as store:
            tables = inputs_at(store, named.batch, run)
        result = alone(ruleset, named.year, tables, named.batch, named.rating, tiers)
        return replace(result, given_before=named.given_before), tables
    wanted = year if year is not None else _newest(county)
    with Store.open(county.path) as store:
        finals = final_runs(store, None).filter(pl.col("year") == wanted)
        numbers, rules = finals["number"].to_list(), finals["rules"].to_list()
    return _by_finals(county, ruleset, wanted, numbers, rules)


def year_by(
    county: CountyFile,
    ruleset: RuleSet,
    year: int,
    source: str,
    runs: tuple[int, ...],
    batch: int,
    before_run: int | None = None,
) -> YearResult:
    """A year by rules that rate nobody, once more by the very runs, or 历年评价, and the records that it rested on.

    Args:
        county: the county.
        ruleset: the rules.
        year: the data year.
        source, runs: where the tiers were from.
        batch: the newest batch among the records.
        before_run: only final runs before this one count as earlier results; `None` for all.
    """
    if source == "run":
        return year_alone(county, ruleset, year, runs[0])[0]
    with Store.open(county.path) as store:
        known = store.runs().filter(pl.col("number").is_in(list(runs))).sort("number")
    return _by_finals(county, ruleset, year, list(runs), known["rules"].to_list(), batch, before_run)[0]


def _by_finals(
    county: CountyFile,
    ruleset: RuleSet,
    year: int,
    numbers: Sequence[int],
    rules: Sequence[str],
    as_of_batch: int | None = None,
    before_run: int | None = None,
) -> tuple[YearResult, Tables]:
    """A year by its final runs; by 历年评价 where it has none."""
    several = [recalled(county, n, amounts=False) for n in numbers]
    batch = as_of_batch or max((r.batch for r in several), default=0)
    with Store.open(county.path) as store:
        batch = batch or store.newest_batch()
        tables = inputs_at(store, batch, before_run)
    rating = several[0].rating if len(several) == 1 else _given_rating(year, tables, several)
    source: TierSource = "finals" if several else "ratings"
    tiered = _tiered(rating)
    if not tiered:
        source = "nowhere"
        _check_wanted(county, ruleset, year)
    result = alone(ruleset, year, tables, batch, rating, TiersFrom(source, tuple(numbers), tuple(rules), tiered))
    return (replace(result, given_before=several[0].given_before) if len(several) == 1 else result), tables


def alone(ruleset: RuleSet, year: int, tables: Tables, batch: int, rating: Rating, tiers_from: TiersFrom) -> YearResult:
    """A year listed and allocated by rules that rate nobody, over the tiers of a rating."""
    frame, findings = frame_at(tables, year, replace(ruleset, rating=rating.plan.rating))
    before = previous_at(tables, year, ruleset)
    usage = usage_at(tables, year) if ruleset.allocation is not None else None
    listing, amounts = followed(ruleset, frame, rating, before, usage=usage)
    number = tiers_from.runs[0] if len(tiers_from.runs) == 1 else None
    several = listed_by_name(ruleset, frame, rating, before)
    return YearResult(
        year, ruleset, frame, rating, batch, number, listing, several, amounts, findings, tiers_from=tiers_from
    )


def _tiered(rating: Rating) -> int:
    return rating.enterprises["tier"].count()


def _newest(county: CountyFile) -> int:
    years = years_on_record(county)
    if not years:
        raise UsageError(problem("year_without_enterprises", year="—", known="—"))
    return years[-1]


def _check_wanted(county: CountyFile, ruleset: RuleSet, year: int) -> None:
    """Refuse rules that go by tiers where the year has none that count; a list by figures alone needs none."""
    if not reads_tiers(ruleset):
        return
    with Store.open(county.path) as store:
        runs = store.runs().filter(pl.col("year") == year)["number"].to_list()
    code: MessageKey = "tiers_only_tried" if runs else "tiers_nowhere"
    raise UsageError(problem(code, address=ruleset.address, year=year, runs=runs))


def reads_tiers(ruleset: RuleSet) -> bool:
    """Whether any rule asks for what a rating gives: a tier, a rank, how long somebody has had a tier."""
    from mujun.rules.allocation_plan import check_allocation
    from mujun.rules.rectification_plan import check_rectification

    asked: set[str] = set()
    if ruleset.rectification is not None:
        asked |= set(check_rectification(ruleset, ruleset.rectification)[0].reads())
    if ruleset.allocation is not None:
        asked |= {n for part in check_allocation(ruleset)[0].parts for n in part.reads()}
    return bool(asked & {*GIVEN, "streak"} - {"treatment"})


# ---------------------------------------------------------------------------------------------- tiers that are given


def _given_rating(year: int, tables: Tables, several: Sequence[YearResult]) -> Rating:
    """A rating that gives every enterprise the tier it has already: of several final runs, or of 历年评价."""
    frame, _ = frame_at(tables, year, None)
    if several:
        rows = [_of_run(r) for r in several]
        given = pl.concat(rows, how="diagonal").unique("credit_code", keep="first", maintain_order=True)
        name = messages.text("tiers_given_by_runs", runs=[r.number for r in several])
    else:
        ratings = tables["ratings"].filter(pl.col("year") == year)
        given = ratings.select("credit_code", "tier", "score", "cohort").unique("credit_code", maintain_order=True)
        name = messages.text("tiers_given_by_table")
    return given_rating(frame, given, name)


def _of_run(result: YearResult) -> pl.DataFrame:
    rated = result.rating.enterprises.filter(pl.col("treatment") != "out")
    return rated.select("credit_code", *(pl.col(n).cast(d) for n, d in GIVEN.items() if n in rated.columns))


def given_rating(frame: pl.DataFrame, given: pl.DataFrame, name: str) -> Rating:
    """A rating of tiers that are known already.

    Args:
        frame: a row per enterprise.
        given: `credit_code`, `tier`, and what else is known: `score`, `cohort`, `rank`, `size`, `managed_as`,
            `treatment`.
        name: where they are from, which is the reason that every enterprise is told.
    """
    tiers = given["tier"].drop_nulls().unique().sort().to_list() or ["—"]
    fixed = [
        {"id": f"given_{i}", "when": f"given_tier = {_quoted(t)}", "set": t, "reason": name}
        for i, t in enumerate(tiers)
    ]
    # The score is not computed here but put in below: an indicator there must be, and this one nobody has.
    rules = {
        "mujun": 1,
        "kind": "rating",
        "name": name,
        "sources": [{"document": name}],
        "fields": {"given_tier": {"label": "已有档次", "input": "text"}},
        "population": {"scope": "given_tier is not null"},
        "cohorts": [{"id": "given", "label": name, "when": "true"}],
        "indicators": {"given": {"label": "已有结果", "value": "nullif(1, 1)"}},
        "scoring": {"given": {"given": {"weight": 100, "method": "formula", "formula": "value"}}},
        "tiers": {
            "classes": [{"id": t} for t in tiers],
            "before": fixed,
            "cut": {"default": {"shares": {tiers[-1]: 100}}},
        },
    }
    ruleset = load_kept(name, {f"{name}/rating.yaml": json.dumps(rules, ensure_ascii=False)})
    joined = frame.join(given.select("credit_code", pl.col("tier").alias("given_tier")), on="credit_code", how="left")
    rating = rate(joined, ruleset)
    names = [n for n in GIVEN if n in given.columns and n != "tier"]
    values = [pl.col(n).alias(f"given:{n}") for n in names]
    known = given.select("credit_code", pl.lit(value=True).alias("given:"), *values)
    there = rating.enterprises.join(known, on="credit_code", how="left", maintain_order="left")
    stated = [
        pl.when(pl.col("given:")).then(pl.col(f"given:{n}").cast(GIVEN[n])).otherwise(_none(n)).alias(n) for n in names
    ]
    if "score" not in names:
        stated.append(pl.lit(None, dtype=GIVEN["score"]).alias("score"))
    rows = there.with_columns(stated).drop("given:", *(f"given:{n}" for n in names))
    return replace(rating, enterprises=rows, subjects=rows)


def _none(name: str) -> pl.Expr:
    return pl.lit("out" if name == "treatment" else None, dtype=GIVEN[name])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
