"""Plain expressions, read without the parser, whose loading and work took 0.06 s of every command.

Nearly all expressions of real rule sets are a name, a number, or a few of them compared, added up and joined. What is
plain is read here. Everything else, and whatever is wrong, is the parser's (`reading`), where what is plain gives the
same nodes: a test holds every expression that ships, every keyword of the parser and random texts to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mujun.late import LateModule
from mujun.rules.expressions.nodes import (
    Among,
    Arithmetic,
    Between,
    Brackets,
    Branch,
    Call,
    Choice,
    Comparing,
    Comparison,
    Denial,
    Interval,
    IsMissing,
    Logic,
    Name,
    Negative,
    Node,
    Number,
    Sign,
    Text,
    Truth,
)
from mujun.rules.expressions.understanding import understood

if TYPE_CHECKING:
    from mujun.rules.expressions import parsing
else:
    parsing = LateModule("mujun.rules.expressions.parsing")

DEEPEST, MOST_BRACKETS = 50, 25
"""So many signs and words, and brackets, may nest; what has more is the parser's, which counts how deep it goes."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w.])|(?P<text>'[^'\\]*')(?!')"
    r"|(?P<word>[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*)|(?P<sign><=|>=|<>|!=|[-+*/=<>(),]))"
)
_INTERVAL = re.compile(r"'(\d+) (years?|months?|days?)'")
_ORDERED: dict[str, Comparing] = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_EQUAL: dict[str, Comparing] = {"=": "eq", "<>": "ne", "!=": "ne"}
_ADDING: dict[str, Sign] = {"+": "+", "-": "-"}
_MULTIPLYING: dict[str, Sign] = {"*": "*", "/": "/"}
_COMPARING, _COMPUTING = _EQUAL | _ORDERED, _ADDING | _MULTIPLYING
_ARGUMENTS: Mapping[str, tuple[int, int]] = {
    "abs": (1, 1), "array_contains": (2, 2), "coalesce": (1, 9), "greatest": (1, 9), "least": (1, 9), "left": (2, 2),
    "nullif": (2, 2), "quantity": (2, 2), "right": (2, 2), "round": (1, 2),
}  # fmt: skip
"""Functions that are called here, with the fewest and the most arguments."""

_WORDS = """
    all alter analyze and any array as begin between cache call case comment commit connect_by_root copy create
    cross current_catalog current_date current_time current_timestamp current_user delete desc describe distinct
    drop else except execute explain false fetch for from glob grant having if ilike in inner insert intersect
    interval into is join kill lateral like list load localtime localtimestamp map merge not notnull null nullable
    object on optimize or outer partitioned_by pivot pragma prepare qualify range regexp rename returning revoke
    rlike rollback select session_user set show straight_join struct table tablesample then true truncate uncache
    union unpivot update use using vacuum values when where with xor
    """
WORDS_OF_SQL = frozenset(_WORDS.split())
"""Words that mean something to the parser where a name may stand; none of them is a plain name."""

_CONDITIONS = (Among, Between, Denial, IsMissing)


class _NotPlain(Exception):
    """The parser is to read it."""


class Piece:
    """A piece of an expression: the parser's node of it, when somebody asks for one."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _tree(self) -> Any:
        return parsing.parsed(self.text)

    def sql(self) -> str:
        """The piece as the parser writes it."""
        return str(self._tree.sql())

    def copy(self) -> Any:
        """The parser's node, for whoever changes it."""
        return self._tree.copy()


Joining = Callable[[str, Node, Node, Piece], Node]
"""What becomes of a sign, what stands on its two sides, and all of it as it is written."""


def _comparison(sign: str, left: Node, right: Node, piece: Piece) -> Node:
    if isinstance(left, _CONDITIONS) or isinstance(right, _CONDITIONS):
        # Whoever compares what is true of a value with something else may have meant anything.
        raise _NotPlain
    return Comparison(_COMPARING[sign], left, right, source=piece)


def _arithmetic(sign: str, left: Node, right: Node, piece: Piece) -> Node:
    return Arithmetic(_COMPUTING[sign], left, right, source=piece)


def plain(text: str) -> Node | None:
    """The nodes of a plain expression; `None` for one that the parser has to read."""
    try:
        return _Reader(understood(text)).whole()
    except _NotPlain:
        return None


