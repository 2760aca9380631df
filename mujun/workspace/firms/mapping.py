"""The map of a county's parcels (一张图), from the census."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from mujun.records.outlines import outlines_of
from mujun.reports.charts.parcel_map import MAP_SCHEMA, ParcelMap
from mujun.reports.drawing.exporting import ladder_of
from mujun.workspace.county_file import CountyFile
from mujun.workspace.firms.census import Census, census
from mujun.workspace.firms.showing_parcels import tiers_of
from mujun.workspace.runs.governing import rules_for


def parcel_map(
    county: CountyFile, year: int, township: str | None = None, *, outlines: Path | None = None
) -> ParcelMap:
    """The map of a year's parcels as they stand: tiers, tax per mu, problems, path.

    Args:
        county: the county.
        year: the data year.
        township: the one that is wanted; all by default.
        outlines: a GeoJSON layer of the townships' outlines.

    Raises:
        UsageError: no parcel is in that township.
        InputError: the outlines cannot be read.
    """
    tiers = {code: tier for (of, code), tier in tiers_of(county).items() if of == year}
    parcels = drawn_from(census(county, year, township), tiers)
    ruleset = rules_for(county, None, year)
    ladder = ladder_of(ruleset.rating) if ruleset is not None and ruleset.rating is not None else ()
    place = f"{township or '全县'} {year} 年度"
    return ParcelMap(parcels, ladder, place, outlines=outlines_of(outlines) if outlines else {})


def drawn_from(census: Census, tiers: Mapping[str, str], paths: Mapping[str, str] | None = None) -> pl.DataFrame:
    """The parcels of a census as a map draws them, columns as in `MAP_SCHEMA`.

    Args:
        found: the census.
        tiers: the tier of each firm that has one.
        paths: by firm, the path of the list; by default the parcel's own as it is being rectified.
    """
    rows = []
    for row in census.rows.iter_rows(named=True):
        codes = census.firms_on.get(row["parcel"], ())
        listed = list(dict.fromkeys(paths[c] for c in codes if c in paths)) if paths is not None else [row["path"]]
        rows.append(
            {
                **{n: row[n] for n in MAP_SCHEMA if n in row},
                "codes": list(codes),
                "tier": next((tiers[c] for c in codes if c in tiers), None),
                "path": "、".join(p for p in listed if p) or None,
                "geometry": census.shapes.get(row["parcel"]),
            }
        )
    return pl.DataFrame(rows, schema=MAP_SCHEMA)
