"""Names made from data: of townships, firms, offices; they never decide where a file goes."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mujun.errors import InputError
from mujun.writing import LONGEST_NAME, Names, Several, file_name, settle, write_text

HOSTILE = (
    "../../x", "/abs", "甘霖镇/一村", "甘霖镇\\一村", "..", ".", "", "  ", "CON", "nul.txt", "COM1", "lpt9 .x", "COM¹",
    "甲" * 300, "a\x00b", "a\x1b[31mb", "甲\u202exslx.exe", "-o", "~$x", "x.", "C:\\x", "a\nb", "\ud800x", "镇:流",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_one_part_of_a_path(name: str, tmp_path: Path) -> None:
    made = file_name(name, ".xlsx")
    assert made == Path(made).name
    assert made.endswith(".xlsx")
    assert made.isprintable()
    assert len(made.encode()) <= LONGEST_NAME
    assert not made.startswith((".", "-", "~", " "))
    (tmp_path / made).write_text("x")
    assert [p.name for p in tmp_path.iterdir()] == [made]


@given(st.text(max_size=400))
def test_any_text_gives_a_name(text: str) -> None:
    made = file_name(text, ".xlsx")
    assert made == Path(made).name
    assert made.isprintable()
    assert not set(made) & set('<>:"/\\|?*')
    assert 5 < len(made.encode()) <= LONGEST_NAME
    assert made.split(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}


def test_usual_names_stay_as_they_are() -> None:
    for name in ("甘霖镇_2022年现场核查表", "91330683002584812B_浙江（嵊州）某·有限公司", "CONSOLE 厂"):
        assert file_name(name, ".xlsx") == name + ".xlsx"


def test_names_that_fall_together_are_numbered(tmp_path: Path) -> None:
    names = Names(tmp_path)
    made = [
        names.path(n, ".xlsx").name for n in ("甘霖镇/一村", "甘霖镇\\一村", "Ａ镇", "A镇", "a镇", "甲" * 90, "甲" * 99)
    ]
    assert made[:5] == ["甘霖镇_一村.xlsx", "甘霖镇_一村_2.xlsx", "Ａ镇.xlsx", "A镇_2.xlsx", "a镇_3.xlsx"]
    assert made[5] != made[6]
    assert len(made[6].encode()) <= LONGEST_NAME


def test_what_could_not_be_written_is_said_and_the_rest_is_there(tmp_path: Path) -> None:
    several = Several(tmp_path / "镇街")
    (tmp_path / "镇街" / "乙.txt").write_text("protected")
    (tmp_path / "镇街" / "乙.txt").chmod(0o444)
    for name in ("甲", "乙", "丙"):
        with several.one(name, ".txt") as path:
            write_text(path, name)
    with pytest.raises(InputError) as error:
        several.finish()
    assert [p.code for p in error.value.problems] == ["output_protected", "output_some_written"]
    assert "甲.txt" in str(error.value)
    assert "丙.txt" in str(error.value)
    assert {p.name: p.read_text() for p in (tmp_path / "镇街").iterdir()} == {
        "甲.txt": "甲", "乙.txt": "protected", "丙.txt": "丙"
    }  # fmt: skip


def test_files_written_together_are_in_their_places_when_the_block_ends(tmp_path: Path) -> None:
    several = Several(tmp_path / "镇街")

    def interrupted() -> None:
        with several.together():
            for name in ("甘霖镇", "崇仁镇"):
                with several.one(name, ".txt") as path:
                    write_text(path, name)
                assert not path.exists()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert sorted(p.name for p in several.folder.iterdir()) == ["崇仁镇.txt", "甘霖镇.txt"]
    assert [p.read_text("utf-8") for p in several.finish()] == ["甘霖镇", "崇仁镇"]


def test_of_files_written_together_one_that_the_disk_does_not_take_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_for_the_second(draft: Path) -> None:
        if draft.read_text("utf-8") == "崇仁镇":
            raise OSError(errno.ENOSPC, "No space left on device")
        settle(draft)

    monkeypatch.setattr("mujun.writing.held.settle", full_for_the_second)
    several = Several(tmp_path / "镇街")
    with several.together():
        for name in ("甘霖镇", "崇仁镇", "长乐镇"):
            with several.one(name, ".txt") as path:
                write_text(path, name)
    with pytest.raises(InputError) as error:
        several.finish()
    assert [p.code for p in error.value.problems] == ["output_disk_full", "output_some_written"]
    assert sorted(p.name for p in several.folder.iterdir()) == ["甘霖镇.txt", "长乐镇.txt"]
