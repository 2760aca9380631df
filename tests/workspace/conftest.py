"""The small county, made once a session."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mujun.workspace import Workspace
from tests.workspace.small_county import county


@pytest.fixture(scope="session")
def made_small_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return county(tmp_path_factory.mktemp("small")).path


@pytest.fixture
def small(made_small_county: Path, tmp_path: Path) -> Workspace:
    """A copy of it, to do with as one likes."""
    return Workspace(shutil.copy(made_small_county, tmp_path / "small.duckdb"))
