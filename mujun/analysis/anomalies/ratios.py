"""Figures that do not go together: ratios far from what firms of the industry have.

The logarithms of nine ratios, each against the median of the firm's industry and scale and in robust standard
deviations of it, go into an isolation forest, one of each scale: it says which firms stand apart from all others taken
together. Only firms that do, and that have a ratio far out which can be named, are worth a second look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.analysis.anomalies.figures import Figures, Floats, spread

RATIOS: tuple[tuple[str, str], ...] = (
    ("tax_paid", "land_mu"),
    ("value_added", "land_mu"),
    ("tax_paid", "revenue"),
    ("value_added", "revenue"),
    ("gross_output", "revenue"),
    ("value_added", "energy_tce"),
    ("value_added", "electricity_kwh"),
    ("value_added", "employees"),
    ("value_added", "water_m3"),
)
"""What is divided by what; the first is what a finding is about, unless other ratios clear it."""

FEWEST = 30
"""Industries with fewer firms are looked at together, by scale."""

FAR = 6.0
"""Robust standard deviations from the median that a ratio has to be out."""

APART = 5.0
"""Robust standard deviations from the median that a firm's isolation has to be out."""

TREES = 200


def ratios(figures: Figures) -> Iterator[Anomaly]:
    """Every firm whose figures do not go together, by the ratio that is furthest out."""
    logs = figures.logs
    table = np.array([logs[a] - logs[b] for a, b in RATIOS]).T
    for groups in _groups(figures.frame).values():
        kept = [(rows, *told) for rows in groups if (told := _out(table[rows])) is not None]
        if kept:
            rows, out, middle = (np.concatenate(parts) for parts in zip(*kept, strict=True))
            yield from _apart(figures, rows, out, middle)


def _groups(frame: pl.DataFrame) -> dict[str, list[npt.NDArray[np.int64]]]:
    """By scale, the rows of each industry; small ones together."""
    keyed = frame.select(
        pl.col("scale").fill_null(""),
        pl.col("industry_division").fill_null("").alias("industry"),
    ).with_row_index("row")
    sizes = keyed.with_columns(pl.len().over("scale", "industry").alias("size"))
    small = pl.when(pl.col("size") < FEWEST).then(pl.lit("")).otherwise(pl.col("industry")).alias("industry")
    grouped = sizes.with_columns(small).sort("row").partition_by("scale", "industry", maintain_order=True)
    by_scale: dict[str, list[npt.NDArray[np.int64]]] = {}
    for group in grouped:
        if group.height >= FEWEST:
            by_scale.setdefault(group["scale"][0], []).append(group["row"].to_numpy().astype(np.int64))
    return by_scale


def _out(logs: Floats) -> tuple[Floats, Floats] | None:
    """How far out each ratio of a group is, and the middle, by row; nothing where too few have any."""
    known = np.isfinite(logs)
    enough = known.sum(axis=0) >= FEWEST // 2
    if not enough.any():
        return None
    middle = np.array([np.median(c[np.isfinite(c)]) if ok else 0.0 for c, ok in zip(logs.T, enough, strict=True)])
    wide = np.array([spread(c) if ok else np.inf for c, ok in zip(logs.T, enough, strict=True)])
    # What is missing says nothing: it stands where all stand.
    return np.where(known, (logs - middle) / wide, 0.0), np.broadcast_to(middle, logs.shape)


def _apart(figures: Figures, rows: npt.NDArray[np.int64], out: Floats, middle: Floats) -> Iterator[Anomaly]:
    if not (np.abs(out) >= FAR).any():
        return
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=TREES, random_state=0, n_jobs=1).fit(out)
    isolated = -forest.score_samples(out)
    typical = float(np.median(isolated))
    limit = typical + APART * max(1.4826 * float(np.median(np.abs(isolated - typical))), 0.005)
    for place in np.flatnonzero((isolated > limit) & (np.abs(out).max(axis=1) >= FAR)):
        yield _anomaly(figures, out[place], middle[place], int(rows[place]))


def _anomaly(figures: Figures, out: Floats, middle: Floats, row: int) -> Anomaly:
    firm = figures.frame.row(row, named=True)
    worst = int(np.argmax(np.abs(out)))
    above, below = RATIOS[worst]
    field = _to_blame(out, worst)
    value = firm[field]
    return Anomaly(
        kind="ratio",
        credit_code=firm["credit_code"],
        name=firm.get("name"),
        field=field,
        value=value,
        likely=None,
        odds=float(np.abs(out[worst])),
        values={
            "above": above,
            "below": below,
            "ratio": 10 ** float(figures.logs[above][row] - figures.logs[below][row]),
            "usual": 10 ** float(middle[worst]),
        },
    )


def _to_blame(out: Floats, worst: int) -> str:
    """Of the two figures of the worst ratio the one whose other ratios are further out too."""
    candidates: Mapping[str, list[float]] = {
        name: [abs(float(out[i])) for i, pair in enumerate(RATIOS) if name in pair and i != worst]
        for name in RATIOS[worst]
    }
    means = {name: (sum(several) / len(several) if several else 0.0) for name, several in candidates.items()}
    above, below = RATIOS[worst]
    return above if means[above] >= means[below] else below
