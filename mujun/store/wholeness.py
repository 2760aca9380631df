"""Whether a store is whole before anything is added to it: a file cut short would take a batch and lose it later."""

from __future__ import annotations

from pathlib import Path

import duckdb

from mujun.errors import StoreError, problem
from mujun.store.duckdb_errors import told_plainly
from mujun.store.layout import KEPT, quoted

_BEFORE_BLOCKS = 3 * 4096
"""Bytes of DuckDB's headers, which stand before the blocks."""


def check_whole(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Hold the file's length against the blocks in use, and read the last row of every table.

    What a copy that broke off has lost lies at the file's end, and so do the newest rows.

    Raises:
        StoreError: `store_cut_short`, or `store_table_damaged` with the table's name.
    """
    with told_plainly(path, opening=True):
        size, total, free = _blocks(connection)
        # Half of a store's tables are empty, which its catalogue knows, and looking into each takes a millisecond.
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE estimated_size > 0 AND schema_name = 'main' "
            "OR schema_name = ? AND table_name = (SELECT 'run_' || max(number) FROM run)",
            [KEPT],
        ).fetchall()
    there = (path.stat().st_size - _BEFORE_BLOCKS) // size if size else 0
    if there < total:
        # Free blocks at the end may have been given back to the disk: then the file is as long as its last used one.
        with told_plainly(path, opening=True):
            needed = max(_last_used(connection) + 1, total - free)
        if there < needed:
            raise StoreError(problem("store_cut_short", file=path, missing=needed - there))
    for schema, name in names:
        table = f"{schema}.{quoted(name)}"
        try:
            # All of it is read, and nothing of it handed over: a run of a province keeps a hundred megabytes.
            last = f"SELECT hash(t) FROM {table} t WHERE rowid = (SELECT max(rowid) FROM {table})"  # noqa: S608 (our own)
            connection.execute(last).fetchall()
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise StoreError(problem("store_table_damaged", file=path, table=name, reason=reason)) from error


def _blocks(connection: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
    """Bytes of a block, blocks there should be, and those of them that are free."""
    row = connection.execute("SELECT block_size, total_blocks, free_blocks FROM pragma_database_size()").fetchall()[0]
    return int(row[0]), int(row[1]), int(row[2])


def _last_used(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the last block in which anything stands; blocks count from 0."""
    used = connection.execute("SELECT max(block_id) FROM pragma_metadata_info() WHERE free_blocks < total_blocks")
    last = int(used.fetchall()[0][0] or 0)
    tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
    for schema, table in tables:
        parts = connection.execute(
            "SELECT max(greatest(block_id, coalesce(list_max(additional_block_ids), -1))) FROM pragma_storage_info(?)",
            [f"{quoted(schema)}.{quoted(table)}"],
        ).fetchall()
        last = max(last, int(parts[0][0] or 0))
    return last
