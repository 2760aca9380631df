"""A rating put into arrays, and what cannot be put into them refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.analysis.stability.arrays import (
    CutBlock,
    Extremes,
    Floats,
    Model,
    Noise,
    Part,
    RankBlock,
    Unscored,
    Whole,
)
from mujun.errors import RatingError, problem
from mujun.rating.columns import ACTS, BENCHMARK, FALLBACK, VALUE
from mujun.rating.formulas import METHOD, MISSING, NEGATIVE, UNDIVIDED, Formula, formulas_of
from mujun.rating.ranking import Cell, order_of
from mujun.rating.result import Rating
from mujun.rating.tiering import with_after
from mujun.rules.model import Item
from mujun.rules.rating_plan import RatingPlan


def model_of(rating: Rating, *, every: int = 1) -> Model:
    """A rating as arrays.

    Args:
        rating: the rating.
        every: keep every so manieth ranked subject of each cell, by rank.

    Raises:
        RatingError: rules that draws cannot be computed for, each named: formulas, picks, and `minmax` or `percentile`
            with a fallback.
    """
    plan = rating.plan
    _check_supported(plan)
    frame = rating.subjects.filter(pl.col("_scored").is_not_null()).sort("_cohort", "_cell", "subject", nulls_last=True)
    if every > 1:
        place = (pl.col("rank").rank("ordinal").over("_cell") - 1).fill_null(0)
        frame = frame.filter(pl.col("_ranked") & (place % every == every // 2))
    cohorts = [c.id for c in plan.rating.cohorts]
    spans = _spans(frame["_cohort"].to_numpy(), cohorts)
    expressions = _Expressions(plan)
    benchmarks: list[tuple[str, str, float]] = []
    parts: list[Part] = []
    for formula in formulas_of(plan):
        for item in formula.items:
            parts.append(_part(len(parts), formula, item.cohort, item.item, frame, spans, expressions, benchmarks))
    ranked = np.flatnonzero(frame["_ranked"].to_numpy()).astype(np.int64)
    standing = frame[ranked]
    cells, cell_of = _cells(rating, standing)
    sizes = np.bincount(cell_of, minlength=len(cells)).astype(np.int64)
    blocks, minor = _orders(plan, standing, expressions)
    tiers = plan.tier_ids
    final = _final(plan, standing)
    base = standing["_tier"].fill_null(-1).to_numpy().astype(np.int8)
    base[(standing["treatment"] != "rated").to_numpy()] = -1
    return Model(
        rating=rating,
        frame=frame,
        parts=tuple(parts),
        expressions=tuple(expressions.texts),
        benchmarks=tuple(benchmarks),
        added=_added(plan, frame),
        ranked=ranked,
        cell_of=cell_of,
        offsets=np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        sizes=sizes,
        bases=np.array([c.base for c in cells], dtype=np.int64),
        fixed=np.array([[c.fixed.get(t, 0) for t in tiers] for c in cells], dtype=np.int64).reshape(-1, len(tiers)),
        kept=np.array([n / c.size if c.size else 1.0 for n, c in zip(sizes, cells, strict=True)], dtype=np.float64),
        minor=minor,
        minors=int(minor.max(initial=0)) + 1,
        blocks=blocks,
        cuts=_cuts(plan, standing, cells, expressions),
        final=final,
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


class _Expressions:
    """Numerators and denominators by their text: indicators that share one share its factor."""

    def __init__(self, plan: RatingPlan) -> None:
        self.texts: list[str] = []
        self.by_indicator: dict[str, tuple[int, int]] = {}
        for name, indicator in plan.rating.indicators.items():
            if indicator.of is not None and indicator.per is not None:
                self.by_indicator[name] = (self._number(indicator.of.text), self._number(indicator.per.text))
            else:
                self.by_indicator[name] = (self._number(name), -1)

    def _number(self, text: str) -> int:
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text)

    def noise(self, name: str, rows: Whole | None = None) -> Noise:
        of, per = self.by_indicator[name]
        return Noise(rows, of, per)


# ---------------------------------------------------------------------------------------------------------------- items


def _part(
    number: int,
    formula: Formula,
    cohort: str,
    item: Item,
    frame: pl.DataFrame,
    spans: Mapping[str, slice],
    expressions: _Expressions,
    benchmarks: list[tuple[str, str, float]],
) -> Part:
    key, name, rows = formula.key, formula.indicator, spans[cohort]
    mine = frame[rows]
    acts = mine[ACTS.of(key)].to_numpy()
    acting = acts == METHOD
    column = VALUE.of(key) if VALUE.of(key) in frame.columns else name
    value = np.where(acting, mine[column].cast(pl.Float64).fill_null(0.0).to_numpy(), 0.0)
    ratio: Floats | None = None
    against: Whole | int | None = None
    if item.method.divides:
        held = mine[BENCHMARK.of(name)].cast(pl.Float64).fill_null(0.0).to_numpy()
        usable = acting & (held > 0)
        ratio = np.divide(value, held, out=np.zeros_like(value), where=usable)
        distinct, codes = np.unique(held[usable], return_inverse=True)
        first = len(benchmarks)
        benchmarks += [(cohort, name, float(b)) for b in distinct]
        against = np.full(value.size, first, dtype=np.int64)
        against[usable] += codes
        if distinct.size < 2:
            benchmarks += [(cohort, name, float("nan"))] if not distinct.size else []
            against = first
    return Part(
        number=number,
        cohort=cohort,
        indicator=name,
        item=item,
        rows=rows,
        value=value,
        ratio=ratio,
        benchmarks=against,
        acting=None if acting.all() else acting,
        noise=tuple(_noise(formula, mine, expressions)),
        exceptions=tuple(_exceptions(item, acts)),
        extremes=_extremes(item, name, rows, frame) if item.method.asks else None,
    )


def _noise(formula: Formula, mine: pl.DataFrame, expressions: _Expressions) -> Iterable[Noise]:
    yield expressions.noise(formula.indicator)
    for number, (other, _) in enumerate(formula.items[0].fallbacks, start=1):
        used = (mine[FALLBACK.of(formula.key)] == number).fill_null(value=False).to_numpy()
        if used.any():
            yield expressions.noise(other, np.flatnonzero(used).astype(np.int64))


def _exceptions(item: Item, acts: npt.NDArray[Any]) -> Iterable[Unscored]:
    for code, policy in ((MISSING, item.missing), (UNDIVIDED, item.zero_denominator), (NEGATIVE, item.negative)):
        rows = np.flatnonzero(acts == code).astype(np.int64)
        if policy is not None and rows.size:
            yield Unscored(rows, policy, valued=code == NEGATIVE and policy.kind != "cohort_mean")


def _extremes(item: Item, name: str, rows: slice, frame: pl.DataFrame) -> Extremes:
    """Groups of `minmax`; rows whose group has no name take their cohort's, as the rating does."""
    over = list(item.over if item.over is not None else ("cohort",))
    grouped = pl.struct(over).rank("dense") if over else pl.lit(1)
    numbered = frame.select(
        pl.col(name).cast(pl.Float64).alias("value"),
        pl.col("_cohort").cast(pl.Int64).alias("cohort"),
        grouped.cast(pl.Int64).alias("group"),
        (pl.any_horizontal(pl.col(over).is_null()) if over else pl.lit(value=False)).alias("nowhere"),
    )
    nowhere = numbered["nowhere"].to_numpy()
    group = numbered["group"].fill_null(0).to_numpy()
    cohort = numbered["cohort"].to_numpy()
    there = numbered["value"].is_not_null().to_numpy()
    value = numbered["value"].fill_null(0.0).to_numpy()
    by_group = np.flatnonzero(there & ~nowhere)
    by_cohort = np.flatnonzero(there) if nowhere.any() else np.empty(0, dtype=np.int64)
    labels = np.concatenate([group[by_group], group.max(initial=0) + 1 + cohort[by_cohort]])
    members = np.concatenate([by_group, by_cohort])
    arranged = np.argsort(labels, kind="stable")
    distinct, starts = np.unique(labels[arranged], return_index=True)
    wanted = np.where(nowhere, group.max(initial=0) + 1 + cohort, group)[rows]
    codes = np.clip(np.searchsorted(distinct, wanted), 0, max(distinct.size - 1, 0))
    return Extremes(members[arranged].astype(np.int64), starts.astype(np.int64), codes.astype(np.int64), value)


