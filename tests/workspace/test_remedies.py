"""Every finding tried by its own instruction: the file with the error, the correction as told, and the figure right.

The corrections are made in the findings workbook that loading writes, as a department makes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

import mujun.records
from mujun import County
from mujun.fields import TABLES
from mujun.messages import keys
from mujun.reports.departments.findings import write_findings
from tests.records.files import code, workbook

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
        ("both_scales", "code_repaired", "duplicate_row", "several_holders", "name_matched", "match_own_row",
         "columns_not_taken", "sheet_not_taken", "cell_comments", "columns_hidden", "rows_hidden", "rows_filtered",
         "rows_struck", "format_scales", "formula_doubtful"),
        "a reminder: the row is in, and what it asks for is a look",
    ),
    **dict.fromkeys(
        ("no_land", "no_enterprise", "name_changed", "unit_slip", "survey_problem", "extra_unreadable"),
        "across tables: settled by another file, which check then sees (tests/records/test_across.py)",
    ),
    **dict.fromkeys(
        ("lease_differs", "lease_one_sided", "lets_without_holding", "net_land_not_positive", "parcel_area_differs"),
        "between two firms: what stands is told by tests/records/test_land_register.py",
    ),
    **dict.fromkeys(
        ("alias_circle", "alias_land_twice", "alias_no_code", "alias_record", "alias_same_figures", "alias_self",
         "alias_two_successors"),
        "about changes of codes: tests/records/test_succession.py and tests/workspace/test_changed_codes.py",
    ),
    **dict.fromkeys(
        ("returned_edited", "returned_row_added", "returned_row_gone", "returned_row_twice", "survey_land_implausible",
         "survey_land_leased", "survey_land_unknown", "survey_land_vanishes"),
        "of workbooks handed out: tests/workspace/test_township_round.py",
    ),
    **dict.fromkeys(
        ("parts_differ", "question_open", "merged_across", "merged_figure", "table_not_read", "not_added_over_time",
         "total_differs", "sum_waits"),
        "of the reading, settled by an answer or in the file: tests/records/test_questions.py and tests/intake",
    ),
    **dict.fromkeys(("error_value", "formula_not_computed"), "the file is saved anew in Excel, which no test can do"),
    **dict.fromkeys(
        ("mixed_encodings", "bad_bytes", "thousands_unclear", "column_of_odd_type", "foreign_money",
         "row_of_wrong_width"),
        "of a file's text or a column: mended where the file is made, and tried by tests/records and tests/intake",
    ),
    **dict.fromkeys(
        ("resident_number", "name_of_another", "name_of_another_in", "township_spelling"),
        "held against the roll: tests/records/test_roll.py",
    ),
    "duplicate_key": "settled by deleting the wrong row; the rule that neither row counts is the reading's",
}  # fmt: skip


def codes_of_records() -> set[str]:
    """The codes of findings that the room of records makes."""
    source = Path(keys.__file__).read_text(encoding="utf-8")
    known = set(re.findall(r'"(\w+)"', source[source.index("FindingCode = Literal[") :]))
    room = Path(mujun.records.__file__).parent
    texts = "\n".join(p.read_text(encoding="utf-8") for p in room.rglob("*.py"))
    return {c for c in known if f'"{c}"' in texts}


def test_every_finding_is_tried_or_says_why_not() -> None:
    assert codes_of_records() - set(CASES) - set(NOT_HERE) == set()
    assert (set(CASES) & set(NOT_HERE)) == set()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], int, object]]:
    """By case, the codes found, the rows that still wait, and the figure after the correction."""
    found = {}
    for name, case in CASES.items():
        folder = tmp_path_factory.mktemp(name)
        county = County(folder / "嵊州.duckdb")
        table = TABLES[case.table]
        rows = [case.row] if case.table != "land" else [{**LAND, "area_mu": 10}, case.row]
        fields = list(dict.fromkeys(f for row in rows for f in row))
        sheet = [[table.by_name[f].label for f in fields], *([row[f] for f in fields] for row in rows)]
        roll = [["年度", "统一社会信用代码", "企业名称", "规模"], [YEAR, FIRM, "示例甲厂", "规上"]]
        first = workbook(folder / f"{table.label}.xlsx", {table.label: sheet})
        outcome = county.data.load([workbook(folder / "名录.xlsx", {"企业名录": roll}), first])
        back = write_findings(folder / "问题.xlsx", outcome.records())
        book = openpyxl.load_workbook(back)
        sheet_back = next(s for s in book if s.title.startswith(f"{table.label}-"))
        at = 1 + [f.name for f in table.fields].index(case.correct)
        sheet_back.cell(2, at).value = case.to
        book.save(back)
        county.data.load([back])
        waits = county.data.coverage(YEAR).waits
        figures = county.data.table(case.table)[case.field]
        found[name] = ([f.code for f in outcome.findings], waits, figures.sum())
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_remedy_settles_the_finding(name: str, loaded: dict[str, tuple[list[str], int, object]]) -> None:
    codes, waits, figure = loaded[name]
    assert name in codes
    assert (waits, figure) == (0, CASES[name].right)
