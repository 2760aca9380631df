"""Department files as they come: titles, totals, units, years, encodings, several sheets."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.errors import InputError, UsageError
from mujun.fields import TABLES
from mujun.records import FileRecords, LoadedTable, read_file
from tests.records.files import HEAD, Rows, code, found, old_workbook, only, text, workbook

FIRM = [code(1), "示例企业0001"]
D = Decimal


def table(records: FileRecords, name: str | None = None) -> LoadedTable:
    (loaded,) = [t for t in records.tables if name in (None, t.table)]
    return loaded


def refusals(path: Path, **asked: Any) -> list[str]:
    with pytest.raises(InputError) as e:
        read_file(path, **asked)
    assert str(e.value)
    return [p.code for p in e.value.problems]


def test_a_file_as_a_tax_office_sends_it(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "税务局.xlsx",
        {
            "Sheet1": [
                ["嵊州市2022年度工业企业税收情况"],
                [],
                ["填报单位：示例市税务局", None, None, None, "单位：元"],
                ["序号", "纳税人识别号", "纳税人名称", "实际入库税收", "出口退税（万元）", "土地使用税"],
                [1, code(1), "示例企业0001", "1,234,567.89", 1.5, 0.1 + 0.2],
                [2, code(2), "示例企业0002", 0, "-", "无"],
                [],
                [3, code(3), "示例企业0003", -50000, None, None],
                ["合 计", None, None, 1184567.89, 1.5, 0.3],
                ["填表人：张三", None, "审核人：李四"],
            ]
        },
    )
    records = read_file(path)
    loaded = table(records)
    assert (loaded.table, records.rows_read, records.totals_left_out, records.findings) == ("tax", 3, 1, ())
    assert records.file == "税务局.xlsx"
    assert records.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert loaded.rows.schema == pl.Schema({**TABLES["tax"].schema, "_sheet": pl.String(), "_row": pl.Int64()})
    assert loaded.rows["tax_paid"].to_list() == [D("123.456789"), D(0), D(-5)]
    assert loaded.rows["tax_refund"].to_list() == [D("1.5"), None, None]
    assert loaded.rows["land_use_tax"].to_list() == [D("0.00003"), None, None]
    assert loaded.rows["tax_credit"].to_list() == [None] * 3
    assert loaded.rows["year"].to_list() == [2022] * 3
    assert loaded.rows["_row"].to_list() == [5, 6, 8]
    assert loaded.quarantine.is_empty()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_files(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["2022年度税收"], ["", ""], HEAD, [code(1), "示例䶮𠮷公司", "12.5"], ["合计", "", "12.5"]]
    records = read_file(text(tmp_path / "税收.csv", rows, encoding=encoding, delimiter=delimiter))
    row = table(records).rows.row(0, named=True)
    assert (row["name"], row["tax_paid"], row["year"], row["_row"], row["_sheet"]) == (
        "示例䶮𠮷公司", D("12.5"), 2022, 4, None,
    )  # fmt: skip
    assert records.totals_left_out == 1


def test_quoted_cells_keep_the_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "2022税收.csv"
    path.write_text(
        f'统一社会信用代码,企业名称,实缴税金\n{code(1)},"示例\n企业","1,234.5"\n\n{code(2)},"甲""乙""公司",x\n',
        encoding="utf-8",
    )
    records = read_file(path)
    assert table(records).rows["name"].to_list() == ["示例企业"]
    assert table(records).rows["tax_paid"].to_list() == [D("1234.5")]
    assert only(records, "unreadable_cell").row == 5


def test_old_workbooks(tmp_path: Path) -> None:
    head = ["统一社会信用代码", "企业名称", "规模", "注册日期", "行业代码"]
    rows: Rows = [head, [*FIRM, "规上", dt.date(2001, 2, 3), 3811]]
    loaded = table(read_file(old_workbook(tmp_path / "2022名录.xls", {"名录": rows})))
    row = loaded.rows.row(0, named=True)
    assert (loaded.table, row["registered_on"], row["industry"]) == ("enterprises", dt.date(2001, 2, 3), "3811")


def test_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "year": [2022, 2022],
            "credit_code": [code(1), "x"],
            "tax_paid": [1.1, 2.0],
            "land_use_tax": pl.Series(["0.5", None]).cast(pl.Decimal(10, 2)),
        }
    )
    frame.write_parquet(tmp_path / "税收.parquet")
    records = read_file(tmp_path / "税收.parquet")
    assert table(records).rows["tax_paid"].to_list() == [D("1.1")]
    assert table(records).rows["land_use_tax"].to_list() == [D("0.5")]
    assert found(records) == [("credit_code_invalid", 2, "credit_code")]
    frame.with_columns(x=pl.concat_list("year")).write_parquet(tmp_path / "列.parquet")
    # A list is no figure; the other columns are read.
    records = read_file(tmp_path / "列.parquet")
    assert table(records).rows["tax_paid"].to_list() == [D("1.1")]
    assert [c for c, _, _ in found(records)] == ["columns_not_taken", "column_of_odd_type", "credit_code_invalid"]


def test_cells_of_every_type(tmp_path: Path) -> None:
    """A number is a number, an error is not a blank, a date in place of a number is not a number."""
    head = ["年度", *HEAD, "退税（万元）", "减免抵税（万元）", "城镇土地使用税（万元）"]
    rows: Rows = [
        head,
        [2022, *FIRM, 12.340000000000002, 1e-7 * 10, 123456.123456789, 1 / 3],
        [2022, code(2), "乙", "=1/0", True, dt.date(2022, 1, 1), "12.3%"],
        ["2022年", code(3), "丙", "0012.50", 1e11, None, None],
    ]
    records = read_file(workbook(tmp_path / "税收.xlsx", {"税收": rows}))
    values = table(records).rows.select("tax_paid", "tax_refund", "tax_credit", "land_use_tax").rows()
    assert values[0] == (D("12.34"), D("0.000001"), D("123456.123457"), D("0.333333"))
    assert values[1] == (D("12.5"), D(10**11), None, None)
    assert [(f.code, f.field, f.value) for f in records.findings] == [
        ("unreadable_cell", "tax_paid", "#DIV/0!"),
        ("unreadable_cell", "tax_refund", "TRUE"),
        ("unreadable_cell", "tax_credit", "2022-01-01"),
        ("unreadable_cell", "land_use_tax", "12.3%"),
    ]


def test_small_numbers_keep_their_digits_through_large_units(tmp_path: Path) -> None:
    """The Excel reader shows 9 decimals only; in 亿元 that would cut a fen."""
    rows: Rows = [["年度", *HEAD[:2], "实缴税金（亿元）"], [2022, *FIRM, 1.23456789012]]
    assert table(read_file(workbook(tmp_path / "税收.xlsx", {"税收": rows}))).rows["tax_paid"][0] == D("12345.678901")


def test_codes_as_text_keep_leading_zeros(tmp_path: Path) -> None:
    rows: Rows = [["统一社会信用代码", "能源资源", "户号"], [code(1), "用电", "0012345"], [code(1), "自来水", 12345]]
    loaded = table(read_file(workbook(tmp_path / "户号.xlsx", {"户号": rows})))
    assert loaded.rows.select("utility", "account").rows() == [("电", "0012345"), ("水", "12345")]


# ------------------------------------------------------------------------------------------------------- header rows


def test_two_header_rows(tmp_path: Path) -> None:
    rows: Rows = [
        ["2022年度能源消费"],
        ["统一社会信用代码", "企业名称", "电", None, "综合能耗", None],
        [None, None, "用电量（万千瓦时）", "天然气（万立方米）", "等价值", "当量值"],
        [*FIRM, 1.5, 2, 30, 20],
    ]
    row = table(read_file(workbook(tmp_path / "能源.xlsx", {"能源": rows}))).rows.row(0, named=True)
    assert (row["electricity_kwh"], row["gas_m3"]) == (D(15000), D(20000))
    assert (row["energy_tce"], row["energy_tce_calorific"]) == (D(30), D(20))
    assert row["_row"] == 4


def test_units_in_a_row_below_and_numbered_columns(tmp_path: Path) -> None:
    rows: Rows = [
        ["统一社会信用代码", "企业名称", "实缴税金", "退税"],
        [None, None, "元", "（万元）"],
        ["甲", "乙", 1, 2],
        [*FIRM, 50000, 1],
    ]
    row = table(read_file(workbook(tmp_path / "2022税收.xlsx", {"x": rows}))).rows.row(0, named=True)
    assert (row["tax_paid"], row["tax_refund"], row["_row"]) == (D(5), D(1), 4)


def test_a_title_row_above_is_no_second_header(tmp_path: Path) -> None:
    rows: Rows = [["制表单位：某局", None, "单位：万元"], ["序号", *HEAD], [1, *FIRM, 5]]
    records = read_file(workbook(tmp_path / "2022税收.xlsx", {"x": rows}))
    assert records.findings == ()
    assert table(records).rows["tax_paid"].to_list() == [D(5)]


def test_a_header_repeated_on_each_page_is_no_record(tmp_path: Path) -> None:
    rows: Rows = [
        HEAD,
        [*FIRM, 5],
        HEAD,
        [code(2), "乙", 6],
        ["", "甘霖镇小计", 11],
        ["总计", "", 11],
        ["", "注：不含免抵", ""],
    ]
    records = read_file(text(tmp_path / "2022税收.csv", rows))
    assert (records.rows_read, records.totals_left_out, records.findings) == (2, 2, ())


def test_a_firm_may_be_called_anything(tmp_path: Path) -> None:
    rows: Rows = [HEAD, [code(1), "示例合计", 5]]
    assert read_file(text(tmp_path / "2022税收.csv", rows)).rows_read == 1


def test_a_total_without_a_word_is_not_guessed(tmp_path: Path) -> None:
    records = read_file(text(tmp_path / "2022税收.csv", [HEAD, [*FIRM, 5], ["", "", 5]]))
    assert found(records) == [("missing_key", 3, "credit_code")]


# -------------------------------------------------------------------------------------------------- which table, year


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_recognised_by_its_labels(tmp_path: Path, name: str) -> None:
    labels = [f.label for f in TABLES[name].fields]
    cells = {"year": 2022, "credit_code": code(1), "scale": "规上", "kind": "法人", "industry": "3811"}
    cells |= {"tenure": "自有", "utility": "电", "tier": "A", "geometry": "POLYGON ((0 0, 1 0, 1 1, 0 0))"}
    dates = {f.name: dt.date(2022, 1, 1) for f in TABLES[name].fields if f.kind == "date"}
    figures = [f for f in TABLES[name].fields if f.kind == "quantity"]
    usual = {f.name: max(1, 2 * f.plausible.low) if f.plausible else 1 for f in figures}
    row = [
        cells.get(f.name) or dates.get(f.name) or usual.get(f.name) or (f.choices[0] if f.choices else "文字")
        for f in TABLES[name].fields
    ]
    records = read_file(workbook(tmp_path / "数据.xlsx", {"Sheet1": [labels, row]}))
    assert [t.table for t in records.tables] == [name]
    assert records.findings == ()
    assert table(records).rows.height == 1


def test_a_workbook_of_many_sheets(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "2022年度.xlsx",
        {
            "封面": [["2022年度评价数据"]],
            "用地": [["信用代码", "权属", "用地面积（㎡）"], [code(1), "自有", 2000]],
            "税收规上": [HEAD, [*FIRM, 1]],
            "税收规下": [HEAD, [code(2), "乙", 2], [code(1), "示例企业0001", 9]],
            "空": [],
        },
    )
    records = read_file(path)
    assert [(t.table, t.rows.height) for t in records.tables] == [("land", 1), ("tax", 1)]
    assert table(records, "land").rows["area_mu"].to_list() == [D(3)]
    assert only(records, "sheet_not_taken").sheet == "封面"
    twice = [f for f in records.findings if f.code == "duplicate_key"]
    assert [(f.sheet, f.row, f.values["first"]) for f in twice] == [
        ("税收规上", 2, "税收规下!3"),
        ("税收规下", 3, "税收规上!2"),
    ]


def test_hidden_sheets_are_said(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "2022税收.xlsx", {"a": [HEAD, [*FIRM, 1]], "b": [HEAD, [*FIRM, 2]]}, then=lambda _, s: s["b"].hide()
    )
    records = read_file(path)
    assert records.rows_read == 1
    assert only(records, "sheet_not_taken").sheet == "b"


def test_the_scale_of_a_whole_sheet(tmp_path: Path) -> None:
    head = ["信用代码", "企业名称", "镇街"]
    path = workbook(
        tmp_path / "2022名录.xlsx", {"规上": [head, [*FIRM, "三江街道"]], "规下": [head, [code(2), "乙", "x"]]}
    )
    assert table(read_file(path)).rows["scale"].to_list() == ["规上", "规下"]


def test_a_tie_between_tables_is_settled_by_a_word_or_refused(tmp_path: Path) -> None:
    rows = [["权利人", "地块编号", "用地面积（亩）", "信用代码", "年度", "权属", "建筑面积（㎡）"]]
    rows.append(["甲公司", "P1", "5", code(1), "2022", "自有", "900"])
    assert refusals(text(tmp_path / "数据.csv", rows)) == ["table_ambiguous"]
    assert table(read_file(text(tmp_path / "工业地块.csv", rows))).table == "parcels"


def test_a_sheet_with_figures_of_several_tables_feeds_each(tmp_path: Path) -> None:
    rows: Rows = [["年度", "信用代码", "用水量（吨）", "用电量（度）"], [2022, code(1), 5000, 60000]]
    records = read_file(text(tmp_path / "数据.csv", rows))
    assert {t.table: t.rows.row(0)[3] for t in records.tables} == {"energy": 60000, "water": 5000}
    assert records.findings == ()
    alone = read_file(tmp_path / "数据.csv", table="energy")
    assert table(alone).table == "energy"
    assert only(alone, "columns_not_taken").values["columns"] == ["用水量（吨）"]


def test_unknown_table_and_impossible_year_are_wrong_usage(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", [HEAD, [*FIRM, 1]])
    asks: list[dict[str, Any]] = [{"table": "taxes"}, {"table": "xyz"}, {"year": 1022}]
    for asked in asks:
        with pytest.raises(UsageError):
            read_file(path, **asked)


@pytest.mark.parametrize(
    ("name", "rows", "asked", "year"),
    [
        ("a.csv", [["年度", *HEAD], ["2021年度", *FIRM, 1]], None, 2021),
        ("2022年度.csv", [["年度", *HEAD], ["2021年度", *FIRM, 1]], None, 2021),
        ("2022年度.csv", [["年度", *HEAD], ["", *FIRM, 1]], None, 2022),
        ("a.csv", [HEAD, [*FIRM, 1]], 2020, 2020),
        ("2022年度.csv", [HEAD, [*FIRM, 1]], 2020, 2020),
        ("2023报送.csv", [["2022年度税收"], HEAD, [*FIRM, 1]], None, 2022),
        ("a.csv", [[*HEAD[:2], "2021年实缴税金"], [*FIRM, 1]], None, 2021),
    ],
)
def test_the_year_of_the_rows(
    tmp_path: Path, name: str, rows: Sequence[Sequence[object]], asked: int | None, year: int
) -> None:
    assert table(read_file(text(tmp_path / name, rows), year=asked)).rows["year"].to_list() == [year]


def test_the_folder_may_say_the_year(tmp_path: Path) -> None:
    (tmp_path / "2021年").mkdir()
    assert table(read_file(text(tmp_path / "2021年" / "税收.csv", [HEAD, [*FIRM, 1]]))).rows["year"].to_list() == [2021]


def test_no_year_and_several_years(tmp_path: Path) -> None:
    assert refusals(text(tmp_path / "a.csv", [HEAD, [*FIRM, 1]])) == ["year_unknown"]
    assert refusals(text(tmp_path / "2021-2022.csv", [HEAD, [*FIRM, 1]])) == ["year_unclear"]


def test_columns_of_several_years(tmp_path: Path) -> None:
    path = text(tmp_path / "税收.csv", [[*HEAD[:2], "2021年税收（元）", "2022年税收（元）"], [*FIRM, 10000, 20000]])
    assert refusals(path) == ["column_twice"]
    assert refusals(path, year=2020) == ["year_of_column"]
    records = read_file(path, year=2022)
    assert table(records).rows.select("year", "tax_paid").rows() == [(2022, D(2))]
    assert records.findings == ()
    assert records.reading is not None
    assert [c.use for c in records.reading.blocks[0].columns] == ["field", "field", "aside", "field"]


# -------------------------------------------------------------------------------------------- headers not understood


def test_unknown_headers_name_themselves_and_the_nearest(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", [["信用编码", "实缴税金额", "foo"], ["x", 1, 2]])
    with pytest.raises(InputError) as e:
        read_file(path)
    assert e.value.problems[0].code == "headers_unknown_near"
    assert "实缴税金额 → 实缴税金" in str(e.value)
    assert refusals(text(tmp_path / "b.csv", [["qq", "zz"], [1, 2]])) == ["headers_unknown"]
    assert refusals(text(tmp_path / "c.csv", [["只有一格"], ["x"]])) == ["no_header"]


def test_missing_columns_are_one_sentence_not_a_finding_per_row(tmp_path: Path) -> None:
    path = text(tmp_path / "2022.csv", [["企业编码", "实缴税金", "退税", "年度"], ["3-1", 1, 2, 2022]])
    with pytest.raises(InputError) as e:
        read_file(path)
    (problem,) = e.value.problems
    assert problem.code == "columns_missing"
    assert problem.values["missing"] == ["统一社会信用代码"]
    assert refusals(text(tmp_path / "户号2022.csv", [["信用代码", "能源资源", "户号年用量"], [code(1), "电", 2]])) == [
        "columns_missing"
    ]


def test_units_that_cannot_be_right(tmp_path: Path) -> None:
    path = text(tmp_path / "2022.csv", [[*HEAD[:2], "实缴税金（吨）"], [*FIRM, 1]])
    assert refusals(path) == ["unit_does_not_fit"]


def test_the_own_label_goes_before_a_synonym(tmp_path: Path) -> None:
    path = text(tmp_path / "2022.csv", [[*HEAD, "税收"], [*FIRM, 1, 2]])
    records = read_file(path)
    assert table(records).rows["tax_paid"].to_list() == [D(1)]
    assert only(records, "columns_not_taken").value == "税收"
    assert refusals(text(tmp_path / "2022b.csv", [[*HEAD[:2], "税金", "税收"], [*FIRM, 1, 2]])) == ["column_twice"]


def test_all_sheets_problems_come_at_once(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "x.xlsx",
        {
            "税收": [HEAD, [*FIRM, 1]],
            "能源": [["信用代码", "用电量（吨）"], [code(1), 1]],
            "好": [["年度", *HEAD], [2022, *FIRM, 1]],
        },
    )
    assert refusals(path) == ["year_unknown", "unit_does_not_fit"]


# ---------------------------------------------------------------------------------------------------------- quarantine


def test_rows_kept_out_can_be_loaded_back_as_they_stand(tmp_path: Path) -> None:
    """Year and unit came from the title; they go with the row."""
    rows = [["2022年度", "单位：元"], [*HEAD, "退税（万元）"], ["x", "甲", "12345", "1"], [code(2), "乙", "abc", "1"]]
    kept = table(read_file(text(tmp_path / "税收.csv", rows))).quarantine
    assert kept.columns == ["_sheet", "_row", *TABLES["tax"].by_name, "_township"]
    assert kept.select("year", "credit_code", "tax_paid", "tax_refund").rows() == [
        ("2022", "x", "12345元", "1"),
        ("2022", code(2), "abc", "1"),
    ]


def test_a_large_file_takes_seconds(tmp_path: Path) -> None:
    import time

    n = 100_000
    frame = pl.DataFrame(
        {"统一社会信用代码": [code(i) for i in range(n)], "实缴税金（元）": [f"{i}.25" for i in range(n)]}
    )
    (tmp_path / "2022税收.csv").write_bytes(frame.write_csv().encode("gb18030"))
    start = time.process_time()
    assert read_file(tmp_path / "2022税收.csv").rows_read == n
    assert time.process_time() - start < 20
