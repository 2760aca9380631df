"""An explanation as JSON: plain names, exact decimals as texts, ratios as numbers. The format has a version.

The format is described in this room's README; `FORMAT_VERSION` rises when a key changes its meaning or goes.
"""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

from mujun.analysis.explanation import Explanation
from mujun.messages import show

FORMAT = "mujun-explanation"
FORMAT_VERSION = 1


def as_plain(value: object) -> Any:
    """A value as JSON knows it: a decimal as its exact text without trailing zeros, a date as its ISO text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, (Decimal, date)):
        return show(value)
    if isinstance(value, (list, tuple)):
        return [as_plain(v) for v in value]
    return value


def as_json(explanation: Explanation, *, indent: int | None = 2) -> str:
    """An explanation as JSON text; the same explanation gives the same text.

    Args:
        explanation: what `Explainer.explain` gives.
        indent: spaces of indentation; `None` for one line.
    """
    head = {"format": FORMAT, "format_version": FORMAT_VERSION}
    return json.dumps({**head, **as_plain(explanation)}, ensure_ascii=False, indent=indent, allow_nan=False) + "\n"


# ------------------------------------------------------------------------------------------------------------- schema

_PLAIN: dict[object, dict[str, Any]] = {
    Decimal: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "description": "an exact decimal"},
    date: {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    float: {"type": "number"},
    int: {"type": "integer"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    types.NoneType: {"type": "null"},
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the format, made from the explanation's own types."""
    definitions: dict[str, Any] = {}
    whole = _object(Explanation, definitions)
    head = {"format": {"const": FORMAT}, "format_version": {"const": FORMAT_VERSION}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        **whole,
        "properties": {**head, **whole["properties"]},
        "required": [*head, *whole["required"]],
        "$defs": definitions,
    }


def _object(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    properties = {f.name: _schema(hints[f.name], definitions) for f in fields(kind)}
    summary = (kind.__doc__ or "").strip().split("\n")[0]
    return {
        "type": "object", "description": summary, "properties": properties, "required": list(properties),
        "additionalProperties": False,
    }  # fmt: skip


def _schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if isinstance(hint, type) and is_dataclass(hint):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}  # a type may mention itself
            definitions[hint.__name__] = _object(hint, definitions)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if hint in _PLAIN:
        return _PLAIN[hint]
    arguments = get_args(hint)
    if get_origin(hint) in (Union, types.UnionType):
        return {"anyOf": [_schema(a, definitions) for a in arguments]}
    if arguments[-1] is Ellipsis:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    items = [_schema(a, definitions) for a in arguments]
    return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
