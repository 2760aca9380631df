"""Readings of one unchanged store, one after the other, share an opening of DuckDB's.

To open a store takes thirty milliseconds, most of it for the thousands of functions of DuckDB's own, and a test reads
a store dozens of times: this was a fifth of the suite's time. So the opening of the last reading stays until the next
needs another. All that the store itself does when it opens a file is done every time.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

State = tuple[str, int, int, int]


class OpenedOnce:
    """The opening that is kept.

    It is let go when the file is another or has changed, before anything is opened to write, and before a process
    begins, which may want to write; of a module that has begun one, nothing is kept until the module ends.

    Args:
        connect: `duckdb.connect`.
    """

    def __init__(self, connect: Callable[..., duckdb.DuckDBPyConnection]) -> None:
        self._connect = connect
        self._lock = threading.RLock()
        self._kept: tuple[State, duckdb.DuckDBPyConnection] | None = None
        self.stopped = False

    def connect(self, *given: Any, **more: Any) -> duckdb.DuckDBPyConnection:
        """A connection as DuckDB gives it."""
        state = _state_of(given[0]) if given and more.get("read_only") and more.get("config") else None
        with self._lock:
            if self._kept is not None and self._kept[0] != state:
                self.let_go()
            made = self._connect(*given, **more)
            if state is not None and self._kept is None and not self.stopped:
                self._kept = (state, self._connect(*given, **more))
            return made

    def let_go(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept, self._kept = self._kept, None
            if kept is not None:
                kept[1].close()

    def stop(self) -> None:
        """Close what is kept, and keep nothing more for now."""
        self.stopped = True
        self.let_go()


def _state_of(path: str) -> State | None:
    """What tells a file from any other and from itself before or after a change."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return path, found.st_ino, found.st_size, found.st_mtime_ns


def used(patch: pytest.MonkeyPatch) -> OpenedOnce:
    """Let all readings of this process go that way, until the patch is undone."""
    once = OpenedOnce(duckdb.connect)
    begin, fork = subprocess.Popen.__init__, os.fork

    def beginning(self: subprocess.Popen[Any], *given: Any, **more: Any) -> None:
        once.stop()
        begin(self, *given, **more)

    def forking() -> int:
        once.stop()
        return fork()

    patch.setattr(duckdb, "connect", once.connect)
    patch.setattr(subprocess.Popen, "__init__", beginning)
    patch.setattr(os, "fork", forking)
    return once
