"""From an expression's text to the parser's tree: how deep it may go, and what is told of one that it refuses."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from mujun.rules.expressions.refusal import QUOTED, Refusal, full_width
from mujun.rules.expressions.understanding import understood
from mujun.rules.expressions.unreadable import why_unreadable

DEEPEST = 60
"""Levels of nesting an expression may have."""
DEEPEST_BRACKETS = 30
"""Brackets within brackets; the parser takes a dozen frames for each, so they are counted before it starts."""


def _depth(tree: exp.Expression) -> int:
    """Levels of a tree, counted level by level: a hostile one may be deeper than Python's stack."""
    depth, level = -1, [tree]
    while level and depth <= DEEPEST:
        level = [below for node in level for below in node.iter_expressions()]
        depth += 1
    return depth


def _brackets(text: str) -> int:
    depth = deepest = 0
    for sign in QUOTED.sub("", text):
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest


def parsed(text: str) -> exp.Expression:
    """The tree of an expression.

    Raises:
        Refusal: it cannot be parsed, or it is nested too deeply to be walked safely.
    """
    text = understood(text)
    if _brackets(text) > DEEPEST_BRACKETS:
        raise Refusal("expression_too_deep", deepest=DEEPEST_BRACKETS)
    try:
        tree = sqlglot.parse_one(text)
    except RecursionError:
        raise Refusal("expression_too_deep", deepest=DEEPEST) from None
    except SqlglotError as error:
        wide = full_width(text)
        if wide is not None:
            raise wide from None
        details = (getattr(error, "errors", None) or [{}])[0]
        lacks = str(details.get("description")).startswith("Required keyword")
        raise why_unreadable(text, details.get("col"), lacks=lacks) from None
    if not isinstance(tree, exp.Expression):
        raise why_unreadable(text, None, lacks=False)
    if _depth(tree) > DEEPEST:
        raise Refusal("expression_too_deep", deepest=DEEPEST)
    return tree
