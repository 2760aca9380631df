"""Where a county keeps its files: a medium that cannot be written, paths with blanks and Chinese, of 250 characters."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mujun.store import Store
from tests.cli import running
from tests.records.files import code
from tests.workspace.round_county import ALONE, rules_at
from tests.workspace.round_county import county as round_county
from tests.workspace.test_township_round import VISIT, Sheet

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """A command on a store: its exit status, what it printed, and what it complained of."""

    return lambda store, *words: running.run(capsys, "--lang", "zh", "--db", store, *words)


def roll(folder: Path) -> Path:
    file = folder / "企业名录 2022.csv"
    file.write_text(f"年度,统一社会信用代码,企业名称,镇街\n2022,{code(1)},示例一厂,甘霖镇\n", encoding="utf-8")
    return file


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A folder, and what makes it one that nobody can write: a small disk in memory, else its permissions."""
    folder = tmp_path / "只读 光盘"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64M", "tmpfs", str(folder)]
    # Root writes whatever the permissions say: only a disk that is mounted so can be read-only for it.
    mounted = (
        sys.platform == "linux" and os.geteuid() == 0 and not subprocess.run(mount, capture_output=True).returncode
    )
    if not mounted and (os.name == "nt" or os.geteuid() == 0):
        pytest.skip("nothing here can be made read-only")

    def freeze() -> None:
        if mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        else:
            for file in folder.iterdir():
                file.chmod(0o444)
            folder.chmod(0o555)

    yield folder, freeze
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    else:
        folder.chmod(0o755)


def test_a_medium_that_cannot_be_written(frozen: tuple[Path, Callable[[], None]], run: Run, tmp_path: Path) -> None:
    folder, freeze = frozen
    store, old = folder / "mujun.duckdb", folder / "旧.xlsx"
    Store.create(store).close()
    assert run(store, "load", roll(folder))[0] == 0
    assert run(store, "coverage", 2022, "-o", old)[0] == 0
    kept = {file.name: file.read_bytes() for file in folder.iterdir()}
    freeze()
    # What only reads goes on, and writes elsewhere.
    assert "示例一厂" in run(store, "show", code(1))[1]
    assert run(store, "coverage", 2022, "-o", tmp_path / "齐.xlsx")[0] == 0
    more = tmp_path / "税收.csv"
    more.write_text(f"年度,统一社会信用代码,企业名称,实缴税金(万元)\n2022,{code(1)},示例一厂,5\n", encoding="utf-8")
    for words, named in (
        (("load", more), store),
        (("coverage", 2022, "-o", old), old),
        (("coverage", 2022, "-o", folder / "新.xlsx"), folder / "新.xlsx"),
        (("report", 2022, "--only", "data-notice", "-o", folder / "材料"), folder / "材料"),
        (("template", folder / "空表.xlsx"), folder / "空表.xlsx"),
        (("parcels", "list", "-o", folder / "普查.geojson"), folder / "普查.geojson"),
        (("rules", "sheet", "zhejiang/shengzhou-2022", "-o", folder / "规则.xlsx"), folder / "规则.xlsx"),
        (("rules", "new", "甲县", "--from", "zhejiang/shengzhou-2022", "-o", folder / "甲县"), folder / "甲县"),
        (("problems", "list", "-o", folder / "问题.xlsx"), folder / "问题.xlsx"),
        (("rules", "schema", "-o", folder / "格式"), folder / "格式"),
    ):
        status, printed, wrong = run(store, *words)
        assert (status, printed, wrong.count("\n")) == (1, "", 1), (words, printed, wrong)
        assert str(named) in wrong
        assert "程序错误" not in wrong
    status, _, wrong = run(folder / "另一县.duckdb", "init")
    assert (status, wrong.count("\n"), "另一县.duckdb" in wrong) == (1, 1, True)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == kept


def of_length(folder: Path, characters: int) -> Path:
    """A folder in this one whose whole path has so many characters."""
    while (left := characters - len(str(folder)) - 1) > 0:
        # A name may neither begin nor end with a blank: another sign stands in its place, so that the length holds.
        name = ("县 经信局" * 20)[: left if left <= 60 else 50]
        folder /= f"县{name[1:-1]}县" if len(name) > 1 else "县"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.usefixtures("chinese_font")
