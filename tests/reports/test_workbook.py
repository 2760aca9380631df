"""The year's workbook, read back."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest

from mujun.records import Finding
from mujun.reports.drawing.colours import tier_fills
from mujun.reports.drawing.exporting import TRIAL
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers
from mujun.reports.drawing.styles import number_format
from mujun.reports.drawing.workbook import tab_name, write_workbook
from mujun.reports.year.year_workbook import write_year, year_workbook
from tests.reports.given import FORMULA, MARKUP, year

SHEETS = [
    "封面", "概况", "图表", "按镇街", "按行业", "全部评价结果", "整治清单", "差别化措施", "差别化措施明细", "数据问题",
    "说明",
]  # fmt: skip
LIST = [
    "序号", "企业名称", "统一社会信用代码", "镇街", "行业", "规模", "用地（亩）", "亩均税收（万元/亩）",
    "单位能耗增加值（万元/吨标煤）", "档次", "列入理由", "整治方式", "完成时限", "预计腾出用地（亩）",
    "预计腾出用能（吨标煤）", "责任单位",
]  # fmt: skip
FOUND = (
    Finding("no_land", "warning", "land", "用地.xlsx", "用地", 9, 2022, "91330683000000009X", "示例企业0009", "area_mu",
            owner="自然资源局", values={"year": 2022}),
    Finding("negative_value", "error", "tax", "税收.csv", None, 3, 2022, None, "=cmd", "tax_paid", "-5", owner="税务局",
            values={"label": "实缴税金"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = write_year(tmp_path_factory.mktemp("year") / "2022.xlsx", year(), FOUND)
    return openpyxl.load_workbook(path)


def _table(sheet: Any) -> tuple[list[str], list[dict[str, Any]]]:
    """The header and rows of a sheet of one table."""
    at = int("".join(c for c in sheet.auto_filter.ref.split(":")[0] if c.isdigit()))
    header = [str(c.value).replace("\n", "") for c in sheet[at]]
    return header, [dict(zip(header, (c.value for c in row), strict=True)) for row in sheet.iter_rows(min_row=at + 1)]


def test_sheets_in_the_order_of_a_reader(book: Any) -> None:
    assert book.sheetnames == SHEETS


def test_the_front_page_says_what_was_rated_and_by_what(book: Any) -> None:
    text = "\n".join(str(c.value) for row in book["概况"].iter_rows() for c in row if c.value is not None)
    for sentence in (
        "2022年度嵊州市工业企业亩均效益综合评价（示例）", "zhejiang/shengzhou-2022", "第 7 次评价",
        "示例，不是当地文件", "嵊政〔2022〕28号", "投产不足两年", "税务局", year().rating.digest[:12],
    ):  # fmt: skip
        assert sentence in text, sentence
    assert TRIAL not in text


def test_a_trial_year_says_so_on_every_sheet(tmp_path: Path) -> None:
    y = year(binding=False)
    read = openpyxl.load_workbook(year_workbook(tmp_path / "a.xlsx", rating=y.rating, frame=y.frame))
    assert read.sheetnames == ["封面", "概况", "图表", "按镇街", "按行业", "全部评价结果", "说明"]
    for sheet in read.worksheets:
        assert any(TRIAL in str(c.value) for row in sheet.iter_rows(max_row=4) for c in row), sheet.title
        assert TRIAL in sheet.oddHeader.right.text


def test_every_enterprise_stands_once_with_its_exact_score(book: Any) -> None:
    _, rows = _table(book["全部评价结果"])
    ratings = {r["credit_code"]: r for r in year().rating.ratings.to_dicts()}
    assert [r["统一社会信用代码"] for r in rows] == year().rating.ratings["credit_code"].to_list()
    for row in rows:
        rating = ratings[row["统一社会信用代码"]]
        assert row["档次"] == rating["tier"]
        assert row["综合得分（分）"] == (None if rating["score"] is None else float(rating["score"]))
        assert row["亩均税收（万元/亩）"] == rating["tax_per_mu"]
        assert row["亩均税收·得分（分）"] == (
            None if rating["tax_per_mu_points"] is None else float(rating["tax_per_mu_points"])
        )


def test_names_are_text_and_never_run(book: Any) -> None:
    for sheet in book.worksheets:
        assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
        assert not sheet._hyperlinks
    names = {r["企业名称"] for r in _table(book["全部评价结果"])[1]}
    assert {FORMULA, MARKUP, "@SUM(1)", "-1+2"} <= names


def test_tier_cells_are_coloured_by_tier(book: Any) -> None:
    sheet = book["全部评价结果"]
    header, _ = _table(sheet)
    at = header.index("档次") + 1
    colours: dict[str, set[str]] = {}
    for row in range(5, sheet.max_row + 1):
        cell = sheet.cell(row, at)
        if cell.value in ("A", "B", "C", "D"):
            colours.setdefault(cell.value, set()).add(cell.fill.fgColor.rgb)
    assert all(len(c) == 1 for c in colours.values())
    assert len({c for cs in colours.values() for c in cs}) == len(colours) >= 3


def test_the_list_has_the_columns_that_offices_exchange(book: Any) -> None:
    header, rows = _table(book["整治清单"])
    assert header == LIST
    listing = year().listing
    assert listing is not None
    assert [r["统一社会信用代码"] for r in rows] == listing.rectification["credit_code"].to_list()
    assert [r["序号"] for r in rows] == list(range(1, len(rows) + 1))
    offices = {r["镇街"]: r["责任单位"] for r in rows}
    assert offices.get("三江街道", "三江街道办事处") == "三江街道办事处"
    assert offices.get("贵门乡", "贵门乡人民政府") == "贵门乡人民政府"
    tax = year().rating.ratings.select("credit_code", "tax_per_mu").rows()
    assert all(dict(tax)[r["统一社会信用代码"]] == r["亩均税收（万元/亩）"] for r in rows)


def test_amounts_are_to_the_fen_in_both_units(book: Any) -> None:
    _, rows = _table(book["差别化措施明细"])
    allocation = year().allocation
    assert allocation is not None
    amounts = {(r["credit_code"], r["label"]): r["amount"] for r in allocation.rows.to_dicts()}
    seen = 0
    for row in rows:
        exact = amounts[row["统一社会信用代码"], row["措施"]]
        if exact is None:
            assert row["执行金额（元）"] is None
            continue
        assert row["执行金额（万元）"] == float(exact)
        assert Decimal(str(row["执行金额（元）"])) == exact * 10_000
        seen += 1
    assert seen > 20
    assert not any(r["类别"] == "提示" for r in rows)


def test_totals_per_measure_and_tier(book: Any) -> None:
    cells = [[c.value for c in row] for row in book["差别化措施"].iter_rows()]
    allocation = year().allocation
    assert allocation is not None
    for label, amount in (
        allocation.rows.filter(pl.col("kind") != "note").group_by("label").agg(pl.col("amount").sum()).iter_rows()
    ):
        row = next(r for r in cells if r[0] == f"{label}　合计")
        assert row[9] == float(amount)
        assert row[11] == float(amount * 10_000)


def test_notes_of_measures_are_told_by_tier(book: Any) -> None:
    text = "\n".join(str(row[0].value) for row in book["差别化措施"].iter_rows())
    assert "新增用地、用能、排污指标优先保障" in text


def test_findings_are_in_chinese_with_their_remedy(book: Any) -> None:
    _, rows = _table(book["数据问题"])
    assert [(r["级别"], r["责任部门"], r["数据表"], r["列"]) for r in rows] == [
        ("错误", "税务局", "税收", "实缴税金"),
        ("提示", "自然资源局", "用地", "用地面积"),
    ]
    assert rows[0]["问题"] == "“实缴税金”不能是负数：-5"
    assert all(r["处理办法"] for r in rows)


def test_the_guide_says_what_every_indicator_is_in_chinese(book: Any) -> None:
    text = "\n".join(str(c.value) for row in book["说明"].iter_rows() for c in row if c.value is not None)
    for sentence in (
        "评价税收 ÷ 实际用地",
        "各项权重未见",
        "同评价组别同行业大类",
        "同类合计至多 10 分",
        year().rating.digest,
    ):
        assert sentence in text, sentence
    assert "tax_paid" not in text
    assert "peer_" not in text


def _footer(sheet: Any) -> str:
    """The middle of a page's footer as Excel's dialogue shows it; openpyxl writes some codes out and some not."""
    text = str(sheet.oddFooter.center.text)
    return text.replace("&P", "&[Page]").replace("&N", "&[Pages]")


@pytest.mark.parametrize("name", SHEETS)
def test_every_sheet_is_ready_for_paper(book: Any, name: str) -> None:
    sheet = book[name]
    assert sheet.page_setup.orientation == ("portrait" if name in ("封面", "图表") else "landscape")
    assert int(sheet.page_setup.paperSize) == 9
    if name == "图表":
        # Each chart with its table on pages of its own, as wide as a page: Excel breaks only what it does not fit.
        assert (int(sheet.page_setup.scale), len(sheet.row_breaks)) == (70, 3)
        return
    # As wide as one page, as long as it takes; one page wide is what a missing number means.
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, int(sheet.page_setup.fitToHeight)) == (None, 0)
    assert "第 &P 页，共 &N 页".replace("&P", "&[Page]").replace("&N", "&[Pages]") in _footer(sheet)


def test_the_cover_leads_to_every_sheet(book: Any) -> None:
    cover = book["封面"]
    links = [(c.value, c.hyperlink.location) for row in cover.iter_rows() for c in row if c.hyperlink]
    assert links == [(name, f"'{name}'!A1") for name in SHEETS[1:]]
    text = "\n".join(str(c.value) for row in cover.iter_rows() for c in row if c.value is not None)
    for words in ("2022年度嵊州市", "嵊政〔2022〕28号", "第 7 次评价", "目录"):
        assert words in text, words


def test_what_is_not_printed_is_folded_behind(book: Any) -> None:
    sheet = book["全部评价结果"]
    printed = openpyxl.utils.column_index_from_string(sheet.print_area.split("$")[3])
    dimensions = sheet.column_dimensions
    assert not any(dimensions[openpyxl.utils.get_column_letter(i)].hidden for i in range(1, printed + 1))
    first = dimensions[openpyxl.utils.get_column_letter(printed + 1)]
    assert (first.hidden, first.outlineLevel) == (True, 1)
    assert "点列标上方的“+”展开" in str(sheet["A3"].value)


@pytest.mark.parametrize("name", ["按镇街", "按行业", "全部评价结果", "整治清单", "差别化措施明细", "数据问题"])
def test_tables_keep_their_header_in_sight_and_on_every_page(book: Any, name: str) -> None:
    sheet = book[name]
    assert sheet.freeze_panes is not None
    assert sheet.auto_filter.ref
    assert sheet.print_title_rows


def test_wide_tables_print_what_a_reader_on_paper_needs(book: Any) -> None:
    sheet = book["全部评价结果"]
    header, _ = _table(sheet)
    last = sheet.print_area.split(":")[1].replace("$", "").rstrip("0123456789")
    printed = header[: openpyxl.utils.column_index_from_string(last)]
    assert {"企业名称", "档次", "综合得分（分）", "亩均税收（万元/亩）"} <= set(printed)
    assert len(printed) < len(header)


def test_some_sheets_only(tmp_path: Path) -> None:
    path = write_year(tmp_path / "a.xlsx", year(), only=("整治清单",))
    assert openpyxl.load_workbook(path).sheetnames == ["整治清单"]


def test_same_year_same_bytes(tmp_path: Path) -> None:
    files = [write_year(tmp_path / f"{i}.xlsx", year(), FOUND) for i in range(2)]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_language_of_messages_does_not_change_a_document(tmp_path: Path) -> None:
    from mujun.messages import speaking

    files = []
    for language in ("zh", "en"):
        with speaking(language):
            files.append(write_year(tmp_path / f"{language}.xlsx", year(), FOUND))
    assert files[0].read_bytes() == files[1].read_bytes()


# --------------------------------------------------------------------------------------------------- the layer below


def test_three_thousand_firms_are_written_in_seconds(tmp_path: Path) -> None:
    rows = pl.concat([year().rating.ratings] * 75)
    columns = tuple(
        Column(n, n, "number" if t.is_numeric() else "texts" if t == pl.List(pl.String) else "text")
        for n, t in rows.schema.items()
    )
    begun = time.perf_counter()
    write_workbook(tmp_path / "a.xlsx", [Sheet("a", parts=(Table(columns, rows),))])
    assert time.perf_counter() - begun < 20


def test_no_day_and_no_machine_in_the_file(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [Sheet("a", parts=(Text(("一",)),))])
    with ZipFile(path) as archive:
        assert "2000-01-01T00:00:00Z" in archive.read("docProps/core.xml").decode()


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (Column("a", "a", "number", 2), "#,##0.00"),
        (Column("a", "a", "number", 0), "#,##0"),
        (Column("a", "a", "number", 6), "#,##0.000000"),
        (Column("a", "a", "percent"), "0.00%"),
        (Column("year", "a", "whole", 0), "0"),
        (Column("a", "a", "whole"), "#,##0"),
    ],
)
def test_number_formats(column: Column, code: str) -> None:
    assert number_format(column) == code


def test_tab_names_are_what_excel_allows() -> None:
    assert tab_name("甲/乙:丙*[丁]'") == "甲乙丙丁"
    assert len(tab_name("长" * 40)) == 31


@pytest.mark.parametrize("size", range(1, 9))
def test_every_tier_of_a_ladder_has_a_colour(size: int) -> None:
    ladder = [str(i) for i in range(size)]
    assert set(tier_fills(ladder)) == set(ladder)


def test_awkward_cells(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {"a": [float("nan"), float("inf"), 1.5], "b": ["x" * 40_000, "", None], "c": [True, False, None]}
    )
    table = Table((Column("a", "数", "number", 2), Column("b", "文"), Column("c", "否", "boolean")), rows)
    sheet = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", [Sheet("a", parts=(table,))])).active
    cells = [[c.value for c in row] for row in sheet.iter_rows(min_row=2)]
    assert [r[0] for r in cells] == [None, None, 1.5]
    assert [len(r[1] or "") for r in cells] == [32_767, 0, 0]
    assert [r[2] for r in cells] == ["是", "否", None]


def test_numbering_passes_totals_over() -> None:
    rows = pl.DataFrame({"a": [1, 2, 3], "t": [False, False, True]})
    assert with_numbers(Table((Column("a", "a"),), rows, totals="t")).rows["_number"].to_list() == [1, 2, None]
    assert with_numbers(Table((Column("a", "a"),), rows.clear())).rows.height == 0


def test_an_empty_table_has_its_header(tmp_path: Path) -> None:
    table = Table((Column("a", "数", "number", 2),), pl.DataFrame(schema={"a": pl.Float64()}))
    sheet = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", [Sheet("a", parts=(table,))])).active
    assert sheet["A1"].value == "数"
