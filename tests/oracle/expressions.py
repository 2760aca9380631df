"""Numbers (design section 4) and expressions (section 7.2) of the oracle: one small recursive-descent parser.

An expression becomes a `Node` with a kind that is known before any data is seen, because the kind decides
what is exact and what is a float: exact (Decimal), float, text, date, bool, list, null (the literal).
"""

import math
import operator
import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

EXACT, FLOAT, TEXT, DATE = "exact", "float", "text", "date"
BOOL, LIST, NULL, INTERVAL = "bool", "list", "null", "interval"
NUMBERS = {EXACT, FLOAT, NULL}
WIDE = Context(prec=120)

Get = Callable[[str], Any]


class OracleError(Exception):
    """The rating stops: `kind` is a word, `detail` says where."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail = kind, detail


# ------------------------------------------------------------------------------------------ numbers (section 4)


def units12(x: float) -> int:
    """A finite float in units of 10⁻¹², half to even (S1)."""
    return round(x * 1e12)


def at12(x: float) -> float | None:
    """A float taken at 12 decimals; what is not finite is missing (S1)."""
    return units12(x) / 1e12 if math.isfinite(x * 1e12) else None


def rational(x: Decimal | float) -> Fraction:
    """The number as it enters sums: decimals exactly, floats at 12 decimals."""
    return Fraction(units12(x), 10**12) if isinstance(x, float) else Fraction(x)


def half_away(x: Fraction, places: int) -> Decimal:
    """四舍五入 to `places` decimals (S2)."""
    scaled = abs(x) * 10**places
    nearest = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-nearest if x < 0 else nearest).scaleb(-places, WIDE)


def as_number(x: Fraction) -> float:
    """A fraction rounded half away at 12 decimals, as a float."""
    return float(half_away(x, 12))


def comparable(x: Any) -> Any:
    """What is compared, ranked and grouped: floats at 12 decimals, everything else itself."""
    return at12(x) if isinstance(x, float) else x


def pair(x: Any, y: Any) -> tuple[Any, Any]:
    """Two values made comparable: exact with exact, otherwise both as floats at 12 decimals (S3)."""
    if isinstance(x, float) or isinstance(y, float):
        return at12(float(x)), at12(float(y))
    return x, y


def finite(x: float) -> float | None:
    """Never infinity, never NaN."""
    return x if math.isfinite(x) else None


# ------------------------------------------------------------------------------------------------------- nodes


@dataclass(frozen=True)
class Node:
    """One typed expression; `run` takes a function that looks names up."""

    kind: str
    constant: bool
    run: Callable[[Get], Any]


def literal(kind: str, value: Any) -> Node:
    return Node(kind, True, lambda get: value)


def strict(kind: str, nodes: Iterable[Node], function: Callable[..., Any]) -> Node:
    """Missing propagates through every operator and function (section 7.2)."""
    nodes = list(nodes)

    def run(get: Get) -> Any:
        values = [node.run(get) for node in nodes]
        return None if any(value is None for value in values) else function(*values)

    return Node(kind, all(node.constant for node in nodes), run)


def expect(condition: bool, what: str) -> None:
    if not condition:
        raise OracleError("expression", what)


def common(nodes: Iterable[Node]) -> tuple[str, list[Node]]:
    """One kind for the branches of case, coalesce, greatest …: a float among exact ones makes all floats."""
    nodes = list(nodes)
    kinds = {node.kind for node in nodes} - {NULL}
    if kinds == {EXACT, FLOAT}:
        return FLOAT, [strict(FLOAT, [node], float) if node.kind == EXACT else node for node in nodes]
    expect(len(kinds) <= 1, f"kinds that do not fit: {sorted(kinds)}")
    return (kinds or {NULL}).pop(), nodes


FLOAT_OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
EXACT_OPERATORS = {"+": WIDE.add, "-": WIDE.subtract, "*": WIDE.multiply}


def arithmetic(op: str, a: Node, b: Node) -> Node:
    """`+`, `-` and `*` by a literal stay exact; `/` and products of two quantities are floats (S3)."""
    if INTERVAL in (a.kind, b.kind):
        expect(op in "+-" and a.kind == DATE, "an interval is added to a date")
        return strict(DATE, [a, b], lambda day, span: shift(day, span if op == "+" else (-span[0], -span[1])))
    expect({a.kind, b.kind} <= NUMBERS, f"{a.kind} {op} {b.kind}")
    if op == "/":
        return strict(FLOAT, [a, b], lambda x, y: None if y == 0 else finite(float(x) / float(y)))
    if FLOAT not in (a.kind, b.kind) and (op != "*" or a.constant or b.constant):
        return strict(EXACT, [a, b], EXACT_OPERATORS[op])
    return strict(FLOAT, [a, b], lambda x, y: finite(FLOAT_OPERATORS[op](float(x), float(y))))


def shift(day: date, span: tuple[int, int]) -> date:
    """A date moved by months (the end of a short month holds) and days."""
    months = day.year * 12 + day.month - 1 + span[0]
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])) + timedelta(days=span[1])


COMPARISONS = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(op: str, a: Node, b: Node) -> Node:
    expect(a.kind == b.kind or NULL in (a.kind, b.kind) or {a.kind, b.kind} <= NUMBERS, f"{a.kind} {op} {b.kind}")

    def decide(x: Any, y: Any) -> bool | None:
        x, y = pair(x, y)
        return None if x is None or y is None else COMPARISONS[op](x, y)

    return strict(BOOL, [a, b], decide)


def code_between(code: Node, low: str, high: str) -> Node:
    """Whether a code's first digits, as many as the bounds have, lie between these; unknown of a shorter one."""

    def run(get: Any) -> bool | None:
        value = code.run(get)
        return None if value is None or len(value) < len(low) else low <= value[: len(low)] <= high

    return Node(BOOL, False, run)


