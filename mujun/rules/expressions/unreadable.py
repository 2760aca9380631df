"""What is wrong with an expression that cannot be parsed, in the author's words: a sign without its number, a bracket.

The parser's own words name its classes; what a clerk is told is found in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mujun.dataclass import dataclass
from mujun.messages import MessageKey
from mujun.rules.expressions.refusal import QUOTED, Refusal

_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|\d+(?:\.\d+)?|\w+|<=|>=|<>|!=|==|\|\||\S")
_COMPARING = frozenset(
    {"=", "==", "<>", "!=", "<", ">", "<=", ">=", "*", "/", "%", "||", "like", "in", "is", "between"}
)
_SIGNED = frozenset({"+", "-"})
"""Signs that may stand before a number alone."""
_JOINING = frozenset({"and", "or"})
_TWO_SIDED = _COMPARING | _SIGNED | _JOINING
_ENDING = frozenset({")", "]", "}", ",", "then", "when", "else", "end"})
_BEGINNING = frozenset({"(", "[", "{", ",", "case", "when", "then", "else"})
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
LONGEST_SHOWN = 20
"""Characters of the text that are shown from where it cannot be read."""


@dataclass(frozen=True)
class _Token:
    text: str
    start: int

    @property
    def word(self) -> str:
        """The text as keywords are compared."""
        return self.text.lower()


def why_unreadable(text: str, column: int | None, *, lacks: bool) -> Refusal:
    """What is told of an expression that the parser refuses.

    Args:
        text: the expression.
        column: where the parser stopped, counted from 1, at the end of a word; `None` where it does not say.
        lacks: whether it missed a part of what it was reading.
    """
    open_quote = re.search(r"['\"]", QUOTED.sub(lambda m: " " * len(m[0]), text))
    if open_quote is not None:
        return Refusal("expression_quote", column=open_quote.start() + 1, found=open_quote[0])
    tokens = _tokens(text)
    if not tokens:
        return Refusal("expression_empty")
    found = _bracket(tokens) or next(_sides(tokens), None) or _form(tokens)
    if found is not None:
        return found
    stopped = next((i for i, t in enumerate(tokens) if t.start < (column or 0) <= t.start + len(t.text)), 0)
    called = _called(tokens, stopped) if lacks else ""
    if called:
        return Refusal("expression_argument", name=called)
    rest = text[tokens[stopped].start :]
    return Refusal("expression_not_parsed", near=rest if len(rest) <= LONGEST_SHOWN else f"{rest[:LONGEST_SHOWN]}…")


def one_sided(text: str) -> Refusal | None:
    """What is told of a sign with nothing before or behind it, which the parser may take for something of its own."""
    return next(_sides(_tokens(text)), None)


def _tokens(text: str) -> list[_Token]:
    return [_Token(m[0], m.start()) for m in _TOKEN.finditer(text)]


def _bracket(tokens: list[_Token]) -> Refusal | None:
    """A bracket that has no other."""
    waiting: list[_Token] = []
    for token in tokens:
        if token.text in _BRACKETS:
            waiting.append(token)
        elif token.text in _BRACKETS.values():
            if not waiting or _BRACKETS[waiting[-1].text] != token.text:
                return Refusal("expression_bracket", column=token.start + 1, found=token.text)
            waiting.pop()
    return Refusal("expression_bracket", column=waiting[-1].start + 1, found=waiting[-1].text) if waiting else None


def _sides(tokens: list[_Token]) -> Iterator[Refusal]:
    """Signs with nothing before or behind them."""
    between = 0
    for i, token in enumerate(tokens):
        before = tokens[i - 1].word if i else ""
        behind = tokens[i + 1].word if i + 1 < len(tokens) else ""
        of_limits = token.word == "and" and between > 0
        between += (token.word == "between") - of_limits
        if token.word not in _TWO_SIDED and token.word != "not":
            continue
        conditions = token.word == "not" or (token.word in _JOINING and not of_limits)
        lone_star = token.text == "*" and (before, behind) == ("(", ")")
        alone_in_front = before == "" or before in _BEGINNING or before in _TWO_SIDED
        if token.word in _TWO_SIDED - _SIGNED and alone_in_front and not lone_star:
            yield _missing("before", token, conditions=conditions)
        follows = behind in _SIGNED or (token.word == "not" and behind in ("in", "like", "between"))
        if (behind == "" or behind in _ENDING or (behind in _TWO_SIDED and not follows)) and not lone_star:
            yield _missing("behind", token, conditions=conditions)


def _missing(side: str, token: _Token, *, conditions: bool) -> Refusal:
    codes: dict[tuple[str, bool], MessageKey] = {
        ("before", False): "expression_number_before",
        ("before", True): "expression_condition_before",
        ("behind", False): "expression_number_behind",
        ("behind", True): "expression_condition_behind",
    }
    return Refusal(codes[side, conditions], sign=token.text)


def _form(tokens: list[_Token]) -> Refusal | None:
    """Words that go together: `case … end`, `between … and`."""
    words = [t.word for t in tokens]
    if "case" in words and (words.count("case") != words.count("end") or "when" not in words):
        return Refusal("expression_case")
    if "between" in words and "and" not in words[words.index("between") :]:
        return Refusal("expression_between")
    return None


def _called(tokens: list[_Token], stopped: int) -> str:
    """The function whose brackets end, or stand open, where the parser stopped; nothing where there is none."""
    depth = 0
    for i in range(stopped, -1, -1):
        if tokens[i].text == ")" and i < stopped:
            depth += 1
        elif tokens[i].text == "(":
            if depth == 0:
                return tokens[i - 1].text if i and re.fullmatch(r"\w+", tokens[i - 1].text) else ""
            depth -= 1
    return ""
