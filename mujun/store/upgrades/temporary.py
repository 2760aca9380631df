"""For who only reads: a temporary copy of a store, brought up to date, while the store itself stays as it is."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import tempfile
from pathlib import Path

from mujun.store.connecting import connected, made_by
from mujun.store.duckdb_errors import told_plainly
from mujun.store.layout import FORMAT
from mujun.store.upgrades.completing import complete
from mujun.store.upgrades.steps import take_all
from mujun.writing import copy_of

_State = tuple[int, int, int]
_COPIES: dict[Path, tuple[_State, Path]] = {}
"""By store, what it was when it was copied, and the copy: one command opens a store many times."""


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mujun-read-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def readable_copy(path: Path) -> tuple[Path, bool]:
    """A copy of a store in the layout of this program, for as long as the program runs.

    Returns:
        The copy, and whether it was made just now; the one made before serves as long as the store has not changed.

    Raises:
        StoreError: the store cannot be read, or the copy not be written.
    """
    path = path.absolute()
    with told_plainly(path, opening=True), contextlib.ExitStack() as until_done:
        source = until_done.enter_context(path.open("rb"))
        state = _state(source.fileno())
        was, copy = _COPIES.get(path, (None, path))
        if was == state:
            return copy, False
        if was is not None:
            with contextlib.suppress(OSError):  # Windows keeps what is still being read
                copy.unlink()
        copy = _folder() / f"{len(os.listdir(_folder()))}.duckdb"  # noqa: PTH208
        # While this is open nobody writes. The file is closed after it: closing it gives up the lock.
        held = until_done.enter_context(contextlib.closing(connected(path, write=False)))
        old_format = made_by(held, path).format
        copy_of(source, copy)
        log = path.with_name(path.name + ".wal")
        if log.exists():  # left by a program that was killed: committed all the same
            shutil.copyfile(log, copy.with_name(copy.name + ".wal"))
        with contextlib.closing(connected(copy, write=True)) as connection:
            if old_format < FORMAT:
                take_all(connection, old_format)
            else:
                complete(connection)
    _COPIES[path] = state, copy
    return copy, True


def _state(descriptor: int) -> _State:
    status = os.fstat(descriptor)
    return status.st_ino, status.st_mtime_ns, status.st_size
