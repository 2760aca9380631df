"""Numbers of expressions added, multiplied and divided, with the units that come of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import polars as pl

from mujun.messages import MessageKey
from mujun.numbers import Unit, conversion, divided
from mujun.rules.expressions.kinds import (
    LARGEST_SCALE,
    Value,
    aligned,
    as_number,
    as_scale,
    literal,
    ratio_unit,
)
from mujun.rules.expressions.nodes import Node
from mujun.rules.expressions.refusal import Refusal

LARGEST_LITERAL = 14
"""Digits before the point of a number in an expression: with the largest scale all of Decimal(38)."""


def written(number: Decimal, node: Node) -> Value:
    """A number written in the expression, or computed from such; one that no decimal holds is refused."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -LARGEST_SCALE or number.adjusted() >= LARGEST_LITERAL:
        raise Refusal("expression_too_many_digits", part=node.sql, whole=LARGEST_LITERAL, scale=LARGEST_SCALE)
    return literal(number)


def negative(value: Value) -> Value:
    """A number below zero for one above."""
    if isinstance(value.constant, Decimal):
        return replace(literal(-value.constant), unit=value.unit)
    return replace(value, expr=-value.expr)


def added(left: Value, right: Value, node: Node, *, plus: bool) -> Value:
    """A sum or a difference, exact where both sides are."""
    if _plain_numbers(left, right):
        total = _constant(left) + _constant(right) if plus else _constant(left) - _constant(right)
        return written(total, node)
    left, right = in_unit_of(left, right, node), in_unit_of(right, left, node)
    unit = same_unit(left, right, node)
    (a, b), model = aligned((left, right))
    factor = right.factor if left.unit is None else left.factor
    return replace(model, expr=a + b if plus else a - b, unit=unit, factor=factor if unit is not None else Fraction(1))


def multiplied(left: Value, right: Value, node: Node) -> Value:
    """A product; a quantity times a number stays exact, as far as its scale goes."""
    if _plain_numbers(left, right):
        return written(_constant(left) * _constant(right), node)
    unit = None if left.unit is None and right.unit is None else _times(left, right)
    factor = left.factor * right.factor
    by_number = isinstance(left.constant, Decimal) or isinstance(right.constant, Decimal)
    scale = left.scale + right.scale
    if by_number and left.kind == right.kind == "exact" and scale <= LARGEST_SCALE:
        return Value("exact", as_scale(left, scale) * as_scale(right, scale), scale, unit, factor)
    return Value("number", as_number(left) * as_number(right), 0, unit, factor)


def quotient(left: Value, right: Value, node: Node) -> Value:
    """A quotient as a float, missing where the divisor is zero; a divisor that is always zero is refused."""
    a, b = as_number(left), as_number(right)
    if isinstance(right.constant, Decimal):
        if right.constant == 0:
            raise Refusal("expression_divides_by_zero", part=node.sql)
        ratio = divided(a, b)
    else:
        ratio = pl.when(b != 0).then(divided(a, b))
    unit = None
    if left.unit is not None or right.unit is not None:
        above, below = ratio_unit(left), ratio_unit(right)
        unit = above / below if above is not None and below is not None else None
    factor = left.factor / right.factor if right.factor else left.factor
    if isinstance(left.constant, Decimal) and isinstance(right.constant, Decimal):
        factor = Fraction(left.constant) / Fraction(right.constant)
    return Value("number", ratio, 0, unit, factor)


def in_unit_of(value: Value, other: Value, node: Node) -> Value:
    """A number written with its unit (2亿元) in the unit that it is held against (万元); all else as it is."""
    if not isinstance(value.constant, Decimal) or value.unit is None or other.unit is None:
        return value
    factor = conversion(value.unit, other.unit)
    if factor is None or factor == 1 or other.constant is not None:
        return value
    exact = Fraction(value.constant) * factor
    number = (Decimal(exact.numerator) / Decimal(exact.denominator)).normalize()
    if Fraction(number) != exact:
        return value  # a third of a 公顷 in 亩 has no end: it is refused with the factor
    return replace(written(Decimal(f"{number:f}"), node), unit=other.unit)


def same_unit(left: Value, right: Value, node: Node) -> Unit | None:
    """The unit that two numbers have in common; what fits any unit takes the other's."""
    if left.unit is None or right.unit is None:
        return left.unit if right.unit is None else right.unit
    if left.unit == right.unit:
        return left.unit
    # A literal factor may have converted one side: 元 × 0.0001 beside 万元.
    factor = conversion(left.unit, right.unit)
    code: MessageKey = "expression_units_differ" if factor is not None else "expression_units_unlike"
    energies = {d for u in (left.unit, right.unit) for d, _ in u.dimensions if d.startswith("energy")}
    if factor is None and energies == {"energy", "energy_calorific"}:
        code = "expression_energy_bases"
    raise Refusal(code, part=node.sql, left=str(left.unit), right=str(right.unit), factor=factor)


def _plain_numbers(left: Value, right: Value) -> bool:
    both = isinstance(left.constant, Decimal) and isinstance(right.constant, Decimal)
    return both and left.unit is None and right.unit is None


def _constant(value: Value) -> Decimal:
    assert isinstance(value.constant, Decimal)
    return value.constant


def _times(left: Value, right: Value) -> Unit | None:
    a, b = ratio_unit(left), ratio_unit(right)
    return a * b if a is not None and b is not None else None
