"""Land: how much ground each firm stands on, after both sides of every lease are brought together."""

from __future__ import annotations

import polars as pl

from mujun.fields import dtype_of
from mujun.numbers import QUANTITY
from mujun.records.leases import OWNED, Leases

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


# ----------------------------------------------------------------------------------------------------------- the sums


def land_per_firm(leases: Leases) -> pl.DataFrame:
    """Land per firm in a year, in no order.

    Returns:
        A row per firm that has a land row or is the other side of a lease, columns `LAND_SCHEMA`. Areas in 亩,
        `land_mu` = owned + rented in − rented out; a tenure that does not occur is 0. `floor_area_m2` follows the same
        sum and is missing where nothing held has one. `parcels` are all parcels of the firm's own rows and its leases.
        Tenants are known enterprises with a lease above zero, each counted once, by the scale on the roll.
    """
    sides = [leases.agreed.select(pl.col(side).alias("credit_code")) for side in ("landlord", "tenant")]
    codes = pl.concat([leases.rows.select("credit_code"), *sides]).unique()
    return land_of(codes, leases).filter(pl.col("owned_mu").is_not_null())


def land_of(codes: pl.DataFrame, leases: Leases) -> pl.DataFrame:
    """The land of some firms, columns as in `LAND_SCHEMA`, in their order; all of it missing where one has none.

    Args:
        codes: the firms: `credit_code`, each once.
        leases: of the year.
    """
    # From here on firms are numbers, which are brought together in a fraction of the time.
    firms = codes.lazy().select("credit_code").with_row_index("_who")
    rows = _numbered(leases.rows.lazy().select("credit_code", "parcel", "tenure", "area_mu", "floor_area_m2"), firms)
    rows = rows.collect(engine="in-memory").lazy()
    parts = [_share(rows.filter(pl.col("tenure") == OWNED), "owned_mu")]
    for role, column in (("tenant", "rented_in_mu"), ("landlord", "rented_out_mu")):
        agreed = leases.agreed.lazy().select(pl.col(role).alias("credit_code"), "area_mu", "floor_area_m2")
        others = [several.lazy().filter(pl.col("role") == role) for several in (leases.outside, leases.unnamed)]
        parts += [_share(_numbered(part, firms), column) for part in (agreed, *others)]
    # Plain sums of a column each: what is picked within a group costs ten times as much.
    floor = pl.col("_held").sum() - pl.col("_let").sum()
    sums = (
        pl.concat(parts, how="diagonal")
        .group_by("_who")
        .agg(
            pl.col("owned_mu", "rented_in_mu", "rented_out_mu").sum().cast(QUANTITY),
            pl.when(pl.col("_held").count() > 0).then(floor).cast(QUANTITY).alias("floor_area_m2"),
        )
        .with_columns(
            (pl.col("owned_mu") + pl.col("rented_in_mu") - pl.col("rented_out_mu")).cast(QUANTITY).alias("land_mu")
        )
    )
    told = firms
    for part in (sums, _parcels_of(rows, leases, firms), _numbered(_tenants_of(leases), firms)):
        told = told.join(part, on="_who", how="left", maintain_order="left")
    nobody, landed = pl.lit(0).cast(QUANTITY), pl.col("owned_mu").is_not_null()
    none: dict[str, pl.Expr] = {
        "parcels": pl.lit([], dtype=pl.List(pl.String)),
        "tenants": pl.lit([], dtype=pl.List(pl.String)),
        "tenants_above": nobody,
        "tenants_below": nobody,
    }
    return (
        told.with_columns(
            pl.when(landed & pl.col(name).is_null())
            .then(nothing)
            .otherwise(pl.col(name).cast(LAND_SCHEMA[name]))
            .alias(name)
            for name, nothing in none.items()
        )
        .select(pl.col(name).cast(dtype) for name, dtype in LAND_SCHEMA.items())
        .collect(engine="in-memory")
    )


def _numbered(rows: pl.LazyFrame, firms: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of some firms, with the number of each, `_who`, for its code."""
    return rows.join(firms, on="credit_code", how="inner").drop("credit_code")


def _share(areas: pl.LazyFrame, kind: str) -> pl.LazyFrame:
    """The areas of a kind, each firm's in the kind's own column, and the floors held or let."""
    floor = "_let" if kind == "rented_out_mu" else "_held"
    return areas.select("_who", pl.col("area_mu").alias(kind), pl.col("floor_area_m2").alias(floor))


def _parcels_of(rows: pl.LazyFrame, leases: Leases, firms: pl.LazyFrame) -> pl.LazyFrame:
    """`_who, parcels`: those of each firm's own rows and of its leases."""
    leased = [
        _numbered(
            leases.agreed.lazy()
            .select(pl.col(side).alias("credit_code"), pl.col("parcels").alias("parcel"))
            .explode("parcel"),
            firms,
        )
        for side in ("landlord", "tenant")
    ]
    named = pl.concat([rows.select("_who", "parcel"), *(p.select("_who", "parcel") for p in leased)])
    named = named.drop_nulls("parcel").unique().collect(engine="in-memory").lazy()
    # Most firms are on one parcel: only the others have an order to be brought into.
    several = pl.col("_who").is_duplicated()
    ordered = named.filter(several).sort("_who", "parcel").group_by("_who", maintain_order=True)
    return pl.concat(
        [
            named.filter(~several).select("_who", pl.concat_list("parcel").alias("parcels")),
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
