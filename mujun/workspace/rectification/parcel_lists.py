"""A list of parcels as it would be issued: a row per parcel, with the firms on it, by the rules' conditions on them."""

from __future__ import annotations

import polars as pl

from mujun.rectification import Listing
from mujun.rectification.documents import FIRM_SCHEMA, PARCEL_SCHEMA, office_of
from mujun.workspace.book import Book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table

REASONS_SCHEMA: dict[str, pl.DataType] = {
    "parcel": pl.String(),
    "land_mu": pl.Decimal(18, 6),
    "reasons": pl.List(pl.String()),
    "reason_text": pl.String(),
    "expected_land_mu": pl.Decimal(38, 6),
    "expected_energy_tce": pl.Decimal(38, 6),
}
"""Why a parcel is listed, and what is expected to be freed.

Parcels that a firm joins have the figures of all of them: they stand on the smallest, and are missing on the others, so
that sums are right.
"""


def listed_parcels(county: CountyFile, book: Book, listing: Listing, batch: int) -> pl.DataFrame:
    """The parcels of a list of parcels, as a document keeps them; `entry` is still missing."""
    rows = listing.rectification.with_columns(pl.col("parcels").alias("parcel")).explode("parcel")
    known = current_table(county, "parcels", as_of_batch=batch or None).select("parcel", "holder", "area_mu")
    now = pl.element().replace(book.changed)
    park = listing.frame.select(pl.col("credit_code").alias("_of"), _column(listing.frame, "park"))
    joined = (
        rows.with_columns(pl.col("parcels").list.first().alias("_of"))
        .join(park, on="_of", how="left", maintain_order="left")
        .join(known, on="parcel", how="left", maintain_order="left")
        .with_columns(
            pl.col("members").list.eval(now).alias("listed"),
            pl.lit([], dtype=pl.List(pl.String)).alias("others"),
            office_of(pl.col("township")).alias("department"),
            pl.lit(None, dtype=pl.String).alias("entry"),
        )
    )
    return joined.sort("parcel").select(pl.col(n).cast(t) for n, t in PARCEL_SCHEMA.items())


def _column(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String).alias(name)


def reasons_of(listing: Listing, parcels: pl.DataFrame) -> pl.DataFrame:
    """Why each parcel is listed; columns as in `REASONS_SCHEMA`."""
    figures = ("land_mu", "expected_land_mu", "expected_energy_tce")
    rows = listing.rectification.with_columns(pl.col("parcels").alias("_each")).explode("_each")
    first = pl.col("_each") == pl.col("parcel")
    reasons = rows.with_columns(pl.when(first).then(pl.col(n)).alias(n) for n in figures)
    reasons = reasons.with_columns(pl.col("_each").alias("parcel")).filter(
        pl.col("parcel").is_in(parcels["parcel"].implode())
    )
    return reasons.sort("parcel").select(pl.col(n).cast(t) for n, t in REASONS_SCHEMA.items())


def no_firms() -> pl.DataFrame:
    """The enterprises of a list of parcels: none is listed itself."""
    return pl.DataFrame(schema=FIRM_SCHEMA)
