"""What must hold of every record, as pandera models: one per table.

All checks look at one column. A check of a whole frame would turn every failing row into text, tax records and all,
inside an error message; what needs several columns (duplicate keys) is counted in `checks` instead. Frames are
collected before they are validated: pandera silently leaves data checks out on a LazyFrame.

The models restate the dictionary on purpose: a test holds the two against each other.
"""

from __future__ import annotations

from typing import Annotated, Any

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from mujun.records.identity import is_valid_code
from mujun.records.limits import EARLIEST_YEAR, FIRST_DAY, LAST_DAY, latest_year

Quantity = Annotated[pl.Decimal, 18, 6]


def _quantity(*, negative: bool = False, nullable: bool = True) -> Any:
    return pa.Field(nullable=nullable) if negative else pa.Field(nullable=nullable, ge=0)


def _text(*, nullable: bool = True) -> Any:
    return pa.Field(nullable=nullable)


def _day(*, nullable: bool = True) -> Any:
    return pa.Field(nullable=nullable, ge=FIRST_DAY, le=LAST_DAY)


def _choice(*allowed: str, nullable: bool = True) -> Any:
    return pa.Field(nullable=nullable, isin=list(allowed))


class Firm(pa.DataFrameModel):
    """A record about one enterprise."""

    credit_code: str = pa.Field(nullable=False)
    name: str = _text()

    @pa.check("credit_code")
    def code_is_valid(cls, data: PolarsData) -> pl.LazyFrame:  # noqa: N805
        """A credit code by GB 32100-2015, or a local code."""
        return data.lazyframe.select(is_valid_code(pl.col(data.key)) | pl.col(data.key).is_null())


class Yearly(Firm):
    """A record about one enterprise in one year."""

    year: pl.Int32 = pa.Field(nullable=False, ge=EARLIEST_YEAR)

    @pa.check("year")
    def year_has_come(cls, data: PolarsData) -> pl.LazyFrame:  # noqa: N805
        """Not after this year."""
        return data.lazyframe.select(pl.col(data.key) <= latest_year())


# ---------------------------------------------------------------------------------------------------------- the tables


class Enterprises(Yearly):
    """企业名录."""

    name: str = _text(nullable=False)
    county: str = _text()
    township: str = _text()
    park: str = _text()
    industry: str = pa.Field(nullable=True, str_matches=r"^[0-9]{2,4}$")
    scale: str = _choice("规上", "规下")
    status: str = _text()
    kind: str = _choice("法人", "个体", "自然人")
    group_code: str = _text()
    registered_on: pl.Date = _day()
    started_on: pl.Date = _day()


class Land(Yearly):
    """用地."""

    parcel: str = _text()
    tenure: str = _choice("自有", "租入", "租出", nullable=False)
    area_mu: Quantity = _quantity(nullable=False)
    floor_area_m2: Quantity = _quantity()
    counterparty: str = _text()


class Tax(Yearly):
    """税收: corrections of earlier years can make any figure negative."""

    tax_paid: Quantity = _quantity(negative=True)
    tax_refund: Quantity = _quantity(negative=True)
    tax_credit: Quantity = _quantity(negative=True)
    land_use_tax: Quantity = _quantity(negative=True)


class Energy(Yearly):
    """能源."""

    electricity_kwh: Quantity = _quantity()
    energy_tce: Quantity = _quantity()
    energy_tce_calorific: Quantity = _quantity()
    gas_m3: Quantity = _quantity()
    coal_t: Quantity = _quantity()
    heat_gj: Quantity = _quantity()


class Output(Yearly):
    """产出."""

    revenue: Quantity = _quantity(negative=True)
    value_added: Quantity = _quantity(negative=True)
    gross_output: Quantity = _quantity()
    profit: Quantity = _quantity(negative=True)
    rd_expense: Quantity = _quantity()
    employees: Quantity = _quantity()
    investment: Quantity = _quantity()
    tech_investment: Quantity = _quantity()


class Emissions(Yearly):
    """排放."""

    cod_t: Quantity = _quantity()
    nh3n_t: Quantity = _quantity()
    so2_t: Quantity = _quantity()
    nox_t: Quantity = _quantity()


class Water(Yearly):
    """用水."""

    water_m3: Quantity = _quantity()
    water_over_quota_m3: Quantity = _quantity()


class Labels(Firm):
    """标签."""

    label: str = _text(nullable=False)
    since: pl.Date = _day(nullable=False)
    until: pl.Date = _day()
    document: str = _text()
    note: str = _text()


class Ratings(Yearly):
    """历年评价."""

    tier: str = _text(nullable=False)
    score: Quantity = _quantity(negative=True)
    cohort: str = _text()


class Accounts(Firm):
    """户号."""

    utility: str = _choice("电", "水", "气", "热", nullable=False)
    account: str = _text(nullable=False)
    account_use: Quantity = _quantity()


class Usage(Firm):
    """分月用量."""

    utility: str = _choice("电", "水", "气", "热", nullable=False)
    from_: pl.Date = pa.Field(alias="from", nullable=False, ge=FIRST_DAY, le=LAST_DAY)
    until: pl.Date = _day(nullable=False)
    quantity: Quantity = _quantity(nullable=False)


