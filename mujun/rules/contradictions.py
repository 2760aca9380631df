"""Conditions that can never hold, and rules that an earlier one leaves nothing to.

A condition is brought into alternatives of plain comparisons of one thing with a constant. What cannot be brought
there counts as something that may hold or not, so that nothing sound is ever called impossible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Literal

from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.rules.expressions import Expression, Node, Scope, tree_of
from mujun.rules.expressions.nodes import (
    Among,
    Arithmetic,
    Between,
    Brackets,
    Call,
    Comparison,
    Day,
    Denial,
    IsMissing,
    Logic,
    Name,
    Negative,
    Number,
    Text,
    Truth,
    unwrapped,
)
from mujun.rules.expressions.reading import sql_with

MOST_ALTERNATIVES = 200
"""Alternatives of one condition that are looked at; a longer condition is left alone."""
DEEPEST = 6
"""Rule fields that may stand for one another in a row."""

Op = Literal["lt", "le", "gt", "ge", "eq", "ne", "in", "out", "null", "some", "yes", "no"]
_NEGATED: dict[Op, Op] = {
    "lt": "ge", "ge": "lt", "le": "gt", "gt": "le", "eq": "ne", "ne": "eq", "in": "out", "out": "in",
    "null": "some", "some": "null", "yes": "no", "no": "yes",
}  # fmt: skip
_TURNED: dict[Op, Op] = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
_LEAST: dict[str, int] = {"rank": 1, "size": 1, "streak": 0}


@dataclass(frozen=True)
class Atom:
    """One plain statement about one thing: `key` is its text, `value` a number or a set of texts."""

    key: str
    op: Op
    value: Decimal | frozenset[str] | None = None

    def denied(self) -> Atom:
        """The statement that holds where this one is false."""
        return Atom(self.key, _NEGATED[self.op], self.value)


Alternative = tuple[Atom, ...]


@dataclass(frozen=True)
class Conditions:
    """Reads conditions in one scope; `definitions` are the rule fields that stand for conditions."""

    scope: Scope
    definitions: Mapping[str, Expression] = field(default_factory=dict)
    _read: dict[tuple[str, bool], list[Alternative] | None] = field(default_factory=dict, compare=False, repr=False)

    def alternatives(self, condition: Expression, *, holds: bool = True) -> list[Alternative] | None:
        """The ways in which a condition holds (or is false); `None` where it is too long or cannot be read."""
        asked = (condition.text, holds)
        if asked not in self._read:
            tree = tree_of(condition)
            try:
                self._read[asked] = self._of(tree, holds, 0) if tree is not None else None
            except _TooMany:
                self._read[asked] = None
        return self._read[asked]

    def never(self, *conditions: Expression) -> bool:
        """Whether all of these can never hold together."""
        parts = [self.alternatives(c) for c in conditions]
        known = [p for p in parts if p is not None]
        if not known or _count(known) > MOST_ALTERNATIVES * 5:
            return False
        return not any(self.possible([a for part in chosen for a in part]) for chosen in product(*known))

    def leaves_nothing(self, earlier: Expression, later: Expression) -> bool:
        """Whether wherever `later` holds `earlier` holds already."""
        ways, against = self.alternatives(later), self.alternatives(earlier, holds=False)
        if ways is None or against is None:
            return False
        ways = [w for w in ways if self.possible(w)]
        keys = {a.key for alternative in against for a in alternative}
        for way in ways:
            present = {a.key for a in way if a.op != "null"}
            if not all(k in present or _always_there(k) for k in keys):
                return False
            if any(self.possible([*way, *other]) for other in against):
                return False
        return bool(ways)

    # --------------------------------------------------------------------------------------------------- reading

    def _of(self, node: Node, holds: bool, depth: int) -> list[Alternative]:
        match node:
            case Brackets(inner):
                return self._of(inner, holds, depth)
            case Denial(inner):
                return self._of(inner, not holds, depth)
            case Logic(word, one, other):
                left, right = self._of(one, holds, depth), self._of(other, holds, depth)
                if (word == "and") != holds:
                    return _few([*left, *right])
                return _few([a + b for a in left for b in right])
            case Truth(value):
                return [()] if value == holds else []
            case Between(inner, low, high) if not isinstance(low, Text):
                both = Logic("and", Comparison("ge", inner, low), Comparison("le", inner, high))
                return self._of(both, holds, depth)
            case Name(word):
                name = self._name(word)
                defined = tree_of(self.definitions[name]) if name in self.definitions and depth < DEEPEST else None
                if defined is not None:
                    return self._of(defined, holds, depth + 1)
        statement = self._statement(node)
        if isinstance(statement, bool):
            return [()] if statement == holds else []
        return [(statement if holds else statement.denied(),)]

    def _statement(self, node: Node) -> Atom | bool:
        match node:
            case IsMissing(inner):
                return Atom(self._key(inner), "null")
            case Among(inner, items) if all(isinstance(i, Text) for i in items):
                return Atom(self._key(inner), "in", frozenset(i.value for i in items if isinstance(i, Text)))
            case Comparison(op, left, right):
                return self._comparison(left, right, op)
        return Atom(self._key(node), "yes")

    def _comparison(self, left: Node, right: Node, op: Op) -> Atom | bool:
        if _constant(left) is not None or isinstance(left, Text):
            left, right, op = right, left, _TURNED[op]
        a, b = _constant(left), _constant(right)
        if a is not None and b is not None:
            return _holds(a, op, b)
        key = self._key(left)
        if b is not None:
            return Atom(key, op, b)
        if isinstance(right, Truth) and op in ("eq", "ne"):
            return Atom(key, "yes" if right.value == (op == "eq") else "no")
        if isinstance(right, Text):
            day = _day(right.value) if self._is_date(left) or op not in ("eq", "ne") else None
            if day is not None:
                return Atom(key, op, day)
            return Atom(key, "in" if op == "eq" else "out", frozenset({right.value}))
        other = self._key(right)
        # Two things compared: their difference is held against zero.
        if key <= other:
            return Atom(f"{key} − {other}", op, Decimal(0))
        return Atom(f"{other} − {key}", _TURNED[op], Decimal(0))

    def _is_date(self, node: Node) -> bool:
        meaning = self.scope.find(node.word) if isinstance(node, Name) else None
        return meaning is not None and meaning.kind == "date"

    def _name(self, word: str) -> str:
        meaning = self.scope.find(word)
        return meaning.name if meaning is not None else word

    def _key(self, node: Node) -> str:
        """The text of a thing, the same for a name and for its label."""
        return sql_with(unwrapped(node), self._name)

    # -------------------------------------------------------------------------------------------------- possibility

    def possible(self, statements: Iterable[Atom]) -> bool:
        """Whether these can hold together, as far as one can see."""
        by_key: dict[str, list[Atom]] = {}
        for atom in statements:
            by_key.setdefault(atom.key, []).append(atom)
        return all(self._possible_of(key, atoms) for key, atoms in by_key.items())

    def _possible_of(self, key: str, atoms: list[Atom]) -> bool:
        ops = {a.op for a in atoms}
        if "null" in ops and (len(ops) > 1 or _always_there(key)):
            return False
        if {"yes", "no"} <= ops:
            return False
        return self._text_possible(key, atoms) and self._number_possible(key, atoms)

    def _text_possible(self, key: str, atoms: list[Atom]) -> bool:
        texts = [a for a in atoms if isinstance(a.value, frozenset)]
        if not texts:
            return True
        meaning = self.scope.meanings.get(key)
        allowed: frozenset[str] | None = frozenset(meaning.choices) if meaning and meaning.choices else None
        for atom in texts:
            assert isinstance(atom.value, frozenset)
            if atom.op == "in":
                allowed = atom.value if allowed is None else allowed & atom.value
        for atom in texts:
            if atom.op == "out" and allowed is not None and isinstance(atom.value, frozenset):
                allowed -= atom.value
        return allowed is None or any(_shaped(key, text) for text in allowed)

    def _number_possible(self, key: str, atoms: list[Atom]) -> bool:
        numbers = [(a.op, a.value) for a in atoms if isinstance(a.value, Decimal)]
        if not numbers:
            return True
        bounds = _Bounds(whole=self._is_whole(key))
        least = self._least(key)
        if least is not None:
            bounds.take("ge", Decimal(least))
        for op, value in numbers:
            bounds.take(op, value)
        return bounds.open()

    def _is_whole(self, key: str) -> bool:
        meaning = self.scope.meanings.get(key)
        return meaning is not None and meaning.kind == "exact" and meaning.scale == 0

    def _least(self, key: str) -> int | None:
        if key in _LEAST:
            return _LEAST[key]
        return 0 if key in _NEVER_NEGATIVE and key not in self.definitions else None


_NEVER_NEGATIVE = {
    f.name for t in TABLES.values() for f in t.fields if f.kind == "quantity" and not f.negative
}  # what departments report; the frame's land is a difference and may be below zero


@dataclass
class _Bounds:
    """What is left of the line of numbers."""

    whole: bool = False
    low: Decimal | None = None
    low_in: bool = True
    high: Decimal | None = None
    high_in: bool = True
    barred: set[Decimal] = field(default_factory=set)

    def take(self, op: Op, value: Decimal) -> None:
        if op in ("ge", "gt", "eq") and (self.low is None or value > self.low or (value == self.low and op == "gt")):
            self.low, self.low_in = value, op != "gt"
        if op in ("le", "lt", "eq") and (self.high is None or value < self.high or (value == self.high and op == "lt")):
            self.high, self.high_in = value, op != "lt"
        if op == "ne":
            self.barred.add(value)

    def open(self) -> bool:
        if self.low is None or self.high is None:
            return True
        low, high = self.low, self.high
        if self.whole:
            first = low.to_integral_value("ROUND_CEILING")
            last = high.to_integral_value("ROUND_FLOOR")
            first += 1 if first == low and not self.low_in else 0
            last -= 1 if last == high and not self.high_in else 0
            return last - first > len(self.barred) or any(
                first + i not in self.barred for i in range(max(0, int(last - first) + 1))
            )
        if low == high:
            return self.low_in and self.high_in and low not in self.barred
        return low < high


class _TooMany(Exception):
    """A condition with too many alternatives."""


def _few(alternatives: list[Alternative]) -> list[Alternative]:
    if len(alternatives) > MOST_ALTERNATIVES:
        raise _TooMany
    return alternatives


def _count(parts: list[list[Alternative]]) -> int:
    count = 1
    for part in parts:
        count *= max(1, len(part))
    return count


def _always_there(key: str) -> bool:
    """Whether a thing is never missing: a list is empty instead, and coalesce ends with a constant."""
    return key.lower().startswith(("array_contains(", "array_size(", "array_length("))


def _shaped(key: str, text: str) -> bool:
    """Whether a text can stand there at all: an industry's division has two digits."""
    return key != "industry_division" or (len(text) == 2 and text.isdigit())


def _day(text: str) -> Decimal | None:
    try:
        return Decimal(date.fromisoformat(text).toordinal())
    except ValueError:
        return None


def _constant(node: Node) -> Decimal | None:
    """The number that an expression always is; a day counts as its number."""
    match node:
        case Brackets(inner):
            return _constant(inner)
        case Number(value):
            return value
        case Negative(inner):
            number = _constant(inner)
            return -number if number is not None else None
        case Day(text):
            return _day(text)
        case Call("quantity", (amount, *_)):
            return _constant(amount)
        case Arithmetic("+" | "-" | "*" as sign, left, right):
            a, b = _constant(left), _constant(right)
            if a is None or b is None:
                return None
            return a + b if sign == "+" else a - b if sign == "-" else a * b
    return None


def _holds(a: Decimal, op: Op, b: Decimal) -> bool:
    return {"lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b, "eq": a == b, "ne": a != b}[op]