def negate(node: Node) -> Node:
    expect(node.kind in (BOOL, NULL), "not wants a condition")
    return strict(BOOL, [node], operator.not_)


def junction(nodes: list[Node], decisive: bool) -> Node:
    """Three-valued `or` (decisive True) and `and` (decisive False)."""
    if len(nodes) == 1:
        return nodes[0]
    expect({node.kind for node in nodes} <= {BOOL, NULL}, "and/or want conditions")

    def run(get: Get) -> bool | None:
        values = [node.run(get) for node in nodes]
        return decisive if decisive in values else None if None in values else not decisive

    return Node(BOOL, all(node.constant for node in nodes), run)


def choice(whens: list[tuple[Node, Node]], otherwise: Node) -> Node:
    """`case`: a null condition is not met."""
    kind, values = common([*(value for _, value in whens), otherwise])
    conditions = [condition for condition, _ in whens]
    expect({condition.kind for condition in conditions} <= {BOOL, NULL}, "when wants a condition")

    def run(get: Get) -> Any:
        hit = next((i for i, condition in enumerate(conditions) if condition.run(get) is True), len(conditions))
        return values[hit].run(get)

    return Node(kind, all(node.constant for node in [*conditions, *values]), run)


# --------------------------------------------------------------------------------------------------- functions


def coalesce(*nodes: Node) -> Node:
    kind, same = common(nodes)

    def run(get: Get) -> Any:
        return next((value for value in (node.run(get) for node in same) if value is not None), None)

    return Node(kind, all(node.constant for node in same), run)


def extreme(choose: Callable[..., Any]) -> Callable[..., Node]:
    def build(*nodes: Node) -> Node:
        kind, same = common(nodes)
        return strict(kind, same, lambda *values: choose(values))

    return build


def numeric(function: Callable[..., float]) -> Callable[..., Node]:
    """`ln`, `exp`, `power`, `sqrt`: floats taken at 12 decimals at once; outside their domain missing."""

    def guarded(*values: Any) -> float | None:
        try:
            return at12(function(*(float(value) for value in values)))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None

    def build(*nodes: Node) -> Node:
        expect({node.kind for node in nodes} <= NUMBERS, "a number is wanted")
        return strict(FLOAT, nodes, guarded)

    return build


def rounded(node: Node, places: Node | None = None) -> Node:
    digits = 0 if places is None else int(places.run(str))
    if node.kind == FLOAT:
        return strict(FLOAT, [node], lambda x: as_number(Fraction(half_away(rational(x), digits))))
    return strict(EXACT, [node], lambda x: half_away(Fraction(x), digits))


def whole(function: Callable[[Any], int]) -> Callable[[Node], Node]:
    """`floor` and `ceil`; a float is taken at 12 decimals first."""

    def build(node: Node) -> Node:
        into: Callable[[int], Any] = float if node.kind == FLOAT else Decimal
        return strict(node.kind, [node], lambda x: into(function(rational(x))))

    return build


def absolute(node: Node) -> Node:
    return strict(node.kind, [node], lambda x: abs(x) if isinstance(x, float) else x.copy_abs())


def nullif(a: Node, b: Node) -> Node:
    same = compare("=", a, b)
    return Node(a.kind, a.constant and b.constant, lambda get: a.run(get) if same.run(get) is False else None)


def full_months(x: date, y: date) -> int:
    """Full months from x to y; a month begun counts only backwards."""
    months = (y.year - x.year) * 12 + y.month - x.month
    return months - 1 if y >= x and y.day < x.day else months


