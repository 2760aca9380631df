"""A sender's newer version without some firms: they are told, they stay, and they go only when told to."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from mujun import County
from mujun.cli.entry import main
from tests.records.files import HEAD, code, text

D = Decimal
A, B, C = code(1), code(2), code(3)
FIRST = [HEAD, [A, "示例甲厂", "100"], [B, "示例乙厂", "88"], [C, "示例丙厂", "55"]]
SECOND = [HEAD, [A, "示例甲厂", "100"], [B, "示例乙厂", "90"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    own = County(folder / "嵊州.duckdb")
    own.data.load([text(folder / "2022年税收.csv", FIRST)])
    return own.path


@pytest.fixture
def county(made: Path, tmp_path: Path) -> County:
    """A copy of it, to do with as one likes."""
    return County(shutil.copy(made, tmp_path / "嵊州.duckdb"))


def paid(county: County) -> dict[str, Decimal | None]:
    return dict(county.data.table("tax").select("credit_code", "tax_paid").iter_rows())


def gone(county: County, path: Path, **options: bool) -> list[str]:
    (outcome,) = county.data.load([path], **options).files  # type: ignore[arg-type]
    assert outcome.met is not None
    return outcome.met.gone["credit_code"].to_list()


def test_a_firm_that_is_not_there_any_more_is_told_and_kept(county: County, tmp_path: Path) -> None:
    assert gone(county, text(tmp_path / "2022年税收（更正）.csv", SECOND)) == [C]
    assert paid(county) == {A: D(100), B: D(90), C: D(55)}


def test_it_is_dropped_when_told_to_and_that_is_a_correction(county: County, tmp_path: Path) -> None:
    newer = text(tmp_path / "2022年税收（更正）.csv", SECOND)
    gone(county, newer)
    (outcome,) = county.data.load([newer], drop_missing=True).files
    assert outcome.dropped is not None
    assert outcome.dropped["credit_code"].to_list() == [C]
    assert paid(county) == {A: D(100), B: D(90), C: None}
    assert county.rounds.corrections()["number"].to_list() == [2, outcome.dropped_in]
    changed = county.rounds.changes(outcome.dropped_in or 0)
    assert changed.select("credit_code", "field", "old", "new").rows() == [(C, "tax_paid", "55", None)]
    # Dropped once, nothing is left to drop or to tell.
    assert gone(county, newer) == []


def test_dropping_with_the_load_itself(county: County, tmp_path: Path) -> None:
    county.data.load([text(tmp_path / "2022年税收（更正）.csv", SECOND)], drop_missing=True)
    assert paid(county) == {A: D(100), B: D(90), C: None}


def test_another_offices_file_of_the_same_name_misses_nobody(county: County, tmp_path: Path) -> None:
    (tmp_path / "长乐镇").mkdir()
    other = text(tmp_path / "长乐镇" / "2022年税收.csv", [HEAD, [code(4), "示例丁厂", "7"]])
    assert gone(county, other) == []


def test_another_year_and_an_older_edition_miss_nobody(county: County, tmp_path: Path) -> None:
    assert gone(county, text(tmp_path / "2023年税收.csv", SECOND)) == []


def test_a_row_kept_out_is_not_missing(county: County, tmp_path: Path) -> None:
    rows = [*SECOND, [C, "示例丙厂", "待定"]]
    assert gone(county, text(tmp_path / "2022年税收（更正）.csv", rows)) == []


def test_what_another_file_says_too_is_not_dropped(county: County, tmp_path: Path) -> None:
    county.data.load([text(tmp_path / "2022年重点企业.csv", [HEAD, [C, "示例丙厂", "55"]])])
    (outcome,) = county.data.load([text(tmp_path / "2022年税收（更正）.csv", SECOND)], drop_missing=True).files
    assert outcome.met is not None
    assert outcome.met.gone.select("credit_code", "droppable").rows() == [(C, False)]
    assert (outcome.dropped, paid(county)[C]) == (None, D(55))


def test_another_field_of_another_file_stays(county: County, tmp_path: Path) -> None:
    credit = [[*HEAD[:2], "减免抵税（万元）"], [C, "示例丙厂", "5"]]
    county.data.load([text(tmp_path / "2022年减免.csv", credit)])
    county.data.load([text(tmp_path / "2022年税收（更正）.csv", SECOND)], drop_missing=True)
    row = county.data.table("tax").row(by_predicate=pl.col("credit_code") == C, named=True)
    assert (row["tax_paid"], row["tax_credit"]) == (None, D(5))


def test_the_command_names_them_and_the_way_to_drop_them(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = text(tmp_path / "2022年税收（更正）.csv", SECOND)

    def load(*options: str) -> str:
        with pytest.raises(SystemExit) as end:
            main(["--db", str(county.path), "--lang", "zh", "load", str(newer), *options])
        assert end.value.code == 0
        return capsys.readouterr().out

    said = load()
    assert "上次有、这次没有的 1 家（税收，2022 年），原数保留：示例丙厂" in said
    assert f"mujun load {newer.name} --drop-missing" in said
    assert "上次有、这次没有的 1 家的数字已作废" in load("--drop-missing")
