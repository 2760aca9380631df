"""The order in which every result is shown."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_RANKS = 1 << 40
"""More than there are ranks."""


def as_results_are(rows: pl.DataFrame, cohorts: Sequence[str], *then: str) -> pl.DataFrame:
    """Rows sorted as every result is: by cohort as declared, rank, subject, credit code, and then by `then`.

    Args:
        rows: with `cohort, rank, subject, credit_code`.
        cohorts: the cohorts in their order; without any they stand by their names.
        then: further columns.
    """
    order = pl.col("cohort").replace_strict({c: i for i, c in enumerate(cohorts)}, default=None, return_dtype=pl.Int64)
    codes = rows["credit_code"]
    if cohorts and not then and codes.is_sorted() and rows["subject"].eq_missing(codes).all():
        # Each is its own subject, and they stand by their codes already: what is left is one number.
        place = order.fill_null(len(cohorts)) * _RANKS + pl.col("rank").cast(pl.Int64).fill_null(_RANKS - 1)
        return rows.sort(place, maintain_order=True)
    return rows.sort([order if cohorts else pl.col("cohort"), "rank", "subject", "credit_code", *then], nulls_last=True)
