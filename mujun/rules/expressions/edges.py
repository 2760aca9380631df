"""Where an expression looks at its values differently: the comparisons inside it, each with its place.

A condition changes only where one of its comparisons does, and a number bends only where a case, a smallest or a
largest does. So between two neighbouring edges a rule treats a moving value alike, and whoever looks for what a value
can do has to look there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import polars as pl
from sqlglot import exp

from mujun.rules.expressions.kinds import Scope, Value
from mujun.rules.expressions.parsing import Refusal
from mujun.rules.expressions.text import Expression
from mujun.rules.expressions.translate import _Walk, tree_of

_TWO_SIDED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


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
    walk = _Walk(scope)
    for node in tree.walk():
        if isinstance(node, _TWO_SIDED):
            yield _side(walk, node, node.this, node.expression)
        elif isinstance(node, exp.Between):
            yield _side(walk, node, node.this, node.args["low"])
            yield _side(walk, node, node.this, node.args["high"])
        elif isinstance(node, exp.In):
            for item in node.expressions:
                yield _side(walk, node, node.this, item)
        elif isinstance(node, (exp.Greatest, exp.Least)):
            for one, other in combinations([node.this, *node.expressions], 2):
                yield _side(walk, node, one, other)
        elif isinstance(node, exp.Abs):
            value = walk.value(node.this)
            yield _sign(value.expr, pl.lit(0))
        elif isinstance(node, exp.Div):
            yield from _divisor(walk, node)
        elif isinstance(node, exp.Is):
            yield walk.value(node.this).expr.is_null().cast(pl.Int8)


def _divisor(walk: _Walk, node: exp.Expression) -> Iterator[pl.Expr]:
    """A quotient is missing where its divisor is zero."""
    value = walk.value(node.expression)
    if value.constant is None:
        yield _sign(value.expr, pl.lit(0))


def _side(walk: _Walk, node: exp.Expression, one: exp.Expression, other: exp.Expression) -> pl.Expr:
    left, right = walk.value(one), walk.value(other)
    try:
        both = walk.compared(left, right, node)
    except Refusal:
        # Arguments that cannot be compared (a null among them) have no edge.
        return pl.lit(None, dtype=pl.Int8)
    if _ordered(left) or _ordered(right):
        return _sign(both.left, both.right)
    return both["eq"].cast(pl.Int8)


def _ordered(value: Value) -> bool:
    return value.numeric or value.kind == "date"


def _sign(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return (left > right).cast(pl.Int8) - (left < right).cast(pl.Int8)
