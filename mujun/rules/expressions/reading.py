"""From the parser's tree to the nodes of the rule language; what it has no word for is kept as foreign and refused.

Together with `parsing` this is all that knows the parser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Literal

from sqlglot import exp

from mujun.rules.expressions.nodes import (
    Among,
    Arithmetic,
    Between,
    Brackets,
    Branch,
    Call,
    Choice,
    Comparing,
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
    Sign,
    Text,
    Truth,
)
from mujun.rules.expressions.parsing import parsed
from mujun.rules.expressions.refusal import Refusal


def nodes_of(text: str) -> Node:
    """The nodes of an expression's text.

    Raises:
        Refusal: it cannot be parsed, or it is nested too deeply to be walked safely.
    """
    return _node(parsed(text))


def sql_with(node: Node, name_of: Callable[[str], str]) -> str:
    """A node as text, every name put as `name_of` says."""
    if isinstance(node, Name):
        return name_of(node.word)
    copy: exp.Expression = node.source.copy()
    for column in copy.find_all(exp.Column):
        column.set("this", exp.to_identifier(name_of(column.name)))
    return str(copy.sql())


def _node(tree: exp.Expression | None) -> Node:
    if tree is None:
        return Foreign("?", ())
    build = _CASES.get(type(tree))
    # What the parser understands and the translation would silently leave out.
    left_out = any(tree.args.get(name) for name in _LEFT_OUT.get(type(tree), ()))
    return _foreign(tree) if build is None or left_out else build(tree)


def _foreign(tree: exp.Expression, what: exp.Expression | None = None) -> Foreign:
    # Two names side by side are to the parser a name and what it is called.
    written = f"{tree.this.sql()} {tree.alias}" if isinstance(tree, exp.Alias) else (what or tree).sql()
    return Foreign(written[:60], tuple(_node(part) for part in tree.iter_expressions()), source=tree)


def _optional(tree: exp.Expression | None) -> Node | None:
    return None if tree is None else _node(tree)


# -------------------------------------------------------------------------------------------------------------- kinds


def _name(tree: exp.Expression) -> Node:
    return _foreign(tree) if tree.args.get("table") is not None else Name(tree.name, source=tree)


def _literal(tree: exp.Expression) -> Node:
    if tree.is_string:
        return Text(tree.name, source=tree)
    try:
        return Number(Decimal(tree.name), source=tree)
    except ArithmeticError:
        # Such as `1e`, which the parser takes for a number.
        raise Refusal("expression_not_parsed", near=tree.name) from None


def _day(tree: exp.Expression) -> Node:
    inner = tree.this
    is_day = tree.args["to"].this == exp.DataType.Type.DATE and isinstance(inner, exp.Literal) and inner.is_string
    return Day(inner.name, source=tree) if is_day else _foreign(tree)


def _among(tree: exp.Expression) -> Node:
    query = tree.args.get("query")
    if query is not None or not tree.expressions:
        return _foreign(tree, query)
    return Among(_node(tree.this), tuple(_node(e) for e in tree.expressions), source=tree)


def _is(tree: exp.Expression) -> Node:
    return IsMissing(_node(tree.this), source=tree) if isinstance(tree.expression, exp.Null) else _foreign(tree)


def _branch(tree: exp.Expression) -> Branch:
    return Branch(_node(tree.this), _node(tree.args.get("true")), source=tree)


def _case(tree: exp.Expression) -> Node:
    branches = tuple(_branch(one) for one in tree.args["ifs"])
    return Choice(_optional(tree.args.get("this")), branches, _optional(tree.args.get("default")), source=tree)


def _part_of_day(tree: exp.Expression) -> Node:
    source = tree.expression if isinstance(tree, exp.Extract) else tree.this
    word = tree.this.name.lower() if isinstance(tree, exp.Extract) else type(tree).__name__.lower()
    # The argument of year() is wrapped in a conversion of the parser's own in some dialects.
    inner = source.this if isinstance(source, exp.TsOrDsToDate) else source
    parts: Mapping[str, Literal["year", "month", "day"]] = {"year": "year", "month": "month", "day": "day"}
    return DatePart(parts[word], _node(inner), source=tree) if word in parts else _foreign(tree)


def _interval(tree: exp.Expression) -> Node:
    return Interval(tree.name, str(tree.args["unit"]) if tree.args.get("unit") else "", source=tree)


def _arithmetic(sign: Sign) -> Callable[[exp.Expression], Node]:
    return lambda tree: Arithmetic(sign, _node(tree.this), _node(tree.expression), source=tree)


def _comparison(op: Comparing) -> Callable[[exp.Expression], Node]:
    return lambda tree: Comparison(op, _node(tree.this), _node(tree.expression), source=tree)


def _logic(word: Literal["and", "or"]) -> Callable[[exp.Expression], Node]:
    return lambda tree: Logic(word, _node(tree.this), _node(tree.expression), source=tree)


def _call(function: str, *names: str) -> Callable[[exp.Expression], Node]:
    """A function whose arguments the parser keeps under these names; an optional one that is absent is left out."""

    def build(tree: exp.Expression) -> Node:
        given: Iterable[object] = (tree.args.get(name.rstrip("?")) for name in names)
        arguments: list[Node] = []
        for name, argument in zip(names, given, strict=True):
            if isinstance(argument, list):
                arguments += [_node(one) for one in argument]
            elif isinstance(argument, exp.Expression) or not name.endswith("?"):
                arguments.append(_node(argument if isinstance(argument, exp.Expression) else None))
        return Call(function, tuple(arguments), source=tree)

    return build


def _named(tree: exp.Expression) -> Node:
    return Call(str(tree.this).lower(), tuple(_node(e) for e in tree.expressions), source=tree)


_CASES: Mapping[type[exp.Expression], Callable[[exp.Expression], Node]] = {
    exp.Column: _name,
    exp.Literal: _literal,
    exp.Boolean: lambda tree: Truth(bool(tree.this), source=tree),
    exp.Null: lambda tree: Missing(source=tree),
    exp.Cast: _day,
    exp.Interval: _interval,
    exp.Paren: lambda tree: Brackets(_node(tree.this), source=tree),
    exp.Neg: lambda tree: Negative(_node(tree.this), source=tree),
    exp.Add: _arithmetic("+"),
    exp.Sub: _arithmetic("-"),
    exp.Mul: _arithmetic("*"),
    exp.Div: _arithmetic("/"),
    exp.EQ: _comparison("eq"),
    exp.NEQ: _comparison("ne"),
    exp.LT: _comparison("lt"),
    exp.LTE: _comparison("le"),
    exp.GT: _comparison("gt"),
    exp.GTE: _comparison("ge"),
    exp.And: _logic("and"),
    exp.Or: _logic("or"),
    exp.Not: lambda tree: Denial(_node(tree.this), source=tree),
    exp.Between: lambda tree: Between(_node(tree.this), _node(tree.args["low"]), _node(tree.args["high"]), source=tree),
    exp.In: _among,
    exp.Is: _is,
    exp.Like: lambda tree: Like(_node(tree.this), _node(tree.expression), source=tree),
    exp.If: lambda tree: Choice(None, (_branch(tree),), _optional(tree.args.get("false")), source=tree),
    exp.Case: _case,
    exp.Year: _part_of_day,
    exp.Month: _part_of_day,
    exp.Day: _part_of_day,
    exp.Extract: _part_of_day,
    exp.Coalesce: _call("coalesce", "this", "expressions"),
    exp.Nullif: _call("nullif", "this", "expression"),
    exp.Greatest: _call("greatest", "this", "expressions"),
    exp.Least: _call("least", "this", "expressions"),
    exp.Abs: _call("abs", "this"),
    exp.Round: _call("round", "this", "decimals?"),
    exp.Floor: _call("floor", "this"),
    exp.Ceil: _call("ceil", "this"),
    exp.Sqrt: _call("sqrt", "this"),
    exp.Pow: _call("power", "this", "expression"),
    exp.Ln: _call("ln", "this"),
    exp.Exp: _call("exp", "this"),
    exp.ArrayContains: _call("array_contains", "this", "expression"),
    exp.ArraySize: _call("array_length", "this"),
    exp.StartsWith: _call("starts_with", "this", "expression"),
    exp.Length: _call("length", "this"),
    exp.Left: _call("left", "this", "expression"),
    exp.Right: _call("right", "this", "expression"),
    exp.Substring: _call("substring", "this", "start", "length?"),
    exp.Concat: _call("concat", "expressions"),
    exp.DPipe: _call("concat", "this", "expression"),
    exp.MonthsBetween: _call("months_between", "this", "expression"),
    exp.Anonymous: _named,
}

_LEFT_OUT: Mapping[type[exp.Expression], tuple[str, ...]] = {
    exp.Between: ("symmetric",), exp.Floor: ("decimals", "to"), exp.Ceil: ("decimals", "to"), exp.Round: ("truncate",),
    exp.ArrayContains: ("ensure_variant", "check_null"), exp.Left: ("negative_length_returns_empty",),
    exp.Right: ("negative_length_returns_empty",), exp.ArraySize: ("expression",),
    exp.Length: ("binary", "encoding"), exp.MonthsBetween: ("roundoff",),
    exp.Substring: ("zero_start",),
}  # fmt: skip
