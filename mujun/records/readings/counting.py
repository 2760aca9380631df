"""Which of several columns of one figure count: a total before its parts, parts that make a whole, this year's only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal

from mujun.dataclass import dataclass
from mujun.records.readings.sub_words import ELSEWHEN, PARTS, Word, WordKind

Doubt = Literal["parts_unknown", "parts_missing", "several_totals", "years"]
"""Why it cannot be said which columns count.

parts_unknown: sub-columns we do not know, and no total; parts_missing: parts that do not make a whole (nine months);
several_totals: more than one column says that it is the whole; years: columns of several years, and no year is said.
"""


@dataclass(frozen=True)
class Counted:
    """What becomes of the columns of one figure.

    Attributes:
        count: the columns that are added up to the figure; one is the figure itself.
        parts: columns of which the sum is held against the figure.
        aside: columns that are no figure of this year, or a part of which the rest is not there.
        kind: of several that are added, what they are parts by.
        doubt: why it is a question; then nothing counts and `choices` are what may.
        choices: by what a person may choose, the columns that would count.
    """

    count: tuple[int, ...] = ()
    parts: tuple[int, ...] = ()
    aside: tuple[int, ...] = ()
    kind: WordKind | None = None
    doubt: Doubt | None = None
    choices: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


Column = tuple[int, tuple[Word, ...]]
"""A column's position and the words beside its field, the outermost first."""


def counted(columns: Sequence[Column], year: int | None) -> Counted:
    """Which columns of one figure count.

    Args:
        columns: all columns of the figure.
        year: the data year, where it is known.
    """
    plain = [i for i, words in columns if not words]
    if len(columns) == 1 and plain:
        return Counted((plain[0],))
    aside = [i for i, words in columns if words and words[0].kind in (*ELSEWHEN, "of_which")]
    left = [(i, words) for i, words in columns if i not in aside]
    dated = [c for c in left if c[1] and c[1][0].kind == "year"]
    if dated:
        return _of_year(left, dated, aside, year)
    totals = [(i, words) for i, words in left if words and words[0].kind == "total"]
    parts = [(i, words) for i, words in left if words and words[0].kind in (*PARTS, "rest")]
    others = [(i, words) for i, words in left if words and words[0].kind == "other"]
    if len(plain) == 1 and not totals:
        return _whole(Counted((plain[0],)), parts, [*aside, *(i for i, _ in others)], year)
    if len(plain) > 1 or len({words[0].which for _, words in totals}) + bool(plain) > 1:
        return _doubt("several_totals", [(i, w) for i, w in left if not w or w[0].kind == "total"], columns)
    if totals:
        inner = counted([(i, words[1:]) for i, words in totals], year)
        if inner.doubt:
            return inner
        return _whole(inner, parts, [*aside, *inner.aside, *(i for i, _ in others)], year)
    if others or not parts:
        return _doubt("parts_unknown", left, columns) if left else Counted(aside=tuple(aside))
    made = _made_of(parts, year)
    if made is None:
        return _doubt("parts_missing", left, columns)
    rest = [i for i, _ in parts if i not in made.count and i not in made.parts]
    return Counted(made.count, made.parts, (*aside, *rest), made.kind)


def _of_year(left: Sequence[Column], dated: Sequence[Column], aside: list[int], year: int | None) -> Counted:
    """Columns that name years: those of the data year count, and those that name none."""
    years = {words[0].which for _, words in dated}
    undated = [c for c in left if c not in dated]
    if year is None and len(years) == 1 and not undated:
        year = int(next(iter(years)))
    if year is None:
        return _doubt("years", left, left)
    mine = [(i, words[1:]) for i, words in dated if words[0].which == str(year)]
    others = [i for i, words in dated if words[0].which != str(year)]
    inner = counted([*mine, *undated], year) if mine or undated else Counted()
    return Counted(
        inner.count, inner.parts, (*aside, *others, *inner.aside), inner.kind, inner.doubt, inner.choices
    )  # fmt: skip


def _whole(figure: Counted, parts: Sequence[Column], aside: Sequence[int], year: int | None) -> Counted:
    """A figure with its parts: held against it where they make a whole."""
    made = _made_of(parts, year) if parts else None
    checked = made.count if made is not None and figure.count not in ((), made.count) else figure.parts
    rest = [i for i, _ in parts if i not in checked]
    return Counted(figure.count, checked, (*aside, *rest), figure.kind)


def _made_of(parts: Sequence[Column], year: int | None) -> Counted | None:
    """The parts of one kind that make a whole; `None` where none do."""
    kinds = {words[0].kind for _, words in parts} - {"rest"}
    for kind in PARTS:
        if kind not in kinds:
            continue
        mine = [(i, w) for i, w in parts if w[0].kind in (kind, "rest")]
        members: dict[str, list[Column]] = {}
        for i, words in mine:
            members.setdefault(words[0].which, []).append((i, words[1:]))
        if not _complete(kind, set(members)):
            continue
        inner = [counted(columns, year) for columns in members.values()]
        if any(c.doubt or not c.count for c in inner):
            continue
        return Counted(tuple(sorted(i for c in inner for i in c.count)), kind=kind)
    return None


def _complete(kind: WordKind, members: set[str]) -> bool:
    """Whether parts of a kind make a whole: twelve months, four quarters, 峰 and 谷, several taxes."""
    match kind:
        case "month":
            return members >= {str(m) for m in range(1, 13)}
        case "quarter":
            return members >= {"1", "2", "3", "4"}
        case "half" | "office":
            return len(members) == 2
        case "deed":
            return len(members) == 2 and any(m.startswith(("未", "无")) for m in members)
        case "tariff":
            return len(members) > 1 and any("谷" in m for m in members) and any("峰" in m for m in members)
        case _:
            return len(members) > 1


def _doubt(doubt: Doubt, among: Sequence[Column], columns: Sequence[Column]) -> Counted:
    """A question: each column alone, all parts together, or none."""
    choices: dict[str, tuple[int, ...]] = {}
    for number, (i, _) in enumerate(among, start=1):
        choices[f"column{number}"] = (i,)
    if len(among) > 1 and doubt in ("parts_unknown", "parts_missing"):
        choices["sum"] = tuple(i for i, _ in among)
    choices["none"] = ()
    return Counted(aside=tuple(i for i, _ in columns), doubt=doubt, choices=choices)
