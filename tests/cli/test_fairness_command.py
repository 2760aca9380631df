"""`mujun fairness` on the sample county."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import run


def test_fairness_of_the_sample_county(sample_county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = ("--db", str(sample_county), "--lang")
    status, out, _ = run(capsys, *here, "zh", "fairness")
    assert status == 0
    assert "亩均税收  亩均增加值" in out
    status, out, _ = run(capsys, *here, "en", "fairness", "--by", "tenure")
    assert status == 0
    assert "mixed" in out
    file = tmp_path / "f.json"
    status, out, err = run(capsys, *here, "zh", "fairness", "--format", "json", "-o", str(file))
    assert status == 0
    assert json.loads(out) == json.loads(file.read_text(encoding="utf-8"))
    assert str(file) in err
    status, out, err = run(capsys, *here, "zh", "fairness", "-o", str(tmp_path / "f.docx"))
    assert (status, out) == (1, "")
    assert ".xlsx" in err
