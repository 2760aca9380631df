"""Making a store and opening one: late, for as short as possible, never reaching out to the network."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from mujun.errors import StoreError, problem
from mujun.messages import MessageKey
from mujun.store.duckdb_errors import told_plainly
from mujun.store.layout import FORMAT, statements
from mujun.writing import note_store

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


def make(path: Path) -> None:
    """Make an empty store: the whole of it appears under its name at once, or nothing does.

    Raises:
        StoreError: the file exists, its folder does not, or it cannot be written.
    """
    log = path.with_name(path.name + ".wal")
    if path.is_dir():
        raise StoreError(problem("store_is_folder", file=path))
    if path.exists():
        raise StoreError(problem("store_exists", file=path))
    if not path.parent.is_dir():
        raise StoreError(problem("store_no_folder", folder=path.parent))
    if log.exists():
        # DuckDB would take the log for the new file's own.
        raise StoreError(problem("store_log_left", file=path, log=log.name))
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft_log = draft.with_name(draft.name + ".wal")
    try:
        with told_plainly(path):
            draft.unlink(missing_ok=True)
            draft_log.unlink(missing_ok=True)
            with duckdb.connect(str(draft), config=_CONFIG) as connection:
                connection.execute("BEGIN")  # one write to the disk instead of sixty
                for statement in statements():
                    connection.execute(statement)
                connection.execute("INSERT INTO store VALUES (?, ?, ?)", [FORMAT, version(), now()])
                connection.execute("COMMIT")
                connection.execute("CHECKPOINT")
            _appear(draft, path)
    finally:
        for left in (draft, draft_log):
            left.unlink(missing_ok=True)


def _appear(draft: Path, path: Path) -> None:
    try:
        # Unlike a rename on POSIX, a link never replaces what somebody else made meanwhile.
        os.link(draft, path)
    except FileExistsError:
        raise StoreError(problem("store_exists", file=path)) from None
    except OSError:  # a file system without links
        if path.exists():
            raise StoreError(problem("store_exists", file=path)) from None
        draft.rename(path)


def connect(path: Path, *, write: bool) -> duckdb.DuckDBPyConnection:
    """Open the file and make sure that it is a store of this format.

    Raises:
        StoreError: it is missing, locked, foreign, damaged, or of another format.
    """
    _look_at_header(path)
    note_store(path)
    with told_plainly(path, opening=True):
        connection = duckdb.connect(str(path), read_only=not write, config=_CONFIG)
    try:
        with told_plainly(path, opening=True):
            known = first_row(
                connection, "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = 'store'"
            )
            row = first_row(connection, "SELECT format, mujun_version FROM store") if known else None
        if row is None:
            raise StoreError(problem("store_foreign", file=path))
        found, made_by = row
        if found != FORMAT:
            code: MessageKey = "store_newer" if found > FORMAT else "store_older"
            said = {"version": made_by} if found < FORMAT else {}
            raise StoreError(problem(code, file=path, found=found, known=FORMAT, **said))
    except BaseException:
        connection.close()
        raise
    return connection


def _look_at_header(path: Path) -> None:
    try:
        if path.is_dir():
            raise StoreError(problem("store_is_folder", file=path))
        with path.open("rb") as file:
            header = file.read(_MAGIC_AT + len(_MAGIC))
    except FileNotFoundError:
        raise StoreError(problem("store_missing", file=path)) from None
    except PermissionError:
        if os.name != "nt":
            raise StoreError(problem("store_unreadable", file=path)) from None
        return  # Windows refuses while another program writes: DuckDB says which
    if header[_MAGIC_AT:] != _MAGIC:
        raise StoreError(problem("store_foreign", file=path))
