"""The rows that the findings about one firm rest on: its own, its heirs' and partners', and those on its ground.

`check_tables` says of a firm the same of these rows as of all: leases are known by their two sides, parcels by whoever
stands on them. What tells firms apart, the roll and the register of changes, stays whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from mujun.records.identity import normal_code, normal_name

WHOLE = ("enterprises", "aliases", "matches")
"""The tables that say who is who."""


def rows_about(tables: Mapping[str, pl.DataFrame], codes: Collection[str]) -> dict[str, pl.DataFrame]:
    """Tables with no more rows than what `check_tables` finds of some codes rests on.

    Args:
        tables: current rows by name, `enterprises` and `aliases` among them.
        codes: those that one firm has or had.

    Returns:
        All tables. Of `land` a row of each year stays, so that what has been loaded does not look as if it had not.
    """
    mine = _related(tables["aliases"], codes)
    roll = tables["enterprises"]
    called = {
        *_names(roll.filter(pl.col("credit_code").is_in(mine))["name"]),
        *_names(tables["land"].filter(pl.col("credit_code").is_in(mine))["name"]),
    }
    about = {name: rows for name, rows in tables.items() if name in WHOLE}
    about["land"] = _land(tables["land"], mine, called)
    parcels = tables["parcels"]
    on = about["land"].filter(pl.col("credit_code").is_in(mine)).select(normal_code(pl.col("parcel")))["parcel"]
    about["parcels"] = parcels.filter(normal_code(pl.col("parcel")).is_in(on.implode()))
    for name, rows in tables.items():
        if name not in about:
            about[name] = rows.filter(_of(rows, mine, called)) if "credit_code" in rows.columns else rows
    return about


def _related(aliases: pl.DataFrame, codes: Collection[str]) -> list[str]:
    """The codes, and all that the register of changes leads to or from them."""
    pairs = aliases.select("credit_code", normal_code(pl.col("successor"))).drop_nulls().rows()
    related = set(codes)
    while more := {c for pair in pairs if not related.isdisjoint(pair) for c in pair} - related:
        related |= more
    return sorted(related)


def _names(texts: pl.Series) -> list[str]:
    """Names as they are compared."""
    plain = texts.drop_nulls().unique().to_frame("name").select(normal_name(pl.col("name")))["name"]
    return plain.to_list()


def _written(texts: pl.Series, called: Collection[str]) -> pl.Series:
    """The writings among some texts that are one of the names, as they are compared."""
    each = texts.drop_nulls().unique()
    return each.filter(each.to_frame("name").select(normal_name(pl.col("name")).is_in(list(called)))["name"])


def _of(rows: pl.DataFrame, codes: Collection[str], called: Collection[str]) -> pl.Expr:
    """The rows that stand under a code, or name a firm that is called so."""
    under_code = pl.col("credit_code").is_in(list(codes))
    if "name" not in rows.columns:
        return under_code
    return under_code | pl.col("name").is_in(_written(rows["name"], called).implode()).fill_null(value=False)


def _land(land: pl.DataFrame, codes: Collection[str], called: Collection[str]) -> pl.DataFrame:
    """The land of a firm and of whoever it lets to or rents from, of whom names it, and all rows on its parcels."""
    numbered = land.with_row_index("_at").with_columns(normal_code(pl.col("parcel")).alias("_parcel"))
    held = numbered.filter(pl.col("credit_code").is_in(list(codes)))
    others = {*_names(held["counterparty"]), *called}
    named = held.select(normal_code(pl.col("counterparty")))["counterparty"].drop_nulls()
    theirs = pl.col("credit_code").is_in(named.implode()) | pl.col("name").is_in(
        _written(land["name"], others).implode()
    )
    telling = pl.col("counterparty").is_in(_written(land["counterparty"], called).implode()) | normal_code(
        pl.col("counterparty")
    ).is_in(list(codes))
    beside = numbered.filter((theirs | telling).fill_null(value=False))
    partners = {*codes, *beside["credit_code"].drop_nulls().to_list()}
    ground = held["_parcel"].drop_nulls().unique()
    wanted = pl.col("credit_code").is_in(list(partners)) | pl.col("_parcel").is_in(ground.implode())
    of_year = pl.col("_at") == pl.col("_at").first().over("year")
    return numbered.filter(wanted.fill_null(value=False) | of_year).drop("_at", "_parcel")
