"""The township's round: what goes out comes back, and nothing else does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from mujun.errors import InputError, UsageError
from mujun.records import read_file
from mujun.reports.rounds.survey_workbook import SHEET
from mujun.workspace import County
from mujun.workspace.book import read_book
from mujun.workspace.rectification.candidates import screen_candidates
from mujun.workspace.rectification.events import load_events
from mujun.workspace.rectification.handed_out import hand_out as hand_out_sheet
from mujun.workspace.rectification.lists import issue
from mujun.workspace.rectification.papers import visited_sheet
from mujun.workspace.rectification.visited import screened_among, visited
from mujun.workspace.rounds.returning import Returned, take_back
from mujun.workspace.rounds.township_round import hand_out, hand_out_all, screening_rules, to_screen
from mujun.workspace.rounds.who_returned import round_status

from .round_county import ALONE, LANDLORD, NAMES, SEVERAL, SMALL, TENANT, county, rules_at
from .small_county import code

HEAD = 4
VISIT = {"生产状态": "正常生产", "核查人": "张三", "核查日期": date(2023, 5, 18)} | dict.fromkeys(
    ("违法用地", "安全隐患", "无照经营", "产品质量", "违法建设", "环境污染", "偷税漏税", "消防隐患"), "否"
)


ROLL = f"""年度,统一社会信用代码,企业名称,镇街,行业代码,规模,经营状态,地址,法定代表人
2022,{code(1)},己无地,甲镇,1751,规上,在业,甲镇路1号,张三
2022,{code(2)},庚供电,甲镇,4420,规上,在业,,
2022,{code(3)},辛注销,甲镇,1751,规下,注销,,
2022,{code(4)},壬小厂,甲镇,1751,规下,在业,,
2022,{code(5)[:17]},癸缺位,甲镇,1751,规上,在业,,
2022,{code(6)},子小厂,乙镇,1751,规下,在业,,
"""
LAND = f"""年度,统一社会信用代码,企业名称,地块编号,权属,用地面积(亩)
2022,{code(3)},辛注销,P7,自有,3
2022,{code(4)},壬小厂,P8,自有,2.99
"""


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the county, its rules and the workbook that went out, made once."""
    folder = tmp_path_factory.mktemp("round")
    own, rules = county(folder / "county.duckdb"), rules_at(folder / "rules")
    hand_out(own, screening_rules(own, rules, 2022), "甲镇", Decimal(3), folder / "核查.xlsx")
    return folder


@pytest.fixture
def own(handed: Path, tmp_path: Path) -> County:
    return County(shutil.copy(handed / "county.duckdb", tmp_path / "county.duckdb"))


@pytest.fixture
def rules(handed: Path) -> str:
    return str(handed / "rules")


@pytest.fixture
def issued(handed: Path) -> Path:
    return handed / "核查.xlsx"


class Sheet:
    """A survey workbook in a hand that knows only firms and headers."""

    def __init__(self, file: Path) -> None:
        self.book = openpyxl.load_workbook(file)
        self.sheet: Worksheet = self.book[SHEET]
        self.columns = {c.value: c.column for c in self.sheet[HEAD]}

    def row(self, code: str) -> int:
        return next(r for r in range(HEAD + 1, self.sheet.max_row + 1) if self.sheet.cell(r, 1).value == code)

    def put(self, code: str, **values: object) -> None:
        for header, value in values.items():
            self.sheet.cell(self.row(code), self.columns[header]).value = value

    def get(self, code: str, header: str) -> object:
        return self.sheet.cell(self.row(code), self.columns[header]).value

    def save(self, file: Path) -> Path:
        self.book.save(file)
        return file


def filled(issued: Path, file: Path, fill: Callable[[Sheet], object]) -> Path:
    sheet = Sheet(issued)
    fill(sheet)
    return sheet.save(file)


def back(own: County, file: Path, **asked: Any) -> Returned:
    return take_back(own, [file], **asked)[0]


def codes_of(returned: Returned) -> list[str]:
    return [f.code for f in returned.records.findings] if returned.records else []


def area(own: County, code: str) -> list[Decimal]:
    return own.data.table("land").filter(pl.col("credit_code") == code).sort("parcel")["area_mu"].to_list()


