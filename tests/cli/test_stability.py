"""`stability` from the command line: screen, workbook, document, drawn numbers, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from mujun.cli.entry import main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_the_sample_county(sample_county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, drawn = tmp_path / "s.xlsx", tmp_path / "p.csv"
    given = ("--db", str(sample_county), "stability", "--run", "1", "--seed", "9")
    assert run("--lang", "en", *given, "--draws", "4") == 0
    printed = capsys.readouterr().out
    for part in ("4 draws, seed 9", "the usual ones", "firms' data", "keep it on average"):
        assert part in printed
    files = ("-o", str(book), "--parameters", str(drawn))
    assert run(*given, "--draws", "40", *files, "--format", "json") == 0
    spoken = capsys.readouterr()
    assert "已写入" in spoken.err
    document = json.loads(spoken.out)
    sheets = openpyxl.load_workbook(book)
    assert sheets.sheetnames == ["概况", "不稳固企业", "全部企业", "抽取的数"]
    assert sheets["全部企业"].max_row > 1400
    assert pl.read_csv(drawn).height == 40
    assert (document["format"], document["format_version"]) == ("mujun-stability", 1)
    assert (document["draws"], document["seed"]) == (40, 9)
    assert len(document["subjects"]) == sheets["全部企业"].max_row - 3
    assert {s["source"] for s in document["sources"]} == {"weights", "benchmarks", "caps", "cuts", "inputs"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--rules", "zhejiang/shengzhou-2022"), 1),
        (("--run", "1", "--rules", "zhejiang/shengzhou-2022", "--year", "2022"), 1),
        (("--run", "77"), 1),
        (("--run", "1", "--draws", "0"), 2),
    ],
)
def test_what_is_refused(
    loaded_county: Path, arguments: tuple[str, ...], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--db", str(loaded_county), "stability", *arguments) == status
    printed = capsys.readouterr().err
    assert printed
    assert "Traceback" not in printed
