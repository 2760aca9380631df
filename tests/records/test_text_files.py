"""Text files as offices send them: separators, quotes, line ends and encodings, each read or said."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest

from mujun.errors import InputError
from mujun.messages import LANGUAGES, speaking
from mujun.records import FileRecords, read_file
from tests.records.files import code, found, only
from tests.records.test_workbook_marks import tax

HEAD = "统一社会信用代码,企业名称,实缴税金（万元）"
LINES = (HEAD, f"{code(1)},示例甲厂,10", f"{code(2)},示例乙厂,20")


def read(folder: Path, text: str | bytes, name: str = "税收.csv") -> FileRecords:
    """A file of this text, read."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_file(path, year=2022)


def refused(folder: Path, text: str | bytes, name: str = "税收.csv") -> tuple[str, int | None]:
    """Why a file of this text is refused, and at which line, after seeing that the sentence is one in each language."""
    with pytest.raises(InputError) as e:
        read(folder, text, name)
    (problem,) = e.value.problems
    for language in LANGUAGES:
        with speaking(language):
            assert "\n" not in str(e.value)
    return problem.code, None if problem.place is None else problem.place.line


# ---------------------------------------------------------------------------------------------- rows of another width


def test_thousands_without_quotes_make_a_row_an_error(tmp_path: Path) -> None:
    # H2: 1,234.5 without quotes booked a tax of 1.
    records = read(tmp_path, f"{HEAD}\n{code(1)},示例甲厂,1,234.5\n{code(2)},示例乙厂,20\n")
    assert tax(records) == [D(20)]
    finding = only(records, "row_of_wrong_width")
    assert (finding.severity, finding.row, dict(finding.values)["cells"]) == ("error", 2, "4")


@pytest.mark.parametrize(
    ("head", "row"),
    [
        # A separator too many, in the middle of the row: the tax would be missing, the refund 521.
        ("年份,统一社会信用代码,企业名称,实缴税金（万元）,退税（万元）,备注", "2022,{},甲公司,,521.3031,4768.0971,"),
        # One too few: everything would stand one to the left.
        ("年份,统一社会信用代码,企业名称,实缴税金（万元）,退税（万元）,减免抵税", "2022,{},甲公司521.3,4768,251.6"),
    ],
)  # fmt: skip
def test_a_separator_too_many_or_too_few(tmp_path: Path, head: str, row: str) -> None:
    good = ",".join(["2022", code(2), "乙公司", "1", "2", ""])
    records = read(tmp_path, "\n".join([head, row.format(code(1)), good, ""]))
    assert tax(records) == [D(1)]
    assert [(f.code, f.row) for f in records.findings if f.severity == "error"] == [("row_of_wrong_width", 2)]


def test_a_header_of_another_width_than_all_its_rows(tmp_path: Path) -> None:
    # Each firm's tax would be its refund.
    head = "统一社会信用代码,企业名称,,实缴税金（万元）"
    rows = [f"{code(i)},示例{i}厂,{i}" for i in range(1, 6)]
    assert refused(tmp_path, "\n".join([head, *rows])) == ("header_of_wrong_width", None)


def test_titles_totals_and_notes_may_be_shorter(tmp_path: Path) -> None:
    lines = ["2022年度税收", *LINES, "合计,30", "", ",注：含退税", ""]
    records = read(tmp_path, "\n".join(lines))
    assert (tax(records), records.totals_left_out) == ([D(10), D(20)], 1)
    assert "row_of_wrong_width" not in [c for c, _, _ in found(records)]


# ------------------------------------------------------------------------------------------------- what separates cells


def test_line_ends_of_an_old_mac(tmp_path: Path) -> None:
    # H9: refused as "only a header".
    assert tax(read(tmp_path, "\r".join([*LINES, ""]))) == [D(10), D(20)]
    mixed = f"{LINES[0]}\r\n{LINES[1]}\r{LINES[2]}\n"
    assert tax(read(tmp_path, mixed)) == [D(10), D(20)]


def test_a_text_that_excel_is_told_to_be_one(tmp_path: Path) -> None:
    # H10: ="9133…", by which programs keep Excel from making a number of a code.
    records = read(tmp_path, f'{HEAD}\n="{code(1)}",示例甲厂,10\n"=""{code(2)}""",示例乙厂,20\n')
    assert (tax(records), found(records)) == ([D(10), D(20)], [])


@pytest.mark.parametrize("separator", ["\t", ";", "|", ", ", "，", " ", "   "])
def test_other_separators(tmp_path: Path, separator: str) -> None:
    records = read(tmp_path, "\n".join(line.replace(",", separator) for line in LINES), "税收.txt")
    assert (tax(records), found(records)) == ([D(10), D(20)], [])


