"""Tables as files."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from mujun.errors import InputError, UsageError
from mujun.reports.drawing.exporting import TRIAL, write_table
from tests.reports.given import FORMULA, ruleset, year

SMALL = pl.DataFrame(
    {
        "credit_code": ["002202200000000017", "91330683000000001X"],
        "name": [FORMULA, "甲，乙\n公司"],
        "land_mu": [Decimal("1234567.123456"), None],
        "tax_paid": [Decimal("-3.000000"), Decimal("0.000001")],
        "started_on": [date(2020, 2, 29), None],
        "labels": [["=甲", "乙"], []],
    },
    schema_overrides={"land_mu": pl.Decimal(18, 6), "tax_paid": pl.Decimal(18, 6)},
)


def _csv(path: Path, encoding: str = "utf-8") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def test_csv_with_names_is_plain_and_exact(tmp_path: Path) -> None:
    path = write_table(SMALL, tmp_path / "a.csv", what="enterprises")
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert _csv(path) == [
        ["credit_code", "name", "land_mu", "tax_paid", "started_on", "labels"],
        ["002202200000000017", "'" + FORMULA, "1234567.123456", "-3.000000", "2020-02-29", "'=甲；乙"],
        ["91330683000000001X", "甲，乙\n公司", "", "0.000001", "", ""],
    ]


def test_csv_with_labels_is_for_excel(tmp_path: Path) -> None:
    path = write_table(SMALL, tmp_path / "a.csv", what="enterprises", headers="labels")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    head = _csv(path, "utf-8-sig")[0]
    assert head == ["统一社会信用代码", "企业名称", "实际用地（亩）", "实缴税金（万元）", "投产日期", "标签"]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"])
def test_no_text_of_a_csv_is_taken_for_a_formula(tmp_path: Path, begins: str) -> None:
    rows = pl.DataFrame({"name": [f"{begins}1+1", f"a{begins}"], "tax_paid": [-1.5, 2.0]})
    cells = _csv(write_table(rows, tmp_path / "a.csv", what="enterprises"))
    assert [row[0] for row in cells[1:]] == [f"'{begins}1+1", f"a{begins}"]
    assert cells[1][1] == "-1.5"


def test_xlsx_keeps_codes_as_text_and_numbers_as_numbers(tmp_path: Path) -> None:
    path = write_table(SMALL, tmp_path / "a.xlsx", what="enterprises")
    sheet = openpyxl.load_workbook(path).active
    assert [c.value for c in sheet[1]][0:3] == ["统一社会信用代码", "企业名称", "实际用地\n（亩）"]
    first = {h.value: c for h, c in zip(sheet[1], sheet[2], strict=True)}
    assert (first["统一社会信用代码"].value, first["统一社会信用代码"].data_type) == ("002202200000000017", "s")
    assert (first["企业名称"].value, first["企业名称"].data_type) == (FORMULA, "s")
    assert first["实际用地\n（亩）"].value == 1234567.123456
    assert first["实际用地\n（亩）"].number_format == "#,##0.00"
    assert first["投产日期"].value.date() == date(2020, 2, 29)
    assert first["标签"].value == "=甲；乙"
    assert sheet["C3"].value is None


def test_xlsx_with_names(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write_table(SMALL, tmp_path / "a.xlsx", what="enterprises", headers="names")).active
    assert [c.value for c in sheet[1]] == SMALL.columns


def test_json_has_decimals_as_exact_text_and_lists_as_lists(tmp_path: Path) -> None:
    rows = json.loads(write_table(SMALL, tmp_path / "a.json", what="enterprises").read_text(encoding="utf-8"))
    assert rows[0] == {
        "credit_code": "002202200000000017", "name": FORMULA, "land_mu": "1234567.123456", "tax_paid": "-3.000000",
        "started_on": "2020-02-29", "labels": ["=甲", "乙"],
    }  # fmt: skip
    assert rows[1]["land_mu"] is None


def test_parquet_is_the_table(tmp_path: Path) -> None:
    ratings = year().rating.ratings
    path = write_table(ratings, tmp_path / "a.parquet", what="ratings", rules=ruleset())
    assert pl.read_parquet(path).equals(ratings)


def test_ratings_with_labels_have_words_in_place_of_codes(tmp_path: Path) -> None:
    path = write_table(year().rating.ratings, tmp_path / "a.csv", what="ratings", headers="labels", rules=ruleset())
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert {r["评价组别"] for r in rows} == {"规上", "规下", ""}
    assert "单列一档" in {r["参评情形"] for r in rows}
    assert {r["亩均税收·计分说明"] for r in rows} <= {"", "封顶", "缺数据"}
    assert any("亩均税收低于本组平均" in r["符合的规则"] for r in rows)


def test_allocation_with_labels(tmp_path: Path) -> None:
    allocation = year().allocation
    assert allocation is not None
    path = write_table(allocation.allocation, tmp_path / "a.csv", what="allocation", headers="labels", rules=ruleset())
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert {r["类别"] for r in rows} == {"加价", "减免", "提示"}
    assert "差别化水价" in {r["措施"] for r in rows}
    assert {r["是否封顶"] for r in rows} <= {"是", "否", ""}


def test_names_bring_codes_as_they_are(tmp_path: Path) -> None:
    path = write_table(year().rating.ratings, tmp_path / "a.csv", what="ratings", rules=ruleset())
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert {r["treatment"] for r in rows} <= {"rated", "own_tier", "measured", "out", "collected", "ungraded"}


def test_a_trial_year_says_so_on_the_sheet_and_on_every_page(tmp_path: Path) -> None:
    rules = ruleset(binding=False)
    path = write_table(year(binding=False).rating.ratings, tmp_path / "a.xlsx", what="ratings", rules=rules)
    sheet = openpyxl.load_workbook(path).active
    assert sheet["A1"].value == TRIAL
    assert TRIAL in sheet.oddHeader.right.text


@pytest.mark.parametrize("name", ["a.xls", "a", "a.txt"])
def test_an_ending_we_do_not_know_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as e:
        write_table(SMALL, tmp_path / name, what="enterprises")
    assert e.value.problems[0].code == "export_unknown_ending"
    assert list(tmp_path.iterdir()) == []


def test_headers_we_do_not_know_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as e:
        write_table(SMALL, tmp_path / "a.csv", what="enterprises", headers="latin")
    assert e.value.problems[0].code == "export_unknown_headers"


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "xlsx"])
def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path, ending: str) -> None:
    with pytest.raises(InputError):
        write_table(SMALL, tmp_path / "missing" / f"a.{ending}", what="enterprises")


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "xlsx"])
def test_same_table_same_bytes(tmp_path: Path, ending: str) -> None:
    files = [write_table(SMALL, tmp_path / f"{i}.{ending}", what="enterprises") for i in range(2)]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_more_rows_than_a_sheet_are_refused(tmp_path: Path) -> None:
    rows = pl.DataFrame({"year": pl.repeat(2022, 1_048_576, eager=True)})
    with pytest.raises(UsageError) as e:
        write_table(rows, tmp_path / "a.xlsx", what="enterprises")
    assert e.value.problems[0].code == "workbook_too_many_rows"


def test_an_empty_table_is_written(tmp_path: Path) -> None:
    for ending in ("csv", "json", "parquet", "xlsx"):
        assert write_table(SMALL.clear(), tmp_path / f"a.{ending}", what="enterprises").exists()
