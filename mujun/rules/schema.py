"""JSON Schemas of the rule files, so that an editor completes keys, shows what they mean and marks mistakes.

An editor with the YAML language server takes the schema of a file from its first line:

    # yaml-language-server: $schema=./rating.schema.json
"""

from __future__ import annotations

import json
from typing import Any

from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.rules.loading import MODELS
from mujun.rules.shape import json_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TITLES = {
    "rating": "评价规则（rating.yaml）",
    "rectification": "整治清单规则（rectification.yaml）",
    "allocation": "资源要素差别化配置规则（allocation.yaml）",
    "targets": "目标（targets.yaml）",
    "ladders": "梯队（ladders.yaml）",
    "tests": "算例（tests.yaml）",
}
PARTIAL = "Part"
"""What the definitions of a file that extends another are called after: there, a base may have what is missing."""


def rules_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a kind of rule file.

    A file with `extends` may leave out what its base says and may remove with `~`: it is held to the same keys, but
    none of them is required.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in MODELS:
        known = list(MODELS)
        raise UsageError(problem("schema_no_kind", kind=kind, known=known, near=Guess(nearest(kind, known))))
    definitions: dict[str, Any] = {}
    root = json_schema(MODELS[kind], definitions)
    name = root["$ref"].rsplit("/", 1)[-1]
    definitions[name]["properties"]["mujun"] = {**definitions[name]["properties"]["mujun"], "const": 1}
    definitions[name]["properties"]["kind"] = {**definitions[name]["properties"]["kind"], "const": kind}
    head: dict[str, Any] = {"$schema": DIALECT, "title": _TITLES[kind], "description": _note(kind), "type": "object"}
    if "extends" not in definitions[name]["properties"]:
        return {**head, **root, "$defs": definitions}
    partial = {f"{PARTIAL}{n}": _relaxed(d, n == name) for n, d in definitions.items()}
    return {
        **head,
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{PARTIAL}{name}"},
        "else": root,
        "$defs": {**definitions, **partial},
    }


def schema_text(kind: str) -> str:
    """The schema as a file's text.

    Raises:
        UsageError: there is no such kind.
    """
    return json.dumps(rules_schema(kind), ensure_ascii=False, indent=2) + "\n"


def _note(kind: str) -> str:
    return f"mujun 规则语言第 1 版。在 {kind}.yaml 第一行写：# yaml-language-server: $schema=./{kind}.schema.json"


def _relaxed(schema: Any, root: bool = False) -> Any:
    """A schema in which nothing but ids and the head is required, and `~` removes."""
    if isinstance(schema, list):
        return [_relaxed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    relaxed = {k: _relaxed(v) for k, v in schema.items() if k not in ("required", "properties")}
    if "properties" in schema:
        relaxed["properties"] = {k: _or_nothing(_relaxed(v)) for k, v in schema["properties"].items()}
        kept = [n for n in schema.get("required", ()) if n == "id" or root]
        if kept:
            relaxed["required"] = kept
    if isinstance(schema.get("additionalProperties"), dict):
        relaxed["additionalProperties"] = _or_nothing(_relaxed(schema["additionalProperties"]))
    if "$ref" in schema:
        relaxed["$ref"] = schema["$ref"].replace("#/$defs/", f"#/$defs/{PARTIAL}")
    return relaxed


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    described = {"description": schema["description"]} if "description" in schema else {}
    return {**described, "anyOf": [{k: v for k, v in schema.items() if k != "description"}, {"type": "null"}]}
