"""Firms that one file lists as 规上 and another as 规下: the 规上 row stands, whichever came first.

Within a file the reader sees to it. Across files a list is told from a correction: a list is a file that knows only
one of the two scales in a year; a file with both is the whole roll, and says what is so now.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import polars as pl

from mujun.fields import TABLES
from mujun.records.finding import Finding
from mujun.records.loaded import FileRecords
from mujun.store.connecting import frame_of, known_as

_LISTED = ("year", "credit_code", "name", "scale", "_file", "_sheet", "_row")


def listed_twice(
    connection: duckdb.DuckDBPyConnection, records: FileRecords
) -> tuple[pl.DataFrame | None, tuple[Finding, ...]]:
    """Which firms of a list the store has with the other scale.

    Args:
        connection: of the store, without the file.
        records: what the file gave.

    Returns:
        `year` and `credit_code` of the list's 规下 rows that do not stand, `None` where there are none; and a
        `both_scales` warning for every 规下 row that a 规上 row outdoes, be it in the file or in the store.
    """
    listed = [t.rows for t in records.tables if t.table == "enterprises"]
    if not listed:
        return None, ()
    rows = pl.concat(listed).with_columns(pl.lit(records.file).alias("_file")).select(_LISTED)
    one_scale = pl.col("scale").drop_nulls().n_unique().over("year") == 1
    rows = rows.filter(one_scale & pl.col("scale").is_not_null())
    if rows.is_empty():
        return None, ()
    with known_as(connection, "listed", rows.select("year", "credit_code", "scale")):
        known = frame_of(
            connection.sql(
                "SELECT c.* FROM current.enterprises c JOIN listed l USING (year, credit_code) WHERE c.scale <> l.scale"
            )
        )
    known = known.select(pl.col(c).cast(rows.schema[c]) for c in _LISTED)
    firm = ["year", "credit_code"]
    lower = rows.join(known, on=firm, how="semi", maintain_order="left").filter(pl.col("scale") == "规下")
    outdone = pl.concat([lower, known.filter(pl.col("scale") == "规下").sort(firm)])
    return (lower.select(firm) if lower.height else None), tuple(_findings(outdone))


def _findings(outdone: pl.DataFrame) -> Iterator[Finding]:
    f = TABLES["enterprises"].by_name["scale"]
    for row in outdone.iter_rows(named=True):
        yield Finding(
            "both_scales",
            "warning",
            "enterprises",
            file=row["_file"],
            sheet=row["_sheet"],
            row=row["_row"],
            year=row["year"],
            credit_code=row["credit_code"],
            name=row["name"],
            field=f.name,
            value=row["scale"],
            owner=f.owner,
            values={"label": f.label},
        )
