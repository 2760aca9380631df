"""Generated frames: firms of 20 counties and 20 industries, quantities as departments send them."""

from __future__ import annotations

import numpy as np
import polars as pl

QUANTITY = pl.Decimal(18, 6)
INDUSTRIES = [str(n) for n in range(13, 33)]


def firms(size: int, seed: int = 1) -> pl.DataFrame:
    """`size` firms with the columns that the rule sets here read; one in fifty values is missing."""
    draw = np.random.default_rng(seed)
    land = draw.lognormal(2.5, 0.8, size).round(2) + 0.5

    def quantity(name: str, values: np.ndarray) -> pl.Series:
        series = pl.Series(name, values.round(4)).cast(pl.Decimal(38, 12)).cast(QUANTITY)
        blank = pl.Series(draw.random(size) < 0.02)
        return pl.select(pl.when(~blank).then(series).alias(name))[name]

    return pl.DataFrame(
        [
            pl.Series("year", np.full(size, 2022), dtype=pl.Int32),
            pl.Series("credit_code", np.arange(size)).cast(pl.String).str.zfill(18),
            pl.Series("county", draw.integers(0, 20, size)).cast(pl.String).str.zfill(2),
            pl.Series("industry_division", draw.choice(INDUSTRIES, size)),
            pl.Series("scale", np.where(draw.random(size) < 0.2, "规上", "规下")),
            quantity("land_mu", land),
            quantity("tax_paid", land * draw.lognormal(3.0, 1.0, size)),
            quantity("value_added", land * draw.lognormal(4.5, 0.9, size)),
            quantity("energy_tce", draw.lognormal(5.0, 1.2, size) + 0.1),
            quantity("cod_t", draw.lognormal(0.0, 1.0, size) + 0.01),
            quantity("employees", draw.integers(1, 400, size).astype(float)),
            quantity("revenue", land * draw.lognormal(6.0, 0.9, size)),
            quantity("rd_expense", land * draw.lognormal(2.0, 1.0, size)),
        ]
    )
