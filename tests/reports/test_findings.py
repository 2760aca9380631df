"""The findings workbook: what a department gets, corrects and sends back."""

from __future__ import annotations

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from mujun.fields import TABLES
from mujun.records import FileRecords, read_file
from mujun.reports.departments import findings as room
from mujun.reports.departments.findings import ADDED, write_findings
from tests.records.files import Rows, code, text, workbook

TAX = ["统一社会信用代码", "企业名称", "实缴税金", "退税（万元）"]
LAND = ["年度", "信用代码", "企业名称", "权属", "用地面积（㎡）"]


def county(tmp_path: Path) -> list[FileRecords]:
    tax = text(
        tmp_path / "税收.csv",
        [
            ["2022年度税收", "", "单位：元"],
            TAX,
            [code(1), "甲公司", 10000, 1],
            [code(2)[:17], "=cmd|' /C calc'!A0", 20000, 1],
            [code(3), "丙公司", "约3", 1],
            [code(1), "甲公司", 90000, 1],
        ],
    )
    land = workbook(
        tmp_path / "用地.xlsx",
        {
            "用地": [
                LAND,
                [2022, code(1), "甲公司", "自有", 2000],
                [2022, code(1), "甲公司", "借用", 4000],
                [2022, code(2), "乙公司", "自有", -1],
                [2022, code(3), "丙公司", "自有", 2000],
            ]
        },
    )
    return [read_file(tax), read_file(land)]


def by_label(sheet: object) -> list[dict[str, object]]:
    head, *body = list(sheet.iter_rows(values_only=True))  # type: ignore[attr-defined]
    return [dict(zip(head, row, strict=True)) for row in body]


def test_rows_in_full_with_what_is_wrong(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_findings(tmp_path / "问题.xlsx", county(tmp_path)))
    assert book.sheetnames == ["问题汇总", "用地-自然资源局", "税收-税务局", "问题清单"]
    tax = by_label(book["税收-税务局"])
    assert [c.value for c in book["税收-税务局"][1]][-5:] == list(ADDED)
    assert [(r["年度"], r["统一社会信用代码"], r["实缴税金（万元）"], r["原行号"]) for r in tax] == [
        ("2022", code(1), "10000元", "3"),
        ("2022", code(2)[:17], "20000元", "4"),
        ("2022", code(3), "约3", "5"),
        ("2022", code(1), "90000元", "6"),
    ]
    assert "17 位" in str(tax[1]["处理办法"])
    assert all("内容不同：几行都没有计入" in str(tax[i]["问题"]) for i in (0, 3))
    bad = book["税收-税务局"]["D4"]
    assert bad.fill.fgColor.rgb == "FFFFC7CE"
    assert "约3" in bad.comment.text


def test_company_names_never_become_formulas(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_findings(tmp_path / "问题.xlsx", county(tmp_path)))
    cell = book["税收-税务局"]["C3"]
    assert (cell.value, cell.data_type) == ("=cmd|' /C calc'!A0", "s")


def test_a_firms_other_land_comes_along(tmp_path: Path) -> None:
    """Loading land replaces all rows of the firm and year: the good ones must be in the workbook too."""
    book = openpyxl.load_workbook(write_findings(tmp_path / "问题.xlsx", county(tmp_path)))
    land = by_label(book["用地-自然资源局"])
    assert [(r["统一社会信用代码"], r["权属"], r["用地面积（亩）"]) for r in land] == [
        (code(1), "借用", "4000m2"),
        (code(2), "自有", "-1m2"),
        (code(1), "自有", "3"),
    ]
    assert "请保留" in str(land[2]["问题"])


def test_unchanged_it_has_the_same_errors(tmp_path: Path) -> None:
    records = county(tmp_path)
    again = read_file(write_findings(tmp_path / "问题.xlsx", records))
    errors = {(f.table, f.code, f.field) for r in records for f in r.findings if f.severity == "error"}
    assert {(f.table, f.code, f.field) for f in again.findings if f.severity == "error"} == errors
    assert {f.code for f in again.findings} == {c for _, c, _ in errors}


