"""The rating of `rules/two_cohorts` as a colleague who knows Polars would write it, keeping no more than the result.

It gives `credit_code`, `cohort`, `score` (in ten-thousandths), `rank` and `tier` of the firms in scope, in the order of
the frame. The score is what mujun's is: values and benchmarks at 12 decimals, every indicator's points rounded half up
to four.
"""

from __future__ import annotations

import polars as pl

RATIOS: dict[str, tuple[str, str]] = {
    "tax": ("tax_paid", "land_mu"),
    "va": ("value_added", "land_mu"),
    "energy": ("value_added", "energy_tce"),
    "head": ("value_added", "employees"),
    "rd": ("rd_expense", "revenue"),
}
WEIGHTS: dict[str, dict[str, tuple[float, float]]] = {
    "above": {"tax": (30, 1.5), "va": (25, 1.5), "energy": (20, 1.5), "head": (15, 1.5), "rd": (10, 1.5)},
    "below": {"tax": (70, 1.5), "energy": (30, 1.2)},
}
COLUMNS = ["credit_code", "cohort", "score", "rank", "tier"]


def in_plain_polars(frame: pl.DataFrame) -> pl.DataFrame:
    """One lazy query: benchmarks by industry, two scores, a rank in each cohort, shares, and the rule."""
    firms = (
        frame.lazy()
        .filter((pl.col("land_mu") >= 3) & pl.col("tax_paid").is_not_null())
        .with_columns(
            pl.when(pl.col("scale") == "规上").then(pl.lit("above")).otherwise(pl.lit("below")).alias("cohort")
        )
    )
    sums = []
    for name, (of, per) in RATIOS.items():
        both = pl.col(of).is_not_null() & pl.col(per).is_not_null()
        above, below = (pl.col(side).filter(both).sum().cast(pl.Float64) for side in (of, per))
        sums.append((above / below).round(12).alias(f"{name}_base"))
    bases = firms.group_by("industry_division").agg(sums)
    values = [
        (pl.col(of).cast(pl.Float64) / pl.col(per).cast(pl.Float64)).round(12).alias(name)
        for name, (of, per) in RATIOS.items()
    ]
    scores = {cohort: pl.sum_horizontal([_points(n, *w) for n, w in WEIGHTS[cohort].items()]) for cohort in WEIGHTS}
    above = pl.col("cohort") == "above"
    rated = (
        firms.join(bases, on="industry_division", how="left", maintain_order="left")
        .with_columns(values)
        .with_columns(pl.when(above).then(scores["above"]).otherwise(scores["below"]).alias("score"))
        .with_columns(
            pl.col("score").rank("min", descending=True).over("cohort").cast(pl.Int64).alias("rank"),
            pl.len().over("cohort").cast(pl.Int64).alias("size"),
        )
    )
    within = [pl.col("rank") <= (pl.col("size") * share + 50) // 100 for share in (20, 60, 95)]
    tier = pl.when(within[0]).then(pl.lit("A")).when(within[1]).then(pl.lit("B")).when(within[2]).then(pl.lit("C"))
    cut = rated.with_columns(tier.otherwise(pl.lit("D")).alias("tier"))
    heavy = (pl.col("energy") < pl.col("energy_base") / 4) & pl.col("tier").is_in(["A", "B"])
    return (
        cut.with_columns(pl.when(heavy).then(pl.lit("C")).otherwise("tier").alias("tier"))
        .select("credit_code", "cohort", pl.col("score").cast(pl.Int64), "rank", "tier")
        .collect(engine="in-memory")
    )


def _points(name: str, weight: float, cap: float) -> pl.Expr:
    """Points of an indicator, in whole ten-thousandths; a missing value earns none."""
    raw = (weight * (pl.col(name) / pl.col(f"{name}_base"))).clip(0, cap * weight)
    return (raw * 10_000 + 0.5).floor().fill_null(0)
