"""Last year's figures sent in once more: a row copied from last year's file.

Figures that hardly change (land, floor area, staff) repeat by themselves; tax, output, power, water and emissions never
do to the last digit. Two figures of a table that agree to the last of at least four digits, or one of seven, have
been copied: among fifty thousand figures that move by a twentieth, six digits meet again about once a year.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.analysis.anomalies.copies import INDEPENDENT, SEVERAL, digits
from mujun.analysis.anomalies.figures import Figures

ALONE = 7
"""Significant digits that a figure has to have where no other of its table is last year's."""


def repeats(figures: Figures) -> Iterator[Anomaly]:
    """Every firm with figures of last year in this year's place, once per table."""
    for fields in INDEPENDENT:
        same = [(pl.col(f) == pl.col(f"{f}_last")).fill_null(value=False) for f in fields]
        several = pl.sum_horizontal(
            (s & (digits(f) >= SEVERAL)).cast(pl.Int32) for s, f in zip(same, fields, strict=True)
        )
        alone = pl.any_horizontal(s & (digits(f) >= ALONE) for s, f in zip(same, fields, strict=True))
        for firm in figures.frame.filter((several >= 2) | alone).iter_rows(named=True):
            repeated = tuple(f for f in fields if firm[f] is not None and firm[f] == firm[f"{f}_last"] and firm[f])
            yield Anomaly(
                kind="repeat",
                credit_code=firm["credit_code"],
                name=firm.get("name"),
                field=repeated[0],
                value=firm[repeated[0]],
                likely=None,
                odds=float(len(repeated)),
                values={"fields": repeated, "last": firm[f"{repeated[0]}_last"]},
            )
