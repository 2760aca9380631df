"""The township's round, confirmation and correction as a clerk types them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from mujun import County
from mujun.cli import main
from tests.cli import running

from ..workspace.round_county import ALONE, LANDLORD, NAMES, county, rules_at

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small county, rated once."""
    folder = tmp_path_factory.mktemp("commands")
    the_county = county(folder / "county.duckdb")
    the_county.runs.rate(rules_at(folder / "rules"), 2022)
    return the_county.path


@pytest.fixture
def run(rated: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """A command on the small county: its exit status, what it printed, and what it complained of."""
    store = shutil.copy(rated, tmp_path / "county.duckdb")

    return lambda *words: running.run(capsys, "--db", store, *words)


def test_the_round_from_end_to_end(run: Run, tmp_path: Path) -> None:
    assert "还没有发出" in run("verify", "--status")[1]
    status, printed, _ = run("screen", "--all", "-o", tmp_path / "发出")
    assert (
        status,
        "甲镇 应摸排企业 4 家：规上 4 家（不论用地），规下用地 3 亩以上 0 家；其中 1 家符合整治条件" in printed,
    ) == (0, True)
    (file,) = (tmp_path / "发出").iterdir()
    book = openpyxl.load_workbook(file)
    sheet = book["现场核查"]
    columns = {c.value: c.column for c in sheet[4]}
    sheet.cell(5, columns["消防隐患"]).value = "是"
    sheet.cell(5, columns["核查人"]).value = "张三"
    sheet.cell(5, columns["核查日期"]).value = "2023年5月18日"
    sheet.cell(6, columns["实缴税金（万元）"]).value = 1
    book.save(tmp_path / "交回.xlsx")
    status, printed, _ = run("verify", tmp_path / "交回.xlsx", "-o", tmp_path / "问题.xlsx")
    assert status == 1, "a line was returned"
    assert "装入核查 1 家，退回 1 处" in printed
    assert "消防救援大队" in printed
    assert (tmp_path / "问题.xlsx").exists()
    status, printed, _ = run("verify", "--status", "-o", tmp_path / "交回情况.xlsx")
    assert (status, "已写出交回情况" in printed) == (0, True)
    missing = openpyxl.load_workbook(tmp_path / "交回情况.xlsx")["未交回企业"]
    assert f"{NAMES[LANDLORD]}（{LANDLORD}）" in [r[1].value for r in missing.iter_rows()]
    status, _, error = run("load", tmp_path / "交回.xlsx", "--year", 2022)
    assert (status, "mujun verify" in error) == (1, True)


def test_confirm_and_correct(run: Run, tmp_path: Path) -> None:
    status, printed, _ = run("confirm", NAMES[ALONE], "-o", tmp_path / "确认.xlsx")
    assert (status, "1 家企业、3 项数据" in printed) == (0, True)
    status, printed, _ = run("confirm", "--all", "-o", tmp_path / "确认")
    assert (status, "5 家企业" in printed) == (0, True)
    asked = ("correct", NAMES[LANDLORD], "实缴税金=90.5万元", "--year", 2022, "--reason", "漏计", "--document", "文1")
    status, printed, _ = run(*asked, "--dry-run")
    assert status == 0
    assert "30 → 150.8333" in printed
    assert "没有写入" in printed
    assert "因此变动档次的其他企业：1 家" in printed
    assert run("corrections")[1].startswith("还没有更正")
    assert run(*asked)[0] == 0
    status, printed, _ = run("corrections", 4)
    assert (status, "18" in printed, "150.8333" in printed) == (0, True, True)
    status, _, error = run("corrections", 1)
    assert (status, "第 1 批不是更正" in error) == (1, True)


def test_show_in_each_form(run: Run, tmp_path: Path) -> None:
    assert "各年数据" in run("show", NAMES[ALONE])[1]
    assert json.loads(run("show", ALONE, "--format", "json")[1])["id"] == ALONE
    assert run("show", "--parcel", "P4", "-o", tmp_path / "P4.html")[0] == 0
    # A page leaves the house: a name of three characters without a firm's word may be a person's.
    assert "丙*" in (tmp_path / "P4.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("words", "status", "says"), [
    (("show",), 2, "二者取一"),
    (("verify",), 2, "二者取一"),
    (("confirm", "-o", "a.xlsx"), 2, "三者取一"),
    (("screen", "--all"), 2, "--all"),
    (("screen", "--min-mu", "nan"), 2, "nan"),
    (("correct", ALONE, "实缴税金", "--year", "2022", "--reason", "a", "--document", "b"), 2, "项目=数值"),
    (("verify", "没有.xlsx"), 1, "没有.xlsx"),
])  # fmt: skip
def test_wrong_calls_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...],
    status: int, says: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["--db", "none.duckdb", *words])
    printed = capsys.readouterr()
    assert (ended.value.code, says in printed.err) == (status, True)


