"""One draw computed: points, scores, the order in each cell, who is beyond which boundary, ranks.

The arithmetic is the rating's own in another shape: raw points as floats, each rounded half away from zero to a whole
number of 10⁻ᵖˡᵃᶜᵉˢ, whole numbers from there on. With nothing drawn it gives the rating's ranks and tiers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mujun.analysis.stability.arrays import LARGEST_KEY, CutBlock, Floats, Model, Noise, Part, Whole, places_of_score
from mujun.analysis.stability.drawing import Draw
from mujun.rules.methods import Drawn

_NEAR = 5e-9
"""Half a 10⁻¹² in units of 10⁻⁴: raw points are taken at 12 decimals before they are rounded."""

_TWELFTH = 1e-9
"""Slack of a comparison whose sides are the same number written in two ways."""


def scores(model: Model, draw: Draw, factors: Sequence[Floats | None]) -> Whole:
    """The score of every row, as whole numbers of its last decimal."""
    total = np.zeros(model.frame.height)
    left = _left_weights(model, draw)
    for part in model.parts:
        if draw.weights[part.number] > 0:
            total[part.rows] += _points(model, part, draw, factors, left)
    total += model.added
    kept, low, high = places_of_score(model)
    if kept < model.points:
        step = 10.0 ** (model.points - kept)
        total = np.copysign(np.floor((np.abs(total) + step / 2) / step), total)
    elif kept > model.points:
        total *= 10.0 ** (kept - model.points)
    if low != -np.inf or high != np.inf:
        np.clip(total, low, high, out=total)
    return total.astype(np.int64)


# --------------------------------------------------------------------------------------------------------------- points


def _points(model: Model, part: Part, draw: Draw, factors: Sequence[Floats | None], left: Floats | None) -> Floats:
    """The rounded points of a part, in whole numbers of 10⁻ᵖˡᵃᶜᵉˢ."""
    item, number = part.item, part.number
    scale = 10.0**model.points
    weight: float | Floats = draw.weights[number] * scale
    if left is not None:
        total = sum(draw.weights[p.number] for p in model.parts if p.cohort == part.cohort)
        remains = left[part.rows]
        # The engine leaves a weight as it is where nothing of its cohort is missing.
        share = np.divide(total, remains, out=np.zeros_like(remains), where=remains > total * 1e-12)
        weight = weight * np.where(np.abs(remains - total) <= total * 1e-12, 1.0, share)
    moved = _factor_of(part.noise, factors, part.rows)
    points = np.multiply(_share(part, draw, factors, moved), weight)
    floor, cap = float(item.floor), float(draw.caps[number])
    np.maximum(points, floor * weight, out=points)
    if cap != np.inf:
        np.minimum(points, cap * weight, out=points)
    later: list[Whole] = []
    for exception in part.exceptions:
        policy, rows = exception.policy, exception.rows
        here = weight if isinstance(weight, float) else weight[rows]
        if policy.kind == "cohort_mean":
            later.append(rows)
        points[rows] = _given(policy.kind, here, cap, float(policy.points or 0) * scale)
    _round(points, signed=floor < 0 or any((e.policy.points or 0) < 0 for e in part.exceptions))
    if later:
        own_points = [points if part.acting is None else points[part.acting]]
        counted = np.concatenate([*own_points, *(points[e.rows] for e in part.exceptions if e.valued)])
        # Whole numbers below 2⁵³ add up exactly in any order.
        mean = (
            np.copysign(np.floor(abs(counted.sum()) / counted.size + 0.5 + _TWELFTH), counted.sum())
            if counted.size
            else 0.0
        )
        for rows in later:
            points[rows] = mean
            if cap != np.inf:
                most = np.full(rows.size, cap) * (weight if isinstance(weight, float) else weight[rows])
                _round(most, signed=False)
                points[rows] = np.minimum(mean, most)
    return points


def _given(kind: str, weight: float | Floats, cap: float, points: float) -> float | Floats:
    if kind == "full":
        return weight
    if kind == "cap":
        return weight * cap
    return points if kind == "points" else 0.0


def _round(points: Floats, *, signed: bool) -> None:
    """Half away from zero, in place."""
    if signed:
        np.copysign(np.floor(np.abs(points) + (0.5 + _NEAR)), points, out=points)
        return
    points += 0.5 + _NEAR
    np.floor(points, out=points)


def _factor_of(noise: Sequence[Noise], factors: Sequence[Floats | None], rows: slice) -> Floats | None:
    """What the values of a part are multiplied by; `None` for one."""
    factor: Floats | None = None
    for source in noise:
        of = factors[source.of]
        per = factors[source.per] if source.per >= 0 else None
        if source.rows is None:
            if of is not None:
                factor = of[rows] / per[rows] if per is not None else of[rows]
            elif per is not None:
                factor = 1.0 / per[rows]
            continue
        at = source.rows + rows.start
        above = of[at] if of is not None else np.ones(at.size)
        factor = np.ones(rows.stop - rows.start) if factor is None else factor.copy()
        factor[source.rows] = above / per[at] if per is not None else above
    return factor


def _share(part: Part, draw: Draw, factors: Sequence[Floats | None], moved: Floats | None) -> Floats:
    """The share of the weight that each row earns before cap and floor."""
    value = part.value if moved is None else part.value * moved
    ratio = part.ratio
    if ratio is not None:
        ratio = ratio if moved is None else ratio * moved
        if isinstance(part.benchmarks, int):
            factor = draw.benchmarks[part.benchmarks]
            ratio = ratio if factor == 1.0 else ratio / factor
        elif part.benchmarks is not None and np.any(draw.benchmarks != 1.0):
            ratio = ratio / np.take(draw.benchmarks, part.benchmarks, mode="clip")
    return part.item.method.shares(part.item, Drawn(value, ratio, _DrawnPeers(part, factors, value)))


@dataclass(frozen=True)
class _DrawnPeers:
    """The peers of a draw: the values of a part as they have moved."""

    part: Part
    factors: Sequence[Floats | None]
    value: Floats

    def extremes(self) -> tuple[Floats, Floats]:
        """The least and largest value in each row's group; zero and zero where nobody has any."""
        extremes = self.part.extremes
        assert extremes is not None
        moved = _factor_of(self.part.noise, self.factors, slice(0, extremes.values.size))
        everywhere = extremes.values if moved is None else extremes.values * moved
        arranged = everywhere[extremes.order]
        if not arranged.size:
            return np.zeros_like(self.value), np.zeros_like(self.value)
        low = np.minimum.reduceat(arranged, extremes.starts)[extremes.codes]
        return low, np.maximum.reduceat(arranged, extremes.starts)[extremes.codes]

    def share_at_or_below(self) -> Floats:
        """The share of the cohort's values that are at or below each row's."""
        there = self.value if self.part.acting is None else self.value[self.part.acting]
        places: Floats = np.searchsorted(np.sort(there), self.value, side="right") / max(there.size, 1)
        return places


