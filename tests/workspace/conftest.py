"""The small county, made once a session."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mujun.workspace import County
from tests.made_once import made_once
from tests.workspace.part_county import part_of
from tests.workspace.small_county import county


@pytest.fixture(scope="session")
def made_small_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return county(tmp_path_factory.mktemp("small")).path


@pytest.fixture
def small(made_small_county: Path, tmp_path: Path) -> County:
    """A copy of it, to do with as one likes."""
    return County(shutil.copy(made_small_county, tmp_path / "small.duckdb"))


@pytest.fixture(scope="session")
def made_part_county(loaded_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "part", lambda folder: part_of(County(loaded_county), folder).path)


@pytest.fixture
def part_county(made_part_county: Path, tmp_path: Path) -> Path:
    """A copy of a part of the sample county, rated once, to do with as one likes."""
    return Path(shutil.copy(made_part_county, tmp_path / "part.duckdb"))
