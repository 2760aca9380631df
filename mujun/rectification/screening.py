"""Screening: whom a round looks at, with their indicators and what they would be listed for.

Every 规上 enterprise is looked at whatever its land, also without any land on record; a 规下 one from some land on.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.numbers import round_decimal
from mujun.rating import Rating
from mujun.rectification.result import Listing

LAND: tuple[str, ...] = ("owned_mu", "rented_in_mu", "rented_out_mu", "land_mu")

FIGURES: tuple[str, ...] = ("tax_paid", "value_added", "energy_tce", "electricity_kwh")
"""What a township officer looks at beside land and indicators."""

PLACES = 4
"""Decimals of the values in a hit's text."""


MANUFACTURING = tuple(str(n) for n in range(13, 44))
"""The divisions of GB/T 4754 that are manufacturing."""

GONE = ("注销", "吊销", "撤销", "迁出")
"""Words of a status by which an enterprise is no longer there."""


def screened(
    frame: pl.DataFrame, rating: Rating, listing: Listing | None, *, township: str | None, least: Decimal
) -> pl.DataFrame:
    """The enterprises that a round looks at, all townships' or one's: 规上 ones first, then by land, most first.

    Args:
        frame: the year's frame.
        rating: its rating, whose indicators are shown.
        listing: its rectification list, for the conditions that are met; none: no hits.
        township: one township only.
        least: from how much land on a 规下 enterprise is looked at, 亩.

    Returns:
        `credit_code, name, township, park, industry, scale, mark, parcels`, the land, the figures, the indicators,
        `tier_history` (last year first), `tier`, `untested` (conditions that could not be told, with what was
        missing), `hits` (ids of the conditions met and not exempted) and `hit_text`, with the values. `mark` says who
        is no manufacturer or no longer there, and is not listed without a second look.

    Raises:
        UsageError: there is no such township; names the nearest.
    """
    known = townships_of(frame)
    if township is not None and township not in known:
        near = Guess(nearest(township, known))
        raise UsageError(problem("unknown_township", township=township, near=near, known=known or "—"))
    indicators = list(rating.plan.rating.indicators)
    before = ["credit_code", "name", "township", "park", "industry", "scale"]
    rated = rating.enterprises.select("credit_code", *indicators, "tier")
    rows = frame.select(*before, mark_of().alias("mark"), "parcels", *LAND, *FIGURES, "tier_history")
    rows = rows.join(rated, on="credit_code", how="left").join(_hits(listing), on="credit_code", how="left")
    rows = rows.join(_untested(listing), on="credit_code", how="left")
    rows = rows.with_columns(pl.col("hits").fill_null(pl.lit([], dtype=pl.List(pl.String))))
    if township is not None:
        rows = rows.filter(pl.col("township") == township)
    above = pl.col("scale") == "规上"
    wanted = rows.filter(above.fill_null(value=False) | (pl.col("land_mu") >= least))
    wanted = wanted.sort([above, "land_mu", "credit_code"], descending=[True, True, False], nulls_last=True)
    figures = (*LAND, *FIGURES, *indicators)
    return wanted.select(*before, "mark", "parcels", *figures, "tier_history", "tier", "untested", "hits", "hit_text")


def mark_of() -> pl.Expr:
    """What sets an enterprise of a frame apart from those that may be listed at once; missing where nothing does."""
    gone = pl.when(is_gone()).then(pl.lit("已注销或迁出"))
    other = (
        pl.when(pl.col("industry_division").is_null())
        .then(pl.lit("行业未填"))
        .when(~pl.col("industry_division").is_in(MANUFACTURING))
        .then(pl.lit("非制造业"))
    )
    mark = pl.concat_str(gone, other, separator="、", ignore_nulls=True)
    return pl.when(mark != "").then(mark)


def is_gone() -> pl.Expr:
    """Whether the roll or a visit says that an enterprise of a frame is no longer there."""
    status = pl.concat_str(pl.col("status").fill_null(""), pl.col("operation").fill_null(""))
    return status.str.contains("|".join(GONE))


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
            in_words = f"{row['label']} {_short(row['value'])}{row['unit']}"
            values.setdefault((row["credit_code"], row["reason"]), []).append(in_words)
    hits = []
    for code, reasons in listing.rectification.select("credit_code", "reasons").iter_rows():
        told = [f"{words[r]}（{'，'.join(values[code, r])}）" if (code, r) in values else words[r] for r in reasons]
        hits.append({"credit_code": code, "hits": reasons, "hit_text": "；".join(told)})
    return pl.DataFrame(hits, schema=schema)


def _untested(listing: Listing | None) -> pl.DataFrame:
    """The conditions of the list that could not be told for want of a figure, in words, by enterprise."""
    schema = {"credit_code": pl.String, "untested": pl.String}
    if listing is None:
        return pl.DataFrame(schema=schema)
    words = {f"listing.{r.id}": r.reason for r, _ in listing.plan.listing}
    told: dict[str, list[str]] = {}
    for code, where, lacking in listing.notes.iter_rows():
        if where in words:
            labels = "、".join(listing.words.of(n) for n in lacking)
            told.setdefault(code, []).append(f"{words[where]}（无数据：{labels}）")
    return pl.DataFrame([(c, "；".join(s)) for c, s in told.items()], schema=schema, orient="row")


def _is_figure(value: str) -> bool:
    return value.removeprefix("-").replace(".", "", 1).isdigit()


def _short(value: str) -> str:
    """A value as a reader on site needs it: four decimals."""
    if "." not in value:
        return value
    short = format(round_decimal(Decimal(value), PLACES), "f")
    return short.rstrip("0").rstrip(".")
