"""Batches as they were taken in: what each had, what was found in it and what was kept out of it."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES, Table
from mujun.records.finding import FINDING_SCHEMA, Finding
from mujun.store.connecting import first_row, frame_of
from mujun.store.layout import quoted, texts

STORED_OF_FINDING = [c for c in FINDING_SCHEMA if c not in ("what", "remedy")]
"""The columns of findings that are put down; their sentences are made when they are read."""


@dataclass(frozen=True)
class AlreadyLoaded:
    """A file was not loaded: its very bytes are in the store already, as this batch, since then (UTC)."""

    batch: int
    file: str
    loaded_at: datetime


WAITING_TABLES: dict[str, pl.DataType] = {
    "batch": pl.Int32(),
    "file": pl.String(),
    "table": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "year": pl.Int32(),
    "question": pl.String(),
    "asks": pl.String(),
    "choices": pl.String(),
    "rows": pl.Int64(),
}
"""Columns of `waiting_tables`."""


def loaded_before(connection: duckdb.DuckDBPyConnection, sha256: str) -> AlreadyLoaded | None:
    """The newest batch with these very bytes, if there is one."""
    row = first_row(
        connection, "SELECT number, file, loaded_at FROM batch WHERE sha256 = ? ORDER BY number DESC LIMIT 1", [sha256]
    )
    return AlreadyLoaded(*row) if row else None


def findings_of(
    connection: duckdb.DuckDBPyConnection,
    *,
    batch: int | None = None,
    year: int | None = None,
    about: Collection[str] | None = None,
    values: bool = False,
) -> pl.DataFrame:
    """Findings as they were made, in the order of batches and files, with sentences in the language in force.

    Args:
        connection: of the store.
        batch, year: which batch, which year.
        about: only those that stand under one of these codes, or name one in their sentence; of all unless told.
        values: whether what their sentences are made of stands beside them, as JSON in `values`.

    Returns:
        `batch` and the columns of `FINDING_SCHEMA`. With a year: its findings and those that belong to no year.
    """
    wanted = "WHERE (batch = $batch OR $batch IS NULL) AND (year = $year OR year IS NULL OR $year IS NULL)"
    if about is not None:
        # A sentence has no code but from what went into it; making it takes longer than looking for the code.
        told = ", ".join(quoted(c) for c in ("credit_code", "name", "value", "file", "values"))
        several = " OR ".join(f"contains(concat_ws(' ', {told}), {texts([code])})" for code in about)
        wanted += f" AND ({several or 'false'})"
    raw = frame_of(
        connection.sql(
            f"SELECT * FROM finding {wanted} ORDER BY batch, number",  # noqa: S608
            params={"batch": batch, "year": year},
        )
    )
    sentences = [
        _said(Finding(**{c: row[c] for c in STORED_OF_FINDING}, values=json.loads(row["values"])))
        for row in raw.iter_rows(named=True)
    ]
    sentenced: pl.DataFrame = raw.with_columns(
        pl.Series("what", [what for what, _ in sentences], dtype=pl.String),
        pl.Series("remedy", [remedy for _, remedy in sentences], dtype=pl.String),
    )
    if about is not None:
        named = pl.col("credit_code").is_in(list(about)) | pl.col("what").str.contains_any(list(about))
        sentenced = sentenced.filter(named)
    return sentenced.select(
        pl.col("batch").cast(pl.Int32),
        *(pl.col(c).cast(t) for c, t in FINDING_SCHEMA.items()),
        *(["values"] if values else []),
    )


_OWNER = ("year", "credit_code", "name")
"""Fields that say of whom, and of which year, a row kept out is."""


def quarantine_of(connection: duckdb.DuckDBPyConnection, table: str, *, batch: int | None = None) -> pl.DataFrame:
    """Rows that were kept out of a table, as the text the file had, with their batch, file, sheet and row.

    Returns:
        `_batch, _file, _sheet, _row`, the table's fields, `_township` (where the file says the firm is) and `_form`.
    """
    if first_row(connection, f"SELECT 1 FROM quarantine.{quoted(table)} LIMIT 1") is None:  # noqa: S608
        # Most tables never kept a row out, and joining and sorting nothing takes five times as long as looking.
        return pl.DataFrame(schema=_quarantined(table))
    fields = ", ".join(f"q.{quoted(name)}" for name in TABLES[table].by_name)
    kept_out: pl.DataFrame = frame_of(
        connection.sql(
            f"SELECT q._batch, b.file AS _file, q._sheet, q._row, {fields}, q._township, q._form "  # noqa: S608
            f"FROM quarantine.{quoted(table)} q JOIN batch b ON b.number = q._batch "
            "WHERE (q._batch = $batch OR $batch IS NULL) ORDER BY q._batch, q._sheet, q._row",
            params={"batch": batch},
        )
    )
    return kept_out


def _quarantined(table: str) -> dict[str, type[pl.DataType]]:
    place = {"_batch": pl.Int32, "_file": pl.String, "_sheet": pl.String, "_row": pl.Int64}
    return {**place, **dict.fromkeys(TABLES[table].by_name, pl.String), "_township": pl.String, "_form": pl.Int32}


def waiting_tables(connection: duckdb.DuckDBPyConnection, batch: int | None = None) -> pl.DataFrame:
    """The tables of files that wait for an answer and were not taken in since, of one batch or of all.

    Returns:
        `batch, file, table, sheet, row` (of the header), `year, question` (its id), `asks` in the language in force,
        `choices`, `rows` (how many wait). A table about which several things are asked has several rows.
    """
    waiting: pl.DataFrame = frame_of(
        connection.sql(
            "SELECT f.*, b.file AS of_file FROM finding f JOIN batch b ON b.number = f.batch "
            "WHERE f.code = 'question_open' AND (f.batch = $batch OR $batch IS NULL) AND NOT EXISTS (SELECT 1 "
            'FROM completion c WHERE c.of_batch = f.batch AND c."table" = f."table" '
            'AND c.sheet IS NOT DISTINCT FROM f.sheet AND c."row" IS NOT DISTINCT FROM f."row") '
            "ORDER BY f.batch, f.number",
            params={"batch": batch},
        )
    )
    rows = []
    for r in waiting.iter_rows(named=True):
        values = json.loads(r["values"])
        asks, _ = _said(Finding(**{c: r[c] for c in STORED_OF_FINDING}, values=values))
        rows.append(
            (r["batch"], r["of_file"], r["table"], r["sheet"], r["row"], r["year"], r["value"], asks,
             values.get("choices", ""), int(values.get("waiting") or 0))
        )  # fmt: skip
    return pl.DataFrame(rows, schema=WAITING_TABLES, orient="row")


def batch_list(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """All batches, oldest first; `loaded_at` in UTC."""
    listed: pl.DataFrame = frame_of(connection.sql("SELECT * FROM batch ORDER BY number"))
    return listed.with_columns(pl.col("loaded_at").dt.replace_time_zone("UTC"))


def _said(finding: Finding) -> tuple[str, str]:
    try:
        return finding.what, finding.remedy
    except KeyError:
        # A code that an earlier mujun knew and this one does not: the record stays readable.
        return finding.code, ""


def replaced_by_batch(connection: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """How many figures each batch replaced that were said before, of those that replaced any."""
    counts = connection.execute("SELECT batch, replaced FROM again WHERE replaced > 0").fetchall()
    return {int(batch): int(replaced) for batch, replaced in counts}


def completions(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Rows kept out that are in now or settled: `batch, table, of_batch, sheet, row`."""
    frame: pl.DataFrame = frame_of(connection.sql("SELECT * FROM completion"))
    return frame


def places_kept_out(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Where rows ever kept out stand, and whose they are, of all tables in the dictionary's order.

    Returns:
        `table, _batch, _file, _sheet, _row` and the texts `year, credit_code, name`, missing in tables without them.
    """
    whose = ", ".join(f"q.{name}" for name in _OWNER)
    every = " UNION ALL ".join(
        f"SELECT {n} AS n, '{name}' AS \"table\", _batch, _sheet, _row, {_owner(table)} "  # noqa: S608
        f"FROM quarantine.{quoted(name)}"
        for n, (name, table) in enumerate(TABLES.items())
    )
    places: pl.DataFrame = frame_of(
        connection.sql(
            f'SELECT q."table", q._batch, b.file AS _file, q._sheet, q._row, {whose} '  # noqa: S608
            f"FROM ({every}) q JOIN batch b ON b.number = q._batch ORDER BY q.n, q._batch, q._sheet, q._row"
        )
    )
    return places


def _owner(table: Table) -> str:
    return ", ".join(name if name in table.by_name else f"NULL::VARCHAR AS {name}" for name in _OWNER)
