"""Two values held against each other, and several brought to one kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from mujun.dataclass import dataclass
from mujun.messages import Word, key
from mujun.rules.expressions.arithmetic import in_unit_of, same_unit
from mujun.rules.expressions.kinds import Value, aligned, as_float12
from mujun.rules.expressions.nodes import Comparing, Node
from mujun.rules.expressions.refusal import Refusal


@dataclass(frozen=True)
class Pair:
    """Two expressions of one kind, ready to be compared."""

    left: pl.Expr
    right: pl.Expr

    def holds(self, op: Comparing) -> pl.Expr:
        """Whether a comparison holds."""
        compared: pl.Expr = getattr(self.left, op)(self.right)
        return compared


def kind_word(value: Value) -> Word:
    """The kind of a value, for a message."""
    return Word(key(f"kind_{value.kind}"))


def compared(left: Value, right: Value, node: Node, *, ordered: bool) -> Pair:
    """Two values brought to one kind and unit; those that cannot be compared are refused.

    Args:
        left, right: the values.
        node: where they stand, for the message.
        ordered: whether it matters which is larger, which texts do not tell.
    """
    left, right = like_kinds(left, right, node)
    if left.kind == "null" or right.kind == "null":
        raise Refusal("expression_compares_null", part=node.sql)
    if left.numeric:
        left, right = in_unit_of(left, right, node), in_unit_of(right, left, node)
        same_unit(left, right, node)
        if left.kind == right.kind == "exact":
            (a, b), _ = aligned((left, right))
        else:
            a, b = as_float12(left), as_float12(right)
        return Pair(a, b)
    if left.kind == "texts":
        raise Refusal("expression_compares_list", part=node.sql)
    if left.kind in ("text", "boolean") and ordered:
        raise Refusal("expression_orders_text", part=node.sql)
    _known_choice(left, right)
    _known_choice(right, left)
    return Pair(left.expr, right.expr)


def like_kinds(left: Value, right: Value, node: Node) -> tuple[Value, Value]:
    """Two values of one kind; a text beside a date is taken as a date."""
    if left.kind == "date" and isinstance(right.constant, str):
        right = dated(right.constant)
    if right.kind == "date" and isinstance(left.constant, str):
        left = dated(left.constant)
    kinds = {left.kind, right.kind}
    if (left.numeric and right.numeric) or len(kinds) == 1 or "null" in kinds:
        return left, right
    raise Refusal("expression_kinds_differ", part=node.sql, left=kind_word(left), right=kind_word(right))


def dated(text: str) -> Value:
    """A date written as a text."""
    try:
        return Value("date", pl.lit(date.fromisoformat(text)))
    except ValueError:
        raise Refusal("expression_not_a_date", value=text) from None


def _known_choice(value: Value, other: Value) -> None:
    if value.choices and isinstance(other.constant, str) and other.constant not in value.choices:
        raise Refusal("expression_unknown_choice", value=other.constant, choices=list(value.choices))


def code_between(value: Value, low: Value, high: Value, node: Node) -> Value:
    """`between` on codes of digits: as many digits as the bounds have are held against them."""
    first, last = str(low.constant or ""), str(high.constant or "")
    if not (first.isdigit() and last.isdigit() and first.isascii() and len(first) == len(last) and first <= last):
        raise Refusal("expression_between_codes", part=node.sql)
    digits = value.expr.str.head(len(first))
    held = (digits >= pl.lit(first)) & (digits <= pl.lit(last))
    # A shorter code does not tell on which side of the bounds it stands.
    return Value("boolean", pl.when(value.expr.str.len_chars() >= len(first)).then(held))


def one_kind(values: Sequence[Value], node: Node) -> tuple[list[pl.Expr], Value]:
    """Values of which one is chosen brought to one kind and unit, and a model of the result."""
    some = [v for v in values if v.kind != "null"]
    if not some:
        raise Refusal("expression_compares_null", part=node.sql)
    unit = some[0].unit
    for other in some[1:]:
        like_kinds(some[0], other, node)
        if other.numeric:
            unit = same_unit(replace(some[0], unit=unit), other, node)
    if some[0].numeric:
        exprs, model = aligned(values)
        return exprs, replace(model, unit=unit)
    return [v.expr for v in values], replace(some[0], constant=None)