def _added(plan: RatingPlan, frame: pl.DataFrame) -> Floats:
    loose = [f"adj_{a.source.id}" for a in plan.adjustments if a.source.family is None]
    names = [*loose, *(f"family:{name}" for name in plan.rating.adjustments.families)]
    if not names:
        return np.zeros(frame.height)
    scale = 10**plan.rating.decimals.points
    total = frame.select(pl.sum_horizontal(pl.col(n).fill_null(0) for n in names).cast(pl.Float64).alias("t"))["t"]
    added: Floats = np.rint(total.to_numpy() * scale)
    return added


# ------------------------------------------------------------------------------------------------------ cells and order


def _cells(rating: Rating, standing: pl.DataFrame) -> tuple[list[Cell], Whole]:
    code = standing["_cell"].cast(pl.Int64).to_numpy()
    present = np.unique(code)
    cells = [c for c in rating.cells if c.code in set(present.tolist())]
    return cells, np.searchsorted(np.array([c.code for c in cells], dtype=np.int64), code).astype(np.int64)


def _orders(plan: RatingPlan, standing: pl.DataFrame, expressions: _Expressions) -> tuple[tuple[RankBlock, ...], Whole]:
    tiers = plan.rating.tiers
    assert tiers is not None
    cohorts = [c.id for c in plan.rating.cohorts]
    spans = _spans(standing["_cohort"].to_numpy(), cohorts)
    by_cohort = "cohort" in tiers.cells
    whole = slice(0, standing.height)
    asked = [(spans[c], plan.rank_by.get(c, plan.rank_by.get("default", ()))) for c in cohorts]
    blocks: list[RankBlock] = []
    minor = np.zeros(standing.height, dtype=np.int64)
    for rows, keys in asked if by_cohort else [(whole, plan.rank_by["default"])]:
        mine = standing[rows]
        if mine.is_empty():
            continue
        first, *others = keys
        text = first.compiled.source.text.strip()
        sign = -1 if first.descending else 1
        if text == "score":
            blocks.append(RankBlock(rows, "score", None, sign, None))
        elif text in plan.rating.indicators:
            given = mine[text].cast(pl.Float64).to_numpy()
            blocks.append(RankBlock(rows, "value", (given, (expressions.noise(text),)), sign, None))
        else:
            blocks.append(RankBlock(rows, "given", None, sign, order_of([first], mine).to_numpy()))
        if others:
            placed = order_of(others, mine).rank("dense").cast(pl.Int64) - 1
            minor[rows] = placed.to_numpy()
    return tuple(blocks), minor


