"""Trees of rule files written down as YAML, and plain values as trees."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from mujun.rules.tree import Node

_PLAIN_TEXT = re.compile(r"[A-Za-z\u3400-\u9fff（“〔][^:#,\[\]{}\n\r\t\"']*(?<!\s)")


def node_of(value: object) -> Node:
    """Plain values as a node."""
    if isinstance(value, dict):
        return Node({k: node_of(v) for k, v in value.items()}, line=1)
    if isinstance(value, list):
        return Node(tuple(node_of(v) for v in value))
    if isinstance(value, bool):
        return Node(value, text="true" if value else "false")
    if isinstance(value, Decimal):
        return Node(value, text=format(value, "f"))
    if value is None:
        return Node(None, text="~")
    return Node(str(value), text=str(value), quoted=True)


def written(node: Node, depth: int = 0) -> str:
    """A node as YAML that reads back as the same node: mappings in block style, texts in quotes.

    >>> print(written(node_of({"weight": Decimal("35"), "when": "tier = 'D'"})), end="")
    weight: 35
    when: "tier = 'D'"
    """
    assert isinstance(node.value, dict)
    lines = []
    for key, inner in node.value.items():
        head = "  " * depth + (key if re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII) else _quoted(key)) + ":"
        if isinstance(inner.value, dict) and inner.value:
            lines.append(f"{head}\n{written(inner, depth + 1)}")
        else:
            lines.append(f"{head} {_flow(inner)}\n")
    return "".join(lines)


def yaml_text(text: str) -> str:
    """A text as a YAML scalar, quoted where a reader of YAML could take it for something else."""
    special = text in ("true", "false", "null") or not _PLAIN_TEXT.fullmatch(text)
    return json.dumps(text, ensure_ascii=False) if special else text


def _flow(node: Node) -> str:
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{_quoted(k)}: {_flow(n)}" for k, n in node.value.items()) + "}"
    if isinstance(node.value, tuple):
        return "[" + ", ".join(_flow(n) for n in node.value) + "]"
    if isinstance(node.value, str):
        return _quoted(node.text)
    return "~" if node.value is None else node.text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
