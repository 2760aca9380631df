"""The workbook's sheets of merged subjects and of firms rated both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mujun.reports.drawing.exporting import write_table
from mujun.reports.year.year_workbook import year_workbook
from tests.rating.given import frame_of, rated
from tests.rating.test_both import FIRMS, RULES


def cells(path: Path) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: [[c.value for c in row] for row in sheet.iter_rows()] for sheet in book}


def written(tmp_path: Path, subject: str, both: str) -> dict[str, list[list[Any]]]:
    firms = [{**f, "name": f"{f['credit_code']}有限公司"} for f in FIRMS]
    path = tmp_path / "年.xlsx"
    year_workbook(path, rating=rated(RULES % (subject, both), firms), frame=frame_of(firms))
    return cells(path)


def row_of(rows: list[list[Any]], name: str) -> dict[str, Any]:
    head = next(row for row in rows if "企业名称" in row)
    values = next(row for row in rows if name in row)
    return {str(title).replace("\n", ""): value for title, value in zip(head, values, strict=True)}


def test_members_with_their_parts(tmp_path: Path) -> None:
    sheets = written(tmp_path, "parcel", "{counts: alone}")
    # 混 stands alone, so only 三 and 四 are merged.
    assert [row[2] for row in sheets["合并评价"][-2:]] == ["三有限公司", "四有限公司"]
    row = row_of(sheets["合并评价"], "四有限公司")
    assert (row["评价对象"], row["企业（家）"], row["档次"], row["组内名次"]) == ("P3", 2, "B", 2)
    assert (row["实缴税金（万元）"], row["实缴税金·合并（万元）"]) == (30, 90)
    assert row["实缴税金·占比"] == pytest.approx(1 / 3)


def test_both_results_side_by_side(tmp_path: Path) -> None:
    sheets = written(tmp_path, "enterprise", "true")
    row = row_of(sheets["两种评价"], "混有限公司")
    assert row["两种档次是否一致"] == "不一致"
    assert (row["单独·综合得分（分）"], row["单独·组内名次"], row["单独·档次"]) == (20, 4, "D")
    assert (row["合并·综合得分（分）"], row["合并·组内名次"], row["合并·档次"]) == (60, 2, "B")
    assert (row["单独·实际用地（亩）"], row["合并·实际用地（亩）"]) == (10, 20)
    assert row["合并·哪些企业"] == "主有限公司；混有限公司"
    assert "以单独评价的结果为准" in "".join(str(c) for line in sheets["两种评价"][:4] for c in line)
    assert "合并评价" not in sheets
    result = row_of(sheets["全部评价结果"], "混有限公司")
    assert (result["以哪种评价为准"], result["另一种评价"], result["另一种评价·档次"]) == ("单独评价", "合并评价", "B")


def test_the_export_in_words(tmp_path: Path) -> None:
    rating = rated(RULES % ("parcel", "true"), FIRMS)
    rows = cells(write_table(rating.ratings, tmp_path / "r.xlsx", what="ratings", rules=rating.plan.ruleset))[
        "评价结果"
    ]
    head = [str(c).replace("\n", "") for c in next(r for r in rows if "统一社会信用代码" in r)]
    mixed = dict(zip(head, next(r for r in rows if "混" in r), strict=True))
    assert mixed["合并评价的企业"] == "主；混"
    assert (mixed["tax_per_mu"], mixed["tax_per_mu·合并"]) == (2, 6)
    assert (mixed["实际用地（亩）"], mixed["实际用地·合并（亩）"]) == (10, 20)


def test_without_merging_there_are_no_such_sheets(tmp_path: Path) -> None:
    path = tmp_path / "年.xlsx"
    year_workbook(
        path, rating=rated(RULES.replace(", both: %s", "") % "enterprise", FIRMS), frame=frame_of(FIRMS)
    )  # fmt: skip
    assert {"合并评价", "两种评价"}.isdisjoint(cells(path))
