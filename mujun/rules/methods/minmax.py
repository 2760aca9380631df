"""`minmax`: in proportion between the least and the largest value of a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.messages import show, text
from mujun.numbers import divided
from mujun.rules.methods.method import Peers, Scored, ScoringMethod
from mujun.rules.methods.working import Figures, Working, times

if TYPE_CHECKING:
    from mujun.rules.in_words import Words
    from mujun.rules.model.scoring import Item


@dataclass(frozen=True)
class Minmax(ScoringMethod):
    """The largest value earns the weight, the least what the item says, the others in proportion."""

    def raw(self, item: Item, scored: Scored) -> pl.Expr:
        """Points before cap, floor and rounding."""
        low, high = scored.peers["low"], scored.peers["high"]
        start = float(item.start)
        share = start + (1 - start) * (divided(scored.value - low, high - low))
        return scored.weight * pl.when(high == low).then(_where_flat(item)).otherwise(share)

    def of_peers(self, item: Item, indicator: str, peers: Peers) -> tuple[pl.Series, ...]:
        """The least and the largest value of the group."""
        return peers.extremes(indicator, item.over)

    def words(self, item: Item, words: Words) -> str:
        """How an item earns points, in words."""
        over = "、".join(words.of(o) for o in item.over) if item.over is not None else "本评价组别"
        start = f"最低者得权重的{show(item.start * 100)}%，" if item.start else ""
        flat = "得满分" if item.flat == "full" else "按最低者计"
        return f"{start}最高者得满分，中间按比例（在{over or '全部对象'}中取最大最小；最大等于最小时{flat}）"

    def parameters(self, item: Item, _value: float | None, peers: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        """The two extremes, what the least earns, and what all earn where there is only one value."""
        yield "lowest", peers["low"]
        yield "highest", peers["high"]
        yield "start", float(item.start)
        yield "flat", _where_flat(item)

    def working(self, figures: Figures) -> Working:
        """The sum that gives the points."""
        low, high = figures.shown(figures.parameters["lowest"]), figures.shown(figures.parameters["highest"])
        start, weight, value = figures.number(figures.parameters["start"]), figures.weight, figures.value
        if low == high:
            share = figures.number(figures.parameters["flat"])
            return Working(text("explain_flat", raw=f"{weight} × {share}", value=low), times(figures.scale, share))
        part = f"({value} − {low}) ÷ ({high} − {low})"
        result = (Decimal(value) - Decimal(low)) / (Decimal(high) - Decimal(low)) if value != "—" else None
        if start == "0":
            return Working(f"{weight} × {part}", None if result is None else figures.scale * result)
        whole = None if result is None else figures.scale * (Decimal(start) + (1 - Decimal(start)) * result)
        return Working(f"{weight} × ({start} + (1 − {start}) × {part})", whole)


def _where_flat(item: Item) -> float:
    return 1.0 if item.flat == "full" else float(item.start)


MINMAX = Minmax("minmax", "在最低与最高之间按比例", only=("over",), asks=("low", "high"), bounded=True)
