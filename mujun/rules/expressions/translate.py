"""From an expression's nodes to a Polars expression, with kinds, units and names checked on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import assert_never

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Problem, problem
from mujun.fields import nearest
from mujun.numbers import UnknownUnit, at12, full_months, full_years, parse_unit
from mujun.rules.expressions import dates
from mujun.rules.expressions.arithmetic import added, multiplied, negative, quotient, written
from mujun.rules.expressions.comparing import code_between, compared, dated, kind_word, one_kind
from mujun.rules.expressions.functions import FUNCTIONS
from mujun.rules.expressions.kinds import Scope, Value, as_float12, as_number, without_constant
from mujun.rules.expressions.nodes import (
    Among,
    Arithmetic,
    Between,
    Brackets,
    Branch,
    Call,
    Choice,
    Comparison,
    DatePart,
    Day,
    Denial,
    Foreign,
    Interval,
    IsMissing,
    Like,
    Logic,
    Missing,
    Name,
    Negative,
    Node,
    Number,
    Text,
    Truth,
    walk,
)
from mujun.rules.expressions.refusal import Refusal, full_width
from mujun.rules.expressions.text import Expression
from mujun.rules.expressions.trees import read, tree_of
from mujun.rules.expressions.unreadable import one_sided

LONGEST_PART = 1000
"""Characters that `left`, `right` and `substring` may take."""


@dataclass(frozen=True)
class Compiled:
    """An expression ready to run: its value, and the columns it reads."""

    source: Expression
    value: Value
    names: frozenset[str]


def compile_expression(source: Expression, scope: Scope, problems: list[Problem]) -> Compiled | None:
    """An expression checked and translated, or `None` with the reason in `problems`.

    Args:
        source: the text and its place.
        scope: the names it may use.
        problems: gathers what is wrong.
    """
    translation = Translation(scope)
    try:
        value = translation.value(read(source.text))
    except Refusal as refusal:
        if refusal.of_kinds and not scope.broken.isdisjoint(names_in(source, scope)):
            return None  # what is wrong is told of the name that it goes back to
        told = full_width(str(refusal.values.get("name") or refusal.values.get("what") or "")) or refusal
        if told.code == "expression_not_allowed":
            told = one_sided(source.text) or told
        problems.append(problem(told.code, source.place, expression=source.text, **told.values))
        return None
    return Compiled(source, value, frozenset(translation.names))


def names_in(source: Expression, scope: Scope) -> frozenset[str]:
    """The names of `scope` that an expression mentions; empty where it cannot be parsed (compiling says why)."""
    tree = tree_of(source)
    if tree is None:
        return frozenset()
    meanings = (scope.find(node.word) for node in walk(tree) if isinstance(node, Name))
    return frozenset(m.name for m in meanings if m is not None)


class Translation:
    """One walk over an expression; what the rule language has no word for is refused.

    Args:
        scope: the names it may use; those that it does use are gathered in `names`.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.names: set[str] = set()

    def value(self, node: Node) -> Value:
        """The value of a node, by its kind."""
        match node:
            case Name():
                return self.column(node)
            case Number(number):
                return written(number, node)
            case Text(text):
                return Value("text", pl.lit(text), constant=text)
            case Truth(holds):
                return Value("boolean", pl.lit(holds), constant=holds)
            case Missing():
                return Value("null", pl.lit(None))
            case Day(text):
                return dated(text)
            case Interval():
                return self.interval(node)
            case Brackets(inner):
                return self.value(inner)
            case Negative(inner):
                return negative(self.number(inner))
            case Arithmetic():
                return self.arithmetic(node)
            case Comparison(op, left, right):
                self.quoted(left, [right])
                one, other = self.value(left), self.value(right)
                return Value("boolean", compared(one, other, node, ordered=op not in ("eq", "ne")).holds(op))
            case Logic(word, left, right):
                first, second = self.condition(left), self.condition(right)
                return Value("boolean", first & second if word == "and" else first | second)
            case Denial(inner):
                return Value("boolean", ~self.condition(inner))
            case Between():
                return self.between(node)
            case Among():
                return self.among(node)
            case IsMissing(inner):
                return Value("boolean", self.value(inner).expr.is_null())
            case Like():
                return self.like(node)
            case Choice():
                return self.choice(node)
            case DatePart(part, inner):
                taken: pl.Expr = getattr(self.date(inner).expr.dt, part)()
                return _whole(taken)
            case Call(function):
                call = _FUNCTIONS.get(function)
                if call is None:
                    raise _unknown_function(function)
                return call(self, node)
            case Foreign(what):
                raise Refusal("expression_not_allowed", what=what)
            case Branch():
                raise Refusal("expression_not_allowed", what=node.sql[:60])
            case _:
                assert_never(node)

    # ------------------------------------------------------------------------------------------------ kinds of nodes

    def column(self, node: Name) -> Value:
        """A name of the scope."""
        meaning = self.scope.find(node.word)
        if meaning is None:
            if node.word in self.scope.later:
                raise Refusal("expression_name_later", name=node.word, step=self.scope.later[node.word])
            near = nearest(node.word, self.scope.words())
            raise Refusal(
                "expression_unknown_name_near" if near else "expression_unknown_name", name=node.word, near=near
            )
        self.names.add(meaning.name)
        return meaning.value()

    def number(self, node: Node) -> Value:
        """A node that has to be a number; a missing one is one."""
        return self.as_number(self.value(node), node)

    @staticmethod
    def as_number(value: Value, node: Node) -> Value:
        """A value that has to be a number."""
        if value.kind == "null":
            return replace(value, kind="exact", expr=pl.lit(None, dtype=pl.Decimal(38, 0)))
        if not value.numeric:
            raise Refusal("expression_wants_number", part=node.sql, kind=kind_word(value))
        return value

    def condition(self, node: Node) -> pl.Expr:
        """A node that has to be a condition."""
        value = self.value(node)
        if value.kind == "null":
            return pl.lit(None, dtype=pl.Boolean)
        if value.kind != "boolean":
            raise Refusal("expression_wants_condition", part=node.sql, kind=kind_word(value))
        return value.expr

    def text(self, node: Node) -> pl.Expr:
        """A node that has to be a text."""
        value = self.value(node)
        if value.kind != "text":
            raise Refusal("expression_wants_text", part=node.sql, kind=kind_word(value))
        return value.expr

    def texts(self, node: Node) -> pl.Expr:
        """A node that has to be a list of texts."""
        value = self.value(node)
        if value.kind != "texts":
            raise Refusal("expression_wants_list", part=node.sql, kind=kind_word(value))
        return value.expr

    def date(self, node: Node) -> Value:
        """A node that has to be a date, or the text of one."""
        value = self.value(node)
        if isinstance(value.constant, str):
            value = dated(value.constant)
        if value.kind != "date":
            raise Refusal("expression_wants_date", part=node.sql, kind=kind_word(value))
        return value

    def whole_literal(self, node: Node) -> int:
        """A whole number that is written."""
        value = self.number(node)
        if not isinstance(value.constant, Decimal) or value.constant != int(value.constant):
            raise Refusal("expression_wants_literal", part=node.sql)
        return int(value.constant)

    def so_many(self, node: Node, least: int = 0) -> int:
        """A written number of characters."""
        count = self.whole_literal(node)
        if not least <= count <= LONGEST_PART:
            raise Refusal("expression_wants_whole", part=node.sql, least=least, most=LONGEST_PART)
        return count

    # ---------------------------------------------------------------------------------------- arithmetic and dates

    def arithmetic(self, node: Arithmetic) -> Value:
        """`+ − × ÷`; a date moves by a time, and two dates are days apart."""
        left, right = self.value(node.left), self.value(node.right)
        plus = node.sign == "+"
        if node.sign in ("+", "-") and "date" in (left.kind, right.kind):
            if left.kind == "date" and right.kind == "interval":
                return Value("date", dates.shifted(left.expr, str(right.constant), plus))
            if left.kind == right.kind == "date" and not plus:
                return _whole(dates.days(right.expr, left.expr))
            raise Refusal("expression_kinds_differ", part=node.sql, left=kind_word(left), right=kind_word(right))
        left, right = self.as_number(left, node.left), self.as_number(right, node.right)
        match node.sign:
            case "+" | "-":
                return added(left, right, node, plus=plus)
            case "*":
                return multiplied(left, right, node)
            case "/":
                return quotient(left, right, node)
            case _:
                assert_never(node.sign)

    def interval(self, node: Interval) -> Value:
        """A time of years, months or days."""
        steps = dates.interval_steps(node.amount, node.unit)
        if steps is None:
            raise Refusal("expression_not_an_interval", part=node.sql)
        return Value("interval", pl.lit(None), constant=steps)

    # -------------------------------------------------------------------------------------------- comparisons, choices

    def quoted(self, node: Node, others: Sequence[Node]) -> None:
        """Refuse a text without quotes: a name that nobody knows beside a name that holds texts."""
        known = self.scope.find(node.word) if isinstance(node, Name) else None
        for other in others if known is not None and known.kind == "text" else ():
            if isinstance(other, Name) and self.scope.find(other.word) is None:
                raise Refusal("expression_text_unquoted", text=other.word, name=node.word)  # type: ignore[union-attr]

    def between(self, node: Between) -> Value:
        """`between`, both ends counted."""
        value, low, high = self.value(node.inner), self.value(node.low), self.value(node.high)
        if value.kind == low.kind == high.kind == "text":
            return code_between(value, low, high, node)
        above = compared(value, low, node, ordered=True).holds("ge")
        return Value("boolean", above & compared(value, high, node, ordered=True).holds("le"))

    def among(self, node: Among) -> Value:
        """`in (…)`."""
        self.quoted(node.inner, node.items)
        value = self.value(node.inner)
        hits = [compared(value, self.value(item), node, ordered=False).holds("eq") for item in node.items]
        if value.kind == "text" and all(isinstance(i, (Text, Number)) for i in node.items):
            return Value("boolean", value.expr.is_in([i.value for i in node.items if isinstance(i, Text)]))
        return Value("boolean", reduce(or_, hits))

    def like(self, node: Like) -> Value:
        """`like`, with `%` for any signs and `_` for one."""
        text, pattern = self.text(node.inner), self.value(node.pattern)
        if not isinstance(pattern.constant, str):
            raise Refusal("expression_wants_literal", part=node.pattern.sql)
        regex = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern.constant)
        return Value("boolean", text.str.contains(f"(?s)^{regex}$"))

    def choice(self, node: Choice) -> Value:
        """`case` and `if`: the result of the first branch that holds."""
        conditions: list[pl.Expr] = []
        for branch in node.branches:
            if node.subject is None:
                conditions.append(self.condition(branch.condition))
            else:
                one, other = self.value(node.subject), self.value(branch.condition)
                conditions.append(compared(one, other, node, ordered=False).holds("eq"))
        results = [self.value(branch.result) for branch in node.branches]
        results.append(self.value(node.otherwise) if node.otherwise is not None else Value("null", pl.lit(None)))
        exprs, model = one_kind(results, node)
        chosen = exprs[-1]
        for condition, result in reversed(list(zip(conditions, exprs[:-1], strict=True))):
            chosen = pl.when(condition).then(result).otherwise(chosen)
        return replace(model, expr=chosen)


