"""A small county, rated: forty enterprises in three townships, some of them awkward."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

import polars as pl

from mujun.allocation import Allocation, allocate
from mujun.fields import FRAME_FIELDS
from mujun.rating import Rating, rate
from mujun.rectification import Listing, list_enterprises
from mujun.rules import RuleSet, load_rules

RULES = "zhejiang/shengzhou-2022"
FORMULA = '=HYPERLINK("http://example.invalid","点我")'
MARKUP = "<b>甲&乙</b>有限公司"


@dataclass(frozen=True)
class Year:
    """What `write_year` takes."""

    rating: Rating
    frame: pl.DataFrame
    listing: Listing | None
    allocation: Allocation | None
    number: int | None


def frame() -> pl.DataFrame:
    """The year's frame."""
    rows = []
    for i in range(40):
        above = i % 3 != 0
        rows.append(
            {
                "year": 2022,
                "credit_code": f"9133068300000{i:04d}X",
                "name": {1: FORMULA, 2: MARKUP, 3: "@SUM(1)", 4: "-1+2"}.get(i, f"示例企业{i:04d}"),
                "township": ["甘霖镇", "三江街道", "贵门乡", None][i % 4],
                "industry": ["3812", "1751", "1819", "5211"][0 if i == 7 else i % 3] if i != 11 else "5211",
                "scale": "规上" if above else "规下",
                "land_mu": Decimal(4 + i) if i != 9 else None,
                "tax_paid": Decimal(30 + 17 * ((i * 7) % 40)) / 4,
                "value_added": Decimal(400 + 31 * ((i * 11) % 40)),
                "energy_tce": Decimal(100 + 13 * ((i * 3) % 40)),
                "emissions_t": Decimal("0.1") * (1 + i % 5),
                "electricity_kwh": Decimal(60_000 + 9_000 * i),
                "water_m3": Decimal(1_000 + 100 * i),
                "land_use_tax": Decimal("1.2345") * (1 + i % 4),
                "revenue": Decimal(3_000 + 100 * i),
                "rd_expense": Decimal(30 + i),
                "employees": Decimal(20 + i),
                "started_on": date(2021, 6, 1) if i == 5 else date(2010, 1, 1),
                "labels": ["高新技术企业"] if i % 5 == 0 else ["问题隐患"] if i % 9 == 1 else [],
            }
        )
    schema = {name: FRAME_FIELDS[name].dtype for name in rows[0]}
    return pl.DataFrame(rows, schema=schema)


@cache
def year(*, binding: bool = True) -> Year:
    """The year rated, listed and allocated."""
    rules = ruleset(binding=binding)
    data = frame()
    rating = rate(data, rules)
    return Year(rating, data, list_enterprises(rules, data, rating), allocate(rules, data, rating), 7)


@cache
def ruleset(*, binding: bool = True) -> RuleSet:
    """The rules, of a binding or of a trial year."""
    rules = load_rules(RULES)
    assert rules.rating is not None
    return rules if binding else replace(rules, rating=replace(rules.rating, binding=False))
