"""Thirty-one slips of other kinds than a wrong unit, with seeds of their own. `python benchmarks/other_slips.py`.

For every seed a county is drawn anew, once as it is and once with heavier tails, and 31 figures or rows are spoilt as
clerks spoil them: columns exchanged, last year's row or one figure of it sent again, the neighbour's cell, digits
added, dropped and exchanged, a quarter instead of the year, a zero. A slip is seen where the search names the firm and
the field and did not before. Nothing is tuned on these seeds.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.anomalies import heavier
from benchmarks.county_tables import FIGURES, clean_tables
from mujun.analysis.anomalies import Anomaly, find_anomalies
from mujun.fields import TABLES
from mujun.records import build_frame

YEAR = 2022
COUNTIES = (101, 202, 303)
"""Seeds of counties that nothing was tuned on."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Slip:
    """A slip as it was planted: which kind, whose, and the fields that it spoilt."""

    kind: str
    credit_code: str
    fields: tuple[str, ...]


def digits(value: Decimal) -> str:
    """The significant digits."""
    return str(abs(value)).replace(".", "").strip("0")


def _exchanged(value: Decimal, at: int) -> Decimal:
    """A figure with two digits exchanged: the one at a place and the next, counted from the first significant one."""
    text = list(str(value))
    places = [i for i, c in enumerate(text) if c.isdigit()]
    first = next(k for k, i in enumerate(places) if text[i] != "0")
    a, b = places[first + at], places[first + at + 1]
    text[a], text[b] = text[b], text[a]
    return Decimal("".join(text))


def _swap(row: Row, before: Row, other: Row, rng: Random, field: str) -> tuple[str, ...]:
    pair = {"revenue": "value_added", "electricity_kwh": "energy_tce"}[field]
    row[field], row[pair] = row[pair], row[field]
    return field, pair


def _last_row(row: Row, before: Row, other: Row, rng: Random, field: str) -> tuple[str, ...]:
    fields = ("revenue", "value_added", "gross_output")
    row.update({f: before[f] for f in fields})
    return fields


def _last_figure(row: Row, before: Row, other: Row, rng: Random, field: str) -> tuple[str, ...]:
    row[field] = before[field]
    return (field,)


def _neighbour(row: Row, before: Row, other: Row, rng: Random, field: str) -> tuple[str, ...]:
    row[field] = other[field]
    return (field,)


def _digit(row: Row, before: Row, other: Row, rng: Random, field: str) -> tuple[str, ...]:
    row[field] = round(row[field] * 10 if rng.random() < 0.5 else row[field] / 10, 4)
    return (field,)


def _first_digits(row: Row, before: Row, other: Row, rng: Random, field: str) -> tuple[str, ...]:
    row[field] = _exchanged(row[field], 0)
    return (field,)


def _later_digits(row: Row, before: Row, other: Row, rng: Random, field: str) -> tuple[str, ...]:
    row[field] = _exchanged(row[field], 2)
    return (field,)


def _quarter(row: Row, before: Row, other: Row, rng: Random, field: str) -> tuple[str, ...]:
    row[field] = round(row[field] * Decimal(repr(rng.uniform(0.21, 0.29))), 4)
    return (field,)


def _zero(row: Row, before: Row, other: Row, rng: Random, field: str) -> tuple[str, ...]:
    row[field] = Decimal(0)
    return (field,)


Plant = Callable[[Row, Row, Row, Random, str], tuple[str, ...]]

PLAN: tuple[tuple[str, int, Plant, tuple[str, ...]], ...] = (
    ("columns exchanged", 4, _swap, ("revenue", "electricity_kwh")),
    ("last year's row again", 3, _last_row, ("revenue",)),
    ("one figure of last year", 4, _last_figure, ("tax_paid", "electricity_kwh", "revenue", "water_m3")),
    ("the neighbour's figure", 4, _neighbour, ("tax_paid", "electricity_kwh", "revenue", "water_m3")),
    ("a digit too many or few", 4, _digit, ("tax_paid", "revenue", "water_m3")),
    ("first two digits exchanged", 3, _first_digits, ("tax_paid", "revenue", "electricity_kwh")),
    ("later digits exchanged", 3, _later_digits, ("tax_paid", "revenue", "electricity_kwh")),
    ("one quarter", 3, _quarter, ("tax_paid", "revenue", "electricity_kwh")),
    ("nothing where peers have it", 3, _zero, ("electricity_kwh", "revenue", "tax_paid")),
)
"""What is planted, how often, and into which figures; 31 in all."""

