"""Survey sheets of parcels, and the lines of problems on survey sheets: out, filled in on site, and back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from mujun.cli import main
from mujun.fields.tables.problems import KINDS
from mujun.reports.rectification.problem_sheets import NEW
from mujun.reports.rectification.problem_sheets import SHEET as PROBLEMS
from mujun.reports.rounds.parcel_survey import PARCELS
from mujun.workspace import County
from mujun.workspace.firms.census import census
from mujun.workspace.firms.parcel_round import screen_parcels, screen_parcels_all
from mujun.workspace.firms.showing_parcels import parcel_card
from mujun.workspace.problems.evidence import evidence_folder
from mujun.workspace.problems.problem_list import list_problems
from mujun.workspace.rounds.returning import Returned, take_back
from mujun.workspace.rounds.township_round import hand_out, screening_rules

from .round_county import ALONE, LANDLORD
from .round_county import county as round_county
from .round_county import rules_at as round_rules
from .small_county import F, P
from .test_census import PROBLEM, TITLES

VISIT = {"利用状态": "正常使用", "核查人": "张三", "核查日期": date(2023, 5, 18)}
HEAD = 4
"""The row of the header on a survey sheet; on the sheet of problems it is the third."""


@pytest.fixture(scope="module")
def handed(made_small_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """三江街道: parcels 1 and 2, on the second of them 违法建设 (W2); its firms 3 and 4 have problems of their own."""
    folder = tmp_path_factory.mktemp("parcels")
    own = County(shutil.copy(made_small_county, folder / "small.duckdb"))
    for name, text in (("地块权属", TITLES), ("问题清单", PROBLEM)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        own.data.load([folder / f"{name}.csv"])
    out = screen_parcels(own, folder / "地块核查.xlsx", "三江街道", year=2022)
    assert (out.parcels, out.problems) == (2, 1)
    return folder


@pytest.fixture
def own(handed: Path, tmp_path: Path) -> County:
    return County(shutil.copy(handed / "small.duckdb", tmp_path / "small.duckdb"))


class Book:
    """A survey workbook in a hand that knows only lines and headers."""

    def __init__(self, file: Path) -> None:
        self.book = openpyxl.load_workbook(file)

    def columns(self, sheet: str) -> dict[str, int]:
        head = {PROBLEMS: 3, NEW: 2}.get(sheet, HEAD)
        return {str(c.value): c.column for c in self.book[sheet][head]}

    def row(self, sheet: str, key: str) -> int:
        page = self.book[sheet]
        return next(r for r in range(1, page.max_row + 1) if page.cell(r, 1).value == key)

    def put(self, sheet: str, row: int, **values: object) -> None:
        columns = self.columns(sheet)
        for header, value in values.items():
            self.book[sheet].cell(row, columns[header]).value = value

    def save(self, file: Path) -> Path:
        self.book.save(file)
        return file


def back(own: County, issued: Path, file: Path, fill: Callable[[Book], object], **asked: Any) -> Returned:
    book = Book(issued)
    fill(book)
    return take_back(own, [book.save(file)], **asked)[0]


def test_what_is_known_of_each_parcel_is_locked(handed: Path) -> None:
    book = Book(handed / "地块核查.xlsx")
    page, columns = book.book[PARCELS.sheet], book.columns(PARCELS.sheet)
    assert page.protection.sheet
    row = book.row(PARCELS.sheet, P[2])
    told = {h: page.cell(row, c).value for h, c in columns.items()}
    # 4 + 5 + 6 = 15 万元 on 15 mu; 20,000 ㎡ on 10,000 ㎡ of ground.
    wanted = {
        "权属性质": "国有出让",
        "登记面积（亩）": 15,
        "地块亩均税收（万元/亩）": 1,
        "实际容积率": 2,
        "标准地": "是",
    }
    assert {h: told[h] for h in wanted} == wanted
    assert told["地块上的企业"] == "示例4厂、示例3厂、示例2厂", "most land first"
    open_ = {h for h, c in columns.items() if not page.cell(row, c).protection.locked}
    assert open_ == set(PARCELS.asked_headers)
    problems = book.book[PROBLEMS]
    assert [problems.cell(r, 1).value for r in range(4, problems.max_row + 1)] == ["W2"], "the parcel's own"


def test_a_visit_becomes_a_record_and_its_problems(own: County, handed: Path, tmp_path: Path) -> None:
    (tmp_path / "照片.jpg").write_bytes(b"seen")

    def fill(book: Book) -> None:
        book.put(PARCELS.sheet, book.row(PARCELS.sheet, P[2]), **VISIT | {
            "实测面积（亩）": 14.5, "违法建设": "是", "消防隐患": "是", "安全隐患": "是", "建议整治方式": "拆除重建",
            "核查说明": "钢棚未拆",
        })  # fmt: skip
        book.put(PROBLEMS, 4, 责令整改文号="执限1号", 整改期限=date(2023, 6, 30))
        book.put(NEW, 3, 地块编号=P[2], 问题类别="消防隐患", 问题描述="无消防车道", 发现人="张三",
                 发现日期=date(2023, 5, 18), 佐证文件="照片.jpg")  # fmt: skip

    taken = back(own, handed / "地块核查.xlsx", tmp_path / "交回.xlsx", fill)
    assert (taken.errors, taken.count("parcel_surveys")) == (0, 1)
    assert (len(taken.problems.changed), len(taken.problems.added)) == (1, 1)
    rows = {r["problem"]: r for r in list_problems(own, parcel=P[2]).rows.iter_rows(named=True)}
    # W2 is 违法建设 already and 消防隐患 has a line of its own: of the three ticks one becomes a problem by itself.
    assert set(rows) == {"W2", f"20230518-{P[2]}", f"2022-{P[2]}-2"}
    assert (rows["W2"]["state"], rows["W2"]["order_deadline"]) == ("ordered", date(2023, 6, 30))
    added = rows[f"20230518-{P[2]}"]
    assert [added[n] for n in ("problem_text", "township", "handled_by", "credit_code")] == [
        "无消防车道", "三江街道", "消防救援大队", None
    ]  # fmt: skip
    assert (evidence_folder(own) / added["evidence"]).read_bytes() == b"seen"
    ticked = rows[f"2022-{P[2]}-2"]
    assert [ticked[n] for n in ("problem_kind", "problem_text", "found_on")] == [
        "安全隐患",
        "钢棚未拆",
        date(2023, 5, 18),
    ]
    seen = census(own, 2022, "三江街道").rows.filter(pl.col("parcel") == P[2]).row(0, named=True)
    assert [seen[n] for n in ("use_state", "surveyed_area_mu", "area_mu", "problems")] == [
        "正常使用", Decimal("14.5"), Decimal(15), 5
    ], "the register's area stays; W1 and W3 are of firms on it"  # fmt: skip
    assert taken.records is not None
    assert [(f.code, f.owner) for f in taken.records.findings if f.code == "survey_parcel_area"] == [
        ("survey_parcel_area", "自然资源局")
    ]
    (visits,) = (s for s in parcel_card(own, P[2]).sections if s.id == "parcel_surveys")
    assert [r["proposed_path"] for r in visits.rows] == ["拆除重建"]
    assert take_back(own, [tmp_path / "交回.xlsx"])[0].already is not None


def test_evidence_that_does_not_lie_there_is_asked_for(own: County, handed: Path, tmp_path: Path) -> None:
    def fill(book: Book) -> None:
        book.put(PROBLEMS, 4, 整改期限=date(2023, 6, 30), 佐证文件="没有.jpg")

    taken = back(own, handed / "地块核查.xlsx", tmp_path / "交回.xlsx", fill)
    assert [(p.code, p.place.row) for p in taken.problems.refused] == [("problem_evidence_gone", 4)]
    assert (taken.errors, taken.batch) == (1, None)
    assert list_problems(own, parcel=P[2]).rows["state"].to_list() == ["open"]


def test_each_locked_cell_that_was_changed_is_named(own: County, handed: Path, tmp_path: Path) -> None:
    changed: dict[str, list[str]] = {PARCELS.sheet: [], PROBLEMS: []}

    def fill(book: Book) -> None:
        rows = {PARCELS.sheet: book.row(PARCELS.sheet, P[2]), PROBLEMS: 4}
        book.put(PARCELS.sheet, rows[PARCELS.sheet], **VISIT)
        book.put(PARCELS.sheet, book.row(PARCELS.sheet, P[1]), **VISIT)
        for sheet, row in rows.items():
            page = book.book[sheet]
            for header, column in book.columns(sheet).items():
                if column > 1 and page.cell(row, column).protection.locked:
                    page.cell(row, column).value = "改过"
                    changed[sheet].append(f"{page.cell(row, column).coordinate} 的“{header}”")

    taken = back(own, handed / "地块核查.xlsx", tmp_path / "交回.xlsx", fill)
    assert taken.records is not None
    said = [f.what for f in taken.records.findings if f.code == "returned_edited"]
    assert len(changed[PARCELS.sheet]) == 21
    for cell in changed[PARCELS.sheet]:
        assert sum(cell in s for s in said) == 1, cell
    refused = [str(p) for p in taken.problems.refused]
    assert len(changed[PROBLEMS]) == 9
    for cell in changed[PROBLEMS]:
        assert sum(cell in s for s in refused) == 1, cell
    assert own.data.table("parcel_surveys")["parcel"].to_list() == [P[1]], "the line nobody touched counts"


def test_who_has_returned_whose_parcels(
    own: County, handed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two parcels were handed out; one came back whole, with one problem."""

    def fill(book: Book) -> None:
        ticks = dict.fromkeys(KINDS, "否") | {"违法建设": "是"}
        book.put(PARCELS.sheet, book.row(PARCELS.sheet, P[2]), **VISIT, **ticks)

    back(own, handed / "地块核查.xlsx", tmp_path / "交回.xlsx", fill)
    (row,) = own.rounds.parcel_status(2022).to_dicts()
    counted = [row[c] for c in ("township", "parcels", "returned", "complete", "missing", "problems")]
    assert counted == ["三江街道", 2, 1, 1, 1, 1]
    assert row["missing_parcels"] == [f"示例持有人1（{P[1]}）"]
    assert own.rounds.status(2022).is_empty(), "no firm's sheet was handed out"
    with pytest.raises(SystemExit, match="0"):
        main(["--db", str(own.path), "verify", "--status", "-o", str(tmp_path / "交回.xlsx")])
    said = capsys.readouterr().out
    assert ("2022 年度地块核查" in said, "年度现场核查" in said) == (True, False)
    assert openpyxl.load_workbook(tmp_path / "交回.xlsx").sheetnames == ["地块交回情况", "未交回地块"]


