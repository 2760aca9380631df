"""Names confirmed and codes changed, end to end: what was waiting counts, what is newer stands, nothing is lost."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from mujun.errors import UsageError
from mujun.reports.departments.identity_sheets import SHEET, write_identity
from mujun.samples import sample_data
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.identity.deciding import (
    Accepted,
    accept_one,
    accept_workbook,
    add_alias,
    changes_of_codes,
    open_proposals,
)
from mujun.workspace.identity.former_codes import heirs_at, under_standing_codes, with_former

A, B, C, WORKSHOP = "91330683XXXX90018D", "91330683XXXX900268", "91330683XXXX900343", "ZR330683000777"
HERE, THERE = "三江街道", "甘霖镇"
ROLL = [
    ["统一社会信用代码", "企业名称", "镇街", "企业规模"],
    [A, "示例恒达电机有限公司", HERE, "规上"],
    [B, "示例恒泰制冷有限公司", THERE, "规下"],
    [WORKSHOP, "示例王家加工坊", HERE, "规下"],
]
TAX = ["信用代码", "纳税人名称", "镇街", "实际入库税收（万元）"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    own = County(folder / "county.duckdb")
    own.data.load([text(folder / "2022年企业名录.csv", ROLL)])
    return own.path


@pytest.fixture
def county(made: Path, tmp_path: Path) -> County:
    """A copy of it, to do with as one likes."""
    return County(shutil.copy(made, tmp_path / "county.duckdb"))


def text(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return path


def taxes(folder: Path, *rows: Sequence[str], name: str = "2022年税收.csv") -> Path:
    return text(folder / name, [TAX, *rows])


def paid(own: County, code: str, year: int = 2022) -> Decimal | None:
    frame, _ = own.data.frame(year)
    found = frame.filter(pl.col("credit_code") == code)["tax_paid"]
    return found[0] if found.len() else None


def decide(own: County, path: Path, **choices: str) -> Path:
    """The workbook as a person sends it back: `decision` for every row that proposes somebody."""
    write_identity(path, open_proposals(own))
    with closing(openpyxl.load_workbook(path)) as book:
        sheet = book[SHEET]
        titles = [c.value for c in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            cells = dict(zip(titles, row, strict=True))
            cells["认定"].value = choices.get(str(cells["材料中的名称"].value), choices.get("others"))
        book.save(path)
    return path


# ---------------------------------------------------------------------------------------------------- the sample county


def test_every_name_of_the_sample_county_is_proposed_as_the_manifest_says(sample_county: Path, tmp_path: Path) -> None:
    own = County(sample_county)
    with (sample_data() / "manifest.csv").open(encoding="utf-8", newline="") as file:
        lines = [x for x in csv.DictReader(file) if x["field"] == "credit_code"]
    usable = ("missing_key", "credit_code_invalid", "code_as_number")
    wanted: dict[tuple[str, str, int], tuple[str | None, bool]] = {}
    for x in lines:
        past_repair = x["code"] != "credit_code_invalid" or ("无法修复" in x["note"] or "17位" in x["note"])
        if x["code"] in usable and past_repair:
            exact = "名称相近" not in x["note"]
            wanted[Path(x["file"]).name, x["sheet"], int(x["row"])] = (
                None if "不能认定" in x["note"] else x["credit_code"],
                exact,
            )
    found = {}
    for proposal in open_proposals(own):
        for row in proposal.rows:
            firm = proposal.proposed
            found[row.file, row.sheet or "", row.row] = (
                firm.code if firm else None,
                firm is None or firm.likeness == 100,
            )
    nobody = {place: given for place, given in wanted.items() if given[0] is None}
    assert len(wanted) > 80
    assert len(nobody) == 8
    # Bills without a name cannot be told by one.
    assert {p for p in wanted if p not in found} <= {p for p in wanted if "用水.csv" in p[0] and "分期" in p[0]}
    assert {p: given for p, given in found.items() if wanted.get(p, (None, True))[0] is not None} == {
        p: given for p, given in wanted.items() if given[0] is not None and p in found
    }
    assert all(found[p][0] is None for p in nobody)
    made = accept_workbook(own, decide(own, tmp_path / "名称认定.xlsx", others="认定"), document="示例〔2023〕5号")
    # The eight that are nobody's are refused with their place; everything else counts.
    assert len(made.left_out) == 8
    assert made.rows == made.confirmed == len(found) - 8
    assert [p.proposed for p in open_proposals(own)] == [None] * 8


# ---------------------------------------------------------------------------------------------- what was waiting counts


def test_a_confirmed_name_counts_with_its_place_and_document(county: County, tmp_path: Path) -> None:
    county.data.load(
        [taxes(tmp_path, [B, "示例恒泰制冷有限公司", THERE, "7"], ["", "示例恒达电机有限责任公司", HERE, "12"])]
    )
    assert (paid(county, A), paid(county, B)) == (None, Decimal(7))
    [proposal] = open_proposals(county)
    assert (proposal.kind, proposal.proposed and proposal.proposed.code) == ("exact", A)
    made = accept_workbook(county, decide(county, tmp_path / "认定.xlsx", others="认定"), document="示例〔2023〕1号")
    assert (made.confirmed, made.undecided, made.rows) == (1, 0, 1)
    assert (paid(county, A), paid(county, B)) == (Decimal(12), Decimal(7))
    row = county.data.table("tax").filter(pl.col("credit_code") == A).row(0, named=True)
    assert (row["_file"], row["_row"]) == ("2022年税收.csv", 3)
    [said] = [f for f in county.data.findings().iter_rows(named=True) if f["code"] == "name_matched"]
    assert (said["credit_code"], said["row"], said["value"]) == (A, 3, "示例恒达电机有限责任公司")
    assert open_proposals(county) == []
    # Once more changes nothing.
    again = accept_workbook(county, tmp_path / "认定.xlsx")
    assert (again.already, again.reentered, paid(county, A)) == (made.batch, (), Decimal(12))


def test_a_later_file_with_the_name_counts_at_once_and_says_so(county: County, tmp_path: Path) -> None:
    made = accept_one(county, "示例恒达电机公司", code=A, township=HERE)
    assert (made.confirmed, made.reentered, [f.code for f in made.findings]) == (1, (), ["match_no_rows"])
    later = taxes(tmp_path, ["", "示例恒达电机 公司", HERE, "12"], ["", "示例恒达电机公司", THERE, "99"])
    outcome = county.data.load([later])
    assert [(f.code, f.row) for f in outcome.findings] == [("missing_key", 3), ("name_matched", 2)]
    assert (outcome.files[0].rows_in, outcome.files[0].rows_out, paid(county, A)) == (1, 1, Decimal(12))


def test_a_row_of_the_firms_own_stands_over_one_without_a_code(county: County, tmp_path: Path) -> None:
    accept_one(county, "示例恒达电机公司", code=A, township=HERE)
    outcome = county.data.load(
        [taxes(tmp_path, [A, "示例恒达电机有限公司", HERE, "5"], ["", "示例恒达电机公司", HERE, "12"])]
    )
    assert {f.code for f in outcome.findings} == {"missing_key", "match_own_row"}
    assert paid(county, A) == 5


def test_what_was_corrected_meanwhile_stands(county: County, tmp_path: Path) -> None:
    first = taxes(tmp_path, ["", "示例恒达电机有限公司", HERE, "12"])
    corrected = taxes(tmp_path, [A, "示例恒达电机有限公司", HERE, "13"], name="2022年税收_更正.csv")
    county.data.load([first, corrected])
    # Nobody is asked about a row that has been replaced, and a decision for it brings nothing back.
    assert open_proposals(county) == []
    accept_one(county, "示例恒达电机有限公司", code=A, township=HERE)
    assert paid(county, A) == 13


def test_of_two_files_without_codes_the_newer_stands(county: County, tmp_path: Path) -> None:
    first = taxes(tmp_path, ["", "示例恒达电机有限公司", HERE, "12"])
    second = taxes(tmp_path, ["", "示例恒达电机有限公司", HERE, "13"], name="2022年税收_二.csv")
    county.data.load([first, second])
    accept_one(county, "示例恒达电机有限公司", code=A, township=HERE)
    assert paid(county, A) == 13
    third = taxes(tmp_path, ["", "示例恒达电机有限责任公司", HERE, "14"], name="2022年税收_三.csv")
    county.data.load([third])
    # What another file says otherwise waits until somebody decides.
    assert paid(county, A) == 13
    county.data.load([third], again="replace")
    assert paid(county, A) == 14


def test_land_of_the_same_file_stays_together(county: County, tmp_path: Path) -> None:
    head = ["信用代码", "单位名称", "镇街", "地块编号", "权属类型", "用地面积（亩）"]
    rows = [
        [A, "示例恒达电机有限公司", HERE, "P1", "自有", "10"],
        ["", "示例恒达电机有限公司", HERE, "P2", "自有", "4"],
    ]
    county.data.load([text(tmp_path / "2022年用地.csv", [head, *rows])])
    accept_one(county, "示例恒达电机有限公司", code=A)
    frame, _ = county.data.frame(2022)
    assert frame.filter(pl.col("credit_code") == A)["land_mu"][0] == 14
    places = county.data.table("land").sort("_row").select("_file", "_row", "area_mu").rows()
    assert places == [("2022年用地.csv", 2, 10), ("2022年用地.csv", 3, 4)]
    accept_one(county, "示例恒达电机有限公司", code=A, note="再认一次")
    assert county.data.table("land").height == 2


def test_another_mistake_in_the_row_still_keeps_it_out(county: County, tmp_path: Path) -> None:
    county.data.load([taxes(tmp_path, ["", "示例恒达电机有限公司", HERE, "待核实"])])
    made = accept_one(county, "示例恒达电机有限公司", code=A)
    assert (made.rows, paid(county, A)) == (0, None)


def test_a_workshop_has_a_local_code(county: County, tmp_path: Path) -> None:
    county.data.load([taxes(tmp_path, ["", "示例 王家加工坊", HERE, "0.5"])])
    [proposal] = open_proposals(county)
    assert proposal.proposed is not None
    assert proposal.proposed.code == WORKSHOP
    accept_one(county, proposal.name, code=WORKSHOP)
    assert paid(county, WORKSHOP) == Decimal("0.5")


# ------------------------------------------------------------------------------------------------------------ decisions


def test_a_refused_name_is_not_proposed_again_and_counts_for_nobody(county: County, tmp_path: Path) -> None:
    county.data.load([taxes(tmp_path, ["", "示例恒达电机公司", HERE, "12"])])
    made = accept_workbook(county, decide(county, tmp_path / "认定.xlsx", others="不认定"))
    assert (made.refused, made.reentered, open_proposals(county), paid(county, A)) == (1, (), [], None)
    # A person may think better of it.
    accept_one(county, "示例恒达电机公司", code=A, document="示例〔2023〕2号")
    assert paid(county, A) == 12


def test_the_last_decision_holds_however_the_name_is_written(county: County, tmp_path: Path) -> None:
    accept_one(county, "示例恒达 电机公司", code=B, township=HERE)
    made = accept_one(county, "示例恒达电机公司", code=A, township=HERE)
    # What a wrong decision has let in stays until it is corrected: that is said.
    assert [(f.code, f.value) for f in made.findings] == [("match_changed", B), ("match_no_rows", "示例恒达电机公司")]
    county.data.load([taxes(tmp_path, ["", "示例恒达电机公司", HERE, "12"])])
    assert (paid(county, A), paid(county, B)) == (Decimal(12), None)
    accept_one(county, "（示例）恒达电机公司", code=None, township=HERE, refuse=True)
    county.data.load([taxes(tmp_path, ["", "示例恒达电机公司", HERE, "13"], name="2022年税收_二.csv")])
    assert paid(county, A) == 12


def test_nothing_is_matched_without_a_decision(county: County, tmp_path: Path) -> None:
    county.data.load([taxes(tmp_path, ["", "示例恒达电机有限公司", HERE, "12"])])
    made = accept_workbook(county, decide(county, tmp_path / "认定.xlsx"))
    assert made == Accepted(undecided=1)
    assert (paid(county, A), county.data.table("matches").height) == (None, 0)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"code": None}, "identity_no_code"),
        ({"code": C}, "identity_code_unknown"),
        ({"code": A, "township": None}, "identity_which_township"),
    ],
)
def test_decisions_that_cannot_be_taken(county: County, tmp_path: Path, given: dict[str, Any], code: str) -> None:
    county.data.load([taxes(tmp_path, ["", "甲厂", HERE, "1"], ["", "甲厂", THERE, "2"])])
    with pytest.raises(UsageError) as refusal:
        accept_one(county, "甲厂", **{"township": HERE, **given})
    assert [p.code for p in refusal.value.problems] == [code]
    assert county.data.table("matches").is_empty()


def test_a_decision_across_townships_is_a_persons_and_is_said(county: County, tmp_path: Path) -> None:
    county.data.load([taxes(tmp_path, ["", "示例恒泰制冷有限公司", HERE, "3"])])
    assert [p.kind for p in open_proposals(county)] == ["elsewhere"]
    made = accept_one(county, "示例恒泰制冷有限公司", code=B)
    assert [f.code for f in made.findings] == ["match_other_township"]
    assert paid(county, B) == 3


# -------------------------------------------------------------------------------------------------------------- repairs


def test_a_repair_asked_for_later_brings_in_the_rows_with_old_and_new_value(county: County, tmp_path: Path) -> None:
    wrong = A.replace("0", "O")
    short = taxes(tmp_path, [wrong, "示例恒达电机有限公司", HERE, "12"], [B, "示例恒泰制冷有限公司", THERE, "7"])
    county.data.load([short])
    county.data.load([taxes(tmp_path, [B, "示例恒泰制冷有限公司", THERE, "8"], name="2022年税收_更正.csv")])
    assert paid(county, A) is None
    [outcome] = county.data.load([short], repair=True).files
    assert outcome.batch is not None
    # The rest of the file does not come back over what was corrected since.
    assert (paid(county, A), paid(county, B)) == (Decimal(12), Decimal(8))
    kept = county.data.findings(batch=outcome.batch).row(0, named=True)
    assert (kept["code"], kept["value"], kept["credit_code"], kept["row"]) == ("code_repaired", wrong, A, 2)
    assert wrong in kept["what"]
    assert A in kept["what"]
    [again] = county.data.load([short], repair=True).files
    assert (again.batch, again.already) == (None, 2)


def test_a_code_of_seventeen_characters_is_never_put_right_by_itself(county: County, tmp_path: Path) -> None:
    short = taxes(tmp_path, [A[:9] + A[10:], "示例恒达电机有限公司", HERE, "12"])
    [outcome] = county.data.load([short], repair=True).files
    assert outcome.records is not None
    [finding] = outcome.records.findings
    assert (finding.code, finding.values["repair"]) == ("credit_code_invalid", A)
    [again] = county.data.load([short], repair=True).files
    assert (again.batch, again.already, paid(county, A)) == (None, 2, None)
    # Its name proposes the firm, and a person says so.
    [proposal] = open_proposals(county)
    assert proposal.proposed is not None
    accept_one(county, "示例恒达电机有限公司", code=A)
    assert paid(county, A) == 12


# --------------------------------------------------------------------------------------------------- codes that changed


def test_a_change_put_down_by_hand(county: County, tmp_path: Path) -> None:
    county.data.load([text(tmp_path / "2021年企业名录.csv", [ROLL[0], [C, "示例恒达电机有限公司", HERE, "规上"]])])
    county.data.load([text(tmp_path / "历年评价.csv", [["年度", "信用代码", "评价等级"], ["2021", C, "B"]])])
    add_alias(county, C, A.lower(), since=date(2022, 6, 1), document="示例〔2022〕9号")
    frame, _ = county.data.frame(2022)
    assert frame.filter(pl.col("credit_code") == A).select("tier_last", "scale_last").row(0) == ("B", "规上")
    row = changes_of_codes(county).row(0, named=True)
    assert (row["successor"], row["successor_name"], row["document"], row["counts"]) == (
        A,
        "示例恒达电机有限公司",
        "示例〔2022〕9号",
        True,
    )
    for old, new, problem in (
        (C, B, "identity_second_successor"),
        (A, C, "identity_in_a_circle"),
        (A, A, "identity_same_code"),
        (A, "91330683", "identity_not_a_code"),
    ):
        with pytest.raises(UsageError) as refusal:
            add_alias(county, old, new, since=date(2022, 7, 1))
        assert refusal.value.problems[0].code == problem
    assert changes_of_codes(county).height == 1


def test_a_change_that_never_was_is_withdrawn(county: County, tmp_path: Path) -> None:
    head = ["原信用代码", "现信用代码", "变更日期", "变更类型"]
    rows = [[C, A, "2022-06-01", "换码"], [A, C, "2022-07-01", "换码"]]
    county.data.load([text(tmp_path / "代码变更.csv", [head, *rows])])
    assert "alias_circle" in {f.code for f in county.data.check(2022)}
    for old, new in ((A, B), (B, A)):
        with pytest.raises(UsageError) as refusal:
            add_alias(county, old, new, since=date(2022, 7, 1), change="撤销")
        assert refusal.value.problems[0].code == "identity_no_such_change"
    add_alias(county, A, C, since=date(2022, 7, 1), change="撤销")
    assert "alias_circle" not in {f.code for f in county.data.check(2022)}
    assert changes_of_codes(county).select("credit_code", "counts").rows() == [(C, True), (A, False)]


def test_a_record_of_an_earlier_year_goes_to_the_code_of_that_year(county: County, tmp_path: Path) -> None:
    county.data.load([text(tmp_path / "2021年企业名录.csv", [ROLL[0], [C, "示例恒达电机有限公司", HERE, "规上"]])])
    add_alias(county, C, A, since=date(2022, 6, 1))
    county.data.load([taxes(tmp_path, ["", "示例恒达电机有限公司", HERE, "9"], name="2021年税收.csv")])
    [proposal] = open_proposals(county)
    assert proposal.proposed is not None
    assert proposal.proposed.code == A
    accept_one(county, proposal.name, code=A)
    assert paid(county, C, 2021) == 9
    frame, _ = county.data.frame(2022)
    assert frame.filter(pl.col("credit_code") == A)["tax_paid_last"][0] == 9


def test_an_explanation_tells_the_rows_of_both_codes(county: County, tmp_path: Path) -> None:
    """What the reader adds up is what was rated: 12 under the new code, 3 under the old, and land of the old one."""
    add_alias(county, C, A, since=date(2022, 6, 1))
    county.data.load([taxes(tmp_path, [A, "示例恒达电机有限公司", HERE, "12"], [C, "示例恒达旧厂", HERE, "3"])])
    head = ["信用代码", "单位名称", "地块编号", "权属类型", "用地面积（亩）"]
    county.data.load([text(tmp_path / "2022年用地.csv", [head, [C, "示例恒达旧厂", "P1", "自有", "10"]])])
    with Store.open(county.path) as store:
        heirs = heirs_at(store, 2022)
        rows = store.origins(("tax", "land", "enterprises"), with_former([A], heirs), [2022])
        told = {name: under_standing_codes(name, of_table, heirs) for name, of_table in rows.items()}
    frame, _ = county.data.frame(2022)
    assert frame.filter(pl.col("credit_code") == A).select("tax_paid", "land_mu").row(0) == (15, 10)
    paid = told["tax"].filter(pl.col("field") == "tax_paid").select("whose", "record", "value", "row")
    assert paid.rows() == [(A, None, "12", 2), (A, f"（原代码 {C}）", "3", 3)]
    assert told["land"].filter(pl.col("field") == "area_mu").select("whose", "value").rows() == [(A, "10")]
    assert set(told["enterprises"]["whose"]) == {A}
    with Store.open(county.path) as store:
        before = heirs_at(store, 2021)
        assert with_former([A, B], before) == [A, B]
