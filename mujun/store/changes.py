"""What was said differently later: the figures of a firm that a newer batch changed, with old and new value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import duckdb
import polars as pl

from mujun import messages
from mujun.fields import TABLES, Table
from mujun.store.connecting import frame_of, newest_batch
from mujun.store.current_figures import Standing, said_by, standing_rows, way_of
from mujun.store.layout import NEVER, quoted
from mujun.store.reading import known_batch, known_table, owner_of

CHANGE_SCHEMA: dict[str, pl.DataType] = {
    "table": pl.String(),
    "year": pl.Int32(),
    "record": pl.String(),
    "field": pl.String(),
    "old": pl.String(),
    "new": pl.String(),
    "batch": pl.Int32(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "reason": pl.String(),
    "document": pl.String(),
    "loaded_at": pl.Datetime("us", "UTC"),
}
"""Columns of what `changes` gives."""

_TELLS_APART = ("parcel", "tenure", "counterparty")
"""What tells rows of one key apart in a table where a key has many."""

Row = Mapping[str, object]


def changes(
    connection: duckdb.DuckDBPyConnection, name: str, whose: str, *, as_of_batch: int | None = None
) -> pl.DataFrame:
    """Every change of a firm's (or a parcel's) records in a table, oldest first.

    A figure that is said for the first time is no change, and neither is one that is said again. Of land, where the
    rows of a batch stand together, rows are paired by parcel, tenure and the other side; a row that came or went as a
    whole is a change without a field, whose value is the row in words.

    Returns:
        Columns `CHANGE_SCHEMA`; the reason and document are the newer batch's, and missing where it was no correction.

    Raises:
        UsageError: there is no such table or batch.
    """
    table = known_table(name)
    until = newest_batch(connection) if as_of_batch is None else known_batch(connection, as_of_batch)
    rows = frame_of(
        connection.sql(
            "SELECT r.*, b.file AS _file, b.reason AS _reason, b.document AS _document, "  # noqa: S608
            f"b.loaded_at AS _loaded_at, c.columns AS _columns, m.way AS _way, m.series AS _series "
            f"FROM records.{quoted(name)} r JOIN batch b ON b.number = r._batch JOIN form c ON c.number = r._form "
            "LEFT JOIN meeting m ON m.form = c.number "
            f"WHERE r.{quoted(owner_of(table))} = $whose AND r._batch <= $until",
            params={"whose": whose, "until": until},
        )
    )
    return changes_in(table, rows)


def changes_in(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """What `changes` gives, from all rows of a firm as they were put in.

    Args:
        table: the table.
        rows: with `_file, _reason, _document, _loaded_at` of their batches, and `_columns, _way, _series` of their
            forms.
    """
    ordered = rows.sort(*table.key, "_form", "_sheet", "_row", nulls_last=True)
    by_key = groupby(ordered.iter_rows(named=True), lambda row: [row[k] for k in table.key])
    differing = _of_rows if table.many else _of_fields
    changed = [change for _, of_key in by_key for change in differing(table, list(of_key))]
    made = pl.DataFrame(changed, schema={**CHANGE_SCHEMA, "loaded_at": pl.Datetime("us")}, orient="row")
    return made.with_columns(pl.col("loaded_at").dt.replace_time_zone("UTC")).sort("batch", maintain_order=True)


def _of_fields(table: Table, rows: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    """Changes of one key whose fields come from several batches, field by field."""
    stands = Standing()
    for row in rows:
        if way_of(row) in NEVER:
            continue
        before = {f: stands.figure(f) for f in said_by(table, row)}
        stands.take(table, row)
        for f, old in before.items():
            new = stands.figure(f)
            if old is not None and new is not None and old.value != new.value:
                yield _change(table, row, f, old.value, new.value)


def _of_rows(table: Table, rows: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    """Changes of one key whose rows of a batch stand together."""
    so_far: list[Row] = []
    before: list[Row] = []
    for _, several in groupby(rows, lambda row: row["_batch"]):
        mine = list(several)
        so_far += mine
        now = standing_rows(so_far)
        if before:
            yield from _between(table, before, now, mine[0])
        before = now


def _between(table: Table, before: Sequence[Row], now: Sequence[Row], of_batch: Row) -> Iterator[tuple[object, ...]]:
    """Changes from the rows before to those now; `of_batch` is a row of the batch that made them."""
    fields = [f for f in table.by_name if f not in table.key and f != "name"]
    old, new = list(before), list(now)
    for row in before:
        same = next((n for n in new if all(n[f] == row[f] for f in fields)), None)
        if same is not None:
            old.remove(row)
            new.remove(same)
    for row in list(old):
        close = [n for n in new if all(n[f] == row[f] for f in _TELLS_APART)]
        alike = [o for o in old if all(o[f] == row[f] for f in _TELLS_APART)]
        if len(close) == len(alike) == 1:
            old.remove(row)
            new.remove(close[0])
            for f in fields:
                if close[0][f] != row[f]:
                    yield _change(table, close[0], f, row[f], close[0][f])
    # Where a row went, the newest batch is the place that says so.
    for row in old:
        yield _change(
            table, {**row, **{c: of_batch[c] for c in of_batch if c.startswith("_")}}, None, _words(row), None
        )
    for row in new:
        yield _change(table, row, None, None, _words(row))


def _words(row: Row) -> str:
    area = None if row.get("area_mu") is None else f"{messages.show(row['area_mu'])}亩"
    parts = (row.get("tenure"), row.get("parcel"), area, row.get("counterparty"))
    return " ".join(str(p) for p in parts if p is not None)


def _change(table: Table, row: Row, field: str | None, old: object, new: object) -> tuple[object, ...]:
    rest = [row[k] for k in table.key if k not in ("year", owner_of(table))]
    if table.many:
        rest = [row[f] for f in ("tenure", "parcel") if row[f] is not None]
    values = [None if v is None else messages.show(v) for v in (old, new)]
    place = (row["_batch"], row["_file"], row["_sheet"], row["_row"], row["_reason"], row["_document"])
    record = messages.show(rest) if rest else None
    return table.name, row.get("year"), record, field, *values, *place, row["_loaded_at"]


def touched(connection: duckdb.DuckDBPyConnection, after: int, until: int) -> pl.DataFrame:
    """Whom the batches after one and up to another speak of.

    Returns:
        `batch`, `credit_code`, each pair once, sorted; records that belong to no enterprise (parcels) are left out.
    """
    parts = [
        f"SELECT _batch AS batch, credit_code FROM records.{quoted(t.name)} WHERE _batch > $after AND _batch <= $until"  # noqa: S608
        for t in TABLES.values()
        if "credit_code" in t.by_name
    ]
    query = f"SELECT DISTINCT batch, credit_code FROM ({' UNION ALL '.join(parts)}) WHERE credit_code IS NOT NULL"  # noqa: S608
    frame: pl.DataFrame = frame_of(connection.sql(query, params={"after": after, "until": until}))
    return frame.sort("batch", "credit_code")
