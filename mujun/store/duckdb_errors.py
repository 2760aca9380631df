"""One clear sentence for whatever goes wrong with the file.

DuckDB says what happened in English prose whose exception types do not tell a full disk from a locked file; what
tells them apart are the words of the operating system and of DuckDB, gathered here.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from mujun.errors import StoreError, problem
from mujun.messages import MessageKey
from mujun.store.holders import held_by

_HOLDER = re.compile(r"(?:lock is held in|already open in)\s+(?P<program>.+?)\s+\(PID (?P<pid>\d+)\)", re.DOTALL)

_SAYINGS: tuple[tuple[MessageKey, tuple[str, ...]], ...] = (
    (
        "store_locked",
        ("could not set lock", "being used by another process", "file is already open", "另一个程序正在使用"),
    ),
    ("store_open_here", ("with a different configuration than existing connections", "unique file handle conflict")),
    (
        "store_full",
        ("no space left", "not enough space", "disk full", "file too large", "quota exceeded", "磁盘空间不足"),
    ),
    ("store_opened_for_reading", ("attached in read-only mode",)),
    ("store_newer_engine", ("database file with version number", "newer version of duckdb", "serialized with a newer")),
    ("store_read_only", ("read-only file system", "permission denied", "access is denied", "拒绝访问")),
    ("store_is_folder", ("is a directory",)),
    ("store_foreign", ("not a valid duckdb database file",)),
    (
        "store_short",
        ("out of memory", "cannot allocate memory", "bad_alloc", "too many open files", "temporarily unavailable"),
    ),
)
"""What the sentence is, and the words that give it away, in lower case; the first that fits."""


def sentence_for(error: BaseException, path: Path, *, opening: bool = False) -> StoreError:
    """What a DuckDB error means for a user.

    Args:
        error: what DuckDB raised.
        path: the store.
        opening: whether the file was being opened; what is not understood then counts as damage.
    """
    message = str(error)
    low, reason = message.lower(), _first_line(message)
    for code, words in _SAYINGS:
        if any(word in low for word in words):
            if code == "store_locked" and (holder := _HOLDER.search(message)):
                return StoreError(held_by(path, holder["program"].strip(), int(holder["pid"])))
            return StoreError(problem(code, file=path, reason=reason))
    damaged = opening or isinstance(
        error, (duckdb.InternalException, duckdb.FatalException, duckdb.SerializationException)
    )
    if damaged or "corrupt" in low or "could not read enough bytes" in low:
        return StoreError(problem("store_damaged", file=path, reason=reason))
    return StoreError(problem("store_failed", file=path, reason=reason))


@contextlib.contextmanager
def told_plainly(path: Path, *, opening: bool = False) -> Iterator[None]:
    """Turns DuckDB's errors within a `with` block into a `StoreError`.

    Raises:
        StoreError: what went wrong with the file, in one sentence.
        KeyboardInterrupt: it was interrupted.
    """
    try:
        yield
    except (duckdb.Error, OSError) as error:
        if isinstance(error, duckdb.InterruptException) or KeyboardInterrupt.__name__ in str(error):
            # Ctrl-C in a query, and where DuckDB asks Polars for rows, comes back as an error of DuckDB's.
            raise KeyboardInterrupt from error
        raise sentence_for(error, path, opening=opening) from error


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0].rstrip(".。!！") if message.strip() else "?"