def _cuts(
    plan: RatingPlan, standing: pl.DataFrame, cells: list[Cell], expressions: _Expressions
) -> tuple[CutBlock, ...]:
    position = {t: i for i, t in enumerate(plan.tier_ids)}
    blocks: list[CutBlock] = []
    for name, cut in plan.cuts.items():
        mine = np.array([i for i, c in enumerate(cells) if c.cut == name], dtype=np.int64)
        if not mine.size:
            continue
        by, values = "rank", None
        noise: tuple[Noise, ...] = ()
        if cut.source.shares is not None:
            tiers = tuple(position[t] for t in cut.source.shares)
            limits = np.array([float(s) for s in cut.source.shares.values()][:-1], dtype=np.float64)
        else:
            assert cut.source.thresholds is not None
            assert cut.source.rest is not None
            assert cut.by is not None
            tiers = tuple(position[t] for t in (*cut.source.thresholds, cut.source.rest))
            limits = np.array([float(s) for s in cut.source.thresholds.values()], dtype=np.float64)
            text = cut.source.by.strip()
            by = "score" if text == "score" else "value"
            if by == "value":
                held = standing.select(cut.by.value.expr.cast(pl.Float64).fill_null(float("-inf")).alias("v"))["v"]
                values = held.to_numpy()
                noise = (expressions.noise(text),) if text in plan.rating.indicators else ()
        blocks.append(CutBlock(name, cut.source, tiers, limits, mine, by, values, noise))
    return tuple(blocks)


def _final(plan: RatingPlan, standing: pl.DataFrame) -> npt.NDArray[np.int8]:
    """What the rules after the cut make of every tier that the cut might give: the rating's own code asked for each."""
    final = np.full((standing.height, len(plan.tier_ids)), -1, dtype=np.int8)
    rated = (standing["treatment"] == "rated").to_numpy()
    for code in range(len(plan.tier_ids)):
        given = standing.with_columns(
            pl.when(pl.col("treatment") == "rated").then(pl.lit(code, dtype=pl.Int8)).alias("_tier_cut")
        )
        tier = with_after(plan, given)["_tier"].fill_null(-1).to_numpy()
        final[:, code] = np.where(rated, tier, -1)
    return final
