"""Making a store and opening one: late, for as short as possible, never reaching out to the network."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from mujun.errors import Problem, StoreError, problem
from mujun.late import LateModule
from mujun.store.connecting import connected, look_at_header, made_by, now, version
from mujun.store.duckdb_errors import told_plainly
from mujun.store.layout import FORMAT, signature, statements
from mujun.writing import draft_beside, note_store

if TYPE_CHECKING:
    from mujun.store import upgrades, wholeness
else:
    upgrades = LateModule("mujun.store.upgrades")
    wholeness = LateModule("mujun.store.wholeness")

_LOG = logging.getLogger("mujun.store")
"""Where a store of an earlier format is told of; Python shows it on the screen unless a program says otherwise."""


def _tell(told: Problem) -> None:
    """Tell it in the language in force; as `told` of the log's record, for a program that says it otherwise."""
    _LOG.warning(str(told), extra={"told": told})


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
    draft = draft_beside(path)
    draft_log = draft.with_name(draft.name + ".wal")
    try:
        with told_plainly(path):
            write_empty(draft)
            _appear(draft, path)
    finally:
        for left in (draft, draft_log):
            # On a read-only disk removing fails too; what is told is why nothing could be made.
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def write_empty(path: Path) -> None:
    """Write a file with the layout of a store and no rows."""
    with connected(path, write=True) as connection:
        connection.execute("BEGIN")  # one write to the disk instead of sixty
        for statement in statements():
            connection.execute(statement)
        connection.execute("INSERT INTO store VALUES (?, ?, ?)", [FORMAT, version(), now()])
        connection.execute("INSERT INTO layout VALUES (?, ?, ?, ?)", [FORMAT, signature(), version(), now()])
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")


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
    """Open the file and make sure that it is a store with the layout of this program.

    A store of an earlier format is brought up to date first when it is opened for writing, and a copy of it is kept
    beside it; opened for reading, it stays as it is and a temporary copy is brought up to date and read. Either is told
    in one sentence. Tables and columns that the dictionary has gained are added in the same way, without a word.

    Raises:
        StoreError: it is missing, locked, foreign, damaged, of a format no longer carried or of a newer program, or it
            cannot be brought up to date; it is as it was then.
    """
    look_at_header(path)
    note_store(path)
    with told_plainly(path, opening=True):
        connection = connected(path, write=write)
    try:
        made = made_by(connection, path)
        if not made.current:
            upgrades.carried(made, path)
        if write:
            wholeness.check_whole(connection, path)
        if made.current:
            return connection
        if write and made.format == FORMAT:
            with told_plainly(path):
                upgrades.complete(connection)
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    if write:
        done = upgrades.upgrade(path)
        if done is not None:
            _tell(problem("upgrade_done", file=path, before=done.before, after=done.after, kept=done.kept.name))
        return connect(path, write=True)
    copy, new = upgrades.readable_copy(path)
    if new and made.format < FORMAT:
        _tell(problem("upgrade_to_come", file=path, before=made.format, after=FORMAT))
    with told_plainly(path, opening=True):
        return connected(copy, write=False)
