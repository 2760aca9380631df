"""Nothing reported, or a zero, where all but a few peers have something: output without energy, staff or land."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.analysis.anomalies.figures import FEWEST_PEERS, Figures

WATCHED: tuple[str, ...] = (
    "tax_paid", "electricity_kwh", "energy_tce", "revenue", "value_added", "employees", "land_mu", "water_m3",
)  # fmt: skip

ALMOST_ALL = 0.97
"""The share of the peers at work that have a figure above zero."""

PROOF: tuple[str, ...] = ("revenue", "value_added", "gross_output", "tax_paid")
"""What says that a firm is at work."""


def gaps(figures: Figures) -> Iterator[Anomaly]:
    """Every figure that is missing or zero though the firm is at work and its peers have it."""
    frame = figures.frame
    for field in WATCHED:
        others = [(pl.col(p) > 0).fill_null(value=False) for p in PROOF if p != field]
        # What a figure of the output table says of another is little: they are often missing together.
        at_work = pl.any_horizontal(others)
        has = (pl.col(field) > 0).fill_null(value=False)
        counted = frame.with_columns(at_work.alias("_works"), has.alias("_has")).with_columns(
            pl.col("_works").sum().over("scale", "industry_division").alias("_peers"),
            (pl.col("_works") & pl.col("_has")).sum().over("scale", "industry_division").alias("_with"),
        )
        lacking = counted.filter(
            "_works",
            ~pl.col("_has"),
            pl.col("_peers") >= FEWEST_PEERS,
            pl.col("_with") >= (pl.col("_peers") - 1) * ALMOST_ALL,
        )
        for firm in lacking.iter_rows(named=True):
            shown = next((p for p in PROOF if p != field and (firm[p] or 0) > 0), None)
            if (firm[field] or 0) < 0 or shown is None:
                continue
            yield Anomaly(
                kind="blank" if firm[field] is None else "zero",
                credit_code=firm["credit_code"],
                name=firm.get("name"),
                field=field,
                value=firm[field],
                likely=None,
                odds=firm["_with"] / firm["_peers"],
                values={
                    "with": firm["_with"],
                    "peers": firm["_peers"],
                    "proof": shown,
                    "proof_value": firm[shown],
                    "last": firm.get(f"{field}_last"),
                },
            )
