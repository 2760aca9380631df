"""Nothing of a source is spent twice, whichever way its spendings are loaded."""

from __future__ import annotations

import polars as pl

from mujun.allocation.spending import check_ledger
from mujun.errors import UsageError
from mujun.records import FileRecords
from mujun.store import Store

SUBSTITUTIONS = "substitutions"


def spendings_in(records: FileRecords) -> pl.DataFrame:
    """The rows of a file that spend something of a source."""
    found = [t.rows.drop("_sheet", "_row") for t in records.tables if t.table == SUBSTITUTIONS]
    return pl.concat(found) if found else pl.DataFrame(schema={"project": pl.String})


def refused_spendings(store: Store, records: FileRecords) -> None:
    """Refuse a file whose spendings, with those on record, are more than the sources have.

    Raises:
        UsageError: each source that is not known or overspent.
    """
    rows = spendings_in(records)
    if rows.is_empty():
        return
    sources, spent = store.table("sources"), store.table(SUBSTITUTIONS)
    key = ["project", "source", "substituted"]
    kept = spent.join(rows, on=key, how="anti").select(rows.columns)
    problems = check_ledger(sources, pl.concat([kept, rows]))
    if problems:
        raise UsageError(problems)
