"""Every locked cell of the workbooks that go out, changed one by one: the line is returned by exactly that cell.

A line of each workbook is filled in, and one of its locked cells is changed; line after line the next cell, book after
book, until all were changed. Nothing else than that cell is complained of, and nothing of the line comes in.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from mujun.reports.rectification.problem_sheets import SHEET as PROBLEMS
from mujun.reports.rounds.parcel_survey import PARCELS
from mujun.reports.rounds.survey_workbook import SHEET as FIRMS
from mujun.workspace import County
from mujun.workspace.firms.parcel_round import screen_parcels
from mujun.workspace.problems.problem_books import load_problems, problem_sheet
from mujun.workspace.rectification.events import load_events
from mujun.workspace.rectification.handed_out import hand_out as hand_out_progress
from mujun.workspace.rectification.lists import issue
from mujun.workspace.rectification.papers import progress_sheet
from mujun.workspace.rounds.returning import take_back
from mujun.workspace.rounds.township_round import hand_out, screening_rules

from .small_county import rules_at
from .test_census import PROBLEM, TITLES
from .test_parcel_round import VISIT as PARCEL_VISIT
from .test_township_round import VISIT as FIRM_VISIT

PLANNED: dict[str, object] = {"动作": "确定方案", "日期": date(2023, 4, 2)}
MENDED: dict[str, object] = {"整改期限": date(2023, 6, 30)}

BOOKS: dict[str, tuple[str, str, int, dict[str, object]]] = {
    "firms": ("核查.xlsx", FIRMS, 4, FIRM_VISIT),
    "parcels": ("地块.xlsx", PARCELS.sheet, 4, PARCEL_VISIT),
    "progress of firms": ("进度.xlsx", "企业进度", 3, PLANNED),
    "progress of parcels": ("进度.xlsx", "地块进度", 3, PLANNED),
    "problems": ("交办.xlsx", PROBLEMS, 3, MENDED),
}
"""The workbook, its sheet, the row of its header, and what is filled in on a line."""


@pytest.fixture(scope="module")
def handed(made_small_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a county that has handed out all of them."""
    folder = tmp_path_factory.mktemp("locked")
    own = County(shutil.copy(made_small_county, folder / "small.duckdb"))
    for name, text in (("地块权属", TITLES), ("问题清单", PROBLEM)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        own.data.load([folder / f"{name}.csv"])
    issue(own, title="清单", document="1号", issued_on=date(2023, 3, 1))
    hand_out(own, screening_rules(own, str(rules_at(folder / "rules")), 2022), None, Decimal(0), folder / "核查.xlsx")
    screen_parcels(own, folder / "地块.xlsx", year=2022)
    hand_out_progress(own, folder / "进度.xlsx", progress_sheet(own))
    problem_sheet(own, folder / "交办.xlsx")
    return folder


def _firms(own: County, file: Path) -> Iterator[str]:
    (back,) = take_back(own, [file], dry_run=True)
    assert (back.refused, back.count("surveys"), back.count("parcel_surveys")) == ((), 0, 0)
    assert back.records is not None
    yield from (f.what for f in back.records.findings)


def _progress(own: County, file: Path) -> Iterator[str]:
    back = load_events(own, [file], dry_run=True)
    assert (back.files_refused, back.recorded) == ((), ())
    yield from map(str, back.refused)


def _problems(own: County, file: Path) -> Iterator[str]:
    (back,) = load_problems(own, [file], dry_run=True)
    assert (back.changed, back.added) == (0, 0)
    yield from map(str, back.refused)


TAKEN: dict[str, Callable[[County, Path], Iterator[str]]] = {
    "核查.xlsx": _firms, "地块.xlsx": _firms, "进度.xlsx": _progress, "交办.xlsx": _problems
}  # fmt: skip


@pytest.mark.parametrize("book", BOOKS)
def test_each_locked_cell_changed_alone_returns_its_line_by_that_cell(handed: Path, tmp_path: Path, book: str) -> None:
    name, sheet, head, visit = BOOKS[book]
    own = County(handed / "small.duckdb")
    page: Worksheet = openpyxl.load_workbook(handed / name)[sheet]
    columns = {str(c.value): c.column for c in page[head]}
    lines = [r for r in range(head + 1, page.max_row + 1) if page.cell(r, 1).value or page.cell(r, 2).value]
    locked = [h for h, c in columns.items() if page.cell(lines[0], c).protection.locked]
    assert len(locked) > 8
    assert not set(visit) & set(locked)
    for start in range(0, len(locked), len(lines)):
        changed = _changed(handed / name, tmp_path / name, dict(zip(lines, locked[start:], strict=False)), book)
        said = list(TAKEN[name](own, tmp_path / name))
        named = [set(re.findall(r"([A-Z]{1,2}[0-9]+) 的“", s)) for s in said]
        for cell in changed:
            assert sum(cell in cells for cells in named) == 1, (cell, said)
        assert set().union(*named) == set(changed), "no other cell is complained of"


def _changed(issued: Path, file: Path, cells: dict[int, str], book: str) -> list[str]:
    """The workbook with these cells changed, each on a line filled in; where they are."""
    _, sheet, head, visit = BOOKS[book]
    whole = openpyxl.load_workbook(issued)
    page: Worksheet = whole[sheet]
    columns = {str(c.value): c.column for c in page[head]}
    changed = []
    for row, header in cells.items():
        for asked, value in visit.items():
            page.cell(row, columns[asked]).value = value
        cell = page.cell(row, columns[header])
        assert isinstance(cell, Cell)
        cell.value = "改过"
        changed.append(cell.coordinate)
    whole.save(file)
    return changed