class Parcels(pa.DataFrameModel):
    """地块."""

    parcel: str = _text(nullable=False)
    holder: str = _text()
    area_mu: Quantity = _quantity()
    floor_area_m2: Quantity = _quantity()
    land_grade: str = _text()
    planned_use: str = _text()
    geometry: str = _text()


class Extra(Yearly):
    """补充指标."""

    field: str = _text(nullable=False)
    value: str = _text(nullable=False)


class Aliases(Firm):
    """更名合并."""

    since: pl.Date = _day(nullable=False)
    successor: str = _text(nullable=False)
    successor_name: str = _text()
    change: str = _choice("换码", "合并", nullable=False)
    document: str = _text()
    note: str = _text()


class Matches(Firm):
    """名称认定: a name that nobody is called has no code."""

    credit_code: str = _text()
    given_name: str = _text(nullable=False)
    township: str = _text(nullable=False)
    decision: str = _choice("认定", "不认定", nullable=False)
    likeness: Quantity = _quantity()
    document: str = _text()
    note: str = _text()


class Surveys(Yearly):
    """现场核查."""

    surveyed_mu: Quantity = _quantity()
    operation: str = _choice("正常生产", "间歇生产", "停产", "空置", "在建", "整体出租", "已注销")
    illegal_land: str = _choice("是", "否")
    safety_hazard: str = _choice("是", "否")
    unlicensed: str = _choice("是", "否")
    poor_quality: str = _choice("是", "否")
    illegal_building: str = _choice("是", "否")
    pollution: str = _choice("是", "否")
    tax_evasion: str = _choice("是", "否")
    fire_hazard: str = _choice("是", "否")
    proposed_path: str = _choice("拆除重建", "整治提升", "功能转型", "关停退出")
    remark: str = _text()
    verified_by: str = _text(nullable=False)
    verified_on: pl.Date = _day(nullable=False)


class LandGrades(pa.DataFrameModel):
    """土地等级税额."""

    township: str = _text(nullable=False)
    land_grade: str = _text(nullable=False)
    tax_rate: Quantity = _quantity(nullable=False)
    document: str = _text()


class Projects(Firm):
    """用能项目: a project may be planned before its firm is founded."""

    credit_code: str = _text()
    project: str = _text(nullable=False)
    project_name: str = _text()
    project_kind: str = _choice("低碳新兴", "强链补链", "技改", "两高", nullable=False)
    need_tce: Quantity = _quantity()
    added_value: Quantity = _quantity()
    need_capacity_t: Quantity = _quantity()
    need_coal_t: Quantity = _quantity()
    need_pollutants_t: Quantity = _quantity()
    need_carbon_t: Quantity = _quantity()
    document: str = _text()


class Sources(Firm):
    """腾退来源."""

    credit_code: str = _text()
    source: str = _text(nullable=False)
    freed_capacity_t: Quantity = _quantity()
    freed_tce: Quantity = _quantity()
    freed_coal_t: Quantity = _quantity()
    freed_pollutants_t: Quantity = _quantity()
    freed_carbon_t: Quantity = _quantity()
    accepted_on: pl.Date = _day()
    document: str = _text()


class Substitutions(pa.DataFrameModel):
    """替代方案: what a project uses of a source."""

    project: str = _text(nullable=False)
    source: str = _text(nullable=False)
    substituted: str = _choice("产能", "能耗", "煤", "污染物", "碳", nullable=False)
    spent: Quantity = _quantity(nullable=False)
    document: str = _text()


SCHEMAS: dict[str, type[pa.DataFrameModel]] = {
    "enterprises": Enterprises,
    "land": Land,
    "tax": Tax,
    "energy": Energy,
    "output": Output,
    "emissions": Emissions,
    "water": Water,
    "labels": Labels,
    "ratings": Ratings,
    "accounts": Accounts,
    "usage": Usage,
    "parcels": Parcels,
    "extra": Extra,
    "aliases": Aliases,
    "matches": Matches,
    "surveys": Surveys,
    "land_grades": LandGrades,
    "projects": Projects,
    "sources": Sources,
    "substitutions": Substitutions,
}
"""The model of every table."""


FAILURES = {"_at": pl.Int64(), "field": pl.String(), "check": pl.String()}


def failures(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Every cell of a collected frame that fails its table's model.

    Returns:
        `_at` (row position), `field`, `check` (pandera's name of it); complete, not capped: a failing check of one
        column costs that column only.
    """
    try:
        SCHEMAS[table].validate(frame, lazy=True)
    except pa.errors.SchemaErrors as e:
        found: pl.DataFrame = e.failure_cases
        wrong = found.filter(pl.col("index").is_null())
        if wrong.height:
            raise AssertionError(f"{table}: the frame is not what its model describes: {wrong.rows()[:3]}") from e
        return found.select(
            pl.col("index").cast(pl.Int64).alias("_at"), pl.col("column").alias("field"), pl.col("check")
        ).unique(maintain_order=True)
    return pl.DataFrame(schema=FAILURES)
