"""How a file's records meet what other files said before: what goes in, what waits for a person, what is replaced.

Of each figure every series (one sender's file in all its versions) has one claim, its newest. As long as all claims
agree the figure stands, in whatever order the files came. A claim that differs from another series' waits, or does what
the person at the computer said: replace, add, or keep what stands. A sender's own newer version replaces his older one.
An empty cell claims nothing.

Of land, where a key has many rows, a claim is all rows of one tenure of a firm and year: own land and leases may come
from two files, the same own land from two files may not.
"""

from __future__ import annotations

import duckdb
import polars as pl

from mujun.fields import TABLES, Table
from mujun.records.loaded import FileRecords, LoadedTable
from mujun.store.gone import gone
from mujun.store.meeting_fields import meet_fields
from mujun.store.meeting_rows import meet_rows
from mujun.store.met import WAITING, Again, Met, Placed, Sender, carried_by
from mujun.store.series import edition_of, series_of


def meet(
    connection: duckdb.DuckDBPyConnection, records: FileRecords, again: Again, outdone: pl.DataFrame | None = None
) -> Met:
    """What becomes of a file's records.

    Args:
        connection: of the store, without the file.
        records: what the file gave.
        again: what becomes of figures on which another file says otherwise.
        outdone: `year` and `credit_code` of rows of a 规下 list whose firms another list has as 规上.
    """
    placed: list[Placed] = []
    waiting: list[pl.DataFrame] = []
    replaced = older = 0
    for part in records.tables:
        table = TABLES[part.table]
        sender = _sender(connection, records.file, table, part)
        one_scale = table.name == "enterprises" and part.rows["scale"].drop_nulls().n_unique() == 1
        if table.many:
            met = meet_rows(connection, table, part, sender, again)
        else:
            met = meet_fields(connection, table, part, sender, again, outdone, one_scale=one_scale)
        placed += met.placed
        waiting.append(met.waiting.with_columns(pl.lit(records.file).alias("file")))
        replaced += met.replaced
        older += met.older
    nothing = pl.DataFrame(schema=WAITING)
    every = pl.concat([nothing, *(w.select(list(WAITING)) for w in waiting)])
    return Met(tuple(placed), every, replaced, older, gone(connection, records))


def _sender(connection: duckdb.DuckDBPyConnection, file: str, table: Table, part: LoadedTable) -> Sender:
    if part.of_form is None:
        return Sender(series_of(file, carried_by(table, part.columns)), edition_of(file))
    ((batch, series, edition),) = connection.execute(
        "SELECT f.batch, m.series, m.edition FROM form f LEFT JOIN meeting m ON m.form = f.number WHERE f.number = ?",
        [part.of_form],
    ).fetchall()
    return Sender(series, edition, batch)
