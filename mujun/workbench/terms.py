"""What fields and tables of the dictionary are called on a page, in the language of whoever reads it."""

from __future__ import annotations

from mujun.fields import TABLES, Field, label_of
from mujun.fields.english import ENGLISH_TABLES, english_label, english_unit
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