def corrected(tmp_path: Path) -> Path:
    path = write_findings(tmp_path / "问题.xlsx", county(tmp_path))
    book = openpyxl.load_workbook(path)
    tax, land = book["税收-税务局"], book["用地-自然资源局"]
    tax["B3"], tax["D4"] = code(2), "30000元"
    tax.delete_rows(5)
    tax["D2"] = 8
    land["E2"], land["F3"] = "租入", 1.5
    book.save(path)
    return path


def whole(records: FileRecords) -> None:
    assert records.findings == ()
    rows = {t.table: t.rows.sort("credit_code", "_row") for t in records.tables}
    assert rows["tax"].select("credit_code", "tax_paid").rows() == [(code(1), 8), (code(2), 2), (code(3), 3)]
    assert rows["land"].select("credit_code", "tenure", "area_mu").rows() == [
        (code(1), "租入", 6),
        (code(1), "自有", 3),
        (code(2), "自有", Decimal("1.5")),
    ]


def test_corrected_it_loads_back_whole(tmp_path: Path) -> None:
    whole(read_file(corrected(tmp_path)))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_saved_by_libreoffice_it_still_loads(tmp_path: Path) -> None:
    path = corrected(tmp_path)
    (tmp_path / "out").mkdir()
    profile = (tmp_path / "profile").as_uri()
    subprocess.run(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx", "--outdir",
         str(tmp_path / "out"), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    whole(read_file(tmp_path / "out" / path.name))


def test_counts_are_complete_and_listings_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LISTED", 10)
    monkeypatch.setattr(room, "COMMENTED", 5)
    rows: Rows = [["年度", *TAX], *([2022, code(i), "甲", "坏", 1] for i in range(50))]
    book = openpyxl.load_workbook(write_findings(tmp_path / "问题.xlsx", [read_file(text(tmp_path / "a.csv", rows))]))
    assert [c.value for c in book["问题汇总"]["D"]][6:] == [50]
    assert "共 50 个" in str(book["问题清单"]["A1"].value)
    assert book["问题清单"].max_row == 12
    assert book["税收-税务局"].max_row == 51
    assert sum(c.comment is not None for c in book["税收-税务局"]["D"][1:]) == 5


def test_energy_goes_to_the_office_that_owns_the_cell(tmp_path: Path) -> None:
    head = ["年度", "信用代码", "用电量（千瓦时）", "天然气（立方米）", "煤炭（吨）"]
    rows: Rows = [
        head,
        [2022, code(1), "坏", 1, 1],
        [2022, code(2), 1, "坏", 1],
        [2022, code(3), 1, 1, "坏"],
        [2022, "x", 1, 1, 1],
    ]
    book = openpyxl.load_workbook(write_findings(tmp_path / "p.xlsx", [read_file(text(tmp_path / "能源.csv", rows))]))
    assert book.sheetnames[1:-1] == ["能源-供电公司", "能源-燃气公司", "能源-统计局"]
    assert book["能源-供电公司"].max_row == 3


def test_nothing_wrong_is_a_short_workbook(tmp_path: Path) -> None:
    records = read_file(text(tmp_path / "a.csv", [["年度", *TAX], [2022, code(1), "甲", 1, 1]]))
    book = openpyxl.load_workbook(write_findings(tmp_path / "p.xlsx", [records]))
    assert book.sheetnames == ["问题汇总", "问题清单"]


def test_headings_are_understood_by_the_reader(tmp_path: Path) -> None:
    for table in TABLES.values():
        head = [f.name for f in table.fields]
        path = text(tmp_path / f"{table.name}.csv", [head, ["x" if f.kind == "text" else "坏" for f in table.fields]])
        records = read_file(path)
        again = (
            read_file(write_findings(tmp_path / "p.xlsx", [records]))
            if records.tables[0].quarantine.height
            else records
        )
        assert [t.table for t in again.tables] == [table.name]
