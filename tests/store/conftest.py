"""What tests of the store share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mujun.store import opening

_WRITE_EMPTY = opening.write_empty


ABOUT_ROWS = {"about_firm", "again", "batches", "field_by_field", "issues", "runs", "scales", "tables_and_views"}
"""The files of tests about what stands in a store: drawn cases make hundreds, which are copies of an empty one."""


@pytest.fixture(scope="module", autouse=True)
def stores_made(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where the store itself is looked at every one is made as everybody makes it, not copied."""
    with pytest.MonkeyPatch.context() as patch:
        if request.path.stem.removeprefix("test_") not in ABOUT_ROWS:
            patch.setattr(opening, "write_empty", _WRITE_EMPTY)
        yield


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; those that pytest makes are its user's alone, and it closes them again."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
