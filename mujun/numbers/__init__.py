"""Exact decimals, 四舍五入 and units: the number rules every other room relies on.

Quantities are `Decimal(18, 6)`; floats live only within a row; nothing adds floats across rows. The rules are in
`rounding` and `units`; the reasons are in the docstrings there.
"""

from mujun.numbers.months import full_months, full_years, months_later, months_left
from mujun.numbers.plot_ratio import plot_ratio
from mujun.numbers.rounding import (
    QUANTITY,
    QUANTITY_LIMIT,
    WIDE,
    at12,
    at12_number,
    divided,
    half_up,
    points_of_twelfths,
    points_to_decimal,
    round_decimal,
    round_points,
    to_quantity,
    whole,
    wide,
    with_at12,
    with_decimals,
)
from mujun.numbers.units import NO_UNIT, Unit, UnknownUnit, conversion, parse_unit

__all__ = [
    "NO_UNIT",
    "QUANTITY",
    "QUANTITY_LIMIT",
    "WIDE",
    "Unit",
    "UnknownUnit",
    "at12",
    "at12_number",
    "conversion",
    "divided",
    "full_months",
    "full_years",
    "half_up",
    "months_later",
    "months_left",
    "parse_unit",
    "plot_ratio",
    "points_of_twelfths",
    "points_to_decimal",
    "round_decimal",
    "round_points",
    "to_quantity",
    "whole",
    "wide",
    "with_at12",
    "with_decimals",
]
