"""A county of eight firms with two years on record, whose every figure can be added up by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from mujun.reports.county.county_year import CountyYear
from mujun.workspace import County
from mujun.workspace.year_papers import county_year
from tests.workspace.small_county import files_at, rules_at

LAST_YEAR = {5: 40, 7: 100}
"""Taxes of 2021 that differ from those of 2022, in 万元 by firm."""


@pytest.fixture(scope="session")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> County:
    """2021 and 2022 loaded, 2022 rated as the final run."""
    folder = tmp_path_factory.mktemp("papers")
    county = County(folder / "small.duckdb")
    files = [*files_at(folder / "2021", 2021, taxes=LAST_YEAR), *files_at(folder / "2022", 2022)]
    outcome = county.data.load([f for f in files if f.name != "上年能源_2022.csv"])
    assert not outcome.refused
    county.runs.rate(rules_at(folder / "rules"), 2022, final=True)
    return county


@pytest.fixture(scope="session")
def year(two_years: County) -> CountyYear:
    """The county's year as its papers have it."""
    return county_year(two_years, 2022)[0]


@pytest.fixture(scope="session")
def ratings(two_years: County) -> pl.DataFrame:
    """The published result."""
    return two_years.runs.table(1)


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
    """Where papers go."""
    return tmp_path / "材料"
