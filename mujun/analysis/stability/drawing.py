"""From uniform numbers to the numbers of one draw: weights, benchmarks, caps, cuts, and factors of every firm's data.

Every draw has a place of its own in the stream of random numbers, so that neither the order of the draws nor the
number of threads changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from mujun.analysis.stability.model import Floats, Model, Whole
from mujun.dataclass import dataclass
from mujun.rules.model import Stability

SOURCES: tuple[str, ...] = ("weights", "benchmarks", "caps", "cuts", "inputs")
"""Where the uncertainty comes from, in the order of the calculation."""

Key = tuple[int, int]
"""Which stream, and which draw of it."""


@dataclass(frozen=True)
class Draw:
    """The numbers of one draw.

    Attributes:
        weights, caps: by part, as in `Model.parts`; a part without a cap has infinity.
        benchmarks: what every benchmark is multiplied by, as in `Model.benchmarks`.
        limits: by cut, its shares or thresholds.
        inputs: where the factors of the firms' data come from; `None` for the data as they are.
    """

    weights: Floats
    caps: Floats
    benchmarks: Floats
    limits: tuple[Floats, ...]
    inputs: Key | None


@dataclass(frozen=True)
class Ranges:
    """How far each number may move, as shares: 0.1 for ten per cent."""

    model: Model
    stated: Stability
    weights: Floats
    benchmarks: Floats
    caps: Floats
    cuts: tuple[Floats, ...]
    inputs: Floats

    @cached_property
    def still(self) -> Draw:
        """The draw that changes nothing."""
        return as_stated(self.model)

    @cached_property
    def sums(self) -> Sequence[tuple[Whole, float]]:
        """Of each cohort its parts and what their weights add up to."""
        stated = self.still.weights
        return [(np.array(parts), float(stated[parts].sum())) for parts in cohorts_of(self.model).values()]

    @cached_property
    def moves_inputs(self) -> bool:
        """Whether any of the firms' data moves."""
        return bool(np.any(self.inputs > 0))

    @property
    def drawn(self) -> tuple[str, ...]:
        """The sources of which anything moves."""
        widths = {s: getattr(self, s) for s in SOURCES if s != "cuts"}
        moving = {s: bool(np.any(w > 0)) for s, w in widths.items()}
        moving["cuts"] = any(bool(np.any(c > 0)) for c in self.cuts)
        return tuple(s for s in SOURCES if moving[s])

    def dimensions(self) -> dict[str, int]:
        """How many uniform numbers each source takes of a draw; inputs have a stream of their own."""
        return {
            "weights": self.weights.size,
            "benchmarks": self.benchmarks.size,
            "caps": self.caps.size,
            "cuts": sum(c.size for c in self.cuts),
            "inputs": 0,
        }


def ranges_of(model: Model, stated: Stability) -> Ranges:
    """The ranges that a rule set states, number by number."""

    def share(source: str, names: Iterable[str]) -> Floats:
        return np.array([stated.width(source, n) / 100 for n in names], dtype=np.float64)

    parts = model.parts
    capped = [0.0 if p.item.cap is None else stated.width("caps", p.indicator) / 100 for p in parts]
    ids = model.plan.tier_ids
    return Ranges(
        model,
        stated,
        weights=share("weights", (p.indicator for p in parts)),
        benchmarks=share("benchmarks", (name for _, name, _ in model.benchmarks)),
        caps=np.array(capped, dtype=np.float64),
        cuts=tuple(share("cuts", (ids[t] for t in c.tiers[:-1])) for c in model.cuts),
        inputs=share("inputs", model.expressions),
    )


def as_stated(model: Model) -> Draw:
    """The draw that changes nothing."""
    return Draw(
        weights=np.array([float(p.item.weight) for p in model.parts]),
        caps=np.array([float("inf") if p.item.cap is None else float(p.item.cap) for p in model.parts]),
        benchmarks=np.ones(len(model.benchmarks)),
        limits=tuple(c.limits for c in model.cuts),
        inputs=None,
    )


