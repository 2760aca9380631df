"""From an expression's text to a Polars expression, with kinds, units and names checked on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
from sqlglot import exp

from mujun.errors import Problem, problem
from mujun.fields import nearest
from mujun.messages import MessageKey, Word, key
from mujun.numbers import Unit, UnknownUnit, at12, conversion, divided, full_months, full_years, parse_unit
from mujun.rules.expressions import dates
from mujun.rules.expressions.functions import FUNCTIONS
from mujun.rules.expressions.kinds import (
    LARGEST_SCALE,
    Scope,
    Value,
    aligned,
    as_float12,
    as_number,
    as_scale,
    literal,
    ratio_unit,
    without_constant,
)
from mujun.rules.expressions.parsing import Refusal, full_width, parsed
from mujun.rules.expressions.text import Expression

LARGEST_LITERAL = 14
"""Digits before the point of a number in an expression: with the largest scale all of Decimal(38)."""
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
    walk = _Walk(scope)
    try:
        value = walk.value(parsed(source.text))
    except Refusal as refusal:
        told = full_width(str(refusal.values.get("name") or refusal.values.get("what") or "")) or refusal
        problems.append(problem(told.code, source.place, expression=source.text, **told.values))
        return None
    return Compiled(source, value, frozenset(walk.names))


def names_in(source: Expression, scope: Scope) -> frozenset[str]:
    """The names of `scope` that an expression mentions; empty where it cannot be parsed (compiling says why)."""
    try:
        tree = parsed(source.text)
    except Refusal:
        return frozenset()
    meanings = (scope.find(column.name) for column in tree.find_all(exp.Column))
    return frozenset(m.name for m in meanings if m is not None)


def tree_of(source: Expression) -> exp.Expression | None:
    """The parsed tree of an expression, to be read, not run; `None` where it cannot be parsed."""
    try:
        return parsed(source.text)
    except Refusal:
        return None


class _Walk:
    """One walk over a parsed expression; every kind of node has its case, and what has none is refused."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.names: set[str] = set()
        self.cases: dict[type[exp.Expression], Callable[[exp.Expression], Value]] = {
            exp.Column: self.column,
            exp.Literal: self.literal,
            exp.Boolean: lambda n: Value("boolean", pl.lit(bool(n.this)), constant=bool(n.this)),
            exp.Null: lambda _: Value("null", pl.lit(None)),
            exp.Paren: lambda n: self.value(n.this),
            exp.Neg: self.negative,
            exp.Add: self.sum,
            exp.Sub: self.sum,
            exp.Mul: self.product,
            exp.Div: self.quotient,
            exp.EQ: self.comparison,
            exp.NEQ: self.comparison,
            exp.LT: self.comparison,
            exp.LTE: self.comparison,
            exp.GT: self.comparison,
            exp.GTE: self.comparison,
            exp.And: self.logic,
            exp.Or: self.logic,
            exp.Not: lambda n: Value("boolean", ~self.condition(n.this)),
            exp.Between: self.between,
            exp.In: self.is_in,
            exp.Is: self.is_null,
            exp.Like: self.like,
            exp.If: self.case,
            exp.Case: self.case,
            exp.Coalesce: self.coalesce,
            exp.Nullif: self.nullif,
            exp.Greatest: self.extreme,
            exp.Least: self.extreme,
            exp.Abs: self.absolute,
            exp.Round: self.round,
            exp.Floor: self.to_whole,
            exp.Ceil: self.to_whole,
            exp.Sqrt: self.libm,
            exp.Pow: self.libm,
            exp.Ln: self.libm,
            exp.Exp: self.libm,
            exp.ArrayContains: self.contains,
            exp.ArraySize: self.size,
            exp.StartsWith: self.starts_with,
            exp.Length: self.length,
            exp.Left: self.part,
            exp.Right: self.part,
            exp.Substring: self.part,
            exp.Concat: self.concat,
            exp.DPipe: self.concat,
            exp.Year: self.date_part,
            exp.Month: self.date_part,
            exp.Day: self.date_part,
            exp.Extract: self.date_part,
            exp.MonthsBetween: self.between_dates,
            exp.Cast: self.date_literal,
            exp.Interval: self.interval,
            exp.Anonymous: self.named_function,
        }

    def value(self, node: exp.Expression | None) -> Value:
        """The value of a node, by its case."""
        case = self.cases.get(type(node)) if node is not None else None
        if case is None or node is None:
            raise Refusal("expression_not_allowed", what=_what(node))
        # What the parser understands and the translation would silently leave out.
        if any(node.args.get(name) for name in _LEFT_OUT.get(type(node), ())):
            raise Refusal("expression_not_allowed", what=_what(node))
        return case(node)

    # ------------------------------------------------------------------------------------------ names and literals

    def column(self, node: exp.Expression) -> Value:
        if node.args.get("table") is not None:
            raise Refusal("expression_not_allowed", what=_what(node))
        meaning = self.scope.find(node.name)
        if meaning is None:
            if node.name in self.scope.later:
                raise Refusal("expression_name_later", name=node.name, step=self.scope.later[node.name])
            near = nearest(node.name, self.scope.words())
            raise Refusal(
                "expression_unknown_name_near" if near else "expression_unknown_name", name=node.name, near=near
            )
        self.names.add(meaning.name)
        return meaning.value()

    def literal(self, node: exp.Expression) -> Value:
        if node.is_string:
            return Value("text", pl.lit(node.name), constant=node.name)
        return self.written(Decimal(node.name), node)

    def written(self, number: Decimal, node: exp.Expression) -> Value:
        """A number written in the expression, or computed from such; one that no decimal holds is refused."""
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -LARGEST_SCALE or number.adjusted() >= LARGEST_LITERAL:
            raise Refusal("expression_too_many_digits", part=_sql(node), whole=LARGEST_LITERAL, scale=LARGEST_SCALE)
        return literal(number)

    # ------------------------------------------------------------------------------------------------- arithmetic

    def number(self, node: exp.Expression | None) -> Value:
        value = self.value(node)
        if value.kind == "null":
            return replace(value, kind="exact", expr=pl.lit(None, dtype=pl.Decimal(38, 0)))
        if not value.numeric:
            raise Refusal("expression_wants_number", part=_sql(node), kind=_kind(value))
        return value

    def negative(self, node: exp.Expression) -> Value:
        value = self.number(node.this)
        if isinstance(value.constant, Decimal):
            return replace(literal(-value.constant), unit=value.unit)
        return replace(value, expr=-value.expr)

    def sum(self, node: exp.Expression) -> Value:
        plus = isinstance(node, exp.Add)
        left, right = self.value(node.this), self.value(node.expression)
        if "date" in (left.kind, right.kind):
            return self.shifted_date(left, right, plus, node)
        left, right = self.number(node.this), self.number(node.expression)
        if _plain_numbers(left, right):
            total = _constant(left) + _constant(right) if plus else _constant(left) - _constant(right)
            return self.written(total, node)
        left, right = self.in_unit_of(left, right, node), self.in_unit_of(right, left, node)
        unit = self.same_unit(left, right, node)
        (a, b), model = aligned((left, right))
        factor = right.factor if left.unit is None else left.factor
        return replace(
            model, expr=a + b if plus else a - b, unit=unit, factor=factor if unit is not None else Fraction(1)
        )

    def product(self, node: exp.Expression) -> Value:
        left, right = self.number(node.this), self.number(node.expression)
        if _plain_numbers(left, right):
            return self.written(_constant(left) * _constant(right), node)
        unit = None if left.unit is None and right.unit is None else _times(left, right)
        factor = left.factor * right.factor
        by_number = isinstance(left.constant, Decimal) or isinstance(right.constant, Decimal)
        scale = left.scale + right.scale
        if by_number and left.kind == right.kind == "exact" and scale <= LARGEST_SCALE:
            return Value("exact", as_scale(left, scale) * as_scale(right, scale), scale, unit, factor)
        return Value("number", as_number(left) * as_number(right), 0, unit, factor)

    def quotient(self, node: exp.Expression) -> Value:
        left, right = self.number(node.this), self.number(node.expression)
        a, b = as_number(left), as_number(right)
        if isinstance(right.constant, Decimal):
            if right.constant == 0:
                raise Refusal("expression_divides_by_zero", part=_sql(node))
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

    def in_unit_of(self, written: Value, other: Value, node: exp.Expression) -> Value:
        """A number written with its unit (2亿元) in the unit that it is held against (万元); all else as it is."""
        if not isinstance(written.constant, Decimal) or written.unit is None or other.unit is None:
            return written
        factor = conversion(written.unit, other.unit)
        if factor is None or factor == 1 or other.constant is not None:
            return written
        exact = Fraction(written.constant) * factor
        number = (Decimal(exact.numerator) / Decimal(exact.denominator)).normalize()
        if Fraction(number) != exact:
            return written  # a third of a 公顷 in 亩 has no end: it is refused with the factor
        return replace(self.written(Decimal(f"{number:f}"), node), unit=other.unit)

    def same_unit(self, left: Value, right: Value, node: exp.Expression) -> Unit | None:
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
        raise Refusal(code, part=_sql(node), left=str(left.unit), right=str(right.unit), factor=factor)

    # ------------------------------------------------------------------------------------- comparison and logic

    def condition(self, node: exp.Expression | None) -> pl.Expr:
        value = self.value(node)
        if value.kind == "null":
            return pl.lit(None, dtype=pl.Boolean)
        if value.kind != "boolean":
            raise Refusal("expression_wants_condition", part=_sql(node), kind=_kind(value))
        return value.expr

    def comparison(self, node: exp.Expression) -> Value:
        self.quoted(node.this, [node.expression])
        left, right = self.value(node.this), self.value(node.expression)
        return Value("boolean", self.compared(left, right, node)[_COMPARISONS[type(node)]])

    def quoted(self, node: exp.Expression, others: list[exp.Expression]) -> None:
        """Refuse a text without quotes: a name that nobody knows beside a name that holds texts."""
        known = self.scope.find(node.name) if isinstance(node, exp.Column) else None
        for other in others if known is not None and known.kind == "text" else ():
            if isinstance(other, exp.Column) and self.scope.find(other.name) is None:
                raise Refusal("expression_text_unquoted", text=other.name, name=node.name)

    def compared(self, left: Value, right: Value, node: exp.Expression) -> _Comparison:
        left, right = self.like_kinds(left, right, node)
        if left.kind == "null" or right.kind == "null":
            raise Refusal("expression_compares_null", part=_sql(node))
        if left.numeric:
            left, right = self.in_unit_of(left, right, node), self.in_unit_of(right, left, node)
            self.same_unit(left, right, node)
            if left.kind == right.kind == "exact":
                (a, b), _ = aligned((left, right))
            else:
                a, b = as_float12(left), as_float12(right)
            return _Comparison(a, b)
        if left.kind == "texts":
            raise Refusal("expression_compares_list", part=_sql(node))
        if left.kind in ("text", "boolean") and not isinstance(node, (exp.EQ, exp.NEQ, exp.In, exp.Nullif, exp.Case)):
            raise Refusal("expression_orders_text", part=_sql(node))
        self.known_choice(left, right)
        self.known_choice(right, left)
        return _Comparison(left.expr, right.expr)

    def like_kinds(self, left: Value, right: Value, node: exp.Expression) -> tuple[Value, Value]:
        if left.kind == "date" and isinstance(right.constant, str):
            right = self.dated(right)
        if right.kind == "date" and isinstance(left.constant, str):
            left = self.dated(left)
        kinds = {left.kind, right.kind}
        if (left.numeric and right.numeric) or len(kinds) == 1 or "null" in kinds:
            return left, right
        raise Refusal("expression_kinds_differ", part=_sql(node), left=_kind(left), right=_kind(right))

    def dated(self, value: Value) -> Value:
        try:
            return Value("date", pl.lit(date.fromisoformat(str(value.constant))))
        except ValueError:
            raise Refusal("expression_not_a_date", value=value.constant) from None

    def known_choice(self, value: Value, other: Value) -> None:
        if value.choices and isinstance(other.constant, str) and other.constant not in value.choices:
            raise Refusal("expression_unknown_choice", value=other.constant, choices=list(value.choices))

    def logic(self, node: exp.Expression) -> Value:
        left, right = self.condition(node.this), self.condition(node.expression)
        return Value("boolean", left & right if isinstance(node, exp.And) else left | right)

    def between(self, node: exp.Expression) -> Value:
        value = self.value(node.this)
        low, high = self.value(node.args["low"]), self.value(node.args["high"])
        if value.kind == low.kind == high.kind == "text":
            return self.code_between(value, low, high, node)
        above = self.compared(value, low, node)["ge"]
        return Value("boolean", above & self.compared(value, high, node)["le"])

    def code_between(self, value: Value, low: Value, high: Value, node: exp.Expression) -> Value:
        """`between` on codes of digits: as many digits as the bounds have are held against them."""
        first, last = str(low.constant or ""), str(high.constant or "")
        if not (first.isdigit() and last.isdigit() and first.isascii() and len(first) == len(last) and first <= last):
            raise Refusal("expression_between_codes", part=_sql(node))
        digits = value.expr.str.head(len(first))
        held = (digits >= pl.lit(first)) & (digits <= pl.lit(last))
        # A shorter code does not tell on which side of the bounds it stands.
        return Value("boolean", pl.when(value.expr.str.len_chars() >= len(first)).then(held))

    def is_in(self, node: exp.Expression) -> Value:
        if node.args.get("query") is not None or not node.expressions:
            raise Refusal("expression_not_allowed", what=_what(node.args.get("query") or node))
        self.quoted(node.this, node.expressions)
        value = self.value(node.this)
        hits = [self.compared(value, self.value(item), node)["eq"] for item in node.expressions]
        if value.kind == "text" and all(isinstance(i, exp.Literal) for i in node.expressions):
            return Value("boolean", value.expr.is_in([i.name for i in node.expressions]))
        return Value("boolean", _chained(hits, lambda a, b: a | b))

    def is_null(self, node: exp.Expression) -> Value:
        if not isinstance(node.expression, exp.Null):
            raise Refusal("expression_not_allowed", what=_what(node))
        return Value("boolean", self.value(node.this).expr.is_null())

    def like(self, node: exp.Expression) -> Value:
        text, pattern = self.text(node.this), self.value(node.expression)
        if not isinstance(pattern.constant, str):
            raise Refusal("expression_wants_literal", part=_sql(node.expression))
        regex = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern.constant)
        return Value("boolean", text.expr.str.contains(f"(?s)^{regex}$"))

    # ---------------------------------------------------------------------------------------------- choosing values

    def case(self, node: exp.Expression) -> Value:
        branches = [node] if isinstance(node, exp.If) else node.args["ifs"]
        subject = node.args.get("this") if isinstance(node, exp.Case) else None
        conditions: list[pl.Expr] = []
        for branch in branches:
            if subject is None:
                conditions.append(self.condition(branch.this))
            else:
                conditions.append(self.compared(self.value(subject), self.value(branch.this), node)["eq"])
        results = [self.value(branch.args["true"]) for branch in branches]
        otherwise = node.args.get("false") if isinstance(node, exp.If) else node.args.get("default")
        results.append(self.value(otherwise) if otherwise is not None else Value("null", pl.lit(None)))
        exprs, model = self.one_kind(results, node)
        chosen = exprs[-1]
        for condition, result in reversed(list(zip(conditions, exprs[:-1], strict=True))):
            chosen = pl.when(condition).then(result).otherwise(chosen)
        return replace(model, expr=chosen)

    def one_kind(self, values: list[Value], node: exp.Expression) -> tuple[list[pl.Expr], Value]:
        some = [v for v in values if v.kind != "null"]
        if not some:
            raise Refusal("expression_compares_null", part=_sql(node))
        unit = some[0].unit
        for other in some[1:]:
            self.like_kinds(some[0], other, node)
            if other.numeric:
                unit = self.same_unit(replace(some[0], unit=unit), other, node)
        if some[0].numeric:
            exprs, model = aligned(values)
            return exprs, replace(model, unit=unit)
        return [v.expr for v in values], replace(some[0], constant=None)

    def coalesce(self, node: exp.Expression) -> Value:
        values = [self.value(node.this), *(self.value(e) for e in node.expressions)]
        exprs, model = self.one_kind(values, node)
        return replace(model, expr=pl.coalesce(exprs))

    def nullif(self, node: exp.Expression) -> Value:
        value, other = self.value(node.this), self.value(node.expression)
        same = self.compared(value, other, node)["eq"]
        return without_constant(value, pl.when(same.not_()).then(value.expr))

    def extreme(self, node: exp.Expression) -> Value:
        values = [self.value(node.this), *(self.value(e) for e in node.expressions)]
        exprs, model = self.one_kind(values, node)
        if not (model.numeric or model.kind == "date"):
            raise Refusal("expression_wants_number", part=_sql(node), kind=_kind(model))
        chosen = pl.max_horizontal(exprs) if isinstance(node, exp.Greatest) else pl.min_horizontal(exprs)
        present = pl.all_horizontal([e.is_not_null() for e in exprs])
        return replace(model, expr=pl.when(present).then(chosen.cast(_dtype(model))))

    # --------------------------------------------------------------------------------------------- functions of numbers

    def absolute(self, node: exp.Expression) -> Value:
        value = self.number(node.this)
        return without_constant(value, value.expr.abs())

    def round(self, node: exp.Expression) -> Value:
        value = self.number(node.this)
        places = self.whole_literal(node.args.get("decimals")) if node.args.get("decimals") is not None else 0
        if not 0 <= places <= 12:
            raise Refusal("expression_wants_whole", part=_sql(node), least=0, most=12)
        wide = value.expr.cast(pl.Decimal(38, max(value.scale, 12))) if value.kind == "exact" else _bounded(value.expr)
        rounded = wide.round(places, mode="half_away_from_zero").cast(pl.Decimal(38, places))
        return Value("exact", rounded, places, value.unit, value.factor)

    def to_whole(self, node: exp.Expression) -> Value:
        value = self.number(node.this)
        taken = _bounded(as_float12(value)) if value.kind == "number" else value.expr
        whole = taken.floor() if isinstance(node, exp.Floor) else taken.ceil()
        return Value("exact", whole.cast(pl.Decimal(38, 0)), 0, value.unit, value.factor)

    def libm(self, node: exp.Expression) -> Value:
        # The last bits of these depend on the platform's mathematical library: they are taken at 12 decimals at once.
        x = as_number(self.number(node.this))
        if isinstance(node, exp.Pow):
            raised = x.pow(as_number(self.number(node.expression)))
        elif isinstance(node, exp.Ln):
            raised = pl.when(x > 0).then(x.log())
        elif isinstance(node, exp.Exp):
            raised = x.exp()
        else:
            raised = pl.when(x >= 0).then(x.sqrt())
        return Value("number", at12(raised))

    def whole_literal(self, node: exp.Expression | None) -> int:
        value = self.number(node)
        if not isinstance(value.constant, Decimal) or value.constant != int(value.constant):
            raise Refusal("expression_wants_literal", part=_sql(node))
        return int(value.constant)

    def so_many(self, node: exp.Expression | None, least: int = 0) -> int:
        count = self.whole_literal(node)
        if not least <= count <= LONGEST_PART:
            raise Refusal("expression_wants_whole", part=_sql(node), least=least, most=LONGEST_PART)
        return count

    # ------------------------------------------------------------------------------------------------------- texts

    def text(self, node: exp.Expression | None) -> Value:
        value = self.value(node)
        if value.kind != "text":
            raise Refusal("expression_wants_text", part=_sql(node), kind=_kind(value))
        return value

    def texts(self, node: exp.Expression | None) -> Value:
        value = self.value(node)
        if value.kind != "texts":
            raise Refusal("expression_wants_list", part=_sql(node), kind=_kind(value))
        return value

    def contains(self, node: exp.Expression) -> Value:
        item = self.text(node.expression)
        hit = self.texts(node.this).expr.list.contains(item.expr)
        return Value("boolean", hit.fill_null(value=False))

    def size(self, node: exp.Expression) -> Value:
        return Value("exact", self.texts(node.this).expr.list.len().fill_null(0).cast(pl.Decimal(38, 0)))

    def starts_with(self, node: exp.Expression) -> Value:
        return Value("boolean", self.text(node.this).expr.str.starts_with(self.text(node.expression).expr))

    def length(self, node: exp.Expression) -> Value:
        return Value("exact", self.text(node.this).expr.str.len_chars().cast(pl.Decimal(38, 0)))

    def part(self, node: exp.Expression) -> Value:
        text = self.text(node.this).expr.str
        if isinstance(node, exp.Left):
            return Value("text", text.head(self.so_many(node.expression)))
        if isinstance(node, exp.Right):
            return Value("text", text.tail(self.so_many(node.expression)))
        start = self.so_many(node.args.get("start"), 1) - 1
        length = node.args.get("length")
        return Value("text", text.slice(start, None if length is None else self.so_many(length)))

    def concat(self, node: exp.Expression) -> Value:
        parts = node.expressions if isinstance(node, exp.Concat) else [node.this, node.expression]
        return Value("text", pl.concat_str([self.text(p).expr for p in parts]))

    # ------------------------------------------------------------------------------------------------------- dates

    def date(self, node: exp.Expression | None) -> Value:
        value = self.value(node)
        if isinstance(value.constant, str):
            value = self.dated(value)
        if value.kind != "date":
            raise Refusal("expression_wants_date", part=_sql(node), kind=_kind(value))
        return value

    def date_literal(self, node: exp.Expression) -> Value:
        inner = node.this
        if not (node.args["to"].this == exp.DataType.Type.DATE and isinstance(inner, exp.Literal) and inner.is_string):
            raise Refusal("expression_not_allowed", what=_what(node))
        return self.dated(Value("text", pl.lit(None), constant=inner.name))

    def date_part(self, node: exp.Expression) -> Value:
        source = node.expression if isinstance(node, exp.Extract) else node.this
        word = node.this.name.lower() if isinstance(node, exp.Extract) else type(node).__name__.lower()
        # sqlglot wraps the argument of year() in a conversion of its own in some dialects.
        inner = source.this if isinstance(source, exp.TsOrDsToDate) else source
        if word not in ("year", "month", "day"):
            raise Refusal("expression_not_allowed", what=_what(node))
        part = getattr(self.date(inner).expr.dt, word)()
        return Value("exact", part.cast(pl.Decimal(38, 0)))

    def interval(self, node: exp.Expression) -> Value:
        steps = dates.interval_steps(node.name, str(node.args["unit"]) if node.args.get("unit") else "")
        if steps is None:
            raise Refusal("expression_not_an_interval", part=_sql(node))
        return Value("interval", pl.lit(None), constant=steps)

    def shifted_date(self, left: Value, right: Value, plus: bool, node: exp.Expression) -> Value:
        if left.kind == "date" and right.kind == "interval":
            return Value("date", dates.shifted(left.expr, str(right.constant), plus))
        if left.kind == right.kind == "date" and not plus:
            return Value("exact", dates.days(right.expr, left.expr).cast(pl.Decimal(38, 0)))
        raise Refusal("expression_kinds_differ", part=_sql(node), left=_kind(left), right=_kind(right))

    def between_dates(self, node: exp.Expression) -> Value:
        return self.dates_apart("months_between", [node.this, node.expression])

    def dates_apart(self, word: str, arguments: list[exp.Expression]) -> Value:
        if len(arguments) != 2:
            raise Refusal("expression_so_many_arguments", name=word, count=2)
        first, second = (self.date(a).expr for a in arguments)
        apart = {"days_between": dates.days, "months_between": full_months, "years_between": full_years}[word]
        return Value("exact", apart(first, second).cast(pl.Decimal(38, 0)))

    # --------------------------------------------------------------------------------------- functions known by name

    def named_function(self, node: exp.Expression) -> Value:
        word = str(node.this).lower()
        if word in ("days_between", "years_between"):
            return self.dates_apart(word, node.expressions)
        if word == "quantity":
            return self.quantity(node)
        near = nearest(word, [f.split("(")[0] for f in FUNCTIONS])
        raise Refusal(
            "expression_unknown_function_near" if near else "expression_unknown_function", name=word, near=near
        )

    def quantity(self, node: exp.Expression) -> Value:
        if len(node.expressions) != 2:
            raise Refusal("expression_so_many_arguments", name="quantity", count=2)
        number, unit = self.number(node.expressions[0]), self.value(node.expressions[1])
        if not isinstance(number.constant, Decimal) or not isinstance(unit.constant, str):
            raise Refusal("expression_wants_literal", part=_sql(node))
        try:
            return replace(number, unit=parse_unit(unit.constant), factor=Fraction(1))
        except UnknownUnit:
            raise Refusal("expression_unknown_unit", unit=unit.constant) from None


