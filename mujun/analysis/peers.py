"""A subject's place among its peers: the values of an indicator in its cohort, counted into bins."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.analysis.explanation import Peers
from mujun.dataclass import dataclass
from mujun.rating import Rating

BINS = 24
"""Bins of a distribution."""


@dataclass(frozen=True)
class PeerValues:
    """The values of an indicator in a cohort, ascending, with their distribution."""

    values: npt.NDArray[np.float64]
    edges: tuple[float, ...]
    bins: tuple[int, ...]

    def of(self, value: float | None) -> Peers:
        """The distribution and a subject's place in it."""
        below = None if value is None else int(np.searchsorted(self.values, value, side="right"))
        quartiles = (self.quantile(1), self.quantile(2), self.quantile(3))
        least, most = float(self.values[0]), float(self.values[-1])
        return Peers(len(self.values), below, least, quartiles, most, self.edges, self.bins)

    def quantile(self, quarter: int) -> float:
        """The value at so many quarters: the one at the next whole place, no interpolation."""
        place = -(-len(self.values) * quarter // 4)
        return float(self.values[max(place, 1) - 1])


def peer_values(rating: Rating, indicator: str, cohort: str) -> PeerValues | None:
    """The distribution of an indicator among the scored subjects of a cohort; `None` where nobody has a value.

    The bins lie between the 2nd and the 98th of a hundred, so that a few extreme firms do not hide the others.
    """
    scored = pl.col("treatment").is_in(["rated", "ungraded"]) & (pl.col("cohort") == cohort)
    values = rating.subjects.select(pl.col(indicator).filter(scored).drop_nulls().sort())[indicator].to_numpy()
    if not values.size:
        return None
    low, high = (float(values[(values.size - 1) * hundredth // 100]) for hundredth in (2, 98))
    if low == high:
        return PeerValues(values, (low, high), (values.size,))
    edges = tuple(low + (high - low) * i / BINS for i in range(BINS + 1))
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, BINS - 1)
    return PeerValues(values, edges, tuple(np.bincount(places, minlength=BINS).tolist()))
