"""Where an expression looks at its values differently: the comparisons inside it, each with its place.

A condition changes only where one of its comparisons does, and a number bends only where a case, a smallest or a
largest does. So between two neighbouring edges a rule treats a moving value alike, and whoever looks for what a value
can do has to look there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import polars as pl

from mujun.rules.expressions.comparing import compared
from mujun.rules.expressions.kinds import Scope, Value
from mujun.rules.expressions.nodes import Among, Arithmetic, Between, Call, Comparison, IsMissing, Node, walk
from mujun.rules.expressions.refusal import Refusal
from mujun.rules.expressions.text import Expression
from mujun.rules.expressions.translate import Translation
from mujun.rules.expressions.trees import tree_of


def edges_in(source: Expression, scope: Scope) -> Iterator[pl.Expr]:
    """Numbers that tell on which side of each of an expression's edges a row stands; null where it cannot be told.

    -1 is below, 0 on the edge, 1 above; of texts and lists 1 is equal and 0 is not.

    Args:
        source: an expression that compiles in the scope.
        scope: the names it uses.
    """
    tree = tree_of(source)
    if tree is None:
        return
    translation = Translation(scope)
    for node in walk(tree):
        match node:
            case Comparison(op, left, right):
                yield _side(translation, node, left, right, ordered=op not in ("eq", "ne"))
            case Between(inner, low, high):
                yield _side(translation, node, inner, low, ordered=True)
                yield _side(translation, node, inner, high, ordered=True)
            case Among(inner, items):
                for item in items:
                    yield _side(translation, node, inner, item, ordered=False)
            case Call("greatest" | "least", arguments):
                for one, other in combinations(arguments, 2):
                    yield _side(translation, node, one, other, ordered=True)
            case Call("abs", arguments):
                yield _sign(translation.value(arguments[0]).expr, pl.lit(0))
            case Arithmetic("/", _, right):
                # A quotient is missing where its divisor is zero.
                divisor = translation.value(right)
                if divisor.constant is None:
                    yield _sign(divisor.expr, pl.lit(0))
            case IsMissing(inner):
                yield translation.value(inner).expr.is_null().cast(pl.Int8)


def _side(translation: Translation, node: Node, one: Node, other: Node, *, ordered: bool) -> pl.Expr:
    left, right = translation.value(one), translation.value(other)
    try:
        both = compared(left, right, node, ordered=ordered)
    except Refusal:
        # Arguments that cannot be compared (a null among them) have no edge.
        return pl.lit(None, dtype=pl.Int8)
    if _ordered(left) or _ordered(right):
        return _sign(both.left, both.right)
    return both.holds("eq").cast(pl.Int8)


def _ordered(value: Value) -> bool:
    return value.numeric or value.kind == "date"


def _sign(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return (left > right).cast(pl.Int8) - (left < right).cast(pl.Int8)