# ---------------------------------------------------------------------------------------------------- goes out


def test_who_is_on_it_with_what(issued: Path) -> None:
    sheet = Sheet(issued)
    listed = [sheet.sheet.cell(r, 1).value for r in range(HEAD + 1, sheet.sheet.max_row + 1)]
    assert listed == [ALONE, SEVERAL, TENANT, LANDLORD]  # most land first, then by code; the workshop has 2 亩
    assert [sheet.get(LANDLORD, h) for h in ("自有用地（亩）", "租出用地（亩）", "实际用地（亩）")] == [8, 2, 6]
    assert sheet.get(LANDLORD, "亩均税收（万元/亩）") == 3
    assert sheet.get(LANDLORD, "符合的整治条件") == "亩均税收低于5万元（亩均税收 3万元/亩）"
    assert sheet.get(ALONE, "符合的整治条件") is None


def test_given_cells_are_locked_and_the_others_are_not(issued: Path) -> None:
    sheet = Sheet(issued)
    assert sheet.sheet.protection.sheet
    row = sheet.row(ALONE)
    locked = {h: sheet.sheet.cell(row, c).protection.locked for h, c in sheet.columns.items()}
    assert not any(locked[h] for h in (*VISIT, "实测用地（亩）", "建议整治方式", "核查说明"))
    assert all(locked[h] for h in ("统一社会信用代码", "企业名称", "实际用地（亩）", "符合的整治条件", "镇街"))
    lists = {v.formula1 for v in sheet.sheet.data_validations.dataValidation if v.type == "list"}
    assert {'"是,否"', '"拆除重建,整治提升,功能转型,关停退出"'} <= lists


def test_nobody_to_screen_is_said(own: County, rules: str, tmp_path: Path) -> None:
    (tmp_path / "名录2.csv").write_text(ROLL, encoding="utf-8")
    own.data.load([tmp_path / "名录2.csv"])
    with pytest.raises(UsageError, match="100"):
        hand_out(own, screening_rules(own, rules, 2022), "乙镇", Decimal(100), tmp_path / "a.xlsx")
    with pytest.raises(UsageError):
        screening_rules(own, None, 2022)  # nothing has been rated, no rules are named
    assert not (tmp_path / "a.xlsx").exists()


def test_what_could_not_be_written_was_not_handed_out(own: County, rules: str, tmp_path: Path) -> None:
    before = round_status(own, 2022)["marks"].to_list()
    with pytest.raises(InputError):
        hand_out(own, screening_rules(own, rules, 2022), "甲镇", Decimal(3), tmp_path / "没有" / "a.xlsx")
    assert round_status(own, 2022)["marks"].to_list() == before


