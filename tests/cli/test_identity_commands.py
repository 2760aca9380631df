"""`identity` as a clerk uses it, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.workspace import County
from tests.cli import running

A, B = "91330683XXXX90018D", "91330683XXXX900268"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    roll = f"信用代码,企业名称,镇街,企业规模\n{A},示例恒达电机有限公司,三江街道,规上\n"
    tax = "信用代码,纳税人名称,镇街,实际入库税收（万元）\n,示例恒达电机公司,三江街道,12\n"
    for name, content in (("2022年企业名录.csv", roll), ("2022年税收.csv", tax)):
        (tmp_path / name).write_text(content, encoding="utf-8")
    the_county = County(tmp_path / "county.duckdb")
    the_county.data.load([tmp_path / "2022年企业名录.csv", tmp_path / "2022年税收.csv"])
    return the_county.path


def run(capsys: pytest.CaptureFixture[str], db: Path, *words: object) -> tuple[int, str, str]:
    return running.run(capsys, "--db", db, *words)


def test_from_the_list_to_the_row_that_counts(capsys: pytest.CaptureFixture[str], db: Path, tmp_path: Path) -> None:
    status, printed, _ = run(capsys, db, "identity", "list")
    assert status == 0
    assert "1 个名称待认定（1 行）：同名 0 个，相近 1 个，不能认定 0 个。" in printed
    assert A in printed
    status, printed, _ = run(capsys, db, "--lang", "en", "identity", "list", "-o", tmp_path / "names.xlsx")
    assert status == 0
    assert "names.xlsx" in printed
    status, printed, _ = run(capsys, db, "identity", "accept", "--name", "示例恒达电机公司", "--code", A)
    assert status == 0
    assert "认定 1 个" in printed
    assert "2022年税收.csv（税收）：1 行按认定计入" in printed
    status, printed, _ = run(capsys, db, "identity", "accept", tmp_path / "names.xlsx")
    assert (status, printed) == (0, "没有可记录的认定（未定 1 个）。\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("list", "--township", "无此镇"), "名录里没有“无此镇”"),
        (("accept",), "二者选一"),
        (("accept", "无此文件.xlsx"), "找不到这个文件"),
        (("accept", "--name", "甲", "--code", B), "不在任何年度的名录里"),
        (("alias", A, A, "--since", "2022-01-01"), "原代码和现代码相同"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], db: Path, words: tuple[str, ...], sentence: str
) -> None:
    status, _, error = run(capsys, db, "identity", *words)
    assert status == 1
    assert sentence in error
    assert "Traceback" not in error


def test_another_file_is_not_the_workbook(capsys: pytest.CaptureFixture[str], db: Path) -> None:
    for name in ("2022年企业名录.csv", "2022年税收.csv"):
        status, _, error = run(capsys, db, "identity", "accept", db.parent / name)
        assert (status, "这不是名称认定表" in error) == (1, True)


def test_changes_of_codes(capsys: pytest.CaptureFixture[str], db: Path) -> None:
    assert "没有代码变更" in run(capsys, db, "identity", "changes")[1]
    status, printed, _ = run(capsys, db, "identity", "alias", B, A, "--since", "2022-06-01", "--change", "合并")
    assert status == 0
    assert "并入" in printed
    status, printed, _ = run(capsys, db, "--lang", "en", "identity", "changes")
    assert status == 0
    assert all(word in printed for word in (A, B, "2022-06-01", "yes"))
