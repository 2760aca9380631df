"""Which run counts for a year, and that whoever acts on one is told of records that came in after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.cli import main
from mujun.workspace import County
from mujun.workspace.rounds.township_round import screening_rules
from mujun.workspace.runs.governing import loaded_since
from tests.workspace.small_county import RATING, files_at, rules_at


def test_batches_after_a_run_are_counted_and_told(
    small: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = small.runs.newest()
    assert loaded_since(small, run) == 0
    with pytest.raises(SystemExit):
        main(["--db", str(small.path), "rectify", "list"])
    assert "注意" not in capsys.readouterr().err

    corrected = next(f for f in files_at(tmp_path / "later", 2022, taxes={1: 77}) if f.name.startswith("税收"))
    small.data.load([corrected], reason="更正", document="示例函〔2023〕1号")

    assert loaded_since(small, run) == 1
    with pytest.raises(SystemExit):
        main(["--db", str(small.path), "rectify", "list"])
    told = f"注意：第 {run} 次评价之后又导入了 1 批数据，没有计入；要计入请重新评价（mujun rate）。"
    assert told in capsys.readouterr().err


def test_doubts_and_screenings_go_by_the_final_result_and_not_by_a_later_trial(small: County, tmp_path: Path) -> None:
    trial = rules_at(tmp_path / "trial", rating=RATING.replace("name: 小县评价", "name: 试算"))
    run = small.runs.rate(str(trial), 2022)
    assert run.number == small.runs.newest() == 2
    assert screening_rules(small, None, 2022).ruleset.name == "小县评价"
    by_final = small.data.second_look(2022)
    assert by_final.rules is not None
    assert by_final.rules != run.ruleset.address
    assert small.data.second_look(2022, str(trial)).rules == run.ruleset.address
