"""Done, share and rank: enterprises, land and energy, each counted once, by group.

Land is counted on parcels, in the period in which a parcel was accepted; only an enterprise that stands on no parcel
counts its own; none counts where by the rules the path by which it was done frees none. Energy is counted on
enterprises. Expected and verified effects are never added.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import months_left
from mujun.rectification.tracking import UNDONE

DIMENSIONS: tuple[str, ...] = ("township", "park", "industry", "tier", "path", "way")
"""By what progress is told; industry by its two-digit division."""

EXACT = pl.Decimal(38, 6)

WAY = pl.coalesce("accepted_path", "path")
"""The path under which a subject counts: what was done counts by the path by which it was done."""

WAY_WITHIN = pl.coalesce("accepted_way", "way")
"""The same of the way within the path."""

FREES_LAND = pl.col("frees_land").fill_null(value=True)
"""Whether verified land counts as put to use: not where by the rules the path by which it was done frees none."""

GROUP_SCHEMA: dict[str, pl.DataType] = {
    "group": pl.String(),
    "firms": pl.Int64(),
    "done": pl.Int64(),
    "share": pl.Float64(),
    "target": pl.Int64(),
    "target_share": pl.Float64(),
    "rank": pl.Int64(),
    "working": pl.Int64(),
    "overdue": pl.Int64(),
    "parcels": pl.Int64(),
    "parcels_done": pl.Int64(),
    "expected_land_mu": EXACT,
    "verified_land_mu": EXACT,
    "expected_energy_tce": EXACT,
    "verified_energy_tce": EXACT,
    "per_month": pl.Float64(),
}
"""Progress of a group. `share` is of the listed enterprises, `target_share` of the group's own target where it has one;
`rank` goes by the target's share where every group has a target, else by the share; `working` are those whose work has
begun and is not accepted; `per_month` are the enterprises that have to be done each month to arrive."""


@dataclass(frozen=True)
class Totals:
    """Everyone together."""

    firms: int
    done: int
    parcels: int
    parcels_done: int
    overdue: int
    expected_land_mu: Decimal
    verified_land_mu: Decimal
    expected_energy_tce: Decimal
    verified_energy_tce: Decimal
    without_energy: int
    """Enterprises accepted without a verified figure of energy, although one was expected."""
    land_not_counted_mu: Decimal = Decimal(0)
    """Verified land that does not count, as the path by which it was done frees none by the rules."""


def totals(tracked: pl.DataFrame, day: date) -> Totals:
    """The whole county on a day.

    Args:
        tracked: columns as in `mujun.rectification.tracking.TRACK_SCHEMA`, as of the day.
        day: the day.
    """
    marked = _marked(tracked, day)
    row = marked.select(_sums()).row(0, named=True)
    silent = (pl.col("kind") == "enterprise") & pl.col("accepted_on").is_not_null()
    silent = silent & pl.col("verified_energy_tce").is_null() & (pl.col("expected_energy_tce") > 0)
    return Totals(
        **{n: row[n] for n in ("firms", "done", "parcels", "parcels_done", "overdue")},
        **{n: row[n] for n in _EFFECTS},
        land_not_counted_mu=row["land_not_counted_mu"],
        without_energy=int(marked.select(silent.fill_null(value=False).sum()).item()),
    )


def by_group(
    tracked: pl.DataFrame,
    day: date,
    dimension: str,
    *,
    until: date | None = None,
    targets: Mapping[str, Decimal] | None = None,
) -> pl.DataFrame:
    """Progress by township, park, industry, tier, path or way, as a race.

    Args:
        tracked: as in `totals`.
        day: the day.
        dimension: one of `DIMENSIONS`.
        until: by when one has to arrive; without it nothing is said per month.
        targets: how many enterprises each group has to bring to acceptance; without it all that are listed.

    Returns:
        Columns as in `GROUP_SCHEMA`, by rank; a group without a name comes last.
    """
    key = {"industry": pl.col("industry").str.slice(0, 2), "path": WAY, "way": WAY_WITHIN}.get(
        dimension, pl.col(dimension)
    )
    rows = _marked(tracked, day).group_by(key.alias("group")).agg(_sums()).sort("group", nulls_last=True)
    aims = targets or {}
    left = months_left(day, until) if until is not None else 0
    shares = [_ratio(d, f) for d, f in rows.select("done", "firms").iter_rows()]
    target = [None if g is None or g not in aims else int(aims[g]) for g in rows["group"]]
    reached = [_ratio(d, t) if t is not None else None for d, t in zip(rows["done"], target, strict=True)]
    racing = reached if aims and all(t is not None for t in target) else shares
    needed = [
        _per_month((t if t is not None else f) - d, left)
        for d, f, t in zip(rows["done"], rows["firms"], target, strict=True)
    ]
    rank = [None if s is None else 1 + sum(1 for o in racing if o is not None and o > s) for s in racing]
    told = rows.with_columns(
        pl.Series("share", [_float(s) for s in shares], dtype=pl.Float64),
        pl.Series("target", target, dtype=pl.Int64),
        pl.Series("target_share", [_float(s) for s in reached], dtype=pl.Float64),
        pl.Series("rank", rank, dtype=pl.Int64),
        pl.Series("per_month", needed, dtype=pl.Float64),
    )
    return told.sort(["rank", "group"], nulls_last=True, maintain_order=True).select(
        pl.col(n).cast(t) for n, t in GROUP_SCHEMA.items()
    )


def per_month(remaining: Fraction, left: int) -> Fraction | None:
    """What has to happen each month, rounded up at the second decimal so that keeping to it arrives; none where no
    month is left.

    >>> per_month(Fraction(10), 3)
    Fraction(167, 50)
    """
    if remaining <= 0:
        return Fraction(0)
    if left <= 0:
        return None
    return Fraction(-(-remaining * 100 // left), 100)


_EFFECTS = ("expected_land_mu", "verified_land_mu", "expected_energy_tce", "verified_energy_tce")


def _marked(tracked: pl.DataFrame, day: date) -> pl.DataFrame:
    firm = pl.col("kind") == "enterprise"
    accepted = pl.col("accepted_on").is_not_null() & (pl.col("accepted_on") <= day)
    late = pl.col("state").is_in(UNDONE) & (pl.col("deadline") < day)
    # An enterprise on a parcel leaves its land to the parcel.
    own_land = ~firm | (pl.col("others").list.len().fill_null(0) == 0)
    return tracked.with_columns(
        firm.alias("_firm"),
        (firm & accepted).alias("_done"),
        (~firm & accepted).alias("_parcel_done"),
        (firm & late).fill_null(value=False).alias("_late"),
        (firm & pl.col("state").is_in(("in_progress", "reported_done", "returned"))).alias("_working"),
        pl.when(accepted & own_land & FREES_LAND).then("verified_land_mu").alias("_land"),
        pl.when(accepted & own_land & ~FREES_LAND).then("verified_land_mu").alias("_land_apart"),
        pl.when(accepted & firm).then("verified_energy_tce").alias("_energy"),
        pl.when(firm).then("expected_land_mu").alias("_land_hoped"),
        pl.when(firm).then("expected_energy_tce").alias("_energy_hoped"),
    )


def _sums() -> list[pl.Expr]:
    return [
        pl.col("_firm").sum().cast(pl.Int64).alias("firms"),
        pl.col("_done").sum().cast(pl.Int64).alias("done"),
        (~pl.col("_firm")).sum().cast(pl.Int64).alias("parcels"),
        pl.col("_parcel_done").sum().cast(pl.Int64).alias("parcels_done"),
        pl.col("_late").sum().cast(pl.Int64).alias("overdue"),
        pl.col("_working").sum().cast(pl.Int64).alias("working"),
        pl.col("_land_hoped").sum().cast(EXACT).alias("expected_land_mu"),
        pl.col("_land").sum().cast(EXACT).alias("verified_land_mu"),
        pl.col("_land_apart").sum().cast(EXACT).alias("land_not_counted_mu"),
        pl.col("_energy_hoped").sum().cast(EXACT).alias("expected_energy_tce"),
        pl.col("_energy").sum().cast(EXACT).alias("verified_energy_tce"),
    ]


def _ratio(above: int, below: int) -> Fraction | None:
    return Fraction(above, below) if below > 0 else None


def _float(value: Fraction | None) -> float | None:
    return None if value is None else value.numerator / value.denominator


def _per_month(remaining: int, left: int) -> float | None:
    return _float(per_month(Fraction(remaining), left))
