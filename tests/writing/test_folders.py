"""Folders that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from mujun.errors import InputError, UsageError
from mujun.writing import folder_written, write_text


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with folder_written(tmp_path / "甲 乙" / "存证") as draft:
            write_text(draft / "a.txt", "x")
            assert not (tmp_path / "甲 乙" / "存证").exists()
    finally:
        os.umask(before)
    made = tmp_path / "甲 乙" / "存证"
    assert [p.name for p in made.iterdir()] == ["a.txt"]
    assert stat.S_IMODE(made.stat().st_mode) == 0o750
    assert [p.name for p in made.parent.iterdir()] == ["存证"]


def test_a_folder_that_has_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    with pytest.raises(UsageError) as error, folder_written(tmp_path):
        raise AssertionError
    assert error.value.problems[0].code == "output_folder_taken"


def test_a_full_disk_leaves_no_half_and_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(InputError) as error, folder_written(tmp_path / "存证") as draft:
        write_text(draft / "a.txt", "x")
    assert error.value.problems[0].code == "output_disk_full"
    assert str(tmp_path / "存证") in str(error.value)
    assert ".part" not in str(error.value)
    assert list(tmp_path.iterdir()) == []