def dates_apart(count: Callable[[date, date], int]) -> Callable[[Node, Node], Node]:
    return lambda a, b: strict(EXACT, [a, b], lambda x, y: Decimal(count(x, y)))


def part_of_date(part: str) -> Callable[[Node], Node]:
    return lambda node: strict(EXACT, [node], lambda day: Decimal(getattr(day, part)))


def taking(kind: str, function: Callable[..., Any], *wanted: str) -> Callable[..., Node]:
    """A plain function of arguments of the given kinds (the last one repeats)."""

    def build(*nodes: Node) -> Node:
        for i, node in enumerate(nodes):
            expect(node.kind in (wanted[min(i, len(wanted) - 1)], NULL), f"{node.kind} is not {wanted}")
        return strict(kind, nodes, function)

    return build


def substring(text: str, start: Decimal, length: Decimal | None = None) -> str:
    begin = int(start) - 1
    return text[begin:] if length is None else text[begin : begin + int(length)]


FUNCTIONS: dict[str, Callable[..., Node]] = {
    "coalesce": coalesce,
    "greatest": extreme(max),
    "least": extreme(min),
    "nullif": nullif,
    "if": lambda condition, yes, no: choice([(condition, yes)], no),
    "abs": absolute,
    "round": rounded,
    "floor": whole(math.floor),
    "ceil": whole(math.ceil),
    "ln": numeric(math.log),
    "exp": numeric(math.exp),
    "sqrt": numeric(math.sqrt),
    "power": numeric(math.pow),
    "concat": taking(TEXT, lambda *texts: "".join(texts), TEXT),
    "left": taking(TEXT, lambda text, n: text[: int(n)], TEXT, EXACT),
    "right": taking(TEXT, lambda text, n: text[max(len(text) - int(n), 0) :], TEXT, EXACT),
    "substring": taking(TEXT, substring, TEXT, EXACT),
    "length": taking(EXACT, lambda text: Decimal(len(text)), TEXT),
    "starts_with": taking(BOOL, str.startswith, TEXT),
    "array_contains": taking(BOOL, lambda members, text: text in members, LIST, TEXT),
    "array_length": taking(EXACT, lambda members: Decimal(len(members)), LIST),
    "year": part_of_date("year"),
    "month": part_of_date("month"),
    "day": part_of_date("day"),
    "days_between": dates_apart(lambda x, y: (y - x).days),
    "months_between": dates_apart(full_months),
    "years_between": dates_apart(lambda x, y: full_months(x, y) // 12),
    "quantity": lambda number, unit: number,
}


# ------------------------------------------------------------------------------------------------------ parser

TOKEN = re.compile(
    r"""\s*(?: (?P<number> \d+(?:\.\d+)?(?:[eE][+-]?\d+)? | \.\d+ )
      | (?P<string> '(?:[^']|'')*' ) | (?P<quoted> "[^"]+" ) | (?P<word> [^\W\d]\w* )
      | (?P<sign> <= | >= | <> | != | \|\| | [-+*/()=<>,] ) )""",
    re.VERBOSE,
)


class Parser:
    """Precedence, loosest first: or, and, not, predicates, ||, + −, * /, sign."""

    def __init__(self, text: str, kind_of: Callable[[str], str]) -> None:
        self.text, self.kind_of, self.tokens, self.at = text, kind_of, [("", "")], 0
        position, stripped = 0, text.rstrip()
        self.tokens.clear()
        while position < len(stripped):
            match = TOKEN.match(stripped, position)
            if match is None:
                raise OracleError("expression", f"cannot read {stripped[position:]!r} in {text!r}")
            self.tokens.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
            position = match.end()
        self.tokens.append(("end", ""))

    def take(self, *words: str) -> str | None:
        """The next token if it is one of these signs or keywords."""
        group, text = self.tokens[self.at]
        if group in ("word", "sign") and text.lower() in words:
            self.at += 1
            return text.lower()
        return None

    def need(self, word: str) -> None:
        expect(self.take(word) is not None, f"{word} expected in {self.text!r}")

    def whole(self) -> Node:
        node = self.condition()
        expect(self.tokens[self.at][0] == "end", f"more than one expression in {self.text!r}")
        return node

    def condition(self) -> Node:
        parts = [self.conjunction()]
        while self.take("or"):
            parts.append(self.conjunction())
        return junction(parts, True)

    def conjunction(self) -> Node:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return junction(parts, False)

    def negation(self) -> Node:
        return negate(self.negation()) if self.take("not") else self.predicate()

    def predicate(self) -> Node:
        left = self.joined()
        if op := self.take(*COMPARISONS):
            return compare(op, left, self.joined())
        if self.take("is"):
            absent = not self.take("not")
            self.need("null")
            return Node(BOOL, left.constant, lambda get: (left.run(get) is None) == absent)
        unlike = self.take("not") is not None
        if self.take("in"):
            self.need("(")
            condition = junction([compare("=", left, member) for member in self.arguments()], True)
        elif self.take("between"):
            low = self.joined()
            self.need("and")
            high = self.joined()
            if left.kind == TEXT:
                condition = code_between(left, low.run(lambda _: None), high.run(lambda _: None))
            else:
                condition = junction([compare(">=", left, low), compare("<=", left, high)], False)
        elif self.take("like"):
            condition = taking(BOOL, like, TEXT)(left, self.joined())
        else:
            expect(not unlike, f"in, between or like expected in {self.text!r}")
            return left
        return negate(condition) if unlike else condition

    def joined(self) -> Node:
        node = self.sum()
        while self.take("||"):
            node = FUNCTIONS["concat"](node, self.sum())
        return node

    def sum(self) -> Node:
        node = self.product()
        while op := self.take("+", "-"):
            node = arithmetic(op, node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while op := self.take("*", "/"):
            node = arithmetic(op, node, self.signed())
        return node

    def signed(self) -> Node:
        if self.take("-"):
            node = self.signed()
            expect(node.kind in NUMBERS, "minus wants a number")
            return strict(node.kind, [node], lambda x: -x if isinstance(x, float) else x.copy_negate())
        return self.signed() if self.take("+") else self.primary()

    def arguments(self) -> list[Node]:
        """Comma-separated expressions up to the closing bracket."""
        nodes: list[Node] = []
        while not self.take(")"):
            if nodes:
                self.need(",")
            nodes.append(self.condition())
        return nodes

    def primary(self) -> Node:
        if self.take("("):
            node = self.condition()
            self.need(")")
            return node
        if self.take("case"):
            return self.case()
        if word := self.take("true", "false", "null"):
            return literal(NULL, None) if word == "null" else literal(BOOL, word == "true")
        group, text = self.tokens[self.at]
        following = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        self.at += 1
        if group == "number":
            return literal(EXACT, Decimal(text))
        if group == "string":
            return literal(TEXT, text[1:-1].replace("''", "'"))
        if group == "quoted":
            return self.name(text[1:-1])
        expect(group == "word", f"a value expected at {text!r} in {self.text!r}")
        if text.lower() == "date" and following[0] == "string":
            self.at += 1
            return literal(DATE, date.fromisoformat(following[1][1:-1]))
        if text.lower() == "interval" and following[0] in ("string", "number"):
            return self.interval()
        if self.take("("):
            return self.call(text.lower())
        return self.name(text)

    def name(self, name: str) -> Node:
        return Node(self.kind_of(name), False, lambda get: get(name))

    def call(self, name: str) -> Node:
        if name == "extract":
            part = self.tokens[self.at][1].lower()
            self.at += 1
            self.need("from")
            (node,) = [self.condition()]
            self.need(")")
            return FUNCTIONS[part](node)
        expect(name in FUNCTIONS, f"unknown function {name}")
        return FUNCTIONS[name](*self.arguments())

    def interval(self) -> Node:
        """`interval '2 years'`, `interval '2' year`, `interval 2 year`."""
        words = self.tokens[self.at][1].strip("'").split()
        self.at += 1
        if len(words) == 1:
            words.append(self.tokens[self.at][1])
            self.at += 1
        number, unit = int(words[0]), words[1].lower().rstrip("s")
        spans = {"year": (12 * number, 0), "month": (number, 0), "week": (0, 7 * number), "day": (0, number)}
        return literal(INTERVAL, spans[unit])

    def case(self) -> Node:
        of = None if self.take("when") else self.condition()
        if of is not None:
            self.need("when")
        whens: list[tuple[Node, Node]] = []
        while True:
            condition = self.condition()
            self.need("then")
            whens.append((condition if of is None else compare("=", of, condition), self.condition()))
            if not self.take("when"):
                break
        otherwise = self.condition() if self.take("else") else literal(NULL, None)
        self.need("end")
        return choice(whens, otherwise)


def like(text: str, pattern: str) -> bool:
    wanted = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(wanted, text, re.DOTALL) is not None


def compile_expression(expression: Any, kind_of: Callable[[str], str]) -> Node:
    """A number or a text of the rule file as a typed node."""
    if expression is None or isinstance(expression, bool):
        return literal(NULL if expression is None else BOOL, expression)
    if isinstance(expression, int | Decimal):
        return literal(EXACT, Decimal(expression))
    return Parser(str(expression), kind_of).whole()
