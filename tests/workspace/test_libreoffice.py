"""Workbooks that go out survive LibreOffice: filled in, saved by it, and taken back with nothing lost or added."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from mujun.reports.rectification.problem_sheets import SHEET as PROBLEMS
from mujun.reports.rounds.parcel_survey import PARCELS
from mujun.workspace import County
from mujun.workspace.firms.parcel_round import screen_parcels
from mujun.workspace.problems.problem_books import load_problems, problem_sheet
from mujun.workspace.problems.problem_list import list_problems
from mujun.workspace.rectification.events import load_events
from mujun.workspace.rectification.lists import issue
from mujun.workspace.rounds.returning import take_back
from mujun.workspace.rounds.township_round import hand_out, screening_rules

from .small_county import F, P, rules_at
from .test_census import PROBLEM, TITLES
from .test_events import filled
from .test_parcel_round import VISIT, Book
from .test_township_round import VISIT as FIRM_VISIT
from .test_township_round import Sheet

SOFFICE = shutil.which("soffice")
NAMES = ("核查.xlsx", "地块.xlsx", "进度.xlsx", "交办.xlsx")


@pytest.fixture(scope="module")
def saved(made_small_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four kinds of workbook, each with one line filled in, opened and saved by LibreOffice; and their county."""
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed: what it saves cannot be tried")
    folder = tmp_path_factory.mktemp("libreoffice")
    own = County(shutil.copy(made_small_county, folder / "small.duckdb"))
    for name, text in (("地块权属", TITLES), ("问题清单", PROBLEM)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        own.data.load([folder / f"{name}.csv"])
    issue(own, title="清单", document="1号", issued_on=date(2023, 3, 1))
    out = folder / "out"
    out.mkdir()
    rules = str(rules_at(folder / "rules"))
    hand_out(own, screening_rules(own, rules, 2022), "三江街道", Decimal(3), folder / "核查0.xlsx")
    firms = Sheet(folder / "核查0.xlsx")
    firms.put(F[1], **FIRM_VISIT, **{"实测用地（亩）": 9.5})
    firms.save(folder / "核查.xlsx")
    screen_parcels(own, folder / "地块0.xlsx", "三江街道", year=2022)
    parcels = Book(folder / "地块0.xlsx")
    parcels.put(PARCELS.sheet, parcels.row(PARCELS.sheet, P[1]), **VISIT)
    parcels.put(PROBLEMS, 4, 责令整改文号="执限1号", 整改期限=date(2023, 6, 30))
    parcels.save(folder / "地块.xlsx")
    filled(
        own, folder / "进度.xlsx", {F[2]: {"动作": "确定方案", "日期": date(2023, 4, 2), "改定具体方式": "搬迁入园"}}
    )
    problem_sheet(own, folder / "交办0.xlsx", township="三江街道")
    book = openpyxl.load_workbook(folder / "交办0.xlsx")
    page = book[PROBLEMS]
    head = {str(c.value): c.column for c in page[3]}
    for row in range(4, page.max_row + 1):
        if page.cell(row, 1).value == "W1":
            page.cell(row, head["整改完成日期"]).value = date(2023, 5, 2)
    book.save(folder / "交办.xlsx")
    command = [SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
               "--outdir", str(out), *(str(folder / n) for n in NAMES)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    assert sorted(p.name for p in out.iterdir()) == sorted(NAMES)
    return folder


@pytest.fixture
def own(saved: Path, tmp_path: Path) -> County:
    return County(shutil.copy(saved / "small.duckdb", tmp_path / "small.duckdb"))


def test_surveys_of_firms(own: County, saved: Path) -> None:
    (back,) = take_back(own, [saved / "out" / "核查.xlsx"])
    assert (back.refused, back.errors, back.count("surveys"), back.count("land")) == ((), 0, 1, 1)
    assert own.data.table("surveys")["surveyed_mu"].to_list() == [Decimal("9.5")]


def test_surveys_of_parcels_and_their_problems(own: County, saved: Path) -> None:
    (back,) = take_back(own, [saved / "out" / "地块.xlsx"])
    assert (back.refused, back.errors, back.count("parcel_surveys")) == ((), 0, 1)
    (row,) = list_problems(own, parcel=P[2]).rows.to_dicts()
    assert (row["state"], row["order_deadline"]) == ("ordered", date(2023, 6, 30))


def test_progress_sheets(own: County, saved: Path) -> None:
    done = load_events(own, [saved / "out" / "进度.xlsx"])
    assert [str(p) for p in (*done.files_refused, *done.refused)] == []
    assert [(e.subject, e.action, e.way) for _, e in done.recorded] == [(F[2], "plan", "搬迁入园")]


def test_hand_over_books(own: County, saved: Path) -> None:
    (taken,) = load_problems(own, [saved / "out" / "交办.xlsx"])
    assert (taken.changed, taken.added, [str(p) for p in taken.refused]) == (1, 0, [])
    assert list_problems(own, code=F[3]).rows["mended_on"].to_list() == [date(2023, 5, 2)]
