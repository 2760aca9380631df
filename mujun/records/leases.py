"""Leases: what landlord and tenant report, brought together as one fact.

The rules, of design.md section 5:

- A lease is known by landlord and tenant; where every row of the pair names a parcel, by the parcel too. Several
  rows of one side add up.
- What either side reports counts for both. Where both report and differ, the landlord's area stands.
- The other side is found by credit code, else by name, equal after `normal_name` and borne by one firm only.
  Villages, persons and whoever else is not on the roll have no other side to reconcile with.
- A row that names nobody is taken to be the reporter's word on leases that others report about it: only what exceeds
  those counts on top. Else a landlord's `租出 10 亩` without a name would double with its tenants' rows.
"""

from __future__ import annotations

import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import QUANTITY
from mujun.records.identity import normal_code, normal_name
from mujun.records.parties import party_kind

OWNED, RENTED_IN, RENTED_OUT = "自有", "租入", "租出"

_AREAS = ("area_mu", "floor_area_m2")

PLACE: dict[str, pl.DataType] = {"_file": pl.String(), "_sheet": pl.String(), "_row": pl.Int64()}


@dataclass(frozen=True)
class Leases:
    """All that the `land` rows of a year say about letting.

    Attributes:
        rows: the year's land rows, with `partner`: the credit code of the other side of a lease where it is a known
            firm; `party`: what the other side is, one of `parties.PARTIES`, missing on `自有`; `line`: the row's
            number here, by which other tables speak of it; and places. Sorted, so that the order in which they came
            plays no part.
        firms: `credit_code, name, scale`: the year's roll, and whoever reports land without being on it.
        agreed: one row per lease between two known firms: `landlord, tenant, parcel, parcels, area_landlord,
            area_tenant, area_mu, floor_area_m2` (the last two as they stand), `said_by` (`both`, `landlord` or
            `tenant`), the place of the first row of each side, `_file_landlord` and so on, and all rows of each side,
            `lines_landlord`, `lines_tenant`. Areas in 亩.
        outside: what firms let to or rent from somebody whom we do not know: `credit_code, role` (`landlord` or
            `tenant`), `area_mu, floor_area_m2`.
        unnamed: what rows that name nobody say beyond what others report about the firm, in the same columns.
    """

    rows: pl.DataFrame
    firms: pl.DataFrame
    agreed: pl.DataFrame
    outside: pl.DataFrame
    unnamed: pl.DataFrame

    @property
    def unexplained(self) -> pl.DataFrame:
        """Who says more by naming nobody than others report about him: `credit_code, role, area_mu` (what is more)."""
        sums = self.unnamed.group_by("credit_code", "role").agg(pl.col("area_mu").sum().cast(QUANTITY))
        return sums.filter(pl.col("area_mu") > 0).sort("credit_code", "role")


def leases_of(land: pl.DataFrame, enterprises: pl.DataFrame, year: int, *, ordered: bool = True) -> Leases:
    """Bring together what both sides of every lease report.

    Args:
        land: rows of the `land` table, of any years; places (`_file`, `_sheet`, `_row`) where they are known.
        enterprises: rows of the `enterprises` table, of any years.
        year: the data year.
        ordered: whether the rows are to be in order; nothing is in one without, which is enough for sums.
    """
    wanted = _rows_of(land.lazy(), year, ordered=ordered).collect(engine="in-memory")
    firms = _firms(wanted, enterprises, year, ordered=ordered)
    rows = _with_partner(wanted, firms).collect(engine="in-memory")
    agreed = _agreed(rows.lazy()).collect(engine="in-memory")
    without = _with_role(rows.lazy())
    outside = without.filter(pl.col("counterparty").is_not_null()).select("credit_code", "role", *_AREAS)
    unnamed = _beyond_others(without, agreed.lazy())
    return Leases(rows, firms, agreed, *pl.collect_all([outside, unnamed], engine="in-memory"))


# ----------------------------------------------------------------------------------------------------- who is who


