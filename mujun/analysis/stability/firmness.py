"""A rating tested: every source drawn at once, each source's part, and every indicator left out in turn."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.analysis.stability.building import model_of
from mujun.analysis.stability.drawing import (
    Draw,
    Ranges,
    as_stated,
    draw_of,
    ranges_of,
    uniforms,
    without,
)
from mujun.analysis.stability.model import Floats, Model, Part, Whole
from mujun.analysis.stability.result import OUTPUTS, SUBJECTS, Firmness
from mujun.analysis.stability.variance import Asked, indices_of
from mujun.analysis.stability.worlds import Codes, Placed, Worlds
from mujun.dataclass import dataclass
from mujun.errors import RatingError, problem
from mujun.messages import Firm, MessageKey
from mujun.rating.result import Rating
from mujun.rules.expressions import names_in
from mujun.rules.model import Stability
from mujun.steps import part, step

RANK_CELLS = 20_000_000
"""So many ranks are kept: all draws of a county's firms, every so manieth draw of a hundred thousand."""

VARIANCE_DRAWS = 512
"""Of each set, however many draws the tiers are counted by: from a few, shares come out at several hundred per cent."""

VARIANCE_SUBJECTS = 5_000
"""Sources are told apart on at most so many ranked subjects, every so manieth by rank in each cell."""

_MAIN, _SET_A, _SET_B = 0, 1, 2


def firmness(
    rating: Rating,
    *,
    stated: Stability | None = None,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    variance: bool = True,
) -> Firmness:
    """How firm the tiers of a rating are.

    Weights, benchmarks, caps, cuts and the firms' data are drawn within their ranges, points, ranks and tiers computed
    anew for every draw. Population, cohorts, statistics and adjustments stay as they were rated.

    Args:
        rating: a rating.
        stated: the ranges; those of its rules, or the usual ones, by default.
        draws, seed: in place of the stated ones.
        threads: how many; as many as the machine has by default. The result does not depend on it.
        variance: whether to part the variance by source.

    Raises:
        RatingError: the rules use what draws cannot be computed for (a formula, picks).
    """
    by_rules = rating.plan.rating.stability
    ranges_stated = stated or by_rules or Stability()
    ranges_stated = replace(
        ranges_stated,
        draws=ranges_stated.draws if draws is None else draws,
        seed=ranges_stated.seed if seed is None else seed,
    )
    workers = threads or min(os.cpu_count() or 1, 8)
    model = model_of(rating)
    _check_base(model)
    ranges = ranges_of(model, ranges_stated)
    draws_made = _draws(ranges)
    with part(0, 3):
        counted = _counted(ranges, draws_made, workers)
    with part(1, 3):
        step("step_dropping")
        dropped, sensitive = _dropped(model)
    with part(2, 3):
        step("step_sources")
        sources, variance_draws, variance_subjects = _variance(ranges, workers) if variance else (_no_sources(), 0, 0)
    return Firmness(
        rating=rating,
        stated=ranges_stated,
        by_default=by_rules is None and stated is None,
        subjects=_subjects(ranges, counted, sensitive),
        sources=sources,
        dropped=dropped,
        parameters=_parameters(ranges, draws_made),
        rank_draws=counted.ranks.shape[1],
        variance_draws=variance_draws,
        variance_subjects=variance_subjects,
        assumptions=tuple(_assumptions(model, ranges)),
    )


# ------------------------------------------------------------------------------------------------------- the base draw


def _check_base(model: Model) -> None:
    """With nothing drawn the worlds must give the rating itself; whatever they cannot do is refused here."""
    if not model.ranked.size:
        return
    base = Worlds(model, 1).placed([as_stated(model)], _still(model))
    standing = model.frame[model.ranked]
    wrong = (
        (base.scores[0] != standing["_score"].to_numpy())
        | (base.ranks[0] != standing["rank"].to_numpy())
        | (_final(model, base.tiers)[0] != model.base_tier)
    )
    if wrong.any():
        first = standing["subject"][int(np.flatnonzero(wrong)[0])]
        raise RatingError(problem("stability_base_differs", count=int(wrong.sum()), subject=Firm(first)))


def _still(model: Model) -> Sequence[Floats | None]:
    return [None] * len(model.expressions)


def _final(model: Model, tiers: Codes) -> Codes:
    """World × ranked row: the tier after all rules; -1 for who is ranked and gets none."""
    final: Codes = np.where(tiers < 0, np.int8(-1), model.final[np.arange(tiers.shape[1]), tiers])
    return final


# ---------------------------------------------------------------------------------------------------------- all at once


