"""The sample county as it is, before any file and any defect: typed tables, straight from its generator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import polars as pl

from mujun.fields import TABLES
from sample_data.generator.build import SEED, true_county
from sample_data.generator.places import YEARS

FIGURES = ("tax", "energy", "output", "emissions", "water")


def clean_tables(seed: int = SEED, *, every: int = 1) -> dict[str, pl.DataFrame]:
    """Enterprises, land and figures of both years.

    Args:
        seed: of the county.
        every: only every so manieth firm.
    """
    county = true_county(seed)
    firms = [f for f in county.firms if f.number % every == 0]
    rows: dict[str, list[Mapping[str, object]]] = {name: [] for name in ("enterprises", "land", *FIGURES)}
    for firm in firms:
        for year in sorted(firm.years & set(YEARS)):
            head = {"year": year, "credit_code": firm.code, "name": firm.name[year]}
            more = {"township": firm.township, "industry": firm.industry_code, "scale": firm.scale[year]}
            rows["enterprises"].append(head | more | {"group_code": firm.group, "started_on": firm.started_on})
            rows["land"] += [
                head
                | {
                    "tenure": fact.tenure,
                    "area_mu": Decimal(fact.m2) * 3 / 2000,
                    "floor_area_m2": _exact(fact.floor_m2),
                }
                | {"parcel": fact.parcel.code if fact.parcel else None}
                for fact in county.land.rows(firm, year)
            ]
            figures = county.figures[year][firm.number]
            for name in FIGURES:
                given = figures.emissions if name == "emissions" else vars(figures)
                own = (
                    {f.name: _exact(given.get(f.name)) for f in TABLES[name].fields if f.kind == "quantity"}
                    if given
                    else {}
                )
                if any(v is not None for v in own.values()):
                    rows[name].append(head | own)
    return {name: _table(name, given) for name, given in rows.items()}


def _exact(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _table(name: str, rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    schema = TABLES[name].schema
    return pl.DataFrame([{c: row.get(c) for c in schema} for row in rows], schema=schema, orient="row")
