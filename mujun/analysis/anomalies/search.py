"""All searches over one frame, each figure told once."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mujun.analysis.anomalies.anomaly import KINDS, Anomaly
from mujun.analysis.anomalies.copies import copies
from mujun.analysis.anomalies.figures import figures_of
from mujun.analysis.anomalies.gaps import gaps
from mujun.analysis.anomalies.jumps import jumps
from mujun.analysis.anomalies.neighbours import neighbours
from mujun.analysis.anomalies.parcels import parcels
from mujun.analysis.anomalies.ratios import ratios
from mujun.analysis.anomalies.repeats import repeats
from mujun.analysis.anomalies.slips import slips
from mujun.analysis.anomalies.swaps import swaps


def find_anomalies(
    frame: pl.DataFrame,
    land: pl.DataFrame | None = None,
    recorded: pl.DataFrame | None = None,
    places: Mapping[str, pl.DataFrame] | None = None,
) -> tuple[Anomaly, ...]:
    """Every figure worth a second look.

    Args:
        frame: a row per enterprise, columns as in `mujun.fields.FRAME_FIELDS`, with last year's values where there are
            any. Neither the order of the rows nor the number of threads changes the result.
        land: the year's rows of land, where each is to be looked at.
        recorded: the parcels on record, beside it.
        places: by table where each firm's row stands (`credit_code, _file, _sheet, _row`), where rows that touch are
            to be held against each other.

    Returns:
        By kind in the order of `KINDS`, the oddest first, then by credit code and field. A figure in the wrong unit is
        not told again as a jump or as a ratio that it spoils; of a firm's spoilt ratios the worst is told.

    What cannot be seen is what moves a figure by less than a year does: two later digits exchanged, a digit dropped
    behind the first two, one quarter's figure in the place of the year's at a firm that may have had a bad year. Only
    the file's own total shows it, which reading the file compares.
    """
    figures = figures_of(frame)
    anomalies = list(swaps(figures))
    if land is not None:
        # One row of land explains exactly what the sum only looks like.
        known = land.select("parcel", "area_mu").clear() if recorded is None else recorded
        anomalies += parcels(figures.frame, land, known)
    told = {(a.credit_code, a.field) for a in anomalies}
    anomalies += [a for a in slips(figures) if (a.credit_code, a.field) not in told]
    slipped = {(a.credit_code, a.field) for a in anomalies}
    at_fault = {a.credit_code for a in anomalies}
    anomalies += [a for a in jumps(figures) if (a.credit_code, a.field) not in slipped]
    missing = list(gaps(figures))
    jumped = {(a.credit_code, a.field) for a in anomalies}
    anomalies += [
        a for a in ratios(figures) if a.credit_code not in at_fault and (a.credit_code, a.field) not in jumped
    ]
    anomalies += missing
    copied = list(copies(figures))
    at_others = {(a.credit_code, f) for a in copied for f in a.values["fields"]}  # type: ignore[attr-defined]
    beside = [a for a in neighbours(figures, places or {}) if (a.credit_code, a.field) not in at_others]
    anomalies += [*copied, *beside, *repeats(figures)]
    order = {kind: place for place, kind in enumerate(KINDS)}
    return tuple(sorted(anomalies, key=lambda a: (order[a.kind], -a.odds, a.credit_code, a.field)))
