"""The register of past runs, which needs nothing of what computes them."""

from __future__ import annotations

import polars as pl

from mujun.store import Store
from mujun.workspace.county_file import CountyFile


def kept_runs(county: CountyFile) -> pl.DataFrame:
    """All ratings ever kept, oldest first: `number, year, rules, batch, final, created_at, digest, label`, …"""
    with Store.open(county.path) as store:
        return store.runs()
