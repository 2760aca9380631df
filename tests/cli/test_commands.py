"""The commands as a clerk types them: what they say, what they leave, and how they refuse."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from tests.cli.running import run


def test_the_whole_demo(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, printed, _ = run(capsys, "demo", tmp_path / "demo")
    assert status == 0
    assert "逐位相同" in printed
    # A workbook opened for reading only holds its file open until it is closed.
    with closing(openpyxl.load_workbook(tmp_path / "demo" / "2022年度综合评价.xlsx", read_only=True)) as book:
        assert {"概况", "按镇街", "按行业", "整治清单", "数据问题"} <= set(book.sheetnames)


def test_the_demo_writes_to_no_store_of_ones_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # `--db` was passed over without a word: the sample county stood elsewhere than its reader looked for it.
    monkeypatch.chdir(tmp_path)
    status, _, refusal = run(capsys, "--db", "mine.duckdb", "demo", "here")
    assert status == 1
    assert "mine.duckdb" in refusal
    assert "mujun demo" in refusal
    assert not list(tmp_path.iterdir())


def test_rate_explain_and_lists(capsys: pytest.CaptureFixture[str], sample_county: Path) -> None:
    db = ("--db", sample_county)
    status, printed, _ = run(capsys, *db, "rate", "--rules", "zhejiang/huangyan-2022", "--year", 2022, "--dry-run")
    assert status == 0
    assert "规上" in printed
    status, printed, _ = run(capsys, *db, "runs", "list")
    assert "zhejiang/shengzhou-2022" in printed
    status, printed, _ = run(capsys, *db, "runs", "verify", 1)
    assert (status, "一致" in printed) == (0, True)
    status, printed, _ = run(capsys, *db, "runs", "show", 1)
    assert "第 1 次评价" in printed
    status, printed, _ = run(capsys, *db, "rectify", "list")
    assert "列入" in printed
    status, printed, _ = run(capsys, *db, "allocate")
    assert "差别化电价" in printed


def test_an_explanation_adds_up(capsys: pytest.CaptureFixture[str], sample_county: Path) -> None:
    from mujun.workspace import County

    code = County(sample_county).runs.table(1).filter(pl.col("tier") == "B")["credit_code"][0]
    status, printed, _ = run(capsys, "--db", sample_county, "explain", code)
    assert status == 0
    assert "亩均税收" in printed
    assert "最终档次：B" in printed
    status, printed, _ = run(capsys, "--db", sample_county, "allocate", "--explain", code)
    assert "依据" in printed


@pytest.mark.parametrize(
    "what", ["ratings", "subjects", "enterprises", "rectification", "allocation", "findings", "accounts"]
)
@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet", "json"])
def test_every_export_in_every_format(
    capsys: pytest.CaptureFixture[str], sample_county: Path, tmp_path: Path, what: str, ending: str
) -> None:
    file = tmp_path / f"{what}.{ending}"
    status, _, error = run(capsys, "--db", sample_county, "export", what, "-o", file)
    assert (status, error) == (0, "")
    assert file.stat().st_size > 100


def test_exports_are_filtered(capsys: pytest.CaptureFixture[str], sample_county: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    words = ("--db", sample_county, "export", "ratings", "--township", "甘霖镇", "--tier", "A", "-o", file)
    assert run(capsys, *words)[0] == 0
    rows = pl.read_csv(file, infer_schema_length=0)
    assert set(rows["township"]) == {"甘霖镇"}
    assert set(rows["tier"]) == {"A"}


def test_screening_a_township(capsys: pytest.CaptureFixture[str], sample_county: Path, tmp_path: Path) -> None:
    words = (
        "--db",
        sample_county,
        "screen",
        "--rules",
        "zhejiang/shengzhou-2022",
        "--year",
        2022,
        "--township",
        "甘霖镇",
    )
    status, _, _ = run(capsys, *words, "-o", tmp_path / "摸排.xlsx")
    assert status == 0
    assert (tmp_path / "摸排.xlsx").exists()
    status, _, error = run(capsys, *words[:-1], "甘霖")
    assert status == 1
    assert "是否为“甘霖镇”" in error


REFUSALS: list[tuple[tuple[str, ...], int, str]] = [
    (("rate", "--rules", "zhejiang/shengzou-2022", "--year", "2022"), 1, "是否为“zhejiang/shengzhou-2022”"),
    (("rate", "--rules", "sichuan/parks-2022", "--year", "2022"), 1, "只是供补全的基础"),
    (("explain", "91330683XXXX01644Q"), 1, "91330683XXXX01644P"),
    (("runs", "verify", "99"), 1, "99"),
    (("export", "nothing", "-o", "x.csv"), 2, "nothing"),
    (("export", "ratings", "-o", "x.doc"), 1, "doc"),
    (("rate", "--year", "2022"), 2, "--rules"),
    (("check", "--year", "1999"), 1, "没有 1999 年"),
    (("load", "没有这个文件.xlsx"), 1, "没有这个文件.xlsx"),
]


@pytest.mark.parametrize(
    ("words", "status", "sentence"), REFUSALS, ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_refusals_are_one_clear_sentence(
    capsys: pytest.CaptureFixture[str], sample_county: Path, words: tuple[str, ...], status: int, sentence: str
) -> None:
    got, _, error = run(capsys, "--db", sample_county, *words)
    assert got == status
    assert sentence in error
    assert "Traceback" not in error


def test_findings_can_be_corrected_and_loaded_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "税收.csv"
    file.write_text(
        "年度,统一社会信用代码,企业名称,实缴税金(元)\n2022,91330683XXXX01644P,甲,待核实\n2022,91330683XXXX02962U,乙,10000\n",
        encoding="gb18030",
    )
    book, db = tmp_path / "问题.xlsx", tmp_path / "own.duckdb"
    status, printed, _ = run(capsys, "--db", db, "load", file, "--findings", book)
    assert status == 0
    assert "待核实" in printed
    opened = openpyxl.load_workbook(book)
    sheet = next(
        s for s in opened if any("待核实" in str(c.value) for row in s for c in row if s.title != opened.sheetnames[0])
    )
    for row in sheet:
        for cell in row:
            if cell.value is not None and "待核实" in str(cell.value) and len(str(cell.value)) < 6:
                cell.value = "25000元"
    opened.save(book)
    status, printed, error = run(capsys, "--db", db, "load", book)
    assert (status, error) == (0, "")
    from mujun.workspace import County

    assert sorted(County(db).data.table("tax")["tax_paid"].to_list()) == [1, Decimal("2.5")]


def test_strict_and_dry_run_write_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, db = tmp_path / "税收.csv", tmp_path / "own.duckdb"
    file.write_text("年度,统一社会信用代码,企业名称,实缴税金\n2022,错误代码,甲,1\n", encoding="utf-8")
    assert run(capsys, "--db", db, "load", file, "--dry-run")[0] == 0
    assert not db.exists()
    status, _, error = run(capsys, "--db", db, "load", file, "--strict")
    assert status == 1
    assert "--strict" in error
    assert not db.exists()


def test_english_where_asked(capsys: pytest.CaptureFixture[str], sample_county: Path) -> None:
    status, printed, _ = run(capsys, "--lang", "en", "--db", sample_county, "rectify", "list")
    assert status == 0
    assert "enterprises listed" in printed
    _, printed, _ = run(capsys, "--lang", "en", "--help")
    assert "per-mu efficiency" in printed


def test_as_a_program_in_a_pipe(sample_county: Path) -> None:
    command = [sys.executable, "-m", "mujun", "--db", str(sample_county), "runs", "list"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stderr == b""
