"""城镇土地使用税: what is due on the land a firm holds, by the grade of each parcel."""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from fractions import Fraction

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.notebooks import InNotebooks
from mujun.numbers import QUANTITY, points_to_decimal, round_decimal

ANY = "*"

TAXED = "自有"
"""The tenure whose land the firm itself is taxed on: what it lets too, and not what it rents."""

_NEEDS = {
    "land": ("credit_code", "tenure", "area_mu"),
    "parcels": ("parcel", "land_grade"),
    "grades": ("township", "land_grade", "tax_rate"),
    "enterprises": ("credit_code", "township"),
}

MU_IN_M2 = Fraction(2000, 3)


@dataclass(frozen=True)
class LandUseTax(InNotebooks):
    """What is due a year.

    Attributes:
        due: `credit_code, area_mu, land_use_tax_due` (万元, rounded to 分 once per firm; missing where the rate of
            any of its own land is not known).
        lines: `credit_code, parcel, tenure, township, land_grade, area_mu, area_m2, tax_rate` (元/㎡ a year),
            `document`; of every tenure, though only own land is taxed.
    """

    due: pl.DataFrame = field(repr=False)
    lines: pl.DataFrame = field(repr=False)

    @property
    def unknown(self) -> pl.DataFrame:
        """The lines of own land without a rate."""
        return self.lines.filter(pl.col("tax_rate").is_null(), pl.col("tenure") == TAXED)


def land_use_tax(
    land: pl.DataFrame, parcels: pl.DataFrame, grades: pl.DataFrame, enterprises: pl.DataFrame
) -> LandUseTax:
    """The tax due on each firm's own land: it is the holder who owes it, also on what is let.

    Args:
        land: rows of one year: `credit_code, tenure, area_mu`, and `parcel` where known.
        parcels: `parcel, land_grade`.
        grades: `township, land_grade, tax_rate` in 元/㎡ a year, perhaps `document`; `*` for any. A row that names both
            is preferred, then one that names the township.
        enterprises: `credit_code, township`.

    Raises:
        UsageError: a column is missing.
    """
    lines = (
        _lines(land, parcels, grades, enterprises)
        .sort("credit_code", "parcel", "tenure", "area_mu")
        .collect(engine="in-memory")
    )
    square = pl.Series("area_m2", [_square(n) for n in lines["area_mu"]], dtype=pl.Decimal(38, 6))
    columns = (
        "credit_code", "parcel", "tenure", "township", "land_grade", "area_mu", "area_m2", "tax_rate", "document",
    )  # fmt: skip
    return LandUseTax(_due(lines.lazy()), lines.hstack([square]).select(columns))


def land_use_tax_due(
    land: pl.DataFrame, parcels: pl.DataFrame, grades: pl.DataFrame, enterprises: pl.DataFrame
) -> pl.DataFrame:
    """`LandUseTax.due` without its lines, which cost more than the sums.

    Raises:
        UsageError: a column is missing.
    """
    return _due(_lines(land, parcels, grades, enterprises))


def _due(lines: pl.LazyFrame) -> pl.DataFrame:
    summed = (
        lines.filter(pl.col("tenure") == TAXED)
        .with_columns((pl.col("area_mu").cast(_PRODUCT) * pl.col("tax_rate").cast(_PRODUCT)).alias("_product"))
        .group_by("credit_code")
        .agg(
            pl.col("area_mu").sum().cast(QUANTITY),
            pl.col("_product").sum(),
            pl.col("tax_rate").null_count().alias("_lacking"),
        )
        .sort("credit_code")
        .collect(engine="in-memory")
    )
    # 元/㎡ × 亩 × 2000/3 ÷ 10000 is 万元: a fifteenth.
    known = summed.select(pl.when(pl.col("_lacking") == 0).then("_product").alias("product"))["product"]
    return summed.select("credit_code", "area_mu").hstack([_fifteenths(known).alias("land_use_tax_due")])


_IN_64_BITS = 9_000_000
"""Up to here a number of 12 decimals is a whole number of 64 bits."""


def _fifteenths(products: pl.Series) -> pl.Series:
    """A fifteenth of each, 四舍五入 at the sixth decimal.

    Args:
        products: `Decimal(38, 12)`.
    """
    if not (products.abs() >= _IN_64_BITS).any():
        twelfth = (pl.col("n") * pl.lit(Decimal(10) ** 12, dtype=pl.Decimal(38, 0))).cast(pl.Int64)
        sixth = (twelfth + twelfth.sign() * 7_500_000).truncdiv(15_000_000)
        return products.to_frame("n").select(points_to_decimal(sixth, 6).alias("n"))["n"]
    due = [None if n is None else round_decimal(Fraction(n) / 15, 6) for n in products]
    return pl.Series(due, dtype=QUANTITY)


_PRODUCT = pl.Decimal(38, 12)


def _lines(land: pl.DataFrame, parcels: pl.DataFrame, grades: pl.DataFrame, enterprises: pl.DataFrame) -> pl.LazyFrame:
    """Rows of land with the grade of their parcel, the township of their firm, and the rate."""
    tables = {"land": land, "parcels": parcels, "grades": grades, "enterprises": enterprises}
    problems = [
        problem("land_tax_columns", table=name, missing=lacking)
        for name, frame in tables.items()
        if (lacking := [c for c in _NEEDS[name] if c not in frame.columns])
    ]
    if problems:
        raise UsageError(problems)
    parcel = pl.col("parcel") if "parcel" in land.columns else pl.lit(None, dtype=pl.String)
    rows = (
        land.lazy()
        .filter(pl.col("area_mu").is_not_null())
        .select("credit_code", parcel.alias("parcel"), "tenure", pl.col("area_mu").cast(pl.Decimal(38, 6)))
    )
    named = parcels.lazy().select("parcel", "land_grade").drop_nulls("parcel")
    graded = named.unique("parcel", keep="last", maintain_order=True)
    firms = enterprises.lazy().select("credit_code", "township").unique("credit_code", keep="last", maintain_order=True)
    joined = rows.join(graded, on="parcel", how="left", maintain_order="left").join(
        firms, on="credit_code", how="left", maintain_order="left"
    )
    return _with_rates(joined, grades)


def _square(mu: Decimal) -> Decimal:
    return round_decimal(Fraction(mu) * MU_IN_M2, 6)


def _with_rates(lines: pl.LazyFrame, grades: pl.DataFrame) -> pl.LazyFrame:
    document = pl.col("document") if "document" in grades.columns else pl.lit(None, dtype=pl.String)
    known = grades.lazy().filter(pl.col("tax_rate").is_not_null())
    known = known.select("township", "land_grade", pl.col("tax_rate").cast(QUANTITY), document.alias("document"))
    found: list[str] = []
    lines = lines.with_columns(pl.lit(ANY).alias("_any"))
    for keys in (["township", "land_grade"], ["township"], ["land_grade"], []):
        wild = [k for k in ("township", "land_grade") if k not in keys]
        found.append("_by_" + "_".join(keys))
        rates = (
            known.filter(*(pl.col(k) == ANY for k in wild), *(pl.col(k) != ANY for k in keys))
            .select(*keys, pl.lit(ANY).alias("_any"), pl.struct("tax_rate", "document").alias(found[-1]))
            .unique([*keys, "_any"], keep="first", maintain_order=True)
        )
        lines = lines.join(rates, on=[*keys, "_any"], how="left", maintain_order="left")
    return lines.with_columns(pl.coalesce(found).alias("_found")).drop("_any", *found).unnest("_found")
