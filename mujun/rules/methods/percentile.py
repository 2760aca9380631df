"""`percentile`: the share of the cohort that a value is not below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.rules.methods.method import Peers, Scored, ScoringMethod
from mujun.rules.methods.working import Figures, Working, times

if TYPE_CHECKING:
    from mujun.rules.in_words import Words
    from mujun.rules.model.scoring import Item


@dataclass(frozen=True)
class Percentile(ScoringMethod):
    """As much of the weight as there are subjects of the cohort at or below the value."""

    def raw(self, _item: Item, scored: Scored) -> pl.Expr:
        """Points before cap, floor and rounding."""
        return scored.weight * (scored.peers["below"].cast(pl.Float64) / scored.peers["among"].cast(pl.Float64))

    def of_peers(self, _item: Item, indicator: str, peers: Peers) -> tuple[pl.Series, ...]:
        """How many are at or below, and how many there are."""
        return peers.places(indicator)

    def words(self, _item: Item, _words: Words) -> str:
        """How an item earns points, in words."""
        return "权重 × 不高于本值的对象占本组的比例"

    def parameters(self, _item: Item, _value: float | None, peers: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        """How many are at or below, and how many there are."""
        yield "at_or_below", float(peers["below"] or 0)
        yield "among", float(peers["among"] or 0)

    def working(self, figures: Figures) -> Working:
        """The sum that gives the points."""
        below, among = (figures.number(figures.parameters[n]) for n in ("at_or_below", "among"))
        return Working(f"{figures.weight} × {below} ÷ {among}", times(figures.scale, below, "÷", among))


PERCENTILE = Percentile("percentile", "按组内百分位", asks=("below", "among"), bounded=True)
