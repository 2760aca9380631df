"""Every finding tried by its own instruction: the file with the error, the correction as told, and the figure right.

Single cells are corrected in the findings workbook that loading writes, as a department does it; what is wrong with a
file as a whole is mended in the file (`remedy_stories`).
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import mujun.records
from mujun import County
from mujun.fields import TABLES
from mujun.messages import keys
from mujun.reports.departments.findings import write_findings
from mujun.workspace import LoadOutcome
from tests.records.files import Rows, code, workbook
from tests.workspace.remedy_stories import STORIES, A, B, Story, roll

YEAR, FIRM = 2022, code(7)


@dataclass(frozen=True)
class Case:
    """A row with an error, the cell that is corrected (by the field's name) and what stands afterwards."""

    table: str
    row: dict[str, object]
    correct: str
    to: str
    field: str
    right: object


TAX = {"year": YEAR, "credit_code": FIRM, "name": "示例甲厂", "tax_paid": 20}
LAND = {"year": YEAR, "credit_code": FIRM, "name": "示例甲厂", "tenure": "自有", "area_mu": 6}
BILL = {"credit_code": FIRM, "name": "示例甲厂", "utility": "电", "from": "2022-01-01", "until": "2022-01-31",
        "quantity": 500}  # fmt: skip

CASES: dict[str, Case] = {
    "unreadable_cell": Case("tax", {**TAX, "tax_paid": "待核实"}, "tax_paid", "20", "tax_paid", Decimal(20)),
    "too_large": Case("tax", {**TAX, "tax_paid": "99999999999999"}, "tax_paid", "20", "tax_paid", Decimal(20)),
    "impossible_year": Case("tax", {**TAX, "year": 2121}, "year", "2022", "tax_paid", Decimal(20)),
    "credit_code_invalid": Case("tax", {**TAX, "credit_code": FIRM[:-1]}, "credit_code", FIRM, "tax_paid", Decimal(20)),
    "code_as_number": Case("tax", {**TAX, "credit_code": "9.13307E+17"}, "credit_code", FIRM, "tax_paid", Decimal(20)),
    "missing_key": Case("land", {**LAND, "credit_code": None}, "credit_code", FIRM, "area_mu", Decimal(16)),
    "missing_required": Case("land", {**LAND, "area_mu": None}, "area_mu", "6", "area_mu", Decimal(16)),
    "negative_value": Case("land", {**LAND, "area_mu": -6}, "area_mu", "6", "area_mu", Decimal(16)),
    "unknown_choice": Case("land", {**LAND, "tenure": "借用"}, "tenure", "自有", "area_mu", Decimal(16)),
    "ends_before": Case("usage", {**BILL, "until": "2021-12-31"}, "until", "2022-01-31", "quantity", Decimal(500)),
}

NOT_HERE: dict[str, str] = {
    **dict.fromkeys(
        ("months_missing", "period_shorter"),
        "ask for another file, or for nothing where the file is right: what is said is held by cases of tests/intake",
    ),
    **dict.fromkeys(
        ("name_matched", "match_own_row", "alias_record"),
        "tell of a decision that stands: nothing is to be done to this file (tests/workspace/test_identity.py)",
    ),
    **dict.fromkeys(
        ("alias_land_twice", "alias_same_figures"),
        "about changes of codes, over several files: tests/records/test_succession.py and test_changed_codes.py",
    ),
    **dict.fromkeys(
        ("returned_edited", "returned_row_added", "returned_row_gone", "returned_row_twice", "survey_land_implausible",
         "survey_land_leased", "survey_land_unknown", "survey_land_vanishes", "survey_problem"),
        "of workbooks handed out, no department's file: tests/workspace/test_township_round.py",
    ),
    **dict.fromkeys(
        ("shape_area_differs", "shape_without_record", "shape_unreadable"),
        "about shapes of parcels in GeoJSON, no sheet to be corrected: tests/records/test_shapes.py",
    ),
    "usage_overlap": "about bills that overlap, said by the check of the year: tests/workspace/test_money.py",
    "extra_unreadable": "said by the frame, of fields that a rule set declares: tests/records/test_frame.py",
}  # fmt: skip


def codes_of_records() -> set[str]:
    """The codes of findings that the room of records makes."""
    source = Path(keys.__file__).read_text(encoding="utf-8")
    known = set(re.findall(r'"(\w+)"', source[source.index("FindingCode = Literal[") :]))
    room = Path(mujun.records.__file__).parent
    texts = "\n".join(p.read_text(encoding="utf-8") for p in room.rglob("*.py"))
    return {c for c in known if f'"{c}"' in texts}


def test_every_finding_is_tried_or_says_why_not() -> None:
    assert codes_of_records() - set(CASES) - set(STORIES) - set(NOT_HERE) == set()
    assert ((set(CASES) | set(STORIES)) & set(NOT_HERE)) == set()
    assert set(CASES) & set(STORIES) == set()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], int, object]]:
    """By case, the codes found, the rows that still wait, and the figure after the correction."""
    found: dict[str, tuple[list[str], int, object]] = {}
    listed: Rows = [["年度", "统一社会信用代码", "企业名称", "规模"], [YEAR, FIRM, "示例甲厂", "规上"]]
    known = County(tmp_path_factory.mktemp("known") / "嵊州.duckdb")
    known.data.load([workbook(known.path.with_name("名录.xlsx"), {"企业名录": listed})])
    for name, case in CASES.items():
        folder = tmp_path_factory.mktemp(name)
        county = County(shutil.copy(known.path, folder / "嵊州.duckdb"))
        table = TABLES[case.table]
        rows = [case.row] if case.table != "land" else [{**LAND, "area_mu": 10}, case.row]
        fields = list(dict.fromkeys(f for row in rows for f in row))
        sheet: Rows = [[table.by_name[f].label for f in fields], *([row[f] for f in fields] for row in rows)]
        outcome = county.data.load([workbook(folder / f"{table.label}.xlsx", {table.label: sheet})])
        back = write_findings(folder / "问题.xlsx", outcome.records())
        book = openpyxl.load_workbook(back)
        sheet_back = next(s for s in book if s.title.startswith(f"{table.label}-"))
        at = 1 + [f.name for f in table.fields].index(case.correct)
        sheet_back.cell(2, at).value = case.to
        book.save(back)
        county.data.load([back])
        waits = county.data.coverage(YEAR).waits
        figures = county.data.table(case.table)[case.field]
        found[name] = ([str(f.code) for f in outcome.findings], waits, figures.sum())
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_remedy_settles_the_finding(name: str, loaded: dict[str, tuple[list[str], int, object]]) -> None:
    codes, waits, figure = loaded[name]
    assert name in codes
    assert (waits, figure) == (0, CASES[name].right)


