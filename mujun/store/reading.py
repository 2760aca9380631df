"""Looking at what the store holds: the current state, an earlier one, and how a firm's records came about."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import polars as pl

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.fields import TABLES, Table, nearest
from mujun.store.batches import newest_batch
from mujun.store.layout import ORIGIN, carried, quoted

_UTC = pl.Datetime("us", "UTC")


def known_table(name: str) -> Table:
    """The table of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in TABLES:
        close = nearest(name, TABLES)
        raise UsageError(problem("store_unknown_table", table=name, known=[close] if close else list(TABLES)))
    return TABLES[name]


def known_batch(connection: duckdb.DuckDBPyConnection, batch: int) -> int:
    """That batch number, if there is such a batch.

    Raises:
        UsageError: there is none.
    """
    newest = newest_batch(connection)
    if newest == 0:
        raise UsageError(problem("store_no_batch", batch=batch))
    if not 1 <= batch <= newest:
        span = "1" if newest == 1 else messages.text("store_span", first=1, last=newest)
        raise UsageError(problem("store_unknown_batch", batch=batch, known=span))
    return batch


def current(connection: duckdb.DuckDBPyConnection, name: str, *, as_of_batch: int | None = None) -> pl.DataFrame:
    """A table as it stands, or stood when `as_of_batch` was the newest.

    Each field of a key comes from the newest batch whose file carried that column, blank or not; in a table where a
    key has many rows (land) the rows of its newest batch stand together.

    Returns:
        The table's columns, then `ORIGIN` (of the newest batch that says anything of the key), sorted by key, batch,
        sheet and row; `_loaded_at` in UTC.
    """
    table = known_table(name)
    if as_of_batch is None:
        source = f"current.{quoted(name)}"
    else:
        source = f"as_of.{quoted(name)}({known_batch(connection, as_of_batch):d})"
    order = ", ".join(quoted(c) for c in (*table.key, "_batch", "_sheet", "_row"))
    return _typed(connection.sql(f"SELECT * FROM {source} ORDER BY {order}").pl(), table)  # noqa: S608


def current_tables(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str], *, as_of_batch: int | None = None
) -> dict[str, pl.DataFrame]:
    """Several tables as `current` gives them, all of one moment."""
    return {name: current(connection, name, as_of_batch=as_of_batch) for name in names}


def history(connection: duckdb.DuckDBPyConnection, name: str, whose: str) -> pl.DataFrame:
    """Every row a table ever had about one firm, newest batch first.

    Args:
        connection: of the store.
        name: the table.
        whose: the firm's credit code; the parcel's number where the table has no credit code.

    Returns:
        The table's columns, `ORIGIN`, then `_who`, `_reason`, `_document` of the batch, and `_current`: whether the
        row stands, if only with one of its fields.
    """
    table = known_table(name)
    owner = owner_of(table)
    columns = ", ".join(f"r.{quoted(f)}" for f in table.by_name)
    key = ", ".join(f"r.{quoted(k)}" for k in table.key)
    rows = connection.sql(
        f"SELECT {columns}, r._batch, b.file AS _file, r._sheet, r._row, b.loaded_at AS _loaded_at, "  # noqa: S608
        "b.who AS _who, b.reason AS _reason, b.document AS _document, "
        f"coalesce({_stands(table)}, false) AS _current "
        f"FROM records.{quoted(name)} r JOIN batch b ON b.number = r._batch "
        f"LEFT JOIN ({carried(table)}) c ON c._form = r._form WHERE r.{quoted(owner)} = $whose "
        f"ORDER BY r._batch DESC, {key}, r._sheet, r._row",
        params={"whose": whose},
    ).pl()
    return _typed(rows, table)


def owner_of(table: Table) -> str:
    """The field that says whose a record is."""
    return "credit_code" if "credit_code" in table.by_name else table.key[0]


def _stands(table: Table) -> str:
    """Whether a row `r` of the form `c` stands: as the newest of its key, or with a field that no newer one carries."""
    over = "OVER (PARTITION BY " + ", ".join(f"r.{quoted(k)}" for k in table.key) + ")"
    if table.many:
        return f"r._batch = max(r._batch) {over}"
    carriers = (
        f"(c.{f} AND r._form = max(CASE WHEN c.{f} THEN r._form END) {over})"
        for f in (quoted(f.name) for f in table.fields if f.name not in table.key)
    )
    return " OR ".join((f"r._form = max(r._form) {over}", *carriers))


def _typed(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    later = [c for c in rows.columns if c not in table.schema and c not in ORIGIN]
    return rows.select(
        *(pl.col(name).cast(dtype) for name, dtype in table.schema.items()),
        pl.col("_batch").cast(pl.Int32),
        "_file",
        "_sheet",
        "_row",
        pl.col("_loaded_at").dt.replace_time_zone("UTC").cast(_UTC),
        *later,
    )
