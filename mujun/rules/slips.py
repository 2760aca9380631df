"""What an author's hand slips on: numbers a reader would stumble over, conditions that say something else than meant.

Every finding is a warning with its reason. What the year's data show is in `mujun.rules.slips_in_data`.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from mujun.errors import Place, Problem, problem
from mujun.messages import Word, show
from mujun.numbers import UnknownUnit, parse_unit
from mujun.rules.expressions import Expression, tree_of, walk
from mujun.rules.expressions.nodes import Among, Logic, Name, Text
from mujun.rules.lookups import ANY
from mujun.rules.mentions import expressions_of
from mujun.rules.model import Measure, RuleField, TheRating
from mujun.rules.ruleset import RuleSet

HIGHEST_CAP = Decimal(5)
"""Times the weight: no document that we know has a cap above 2."""

KNOWN_RATES: Mapping[tuple[str, str], tuple[Decimal, Decimal]] = {
    ("electricity_kwh", "元/千瓦时"): (Decimal("0.05"), Decimal("0.30")),
    ("water_m3", "元/立方米"): (Decimal("0.1"), Decimal("1")),
    ("water_over_quota_m3", "元/立方米"): (Decimal("0.1"), Decimal("1")),
    ("gas_m3", "元/立方米"): (Decimal(1), Decimal(1)),
}
"""The least and largest surcharge of the documents that we know, by what is charged and the unit."""
KNOWN_LIMIT = Decimal(50)
"""万元 per firm: the one limit of an amount that a document we know has."""


def slips(ruleset: RuleSet) -> Iterator[Problem]:
    """The slips in the files of a rule set that is well-formed."""
    files = (ruleset.rating, ruleset.rectification, ruleset.allocation)
    of_rating = ruleset.rating.fields if ruleset.rating is not None else {}
    for file in files:
        if file is None:
            continue
        fields = {**of_rating, **file.fields}
        for source in dict.fromkeys(e for _, e in expressions_of(file)):
            yield from _mixed(source)
            yield from _lengths(source)
        yield from _said_numbers(file, fields)
    if ruleset.rating is not None:
        yield from _rating(ruleset.rating)
    if ruleset.allocation is not None:
        for measure in ruleset.allocation.measures:
            yield from _measure(measure)
    yield from _tables(ruleset)


def _rating(rating: TheRating) -> Iterator[Problem]:
    for scoring in rating.scoring.values():
        for name, item in scoring.items.items():
            if item.cap is not None and item.cap > HIGHEST_CAP:
                yield problem("sound_cap_high", item.stands, indicator=name, cap=item.cap, most=HIGHEST_CAP)
            for step in item.steps:
                if step.share > 1:
                    yield problem("sound_share_above", item.stands, indicator=name, share=step.share)
    last = rating.cohorts[-1] if rating.cohorts else None
    if last is not None and all(c.when.text.strip().lower() != "true" for c in rating.cohorts):
        yield problem("sound_cohort_last", last.when.place, id=last.id, condition=last.when)


def _measure(measure: Measure) -> Iterator[Problem]:
    known = _known(measure)
    for rate in measure.rate:
        value = _number(rate.value)
        if value is None:
            continue
        if measure.kind == "surcharge" and known is not None and not known[0] <= value <= known[1]:
            values = {"id": rate.id, "value": value, "unit": measure.per, "least": known[0], "most": known[1]}
            yield problem("sound_rate_unknown", rate.stands, **values)
    limit = measure.max_amount
    if limit is not None and not KNOWN_LIMIT / 10 <= limit <= KNOWN_LIMIT * 10:
        yield problem("sound_limit_unknown", measure.stands, id=measure.id, value=limit, known=KNOWN_LIMIT)


def _known(measure: Measure) -> tuple[Decimal, Decimal] | None:
    of = measure.of.text.strip() if measure.of is not None else ""
    try:
        unit = parse_unit(measure.per or "")
    except UnknownUnit:
        return None
    return next((r for (name, per), r in KNOWN_RATES.items() if name == of and parse_unit(per) == unit), None)


def _number(source: Expression | None) -> Decimal | None:
    try:
        return Decimal(source.text) if source is not None else None
    except ArithmeticError:
        return None


def _tables(ruleset: RuleSet) -> Iterator[Problem]:
    for tables in ruleset.lookups.values():
        for lookup in tables.values():
            keys = lookup.rows.select(lookup.keys)
            # Rows of ranges may share their keys: ranges that overlap are an error of their own.
            twice = keys.filter(keys.is_duplicated()) if lookup.range is None else keys.clear()
            for row in twice.unique(maintain_order=True).iter_rows():
                yield problem("sound_table_double", Place(file=lookup.file), key="、".join(str(v) for v in row))
            for key in lookup.keys:
                codes = [v for v in keys[key].unique(maintain_order=True) if v is not None and v != ANY]
                odd = _odd(codes)
                if odd is not None:
                    yield problem("sound_code_length", Place(file=lookup.file), code=odd[0], other=odd[1])


# ----------------------------------------------------------------------------------------------------------- conditions


def _mixed(source: Expression) -> Iterator[Problem]:
    """`and` beside `or` without brackets: what binds closer is not what a reader takes for granted."""
    tree = tree_of(source)
    if tree is None:
        return
    for node in walk(tree):
        sides = (node.left, node.right) if isinstance(node, Logic) and node.word == "or" else ()
        closer = next((side for side in sides if isinstance(side, Logic) and side.word == "and"), None)
        if closer is not None:
            yield problem("sound_and_or", source.place, condition=source, closer=closer.sql)
            return


def _lengths(source: Expression) -> Iterator[Problem]:
    """Codes of a list whose length differs from their neighbours'."""
    tree = tree_of(source)
    if tree is None:
        return
    for node in walk(tree):
        odd = _odd([i.value for i in node.items if isinstance(i, Text)]) if isinstance(node, Among) else None
        if odd is not None:
            yield problem("sound_code_length", source.place, code=odd[0], other=odd[1])


