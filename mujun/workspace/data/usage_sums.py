"""Bills of a year held against the year's own figure: what `check` says of usage records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from mujun.allocation import usage_against_year
from mujun.fields import TABLES
from mujun.records import Finding, finding_about, with_successors
from mujun.records.bills import overlapping_bills
from mujun.rules.allocation_plan import UTILITY_OF

TOLERANCE = 100
"""A year's figure and the sum of its bills may differ by a hundredth: bills that straddle New Year count by days."""


def usage_findings(tables: Mapping[str, pl.DataFrame], year: int) -> tuple[Finding, ...]:
    """Bills that do not add up to the year's own figure, one finding for each firm and utility.

    Args:
        tables: current rows of `usage`, `energy` and `water`.
        year: the data year.

    Returns:
        Warnings: `usage_sum` where every day has a bill and the sums differ by more than a hundredth of the year's
        figure, `usage_beyond` where the bills of some days already are more than the year, `usage_overlap` where two
        bills of this year or of the next (by which this year's tiers are charged) share days: both are counted.
    """
    if tables["usage"].is_empty():
        return ()
    overlaps = _overlapping(tables["usage"], year)
    # Bills and the year's figure of a firm that changed its code are one firm's.
    wanted = {n: tables[n] for n in ("aliases", "enterprises", "usage", "energy", "water") if n in tables}
    tables, _ = with_successors(wanted, year)
    usage = tables["usage"]
    of_year = {n: tables[n].filter(pl.col("year") == year) for n in ("energy", "water")}
    known = of_year["energy"].select("credit_code", "name", "electricity_kwh", "gas_m3", "heat_gj")
    water = of_year["water"].select("credit_code", pl.col("name").alias("_name"), "water_m3")
    frame = known.join(water, on="credit_code", how="full", coalesce=True).with_columns(pl.coalesce("name", "_name"))
    frame = frame.unique("credit_code", keep="first", maintain_order=True).sort("credit_code")
    dated = usage.filter(pl.col("from").is_not_null(), pl.col("until") >= pl.col("from"))
    return (*_differing(usage_against_year(frame, dated, year), dated, year), *overlaps)


def _overlapping(usage: pl.DataFrame, year: int) -> tuple[Finding, ...]:
    """Bills of the same code and meter that share days; two firms that became one have bills of both."""
    near = usage.filter(pl.col("until") >= date(year, 1, 1), pl.col("from") <= date(year + 1, 12, 31))
    rows = overlapping_bills(near)
    return tuple(
        finding_about(
            "usage_overlap",
            "usage",
            {**row, "year": year},
            "from",
            row["from"],
            values={
                "label": TABLES["usage"].by_name["from"].label,
                "utility": row["utility"],
                "account": row["account"] or "—",
                "first": row["from"],
                "last": row["until"],
                "before": row["_before"],
            },
        )
        for row in rows.iter_rows(named=True)
    )


def _differing(sums: pl.DataFrame, usage: pl.DataFrame, year: int) -> Iterator[Finding]:
    field_of = {u: n for n, u in UTILITY_OF.items()}
    whole = pl.col("covered_days") >= pl.col("days")
    apart = (pl.col("difference").abs() * TOLERANCE) > pl.col("yearly")
    beyond = (pl.col("difference") * TOLERANCE) > pl.col("yearly")
    wrong = sums.filter(pl.col("yearly").is_not_null()).filter(pl.when(whole).then(apart).otherwise(beyond))
    fields = {f.name: f for t in ("energy", "water") for f in TABLES[t].fields}
    places = _places(usage, year)
    for row in wrong.iter_rows(named=True):
        f = fields[field_of[row["utility"]]]
        at = places.get((row["credit_code"], row["utility"]), {})
        yield Finding(
            "usage_sum" if row["covered_days"] >= row["days"] else "usage_beyond",
            "warning",
            "usage",
            file=at.get("_file"),
            sheet=at.get("_sheet"),
            row=at.get("_row"),
            year=year,
            credit_code=row["credit_code"],
            name=row["name"],
            field="quantity",
            value=f"{row['used'].normalize():f}",
            owner=f.owner,
            values={
                "label": f.label,
                "unit": f.unit,
                "used": row["used"],
                "yearly": row["yearly"],
                "difference": row["difference"],
                "covered": row["covered_days"],
                "days": row["days"],
                "year": year,
            },
        )


def _places(usage: pl.DataFrame, year: int) -> dict[tuple[str, str], dict[str, Any]]:
    """The first bill of each firm and utility in the year: where to begin looking."""
    here = usage.filter(pl.col("until") >= date(year, 1, 1), pl.col("from") <= date(year, 12, 31))
    columns = [c for c in ("_file", "_sheet", "_row") if c in usage.columns]
    first = here.sort("credit_code", "utility", "from").unique(["credit_code", "utility"], keep="first")
    return {(r["credit_code"], r["utility"]): {c: r[c] for c in columns} for r in first.iter_rows(named=True)}
