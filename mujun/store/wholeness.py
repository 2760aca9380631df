"""Whether a store is whole before anything is added to it: a file cut short would take a batch and lose it later."""

from __future__ import annotations

from collections.abc import Iterable
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
    try:
        _read_last(connection, names)
    except duckdb.Error:
        # One statement for all takes half the time of one for each, but does not say in which table it failed.
        for name in names:
            try:
                _read_last(connection, [name])
            except duckdb.Error as of_table:
                reason = str(of_table).strip().splitlines()[0]
                raise StoreError(problem("store_table_damaged", file=path, table=name[1], reason=reason)) from of_table
        with told_plainly(path, opening=True):
            raise


def _read_last(connection: duckdb.DuckDBPyConnection, names: Iterable[tuple[str, str]]) -> None:
    """Read the last row of tables, which are given by schema and name."""
    tables = [f"{schema}.{quoted(name)}" for schema, name in names]
    # All of it is read, and nothing of it handed over: a run of a province keeps a hundred megabytes.
    last = [f"SELECT hash(t) FROM {t} t WHERE rowid = (SELECT max(rowid) FROM {t})" for t in tables]  # noqa: S608 (our own)
    if last:
        connection.execute(" UNION ALL ".join(last)).fetchall()


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
