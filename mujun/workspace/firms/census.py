"""The census of parcels (工业用地普查): every parcel of a year with its title, its firms and what they yield."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.notebooks import InNotebooks
from mujun.numbers import at12, divided, round_decimal
from mujun.records import YearEnd
from mujun.records.geometry import geometry_of
from mujun.rectification.problems import OVER, problem_state
from mujun.steps import step
from mujun.store import Store
from mujun.workspace.book import read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.firms.showing_parcels import tiers_of
from mujun.workspace.rectification.events import tracked
from mujun.writing import write_text

CENSUS_SCHEMA: dict[str, pl.DataType] = {
    "parcel": pl.String(),
    "holder": pl.String(),
    "township": pl.String(),
    "park": pl.String(),
    "address": pl.String(),
    "title": pl.String(),
    "title_number": pl.String(),
    "planned_use": pl.String(),
    "area_mu": pl.Decimal(18, 6),
    "floor_area_m2": pl.Decimal(18, 6),
    "floor_ratio": pl.Float64(),
    "standard_land": pl.String(),
    "promised_tax_per_mu": pl.Decimal(18, 6),
    "firms": pl.Int64(),
    "names": pl.String(),
    "firms_land_mu": pl.Decimal(38, 6),
    "tax_per_mu": pl.Float64(),
    "value_added_per_mu": pl.Float64(),
    "tiers": pl.String(),
    "problems": pl.Int64(),
    "problem_kinds": pl.String(),
    "path": pl.String(),
    "loop_state": pl.String(),
    "use_state": pl.String(),
    "surveyed_area_mu": pl.Decimal(18, 6),
    "verified_on": pl.Date(),
}
"""A parcel of a year.

