"""Looking at what the store holds: the current state, an earlier one, and how a firm's records came about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal

import duckdb
import polars as pl

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.fields import TABLES, Table, nearest
from mujun.store.connecting import first_row, frame_of, newest_batch
from mujun.store.current_figures import standing, standing_rows, way_of
from mujun.store.layout import NEVER, newest, quoted
from mujun.store.standing import ORIGIN_TYPES, Sources, row_order, sources_of, standing_of, typed


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
    return current_tables(connection, [name], as_of_batch=as_of_batch)[name]


def current_tables(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str],
    *,
    as_of_batch: int | None = None,
    years: Mapping[str, Collection[int]] | None = None,
    fields: Mapping[str, Collection[str]] | None = None,
) -> dict[str, pl.DataFrame]:
    """Several tables as `current` gives them, all of one moment.

    Args:
        connection: of the store.
        names: the tables.
        as_of_batch: as they stood when this batch was the newest.
        years: by table the data years that are wanted; of other tables all rows.
        fields: by table the fields that are wanted beside its key, as `current_where` takes them; of other tables all.
    """
    read = current_reader(connection, as_of_batch=as_of_batch, years=years, fields=fields)
    return {name: read(name) for name in [known_table(name).name for name in names]}


def current_reader(
    connection: duckdb.DuckDBPyConnection,
    *,
    as_of_batch: int | None = None,
    years: Mapping[str, Collection[int]] | None = None,
    fields: Mapping[str, Collection[str]] | None = None,
) -> Callable[[str], pl.DataFrame]:
    """What reads single tables as `current_tables` does, each when it is asked for, all of one moment."""
    until = None if as_of_batch is None else f"r._batch <= {known_batch(connection, as_of_batch):d}"
    sources = sources_of(connection)

    def read(name: str) -> pl.DataFrame:
        wanted = (years or {}).get(name)
        of_years = None if wanted is None else f'r."year" IN ({", ".join(f"{y:d}" for y in wanted)})'
        conditions = [c for c in (until, of_years) if c is not None]
        return current_where(connection, known_table(name), conditions, sources, (fields or {}).get(name))

    return read


def current_where(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    conditions: Iterable[str],
    sources: Sources,
    fields: Collection[str] | None = None,
) -> pl.DataFrame:
    """What stands of the rows of a table that meet some conditions.

    Args:
        connection: of the store.
        table: the table.
        conditions: on the rows `r`, such that of a key all rows meet them or none; but for those on the batch.
        sources: what all rows are read with.
        fields: those that are wanted beside the key, in no order and of the places `_batch` at most; all, with all
            places and in order, unless told.
    """
    read = [n for n in table.schema if fields is None or n in fields or n in table.key]
    batch = {"_batch": ORIGIN_TYPES["_batch"]} if fields is not None and "_batch" in fields else {}
    plain = {n: table.schema[n] for n in read} | batch
    if table.name not in sources.forms:
        return pl.DataFrame(schema=plain if fields is not None else {**plain, **ORIGIN_TYPES})
    where = f"WHERE {' AND '.join(conditions)}" if (conditions := list(conditions)) else ""
    if table.name not in sources.added:
        stand = standing_of(rows_where(connection, table, where, None if fields is None else read), table, sources)
        if stand is not None:
            return typed(stand, table, sources) if fields is None else stand.select(list(plain))
    by = ", ".join(quoted(c) for c in row_order(table))
    asked = f"SELECT * FROM ({newest(table, where, sums=table.name in sources.added)}) ORDER BY {by}"  # noqa: S608
    rows = frame_of(connection.sql(asked))
    return typed(rows, table) if fields is None else rows.select(pl.col(n).cast(t) for n, t in plain.items())


def rows_where(
    connection: duckdb.DuckDBPyConnection, table: Table, where: str, fields: Iterable[str] | None = None
) -> pl.DataFrame:
    """The rows of a table as they were put in, with batch and form.

    Args:
        connection: of the store.
        table: the table.
        where: the condition on `r`, with its WHERE.
        fields: those that are wanted, without places and in no order; all, with both, unless told.
    """
    columns = (*table.schema, "_batch", "_form", "_sheet", "_row") if fields is None else (*fields, "_batch", "_form")
    read = ", ".join(f"r.{quoted(c)}" for c in columns)
    by = "" if fields is not None else f"ORDER BY {', '.join(f'r.{quoted(c)}' for c in row_order(table))}"
    return frame_of(connection.sql(f"SELECT {read} FROM records.{quoted(table.name)} r {where} {by}"))  # noqa: S608


def years_of(connection: duckdb.DuckDBPyConnection, table: Table) -> list[int]:
    """The data years of which a table says anything that stands, ascending."""
    never = ", ".join(f"'{w}'" for w in NEVER)
    rows = connection.execute(
        f'SELECT DISTINCT r."year" FROM records.{quoted(table.name)} r JOIN form f ON f.number = r._form '  # noqa: S608
        f"LEFT JOIN meeting m ON m.form = f.number WHERE coalesce(m.way, 'whole') NOT IN ({never}) ORDER BY 1"
    ).fetchall()
    return [year for (year,) in rows]


def median(connection: duckdb.DuckDBPyConnection, table: Table, field: str, year: int) -> Decimal | None:
    """The middle figure of a field in a year as it stands, without sign and zeros; the lower one of two."""
    f = quoted(table.by_name[field].name)
    row = first_row(
        connection,
        f"SELECT quantile_disc(abs({f}), 0.5) FROM current.{quoted(table.name)} WHERE year = ? AND {f} <> 0",  # noqa: S608
        [year],
    )
    return None if row is None or row[0] is None else Decimal(row[0])


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
    return typed(_with_current(table, rows), table)


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
