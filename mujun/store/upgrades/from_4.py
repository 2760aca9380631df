"""From format 4 (mujun 0.1 and 0.2) to format 5 (between 0.2 and 0.3).

Format 5 has a table `layout`, from which a program sees whether tables, columns and views are its own; from then on a
table or a column more needs no new format. Everything else of format 5 is new tables and columns, which `add_missing`
makes, and views, which are made anew at every upgrade. No row of format 4 is changed: a form that has no row in
`meeting` is one of format 4, and counts as it did then.
"""

from __future__ import annotations

import duckdb


def take(connection: duckdb.DuckDBPyConnection) -> None:
    """The step, within the transaction that is open."""
    connection.execute(
        "CREATE TABLE layout (format INTEGER, signature VARCHAR, mujun_version VARCHAR, since TIMESTAMP)"
    )
