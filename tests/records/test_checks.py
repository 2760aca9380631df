"""Findings of one file: what is an error, what a warning, what is kept out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.fields import TABLES
from mujun.messages import LANGUAGES, speaking
from mujun.records import FileRecords, read_file
from mujun.records.schemas import failures, schema
from tests.records.files import Rows, code, found, only, text, workbook

FIRMS = ["年度", "统一社会信用代码", "企业名称", "规模", "行业代码", "投产日期"]
LAND = ["年度", "统一社会信用代码", "企业名称", "权属", "用地面积", "租赁对方"]
TAX = ["年度", "统一社会信用代码", "企业名称", "实缴税金", "退税"]


def read(tmp_path: Path, *rows: Sequence[object], **asked: object) -> FileRecords:
    return read_file(text(tmp_path / "数据.csv", rows), **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("head", "row", "expected", "field"),
    [
        (FIRMS, [2022, "", "甲", "规上"], "missing_key", "credit_code"),
        (FIRMS, ["", code(1), "甲", "规上"], "missing_key", "year"),
        (FIRMS, [2022, code(1), "", "规上"], "missing_required", "name"),
        (FIRMS, [2022, code(1), "甲", "大型"], "unknown_choice", "scale"),
        (FIRMS, [2022, code(1), "甲", "规上", "纺织业"], "unreadable_cell", "industry"),
        (FIRMS, [2022, code(1), "甲", "规上", "", "2022-13-01"], "unreadable_cell", "started_on"),
        (FIRMS, [2022, code(1), "甲", "规上", "", "0202-01-01"], "impossible_year", "started_on"),
        (FIRMS, [20222, code(1), "甲", "规上"], "impossible_year", "year"),
        (FIRMS, [1022, code(1), "甲", "规上"], "impossible_year", "year"),
        (FIRMS, [2090, code(1), "甲", "规上"], "impossible_year", "year"),
        (FIRMS, ["去年", code(1), "甲", "规上"], "unreadable_cell", "year"),
        (FIRMS, [2022, code(1)[:-1] + "#", "甲", "规上"], "credit_code_invalid", "credit_code"),
        (LAND, [2022, code(1), "甲", "自有", -1], "negative_value", "area_mu"),
        (LAND, [2022, code(1), "甲", "自有", ""], "missing_required", "area_mu"),
        (LAND, [2022, code(1), "甲", "借用", 1], "unknown_choice", "tenure"),
        (LAND, [2022, code(1), "甲", "", 1], "missing_required", "tenure"),
        (TAX, [2022, code(1), "甲", "约5"], "unreadable_cell", "tax_paid"),
        (TAX, [2022, code(1), "甲", "1e15"], "too_large", "tax_paid"),
    ],
)
def test_errors_keep_the_row_out(
    tmp_path: Path, head: Sequence[object], row: Sequence[object], expected: str, field: str
) -> None:
    rest: dict[str, list[Any]] = {"规模": ["规下"], "权属": ["自有", 1], "实缴税金": [1]}
    good = [2022, code(9), "好", *rest[str(head[3])]]
    records = read(tmp_path, head, row, good)
    assert found(records) == [(expected, 2, field)]
    (loaded,) = records.tables
    assert loaded.rows["credit_code"].to_list() == [code(9)]
    assert loaded.quarantine["_row"].to_list() == [2]
    (finding,) = records.findings
    assert finding.severity == "error"
    assert finding.owner
    for language in LANGUAGES:
        with speaking(language):
            assert finding.what
            assert finding.remedy


def test_every_wrong_cell_of_a_row_is_said_at_once(tmp_path: Path) -> None:
    records = read(tmp_path, TAX, ["x", "y", "甲", "z", "w"])
    assert [f for _, _, f in found(records)] == ["year", "credit_code", "tax_paid", "tax_refund"]


def test_losses_and_refunds_may_be_negative(tmp_path: Path) -> None:
    assert read(tmp_path, TAX, [2022, code(1), "甲", -5, -1]).findings == ()


def test_a_finding_says_where_who_and_whose(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "能源.xlsx", {"能源": [["年度", "信用代码", "企业名称", "用电量"], [2022, code(1), "甲", "坏"]]}
    )
    (f,) = read_file(path).findings
    assert (f.table, f.file, f.sheet, f.row, f.year) == ("energy", "能源.xlsx", "能源", 2, 2022)
    assert (f.credit_code, f.name, f.field, f.value, f.owner) == (code(1), "甲", "electricity_kwh", "坏", "供电公司")


# -------------------------------------------------------------------------------------------------------- credit codes


def test_repairs_are_proposed(tmp_path: Path) -> None:
    good = code(10_000)
    rows = [[2022, good.replace("0", "O"), "甲", 1], [2022, good[:17], "乙", 2], [2022, "123", "丙", 3]]
    records = read(tmp_path, TAX, *rows)
    assert [f.values["repair"] for f in records.findings] == [good, "", ""]
    assert [f.code for f in records.findings] == ["credit_code_invalid"] * 3
    assert good in records.findings[0].remedy
    assert records.tables[0].rows.is_empty()


def test_repairs_are_applied_when_asked_for_and_recorded(tmp_path: Path) -> None:
    good = code(10_000)
    records = read(tmp_path, TAX, [2022, good.replace("0", "O"), "甲", 1], [2022, "123", "丙", 3], repair=True)
    assert records.tables[0].rows["credit_code"].to_list() == [good]
    finding = only(records, "code_repaired")
    assert (finding.severity, finding.values["old"], finding.values["new"]) == ("warning", good.replace("0", "O"), good)
    assert only(records, "credit_code_invalid").values["repair"] == ""


@pytest.mark.parametrize(
    "writing",
    [
        str.lower,
        lambda c: c[:8] + " " + c[8:],
        lambda c: "'" + c,
        lambda c: c[:12] + "\u200b" + c[12:],
        lambda c: "".join(chr(ord(sign) + 0xFEE0) for sign in c),
    ],
)
def test_a_code_written_small_wide_or_with_blanks_is_that_code(tmp_path: Path, writing: object) -> None:
    records = read(tmp_path, TAX, [2022, writing(code(1)), "甲", 1])  # type: ignore[operator]
    assert records.tables[0].rows["credit_code"].to_list() == [code(1)]
    assert records.findings == ()


def test_another_writing_of_a_valid_code_is_proposed_as_its_repair(tmp_path: Path) -> None:
    row = [2022, code(1).replace("0", "O"), "甲", 1]
    proposed = read(tmp_path, TAX, row)
    assert proposed.tables[0].rows.is_empty()
    assert only(proposed, "credit_code_invalid").values["repair"] == code(1)
    repaired = read(tmp_path, TAX, row, repair=True)
    assert repaired.tables[0].rows["credit_code"].to_list() == [code(1)]
    assert only(repaired, "code_repaired").values["new"] == code(1)


def test_space_around_a_code_is_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, TAX, [2022, f" {code(1)}\u3000", "甲", 1]).findings == ()


def test_local_codes_are_a_declared_form(tmp_path: Path) -> None:
    assert read(tmp_path, TAX, [2022, "ZR330683000001", "示例作坊", 1]).findings == ()


def test_codes_stored_as_numbers(tmp_path: Path) -> None:
    rows: Rows = [TAX, [2022, 913306831234567000, "甲", 1], [2022, 123456789012345, "乙", 2], [2022, code(1), "丙", 3]]
    records = read_file(workbook(tmp_path / "税收.xlsx", {"税收": rows}))
    assert found(records) == [("code_as_number", 2, "credit_code"), ("credit_code_invalid", 3, "credit_code")]
    assert records.findings[0].severity == "error"
    assert records.tables[0].rows["name"].to_list() == ["丙"]
    as_text = read(tmp_path, TAX, [2022, "9.13307E+17", "甲", 1])
    assert found(as_text) == [("code_as_number", 2, "credit_code")]


def test_an_all_digit_code_stored_as_text_is_no_number(tmp_path: Path) -> None:
    from stdnum.cn import uscc

    body = next(b for i in range(99) if uscc.calc_check_digit(b := f"9133068312345{i:04d}").isdigit())
    rows: Rows = [TAX, [2022, body + uscc.calc_check_digit(body), "甲", 1]]
    assert read_file(workbook(tmp_path / "税收.xlsx", {"税收": rows})).findings == ()


def test_a_number_that_happens_to_be_valid_is_a_warning(tmp_path: Path) -> None:
    from mujun.records.identity import valid

    number = next(n for n in range(913306831234000000, 913306831239000000, 1000) if valid(str(n)))
    records = read_file(workbook(tmp_path / "税收.xlsx", {"税收": [TAX, [2022, number, "甲", 1]]}))
    assert (only(records, "code_as_number").severity, records.tables[0].rows.height) == ("warning", 1)


def test_long_account_numbers_stored_as_numbers(tmp_path: Path) -> None:
    rows: Rows = [["信用代码", "能源资源", "户号"], [code(1), "电", 3301234567890123456]]
    records = read_file(workbook(tmp_path / "户号.xlsx", {"户号": rows}))
    assert only(records, "code_as_number").field == "account"


# ------------------------------------------------------------------------------------------------------ days backwards


@pytest.mark.parametrize(
    ("table", "head", "row"),
    [
        ("分月用量", ["信用代码", "能源资源", "起始日", "截止日", "用量"], ["电", "2023-07-01", "{}", 5]),
        ("标签", ["信用代码", "标签", "起始日期", "截止日期"], ["安全生产事故", "2023-07-01", "{}"]),
    ],
)
def test_what_ends_before_it_begins_is_kept_out(tmp_path: Path, table: str, head: list[str], row: list[Any]) -> None:
    """A bill with its days turned round was once taken in and then stopped the rating of the whole county."""
    days = ("2023-06-30", "2023-07-01")
    rows = [[code(n), *(day if cell == "{}" else cell for cell in row)] for n, day in enumerate(days, 1)]
    records = read_file(workbook(tmp_path / f"{table}.xlsx", {table: [head, *rows]}))
    assert found(records) == [("ends_before", 2, "until")]
    assert records.findings[0].values["begins"] == "2023-07-01"
    assert (records.tables[0].rows.height, records.tables[0].quarantine.height) == (1, 1)


# ---------------------------------------------------------------------------------------------------------- duplicates


def test_identical_rows_count_once_and_of_contradictions_none(tmp_path: Path) -> None:
    a, b = [2022, code(1), "甲", 1], [2022, code(1), "甲", "1.00"]
    records = read(tmp_path, TAX, a, b, [2021, code(1), "甲", 2])
    assert found(records) == [("duplicate_row", 3, "credit_code")]
    assert records.tables[0].rows["_row"].to_list() == [2, 4]
    records = read(tmp_path, TAX, a, b, [2022, code(1), "甲", 2], [2021, code(1), "甲", 2])
    assert found(records) == [("duplicate_key", row, "credit_code") for row in (2, 3, 4)]
    assert records.tables[0].rows["_row"].to_list() == [5]
    assert records.tables[0].quarantine["_row"].to_list() == [2, 3, 4]
    assert [f.values["first"] for f in records.findings] == ["3", "2", "2"]


def test_a_row_that_contradicts_a_broken_one_is_not_taken_either(tmp_path: Path) -> None:
    records = read(tmp_path, TAX, [2022, code(1), "甲", "坏"], [2022, code(1), "甲", 2])
    assert found(records) == [("unreadable_cell", 2, "tax_paid"), ("duplicate_key", 3, "credit_code")]
    assert records.tables[0].rows.is_empty()


def test_land_has_many_rows_but_not_the_same_twice(tmp_path: Path) -> None:
    row = [2022, code(1), "甲", "自有", 5]
    records = read(tmp_path, LAND, row, [2022, code(1), "甲", "租入", 5], [2022, code(1), "甲", "自有", 6], row)
    assert found(records) == [("duplicate_row", 5, "credit_code")]
    assert records.tables[0].rows.height == 3


@pytest.mark.parametrize(
    ("head", "row", "kept"),
    [
        (["权属"], ["出让"], ("自有", "国有出让")),
        (["权属"], ["划拨用地"], ("自有", "国有划拨")),
        (["权属"], ["自有土地"], ("自有", None)),
        (["权属"], ["租赁"], ("租入", None)),
        (["权属性质"], ["国有出让"], ("自有", "国有出让")),
        (["权属", "取得方式"], ["自有", "划拨"], ("自有", "国有划拨")),
        (["权属", "取得方式"], ["租入", "租赁"], ("租入", None)),
        (["权属", "用地性质"], ["自有", "工业用地"], ("自有", None)),
        (["权属", "使用权类型"], ["自有", "集体建设用地"], ("自有", "集体")),
        (["权属", "使用权类型"], ["划拨", ""], ("自有", "国有划拨")),
    ],
)
def test_a_title_in_the_tenure_column_is_kept(tmp_path: Path, head: list[str], row: list[str], kept: object) -> None:
    sheet: list[list[object]] = [[*LAND[:3], *head, "用地面积"], [2022, code(1), "示例厂", *row, 8]]
    path = workbook(tmp_path / "用地.xlsx", {"用地": sheet})
    records = read_file(path)
    (land,) = records.tables
    assert land.rows.select("tenure", "title").rows() == [kept]
    assert [f.code for f in records.findings] == []


def test_a_title_that_is_none_in_its_own_column_is_found(tmp_path: Path) -> None:
    head = [*LAND[:4], "使用权类型", "用地面积"]
    path = workbook(tmp_path / "用地.xlsx", {"用地": [head, [2022, code(1), "示例厂", "自有", "乱写", 8]]})
    assert [(f.code, f.field, f.value) for f in read_file(path).findings] == [("unknown_choice", "title", "乱写")]


def test_both_scales_the_upper_stands(tmp_path: Path) -> None:
    rows = [[2022, code(1), "甲", "规下"], [2022, code(1), "甲", "规上"], [2022, code(2), "乙", "规下"]]
    records = read(tmp_path, FIRMS, *rows)
    assert found(records) == [("both_scales", 2, "scale")]
    assert records.tables[0].rows["scale"].to_list() == ["规上", "规下"]
    assert records.tables[0].quarantine.is_empty()


def test_several_holders_in_a_cell(tmp_path: Path) -> None:
    records = read(tmp_path, LAND, [2022, code(1), "甲公司", "租出", 5, "乙公司、丙公司"])
    assert found(records) == [("several_holders", 2, "counterparty")]
    assert records.tables[0].rows.height == 1


# ------------------------------------------------------------------------------------------------------------- schemas


def test_schemas_say_what_the_dictionary_says() -> None:
    """Types, blanks, bounds and choices of some columns, by hand."""

    def of(table: str, column: str) -> tuple[object, bool, dict[str, object]]:
        made = schema(table).columns[column]
        return made.dtype.type, made.nullable, {c.name: c.statistics for c in made.checks}

    assert set(schema("land").columns) == set(TABLES["land"].schema)
    assert of("tax", "tax_paid") == (pl.Decimal(18, 6), True, {})  # a correction may be negative
    assert of("land", "area_mu") == (pl.Decimal(18, 6), False, {"greater_than_or_equal_to": {"min_value": 0}})
    assert of("enterprises", "scale") == (pl.String(), True, {"isin": {"allowed_values": ["规上", "规下"]}})
    assert list(of("enterprises", "industry")[2]) == ["str_matches"]
    assert of("matches", "credit_code")[1]  # a name that nobody is called has no code
    assert list(of("water", "credit_code")[2]) == ["code_is_valid"]
    assert list(of("water", "year")[2]) == ["greater_than_or_equal_to", "year_has_come"]
    assert list(of("labels", "since")[2]) == ["greater_than_or_equal_to", "less_than_or_equal_to"]


def test_data_checks_do_run() -> None:
    """Pandera leaves them out, without a word, when it is handed a LazyFrame."""
    frame = pl.DataFrame(
        {"year": [2022, 1900, None], "credit_code": [code(1), "x", None], "name": [None] * 3, "water_m3": [-1, 0, None],
         "water_over_quota_m3": [None] * 3},
        schema=TABLES["water"].schema,
    )  # fmt: skip
    assert set(failures("water", frame).select("_at", "field").rows()) == {
        (0, "water_m3"), (1, "year"), (1, "credit_code"), (2, "year"), (2, "credit_code"),
    }  # fmt: skip
    assert schema("water").validate(frame.lazy(), lazy=True) is not None


def test_counts_are_complete(tmp_path: Path) -> None:
    n = 5_000
    records = read(tmp_path, TAX, *([2022, code(i), "甲", "坏"] for i in range(n)))
    assert len(records.findings) == n
    assert records.tables[0].quarantine.height == n


def test_every_message_is_there(tmp_path: Path) -> None:
    records = read(
        tmp_path, [*TAX, "怪列"], [2022, "x", "甲公司、乙公司", "坏", "", "值"], [2022, code(1).lower(), "甲", 1]
    )
    for f in records.findings:
        for language in LANGUAGES:
            with speaking(language):
                assert f.what
                assert "{" not in f.what + f.remedy
