"""A file that is not what it should be gets one clear sentence, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from mujun import messages
from mujun.errors import StoreError
from mujun.store import FORMAT, Store
from mujun.store.duckdb_errors import sentence_for

from .given import file, rows

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "county.duckdb"
    Store.create(path).close()
    return path


def refused(path: Path, *, write: bool = False) -> StoreError:
    with pytest.raises(StoreError) as refusal:
        Store.open(path, write=write)
    assert len(refusal.value.problems) == 1
    assert "\n" not in str(refusal.value)
    return refusal.value


def code(error: StoreError) -> str:
    return error.problems[0].code


# -------------------------------------------------------------------------------------------------------------- making


def test_a_new_store_is_one_file_and_nothing_else(tmp_path: Path) -> None:
    Store.create(tmp_path / "a.duckdb").close()
    assert [f.name for f in tmp_path.iterdir()] == ["a.duckdb"]


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (lambda p: p.write_text("mine"), "store_exists"),
        (lambda p: p.mkdir(), "store_is_folder"),
        (lambda p: p.with_name(p.name + ".wal").write_text("log"), "store_log_left"),
    ],
)
def test_nothing_is_overwritten(tmp_path: Path, prepare: Callable[[Path], object], expected: str) -> None:
    path = tmp_path / "a.duckdb"
    prepare(path)
    before = sorted((f.name, f.read_bytes() if f.is_file() else b"") for f in tmp_path.iterdir())
    with pytest.raises(StoreError) as refusal:
        Store.create(path)
    assert code(refusal.value) == expected
    assert sorted((f.name, f.read_bytes() if f.is_file() else b"") for f in tmp_path.iterdir()) == before


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refusal:
        Store.create(tmp_path / "no" / "a.duckdb")
    assert code(refusal.value) == "store_no_folder"


def test_two_who_make_the_same_store_at_once_do_not_replace_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.duckdb"

    def meanwhile(*_: object) -> str:
        path.write_text("theirs")
        return "0"

    monkeypatch.setattr("mujun.store.opening.version", meanwhile)
    with pytest.raises(StoreError) as refusal:
        Store.create(path)
    assert code(refusal.value) == "store_exists"
    assert path.read_text() == "theirs"
    assert len(list(tmp_path.iterdir())) == 1


# ------------------------------------------------------------------------------------------------------------- opening


def test_a_missing_store(tmp_path: Path) -> None:
    assert code(refused(tmp_path / "a.duckdb")) == "store_missing"
    assert code(refused(tmp_path)) == "store_is_folder"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"x" * 9000, b"SQLite format 3\x00" + b"\0" * 4080])
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.duckdb"
    path.write_bytes(content)
    assert code(refused(path)) == "store_foreign"
    assert path.read_bytes() == content


def test_a_duckdb_file_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t (i INTEGER)")
    assert code(refused(path)) == "store_foreign_duckdb"


@pytest.mark.parametrize("write", [False, True])
def test_a_store_of_a_newer_program(path: Path, write: bool) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE store SET format = ?", [FORMAT + 1])
    refusal = refused(path, write=write)
    assert code(refusal) == "store_newer"
    assert str(FORMAT + 1) in str(refusal)


def test_a_damaged_file(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:5000])
    assert code(refused(path)) == "store_damaged"
    broken = bytearray(whole)
    for at in range(4096, len(broken), 512):
        broken[at : at + 64] = b"\xa5" * 64
    path.write_bytes(broken)
    assert code(refused(path)) == "store_damaged"


# ----------------------------------------------------------------------------------------------------- locks and rights

HOLD = """
import sys
from mujun.store import Store
with Store.open(sys.argv[1], write=sys.argv[2] == "write"):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), request.param],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    yield process
    process.communicate()


@pytest.mark.parametrize("held", ["write"], indirect=True)
@pytest.mark.parametrize("write", [False, True])
def test_a_store_that_another_process_writes_says_who_has_it(
    path: Path, held: subprocess.Popen[str], write: bool
) -> None:
    with messages.speaking("en"):
        refusal = refused(path, write=write)
        assert code(refusal) == "store_locked_by"
        assert f"(process {held.pid})" in str(refusal)


@pytest.mark.parametrize("held", ["read"], indirect=True)
def test_many_may_read_but_not_while_one_writes(path: Path, held: subprocess.Popen[str]) -> None:
    Store.open(path).close()
    assert code(refused(path, write=True)).startswith("store_locked")


def test_opened_twice_in_this_program(path: Path) -> None:
    with Store.open(path):
        assert code(refused(path, write=True)) == "store_open_here"


