"""Units of area, money, energy and the rest, exact as fractions.

A unit is a factor and a product of dimensions. Area is counted in 亩, money in 万元, so that a figure in 元 or ㎡ is
converted by an exact fraction (1 ㎡ = 3/2000 亩, 1 元 = 1/10000 万元). 综合能耗 by 等价值 and by 当量值 are two
dimensions on purpose: the two differ more than twofold and must not be added or compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from mujun.dataclass import dataclass


class UnknownUnit(ValueError):
    """A text that is no unit we know."""


@dataclass(frozen=True)
class Unit:
    """A factor on a product of dimensions: 元/亩 is 1/10000 of money¹ area⁻¹."""

    factor: Fraction
    dimensions: tuple[tuple[str, int], ...]

    def __mul__(self, other: Unit) -> Unit:
        return Unit(self.factor * other.factor, _combined(self, other, 1))

    def __truediv__(self, other: Unit) -> Unit:
        return Unit(self.factor / other.factor, _combined(self, other, -1))

    def __str__(self) -> str:
        above = "·".join(_power(d, n) for d, n in self.dimensions if n > 0) or "1"
        below = "/".join(_power(d, -n) for d, n in self.dimensions if n < 0)
        text = f"{above}/{below}" if below else above
        if self.factor == Fraction(1, 10000) and above == "万元":
            return text.removeprefix("万")
        return text if self.factor == 1 else f"{_amount(self.factor)} {text}"


def _power(dimension: str, exponent: int) -> str:
    return _NAMES[dimension] if exponent == 1 else f"{_NAMES[dimension]}^{exponent}"


def _amount(factor: Fraction) -> str:
    return str(factor.numerator) if factor.denominator == 1 else f"{factor.numerator}/{factor.denominator}"


def _combined(left: Unit, right: Unit, sign: int) -> tuple[tuple[str, int], ...]:
    exponents = dict(left.dimensions)
    for dimension, exponent in right.dimensions:
        exponents[dimension] = exponents.get(dimension, 0) + sign * exponent
    return tuple(sorted((d, n) for d, n in exponents.items() if n))


NO_UNIT = Unit(Fraction(1), ())
"""A plain ratio."""

# What a dimension's unit of 1 is called.
_NAMES: Mapping[str, str] = {
    "money": "万元",
    "area": "亩",
    "energy": "吨标煤",
    "energy_calorific": "吨标煤(当量值)",
    "power": "千瓦时",
    "volume": "立方米",
    "mass": "吨",
    "heat": "吉焦",
    "people": "人",
    "time": "年",
}


def _unit(dimension: str, factor: Fraction | int = 1) -> Unit:
    return Unit(Fraction(factor), ((dimension, 1),))


_KNOWN: dict[str, Unit] = {}
for _names, _known in (
    (("万元", "人民币万元"), _unit("money")),
    (("元", "人民币元", "圆"), _unit("money", Fraction(1, 10_000))),
    (("千元",), _unit("money", Fraction(1, 10))),
    (("亩", "mu"), _unit("area")),
    (("㎡", "m2", "m²", "平方米", "平米", "平方"), _unit("area", Fraction(3, 2000))),
    (("公顷", "ha", "hm2", "hm²"), _unit("area", 15)),
    (("平方公里", "平方千米", "km2", "km²"), _unit("area", 1500)),
    (("吨标煤", "吨标准煤", "tce"), _unit("energy")),
    (("千克标煤", "千克标准煤", "公斤标煤", "kgce"), _unit("energy", Fraction(1, 1000))),
    (("吨标煤当量值", "tce当量值"), _unit("energy_calorific")),
    (("千瓦时", "kwh", "度", "千瓦·时", "kw·h", "kw.h"), _unit("power")),
    (("兆瓦时", "mwh"), _unit("power", 1000)),
    (("立方米", "立方", "m3", "m³", "方", "标方", "标准立方米", "nm3", "nm³"), _unit("volume")),
    (("吨", "t"), _unit("mass")),
    (("千克", "公斤", "kg"), _unit("mass", Fraction(1, 1000))),
    (("克", "g"), _unit("mass", Fraction(1, 1_000_000))),
    (("吉焦", "gj", "百万千焦"), _unit("heat")),
    (("兆焦", "mj"), _unit("heat", Fraction(1, 1000))),
    (("人", "名"), _unit("people")),
    (("年",), _unit("time")),
    (("1", "倍", "个", "家", "户", "项", "户次"), NO_UNIT),
    (("%", "百分之", "百分比"), Unit(Fraction(1, 100), ())),
    (("‰",), Unit(Fraction(1, 1000), ())),
):
    for _name in _names:
        _KNOWN[_name] = _known

_PREFIXES: tuple[tuple[str, int], ...] = (("亿", 10**8), ("百万", 10**6), ("万", 10**4), ("千", 10**3), ("百", 10**2))


@lru_cache(maxsize=512)
def parse_unit(text: str) -> Unit:
    """The unit a text means: `万元/亩`, `万千瓦时`, `元/㎡`, `kgce`, `%`.

    Raises:
        UnknownUnit: a part of the text is no unit we know.

    >>> parse_unit("亿元").factor, parse_unit("㎡").factor
    (Fraction(10000, 1), Fraction(3, 2000))
    >>> parse_unit("万元/万千瓦时") == parse_unit("元/kWh")
    True
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower().replace(" ", "")
    plain = re.sub(r"[()]", "", plain)
    if not plain:
        return NO_UNIT
    first, *others = plain.replace("每", "/").split("/")
    unit = _simple(first, text)
    for other in others:
        unit = unit / _simple(other, text)
    return unit


def _simple(part: str, whole_text: str) -> Unit:
    if part in _KNOWN:
        return _KNOWN[part]
    for prefix, factor in _PREFIXES:
        if part.startswith(prefix) and part[len(prefix) :] in _KNOWN:
            known = _KNOWN[part[len(prefix) :]]
            return Unit(known.factor * factor, known.dimensions)
    raise UnknownUnit(whole_text)


def conversion(given: Unit, wanted: Unit) -> Fraction | None:
    """What to multiply a figure in `given` with to have it in `wanted`; `None` where they measure different things.

    >>> conversion(parse_unit("㎡"), parse_unit("亩"))
    Fraction(3, 2000)
    >>> conversion(parse_unit("吨标煤"), parse_unit("千瓦时")) is None
    True
    """
    if given.dimensions != wanted.dimensions:
        return None
    return given.factor / wanted.factor
