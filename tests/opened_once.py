"""What one store does after the other in one process shares an opening of DuckDB's.

To open a store takes thirty milliseconds, most of it for the thousands of functions of DuckDB's own and for the
catalogue, and a test opens a store dozens of times: this was a third of the suite's time. So the opening of the last
step stays until the next needs another: one for reading serves readings, one for writing serves readings too. All that
the store itself does when it opens a file is done every time.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mujun.store import opening
from mujun.store.connecting import connected
from mujun.store.open_file import OpenFile

State = tuple[str, int, int, int]


@dataclass
class Kept:
    """An opening that is kept.

    Attributes:
        state: the file's, with all that was written through this opening.
        write: whether it may write.
        connection: what keeps it open.
        lent_to_write: whether those who use it besides may write.
    """

    state: State
    write: bool
    connection: duckdb.DuckDBPyConnection
    lent_to_write: bool = False

    def is_used(self) -> bool:
        """Whether somebody has a connection of it."""
        row = self.connection.execute("SELECT * FROM duckdb_connection_count()").fetchone()
        return row is not None and row[0] > 1


class OpenedOnce:
    """The opening that is kept.

    It is let go when the file is another or has been changed by anybody else, before anything else is opened, and
    before a process begins, which may want to write: nothing is kept as long as it is there, and after a fork until
    the module ends.

    Args:
        connect: `duckdb.connect`.
    """

    def __init__(self, connect: Callable[..., duckdb.DuckDBPyConnection]) -> None:
        self._connect = connect
        self._lock = threading.RLock()
        self._kept: Kept | None = None
        self._of_kept = False
        self._begun: list[subprocess.Popen[Any]] = []
        self.stopped = False

    def connect(self, *given: Any, **more: Any) -> duckdb.DuckDBPyConnection:
        """A connection as DuckDB gives it, of whoever does not go by the store's face: a reading may stay."""
        reads = given and more.get("read_only") and more.get("config")
        with self._lock:
            if self._of_kept:
                return self._connect(*given, **more)
            state = _state_of(given[0]) if reads else None
            if self._kept is not None and (self._kept.state != state or self._kept.write):
                self.let_go()
            made = self._connect(*given, **more)
            if state is not None and self._kept is None and self._keeps():
                self._kept = Kept(state, False, self._connect(*given, **more))
            return made

    def connected(self, path: Path, *, write: bool) -> duckdb.DuckDBPyConnection:
        """A connection for the store's face: `mujun.store.connecting.connected`."""
        with self._lock:
            kept = self._kept
            if kept is None or not kept.write or kept.state != _state_of(str(path)):
                # Who reads first mostly writes next.
                if write or (self._keeps() and os.access(path, os.W_OK)):
                    return self._kept_for_writing(path, lent_to_write=write)
                return connected(path, write=False)
            if write != kept.lent_to_write and kept.is_used():
                # As it is outside the tests: in one process either all write, or all read.
                return self._as_configured(path, write=not kept.write)
            kept.lent_to_write = write
            return self._as_configured(path, write=True)

    def _kept_for_writing(self, path: Path, *, lent_to_write: bool) -> duckdb.DuckDBPyConnection:
        made = connected(path, write=True)
        if self._keeps() and (state := _state_of(str(path))) is not None:
            self._kept = Kept(state, True, self._as_configured(path, write=True), lent_to_write)
        return made

    def _as_configured(self, path: Path, *, write: bool) -> duckdb.DuckDBPyConnection:
        """`connected`, without letting go what is kept."""
        self._of_kept = True
        try:
            return connected(path, write=write)
        finally:
            self._of_kept = False

    def closed(self, path: Path, *, wrote: bool) -> None:
        """Somebody has closed a store: what he has written was written through what is kept."""
        with self._lock:
            kept = self._kept
            if kept is None or not kept.write or kept.state[0] != str(path):
                return
            if path.with_name(path.name + ".wal").exists():
                assert wrote, "Something was written through a store that was opened for reading."
                self.let_go()
            elif (state := _state_of(str(path))) is None:
                self.let_go()
            elif state != kept.state and wrote:
                kept.state = state

    def let_go(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept, self._kept = self._kept, None
            if kept is not None:
                kept.connection.close()

    def begins(self, process: subprocess.Popen[Any]) -> None:
        """Close what is kept, and keep nothing more until a process has ended and whoever began it knows."""
        with self._lock:
            self._begun.append(process)
            self.let_go()

    def could_not_begin(self, process: subprocess.Popen[Any]) -> None:
        """There is no such process after all."""
        with self._lock:
            self._begun.remove(process)

    def _keeps(self) -> bool:
        # One that is just beginning has no return code at all.
        self._begun = [p for p in self._begun if getattr(p, "returncode", None) is None]
        return not self.stopped and not self._begun

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
    """Let all stores of this process be opened that way, until the patch is undone."""
    once = OpenedOnce(duckdb.connect)
    begin, fork, close = subprocess.Popen.__init__, os.fork, OpenFile.close

    def beginning(self: subprocess.Popen[Any], *given: Any, **more: Any) -> None:
        once.begins(self)
        try:
            begin(self, *given, **more)
        except BaseException:
            once.could_not_begin(self)
            raise

    def forking() -> int:
        once.stop()
        return fork()

    def closing(self: OpenFile) -> None:
        close(self)
        once.closed(self.path, wrote=self.write)

    patch.setattr(duckdb, "connect", once.connect)
    patch.setattr(opening, "connected", once.connected)
    patch.setattr(OpenFile, "close", closing)
    patch.setattr(subprocess.Popen, "__init__", beginning)
    patch.setattr(os, "fork", forking)
    return once
