"""What is left of files with mistakes once the mistakes are taken out, so that their expressions are checked too.

A clerk is told everything at once: a misspelt key does not hide an unknown name three lines below. What is left is
checked for nothing but its expressions, and what only follows from what was taken out is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from mujun.errors import Problem
from mujun.rules.loading import MODELS
from mujun.rules.model import TheAllocation
from mujun.rules.ruleset import AllocationPart, RuleSet
from mujun.rules.shape import Reading, read
from mujun.rules.tree import Node

_ROUNDS = 8
"""Readings in which one mistake may follow from another: a missing weight takes its item along, and so on upwards."""

_PART = re.compile(r"\[(\d+)\]|[^.\[]+")


def remainder(ruleset: RuleSet, trees: Mapping[str, Node]) -> RuleSet:
    """A rule set with the files that could not be read put in as far as they can be.

    Args:
        ruleset: the set as far as it could be read.
        trees: the files as trees after `extends`, by kind.
    """
    parts: dict[str, Any] = {}
    for kind in ("rating", "rectification", "allocation"):
        if getattr(ruleset, kind) is None and kind in trees:
            file = _read_in_part(trees[kind], kind)
            if file is not None:
                parts[kind] = file
    whole = replace(ruleset, **parts)
    allocation = parts.get("allocation")
    if isinstance(allocation, TheAllocation):
        whole = replace(whole, allocation_parts=(AllocationPart(ruleset.address, allocation, allocation.measures, {}),))
    return whole


def _read_in_part(tree: Node, kind: str) -> object | None:
    for _ in range(_ROUNDS):
        reading = Reading()
        file: object | None = read(MODELS[kind], tree, "", reading)
        if not reading.problems:
            return file
        for wrong in reading.problems:
            if wrong.code == "rules_missing_key":
                # What is missing in an entry hides nothing that its expressions say.
                tree = _with(tree, [m[0] for m in _PART.finditer(wrong.place.key or "")])
                continue
            tree = _without(tree, [m[0] for m in _PART.finditer(wrong.place.key or "")])
    return None


def _with(tree: Node, path: Sequence[str]) -> Node:
    """A tree with a text in place of a key that is missing; where no text will do, the next reading takes it out."""
    if not path:
        return tree
    if len(path) == 1 and isinstance(tree.value, dict):
        stands = Node(Decimal(1), text="1") if path[0] in ("mujun", "weight", "months") else Node("null", text="null")
        return replace(tree, value={**tree.value, path[0]: stands})
    if isinstance(tree.value, dict) and path[0] in tree.value:
        return replace(tree, value={k: _with(n, path[1:]) if k == path[0] else n for k, n in tree.value.items()})
    if isinstance(tree.value, tuple):
        members = enumerate(tree.value)
        return replace(
            tree, value=tuple(_with(m, path[1:]) if path[0] in (f"[{i}]", _id_of(m)) else m for i, m in members)
        )
    return tree


def _without(tree: Node, parts: Sequence[str]) -> Node:
    kept = _taken_out(tree, parts)
    if kept is not None:
        return kept
    # The head is missing something: what it says matters to no expression.
    assert isinstance(tree.value, dict)
    stands = Node(Decimal(1), text="1") if parts[:1] == ["mujun"] else Node("—", text="—")
    return replace(tree, value={**tree.value, parts[0]: stands} if parts else {})


def _taken_out(node: Node, path: Sequence[str]) -> Node | None:
    """A node without what stands at a path; nothing where it is to go itself, since something it needs is missing."""
    if not path:
        return None
    if isinstance(node.value, dict):
        if path[0] not in node.value:
            return None
        inner = _taken_out(node.value[path[0]], path[1:])
        others = {k: n for k, n in node.value.items() if k != path[0]}
        return replace(
            node, value={k: inner if k == path[0] else n for k, n in node.value.items()} if inner else others
        )
    if isinstance(node.value, tuple):
        at = next((i for i, m in enumerate(node.value) if path[0] in (f"[{i}]", _id_of(m))), None)
        if at is None:
            return None
        inner = _taken_out(node.value[at], path[1:])
        return replace(node, value=(*node.value[:at], *((inner,) if inner else ()), *node.value[at + 1 :]))
    return None


def _id_of(node: Node) -> str:
    return node.value["id"].text if isinstance(node.value, dict) and "id" in node.value else ""


def of_expressions(problems: Sequence[Problem], trees: Mapping[str, Node]) -> list[Problem]:
    """The problems that expressions themselves have: names that the taken-out parts would bring are known."""
    if any(_unreadable(tree) for tree in trees.values()):
        return []  # where names come from cannot be read, any name may be known
    names = {n for tree in trees.values() for n in _names(tree)}
    tables = [t for tree in trees.values() for t in _tables(tree)]

    def follows(wrong: Problem) -> bool:
        name = str(wrong.values.get("name", ""))
        base = re.sub(r"_(points|benchmark)$", "", name.removeprefix("adj_"))
        return name in names or base in names or any(name.startswith(f"{t}_") for t in tables)

    return [p for p in problems if p.code.startswith("expression_") and not follows(p)]


def _unreadable(tree: Node) -> bool:
    """Whether a part that brings names is no mapping of names."""
    parts = tree.value if isinstance(tree.value, dict) else {}
    return any(
        not isinstance(parts[k].value, dict) for k in ("fields", "tables", "statistics", "indicators") if k in parts
    )


def _names(node: Node) -> Iterator[str]:
    """Everything by which a file may call something: keys, ids and labels."""
    if isinstance(node.value, dict):
        for key, inner in node.value.items():
            yield key
            if key in ("id", "label"):
                yield inner.text
            yield from _names(inner)
    elif isinstance(node.value, tuple):
        for inner in node.value:
            yield from _names(inner)


def _tables(tree: Node) -> list[str]:
    tables = tree.value.get("tables") if isinstance(tree.value, dict) else None
    return list(tables.value) if tables is not None and isinstance(tables.value, dict) else []