@dataclass(frozen=True)
class Counted:
    """Ranked row × tier of the cut, in how many draws; ranked row × draw, its ranks in order; the sum of its shifts."""

    tiers: Whole
    ranks: npt.NDArray[np.int32]
    shifts: Whole


def _counted(ranges: Ranges, draws: Sequence[Draw], workers: int) -> Counted:
    model = ranges.model
    rows, ids = model.ranked.size, model.plan.tier_ids
    # Draws are independent: every so manieth is as good a sample as any.
    every = max(1, -(-len(draws) * rows // RANK_CELLS))
    kept = range(0, len(draws), every)
    ranks = np.empty((len(kept), rows), dtype=np.int32)
    counts, shifts = np.zeros((rows, len(ids)), dtype=np.int64), np.zeros(rows, dtype=np.int64)
    base = model.frame[model.ranked]["rank"].to_numpy()
    if rows:
        worlds = Worlds(model, -(-len(draws) // workers))

        def some(chosen: range) -> tuple[range, Placed]:
            several = draws[chosen.start : chosen.stop]
            return chosen, worlds.placed(several, worlds.factors(ranges, several))

        together = worlds.at_once
        blocks = [range(i, min(i + together, len(draws))) for i in range(0, len(draws), together)]
        step("step_draws", draws=len(draws))
        with ThreadPoolExecutor(workers) as pool:
            for chosen, placed in pool.map(some, blocks):
                step("step_draws", done=chosen.stop, of=len(draws), draws=len(draws))
                sampled = [k for k in chosen if k % every == 0]
                here = placed.ranks[[k - chosen.start for k in sampled]]
                ranks[[k // every for k in sampled]] = here
                shifts += np.abs(here - base).sum(axis=0)
                for tier in range(len(ids)):
                    counts[:, tier] += (placed.tiers == tier).sum(axis=0)
    by_row = np.ascontiguousarray(ranks.T)
    by_row.sort(axis=1)
    return Counted(counts, by_row, shifts)


def _tier_counts(model: Model, counted: Counted) -> Whole:
    """Ranked row × tier after all rules: in how many draws."""
    counts = np.zeros_like(counted.tiers)
    for code in range(counts.shape[1]):
        there = np.flatnonzero((counted.tiers[:, code] > 0) & (model.final[:, code] >= 0))
        np.add.at(counts, (there, model.final[there, code]), counted.tiers[there, code])
    return counts


# -------------------------------------------------------------------------------------------------- source by source


def _variance(ranges: Ranges, workers: int) -> tuple[pl.DataFrame, int, int]:
    drawn = ranges.drawn
    whole = ranges.model
    if not drawn or not whole.ranked.size:
        return _no_sources(), 0, 0
    every = -(-whole.ranked.size // VARIANCE_SUBJECTS)
    model = whole if every == 1 else model_of(whole.rating, every=every)
    drawn_ranges = ranges if every == 1 else ranges_of(model, ranges.stated)
    worlds = Worlds(model, VARIANCE_DRAWS)
    base = worlds.placed([as_stated(model)], _still(model))
    base_tiers = _final(model, base.tiers)
    cohort = model.frame["_cohort"].to_numpy()[model.ranked]
    # Rows stand cohort by cohort.
    edges = [*np.unique(cohort, return_index=True)[1].tolist(), cohort.size]
    groups = [slice(0, cohort.size), *(slice(a, b) for a, b in pairwise(edges))]
    names = [None, *(model.plan.rating.cohorts[int(c)].id for c in np.unique(cohort))]

    def computed(asked: Sequence[Asked]) -> Floats:
        draws = [
            draw_of(drawn_ranges, uniform, (_SET_A + sets["inputs"], number) if "inputs" in sets else None)
            for uniform, sets, number in asked
        ]
        placed = worlds.placed(draws, worlds.factors(drawn_ranges, draws))
        shifts, moves = np.abs(placed.ranks - base.ranks), _final(model, placed.tiers) != base_tiers
        return np.array([v[:, g].sum(axis=1) / (g.stop - g.start) for g in groups for v in (shifts, moves)]).T

    sizes = drawn_ranges.dimensions()
    indices = indices_of(
        computed,
        {s: sizes[s] for s in drawn},
        VARIANCE_DRAWS,
        ranges.stated.seed,
        threads=workers,
        at_once=worlds.at_once,
    )
    rows = [
        (name, output, source, _number(indices.first[i, j]), _number(indices.total[i, j]))
        for i, (name, output) in enumerate((n, o) for n in names for o in OUTPUTS)
        for j, source in enumerate(indices.sources)
    ]
    return pl.DataFrame(rows, schema=_SOURCES, orient="row"), VARIANCE_DRAWS, model.ranked.size


_SOURCES: dict[str, pl.DataType] = {
    "cohort": pl.String(),
    "output": pl.String(),
    "source": pl.String(),
    "first_order": pl.Float64(),
    "total_order": pl.Float64(),
}


def _no_sources() -> pl.DataFrame:
    return pl.DataFrame(schema=_SOURCES)


def _number(value: float) -> float | None:
    # What follows the sixth decimal depends on the platform's arithmetic and means nothing.
    return None if np.isnan(value) else round(float(value), 6)


# ---------------------------------------------------------------------------------------------- indicator by indicator


def _dropped(model: Model) -> tuple[pl.DataFrame, list[list[str]]]:
    """What every indicator left out does, and for each ranked row the indicators without which its tier differs."""
    cohort = model.frame["_cohort"].to_numpy()[model.ranked]
    ids = [c.id for c in model.plan.rating.cohorts]
    rows: list[tuple[object, ...]] = []
    sensitive: list[list[str]] = [[] for _ in range(model.ranked.size)]
    left_out = [(p, without(model, p.number)) for p in model.parts]
    tried = [(p, draw) for p, draw in left_out if draw is not None and np.any(cohort == ids.index(p.cohort))]
    ranks, tiers = model.frame[model.ranked]["rank"].to_numpy(), model.base_tier
    for left, other_ranks, other in _each(model, tried):
        mine = cohort == ids.index(left.cohort)
        up, down = mine & (other < tiers), mine & (other > tiers)
        for row in np.flatnonzero(up | down):
            sensitive[int(row)].append(left.indicator)
        shift = int(np.abs(other_ranks - ranks)[mine].sum()) / int(mine.sum())
        counts = (int(mine.sum()), int((up | down).sum()), int(up.sum()), int(down.sum()))
        rows.append((left.cohort, left.indicator, *counts, shift))
    schema = {
        "cohort": pl.String(), "indicator": pl.String(), "subjects": pl.Int64(), "moved": pl.Int64(),
        "up": pl.Int64(), "down": pl.Int64(), "rank_shift": pl.Float64(),
    }  # fmt: skip
    order = pl.col("cohort").replace_strict({c: i for i, c in enumerate(ids)}, return_dtype=pl.Int32)
    return pl.DataFrame(rows, schema=schema, orient="row").sort(order, maintain_order=True), sensitive


def _each(model: Model, tried: Sequence[tuple[Part, Draw]]) -> Iterable[tuple[Part, Whole, Codes]]:
    """Each draw's ranks and tiers after all rules, in turns that memory bears."""
    if not tried:
        return
    worlds = Worlds(model, len(tried))
    for start in range(0, len(tried), worlds.at_once):
        turn = tried[start : start + worlds.at_once]
        placed = worlds.placed([draw for _, draw in turn], _still(model))
        yield from zip((p for p, _ in turn), placed.ranks, _final(model, placed.tiers), strict=True)


# -------------------------------------------------------------------------------------------------------------- tables


def _subjects(ranges: Ranges, counted: Counted, sensitive: list[list[str]]) -> pl.DataFrame:
    model, draws = ranges.model, ranges.stated.draws
    ids = model.plan.tier_ids
    tiered = model.base_tier >= 0
    counts = _tier_counts(model, counted)[tiered]
    standing = model.frame[model.ranked].filter(pl.Series(tiered))
    base = model.base_tier[tiered].astype(np.int64)
    in_tier = counts[np.arange(base.size), base]
    sample = counted.ranks.shape[1]
    low, middle, high = (max(0, -(-sample * q // 100) - 1) for q in (5, 50, 95))
    ranks = counted.ranks[tiered]
    likely = [ids[int(i)] for i in counts.argmax(axis=1)] if base.size else []
    ranked = _head(standing).with_columns(
        pl.Series("kept", in_tier / draws, dtype=pl.Float64),
        pl.Series("likely", likely, dtype=pl.String),
        *(pl.Series(f"share_{t}", counts[:, i] / draws, dtype=pl.Float64) for i, t in enumerate(ids)),
        *(
            pl.Series(name, ranks[:, at], dtype=pl.Int64)
            for name, at in (("rank_low", low), ("rank_median", middle), ("rank_high", high))
        ),
        pl.Series("rank_shift", counted.shifts[tiered] / max(sample, 1), dtype=pl.Float64),
        pl.Series("sensitive_to", [s for s, t in zip(sensitive, tiered, strict=True) if t], dtype=pl.List(pl.String)),
    )
    rest = model.rating.subjects.filter(
        (pl.col("treatment") == "rated") & pl.col("_tier").is_not_null() & ~pl.col("_ranked")
    )
    fixed = _head(rest).with_columns(
        pl.lit(1.0).alias("kept"),
        pl.col("tier").alias("likely"),
        *((pl.col("tier") == t).cast(pl.Float64).alias(f"share_{t}") for t in ids),
        pl.lit([], dtype=pl.List(pl.String)).alias("sensitive_to"),
    )
    every = pl.concat([ranked, fixed], how="diagonal")
    fragile = pl.col("kept") < float(ranges.stated.fragile_below) / 100
    occurring = [f"share_{t}" for t in ids if every.height and float(every[f"share_{t}"].max() or 0) > 0]  # type: ignore[arg-type]
    at = SUBJECTS.index("fragile")
    order = {c.id: i for i, c in enumerate(model.plan.rating.cohorts)}
    return (
        every.with_columns(fragile.alias("fragile"))
        .sort(
            pl.col("cohort").replace_strict(order, default=None, return_dtype=pl.Int32),
            "rank",
            "subject",
            nulls_last=True,
        )
        .select(*SUBJECTS[:at], *occurring, *SUBJECTS[at:])
    )


def _head(frame: pl.DataFrame) -> pl.DataFrame:
    names = (
        "subject",
        "credit_code",
        "name",
        "township",
        "industry",
        "scale",
        "cohort",
        "tier",
        "score",
        "rank",
        "size",
    )
    return frame.select(names)


def _draws(ranges: Ranges) -> list[Draw]:
    """The numbers of every draw."""
    numbers = uniforms(ranges, ranges.stated.draws)
    return [draw_of(ranges, {s: n[k] for s, n in numbers.items()}, (_MAIN, k)) for k in range(ranges.stated.draws)]


def _parameters(ranges: Ranges, draws: Sequence[Draw]) -> pl.DataFrame:
    """Every number that was drawn, draw by draw; what does not move is left out."""
    model = ranges.model
    columns: dict[str, Floats] = {}

    def add(name: str, values: Floats, width: float) -> None:
        if width > 0:
            columns[name] = values

    weights, caps = np.array([d.weights for d in draws]), np.array([d.caps for d in draws])
    for p in model.parts:
        # A weight that does not move by itself still moves as the others do.
        moves = float(ranges.weights[[q.number for q in model.parts if q.cohort == p.cohort]].max())
        add(f"weight:{p.cohort}:{p.indicator}", weights[:, p.number], moves)
    for p in model.parts:
        add(f"cap:{p.cohort}:{p.indicator}", caps[:, p.number], ranges.caps[p.number])
    for i, cut in enumerate(model.cuts):
        limits = np.array([d.limits[i] for d in draws])
        for k, tier in enumerate(cut.tiers[:-1]):
            name = f"cut:{cut.name}:{model.plan.tier_ids[tier]}"
            add(name, limits[:, k], ranges.cuts[i][k])
    numbered = pl.DataFrame({"draw": np.arange(1, len(draws) + 1), **columns})
    held = {
        b: f"benchmark:{cohort}:{indicator}:{value:.12g}"
        for b, (cohort, indicator, value) in enumerate(model.benchmarks)
        if value == value and ranges.benchmarks[b] > 0
    }
    if held:
        # A county has thousands of benchmarks: one array of those that move, and no other beside it.
        several = np.array([d.benchmarks[list(held)] for d in draws])
        numbered = numbered.hstack(pl.DataFrame(several, schema=list(held.values())))
    if not ranges.moves_inputs:
        return numbered
    return numbered.with_columns(pl.Series("inputs_stream", [f"1.{_MAIN}.{k}" for k in range(len(draws))]))


# ---------------------------------------------------------------------------------------------------------- assumptions


def _assumptions(model: Model, ranges: Ranges) -> Iterable[tuple[MessageKey, tuple[str, ...]]]:
    """What the draws hold as it was rated, where a reader might think otherwise."""
    rating = model.plan.rating
    labels = {n: i.label or n for n, i in rating.indicators.items()}
    if "inputs" in ranges.drawn:
        yield "stability_holds_population", ()
        values = tuple(labels[n] for n, i in rating.indicators.items() if i.value is not None)
        if values:
            yield "stability_holds_values", values
    later = {"score", "rank", "size", *(f"{n}_points" for n in labels), *(f"{n}_benchmark" for n in labels)}
    rules = [a.reason for a, c in model.plan.after if c is not None and later & names_in(a.when, model.plan.scope)]
    rules += [b.reason for b, c in model.plan.before if c is not None and later & names_in(b.when, model.plan.scope)]
    if rules:
        yield "stability_holds_rules", tuple(rules)
