"""容积率: floor over ground."""

from __future__ import annotations

import polars as pl

from mujun.numbers.rounding import QUANTITY, at12, divided, half_up


def plot_ratio(floor_m2: str, land_mu: str) -> pl.Expr:
    """Floor area over land, both in ㎡, at six decimals; missing where there is no land above zero.

    Args:
        floor_m2: the column of the floor area in ㎡.
        land_mu: the column of the land in 亩; a 亩 is 2000/3 ㎡.
    """
    ground = pl.col(land_mu).cast(pl.Float64) * 2000.0
    ratio = at12(divided(pl.col(floor_m2).cast(pl.Float64) * 3.0, ground))
    bounded = pl.when((pl.col(land_mu) > 0) & (ratio.abs() < 1e11)).then(ratio)
    return half_up(bounded.cast(pl.Decimal(38, 12)), 6).cast(QUANTITY)
