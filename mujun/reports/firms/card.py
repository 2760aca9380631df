"""A card: everything on record about one enterprise or one parcel, in the form that text, page and JSON share.

The JSON form is documented: `format` is `mujun-card-1`; `kind`, `id`, `name`; `facts` by name; and under
`sections` a list of rows per section, each an object whose keys are the section's columns. Quantities are texts of
exact decimals, dates are ISO, what is missing is null. A figure's place is `batch`, `file`, `sheet`, `row`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import escape
from itertools import groupby

from mujun import messages
from mujun.dataclass import dataclass
from mujun.fields import FIELDS, TABLES, label_of
from mujun.numbers import round_decimal
from mujun.reports.drawing.terminal import text_table, width
from mujun.reports.firms.words_here import tenure_here

FORMAT = "mujun-card-1"

PLACE: tuple[str, ...] = ("batch", "file", "sheet", "row")
"""Where a figure stands; shown together as one column `place`."""

Row = Mapping[str, object]


@dataclass(frozen=True)
class Part:
    """One table of a section as texts in the language in force; `heading` is empty where the section is one table."""

    heading: str
    columns: tuple[str, ...]
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _part(heading: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> Part:
    used = [i for i in range(len(columns)) if any(row[i] for row in cells)]
    headers = tuple(column_shown(columns[i]) for i in used)
    return Part(heading, tuple(columns[i] for i in used), headers, tuple(tuple(row[i] for i in used) for row in cells))


@dataclass(frozen=True)
class Section:
    """One kind of record.

    Attributes:
        id: its name in JSON; the catalogue has `card_section_<id>`.
        columns: what text and page show, in order; `place` stands for batch, file, sheet and row together.
        rows: the records with all they have.
        by: the column whose values part the section into tables of their own.
        only_with: rows without this are kept for JSON alone: a blank cell of a file is on record, yet no figure.

    A column in which a table has nothing is left out of it.
    """

    id: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    by: str = ""
    only_with: str = ""

    @property
    def title(self) -> str:
        """Its heading in the language in force."""
        return messages.text(messages.key(f"card_section_{self.id}"))

    def parts(self) -> Iterator[Part]:
        """The tables that text and page show."""
        rows = [r for r in self.rows if not self.only_with or r[self.only_with] is not None]
        for value, several in groupby(rows, lambda r: r[self.by] if self.by else None):
            heading = shown(self.by, {self.by: value}) if self.by else ""
            yield _part(heading, self.columns, [[shown(c, row) for c in self.columns] for row in several])


@dataclass(frozen=True)
class Card:
    """All that is on record about an enterprise (`kind` enterprise) or a parcel (`kind` parcel)."""

    kind: str
    id: str
    name: str
    facts: Mapping[str, object]
    sections: tuple[Section, ...]

    def _repr_html_(self) -> str:
        """The card as a notebook shows it; everything in it is escaped."""
        return f"<pre>{escape(card_text(self))}</pre>"

    @property
    def filled(self) -> tuple[Section, ...]:
        """The sections that have anything."""
        return tuple(s for s in self.sections if s.rows)

    @property
    def title(self) -> str:
        """The first line."""
        return messages.text(messages.key(f"card_title_{self.kind}"), name=self.name or "—", id=self.id)

    def fact_rows(self) -> list[tuple[str, str]]:
        """The facts as label and text; those that are missing are left out."""
        return [
            (column_shown(name), shown(name, self.facts)) for name, value in self.facts.items() if value is not None
        ]


def shown(column: str, row: Row) -> str:
    """A cell as a reader sees it, in the language in force."""
    if column == "place":
        return _place(row)
    value = row.get(column)
    if value is None:
        return ""
    if column == "table":
        return TABLES[str(value)].label if messages.language() == "zh" and value in TABLES else str(value)
    if column == "field":
        return field_shown(str(value))
    if column == "tenure":
        return tenure_here(str(value))
    if column == "treatment":
        return messages.text(messages.key(f"treatment_{value}"))
    if column == "kind" and value in ("surcharge", "relief", "quota", "note"):
        return messages.text(messages.key(f"measure_{value}"))
    if column in ("state", "action"):
        return messages.text(messages.key(f"{column}_{value}"))
    if column in _WORDS:
        return messages.text(messages.key(f"card_{column}_{value}"))
    if isinstance(value, bool):
        return messages.text("card_yes" if value else "card_no")
    if isinstance(value, float):
        return messages.show(round_decimal(Decimal(repr(value)), 4))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return messages.show(value)


_WORDS = frozenset({"said_by", "severity"})


def column_shown(name: str) -> str:
    """A column's or fact's label: the card's own word, else the field's with its unit."""
    of_card = f"card_column_{name}"
    return messages.text(messages.key(of_card)) if of_card in messages.catalogue() else field_shown(name)


def field_shown(name: str) -> str:
    """A field as its reader knows it: by its label with its unit, in English by its name."""
    unit = FIELDS[name].unit.split("(")[0] if name in FIELDS else ""
    if messages.language() != "zh":
        return f"{name} ({unit})" if unit else name
    return f"{label_of(name)}（{unit}）" if unit else label_of(name)


def _place(row: Row) -> str:
    if row.get("batch") is None:
        return ""
    parts = [str(row[c]) for c in ("file", "sheet") if row.get(c) is not None]
    if row.get("row") is not None:
        parts.append(messages.text("place_row", row=row["row"]))
    return messages.text("card_place", batch=row["batch"], place=" ".join(parts))


# ---------------------------------------------------------------------------------------------------------------- forms


def card_text(card: Card) -> str:
    """A card for a terminal."""
    lines = [card.title, "═" * min(width(card.title), 100)]
    colon = "：" if messages.language() == "zh" else ": "
    lines += [f"{label}{colon}{value}" for label, value in card.fact_rows()]
    for section in card.filled:
        lines += ["", section.title, "─" * width(section.title)]
        for part in section.parts():
            if part.heading:
                lines.append(f"【{part.heading}】")
            lines.append(text_table(part.headers, part.rows))
    missing = [s.title for s in card.sections if not s.rows]
    if missing:
        lines += ["", messages.text("card_nothing", sections=missing)]
    return "\n".join(lines)


def card_json(card: Card) -> str:
    """A card as JSON, in the documented form."""
    whole = {
        "format": FORMAT,
        "kind": card.kind,
        "id": card.id,
        "name": card.name,
        "facts": {k: _plain(v) for k, v in card.facts.items()},
        "sections": {s.id: [{k: _plain(v) for k, v in row.items()} for row in s.rows] for s in card.sections},
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return messages.show(value)
    return str(value)
