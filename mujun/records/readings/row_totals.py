"""Rows that equal the sum of the other rows of their firm: totals under words that nobody foresaw.

Added to its parts such a row counts everything twice. What it is called helps to tell it from a part that happens to
equal the others: 税额 beside 增值税, 全厂 beside two accounts; not one of two taxes, nor 东厂区 beside 西厂区.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal

from mujun.dataclass import dataclass
from mujun.records.readings.sub_words import word_of

_NUMBERED = re.compile(r"[0-9a-z\-/.*()（）#]+", re.IGNORECASE)
_WHOLE = ("全", "总", "合", "共", "各", "整", "汇", "本", "两")
_ENDS = ("额", "量", "数", "计", "和")
_TELLING = 3
"""Digits of a figure from which it is no chance that two others add up to it."""


@dataclass(frozen=True)
class SumRow:
    """A row of a firm: its position, what tells it apart, its figures, and whether it names a time."""

    at: int
    texts: tuple[str, ...]
    figures: tuple[Decimal | None, ...]
    dated: bool = False

    @property
    def called(self) -> str:
        """What tells it apart, in one text."""
        return " ".join(t for t in self.texts if t)


@dataclass
class Sums:
    """Rows that equal the sum of the others of their firm.

    Attributes:
        asked: those that are likely totals, by position, and what they are called.
        alike: positions of those of which nothing else says so.
    """

    asked: dict[int, str] = field(default_factory=dict)
    alike: set[int] = field(default_factory=set)


def sums_among(firms: Sequence[Sequence[SumRow]]) -> Sums:
    """The rows that equal the sum of the others.

    Args:
        firms: of each firm with several rows the rows that would be added.
    """
    sums = Sums()
    equal = [{r.at for r in rows if _equals_others(r, rows)} for rows in firms]
    kinds: dict[str, list[tuple[SumRow, bool]]] = {}
    for rows, here in zip(firms, equal, strict=True):
        for r in rows:
            kinds.setdefault(r.called, []).append((r, r.at in here))
    for rows, here in zip(firms, equal, strict=True):
        # A word names a total where it does so for each firm that has it.
        named = [r for r in rows if r.at in here and _may_be_total(r, rows) and all(ok for _, ok in kinds[r.called])]
        if named:
            sums.asked[named[-1].at] = named[-1].called
        if named and not _likely(named[-1], rows, len(kinds[named[-1].called])):
            del sums.asked[named[-1].at]
            sums.alike.add(named[-1].at)
    at_ends = _at_ends(firms, equal)
    for rows, here in zip(firms, equal, strict=True):
        if any(r.at in sums.asked or r.at in sums.alike for r in rows):
            continue
        end = rows[-1] if at_ends == "last" else rows[0]
        if at_ends and end.at in here:
            sums.asked[end.at] = end.called
        elif len(rows) > 2:
            sums.alike |= {r.at for r in rows if r.at in here and not any(_known_part(t) for t in r.texts if t)}
    return sums


def _equals_others(one: SumRow, rows: Sequence[SumRow]) -> bool:
    """Whether each figure of a row is the sum of the others'. Rows that name a time are no totals."""
    if one.dated:
        return False
    others = [r for r in rows if r is not one]
    if len(others) > 1 and sum(any(v for v in r.figures) for r in others) < 2:
        return False
    filled = False
    for n, value in enumerate(one.figures):
        known = [v for r in others if (v := r.figures[n]) is not None]
        if value is None and not known:
            continue
        filled = True
        if not value or not known or sum(known, Decimal(0)) != value:
            return False
    return filled


def _may_be_total(one: SumRow, rows: Sequence[SumRow]) -> bool:
    """Whether what a row is called may mean a total: no number, no part we know, nothing like the parts beside it."""
    texts = [t for t in one.texts if t]
    if not texts or all(_NUMBERED.fullmatch(t) for t in texts):
        return False
    if any(_known_part(t) for t in texts):
        return False
    if any(t.startswith(_WHOLE) for t in texts):
        return True
    others = {t for r in rows if r is not one for t in r.texts if t}
    return not any(_sisters(t, o) for t in texts for o in others if t != o)


def _known_part(text: str) -> bool:
    return (word := word_of(text)) is not None and word.kind != "total"


def _likely(one: SumRow, rows: Sequence[SumRow], firms: int) -> bool:
    """Whether a row is more than a chance: by its word, in several firms, or by figures that do not meet by chance.

    锅炉 100 beside 照明 100, or 生产 6 beside 管理 2 and 销售 4, in one firm alone are told and not asked about.
    """
    if firms > 1 or any(t.startswith(_WHOLE) or t.endswith(_ENDS) for t in one.texts if t):
        return True
    return len(rows) > 2 and any(_digits(v) >= _TELLING for r in rows for v in r.figures if v)


def _digits(value: Decimal) -> int:
    """The digits of a figure without zeros at either end.

    >>> _digits(Decimal("120000.00")), _digits(Decimal("0.0305"))
    (2, 3)
    """
    return len(value.normalize().as_tuple().digits)


def _sisters(text: str, other: str) -> bool:
    """东厂区 and 西厂区, 一车间 and 二车间, 工业用水 and 生活用水."""
    return text[-1] == other[-1] and len(text) == len(other)


def _at_ends(firms: Sequence[Sequence[SumRow]], equal: Sequence[set[int]]) -> str:
    """Whether in every firm of three rows or more the last (or the first) row is the sum of the others."""
    longer = [(rows, here) for rows, here in zip(firms, equal, strict=True) if len(rows) > 2]
    if longer and all(rows[-1].at in here for rows, here in longer):
        return "last"
    if longer and all(rows[0].at in here for rows, here in longer):
        return "first"
    return ""
