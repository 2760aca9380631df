"""Screening: the enterprises on some land, with their indicators and what they would be listed for."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.numbers import round_decimal
from mujun.rating import Rating
from mujun.rectification.result import Listing

LAND: tuple[str, ...] = ("owned_mu", "rented_in_mu", "rented_out_mu", "land_mu")

FIGURES: tuple[str, ...] = ("tax_paid", "value_added", "energy_tce", "electricity_kwh")
"""What a township officer looks at beside land and indicators."""

PLACES = 4
"""Decimals of the values in a hit's text."""


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
        `credit_code, name, township, industry, scale`, the land, the figures, the indicators, `tier_history` (last
        year first), `tier`, `hits` (ids of the conditions met and not exempted) and `hit_text`, with the values.

    Raises:
        UsageError: there is no such township; names the nearest.
    """
    known = townships_of(frame)
    if township is not None and township not in known:
        near = nearest(township, known) or (known[0] if known else "—")
        raise UsageError(problem("unknown_township", township=township, near=near, known=known or "—"))
    indicators = list(rating.plan.rating.indicators)
    before = ["credit_code", "name", "township", "industry", "scale", *LAND, *FIGURES]
    rated = rating.enterprises.select("credit_code", *indicators, "tier")
    rows = frame.select(*before, "tier_history").join(rated, on="credit_code", how="left")
    rows = rows.join(_hits(listing), on="credit_code", how="left")
    rows = rows.with_columns(pl.col("hits").fill_null(pl.lit([], dtype=pl.List(pl.String))))
    if township is not None:
        rows = rows.filter(pl.col("township") == township)
    wanted = rows.filter(pl.col("land_mu") >= least).sort(["land_mu", "credit_code"], descending=[True, False])
    return wanted.select(*before, *indicators, "tier_history", "tier", "hits", "hit_text")


def townships_of(frame: pl.DataFrame) -> list[str]:
    """The townships of a frame, sorted."""
    return [str(t) for t in frame["township"].drop_nulls().unique().sort().to_list()]


def _hits(listing: Listing | None) -> pl.DataFrame:
    """The conditions that each enterprise meets, and in words with the values that met them."""
    schema: dict[str, pl.DataType] = {
        "credit_code": pl.String(), "hits": pl.List(pl.String()), "hit_text": pl.String()
    }  # fmt: skip
    if listing is None:
        return pl.DataFrame(schema=schema)
    words = {r.id: r.reason for r, _ in listing.plan.listing}
    values: dict[tuple[str, str], list[str]] = {}
    for row in listing.triggers.iter_rows(named=True):
        # The words of the reason say what is met by scale, tier or label; figures are what a visit can doubt.
        if row["value"] is not None and _is_figure(row["value"]):
            said = f"{row['label']} {_short(row['value'])}{row['unit']}"
            values.setdefault((row["credit_code"], row["reason"]), []).append(said)
    found = []
    for code, reasons in listing.rectification.select("credit_code", "reasons").iter_rows():
        told = [f"{words[r]}（{'，'.join(values[code, r])}）" if (code, r) in values else words[r] for r in reasons]
        found.append({"credit_code": code, "hits": reasons, "hit_text": "；".join(told)})
    return pl.DataFrame(found, schema=schema)


def _is_figure(value: str) -> bool:
    return value.removeprefix("-").replace(".", "", 1).isdigit()


def _short(value: str) -> str:
    """A value as a reader on site needs it: four decimals."""
    if "." not in value:
        return value
    short = format(round_decimal(Decimal(value), PLACES), "f")
    return short.rstrip("0").rstrip(".")
