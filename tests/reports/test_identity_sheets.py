"""The workbook of names: what a person may change and what not, and nothing in it that computes."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from pathlib import Path

import openpyxl

from mujun.records.matching import Candidate, Proposal, Waiting
from mujun.reports.departments.identity_sheets import SHEET, write_identity

A, B = "91330683XXXX90018D", "91330683XXXX900268"


def proposal(name: str, kind: str, *candidates: Candidate, rows: int = 1) -> Proposal:
    waiting = tuple(Waiting("tax", 1, "税收.csv", None, 3 + i, 2022, name, name, "三江街道") for i in range(rows))
    return Proposal(name, "三江街道", waiting, kind, candidates)  # type: ignore[arg-type]


def test_keys_are_locked_and_the_decision_is_a_choice(tmp_path: Path) -> None:
    firms = [
        Candidate(A, "恒达电机有限公司", "三江街道", Decimal("95.2")),
        Candidate(B, "恒泰", "三江街道", Decimal(81)),
    ]
    path = write_identity(
        tmp_path / "认定.xlsx",
        [
            proposal("恒达电机有公司", "near", *firms, rows=9),
            proposal("=恒达()", "none"),
            proposal("甲", "several", *firms),
        ],
    )
    with closing(openpyxl.load_workbook(path)) as book:
        sheet = book[SHEET]
        titles = [c.value for c in sheet[1]]
        first, second, third = (dict(zip(titles, row, strict=True)) for row in sheet.iter_rows(min_row=2))
        assert sheet.protection.sheet
        open_to_all = {title for title, cell in first.items() if not cell.protection.locked}
        assert open_to_all == {"认定", "认定信用代码", "文号", "备注"}
        [choice] = sheet.data_validations.dataValidation
        assert (choice.formula1, str(choice.sqref)) == ('"认定,不认定"', "C2:C4")
        assert (first["认定信用代码"].value, first["名称相似度（%）"].value, first["等待的行数"].value) == (A, 95.2, 9)
        assert B in first["其他相近企业"].value
        assert first["出处"].value.endswith("另有 3 行")
        # Nobody is proposed where several may be meant: the code is left for the person to fill in.
        assert third["认定信用代码"].value is None
        assert A in third["其他相近企业"].value
        assert (second["材料中的名称"].value, second["材料中的名称"].data_type) == ("=恒达()", "s")
