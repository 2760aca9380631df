"""Looking at what the store holds: the current state, an earlier one, and how a firm's records came about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    return current_tables(connection, [name], as_of_batch=as_of_batch)[name]


def current_tables(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str],
    *,
    as_of_batch: int | None = None,
    years: Mapping[str, Collection[int]] | None = None,
) -> dict[str, pl.DataFrame]:
    """Several tables as `current` gives them, all of one moment.

    Args:
        connection: of the store.
        names: the tables.
        as_of_batch: as they stood when this batch was the newest.
        years: by table the data years that are wanted; of other tables all rows.
    """
    until = None if as_of_batch is None else f"r._batch <= {known_batch(connection, as_of_batch):d}"
    tables = {name: known_table(name) for name in names}
    where = {}
    for name in tables:
        wanted = (years or {}).get(name)
        of_years = None if wanted is None else f'r."year" IN ({", ".join(f"{y:d}" for y in wanted)})'
        conditions = [c for c in (until, of_years) if c is not None]
        where[name] = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    sources = _sources(connection)
    return {name: _current(connection, table, where[name], sources) for name, table in tables.items()}


@dataclass(frozen=True)
class _Sources:
    """What the rows of all tables are read with: their batches, and what their forms carry.

    Attributes:
        batches: `_batch, _file, _loaded_at`.
        forms: by table and number of a form that may stand, the fields it carries.
        whole: the numbers of the forms whose blanks count.
        added: the tables in which a file was ever added to what stood.
    """

    batches: pl.DataFrame
    forms: Mapping[str, Mapping[int, frozenset[str]]]
    whole: frozenset[int]
    added: frozenset[str]


def _sources(connection: duckdb.DuckDBPyConnection) -> _Sources:
    files = frame_of(connection.sql("SELECT number AS _batch, file AS _file, loaded_at AS _loaded_at FROM batch"))
    asked = (
        "SELECT number, \"table\", columns, coalesce(m.way, 'whole') FROM form LEFT JOIN meeting m ON m.form = number"
    )
    forms: dict[str, dict[int, frozenset[str]]] = {}
    whole, added = set(), set()
    for number, table, columns, way in connection.execute(asked).fetchall():
        if way not in NEVER:
            forms.setdefault(table, {})[number] = frozenset(columns)
        if way == "whole":
            whole.add(number)
        if way == "add":
            added.add(table)
    return _Sources(files, forms, frozenset(whole), frozenset(added))


def _current(connection: duckdb.DuckDBPyConnection, table: Table, where: str, sources: _Sources) -> pl.DataFrame:
    """A table as it stands; of most by what is read here, which gives what `newest` gives without its planning."""
    if table.name not in sources.forms:
        return pl.DataFrame(schema={**table.schema, **_ORIGIN_TYPES})
    order = [*table.key, "_batch", "_sheet", "_row"]
    by = ", ".join(quoted(c) for c in order)
    if table.name not in sources.added:
        rows = frame_of(connection.sql(f"SELECT * FROM records.{quoted(table.name)} r {where} ORDER BY {by}"))  # noqa: S608
        rows = rows.filter(pl.col("_form").is_in(list(sources.forms[table.name])))
        stand = _of_one_batch(rows, table) if table.many else _newest_of_fields(rows, table, sources, order)
        if stand is not None:
            filled = stand.drop("_form").join(sources.batches, on="_batch", how="left", maintain_order="left")
            return _typed(filled, table)
    source = f"({newest(table, where, sums=table.name in sources.added)})"
    return _typed(frame_of(connection.sql(f"SELECT * FROM {source} ORDER BY {by}")), table)  # noqa: S608


def _of_one_batch(rows: pl.DataFrame, table: Table) -> pl.DataFrame | None:
    """All rows, where no key (whose rows of a batch stand together) has rows of two batches; else nothing."""
    batches = rows.select(*table.key, "_batch").unique()
    return None if batches.select(table.key).is_duplicated().any() else rows


def _newest_of_fields(rows: pl.DataFrame, table: Table, sources: _Sources, order: Sequence[str]) -> pl.DataFrame:
    """A row per key, each field from the newest form that says anything of it, where nothing was added."""
    forms = sources.forms[table.name]
    others = [f for f in table.by_name if f not in table.key]
    lacking = {f: [number for number, carried in forms.items() if f not in carried] for f in others}
    carries = {f: ~pl.col("_form").is_in(numbers) if numbers else pl.lit(value=True) for f, numbers in lacking.items()}
    several = rows.select(table.key).is_duplicated()
    once = rows.filter(~several) if several.any() else rows
    blank = [pl.when(carries[f]).then(pl.col(f)).alias(f) for f, numbers in lacking.items() if numbers]
    once = once.with_columns(blank)
    if not several.any():
        return once
    counts = pl.col("_form").is_in(list(sources.whole))
    newest_of = [pl.col(f).filter(carries[f] & (counts | pl.col(f).is_not_null())).last() for f in others]
    # In one form a key stands once.
    together = (
        rows.filter(several)
        .sort("_form")
        .group_by(table.key, maintain_order=True)
        .agg(*newest_of, pl.col("_batch").max(), pl.col("_sheet", "_row", "_form").last())
    )
    return pl.concat([once, together.select(once.columns)]).sort(order, nulls_last=True)


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
