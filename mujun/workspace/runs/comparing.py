"""Two past runs side by side: who moved, and whether own data, peers' data or the rules moved him."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from mujun.analysis import causes as cause
from mujun.analysis import comparing as compare
from mujun.analysis.comparison import Comparison, Side
from mujun.dataclass import dataclass
from mujun.errors import MujunError, Problem, UsageError, problem
from mujun.rating import Rating, rate
from mujun.records.succession import succession_at
from mujun.rules import RuleSet, load_kept
from mujun.rules.differing import differences
from mujun.rules.named_lists import lists_of
from mujun.steps import step
from mujun.store import RunRecord, Store
from mujun.workspace.computing import YearResult, computed
from mujun.workspace.county_file import CountyFile
from mujun.workspace.frames_at import frame_at, previous_at
from mujun.workspace.names_of_tables import lists_in
from mujun.workspace.tables_at import inputs_at


@dataclass(frozen=True)
class _Run:
    record: RunRecord
    tables: dict[str, pl.DataFrame]
    ruleset: RuleSet


def compare_runs(county: CountyFile, before: int, after: int) -> Comparison:
    """Compare two past runs, of the same year or of two.

    Both results are taken as they were kept. The causes are told by computing both again, and the earlier rules on the
    later data besides; where a run does not come out as it was kept, or the earlier rules do not fit the later data,
    they are left out and it is said why.

    Raises:
        UsageError: there is no such run, or both are the same.
    """
    if before == after:
        raise UsageError(problem("diff_same_run", run=before))
    step("step_result")
    with Store.open(county.path) as store:
        runs = [store.run(n) for n in (before, after)]
        tables = [inputs_at(store, r.batch, r.number) for r in runs]
        low, high = sorted(r.batch for r in runs)
        batches = store.batches().filter(pl.col("number") > low, pl.col("number") <= high)
        touched = store.touched(low, high)
    areas = next((r.number for r in runs if "ratings" not in r.results), None)
    if areas is not None:
        raise UsageError(problem("diff_of_areas", run=areas))
    first = load_kept(runs[0].rules, runs[0].rule_files)
    same_rules = runs[0].rules == runs[1].rules and runs[0].rule_files == runs[1].rule_files
    second = first if same_rules else load_kept(runs[1].rules, runs[1].rule_files)
    one, other = _Run(runs[0], tables[0], first), _Run(runs[1], tables[1], second)
    ladder = common_ladder(first, second)
    codes = _new_codes(one, other)
    kept = {name: _with_codes(table, codes) for name, table in runs[0].results.items()}
    firms = compare.compare_ratings(kept["ratings"], runs[1].results["ratings"], ladder)
    moved = compare.movers(firms)["credit_code"].to_list()
    # Of two years everybody's figures are others; of one year, whoever a batch between the two speaks of.
    spoken_of = touched["credit_code"].unique() if runs[0].year == runs[1].year else touched["credit_code"].clear()
    asked = [*moved, *sorted(set(spoken_of.to_list()) & set(firms["credit_code"].to_list()) - set(moved))]
    step("step_causes")
    told, untold, parts, inputs = _causes(one, other, moved, asked, codes)
    return Comparison(
        _side(runs[0]),
        _side(runs[1]),
        second,
        first,
        ladder,
        firms,
        compare.compare_several_lists(lists_in(kept), lists_in(runs[1].results), lists_of(second)),
        compare.compare_amounts(_charged(one, kept), _charged(other, runs[1].results)),
        () if same_rules else differences(first, second),
        told,
        untold,
        parts,
        inputs,
        _counted(batches, touched, moved, inputs),
        touched,
    )


def _charged(run: _Run, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame | None:
    return compare.in_effect(tables.get("allocation"), run.ruleset, binding=run.record.binding)


def _new_codes(one: _Run, other: _Run) -> dict[str, str]:
    """The later code of every firm of the earlier run that has changed its code since: it is the same firm.

    A firm that another took over is no longer there, and stays under its old code.
    """
    heirs = succession_at(other.tables["aliases"], other.record.year).heirs
    before, after = (set(r.record.results["ratings"]["credit_code"].to_list()) for r in (one, other))
    return {
        old: heir.code
        for old, heir in heirs.items()
        if heir.merged_on is None and old in before - after and heir.code in after - before
    }


def _with_codes(table: pl.DataFrame, codes: Mapping[str, str]) -> pl.DataFrame:
    """A table whose firms bear their later codes."""
    if not codes:
        return table
    named = [c for c in ("credit_code", "subject") if c in table.columns]
    return table.with_columns(pl.col(c).replace(dict(codes)) for c in named)


def common_ladder(first: RuleSet, second: RuleSet) -> tuple[str, ...]:
    """The tiers that two rule sets both rank, best first."""
    from mujun.rules.rating_plan import compile_rating

    ladders = [compare.ladder_of(compile_rating(r)) if r.rating is not None else () for r in (first, second)]
    return compare.common_ladder(*ladders)


def _side(run: RunRecord) -> Side:
    return Side(str(run.number), run.year, run.rules, run.batch, run.number, run.label, run.digest)


Told = tuple[pl.DataFrame | None, Problem | None, pl.DataFrame | None, pl.DataFrame | None]


def _causes(one: _Run, other: _Run, moved: list[str], asked: list[str], codes: Mapping[str, str]) -> Told:
    try:
        results = [computed(r.ruleset, r.record.year, r.tables, r.record.batch) for r in (one, other)]
    except MujunError as error:
        return None, problem("diff_untold", reason=str(error)), None, None
    for run, result in zip((one, other), results, strict=True):
        if result.rating.digest != run.record.digest:
            return None, problem("diff_not_as_kept", run=run.record.number), None, None
    try:
        between = earlier_rules_on_later_data(results[0], other.tables, results[1])
    except MujunError as error:
        return None, problem("diff_untold", reason=str(error)), None, None
    step("step_causes")
    before, after = _renamed(results[0].rating, codes), results[1].rating
    if between is results[0].rating:
        between = before
    return (
        cause.causes(before, between, after),
        None,
        cause.score_parts(before, between, after, moved),
        cause.changed_inputs(before, between, asked),
    )


def _renamed(rating: Rating, codes: Mapping[str, str]) -> Rating:
    if not codes:
        return rating
    return replace(
        rating, enterprises=_with_codes(rating.enterprises, codes), subjects=_with_codes(rating.subjects, codes)
    )


def earlier_rules_on_later_data(before: YearResult, tables: dict[str, pl.DataFrame], after: YearResult) -> Rating:
    """The stage between: `before` itself where the data are the same, `after` itself where the rules are.

    Raises:
        RatingError: the earlier rules do not fit the later data.
    """
    frame, _ = frame_at(tables, after.year, before.ruleset)
    previous = previous_at(tables, after.year, before.ruleset)
    # Statistics of the year before are data of peers as well.
    if before.year == after.year and previous is None and frame.equals(before.frame):
        return before.rating
    if before.ruleset is after.ruleset:
        return after.rating
    return rate(frame, before.ruleset, previous)


def _counted(
    batches: pl.DataFrame, touched: pl.DataFrame, moved: list[str], inputs: pl.DataFrame | None
) -> pl.DataFrame:
    """The batches with how many firms each speaks of, how many of those have other figures now, and how many moved."""
    changed = None if inputs is None else inputs["credit_code"].unique()
    counted = {"moved": pl.Series(moved, dtype=pl.String)} | ({} if changed is None else {"changed": changed})
    firm = pl.col("credit_code")
    speaks = touched.group_by(pl.col("batch").alias("number")).agg(
        firm.n_unique().cast(pl.Int64).alias("firms"),
        *(firm.filter(firm.is_in(of.implode())).n_unique().cast(pl.Int64).alias(name) for name, of in counted.items()),
    )
    return (
        batches.select("number", "file", "loaded_at", "who", "reason", "document")
        .join(speaks, on="number", how="left")
        .with_columns(pl.col(c).fill_null(0) for c in ("firms", *counted))
        .sort("number")
    )
