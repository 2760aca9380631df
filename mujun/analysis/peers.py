"""A subject's place among its peers: the values of an indicator in its cohort, counted into bins."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mujun.analysis.explanation import Peers
from mujun.rating import Rating

BINS = 24
"""Bins of a distribution."""


@dataclass(frozen=True)
class PeerValues:
    """The values of an indicator in a cohort, ascending, with their distribution."""

    values: Sequence[float]
    edges: tuple[float, ...]
    bins: tuple[int, ...]

    def of(self, value: float | None) -> Peers:
        """The distribution and a subject's place in it."""
        below = None if value is None else bisect_right(self.values, value)
        quartiles = (self.quantile(1), self.quantile(2), self.quantile(3))
        return Peers(len(self.values), below, self.values[0], quartiles, self.values[-1], self.edges, self.bins)

    def quantile(self, quarter: int) -> float:
        """The value at so many quarters: the one at the next whole place, no interpolation."""
        place = -(-len(self.values) * quarter // 4)
        return self.values[max(place, 1) - 1]


def peer_values(rating: Rating, indicator: str, cohort: str) -> PeerValues | None:
    """The distribution of an indicator among the scored subjects of a cohort; `None` where nobody has a value.

    The bins lie between the 2nd and the 98th of a hundred, so that a few extreme firms do not hide the others.
    """
    rows = rating.subjects.filter(
        pl.col("treatment").is_in(["rated", "ungraded"]), pl.col("cohort") == cohort, pl.col(indicator).is_not_null()
    )
    values = rows[indicator].sort().to_list()
    if not values:
        return None
    low, high = values[(len(values) - 1) * 2 // 100], values[(len(values) - 1) * 98 // 100]
    if low == high:
        return PeerValues(values, (low, high), (len(values),))
    edges = tuple(low + (high - low) * i / BINS for i in range(BINS + 1))
    bins = [0] * BINS
    for value in values:
        bins[min(max(bisect_right(edges, value) - 1, 0), BINS - 1)] += 1
    return PeerValues(values, edges, tuple(bins))
