"""One upgrade of a store at a time: a lock that the system takes back from a program that dies."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mujun.errors import StoreError, problem
from mujun.store.upgrades.beside import hidden_beside


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Keeps every other upgrade of a store out during a `with` block.

    Raises:
        StoreError: another program is at it.
        OSError: the folder cannot be written.
    """
    lock = hidden_beside(path, ".upgrading")
    with lock.open("ab") as file:
        try:
            _take(file)
        except OSError:
            raise StoreError(problem("upgrade_running", file=path)) from None
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # Windows keeps what is open; an empty file harms nobody
                lock.unlink()


if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
