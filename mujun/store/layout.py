"""How a store lies in its file: schemas, tables, the views of what is current, and the format's version.

    main.store               one row: that this is a mujun store, its format, who made it
    main.batch               one row per file loaded at one time
    main.form                which columns a batch's file carried of a table; several where its sheets differ
    main.finding             what was wrong, per batch
    main.run, main.run_table past ratings: what they were computed from, and their results
    main.list_document       the rectification lists as issued, and their amendments: frozen, numbered
    main.issue               workbooks handed out to be filled in and returned, with every given cell
    main.event               what happened to a listed enterprise or parcel, and when it was written down
    records.<table>          every row ever loaded, with its batch and form; without form: kept, but never stands
    quarantine.<table>       rows kept out, as text, with their batch and form, and the township their file gives
    current.<table>          view: per key, each field from the newest batch whose file carried it; of land, where a key
                             has many rows, all rows of the newest batch
    as_of.<table>(n)         the same as it was when batch n was the newest

There are no primary keys and no statement here or elsewhere changes or removes a row.
"""

from __future__ import annotations

from collections.abc import Iterator

from mujun.fields import TABLES, Kind, Table

FORMAT = 4
"""The version of all below. Whoever changes the layout or the dictionary's columns raises it; a test sees to that."""

_SQL_TYPES: dict[Kind, str] = {
    "quantity": "DECIMAL(18, 6)",
    "text": "VARCHAR",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "texts": "VARCHAR[]",
    "whole": "INTEGER",
}

ORIGIN: tuple[str, ...] = ("_batch", "_file", "_sheet", "_row", "_loaded_at")
"""Where a row comes from: columns that follow a table's own in everything read from the store. Times are in UTC.

Of a row that several batches make up it is the newest of them.
"""

_MAIN = (
    "CREATE TABLE store (format INTEGER, mujun_version VARCHAR, created_at TIMESTAMP)",
    """CREATE TABLE batch (
        number INTEGER, file VARCHAR, sha256 VARCHAR, loaded_at TIMESTAMP,
        who VARCHAR, reason VARCHAR, document VARCHAR, tables VARCHAR[],
        rows_read BIGINT, rows BIGINT, quarantined BIGINT, totals_left_out BIGINT,
        errors BIGINT, warnings BIGINT, mujun_version VARCHAR)""",
    'CREATE TABLE form (number INTEGER, batch INTEGER, "table" VARCHAR, columns VARCHAR[])',
    """CREATE TABLE finding (
        batch INTEGER, number BIGINT, severity VARCHAR, code VARCHAR, "table" VARCHAR, file VARCHAR, sheet VARCHAR,
        "row" BIGINT, year INTEGER, credit_code VARCHAR, name VARCHAR, field VARCHAR, value VARCHAR, owner VARCHAR,
        "values" VARCHAR)""",
    """CREATE TABLE run (
        number INTEGER, year INTEGER, rules VARCHAR, rule_files VARCHAR, batch INTEGER, mujun_version VARCHAR,
        label VARCHAR, final BOOLEAN, binding BOOLEAN, digest VARCHAR, created_at TIMESTAMP, who VARCHAR)""",
    "CREATE TABLE run_table (run INTEGER, name VARCHAR, rows BIGINT, digest VARCHAR, parquet BLOB)",
    """CREATE TABLE list_document (
        number INTEGER, year INTEGER, kind VARCHAR, amends INTEGER, title VARCHAR, document VARCHAR, reason VARCHAR,
        issued_on DATE, run INTEGER, rules VARCHAR, rule_files VARCHAR, mujun_version VARCHAR, digest VARCHAR,
        recorded_at TIMESTAMP, who VARCHAR)""",
    "CREATE TABLE list_table (document INTEGER, name VARCHAR, rows BIGINT, parquet BLOB)",
    """CREATE TABLE issue (
        number INTEGER, kind VARCHAR, mark VARCHAR, year INTEGER, township VARCHAR, batch INTEGER, rules VARCHAR,
        rows BIGINT, given BLOB, issued_at TIMESTAMP, who VARCHAR, mujun_version VARCHAR)""",
    """CREATE TABLE event (
        number INTEGER, subject_kind VARCHAR, subject VARCHAR, action VARCHAR, happened_on DATE, actor VARCHAR,
        note VARCHAR, document VARCHAR, evidence VARCHAR[], waiver VARCHAR, path VARCHAR, deadline DATE,
        department VARCHAR, land_mu DECIMAL(18, 6), energy_tce DECIMAL(18, 6), list_document INTEGER,
        revokes INTEGER, file VARCHAR, sheet VARCHAR, "row" BIGINT, sha256 VARCHAR, recorded_at TIMESTAMP,
        who VARCHAR)""",
)


