"""Where a sheet says in which unit its figures are, and which of several sayings counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

from mujun.dataclass import dataclass
from mujun.fields import Field
from mujun.numbers import NO_UNIT, Unit
from mujun.records.headers import as_unit, factor_for

UnitSource = Literal[
    "header", "unit_row", "unit_column", "block_title", "sheet_title", "note", "sheet_name", "file_name", "answer",
    "dictionary",
]  # fmt: skip
"""Where a column's unit comes from. dictionary: nothing says one, and the dictionary's is taken."""


@dataclass(frozen=True)
class Said:
    """A unit and where it is said."""

    unit: Unit
    text: str
    source: UnitSource


_LINE = re.compile(r"(?:计量|金额|货币|数量|面积|量纲)?单位\s*(?:[:为是]|均为)?\s*([^\n]{1,40})")
_IN_WORDS = re.compile(
    r"(?:(?:均|都|皆)?[以按用]|(?:金额|数据|数字|数额|税额|税款|面积|数量|电量)(?:均|都|皆)?(?:为|是|系|以|按))"
    r"(?:人民币)?([^,;。.、\s以按用为是系]{1,8}?)(?:计算|计|为单位|填列|填报|反映|列示)?(?=[,;。.、\s)]|$)"
)
"""A unit in a sentence: `以上金额均以千元计`, `本表金额为千元`."""
_SPLIT = re.compile(r"[,;、。\s()\[\]【】]+|和|及|,")


def in_line(line: str, source: UnitSource) -> list[Said]:
    """The units that a line says: `单位：万元、亩`, `金额单位：人民币千元（列至角分）`, `…情况表（万元）`,

    `注：以上金额均以千元计`. 填报单位：某局 says none.
    """
    plain = unicodedata.normalize("NFKC", line).strip()
    units: list[Said] = []
    for match in _LINE.finditer(plain):
        units += _parts(match.group(1), source)
    if not units:
        units += [unit for match in _IN_WORDS.finditer(plain) for unit in _parts(match.group(1), source)]
    if not units and (whole := as_unit(plain.strip("()[]【】 "))) is not None and whole != NO_UNIT:
        units.append(Said(whole, plain.strip("()[]【】 "), source))
    if not units and (bracket := re.search(r"[(\[【]([^()\[\]【】]{1,20})[)\]】]$", plain)):
        units += _parts(bracket.group(1), source)
    return units


def _parts(text: str, source: UnitSource) -> list[Said]:
    units: list[Said] = []
    for part in _SPLIT.split(text):
        options = [part, *part.split("/")] if "/" in part else [part]
        for option in options:
            unit = as_unit(option.removesuffix("计")) if option else None
            if unit is not None and unit != NO_UNIT:
                units.append(Said(unit, option.removeprefix("人民币") or option, source))
    return units


_AT_END = (
    "百万元", "千万元", "亿元", "万元", "千元", "元", "平方米", "平方公里", "公顷", "亩", "万千瓦时", "千瓦时",
    "万度", "度", "万立方米", "立方米", "吨标准煤", "吨标煤", "万吨", "千克", "吨", "吉焦", "kwh", "m2", "m3", "tce",
)  # fmt: skip


def in_name(name: str, source: UnitSource) -> list[Said]:
    """The unit that a sheet's or file's name says: `2022税收（元）`, `税收_单位万元`, `用地平方米`."""
    plain = unicodedata.normalize("NFKC", name).strip().lower()
    units = in_line(plain, source)
    if units:
        return units
    for bracket in re.findall(r"[(\[【]([^()\[\]【】]{1,20})[)\]】]", plain):
        units += _parts(bracket, source)
    if units:
        return units
    end = next((u for u in _AT_END if plain.endswith(u) and len(plain) > len(u)), None)
    if end is None or re.search(r"[状单公多]元$|制度$|年度$|季度$|月度$|进度$|强度$", plain):
        return []
    unit = as_unit(end)
    return [] if unit is None else [Said(unit, end, source)]


def fitting(sayings: Iterable[Said], f: Field) -> list[Said]:
    """Of what is said, what can be a field's unit; each unit once."""
    by_unit: dict[Unit, Said] = {}
    for s in sayings:
        if factor_for(f, s.unit) is not None:
            by_unit.setdefault(s.unit, s)
    return list(by_unit.values())


@dataclass(frozen=True)
class Sayings:
    """What is said around a table, by where it is said, the nearest first."""

    near: tuple[Said, ...] = ()
    sheet: tuple[Said, ...] = ()
    notes: tuple[Said, ...] = ()
    names: tuple[Said, ...] = ()

    def about(self, f: Field) -> list[Said]:
        """What they say of a field's unit: the nearest title's word, and what contradicts it.

        A table's own title goes before the sheet's. More than one is a contradiction.
        """
        near = fitting(self.near, f) or fitting(self.sheet, f)
        return fitting([*near, *fitting(self.notes, f), *fitting(self.names, f)], f)


def sayings(
    titles: Sequence[str], sheet_titles: Sequence[str], notes: Sequence[str], sheet: str | None, file: str
) -> Sayings:
    """Everything that titles, notes and names say of units."""
    return Sayings(
        tuple(s for t in titles for s in in_line(t, "block_title")),
        tuple(s for t in sheet_titles for s in in_line(t, "sheet_title")),
        tuple(s for t in notes for s in in_line(t, "note")),
        (*in_name(sheet or "", "sheet_name"), *in_name(file, "file_name")),
    )
