"""Who has a store open: the workbench by its note, a command of mujun's by how it was started, else the program."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mujun import messages
from mujun.errors import StoreError
from mujun.store import Store
from mujun.store.holders import command_of, held_by
from mujun.writing.serving_note import process_serving, serving_note

HOLD = """
import sys
from mujun.store import Store
with Store.open(sys.argv[-1], write=True):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["/usr/bin/python3", "/opt/bin/mujun", "--db", "a", "--lang", "en", "rate", "--year", "2022"], "rate"),
        (["python", "-I", "-m", "mujun", "rules", "check"], "rules"),
        (["python", "/lib/mujun/__main__.py", "serve"], "serve"),
        (["C:\\Program Files\\mujun\\mujun.exe", "load", "a.xlsx"], "load"),
        (["mujun", "--db=a.duckdb", "serve"], "serve"),
        (["python", "-c", "import mujun", "rate"], None),
        (["jupyter", "mujun", "rate"], None),
        (["/usr/bin/mujun"], None),
        ([], None),
    ],
)
def test_a_command_is_told_by_how_it_was_started(arguments: Sequence[str], command: str | None) -> None:
    assert command_of(arguments) == command


@pytest.fixture
def store(tmp_path: Path) -> Path:
    Store.create(tmp_path / "县.duckdb").close()
    return tmp_path / "县.duckdb"


@pytest.fixture
def held(store: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    """The process of a program that has the store open, started under a name."""
    program = tmp_path / request.param
    program.write_text(HOLD, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(program), "--db", str(store), "rate", str(store)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    yield process.pid
    process.communicate()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the system does not tell how a process began")
@pytest.mark.parametrize(
    ("held", "says"),
    [("mujun", "另一条 mujun 命令（mujun rate，进程号 "), ("别的.py", "另一个程序")],
    indirect=["held"],
)
def test_a_store_that_is_in_use_says_by_whom(store: Path, held: int, says: str) -> None:
    with pytest.raises(StoreError) as refusal:
        Store.open(store, write=True)
    said = str(refusal.value)
    assert says in said
    assert f"{held}" in said
    # The interpreter's path says nothing to whoever reads it.
    assert sys.executable not in said
    assert "/bin/python" not in said


@pytest.mark.parametrize("held", ["别的.py"], indirect=True)
@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_workbench_is_called_by_its_name(store: Path, held: int, language: messages.Language) -> None:
    serving_note(store).write_text(json.dumps({"port": 1, "process": held, "key": "k"}), encoding="utf-8")
    with messages.speaking(language):
        with pytest.raises(StoreError) as refusal:
            Store.open(store, write=True)
        said = str(refusal.value)
    assert [p.code for p in refusal.value.problems] == ["store_locked_workbench"]
    called = {"zh": f"mujun 工作台（进程号 {held}）", "en": f"mujun's workbench (process {held})"}
    assert called[language] in said


@pytest.mark.parametrize("note", ["", "[]", '{"process": "1"}', '{"port": 1}'])
def test_a_note_that_says_nothing_is_none(tmp_path: Path, note: str) -> None:
    store = tmp_path / "县.duckdb"
    assert process_serving(store) is None
    serving_note(store).write_text(note, encoding="utf-8")
    assert process_serving(store) is None
    assert held_by(store, "/usr/bin/python3.11", 2**22 + 1).values["program"] == "python3.11"
