"""Where a figure comes from: what makes up a row that several files speak of, field by field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import duckdb
import polars as pl

from mujun import messages
from mujun.fields import TABLES, Table
from mujun.records.finding import Finding
from mujun.store.connecting import frame_of, newest_batch
from mujun.store.current_figures import standing, standing_rows, way_of
from mujun.store.layout import NEVER, carried, quoted, says, texts
from mujun.store.reading import known_batch, known_table, owner_of
from mujun.store.standing import sources_of

ORIGIN_SCHEMA: dict[str, pl.DataType] = {
    "year": pl.Int32(),
    "record": pl.String(),
    "field": pl.String(),
    "value": pl.String(),
    "batch": pl.Int32(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
}
"""Columns of what `origin` gives."""


def origin(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    whose: str,
    year: int | None = None,
    *,
    as_of_batch: int | None = None,
) -> pl.DataFrame:
    """Where each figure of a firm that stands in a table comes from.

    Args:
        connection: of the store.
        name: the table.
        whose: the firm's credit code; the parcel's number where the table has no credit code.
        year: only of this data year, in a table that has years.
        as_of_batch: as it stood when this batch was the newest.

    Returns:
        A row per record and field besides the key, in the order of the dictionary: `year` and `record` (the rest of
        the key, such as a label and its beginning, if any), `field`, its `value` as text, and the batch, file, sheet
        and row it stands in. A field of which no file says anything has neither value nor origin; one that a
        correction left blank has an origin.
        A figure that was added up names all its files, and the sheet and row of the newest.
    """
    years = None if year is None else [year]
    return origins_of_many(connection, [name], [whose], years, as_of_batch=as_of_batch)[name].drop("whose")


def origins_of_many(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str],
    whose: Sequence[str],
    years: Collection[int] | None = None,
    *,
    as_of_batch: int | None = None,
) -> dict[str, pl.DataFrame]:
    """By table what `origin` gives for several firms and years at once, with a first column `whose`."""
    tables = [known_table(name) for name in names]
    until = newest_batch(connection) if as_of_batch is None else known_batch(connection, as_of_batch)
    sources = sources_of(connection)

    def told(table: Table) -> pl.DataFrame:
        wanted = 'AND list_contains($years, r."year")' if table.yearly and years is not None else ""
        asked: dict[str, object] = {"whose": list(whose), "until": until}
        rows = frame_of(
            connection.sql(
                f"SELECT r.* FROM records.{quoted(table.name)} r "  # noqa: S608
                f"WHERE list_contains($whose, r.{quoted(owner_of(table))}) AND r._batch <= $until {wanted}",
                params=asked | ({"years": list(years or ())} if wanted else {}),
            )
        )
        return origins_in(table, rows.join(sources.batches, on="_batch").join(sources.meetings, on="_form"))

    # Of a table that no form may stand in nothing comes from anywhere.
    nothing = pl.DataFrame(schema={"whose": pl.String(), **ORIGIN_SCHEMA})
    return {t.name: told(t) if t.name in sources.forms else nothing for t in tables}


def origins_in(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """What `origins_of_many` gives, from all rows of some firms as they were put in.

    Args:
        table: the table.
        rows: with `_file`, and `_columns, _way, _series` of their forms.
    """
    owner = owner_of(table)
    ordered = rows.sort(*table.key, "_form", "_sheet", "_row", nulls_last=True)
    by_key = groupby(ordered.iter_rows(named=True), lambda row: [row[k] for k in table.key])
    several = (
        (of_key[0][owner], o) for _, group in by_key for of_key in [list(group)] for o in _origins(table, of_key)
    )
    return pl.DataFrame([(w, *o) for w, o in several], schema={"whose": pl.String(), **ORIGIN_SCHEMA}, orient="row")


def _origins(table: Table, rows: Sequence[Mapping[str, object]]) -> Iterator[tuple[object, ...]]:
    """The origins of one key's fields, from its rows, oldest first."""
    rest = [rows[0][k] for k in table.key if k not in ("year", owner_of(table))]
    record, year = messages.show(rest) if rest else None, rows[0].get("year")
    fields = [f for f in table.by_name if f not in table.key]
    if table.many:
        for row in standing_rows(rows):
            for f in fields:
                place = _place([row] if f in row["_columns"] else [])  # type: ignore[operator]
                yield year, record, f, None if row[f] is None else messages.show(row[f]), *place
        return
    stands = standing(table, rows)
    if not any(stands.base) and not any(stands.added) and all(way_of(r) in NEVER for r in rows):
        return
    for f in fields:
        figure = stands.figure(f)
        value = None if figure is None else figure.value
        place = _place(() if figure is None else figure.rows)
        yield year, record, f, None if value is None else messages.show(value), *place


