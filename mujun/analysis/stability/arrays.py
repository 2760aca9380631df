"""A rating as arrays: what points, ranks and tiers of one draw are computed from.

Rows are the scored subjects, cohort by cohort, cell by cell, by subject: the order of the frame makes no difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.numbers import round_decimal
from mujun.rating.result import Rating
from mujun.rules.model import Cut, Item, Policy
from mujun.rules.rating_plan import RatingPlan

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

LARGEST_KEY = 2**62


@dataclass(frozen=True)
class Noise:
    """Which factors the value of some rows moves with: those of its numerator and of its denominator.

    `rows` are positions within the part, `None` for all; `per` is -1 where the value is no ratio.
    """

    rows: Whole | None
    of: int
    per: int


@dataclass(frozen=True)
class Unscored:
    """Rows whose points do not come from the method, and the policy that says what they get.

    `valued`: they have a value all the same, so that their points count in the mean of the cohort.
    """

    rows: Whole
    policy: Policy
    valued: bool = False


@dataclass(frozen=True)
class Extremes:
    """Groups over which `minmax` takes its least and largest value.

    `order` lists rows of the whole model group by group, `starts` where each begins, `codes` the group of each row of
    the part.
    """

    order: Whole
    starts: Whole
    codes: Whole
    values: Floats


@dataclass(frozen=True)
class Part:
    """One indicator in one cohort.

    Attributes:
        number: its place among all parts.
        rows: the cohort's rows.
        value: the value that is scored, 0 where the method does not act.
        ratio: value ÷ benchmark, for `ratio` and `inverse`.
        benchmarks: which benchmark each row is held against (an index of `Model.benchmarks`), one number for all
            rows where there is one only; `None` for methods without.
        acting: where the method acts, `None` for everywhere.
    """

    number: int
    cohort: str
    indicator: str
    item: Item
    rows: slice
    value: Floats
    ratio: Floats | None
    benchmarks: Whole | int | None
    acting: npt.NDArray[np.bool_] | None
    noise: tuple[Noise, ...]
    exceptions: tuple[Unscored, ...]
    extremes: Extremes | None


@dataclass(frozen=True)
class RankBlock:
    """How the ranked rows of one cohort (or all) are ordered before equal scores are parted.

    `by` is `score`, `value` (an indicator, whose values move with the inputs) or `given` (an order that no draw moves).
    """

    ranked: slice
    by: str
    part: tuple[Floats, tuple[Noise, ...]] | None
    sign: int
    major: Whole | None


@dataclass(frozen=True)
class CutBlock:
    """A cut and its cells; `tiers` are the codes of its tiers in order, `limits` its shares or thresholds."""

    name: str
    source: Cut
    tiers: tuple[int, ...]
    limits: Floats
    cells: Whole
    by: str
    values: Floats | None
    noise: tuple[Noise, ...]


@dataclass(frozen=True)
class Model:
    """A rating as arrays.

    Attributes:
        rating: the rating.
        frame: the scored subjects in the order of the rows.
        parts: the items of all cohorts.
        expressions: numerators, denominators and values, each with factors of its own.
        benchmarks: cohort, indicator and value of every benchmark.
        added: what adjustments add, in 10⁻ᵖᵒⁱⁿᵗˢ.
        ranked: the rows that are ranked.
        cell_of: the cell of each ranked row, as an index.
        offsets, sizes: where a cell begins among ranked rows sorted by cell, and how many it has.
        bases: what shares are taken of, and `fixed`: cell × tier, how many `before` fixed with `in_base`.
        kept: the share of each cell's ranked subjects that are in the model: below 1 where it is a sample.
        minor: the order among subjects of equal score; smaller is better.
        final: row among `ranked` × tier of the cut → tier after all rules, -1 for none.
        base_tier: the tier of each ranked row in the rating, -1 for none.
    """

    rating: Rating
    frame: pl.DataFrame
    parts: tuple[Part, ...]
    expressions: tuple[str, ...]
    benchmarks: tuple[tuple[str, str, float], ...]
    added: Floats
    ranked: Whole
    cell_of: Whole
    offsets: Whole
    sizes: Whole
    bases: Whole
    fixed: Whole
    kept: Floats
    minor: Whole
    minors: int
    blocks: tuple[RankBlock, ...]
    cuts: tuple[CutBlock, ...]
    final: npt.NDArray[np.int8]
    base_tier: npt.NDArray[np.int8]

    @property
    def plan(self) -> RatingPlan:
        """The rules."""
        return self.rating.plan

    @property
    def points(self) -> int:
        """Points are whole numbers of 10 to the minus this."""
        return self.plan.rating.decimals.points

    @property
    def boundaries(self) -> int:
        """The most boundaries that a cut has."""
        return max((len(c.tiers) - 1 for c in self.cuts), default=0)


def places_of_score(model: Model) -> tuple[int, float, float]:
    """Decimals of the score, and its limits in whole numbers of the last."""
    kept = model.plan.rating.decimals.score
    limits = model.plan.rating.adjustments.score
    low = float("-inf") if limits.min is None else float(round_decimal(limits.min.scaleb(kept), 0))
    high = float("inf") if limits.max is None else float(round_decimal(limits.max.scaleb(kept), 0))
    return kept, low, high
