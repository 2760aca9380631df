"""Files: whole or not at all, never over a store or what was read, under a draft that nobody can plant."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from mujun.errors import InputError, MujunError, UsageError
from mujun.store import Store
from mujun.writing import apart, draft_beside, drafts_cleared, note_read, one_command, write_text, written
from mujun.writing import files as writer


def code_of(error: pytest.ExceptionInfo[MujunError]) -> str:
    return error.value.problems[0].code


def alone(folder: Path, *names: str) -> bool:
    return sorted(p.name for p in folder.iterdir()) == sorted(names)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    file = tmp_path / "mujun.duckdb"
    Store.create(file).close()
    return file


def test_what_stands_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    assert write_text(file, "新\n") == file
    assert file.read_bytes() == "新\n".encode()
    assert alone(tmp_path, "a.txt")


@pytest.mark.parametrize("opened", [True, False])
def test_a_store_is_never_replaced(store: Path, opened: bool) -> None:
    # `show … -o mujun.duckdb` replaced the store by text and ended with 0.
    before = store.read_bytes()
    if opened:
        with Store.open(store, write=True), pytest.raises(UsageError) as error:
            write_text(store, "x")
    else:
        with pytest.raises(UsageError) as error:
            write_text(store, "x")
    assert code_of(error) == "output_is_store"
    assert store.read_bytes() == before


def test_a_store_behind_a_link_is_never_replaced(store: Path, tmp_path: Path) -> None:
    # `confirm -o LINK` and `stability --parameters LINK` went through a link.
    for name, link in (("soft.xlsx", os.symlink), ("hard.xlsx", os.link)):
        link(store, tmp_path / name)
        with pytest.raises(UsageError) as error:
            write_text(tmp_path / name, "x")
        assert code_of(error) == "output_is_store"
        assert name in str(error.value)


def test_the_log_of_a_store_is_never_written(store: Path, tmp_path: Path) -> None:
    # DuckDB would play the text back as its log, or refuse the store for it.
    for log in (tmp_path / "mujun.duckdb.wal", tmp_path / "mujun.duckdb.WAL"):
        with pytest.raises(UsageError) as error:
            write_text(log, "x")
        assert code_of(error) == "output_is_store_log"
    write_text(tmp_path / "another.wal", "x")


def test_what_a_command_read_is_not_written_by_it(tmp_path: Path) -> None:
    # `load X --findings X` and `verify X -o X` wrote over what the office had sent.
    sent, link = tmp_path / "税务.xlsx", tmp_path / "核查.xlsx"
    sent.write_text("sent")
    link.symlink_to(sent)
    with one_command():
        note_read(sent)
        for path in (sent, link, tmp_path / "." / "税务.xlsx"):
            with pytest.raises(UsageError) as error:
                write_text(path, "x")
            assert code_of(error) == "output_was_read"
    assert sent.read_text() == "sent"
    write_text(link, "another command may")
    assert sent.read_text() == "another command may"
    assert link.is_symlink()


def test_two_outputs_of_one_command_are_two_files(tmp_path: Path) -> None:
    file, link = tmp_path / "a.csv", tmp_path / "b.csv"
    link.symlink_to(file)
    with one_command():
        write_text(file, "first")
        with pytest.raises(UsageError) as error:
            write_text(link, "second")
    assert code_of(error) == "output_twice"
    assert file.read_text() == "first"


def test_outputs_and_inputs_are_told_apart_before_anything_is_read(tmp_path: Path) -> None:
    sent, other = tmp_path / "sent.xlsx", tmp_path / "other.xlsx"
    sent.write_text("sent")
    os.link(sent, other)
    apart([tmp_path / "new.xlsx"], [sent])
    for outputs, inputs, code in (
        ([other], [sent], "output_was_read"),
        ([tmp_path / "n.xlsx", tmp_path / "x" / ".." / "n.xlsx"], [], "output_twice"),
    ):
        with pytest.raises(UsageError) as error:
            apart(outputs, inputs)
        assert code_of(error) == code


def test_a_planted_draft_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Drafts had the name `.X.part`: whoever may write into the folder could lead them to any file of the user's.
    victim = tmp_path / "victim"
    victim.write_text("mine")
    planted = tmp_path / ".mujun-77.part"
    planted.symlink_to(victim)
    monkeypatch.setattr(writer, "draft_beside", lambda path: planted)
    with pytest.raises(InputError) as error:
        write_text(tmp_path / "a.txt", "x")
    assert "77" not in str(error.value)
    assert victim.read_text() == "mine"


def test_drafts_have_names_that_nobody_foresees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def noted(path: Path) -> Path:
        draft = draft_beside(path)
        seen.append(draft.name)
        return draft

    monkeypatch.setattr(writer, "draft_beside", noted)
    for _ in range(3):
        write_text(tmp_path / ("长" * 80), "x")  # 240 bytes: the draft's own name must not be longer
    assert len(set(seen)) == 3


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_what_stood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    # `explain -o`, `rules show -o`, `export -o x.json` and township pages cut what stood; the JSON ended with 0.
    file = tmp_path / "a.txt"
    file.write_text("old")

    def full(handle: int, data: memoryview) -> int:
        if len(data) > 3:
            return real(handle, data[:3])
        raise OSError(number, "No space left on device", str(tmp_path / ".mujun-x.part"))

    real = os.write
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(InputError) as error:
        write_text(file, "new and longer")
    assert code_of(error) == "output_disk_full"
    assert str(file) in str(error.value)
    assert ".part" not in str(error.value)
    monkeypatch.undo()
    assert file.read_text() == "old"
    assert alone(tmp_path, "a.txt")


def test_a_network_disk_says_late_that_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError) as error:
        write_text(tmp_path / "a.txt", "x")
    assert code_of(error) == "output_disk_full"
    assert alone(tmp_path)


def test_an_interrupted_block_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")

    def interrupted() -> None:
        with written(file) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert file.read_text() == "old"
    assert alone(tmp_path, "a.txt")


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_umask_holds_for_new_files_and_old_ones_keep_theirs(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        file = tmp_path / "a.txt"
        write_text(file, "x")
        assert stat.S_IMODE(file.stat().st_mode) == mode
        file.chmod(0o640)
        write_text(file, "y")
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
    finally:
        os.umask(before)


def test_a_write_protected_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "定稿.txt"
    file.write_text("final")
    file.chmod(0o444)
    with pytest.raises(InputError) as error:
        write_text(file, "x")
    assert code_of(error) == "output_protected"
    assert file.read_text() == "final"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda p: p.mkdir(), "output_is_folder"),
        (lambda p: os.mkfifo(p), "output_not_plain"),
        (lambda p: p.symlink_to("/dev/null"), "output_not_plain"),
        (lambda p: p.symlink_to(p.name), "output_link_endless"),
    ],
)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: object, code: str) -> None:
    make(tmp_path / "x")  # type: ignore[operator]
    with pytest.raises(MujunError) as error:
        write_text(tmp_path / "x", "text")
    assert code_of(error) == code
    assert alone(tmp_path, "x")


def test_a_link_to_nothing_yet_is_followed(tmp_path: Path) -> None:
    (tmp_path / "year").mkdir()
    (tmp_path / "a.txt").symlink_to(tmp_path / "year" / "real.txt")
    write_text(tmp_path / "a.txt", "x")
    assert (tmp_path / "year" / "real.txt").read_text() == "x"
    (tmp_path / "b.txt").symlink_to(tmp_path / "none" / "real.txt")
    with pytest.raises(InputError) as error:
        write_text(tmp_path / "b.txt", "x")
    assert code_of(error) == "no_such_folder"


@pytest.mark.parametrize("name", ["年度 报告 甘霖镇.txt", "a" * 250, "长" * 83])
def test_names_up_to_what_the_system_takes(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "有 空格 的 文件夹"
    folder.mkdir()
    write_text(folder / name, "x")
    assert alone(folder, name)


def test_a_name_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        write_text(tmp_path / ("a" * 300), "x")
    assert code_of(error) == "output_name_too_long"


def test_drafts_of_killed_commands_are_cleared_when_old(tmp_path: Path) -> None:
    old, new, other = (tmp_path / f".mujun-{n * 16}.part" for n in "ab0")
    for file in (old, new):
        file.write_text("half")
    other.mkdir()
    (other / "x").write_text("half")
    (tmp_path / ".mujun-mine.part").write_text("not ours")
    for file in (old, other, tmp_path / ".mujun-mine.part"):
        os.utime(file, (0, 0))
    assert drafts_cleared(tmp_path) == 2
    assert alone(tmp_path, new.name, ".mujun-mine.part")
