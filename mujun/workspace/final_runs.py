"""Which runs are the final ones, which needs nothing of what computes them."""

from __future__ import annotations

import polars as pl

from mujun.store import Store


def final_runs(store: Store, before_run: int | None) -> pl.DataFrame:
    """The newest final binding run of each year and rule set."""
    runs = store.runs().filter(pl.col("final"), pl.col("binding"))
    if before_run is not None:
        runs = runs.filter(pl.col("number") < before_run)
    return runs.sort("number").unique(["year", "rules"], keep="last", maintain_order=True)
