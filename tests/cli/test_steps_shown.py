"""Long work says its step on a terminal, is silent in a pipe, and leaves the store whole when it is broken off."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from mujun import County, messages
from mujun.cli import steps_shown as shown
from mujun.reports.drawing.terminal import width
from mujun.steps import Step, listened, part, step, whole
from mujun.store import Store
from mujun.writing import Several, write_text


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Steps are shown from the beginning on."""
    monkeypatch.setattr(shown, "AFTER", 0.0)
    monkeypatch.setattr(shown, "EVERY", 0.001)
    messages.set_language("en")
    yield
    messages.set_language(None)


def heard(work: object) -> list[Step]:
    """The steps that some work says which is all there is to do."""
    steps: list[Step] = []
    with listened(steps.append), whole():
        assert callable(work)
        work()
    return steps


# ------------------------------------------------------------------------------------------------------------ the steps


def test_a_step_without_parts_has_no_share() -> None:
    assert heard(lambda: step("step_result"))[0].share is None


def test_shares_of_parts_within_parts() -> None:
    def work() -> None:
        # The second of two files, of which three quarters are reading in three steps: ½ + ½ × ¾ × ⅓ = 0.625.
        with part(1, 2, file="b.csv"), part(0, 4, parts=3):
            step("step_checking", done=1, of=3, count=5)

    (only,) = heard(work)
    assert (only.share, only.file, only.values) == (0.625, "b.csv", {"count": 5})


def test_the_steps_of_a_part_of_a_command_are_no_share_of_it() -> None:
    """Rating in three steps is a third of nothing that anybody knows where a command does other work besides."""
    steps: list[Step] = []
    with listened(steps.append), part(0, 2):
        step("step_rating", done=1, of=3, count=5)
    assert steps[0].share is None


def test_a_set_of_files_tells_which_it_is_at(tmp_path: Path) -> None:
    def work() -> None:
        several = Several(tmp_path, 4)
        for name in ("甘霖镇", "崇仁镇"):
            with several.one(name, ".txt") as path:
                write_text(path, name)

    assert [(s.file, s.share) for s in heard(work)] == [("甘霖镇.txt", 0.0), ("崇仁镇.txt", 0.25)]


def test_nobody_has_to_listen() -> None:
    step("step_result")  # raises nothing, tells nobody
    assert heard(lambda: None) == []


def test_a_rating_says_its_steps_in_order(sample_county: Path) -> None:
    steps = heard(lambda: County(sample_county).runs.rate("zhejiang/shengzhou-2022", 2022, despite=()))
    shares = [s.share for s in steps]
    assert [s.key for s in steps] == [
        "step_tables", "step_frame", "step_rating", "step_listing", "step_amounts", "step_sealing", "step_keeping",
    ]  # fmt: skip
    assert shares == pytest.approx([n / 7 for n in range(7)])


def test_loading_says_the_file(tmp_path: Path) -> None:
    file = tmp_path / "2022年税收.csv"
    file.write_text("统一社会信用代码,企业名称,实缴税金（元）\n91330683MA00001003,示例厂,100\n", encoding="utf-8")
    steps = heard(lambda: County(tmp_path / "county.duckdb").data.load([file], year=2022))
    assert {s.file for s in steps} == {file.name}
    assert [s.key for s in steps] == ["step_opening", "step_understanding", "step_checking", "step_storing"]
    assert [s.share for s in steps] == [0.0, 0.25, 0.5, 0.75]


def test_an_export_counts_its_rows(tmp_path: Path) -> None:
    from mujun.reports.drawing.exporting import write_table

    rows = pl.DataFrame({"credit_code": [f"{n:018}" for n in range(5_000)]})
    steps = heard(lambda: write_table(rows, tmp_path / "a.xlsx", what="ratings"))
    counted = [(s.rows, s.share) for s in steps if s.rows is not None]
    assert counted == [(0, 0.0), (2_000, 0.4), (4_000, 0.8)]
    assert {s.file for s in steps} == {"a.xlsx"}


# ------------------------------------------------------------------------------------------------------ on the terminal


def test_a_line_is_written_over_and_wiped_out(at_once: None) -> None:
    screen = Terminal()
    with shown.steps_shown(screen), whole(), part(0, 2, file="a.xlsx"):
        step("step_writing_rows", done=50, of=100, rows=50)
        _until(screen, "25 % a.xlsx: writing rows")
    last = screen.getvalue().split("\r")[-2]
    assert last
    assert not last.strip()


def test_nothing_goes_into_a_pipe(at_once: None) -> None:
    pipe = io.StringIO()
    with shown.steps_shown(pipe):
        step("step_result")
        time.sleep(0.02)
    assert pipe.getvalue() == ""


def test_what_is_quick_is_not_told() -> None:
    seconds = iter([0.0, 0.0, 0.5, 1.5])
    screen = Terminal()
    line = shown.Line(screen, lambda: next(seconds))
    line.take(Step("step_result"))
    line.draw()
    assert screen.getvalue() == ""
    line.draw()
    assert screen.getvalue() != ""


def test_a_long_name_does_not_break_the_line(at_once: None) -> None:
    screen = Terminal()
    line = shown.Line(screen, time.monotonic)
    line.take(Step("step_opening", {}, "二〇二二年度嵊州市规模以上工业企业税收情况" * 4 + ".xlsx", 0.25))
    line.draw()
    assert screen.getvalue().startswith("\r 25 % ")
    assert width(screen.getvalue().strip("\r")) <= shown.WIDEST


@pytest.mark.parametrize("columns", [38, 20])
def test_a_narrow_terminal_gets_a_narrow_line(at_once: None, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """The share and the seconds stay, the file's name is cut first: a line that breaks cannot be written over."""
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((columns, 24)))
    screen = Terminal()
    monkeypatch.setattr(screen, "fileno", lambda: 2)
    line = shown.Line(screen, time.monotonic)
    line.take(Step("step_writing_rows", {}, "二〇二二年度嵊州市规模以上工业企业税收情况.xlsx", 0.25))
    line.draw()
    stands = screen.getvalue().strip("\r")
    assert width(stands) < columns
    assert stands.startswith(" 25 % ")
    assert stands.endswith(", 0 s")
    assert columns < 38 or "writing rows" in stands


@pytest.mark.skipif(os.name == "nt", reason="there is no such terminal")
def test_a_command_on_a_terminal_keeps_to_its_width(sample_county: Path) -> None:
    """The whole way, from the process to the screen: 38 columns are all that is ever written at once."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 38, 0, 0))
    program = (
        "import sys\nfrom mujun.cli import main, steps_shown\n"
        "steps_shown.AFTER, steps_shown.EVERY = 0.0, 0.001\nmain(sys.argv[1:])"
    )
    words = [
        "--db",
        str(sample_county),
        "export",
        "enterprises",
        "-o",
        str(sample_county.with_name("二〇二二年企业.xlsx")),
    ]
    with subprocess.Popen(
        [sys.executable, "-c", program, *words], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs,
        env=os.environ | {"MUJUN_LANG": "en"},
    ) as done:  # fmt: skip
        os.close(theirs)
        written = b""
        # A terminal whose other side is closed is an error to read, not an end.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 65_536):
                written += piece
        assert done.stdout is not None
        assert done.stdout.read().decode().startswith("exported ")
    os.close(ours)
    assert done.returncode == 0
    lines = written.decode().split("\r")
    assert any(": writing rows" in line for line in lines)
    assert max(width(line) for line in lines) < 38
    assert not lines[-2].strip()


def test_work_that_says_nothing_is_shown_at_work(at_once: None) -> None:
    screen = Terminal()
    with shown.steps_shown(screen):
        _until(screen, "at work, 0 s")


def test_what_is_printed_takes_the_place_of_the_line(at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result is never written behind the line, and the step that came before it is over."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    with shown.steps_shown(screen):
        step("step_result")
        _until(screen, "reading the result")
        print("91330683MA00001003")
        before, after = screen.getvalue().split("91330683MA00001003\n")
        assert before.endswith("\r")
        assert not before.split("\r")[-2].strip()
        _until(screen, "at work")
        assert "reading the result" not in screen.getvalue()[len(before) :]
        assert not after.strip("\r").startswith("reading")


def test_an_answer_is_not_written_over(at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is asked answers behind the question: the line comes back with the next step."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    with shown.steps_shown(screen):
        print("Password: ", end="")
        time.sleep(0.02)
        assert screen.getvalue().endswith("Password: ")
        step("step_result")
        _until(screen, "reading the result")


def test_rows_a_second_are_those_since_counting_began() -> None:
    """Of a second sheet its own: 2,000 rows in two seconds, whatever the sheet before took, however long it stands."""
    seconds = iter([0.0, 0.0, 4.0, 10.0, 12.0, 14.0])
    screen = Terminal()
    messages.set_language("en")
    line = shown.Line(screen, lambda: next(seconds))
    for rows in (0, 9_000, 0, 2_000):
        line.take(Step("step_writing_rows", {}, "a.xlsx", None, rows))
    line.draw()
    messages.set_language(None)
    assert screen.getvalue().strip("\r") == "a.xlsx: writing rows, 1,000 rows a second, 4 s"


def test_rows_of_which_nobody_said_when_they_began_have_no_rate() -> None:
    seconds = iter([0.0, 0.0, 2.0])
    screen = Terminal()
    messages.set_language("en")
    line = shown.Line(screen, lambda: next(seconds))
    line.take(Step("step_rating", {"count": 99_000}, "", None, 99_000))
    line.draw()
    messages.set_language(None)
    assert screen.getvalue().strip("\r") == "rating 99000 firms, 2 s"


def test_what_is_done_twice_does_not_go_back(at_once: None) -> None:
    screen = Terminal()
    line = shown.Line(screen, time.monotonic)
    line.take(Step("step_tables", {}, "", 0.5))
    line.take(Step("step_frame", {"year": 2022}, "", 0.25))
    assert line.step.share == 0.5


def _until(screen: Terminal, text: str) -> None:
    limit = time.monotonic() + 10
    while text not in screen.getvalue():
        assert time.monotonic() < limit, screen.getvalue()[-200:]
        time.sleep(0.002)


# ----------------------------------------------------------------------------------------------------------- broken off


@pytest.mark.skipif(os.name == "nt", reason="a process there is interrupted by its console, not by a signal")
@pytest.mark.parametrize("at", ["step_tables", "step_rating", "step_keeping"])
def test_a_rating_that_is_broken_off_leaves_the_store_whole(sample_county: Path, at: str) -> None:
    """Interrupted in a step, as Ctrl-C does it: the store has its runs of before, and another can be made."""
    before = County(sample_county).runs.list().height
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED, at, str(signal.SIGINT.value), str(sample_county)],
        capture_output=True, text=True, check=False, env=os.environ | {"MUJUN_LANG": "en"},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "interrupted" in done.stderr
    with Store.open(sample_county, write=True):
        pass
    county = County(sample_county)
    assert county.runs.list().height == before
    assert county.runs.rate("zhejiang/shengzhou-2022", 2022, despite=()).number == before + 1


_INTERRUPTED = """
import os, sys
from mujun import steps
from mujun.cli import main

at, number, store = sys.argv[1:]
listened = steps.listened

def heard(step):
    if step.key == at:
        os.kill(os.getpid(), int(number))

with listened(heard):
    main(["--db", store, "rate", "--rules", "zhejiang/shengzhou-2022", "--year", "2022"])
"""
