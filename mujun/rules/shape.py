"""Reading frozen objects out of nodes: the type hints of a model are its grammar.

A model of `mujun.rules.model` is a frozen dataclass whose fields are declared with `key(...)`. This module reads a
node into it, collecting every mistake with its place, and describes it as a JSON Schema for editors. One declaration
serves reading, completion in editors and the reference.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, problem
from mujun.fields import nearest
from mujun.messages import Guess, MessageKey
from mujun.rules.expressions.text import Expression
from mujun.rules.tree import Node, unquoted

REQUIRED = dataclasses.MISSING
LARGEST_INT = 10_000
"""Whole numbers of a rule file are years, months, places and counts: none has five digits."""


def key(doc: str, default: Any = REQUIRED, *, name: str | None = None, single: bool = False) -> Any:
    """Declare one key of a rule file.

    Args:
        doc: what it means, in Chinese, one line.
        default: its value where it is not written; without it the key is required.
        name: the key as written, where it is no good Python name (`from`).
        single: for a mapping or a list: one value alone is allowed and stands for `{default: value}` or `[value]`;
            for an object: `true` stands for one with nothing but defaults, `false` for none.
    """
    metadata = {"doc": doc, "name": name, "single": single}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass
class Reading:
    """What a reading gathers: the mistakes, and where each object stands."""

    problems: list[Problem] = dataclasses.field(default_factory=list)

    def wrong(self, code: MessageKey, node: Node, path: str, **values: object) -> None:
        """Note a mistake at `node`."""
        self.problems.append(problem(code, node.place(path), **values))


@cache
def keys_of(model: type) -> dict[str, tuple[dataclasses.Field[Any], Any]]:
    """The keys of a model as written, with their dataclass field and type."""
    hints = get_type_hints(model)
    return {
        f.metadata.get("name") or f.name: (f, hints[f.name]) for f in dataclasses.fields(model) if "doc" in f.metadata
    }


def read(model: Any, node: Node, path: str, reading: Reading) -> Any:
    """A node read as `model`: a dataclass, a scalar type, or a generic of these.

    Returns the object; where something is wrong the mistake is in `reading` and the value is a stand-in that must not
    be used, so that reading can go on and find the rest.
    """
    if dataclasses.is_dataclass(model) and isinstance(model, type):
        if model is Expression:
            return _read_expression(node, path, reading)
        custom: Callable[[Node, str, Reading], Any] | None = getattr(model, "read", None)
        return custom(node, path, reading) if custom else _read_object(model, node, path, reading)
    origin, arguments = get_origin(model), get_args(model)
    if origin in (Union, types.UnionType):
        inner = [a for a in arguments if a is not type(None)]
        if node.value is None:
            return None
        return read(inner[0], node, path, reading)
    if origin is tuple:
        return _read_list(arguments, node, path, reading)
    if origin is dict:
        return _read_mapping(arguments[1], node, path, reading)
    if origin is Literal:
        return read_choice(arguments, node, path, reading)
    return _read_scalar(model, node, path, reading)


def _read_object(model: type, node: Node, path: str, reading: Reading) -> Any:
    if not isinstance(node.value, dict):
        reading.wrong("rules_want_mapping", node, path, value=in_short(node), keys=list(keys_of(model)))
        return None
    known = keys_of(model)
    misspelt: dict[str, str] = {}
    for name, value in node.value.items():
        if name not in known:
            near = nearest(name, known)
            code: MessageKey = "rules_unknown_key_near" if near else "rules_unknown_key"
            reading.wrong(code, value, _join(path, name), name=name, near=near or "", keys=list(known))
            if near and near not in node.value:
                misspelt.setdefault(near, name)
    values: dict[str, Any] = {}
    for name, (field, hint) in known.items():
        required = field.default is REQUIRED and field.default_factory is REQUIRED
        # A key that must be there and is misspelt is not missing: what it says is read as what was meant.
        written = misspelt.get(name, name) if required else name
        given = node.value.get(written)
        if given is None:
            if required:
                reading.wrong("rules_missing_key", node, _join(path, name), name=name, doc=field.metadata["doc"])
                values[field.name] = None
            continue
        values[field.name] = read(hint, opened(given, hint, field), _join(path, written), reading)
    read_object = model(**values)
    if "stands" in {f.name for f in dataclasses.fields(model)}:
        object.__setattr__(read_object, "stands", node.place(path))
    return read_object


def opened(node: Node, hint: Any, field: dataclasses.Field[Any]) -> Node:
    """The long form of a value that may be written in a short form."""
    if not field.metadata.get("single"):
        return node
    inner = next((a for a in get_args(hint) if a is not type(None)), hint) if _is_optional(hint) else hint
    if get_origin(inner) is dict and not isinstance(node.value, dict):
        return dataclasses.replace(node, value={"default": node})
    if get_origin(inner) is tuple and not isinstance(node.value, tuple):
        return dataclasses.replace(node, value=(node,))
    if dataclasses.is_dataclass(inner) and isinstance(node.value, bool):
        return dataclasses.replace(node, value={} if node.value else None)
    return node


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType)


def _read_list(arguments: tuple[Any, ...], node: Node, path: str, reading: Reading) -> tuple[Any, ...]:
    if not isinstance(node.value, tuple):
        reading.wrong("rules_want_list", node, path, value=in_short(node))
        return ()
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(
            read(arguments[0], item, _member_path(path, i, item), reading) for i, item in enumerate(node.value)
        )
    if len(arguments) != len(node.value):
        reading.wrong("rules_want_so_many", node, path, count=len(arguments), seen=len(node.value))
        return tuple(None for _ in arguments)
    return tuple(
        read(a, item, f"{path}[{i}]", reading) for i, (a, item) in enumerate(zip(arguments, node.value, strict=True))
    )


def _member_path(path: str, index: int, item: Node) -> str:
    # A member with an id is found faster by its id than by its number.
    if isinstance(item.value, dict) and "id" in item.value and item.value["id"].text:
        return f"{path}.{item.value['id'].text}"
    return f"{path}[{index}]"


def _read_mapping(value_type: Any, node: Node, path: str, reading: Reading) -> dict[str, Any]:
    if not isinstance(node.value, dict):
        reading.wrong("rules_want_named", node, path, value=in_short(node))
        return {}
    return {name: read(value_type, item, _join(path, name), reading) for name, item in node.value.items()}


def read_choice(choices: tuple[Any, ...], node: Node, path: str, reading: Reading) -> Any:
    """One of some words; the first where another is written."""
    seen = node.text if not isinstance(node.value, (dict, tuple)) else None
    for choice in choices:
        if str(choice) == seen:
            return choice
    near = nearest(seen or "", [str(c) for c in choices])
    reading.wrong("rules_not_a_choice", node, path, value=in_short(node), choices=list(choices), near=Guess(near))
    return choices[0]


def _read_scalar(wanted: type, node: Node, path: str, reading: Reading) -> Any:
    value = node.value
    if wanted is str and not isinstance(value, (dict, tuple)) and value is not None:
        return node.text
    if wanted is Decimal and isinstance(value, Decimal):
        return value
    if wanted is int and isinstance(value, Decimal) and abs(value) < LARGEST_INT and value == int(value):
        return int(value)
    if wanted is bool and isinstance(value, bool):
        return value
    if wanted is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if node.quoted and unquoted(node) != node.value:
        reading.wrong("rules_want_unquoted", node, path, value=node.text)
    else:
        reading.wrong(messages.key(f"rules_want_{wanted.__name__.lower()}"), node, path, value=in_short(node))
    return _STAND_INS.get(wanted)


_STAND_INS: Mapping[type, Any] = {str: "", Decimal: Decimal(1), int: 0, bool: False}


def _read_expression(node: Node, path: str, reading: Reading) -> Expression:
    if isinstance(node.value, (dict, tuple)) or node.value is None:
        reading.wrong("rules_want_expression", node, path, value=in_short(node))
        return Expression("null", node.place(path))
    return Expression(node.text, node.place(path))


def in_short(node: Node) -> str:
    """A node in short, as a message shows it."""
    if isinstance(node.value, dict):
        return "{" + ", ".join(node.value) + "}"
    if isinstance(node.value, tuple):
        return f"[… {len(node.value)}]"
    return node.text or "~"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def standing() -> Any:
    """The field of a model that holds the place where the object was read."""
    return dataclasses.field(default=Place(), compare=False, repr=False, kw_only=True)


# ------------------------------------------------------------------------------------------------------- JSON Schema


def json_schema(model: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a model; dataclasses are put into `definitions` once and referred to."""
    if dataclasses.is_dataclass(model) and isinstance(model, type):
        if model is Expression:
            return {"type": ["string", "number", "boolean"]}
        described: dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]] | None = getattr(model, "schema", None)
        if described is not None:
            return described(definitions) if callable(described) else dict(described)
        if model.__name__ not in definitions:
            definitions[model.__name__] = {}
            definitions[model.__name__].update(_object_schema(model, definitions))
        return {"$ref": f"#/$defs/{model.__name__}"}
    origin, arguments = get_origin(model), get_args(model)
    if origin in (Union, types.UnionType):
        inner = [json_schema(a, definitions) for a in arguments if a is not type(None)]
        return {"anyOf": [*inner, {"type": "null"}]}
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return {"type": "array", "items": json_schema(arguments[0], definitions)}
        return {
            "type": "array",
            "prefixItems": [json_schema(a, definitions) for a in arguments],
            "minItems": len(arguments),
            "maxItems": len(arguments),
        }
    if origin is dict:
        return {"type": "object", "additionalProperties": json_schema(arguments[1], definitions)}
    if origin is Literal:
        return {"enum": list(arguments)}
    return dict(_SCALAR_SCHEMAS[model])


_SCALAR_SCHEMAS: Mapping[type, dict[str, Any]] = {
    str: {"type": ["string", "number", "boolean"]},
    Decimal: {"type": "number"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
}


def _object_schema(model: type, definitions: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, (field, hint) in keys_of(model).items():
        described = json_schema(hint, definitions)
        if field.metadata.get("single"):
            short = get_args(hint)[-1] if get_origin(hint) is dict else get_args(hint)[0]
            if _is_optional(hint) and dataclasses.is_dataclass(short):
                short = bool
            described = {"anyOf": [described, json_schema(short, definitions)]}
        properties[name] = {"description": field.metadata["doc"], **described}
        if field.default is REQUIRED and field.default_factory is REQUIRED:
            required.append(name)
    # `remove` takes a member out of the list of a base.
    if "id" in properties:
        properties["remove"] = {"type": "boolean", "description": "true：删去所继承规则集中的同名条目"}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema
