"""Figures in the wrong unit: 元 for 万元, ㎡ for 亩, kWh for 万kWh, kg for t.

Two witnesses: last year's figure, and what the peers and the firm's other figures let expect. Where last year's speaks
for a slip, the peers say which of the two years it happened in; where there is no last year, or both years are wrong
alike, the peers alone must be sure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.analysis.anomalies.figures import Figures
from mujun.fields import FRAME_FIELDS, Slip, slips_of
from mujun.fields.slips import without

BY_LAST = 0.75
"""How many decades a figure may have moved besides the slip: five or six times up or down."""

SURE = 6.0
"""The peers alone convince where a slip is so many spreads wide."""

CLOSE = 2.5
"""And where the figure put right is within so many spreads of what they let expect, or within `BY_LAST`."""


def slips(figures: Figures) -> Iterator[Anomaly]:
    """Every figure that is probably in the wrong unit."""
    for field in figures.fields:
        known = slips_of(FRAME_FIELDS[field])
        if not known:
            continue
        change, residual = figures.changes[field], figures.residuals[field]
        spreads = figures.spreads[field]
        # A figure further than half the smallest slip from both witnesses is looked at more closely.
        least = math.log10(min(s.factor for s in known)) / 2
        suspects = (np.abs(change) > least) | (np.abs(residual) > least)
        for row in np.flatnonzero(suspects):
            slip = _judged(known, float(change[row]), float(residual[row]), float(spreads[row]))
            if slip is not None:
                yield _anomaly(figures, field, int(row), *slip)


def _judged(
    known: tuple[Slip, ...], change: float, residual: float, spread: float
) -> tuple[Slip, Fraction, bool] | None:
    """The slip, its factor, and whether it happened this year; `None` where nothing says so."""
    for slip in known:
        usual = slip is known[0]
        for factor in (slip.factor, 1 / slip.factor):
            decades = math.log10(factor)
            if math.isfinite(change):
                moved = BY_LAST if usual else math.log10(slip.within)
                if abs(change - decades) <= moved:
                    # Put right, this year's figure must be nearer to what the peers let expect.
                    this = not math.isfinite(residual) or abs(residual - decades) < abs(residual)
                    return slip, factor, this
            alone = usual and (not math.isfinite(change) or abs(change) <= BY_LAST)
            if alone and _peers_are_sure(decades, residual, spread):
                return slip, factor, True
    return None


def _peers_are_sure(decades: float, residual: float, spread: float) -> bool:
    if not (math.isfinite(residual) and math.isfinite(spread)) or abs(decades) < SURE * spread:
        return False
    return abs(residual - decades) <= max(CLOSE * spread, BY_LAST)


def _anomaly(figures: Figures, field: str, row: int, slip: Slip, factor: Fraction, this_year: bool) -> Anomaly:
    firm = figures.frame.row(row, named=True)
    value, last = firm[field], firm.get(f"{field}_last")
    wrong = value if this_year else last
    assert wrong is not None  # a change has two figures
    likely = without(wrong, factor if this_year else 1 / factor)
    change = figures.changes[field][row]
    return Anomaly(
        kind="slip" if this_year else "slip_last",
        credit_code=firm["credit_code"],
        name=firm.get("name"),
        field=field,
        value=value,
        likely=likely if this_year and _two_sights(figures, field, row, factor) else None,
        odds=abs(math.log10(factor)),
        values={
            "units": slip.units,
            "last": last,
            "likely_last": None if this_year else likely,
            "by_last": bool(np.isfinite(change) and abs(change) > BY_LAST),
            "peers_expect": _expected(figures, field, row),
        },
    )


def _two_sights(figures: Figures, field: str, row: int, factor: Fraction) -> bool:
    """Whether last year's figure and the peers both put the figure in its place once the slip is taken out."""
    decades = math.log10(factor)
    change, residual = float(figures.changes[field][row]), float(figures.residuals[field][row])
    near = max(CLOSE * float(figures.spreads[field][row]), BY_LAST)
    return abs(change - decades) <= BY_LAST and abs(residual - decades) <= near


def _expected(figures: Figures, field: str, row: int) -> float | None:
    """What the peers and the firm's other figures let expect."""
    value = 10 ** float(figures.levels[field][row] + figures.sizes[row])
    return value if math.isfinite(value) else None