def quoted(name: str) -> str:
    """A column or table name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def statements() -> Iterator[str]:
    """Everything a new store is made with, in order."""
    for schema in ("records", "quarantine", "current", "as_of"):
        yield f"CREATE SCHEMA {quoted(schema)}"
    yield from _MAIN
    for table in TABLES.values():
        name = quoted(table.name)
        typed = ", ".join(f"{quoted(f.name)} {_SQL_TYPES[f.kind]}" for f in table.fields)
        as_text = ", ".join(f"{quoted(f.name)} VARCHAR" for f in table.fields)
        yield f"CREATE TABLE records.{name} ({typed}, _batch INTEGER, _form INTEGER, _sheet VARCHAR, _row BIGINT)"
        yield (
            f"CREATE TABLE quarantine.{name} ({as_text}, _township VARCHAR, _batch INTEGER, _form INTEGER, "
            "_sheet VARCHAR, _row BIGINT)"
        )
        yield f"CREATE VIEW current.{name} AS {newest(table)}"
        yield f"CREATE MACRO as_of.{name}(n) AS TABLE {newest(table, 'WHERE r._batch <= n')}"


def newest(table: Table, where: str = "") -> str:
    """The query for what stands: field by field, or all rows of the newest batch where a key has many."""
    return _newest_rows(table, where) if table.many else _newest_fields(table, where)


def _newest_rows(table: Table, where: str) -> str:
    columns = ", ".join(f"r.{quoted(f.name)}" for f in table.fields)
    key = ", ".join(f"r.{quoted(k)}" for k in table.key)
    return (
        f"SELECT {columns}, r._batch, b.file AS _file, r._sheet, r._row, b.loaded_at AS _loaded_at "  # noqa: S608
        f"FROM records.{quoted(table.name)} r JOIN batch b ON b.number = r._batch {where} "
        f"QUALIFY r._batch = max(r._batch) OVER (PARTITION BY {key})"
    )


def _newest_fields(table: Table, where: str) -> str:
    key = ", ".join(f"r.{quoted(k)}" for k in table.key)
    others = [quoted(f.name) for f in table.fields if f.name not in table.key]
    # Forms are numbered through: a newer batch has higher ones, and in one form a key stands once.
    values = "".join(f"arg_max_null(r.{f}, CASE WHEN c.{f} THEN r._form END) AS {f}, " for f in others)
    columns = ", ".join(f"k.{quoted(f.name)}" for f in table.fields)
    return (
        f"WITH c AS ({carried(table)}), "  # noqa: S608
        f"k AS (SELECT {key}, {values}max(r._batch) AS _batch, "
        "arg_max_null(r._sheet, r._form) AS _sheet, arg_max_null(r._row, r._form) AS _row "
        f"FROM records.{quoted(table.name)} r JOIN c ON c._form = r._form {where} GROUP BY {key}) "
        f"SELECT {columns}, k._batch, b.file AS _file, k._sheet, k._row, b.loaded_at AS _loaded_at "
        "FROM k JOIN batch b ON b.number = k._batch"
    )


def carried(table: Table) -> str:
    """The query for the forms of a table: `_form`, and for every field whether the form carries it."""
    fields = ", ".join(f"list_contains(columns, '{f.name}') AS {quoted(f.name)}" for f in table.fields)
    return f"SELECT number AS _form, {fields} FROM form WHERE \"table\" = '{table.name}'"  # noqa: S608
