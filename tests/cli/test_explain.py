"""`explain` as a clerk uses it: one firm on the screen or in a file, a township in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mujun.workspace import County
from tests.cli.running import run

REFUSALS: list[tuple[tuple[str, ...], int, str]] = [
    ((), 2, "--township"),
    (("91330683XXXX01644Q", "--township", "甘霖镇"), 2, "--township"),
    (("--township", "甘霖镇"), 2, "-o"),
    (("--township", "甘霖", "-o", "x"), 1, "是否为“甘霖镇”"),
    (("91330683XXXX01644Q",), 1, "91330683XXXX01644P"),
]


def test_one_firm_and_a_township(capsys: pytest.CaptureFixture[str], sample_county: Path, tmp_path: Path) -> None:
    db = ("--db", sample_county)
    code = County(sample_county).runs.table(1).filter(tier="C")["credit_code"][0]
    status, printed, _ = run(capsys, *db, "explain", code, "--allocation")
    assert (status, "最终档次：C" in printed, "金额" in printed) == (0, True, True)
    status, _, _ = run(capsys, *db, "explain", code, "-o", tmp_path / "说明.html")
    assert (status, "<svg" in (tmp_path / "说明.html").read_text(encoding="utf-8")) == (0, True)
    folder = tmp_path / "贵门乡"
    status, printed, _ = run(capsys, *db, "explain", "--township", "贵门乡", "-o", folder, "--format", "json")
    files = list(folder.iterdir())
    assert (status, str(len(files)) in printed) == (0, True)
    assert {json.loads(f.read_text(encoding="utf-8"))["township"] for f in files} == {"贵门乡"}
    for words, wanted, sentence in REFUSALS:
        got, _, error = run(capsys, *db, "explain", *words)
        assert (got, sentence in error) == (wanted, True), words
    (tmp_path / "文件").write_text("", encoding="utf-8")
    status, _, error = run(capsys, *db, "explain", "--township", "贵门乡", "-o", tmp_path / "文件")
    assert (status, "是一个文件" in error) == (1, True)
