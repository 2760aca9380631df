"""What the worlds of a rating are made from: what each draw may move, and what stands in all of them.

Rows are the scored subjects, cohort by cohort, cell by cell, by subject: the order of the frame makes no difference.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.rating.ranking import Cell
from mujun.rating.result import Rating
from mujun.rules.model import Cut, Item
from mujun.rules.rating_plan import RatingPlan

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """One indicator in one cohort.

    Attributes:
        number: its place among all parts.
        rows: the cohort's rows.
        benchmarks: which benchmark each row is held against (an index of `Model.benchmarks`), one number for all
            rows where there is one only; `None` for methods without.
    """

    number: int
    cohort: str
    indicator: str
    item: Item
    rows: slice
    benchmarks: Whole | int | None


@dataclass(frozen=True)
class DrawnCut:
    """A cut that draws move: `tiers` are the codes of its tiers in order, `limits` its shares or thresholds."""

    name: str
    source: Cut
    tiers: tuple[int, ...]
    limits: Floats

    @property
    def by_shares(self) -> bool:
        """Whether it cuts by rank; by thresholds otherwise."""
        return self.source.shares is not None


@dataclass(frozen=True)
class Model:
    """A rating of which worlds are made.

    Attributes:
        rating: the rating.
        frame: the scored subjects in the order of the rows.
        cohorts: the rows of each cohort.
        parts: the items of all cohorts.
        expressions: numerators, denominators and values, each with factors of its own.
        sides: by indicator, which factors its value moves with: those of its numerator and of its denominator, -1
            where it is no ratio.
        benchmarks: cohort, indicator and value of every benchmark.
        scored: of every row what its points are made from, see `building`.
        standing: of every ranked row what it is ranked and cut by.
        ranked: the rows that are ranked.
        cells: the cells that have any of them, by number in `standing`.
        kept: the share of each cell's ranked subjects that are in the model: below 1 where it is a sample.
        cuts: the cuts that apply.
        final: row of `standing` × tier of the cut → tier after all rules, -1 for none.
        base_tier: the tier of each in the rating, -1 for none.
    """

    rating: Rating
    frame: pl.DataFrame
    cohorts: tuple[slice, ...]
    parts: tuple[Part, ...]
    expressions: tuple[str, ...]
    sides: Mapping[str, tuple[int, int]]
    benchmarks: tuple[tuple[str, str, float], ...]
    scored: pl.DataFrame
    standing: pl.DataFrame
    ranked: Whole
    cells: tuple[Cell, ...]
    kept: Floats
    cuts: tuple[DrawnCut, ...]
    final: npt.NDArray[np.int8]
    base_tier: npt.NDArray[np.int8]

    @property
    def plan(self) -> RatingPlan:
        """The rules."""
        return self.rating.plan
