"""What an expression is made of: some twenty kinds of nodes, all that the rule language knows.

Reading (`plain`, and `reading` from the parser's tree) makes these once; whoever walks an expression matches on them,
and a kind that is not handled is a type error (`typing.assert_never`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from decimal import Decimal
from typing import Any, Literal, assert_never

from mujun.dataclass import dataclass

Comparing = Literal["eq", "ne", "lt", "le", "gt", "ge"]
Sign = Literal["+", "-", "*", "/"]


@dataclass(frozen=True)
class Written:
    """A node as it is written; `source` is the parser's own node, or the piece of text for which it is asked one."""

    source: Any = field(default=None, compare=False, repr=False, kw_only=True)

    @property
    def sql(self) -> str:
        """The node as text."""
        return str(self.source.sql()) if self.source is not None else ""


@dataclass(frozen=True)
class Name(Written):
    """A column, by its name or label."""

    word: str


@dataclass(frozen=True)
class Number(Written):
    """A number written in the expression."""

    value: Decimal


@dataclass(frozen=True)
class Text(Written):
    """A text in quotes."""

    value: str


@dataclass(frozen=True)
class Truth(Written):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True)
class Missing(Written):
    """`null`."""


@dataclass(frozen=True)
class Day(Written):
    """`date '2022-12-31'`."""

    text: str


@dataclass(frozen=True)
class Interval(Written):
    """`interval '2 years'`."""

    amount: str
    unit: str


@dataclass(frozen=True)
class Brackets(Written):
    """An expression in brackets."""

    inner: Node


@dataclass(frozen=True)
class Negative(Written):
    """`-a`."""

    inner: Node


@dataclass(frozen=True)
class Arithmetic(Written):
    """`a + b` and the like."""

    sign: Sign
    left: Node
    right: Node


@dataclass(frozen=True)
class Comparison(Written):
    """`a < b` and the like."""

    op: Comparing
    left: Node
    right: Node


@dataclass(frozen=True)
class Logic(Written):
    """`a and b`, `a or b`."""

    word: Literal["and", "or"]
    left: Node
    right: Node


@dataclass(frozen=True)
class Denial(Written):
    """`not a`."""

    inner: Node


@dataclass(frozen=True)
class Between(Written):
    """`a between b and c`, both ends counted."""

    inner: Node
    low: Node
    high: Node


@dataclass(frozen=True)
class Among(Written):
    """`a in (b, c)`."""

    inner: Node
    items: tuple[Node, ...]


@dataclass(frozen=True)
class IsMissing(Written):
    """`a is null`."""

    inner: Node


@dataclass(frozen=True)
class Like(Written):
    """`a like '…'`."""

    inner: Node
    pattern: Node


@dataclass(frozen=True)
class Branch(Written):
    """`when a then b` of a case, or the one branch of an `if`."""

    condition: Node
    result: Node


@dataclass(frozen=True)
class Choice(Written):
    """`case … end` and `if(…)`; with a subject its branches state values of it."""

    subject: Node | None
    branches: tuple[Branch, ...]
    otherwise: Node | None


@dataclass(frozen=True)
class DatePart(Written):
    """`year(a)`, `extract(month from a)`."""

    part: Literal["year", "month", "day"]
    inner: Node


@dataclass(frozen=True)
class Call(Written):
    """A function by its name in the rule language, known to it or not."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Foreign(Written):
    """What the parser understands and the rule language has no word for; `what` is the part that is foreign."""

    what: str
    parts: tuple[Node, ...]


Node = (
    Name
    | Number
    | Text
    | Truth
    | Missing
    | Day
    | Interval
    | Brackets
    | Negative
    | Arithmetic
    | Comparison
    | Logic
    | Denial
    | Between
    | Among
    | IsMissing
    | Like
    | Branch
    | Choice
    | DatePart
    | Call
    | Foreign
)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly within one, in the order in which they are written."""
    match node:
        case Name() | Number() | Text() | Truth() | Missing() | Day() | Interval():
            return ()
        case Brackets(inner) | Negative(inner) | Denial(inner) | IsMissing(inner) | DatePart(_, inner):
            return (inner,)
        case Arithmetic(_, left, right) | Comparison(_, left, right) | Logic(_, left, right):
            return (left, right)
        case Between(inner, low, high):
            return (inner, low, high)
        case Among(inner, items):
            return (inner, *items)
        case Like(inner, pattern):
            return (inner, pattern)
        case Branch(condition, result):
            return (condition, result)
        case Choice(subject, branches, otherwise):
            ends = (otherwise,) if otherwise is not None else ()
            return (*((subject,) if subject is not None else ()), *branches, *ends)
        case Call(_, arguments):
            return arguments
        case Foreign(_, parts):
            return parts
        case _:
            assert_never(node)


def walk(node: Node, enter: Callable[[Node], bool] = lambda _: True) -> Iterator[Node]:
    """A node and all within it, level by level; what `enter` declines is passed over with all that is within."""
    level = [node] if enter(node) else []
    while level:
        yield from level
        level = [part for one in level for part in parts_of(one) if enter(part)]


def unwrapped(node: Node) -> Node:
    """A node without one pair of brackets around it."""
    return node.inner if isinstance(node, Brackets) else node
