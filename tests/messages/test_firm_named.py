"""Sentences call a firm by its name and its code wherever somebody knows the name."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from mujun import messages
from mujun.errors import problem
from mujun.messages import Firm
from tests.cli.running import run
from tests.workspace.small_county import F, county


@pytest.fixture(autouse=True)
def _nobody_knows() -> Iterator[None]:
    yield
    messages.name_firms_by(None)


def test_with_a_name_without_one_and_the_code_alone() -> None:
    told = problem("correct_not_accepted", code=Firm("X1"), field="期限")
    assert str(told) == "X1 还没有验收，没有“期限”可以更正。"
    messages.name_firms_by({"X1": "某厂"}.get)
    assert str(told) == "某厂（X1） 还没有验收，没有“期限”可以更正。"
    assert f"{Firm('X1'):bare}" == "X1"
    assert messages.show([Firm("X1"), Firm("X2"), Decimal(3)]) == "某厂（X1）、X2、3"
    with messages.speaking("en"):
        assert str(Firm("X1")) == "某厂 (X1)"


def test_the_command_line_names_whom_it_speaks_of(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    store = county(tmp_path).path
    status, _, error = run(capsys, "--db", store, "rectify", "event", F[1], "核实", "--on", "2023-05-01")
    assert status == 1
    named = messages.text("firm_named", name=_name_of(store, F[1]), code=F[1])
    assert error.startswith(named)
    # A page that was drawn later in the same process called firms of its county by names of this one.
    assert str(Firm(F[1])) == F[1]
    assert "rectify history" in messages.text("history_impossible", code=Firm(F[1]), why="")
    assert f"rectify history {F[1]} " in messages.text("history_impossible", code=Firm(F[1]), why="")


def _name_of(store: Path, code: str) -> str:
    from mujun import County

    name = County(store).name_of(code)
    assert name
    return name


def test_a_store_that_cannot_be_looked_into_names_nobody(tmp_path: Path) -> None:
    from mujun import County

    assert County(tmp_path / "nowhere.duckdb").name_of("X1") is None