def test_writing_to_what_was_opened_for_reading(path: Path) -> None:
    with Store.open(path) as store, pytest.raises(StoreError) as refusal:
        store.add_batch(file("a", {}), who="王")
    assert code(refusal.value) == "store_opened_for_reading"


FULL = """
import resource, signal, sys
from mujun import messages
from mujun.errors import StoreError
from mujun.store import Store
from tests.store.given import file, rows
many = ({"year": 2022, "credit_code": f"{i * 7919:018}", "tax_paid": i} for i in range(200_000))
big = file("big", {"tax": rows("tax", *many)})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
messages.set_language("en")
try:
    with Store.open(sys.argv[1], write=True) as store:
        store.add_batch(big, who="x")
except StoreError as error:
    print(error.problems[0].code)
"""


FULL_FOR_A_RUN = FULL.replace('store.add_batch(big, who="x")', "store.save_run(large_run())").replace(
    "many =", "from tests.store.given import large_run\nmany ="
)


@posix
@pytest.mark.parametrize("writes", [FULL, FULL_FOR_A_RUN])
def test_a_full_disk_loses_nothing_that_was_there(path: Path, writes: str) -> None:
    with Store.open(path, write=True) as store:
        store.add_batch(file("a", {"tax": rows("tax", {"year": 2022, "credit_code": "x", "tax_paid": 1.0})}), who="王")
    done = subprocess.run(
        [sys.executable, "-c", writes, str(path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert (done.stdout, done.stderr) == ("store_full\n", "")
    for write in (False, True):
        with Store.open(path, write=write) as store:
            assert store.newest_batch() == 1
            assert store.runs().is_empty()
            assert store.table("tax")["credit_code"].to_list() == ["x"]
    with Store.open(path, write=True) as store:
        assert store.add_batch(file("b", {"tax": rows("tax", {"year": 2022, "credit_code": "y"})}), who="王") == 2


# ------------------------------------------------------------------------------------------------------- other systems


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            'IO Error: Could not set lock on file "x": Conflicting lock is held in /usr/bin/python3 (PID 12).',
            "store_locked_by",
        ),
        ('IO Error: Could not set lock on file "x": Resource temporarily unavailable', "store_locked"),
        (
            'IO Error: Cannot open file "x": The process cannot access the file because it is being used by another '
            "process.\r\n\r\nFile is already open in \r\nC:\\Python\\python.exe (PID 1234)",
            "store_locked_by",
        ),
        ('IO Error: Cannot open file "x": 另一个程序正在使用此文件，进程无法访问。', "store_locked"),
        ('IO Error: Could not write file "x": No space left on device', "store_full"),
        ("Out of Memory Error: failed to pin block of size 256.0 KiB (1.0 GiB/1.0 GiB used)", "store_short"),
        ('IO Error: Cannot open file "x": Too many open files', "store_short"),
        ("Invalid Error: thread constructor failed: Resource temporarily unavailable", "store_short"),
        ('IO Error: Cannot open file "x": Permission denied', "store_read_only"),
        ('IO Error: Cannot open file "x": Read-only file system', "store_read_only"),
        (
            "IO Error: Trying to read a database file with version number 99, but we can only read version 64.",
            "store_newer_engine",
        ),
        ("Serialization Error: Failed to deserialize: field id mismatch", "store_failed"),
        (
            "Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 3",
            "store_damaged",
        ),
    ],
)
def test_what_the_systems_say(tmp_path: Path, said: str, expected: str) -> None:
    error = sentence_for(duckdb.Error(said), tmp_path / "x", opening=expected == "store_short")
    assert code(error) == expected
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            assert "\n" not in str(error)
            assert str(tmp_path) in str(error)


def test_who_holds_a_lock_is_named(tmp_path: Path) -> None:
    said = "being used by another process.\r\n\r\nFile is already open in \r\nC:\\Program Files\\python.exe (PID 1234)"
    values = sentence_for(duckdb.Error(said), tmp_path / "x").problems[0].values
    assert (values["program"], values["pid"]) == ("python.exe", 1234)


@posix
def test_a_file_that_may_not_be_written(open_folder: Path) -> None:
    path = open_folder / "county.duckdb"
    Store.create(path).close()
    script = (
        "import os, sys\nfrom mujun.errors import StoreError\nfrom mujun.store import Store\n"
        "if os.geteuid() == 0:\n    os.seteuid(65534)\n"
        "try:\n    Store.open(sys.argv[1], write=True)\nexcept StoreError as e:\n    print(e.problems[0].code)\n"
    )
    path.chmod(0o444)
    path.parent.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    path.parent.chmod(0o755)
    assert (done.stdout, done.stderr) == ("store_read_only\n", "")
