"""Nothing of a source is spent twice, whichever way its spendings are loaded."""

from __future__ import annotations

import polars as pl

from mujun.allocation.spending import check_ledger
from mujun.errors import Problem, problem
from mujun.fields import TABLES
from mujun.records import FileRecords
from mujun.store import Store

SUBSTITUTIONS = "substitutions"


def spendings_in(records: FileRecords) -> pl.DataFrame:
    """The rows of a file that spend something of a source."""
    rows = _rows_in(records, SUBSTITUTIONS)
    return rows if rows is not None else pl.DataFrame(schema={"project": pl.String})


def refused_spendings(store: Store, records: FileRecords) -> tuple[Problem, ...]:
    """Why a file is refused: its spendings, with those on record, are more than the sources have.

    Sources and projects in the file itself count as if they were on record.

    Returns:
        Each source or project that is not known, each source overspent.
    """
    rows = spendings_in(records)
    if rows.is_empty():
        return ()
    sources, projects, spent = (_with_file(store, records, n) for n in ("sources", "projects", SUBSTITUTIONS))
    wanting = rows.filter(pl.col("spent") > 0)["project"].unique(maintain_order=True)
    strange = wanting.filter(~wanting.is_in(projects["project"].implode()))
    problems = [problem("ledger_project_unknown", project=p) for p in strange]
    return (*problems, *check_ledger(sources, spent))


def _rows_in(records: FileRecords, table: str) -> pl.DataFrame | None:
    parts = [t.rows.drop("_sheet", "_row") for t in records.tables if t.table == table]
    return pl.concat(parts) if parts else None


def _with_file(store: Store, records: FileRecords, table: str) -> pl.DataFrame:
    """A table as it will stand once the file is in."""
    kept, rows = store.table(table), _rows_in(records, table)
    if rows is None:
        return kept
    return pl.concat([kept.join(rows, on=list(TABLES[table].key), how="anti").select(rows.columns), rows])
