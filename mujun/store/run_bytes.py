"""The bytes of what runs keep: each run's in a table of its own.

DuckDB writes anew what stands in a table beside what is added to it: in one table of all runs, keeping one would write
all earlier ones again. Runs that earlier versions kept have their bytes in `run_table` and `run_frame` themselves.
"""

from __future__ import annotations

from hashlib import sha256

import duckdb

from mujun.store.connecting import first_row
from mujun.store.layout import KEPT, quoted


class RunBytes:
    """The bytes that one run keeps, under their SHA-256: what is the same stands once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, number: int) -> None:
        """Of a new run, within the transaction that is open."""
        self._connection, self._table = connection, _table(number)
        self._there: set[str] = set()
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {KEPT}")
        # They are packed already: looking for a way to pack them takes as long as writing them.
        columns = "sha256 VARCHAR, bytes BLOB USING COMPRESSION uncompressed"
        connection.execute(f"CREATE TABLE {self._table} ({columns})")

    def put(self, blob: bytes) -> str:
        """Keep some bytes, and return their SHA-256."""
        seal = sha256(blob).hexdigest()
        if seal not in self._there:
            self._connection.execute(f"INSERT INTO {self._table} VALUES (?, ?)", [seal, blob])  # noqa: S608 (our own)
            self._there.add(seal)
        return seal


def run_bytes(connection: duckdb.DuckDBPyConnection, number: int, seal: str) -> bytes:
    """What a run keeps under a SHA-256; no bytes at all where it keeps nothing under it."""
    try:
        row = first_row(connection, f"SELECT bytes FROM {_table(number)} WHERE sha256 = ?", [seal])  # noqa: S608
    except duckdb.CatalogException:
        return b""
    return b"" if row is None else bytes(row[0])


def _table(number: int) -> str:
    return f"{KEPT}.{quoted(f'run_{number}')}"
