"""Land: how much ground each firm stands on, after both sides of every lease are brought together."""

from __future__ import annotations

import polars as pl

from mujun.fields import dtype_of
from mujun.numbers import QUANTITY
from mujun.records.finding import Finding
from mujun.records.land_findings import land_findings
from mujun.records.leases import OWNED, Leases, leases_of

LAND_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "owned_mu": QUANTITY,
    "rented_in_mu": QUANTITY,
    "rented_out_mu": QUANTITY,
    "land_mu": QUANTITY,
    "floor_area_m2": QUANTITY,
    "parcels": dtype_of("texts"),
    "tenants": dtype_of("texts"),
    "tenants_above": QUANTITY,
    "tenants_below": QUANTITY,
}
"""Columns of land per firm."""


def reconcile_land(
    land: pl.DataFrame, enterprises: pl.DataFrame, year: int, parcels: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Land per firm in a year, and what is doubtful about it.

    Args:
        land: rows of the `land` table, of any years, with places (`_file`, `_sheet`, `_row`) where they are known.
        enterprises: rows of the `enterprises` table, of any years: names and scale.
        year: the data year.
        parcels: rows of the `parcels` table; without it no parcel is added up.

    Returns:
        A row per firm that has a land row or is the other side of a lease (columns `LAND_SCHEMA`, sorted by
        `credit_code`), and the findings, sorted by place. Areas in 亩, `land_mu` = owned + rented in − rented out;
        a tenure that does not occur is 0. `floor_area_m2` follows the same sum and is missing where nothing held has
        one. `parcels` are all parcels of the firm's own rows and its leases. Tenants are known enterprises with a
        lease above zero, each counted once, by the scale on the roll.
    """
    leases = leases_of(land, enterprises, year)
    per_firm = land_per_firm(leases).sort("credit_code")
    return per_firm, land_findings(leases, per_firm, year, parcels)


# ----------------------------------------------------------------------------------------------------------- the sums


def land_per_firm(leases: Leases) -> pl.DataFrame:
    """Land per firm, columns as in `LAND_SCHEMA`, in no order."""
    parts = [_share(leases.rows.lazy().filter(pl.col("tenure") == OWNED), "credit_code", "owned_mu")]
    for role, column in (("tenant", "rented_in_mu"), ("landlord", "rented_out_mu")):
        parts.append(_share(leases.agreed.lazy(), role, column))
        for several in (leases.outside, leases.unnamed):
            parts.append(_share(several.lazy().filter(pl.col("role") == role), "credit_code", column))
    # Plain sums of a column each: what is picked within a group costs ten times as much.
    floor = pl.col("_held").sum() - pl.col("_let").sum()
    sums = (
        pl.concat(parts, how="diagonal")
        .group_by("credit_code")
        .agg(
            pl.col("owned_mu", "rented_in_mu", "rented_out_mu").sum().cast(QUANTITY),
            pl.when(pl.col("_held").count() > 0).then(floor).cast(QUANTITY).alias("floor_area_m2"),
        )
        .with_columns(
            (pl.col("owned_mu") + pl.col("rented_in_mu") - pl.col("rented_out_mu")).cast(QUANTITY).alias("land_mu")
        )
    )
    nobody = pl.lit(0).cast(QUANTITY)
    return (
        sums.join(_parcels_of(leases), on="credit_code", how="left")
        .join(_tenants_of(leases), on="credit_code", how="left")
        .with_columns(
            pl.col("parcels").fill_null([]),
            pl.col("tenants").fill_null([]),
            pl.col("tenants_above").cast(QUANTITY).fill_null(nobody),
            pl.col("tenants_below").cast(QUANTITY).fill_null(nobody),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in LAND_SCHEMA.items())
        .collect(engine="in-memory")
    )


def _share(areas: pl.LazyFrame, whose: str, kind: str) -> pl.LazyFrame:
    """The areas of a kind, each firm's in the kind's own column, and the floors held or let."""
    floor = "_let" if kind == "rented_out_mu" else "_held"
    return areas.select(
        pl.col(whose).alias("credit_code"), pl.col("area_mu").alias(kind), pl.col("floor_area_m2").alias(floor)
    )


def _parcels_of(leases: Leases) -> pl.LazyFrame:
    leased_by = leases.rows.lazy().select("credit_code", "parcel")
    leased = [
        leases.agreed.lazy()
        .select(pl.col(side).alias("credit_code"), pl.col("parcels").alias("parcel"))
        .explode("parcel")
        for side in ("landlord", "tenant")
    ]
    named = pl.concat([leased_by, *leased]).drop_nulls("parcel").unique()
    # Most firms are on one parcel: only the others have an order to be brought into.
    several = pl.col("credit_code").is_duplicated()
    ordered = named.filter(several).sort("credit_code", "parcel").group_by("credit_code", maintain_order=True)
    return pl.concat(
        [
            named.filter(~several).select("credit_code", pl.concat_list("parcel").alias("parcels")),
            ordered.agg(pl.col("parcel").alias("parcels")),
        ]
    )


def _tenants_of(leases: Leases) -> pl.LazyFrame:
    scales = leases.firms.lazy().select(pl.col("credit_code").alias("tenant"), "scale")
    let = leases.agreed.lazy().filter(pl.col("area_mu") > 0).join(scales, on="tenant", how="left")
    return let.group_by(pl.col("landlord").alias("credit_code")).agg(
        pl.col("tenant").unique().sort().alias("tenants"),
        pl.col("tenant").filter(pl.col("scale") == "规上").n_unique().alias("tenants_above"),
        pl.col("tenant").filter(pl.col("scale") == "规下").n_unique().alias("tenants_below"),
    )
