"""The frame: one row per enterprise and year with everything a rule may look at.

Its columns are the fields of the yearly tables, what follows from `land` and `labels`, and earlier years' values.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from mujun.fields.field import Field
from mujun.fields.tables.enterprises import ENTERPRISES
from mujun.fields.tables.figures import EMISSIONS, ENERGY, OUTPUT, TAX, WATER

LAGS: dict[str, int] = {"_last": 1, "_last2": 2}
"""Suffixes of earlier years' values and how many years they go back."""

LAND_PARTS: tuple[str, ...] = ("owned_mu", "rented_in_mu", "rented_out_mu")
"""What the land of a firm is made of; shown wherever the rules read `land_mu`."""

_DERIVED: tuple[Field, ...] = (
    Field("as_of", "评价基准日", "date", pools="latest", owner="经信局", note="数据年度的 12 月 31 日"),
    Field("industry_division", "行业大类", "text", pools="most_land", owner="统计局", note="行业代码前两位"),
    Field("emissions_t", "污染物排放总量", unit="吨", owner="生态环境局", note="已报各污染物之和；一项也没有报的为空"),
    Field("owned_mu", "自有用地", unit="亩", owner="自然资源局"),
    Field("rented_in_mu", "租入用地", unit="亩", owner="自然资源局"),
    Field("rented_out_mu", "租出用地", unit="亩", owner="自然资源局"),
    Field("land_mu", "实际用地", unit="亩", owner="自然资源局", note="自有 + 租入 − 租出"),
    Field("floor_area_m2", "建筑面积", unit="㎡", owner="自然资源局"),
    Field(
        "plot_ratio",
        "容积率",
        unit="",
        pools="again",
        owner="自然资源局",
        note="建筑面积 ÷ 实际用地（均按㎡）",
    ),
    Field("tenants_above", "规上承租企业数", unit="", owner="自然资源局"),
    Field("tenants_below", "规下承租企业数", unit="", owner="自然资源局"),
    Field("parcels", "所在地块", "texts", pools="union", owner="自然资源局"),
    Field(
        "tenants", "承租企业", "texts", pools="union", owner="自然资源局", note="租用其厂房、土地的在册企业，信用代码"
    ),
    Field(
        "land_use_tax_due",
        "按等级应缴土地使用税",
        unit="万元",
        owner="税务局",
        note="自有用地按地块的土地等级和“土地等级税额”表计算；有一块查不到税额即为空",
    ),
    Field("surveyed_mu", "实测用地", unit="亩", owner="镇街", note="现场核查的实测用地；没有核查的为空"),
    Field("operation", "生产状态", "text", pools="most_land", owner="镇街", note="现场核查所见；没有核查的为空"),
    Field("survey_problems", "核查问题", "texts", pools="union", owner="镇街", note="现场核查发现的问题种类"),
    Field(
        "labels",
        "标签",
        "texts",
        pools="union",
        owner="经信局",
        note="年度内有效的标签；现场核查发现问题的另有“问题隐患”",
    ),
)

MADE_OF: dict[str, tuple[str, ...]] = {
    "industry_division": ("enterprises.industry",),
    "emissions_t": tuple(f"emissions.{f.name}" for f in EMISSIONS.fields if f.unit == "吨"),
    "owned_mu": ("land.area_mu", "land.tenure"),
    "rented_in_mu": ("land.area_mu", "land.tenure"),
    "rented_out_mu": ("land.area_mu", "land.tenure"),
    "land_mu": ("land.area_mu", "land.tenure"),
    "plot_ratio": ("land.floor_area_m2", "land.area_mu"),
    "tenants_above": ("land.counterparty", "enterprises.scale"),
    "tenants_below": ("land.counterparty", "enterprises.scale"),
    "parcels": ("land.parcel",),
    "tenants": ("land.counterparty",),
    "land_use_tax_due": ("land.area_mu", "land.parcel"),
    "surveyed_mu": ("surveys",),
    "operation": ("surveys",),
    "survey_problems": ("surveys",),
    "labels": ("labels",),
    "tier_last": ("ratings",),
    "tier_history": ("ratings",),
}
"""What a firm's value of a column is worked out from: fields with their table, or a table as a whole."""

_HISTORY: tuple[Field, ...] = (
    Field("tier_last", "上年档次", "text", pools="most_land", owner="经信局"),
    Field("tier_history", "历年档次", "texts", pools="none", owner="经信局", note="上年在前；没有评价的年份为空"),
)


REACHED_BY: tuple[str, ...] = ("address", "legal_person", "contact", "phone")
"""Fields of the roll by which an enterprise is found and called; no rule looks at them."""


def _yearly() -> tuple[Field, ...]:
    seen: dict[str, Field] = {}
    for table in (ENTERPRISES, TAX, ENERGY, OUTPUT, EMISSIONS, WATER):
        for f in table.fields:
            if f.name in REACHED_BY:
                continue
            seen.setdefault(f.name, f)
    return tuple(seen.values())


def _lagged(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    words = {1: "上年", 2: "前年"}
    return tuple(
        replace(f, name=f.name + suffix, label=words[years] + f.label, synonyms=())
        for suffix, years in LAGS.items()
        for f in fields
        if f.name not in {"year", "credit_code", "as_of"}
    )


_THIS_YEAR: tuple[Field, ...] = (*_yearly(), *_DERIVED)

FRAME_FIELDS: dict[str, Field] = {f.name: f for f in (*_THIS_YEAR, *_HISTORY, *_lagged(_THIS_YEAR))}
"""Every column a frame may have, by name. A column a frame does not have counts as missing."""


def frame_schema() -> dict[str, pl.DataType]:
    """Column types of a frame."""
    return {name: f.dtype for name, f in FRAME_FIELDS.items()}


def lag_of(name: str) -> tuple[str, int] | None:
    """The field and the number of years that a lagged name means: `tax_paid_last2` is `("tax_paid", 2)`."""
    for suffix, years in sorted(LAGS.items(), key=lambda item: -len(item[0])):
        base = name.removesuffix(suffix)
        if base != name and base in FRAME_FIELDS:
            return base, years
    return None
