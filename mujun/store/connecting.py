"""The connection to a store's file: what it may do, and whose file it is."""

from __future__ import annotations

import contextlib
import errno
import importlib.metadata
import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import StoreError, problem
from mujun.messages import MessageKey
from mujun.store.duckdb_errors import told_plainly
from mujun.store.layout import FORMAT, signature

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # What is not built in would be looked for on the network, from a bureau's offline PC.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # No statement may reach another file, and no Python variable may pass for a table.
    "enable_external_access": "false",
    "python_enable_replacements": "false",
}

_MAGIC = b"DUCK"
_MAGIC_AT = 8


def version() -> str:
    """The version of mujun that is running."""
    try:
        return importlib.metadata.version("mujun")
    except importlib.metadata.PackageNotFoundError:
        return "0"


def now() -> datetime:
    """The time in UTC, without zone, as the store keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def first_row(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] = ()
) -> tuple[Any, ...] | None:
    """The first row of a query's result, if it has one."""
    # All is fetched: a result left half-read keeps DuckDB 2 from doing anything else on the connection.
    rows = connection.execute(query, parameters).fetchall()
    return rows[0] if rows else None


@dataclass(frozen=True)
class _Stream:
    """Rows as an Arrow stream and nothing else: a relation given to Polars itself would stay alive at the end, and a
    frame given to DuckDB itself is copied as a whole by pyarrow, which takes as long to load as DuckDB."""

    rows: duckdb.DuckDBPyRelation | pl.DataFrame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.rows.__arrow_c_stream__(requested_schema)


def frame_of(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """The rows of a query, straight to Polars."""
    try:
        return pl.DataFrame(_Stream(relation))
    except pl.exceptions.PolarsError:
        relation.fetchall()  # whatever broke while rows were read, DuckDB says it here in its own words
        raise


@contextlib.contextmanager
def known_as(connection: duckdb.DuckDBPyConnection, name: str, rows: pl.DataFrame) -> Iterator[None]:
    """A frame that statements in a `with` block may ask by a name."""
    connection.register(name, _Stream(rows))
    try:
        yield
    finally:
        with contextlib.suppress(duckdb.Error):  # a full disk may have closed the database: that is the news
            connection.unregister(name)


def newest_batch(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the newest batch; 0 in an empty store."""
    row = first_row(connection, "SELECT coalesce(max(number), 0) FROM batch")
    return int(row[0]) if row else 0


def connected(path: Path, *, write: bool) -> duckdb.DuckDBPyConnection:
    """The file opened as DuckDB does, whatever is in it; its errors are DuckDB's own."""
    connection = duckdb.connect(str(path), read_only=not write, config=_CONFIG)
    # It draws a bar for what takes two seconds, into a pipe too; this is no setting that a configuration may have.
    connection.execute("SET enable_progress_bar = false")
    return connection


@dataclass(frozen=True)
class Made:
    """By whom and how a store was made.

    Attributes:
        format: the format of its layout.
        version: the version of mujun that made the store.
        current: whether its tables, columns and views are those of the program that is running.
    """

    format: int
    version: str
    current: bool


def made_by(connection: duckdb.DuckDBPyConnection, path: Path) -> Made:
    """What a file says of itself.

    Raises:
        StoreError: it is not a store of ours, or one of a newer program.
    """
    with told_plainly(path, opening=True):
        row = _row_there(connection, "SELECT format, mujun_version FROM main.store")
        if row is None or not isinstance(row[0], int):
            raise StoreError(problem("store_foreign_duckdb", file=path))
        stated_format, of_version = row
        if stated_format > FORMAT:
            raise StoreError(problem("store_newer", file=path, found=stated_format, known=FORMAT))
        noted = _row_there(connection, "SELECT signature FROM main.layout ORDER BY since DESC, rowid DESC LIMIT 1")
    return Made(stated_format, of_version, stated_format == FORMAT and noted == (signature(),))


def _row_there(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...] | None:
    """The first row of a query; nothing where the file has no such table or column.

    Asking the catalogue for them first takes ten times as long: it looks into every view.
    """
    try:
        return first_row(connection, query)
    except (duckdb.CatalogException, duckdb.BinderException):
        return None


def look_at_header(path: Path) -> None:
    """Refuse what is no DuckDB file at all, without opening it as one.

    Raises:
        StoreError: it is missing, a folder, unreadable, or a file of another kind.
    """
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise StoreError(problem("store_is_folder", file=path))
        # A pipe or device may never give a header.
        if not stat.S_ISREG(kind):
            raise StoreError(problem("store_not_regular", file=path))
        with path.open("rb") as file:
            header = file.read(_MAGIC_AT + len(_MAGIC))
    except FileNotFoundError:
        raise StoreError(problem("store_missing", file=path)) from None
    except PermissionError:
        if os.name != "nt":
            raise StoreError(problem("store_unreadable", file=path)) from None
        return  # Windows refuses while another program writes: DuckDB says which
    except OSError as error:
        code: MessageKey = "store_link_endless" if error.errno == errno.ELOOP else "store_unreadable"
        raise StoreError(problem(code, file=path)) from None
    if header[_MAGIC_AT:] != _MAGIC:
        raise StoreError(problem("store_foreign", file=path))