def _odd(codes: list[str]) -> tuple[str, str] | None:
    """A code of digits that is longer or shorter than most, and one of the others."""
    digits = [c for c in codes if c.isdigit()]
    lengths = sorted({len(c) for c in digits}, key=lambda n: -sum(len(c) == n for c in digits))
    if len(lengths) < 2:
        return None
    usual = lengths[0]
    return next(c for c in digits if len(c) != usual), next(c for c in digits if len(c) == usual)


# ------------------------------------------------------------------------------------- numbers in reasons and in labels

_ASIDE = re.compile(
    r"[〔\[(（]\d{4}[〕\])）]\s*\d+号|第\s*\d+\s*[条款项号批]|(?:19|20)\d\d年?(?:[-—至、~]+(?:19|20)\d\d)?年?(?:度)?"
    r"|\d+月(?:\d+日)?|[A-Za-z][A-Za-z-]*\d+|\d+[A-Za-z]+"
)
"""Numbers that are none of a condition: of documents, articles, years, days, names."""
_SAID = re.compile(r"(\d+(?:\.\d+)?)\s*(万|亿|%)?")
_SCALES = {"万": Decimal(10_000), "亿": Decimal(100_000_000), "%": Decimal("0.01")}
_WRITTEN = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])|\d+(?:\.\d+)?")


def _said_numbers(file: object, fields: Mapping[str, RuleField]) -> Iterator[Problem]:
    """Numbers in a reason or a label that its condition does not have."""
    for several in _lists(file):
        together = _written([_field(m, n) for m in several for n in ("when", "points")], fields)
        for member in several:
            when = _field(member, "when")
            if not isinstance(when, Expression):
                continue
            for key in ("reason", "label"):
                words = _field(member, key)
                strange = [n for n, values in _numbers_in(str(words or "")) if not values & together]
                if strange:
                    values = {"key": Word(f"sound_word_{key}"), "said": words, "number": strange[0], "condition": when}  # type: ignore[arg-type]
                    yield problem("sound_said_number", when.place, **values)


def _lists(thing: object) -> Iterator[tuple[object, ...]]:
    """The lists of a file whose members have conditions; members share their numbers, as the first match counts."""
    if isinstance(thing, tuple):
        if any(isinstance(_field(m, "when"), Expression) for m in thing):
            yield thing
        for member in thing:
            yield from _lists(member)
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from _lists(value)
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, (type, Expression)):
        for one in dataclasses.fields(thing):
            yield from _lists(getattr(thing, one.name))


def _field(thing: object, name: str) -> object:
    return getattr(thing, name, None)


def _written(sources: Iterable[object], fields: Mapping[str, RuleField]) -> set[Decimal]:
    """The numbers in expressions and in the fields that they use, in any of the usual scales."""
    plain: set[Decimal] = set()
    waiting = [s for s in sources if isinstance(s, Expression)]
    seen: set[str] = set()
    while waiting:
        source = waiting.pop()
        if source.text in seen:
            continue
        seen.add(source.text)
        plain |= {Decimal(n) for n in _WRITTEN.findall(unicodedata.normalize("NFKC", source.text))}
        tree = tree_of(source)
        names = {node.word for node in walk(tree) if isinstance(node, Name)} if tree is not None else set()
        waiting += [f.value for n, f in fields.items() if f.value is not None and (n in names or f.label in names)]
    return {
        n * s for n in plain for s in (Decimal(1), Decimal(10_000), Decimal("0.0001"), Decimal("0.01"), Decimal(100))
    }


def _numbers_in(words: str) -> Iterator[tuple[str, set[Decimal]]]:
    for match in _SAID.finditer(_ASIDE.sub(" ", unicodedata.normalize("NFKC", words))):
        number = Decimal(match[1])
        yield show(number) + (match[2] or ""), {number, number * _SCALES.get(match[2] or "", Decimal(1))}
