"""A rating tested: every source drawn at once, each source's part, and every indicator left out in turn."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.analysis.stability import placing
from mujun.analysis.stability.arrays import Floats, Model, Whole
from mujun.analysis.stability.building import model_of
from mujun.analysis.stability.drawing import (
    Draw,
    Ranges,
    as_stated,
    draw_of,
    factors,
    ranges_of,
    uniforms,
    without,
)
from mujun.analysis.stability.result import OUTPUTS, SUBJECTS, Firmness
from mujun.analysis.stability.variance import indices_of
from mujun.errors import RatingError, problem
from mujun.messages import Firm, MessageKey
from mujun.rating.result import Rating
from mujun.rules.expressions import names_in
from mujun.rules.model import Stability

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
    counted = _counted(ranges, workers)
    dropped, sensitive = _dropped(model)
    sources, variance_draws, variance_subjects = _variance(ranges, workers) if variance else (_no_sources(), 0, 0)
    return Firmness(
        rating=rating,
        stated=ranges_stated,
        by_default=by_rules is None and stated is None,
        subjects=_subjects(ranges, counted, sensitive),
        sources=sources,
        dropped=dropped,
        parameters=_parameters(ranges),
        rank_draws=counted.ranks.shape[1],
        variance_draws=variance_draws,
        variance_subjects=variance_subjects,
        assumptions=tuple(_assumptions(model, ranges)),
    )


# ------------------------------------------------------------------------------------------------------- the base draw


def _check_base(model: Model) -> None:
    """With nothing drawn the arrays must give the rating itself; whatever they cannot do is refused here."""
    draw, still = as_stated(model), [None] * len(model.expressions)
    score = placing.scores(model, draw, still)
    keys = placing.keys_of(model, score, still)
    ranks, ordered = placing.ranks_of(model, keys)
    codes = placing.cut_codes(model, placing.beyond(model, draw, keys, ordered, score, still))
    tiers = placing.final_tiers(model, codes)
    standing = model.frame[model.ranked]
    wrong = (
        (score != model.frame["_score"].to_numpy())[model.ranked]
        | (ranks != standing["rank"].to_numpy())
        | (tiers != model.base_tier)
    )
    if wrong.any():
        first = standing["subject"][int(np.flatnonzero(wrong)[0])]
        raise RatingError(problem("stability_base_differs", count=int(wrong.sum()), subject=Firm(first)))


# ---------------------------------------------------------------------------------------------------------- all at once


@dataclass(frozen=True)
class Counted:
    """Ranked row × boundary, how often it was beyond; ranked row × draw, its ranks in order; the sum of its shifts."""

    beyond: Whole
    ranks: npt.NDArray[np.int32]
    shifts: Whole


def _counted(ranges: Ranges, workers: int) -> Counted:
    model, draws = ranges.model, ranges.stated.draws
    numbers = uniforms(ranges, draws)
    rows = model.ranked.size
    # Draws are independent: every so manieth is as good a sample as any.
    every = max(1, -(-draws * rows // RANK_CELLS))
    kept = range(0, draws, every)
    ranks = np.empty((len(kept), rows), dtype=np.int32)
    base = model.frame[model.ranked]["rank"].to_numpy()

    def some(chosen: Sequence[int]) -> tuple[Whole, Whole]:
        beyond = np.zeros((model.boundaries, rows), dtype=np.int64)
        shifts = np.zeros(rows, dtype=np.int64)
        for k in chosen:
            draw = draw_of(ranges, {s: n[k] for s, n in numbers.items()}, (_MAIN, k))
            moved = factors(ranges, draw.inputs)
            score = placing.scores(model, draw, moved)
            keys = placing.keys_of(model, score, moved)
            if k % every == 0:
                here, ordered = placing.ranks_of(model, keys)
                ranks[k // every] = here
                shifts += np.abs(here - base)
            else:
                ordered = None
            beyond += placing.beyond(model, draw, keys, ordered, score, moved)
        return beyond, shifts

    blocks = [range(i, min(i + 16, draws)) for i in range(0, draws, 16)]
    beyond = np.zeros((model.boundaries, rows), dtype=np.int64)
    shifts = np.zeros(rows, dtype=np.int64)
    with ThreadPoolExecutor(workers) as pool:
        for over, shifted in pool.map(some, blocks):
            beyond += over
            shifts += shifted
    by_row = np.ascontiguousarray(ranks.T)
    by_row.sort(axis=1)
    return Counted(beyond.T, by_row, shifts)


def _tier_counts(ranges: Ranges, counted: Counted) -> Whole:
    """Ranked row × tier: in how many draws."""
    model, draws = ranges.model, ranges.stated.draws
    rows = model.ranked.size
    passed = np.concatenate(
        [np.full((rows, 1), draws), counted.beyond, np.zeros((rows, 1), dtype=np.int64)], axis=1
    ).astype(np.int64)
    at_place = passed[:, :-1] - passed[:, 1:]
    table = placing.tier_table(model)
    counts = np.zeros((rows, len(model.plan.tier_ids)), dtype=np.int64)
    for place in range(at_place.shape[1]):
        code = table[model.cell_of, place]
        there = np.flatnonzero((code >= 0) & (at_place[:, place] > 0))
        final = model.final[there, code[there]]
        tiered = final >= 0
        np.add.at(counts, (there[tiered], final[tiered]), at_place[there[tiered], place])
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
    still = [None] * len(model.expressions)
    stated = as_stated(model)
    base_ranks, base_tiers = _placed(model, stated, still)
    cohort = model.frame["_cohort"].to_numpy()[model.ranked]
    groups = [np.arange(model.ranked.size), *(np.flatnonzero(cohort == c) for c in np.unique(cohort))]
    names = [None, *(model.plan.rating.cohorts[int(c)].id for c in np.unique(cohort))]

    def computed(uniform: Mapping[str, Floats], sets: Mapping[str, int], number: int) -> Floats:
        stream = _SET_A + sets["inputs"] if "inputs" in sets else None
        draw = draw_of(drawn_ranges, uniform, None if stream is None else (stream, number))
        ranks, tiers = _placed(model, draw, factors(drawn_ranges, draw.inputs))
        shifts, moves = np.abs(ranks - base_ranks), tiers != base_tiers
        return np.array([v[g].sum() / max(g.size, 1) for g in groups for v in (shifts, moves)])

    sizes = drawn_ranges.dimensions()
    indices = indices_of(computed, {s: sizes[s] for s in drawn}, VARIANCE_DRAWS, ranges.stated.seed, threads=workers)
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


def _placed(model: Model, draw: Draw, moved: Sequence[Floats | None]) -> tuple[Whole, npt.NDArray[np.int8]]:
    score = placing.scores(model, draw, moved)
    keys = placing.keys_of(model, score, moved)
    ranks, ordered = placing.ranks_of(model, keys)
    codes = placing.cut_codes(model, placing.beyond(model, draw, keys, ordered, score, moved))
    return ranks, placing.final_tiers(model, codes)


# ---------------------------------------------------------------------------------------------- indicator by indicator


def _dropped(model: Model) -> tuple[pl.DataFrame, list[list[str]]]:
    """What every indicator left out does, and for each ranked row the indicators without which its tier differs."""
    still: list[Floats | None] = [None] * len(model.expressions)
    ranks, tiers = _placed(model, as_stated(model), still)
    cohort = model.frame["_cohort"].to_numpy()[model.ranked]
    ids = [c.id for c in model.plan.rating.cohorts]
    rows: list[tuple[object, ...]] = []
    sensitive: list[list[str]] = [[] for _ in range(model.ranked.size)]
    for part in model.parts:
        draw = without(model, part.number)
        mine = cohort == ids.index(part.cohort)
        if draw is None or not mine.any():
            continue
        other_ranks, other = _placed(model, draw, still)
        up, down = mine & (other < tiers), mine & (other > tiers)
        for row in np.flatnonzero(up | down):
            sensitive[int(row)].append(part.indicator)
        shift = int(np.abs(other_ranks - ranks)[mine].sum()) / int(mine.sum())
        counts = (int(mine.sum()), int((up | down).sum()), int(up.sum()), int(down.sum()))
        rows.append((part.cohort, part.indicator, *counts, shift))
    schema = {
        "cohort": pl.String(), "indicator": pl.String(), "subjects": pl.Int64(), "moved": pl.Int64(),
        "up": pl.Int64(), "down": pl.Int64(), "rank_shift": pl.Float64(),
    }  # fmt: skip
    order = pl.col("cohort").replace_strict({c: i for i, c in enumerate(ids)}, return_dtype=pl.Int32)
    return pl.DataFrame(rows, schema=schema, orient="row").sort(order, maintain_order=True), sensitive


# -------------------------------------------------------------------------------------------------------------- tables


def _subjects(ranges: Ranges, counted: Counted, sensitive: list[list[str]]) -> pl.DataFrame:
    model, draws = ranges.model, ranges.stated.draws
    ids = model.plan.tier_ids
    tiered = model.base_tier >= 0
    counts = _tier_counts(ranges, counted)[tiered]
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


def _parameters(ranges: Ranges) -> pl.DataFrame:
    """Every number that was drawn, draw by draw; what does not move is left out."""
    model, draws = ranges.model, ranges.stated.draws
    numbers = uniforms(ranges, draws)
    made = [draw_of(ranges, {s: n[k] for s, n in numbers.items()}, (_MAIN, k)) for k in range(draws)]
    columns: list[pl.Series] = [pl.Series("draw", np.arange(1, draws + 1))]

    def add(name: str, values: Iterable[float], width: float) -> None:
        if width > 0:
            columns.append(pl.Series(name, list(values), dtype=pl.Float64))

    for p in model.parts:
        # A weight that does not move by itself still moves as the others do.
        moves = float(ranges.weights[[q.number for q in model.parts if q.cohort == p.cohort]].max())
        add(f"weight:{p.cohort}:{p.indicator}", (d.weights[p.number] for d in made), moves)
    for p in model.parts:
        add(f"cap:{p.cohort}:{p.indicator}", (d.caps[p.number] for d in made), ranges.caps[p.number])
    for i, cut in enumerate(model.cuts):
        for k, tier in enumerate(cut.tiers[:-1]):
            name = f"cut:{cut.name}:{model.plan.tier_ids[tier]}"
            add(name, (d.limits[i][k] for d in made), ranges.cuts[i][k])
    for b, (cohort, indicator, value) in enumerate(model.benchmarks):
        if value == value:
            name = f"benchmark:{cohort}:{indicator}:{value:.12g}"
            add(name, (d.benchmarks[b] for d in made), ranges.benchmarks[b])
    if ranges.inputs.any():
        columns.append(pl.Series("inputs_stream", [f"1.{_MAIN}.{k}" for k in range(draws)]))
    return pl.DataFrame(columns)


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