# ------------------------------------------------------------------------------------- mended in the file that was sent


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the roll: 甲 and 乙."""
    folder = tmp_path_factory.mktemp("roll")
    county = County(folder / "嵊州.duckdb")
    county.data.load([roll((A, "示例甲厂", "甘霖镇"), (B, "示例乙厂", "甘霖镇"))(folder)])
    return county.path


@pytest.mark.parametrize("name", STORIES)
def test_the_mended_file_settles_the_finding(name: str, empty: Path, tmp_path: Path) -> None:
    story = STORIES[name]
    county = County(Path(shutil.copy(empty, tmp_path / "嵊州.duckdb")))
    outcome = county.data.load([write(tmp_path) for write in story.sent], **{"year": YEAR, **story.options})
    assert not outcome.refused
    assert name in said(county, outcome, story)
    mended = county.data.load([write(tmp_path) for write in story.mended], year=YEAR)
    story.decide(county, tmp_path)
    assert name not in said(county, mended, story)
    assert county.data.coverage(YEAR).waits == 0
    table, field, right = story.right
    own = county.data.table(table).filter(pl.col("credit_code") == A, pl.col("year") == YEAR)[field]
    assert (own.sum() if own.count() else None) == right


def said(county: County, outcome: LoadOutcome, story: Story) -> set[str]:
    """The codes of findings that a load said, or the check of the year."""
    findings = county.data.check(YEAR) if story.checked else outcome.findings
    return {f.code for f in findings}


@pytest.mark.parametrize("name", ["both_scales", "township_spelling"])
def test_what_loading_said_check_does_not_say_again(name: str, empty: Path, tmp_path: Path) -> None:
    county = County(Path(shutil.copy(empty, tmp_path / "嵊州.duckdb")))
    outcome = county.data.load([write(tmp_path) for write in STORIES[name].sent], year=YEAR)
    assert name in {f.code for f in outcome.findings}
    assert name not in {f.code for f in county.data.check(YEAR)}
