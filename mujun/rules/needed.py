"""What an indicator cannot do without: the dictionary's fields that its figure needs, and which the rules excuse."""

from __future__ import annotations

from collections.abc import Iterator

from mujun.fields import FRAME_FIELDS, find_field
from mujun.rules.expressions import Expression, Node, tree_of, walk
from mujun.rules.expressions.nodes import Call, Choice, Name
from mujun.rules.model import TheRating


def fields_needed(rating: TheRating, indicator: str) -> tuple[str, ...]:
    """The fields without which an indicator has no value, in the order in which they are met.

    Fields of the rule file are followed to those of the dictionary. What stands under `coalesce`, `if` or `case` is
    left out: there the rule says what holds where it is missing. So are statistics and lookup tables.
    """
    formula = rating.indicators.get(indicator)
    if formula is None:
        return ()
    return tuple(
        dict.fromkeys(
            f for e in (formula.of, formula.per, formula.value) if e is not None for f in _fields(rating, e, ())
        )
    )


def _fields(rating: TheRating, source: Expression, seen: tuple[str, ...]) -> Iterator[str]:
    tree = tree_of(source)
    if tree is None:
        return
    for word in (node.word for node in walk(tree, _is_asked) if isinstance(node, Name)):
        name = _rule_field(rating, word)
        if name is None:
            known = find_field(word)
            if known is not None and known.name in FRAME_FIELDS:
                yield known.name
            continue
        value = rating.fields[name].value
        if name in seen:
            continue
        if value is None:
            yield name  # an input of the rule set, from the table of extra figures
        else:
            yield from _fields(rating, value, (*seen, name))


def _is_asked(node: Node) -> bool:
    """Whether what stands within is needed: under `coalesce` and the like the rule says what holds without it."""
    return not (isinstance(node, Choice) or (isinstance(node, Call) and node.function == "coalesce"))


def _rule_field(rating: TheRating, word: str) -> str | None:
    if word in rating.fields:
        return word
    return next((n for n, f in rating.fields.items() if f.label == word), None)
