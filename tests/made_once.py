"""What takes long to make is made by one of the suite's processes; the others wait, and each has a copy of its own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE = 120
"""Seconds after which a process that waits makes it by itself: the one that began may have been killed."""


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """A file, made in a folder.

    Args:
        factory: of this process; under xdist the processes' folders lie in one.
        name: tells it from others that are made so.
        make: makes it in an empty folder, and gives its path.
    """
    own = factory.mktemp(name)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make(own)
    common = factory.getbasetemp().parent / f"made-{name}"
    done = common / "done"
    try:
        common.mkdir()
    except FileExistsError:
        until = time.monotonic() + PATIENCE
        while not done.exists() and time.monotonic() < until:
            time.sleep(0.1)
        if not done.exists() or not (made := done.read_text(encoding="utf-8")):
            return make(own)
        return Path(shutil.copy(made, own))
    made = ""
    try:
        folder = common / name
        folder.mkdir()
        # A copy of it is what the one who made it uses too.
        copy = Path(shutil.copy(make(folder), own))
        made = str(folder / copy.name)
        return copy
    finally:
        # Under its name at once, with all that it says; where nothing could be made it says nothing.
        told = common / "told"
        told.write_text(made, encoding="utf-8")
        told.replace(done)
