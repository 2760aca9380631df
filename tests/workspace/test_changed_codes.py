"""Firms whose code changed or that took another over: what their sheet says, and what a correction changes."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.rounds.confirming import confirm, confirm_all
from mujun.workspace.rounds.correcting import correct
from mujun.workspace.rounds.returning import take_back
from mujun.workspace.rounds.township_round import hand_out, screening_rules
from tests.workspace.why import Why

from ..store.given import file, rows
from .round_county import ALONE, LANDLORD, NAMES, SMALL, county, rules_at

OLD, MERGED, HEIR = "91330683XXXX10028G", "91330683XXXX10079Q", "91330683XXXX10150G"
WHY: Why = {"reason": "漏报", "document": "示例1号"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OLD became ALONE (tax 120 + 30), MERGED was taken over by LANDLORD (18 + 7; its own land is 5 亩)."""
    folder = tmp_path_factory.mktemp("made")
    own = county(folder / "county.duckdb")
    changes = [
        {"credit_code": o, "name": "旧厂", "successor": n, "change": c, "since": date(2022, 5, 1)}
        for o, n, c in ((OLD, ALONE, "换码"), (MERGED, LANDLORD, "合并"))
    ]
    paid = [{"year": 2022, "credit_code": c, "tax_paid": Decimal(t)} for c, t in ((OLD, 30), (MERGED, 7))]
    ground = {"year": 2022, "credit_code": MERGED, "tenure": "自有", "area_mu": Decimal(5), "parcel": "P9"}
    with Store.open(own.path, write=True) as store:
        store.add_batch(file("变更.xlsx", {"aliases": rows("aliases", *changes)}), who="甲")
        store.add_batch(file("旧码税收.csv", {"tax": rows("tax", *paid)}, columns={"tax": ["tax_paid"]}), who="甲")
        store.add_batch(file("旧码用地.csv", {"land": rows("land", ground)}), who="甲")
    own.runs.rate(rules_at(folder / "rules"), 2022)
    return own.path


@pytest.fixture
def own(made: Path, tmp_path: Path) -> County:
    """A copy of it, to do with as one likes."""
    return County(shutil.copy(made, tmp_path / "county.duckdb"))


def lines(sheet: Path, at: int) -> dict[str, object]:
    found = openpyxl.load_workbook(sheet).worksheets[at].iter_rows(min_row=6, values_only=True)
    return {str(r[1]): r[3] for r in found if r[1]}


def paid(own: County, code: str) -> Decimal:
    return Decimal(own.data.table("tax").filter(pl.col("credit_code") == code)["tax_paid"].item())


def test_a_sheet_has_what_stands_under_old_codes_and_what_it_comes_to(own: County, tmp_path: Path) -> None:
    confirm(own, 2022, tmp_path / "单.xlsx", codes=[OLD, LANDLORD])
    by_code = {
        str(book["A2"].value).split("　")[1]: i
        for i, book in enumerate(openpyxl.load_workbook(tmp_path / "单.xlsx").worksheets)
    }
    assert set(by_code) == {ALONE, LANDLORD}, "an old code means the firm as it is now"
    renamed, heir = (lines(tmp_path / "单.xlsx", by_code[c]) for c in (ALONE, LANDLORD))
    assert (renamed["实缴税金"], renamed[f"实缴税金（原代码 {OLD}）"], renamed["实缴税金（计入）"]) == (120, 30, 150)
    assert heir["实缴税金（计入）"] == 25
    assert heir[f"自有用地 P9 （原代码 {MERGED}）"] == 5
    assert heir["实际用地"] == 11


def test_every_firm_of_the_roll_has_a_sheet_as_it_counts(own: County, tmp_path: Path) -> None:
    (only,) = confirm_all(own, 2022, tmp_path / "全部")
    assert only.firms == len(NAMES)


def test_an_objection_to_what_an_old_code_reported_corrects_that_record(own: County, tmp_path: Path) -> None:
    sheet = tmp_path / "单.xlsx"
    confirm(own, 2022, sheet, codes=[ALONE])
    book = openpyxl.load_workbook(sheet)
    (row,) = [r for r in book.worksheets[0].iter_rows(min_row=6) if r[1].value == f"实缴税金（原代码 {OLD}）"]
    for cell, said in zip(row[5:9], ("31", "漏报", "同意", "示例2号"), strict=True):
        cell.value = said
    book.save(sheet)
    (back,) = take_back(own, [sheet])
    assert (back.errors, paid(own, OLD), paid(own, ALONE)) == (0, Decimal(31), Decimal(120))


def test_a_measured_area_corrects_the_land_where_it_stands(own: County, tmp_path: Path) -> None:
    """SMALL became HEIR: its 2 亩 stand under the old code only."""
    change = {"credit_code": SMALL, "name": "戊作坊", "successor": HEIR, "change": "换码", "since": date(2022, 5, 1)}
    with Store.open(own.path, write=True) as store:
        store.add_batch(file("变更二.xlsx", {"aliases": rows("aliases", change)}), who="甲")
    sheet = tmp_path / "核查.xlsx"
    hand_out(own, screening_rules(own, None, 2022), "甲镇", Decimal(1), sheet)
    book = openpyxl.load_workbook(sheet)
    table = book.worksheets[0]
    at = {str(c.value): c.column for c in table[4]}
    row = next(r for r in range(5, table.max_row + 1) if table.cell(r, 1).value == HEIR)
    for header, said in {"实测用地（亩）": 3, "核查人": "甲", "核查日期": date(2023, 4, 1)}.items():
        table.cell(row, at[header]).value = said
    book.save(sheet)
    take_back(own, [sheet])
    assert own.data.table("land").filter(pl.col("credit_code") == SMALL)["area_mu"].to_list() == [Decimal(3)]
    assert own.data.frame(2022)[0].filter(pl.col("credit_code") == HEIR)["land_mu"].item() == Decimal(3)


def test_a_correction_says_what_else_counts(own: County) -> None:
    done = correct(own, ALONE, 2022, {"tax_paid": "100"}, **WHY)
    assert [(f.code, f.values["holder"], f.values["figure"]) for f in done.findings] == [("correct_adds_up", OLD, "30")]
    done = correct(own, OLD, 2022, {"tax_paid": "40"}, **WHY)
    assert (done.name, [f.values["holder"] for f in done.findings]) == (NAMES[ALONE], [ALONE])
    assert (paid(own, ALONE), paid(own, OLD)) == (Decimal(100), Decimal(40))


def test_a_figure_that_stands_under_the_old_code_only_is_corrected_there(own: County) -> None:
    """Under the new code it would be added to what stands: 30 + 40 and not 40."""
    correct(own, ALONE, 2022, {"tax_paid": ""}, **WHY)
    done = correct(own, ALONE, 2022, {"tax_paid": "40"}, **WHY)
    assert [(f.code, f.values["holder"]) for f in done.findings] == [("correct_other_code", OLD)]
    assert own.data.frame(2022)[0].filter(pl.col("credit_code") == ALONE)["tax_paid"].item() == Decimal(40)
