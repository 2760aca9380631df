"""A firm's survey typed on a phone comes to the same records as its line in the workbook."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from mujun import County
from mujun.errors import UsageError
from mujun.reports.rounds.survey_workbook import FIRMS, HEADER
from mujun.workspace.problems.evidence import evidence_folder
from mujun.workspace.rounds import filling_in
from tests.records.test_photographs import PLACE, exif, jpeg
from tests.workspace.small_county import F, county

SAID = {
    "surveyed_mu": "19.5", "operation": "停产", "illegal_land": "否", "fire_hazard": "是", "proposed_path": "关停退出",
    "remark": "大门上锁", "verified_by": "李四", "verified_on": "2023-05-04",
}  # fmt: skip


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The small county with 甘霖镇's workbook handed out: its store, and the workbook."""
    folder = tmp_path_factory.mktemp("visits")
    own = county(folder)
    own.rounds.screen(folder / "核查表.xlsx", "甘霖镇", year=2022)
    return own.path, folder / "核查表.xlsx"


@pytest.fixture
def small(handed_out: tuple[Path, Path], tmp_path: Path) -> County:
    return County(Path(shutil.copy(handed_out[0], tmp_path / "small.duckdb")))


def in_the_workbook(workbook: Path, code: str, said: dict[str, str], to: Path) -> Path:
    book = openpyxl.load_workbook(workbook)
    sheet = book[FIRMS.sheet]
    headers = [str(c.value) for c in sheet[HEADER + 1]]
    line = next(r for r in sheet.iter_rows(min_row=HEADER + 2) if r[headers.index(FIRMS.key)].value == code)
    for field, header in zip(FIRMS.fields, FIRMS.asked_headers, strict=True):
        if field.name in said:
            line[headers.index(header)].value = said[field.name]
    book.save(to)
    return to


def records(own: County) -> dict[str, list[dict[str, Any]]]:
    kept = {}
    for name in ("surveys", "land", "problems"):
        rows = own.data.table(name)
        kept[name] = rows.select(sorted(c for c in rows.columns if not c.startswith("_"))).sort(pl.all()).to_dicts()
    return kept


def test_typed_or_in_the_workbook_it_is_the_same_record(
    handed_out: tuple[Path, Path], small: County, tmp_path: Path
) -> None:
    other = County(Path(shutil.copy(handed_out[0], tmp_path / "other.duckdb")))
    filled = in_the_workbook(handed_out[1], F[5], SAID, tmp_path / "filled.xlsx")
    (by_workbook,) = other.rounds.verify([filled])
    typed = small.rounds.fill_in(F[5], 2022, SAID)
    assert typed.batch == by_workbook.batch
    assert records(small) == records(other)
    # 20 亩 on record, 19.5 measured; one problem for the fire brigade.
    assert small.data.table("land").filter(year=2022, credit_code=F[5])["area_mu"].sum() == Decimal("19.5")
    assert small.data.table("surveys").select("credit_code", "fire_hazard", "verified_on").rows() == [
        (F[5], "是", date(2023, 5, 4))
    ]
    assert [f.code for f in typed.records.findings] == [  # type: ignore[union-attr]
        f.code
        for f in by_workbook.records.findings  # type: ignore[union-attr]
    ]
    assert small.rounds.status(2022)["returned"].to_list() == [1]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"operation": "在产"}, "unknown_choice"),
        ({"surveyed_mu": "很多"}, "unreadable_cell"),
        ({"surveyed_mu": "-3"}, "negative_value"),
        ({"verified_on": "2099-01-01"}, "survey_day_to_come"),
        ({"verified_on": "2021-01-01"}, "survey_day_before"),
    ],
)
def test_what_the_workbook_would_keep_out_is_not_taken(
    handed_out: tuple[Path, Path], small: County, tmp_path: Path, wrong: dict[str, str], code: str
) -> None:
    said = {**SAID, **wrong}
    before = records(small)
    outcome = small.rounds.fill_in(F[5], 2022, said)
    assert outcome.batch is None
    errors = [f.code for f in outcome.records.findings if f.severity == "error"]  # type: ignore[union-attr]
    assert errors == [code]
    filled = in_the_workbook(handed_out[1], F[5], said, tmp_path / "filled.xlsx")
    (by_workbook,) = small.rounds.verify([filled], dry_run=True)
    assert [f.code for f in by_workbook.records.findings if f.severity == "error"] == [code]  # type: ignore[union-attr]
    assert records(small) == before


def test_who_is_still_to_be_visited(small: County) -> None:
    assert small.rounds.visits(2021).is_empty()
    rows = small.rounds.visits(2022)
    assert set(rows["credit_code"]) == {F[5], F[6], F[7], F[8]}
    assert rows["problems"].null_count() == 4
    small.rounds.fill_in(F[5], 2022, SAID)
    rows = small.rounds.visits(2022)
    assert rows["credit_code"].to_list()[-1] == F[5]
    assert rows["problems"].to_list() == [None, None, None, 1]
    assert small.rounds.visits(2022, "三江街道").is_empty()
    assert small.rounds.visit(F[5], 2022).answers["remark"] == "大门上锁"
    assert small.rounds.fill_in(F[5], 2022, SAID).already is not None
    again = small.rounds.fill_in(F[5], 2022, {**SAID, "fire_hazard": "否", "remark": ""})
    assert again.batch is not None
    assert small.rounds.visit(F[5], 2022).answers["fire_hazard"] == "否"
    assert small.rounds.visit(F[5], 2022).answers["remark"] is None


def test_photographs_are_kept_without_their_place_and_named_by_nobody(small: County, tmp_path: Path) -> None:
    shot = tmp_path / "..%2F..%2F大门 29.5886N.svg"
    shot.write_bytes(jpeg(exif(3)))
    outcome = small.rounds.fill_in(F[5], 2022, SAID, [shot, shot])
    (name,) = small.rounds.visit(F[5], 2022).photographs
    assert name.endswith(f"_{F[5]}_2022.jpg")
    assert [p.name for p in evidence_folder(small).iterdir()] == [name]
    kept = small.rounds.photograph(F[5], 2022, name)
    assert PLACE not in kept
    batch = small.data.batches().filter(number=outcome.batch).row(0, named=True)
    assert name in batch["document"]
    for asked in (f"../{small.path.name}", small.path.name, "x.jpg"):
        with pytest.raises(UsageError):
            small.rounds.photograph(F[5], 2022, asked)
    assert small.rounds.visit(F[6], 2022).photographs == ()


def test_nothing_is_kept_of_what_is_refused(small: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = tmp_path / "a.jpg"
    shot.write_bytes(jpeg())
    assert small.rounds.fill_in(F[5], 2022, {**SAID, "operation": "在产"}, [shot]).batch is None
    monkeypatch.setattr(filling_in, "MOST_PHOTOGRAPHS", 0)
    for code, said, photographs in (
        (F[5], {}, []), (F[5], {"tax_paid": "3"}, []), (F[1], SAID, []), ("甲", SAID, []), (F[5], SAID, [shot]),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            small.rounds.fill_in(code, 2022, said, photographs)
    assert not evidence_folder(small).exists()
    assert small.data.table("surveys").is_empty()
