"""The benchmark of reading compares like with like: both sides come to the same figures."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

import mujun
from benchmarks import reading

SIZE = 500


def test_codes_are_right_by_their_check_character() -> None:
    assert reading.codes(7)[1] == "91330683000000001D"
    assert reading.codes(SIZE).n_unique() == SIZE


def test_bare_and_read_give_the_same_figures(tmp_path: Path) -> None:
    path = reading.as_csv(SIZE, tmp_path)
    assert reading.bare(path, tmp_path / "bare.duckdb") == reading.read(path) == SIZE
    with duckdb.connect(str(tmp_path / "bare.duckdb")) as connection:
        bare = connection.sql("SELECT * FROM tax").pl()
    records = mujun.read_file(path, year=2022)
    ours = records.tables[0].rows.select("credit_code", "name", "tax_paid", "tax_refund", "tax_credit", "land_use_tax")
    assert ours.sort("credit_code").rows() == bare.select(pl.all()).sort(reading.HEADER[0]).rows()


def test_a_store_has_every_row_of_text_and_workbook(tmp_path: Path) -> None:
    assert reading.loaded(reading.as_csv(SIZE, tmp_path), tmp_path / "county.duckdb") == SIZE
    assert reading.read(reading.as_workbook(SIZE, tmp_path)) == SIZE
