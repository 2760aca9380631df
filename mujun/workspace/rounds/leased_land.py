"""Whose row counts of a lease: told where a correction of rented or let land changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from mujun.fields import TABLES
from mujun.records import Finding, with_successors
from mujun.records.leases import RENTED_IN, RENTED_OUT, leases_of
from mujun.records.succession import succession_at


def other_side_counts(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], codes: Sequence[str], year: int
) -> Iterator[Finding]:
    """A finding for every lease of a firm whose area was corrected and stays what it was: the other side's row counts.

    Args:
        before, after: `land, enterprises, aliases` as they stand, and as they would with the correction.
        codes: the firms whose land rows were corrected.
        year: the data year.
    """
    was, now = (_agreed(t, year) for t in (before, after))
    heirs = succession_at(after["aliases"], year).heirs
    for code in sorted({heirs[c].code if c in heirs else c for c in codes}):
        for mine, theirs in (("tenant", "landlord"), ("landlord", "tenant")):
            rows = now.filter(pl.col(mine) == code, pl.col("said_by") == "both")
            for row in rows.iter_rows(named=True):
                same = was.filter(
                    pl.col(mine) == code, pl.col(theirs) == row[theirs], pl.col("parcel").eq_missing(row["parcel"])
                )
                changed = same.height and same[f"area_{mine}"][0] != row[f"area_{mine}"]
                if changed and same["area_mu"][0] == row["area_mu"]:
                    yield _finding(code, row, mine, theirs, year)


def _agreed(tables: Mapping[str, pl.DataFrame], year: int) -> pl.DataFrame:
    counted, _ = with_successors(tables, year)
    return leases_of(counted["land"], counted["enterprises"], year).agreed


def _finding(code: str, row: Mapping[str, object], mine: str, theirs: str, year: int) -> Finding:
    tenure = RENTED_OUT if theirs == "landlord" else RENTED_IN
    values = {"other": row[theirs], "area": row["area_mu"], "tenure": tenure, "firm": code, "year": year}
    return Finding(
        "correct_other_side_counts", "warning", "land", year=year, credit_code=code, field="area_mu",
        value=str(row[f"area_{mine}"]), owner=TABLES["land"].owner, values=values,
    )  # fmt: skip
