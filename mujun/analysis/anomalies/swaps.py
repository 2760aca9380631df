"""Figures in each other's place: value added in the column of revenue and the other way round.

Both figures are right where the other one stands. Two sights see that: last year's figures, of which each is close to
the other column's and far from its own; and the peers, by what they and the firm's size let expect of either.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.analysis.anomalies.figures import DOMAINS, Figures, Floats

NEAR = 0.2
"""Decades: put in each other's place, both figures are within six tenths up or down of last year's, growth aside."""

FAR = 0.35
"""And where they stand both are more than twice last year's, or less than half."""

PEERS_NEAR, PEERS_FAR = 2.5, 6.0
"""The peers let expect it where both are within so many spreads when exchanged, and together that much nearer."""

PAIRS: tuple[tuple[str, str], ...] = tuple(
    pair
    for domain in ("tax", "energy", "output", "land", "water", "emissions")
    for pair in combinations(DOMAINS[domain], 2)
)
"""Columns that stand side by side in one department's table."""


def swaps(figures: Figures) -> Iterator[Anomaly]:
    """Every pair of figures that stand in each other's place; each of the two is told. A figure is in one pair only."""
    taken: set[tuple[int, str]] = set()
    for one, other in PAIRS:
        by_last, by_peers, against_peers = _seen(figures, one, other)
        alone = by_peers & ~np.isfinite(figures.changes[one] + figures.changes[other])
        for row in np.flatnonzero((by_last & ~against_peers) | alone).tolist():
            if (row, one) in taken or (row, other) in taken:
                continue
            taken |= {(row, one), (row, other)}
            sure = bool(by_last[row] and by_peers[row])
            yield _anomaly(figures, row, one, other, sure=sure)
            yield _anomaly(figures, row, other, one, sure=sure)


def _seen(
    figures: Figures, one: str, other: str
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether last year's figures say so, whether the peers do, and whether the peers speak against it."""
    now, before, growth = figures.logs, figures.before, figures.growth
    with np.errstate(invalid="ignore"):
        straight = [np.abs(now[f] - before[f] - growth) for f in (one, other)]
        crossed = [np.abs(now[f] - before[g] - growth) for f, g in ((one, other), (other, one))]
        by_last = (np.maximum(*crossed) <= NEAR) & (np.minimum(*straight) >= FAR)
        here = _spreads_out(figures, one, now[one]) + _spreads_out(figures, other, now[other])
        there = [_spreads_out(figures, one, now[other]), _spreads_out(figures, other, now[one])]
        nearer = here - (there[0] + there[1])
        by_peers = (np.maximum(*there) <= PEERS_NEAR) & (nearer >= PEERS_FAR)
        against = np.isfinite(nearer) & (nearer <= 0)
    return by_last, by_peers, against


def _spreads_out(figures: Figures, field: str, logs: Floats) -> Floats:
    """How many spreads a figure is from what the peers and the firm's size let expect in a column."""
    out: Floats = np.abs(logs - figures.levels[field] - figures.sizes) / figures.spreads[field]
    return out


def _anomaly(figures: Figures, row: int, field: str, other: str, *, sure: bool) -> Anomaly:
    firm = figures.frame.row(row, named=True)
    return Anomaly(
        kind="swap",
        credit_code=firm["credit_code"],
        name=firm.get("name"),
        field=field,
        value=firm[field],
        likely=firm[other] if sure else None,
        odds=abs(float(figures.logs[field][row] - figures.logs[other][row])),
        values={"other": other, "other_value": firm[other], "last": firm.get(f"{field}_last")},
    )