def test_who_is_looked_at(own: County, rules: str, tmp_path: Path) -> None:
    """规上: four with land, one without any, one that is no manufacturer; 规下 from 3 mu on: the one that is gone."""
    for name, text in (("名录2", ROLL), ("用地2", LAND)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        own.data.load([tmp_path / f"{name}.csv"])
    found = to_screen(own, rules=rules, year=2022)
    rows = {r["name"]: r for r in found.rows.iter_rows(named=True)}
    assert set(rows) == {"甲纺织", "乙机械", "丙电机", "丁服饰", "己无地", "庚供电", "辛注销"}
    assert {n: r["mark"] for n, r in rows.items() if r["mark"]} == {"庚供电": "非制造业", "辛注销": "已注销或迁出"}
    assert (rows["己无地"]["land_mu"], rows["己无地"]["hits"]) == (None, [])
    assert rows["己无地"]["untested"] == "亩均税收低于5万元（无数据：亩均税收）"
    assert rows["甲纺织"]["untested"] is None
    assert (rows["己无地"]["address"], rows["己无地"]["legal_person"]) == ("甲镇路1号", "张三")
    assert rows["丁服饰"]["parcels"] == ["P4", "P5"]
    # A smaller or larger threshold is one of 规下 firms only.
    least = {mu: set(to_screen(own, rules=rules, year=2022, min_mu=Decimal(mu)).rows["name"]) for mu in ("2", "100")}
    assert (least["2"] - set(rows), set(rows) - least["100"]) == ({"壬小厂", "戊作坊"}, {"辛注销"})
    counts = found.counts
    assert (counts.firms, counts.above, counts.below, counts.marked, counts.waiting) == (7, 6, 1, 2, 1)
    handed = hand_out(own, found.result, "甲镇", Decimal(3), tmp_path / "核查.xlsx")
    book = openpyxl.load_workbook(handed.file)
    waits = [c.value for c in book["名录待修复"][4]]
    assert waits[:2] == ["癸缺位", code(5)[:17]]
    assert "GB 32100" in str(waits[4])


# ---------------------------------------------------------------------------------------------------- comes back


def test_what_was_filled_in_is_what_is_on_record(own: County, issued: Path, tmp_path: Path) -> None:
    def fill(s: Sheet) -> None:
        s.put(ALONE, **VISIT, **{"实测用地（亩）": 10, "建议整治方式": "整治提升", "核查说明": "彩钢棚"})

    file = filled(issued, tmp_path / "back.xlsx", fill)
    returned = back(own, file)
    assert (returned.lines, returned.filled, returned.errors) == (4, 1, 0)
    stands = own.data.table("surveys").row(0, named=True)
    assert own.data.table("surveys").height == 1
    wanted = (
        "credit_code",
        "year",
        "surveyed_mu",
        "operation",
        "fire_hazard",
        "proposed_path",
        "verified_by",
        "verified_on",
    )
    assert [stands[c] for c in wanted] == [
        ALONE, 2022, Decimal(10), "正常生产", "否", "整治提升", "张三", date(2023, 5, 18)
    ]  # fmt: skip
    assert area(own, ALONE) == [Decimal(10)]
    assert back(own, file).already == returned.batch


def test_a_workbook_left_blank_is_no_batch(own: County, issued: Path, tmp_path: Path) -> None:
    returned = back(own, filled(issued, tmp_path / "back.xlsx", lambda s: None))
    assert (returned.batch, returned.filled, codes_of(returned)) == (None, 0, [])


def test_sorted_lines_are_the_same_lines(own: County, issued: Path, tmp_path: Path) -> None:
    def swap(s: Sheet) -> None:
        s.put(TENANT, **VISIT)
        for column in range(1, s.sheet.max_column + 1):
            one, other = s.sheet.cell(HEAD + 1, column), s.sheet.cell(HEAD + 3, column)
            one.value, other.value = other.value, one.value

    returned = back(own, filled(issued, tmp_path / "back.xlsx", swap))
    assert returned.errors == 0
    assert own.data.table("surveys")["credit_code"].to_list() == [TENANT]


@pytest.mark.parametrize("measured", [
    {
        ALONE: (8.5, "survey_land_corrected", ["8.5"]),
        SEVERAL: (11, "survey_land_corrected", ["8", "3"]),  # 9 → 11: the larger of 6 and 3 takes 2
        LANDLORD: (5, "survey_land_leased", ["8", "2"]),
        TENANT: (5, "survey_land_leased", ["2", "4"]),
    },
    {
        ALONE: (10.004, None, ["10"]),  # within a hundredth of a mu it is the same area
        SEVERAL: (2.5, "survey_land_vanishes", ["6", "3"]),  # the larger would be −0.5
    },
    {
        ALONE: (6667, "survey_land_implausible", ["10"]),  # 10 亩 in ㎡
        SEVERAL: (89, "survey_land_corrected", ["86", "3"]),
    },
])  # fmt: skip
def test_measured_areas(
    own: County, issued: Path, tmp_path: Path, measured: dict[str, tuple[float, str | None, list[str]]]
) -> None:
    sheet = Sheet(issued)
    for who, (mu, _, _) in measured.items():
        sheet.put(who, **VISIT, **{"实测用地（亩）": mu})
    returned = back(own, sheet.save(tmp_path / "back.xlsx"))
    assert returned.records is not None
    found = {f.credit_code: f.code for f in returned.records.findings if f.code.startswith("survey_land")}
    assert found == {who: code for who, (_, code, _) in measured.items() if code}
    for who, (_, _, stands) in measured.items():
        assert area(own, who) == [Decimal(a) for a in stands]
    on_record = dict(own.data.table("surveys").select("credit_code", "surveyed_mu").iter_rows())
    assert on_record == {who: Decimal(str(mu)) for who, (mu, _, _) in measured.items()}


def test_land_that_changed_since_is_left_to_a_person(own: County, issued: Path, tmp_path: Path) -> None:
    first = filled(issued, tmp_path / "a.xlsx", lambda s: s.put(ALONE, **VISIT, **{"实测用地（亩）": 8}))
    again = filled(issued, tmp_path / "b.xlsx", lambda s: s.put(ALONE, **VISIT, **{"实测用地（亩）": 8}))
    other = filled(issued, tmp_path / "c.xlsx", lambda s: s.put(ALONE, **VISIT, **{"实测用地（亩）": 7}))
    assert "survey_land_corrected" in codes_of(back(own, first))
    assert codes_of(back(own, again)) == []  # it stands already
    assert codes_of(back(own, other)) == ["survey_land_moved"]
    assert area(own, ALONE) == [Decimal(8)]


@pytest.mark.parametrize(("edit", "code", "cell", "taken"), [
    (lambda s: s.put(ALONE, **{"实际用地（亩）": 1}), "returned_edited", "O5", [TENANT]),
    (lambda s: s.put(ALONE, 企业名称="改名"), "returned_edited", "B5", [TENANT]),
    (lambda s: s.put(ALONE, 统一社会信用代码=SMALL), "returned_row_added", "A5", [TENANT]),
    (lambda s: s.sheet.cell(9, 1, SMALL), "returned_row_added", "A9", [ALONE, TENANT]),
    (lambda s: s.put(ALONE, 统一社会信用代码=SEVERAL), "returned_edited", "B5", [TENANT]),
    (lambda s: s.sheet.delete_rows(5), "returned_row_gone", NAMES[ALONE], [TENANT]),
])  # fmt: skip
def test_what_must_not_be_edited_is_named_and_the_rest_counts(
    own: County,
    issued: Path,
    tmp_path: Path,
    edit: Callable[[Sheet], object],
    code: str,
    cell: str,
    taken: list[str],
) -> None:
    def fill(s: Sheet) -> None:
        s.put(ALONE, **VISIT)
        s.put(TENANT, **VISIT)
        edit(s)

    returned = back(own, filled(issued, tmp_path / "back.xlsx", fill))
    assert returned.records is not None
    found = next(f for f in returned.records.findings if f.code == code)
    assert cell in found.what
    assert sorted(own.data.table("surveys")["credit_code"]) == sorted(taken)


def test_each_locked_cell_that_was_changed_is_named(own: County, issued: Path, tmp_path: Path) -> None:
    sheet = Sheet(issued)
    row = sheet.row(ALONE)
    locked = [h for h, c in sheet.columns.items() if sheet.sheet.cell(row, c).protection.locked]
    sheet.put(ALONE, **VISIT, **{h: "改过" for h in locked if h != "统一社会信用代码"})
    returned = back(own, sheet.save(tmp_path / "back.xlsx"))
    assert returned.records is not None
    said = [f.what for f in returned.records.findings if f.code == "returned_edited"]
    for header in set(locked) - {"统一社会信用代码"}:
        cell = sheet.sheet.cell(row, sheet.columns[header]).coordinate
        assert sum(f"{cell} 的“{header}”" in s for s in said) == 1, header
    assert own.data.table("surveys").is_empty()


@pytest.mark.parametrize(("day", "code"), [
    (date.today() + timedelta(days=1), "survey_day_to_come"),
    (date(2021, 12, 31), "survey_day_before"),
    (date(2022, 1, 1), None),
])  # fmt: skip
def test_a_visit_lies_in_the_round_and_in_the_past(
    own: County, issued: Path, tmp_path: Path, day: date, code: str | None
) -> None:
    sheet = Sheet(issued)
    sheet.put(ALONE, **VISIT | {"核查日期": day})
    sheet.put(TENANT, **VISIT)
    returned = back(own, sheet.save(tmp_path / "back.xlsx"))
    assert [c for c in codes_of(returned) if c.startswith("survey_day")] == ([code] if code else [])
    assert returned.errors == (1 if code else 0)
    assert own.data.table("surveys").height == (1 if code else 2)


def test_with_strict_one_wrong_line_keeps_the_workbook_out(own: County, issued: Path, tmp_path: Path) -> None:
    sheet = Sheet(issued)
    sheet.put(TENANT, **VISIT)
    sheet.put(ALONE, **{"实际用地（亩）": 1})
    assert [p.code for p in back(own, sheet.save(tmp_path / "a.xlsx"), strict=True).refused] == ["load_strict"]
    assert own.data.table("surveys").is_empty()


def test_a_line_that_is_kept_out_is_not_lost(own: County, issued: Path, tmp_path: Path) -> None:
    back(
        own,
        filled(issued, tmp_path / "a.xlsx", lambda s: s.put(ALONE, **VISIT, 企业名称="改", 核查说明="棚")),
    )
    kept = own.data.quarantine()["surveys"].row(0, named=True)
    assert (kept["credit_code"], kept["remark"], kept["verified_by"]) == (ALONE, "棚", "张三")


@pytest.mark.parametrize(("break_it", "code"), [
    (lambda s: s.sheet.cell(2, 1, "编号没有了"), "returned_no_mark"),
    (lambda s: s.sheet.cell(2, 1, "编号：MS9-00000000"), "returned_foreign"),
    (lambda s: s.sheet.cell(HEAD, 3, "企业规模"), "returned_header"),
    (lambda s: s.sheet.delete_cols(4), "returned_header"),
    (lambda s: setattr(s.sheet, "title", "Sheet1"), "returned_no_sheet"),
])  # fmt: skip
def test_a_workbook_that_is_not_ours_is_refused_whole(
    own: County, issued: Path, tmp_path: Path, break_it: Callable[[Sheet], object], code: str
) -> None:
    def fill(sheet: Sheet) -> None:
        sheet.put(ALONE, **VISIT)
        break_it(sheet)

    returned = back(own, filled(issued, tmp_path / "back.xlsx", fill))
    assert [p.code for p in returned.refused] == [code]
    assert own.data.table("surveys").is_empty()


def test_it_is_not_loaded_like_a_department_s_file(issued: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_file(issued, year=2022)
    assert refusal.value.problems[0].code == "file_was_handed_out"


@pytest.mark.parametrize("missing", ["核查人", "核查日期"])
def test_who_and_when_are_needed(own: County, issued: Path, tmp_path: Path, missing: str) -> None:
    visit = {k: v for k, v in VISIT.items() if k != missing}
    returned = back(
        own, filled(issued, tmp_path / "back.xlsx", lambda s: s.put(ALONE, **visit, **{"实测用地（亩）": 8}))
    )
    assert returned.errors == 1
    assert own.data.table("surveys").is_empty()
    assert area(own, ALONE) == [Decimal(10)]


# --------------------------------------------------------------------------------------------------------- what it does


def test_problems_reach_the_list_and_the_departments(own: County, issued: Path, rules: str, tmp_path: Path) -> None:
    problems = {**VISIT, "消防隐患": "是", "违法建设": "是"}
    returned = back(own, filled(issued, tmp_path / "back.xlsx", lambda s: s.put(ALONE, **problems)))
    assert returned.records is not None
    owners = {f.field: f.owner for f in returned.records.findings if f.code == "survey_problem"}
    assert owners == {"fire_hazard": "消防救援大队", "illegal_building": "综合行政执法局"}
    assert {f.field for f in own.data.check(2022) if f.code == "survey_problem"} == set(owners)
    listing = own.runs.rate(rules, 2022, save=False).listing
    assert listing is not None
    reasons = dict(listing.rectification.select("credit_code", "reasons").iter_rows())
    assert reasons[ALONE] == ["hazard", "fire"]
    # A later visit that finds nothing takes it back: the round's newest word counts.
    back(own, filled(issued, tmp_path / "later.xlsx", lambda s: s.put(ALONE, **VISIT)))
    again = own.runs.rate(rules, 2022, save=False).listing
    assert again is not None
    assert ALONE not in again.rectification["credit_code"]


def test_who_has_returned_what(own: County, rules: str, tmp_path: Path) -> None:
    handed = hand_out_all(own, screening_rules(own, rules, 2022), Decimal(3), tmp_path / "发出")
    assert [h.file.name for h in handed] == ["甲镇_2022年现场核查表.xlsx"]

    sheet = Sheet(handed[0].file)
    sheet.put(ALONE, **{**VISIT, "实测用地（亩）": 10, "消防隐患": "是"})
    sheet.put(TENANT, **VISIT)
    back(own, sheet.save(tmp_path / "back.xlsx"))
    status = round_status(own, 2022).row(0, named=True)
    counted = [status[c] for c in ("township", "firms", "returned", "complete", "missing", "problems")]
    assert counted == ["甲镇", 4, 2, 2, 2, 1]
    assert sorted(status["missing_firms"]) == sorted(f"{NAMES[c]}（{c}）" for c in (SEVERAL, LANDLORD))


def screened(own: County, rules: str) -> None:
    """Rated, and whom the rules would list put down on 1 May: the landlord (18 ÷ 6 = 3) and the workshop (1 ÷ 2)."""
    own.runs.rate(rules, 2022)
    assert screen_candidates(own, date(2023, 5, 1)).screened == 2


def test_a_visit_proposes_to_verify_whom_the_rules_still_list(
    own: County, issued: Path, rules: str, tmp_path: Path
) -> None:
    own.runs.rate(rules, 2022)
    with pytest.raises(UsageError, match="rectify screen"):
        visited(own)
    screened(own, rules)
    with pytest.raises(UsageError) as caught:
        visited(own)
    assert (caught.value.problems[0].code, caught.value.problems[0].values["count"]) == ("visited_none", 2)
    visit = {**VISIT, "消防隐患": "是", "建议整治方式": "关停退出", "核查说明": "彩钢棚"}

    def fill(sheet: Sheet) -> None:
        sheet.put(LANDLORD, **visit)
        sheet.put(ALONE, **VISIT)

    back(own, filled(issued, tmp_path / "back.xlsx", fill))
    assert screened_among(read_book(own), [LANDLORD, ALONE, SMALL]) == 2
    found = visited(own)
    assert (list(found.visits), found.left) == ([LANDLORD], 1)
    one = found.visits[LANDLORD]
    assert (one.proposal, one.on, one.by, one.path) == ("verify", date(2023, 5, 18), "张三", "关停退出")
    assert one.facts == "2023-05-18 现场核查：正常生产；问题 消防隐患；建议关停退出；彩钢棚"
    # Nothing is recorded until a person loads the sheet; the path of the visit is the list's.
    assert {e.action for e in read_book(own).events} == {"screen"}
    sheet = hand_out_sheet(own, tmp_path / "核实.xlsx", visited_sheet(found))
    assert ([e.action for _, e in load_events(own, [sheet]).recorded]) == ["verify"]
    issue(own, title="清单", document="1号", issued_on=date(2023, 6, 1), unverified="leave")
    listed = read_book(own).standing().firms
    assert listed.select("credit_code", "path", "deadline").rows() == [(LANDLORD, "关停退出", date(2024, 6, 1))]


def test_a_visit_proposes_to_dismiss_whom_the_corrected_records_no_longer_list(
    own: County, issued: Path, rules: str, tmp_path: Path
) -> None:
    screened(own, rules)
    early = {**VISIT, "核查日期": date(2023, 4, 20)}
    back(own, filled(issued, tmp_path / "back.xlsx", lambda s: s.put(LANDLORD, **early)))
    paid = tmp_path / "税收.csv"
    paid.write_text(f"年度,统一社会信用代码,企业名称,实缴税金(万元)\n2022,{LANDLORD},丙电机,60\n", encoding="utf-8")
    own.data.load([paid], again="replace")
    # 60 ÷ 6 = 10 万元 per mu. Visited before the screening: the event is of the day of the screening.
    one = visited(own, "甲镇").visits[LANDLORD]
    assert (one.proposal, one.on) == ("dismiss", date(2023, 5, 1))
    done = load_events(own, [hand_out_sheet(own, tmp_path / "核实.xlsx", visited_sheet(visited(own)))])
    assert [(e.action, e.on, e.note) for _, e in done.recorded] == [
        ("dismiss", date(2023, 5, 1), "2023-04-20 现场核查：正常生产；按核查后的数据不再符合列入条件")
    ]