# ---------------------------------------------------------------------------------------------------------- functions


def _coalesce(walk_: Translation, node: Call) -> Value:
    exprs, model = one_kind([walk_.value(a) for a in node.arguments], node)
    return replace(model, expr=pl.coalesce(exprs))


def _nullif(walk_: Translation, node: Call) -> Value:
    value, other = (walk_.value(a) for a in node.arguments)
    same = compared(value, other, node, ordered=False).holds("eq")
    return without_constant(value, pl.when(same.not_()).then(value.expr))


def _extreme(walk_: Translation, node: Call) -> Value:
    exprs, model = one_kind([walk_.value(a) for a in node.arguments], node)
    if not (model.numeric or model.kind == "date"):
        raise Refusal("expression_wants_number", part=node.sql, kind=kind_word(model))
    chosen = pl.max_horizontal(exprs) if node.function == "greatest" else pl.min_horizontal(exprs)
    present = pl.all_horizontal([e.is_not_null() for e in exprs])
    dtype = {"exact": pl.Decimal(38, model.scale), "number": pl.Float64()}.get(model.kind, pl.Date())
    return replace(model, expr=pl.when(present).then(chosen.cast(dtype)))


def _absolute(walk_: Translation, node: Call) -> Value:
    value = walk_.number(node.arguments[0])
    return without_constant(value, value.expr.abs())


