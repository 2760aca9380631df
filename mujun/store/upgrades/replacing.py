"""A store of an earlier format replaced by the same store in the present one; a kill at any moment leaves either whole.

The steps work on a copy beside the store. When that is finished, checked and on the disk, the old file gets a second
name (`mujun.v4.duckdb`), and the copy takes over the first in one move.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import duckdb

from mujun.dataclass import dataclass
from mujun.errors import StoreError, problem
from mujun.store.connecting import connected, look_at_header, made_by
from mujun.store.duckdb_errors import told_plainly
from mujun.store.layout import FORMAT, quoted
from mujun.store.upgrades.beside import LONGEST, hidden_beside
from mujun.store.upgrades.locking import only_one
from mujun.store.upgrades.steps import carried, take_all
from mujun.writing import copy_of, settle


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade did.

    Attributes:
        before, after: the formats.
        kept: the old file under its new name.
        added: tables as `records.surveys`, columns as `records.surveys.operation`.
        rows: by table, how many rows there were, and still are.
    """

    before: int
    after: int
    kept: Path
    added: tuple[str, ...]
    rows: dict[str, int]


def upgrade(path: Path) -> Upgrade | None:
    """Bring a store of an earlier format up to date.

    Returns:
        What was done; `None` where the store is of the present format.

    Raises:
        StoreError: it is in use, cannot be written, or something of it would be lost; it is as it was.
    """
    look_at_header(path)
    with told_plainly(path, opening=True), contextlib.closing(connected(path, write=False)) as looked_at:
        carried(made_by(looked_at, path), path)
    draft = hidden_beside(path, ".upgrade")
    with told_plainly(path), only_one(path):
        try:
            _fold_log(path)
            with contextlib.ExitStack() as until_done:
                # Closing any descriptor of a file gives up the locks that a process has on it: this one stays open.
                source = until_done.enter_context(path.open("rb"))
                # Many may read meanwhile, nobody may write.
                held = until_done.enter_context(contextlib.closing(connected(path, write=False)))
                old_format = made_by(held, path).format
                if old_format == FORMAT:  # somebody else was quicker
                    return None
                before = _contents(held)
                _clear(draft)
                copy_of(source, draft)
                with contextlib.closing(connected(draft, write=True)) as connection:
                    added = take_all(connection, old_format)
                    after = _contents(connection, before)
                if after != before:
                    odd = next(t for t in before if after.get(t) != before[t])
                    raise StoreError(problem("upgrade_lost", file=path, table=odd))
                settle(draft)
                shutil.copymode(path, draft)
                kept = _kept_beside(path, old_format, source)
                if os.name == "nt":  # Windows moves nothing over a file that is open
                    until_done.close()
                draft.replace(path)
                settle(path.parent)
        finally:
            _clear(draft)
    rows = {table: count for table, (_, count, _) in before.items()}
    return Upgrade(old_format, FORMAT, kept, added, rows)


def _clear(draft: Path) -> None:
    """Takes away a draft and its log: DuckDB would replay a killed draft's log into the next one of that name."""
    for left in (draft, draft.with_name(draft.name + ".wal")):
        left.unlink(missing_ok=True)


def _fold_log(path: Path) -> None:
    """What a killed program left in the log beside the store is committed: into the store with it."""
    log = path.with_name(path.name + ".wal")
    if log.exists():
        with contextlib.closing(connected(path, write=True)) as connection:
            connection.execute("CHECKPOINT")
        if log.exists():
            raise StoreError(problem("store_log_left", file=path, log=log.name))


_Contents = dict[str, tuple[tuple[str, ...], int, int]]


def _contents(connection: duckdb.DuckDBPyConnection, like: _Contents | None = None) -> _Contents:
    """By table its columns, how many rows it has and the sum of their hashes; of the tables and columns of `like`.

    What an upgrade writes to is left out: what the store says of itself, and writings, which follow from records.
    """
    if like is None:
        columns: dict[str, list[str]] = {}
        for schema, table, column in connection.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal "
            "AND schema_name IN ('main', 'records', 'quarantine', 'kept') "
            "AND (schema_name, table_name) NOT IN (('main', 'store'), ('main', 'layout'), ('main', 'writing')) "
            "AND (schema_name, table_name) IN (SELECT (schema_name, table_name) FROM duckdb_tables()) ORDER BY ALL"
        ).fetchall():
            columns.setdefault(f"{schema}.{quoted(table)}", []).append(column)
        wanted = {table: tuple(names) for table, names in columns.items()}
    else:
        wanted = {table: names for table, (names, _, _) in like.items()}
    made: _Contents = {}
    for table, names in wanted.items():
        values = ", ".join(quoted(n) for n in names)
        count, total = connection.execute(
            f"SELECT count(*), coalesce(sum(hash({values})::HUGEINT), 0) FROM {table}"  # noqa: S608
        ).fetchall()[0]
        made[table] = names, int(count), int(total)
    return made


def _kept_beside(path: Path, old_format: int, source: BinaryIO) -> Path:
    """The old file under a second name that nobody has: `mujun.v4.duckdb`, `mujun.v4.2.duckdb` and so on."""
    for kept in _names(path, old_format):
        try:
            os.link(path, kept)
        except FileExistsError:
            if kept.samefile(path):  # an upgrade was killed between this and the move
                return kept
        except OSError:  # a file system without links
            if kept.exists():
                continue
            draft = hidden_beside(kept, ".copy")
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()
            copy_of(source, draft)
            settle(draft)
            draft.rename(kept)
            return kept
        else:
            return kept
    raise AssertionError("names do not end")


def _names(path: Path, old_format: int) -> Iterator[Path]:
    for n in itertools.count(1):
        ending = f".v{old_format}{f'.{n}' if n > 1 else ''}{path.suffix}"
        # A store's name may be as long as the disk takes: what it gets more here, it loses before.
        stem = path.stem.encode()[: LONGEST - len(ending.encode())].decode(errors="ignore")
        yield path.with_name(stem + ending)
