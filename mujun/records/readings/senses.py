"""What a column of a file means: from its header path (`税收情况 / 国税 / 合计`) to a field and the words beside it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from mujun.dataclass import dataclass
from mujun.fields import TABLES, normal_header
from mujun.numbers import Unit
from mujun.records.headers import Header, as_unit, meaning, squeezed
from mujun.records.readings.sub_words import Word, parted, word_of

_GENERAL = frozenset(("金额", "数额", "数值", "数量", "数", "值", "数据", "指标值", "发生额", "额", "户数据"))
"""Texts below a figure's name that only say that a figure stands there."""

_ENDINGS = ("基本情况", "情况", "数据", "统计", "明细", "指标", "信息", "一览", "汇总", "情况表", "构成")

_HARMLESS = frozenset(
    (
        "电", "水", "气", "热", "煤", "税", "土地", "能源", "能耗", "经济", "产出", "排放", "企业", "基本", "污染物",
        "主要经济", "生产经营", "经营", "财务", "环保", "研发", "投资", "人员", "用工", "规模", "核定", "实际",
        "本表", "指标", "项目",
    )
)  # fmt: skip
"""Groups that change nothing of what the names below them mean."""


@dataclass(frozen=True)
class Sense:
    """What a column means in a table.

    Attributes:
        header: the field, with the unit that the header names; `None` where it is not understood.
        words: words beside the field, the outermost first.
        own_field: for a part that is also a field of its own (土地使用税 under 实缴税金), that field.
        doubtful: the name is a general one and a group above it, which we do not know, may change its meaning.
    """

    header: Header | None
    words: tuple[Word, ...] = ()
    own_field: Header | None = None
    doubtful: bool = False


_UNKNOWN = Sense(None)
_MARKS = re.compile(r"[①-⑳❶-❿⑴-⒇※＊*†‡√]+|(?:[(\[（【]注\s*[0-9一二三四五①-⑳]*[)\]）】]|注\s?[0-9①-⑳]+)$")


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """A header without marks that point to notes: `实缴税金①`, `*综合能耗`, `用电量（注1）`."""
    return _MARKS.sub("", text).strip() or text


@lru_cache(maxsize=8192)
def sense_of(path: tuple[str, ...], table: str) -> Sense:
    """What a column under these headers means in a table.

    Args:
        path: texts above the column, the outermost first; a unit row is no part of it.
        table: the table's name.
    """
    names: list[str] = []
    words: list[Word] = []
    said_by: dict[str, Word] = {}
    unit = None
    for piece in (clean(p) for p in path if p):
        base, bracket = normal_header(piece)
        own_unit = as_unit(bracket) if bracket else None
        word = word_of(piece) or (word_of(base) if own_unit is not None else None)
        if word is None:
            names.append(piece)
            continue
        words.append(word)
        said_by[piece] = word
        if own_unit is not None and bracket:
            unit = (own_unit, bracket)
        if meaning(piece, table) is not None:
            # 土地使用税 is a part of 实缴税金 and a field of its own.
            names.append(piece)
    if not names and table == "land" and any(w.kind == "tenure" for w in words):
        # 自有, 租入, 租出 as columns, with nothing above them: areas, as a table of land has them.
        names.append("用地面积")
    sense = _of_names(tuple(names), tuple(words), table, said_by.get(names[-1]) if names else None)
    if sense.header is not None and unit is not None and sense.header.unit is None:
        sense = replace(sense, header=replace(sense.header, unit=unit[0], unit_text=unit[1]))
    if sense.header is None:
        return sense
    text = " / ".join(p for p in path if p)
    own_field = None if sense.own_field is None else replace(sense.own_field, text=text)
    return replace(sense, header=replace(sense.header, text=text), own_field=own_field)


def _bracket_of(text: str) -> str:
    """The bracket at the end of a text, brackets included; empty where there is none."""
    bracket = re.search(r"[(\[【][^()\[\]【】]*[)\]】]\s*$", text)
    return bracket.group(0) if bracket else ""


