"""Expressions as trees of our own nodes, each text read once; the parser is loaded for the first that is not plain."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mujun.late import LateModule
from mujun.rules.expressions.nodes import Node
from mujun.rules.expressions.plain import plain
from mujun.rules.expressions.refusal import Refusal
from mujun.rules.expressions.text import Expression

if TYPE_CHECKING:
    from mujun.rules.expressions import reading
else:
    reading = LateModule("mujun.rules.expressions.reading")


@lru_cache(maxsize=4096)
def read(text: str) -> Node:
    """The nodes of an expression's text, parsed once.

    Raises:
        Refusal: it cannot be parsed, or it is nested too deeply to be walked safely.
    """
    return plain(text) or reading.nodes_of(text)


def tree_of(source: Expression) -> Node | None:
    """The nodes of an expression, to be walked; `None` where it cannot be parsed (compiling says why)."""
    try:
        return read(source.text)
    except Refusal:
        return None
