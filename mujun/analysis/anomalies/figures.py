"""Every firm's figures in decades, against what its peers and its own other figures let expect.

A firm has a size: the median of what its tax, energy, output, staff, land and water each say about it, every one
against the median of its peers. One wrong figure, or one wrong table, does not move that median. What is left of a
figure after the peers' level and the firm's size is its residual; how far residuals usually lie apart is the field's
spread (median absolute deviation). All in decimal logarithms: a slip of 元 for 万元 is four decades.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import FRAME_FIELDS

Floats = npt.NDArray[np.float64]

DOMAINS: Mapping[str, tuple[str, ...]] = {
    "tax": ("tax_paid", "tax_refund", "tax_credit", "land_use_tax"),
    "energy": ("electricity_kwh", "energy_tce", "energy_tce_calorific", "gas_m3", "coal_t", "heat_gj"),
    "output": (
        "revenue", "value_added", "gross_output", "profit", "rd_expense", "investment", "tech_investment",
    ),
    "staff": ("employees",),
    "land": ("owned_mu", "rented_in_mu", "rented_out_mu", "floor_area_m2"),
    "water": ("water_m3", "water_over_quota_m3"),
    "emissions": ("cod_t", "nh3n_t", "so2_t", "nox_t"),
}  # fmt: skip
"""The figures of a firm by where they come from: a table of one department is often wrong as a whole."""

SIZING: tuple[str, ...] = ("tax", "energy", "output", "staff", "land", "water")
"""The domains that every firm has; emissions depend on the trade too much to say how large a firm is."""

_SIZED_BY: Mapping[str, tuple[str, ...]] = {
    "tax": ("tax_paid",),
    "energy": ("electricity_kwh", "energy_tce"),
    "output": ("revenue", "value_added", "gross_output"),
    "staff": ("employees",),
    "land": ("floor_area_m2", "land_mu"),
    "water": ("water_m3",),
}

FEWEST_PEERS = 12
"""With fewer firms of the industry and scale that have a figure, all of the scale are the peers."""

FEWEST_DOMAINS = 3
"""A firm's size takes the word of at least so many sources."""

NARROWEST = 0.1
"""No field's spread is taken to be narrower: a quarter up or down is nothing odd."""


@dataclass(frozen=True)
class Figures:
    """A frame's figures in decades.

    Attributes:
        frame: the frame, sorted by credit code.
        fields: the figures looked at.
        logs: by field, the decimal logarithm of the absolute value; NaN where it is zero or missing.
        before: the same of last year.
        residuals: by field, what is left after the peers' level and the firm's size; NaN where either is unknown.
        spreads: by field, how far residuals usually lie apart, per firm (it depends on the scale).
        levels: by field, the peers' median, per firm.
        sizes: how much larger or smaller than its peers each firm is.
    """

    frame: pl.DataFrame
    fields: tuple[str, ...]
    logs: Mapping[str, Floats]
    before: Mapping[str, Floats]
    residuals: Mapping[str, Floats]
    spreads: Mapping[str, Floats]
    levels: Mapping[str, Floats]
    sizes: Floats

    @cached_property
    def changes(self) -> Mapping[str, Floats]:
        """By field, this year's figure against last year's, in decades."""
        return {f: self.logs[f] - self.before[f] for f in self.fields}

    @cached_property
    def growth(self) -> Floats:
        """How each firm changed as a whole: the median over its domains, 0 where nothing is known."""
        by_domain = [_median([self.changes[f] for f in _SIZED_BY[d] if f in self.changes]) for d in SIZING]
        return np.nan_to_num(_median(by_domain), nan=0.0)

    @cached_property
    def change_spreads(self) -> Mapping[str, float]:
        """By field, how far firms' changes usually lie apart once their growth is taken out."""
        return {f: spread(self.changes[f] - self.growth) for f in self.fields}


def figures_of(frame: pl.DataFrame) -> Figures:
    """The figures of a frame in decades.

    Args:
        frame: a row per enterprise, columns as in `FRAME_FIELDS`, with `_last` columns.
    """
    fields = tuple(f for several in DOMAINS.values() for f in several)
    wanted = (*fields, "land_mu")
    read = (*wanted, *(f"{f}_last" for f in wanted), "name", "scale", "industry_division", "group_code")
    # A column that a frame does not have counts as missing.
    absent = [pl.lit(None, dtype=FRAME_FIELDS[n].dtype).alias(n) for n in read if n not in frame.columns]
    frame = frame.with_columns(absent).sort("credit_code")
    logs = {f: _log(frame, f) for f in wanted}
    before = {f: _log(frame, f"{f}_last") for f in fields}
    scale = _codes(frame, ["scale"])
    peers = _codes(frame, ["scale", "industry_division"])
    levels = {f: _level(logs[f], peers, scale) for f in wanted}
    sizes = _sizes(logs, levels)
    residuals = {f: logs[f] - levels[f] - sizes for f in fields}
    spreads = {f: _by_group(residuals[f], scale, spread) for f in fields}
    return Figures(frame, fields, logs, before, residuals, spreads, levels, sizes)


def _log(frame: pl.DataFrame, name: str) -> Floats:
    value = np.abs(frame[name].cast(pl.Float64).fill_null(0.0).to_numpy())
    logarithms = np.full(value.size, np.nan)
    np.log10(value, out=logarithms, where=value > 0)
    return logarithms


def _codes(frame: pl.DataFrame, names: list[str]) -> npt.NDArray[np.int64]:
    codes = frame.select(pl.struct(pl.col(n).fill_null("") for n in names).rank("dense").alias("c"))["c"]
    return codes.to_numpy().astype(np.int64)


def _level(logs: Floats, peers: npt.NDArray[np.int64], scale: npt.NDArray[np.int64]) -> Floats:
    """The peers' median of a field: of the industry and scale, else of the scale, else of all."""
    levels = np.full(logs.size, np.nanmedian(logs) if np.isfinite(logs).any() else np.nan)
    for groups in (scale, peers):
        for group in np.unique(groups):
            members = groups == group
            values = logs[members & np.isfinite(logs)]
            if values.size >= FEWEST_PEERS:
                levels[members] = np.median(values)
    return levels


def _sizes(logs: Mapping[str, Floats], levels: Mapping[str, Floats]) -> Floats:
    by_domain = [_median([logs[f] - levels[f] for f in _SIZED_BY[d]]) for d in SIZING]
    known = np.sum([np.isfinite(d) for d in by_domain], axis=0)
    return np.where(known >= FEWEST_DOMAINS, _median(by_domain), np.nan)


def _median(several: list[Floats]) -> Floats:
    """The median over several arrays, row by row, of what is there."""
    stacked = np.array(several)
    medians = np.full(stacked.shape[1], np.nan)
    there = np.isfinite(stacked).any(axis=0)
    medians[there] = np.nanmedian(stacked[:, there], axis=0)
    return medians


def _by_group(values: Floats, groups: npt.NDArray[np.int64], of: object) -> Floats:
    spreads = np.full(values.size, spread(values))
    for group in np.unique(groups):
        members = groups == group
        if np.isfinite(values[members]).sum() >= FEWEST_PEERS:
            spreads[members] = spread(values[members])
    return spreads


def spread(values: Floats) -> float:
    """The robust standard deviation: 1.4826 times the median absolute deviation, at least `NARROWEST`."""
    known = values[np.isfinite(values)]
    if known.size < 3:
        return float("inf")
    return max(1.4826 * float(np.median(np.abs(known - np.median(known)))), NARROWEST)
