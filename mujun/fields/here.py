"""What fields, tables and units of the dictionary are called in the language of whoever reads it.

Names, places and values stay as they are on record; so do headers of files, which are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from mujun.fields import FIELDS, TABLES, Field, label_of
from mujun.fields.english import ENGLISH_TABLES, ENGLISH_TENURES, english_label, english_unit
from mujun.messages import language


def field_here(name: str, label: str | None = None) -> str:
    """What a field is called; a name that the dictionary does not have stays as it is.

    Args:
        name: the field's.
        label: what it is called in Chinese where its table calls it otherwise than the dictionary.
    """
    chinese = label_of(name) if label is None else label
    return chinese if language() == "zh" else english_label(name) or chinese


def table_here(name: str) -> str:
    """What a table is called; a name that the dictionary does not have stays as it is."""
    if name not in TABLES:
        return name
    return TABLES[name].label if language() == "zh" else ENGLISH_TABLES[name]


def with_unit(field: Field) -> str:
    """A field's label with its unit, as above what is typed."""
    return labelled(field.name, field.label, field.unit.split("(")[0])


def labelled(name: str, label: str, unit: str, apart: str = "") -> str:
    """A label with its unit.

    Args:
        name: the field's.
        label: what it is called in Chinese.
        unit: its unit; empty for none.
        apart: what stands before the bracket in Chinese.
    """
    if language() == "zh":
        return f"{label}{apart}（{unit}）" if unit else f"{label}{apart}"
    word = english_label(name) or label
    return f"{word} ({english_unit(unit)})" if unit else word


def label_here(label: str) -> str:
    """What a label of the dictionary is called, be it with its unit behind; another word stays as it is."""
    return label if language() == "zh" else _in_english(label)


def unit_here(unit: str) -> str:
    """A unit; what has no English word stays as it is."""
    return unit if language() == "zh" else english_unit(unit)


LABELS = frozenset(
    ("label", "labels", "field", "fields", "other", "others", "above", "below", "proof", "columns", "blank", "item")
)
"""What a sentence's values are called where they may be labels of fields; another word passes through."""

OF_TABLES = frozenset(("table", "whose"))
"""The same of tables."""

UNITS = frozenset(("unit", "units", "proof_value"))
"""The same of units, alone or behind a figure."""


def values_here(values: Mapping[str, object]) -> dict[str, object]:
    """What goes into a sentence: the dictionary's labels, units and tenures as they are called here, all else as it is.

    Sentences are kept with the labels that departments write; only who reads them in English wants other words.
    """
    return {n: _here(n, v) for n, v in values.items()} if language() != "zh" else dict(values)


def _here(name: str, value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_here(name, v) for v in value]
    if not isinstance(value, str):
        return value
    if name in OF_TABLES:
        return next((ENGLISH_TABLES[n] for n, t in TABLES.items() if t.label == value), value)
    if name in LABELS:
        return _in_english(value)
    if name in UNITS:
        figure, space, unit = value.rpartition(" ")
        return f"{figure}{space}{english_unit(unit)}"
    return ENGLISH_TENURES.get(value, value) if name == "tenure" else value


_UNIT = re.compile("（([^（）]+)）$")


def _in_english(word: str) -> str:
    """What a label is called in English, be it with its unit behind; a word that is none stays."""
    known = _english_labels()
    unit = _UNIT.search(word)
    if word in known or unit is None:
        return known.get(word, word)
    label = known.get(word[: unit.start()])
    return f"{label} ({english_unit(unit.group(1))})" if label else word


@cache
def _english_labels() -> Mapping[str, str]:
    fields = [f for t in TABLES.values() for f in t.fields]
    labels = {f.label: english_label(f.name) for f in (*fields, *FIELDS.values())}
    return {chinese: english for chinese, english in labels.items() if english}
