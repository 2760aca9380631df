"""What the annotation of a key says of its cell: which kind of value, which choices, whether it is an expression."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

from mujun.rules.expressions import Expression
from mujun.rules.filling.cells import Kind
from mujun.rules.methods import ScoringMethod
from mujun.rules.model import Policy
from mujun.rules.shape import REQUIRED, keys_of
from mujun.rules.showing_rating import POLICIES

_OPEN_TEXTS = frozenset({"label", "reason", "note", "document", "name", "place", "url"})
"""Texts that name or explain; all others refer to something or say how something is counted."""


def is_required(field: dataclasses.Field[Any]) -> bool:
    """Whether a key has no value of its own to fall back on."""
    return field.default is REQUIRED and field.default_factory is REQUIRED


def choices_of(kind: str | None) -> tuple[str, ...]:
    """The words that a cell of this kind may be filled with; none where anything may stand."""
    return tuple(POLICIES.values()) if kind == "policy" else ()


def is_number(text: str) -> bool:
    """Whether a text is a number, and no NaN or infinity."""
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


def inner_hint(hint: Any) -> Any:
    """A type hint without its `None`."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(a for a in get_args(hint) if a is not type(None))
    return hint


def is_expression(hint: Any) -> bool:
    """Whether values are expressions of the rule language."""
    return isinstance(hint, type) and issubclass(hint, Expression)


def is_model(hint: Any) -> bool:
    """Whether values are objects with keys of their own."""
    return (
        isinstance(hint, type) and dataclasses.is_dataclass(hint) and bool(keys_of(hint))
        and hint not in (Policy, ScoringMethod)
        and not is_expression(hint)
    )  # fmt: skip


KINDS: Mapping[Any, Kind] = {Decimal: "number", int: "whole", str: "text", date: "date", Policy: "policy"}


def kind_of(hint: Any, key: str) -> Kind | None:
    """What may be written into a value of a type; none where it is not for this form."""
    inner = inner_hint(hint)
    if inner is str and key not in _OPEN_TEXTS:
        return None
    if inner == tuple[int, ...]:
        return "years"
    return KINDS.get(inner)


def is_plain(hint: Any) -> bool:
    """Whether a value is one cell (an expression: one with its numbers)."""
    inner = inner_hint(hint)
    atom = inner in (Policy, ScoringMethod, bool) or inner in KINDS or get_origin(inner) is Literal
    if is_expression(inner) or atom:
        return True
    return inner in (tuple[int, ...], tuple[str, ...])
