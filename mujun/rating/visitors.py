"""Rows that are measured and not counted: a frame's residents set the standards, its visitors are held against them.

A frame has both, told apart by the column `VISITS`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

VISITS = "_visits"
"""Whether a row is a visitor."""
OWN = "_own"
"""Of a visitor, the row of the resident whose place it takes; missing where it takes none."""


def places(frame: pl.DataFrame, by: str, over: str, method: Literal["min", "max"]) -> pl.Series:
    """The place of each row in its group by ascending `by`; missing where `by` or `over` is.

    A resident has his place among the residents. A visitor has the place that he would have in the stead of his
    resident: 1 + the residents ahead (`min`), or all up to and with his equals (`max`), his own resident aside.
    """
    dense = frame.select(pl.col(by).rank("dense").cast(pl.Int64), pl.col(over).cast(pl.Int64).alias("_over"))
    known = (dense[by].is_not_null() & dense["_over"].is_not_null()).to_numpy()
    value, group = dense[by].fill_null(0).to_numpy(), dense["_over"].fill_null(-1).to_numpy()
    visits = frame[VISITS].to_numpy()
    span = int(value.max(initial=0)) + 1
    counted = np.sort((group * span + value)[known & ~visits])
    start = np.searchsorted(counted, group * span, "left")
    side: Literal["left", "right"] = "left" if method == "min" else "right"
    ahead = np.searchsorted(counted, group * span + value, side) - start
    own_rows = frame[OWN].fill_null(0).to_numpy()
    has_own = frame[OWN].is_not_null().to_numpy() & known[own_rows] & (group[own_rows] == group)
    own_ahead = has_own & ((value[own_rows] < value) if method == "min" else (value[own_rows] <= value))
    place = ahead - own_ahead + np.where((method == "min") | visits, 1, 0)
    return pl.select(pl.when(pl.lit(known)).then(pl.lit(place.astype(np.int64))).alias("place"))["place"]


def group_sizes(frame: pl.DataFrame, by: str, over: str) -> pl.Series:
    """How many there are in each row's group; of a visitor's, with him in the stead of his resident."""
    counted = pl.when(~pl.col(VISITS)).then(pl.col(by))
    base = frame.select(
        counted.count().over(over).cast(pl.Int64).alias("size"),
        pl.col(by).is_not_null().alias("there"),
        pl.col(over).alias("group"),
        pl.col(OWN).alias("own"),
        pl.col(VISITS).alias("visits"),
    )
    own_there = base["there"].gather(base["own"]).fill_null(value=False)
    own_here = own_there & (base["group"].gather(base["own"]) == base["group"]).fill_null(value=False)
    return base.select(
        (pl.col("size") - pl.lit(own_here).cast(pl.Int64) + pl.col("visits").cast(pl.Int64)).alias("size")
    )["size"]