def _of_names(names: tuple[str, ...], words: tuple[Word, ...], table: str, leaf_word: Word | None) -> Sense:
    if not names:
        return _UNKNOWN
    leaf, groups = names[-1], names[:-1]
    while groups and squeezed(leaf) in _GENERAL:
        leaf, groups = groups[-1], groups[:-1]
    above = _group_field(groups, table)
    if above is not None and leaf_word is not None:
        # The words already hold it: the group is the figure, the leaf a part with a field of its own.
        return Sense(above, words, own_field=meaning(leaf, table))
    for group in reversed(groups):
        base, unit = unit_apart(group)
        for joined in (f"{base}{leaf}", f"{base}({leaf})"):
            if (of_both := meaning(joined, table)) is not None:
                return Sense(_measured(of_both, unit), _with_year(of_both, words))
    split = _split(leaf, table)
    if split is not None:
        header, more = split
        if leaf_word is not None:
            words = tuple(w for w in words if w != leaf_word)
        doubtful = header.field.kind == "quantity" and not header.exact and not all(_harmless(g) for g in groups)
        doubtful = doubtful and len(squeezed(unit_apart(leaf)[0])) < 4
        # 免抵调库 among the parts of 实缴税金 is counted there already, or is not: nobody can tell from the header.
        doubtful |= above is not None and _part_of_paid(above, header)
        return Sense(header, (*_with_year(header, words), *more), doubtful=doubtful)
    if words and leaf_word is None and (alone := _group_field((leaf,), table)) is not None:
        return Sense(alone, words)
    if above is not None:
        of_which = parted(leaf)
        more = (of_which[0],) if of_which is not None and of_which[0].kind == "of_which" else ()
        tail = word_of(of_which[1]) if of_which is not None else None
        return Sense(above, (*words, *more, tail or Word("other", leaf)))
    return _UNKNOWN


def _part_of_paid(group: Header, part: Header) -> bool:
    """Whether a refund or credit stands among the parts of what was paid."""
    paid = group.field.name == "tax_paid" and re.search(r"实缴|实际|入库|已缴|缴纳|上缴", group.text) is not None
    return paid and part.field.name in ("tax_refund", "tax_credit")


def _with_year(header: Header, words: tuple[Word, ...]) -> tuple[Word, ...]:
    return words if header.year is None else (Word("year", str(header.year)), *words)


def _split(leaf: str, table: str) -> tuple[Header, tuple[Word, ...]] | None:
    """A name with words before, behind or in brackets: `上年同期营业收入（万元）`."""
    header = meaning(leaf, table)
    if header is not None:
        return header, ()
    plain, unit = unit_apart(leaf)
    more: list[Word] = []
    rest = plain
    for _ in range(3):
        cut = parted(rest)
        if cut is None:
            return None
        more.append(cut[0])
        rest = cut[1]
        header = meaning(rest, table)
        if header is not None and header.field.kind == "quantity":
            return replace(_measured(header, unit), text=leaf, exact=False), tuple(more)
    return None


@lru_cache(maxsize=2048)
def _group_field(groups: tuple[str, ...], table: str) -> Header | None:
    """The figure that a group is about: `实缴税金`, `税收情况`; the innermost that is one."""
    for group in reversed(groups):
        base, unit = unit_apart(group)
        options = [group]
        plain = squeezed(base)
        options += [plain[: -len(e)] for e in _ENDINGS if plain.endswith(e) and len(plain) > len(e)]
        for option in options:
            header = meaning(option, table)
            if header is not None and header.field.kind == "quantity":
                return replace(_measured(header, unit), text=group)
    return None


def unit_apart(text: str) -> tuple[str, tuple[Unit, str] | None]:
    """A header without the unit in its bracket, and that unit."""
    plain = unicodedata.normalize("NFKC", text)
    bracket = _bracket_of(plain)
    inner = bracket.strip().strip("()[]【】 ")
    unit = as_unit(inner) if inner else None
    return (text, None) if unit is None else (plain[: -len(bracket)].strip(), (unit, inner))


def _measured(header: Header, unit: tuple[Unit, str] | None) -> Header:
    """A header with a unit, where it has none of its own."""
    return header if unit is None or header.unit is not None else replace(header, unit=unit[0], unit_text=unit[1])


@lru_cache(maxsize=2048)
def _harmless(group: str) -> bool:
    plain = squeezed(group)
    for ending in _ENDINGS:
        if plain.endswith(ending):
            return True
    if plain in _HARMLESS or word_of(group) is not None:
        return True
    return any(plain in (squeezed(w) for w in (t.label, *t.synonyms)) for t in TABLES.values())
