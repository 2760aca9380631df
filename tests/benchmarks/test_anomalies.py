"""How well slips are found, at a size that a test affords; `benchmarks/anomalies.py` measures the whole county."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from benchmarks.anomalies import Measured, measured, with_slips
from benchmarks.county_tables import clean_tables
from mujun.analysis.anomalies import find_anomalies
from mujun.analysis.anomalies.figures import figures_of
from mujun.analysis.anomalies.jumps import jumps
from mujun.analysis.anomalies.slips import slips
from mujun.records import build_frame

YEAR = 2022


@pytest.fixture(scope="module")
def county() -> Mapping[str, pl.DataFrame]:
    return clean_tables(every=3)


def _found(tables: Mapping[str, pl.DataFrame], seed: int) -> Measured:
    soiled, planted = with_slips(dict(tables), YEAR, seed, share=0.01)
    return measured(tuple(slips(figures_of(build_frame(soiled, YEAR)[0]))), planted)


def test_slips_are_found_and_little_else(county: Mapping[str, pl.DataFrame]) -> None:
    found = _found(county, seed=11)
    assert found.planted > 40
    assert found.recall >= 0.95
    assert found.precision >= 0.8


def test_slips_are_found_without_last_year(county: Mapping[str, pl.DataFrame]) -> None:
    found = _found({name: rows.filter(pl.col("year") == YEAR) for name, rows in county.items()}, seed=12)
    assert found.recall >= 0.95
    assert found.precision >= 0.8


def test_clean_data_raise_no_alarm(county: Mapping[str, pl.DataFrame]) -> None:
    frame = build_frame(county, YEAR)[0]
    assert len({a.credit_code for a in find_anomalies(frame)}) <= 0.005 * frame.height


def test_a_slip_of_last_year_is_told_as_one(county: Mapping[str, pl.DataFrame]) -> None:
    soiled, planted = with_slips(dict(county), YEAR - 1, seed=13)
    figures = figures_of(build_frame(soiled, YEAR)[0])
    found = list(slips(figures))
    assert [a for a in found if a.kind == "slip"] == []
    assert {(a.credit_code, a.field) for a in jumps(figures)} <= {(a.credit_code, a.field) for a in found}
    still_there = {(p.credit_code, p.field) for p in planted}
    told = {(a.credit_code, a.field): a for a in found if a.kind == "slip_last"}
    assert len(told.keys() & still_there) >= 0.9 * len(still_there)
    assert all(a.likely is None for a in told.values())