def test_a_blank_behind_the_separator_and_quotes(tmp_path: Path) -> None:
    records = read(tmp_path, f'{HEAD}\n{code(1)}, "示例(甲)厂", "1,234.5"\n')
    assert (tax(records), found(records)) == ([D("1234.5")], [])


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        # It never closes.
        ([HEAD, f'{code(1)},"示例甲厂,10', f"{code(2)},示例乙厂,20"], 2),
        # It closes by chance rows below, before a separator: two rows would become one.
        ([HEAD, f"{code(1)},示例甲厂,10", f'{code(2)},"示例乙厂,20', f"{code(3)},示例丙厂,30", f'{code(4)},丁",40'], 3),
        # It closes before something else.
        ([HEAD, f'{code(1)},"示例甲厂,10', f'{code(2)},"示例乙厂",20'], 2),
        ([HEAD, f"{code(1)},示例甲厂,10", f'{code(2)},"示例"乙厂,20'], 3),
    ],
)
def test_an_unpaired_quote_is_named_where_it_opened(tmp_path: Path, lines: list[str], at: int) -> None:
    assert refused(tmp_path, "\n".join([*lines, ""])) == ("csv_broken", at)


def test_a_line_break_within_quotes_is_part_of_the_cell(tmp_path: Path) -> None:
    records = read(tmp_path, f'{HEAD}\n{code(1)},"示例\n甲厂",10\n{code(2)},示例乙厂,20\n')
    assert tax(records) == [D(10), D(20)]
    assert records.tables[0].rows["_row"].to_list() == [2, 4]


# ------------------------------------------------------------------------------------------------------------ encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    records = read(tmp_path, "\n".join([*LINES, ""]).encode(encoding))
    assert (tax(records), found(records)) == ([D(10), D(20)], [])
    assert records.tables[0].rows["name"].to_list() == ["示例甲厂", "示例乙厂"]


@pytest.mark.parametrize("head", ["credit_code,name,tax_paid", HEAD])
def test_one_broken_sign_does_not_make_nonsense_of_the_rest(tmp_path: Path, head: str) -> None:
    # H6: one cut-off sign, and names became 绀轰緥甲 and headers unknown.
    broken = f"{head}\n{code(1)},示例甲厂,10\n{code(2)},示例".encode() + b"\xe4\xb9,20\n"
    records = read(tmp_path, broken)
    assert tax(records) == [D(10), D(20)]
    assert records.tables[0].rows["name"].to_list() == ["示例甲厂", "示例\ufffd"]
    finding = only(records, "bad_bytes")
    assert (finding.severity, finding.values["rows"]) == ("warning", "3")


def test_lines_of_two_encodings(tmp_path: Path) -> None:
    # Two departments' files pasted together by `copy a.csv+b.csv`.
    joined = "\n".join(LINES[:2]).encode() + b"\n" + LINES[2].encode("gb18030") + b"\n"
    records = read(tmp_path, joined)
    assert records.tables[0].rows["name"].to_list() == ["示例甲厂", "示例乙厂"]
    assert [c for c, _, _ in found(records)] == ["mixed_encodings"]


# ---------------------------------------------------------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("￥1000", "1000"), ("¥ 12.5", "12.5"), ("△12.5", "-12.5"), ("▲3", "-3"), ("'12.5", "12.5"),
        ("１２．５", "12.5"), ("1 234.5", "1234.5"), ("(12.5)", "-12.5"),
    ],
)  # fmt: skip
def test_figures_as_people_write_them(tmp_path: Path, written: str, read_as: str) -> None:
    text = f"统一社会信用代码;企业名称;利润总额（万元）\n{code(1)};示例甲厂;{written}\n{code(2)};示例乙厂;1\n"
    records = read(tmp_path, text, "产出.csv")
    assert records.tables[0].rows["profit"].to_list() == [D(read_as), D(1)]


@pytest.mark.parametrize(
    ("written", "trouble"),
    [
        ("$5", "foreign_money"), ("5美元", "foreign_money"), ("US$5", "foreign_money"), ("0,001", "thousands_unclear"),
        ("1,234 567", "thousands_unclear"), ("12,34", "thousands_unclear"), ("1 2", "thousands_unclear"),
        ("约12", "unreadable_cell"), ("▲", "unreadable_cell"),
    ],
)  # fmt: skip
def test_figures_that_nobody_can_be_sure_of(tmp_path: Path, written: str, trouble: str) -> None:
    text = f"统一社会信用代码;企业名称;实缴税金（万元）\n{code(1)};示例甲厂;{written}\n{code(2)};示例乙厂;1\n"
    records = read(tmp_path, text)
    assert tax(records) == [D(1)]
    assert found(records) == [(trouble, 2, "tax_paid")]


@pytest.mark.parametrize("written", [f"'{code(1)}", code(1).lower(), f"{code(1)[:6]} {code(1)[6:]}"])
def test_codes_that_are_only_written_otherwise(tmp_path: Path, written: str) -> None:
    records = read(tmp_path, f"{HEAD}\n{written},示例甲厂,10\n")
    assert (records.tables[0].rows["credit_code"].to_list(), found(records)) == ([code(1)], [])


def test_a_year_in_chinese_digits(tmp_path: Path) -> None:
    path = tmp_path / "税收.csv"
    path.write_text("\n".join(["二〇二二年度税收", *LINES, ""]), encoding="utf-8")
    assert read_file(path).tables[0].rows["year"].to_list() == [2022, 2022]
    path.write_text(f"年份,{HEAD}\n二○二二年,{LINES[1]}\n", encoding="utf-8")
    assert read_file(path).tables[0].rows["year"].to_list() == [2022]
