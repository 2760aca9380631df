"""Groups and parcels as subjects: who belongs together, and how every field adds up over the members."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mujun.fields import FRAME_FIELDS, LAGS
from mujun.numbers import plot_ratio, wide
from mujun.rules.expressions import Meaning
from mujun.rules.model.rating import Merging

USUAL_POOL: Mapping[str, str] = {
    "exact": "sum", "text": "most_land", "date": "earliest", "boolean": "any", "texts": "union", "null": "none",
}  # fmt: skip
"""How a rule's field pools where it does not say; a float field must say it."""


def subjects_of(frame: pl.DataFrame, kind: Merging, apart: pl.Series | None = None) -> pl.Series:
    """The subject of each enterprise.

    Args:
        frame: enterprises with `credit_code`, and `group_code` or `parcels` as `kind` needs.
        kind: an enterprise is its own subject; a group is its `group_code`; parcels that share a firm are one subject,
            named after the smallest of them. A firm without group or parcel is its own subject.
        apart: enterprises that stay by themselves (`apart:` of the population).
    """
    codes = frame["credit_code"]
    if kind == "enterprise":
        return codes.alias("subject")
    subjects = frame["group_code"] if kind == "group" else _components(frame, apart)
    if apart is not None:
        subjects = pl.select(pl.when(~apart.fill_null(value=False)).then(subjects).alias("own"))["own"]
    return pl.select(pl.coalesce(subjects, codes).alias("subject"))["subject"]


def _components(frame: pl.DataFrame, apart: pl.Series | None) -> pl.Series:
    """The smallest parcel of the connected parcels of each firm."""
    parent: dict[str, str] = {}

    def root(parcel: str) -> str:
        while parent.setdefault(parcel, parcel) != parcel:
            parent[parcel] = parent[parent[parcel]]
            parcel = parent[parcel]
        return parcel

    held = frame["parcels"].to_list()
    alone = apart.fill_null(value=False).to_list() if apart is not None else [False] * frame.height
    for parcels, stays in zip(held, alone, strict=True):
        if parcels and not stays:
            roots = sorted({root(p) for p in parcels})
            for other in roots[1:]:
                parent[other] = roots[0]
    return pl.Series([root(p[0]) if p and not s else None for p, s in zip(held, alone, strict=True)], dtype=pl.String)


def pooled(frame: pl.DataFrame, subject: pl.Series, fields: Mapping[str, tuple[str, Meaning]]) -> pl.DataFrame:
    """One row per subject with its pooled fields, sorted by subject.

    Args:
        frame: enterprises with dictionary fields and the rules' own fields.
        subject: the subject of each row.
        fields: the rules' fields by name, with how each pools and what it is.

    A sum skips missing members and is missing where all are; floats are added at 12 decimals. `members` lists the
    credit codes; `credit_code` is the subject's own name.
    """
    land = pl.col("land_mu").cast(pl.Float64).fill_null(-1.0) if "land_mu" in frame.columns else pl.lit(0.0)
    ordered = frame.with_columns(subject.alias("subject")).sort(
        ["subject", land, "credit_code"], descending=[False, True, False]
    )
    aggregates: list[pl.Expr] = [pl.col("credit_code").sort().alias("members")]
    for name in frame.columns:
        if name in ("credit_code", "subject"):
            continue
        if name in fields:
            way, meaning = fields[name]
            aggregates.append(_pooled(name, way, meaning.dtype))
        elif name in FRAME_FIELDS:
            field = FRAME_FIELDS[name]
            way = "most_land" if name == "year" else field.pools
            aggregates.append(_pooled(name, way, field.dtype))
    grouped = ordered.group_by("subject", maintain_order=True).agg(aggregates)
    for suffix in ("", *LAGS):
        floor, ground, ratio = f"floor_area_m2{suffix}", f"land_mu{suffix}", f"plot_ratio{suffix}"
        if {floor, ground, ratio} <= set(grouped.columns):
            grouped = grouped.with_columns(plot_ratio(floor, ground).alias(ratio))
    return grouped.with_columns(pl.col("subject").alias("credit_code")).sort("subject")


_HELD = 9e25
"""What `Decimal(38, 12)` surely holds: beyond it Polars' sum would turn over without a word."""


def _sum(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    some = column.is_not_null().any()
    if dtype != pl.Float64:
        return pl.when(some).then(column.sum())
    # Floats are added across rows as decimals, or the last bit would be up to the order; see `mujun.numbers`.
    held = column.abs().max() * pl.len() < _HELD
    parts = wide(pl.when(column.abs() < _HELD).then(column))
    return pl.when(some & held).then(parts.sum().cast(pl.Float64))


def _pooled(name: str, way: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    ways: dict[str, pl.Expr] = {
        "sum": _sum(column, dtype),
        "max": column.max(),
        "min": column.min(),
        "earliest": column.min(),
        "latest": column.max(),
        "any": column.drop_nulls().any() if dtype == pl.Boolean else column.max(),
        "all": column.drop_nulls().all() if dtype == pl.Boolean else column.min(),
        "most_land": column.drop_nulls().first(),
        "above": pl.when((column == "规上").any()).then(pl.lit("规上")).otherwise(column.drop_nulls().first()),
        "union": column.explode().drop_nulls().unique().sort(),
    }
    if way in ("none", "again"):
        return pl.lit(None, dtype=dtype).alias(name)
    if way == "union":
        return ways[way].alias(name)  # a group's texts are a list already
    combined = ways[way]
    if way in ("any", "all"):
        combined = pl.when(column.is_not_null().any()).then(combined)
    return combined.cast(dtype).alias(name)
