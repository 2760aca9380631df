"""Screening: the enterprises on some land, with their indicators and what they would be listed for."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.rating import Rating
from mujun.rectification.result import Listing

FIGURES: tuple[str, ...] = ("tax_paid", "value_added", "revenue", "energy_tce", "electricity_kwh", "employees")
"""What a township officer looks at beside land and indicators."""


def screened(
    frame: pl.DataFrame, rating: Rating, listing: Listing | None, *, township: str | None, least: Decimal
) -> pl.DataFrame:
    """The enterprises on at least `least` mu of land, all townships' or one's, most land first.

    Args:
        frame: the year's frame.
        rating: its rating, whose indicators are shown.
        listing: its rectification list, for the conditions that are met; none: no hits.
        township: one township only.
        least: 亩.

    Returns:
        `credit_code, name, township, industry, scale, land_mu`, the figures, the indicators, `tier_last, tier`, `hits`
        (ids of the conditions met and not exempted) and `hit_text`.

    Raises:
        UsageError: there is no such township; names the nearest.
    """
    known = frame["township"].drop_nulls().unique().sort().to_list()
    if township is not None and township not in known:
        near = nearest(township, known) or (known[0] if known else "—")
        raise UsageError(problem("unknown_township", township=township, near=near, known=known or "—"))
    indicators = list(rating.plan.rating.indicators)
    shown = frame.select("credit_code", "name", "township", "industry", "scale", "land_mu", *FIGURES, "tier_last")
    rated = rating.enterprises.select("credit_code", *indicators, "tier")
    rows = shown.join(rated, on="credit_code", how="left").join(_hits(listing), on="credit_code", how="left")
    rows = rows.with_columns(pl.col("hits").fill_null(pl.lit([], dtype=pl.List(pl.String))))
    if township is not None:
        rows = rows.filter(pl.col("township") == township)
    wanted = rows.filter(pl.col("land_mu") >= least).sort(["land_mu", "credit_code"], descending=[True, False])
    before = ["credit_code", "name", "township", "industry", "scale", "land_mu", *FIGURES]
    return wanted.select(*before, *indicators, "tier_last", "tier", "hits", "hit_text")


def _hits(listing: Listing | None) -> pl.DataFrame:
    if listing is None:
        schema = {"credit_code": pl.String(), "hits": pl.List(pl.String()), "hit_text": pl.String()}
        return pl.DataFrame(schema=schema)
    listed = listing.rectification
    return listed.select("credit_code", pl.col("reasons").alias("hits"), pl.col("reason_text").alias("hit_text"))
