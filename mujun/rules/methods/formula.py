"""`formula`: an expression of the rule file's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import at12
from mujun.rules.expressions import as_number
from mujun.rules.methods.method import Scored, ScoringMethod

if TYPE_CHECKING:
    from mujun.rules.in_words import Words
    from mujun.rules.model.scoring import Item


@dataclass(frozen=True)
class Formula(ScoringMethod):
    """What the expression comes to, with the words `value`, `benchmark` and `weight`."""

    drawable: ClassVar[bool] = False

    def earns_more_below(self, _item: Item, _value: float | None) -> None:
        """An expression does not tell."""
        return

    def raw(self, _item: Item, scored: Scored) -> pl.Expr:
        """Points before cap, floor and rounding."""
        assert scored.formula is not None
        return at12(as_number(scored.formula.value))

    def words(self, item: Item, words: Words) -> str:
        """How an item earns points, in words."""
        # Words are made from a rule file's models, which know this method.
        from mujun.rules.in_words import in_words

        return in_words(item.formula, words) if item.formula is not None else "—"


FORMULA = Formula("formula", "按公式", needs=("formula",), only=("formula",))