def test_what_comes_back_names_a_notice_that_is_out(run: Run, tmp_path: Path) -> None:
    assert run("rate", "--rules", rules_at(tmp_path / "rules"), "--year", 2022, "--final")[0] == 0
    out = ("publication", "add", 2022, "--from", date.today(), "--until", date.today() + timedelta(days=6))
    assert run(*out, "--where", "网站")[0] == 0
    assert run("confirm", ALONE, "-o", tmp_path / "确认.xlsx")[0] == 0

    def said(*cells: str) -> Path:
        book = openpyxl.load_workbook(tmp_path / "确认.xlsx")
        sheet = book.worksheets[0]
        row = next(r[0].row for r in sheet.iter_rows() if r[1].value == "实缴税金")
        for column, text in enumerate(cells, start=6):
            sheet.cell(row, column).value = text
        book.save(tmp_path / "交回.xlsx")
        return tmp_path / "交回.xlsx"

    # An objection that nobody has decided changes nothing that was published.
    status, printed, error = run("verify", said("90", "漏计"))
    assert (status, "还没有核定意见" in printed, error) == (0, True, "")
    agreed = said("90", "漏计", "同意", "示例9号")
    for more in (("--dry-run",), ()):
        status, printed, error = run("verify", agreed, *more)
        assert (status, "实缴税金由 120 更正为 90" in printed) == (0, True)
        assert error.count("还没有结束；公示的结果里没有这项更正") == 1
    assert run("verify", agreed)[2] == "", "it is on record already"


def test_a_measured_area_names_a_notice_that_is_out_and_a_tick_does_not(run: Run, tmp_path: Path) -> None:
    assert run("rate", "--rules", rules_at(tmp_path / "rules"), "--year", 2022, "--final")[0] == 0
    out = ("publication", "add", 2022, "--from", date.today(), "--until", date.today() + timedelta(days=6))
    assert run(*out, "--where", "网站")[0] == 0
    assert run("screen", "--all", "-o", tmp_path / "发出")[0] == 0
    (file,) = (tmp_path / "发出").iterdir()
    for measured, named in ((None, 0), (12, 1)):
        book = openpyxl.load_workbook(file)
        sheet = book["现场核查"]
        columns = {c.value: c.column for c in sheet[4]}
        row = next(r for r in range(5, 9) if sheet.cell(r, columns["企业名称"]).value == NAMES[ALONE])
        sheet.cell(row, columns["消防隐患"]).value = "是"
        sheet.cell(row, columns["核查人"]).value = "张三"
        sheet.cell(row, columns["核查日期"]).value = "2023年5月18日"
        sheet.cell(row, columns["实测用地（亩）"]).value = measured
        book.save(tmp_path / "交回.xlsx")
        status, printed, error = run("verify", tmp_path / "交回.xlsx")
        assert (status, "装入核查 1 家，退回 0 处" in printed) == (0, True), printed
        assert error.count("还没有结束；公示的结果里没有这项更正") == named


def test_townships_that_are_too_large_are_named_before_anything_goes_out(
    rated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With each of them its count, and what to do of the others: `--township`, one by one."""
    roll = County(rated).data.table("enterprises").filter(pl.col("year") == 2022)["township"].drop_nulls()
    counts = sorted(roll.value_counts().iter_rows())
    most = max(count for _, count in counts) - 1
    monkeypatch.setattr("mujun.workspace.rounds.confirming.MOST", most)
    large = [f"{township} {count}" for township, count in counts if count > most]
    assert large
    folder = tmp_path / "确认单"
    words = ("--db", rated, "--lang", "zh", "confirm", "--all", "--year", 2022, "-o", folder)
    status, _, said = running.run(capsys, *words)
    assert status == 1
    assert "、".join(large) in said
    assert "--township" in said
    assert not folder.exists()
