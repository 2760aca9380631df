"""A small county for the pages: eight firms, loaded and rated."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pytest

from tests.workspace.small_county import county


@pytest.fixture(scope="module", autouse=True)
def garbage_of_this_file() -> None:
    """NiceGUI looks for garbage before and after each page's test: not again in all that earlier files have loaded."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def made_small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return county(tmp_path_factory.mktemp("small")).path


@pytest.fixture
def small_store(made_small_store: Path, tmp_path: Path) -> Path:
    """A copy of its store, to do with as one likes."""
    return Path(shutil.copy(made_small_store, tmp_path / "small.duckdb"))