# ------------------------------------------------------------------------------------------------------------ pieces


class _Comparison:
    """The comparisons of two aligned expressions, by word."""

    def __init__(self, left: pl.Expr, right: pl.Expr) -> None:
        self.left, self.right = left, right

    def __getitem__(self, word: str) -> pl.Expr:
        compared: pl.Expr = getattr(self.left, word)(self.right)
        return compared


_LEFT_OUT: dict[type[exp.Expression], tuple[str, ...]] = {
    exp.Between: ("symmetric",), exp.Floor: ("decimals", "to"), exp.Ceil: ("decimals", "to"), exp.Round: ("truncate",),
    exp.ArrayContains: ("ensure_variant", "check_null"), exp.Left: ("negative_length_returns_empty",),
    exp.Right: ("negative_length_returns_empty",), exp.ArraySize: ("expression",),
    exp.Length: ("binary", "encoding"), exp.MonthsBetween: ("roundoff",),
    exp.Substring: ("zero_start",),
}  # fmt: skip

_COMPARISONS: dict[type[exp.Expression], str] = {
    exp.EQ: "eq", exp.NEQ: "ne", exp.LT: "lt", exp.LTE: "le", exp.GT: "gt", exp.GTE: "ge",
}  # fmt: skip


def _kind(value: Value) -> Word:
    return Word(key(f"kind_{value.kind}"))


def _plain_numbers(left: Value, right: Value) -> bool:
    both = isinstance(left.constant, Decimal) and isinstance(right.constant, Decimal)
    return both and left.unit is None and right.unit is None


def _constant(value: Value) -> Decimal:
    assert isinstance(value.constant, Decimal)
    return value.constant


def _times(left: Value, right: Value) -> Unit | None:
    a, b = ratio_unit(left), ratio_unit(right)
    return a * b if a is not None and b is not None else None


def _dtype(model: Value) -> pl.DataType:
    if model.kind == "exact":
        return pl.Decimal(38, model.scale)
    return pl.Float64() if model.kind == "number" else pl.Date()


def _bounded(number: pl.Expr) -> pl.Expr:
    # Beyond 10²⁵ a float has no place in Decimal(38, 12): such a number is no quantity of anything here.
    return pl.when(number.abs() < 1e25).then(number).cast(pl.Decimal(38, 12))


def _chained(parts: list[pl.Expr], join: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    whole = parts[0]
    for part in parts[1:]:
        whole = join(whole, part)
    return whole


def _sql(node: exp.Expression | None) -> str:
    return node.sql() if node is not None else ""


def _what(node: exp.Expression | None) -> str:
    return node.sql()[:60] if node is not None else "?"
