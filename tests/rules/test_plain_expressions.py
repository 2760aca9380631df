"""What is read without the parser is what the parser reads."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlglot import Parser
from sqlglot.tokens import Tokenizer

from mujun.rules.expressions import Node, walk
from mujun.rules.expressions.plain import plain
from mujun.rules.expressions.reading import nodes_of
from mujun.rules.expressions.refusal import Refusal

RULES = Path(__file__).parent.parent.parent / "rules"


def written(node: Node) -> list[str]:
    """Every node within one as text, as a message names it."""
    texts = []
    for part in walk(node):
        try:
            texts.append(part.sql)
        except Refusal as refused:
            texts.append(f"refused: {refused.code}")
    return texts


def the_same(text: str) -> bool:
    """Whether an expression is plain; then the parser gives the same nodes, and the same words for each."""
    ours = plain(text)
    if ours is None:
        return False
    try:
        theirs = nodes_of(text)
    except Refusal as refused:
        raise AssertionError(f"{text!r} is {ours}, and the parser refuses it: {refused.code}") from refused
    assert ours == theirs, text
    assert written(ours) == written(theirs), text
    return True


def texts_in(value: object) -> Iterator[str]:
    """Every text of a rule file: expressions, and much that is none."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    elif value is not None:
        yield str(value)


def test_all_that_ships() -> None:
    texts = {text for file in RULES.rglob("*.yaml") for text in texts_in(yaml.safe_load(file.read_text("utf-8")))}
    read = sum(the_same(text) for text in texts)
    assert read > 500


@pytest.mark.parametrize(
    "text",
    [
        "tax_paid + coalesce(tax_relief, 0)",
        "规模 = '规上' and 用地面积 >= 20亩",
        "scale = '规上' or (in_zone and registered_on + interval '4 years' <= as_of)",
        "tax_per_mu >= if(scale = '规上', 6, 3) * 1.05 and not array_contains(labels, '问题隐患')",
        "left(industry, 2) not between '13' and '43'",
        "industry_division in ('13', '14') and tier is not null",
        "- a - -b * (2 / c) <> 0.5",
    ],
)
def test_what_counties_write_is_plain(text: str) -> None:
    assert the_same(text)


@pytest.mark.parametrize(
    "text",
    [
        "a b", "a = = b", "1e5", "3x", "a.b", "count(*)", "case when a then b end", "a like '规%'", "date '2022-01-01'",
        "'it''s'", "a -- b", "a /* b */", "a is null = b", "(a, b)", "coalesce()", "round(a, 1, 2)", "a in ()", "",
        "quantity(20, '亩') + interval '1 year' - interval '2 days'", " + ".join("a" * 60), "税收（万元）", "if(a, b)",
        "a ;", "(" * 31 + "a" + ")" * 31,
    ],
)  # fmt: skip
def test_all_else_is_the_parsers(text: str) -> None:
    assert plain(text) is None


def test_no_word_of_sql_is_taken_for_a_name(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    words = {
        *Tokenizer.KEYWORDS, *Parser.FUNCTIONS, *Parser.FUNCTION_PARSERS, *Parser.NO_PAREN_FUNCTION_PARSERS,
        *(str(token.value) for token in Parser.NO_PAREN_FUNCTIONS),
    }  # fmt: skip
    places = ("{} > 1", "a + {}", "{} is not null", "a and {}")
    names = sorted(word.lower() for word in words if word.replace("_", "").isalnum())
    assert sum(the_same(place.format(name)) for name in names for place in places) > 2_000


LEAVES = ("a", "land_mu", "用地面积", "1", "0.015", "'规上'", "''", "true")
SOUP = (
    *LEAVES, "(", ")", ",", "+", "-", "*", "/", "<", "<=", "=", "<>", "!=", "and", "Or", "NOT", "is", "null", "in",
    "between", "coalesce", "round", "if", "left", "interval", "'2 years'", ".", ";", "%", '"',
)  # fmt: skip


def expression(draw: random.Random, depth: int) -> str:
    """An expression at random, brackets left to chance."""
    if depth == 0:
        return draw.choice(LEAVES)

    def inner() -> str:
        return expression(draw, draw.randrange(depth))

    several = ", ".join(inner() for _ in range(draw.randint(1, 3)))
    return draw.choice(
        [
            f"({inner()})", f"-{inner()}", f"not {inner()}", f"{inner()} is {draw.choice(['', 'not '])}null",
            f"{inner()} {draw.choice('+-*/')} {inner()}", f"{inner()} {draw.choice(['and', 'or'])} {inner()}",
            f"{inner()}{draw.choice(['<', '<=', '>', '>=', '=', '<>', '!='])}{inner()}",
            f"{inner()} {draw.choice(['', 'not '])}in ({several})",
            f"{inner()} {draw.choice(['', 'not '])}between {inner()} and {inner()}",
            f"{inner()} {draw.choice('+-')} interval '{draw.randint(1, 9)} {draw.choice(['years', 'day'])}'",
            f"{draw.choice(['coalesce', 'least', 'round', 'abs', 'nullif', 'left', 'array_contains'])}({several})",
            f"if({inner()}, {inner()}, {inner()})",
        ]
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_texts_at_random(seed: int) -> None:
    draw, read = random.Random(seed), 0
    for _ in range(500):
        text = expression(draw, draw.randint(1, 4))
        at = draw.randrange(len(text))
        soup = " ".join(draw.choice(SOUP) for _ in range(draw.randint(1, 8)))
        for one in (text, text[:at] + draw.choice(SOUP) + text[at + draw.randint(0, 2) :], soup):
            read += the_same(one)
    assert read > 300
