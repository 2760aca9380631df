"""`inverse`: less is better, nothing is left at so many times the benchmark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Problem, problem
from mujun.messages import show
from mujun.numbers import divided
from mujun.rules.methods.method import Scored, ScoringMethod
from mujun.rules.methods.working import Figures, Working, times

if TYPE_CHECKING:
    from mujun.rules.in_words import Words
    from mujun.rules.model.scoring import Item


@dataclass(frozen=True)
class Inverse(ScoringMethod):
    """The less of the benchmark, the more of the weight; all of it at most."""

    def check(self, indicator: str, item: Item) -> Iterator[Problem]:
        """`zero_at` has to be above zero."""
        if item.zero_at is not None and item.zero_at <= 0:
            yield problem("item_zero_at", item.stands, indicator=indicator, value=item.zero_at)

    def earns_more_below(self, _item: Item, _value: float | None) -> bool:
        """Lower is better."""
        return True

    def raw(self, item: Item, scored: Scored) -> pl.Expr:
        """Points before cap, floor and rounding."""
        zero_at = float(item.zero_at or 1)
        points = scored.weight * divided(zero_at - divided(scored.value, scored.benchmark), zero_at)
        return pl.when(points > scored.weight).then(scored.weight).otherwise(points)

    def edges(self, item: Item) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
        """Where points begin or cease to follow a value."""
        # weight × (zero_at − v ÷ b) ÷ zero_at = weight × k at v = b × zero_at × (1 − k)
        zero_at = item.zero_at or Decimal(1)
        times_of_weight, values = super().edges(item)
        return tuple(zero_at * (1 - k) for k in times_of_weight), values

    def words(self, item: Item, _words: Words) -> str:
        """How an item earns points, in words."""
        return f"越小越好：不超过基准值的得满分起算，达到基准值的{show(item.zero_at or 0)}倍得零分"

    def parameters(self, item: Item, _value: float | None, _peers: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        """At how many times the benchmark nothing is left."""
        yield "zero_at", float(item.zero_at or 1)

    def working(self, figures: Figures) -> Working:
        """The sum that gives the points."""
        zero_at = figures.number(figures.parameters["zero_at"])
        ratio = times(Decimal(1), figures.value, "÷", figures.benchmark)
        result = None if ratio is None else figures.scale * (Decimal(zero_at) - ratio) / Decimal(zero_at)
        return Working(f"{figures.weight} × ({zero_at} − {figures.value} ÷ {figures.benchmark}) ÷ {zero_at}", result)


INVERSE = Inverse(
    "inverse", "越小越好，按与基准值之比递减", needs=("benchmark", "zero_at"), only=("zero_at",),
    divides=True, bounded=True,
)  # fmt: skip
