"""Fairness as a workbook and as a document for programs."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl

from mujun import messages
from mujun.analysis.fairness import DIMENSIONS
from mujun.reports.runs.fairness_sheets import dimension_name, fairness_document, group_name, reading, write_fairness
from tests.analysis.fairness.test_fairness import FIRMS, looked_at


def test_the_workbook_holds_what_was_found(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_fairness(tmp_path / "公平性.xlsx", looked_at(), run=3))
    assert book.sheetnames == ["概况", "各组档次", "得分差异·全部", "权重与重复"]
    cells = {sheet.title: [[c.value for c in row] for row in sheet.iter_rows()] for sheet in book}
    assert any("第 3 次评价" in str(c) for row in cells["概况"] for c in row)
    above = next(row for row in cells["各组档次"] if row[1] == "规上")
    assert above[:7] == ["规模", "规上", 2, 1, 50, 1, 50]
    assert above[-1] == "家数少"
    rented = next(row for row in cells["得分差异·全部"] if row[1] == "租赁型")
    assert rented[:9] == ["用地归属", "租赁型", 1, 70, 10, "亩均增加值", 0, 10, 0]
    tax = next(row for row in cells["权重与重复"] if row[1] == "亩均税收")
    assert (*tax[2:5], *tax[7:9]) == (60, 60, 120, 60, 50)
    assert tax[5] <= 120 <= tax[6]


def test_the_document_is_exact_text(tmp_path: Path) -> None:
    document = json.loads(json.dumps(fairness_document(looked_at(), "0.1")))
    assert (document["format"], document["format_version"], document["engine"]) == ("mujun-fairness", 1, "0.1")
    va = document["weights"][1]
    least, most = va.pop("least"), va.pop("most")
    assert float(least) <= -0.2 <= float(most)
    assert va == {
        "cohort": "all", "indicator": "va", "weight": "40.000000", "nominal": "0.4000", "effective": "-0.2000",
        "explained": "0.5000",
    }  # fmt: skip
    assert len(document["shares"]) == 1 + sum(d["groups"] for d in document["dimensions"]) + 3


def test_names_of_groups_in_both_languages() -> None:
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            assert all(dimension_name(d) for d in ("all", *DIMENSIONS))
            assert len(reading()) == 5
            names = {group_name(d, None) for d in DIMENSIONS}
            assert len(names) == 2
    with messages.speaking("zh"):
        assert group_name("industry", "17") == "17 纺织业"
        assert group_name("industry", "99") == "99"
        assert group_name("age", "3") == "3至5年"
        assert group_name("tenure", "mixed") == "混合型"


def test_names_are_texts(tmp_path: Path) -> None:
    firms = [{**firm, "township": "=1+1"} for firm in FIRMS]
    book = openpyxl.load_workbook(write_fairness(tmp_path / "f.xlsx", looked_at(firms)))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value == "=1+1"]
    assert cells
    assert all(c.data_type == "s" for c in cells)
