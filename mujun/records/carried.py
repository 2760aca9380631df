"""Which fields a sheet speaks of, row by row: a blank cell says that there is nothing only where its column was sent.

A department's own table has the columns that the department answers for. The sheets that mujun hands out, the template
and the findings workbook, have all columns of a table: there, what was left blank from top to bottom was not sent.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from mujun.fields import Table
from mujun.records.readings.taking import Feed


def carried(feed: Feed, body: pl.DataFrame, from_title: Iterable[str], source: Iterable[str]) -> pl.Series:
    """The fields that each row's file carried.

    Args:
        feed: which columns feed which fields.
        body: the records, columns `c0`, `c1` …
        from_title: fields that hold for all rows by a title, a name, a header.
        source: the columns headed as `SOURCE` says.

    Returns:
        Per row the names of the fields, keys included, in the order of the dictionary with a blank between them.
    """
    table = feed.table
    taken = feed.by_field
    names = {*taken, *table.key, *from_title}
    if table.many or not _is_handed_out(table, taken):
        return pl.Series("columns", [_joined(table, names)], dtype=pl.String).new_from_index(0, body.height)
    first_at = list(source)
    groups = pl.struct(first_at) if first_at else pl.lit(0)
    rows = body.select(groups.alias("group"), *(pl.col(f"c{t.index}").alias(name) for name, t in taken.items()))
    spoken = rows.group_by("group").agg(pl.exclude("group").is_not_null().any())
    columns = [
        _joined(table, {name for name in names if row.get(name, True) or name in (*table.key, *from_title)})
        for row in spoken.iter_rows(named=True)
    ]
    known = spoken.select("group", pl.Series("columns", columns, dtype=pl.String))
    return rows.join(known, on="group", how="left", nulls_equal=True, maintain_order="left")["columns"]


def _is_handed_out(table: Table, fields: Iterable[str]) -> bool:
    return set(fields) == set(table.by_name)


def _joined(table: Table, fields: set[str]) -> str:
    return " ".join(name for name in table.by_name if name in fields)