def _blank_to_missing(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def _rows_of(land: pl.LazyFrame, year: int, *, ordered: bool) -> pl.LazyFrame:
    known = land.collect_schema()
    places = [
        pl.col(name).cast(dtype) if name in known else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in PLACE.items()
    ]
    wanted = land.filter(pl.col("year") == year, pl.col("area_mu").is_not_null()).select(
        "credit_code",
        "name",
        _blank_to_missing(normal_code(pl.col("parcel"))).alias("parcel"),
        "tenure",
        "area_mu",
        "floor_area_m2",
        _blank_to_missing(pl.col("counterparty").str.strip_chars()).alias("counterparty"),
        *places,
    )
    if ordered:
        rest = ("credit_code", "tenure", "parcel", "area_mu", "floor_area_m2", "counterparty", "name")
        wanted = wanted.sort(*PLACE, *rest, nulls_last=True)
    return wanted.with_row_index("line")


def _firms(rows: pl.DataFrame, enterprises: pl.DataFrame, year: int, *, ordered: bool) -> pl.DataFrame:
    on_roll = enterprises.filter(pl.col("year") == year).select("credit_code", "name", "scale")
    if not ordered and rows["counterparty"].null_count() == rows.height:
        return on_roll  # sums ask for firms to find the other sides of leases, and none is named
    roll = on_roll.lazy()
    if on_roll["credit_code"].n_unique() < on_roll.height:
        roll = roll.sort("credit_code", "scale", "name", nulls_last=True).unique("credit_code", keep="first")
    others = (
        rows.lazy()
        .join(roll, on="credit_code", how="anti")
        .group_by("credit_code")
        .agg(pl.col("name").drop_nulls().sort().first(), pl.lit(None, dtype=pl.String).alias("scale"))
    )
    firms = pl.concat([roll, others])
    return (firms.sort("credit_code") if ordered else firms).collect(engine="in-memory")


def _with_partner(rows: pl.DataFrame, firms: pl.DataFrame) -> pl.LazyFrame:
    leases = rows.filter(pl.col("tenure").is_in([RENTED_IN, RENTED_OUT]))
    if leases["counterparty"].null_count() == leases.height:
        # Nobody is named: then no names of firms have to be brought into one writing.
        firms = firms.clear()
    told = _told_partner(leases.lazy(), firms.lazy())
    return rows.lazy().join(told, on="line", how="left", maintain_order="left")


def _told_partner(leases: pl.LazyFrame, firms: pl.LazyFrame) -> pl.LazyFrame:
    """`line, partner, party` of lease rows."""
    keyed = leases.select(
        "line",
        "credit_code",
        "counterparty",
        _blank_to_missing(normal_code(pl.col("counterparty"))).alias("_as_code"),
        _blank_to_missing(normal_name(pl.col("counterparty"))).alias("_as_name"),
    )
    by_code = firms.select(normal_code(pl.col("credit_code")).alias("_as_code"), pl.col("credit_code").alias("_found"))
    by_name = firms.select(normal_name(pl.col("name")).alias("_as_name"), pl.col("credit_code").alias("_named"))
    bearers = by_name.group_by("_as_name").agg(pl.len().alias("_namesakes"))
    partnered = (
        keyed.join(_only(by_code, "_as_code"), on="_as_code", how="left", maintain_order="left")
        .join(_only(by_name, "_as_name"), on="_as_name", how="left", maintain_order="left")
        .join(bearers, on="_as_name", how="left", maintain_order="left")
    )
    partner = pl.coalesce("_found", "_named")
    kind = party_kind(pl.col("counterparty"), partner, pl.col("credit_code"), pl.col("_namesakes"))
    # Nobody is his own landlord: such a row has no other side.
    return partnered.select(
        "line", pl.when(partner != pl.col("credit_code")).then(partner).alias("partner"), kind.alias("party")
    )


def _only(known: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """Where two firms bear the same name, it tells us neither."""
    return known.filter(pl.col(key).is_not_null(), pl.len().over(key) == 1)


# ------------------------------------------------------------------------------------------------------ both sides


def _total(column: str, where: pl.Expr, name: str) -> pl.Expr:
    """The exact sum over a group's rows; missing where there is none."""
    values = pl.col(column).filter(where)
    return pl.when(values.count() > 0).then(values.sum()).cast(QUANTITY).alias(name)


def _agreed(rows: pl.LazyFrame) -> pl.LazyFrame:
    lets = pl.col("tenure") == RENTED_OUT
    named = rows.filter(pl.col("partner").is_not_null()).with_columns(
        pl.when(lets).then("credit_code").otherwise("partner").alias("landlord"),
        pl.when(lets).then("partner").otherwise("credit_code").alias("tenant"),
    )
    pair = ("landlord", "tenant")
    both_name_parcels = pl.col("parcel").is_not_null().all().over(pair)
    keyed = named.with_columns(pl.when(both_name_parcels).then("parcel").alias("_parcel"))
    sides = {"landlord": lets, "tenant": ~lets}
    grouped = keyed.group_by(*pair, "_parcel", maintain_order=True).agg(
        pl.col("parcel").drop_nulls().unique().sort().alias("parcels"),
        *(_total("area_mu", where, f"area_{side}") for side, where in sides.items()),
        *(_total("floor_area_m2", where, f"floor_{side}") for side, where in sides.items()),
        *(pl.col(c).filter(where).first().alias(f"{c}_{side}") for side, where in sides.items() for c in PLACE),
        *(pl.col("line").filter(where).alias(f"lines_{side}") for side, where in sides.items()),
    )
    by_landlord, by_tenant = pl.col("area_landlord").is_not_null(), pl.col("area_tenant").is_not_null()
    return (
        grouped.with_columns(
            pl.coalesce("area_landlord", "area_tenant").alias("area_mu"),
            pl.coalesce("floor_landlord", "floor_tenant").alias("floor_area_m2"),
            pl.when(by_landlord & by_tenant)
            .then(pl.lit("both"))
            .when(by_landlord)
            .then(pl.lit("landlord"))
            .otherwise(pl.lit("tenant"))
            .alias("said_by"),
        )
        .drop("floor_landlord", "floor_tenant")
        .rename({"_parcel": "parcel"})
        .sort("landlord", "tenant", "parcel")
    )


def _with_role(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The lease rows without a known other side, with the `role` their reporter has in them."""
    role = pl.when(pl.col("tenure") == RENTED_OUT).then(pl.lit("landlord")).otherwise(pl.lit("tenant")).alias("role")
    leases = rows.filter(pl.col("tenure").is_in([RENTED_IN, RENTED_OUT]), pl.col("partner").is_null())
    return leases.with_columns(role)


def _beyond_others(without: pl.LazyFrame, agreed: pl.LazyFrame) -> pl.LazyFrame:
    """What rows that name nobody say beyond what others report: `credit_code, role, area_mu, floor_area_m2`."""
    columns = ("credit_code", "role", "parcel", *_AREAS)
    unnamed = without.filter(pl.col("counterparty").is_null()).select(columns)
    reported = pl.concat(
        agreed.filter(pl.col("said_by") == other).select(
            pl.col(who).alias("credit_code"), pl.lit(who).alias("role"), "parcel", "area_mu", "floor_area_m2"
        )
        for who, other in (("landlord", "tenant"), ("tenant", "landlord"))
    )
    by_parcel = ("credit_code", "role")
    # Whom nobody reports about says all of it beyond, row by row; below zero it is nothing, of a parcel as a whole.
    held = pl.any_horizontal(pl.col(c) < 0 for c in _AREAS).fill_null(value=False)
    compared = pl.concat([reported.select(by_parcel), unnamed.filter(held).select(by_parcel)]).unique()
    plain = unnamed.join(compared, on=by_parcel, how="anti")
    unnamed = unnamed.join(compared, on=by_parcel, how="semi")
    about = reported.join(unnamed, on=by_parcel, how="semi")
    both_said = pl.concat(
        [
            unnamed.with_columns(pl.lit(None, dtype=QUANTITY).alias(f"_others_{c}") for c in _AREAS),
            about.with_columns(
                *(pl.col(c).alias(f"_others_{c}") for c in _AREAS),
                *(pl.lit(None, dtype=QUANTITY).alias(c) for c in _AREAS),
            ),
        ]
    )
    # As with a named pair: by parcel where all rows name one, else in one sum.
    all_named = pl.col("parcel").is_not_null().all().over(by_parcel)
    beyond = (
        both_said.with_columns(pl.when(all_named).then("parcel").alias("parcel"))
        .group_by(*by_parcel, "parcel")
        .agg(_beyond(c) for c in _AREAS)
        .drop("parcel")
    )
    return pl.concat([plain.drop("parcel"), beyond])


def _beyond(column: str) -> pl.Expr:
    """What the rows that name nobody say beyond what others report about the firm."""
    mine, others = pl.col(column), pl.col(f"_others_{column}")
    excess = mine.sum() - others.sum()
    nothing = pl.lit(0).cast(QUANTITY)
    return (
        pl.when(mine.count() > 0).then(pl.when(excess > 0).then(excess).otherwise(nothing)).cast(QUANTITY).alias(column)
    )
