"""Finding a field by what people call it: its name, its label, or a header seen in practice."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from mujun.fields.field import Field, Table
from mujun.fields.frame import FRAME_FIELDS
from mujun.fields.tables import TABLES

FIELDS: dict[str, Field] = {**{f.name: f for t in TABLES.values() for f in t.fields}, **FRAME_FIELDS}
"""Every field there is, by name. Where a table and the frame share a name, the frame's meaning stands."""

_UNIT_IN_BRACKETS = re.compile(r"[（(\[【]([^（()）\]】]*)[)）\]】]\s*$")


def normal_header(header: str) -> tuple[str, str | None]:
    """A header without width, space and case differences, and the bracket at its end, if there is one.

    The bracket may be a unit or part of the name: the caller tries both.

    >>> normal_header("用地面积（平方米）")
    ('用地面积', '平方米')
    """
    plain = unicodedata.normalize("NFKC", header)
    match = _UNIT_IN_BRACKETS.search(plain)
    bracket = match.group(1).strip() if match else None
    return _squeezed(plain[: match.start()] if match else plain), bracket


def _squeezed(text: str) -> str:
    return re.sub(r"[\s*:_\-]+", "", unicodedata.normalize("NFKC", text)).lower()


def headers_of(table: Table) -> Mapping[str, Field]:
    """Every spelling of a header of `table`, normalised, and the field it means."""
    return _spellings(table.name)


@cache
def _spellings(name: str) -> Mapping[str, Field]:
    # Kept: finding the header of one sheet asks thousands of times.
    by_spelling: dict[str, Field] = {}
    for f in TABLES[name].fields:
        for spelling in (f.name, f.label, *f.synonyms):
            by_spelling.setdefault(_squeezed(spelling), f)
            # 综合能耗（等价值） is also written 综合能耗等价值.
            by_spelling.setdefault(_squeezed(re.sub(r"[（()）]", "", spelling)), f)
    return by_spelling


_BY_LABEL: dict[str, str] = {}
for _field in FIELDS.values():
    _BY_LABEL.setdefault(_squeezed(_field.label), _field.name)
for _field in FRAME_FIELDS.values():
    _BY_LABEL[_squeezed(_field.label)] = _field.name


def find_field(word: str) -> Field | None:
    """The field that a rule means by `word`: a name or a Chinese label."""
    if word in FIELDS:
        return FIELDS[word]
    name = _BY_LABEL.get(_squeezed(word))
    return FIELDS[name] if name else None


def label_of(name: str) -> str:
    """The Chinese label of a field; the name itself where there is none."""
    return FIELDS[name].label if name in FIELDS else name


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like `word`, if one looks like it at all."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None
