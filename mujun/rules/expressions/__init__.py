"""Expressions of rule files: read into nodes of our own, checked on them, translated into Polars by kinds.

Plain ones are read by `plain`, all others by sqlglot (`reading`).

Polars' own SQL is no base for this: it opens files while parsing, divides decimals with a loss of digits, and compares
text with numbers without a word. Here everything not on the list is refused, and what is on it follows the number
rules: quantities stay exact under `+`, `-` and `*` by a number; `/` and products of quantities are floats; division
by zero is missing; missing propagates; floats are compared at 12 decimals.
"""

from mujun.rules.expressions.edges import edges_in
from mujun.rules.expressions.functions import FUNCTIONS
from mujun.rules.expressions.kinds import Meaning, Scope, Value, as_float12, as_number
from mujun.rules.expressions.nodes import Node, walk
from mujun.rules.expressions.text import Expression
from mujun.rules.expressions.translate import Compiled, compile_expression, names_in
from mujun.rules.expressions.trees import tree_of

__all__ = [
    "FUNCTIONS",
    "Compiled",
    "Expression",
    "Meaning",
    "Node",
    "Scope",
    "Value",
    "as_float12",
    "as_number",
    "compile_expression",
    "edges_in",
    "names_in",
    "tree_of",
    "walk",
]
