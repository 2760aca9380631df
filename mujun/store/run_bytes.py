"""The bytes of what runs keep: each run's in a table of its own.

DuckDB writes anew what stands in a table beside what is added to it: in one table of all runs, keeping one would write
all earlier ones again. Runs kept in format 5 and before have their bytes in `run_table` and `run_frame` themselves.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import count

import duckdb

from mujun.store.layout import KEPT, quoted

PART = 4 << 20
"""Bytes that are handed over at once: on their way into the file DuckDB holds them several times."""


class RunBytes:
    """The bytes that one run keeps, under their SHA-256: what is the same stands once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, number: int) -> None:
        """Of a new run, within the transaction that is open."""
        self._connection, self._table = connection, _table(number)
        self._there: set[str] = set()
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {KEPT}")
        # They are packed already: looking for a way to pack them takes as long as writing them.
        columns = "sha256 VARCHAR, part INTEGER, bytes BLOB USING COMPRESSION uncompressed"
        connection.execute(f"CREATE TABLE {self._table} ({columns})")

    def put(self, blob: bytes) -> str:
        """Keep some bytes, and return their SHA-256."""
        seal = sha256(blob).hexdigest()
        for part, start in zip(count(), () if seal in self._there else range(0, len(blob), PART)):
            piece = blob[start : start + PART]
            self._connection.execute(f"INSERT INTO {self._table} VALUES (?, ?, ?)", [seal, part, piece])  # noqa: S608
        self._there.add(seal)
        return seal


def run_bytes(connection: duckdb.DuckDBPyConnection, number: int, seal: str) -> bytes:
    """What a run keeps under a SHA-256; no bytes at all where it keeps nothing under it."""
    try:
        asked = f"SELECT bytes FROM {_table(number)} WHERE sha256 = ? ORDER BY part"  # noqa: S608
        return b"".join(part for (part,) in connection.execute(asked, [seal]).fetchall())
    except duckdb.CatalogException:
        return b""


def _table(number: int) -> str:
    return f"{KEPT}.{quoted(f'run_{number}')}"
