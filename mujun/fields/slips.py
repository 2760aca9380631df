"""Figures written in another unit than they say: the factors that such slips leave, and which one explains a change.

One knowledge for the checks of records, which compare a row with last year's, and for the search for anomalies, which
compares with peers too.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from mujun.dataclass import dataclass
from mujun.fields.field import Field
from mujun.numbers import round_decimal

MOVES = Fraction(3, 2)
"""How far a flow (tax, revenue, power) may move in a year besides the slip: nine firms in ten stay within half."""

STANDS = Fraction(102, 100)
"""How far an area may, and any figure where the slip is a rare one: then only an all but exact factor counts."""


@dataclass(frozen=True)
class Slip:
    """A factor that comes of writing one unit for another, and how closely a change has to fit it.

    The first of a dimension is the usual one.
    """

    factor: Fraction
    units: str
    within: Fraction = STANDS


_SLIPS: dict[str, tuple[Slip, ...]] = {
    "money": (Slip(Fraction(10_000), "元/万元", MOVES), Slip(Fraction(1_000), "千元/百万元")),
    "area": (Slip(Fraction(2000, 3), "㎡/亩"), Slip(Fraction(10_000), "㎡/公顷")),
    "power": (Slip(Fraction(10_000), "千瓦时/万千瓦时", MOVES), Slip(Fraction(1_000), "千瓦时/兆瓦时")),
    "volume": (Slip(Fraction(10_000), "立方米/万立方米", MOVES), Slip(Fraction(1_000), "立方米/千立方米")),
    "mass": (Slip(Fraction(1_000), "千克/吨", MOVES), Slip(Fraction(10_000), "吨/万吨")),
    "energy": (Slip(Fraction(1_000), "千克标煤/吨标煤", MOVES), Slip(Fraction(10_000), "吨标煤/万吨标煤")),
    "heat": (Slip(Fraction(1_000), "兆焦/吉焦"), Slip(Fraction(10_000), "吉焦/万吉焦")),
}
_SLIPS["energy_calorific"] = _SLIPS["energy"]
SLIPS: Mapping[str, tuple[Slip, ...]] = _SLIPS
"""The slips of every dimension."""


def slips_of(f: Field) -> tuple[Slip, ...]:
    """The slips that a field's figures may have; none for texts, ratios and plain counts."""
    if f.kind != "quantity" or len(f.measured_in.dimensions) != 1:
        return ()
    dimension, power = f.measured_in.dimensions[0]
    return SLIPS.get(dimension, ()) if power == 1 else ()


def slip_between(value: Decimal, other: Decimal, slips: tuple[Slip, ...]) -> tuple[Slip, Decimal] | None:
    """The slip that explains how a figure stands to another, and the value that would be right."""
    ratio = Fraction(value) / Fraction(other)
    for slip in slips:
        for factor in (slip.factor, 1 / slip.factor):
            if 1 / slip.within <= ratio / factor <= slip.within:
                return slip, without(value, factor)
    return None


def without(value: Decimal, factor: Fraction) -> Decimal:
    """The figure with the factor of a slip taken out."""
    return round_decimal(Fraction(value) / factor, 6)