class _Reader:
    """One text read from left to right; each kind of sign binds as in SQL."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.end = text, 0, 0
        self.tokens: list[tuple[str, str, int, int]] = []
        place, last, deep = 0, len(text.rstrip()), 0
        if text.count("(") > MOST_BRACKETS:
            raise _NotPlain
        while place < last:
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                raise _NotPlain
            place, kind = found.end(), found.lastgroup
            written = found[kind].lower() if kind == "word" and found[kind].lower() in WORDS_OF_SQL else found[kind]
            deep += kind in ("sign", "word") and written != ","
            if deep > DEEPEST or text.startswith(("--", "/*"), found.start(kind)):
                raise _NotPlain
            self.tokens.append((kind, written, found.start(kind), place))

    def whole(self) -> Node:
        """The nodes of all of it."""
        node = self._any()
        if self.at < len(self.tokens):
            raise _NotPlain
        return node

    # ---------------------------------------------------------------------------------------------------------- tokens

    def _next(self, *signs: str) -> str | None:
        """The next token, taken if it is one of some signs or words."""
        if self.at < len(self.tokens):
            kind, written, _, end = self.tokens[self.at]
            if kind in ("sign", "word") and written in signs:
                self.at, self.end = self.at + 1, end
                return written
        return None

    def _taken(self) -> tuple[str, str]:
        """The next token, whatever it is."""
        if self.at >= len(self.tokens):
            raise _NotPlain
        kind, written, _, self.end = self.tokens[self.at]
        self.at += 1
        return kind, written

    def _must(self, sign: str) -> None:
        if self._next(sign) is None:
            raise _NotPlain

    @property
    def _start(self) -> int:
        if self.at >= len(self.tokens):
            raise _NotPlain
        return self.tokens[self.at][2]

    def _since(self, start: int) -> Piece:
        return Piece(self.text[start : self.end])

    # ---------------------------------------------------------------------------------------------------------- levels

    def _joined(
        self, part: Callable[[], Node], signs: Iterable[str], join: Joining, then: Callable[[], Node] | None = None
    ) -> Node:
        """Parts with signs between them, from the left; `then` reads those behind a sign, where these differ."""
        start, node = self._start, part()
        while sign := self._next(*signs):
            right = (then or part)()
            node = join(sign, node, right, self._since(start))
        return node

    def _any(self) -> Node:
        return self._joined(self._all, ("or",), lambda _, a, b, piece: Logic("or", a, b, source=piece))

    def _all(self) -> Node:
        return self._joined(self._perhaps_not, ("and",), lambda _, a, b, piece: Logic("and", a, b, source=piece))

    def _perhaps_not(self) -> Node:
        start = self._start
        if self._next("not"):
            return Denial(self._equal(), source=self._since(start))
        return self._equal()

    def _equal(self) -> Node:
        return self._joined(self._compared, _EQUAL, _comparison)

    def _compared(self) -> Node:
        return self._joined(self._within, _ORDERED, _comparison)

    def _within(self) -> Node:
        """`a between b and c`, `a in (b, c)`, `a is null`, and the same denied."""
        start, node = self._start, self._sum()
        inner = self.text[start : self.end]
        if self._next("is"):
            denied = self._next("not") is not None
            self._must("null")
            node = IsMissing(node, source=Piece(f"{inner} is null"))
        else:
            denied = self._next("not") is not None
            after = self.end
            if self._next("in"):
                self._must("(")
                node = Among(node, self._several(), source=Piece(f"{inner} {self._from_word(after)}"))
            elif self._next("between"):
                low = self._sum()
                self._must("and")
                node = Between(node, low, self._sum(), source=Piece(f"{inner} {self._from_word(after)}"))
            elif denied:
                raise _NotPlain
            else:
                return node
        return Denial(node, source=self._since(start)) if denied else node

    def _from_word(self, after: int) -> str:
        return self.text[after : self.end].strip()

    def _sum(self) -> Node:
        return self._joined(self._product, _ADDING, _arithmetic, lambda: self._interval() or self._product())

    def _interval(self) -> Node | None:
        """`interval '2 years'`, to which nothing more is added."""
        start = self._start
        if self._next("interval") is None:
            return None
        stated = _INTERVAL.fullmatch(self._taken()[1])
        if stated is None or self._next(*_ADDING, *_MULTIPLYING):
            raise _NotPlain
        return Interval(stated[1], stated[2].upper(), source=self._since(start))

    def _product(self) -> Node:
        return self._joined(self._signed, _MULTIPLYING, _arithmetic)

    def _signed(self) -> Node:
        start = self._start
        if self._next("-"):
            return Negative(self._signed(), source=self._since(start))
        return self._one()

    def _one(self) -> Node:
        start = self._start
        if self._next("("):
            inner = self._any()
            self._must(")")
            return Brackets(inner, source=self._since(start))
        if word := self._next("true", "false"):
            return Truth(word == "true", source=self._since(start))
        if self._next("if"):
            return self._choice(start)
        kind, written = self._taken()
        if kind == "number":
            return Number(Decimal(written), source=self._since(start))
        if kind == "text":
            return Text(written[1:-1], source=self._since(start))
        if kind != "word" or written in WORDS_OF_SQL:
            raise _NotPlain
        if not self._next("("):
            return Name(written, source=self._since(start))
        fewest, most = _ARGUMENTS.get(written.lower(), (1, 0))
        arguments = self._several()
        if not fewest <= len(arguments) <= most:
            raise _NotPlain
        return Call(written.lower(), arguments, source=self._since(start))

    def _choice(self, start: int) -> Node:
        """`if(a, b, c)`."""
        self._must("(")
        parts = self._several()
        if len(parts) != 3:
            raise _NotPlain
        source = self._since(start)
        return Choice(None, (Branch(parts[0], parts[1], source=source),), parts[2], source=source)

    def _several(self) -> tuple[Node, ...]:
        """What stands between brackets, of which the first is taken, by commas."""
        several = [self._any()]
        while self._next(","):
            several.append(self._any())
        self._must(")")
        return tuple(several)
