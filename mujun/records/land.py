"""Land: how much ground each firm stands on, after both sides of every lease are brought together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from mujun.fields import FIELDS, TABLES, dtype_of
from mujun.numbers import QUANTITY
from mujun.records.finding import Finding
from mujun.records.identity import normal_code
from mujun.records.leases import OWNED, PLACE, Leases, leases_of

TOLERANCE = Decimal("0.01")
"""亩 are written with two decimals: figures closer than this are the same area, written in ㎡ and in 亩."""

LAND_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "owned_mu": QUANTITY,
    "rented_in_mu": QUANTITY,
    "rented_out_mu": QUANTITY,
    "land_mu": QUANTITY,
    "floor_area_m2": QUANTITY,
    "parcels": dtype_of("texts"),
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
    per_firm = _per_firm(leases)
    findings = [
        *_about_leases(leases, year),
        *_about_firms(leases, per_firm, year),
        *(_about_parcels(leases, parcels, year) if parcels is not None else ()),
    ]
    return per_firm, tuple(sorted(findings, key=_by_place))


# ----------------------------------------------------------------------------------------------------------- the sums


def _per_firm(leases: Leases) -> pl.DataFrame:
    parts = [_share(leases.rows.filter(pl.col("tenure") == OWNED), "credit_code", "owned_mu")]
    for role, column in (("tenant", "rented_in_mu"), ("landlord", "rented_out_mu")):
        parts.append(_share(leases.agreed, role, column))
        parts.append(_share(leases.alone.filter(pl.col("role") == role), "credit_code", column))
    kinds = ("owned_mu", "rented_in_mu", "rented_out_mu")
    held = pl.col("_floor").filter(pl.col("_kind") != "rented_out_mu")
    let = pl.col("_floor").filter(pl.col("_kind") == "rented_out_mu")
    sums = (
        pl.concat(parts)
        .group_by("credit_code")
        .agg(
            *(pl.col("_area").filter(pl.col("_kind") == kind).sum().cast(QUANTITY).alias(kind) for kind in kinds),
            pl.when(held.count() > 0).then(held.sum() - let.sum()).cast(QUANTITY).alias("floor_area_m2"),
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
            pl.col("tenants_above").cast(QUANTITY).fill_null(nobody),
            pl.col("tenants_below").cast(QUANTITY).fill_null(nobody),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in LAND_SCHEMA.items())
        .sort("credit_code")
    )


def _share(areas: pl.DataFrame, whose: str, kind: str) -> pl.DataFrame:
    return areas.select(
        pl.col(whose).alias("credit_code"),
        pl.lit(kind).alias("_kind"),
        pl.col("area_mu").alias("_area"),
        pl.col("floor_area_m2").alias("_floor"),
    )


def _parcels_of(leases: Leases) -> pl.DataFrame:
    own = leases.rows.select("credit_code", "parcel")
    leased = [
        leases.agreed.select(pl.col(side).alias("credit_code"), pl.col("parcels").alias("parcel")).explode("parcel")
        for side in ("landlord", "tenant")
    ]
    named = pl.concat([own, *leased]).drop_nulls("parcel")
    return named.group_by("credit_code").agg(pl.col("parcel").unique().sort().alias("parcels"))


def _tenants_of(leases: Leases) -> pl.DataFrame:
    scales = leases.firms.select(pl.col("credit_code").alias("tenant"), "scale")
    let = leases.agreed.filter(pl.col("area_mu") > 0).join(scales, on="tenant", how="left")
    return let.group_by(pl.col("landlord").alias("credit_code")).agg(
        pl.col("tenant").filter(pl.col("scale") == "规上").n_unique().alias("tenants_above"),
        pl.col("tenant").filter(pl.col("scale") == "规下").n_unique().alias("tenants_below"),
    )


# ------------------------------------------------------------------------------------------------------------ findings


def _by_place(finding: Finding) -> tuple[object, ...]:
    unknown = finding.row is None
    where = (finding.file or "", finding.sheet or "", finding.row or 0)
    return (unknown, *where, finding.credit_code or "", finding.code, finding.value or "")


def _finding(code: str, year: int, field: str, value: Decimal | str | None, row: dict[str, object], side: str = "",
             **values: object) -> Finding:  # fmt: skip
    return Finding(
        code,
        "warning",
        "land",
        file=_text(row.get(f"_file{side}")),
        sheet=_text(row.get(f"_sheet{side}")),
        row=_number(row.get(f"_row{side}")),
        year=year,
        credit_code=_text(row["credit_code"]),
        name=_text(row["name"]),
        field=field,
        value=_text(value),
        owner=FIELDS[field].owner or TABLES["land"].owner,
        values=values,
    )


def _text(value: object) -> str | None:
    if isinstance(value, Decimal):
        return _plain(value)
    return None if value is None else str(value)


def _plain(area: Decimal) -> str:
    text = format(area, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _place(row: dict[str, object], side: str = "") -> str:
    """A place as short as a list of them needs: file, sheet, row."""
    parts = [row.get(f"{column}{side}") for column in PLACE]
    return " ".join(str(p) for p in parts if p is not None)


def _about_leases(leases: Leases, year: int) -> Iterator[Finding]:
    names = dict(leases.firms.select("credit_code", "name").iter_rows())

    def called(code: str) -> str:
        return f"{names[code]}（{code}）" if names.get(code) else code

    apart = (pl.col("area_landlord") - pl.col("area_tenant")).abs() >= TOLERANCE
    for lease in leases.agreed.filter(apart).iter_rows(named=True):
        # The tenant's figure is the one that gives way, so the tenant's row is the one pointed at.
        who = {**lease, "credit_code": lease["tenant"], "name": names.get(lease["tenant"])}
        yield _finding(
            "lease_differs", year, "area_mu", lease["area_tenant"], who, "_tenant",
            landlord=called(lease["landlord"]), landlord_area=lease["area_landlord"],
            landlord_place=_place(lease, "_landlord"),
            tenant=called(lease["tenant"]), tenant_area=lease["area_tenant"],
        )  # fmt: skip
    for lease in leases.agreed.filter(pl.col("said_by") != "both").iter_rows(named=True):
        side, other = ("landlord", "tenant") if lease["said_by"] == "landlord" else ("tenant", "landlord")
        who = {**lease, "credit_code": lease[side], "name": names.get(lease[side])}
        yield _finding(
            "lease_one_sided", year, "counterparty", lease[other], who, f"_{side}",
            reporter=called(lease[side]), other=called(lease[other]), area=lease["area_mu"],
        )  # fmt: skip


def _about_firms(leases: Leases, per_firm: pl.DataFrame, year: int) -> Iterator[Finding]:
    doubtful = per_firm.filter(pl.col("land_mu") <= 0)
    if doubtful.is_empty():
        return
    placed = doubtful.join(_first_places(leases), on="credit_code", how="left").join(
        leases.firms.select("credit_code", "name"), on="credit_code", how="left"
    )
    for firm in placed.sort("credit_code").iter_rows(named=True):
        holds = firm["owned_mu"] + firm["rented_in_mu"]
        if holds == 0 and firm["rented_out_mu"] > 0:
            # That the net is below zero follows from it and need not be said again.
            out = firm["rented_out_mu"]
            yield _finding("lets_without_holding", year, "rented_out_mu", out, firm, rented_out=out)
        else:
            yield _finding(
                "net_land_not_positive", year, "land_mu", firm["land_mu"], firm,
                net=firm["land_mu"], owned=firm["owned_mu"], rented_in=firm["rented_in_mu"],
                rented_out=firm["rented_out_mu"],
            )  # fmt: skip


def _first_places(leases: Leases) -> pl.DataFrame:
    """Where to look for a firm's land: its own first row, else the row of whoever names it."""
    own = leases.rows.select("credit_code", pl.lit(0).alias("_rank"), *PLACE)
    named = [
        leases.agreed.filter(pl.col("said_by") == other).select(
            pl.col(side).alias("credit_code"),
            pl.lit(1).alias("_rank"),
            *(pl.col(f"{column}_{other}").alias(column) for column in PLACE),
        )
        for side, other in (("landlord", "tenant"), ("tenant", "landlord"))
    ]
    everywhere = pl.concat([own, *named]).sort("credit_code", "_rank", *PLACE, nulls_last=True)
    return everywhere.unique("credit_code", keep="first", maintain_order=True).drop("_rank")


def _about_parcels(leases: Leases, parcels: pl.DataFrame, year: int) -> Iterator[Finding]:
    recorded = (
        parcels.select(normal_code(pl.col("parcel")).alias("parcel"), pl.col("area_mu").alias("_recorded"))
        .drop_nulls()
        .filter(pl.len().over("parcel") == 1)
    )
    owned = leases.rows.filter(pl.col("tenure") == OWNED).join(recorded, on="parcel", maintain_order="left")
    together = owned.with_columns(pl.col("area_mu").sum().over("parcel").cast(QUANTITY).alias("_reported"))
    differing = together.filter((pl.col("_reported") - pl.col("_recorded")).abs() >= TOLERANCE)
    for _, group in differing.group_by("parcel", maintain_order=True):
        rows = list(group.iter_rows(named=True))
        first = rows[0]
        yield _finding(
            "parcel_area_differs", year, "area_mu", first["_reported"], first,
            parcel=first["parcel"], parcel_area=first["_recorded"], reported=first["_reported"],
            places=[_place(row) for row in rows],
        )  # fmt: skip
