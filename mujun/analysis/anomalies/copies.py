"""The same figures at two firms: a row filled in under the wrong name, or copied down.

One figure may agree by chance. Two figures of one table to the last of at least four digits, or one of eight digits, do
not.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

import polars as pl

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.analysis.anomalies.figures import Figures

SEVERAL, ALONE = 4, 8
"""Significant digits that figures have to have where two agree, and where one does."""

INDEPENDENT: tuple[tuple[str, ...], ...] = (
    ("tax_paid", "tax_refund", "tax_credit"),
    ("electricity_kwh", "gas_m3", "coal_t", "heat_gj"),
    ("revenue", "value_added", "gross_output", "profit", "rd_expense"),
    ("cod_t", "nh3n_t", "so2_t", "nox_t"),
    ("water_m3",),
)
"""Figures of a table of which none follows from another: 综合能耗 follows from power, areas of plots repeat."""

NAMED = 3
"""Other firms that a finding names."""


def copies(figures: Figures) -> Iterator[Anomaly]:
    """Every firm with another one's figures. Firms of one group may share them."""
    frame = figures.frame
    for fields in INDEPENDENT:
        long_enough = frame.select(
            "credit_code", *(pl.when(digits(f) >= SEVERAL).then(pl.col(f)).alias(f) for f in fields)
        )
        seen: set[str] = set()
        for pair in combinations(fields, 2):
            for firm, others in _alike(figures, long_enough, pair):
                if firm["credit_code"] not in seen:
                    seen.add(firm["credit_code"])
                    yield _anomaly(firm, pair, others)
        for field in fields:
            long = long_enough.select("credit_code", pl.when(digits(field) >= ALONE).then(pl.col(field)).alias(field))
            for firm, others in _alike(figures, long, (field,)):
                if firm["credit_code"] not in seen:
                    seen.add(firm["credit_code"])
                    yield _anomaly(firm, (field,), others)


def digits(field: str) -> pl.Expr:
    """Significant digits: those of 1250.0 are three."""
    text = pl.col(field).abs().cast(pl.String).str.replace(".", "", literal=True)
    return text.str.strip_chars_start("0").str.strip_chars_end("0").str.len_chars()


def _alike(
    figures: Figures, values: pl.DataFrame, fields: tuple[str, ...]
) -> Iterator[tuple[dict[str, Any], list[str]]]:
    there = values.drop_nulls(list(fields))
    if len(fields) == 2:
        # Value added that is put equal to output is one figure, not two.
        there = there.filter(pl.col(fields[0]) != pl.col(fields[1]))
    twice = there.filter(pl.struct(fields).is_duplicated())
    if twice.is_empty():
        return
    known = figures.frame.join(twice.select("credit_code"), on="credit_code", how="semi", maintain_order="left")
    for several in known.sort("credit_code").partition_by(fields, maintain_order=True):
        groups = several["group_code"]
        if groups.null_count() == 0 and groups.n_unique() == 1:
            continue
        firms = several.to_dicts()
        for firm in firms:
            others = [str(f.get("name") or f["credit_code"]) for f in firms if f["credit_code"] != firm["credit_code"]]
            yield firm, others


def _anomaly(firm: dict[str, Any], fields: tuple[str, ...], others: list[str]) -> Anomaly:
    value = firm[fields[0]]
    assert isinstance(value, Decimal)
    name = firm.get("name")
    return Anomaly(
        kind="copy",
        credit_code=str(firm["credit_code"]),
        name=None if name is None else str(name),
        field=fields[0],
        value=value,
        likely=None,
        odds=float(len(fields)),
        values={"fields": fields, "others": others[:NAMED], "count": len(others)},
    )
