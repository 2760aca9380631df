"""What the likely right values would change: all of them put in at once and the year rated again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.dataclass import dataclass
from mujun.fields import FRAME_FIELDS, LAND_PARTS
from mujun.rating import Rating, rate


@dataclass(frozen=True)
class Effect:
    """What becomes of the firms when every likely value is put in at once.

    Attributes:
        tiers: by credit code, the tier before and after.
        scores: by credit code, the score before and after.
        moved: by credit code, how many tiers a firm moves, up or down.
        others: how many firms without a figure in question change their tier all the same.
    """

    tiers: Mapping[str, tuple[str | None, str | None]]
    scores: Mapping[str, tuple[float | None, float | None]]
    moved: Mapping[str, int]
    others: int


def corrected(frame: pl.DataFrame, anomalies: Iterable[Anomaly]) -> pl.DataFrame:
    """The frame with every likely value put in; land and emissions that follow from parts follow."""
    by_field: dict[str, list[Anomaly]] = {}
    for a in anomalies:
        if a.likely is not None:
            by_field.setdefault(a.field, []).append(a)
    order = frame["credit_code"]
    for field, several in by_field.items():
        put = pl.DataFrame(
            {"credit_code": [a.credit_code for a in several], "_likely": [a.likely for a in several]},
            schema={"credit_code": pl.String, "_likely": FRAME_FIELDS[field].dtype},
        ).unique("credit_code", keep="first", maintain_order=True)
        frame = frame.join(put, on="credit_code", how="left", maintain_order="left")
        frame = frame.with_columns(pl.coalesce("_likely", field).alias(field)).drop("_likely")
    if set(LAND_PARTS) & set(by_field) and {*LAND_PARTS, "land_mu"} <= set(frame.columns):
        owned, rented_in, rented_out = (pl.col(c).fill_null(0) for c in LAND_PARTS)
        there = pl.any_horizontal(pl.col(c).is_not_null() for c in LAND_PARTS)
        net = (owned + rented_in - rented_out).cast(FRAME_FIELDS["land_mu"].dtype)
        frame = frame.with_columns(pl.when(there).then(net).otherwise("land_mu").alias("land_mu"))
    pollutants = [c for c in ("cod_t", "nh3n_t", "so2_t", "nox_t") if c in frame.columns]
    if set(pollutants) & set(by_field) and "emissions_t" in frame.columns:
        there = pl.any_horizontal(pl.col(c).is_not_null() for c in pollutants)
        total = pl.sum_horizontal(pollutants, ignore_nulls=True).cast(FRAME_FIELDS["emissions_t"].dtype)
        frame = frame.with_columns(pl.when(there).then(total).otherwise("emissions_t").alias("emissions_t"))
    assert frame["credit_code"].equals(order)
    return frame


def effect_of(
    frame: pl.DataFrame, rating: Rating, anomalies: Iterable[Anomaly], previous: pl.DataFrame | None = None
) -> Effect:
    """What putting in the likely values changes.

    Args:
        frame: the frame that was rated.
        rating: its rating.
        anomalies: what was found; those without a likely value change nothing.
        previous: last year's frame, where the rules look at it.
    """
    several = [a for a in anomalies if a.likely is not None]
    again = rate(corrected(frame, several), rating.plan.ruleset, previous) if several else rating
    both = rating.enterprises.select("credit_code", "tier", pl.col("score").cast(pl.Float64)).join(
        again.enterprises.select(
            "credit_code", pl.col("tier").alias("tier_then"), pl.col("score").cast(pl.Float64).alias("score_then")
        ),
        on="credit_code",
        maintain_order="left",
    )
    place = {t: i for i, t in enumerate(rating.plan.tier_ids)}
    named = {a.credit_code for a in several}
    tiers, scores, moved, others = {}, {}, {}, 0
    for code, before, score, after, score_then in both.iter_rows():
        if code in named:
            tiers[code], scores[code] = (before, after), (score, score_then)
            # To get a tier at all, or to lose it, is a step too.
            steps = place[after] - place[before] if before in place and after in place else int(before != after)
            moved[code] = abs(steps)
        elif before != after:
            others += 1
    return Effect(tiers, scores, moved, others)
