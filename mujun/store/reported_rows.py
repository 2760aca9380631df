"""What has to be known of the store to take in rows that were kept out: what files carried, and who speaks of a key."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import polars as pl

from mujun.fields import TABLES
from mujun.store.connecting import frame_of
from mujun.store.layout import carried, quoted


def forms(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[str, ...]]:
    """By the number of a form, the fields that its file carried."""
    rows = connection.execute("SELECT number, columns FROM form").fetchall()
    return {int(number): tuple(columns) for number, columns in rows}


def spoken_of(connection: duckdb.DuckDBPyConnection, name: str, codes: Iterable[str] | None = None) -> pl.DataFrame:
    """Every row a table ever had about some firms, or about all.

    Returns:
        The key, `_batch, _form, _file, _sheet, _row`. Rows that never stand (a firm another list has as 规上, what
        waits for a decision) are left out.
    """
    key = ", ".join(f"r.{quoted(k)}" for k in TABLES[name].key)
    wanted = None if codes is None else sorted(set(codes))
    rows: pl.DataFrame = frame_of(
        connection.sql(
            f"SELECT {key}, r._batch, r._form, b.file AS _file, r._sheet, r._row "  # noqa: S608
            f"FROM records.{quoted(name)} r JOIN batch b ON b.number = r._batch "
            f"JOIN ({carried(TABLES[name])}) c ON c._form = r._form "
            "WHERE ($codes IS NULL OR list_contains($codes, r.credit_code)) "
            "ORDER BY r._batch, r._sheet, r._row",
            params={"codes": wanted},
        )
    )
    schema = TABLES[name].schema
    return rows.with_columns(*(pl.col(k).cast(schema[k]) for k in TABLES[name].key))
