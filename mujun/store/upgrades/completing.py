"""Tables, columns and views of a store made those of the program that is running; no row is touched."""

from __future__ import annotations

import duckdb

from mujun.store import writings
from mujun.store.connecting import now, version
from mujun.store.layout import FORMAT, columns, create_table, quoted, signature, views


def complete(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Add the tables and columns that are missing and make the views anew, in one transaction.

    Args:
        connection: to a store of the present format, open for writing, without a transaction.

    Returns:
        What was added: tables as `records.surveys`, columns as `records.surveys.operation`.
    """
    connection.execute("BEGIN")
    try:
        added = add_missing(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("CHECKPOINT")
    return added


def add_missing(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What `complete` does, within the transaction that is open."""
    there: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal"
    ).fetchall():
        there.setdefault((schema, table), set()).add(column)
    added = []
    for (schema, table), wanted in columns().items():
        if (schema, table) not in there:
            connection.execute(create_table(schema, table, wanted))
            added.append(f"{schema}.{table}")
            continue
        for column, kind in wanted.items():
            if column not in there[schema, table]:
                connection.execute(f"ALTER TABLE {schema}.{quoted(table)} ADD COLUMN {quoted(column)} {kind}")
                added.append(f"{schema}.{table}.{column}")
    for view in views():
        connection.execute(view)
    # Whoever wrote with another version of the program may have left some out.
    writings.fill(connection)
    connection.execute("INSERT INTO layout VALUES (?, ?, ?, ?)", [FORMAT, signature(), version(), now()])
    return tuple(added)
