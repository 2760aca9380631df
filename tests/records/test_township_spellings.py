"""Townships and scales in other words than the roll's: proposed and said, never two townships in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.records import YearEnd, check_tables, read_file
from mujun.records.roll import NO_ROLL, Roll
from mujun.records.township_spellings import spelled_otherwise
from tests.records.files import Rows, code, only, text

HEAD = ["统一社会信用代码", "企业名称", "镇街", "规模"]


@pytest.mark.parametrize(
    ("spellings", "known", "meant"),
    [
        (["甘霖", "甘霖镇"], [], {"甘霖": "甘霖镇"}),
        (["甘霖"], ["甘霖镇"], {"甘霖": "甘霖镇"}),
        (["三江街道办事处"], ["三江街道", "甘霖镇"], {"三江街道办事处": "三江街道"}),
        (["甘霖乡"], ["甘霖镇"], {"甘霖乡": "甘霖镇"}),
        (["城南街道", "城南乡"], [], {}),
        (["甘霖"], [], {}),
        (["长乐镇", "甘霖镇"], ["甘霖镇"], {}),
    ],
)
def test_spellings(spellings: list[str], known: list[str], meant: dict[str, str]) -> None:
    assert spelled_otherwise(spellings, known) == meant


def test_two_spellings_are_said_once_with_how_many_firms(tmp_path: Path) -> None:
    rows = [HEAD, *([code(n), f"示例{n}厂", "甘霖" if n > 3 else "甘霖镇", "规下"] for n in range(1, 7))]
    records = read_file(text(tmp_path / "2022年企业名录.csv", rows))
    finding = only(records, "township_spelling")
    assert (finding.severity, finding.row, finding.value) == ("warning", 5, "甘霖")
    assert "甘霖镇" in finding.what
    assert "3 家" in finding.what
    # `check` says it as well: the two may come from two files.
    (firms,) = [t.rows for t in records.tables]
    assert [f.code for f in check_tables(YearEnd.of({"enterprises": firms}, 2022))] == ["township_spelling"]


def test_a_spelling_of_a_township_that_is_known(tmp_path: Path) -> None:
    known = Roll(NO_ROLL.firms, townships=frozenset(["甘霖镇"]))
    records = read_file(text(tmp_path / "2022年企业名录.csv", [HEAD, [code(1), "甲", "甘霖", "规下"]]), roll=known)
    assert "甘霖镇" in only(records, "township_spelling").remedy


@pytest.mark.parametrize(("word", "likely"), [("小微", "规下"), ("中型", "规上")])
def test_a_size_proposes_a_scale_and_is_not_taken(tmp_path: Path, word: str, likely: str) -> None:
    records = read_file(text(tmp_path / "2022年企业名录.csv", [HEAD, [code(1), "甲", "甘霖镇", word]]))
    assert all(t.rows.is_empty() for t in records.tables)
    assert f"“{likely}”" in only(records, "unknown_choice").remedy


def test_code_and_name_of_two_firms_are_said_by_check_where_the_roll_came_later(tmp_path: Path) -> None:
    roll: Rows = [HEAD, [code(1), "示例甲厂", "甘霖镇", "规下"], [code(2), "示例乙厂", "甘霖镇", "规下"]]
    tax: Rows = [["信用代码", "企业名称", "实缴税金（万元）"], [code(1), "示例乙厂", 10], [code(2), "示例乙厂", 20]]
    tables = {
        t.table: t.rows
        for path, rows in (("2022年企业名录.csv", roll), ("2022年税收.csv", tax))
        for t in read_file(text(tmp_path / path, rows)).tables
    }
    (finding,) = [f for f in check_tables(YearEnd.of(tables, 2022)) if f.code == "name_of_another_in"]
    assert (finding.table, finding.credit_code, finding.value) == ("tax", code(1), "示例乙厂")
    assert "示例甲厂" in finding.what
