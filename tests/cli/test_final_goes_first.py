"""What is handed out without a run named rests on the final result, and says so where a newer trial is there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mujun import County
from tests.cli.running import run
from tests.workspace.small_county import files_at, rules_at

ISSUE = ("rectify", "issue", "--title", "清单", "--document", "1号", "--on", "2023-05-01")


@pytest.fixture
def tried(tmp_path: Path) -> County:
    """The small county: run 1 is final, run 2 a trial of the same year."""
    county = County(tmp_path / "mujun.duckdb")
    assert not county.data.load(files_at(tmp_path / "2022", 2022)).refused
    for final in (True, False):
        county.runs.rate(rules_at(tmp_path / "rules"), 2022, final=final)
    return county


def test_a_list_rests_on_the_final_result(tried: County, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, told = run(capsys, "--db", tried.path, *ISSUE)
    assert status == 0
    assert "第 1 次评价" in told
    assert "--run 2" in told
    assert [summary.listed.run for summary in tried.rectify.issued()] == [1]


def test_a_run_that_is_named_goes_before_it(tried: County, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, told = run(capsys, "--db", tried.path, *ISSUE, "--run", 2)
    assert (status, told) == (0, "")
    assert [summary.listed.run for summary in tried.rectify.issued()] == [2]


def test_without_a_final_result_the_newest_counts(tmp_path: Path) -> None:
    county = County(tmp_path / "mujun.duckdb")
    assert not county.data.load(files_at(tmp_path / "2022", 2022)).refused
    for _ in range(2):
        county.runs.rate(rules_at(tmp_path / "rules"), 2022)
    assert county.rectify.list(date(2023, 5, 1)).result.number == 2
    assert county.runs.newer_trial(1) is None