Township and park are the record's own, else those of the firm with most land on it. Tax and value added are those of
its firms, whole, over all the land these firms stand on (`firms_land_mu`), so that a firm on several parcels is not cut
up; `floor_ratio` is floor area over area; `tiers` are counted, best first; `problems` are those not closed; the last
three are what the year's visit saw.
"""


VISITED: tuple[str, ...] = ("use_state", "surveyed_area_mu", "verified_on")


@dataclass(frozen=True)
class Census(InNotebooks):
    """The parcels of a year, columns as in `CENSUS_SCHEMA`, sorted by township and number.

    `shapes` and `firms_on` are by parcel: the shape on record as text, and the codes of its firms, most land first.
    """

    year: int
    rows: pl.DataFrame = field(repr=False)
    shapes: dict[str, str] = field(repr=False)
    firms_on: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @property
    def brief(self) -> pl.DataFrame:
        """The columns that a screen has room for, ratios at two decimals."""
        ratio = [None if v is None else round_decimal(Decimal(repr(v)), 2) for v in self.rows["tax_per_mu"]]
        shown = self.rows.with_columns(pl.Series("tax_per_mu", ratio, dtype=pl.Decimal(38, 2)))
        return shown.select(
            "parcel", "holder", "township", "title", "area_mu", "firms", "tax_per_mu", "tiers", "problems", "path"
        )

    def geojson(self) -> str:
        """The parcels as GeoJSON; those without a shape on record have none."""
        features = [
            {
                "type": "Feature",
                "geometry": geometry_of(self.shapes.get(row["parcel"])),
                "properties": {n: _plain(v) for n, v in row.items()},
            }
            for row in self.rows.iter_rows(named=True)
        ]
        return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1)


def census(county: CountyFile, year: int, township: str | None = None) -> Census:
    """Every parcel that the register or a firm's land of the year speaks of, of one township or all.

    Raises:
        UsageError: no parcel is in that township; names the nearest.
    """
    step("step_tables")
    with Store.open(county.path) as store:
        tables = store.tables()
    tiers = {code: tier for (of, code), tier in tiers_of(county).items() if of == year}
    step("step_census")
    return census_of(tables, year, tiers, _loop(county), township)


def census_of(
    tables: Mapping[str, pl.DataFrame], year: int, tiers: Mapping[str, str], loop: pl.DataFrame | None = None,
    township: str | None = None,
) -> Census:  # fmt: skip
    """The census from the tables of one moment.

    Args:
        tables: every table by name.
        year: the data year.
        tiers: the tier of each firm that has one.
        loop: `parcel, path, loop_state` of the parcels that are being rectified; none by default.
        township: the one that is wanted; all by default.

    Raises:
        UsageError: no parcel is in that township; names the nearest.
    """
    loop = _NO_LOOP if loop is None else loop
    end = YearEnd.of(tables, year)
    firms = _firms(end.tables, end.per_firm, year, tiers)
    on_it = firms.explode("parcels").drop_nulls("parcels").rename({"parcels": "parcel"})
    on_it = on_it.unique(["parcel", "credit_code"]).sort(
        ["parcel", "land_mu", "credit_code"], descending=[False, True, False], nulls_last=True
    )
    pooled = on_it.group_by("parcel", maintain_order=True).agg(
        pl.col("township").drop_nulls().first().alias("_township"),
        pl.col("park").drop_nulls().first().alias("_park"),
        pl.len().cast(pl.Int64).alias("firms"),
        pl.col("name").drop_nulls().str.join("、").alias("names"),
        pl.col("land_mu").sum().alias("firms_land_mu"),
        *(pl.when(pl.col(n).count() > 0).then(pl.col(n).sum()).alias(n) for n in ("tax_paid", "value_added")),
        pl.col("tier").drop_nulls().alias("_tiers"),
        pl.col("credit_code").alias("_codes"),
    )
    rows = end.tables["parcels"].join(pooled, on="parcel", how="full", coalesce=True)
    rows = rows.with_columns(
        pl.coalesce("township", "_township").alias("township"), pl.coalesce("park", "_park").alias("park")
    )
    if township is not None:
        known = rows["township"].drop_nulls().unique().sort().to_list()
        if township not in known:
            raise UsageError(problem("parcels_nowhere", township=township, near=Guess(nearest(township, known))))
        rows = rows.filter(pl.col("township") == township)
    visits = tables["parcel_surveys"].filter(pl.col("year") == year)
    rows = rows.join(visits.select("parcel", *VISITED), on="parcel", how="left")
    rows = _with_problems(rows, tables["problems"])
    rows = rows.join(loop, on="parcel", how="left").sort("township", "parcel", nulls_last=True)
    land = pl.when(pl.col("firms_land_mu") > 0).then(pl.col("firms_land_mu")).cast(pl.Float64)
    area = pl.when(pl.col("area_mu") > 0).then(pl.col("area_mu").cast(pl.Float64) * (2000 / 3))
    census = rows.with_columns(
        at12(divided(pl.col("tax_paid").cast(pl.Float64), land)).alias("tax_per_mu"),
        at12(divided(pl.col("value_added").cast(pl.Float64), land)).alias("value_added_per_mu"),
        at12(divided(pl.col("floor_area_m2").cast(pl.Float64), area)).alias("floor_ratio"),
        pl.Series("tiers", [_tier_mix(t) for t in rows["_tiers"].to_list()], dtype=pl.String),
        pl.col("firms").fill_null(0),
    )
    shapes = dict(rows.drop_nulls("geometry").select("parcel", "geometry").iter_rows())
    on = {parcel: tuple(codes or ()) for parcel, codes in rows.select("parcel", "_codes").iter_rows()}
    return Census(year, census.select(pl.col(n).cast(t) for n, t in CENSUS_SCHEMA.items()), shapes, on)


_NO_LOOP = pl.DataFrame(schema={"parcel": pl.String, "path": pl.String, "loop_state": pl.String})


def write_geojson(census: Census, file: Path) -> Path:
    """Write the parcels as GeoJSON.

    Raises:
        InputError: the file cannot be written.
    """
    return write_text(file, census.geojson() + "\n")


def _firms(
    tables: Mapping[str, pl.DataFrame], per_firm: pl.DataFrame, year: int, tiers: Mapping[str, str]
) -> pl.DataFrame:
    """The firms of a year with the parcels they stand on, their land, tax, value added and tier."""
    of_year = pl.col("year") == year
    roll = tables["enterprises"].filter(of_year).select("credit_code", "name", "township", "park")
    rows = per_firm.select("credit_code", "parcels", "land_mu").join(roll, on="credit_code", how="left")
    for table, name in (("tax", "tax_paid"), ("output", "value_added")):
        rows = rows.join(tables[table].filter(of_year).select("credit_code", name), on="credit_code", how="left")
    of_firm = [tiers.get(c) for c in rows["credit_code"]]
    return rows.with_columns(pl.Series("tier", of_firm, dtype=pl.String))


def _with_problems(rows: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    """The rows with the open problems of each parcel and of the firms on it."""
    open_ = problems.filter(~problem_state().is_in(OVER)).select("problem", "parcel", "credit_code", "problem_kind")
    of: dict[str, list[tuple[str, str]]] = {}
    for number, parcel, code, kind in open_.iter_rows():
        for key in {parcel, code} - {None}:
            of.setdefault(key, []).append((number, kind))
    counts: list[int] = []
    kinds: list[str | None] = []
    for parcel, codes in rows.select("parcel", "_codes").iter_rows():
        mine = {p for key in (parcel, *(codes or ())) for p in of.get(key, ())}
        counts.append(len(mine))
        kinds.append("、".join(sorted({k for _, k in mine if k})) or None)
    return rows.with_columns(
        pl.Series("problems", counts, dtype=pl.Int64), pl.Series("problem_kinds", kinds, dtype=pl.String)
    )


def _loop(county: CountyFile) -> pl.DataFrame:
    stands = tracked(read_book(county)).filter(pl.col("kind") == "parcel")
    return stands.select(pl.col("subject").alias("parcel"), "path", pl.col("state").alias("loop_state"))


def _tier_mix(tiers: list[str] | None) -> str | None:
    counts = {t: (tiers or []).count(t) for t in sorted(set(tiers or []))}
    return "、".join(f"{t} {n}" for t, n in counts.items()) or None


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float)) else str(value)