def _left_weights(model: Model, draw: Draw) -> Floats | None:
    """What reweighting leaves of each row's weights; `None` where nothing is reweighted."""
    left: Floats | None = None
    for part in model.parts:
        for exception in part.exceptions:
            if exception.policy.kind == "reweight":
                if left is None:
                    left = np.zeros(model.frame.height)
                left[exception.rows + part.rows.start] -= draw.weights[part.number]
    if left is None:
        return None
    for part in model.parts:
        left[part.rows] += draw.weights[part.number]
    return left


# ------------------------------------------------------------------------------------------------------ order and tiers


def keys_of(model: Model, score: Whole, factors: Sequence[Floats | None]) -> Any:
    """One whole number per ranked row: cell, then place; smaller is better, equal only where all is equal."""
    major = np.empty(model.ranked.size, dtype=np.int64)
    for block in model.blocks:
        rows = block.ranked
        if block.by == "score":
            major[rows] = block.sign * score[model.ranked[rows]]
        elif block.by == "given":
            assert block.major is not None
            major[rows] = block.major
        else:
            assert block.part is not None
            given, noise = block.part
            moved = _by_rows(noise, factors, model.ranked[rows])
            major[rows] = _dense(given if moved is None else given * moved, block.sign)
    if not major.size:
        return major
    cells = max(model.sizes.size, 1)
    major -= major.min()
    room = int(major.max()) + 1
    if room * cells * model.minors > LARGEST_KEY:
        # Scores that differ beyond all measure are the worst alike: nobody's tier hangs on them.
        room = LARGEST_KEY // (cells * model.minors)
        np.minimum(major, room - 1, out=major)
    if cells > 1:
        major += model.cell_of * room
    if model.minors > 1:
        major *= model.minors
        major += model.minor
    # Half as wide, sorted twice as fast.
    return major.astype(np.int32) if room * cells * model.minors <= 2**31 else major


