"""Forms: what is open, what is locked, what may be entered, as openpyxl reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import (
    DAY,
    QUANTITY,
    TEXT,
    Cell,
    Entry,
    Form,
    FormColumn,
    Look,
    Paper,
    Row,
    cells_of,
    one_of,
    row_of,
)

LOCKED = Look(fill="#F2F2F2", edged=True)
OPEN = LOCKED.but(fill="#FFFBE6", open=True, numbers=TEXT)


def form(**changed: Any) -> Form:
    rows = (
        Row((Cell("核查表", Look(bold=True, size=16), span=3),), 30),
        row_of(("代码", "是否", "面积"), LOCKED),
        Row((Cell("=1+1", LOCKED, "照抄"), Cell(None, OPEN), Cell(Decimal("1.25"), LOCKED.but(numbers=QUANTITY)))),
        Row((*cells_of(("007", None)), Cell(date(2023, 5, 18), LOCKED.but(numbers=DAY), entry=Entry(least=0)))),
    )
    columns = (FormColumn(20, codes=True), FormColumn(8, Look(numbers=TEXT), one_of(("是", "否"))), FormColumn(9))
    given: dict[str, Any] = {
        "header": 1, "body": 2, "fixed": 1, "filtered": 3, "locked": ("sort",),
        "paper": Paper("A3", columns=2, repeated=(True, 1), footer="&LM1"), **changed,
    }  # fmt: skip
    return Form("核查", columns, rows, **given)


def drawn(folder: Path, *forms: Form) -> Any:
    return openpyxl.load_workbook(write_forms(folder / "表.xlsx", forms, title="题名"))


def test_cells_are_what_was_given_and_open_where_they_say(tmp_path: Path) -> None:
    page = drawn(tmp_path, form())["核查"]
    assert [str(m) for m in page.merged_cells.ranges] == ["A1:C1"]
    assert (page["A3"].value, page["A3"].data_type, page["A3"].comment.text) == ("=1+1", "s", "照抄")
    assert (page["B3"].value, page["C3"].value, page["A4"].value) == (None, 1.25, "007")
    assert page["C4"].value.date() == date(2023, 5, 18)
    assert [page[c].protection.locked for c in ("A3", "B3", "C3")] == [True, False, True]
    assert (page.protection.sheet, page.protection.sort, page.protection.formatRows) == (True, False, True)
    assert (page.row_dimensions[1].height, page.column_dimensions["A"].width) == (30, pytest.approx(20.7, abs=0.1))
    assert page.column_dimensions["B"].number_format == TEXT


def test_what_may_be_entered_holds_for_the_tables_rows(tmp_path: Path) -> None:
    page = drawn(tmp_path, form())["核查"]
    rules = {str(v.sqref): (v.type, v.formula1, v.error) for v in page.data_validations.dataValidation}
    assert rules == {"C4": ("decimal", "0", None), "B3:B4": ("list", '"是,否"', "是、否")}
    endless = drawn(tmp_path, form(endless=True))["核查"]
    assert "B3:B1048576" in {str(v.sqref) for v in endless.data_validations.dataValidation}


@pytest.mark.parametrize(
    ("entry", "read"),
    [
        (Entry(("甲", "乙"), warns=True), ("list", None, '"甲,乙"', "warning")),
        (Entry(least=0), ("decimal", "greaterThanOrEqual", "0", None)),
        (Entry(days=(date(1900, 1, 1), date(1900, 1, 2))), ("date", None, "1", None)),
        (Entry(after=date(1900, 1, 1)), ("date", "greaterThan", "1", None)),
        (Entry(longest=500), ("textLength", "lessThanOrEqual", "500", None)),
    ],
)
def test_every_kind_of_entry(tmp_path: Path, entry: Entry, read: tuple[str | None, ...]) -> None:
    page = drawn(tmp_path, Form("表", (FormColumn(9),), (Row((Cell(None, OPEN, entry=entry),)),)))["表"]
    (rule,) = page.data_validations.dataValidation
    assert (rule.type, rule.operator, rule.formula1, rule.errorStyle) == read


def test_the_page_is_set_up_as_declared(tmp_path: Path) -> None:
    book = drawn(
        tmp_path, form(), replace(form(locked=None, paper=None, fixed=None, filtered=0, active=True), name="另")
    )
    page, other = book.worksheets
    assert (page.freeze_panes, page.auto_filter.ref) == ("B3", "A2:C4")
    assert (page.print_title_rows, page.print_title_cols) == ("$2:$2", "$A:$A")
    assert page.print_area == "'核查'!$A$1:$B$4"
    assert (page.page_setup.paperSize, page.page_setup.orientation, page.oddFooter.left.text) == (8, "landscape", "M1")
    assert (other.freeze_panes, other.auto_filter.ref, other.protection.sheet) == (None, None, False)
    assert (book.active.title, book.properties.title) == ("另", "题名")


def test_equal_forms_give_equal_bytes(tmp_path: Path) -> None:
    first, second = (write_forms(tmp_path / name, [form()]) for name in ("甲.xlsx", "乙.xlsx"))
    assert first.read_bytes() == second.read_bytes()
