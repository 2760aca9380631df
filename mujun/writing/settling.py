"""Waiting until the disk has what was written."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def settle(path: Path) -> None:
    """Wait until the disk has a file that is there, or the names in a folder."""
    if path.is_dir() and os.name == "nt":  # Windows does it by itself
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        settle_open(handle)
    finally:
        os.close(handle)


def settle_open(handle: int) -> None:
    """Have the disk take it now: a network share says only then that it is full."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
