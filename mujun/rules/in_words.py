"""Expressions as a Chinese document would put them: names by their labels, comparisons in words.

`scale = '规上' and land_mu >= 3` reads “规模为规上，且实际用地不少于3亩”. The words say exactly what the expression
says; what has no words of its own is written as a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from sqlglot import exp

from mujun.fields import FRAME_FIELDS
from mujun.messages import show
from mujun.numbers import NO_UNIT
from mujun.rules.expressions import Expression, Meaning, Scope, tree_of

_NUMBERS: dict[type[exp.Expression], tuple[str, str]] = {
    exp.GTE: ("不少于", "不低于"), exp.GT: ("大于", "高于"), exp.LT: ("小于", "低于"), exp.LTE: ("不超过", "不高于"),
    exp.EQ: ("等于", "等于"), exp.NEQ: ("不等于", "不等于"),
}  # fmt: skip
_DATES: dict[type[exp.Expression], str] = {
    exp.GTE: "不早于", exp.GT: "晚于", exp.LT: "早于", exp.LTE: "不晚于", exp.EQ: "为", exp.NEQ: "不是",
}  # fmt: skip
_SIGNS: dict[type[exp.Expression], tuple[str, int]] = {
    exp.Add: (" + ", 1), exp.Sub: (" − ", 1), exp.Mul: (" × ", 2), exp.Div: (" ÷ ", 2),
}  # fmt: skip
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
    """One walk over a tree; every node has its words."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.scope = words.scope
        self.cases: dict[type[exp.Expression], Callable[[exp.Expression], str]] = {
            exp.Column: self.name,
            exp.Literal: lambda n: f"“{n.name}”" if n.is_string else show(Decimal(n.name)),
            exp.Boolean: lambda n: "全部" if n.this else "无",
            exp.Null: lambda _: "缺失",
            exp.Paren: lambda n: f"（{self.whole(n.this)}）",
            exp.Neg: lambda n: f"−{self.whole(n.this)}",
            exp.And: lambda n: self.joined(n, "，且"),
            exp.Or: lambda n: self.joined(n, "，或"),
            exp.Not: self.denial,
            exp.Between: self.between,
            exp.In: lambda n: self.membership(n, "为"),
            exp.Is: lambda n: f"没有{self.recorded(n.this)}",
            exp.Like: lambda n: f"{self.whole(n.this)}形如{self.whole(n.expression)}",
            exp.If: self.choice,
            exp.Case: self.choice,
            exp.Coalesce: self.coalesce,
            exp.Nullif: lambda n: f"{self.whole(n.this)}（为{self.whole(n.expression)}时视为缺失）",
            exp.Greatest: lambda n: f"{self.listed(n)}中较大者",
            exp.Least: lambda n: f"{self.listed(n)}中较小者",
            exp.Abs: lambda n: f"{self.whole(n.this)}的绝对值",
            exp.Round: self.rounding,
            exp.Floor: lambda n: f"{self.whole(n.this)}向下取整",
            exp.Ceil: lambda n: f"{self.whole(n.this)}向上取整",
            exp.Sqrt: lambda n: f"{self.whole(n.this)}的平方根",
            exp.Pow: lambda n: f"（{self.whole(n.this)}）的{self.whole(n.expression)}次方",
            exp.Ln: lambda n: f"ln（{self.whole(n.this)}）",
            exp.Exp: lambda n: f"exp（{self.whole(n.this)}）",
            exp.ArrayContains: self.contains,
            exp.ArraySize: lambda n: f"{self.whole(n.this)}的个数",
            exp.StartsWith: lambda n: f"{self.whole(n.this)}以{self.whole(n.expression)}开头",
            exp.Length: lambda n: f"{self.whole(n.this)}的字数",
            exp.Left: lambda n: f"{self.whole(n.this)}的前{self.whole(n.expression)}位",
            exp.Right: lambda n: f"{self.whole(n.this)}的后{self.whole(n.expression)}位",
            exp.Cast: lambda n: n.this.name,
            exp.Interval: self.interval,
            exp.Extract: lambda n: f"{self.whole(n.expression)}的{_PERIODS.get(n.this.name.lower(), n.this.name)}份",
            exp.Year: lambda n: f"{self.dated(n)}的年份",
            exp.Month: lambda n: f"{self.dated(n)}的月份",
            exp.Day: lambda n: f"{self.dated(n)}的日",
            exp.MonthsBetween: lambda n: f"{self.whole(n.this)}至{self.whole(n.expression)}的足月数",
            exp.Anonymous: self.function,
        }

    def whole(self, node: exp.Expression | None) -> str:
        """The words of a node; the formula as written where it has none."""
        if node is None:
            return ""
        if type(node) in _NUMBERS:
            return self.comparison(node)
        if type(node) in _SIGNS:
            return self.calculation(node)
        case = self.cases.get(type(node))
        return case(node) if case is not None else str(node.sql())

    def meaning(self, node: exp.Expression | None) -> Meaning | None:
        """What a plain name means."""
        inner = node.this if isinstance(node, exp.Paren) else node
        return self.scope.find(inner.name) if isinstance(inner, exp.Column) else None

    def name(self, node: exp.Expression) -> str:
        """A name by its label."""
        meaning = self.scope.find(node.name)
        return self.words.of(meaning.name if meaning is not None else node.name)

    def text_of(self, node: exp.Expression, text: str) -> str:
        """A text that a name is held against: a code by its word."""
        meaning = self.meaning(node)
        return self.words.values.get(meaning.name, {}).get(text, text) if meaning is not None else text

    # ------------------------------------------------------------------------------------------------- conditions

    def joined(self, node: exp.Expression, word: str) -> str:
        """`and` and `or`; where they are mixed the inner one is put in brackets."""
        parts: list[str] = []
        for part in (node.this, node.expression):
            plain = part.this if isinstance(part, exp.Paren) and type(part.this) is type(node) else part
            text = self.whole(plain)
            mixed = isinstance(plain, (exp.And, exp.Or)) and type(plain) is not type(node)
            parts.append(f"（{text}）" if mixed else text)
        return word.join(parts)

    def denial(self, node: exp.Expression) -> str:
        """`not`: in plain words where there are some."""
        inner = node.this.this if isinstance(node.this, exp.Paren) else node.this
        if isinstance(inner, exp.Is):
            return f"有{self.recorded(inner.this)}"
        if isinstance(inner, exp.In):
            return self.membership(inner, "不是")
        if isinstance(inner, exp.ArrayContains):
            return self.contains(inner, "没有")
        return f"不满足“{self.whole(inner)}”"

    def recorded(self, node: exp.Expression) -> str:
        """What is there or is missing: 园区, 用地面积的数据."""
        meaning = self.meaning(node)
        texts = meaning is not None and meaning.kind not in ("exact", "number")
        return self.whole(node) if texts else f"{self.whole(node)}的数据"

    def comparison(self, node: exp.Expression) -> str:
        """A comparison, by what is compared."""
        left, right = node.this, node.expression
        kinds = {m.kind for m in (self.meaning(left), self.meaning(right)) if m is not None}
        if isinstance(right, exp.Literal) and right.is_string and "date" not in kinds:
            return f"{self.whole(left)}{'为' if isinstance(node, exp.EQ) else '不是'}{self.text_of(left, right.name)}"
        if isinstance(right, exp.Boolean):
            holds = bool(right.this) == isinstance(node, exp.EQ)
            return self.whole(left) if holds else f"不满足“{self.whole(left)}”"
        if "date" in kinds or any(n.find(exp.Interval) for n in (left, right)):
            word = _DATES[type(node)]
            return f"{self.whole(left)}{word}{right.name if isinstance(right, exp.Literal) else self.whole(right)}"
        plain, between = _NUMBERS[type(node)]
        if _number(right) is not None:
            return f"{self.whole(left)}{plain}{self.whole(right)}{self._unit(left)}"
        return f"{self.whole(left)}{between}{self.whole(right)}"

    def _unit(self, node: exp.Expression) -> str:
        """The unit that a number beside a plain name has."""
        meaning = self.meaning(node)
        return self.words.unit_of(meaning.name) if meaning is not None else ""

    def between(self, node: exp.Expression) -> str:
        """`between`, both ends counted."""
        low, high = self.whole(node.args["low"]), self.whole(node.args["high"])
        return f"{self.whole(node.this)}在{low}至{high}{self._unit(node.this)}之间（含两端）"

    def membership(self, node: exp.Expression, word: str) -> str:
        """`in`: a run of numbers is written by its ends."""
        texts = [
            self.text_of(node.this, i.name) if isinstance(i, exp.Literal) else self.whole(i) for i in node.expressions
        ]
        whole = self.whole(node.this)
        if len(texts) >= MOST_LISTED and _is_run(texts):
            return f"{whole}{word}{texts[0]}至{texts[-1]}"
        return f"{whole}{word}{'、'.join(texts)}" + ("之一" if len(texts) > 1 else "")

    def contains(self, node: exp.Expression, word: str = "有") -> str:
        """A label that a subject has."""
        meaning = self.meaning(node.this)
        if meaning is not None and meaning.name == "labels":
            return f"{word}“{node.expression.name}”标签"
        return f"{self.whole(node.this)}中{word}{self.whole(node.expression)}"

    def choice(self, node: exp.Expression) -> str:
        """`if` and `case`."""
        branches = [node] if isinstance(node, exp.If) else node.args["ifs"]
        subject = node.args.get("this") if isinstance(node, exp.Case) else None
        parts: list[str] = []
        for branch in branches:
            met = self.whole(branch.this)
            asked = f"{self.whole(subject)}为{met}" if subject is not None else met
            parts.append(f"{asked}的，为{self.whole(branch.args['true'])}")
        last = node.args.get("false") if isinstance(node, exp.If) else node.args.get("default")
        parts.append(f"其余为{self.whole(last)}" if last is not None else "其余缺失")
        return "（" + "；".join(parts) + "）"

    # ---------------------------------------------------------------------------------------------- calculation

    def calculation(self, node: exp.Expression) -> str:
        """`+ − × ÷`, with brackets only where they are needed; a date moves by a time."""
        sign, strength = _SIGNS[type(node)]
        if isinstance(node.expression, exp.Interval):
            word = "加" if isinstance(node, exp.Add) else "减"
            return f"{self.whole(node.this)}{word}{self.whole(node.expression)}"
        left, right = self._side(node.this, strength), self._side(node.expression, strength + 1)
        return f"{left}{sign}{right}"

    def _side(self, node: exp.Expression, strength: int) -> str:
        inner = node.this if isinstance(node, exp.Paren) else node
        words = self.whole(inner)
        weaker = type(inner) in _SIGNS and _SIGNS[type(inner)][1] < strength
        spoken = isinstance(inner, (exp.Greatest, exp.Least))
        same = type(inner) in _SIGNS and isinstance(node, exp.Paren) and _SIGNS[type(inner)][1] <= strength
        return f"（{words}）" if weaker or spoken or same else words

    def coalesce(self, node: exp.Expression) -> str:
        """`coalesce`: what stands in for what is missing, or is zero."""
        parts = [node.this, *node.expressions]
        sentence = self.whole(parts[0].this if _without_zero(parts[0]) else parts[0])
        for position, (before, part) in enumerate(pairwise(parts)):
            when = "缺失或为0" if _without_zero(before) else "缺失"
            sentence += (
                f"{'，再' if position else '（'}{when}时为{self.whole(part.this if _without_zero(part) else part)}"
            )
        return sentence + "）"

    def listed(self, node: exp.Expression) -> str:
        """The arguments of a function, in a row."""
        return "、".join(self.whole(e) for e in (node.this, *node.expressions))

    def rounding(self, node: exp.Expression) -> str:
        """`round`."""
        places = node.args.get("decimals")
        return f"{self.whole(node.this)}（四舍五入到{self.whole(places) if places is not None else 0}位小数）"

    def interval(self, node: exp.Expression) -> str:
        """A time: `2 years`."""
        amount, _, written = node.name.partition(" ")
        unit = (written or str(node.args.get("unit") or "")).lower().rstrip("s")
        return f"{amount}{_PERIODS.get(unit, unit)}"

    def dated(self, node: exp.Expression) -> str:
        """The date of which a part is taken."""
        inner = node.this.this if isinstance(node.this, exp.TsOrDsToDate) else node.this
        return self.whole(inner)

    def function(self, node: exp.Expression) -> str:
        """Functions that sqlglot does not know by themselves."""
        word, arguments = str(node.this).lower(), [self.whole(e) for e in node.expressions]
        if word == "quantity" and len(node.expressions) == 2:
            return f"{arguments[0]}{node.expressions[1].name}"
        spans = {"days_between": "天数", "years_between": "足年数"}
        if word in spans and len(arguments) == 2:
            return f"{arguments[0]}至{arguments[1]}的{spans[word]}"
        return f"{word}（{'，'.join(arguments)}）"


def _number(node: exp.Expression) -> Decimal | None:
    inner = node.this if isinstance(node, (exp.Paren, exp.Neg)) else node
    return Decimal(inner.name) if isinstance(inner, exp.Literal) and not inner.is_string else None


def _without_zero(node: exp.Expression) -> bool:
    """`nullif(x, 0)`: zero counts as missing."""
    return isinstance(node, exp.Nullif) and _number(node.expression) == 0


def _is_run(texts: list[str]) -> bool:
    return all(t.isdigit() for t in texts) and [int(t) for t in texts] == list(
        range(int(texts[0]), int(texts[0]) + len(texts))
    )