def _by_rows(noise: Sequence[Noise], factors: Sequence[Floats | None], rows: Whole) -> Floats | None:
    """`_factor_of` for one indicator's own value, at rows of the model."""
    values: Floats | None = None
    for source in noise:
        of = factors[source.of]
        per = factors[source.per] if source.per >= 0 else None
        if of is not None or per is not None:
            above = of[rows] if of is not None else np.ones(rows.size)
            values = above / per[rows] if per is not None else above
    return values


def _dense(values: Floats, sign: int) -> Whole:
    """Places of values by size, equal where they are; missing ones come last."""
    missing = np.isnan(values)
    ordered = np.where(missing, np.inf, values * sign)
    distinct = np.unique(ordered)
    return np.searchsorted(distinct, ordered).astype(np.int64)


def beyond(
    model: Model,
    draw: Draw,
    keys: Whole,
    ordered: Whole | None,
    score: Whole,
    factors: Sequence[Floats | None],
) -> npt.NDArray[np.bool_]:
    """Boundary × ranked row: whether the row is beyond that boundary of its cut, that is in a lower tier.

    Args:
        model, draw: what is computed.
        keys: `keys_of`.
        ordered: the same, sorted, where that is known already.
        score: the scores of all rows.
        factors: the factors of the inputs.
    """
    past = np.zeros((model.boundaries, model.ranked.size), dtype=np.bool_)
    ranks = [last_ranks(model, c, limits) if c.by == "rank" else None for c, limits in _cuts_of(model, draw)]
    if any(r is not None for r in ranks):
        last = _last_keys(model, ranks, keys, ordered)
        for k in range(model.boundaries):
            limit = last[0, k] if last.shape[0] == 1 else np.take(last[:, k], model.cell_of, mode="clip")
            np.greater(keys, limit, out=past[k])
    for cut, limits in _cuts_of(model, draw):
        if cut.by == "rank":
            continue
        inside = np.isin(model.cell_of, cut.cells)
        past[:, inside] = _below(model, cut, limits, score, factors, inside)
    return past


def last_ranks(model: Model, cut: CutBlock, limits: Floats) -> Whole:
    """Cell × boundary: the last rank before each boundary of a cut by shares, scaled where the model is a sample."""
    bases = model.bases[cut.cells].astype(np.float64)
    exact = bases[:, None] * limits[None, :] / 100.0
    rounding = cut.source.rounding
    if rounding == "floor":
        whole = np.floor(exact + _TWELFTH)
    elif rounding == "ceil":
        whole = np.ceil(exact - _TWELFTH)
    else:
        whole = np.floor(exact + (0.5 + _TWELFTH))
    taken = np.cumsum(model.fixed[cut.cells], axis=1)[:, list(cut.tiers[:-1])]
    ranks = np.maximum.accumulate(whole - taken, axis=1)
    kept = model.kept[cut.cells][:, None]
    return np.where(kept == 1.0, ranks, np.rint(ranks * kept)).astype(np.int64)