def _rounded(walk_: Translation, node: Call) -> Value:
    value = walk_.number(node.arguments[0])
    places = walk_.whole_literal(node.arguments[1]) if len(node.arguments) > 1 else 0
    if not 0 <= places <= 12:
        raise Refusal("expression_wants_whole", part=node.sql, least=0, most=12)
    wide = value.expr.cast(pl.Decimal(38, max(value.scale, 12))) if value.kind == "exact" else _bounded(value.expr)
    rounded = wide.round(places, mode="half_away_from_zero").cast(pl.Decimal(38, places))
    return Value("exact", rounded, places, value.unit, value.factor)


def _to_whole(walk_: Translation, node: Call) -> Value:
    value = walk_.number(node.arguments[0])
    taken = _bounded(as_float12(value)) if value.kind == "number" else value.expr
    whole = taken.floor() if node.function == "floor" else taken.ceil()
    return Value("exact", whole.cast(pl.Decimal(38, 0)), 0, value.unit, value.factor)


def _libm(walk_: Translation, node: Call) -> Value:
    # The last bits of these depend on the platform's mathematical library: they are taken at 12 decimals at once.
    x, *others = (as_number(walk_.number(a)) for a in node.arguments)
    if node.function == "power":
        raised = x.pow(others[0])
    elif node.function == "ln":
        raised = pl.when(x > 0).then(x.log())
    elif node.function == "exp":
        raised = x.exp()
    else:
        raised = pl.when(x >= 0).then(x.sqrt())
    return Value("number", at12(raised))


