"""A figure that stands in the row above or below as well: the cell of a neighbour filled in by mistake, or copied down.

Among all firms two figures of six digits agree by chance; in rows that touch, they do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.analysis.anomalies.copies import INDEPENDENT, digits
from mujun.analysis.anomalies.figures import Figures

LEAST = 6
"""Significant digits that a figure has to have where the row beside it has the same."""

TABLE_OF: Mapping[str, str] = {
    "tax_paid": "tax", "electricity_kwh": "energy", "revenue": "output", "cod_t": "emissions", "water_m3": "water",
}  # fmt: skip
"""The table in which each group of `INDEPENDENT` stands, by its first figure."""


def neighbours(figures: Figures, places: Mapping[str, pl.DataFrame]) -> Iterator[Anomaly]:
    """Every figure that the firm in the row beside has too; of the two the one that moved more against last year.

    Args:
        figures: of the year.
        places: by table where each firm's row stands: `credit_code`, `_file`, `_sheet`, `_row`. Firms of one group may
            share figures.
    """
    frame = figures.frame
    for fields in INDEPENDENT:
        rows = places.get(TABLE_OF[fields[0]])
        if rows is None:
            continue
        known = ("credit_code", "name", "group_code", *fields, *(f"{f}_last" for f in fields))
        ordered = (
            rows.select("credit_code", "_file", "_sheet", "_row")
            .drop_nulls("_row")
            .unique("credit_code", keep="none")
            .join(frame.select(c for c in known if c in frame.columns), on="credit_code")
            .sort("_file", "_sheet", "_row")
        )
        above = ordered.select(pl.all().shift(1).name.suffix(":above"))
        touching = (
            (pl.col("_row") - pl.col("_row:above") == 1)
            & (pl.col("_file") == pl.col("_file:above"))
            & pl.col("_sheet").eq_missing(pl.col("_sheet:above"))
            & (
                pl.col("group_code").is_null()
                | (pl.col("group_code") != pl.col("group_code:above")).fill_null(value=True)
            )
        )
        beside = ordered.hstack(above).filter(touching)
        for field in fields:
            same = beside.filter(pl.col(field) == pl.col(f"{field}:above"), digits(field) >= LEAST)
            for pair in same.iter_rows(named=True):
                yield from _anomalies(pair, field)


def _anomalies(pair: Mapping[str, Any], field: str) -> Iterator[Anomaly]:
    moved = {side: _moved(pair[field], pair[f"{field}_last{side}"]) for side in ("", ":above")}
    for side, other in (("", ":above"), (":above", "")):
        mine, theirs = moved[side], moved[other]
        if mine is not None and theirs is not None and mine < theirs:
            continue
        yield Anomaly(
            kind="copy",
            credit_code=pair[f"credit_code{side}"],
            name=pair[f"name{side}"],
            field=field,
            value=pair[field],
            likely=None,
            odds=1.0,
            values={
                "fields": (field,),
                "others": [str(pair[f"name{other}"] or pair[f"credit_code{other}"])],
                "count": 1,
            },
        )


def _moved(value: Any, last: Any) -> float | None:
    """How far a figure is from last year's, as a share of it."""
    return None if last is None or not last else abs(float(value) / float(last) - 1)
