"""`linear`: along straight lines between stated points."""

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
from mujun.numbers import divided
from mujun.rules.methods.method import Scored, ScoringMethod
from mujun.rules.methods.working import Figures, Working

if TYPE_CHECKING:
    from mujun.rules.in_words import Words
    from mujun.rules.model.scoring import Item


@dataclass(frozen=True)
class Linear(ScoringMethod):
    """The share of the weight between two stated points lies on the line between them; level beyond both ends."""

    def check(self, indicator: str, item: Item) -> Iterator[Problem]:
        """Two points at least, rising."""
        given = [x for x, _ in item.points]
        if len(given) == 1 or any(b <= a for a, b in pairwise(given)):
            yield problem("item_points_order", item.stands, indicator=indicator)

    def highest(self, item: Item) -> Decimal | None:
        """The largest share of the weight that can be had."""
        most = max((share for _, share in item.points), default=Decimal(0))
        return most if item.cap is None else min(most, item.cap)

    def earns_more_below(self, item: Item, value: float | None) -> bool:
        """Whether the best of the points lies below: lines may fall, or rise and fall."""
        points = _points(item)
        best, most = max(points, key=lambda point: point[1])
        if value is None or _share(points, value) >= most:
            return points[0][1] > points[-1][1]
        return best < value

    def raw(self, item: Item, scored: Scored) -> pl.Expr:
        """Points before cap, floor and rounding."""
        points, value = _points(item), scored.value
        share: Then | ChainedThen = pl.when(value <= points[0][0]).then(points[0][1])
        for (x0, s0), (x1, s1) in pairwise(points):
            share = share.when(value <= x1).then(s0 + (s1 - s0) * (divided(value - x0, x1 - x0)))
        return scored.weight * share.otherwise(points[-1][1])

    def edges(self, item: Item) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
        """Where points begin or cease to follow a value."""
        return super().edges(item)[0], tuple(x for x, _ in item.points)

    def words(self, item: Item, _words: Words) -> str:
        """How an item earns points, in words."""
        return "；".join(f"{show(x)}得权重的{show(s * 100)}%" for x, s in item.points) + "；其间按直线"

    def parameters(self, item: Item, value: float | None, _peers: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        """The share that the value earns, or the two points between which it lies."""
        points = _points(item)
        if value is None:
            return
        if value <= points[0][0] or value > points[-1][0]:
            yield "share", points[0][1] if value <= points[0][0] else points[-1][1]
            return
        (x0, y0), (x1, y1) = next(pair for pair in pairwise(points) if value <= pair[1][0])
        yield from (("value_from", x0), ("share_from", y0), ("value_to", x1), ("share_to", y1))

    def working(self, figures: Figures) -> Working:
        """The sum that gives the points."""
        given = figures.parameters
        if "share_from" not in given:
            return super().working(figures)
        names = ("value_from", "share_from", "value_to", "share_to")
        x0, y0, x1, y1 = (figures.number(given[n]) for n in names)
        along = (Decimal(figures.value) - Decimal(x0)) / (Decimal(x1) - Decimal(x0))
        result = figures.scale * (Decimal(y0) + (Decimal(y1) - Decimal(y0)) * along)
        return Working(f"{figures.weight} × ({y0} + ({y1} − {y0}) × ({figures.value} − {x0}) ÷ ({x1} − {x0}))", result)


def _share(points: list[tuple[float, float]], value: float) -> float:
    """About what a value earns: enough to tell whether anything earns more."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if value <= x1:
            return y0 + (y1 - y0) * max(0.0, value - x0) / (x1 - x0)
    return points[-1][1]


def _points(item: Item) -> list[tuple[float, float]]:
    return [(float(x), float(share)) for x, share in item.points]


LINEAR = Linear("linear", "按折线取几成", needs=("points",), only=("points",), bounded=True)