def _contains(walk_: Translation, node: Call) -> Value:
    item = walk_.text(node.arguments[1])
    return Value("boolean", walk_.texts(node.arguments[0]).list.contains(item).fill_null(value=False))


def _part(walk_: Translation, node: Call) -> Value:
    text, start = walk_.text(node.arguments[0]).str, node.arguments[1]
    if node.function == "left":
        return Value("text", text.head(walk_.so_many(start)))
    if node.function == "right":
        return Value("text", text.tail(walk_.so_many(start)))
    first = walk_.so_many(start, 1) - 1
    return Value("text", text.slice(first, walk_.so_many(node.arguments[2]) if len(node.arguments) > 2 else None))


def _dates_apart(walk_: Translation, node: Call) -> Value:
    if len(node.arguments) != 2:
        raise Refusal("expression_so_many_arguments", name=node.function, count=2)
    first, second = (walk_.date(a).expr for a in node.arguments)
    apart = {"days_between": dates.days, "months_between": full_months, "years_between": full_years}[node.function]
    return _whole(apart(first, second))


def _quantity(walk_: Translation, node: Call) -> Value:
    if len(node.arguments) != 2:
        raise Refusal("expression_so_many_arguments", name="quantity", count=2)
    number, unit = walk_.number(node.arguments[0]), walk_.value(node.arguments[1])
    if not isinstance(number.constant, Decimal) or not isinstance(unit.constant, str):
        raise Refusal("expression_wants_literal", part=node.sql)
    try:
        return replace(number, unit=parse_unit(unit.constant), factor=Fraction(1))
    except UnknownUnit:
        raise Refusal("expression_unknown_unit", unit=unit.constant) from None


_FUNCTIONS: dict[str, Callable[[Translation, Call], Value]] = {
    "coalesce": _coalesce, "nullif": _nullif, "greatest": _extreme, "least": _extreme, "abs": _absolute,
    "round": _rounded, "floor": _to_whole, "ceil": _to_whole, "sqrt": _libm, "power": _libm, "ln": _libm, "exp": _libm,
    "array_contains": _contains,
    "array_length": lambda w, n: _whole(w.texts(n.arguments[0]).list.len().fill_null(0)),
    "starts_with": lambda w, n: Value("boolean", w.text(n.arguments[0]).str.starts_with(w.text(n.arguments[1]))),
    "length": lambda w, n: _whole(w.text(n.arguments[0]).str.len_chars()),
    "left": _part, "right": _part, "substring": _part,
    "concat": lambda w, n: Value("text", pl.concat_str([w.text(a) for a in n.arguments])),
    "days_between": _dates_apart, "months_between": _dates_apart, "years_between": _dates_apart,
    "quantity": _quantity,
}  # fmt: skip


def _unknown_function(word: str) -> Refusal:
    near = nearest(word, [f.split("(")[0] for f in FUNCTIONS])
    return Refusal("expression_unknown_function_near" if near else "expression_unknown_function", name=word, near=near)


def _whole(number: pl.Expr) -> Value:
    """A count of something: a whole number."""
    return Value("exact", number.cast(pl.Decimal(38, 0)))


def _bounded(number: pl.Expr) -> pl.Expr:
    # Beyond 10²⁵ a float has no place in Decimal(38, 12): such a number is no quantity of anything here.
    return pl.when(number.abs() < 1e25).then(number).cast(pl.Decimal(38, 12))
