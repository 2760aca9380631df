"""Workbooks handed out: workbook complete, mark committed, workbook in its place; what could not be is not marked."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from mujun.errors import InputError
from mujun.store import Issue, Store
from mujun.store.issues import SURVEY
from mujun.writing import HeldBack, write_text

GIVEN = pl.DataFrame({"credit_code": ["a"], "镇街": ["甲镇"]})


def issue() -> Issue:
    return Issue(SURVEY, 2022, "甲镇", 0, "", GIVEN)


def others(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if ".duckdb" not in p.name)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "county.duckdb"
    Store.create(path).close()
    return path


def test_the_mark_is_known_before_the_workbook_is_in_its_place(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The workbook was moved first: a kill before the commit left one in the office's hands with a mark nobody knew.
    file, seen = tmp_path / "核查.xlsx", []
    file.write_text("old")
    real = HeldBack.move

    with Store.open(store, write=True) as opened:

        def move(held: HeldBack) -> None:
            (draft,) = (p for p in tmp_path.iterdir() if p.name.startswith(".mujun-"))
            seen.append(([i.mark for i in opened.issues()], draft.read_text(), file.read_text()))
            real(held)

        monkeypatch.setattr(HeldBack, "move", move)
        made = opened.save_issue(issue(), lambda i: write_text(file, i.mark))
    assert seen == [([made.mark], made.mark, "old")]
    assert file.read_text() == made.mark
    assert others(tmp_path) == ["核查.xlsx"]


def test_a_workbook_that_cannot_be_moved_is_not_marked(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Excel may have opened the old workbook while the new one was being made.
    file, real = tmp_path / "核查.xlsx", Path.replace

    def held(path: Path, target: Path) -> Path:
        if path.name.startswith(".mujun-"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, target)

    with Store.open(store, write=True) as opened:
        monkeypatch.setattr(Path, "replace", held)
        with pytest.raises(InputError) as error:
            opened.save_issue(issue(), lambda i: write_text(file, i.mark))
        monkeypatch.undo()
        assert error.value.problems[0].code == "output_not_allowed"
        assert "核查.xlsx" in str(error.value)
        assert opened.issues() == ()
        assert others(tmp_path) == []
        # The next one is handed out as if nothing had been.
        assert opened.save_issue(issue(), lambda i: write_text(file, i.mark)).number == 1
    assert others(tmp_path) == ["核查.xlsx"]


def test_what_fails_while_it_is_written_is_neither_marked_nor_there(store: Path, tmp_path: Path) -> None:
    def fail(made: Issue) -> None:
        write_text(tmp_path / "a.xlsx", made.mark)
        raise KeyboardInterrupt

    with Store.open(store, write=True) as opened:
        with pytest.raises(KeyboardInterrupt):
            opened.save_issue(issue(), fail)
        assert opened.issues() == ()
    assert others(tmp_path) == []
