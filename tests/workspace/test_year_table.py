"""The table “What the plan asks, and the command” of docs/year.md, walked through from its first command on."""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import date
from pathlib import Path

import pytest

from mujun.cli import main
from mujun.workspace import County
from mujun.workspace.rectification.lists import issue

from .small_county import P
from .test_census import PROBLEM, TITLES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "year.md"

NEEDS_MORE = ("rectify recheck", "rectify notice", "monitor ", "verify 核查表", "verify 地块核查表")
"""What wants a second year, a firm struck off, months reported or lines filled in: other tests walk these."""


def commands() -> list[str]:
    """The commands of the table that are written out, in its order."""
    table = PAGE.read_text(encoding="utf-8").split("## What the plan asks")[1]
    written = re.findall(r"`mujun ([^`]+)`", table)
    whole = [line for line in written if "…" not in line and " / " not in line]
    return [line for line in whole if not any(line.startswith(n) for n in NEEDS_MORE)]


@pytest.fixture(scope="module")
def county(made_small_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small county with titles, problems and an issued list."""
    folder = tmp_path_factory.mktemp("table")
    own = County(shutil.copy(made_small_county, folder / "mujun.duckdb"))
    for name, text in (("地块权属", TITLES), ("问题清单", PROBLEM)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        own.data.load([folder / f"{name}.csv"])
    until = date(2023, 6, 30)
    own.problems.say("W1", "order", document="消限字1号", department="消防救援大队", deadline=until)
    issue(own, title="清单", document="1号", issued_on=date(2023, 3, 1))
    return own.path


def test_every_command_of_the_table_does_what_it_says(
    county: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(county.parent)
    lines = commands()
    assert len(lines) > 12
    for line in lines:
        words = [P[2] if w.startswith("330683") else w.replace("甘霖镇", "三江街道") for w in shlex.split(line)]
        with pytest.raises(SystemExit) as ended:
            main(["--db", str(county), *words])
        said = capsys.readouterr()
        assert ended.value.code in (0, None), (line, said.out, said.err)
        if "-o" in words:
            assert Path(words[words.index("-o") + 1]).exists(), line
        else:
            assert said.out.strip(), line
