"""城镇土地使用税: what is due on the land a firm holds, by the grade of each parcel."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from mujun.allocation.exactly import AMOUNT, decimals, rounded
from mujun.errors import UsageError, problem

ANY = "*"

_NEEDS = {
    "land": ("credit_code", "tenure", "area_mu"),
    "parcels": ("parcel", "land_grade"),
    "grades": ("township", "land_grade", "rate"),
    "enterprises": ("credit_code", "township"),
}


@dataclass(frozen=True)
class LandUseTax:
    """What is due a year.

    Attributes:
        due: `credit_code, area_mu, land_use_tax` (万元, rounded to 分 once per firm; missing where the rate of
            any of its land is not known).
        lines: `credit_code, parcel, township, land_grade, area_mu, area_m2, rate` (元/㎡ a year).
        unknown: the lines for whose land the grades have no rate.
    """

    due: pl.DataFrame = field(repr=False)
    lines: pl.DataFrame = field(repr=False)

    @property
    def unknown(self) -> pl.DataFrame:
        """The lines without a rate."""
        return self.lines.filter(pl.col("rate").is_null())


def land_use_tax(
    land: pl.DataFrame, parcels: pl.DataFrame, grades: pl.DataFrame, enterprises: pl.DataFrame
) -> LandUseTax:
    """The tax due on each firm's own land: it is the holder who owes it, also on what is let.

    Args:
        land: rows of one year: `credit_code, tenure, area_mu`, and `parcel` where known; only 自有 counts.
        parcels: `parcel, land_grade`.
        grades: `township, land_grade, rate` in 元/㎡ a year; `*` for any. A row that names both is preferred, then one
            that names the township.
        enterprises: `credit_code, township`.

    Raises:
        UsageError: a column is missing.
    """
    tables = {"land": land, "parcels": parcels, "grades": grades, "enterprises": enterprises}
    problems = [
        problem("land_tax_columns", table=name, missing=lacking)
        for name, frame in tables.items()
        if (lacking := [c for c in _NEEDS[name] if c not in frame.columns])
    ]
    if problems:
        raise UsageError(problems)
    lines = _with_rates(_lines(land, parcels, enterprises), grades)
    summed = (
        lines.with_columns((pl.col("area_mu").cast(_PRODUCT) * pl.col("rate").cast(_PRODUCT)).alias("_product"))
        .group_by("credit_code")
        .agg(
            pl.col("area_mu").sum(),
            pl.col("_product").sum(),
            pl.col("rate").null_count().alias("_lacking"),
        )
        .sort("credit_code")
    )
    # 元/㎡ × 亩 × 2000/3 ÷ 10000 is 万元: a fifteenth.
    numbers = [
        None if lacking else n
        for n, lacking in zip(summed["_product"].to_physical().to_list(), summed["_lacking"].to_list(), strict=True)
    ]
    due = decimals(rounded(numbers, 15 * 10**12), "land_use_tax")
    return LandUseTax(summed.select("credit_code", pl.col("area_mu").cast(AMOUNT)).hstack([due]), lines)


_PRODUCT = pl.Decimal(38, 12)


def _lines(land: pl.DataFrame, parcels: pl.DataFrame, enterprises: pl.DataFrame) -> pl.DataFrame:
    parcel = pl.col("parcel") if "parcel" in land.columns else pl.lit(None, dtype=pl.String)
    own = land.filter((pl.col("tenure") == "自有") & pl.col("area_mu").is_not_null()).select(
        "credit_code", parcel.alias("parcel"), pl.col("area_mu").cast(pl.Decimal(38, 6))
    )
    graded = (
        parcels.select("parcel", "land_grade").drop_nulls("parcel").unique("parcel", keep="last", maintain_order=True)
    )
    firms = enterprises.select("credit_code", "township").unique("credit_code", keep="last", maintain_order=True)
    joined = own.join(graded, on="parcel", how="left", maintain_order="left").join(
        firms, on="credit_code", how="left", maintain_order="left"
    )
    square = decimals(rounded([n * 2000 for n in joined["area_mu"].to_physical().to_list()], 3 * 10**6), "area_m2")
    return joined.hstack([square]).select("credit_code", "parcel", "township", "land_grade", "area_mu", "area_m2")


def _with_rates(lines: pl.DataFrame, grades: pl.DataFrame) -> pl.DataFrame:
    known = grades.select("township", "land_grade", pl.col("rate").cast(pl.Decimal(18, 6)))
    rates: list[pl.Series] = []
    for keys in (["township", "land_grade"], ["township"], ["land_grade"], []):
        wild = [k for k in ("township", "land_grade") if k not in keys]
        rows = known.filter(*(pl.col(k) == ANY for k in wild), *(pl.col(k) != ANY for k in keys))
        if keys:
            rows = rows.unique(keys, keep="first", maintain_order=True).select(*keys, "rate")
            rates.append(lines.join(rows, on=keys, how="left", maintain_order="left")["rate"])
        elif rows.height:
            rates.append(pl.repeat(rows["rate"][0], lines.height, dtype=pl.Decimal(18, 6), eager=True))
    return lines.with_columns(pl.coalesce([pl.lit(r) for r in rates]).alias("rate")).sort("credit_code", "parcel")
