"""Explanations and cards as pages that leave the house: natural persons as 张*, numbers of persons masked.

What stays inside, the screen's text and JSON, has everything. The page's reader knows the firm by its code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mujun.analysis.explanation import Explanation, Figure, Origin
from mujun.personal import is_person, masked, masked_name, public_name

if TYPE_CHECKING:
    from mujun.reports.firms.card import Card, Row, Section

_NAMED = re.compile(r"(.+?)（([0-9A-Za-z]+)）")
"""A name with its code behind it."""

_NAMES = frozenset(
    {"name", "landlord", "tenant", "holder", "counterparty", "given_name", "other_names", "project_name", "who"}
)
"""Columns and fields that hold names."""

_CODES = frozenset({"credit_code", "old_code", "new_code", "parcel", "account", "document", "record"})
"""Columns whose digits are nobody's number."""


def name_handed_out(explanation: Explanation) -> str:
    """The name of an explanation's firm as its page shows it."""
    whole = explanation.basis.persons == "full"
    return explanation.name if whole else public_name(explanation.name, explanation.credit_code)


def explanation_handed_out(explanation: Explanation) -> Explanation:
    """An explanation as its page shows it; whole where the rule set says `persons: full`."""
    if explanation.basis.persons == "full":
        return explanation
    names = {m.name: public_name(m.name, m.credit_code) for m in explanation.members if m.name}
    names[explanation.name] = name_handed_out(explanation)
    return replace(
        explanation,
        name=names[explanation.name],
        members=tuple(replace(m, name=names.get(m.name, m.name)) for m in explanation.members),
        other=explanation.other
        and replace(explanation.other, members=tuple(names.get(n) or _name(n) for n in explanation.other.members)),
        figures=tuple(_figure(f, names) for f in explanation.figures),
        amounts=explanation.amounts and tuple(_line(line, names) for line in explanation.amounts),
    )


def _line(line: str, names: Mapping[str, str]) -> str:
    """A line of an amount's derivation, which begins with the firm's name."""
    for name, shown in names.items():
        line = line.replace(name, shown)
    return line


def _figure(figure: Figure, names: Mapping[str, str]) -> Figure:
    value = figure.value
    if isinstance(value, str) and figure.name in _NAMES:
        value = names.get(value) or _name(value)
    return replace(figure, value=value, origins=tuple(_origin(o, names) for o in figure.origins))


def _origin(origin: Origin, names: Mapping[str, str]) -> Origin:
    value, member, file = origin.value, origin.member, origin.file
    shown = (
        names.get(value) or _name(value) if value is not None and origin.field in _NAMES else value,
        member and (names.get(member) or _name(member)),
        file and masked(file),
    )
    # Of most figures there is nothing to be masked.
    return origin if shown == (value, member, file) else replace(origin, value=shown[0], member=shown[1], file=shown[2])


def card_handed_out(card: Card) -> Card:
    """A card as its page shows it."""
    persons = _persons(card)
    return replace(
        card,
        name=public_name(card.name, card.id if card.kind == "enterprise" else None),
        facts=_row(card.facts, persons),
        sections=tuple(_section(s, persons) for s in card.sections),
    )


def _section(section: Section, persons: Mapping[str, str]) -> Section:
    return replace(section, rows=tuple(_row(row, persons) for row in section.rows))


def _persons(card: Card) -> dict[str, str]:
    """The natural persons that a card names, and how they are shown: sentences speak of them too."""
    code = card.id if card.kind == "enterprise" else ""
    names = {card.name} if card.name and not code.startswith("91") else set()
    for row in (card.facts, *(row for section in card.sections for row in section.rows)):
        for column, value in row.items():
            if column in _NAMES or (column in ("value", "old", "new") and row.get("field") in _NAMES):
                names |= {str(v) for v in (value if isinstance(value, (list, tuple)) else [value]) if v}
    return {n: masked_name(n) for n in names if is_person(n)}


def _row(row: Row, persons: Mapping[str, str]) -> Row:
    return {column: _cell(column, value, row, persons) for column, value in row.items()}


def _cell(column: str, value: object, row: Row, persons: Mapping[str, str]) -> object:
    if isinstance(value, (list, tuple)) and column in _NAMES:
        return type(value)(_name(str(v)) for v in value)
    if not isinstance(value, str) or column in _CODES:
        return value
    if column in _NAMES or (column in ("value", "old", "new") and row.get("field") in _NAMES):
        return _name(value)
    for name, shown in persons.items():
        # A name within a longer one is another's.
        value = re.sub(rf"(?<!{_HAN}){re.escape(name)}(?!{_HAN})", shown, value)
    return masked(value)


_HAN = r"[\u3400-\u9fff]"


def _name(text: str) -> str:
    """A name as it may be shown, by its code where that stands behind it."""
    match = _NAMED.fullmatch(text)
    return f"{public_name(match[1], match[2])}（{match[2]}）" if match else masked_name(text)
