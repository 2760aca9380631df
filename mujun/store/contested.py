"""Figures on which files say different things and nobody has decided yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import duckdb
import polars as pl

from mujun import messages
from mujun.fields import TABLES, Table
from mujun.store.connecting import frame_of
from mujun.store.current_figures import Row, Standing, said_by, standing_rows, way_of
from mujun.store.layout import DECIDES, TELLS_ROWS, quoted, same_key
from mujun.store.met import SAYS, WAITING, waiting_row

CONTESTED: dict[str, pl.DataType] = {"batch": pl.Int32(), **WAITING}
"""Columns of what `contested` gives: the batch that waits, then as in `WAITING`."""


def contested(
    connection: duckdb.DuckDBPyConnection, *, year: int | None = None, as_of_batch: int | None = None
) -> pl.DataFrame:
    """Every figure that waits because another file says otherwise.

    A figure waits no more once a person has decided on it (by loading with `replace`, `add` or `keep`, or by a
    correction), once its sender has sent another, or once what stands says the same.

    Args:
        connection: of the store.
        year: only of this data year, and of records without a year.
        as_of_batch: as it was when this batch was the newest.

    Returns:
        Columns `CONTESTED`, a row per figure and file that waits; of land per firm, year and tenure, in words. Sorted
        by table, key and field.
    """
    waiting = connection.execute(
        'SELECT DISTINCT f."table" FROM form f JOIN meeting m ON m.form = f.number '
        "WHERE m.way = 'wait' AND (f.batch <= $until OR $until IS NULL)",
        {"until": as_of_batch},
    ).fetchall()
    open_rows: list[tuple[object, ...]] = []
    for name in sorted(t for (t,) in waiting):
        table = TABLES[name]
        rows = _rows(connection, table, year, as_of_batch).iter_rows(named=True)
        open_ = _open_rows if table.many else _open_fields
        for _, of_key in groupby(rows, lambda row, key=table.key: [row[k] for k in key]):  # type: ignore[misc]
            open_rows += open_(table, list(of_key))
    return pl.DataFrame(open_rows, schema=CONTESTED, orient="row")


def _rows(connection: duckdb.DuckDBPyConnection, table: Table, year: int | None, until: int | None) -> pl.DataFrame:
    """Every row of the keys of which something waits, oldest first within a key."""
    key = ", ".join(f"r.{quoted(k)}" for k in table.key)
    same = same_key(table, "w", "r")
    source = (
        f"FROM records.{quoted(table.name)} r JOIN form c ON c.number = r._form JOIN meeting m ON m.form = c.number"
    )
    of_year = 'AND r."year" = $year' if table.yearly and year is not None else ""
    asked = {"until": until, **({"year": year} if of_year else {})}
    rows: pl.DataFrame = frame_of(
        connection.sql(
            f"WITH w AS (SELECT DISTINCT {key} {source} "  # noqa: S608
            f"WHERE m.way = 'wait' AND (r._batch <= $until OR $until IS NULL) {of_year}) "
            "SELECT r.*, b.file AS _file, c.columns AS _columns, m.way AS _way, m.series AS _series "
            f"FROM records.{quoted(table.name)} r SEMI JOIN w ON {same} JOIN form c ON c.number = r._form "
            "LEFT JOIN meeting m ON m.form = c.number JOIN batch b ON b.number = r._batch "
            f"WHERE (r._batch <= $until OR $until IS NULL) ORDER BY {key}, r._form, r._sheet, r._row",
            params=asked,
        )
    )
    return rows


def _open_fields(table: Table, rows: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    stands = Standing()
    waiting: dict[str, dict[object, Row]] = {}
    for row in rows:
        way, series = way_of(row), row["_series"]
        stands.take(table, row)
        for f in said_by(table, row):
            if way == "wait":
                waiting.setdefault(f, {})[series] = row
            elif way in DECIDES:
                waiting.pop(f, None)
            elif way == "said" and f in waiting:
                waiting[f].pop(series, None)
    for f in table.by_name:
        figure = stands.figure(f)
        value = None if figure is None else figure.value
        stood_in = None if figure is None else " + ".join(dict.fromkeys(str(r["_file"]) for r in figure.rows))
        for row in waiting.get(f, {}).values():
            if row[f] != value:
                yield (row["_batch"], *waiting_row(table, row, f, value, stood_in, row[f]))


def _open_rows(table: Table, rows: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    waiting: dict[object, dict[object, list[Row]]] = {}
    for _, of_batch in groupby(rows, lambda row: row["_batch"]):
        several = list(of_batch)
        for row in several:
            way, tenure, series = way_of(row), row[TELLS_ROWS], row["_series"]
            if way == "whole":
                waiting.clear()
            elif way in DECIDES:
                waiting.pop(tenure, None)
            elif way == "said":
                for of_tenure in waiting.values():
                    of_tenure.pop(series, None)
        for row in (r for r in several if way_of(r) == "wait"):
            of_tenure = waiting.setdefault(row[TELLS_ROWS], {})
            if of_tenure.get(row["_series"], [row])[0]["_batch"] != row["_batch"]:
                of_tenure.pop(row["_series"])
            of_tenure.setdefault(row["_series"], []).append(row)
    standing = standing_rows(rows)
    for tenure in sorted(waiting, key=str):
        now = [r for r in standing if r[TELLS_ROWS] == tenure]
        for mine in waiting[tenure].values():
            if sorted(map(_said, mine)) != sorted(map(_said, now)):
                first = mine[0]
                yield (
                    first["_batch"], table.name, first["year"], first["credit_code"], first["name"], tenure, "area_mu",
                    _words(now), " + ".join(dict.fromkeys(str(r["_file"]) for r in now)) or None, _words(mine),
                    first["_file"], first["_sheet"], first["_row"],
                )  # fmt: skip


def _said(row: Row) -> tuple[str, ...]:
    return tuple("" if row[n] is None else messages.show(row[n]) for n in SAYS)


def _words(rows: Sequence[Row]) -> str | None:
    """Rows of land in words: parcel, area, the other side."""

    def one(row: Mapping[str, object]) -> str:
        parts = (row["parcel"], f"{messages.show(row['area_mu'])}亩", row["counterparty"])
        return " ".join(str(p) for p in parts if p is not None)

    return "；".join(one(r) for r in rows) or None
