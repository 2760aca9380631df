"""Problems as records: those that a survey found, and rows said by hand, ready for the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from mujun.fields import TABLES
from mujun.records.loaded import LoadedTable
from mujun.records.surveys import PROBLEMS, YES

DEPARTMENTS: Mapping[str, str] = {TABLES["surveys"].by_name[n].label: owner for n, owner in PROBLEMS.items()}
"""The department that each of the eight kinds is handed over to."""


def found_on_site(
    surveys: pl.DataFrame, year: int, known: pl.DataFrame, townships: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    """The problems that visits of firms or parcels found and that are not on the list yet, as rows of `problems`.

    A kind that is open for a firm or parcel is not put down a second time; one that was closed and is found again is.

    Args:
        surveys: rows of `surveys` or of `parcel_surveys`, with `_sheet` and `_row`.
        year: their data year.
        known: the table `problems` as it stands.
        townships: the township of each firm or parcel.
    """
    key, name = ("parcel", "holder") if "parcel" in surveys.columns else ("credit_code", "name")
    mine = known if key == "credit_code" else known.filter(pl.col("credit_code").is_null())
    still = pl.col("closed_on").is_null() & pl.col("withdrawn_on").is_null()
    open_ = set(mine.filter(still).select(key, "problem_kind").iter_rows())
    taken = set(known["problem"])
    made: list[dict[str, Any]] = []
    for row in surveys.sort(key).iter_rows(named=True):
        for at, tick in enumerate(PROBLEMS, start=1):
            kind = TABLES["surveys"].by_name[tick].label
            if row[tick] != YES or (row[key], kind) in open_:
                continue
            number = first_free(f"{year}-{row[key]}-{at}", taken)
            taken.add(number)
            made.append(
                {
                    "problem": number, key: row[key], "name": row[name],
                    "township": townships.get(row[key]), "problem_kind": kind, "problem_text": row["remark"],
                    "found_by": row["verified_by"], "found_on": row["verified_on"], "handled_by": PROBLEMS[tick],
                    "_sheet": row["_sheet"], "_row": row["_row"],
                }
            )  # fmt: skip
    return made


def first_free(wanted: str, taken: Iterable[str]) -> str:
    """A number that is not taken: the one wanted, or it with a count behind.

    >>> first_free("a", {"a", "a-2"})
    'a-3'
    """
    known, number, at = set(taken), wanted, 2
    while number in known:
        number, at = f"{wanted}-{at}", at + 1
    return number


def problem_table(rows: Iterable[Mapping[str, Any]], columns: Iterable[str] | None = None) -> LoadedTable:
    """Rows of `problems` as the store takes them; of a field that is not among `columns` they say nothing."""
    schema = TABLES["problems"].schema
    placed: dict[str, Any] = {**schema, "_sheet": pl.String(), "_row": pl.Int64()}
    told = pl.DataFrame([{n: row.get(n) for n in placed} for row in rows], schema=placed)
    nothing = pl.DataFrame(schema={"_sheet": pl.String(), "_row": pl.Int64(), **dict.fromkeys(schema, pl.String())})
    return LoadedTable("problems", told, nothing, tuple(columns) if columns is not None else tuple(schema))
