"""What a header means: the field, the unit it is written in, and the year it names.

A header is a field's name, its Chinese label or a known synonym, with or without a unit (`用地面积（平方米）`,
`税收/万元`) and a year before it (`2022年用电量`). A bracket that is neither a unit nor part of a name changes the
meaning of a quantity and makes the header unknown; for texts it is a remark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from mujun.dataclass import dataclass
from mujun.fields import TABLES, Field, Table, headers_of, nearest, normal_header
from mujun.numbers import Unit, UnknownUnit, conversion, parse_unit
from mujun.records.cells import converting

NOT_TAKEN_QUIETLY = frozenset(
    ("序号", "编号", "no", "no.", "行号", "问题", "处理办法", "来源文件", "原工作表", "原行号", "index")
)
"""Headers that are no data: counters, and what the findings workbook adds for its reader."""

# Remarks in a quantity's bracket that do not change what it means.
_REMARKS = frozenset(("必填", "选填", "单位", "全年", "年", "年度", "当年", "本年", "保留两位小数", "保留2位小数", "*"))


@dataclass(frozen=True)
class Header:
    """One column of a file and what it means.

    Attributes:
        index: position of the column in the sheet.
        text: the header as the file has it.
        field: the field it means.
        unit: the unit written in the header; `None` where none is.
        year: the year written in the header.
        exact: whether it is the field's own name or label, which goes before synonyms.
    """

    index: int
    text: str
    field: Field
    unit: Unit | None = None
    unit_text: str = ""
    year: int | None = None
    exact: bool = False

    @property
    def factor(self) -> Fraction | None:
        """What turns a figure of this column into the dictionary's unit; `None` where the unit cannot be right."""
        if self.field.kind != "quantity" or self.unit is None:
            return Fraction(1)
        return factor_for(self.field, self.unit)


WATER = ("water_m3", "water_over_quota_m3")
"""Figures of water: a ton of it is a cubic metre."""

_OF_A_METER = ("power", "volume", "heat")


def factor_for(f: Field, unit: Unit) -> Fraction | None:
    """What turns a figure in a unit into the unit of a field; `None` where the unit cannot be the field's.

    What a meter counts (分月用量) is in 千瓦时, 立方米 or 吉焦, whichever the utility is. Water is counted in 吨 too:
    a ton of it is a cubic metre.
    """
    if f.name in WATER and unit.dimensions == (("mass", 1),):
        return unit.factor
    if f.unit == "" and f.name in ("quantity", "account_use") and len(unit.dimensions) == 1:
        dimension, power = unit.dimensions[0]
        return unit.factor if dimension in _OF_A_METER and power == 1 else None
    return converting(unit, f.measured_in)


def squeezed(text: str) -> str:
    """A text without width, white space and case, and without `* : _ -`: how headers are compared."""
    return re.sub(r"[\s*:_\-]+", "", unicodedata.normalize("NFKC", text)).lower()


@lru_cache(maxsize=4096)
def meaning(text: str, table: str) -> Header | None:
    """What a header means in a table (with index 0), or `None`."""
    if not text or len(text) > 60:
        return None
    header = _of(text, table)
    if header is not None:
        return header
    dated = re.match(r"\s*(20[0-9]{2})\s*(?:年度|年)?\s*(?=[^0-9\s])", unicodedata.normalize("NFKC", text))
    if dated is None:
        return None
    header = _of(unicodedata.normalize("NFKC", text)[dated.end() :], table)
    return None if header is None else replace(header, text=text, year=int(dated.group(1)))


def _of(text: str, table: str) -> Header | None:
    known = headers_of(TABLES[table])
    whole = squeezed(text)
    if whole in known:
        return _header(text, known[whole])
    base, bracket = normal_header(text)
    if bracket is not None:
        return _with_bracket(text, base, bracket, known)
    if whole[:2] not in _beginnings(table):
        return None
    # 税收万元, 用地面积/亩
    for cut in range(len(whole) - 1, 0, -1):
        f = known.get(whole[:cut].rstrip("/,、"))
        if f is not None and f.kind == "quantity":
            unit = as_unit(whole[cut:].lstrip("/,、"))
            if unit is not None and conversion(unit, f.measured_in) is not None:
                return replace(_header(text, f), unit=unit, unit_text=whole[cut:].lstrip("/,、"))
    return None


@lru_cache(maxsize=32)
def _beginnings(table: str) -> frozenset[str]:
    """How the headers of a table begin: most cells that are tried as headers begin otherwise."""
    return frozenset(spelling[:2] for spelling in headers_of(TABLES[table]))


def _header(text: str, f: Field) -> Header:
    return Header(0, text, f, exact=squeezed(text) in (squeezed(f.name), squeezed(f.label)))


def _with_bracket(text: str, base: str, bracket: str, known: Mapping[str, Field]) -> Header | None:
    f = known.get(base)
    if f is not None and f.kind != "quantity":
        return replace(_header(text, f), exact=base in (squeezed(f.name), squeezed(f.label)))
    units: list[tuple[str, Unit]] = []
    others: list[str] = []
    for part in re.split(r"[,;:，；：、\s]+", bracket):
        unit = as_unit(part)
        if unit is not None and part not in _REMARKS:
            units.append((part, unit))
        elif part and part not in _REMARKS:
            others.append(part)
    if others:
        # 综合能耗（当量值，吨标煤）: what is left belongs to the name.
        f = known.get(squeezed(f"{base}({''.join(others)})"))
        if f is None and others == ["分"]:
            f = known.get(base)
            f = f if f is not None and f.unit == "" else None
    if f is None or len(units) > 1:
        return None
    header = replace(_header(text, f), exact=base in (squeezed(f.name), squeezed(f.label)))
    return replace(header, unit=units[0][1], unit_text=units[0][0]) if units else header


@lru_cache(maxsize=1024)
def as_unit(text: str) -> Unit | None:
    """The unit that a text is, or `None`; 人民币 before it is left out."""
    try:
        unit = parse_unit(text.removeprefix("人民币") or text) if text else None
    except UnknownUnit:
        return None
    return unit


def is_unit(text: str) -> bool:
    """Whether a text is nothing but a unit, in brackets or not: a row of such texts may stand below a header."""
    inner = unicodedata.normalize("NFKC", text).strip().strip("()[]【】")
    return as_unit(inner) is not None


def nearest_header(text: str, tables: Sequence[Table]) -> str | None:
    """The label of the field whose header looks most like an unknown one."""
    spellings = {spelling: f.label for t in tables for spelling, f in headers_of(t).items()}
    close = nearest(normal_header(text)[0], spellings)
    return spellings[close] if close else None