def draw_of(ranges: Ranges, uniform: Mapping[str, Floats], inputs: Key | None) -> Draw:
    """The numbers of a draw.

    Args:
        ranges: how far each may move.
        uniform: by source, numbers in [0, 1), as many as `Ranges.dimensions` says; a source that is absent stays as it
            is.
        inputs: the stream and draw of the firms' factors.
    """
    stated = ranges.still
    weights, caps, limits = stated.weights, stated.caps, stated.limits
    benchmarks = stated.benchmarks
    if "weights" in uniform:
        weights = _as_before(ranges, weights * _factor(uniform["weights"], ranges.weights))
    if "caps" in uniform:
        caps = caps * _factor(uniform["caps"], ranges.caps)
    if "benchmarks" in uniform:
        benchmarks = _factor(uniform["benchmarks"], ranges.benchmarks)
    if "cuts" in uniform:
        limits = tuple(_limits(ranges, uniform["cuts"]))
    return Draw(weights, caps, benchmarks, limits, inputs if ranges.moves_inputs else None)


def _factor(uniform: Floats, width: Floats) -> Floats:
    return 1.0 + width * (2.0 * uniform - 1.0)


def _as_before(ranges: Ranges, drawn: Floats) -> Floats:
    """Weights of each cohort brought back to what they add up to."""
    for members, whole in ranges.sums:
        mine = drawn[members]
        drawn[members] = mine * (whole / mine.sum())
    return drawn


def cohorts_of(model: Model) -> Mapping[str, list[int]]:
    """The parts of each cohort."""
    parts_of: dict[str, list[int]] = {}
    for part in model.parts:
        parts_of.setdefault(part.cohort, []).append(part.number)
    return parts_of


def _limits(ranges: Ranges, uniform: Floats) -> Iterable[Floats]:
    start = 0
    for cut, width in zip(ranges.model.cuts, ranges.cuts, strict=True):
        shifts = uniform[start : start + width.size]
        start += width.size
        if cut.by_shares:
            moved = np.clip(cut.limits + 100 * width * (2.0 * shifts - 1.0), 0.0, 100.0)
            yield np.maximum.accumulate(moved)
        else:
            # A higher tier never asks for less than a lower one.
            yield np.minimum.accumulate(cut.limits * _factor(shifts, width))


def without(model: Model, part: int) -> Draw | None:
    """The rating without one indicator of a cohort, its weight shared among the others in proportion."""
    stated = as_stated(model)
    others = [p for p in cohorts_of(model)[model.parts[part].cohort] if p != part]
    if not others:
        return None
    weights = stated.weights.copy()
    members = [*others, part]
    weights[others] *= stated.weights[members].sum() / stated.weights[others].sum()
    weights[part] = 0.0
    return Draw(weights, stated.caps, stated.benchmarks, stated.limits, None)


def factors(ranges: Ranges, keys: Sequence[Key | None], room: Floats | None = None) -> Sequence[Floats | None]:
    """What the values of every numerator and denominator are multiplied by, firm by firm, in some draws.

    Args:
        ranges: how far each may move.
        keys: the stream and draw of each; `None` for the data as they are, in all of them or in none.
        room: where they are put, if anywhere: inputs that move × draw × row or more.

    Returns:
        By expression, draw × row of the model a factor; `None` for one that does not move.
    """
    moving = [key for key in keys if key is not None]
    if not moving:
        return [None] * ranges.inputs.size
    which = np.flatnonzero(ranges.inputs > 0).tolist()
    if room is None:
        room = np.empty((len(which), len(moving), ranges.model.frame.height))
    drawn = room[:, : len(moving)]
    first: dict[Key, int] = {}
    for k, key in enumerate(moving):
        if first.setdefault(key, k) < k:
            drawn[:, k] = drawn[:, first[key]]
            continue
        source = np.random.Generator(np.random.SFC64(np.random.SeedSequence(ranges.stated.seed, spawn_key=(1, *key))))
        for row, width in zip(drawn[:, k], ranges.inputs[which].tolist(), strict=True):
            source.random(out=row)
            row *= 2.0 * width
            row += 1.0 - width
    return [drawn[which.index(n)] if n in which else None for n in range(ranges.inputs.size)]


def uniforms(ranges: Ranges, draws: int) -> dict[str, Floats]:
    """Independent uniform numbers for every draw: by source, draw × number."""
    source = np.random.Generator(np.random.PCG64(np.random.SeedSequence(ranges.stated.seed, spawn_key=(0,))))
    return {s: source.random((draws, n)) for s, n in ranges.dimensions().items() if n}
