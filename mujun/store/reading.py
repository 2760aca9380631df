"""Looking at what the store holds: the current state, an earlier one, and how a firm's records came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import duckdb
import polars as pl

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.fields import TABLES, Table, nearest
from mujun.store.connecting import first_row, frame_of, newest_batch
from mujun.store.current_figures import standing, standing_rows, way_of
from mujun.store.layout import NEVER, ORIGIN, newest, quoted

_UTC = pl.Datetime("us", "UTC")
_ORIGIN_TYPES: dict[str, pl.DataType] = {
    "_batch": pl.Int32(), "_file": pl.String(), "_sheet": pl.String(), "_row": pl.Int64(), "_loaded_at": _UTC,
}  # fmt: skip


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

    Each field of a key comes from the newest batch that said something of it (a correction may say that there is
    nothing), with what was added to it; in a table where a key has many rows (land) the rows stand that nothing
    superseded.

    Returns:
        The table's columns, then `ORIGIN` (of the newest batch that says anything of the key), sorted by key, batch,
        sheet and row; `_loaded_at` in UTC.
    """
    until = "" if as_of_batch is None else f"WHERE r._batch <= {known_batch(connection, as_of_batch):d}"
    return _current(connection, known_table(name), until, sums=_adds(connection))


def _adds(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether any file was ever added to what stood."""
    return first_row(connection, "SELECT 1 FROM meeting WHERE way = 'add' LIMIT 1") is not None


def _current(connection: duckdb.DuckDBPyConnection, table: Table, until: str, *, sums: bool) -> pl.DataFrame:
    source = f"({newest(table, until, sums=sums)})"
    order = ", ".join(quoted(c) for c in (*table.key, "_batch", "_sheet", "_row"))
    return _typed(frame_of(connection.sql(f"SELECT * FROM {source} ORDER BY {order}")), table)  # noqa: S608


def current_tables(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str], *, as_of_batch: int | None = None
) -> dict[str, pl.DataFrame]:
    """Several tables as `current` gives them, all of one moment."""
    until = "" if as_of_batch is None else f"WHERE r._batch <= {known_batch(connection, as_of_batch):d}"
    tables, sums = [known_table(name) for name in names], _adds(connection)
    filled = _filled(connection, tables)
    # The query for what stands takes as long to plan for a table without rows as for any.
    return {t.name: _current(connection, t, until, sums=sums) if t.name in filled else _empty(t) for t in tables}


def _filled(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> set[str]:
    """The tables that have ever had a row."""
    asked = " UNION ALL ".join(
        f"SELECT '{t.name}' WHERE EXISTS (SELECT 1 FROM records.{quoted(t.name)})"  # noqa: S608
        for t in tables
    )
    return {name for (name,) in connection.execute(asked).fetchall()} if tables else set()


def _empty(table: Table) -> pl.DataFrame:
    """What `current` gives of a table without rows."""
    return pl.DataFrame(schema={**table.schema, **_ORIGIN_TYPES})


def median(connection: duckdb.DuckDBPyConnection, table: Table, field: str, year: int) -> Decimal | None:
    """The middle figure of a field in a year as it stands, without sign and zeros; the lower one of two."""
    f = quoted(table.by_name[field].name)
    found = first_row(
        connection,
        f"SELECT quantile_disc(abs({f}), 0.5) FROM current.{quoted(table.name)} WHERE year = ? AND {f} <> 0",  # noqa: S608
        [year],
    )
    return None if found is None or found[0] is None else Decimal(found[0])


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
    columns = ", ".join(f"r.{quoted(f)}" for f in table.by_name)
    key = ", ".join(f"r.{quoted(k)}" for k in table.key)
    rows = frame_of(
        connection.sql(
            f"SELECT {columns}, r._batch, b.file AS _file, r._sheet, r._row, b.loaded_at AS _loaded_at, "  # noqa: S608
            "b.who AS _who, b.reason AS _reason, b.document AS _document, r._form, c.columns AS _columns, "
            "CASE WHEN c.number IS NULL THEN 'kept' ELSE m.way END AS _way, m.series AS _series "
            f"FROM records.{quoted(name)} r JOIN batch b ON b.number = r._batch "
            "LEFT JOIN form c ON c.number = r._form LEFT JOIN meeting m ON m.form = c.number "
            f"WHERE r.{quoted(owner_of(table))} = $whose ORDER BY r._batch DESC, {key}, r._sheet, r._row",
            params={"whose": whose},
        )
    )
    return _typed(_with_current(table, rows), table)


def _with_current(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `_current`: whether a row stands, as the newest of its key or with a field of its own."""
    numbered = list(rows.with_row_index("_i").iter_rows(named=True))
    stands: set[object] = set()
    by_key: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for row in sorted(numbered, key=lambda r: (r["_batch"], r["_form"] or 0)):
        by_key.setdefault(tuple(row[k] for k in table.key), []).append(row)
    for of_key in by_key.values():
        if table.many:
            stands |= {row["_i"] for row in standing_rows(of_key)}
            continue
        stand = standing(table, of_key)
        figures = (stand.figure(f) for f in table.by_name)
        stands |= {row["_i"] for figure in figures if figure is not None for row in figure.rows}
        stands |= {row["_i"] for row in [r for r in of_key if way_of(r) not in NEVER][-1:]}
    current = pl.Series("_current", [i in stands for i in range(rows.height)], dtype=pl.Boolean)
    return rows.drop("_form", "_columns", "_way", "_series").with_columns(current)


def owner_of(table: Table) -> str:
    """The field that says whose a record is."""
    return "credit_code" if "credit_code" in table.by_name else table.key[0]


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
