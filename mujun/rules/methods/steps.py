"""`steps`: the share of the highest step that a value reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.expr.whenthen import ChainedThen, Then

from mujun.dataclass import dataclass
from mujun.errors import Problem, problem
from mujun.messages import show
from mujun.rules.methods.method import Scored, ScoringMethod

if TYPE_CHECKING:
    from mujun.rules.in_words import Words
    from mujun.rules.model.scoring import Item


@dataclass(frozen=True)
class Steps(ScoringMethod):
    """Each step says from which value on it gives which share of the weight; below all of them nothing."""

    def check(self, indicator: str, item: Item) -> Iterator[Problem]:
        """The highest step first."""
        if any(b >= a for a, b in pairwise([s.at_least for s in item.steps])):
            yield problem("item_steps_order", item.stands, indicator=indicator)

    def highest(self, item: Item) -> Decimal | None:
        """The largest share of the weight that can be had."""
        most = max((s.share for s in item.steps), default=Decimal(0))
        return most if item.cap is None else min(most, item.cap)

    def earns_more_below(self, item: Item, value: float | None) -> bool:
        """Whether the best of the steps ends below: lower steps may give more."""
        steps = _steps(item)
        best, most = max(steps, key=lambda step: step[1])
        now = None if value is None else next((share for least, share in steps if value >= least), 0.0)
        if value is None or now == most:
            return steps[-1][1] > steps[0][1]
        return best < value

    def raw(self, item: Item, scored: Scored) -> pl.Expr:
        """Points before cap, floor and rounding."""
        first, *others = _steps(item)
        share: Then | ChainedThen = pl.when(scored.value >= first[0]).then(first[1])
        for least, part in others:
            share = share.when(scored.value >= least).then(part)
        return scored.weight * share.otherwise(0.0)

    def edges(self, item: Item) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
        """Where points begin or cease to follow a value."""
        return super().edges(item)[0], tuple(s.at_least for s in item.steps)

    def words(self, item: Item, _words: Words) -> str:
        """How an item earns points, in words."""
        steps = (f"达到{show(s.at_least)}得权重的{show(s.share * 100)}%" for s in item.steps)
        return "；".join(steps) + "；其余零分"

    def parameters(self, item: Item, value: float | None, _peers: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        """The share that the value earns."""
        if value is not None:
            yield "share", next((share for least, share in _steps(item) if value >= least), 0.0)


def _steps(item: Item) -> list[tuple[float, float]]:
    return [(float(s.at_least), float(s.share)) for s in item.steps]


STEPS = Steps("steps", "按台阶取几成", needs=("steps",), only=("steps",), bounded=True)