def test_findings_of_a_returned_book_are_a_workbook_as_load_gives(own: County, handed: Path, tmp_path: Path) -> None:
    book = Book(handed / "地块核查.xlsx")
    book.put(PARCELS.sheet, book.row(PARCELS.sheet, P[2]), **VISIT, 权利人="改过")
    file, out = book.save(tmp_path / "改过.xlsx"), tmp_path / "问题.xlsx"
    with pytest.raises(SystemExit, match="1"):  # a line was returned
        main(["--db", str(own.path), "verify", str(file), "--findings", str(out)])
    cells = [str(c.value) for page in openpyxl.load_workbook(out) for row in page.iter_rows() for c in row if c.value]
    assert any("的“权利人”" in c for c in cells)


def test_a_book_for_each_township(own: County, tmp_path: Path) -> None:
    several = screen_parcels_all(own, tmp_path / "全部", year=2022)
    assert [(h.township, h.parcels) for h in several] == [("三江街道", 2), ("甘霖镇", 3)]
    assert sorted(p.name for p in (tmp_path / "全部").iterdir()) == [
        "三江街道_2022年地块核查表.xlsx", "甘霖镇_2022年地块核查表.xlsx"
    ]  # fmt: skip


def test_a_firm_s_survey_has_a_line_for_each_of_its_problems(tmp_path: Path) -> None:
    own, rules = round_county(tmp_path / "county.duckdb"), round_rules(tmp_path / "rules")
    (tmp_path / "问题.csv").write_text(
        f"问题编号,统一社会信用代码,问题类别,发现日期\nW1,{ALONE},消防隐患,2023-01-05\n", "utf-8"
    )
    own.data.load([tmp_path / "问题.csv"])
    hand_out(own, screening_rules(own, rules, 2022), "甲镇", Decimal(3), tmp_path / "核查.xlsx")

    def fill(book: Book) -> None:
        book.put(PROBLEMS, 4, 整改完成日期=date(2023, 5, 1), 整改结果="已装喷淋")
        told = {"问题类别": "环境污染", "发现人": "李四", "发现日期": date(2023, 5, 18)}
        book.put(NEW, 3, 统一社会信用代码=LANDLORD, **told)
        book.put(NEW, 4, 统一社会信用代码="91330683XXXX0000", **told)

    taken = back(own, tmp_path / "核查.xlsx", tmp_path / "交回.xlsx", fill)
    assert (len(taken.problems.changed), len(taken.problems.added), taken.problems.rows_refused) == (1, 1, 1)
    states = dict(list_problems(own).rows.select("problem", "state").iter_rows())
    assert states == {"W1": "mended", f"20230518-{LANDLORD}": "open"}
    assert own.rounds.status(2022).select("firms", "returned").rows() == [(4, 0)], "nobody's survey came back yet"
    assert F[1] not in states
