"""What tests of the store share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mujun.store import opening

_WRITE_EMPTY = opening.write_empty


@pytest.fixture(scope="module", autouse=True)
def stores_made() -> Iterator[None]:
    """Here every store is made as everybody makes it, not copied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "write_empty", _WRITE_EMPTY)
        yield


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; those that pytest makes are its user's alone, and it closes them again."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
