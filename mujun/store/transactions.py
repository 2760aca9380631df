"""Writing into a store: all of it or nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import duckdb
import polars as pl

from mujun.store.connecting import known_as


@contextlib.contextmanager
def transaction(
    connection: duckdb.DuckDBPyConnection, *, committed: Callable[[], object] = lambda: None, large: bool = False
) -> Iterator[None]:
    """All that a `with` block writes, or nothing; then a checkpoint, so that the file alone holds everything.

    Args:
        connection: to the store.
        committed: what follows the commit at once, before the checkpoint.
        large: whether megabytes are written: they go into the file at once, and not into the log first.
    """
    with _past_the_log(connection) if large else contextlib.nullcontext():
        connection.execute("BEGIN")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                connection.execute("ROLLBACK")
            raise
    try:
        committed()
    finally:
        _checkpoint(connection)


@contextlib.contextmanager
def _past_the_log(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Whatever is committed goes into the file itself: its header, which is written last, says that the rest counts."""
    settings = {"checkpoint_threshold": "'0KB'", "auto_checkpoint_skip_wal_threshold": "0"}
    for name, value in settings.items():
        connection.execute(f"SET {name} = {value}")
    try:
        yield
    finally:
        with contextlib.suppress(duckdb.Error):  # a full disk may have closed the database: that is the news
            for name in settings:
                connection.execute(f"RESET {name}")


def _checkpoint(connection: duckdb.DuckDBPyConnection) -> None:
    with contextlib.suppress(duckdb.Error):
        # Committed is committed: where the checkpoint fails the log has it all, and the next opening takes it over.
        connection.execute("CHECKPOINT")


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> None:
    """Append rows to a table by the names of their columns, within the transaction that is open."""
    if rows.is_empty():
        return
    with known_as(connection, "incoming", rows):
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")  # noqa: S608
