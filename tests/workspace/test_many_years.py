"""A question about one year reads that year's records and those it looks back at, and is answered as from all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.large_county import made
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.tables_at import inputs_at, recorded_at


@pytest.fixture(scope="module")
def counties(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, County]:
    """The same county with four years on record and with seven."""
    folder = tmp_path_factory.mktemp("years")
    for years in (4, 7):
        made(folder / f"{years}.duckdb", 1, years, every=8)
    return {years: County(folder / f"{years}.duckdb") for years in (4, 7)}


def test_the_years_long_past_are_not_read(counties: Mapping[int, County]) -> None:
    with Store.open(counties[7].path) as store:
        every, asked = inputs_at(store, None), recorded_at(store, 2022)
        assert recorded_at(store, 2030)["enterprises"].height == every["enterprises"].height
    for name in ("enterprises", "land", "tax", "energy", "output", "emissions", "water"):
        assert every[name]["year"].n_unique() == 7
        assert_frame_equal(asked[name], every[name].filter(pl.col("year") > 2018), check_row_order=False)


def test_they_change_no_answer(counties: Mapping[int, County]) -> None:
    few, many = (counties[years] for years in (4, 7))
    code = few.runs.table(1).filter(pl.col("tier") == "C")["credit_code"][0]
    assert_frame_equal(many.data.coverage(2022).fields, few.data.coverage(2022).fields)
    assert many.data.check(2022) == few.data.check(2022)
    assert many.data.second_look(2022).anomalies == few.data.second_look(2022).anomalies
    told = []
    for county in (few, many):
        said = {"tax_paid": "900万元"}
        tried = county.rounds.correct(code, 2022, said, reason="试", document="试〔2023〕1号", dry_run=True)
        (if_kept,) = county.rounds.effect_if(tried, 2022)
        batch = county.rounds.correct(code, 2022, said, reason="试", document="试〔2023〕1号").batch
        assert batch is not None
        (effect,) = county.rounds.effect(batch)
        assert_frame_equal(if_kept.firms, effect.firms)
        told.append((effect.firms, county.rounds.changes(batch)))
    for one, other in zip(*told, strict=True):
        assert_frame_equal(one, other)


def test_next_years_file_does_not_settle_what_this_years_left_open(tmp_path: Path) -> None:
    county, code = County(tmp_path / "c.duckdb"), "91330683MA0060852L"
    for year, paid in ((2021, "十二万"), (2022, "13")):
        file = tmp_path / f"{year}年税收.csv"
        file.write_text(f"统一社会信用代码,企业名称,实缴税金（万元）\n{code},甲厂,{paid}\n", encoding="utf-8")
        county.data.load([file], table="tax", year=year)
    assert county.data.waiting(2021).kept_out["rows"].to_list() == [1]
    assert county.data.waiting(2022).kept_out.is_empty()
