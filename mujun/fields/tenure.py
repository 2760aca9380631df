"""On whose ground a firm stands, by the land it owns and the land it rents."""

from __future__ import annotations

import polars as pl

TENURES: tuple[str, ...] = ("own", "mixed", "rented", "none")
"""Its own ground, its own and rented ground (混合型), rented ground, none. Land let plays no part."""


def tenure_of(owned: pl.Expr, rented_in: pl.Expr) -> pl.Expr:
    """One of `TENURES`; where neither area is known there is none."""
    owns, rents = (owned > 0).fill_null(value=False), (rented_in > 0).fill_null(value=False)
    return (
        pl.when(owns & rents).then(pl.lit("mixed"))
        .when(owns).then(pl.lit("own"))
        .when(rents).then(pl.lit("rented"))
        .otherwise(pl.lit("none"))
    )  # fmt: skip
