"""The rectification as a clerk types it: from the list to the notice, and how it refuses."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import run
from tests.workspace.small_county import F, P, county

ISSUE = ("rectify", "issue", "--title", "清单", "--document", "1号", "--on", "2023-03-01")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return county(tmp_path_factory.mktemp("small")).path


@pytest.fixture
def db(made: Path, tmp_path: Path) -> tuple[str, Path]:
    return "--db", Path(shutil.copy(made, tmp_path / "own.duckdb"))


def test_from_the_list_to_the_notice(capsys: pytest.CaptureFixture[str], db: tuple[str, Path], tmp_path: Path) -> None:
    def printed(*words: object) -> str:
        status, out, error = run(capsys, *db, *words)
        assert (status, error) == (0, ""), (words, error)
        return out

    assert "预计腾出用地的算法" in printed("rectify", "list")
    assert "登记“已筛出” 6 家" in printed("rectify", "screen", "--on", "2023-02-01")
    assert "企业 4 家" in printed("rectify", "sheet", "--township", "三江街道", "-o", tmp_path / "核实.xlsx")
    printed("rectify", "sheet", "--township", "三江街道", "-o", tmp_path / "又一次.xlsx")
    with zipfile.ZipFile(tmp_path / "又一次.xlsx") as written:
        assert b"2000-01-01T00:00:00Z" in written.read("docProps/core.xml"), "no clock in it"
    out = printed(*ISSUE, "--unverified", "list", "-o", tmp_path / "清单.xlsx")
    assert "企业 6 家（新列入 6、结转 0、再次列入 0），地块 4 宗" in out
    assert openpyxl.load_workbook(tmp_path / "清单.xlsx").sheetnames[0] == "整治清单"
    wanted = ("--correct", F[5], "deadline", "2024-06-30", "--reason", "核", "--document", "2号", "--on", "2023-03-20")
    out = printed("rectify", "amend", "--remove", "示例6厂", *wanted, "--dry-run")
    assert "第 1 号清单将增列 0、移出 1、更正 1；没有写入。" in out
    assert re.search(rf"更正 +示例5厂（{F[5]}） +完成时限 +2023-09-01 +2024-06-30", out)
    out = printed(
        "rectify", "amend", "--add", F[7], "--remove", F[6], "--reason", "核", "--document", "2号", "--on", "2023-03-20"
    )
    assert "增列 1、移出 1、更正 0" in out
    assert printed("rectify", "lists").count("一致") == 2
    for words in (
        ("plan", "--on", "2023-04-01", "--path", "功能转型", "--deadline", "2023-08-31"),
        ("start", "--on", "2023-04-02"),
        ("申报完成", "--on", "2023-06-01"),
        ("accept", "--on", "2023-07-01", "--evidence", "镇街核查表", "--energy-tce", "300", "--document", "3号"),
        ("strike_off", "--on", "2023-07-02", "--document", "4号"),
    ):
        printed("rectify", "event", F[1], *words)
    mistaken = re.search(r"第 (\d+) 号.*“已定方案”", printed("rectify", "event", P[1], "plan", "--on", "2023-05-01"))
    assert mistaken is not None
    out = printed("rectify", "history", F[1], "--as-of", "2023-07-31")
    assert "已销号" in out
    assert "腾出用能 300 吨标煤" in out
    assert "完成 1 家" in printed("rectify", "status", "--as-of", "2023-07-31", "-o", tmp_path / "进度.xlsx")
    told = json.loads(printed("rectify", "status", "--as-of", "2023-07-31", "--format", "json"))
    assert told["totals"]["verified_energy_tce"] == "300"
    assert "逾期 2 项" in printed("rectify", "due", "--as-of", "2023-09-30", "-o", tmp_path / "催办")
    status, _, error = run(capsys, *db, "rectify", "notice", F[8], "-o", tmp_path / "方案.html")
    assert (status, "不在任何一份清单上" in error) == (1, True)
    assert "共 6 份" in printed("rectify", "plan", "-o", tmp_path / "方案.html")
    printed("rectify", "notice", F[1], "-o", tmp_path / "销号.html")
    assert "2023年7月2日" in (tmp_path / "销号.html").read_text(encoding="utf-8")
    assert "已撤销" in printed("rectify", "revoke", mistaken.group(1), "--reason", "登错")
    assert "listed" in printed("--lang", "en", "rectify", "history", F[2])


REFUSALS = [
    (("rectify", "status"), 1, "还没有印发过整治清单"),
    (("rectify", "due"), 1, "还没有印发过整治清单"),
    (("rectify", "sheet", "-o", "x.xlsx"), 1, "还没有印发过整治清单"),
    (("rectify", "plan", "-o", "x.html"), 1, "还没有印发过整治清单"),
    (("rectify", "lists", "7"), 1, "还没有印发过整治清单"),
    (("rectify", "event", F[1], "plan", "--on", "2023-04-01"), 1, "的状态是“未入库”，不能“确定方案”；此时可以：筛出"),
    (("rectify", "event", F[1], "plane"), 1, "是否为“plan”"),
    (("rectify", "event", F[1][:-1], "screen"), 1, "没有信用代码为"),
    (("rectify", "event", F[1], "screen", "--on", "2023年4月"), 2, "2023年4月"),
    (("rectify", "event", F[1], "screen", "--land-mu", "很多"), 2, "很多"),
    (("rectify", "load", "没有.xlsx"), 1, "没有.xlsx"),
    (("rectify", "sheet", "-o", "x.csv"), 1, "x.csv 的结尾不对：这里只能写 .xlsx 文件"),
    (("rectify", "status", "-o", "x.csv"), 1, "这里只能写 .xlsx、.json 文件"),
    (("rectify", "plan", "-o", "x.xlsx"), 1, "这里只能写 .docx、.html、.htm 文件"),
    (("rectify", "sheet", "--surveyed", "-o", "x.xlsx"), 1, "没有企业已筛出待核实"),
    (("rectify", "sheet", "--rules", "x", "-o", "x.xlsx"), 2, "--rules 只与 --surveyed 同用"),
    (("rectify", "issue", "--title", "甲", "--document", "1号", "--on", "2200-01-01"), 1, "在今天之后"),
    (("rectify", "history", "X"), 1, "没有信用代码为"),
]


@pytest.mark.parametrize(
    ("words", "status", "sentence"), REFUSALS, ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_refusals_are_one_clear_sentence(
    capsys: pytest.CaptureFixture[str], db: tuple[str, Path], words: tuple[str, ...], status: int, sentence: str
) -> None:
    got, _, error = run(capsys, *db, *words)
    assert got == status
    assert sentence in error
    assert "Traceback" not in error
