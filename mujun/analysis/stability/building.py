"""A rating made ready for draws, and what draws cannot be computed for refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.analysis.stability.model import DrawnCut, Model, Part, Whole
from mujun.errors import RatingError, problem
from mujun.rating import columns as c
from mujun.rating.adjusting import added_up
from mujun.rating.formulas import METHOD, Formula, formulas_of
from mujun.rating.ranking import Cell
from mujun.rating.result import Rating
from mujun.rating.tiering import with_after
from mujun.rules.model import Item
from mujun.rules.rating_plan import RatingPlan

ADDED = "_added"
"""What adjustments add to the points of a row, as a whole number of their last decimal."""


def numbered_benchmark(formula: Formula) -> str:
    """The column that says which of the model's benchmarks a row is held against."""
    return f"{formula.key}:numbered"


def model_of(rating: Rating, *, every: int = 1) -> Model:
    """A rating of which worlds can be made.

    Args:
        rating: the rating.
        every: keep every so manieth ranked subject of each cell, by rank.

    Raises:
        RatingError: rules that draws cannot be computed for, each named: formulas, picks, and `minmax` or `percentile`
            with a fallback.
    """
    plan = rating.plan
    _check_supported(plan)
    frame = rating.subjects.filter(c.SCORED.col.is_not_null()).sort("_cohort", "_cell", "subject", nulls_last=True)
    if every > 1:
        place = (pl.col("rank").rank("ordinal").over("_cell") - 1).fill_null(0)
        frame = frame.filter(c.RANKED.col & (place % every == every // 2))
    cohorts = [cohort.id for cohort in plan.rating.cohorts]
    spans = _spans(frame["_cohort"].to_numpy(), cohorts)
    formulas = formulas_of(plan)
    benchmarks: list[tuple[str, str, float]] = []
    parts: list[Part] = []
    for formula in formulas:
        for item in formula.items:
            parts.append(_part(len(parts), formula, item.cohort, item.item, frame, spans, benchmarks))
    expressions, sides = _expressions(plan)
    ranked = np.flatnonzero(frame[c.RANKED.name].to_numpy()).astype(np.int64)
    standing = frame[ranked]
    cells, cell = _cells(rating, standing)
    sizes = np.bincount(cell, minlength=len(cells))
    base = standing[c.TIER_CODE.name].fill_null(-1).to_numpy().astype(np.int8)
    base[(standing["treatment"] != "rated").to_numpy()] = -1
    return Model(
        rating=rating,
        frame=frame,
        cohorts=tuple(spans[cohort] for cohort in cohorts),
        parts=tuple(parts),
        expressions=expressions,
        sides=sides,
        benchmarks=tuple(benchmarks),
        scored=_scored(plan, formulas, frame, parts),
        standing=_standing(plan, standing, cell),
        ranked=ranked,
        cells=tuple(cells),
        kept=np.array([n / one.size if one.size else 1.0 for n, one in zip(sizes, cells, strict=True)]),
        cuts=_cuts(plan, cells),
        final=_final(plan, standing),
        base_tier=base,
    )


def _check_supported(plan: RatingPlan) -> None:
    problems = []
    for item in plan.items:
        label = plan.rating.indicators[item.indicator].label or item.indicator
        method = item.item.method
        if not method.drawable:
            problems.append(problem("stability_formula", item.item.stands, indicator=label, cohort=item.cohort))
        elif method.asks and item.fallbacks:
            values = {"indicator": label, "cohort": item.cohort, "method": method.name}
            problems.append(problem("stability_fallback", item.item.stands, **values))
    for name, cut in plan.cuts.items():
        if cut.source.picks is not None:
            problems.append(problem("stability_picks", cut.source.stands, cut=name))
    if problems:
        raise RatingError(problems)


def _spans(cohort: npt.NDArray[Any], cohorts: list[str]) -> Mapping[str, slice]:
    return {
        name: slice(int(np.searchsorted(cohort, i, "left")), int(np.searchsorted(cohort, i, "right")))
        for i, name in enumerate(cohorts)
    }


def _expressions(plan: RatingPlan) -> tuple[tuple[str, ...], dict[str, tuple[int, int]]]:
    """Numerators and denominators by their text: indicators that share one share its factor."""
    numbers: dict[str, int] = {}
    sides: dict[str, tuple[int, int]] = {}
    for name, indicator in plan.rating.indicators.items():
        if indicator.of is not None and indicator.per is not None:
            of, per = (numbers.setdefault(side.text, len(numbers)) for side in (indicator.of, indicator.per))
            sides[name] = of, per
        else:
            sides[name] = numbers.setdefault(name, len(numbers)), -1
    return tuple(numbers), sides


# ---------------------------------------------------------------------------------------------------------------- items


def _part(
    number: int,
    formula: Formula,
    cohort: str,
    item: Item,
    frame: pl.DataFrame,
    spans: Mapping[str, slice],
    benchmarks: list[tuple[str, str, float]],
) -> Part:
    name, rows = formula.indicator, spans[cohort]
    if not item.method.divides:
        return Part(number, cohort, name, item, rows, None)
    mine = frame[rows]
    held = mine[c.BENCHMARK.of(name)].cast(pl.Float64).fill_null(0.0).to_numpy()
    usable = (mine[c.ACTS.of(formula.key)].to_numpy() == METHOD) & (held > 0)
    distinct, codes = np.unique(held[usable], return_inverse=True)
    first = len(benchmarks)
    benchmarks += [(cohort, name, float(b)) for b in distinct]
    against: Whole | int = np.full(held.size, first, dtype=np.int64)
    if distinct.size < 2:
        benchmarks += [(cohort, name, float("nan"))] if not distinct.size else []
        against = first
    else:
        against[usable] += codes  # type: ignore[index]
    return Part(number, cohort, name, item, rows, against)


def _scored(plan: RatingPlan, formulas: tuple[Formula, ...], frame: pl.DataFrame, parts: list[Part]) -> pl.DataFrame:
    """What points are made from: what acts, which value counts, indicators, benchmarks and their numbers."""
    wanted = {c.SCORED.name, c.COHORT.name, c.COHORT_CODE.name}
    columns: list[pl.Expr | pl.Series] = []
    by_formula = {(item.cohort, f.indicator): f for f in formulas for item in f.items}
    numbered: dict[str, npt.NDArray[np.uint32]] = {}
    for part in parts:
        if part.benchmarks is not None:
            formula = by_formula[part.cohort, part.indicator]
            column = numbered.setdefault(numbered_benchmark(formula), np.zeros(frame.height, dtype=np.uint32))
            column[part.rows] = part.benchmarks
    for formula in formulas:
        wanted |= {c.ACTS.of(formula.key), formula.indicator, *formula.fallbacks}
        wanted |= {n for n in (c.VALUE.of(formula.key), c.FALLBACK.of(formula.key)) if n in frame.columns}
        if formula.method.asks:
            wanted |= set(formula.model.over or ())
        if formula.method.divides:
            columns.append(pl.col(c.BENCHMARK.of(formula.indicator)).cast(pl.Float64).alias(c.OF.of(formula.key)))
    columns += [pl.Series(name, codes) for name, codes in numbered.items()]
    return frame.select(*sorted(wanted), *columns, _added(plan).alias(ADDED))


def _added(plan: RatingPlan) -> pl.Expr:
    # All but the points, which come first.
    names = added_up(plan)[1:]
    if not names:
        return pl.lit(0, dtype=pl.Int64)
    places = plan.rating.decimals.points
    total = pl.sum_horizontal(pl.col(n).fill_null(0) for n in names).cast(pl.Decimal(38, places))
    added: pl.Expr = (total * 10**places).cast(pl.Int64)
    return added


# ------------------------------------------------------------------------------------------------------ cells and order


def _cells(rating: Rating, standing: pl.DataFrame) -> tuple[list[Cell], Whole]:
    code = standing[c.CELL.name].cast(pl.Int64).to_numpy()
    present = np.unique(code)
    cells = [cell for cell in rating.cells if cell.code in set(present.tolist())]
    return cells, np.searchsorted(np.array([cell.code for cell in cells], dtype=np.int64), code).astype(np.int64)


def read_in_order(plan: RatingPlan) -> frozenset[str]:
    """The names that ranking and cutting look at."""
    keys = [key.compiled for several in plan.rank_by.values() for key in several]
    return frozenset(
        n for one in (*keys, *(cut.by for cut in plan.cuts.values())) if one is not None for n in one.names
    )


def _standing(plan: RatingPlan, standing: pl.DataFrame, cell: Whole) -> pl.DataFrame:
    """What ranked rows are ranked and cut by; cells by their place among the model's."""
    fixed = [c.SCORED.name, c.COHORT.name, c.COHORT_CODE.name, c.TREATMENT.name, c.FIXED.name]
    read = sorted(read_in_order(plan) - {*fixed, c.SCORE.name} & set(standing.columns))
    treatments = pl.Enum(standing[c.TREATMENT.name].unique().sort())
    return standing.select(*fixed, *read).with_columns(
        pl.Series(c.CELL.name, cell, dtype=pl.UInt32), c.TREATMENT.col.cast(treatments)
    )


def _cuts(plan: RatingPlan, cells: list[Cell]) -> tuple[DrawnCut, ...]:
    position = {t: i for i, t in enumerate(plan.tier_ids)}
    cuts: list[DrawnCut] = []
    for name, cut in plan.cuts.items():
        if not any(cell.cut == name for cell in cells):
            continue
        if cut.source.shares is not None:
            named = list(cut.source.shares)
            limits = [float(s) for s in cut.source.shares.values()][:-1]
        else:
            assert cut.source.thresholds is not None
            assert cut.source.rest is not None
            named = [*cut.source.thresholds, cut.source.rest]
            limits = [float(s) for s in cut.source.thresholds.values()]
        cuts.append(DrawnCut(name, cut.source, tuple(position[t] for t in named), np.array(limits, dtype=np.float64)))
    return tuple(cuts)


def _final(plan: RatingPlan, standing: pl.DataFrame) -> npt.NDArray[np.int8]:
    """What the rules after the cut make of every tier that the cut might give: the rating's own code asked for each."""
    final = np.full((standing.height, len(plan.tier_ids)), -1, dtype=np.int8)
    rated = (standing["treatment"] == "rated").to_numpy()
    for code in range(len(plan.tier_ids)):
        given = standing.with_columns(
            pl.when(pl.col("treatment") == "rated").then(pl.lit(code, dtype=pl.Int8)).alias(c.TIER_CUT_CODE.name)
        )
        tier = with_after(plan, given)[c.TIER_CODE.name].fill_null(-1).to_numpy()
        final[:, code] = np.where(rated, tier, -1)
    return final
