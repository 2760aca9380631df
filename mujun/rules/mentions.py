"""What a rule file mentions: every expression in it, and every name it declares and never uses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from decimal import Decimal

from mujun.dataclass import dataclass
from mujun.errors import Problem, problem
from mujun.rules.expressions import Expression, Node, Scope, names_in, tree_of, walk
from mujun.rules.expressions.nodes import Among, Branch, Call, Comparison, Name, Text
from mujun.rules.model import TheAllocation, TheRating, TheRectification
from mujun.rules.model.allocation import IncludeEntry
from mujun.rules.ruleset import RuleSet


@dataclass(frozen=True)
class Scopes:
    """The names that each file of a rule set may use; `None` where there is no such file, or it is not well-formed.

    `parts` are those of the allocation files, one for each of `RuleSet.allocation_parts`.
    """

    rating: Scope | None = None
    rectification: Scope | None = None
    parts: tuple[Scope, ...] = ()


CONDITION_KEYS = frozenset({"when", "scope", "apart", "members", "among"})


_PLAIN = frozenset({str, int, float, bool, Decimal, type(None)})
"""What most keys hold: nothing can stand within it."""


def expressions_of(thing: object, key: str = "") -> list[tuple[str, Expression]]:
    """Every expression within a model object, with the key it stands under."""
    found: list[tuple[str, Expression]] = []
    _gather(thing, key, found)
    return found


def _gather(thing: object, key: str, found: list[tuple[str, Expression]]) -> None:
    if type(thing) in _PLAIN or isinstance(thing, IncludeEntry):
        return
    if isinstance(thing, Expression):
        found.append((key, thing))
    elif isinstance(thing, tuple):
        for value in thing:
            _gather(value, key, found)
    elif isinstance(thing, dict):
        for value in thing.values():
            _gather(value, key, found)
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for field in dataclasses.fields(thing):
            _gather(getattr(thing, field.name), field.name, found)


def texts_as_expressions(rating: TheRating) -> Iterator[Expression]:
    """Keys of a rating that are written as plain texts and are expressions all the same."""
    if rating.tiers is None:
        return
    texts = [t for keys in rating.tiers.rank_by.values() for t in keys]
    for cut in rating.tiers.cut.values():
        texts += [cut.by] if cut.thresholds is not None else []
        texts += [t for pick in cut.picks or () for t in pick.by]
    for text in texts:
        yield Expression(text.removeprefix("-").strip(), rating.tiers.stands)


def texts_of(*files: object) -> tuple[str, ...]:
    """Every expression of some files as text, and every other key of a rating that is an expression."""
    texts = [source.text for file in files if file is not None for _, source in expressions_of(file)]
    for file in files:
        if isinstance(file, TheRating):
            texts += [source.text for source in texts_as_expressions(file)]
    return tuple(texts)


def names_used(ruleset: RuleSet, scopes: Scopes) -> frozenset[str]:
    """Every name that any rule of a set mentions."""
    used: set[str] = set()
    for file, scope in _with_scopes(ruleset, scopes):
        used |= {o for s in file.statistics.values() for o in s.keys}
        used |= {k for t in file.tables.values() for k in (*t.keys, *([t.range] if t.range else ()))}
        for _, source in expressions_of(file):
            used |= names_in(source, scope)
    if ruleset.rating is not None and scopes.rating is not None:
        for source in texts_as_expressions(ruleset.rating):
            used |= names_in(source, scopes.rating)
        for item in (i for s in ruleset.rating.scoring.values() for i in s.items.values()):
            used |= {f.indicator for f in item.fallback} | set(item.over or ())
        used |= {name for s in ruleset.rating.scoring.values() for name in s.items}
        used |= set(ruleset.rating.tiers.cells) if ruleset.rating.tiers is not None else set()
    # `x_points` and `x_benchmark` stand on the indicator.
    return frozenset(used | {n.removesuffix(s) for n in used for s in ("_points", "_benchmark")})


def _with_scopes(
    ruleset: RuleSet, scopes: Scopes
) -> Iterator[tuple[TheRating | TheRectification | TheAllocation, Scope]]:
    if ruleset.rating is not None and scopes.rating is not None:
        yield ruleset.rating, scopes.rating
    if ruleset.rectification is not None and scopes.rectification is not None:
        yield ruleset.rectification, scopes.rectification
    for part, scope in zip(ruleset.allocation_parts, scopes.parts, strict=False):
        yield part.file, scope


def unused_names(ruleset: RuleSet, used: frozenset[str]) -> Iterator[Problem]:
    """Fields, statistics, indicators, tables and families that nothing uses."""
    rating, address = ruleset.rating, ruleset.address
    files: list[tuple[str, TheRating | TheRectification | TheAllocation]] = [
        (kind, f)
        for kind, f in (("rating", rating), ("rectification", ruleset.rectification))
        if f is not None and f.status != "abstract"
    ]
    files += [("allocation", p.file) for p in ruleset.allocation_parts if p.address == address]
    for kind, file in files:
        for name, declared in file.fields.items():
            if name not in used:
                yield problem("sound_unused_field", declared.stands, name=name)
        for name, statistic in file.statistics.items():
            if name not in used:
                yield problem("sound_unused_statistic", statistic.stands, name=name)
        for name, table in file.tables.items():
            lookup = ruleset.lookups.get(kind, {}).get(name)
            columns = [m.name for m in lookup.meanings] if lookup is not None else []
            if columns and not used & set(columns):
                yield problem("sound_unused_table", table.stands, name=name, columns=columns)
    if rating is None or rating.status == "abstract":
        return
    for name, indicator in rating.indicators.items():
        if name not in used:
            yield problem("sound_unused_indicator", indicator.stands, name=name)
    families = {a.family for a in rating.adjustments.items}
    for name in rating.adjustments.families:
        if name not in families:
            yield problem("sound_unused_family", rating.adjustments.stands, name=name)


def inner_conditions(source: Expression) -> Iterator[Expression]:
    """The conditions inside an expression's `if` and `case`."""
    tree = tree_of(source)
    for node in walk(tree) if tree is not None else ():
        if isinstance(node, Branch):
            yield Expression(node.condition.sql, source.place)


def labels_in(source: Expression) -> Iterator[str]:
    """The labels that an expression asks for: `array_contains(labels, '…')`."""
    tree = tree_of(source)
    for node in walk(tree) if tree is not None else ():
        match node:
            case Call("array_contains", (Name(), Text(wanted))):
                yield wanted


def texts_in(source: Expression, scope: Scope) -> Iterator[tuple[str, str]]:
    """The texts that an expression holds a name against, as `(name, text)`."""
    tree = tree_of(source)
    for node in walk(tree) if tree is not None else ():
        match node:
            case Comparison("eq" | "ne", Name(word), other):
                several: tuple[Node, ...] = (other,)
            case Among(Name(word), items):
                several = items
            case _:
                continue
        meaning = scope.find(word)
        if meaning is not None and meaning.kind == "text":
            yield from ((meaning.name, wanted.value) for wanted in several if isinstance(wanted, Text))
