"""Firms that a sender's file had in its version before and has no more: said, kept, and dropped only when told to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import duckdb
import polars as pl

from mujun.fields import TABLES, Table
from mujun.records.loaded import FileRecords, LoadedTable
from mujun.records.readings.tables_fed import FIGURES
from mujun.store.connecting import frame_of, known_as
from mujun.store.layout import carried, newest, quoted
from mujun.store.met import GONE, carried_by
from mujun.store.series import edition_of, series_of

_TABLES = ("enterprises", "land", *FIGURES)


def gone(connection: duckdb.DuckDBPyConnection, records: FileRecords) -> pl.DataFrame:
    """The firms that the version before of a file gave figures of and this one does not name.

    Args:
        connection: of the store, with the file or without.
        records: what the file gave.

    Returns:
        Columns `GONE`. Nothing of a table that waits for an answer, of an older edition, and of a file that has no
        firm in common with the one before: then it is another office's under the same name. Firms whose figures are
        blank by now are not among them.
    """
    firms_gone = [pl.DataFrame(schema=GONE)]
    if records.sent_back.origins:
        return firms_gone[0]  # a findings workbook has rows of many files, and none of them whole
    open_tables = {q.table for q in records.questions}
    for name in _TABLES:
        parts = [t for t in records.tables if t.table == name and t.of_form is None]
        if parts and name not in open_tables:
            firms_gone.append(_of_table(connection, records.file, TABLES[name], parts))
    return pl.concat(firms_gone)


def _of_table(
    connection: duckdb.DuckDBPyConnection, file: str, table: Table, parts: Sequence[LoadedTable]
) -> pl.DataFrame:
    nothing = pl.DataFrame(schema=GONE)
    here = pl.concat(t.rows.select("year", "credit_code") for t in parts)
    years = here["year"].drop_nulls().unique().to_list()
    kept_out = {c for t in parts for c in t.quarantine["credit_code"].drop_nulls().to_list()}
    series = sorted({series_of(file, carried_by(table, t.columns)) for t in parts})
    fields = sorted({f for t in parts for f in carried_by(table, t.columns)} - {"name", *table.key})
    before = _before(connection, table, series, years, edition_of(file), fields)
    if before.is_empty() or before.join(here, on=["year", "credit_code"], how="semi").is_empty():
        return nothing
    missing = before.join(here, on=["year", "credit_code"], how="anti")
    missing = missing.filter(~pl.col("credit_code").is_in(sorted(kept_out)))
    if missing.is_empty():
        return nothing
    standing = _standing(connection, table, missing, fields)
    rows = missing.join(standing, on=["year", "credit_code"], how="semi").sort("year", "credit_code")
    droppable = pl.lit(table.name in FIGURES) & ~pl.col("_others")
    return rows.select(
        pl.lit(table.name).alias("table"), pl.col("year").cast(pl.Int32), "credit_code", "name",
        droppable.alias("droppable"),
    )  # fmt: skip


def _before(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    series: Sequence[str],
    years: Sequence[int],
    edition: int | None,
    fields: Sequence[str],
) -> pl.DataFrame:
    """The firms of the series so far, with whether another series gave any of these fields of them too."""
    gave = " OR ".join(f"(c.{quoted(f)} AND r.{quoted(f)} IS NOT NULL)" for f in fields) or "true"
    rows: pl.DataFrame = frame_of(
        connection.sql(
            "SELECT r.year, r.credit_code, "  # noqa: S608
            "bool_or(list_contains($series, c._series)) AS _mine, "
            f"bool_or((c._series IS NULL OR NOT list_contains($series, c._series)) AND ({gave})) AS _others, "
            "max(CASE WHEN list_contains($series, c._series) THEN c._edition END) AS _edition, "
            "arg_max_null(r.name, r._form) AS name "
            f"FROM records.{quoted(table.name)} r JOIN ({carried(table)}) c ON c._form = r._form "
            "WHERE list_contains($years, r.year) AND c._way <> 'whole' GROUP BY r.year, r.credit_code",
            params={"series": list(series), "years": list(years)},
        )
    )
    newer = pl.col("_edition") > pl.lit(edition, dtype=pl.Int32)
    return rows.filter(pl.col("_mine").fill_null(value=False) & ~newer.fill_null(value=False))


def _standing(
    connection: duckdb.DuckDBPyConnection, table: Table, firms: pl.DataFrame, fields: Sequence[str]
) -> pl.DataFrame:
    """Those of the firms of whom any of the fields is still filled."""
    filled = " OR ".join(f"s.{quoted(f)} IS NOT NULL" for f in fields) or "true"
    with known_as(connection, "asked", firms.select("year", "credit_code").unique()):
        return frame_of(
            connection.sql(
                f"SELECT DISTINCT s.year, s.credit_code FROM ({newest(table)}) s "  # noqa: S608
                f"SEMI JOIN asked a ON a.year = s.year AND a.credit_code = s.credit_code WHERE {filled}"
            )
        )


def dropping(records: FileRecords, firms: pl.DataFrame) -> FileRecords | None:
    """What makes blank the figures of firms that a file has no more; `None` where there are none that may be dropped.

    Args:
        records: what the file gave.
        firms: as `gone` gives them.
    """
    tables = []
    for name in FIGURES:
        mine = firms.filter(pl.col("droppable"), pl.col("table") == name)
        if mine.is_empty():
            continue
        table = TABLES[name]
        carried_fields = {f for t in records.tables if t.table == name for f in carried_by(table, t.columns)}
        columns = tuple(f for f in table.by_name if f in table.key or (f in carried_fields and f != "name"))
        rows = mine.select(
            *(
                pl.col(f) if f in ("year", "credit_code", "name") else pl.lit(None, dtype=dtype).alias(f)
                for f, dtype in table.schema.items()
            ),
            pl.lit(None, dtype=pl.String).alias("_sheet"),
            pl.lit(None, dtype=pl.Int64).alias("_row"),
        )
        kept_out = next(t.quarantine for t in records.tables if t.table == name).clear()
        tables.append(LoadedTable(name, rows, kept_out, columns))
    if not tables:
        return None
    told = firms.filter("droppable").select("table", "year", "credit_code").rows()
    digest = hashlib.sha256(f"{records.sha256}{told}".encode()).hexdigest()
    return FileRecords(records.file, digest, tuple(tables), (), 0, sum(t.rows.height for t in tables))
