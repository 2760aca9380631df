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
    """The problems that surveys found and that are not on the list yet, as rows of `problems`.

    A kind that is open for a firm is not put down a second time; one that was closed and is found again is.

    Args:
        surveys: rows of `surveys`, with `_sheet` and `_row`.
        year: their data year.
        known: the table `problems` as it stands.
        townships: the township of each firm.
    """
    open_ = set(known.filter(pl.col("closed_on").is_null()).select("credit_code", "problem_kind").iter_rows())
    taken = set(known["problem"])
    made: list[dict[str, Any]] = []
    for row in surveys.sort("credit_code").iter_rows(named=True):
        for at, name in enumerate(PROBLEMS, start=1):
            kind = TABLES["surveys"].by_name[name].label
            if row[name] != YES or (row["credit_code"], kind) in open_:
                continue
            number = first_free(f"{year}-{row['credit_code']}-{at}", taken)
            taken.add(number)
            made.append(
                {
                    "problem": number, "credit_code": row["credit_code"], "name": row["name"],
                    "township": townships.get(row["credit_code"]), "problem_kind": kind, "problem_text": row["remark"],
                    "found_by": row["verified_by"], "found_on": row["verified_on"], "handled_by": PROBLEMS[name],
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