def test_the_later_commands_in_a_path_that_is_hard(run: Run, tmp_path: Path) -> None:
    """Of blanks, Chinese and other signs, and 250 characters long."""
    folder = of_length(tmp_path / "嵊州 经信局（2022）#1 100%", 250)
    store, rules = folder / "嵊州 县.duckdb", rules_at(folder / "规 则")
    round_county(store).runs.rate(rules, 2022, final=True)
    asked = ("--rules", rules, "--year", 2022, "--township", "甲镇")
    issued = ("--title", "清单", "--document", "甲〔2023〕1号", "--unverified", "list")
    assert run(store, "screen", *asked, "-o", folder / "核 查.xlsx")[0] == 0
    sheet = Sheet(folder / "核 查.xlsx")
    sheet.put(ALONE, **VISIT | {"消防隐患": "是"})
    assert run(store, "verify", sheet.save(folder / "核 查 回.xlsx"))[0] == 0
    photo = folder / "照 片.jpg"
    photo.write_bytes(b"seen")
    book = folder / "问 题.xlsx"
    asking = folder / "税 务 局.csv"
    asking.write_text(f"统一社会信用代码,企业名称,2022年实缴税金\n{ALONE},甲纺织,1205000\n", encoding="utf-8")
    for status, words in (
        (0, ("problems", "sheet", "-o", book)),
        (0, ("problems", "load", book)),
        (0, ("problems", "event", f"2022-{ALONE}-8", "mend", "--result", "已装", "--evidence", photo)),
        (0, ("problems", "list", "-o", folder / "清 单.csv")),
        (0, ("parcels", "list", "-o", folder / "普 查.geojson")),
        (0, ("parcels", "list", "-o", folder / "普 查.xlsx")),
        (0, ("rules", "sheet", rules, "-o", folder / "规 则.xlsx")),
        (0, ("rules", "load", folder / "规 则.xlsx", "--as", folder / "新 规 则")),
        (0, ("load", asking, "--findings", folder / "问 题 单.xlsx")),
        (0, ("layouts", "list")),
        (0, ("rectify", "issue", *issued, "-o", folder / "名 单.xlsx")),
        (0, ("rectify", "sheet", "-o", folder / "进 度.xlsx")),
        (0, ("rectify", "load", folder / "进 度.xlsx")),
        (0, ("runs", "bundle", 1, "-o", folder / "存 证")),
        (0, ("runs", "verify", folder / "存 证")),
        (0, ("report", 2022, "--only", "report,notice,briefing,workbook,townships", "-o", folder / "材 料")),
    ):
        ended, printed, wrong = run(store, *words)
        assert ended == status, (words, printed, wrong)
        assert "程序的问题" not in wrong, wrong
    made = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert len([name for name in made if name.startswith("嵊州 县.evidence/")]) == 1
    assert {"材 料/index.html", "新 规 则/rating.yaml", "普 查.geojson", "问 题 单.xlsx"} <= made
    assert not any(".part" in name for name in made)


@pytest.mark.parametrize("characters", [0, 250], ids=["blanks and Chinese", "250 characters"])
def test_the_first_commands_in_a_path_that_is_hard(run: Run, tmp_path: Path, characters: int) -> None:
    folder = of_length(tmp_path / "嵊州 经信局（2022）#1 100%", characters)
    assert len(str(folder)) >= characters
    store = folder / "嵊州 县.duckdb"
    assert run(store, "init")[0] == 0
    assert run(store, "load", roll(folder), "--findings", folder / "问题 单.xlsx")[0] == 0
    assert run(store, "coverage", 2022, "-o", folder / "齐 不齐.xlsx")[0] == 0
    status, printed, wrong = run(store, "report", 2022, "--only", "data-notice", "-o", folder / "年度 材料")
    assert (status, wrong) == (0, "")
    assert "数据公示稿" in printed
    made = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert {"嵊州 县.duckdb", "齐 不齐.xlsx", "年度 材料/index.html", "年度 材料/2022年度数据公示稿.docx"} <= made
    assert not any(".part" in name for name in made)
