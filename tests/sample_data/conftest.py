from __future__ import annotations

from pathlib import Path

import pytest

from sample_data.generator.build import Sample, build

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"


@pytest.fixture(scope="session")
def sample() -> Sample:
    """The sample county in memory, from the seed that the committed files have."""
    return build()


@pytest.fixture(scope="session")
def folder() -> Path:
    """Where the committed files lie."""
    return FOLDER