def _place(rows: Sequence[Mapping[str, object]]) -> tuple[object, ...]:
    """Batch, file, sheet and row of the newest of the rows that make up a figure; the files of all of them."""
    if not rows:
        return None, None, None, None
    newest = rows[-1]
    files = list(dict.fromkeys(str(r["_file"]) for r in rows))
    return newest["_batch"], " + ".join(files), newest["_sheet"], newest["_row"]


def located(
    connection: duckdb.DuckDBPyConnection, findings: Iterable[Finding], *, as_of_batch: int | None = None
) -> tuple[Finding, ...]:
    """Findings about figures that stand, each at the place of that figure instead of the newest row of its firm.

    Only findings about a firm's field in a table with one row per year and firm are moved; the others stay as they are.
    """
    findings = tuple(findings)
    until = newest_batch(connection) if as_of_batch is None else known_batch(connection, as_of_batch)
    about: dict[tuple[str, str], set[str]] = {}
    for f in findings:
        if f.field is not None and f.credit_code is not None and _has_places(f.table, f.field):
            about.setdefault((f.table, f.field), set()).add(f.credit_code)
    places = {of: _places(connection, TABLES[of[0]], of[1], until, codes) for of, codes in sorted(about.items())}
    moved = []
    for f in findings:
        place = places.get((f.table, f.field or ""), {}).get((f.year, f.credit_code))
        moved.append(f if place is None else replace(f, file=place[0], sheet=place[1], row=place[2]))
    return tuple(moved)


def places(
    connection: duckdb.DuckDBPyConnection, name: str, field: str, *, as_of_batch: int | None = None
) -> dict[tuple[int | None, str | None], tuple[str, str | None, int | None]]:
    """Of a table with one row per year and firm: by year and firm, the file, sheet and row in which a field stands."""
    until = newest_batch(connection) if as_of_batch is None else known_batch(connection, as_of_batch)
    return _places(connection, known_table(name), field, until) if until else {}


def _has_places(table: str, field: str) -> bool:
    known = TABLES.get(table)
    if known is None or known.many or known.key != ("year", "credit_code"):
        return False
    return field in known.by_name and field not in known.key


FEW = 100
"""Up to so many firms are looked up one by one."""


def _places(
    connection: duckdb.DuckDBPyConnection, table: Table, field: str, until: int, codes: Collection[str] | None = None
) -> dict[tuple[int | None, str | None], tuple[str, str | None, int | None]]:
    """By year and firm, the file, sheet and row in which a field stands; of some firms, where they are few."""
    whose = "" if codes is None or len(codes) > FEW else f" AND r.credit_code IN ({texts(codes)})"
    form = f"CASE WHEN {says(quoted(field))} THEN r._form END"
    rows = connection.execute(
        f"WITH c AS ({carried(table)}), p AS (SELECT r.year, r.credit_code, max({form}) AS form, "  # noqa: S608
        f"arg_max_null(r._batch, {form}) AS batch, arg_max_null(r._sheet, {form}) AS sheet, "
        f"arg_max_null(r._row, {form}) AS row FROM records.{quoted(table.name)} r JOIN c ON c._form = r._form "
        f"WHERE r._batch <= $until{whose} GROUP BY r.year, r.credit_code) "
        "SELECT p.year, p.credit_code, b.file, p.sheet, p.row FROM p JOIN batch b ON b.number = p.batch "
        "WHERE p.form IS NOT NULL",
        {"until": until},
    ).fetchall()
    return {(year, code): (file, sheet, row) for year, code, file, sheet, row in rows}
