"""`ratio`: weight × value ÷ benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Problem, problem
from mujun.numbers import divided
from mujun.rules.methods.method import Scored, ScoringMethod
from mujun.rules.methods.working import Figures, Working, times

if TYPE_CHECKING:
    from mujun.rules.in_words import Words
    from mujun.rules.model.scoring import Item


@dataclass(frozen=True)
class Ratio(ScoringMethod):
    """As much of the weight as the value is of the benchmark."""

    def check(self, indicator: str, item: Item) -> Iterator[Problem]:
        """A number for a benchmark has to be above zero."""
        if item.benchmark is None:
            return
        try:
            number = Decimal(item.benchmark.text)
        except ArithmeticError:
            return
        if number <= 0:
            yield problem("item_benchmark", item.benchmark.place, indicator=indicator, value=number)

    def raw(self, _item: Item, scored: Scored) -> pl.Expr:
        """Points before cap, floor and rounding."""
        return scored.weight * divided(scored.value, scored.benchmark)

    def words(self, _item: Item, _words: Words) -> str:
        """How an item earns points, in words."""
        return "权重 × 指标值 ÷ 基准值"

    def working(self, figures: Figures) -> Working:
        """The sum that gives the points."""
        weight, value, base = figures.weight, figures.value, figures.benchmark
        return Working(f"{weight} × {value} ÷ {base}", times(figures.scale, value, "÷", base))


RATIO = Ratio("ratio", "权重×值÷基准值", needs=("benchmark",), divides=True)