def _cuts_of(model: Model, draw: Draw) -> list[tuple[CutBlock, Floats]]:
    return list(zip(model.cuts, draw.limits, strict=True))


FEW = 64
"""Up to so many boundaries their keys are found by partitions; sorting everything is faster beyond."""


def _last_keys(model: Model, ranks: Sequence[Whole | None], keys: Whole, ordered: Whole | None) -> Whole:
    """Cell × boundary: the largest key that is still before it; none is before a boundary that does not exist."""
    shape = (model.sizes.size, model.boundaries)
    places, before = np.full(shape, -1, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for cut, by_cut in zip(model.cuts, ranks, strict=True):
        if by_cut is None:
            continue
        worse = cut.source.ties == "worse"
        # With all equals behind: before the boundary is who is better than the first one beyond it.
        at = (by_cut if worse else by_cut - 1) + model.offsets[cut.cells][:, None]
        sizes = model.sizes[cut.cells][:, None]
        kept = np.where(by_cut <= 0, -1, np.where(by_cut >= sizes, -2, at))
        places[cut.cells, : by_cut.shape[1]] = kept
        places[cut.cells, by_cut.shape[1] :] = -2
        before[cut.cells] = int(worse)
    wanted = np.unique(places[places >= 0])
    if ordered is None:
        ordered = np.partition(keys, wanted) if 0 < wanted.size <= FEW else np.sort(keys)
    last = np.where(places >= 0, ordered[np.maximum(places, 0)] - before, -1)
    return np.where(places == -2, np.iinfo(keys.dtype).max, last).astype(keys.dtype)


def _below(
    model: Model,
    cut: CutBlock,
    limits: Floats,
    score: Whole,
    factors: Sequence[Floats | None],
    inside: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Boundary × row: whether what a cut by thresholds compares is below each of them."""
    rows = model.ranked[inside]
    if cut.by == "score":
        kept, _, _ = places_of_score(model)
        held = score[rows].astype(np.float64)
        asked = limits * 10.0**kept
    else:
        assert cut.values is not None
        moved = _by_rows(cut.noise, factors, rows)
        held = cut.values[inside] if moved is None else cut.values[inside] * moved
        asked = limits
    slack = _TWELFTH if cut.by == "score" else 5e-13
    below = np.ones((model.boundaries, rows.size), dtype=np.bool_)
    for k, limit in enumerate(asked):
        below[k] = held < limit - slack
    below[len(asked) :] = False
    return below


def ranks_of(model: Model, keys: Whole) -> tuple[Whole, Whole]:
    """The rank of every ranked row within its cell, equals sharing the better, and the keys in order."""
    order = np.argsort(keys)
    ordered = keys[order]
    place = np.arange(keys.size, dtype=np.int64)
    first = place.copy()
    equal = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
    if equal.size:
        first[equal] = 0
        first = np.maximum.accumulate(first)
    ranks = np.empty(keys.size, dtype=np.int64)
    ranks[order] = first - model.offsets[model.cell_of[order]] + 1
    return ranks, ordered


def cut_codes(model: Model, beyond_: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    """The tier by the cut of every ranked row."""
    place = beyond_.sum(axis=0) if beyond_.size else np.zeros(model.ranked.size, dtype=np.int64)
    codes: npt.NDArray[np.int8] = tier_table(model)[model.cell_of, place]
    return codes


def tier_table(model: Model) -> npt.NDArray[np.int8]:
    """Cell × boundaries passed → tier."""
    table = np.full((model.sizes.size, model.boundaries + 1), -1, dtype=np.int8)
    for cut in model.cuts:
        table[cut.cells, : len(cut.tiers)] = cut.tiers
    return table


def final_tiers(model: Model, codes: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """The tier after all rules; -1 for who is ranked and gets none."""
    tiers: npt.NDArray[np.int8] = model.final[np.arange(codes.size), codes]
    return tiers
