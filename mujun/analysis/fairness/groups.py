"""The groups that a rating is looked at by: scale, industry, township, park, age, ownership of land."""

from __future__ import annotations

import polars as pl

from mujun.fields.tenure import TENURES, tenure_of
from mujun.rating import Rating
from mujun.rating.frames import prepared
from mujun.rating.pooling import pooled

DIMENSIONS: tuple[str, ...] = ("scale", "industry", "township", "park", "age", "tenure")
"""What subjects are grouped by; `industry` is the division (two digits), `age` years since production began."""

AGES: tuple[tuple[str, int], ...] = (("0", 3), ("3", 5), ("5", 10), ("10", 20), ("20", 10_000))
"""Bands of age: their name, the least whole years of them, and the years at which the next begins."""

ORDERED: dict[str, tuple[str, ...]] = {
    "scale": ("规上", "规下"),
    "age": tuple(name for name, _ in AGES),
    "tenure": TENURES,
}
"""Groups that have an order of their own; the others go by size."""

_READ: tuple[str, ...] = (
    "scale",
    "industry_division",
    "township",
    "park",
    "started_on",
    "registered_on",
    "as_of",
    "owned_mu",
    "rented_in_mu",
    # Texts of several firms rated together come from the one with most land.
    "land_mu",
)


def grouped(rating: Rating, frame: pl.DataFrame) -> pl.DataFrame:
    """The group of every subject in each dimension: `subject`, then a column per dimension; missing where unknown.

    Args:
        rating: a rating.
        frame: the frame it was made from. Of several firms rated together the fields are pooled first.
    """
    ready = prepared(frame, _READ)
    if rating.merged:
        mine = ready.select("credit_code").join(
            rating.enterprises.select("credit_code", "subject"), on="credit_code", how="left", maintain_order="left"
        )
        ready = pooled(ready, mine["subject"], {})
    else:
        ready = ready.with_columns(pl.col("credit_code").alias("subject"))
    tenure = pl.when(pl.col("owned_mu").is_not_null() | pl.col("rented_in_mu").is_not_null()).then(
        tenure_of(pl.col("owned_mu"), pl.col("rented_in_mu"))
    )
    return ready.select(
        "subject",
        "scale",
        pl.col("industry_division").alias("industry"),
        "township",
        "park",
        _age().alias("age"),
        tenure.alias("tenure"),
    ).sort("subject")


def _age() -> pl.Expr:
    """The band of whole years between the beginning of production, else registration, and the year's last day."""
    began, day = pl.coalesce("started_on", "registered_on"), pl.col("as_of")
    later = (began.dt.month() > day.dt.month()) | (
        (began.dt.month() == day.dt.month()) & (began.dt.day() > day.dt.day())
    )
    years = day.dt.year() - began.dt.year() - later.cast(pl.Int32)
    band = pl.lit(None, dtype=pl.String)
    for name, until in reversed(AGES):
        band = pl.when(years < until).then(pl.lit(name)).otherwise(band)
    return pl.when(began.is_not_null() & day.is_not_null()).then(band)
