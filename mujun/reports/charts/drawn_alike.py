"""What the charts of a county have in common: their size, the colours of tiers, the line that says of whom they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mujun.reports.county.county_year import CountyYear

WIDTH, HEIGHT = 640, 300
FEWEST = 2
"""Firms below which a distribution is no distribution."""


def tier_colour(alt: Any, marks: Mapping[str, str]) -> Any:
    """Colours by tier, the same in every chart."""
    kinds = list(marks)
    return alt.Color("tier:N", title="档次", scale=alt.Scale(domain=kinds, range=[marks[t] for t in kinds]))


def basis_of(year: CountyYear, count: int, what: str) -> str:
    """Of what a chart is: place, year, how many, the day of the data."""
    day = f"，数据截至 {year.day.isoformat()}" if year.day is not None else ""
    return f"{year.place} {year.year} 年度，{count} {what}{day}"
