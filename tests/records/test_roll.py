"""Codes held against the roll: what lacks a character, what is a person's number, code and name of two firms.

Check characters are computed by `stdnum` (credit codes) and by the weights of GB 11643 written out (residents).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from stdnum.cn import ric, uscc

from mujun.records import FileRecords, read_file
from mujun.records.identity import is_resident_number, normal_code, repair_of, valid
from mujun.records.roll import NO_ROLL, Roll, firms_with
from tests.records.files import Rows, code, only, text, workbook

HEAD = ["统一社会信用代码", "企业名称", "实缴税金（万元）"]
A, B, C = code(10_207), code(20_318), code(30_429)
NAMES = {A: "示例甲机械厂", B: "示例乙纺织有限公司", C: "示例丙电机有限公司"}


def roll(names: dict[str, str] = NAMES, now: dict[str, str] | None = None) -> Roll:
    known = pl.DataFrame({"credit_code": list(names), "name": list(names.values())})
    return Roll(firms_with(known, now))


def read(folder: Path, *rows: list[object], known: Roll | None = None, repair: bool = False) -> FileRecords:
    path = workbook(folder / "2022年税收.xlsx", {"税收": [HEAD, *rows]})
    return read_file(path, roll=roll() if known is None else known, repair=repair)


def codes_in(records: FileRecords) -> list[str]:
    return [c for t in records.tables for c in t.rows["credit_code"].to_list()]


# --------------------------------------------------------------------------------------------- codes of 17 characters


@pytest.mark.parametrize("at", range(18))
@pytest.mark.parametrize("repair", [False, True])
def test_a_character_left_out_anywhere_is_proposed_from_the_roll_and_never_put_in(
    tmp_path: Path, at: int, repair: bool
) -> None:
    short = A[:at] + A[at + 1 :]
    records = read(tmp_path, [short, NAMES[A], 10], [B, NAMES[B], 20], repair=repair)
    assert codes_in(records) == [B]
    finding = only(records, "credit_code_invalid")
    assert (finding.row, finding.value, finding.values["repair"]) == (2, short, A)
    assert A in finding.remedy
    assert NAMES[A] in finding.remedy


def test_without_a_roll_nothing_is_proposed(tmp_path: Path) -> None:
    finding = only(read(tmp_path, [A[:17], NAMES[A], 10], known=NO_ROLL, repair=True), "credit_code_invalid")
    assert finding.values["repair"] == ""
    assert "17" in finding.remedy
    assert repair_of(A[:17]) is None


def test_a_check_character_behind_a_code_that_lacks_one_in_the_middle_is_another_firms(tmp_path: Path) -> None:
    # What 0.2.0 booked it on: the 17 characters with a check character of their own.
    short = A[:13] + A[14:]
    foreign = short + uscc.calc_check_digit(short)
    assert valid(foreign)
    known = roll({**NAMES, foreign: "示例戊工贸有限公司"})
    records = read(tmp_path, [short, NAMES[A], 10], known=known, repair=True)
    assert codes_in(records) == []
    # Two codes of the roll have it as their rest: the name says which is meant.
    assert only(records, "credit_code_invalid").values["repair"] == A
    unnamed = read(tmp_path, [short, None, 10], known=known, repair=True)
    assert only(unnamed, "credit_code_invalid").values["repair"] == ""


def test_the_name_is_a_second_witness(tmp_path: Path) -> None:
    short = A[:9] + A[10:]
    unknown = only(read(tmp_path, [short, "没听说过的厂", 10]), "credit_code_invalid")
    assert (unknown.values["repair"], unknown.values["witness"]) == (A, "other")
    assert "名称不同" in unknown.remedy
    # The name is another firm's of the roll: code and name contradict each other, and nothing is proposed.
    other = only(read(tmp_path, [short, NAMES[B], 10]), "credit_code_invalid")
    assert other.values["repair"] == ""


def test_a_list_of_firms_is_its_own_roll(tmp_path: Path) -> None:
    sheets: dict[str, Rows] = {
        "企业名录": [["信用代码", "企业名称", "镇街"], [A, NAMES[A], "甘霖镇"], [B, NAMES[B], "甘霖镇"]],
        "税收": [HEAD, [A[:5] + A[6:], NAMES[A], 10]],
    }
    records = read_file(workbook(tmp_path / "2022年.xlsx", sheets))
    assert only(records, "credit_code_invalid").values["repair"] == A


# ------------------------------------------------------------------------------------- identity numbers of residents

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident(body: str) -> str:
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]


RESIDENTS = [resident(f"330683{day}{n:03d}") for day in ("19800101", "19991231", "20000229") for n in range(0, 999, 3)]
PASSING = [n for n in RESIDENTS if uscc.is_valid(n)]


def test_residents_numbers_are_no_codes() -> None:
    assert all(ric.calc_check_digit(n) == n[17] for n in RESIDENTS)
    # About one in 31 passes the check of a credit code.
    assert len(PASSING) > 10
    assert not any(valid(n) for n in RESIDENTS)
    frame = pl.DataFrame({"c": RESIDENTS})
    assert frame.select(is_resident_number(normal_code(pl.col("c"))).all()).item()


@pytest.mark.parametrize(
    "real", [A, "91350100M000100Y43", "11330683002584812B", "113306198001010051", "330683198013010699"]
)
def test_codes_and_other_numbers_are_no_residents(real: str) -> None:
    assert not pl.select(is_resident_number(pl.lit(real)).alias("r"))["r"][0]


@pytest.mark.parametrize("writing", ["{}", " {} ", "'{}"])
def test_a_number_is_refused_and_never_written_out(tmp_path: Path, writing: str) -> None:
    number = PASSING[0]
    records = read(tmp_path, [writing.format(number), "示例张三", 10], [B, NAMES[B], 20])
    assert codes_in(records) == [B]
    finding = only(records, "resident_number")
    shown = f"3306**********{number[-4:]}"
    assert (finding.severity, finding.row, finding.value) == ("error", 2, shown)
    assert shown in finding.what
    assert "身份证" in finding.what
    (table,) = records.tables
    everything = f"{records.findings} {finding.what} {finding.remedy} {table.quarantine.rows()} {table.rows.rows()}"
    assert number not in everything
    assert number[6:14] not in everything


def test_a_masked_number_stays_what_it_is(tmp_path: Path) -> None:
    records = read(tmp_path, ["3306**********0697", "示例张三", 10])
    assert only(records, "resident_number").row == 2


# ------------------------------------------------------------------------------------------ code and name of two firms


def test_code_and_name_of_two_firms_of_the_roll_wait(tmp_path: Path) -> None:
    records = read(tmp_path, [A, NAMES[B], 10], [B, NAMES[B], 20], [C, NAMES[C], 7])
    assert sorted(codes_in(records)) == sorted([B, C])
    finding = only(records, "name_of_another")
    assert (finding.severity, finding.row, finding.field, finding.value) == ("error", 2, "name", NAMES[B])
    assert all(word in finding.what for word in (NAMES[A], NAMES[B], B))


@pytest.mark.parametrize("name", ["示例 甲机械厂", "嵊州市示例甲机械厂", "没听说过的厂", None])
def test_another_writing_or_an_unknown_name_is_no_finding_of_this_kind(tmp_path: Path, name: str | None) -> None:
    records = read(tmp_path, [A, name, 10])
    assert codes_in(records) == [A]


def test_a_former_name_and_a_former_code_are_the_firms_own(tmp_path: Path) -> None:
    # C was A before; A was once called what B is called now.
    known = Roll(
        firms_with(
            pl.DataFrame({
                "credit_code": [A, B, C, A],
                "name": ["示例新甲有限公司", NAMES[B], "示例老甲厂", NAMES[B]],
            }),
            {C: A},
        )
    )  # fmt: skip
    rows: list[list[object]] = [[A, "示例老甲厂", 1], [C, "示例新甲有限公司", 2], [A, NAMES[B], 3]]
    for row in rows:
        assert codes_in(read(tmp_path, row, known=known)) == [row[0]]


def test_a_firm_that_is_not_on_the_roll_is_no_contradiction(tmp_path: Path) -> None:
    assert codes_in(read(tmp_path, [code(4), NAMES[B], 10])) == [code(4)]


def test_a_new_roll_is_held_against_the_earlier_ones(tmp_path: Path) -> None:
    rows = [["信用代码", "企业名称", "镇街"], [A, NAMES[B], "甘霖镇"], [B, "示例改名有限公司", "甘霖镇"]]
    records = read_file(text(tmp_path / "2022年企业名录.csv", rows), roll=roll())
    assert codes_in(records) == [B]
    assert only(records, "name_of_another").row == 2
