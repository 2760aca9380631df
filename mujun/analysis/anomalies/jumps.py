"""Figures that jumped against last year while the firm's other figures did not."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.analysis.anomalies.figures import Figures

LEAST = 0.7
"""Decades: a jump is at least fivefold, besides what the firm's other figures did."""

FAR = 8.0
"""And at least so many spreads of the field's changes: figures that change a lot every year may do so."""


A_DIGIT = 0.15
"""Decades: a digit too many makes a figure ten times as large, four tenths up or down."""

CLOSE = 2.5
"""Spreads within which the peers say the same."""


def jumps(figures: Figures) -> Iterator[Anomaly]:
    """Every figure that jumped."""
    for field in figures.fields:
        change = figures.changes[field]
        beyond_growth = change - figures.growth
        limit = max(LEAST, FAR * figures.change_spreads[field])
        for row in np.flatnonzero((np.abs(beyond_growth) > limit) & (np.abs(change) > LEAST)):
            firm = figures.frame.row(int(row), named=True)
            value, last = firm[field], firm[f"{field}_last"]
            times = 10 ** abs(float(change[row]))
            yield Anomaly(
                kind="digit" if _a_digit(figures, field, int(row)) else "jump",
                credit_code=firm["credit_code"],
                name=firm.get("name"),
                field=field,
                value=value,
                likely=None,
                odds=abs(float(beyond_growth[row])),
                values={"last": last, "times": _rounded(times), "up": bool(change[row] > 0)},
            )


def _a_digit(figures: Figures, field: str, row: int) -> bool:
    """Whether last year's figure and the peers both put the figure ten times too large, or too small."""
    beyond_growth, residual = figures.changes[field][row] - figures.growth[row], figures.residuals[field][row]
    decade = math.copysign(1.0, beyond_growth)
    near_peers = CLOSE * figures.spreads[field][row]
    return bool(abs(beyond_growth - decade) <= A_DIGIT and abs(residual - decade) <= min(near_peers, 0.5))


def _rounded(number: float) -> str:
    """Two significant digits, as one says it."""
    if number >= 100:
        places = math.floor(math.log10(number)) - 1
        return str(int(round(number, -places)))
    return f"{number:.1f}".removesuffix(".0")
