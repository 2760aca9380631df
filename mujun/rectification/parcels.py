"""Parcels as what a list lists: the figures of all firms on them together.

A firm that stands on several parcels joins them, as in a rating by parcels: nobody's figures are counted twice or
divided.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from mujun.rating.policy_frame import GIVEN
from mujun.rating.pooling import USUAL_POOL, pooled, subjects_of
from mujun.rules.model.rating import FIRMS
from mujun.rules.names import FieldPlan
from mujun.rules.rating_plan import FIRMS_MEANING
from mujun.rules.rectification_plan import RectificationPlan

PARCEL: Final = "parcel"
"""The kind of such a list's subjects."""


def on_parcels(plan: RectificationPlan, stood: pl.DataFrame) -> pl.DataFrame:
    """A row per parcel, under its number (the smallest of those that a firm joins), with what its rules read.

    Args:
        plan: a list of parcels.
        stood: every enterprise with its standing; one without a parcel is on no row.

    Returns:
        The dictionary's fields and the rules' inputs put together, `members` (credit codes), `firms` (how many), and
        `tier` of the firm with most land that has one.
    """
    there = stood.filter(pl.col("parcels").list.len() > 0)
    fields = [p for p in plan.policy.names.all_of(FieldPlan) if isinstance(p, FieldPlan) and p.compiled is None]
    ways = {p.name: (p.pool or USUAL_POOL[p.meaning.kind], p.meaning) for p in fields}
    tier = plan.scope.meanings["tier"]
    together = pooled(there, subjects_of(there, PARCEL), {**ways, "tier": ("most_land", tier)})
    return together.with_columns(
        pl.col("members").list.len().cast(FIRMS_MEANING.dtype).alias(FIRMS),
        pl.lit("rated").alias("treatment"),
        *(pl.lit(None, dtype=t).alias(n) for n, t in GIVEN.items() if n not in ("tier", "treatment")),
    )
