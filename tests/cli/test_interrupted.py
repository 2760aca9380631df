"""Ctrl-C ends a command in one way, however often it is pressed, and says what is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mujun import County, messages
from mujun.cli.broken_off import said_so_far
from mujun.cli.interruption import Interruption, interruptible
from mujun.writing import Several, drafts_dropped, note_asked, note_taken, one_command, so_far, write_text
from mujun.writing.drafts import draft_beside

signalled = pytest.mark.skipif(os.name == "nt", reason="a process there is interrupted by its console, not by a signal")

TAX = "统一社会信用代码,企业名称,实缴税金（元）\n91330683MA00001003,示例厂,{amount}\n"

INTERRUPTED = """
import os, signal, sys, threading, time
from mujun import steps
from mujun.cli import main

at, file, times, *words = sys.argv[1:]
begun = []

def press():
    for _ in range(int(times)):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.001)

def heard(step):
    if step.key == at and step.file.startswith(file) and not begun:
        begun.append(threading.Thread(target=press))
        begun[0].start()
        time.sleep(1)

sys.argv[1:] = words
with steps.listened(heard):
    main()
"""
"""A command whose Ctrl-C is pressed in a step of a file, once or many times a millisecond apart."""


def interrupted(at: str, *words: object, file: str = "", times: int = 1) -> str:
    """What a command says that was interrupted; it ends with 1 and without a traceback."""
    given = [sys.executable, "-c", INTERRUPTED, at, file, str(times), *map(str, words)]
    done = subprocess.run(given, capture_output=True, text=True, check=False, env=os.environ | {"MUJUN_LANG": "en"})
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    said = done.stderr.strip().split("\n")
    assert said[0] == "interrupted; what was written before stands, and nothing is half-written.", done.stderr
    return "\n".join(said[1:])


# ------------------------------------------------------------------------------------------------------------- pressed


def test_pressed_again_it_tidies_up_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([10.0, 10.5, 11.9, 12.1, 13.0])
    monkeypatch.setattr("mujun.cli.interruption.time.monotonic", lambda: next(seconds))
    interruption = Interruption()
    with pytest.raises(KeyboardInterrupt):
        interruption(signal.SIGINT, None)
    interruption(signal.SIGINT, None)
    interruption(signal.SIGINT, None)
    with pytest.raises(KeyboardInterrupt):  # 2.1 s after the first: whatever holds it up is broken off
        interruption(signal.SIGINT, None)
    interruption.over = True
    interruption(signal.SIGINT, None)  # and nothing is left to be broken off


def test_somebody_elses_way_of_hearing_it_stays() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interruptible(kept=False):
        assert isinstance(signal.getsignal(signal.SIGINT), Interruption) == (before is signal.default_int_handler)
    assert signal.getsignal(signal.SIGINT) is before


@signalled
@pytest.mark.parametrize("times", [1, 40])
def test_an_export_that_is_broken_off_leaves_no_file(sample_county: Path, tmp_path: Path, times: int) -> None:
    """Pressed again while the workbook's archive is being left, that was told as a fault of the program."""
    file = tmp_path / "out" / "企业.xlsx"
    file.parent.mkdir()
    said = interrupted("step_writing_rows", "--db", sample_county, "export", "enterprises", "-o", file, times=times)
    assert said == "no file was written."
    assert list(file.parent.iterdir()) == []


@signalled
def test_pressed_while_the_command_is_loaded(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "class Pressed:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'mujun.cli.help_texts':\n"
        "            sys.meta_path.remove(self)\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "from mujun.cli import main\n"
        "sys.argv[1:] = ['--lang', 'zh', 'runs', 'list']\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr == "已中断；在此之前写入的仍然有效，没有写到一半的内容。\n没有写出文件。\n"


# ------------------------------------------------------------------------------------------------------- what is there


@signalled
def test_a_load_says_which_files_are_in_the_store(tmp_path: Path) -> None:
    files = [tmp_path / f"{year}年税收.csv" for year in (2021, 2022, 2023)]
    for amount, file in enumerate(files):
        file.write_text(TAX.format(amount=100 + amount), encoding="utf-8")
    store = tmp_path / "county.duckdb"
    said = interrupted("step_checking", "--db", store, "load", *files, file="2022")
    assert said == (
        "in the store: 2021年税收.csv (batch 1).\n"
        "not in the store (2): 2022年税收.csv, 2023年税收.csv. Load them again.\n"
        "no file was written."
    )
    assert County(store).data.batches()["file"].to_list() == ["2021年税收.csv"]


@signalled
def test_a_set_of_files_is_said_to_be_incomplete(sample_county: Path, tmp_path: Path) -> None:
    folder = tmp_path / "offices"
    words = ("--db", sample_county, "allocate", "offices", folder)
    said = interrupted("step_packing", *words, file="2022年度差别化措施_供水")
    there = sorted(path.name for path in folder.iterdir())
    assert said == f"the set of files in {folder} is incomplete: 1 of 3 is there. Run the command again."
    assert there == ["2022年度差别化措施_供电.xlsx"]


def test_what_a_command_has_done_is_known_within_it(tmp_path: Path) -> None:
    messages.set_language("en")
    with one_command():
        note_asked(["a.csv"])
        note_taken("a.csv", 7)
        whole = Several(tmp_path / "whole")
        with whole.one("x", ".txt") as path:
            write_text(path, "x")
        whole.finish()
        begun = Several(tmp_path / "begun")
        begun.expect(3)
        with begun.one("y", ".txt") as path:
            write_text(path, "y")
        said = list(said_so_far(so_far()))
    messages.set_language(None)
    assert said == [
        "in the store: a.csv (batch 7).",
        f"the set of files in {tmp_path / 'begun'} is incomplete: 1 of 3 is there. Run the command again.",
        f"written (1): {tmp_path / 'whole' / 'x.txt'}.",
    ]
    assert so_far().files == ()


def test_what_was_begun_and_not_finished_is_dropped(tmp_path: Path) -> None:
    file, folder, kept = (draft_beside(tmp_path / name) for name in ("a", "b", "c"))
    file.write_text("half")
    folder.mkdir()
    (folder / "inside").write_text("half")
    kept.write_text("whole")
    kept.replace(tmp_path / "c")
    drafts_dropped()
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


# --------------------------------------------------------------------------------------------------- a reader who left


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_a_reader_who_leaves_is_no_failure(sample_county: Path, closed: str) -> None:
    """`rate … | head -1`: the run is kept and the status is that of a rating, whoever reads along."""
    before = County(sample_county).runs.list().height
    there, here = os.pipe()
    os.close(there)
    words = ["--db", str(sample_county), "rate", "--rules", "zhejiang/shengzhou-2022", "--year", "2022"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, closed: here}
    done = subprocess.run([sys.executable, "-m", "mujun", *words], check=False, text=True, **streams)  # type: ignore[call-overload]
    os.close(here)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert County(sample_county).runs.list().height == before + 1
