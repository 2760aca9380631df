"""Plausible bands: between which bounds the middle figure of a whole file or county lies, if it is in its unit.

A single firm may lie anywhere; the median of a department's file does not. A median outside its band says that the
figures are rather in another unit (元 for 万元, ㎡ for 亩). Bands are for that question only: no row is ever kept out
by one.

They are worked out from published figures of counties like those that mujun is made for, a 规上 firm of middling size
first, then stretched down to the small firms of 3 亩 that the same file may hold, and up by about three for a county
of large ones. A band is always narrower than the usual slip of its unit (ten thousand for money and power, 667 for
areas), or a slip within it would go unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from mujun.dataclass import dataclass

if TYPE_CHECKING:
    from mujun.fields.field import Field


@dataclass(frozen=True)
class Band:
    """The bounds of a plausible median, in the field's unit, and where they come from."""

    low: Decimal
    high: Decimal
    source: str

    def __contains__(self, median: object) -> bool:
        """Whether a median is one that figures in the right unit would have."""
        return isinstance(median, Decimal) and self.low <= median <= self.high


_LAND = "江苏制造业每宗平均16亩、丽水规上企业平均32亩；评价门槛3亩"
_TAX = "丽水2019年各区块规上亩均税收9.81—46.38万元 × 16—32亩，即每家157—1484万元；规下整治线3万元/亩 × 3亩"
_VALUE = "丽水2019年各区块规上亩均增加值47.45—106.35万元 × 16—32亩，即每家759—3403万元"
_BOUNDS: dict[str, tuple[str, str, str]] = {
    "area_mu": ("0.3", "150", _LAND),
    "floor_area_m2": ("100", "50000", f"{_LAND}；容积率0.5—1.5"),
    "tax_paid": ("1", "5000", _TAX),
    "tax_refund": ("0.5", "4000", _TAX),
    "tax_credit": ("0.5", "4000", _TAX),
    "land_use_tax": ("0.1", "100", f"{_LAND}；税额2—16元/㎡"),
    "revenue": ("30", "100000", f"规上门槛主营业务收入2000万元；{_VALUE}，增加值率两至三成"),
    "gross_output": ("30", "100000", f"规上门槛主营业务收入2000万元；{_VALUE}，增加值率两至三成"),
    "value_added": ("5", "15000", _VALUE),
    "profit": ("1", "8000", f"{_VALUE}；利润约为增加值的四分之一"),
    "rd_expense": ("2", "5000", "丽水2019年各区块规上研发费用占营业收入1.04—4.87%，规上门槛2000万元"),
    "employees": ("3", "1500", f"{_VALUE}；全员劳动生产率9.54—23.79万元/人，即每家32—357人"),
    "investment": ("5", "20000", f"{_VALUE}；投资与增加值同一数量级"),
    "tech_investment": ("5", "20000", f"{_VALUE}；投资与增加值同一数量级"),
    "energy_tce": ("5", "4000", "丽水2019年各区块规上单位能耗增加值0.51—3.05万元/吨标煤；" + _VALUE),
    "energy_tce_calorific": ("2", "1900", "等价值的四成以上；" + _VALUE),
    "electricity_kwh": ("5000", "30000000", "黄岩2022年规下单位用电税收基准0.2352万元/万千瓦时"),
    "gas_m3": ("500", "3000000", "丽水2019年单位能耗增加值，天然气1.1—1.33千克标煤/立方米"),
    "water_m3": ("10", "90000", "临海2014年单位用水增加值基准0.1万元/吨；规下企业以生活用水为主"),
}  # fmt: skip
BANDS: Mapping[str, Band] = {
    name: Band(Decimal(low), Decimal(high), source) for name, (low, high, source) in _BOUNDS.items()
}
"""The bands by name of the field, in the dictionary's units."""


def median_of(values: pl.Series) -> Decimal | None:
    """The middle of a column's figures: missing and zero ones say nothing of a unit, losses are as large as gains.

    Of an even number of figures it is the lower middle one: a figure that stands in the file.
    """
    sizes = values.drop_nulls().abs()
    sizes = sizes.filter(sizes > 0).sort()
    return None if sizes.is_empty() else Decimal(sizes[(len(sizes) - 1) // 2])


def implausible_median(f: Field, values: pl.Series) -> Decimal | None:
    """The median of a field's figures where it lies outside the plausible band; missing where all is well."""
    median = None if f.plausible is None else median_of(values)
    return None if median is None or f.plausible is None or median in f.plausible else median
