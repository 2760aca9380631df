"""Expressions as a Chinese document would put them: names by their labels, comparisons in words.

`scale = '规上' and land_mu >= 3` reads “规模为规上，且实际用地不少于3亩”. The words say exactly what the expression
says; what has no words of its own is written as a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal
from itertools import pairwise
from typing import assert_never

from mujun.dataclass import dataclass
from mujun.fields import FRAME_FIELDS
from mujun.messages import show
from mujun.numbers import NO_UNIT
from mujun.rules.expressions import Expression, Meaning, Node, Scope, tree_of, walk
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
    DatePart,
    Day,
    Denial,
    Foreign,
    Interval,
    IsMissing,
    Like,
    Logic,
    Missing,
    Name,
    Negative,
    Number,
    Sign,
    Text,
    Truth,
    unwrapped,
)

_NUMBERS: Mapping[Comparing, tuple[str, str]] = {
    "ge": ("不少于", "不低于"), "gt": ("大于", "高于"), "lt": ("小于", "低于"), "le": ("不超过", "不高于"),
    "eq": ("等于", "等于"), "ne": ("不等于", "不等于"),
}  # fmt: skip
_DATES: Mapping[Comparing, str] = {
    "ge": "不早于", "gt": "晚于", "lt": "早于", "le": "不晚于", "eq": "为", "ne": "不是",
}  # fmt: skip
_SIGNS: Mapping[Sign, tuple[str, int]] = {"+": (" + ", 1), "-": (" − ", 1), "*": (" × ", 2), "/": (" ÷ ", 2)}
_FUNCTIONS: Mapping[str, str] = {
    "nullif": "{}（为{}时视为缺失）", "abs": "{}的绝对值", "floor": "{}向下取整", "ceil": "{}向上取整",
    "sqrt": "{}的平方根", "power": "（{}）的{}次方", "ln": "ln（{}）", "exp": "exp（{}）", "array_length": "{}的个数",
    "starts_with": "{}以{}开头", "length": "{}的字数", "left": "{}的前{}位", "right": "{}的后{}位",
    "months_between": "{}至{}的足月数", "days_between": "{}至{}的天数", "years_between": "{}至{}的足年数",
}  # fmt: skip
_WRITTEN = ("substring", "concat")
"""Functions that are told as they are written."""
_PARTS = {"year": "年份", "month": "月份", "day": "日"}
_PERIODS = {"year": "年", "month": "个月", "mon": "个月", "day": "天"}
MOST_LISTED = 12
"""Texts of one `in (…)` that are listed before a run of numbers is written as “甲至乙”."""


@dataclass(frozen=True)
class Words:
    """The names of a scope in words.

    Attributes:
        scope: the names an expression may use.
        labels: words for names that have no label of their own, such as a statistic's description.
        units: units as the rule file writes them, by name.
        values: words for the codes that a name may have, such as treatments and cohorts.
    """

    scope: Scope
    labels: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """A name in words."""
        meaning = self.scope.meanings.get(name)
        if name in self.labels:
            return self.labels[name]
        return meaning.label if meaning is not None and meaning.label else _WORDS.get(name, name)

    def meanings(self, names: Iterable[str]) -> list[Meaning]:
        """What names stand for, sorted by name, each with its words for a label."""
        return [replace(self.scope.meanings[n], label=self.of(n)) for n in sorted(names)]

    def unit_of(self, name: str) -> str:
        """The unit of a name as a document writes it; nothing for a plain number."""
        if name in self.units:
            return self.units[name]
        if name in FRAME_FIELDS:
            return FRAME_FIELDS[name].unit
        meaning = self.scope.meanings.get(name)
        unit = meaning.unit if meaning is not None else None
        return str(unit) if unit is not None and unit != NO_UNIT and unit.factor == 1 else ""


def in_words(source: Expression | str, words: Words) -> str:
    """An expression in Chinese words.

    Args:
        source: the expression.
        words: the names it uses.
    """
    expression = Expression(source) if isinstance(source, str) else source
    tree = tree_of(expression)
    return _Saying(words).whole(tree) if tree is not None else expression.text


_WORDS = {
    "rank": "名次",
    "size": "参评数",
    "value": "指标值",
    "benchmark": "基准值",
    "weight": "权重",
    "cohort": "评价组别",
}


class _Saying:
    """One walk over an expression; every kind of node has its words."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.scope = words.scope

    def whole(self, node: Node) -> str:
        """The words of a node; the formula as written where it has none."""
        match node:
            case Name(word):
                meaning = self.scope.find(word)
                return self.words.of(meaning.name if meaning is not None else word)
            case Number(value):
                return show(value)
            case Text(text):
                return f"“{text}”"
            case Truth(holds):
                return "全部" if holds else "无"
            case Missing():
                return "缺失"
            case Day(text):
                return text
            case Interval():
                return _time(node)
            case Brackets(inner):
                return f"（{self.whole(inner)}）"
            case Negative(inner):
                return f"−{self.whole(inner)}"
            case Arithmetic():
                return self.calculation(node)
            case Comparison():
                return self.comparison(node)
            case Logic():
                return self.joined(node)
            case Denial(inner):
                return self.denial(unwrapped(inner))
            case Between(inner, low, high):
                return f"{self.whole(inner)}在{self.whole(low)}至{self.whole(high)}{self.unit(inner)}之间（含两端）"
            case Among():
                return self.membership(node, "为")
            case IsMissing(inner):
                return f"没有{self.recorded(inner)}"
            case Like(inner, pattern):
                return f"{self.whole(inner)}形如{self.whole(pattern)}"
            case Branch(condition, result):
                return f"{self.whole(condition)}的，为{self.whole(result)}"
            case Choice():
                return self.choice(node)
            case DatePart(part, inner):
                return f"{self.whole(inner)}的{_PARTS[part]}"
            case Call():
                return self.function(node)
            case Foreign():
                return node.sql
            case _:
                assert_never(node)

    def meaning(self, node: Node) -> Meaning | None:
        """What a plain name means."""
        inner = unwrapped(node)
        return self.scope.find(inner.word) if isinstance(inner, Name) else None

    def text_of(self, node: Node, text: str) -> str:
        """A text that a name is held against: a code by its word."""
        meaning = self.meaning(node)
        return self.words.values.get(meaning.name, {}).get(text, text) if meaning is not None else text

    def unit(self, node: Node) -> str:
        """The unit that a number beside a plain name has."""
        meaning = self.meaning(node)
        return self.words.unit_of(meaning.name) if meaning is not None else ""

    # ------------------------------------------------------------------------------------------------- conditions

    def joined(self, node: Logic) -> str:
        """`and` and `or`; where they are mixed the inner one is put in brackets."""
        parts: list[str] = []
        for part in (node.left, node.right):
            inner = unwrapped(part)
            alike = isinstance(inner, Logic) and inner.word == node.word
            plain = inner if alike else part
            mixed = isinstance(plain, Logic) and not alike
            parts.append(f"（{self.whole(plain)}）" if mixed else self.whole(plain))
        return ("，且" if node.word == "and" else "，或").join(parts)

    def denial(self, inner: Node) -> str:
        """`not`: in plain words where there are some."""
        match inner:
            case IsMissing(what):
                return f"有{self.recorded(what)}"
            case Among():
                return self.membership(inner, "不是")
            case Call("array_contains"):
                return self.contains(inner, "没有")
        return f"不满足“{self.whole(inner)}”"

    def recorded(self, node: Node) -> str:
        """What is there or is missing: 园区, 用地面积的数据."""
        meaning = self.meaning(node)
        texts = meaning is not None and meaning.kind not in ("exact", "number")
        return self.whole(node) if texts else f"{self.whole(node)}的数据"

    def comparison(self, node: Comparison) -> str:
        """A comparison, by what is compared."""
        left, right = node.left, node.right
        kinds = {m.kind for m in (self.meaning(left), self.meaning(right)) if m is not None}
        if isinstance(right, Text) and "date" not in kinds:
            return f"{self.whole(left)}{'为' if node.op == 'eq' else '不是'}{self.text_of(left, right.value)}"
        if isinstance(right, Truth):
            return self.whole(left) if right.value == (node.op == "eq") else f"不满足“{self.whole(left)}”"
        if "date" in kinds or any(isinstance(n, Interval) for side in (left, right) for n in walk(side)):
            day = right.value if isinstance(right, Text) else self.whole(right)
            return f"{self.whole(left)}{_DATES[node.op]}{day}"
        plain, between = _NUMBERS[node.op]
        if _number(right) is not None:
            return f"{self.whole(left)}{plain}{self.whole(right)}{self.unit(left)}"
        return f"{self.whole(left)}{between}{self.whole(right)}"

    def membership(self, node: Among, word: str) -> str:
        """`in`: a run of numbers is written by its ends."""
        texts = [self.text_of(node.inner, i.value) if isinstance(i, Text) else self.whole(i) for i in node.items]
        whole = self.whole(node.inner)
        if len(texts) >= MOST_LISTED and _is_run(texts):
            return f"{whole}{word}{texts[0]}至{texts[-1]}"
        return f"{whole}{word}{'、'.join(texts)}" + ("之一" if len(texts) > 1 else "")

    def contains(self, node: Call, word: str = "有") -> str:
        """A label that a subject has."""
        those, wanted = node.arguments
        meaning = self.meaning(those)
        if meaning is not None and meaning.name == "labels":
            return f"{word}“{_bare(wanted)}”标签"
        return f"{self.whole(those)}中{word}{self.whole(wanted)}"

    def choice(self, node: Choice) -> str:
        """`if` and `case`."""
        subject = f"{self.whole(node.subject)}为" if node.subject is not None else ""
        parts = [f"{subject}{self.whole(branch)}" for branch in node.branches]
        parts.append(f"其余为{self.whole(node.otherwise)}" if node.otherwise is not None else "其余缺失")
        return "（" + "；".join(parts) + "）"

    # ---------------------------------------------------------------------------------------------- calculation

    def calculation(self, node: Arithmetic) -> str:
        """`+ − × ÷`, with brackets only where they are needed; a date moves by a time."""
        sign, strength = _SIGNS[node.sign]
        if isinstance(node.right, Interval):
            return f"{self.whole(node.left)}{'加' if node.sign == '+' else '减'}{self.whole(node.right)}"
        return f"{self._side(node.left, strength)}{sign}{self._side(node.right, strength + 1)}"

    def _side(self, node: Node, strength: int) -> str:
        inner = unwrapped(node)
        words, binds = self.whole(inner), _SIGNS[inner.sign][1] if isinstance(inner, Arithmetic) else None
        weaker = binds is not None and binds < strength
        spoken = isinstance(inner, Call) and inner.function in ("greatest", "least")
        same = binds is not None and isinstance(node, Brackets) and binds <= strength
        return f"（{words}）" if weaker or spoken or same else words

    def coalesce(self, parts: Sequence[Node]) -> str:
        """`coalesce`: what stands in for what is missing, or is zero."""
        sentence = self.whole(_or_zero(parts[0]) or parts[0])
        for position, (before, part) in enumerate(pairwise(parts)):
            when = "缺失或为0" if _or_zero(before) is not None else "缺失"
            sentence += f"{'，再' if position else '（'}{when}时为{self.whole(_or_zero(part) or part)}"
        return sentence + "）"

    def function(self, node: Call) -> str:
        """A function, in words where it has some."""
        arguments = [self.whole(a) for a in node.arguments]
        match node.function:
            case "coalesce":
                return self.coalesce(node.arguments)
            case "greatest" | "least":
                return f"{'、'.join(arguments)}中较{'大' if node.function == 'greatest' else '小'}者"
            case "round":
                return f"{arguments[0]}（四舍五入到{arguments[1] if len(arguments) > 1 else 0}位小数）"
            case "array_contains":
                return self.contains(node)
            case "quantity" if len(arguments) == 2:
                return f"{arguments[0]}{_bare(node.arguments[1])}"
        pattern = _FUNCTIONS.get(node.function)
        if pattern is not None and pattern.count("{}") == len(arguments):
            return pattern.format(*arguments)
        return node.sql if node.function in _WRITTEN else f"{node.function}（{'，'.join(arguments)}）"


def _number(node: Node) -> Decimal | None:
    inner = node.inner if isinstance(node, (Brackets, Negative)) else node
    return inner.value if isinstance(inner, Number) else None


def _bare(node: Node) -> str:
    """A text without quotes."""
    return node.value if isinstance(node, Text) else node.sql


def _or_zero(node: Node) -> Node | None:
    """What `nullif(x, 0)` is about: zero counts as missing."""
    match node:
        case Call("nullif", (inner, other)) if _number(other) == 0:
            return inner
    return None


def _time(node: Interval) -> str:
    """A time: `2 years`."""
    amount, _, written = node.amount.partition(" ")
    unit = (written or node.unit).lower().rstrip("s")
    return f"{amount}{_PERIODS.get(unit, unit)}"


def _is_run(texts: list[str]) -> bool:
    return all(t.isdigit() for t in texts) and [int(t) for t in texts] == list(
        range(int(texts[0]), int(texts[0]) + len(texts))
    )