TABLE_OF = {f.name: t for t in FIGURES for f in TABLES[t].fields if f.name not in ("year", "credit_code", "name")}


def planted(tables: Mapping[str, pl.DataFrame], year: int, seed: int) -> tuple[dict[str, pl.DataFrame], list[Slip]]:
    """The tables with 31 slips, a firm having one at most."""
    rng = Random(f"{seed}:other kinds")
    rows = {name: tables[name].to_dicts() for name in FIGURES}
    at = {name: {(r["credit_code"], r["year"]): i for i, r in enumerate(several)} for name, several in rows.items()}
    touched: set[str] = set()
    slips: list[Slip] = []
    for kind, count, plant, fields in PLAN:
        done = 0
        while done < count:
            field = fields[done % len(fields)]
            table = TABLE_OF[field]
            number = rng.randrange(len(rows[table]) - 1)
            row = rows[table][number]
            code = row["credit_code"]
            before = at[table].get((code, year - 1))
            other = _beside(rows[table], number, year)
            if row["year"] != year or code in touched or before is None or other is None:
                continue
            needed = [field, *(("value_added", "gross_output") if table == "output" else ())]
            needed += ["energy_tce"] if table == "energy" else []
            wanted = [row[f] for f in needed] + [rows[table][before][f] for f in needed] + [other[field]]
            if any(v is None or len(digits(v)) < 4 or v <= 0 for v in wanted):
                continue
            old = {f: row[f] for f in needed}
            spoilt = plant(row, rows[table][before], other, rng, field)
            if all(row[f] == old.get(f) for f in spoilt):
                continue  # two equal digits exchanged spoil nothing
            touched |= {code, other["credit_code"]}
            slips.append(Slip(kind, code, spoilt))
            done += 1
    given = dict(tables)
    for name, several in rows.items():
        given[name] = pl.DataFrame(several, schema=tables[name].schema, orient="row")
    return given, slips


def _beside(rows: list[Row], number: int, year: int) -> Row | None:
    """The next row of the year: that of the firm whose cell lies below."""
    return next((r for r in rows[number + 1 : number + 3] if r["year"] == year), None)


def places_of(tables: Mapping[str, pl.DataFrame], year: int) -> dict[str, pl.DataFrame]:
    """Where each firm's row stands in its department's file: in the order of the table, a header above."""
    return {
        name: tables[name]
        .filter(pl.col("year") == year)
        .select("credit_code", pl.lit(f"{name}.xlsx").alias("_file"), pl.lit("Sheet1").alias("_sheet"))
        .with_row_index("_row", offset=2)
        .with_columns(pl.col("_row").cast(pl.Int64))
        for name in FIGURES
    }


def searched(tables: Mapping[str, pl.DataFrame], year: int) -> tuple[Anomaly, ...]:
    """What the search says of a year."""
    return find_anomalies(build_frame(dict(tables), year)[0], places=places_of(tables, year))


def told_of(anomalies: tuple[Anomaly, ...]) -> set[tuple[str, str]]:
    """Firm and field of all that is told, each field of a copied row."""
    told = set()
    for a in anomalies:
        several = a.values.get("fields")
        told |= {(a.credit_code, f) for f in (several if isinstance(several, tuple) else (a.field,))}
    return told


def main() -> None:
    """Print how many slips of each kind are seen, and how many firms of the clean county have an alarm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=len(COUNTIES), help="how many counties are drawn")
    given = parser.parse_args()
    for title in ("as drawn", "heavier tails"):
        seen: Counter[str] = Counter()
        several: Counter[str] = Counter()
        alarms = firms = 0
        for seed in COUNTIES[: given.seeds]:
            drawn = clean_tables(seed)
            clean = heavier(drawn, seed) if title == "heavier tails" else drawn
            before = searched(clean, YEAR)
            alarms += len({a.credit_code for a in before})
            firms += clean["enterprises"].filter(pl.col("year") == YEAR).height
            spoilt, slips = planted(clean, YEAR, seed)
            new = told_of(searched(spoilt, YEAR)) - told_of(before)
            for slip in slips:
                several[slip.kind] += 1
                seen[slip.kind] += any((slip.credit_code, f) in new for f in slip.fields)
        clear = f"clean firms with an alarm {alarms} of {firms}"
        print(f"{title}: {sum(seen.values())} of {sum(several.values())} seen; {clear}")
        for kind, *_ in PLAN:
            print(f"    {kind}: {seen[kind]} of {several[kind]}")


if __name__ == "__main__":
    main()
