"""The short form of the suite of faults; the long one is `python -m tests.faults --long`."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from mujun.errors import InputError
from mujun.records import read_file
from tests.faults import fuzzing
from tests.faults.department_files import _rows, _xlsx, hostile_file, value_shown
from tests.faults.mutator import Mutator

HERE = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
@pytest.mark.parametrize(
    "kinds", [("kills", "hand-outs", "flips", "disks"), ("files", "binary", "rules", "workbooks")], ids="+".join
)
def test_no_fault(kinds: tuple[str, ...]) -> None:
    # In a process of its own: pytest's has threads, which a fork does not take along.
    only = [word for kind in kinds for word in ("--only", kind)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *only], capture_output=True, text=True, encoding="utf-8", cwd=HERE,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_a_directory_that_points_before_the_file_is_said(tmp_path: Path) -> None:
    # Case 2/299: a place before the beginning ended in “a fault of the program”.
    name, data, _ = hostile_file(2, 299)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError):
        read_file(tmp_path / name, table="tax", year=2022)


@pytest.mark.parametrize("encoding", ["UTN-8", "UTF-NaN8", "gbk", "idna", "undefined", "base64"])
def test_a_part_in_an_encoding_that_there_is_not_is_said(tmp_path: Path, encoding: str) -> None:
    # Cases 1/218 and 1/3918: the parser asks Python for the encoding, whose errors ended in “a fault of the program”.
    file = tmp_path / "税收.xlsx"
    good = _xlsx(_rows(), numbers=True)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'encoding="UTF-8"', f'encoding="{encoding}"'.encode()))
    file.write_bytes(out.getvalue())
    with pytest.raises(InputError) as error:
        read_file(file, table="tax", year=2022)
    assert error.value.problems[0].code == "file_broken"


def test_the_mutator_repeats_itself() -> None:
    for number in range(20):
        assert Mutator("x", 1, number).text_of("a: 1\nb: 2") == Mutator("x", 1, number).text_of("a: 1\nb: 2")
    assert len({Mutator("x", 1, n).bytes_of(b"abcdefgh" * 20) for n in range(20)}) > 15


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,234.50", "1234.5"), ("１２３", "123"), (5.5, "5.5"), ("5元", "0.0005"), ("1e3", "1000"), ("(5)", "-5"),
     ("$5", None), ("0,001", None), ("1,234 567", None), ("1.2.3", None), ("", None), (True, None), ("五", None)],
)  # fmt: skip
def test_what_a_cell_shows(cell: object, value: str | None) -> None:
    assert value_shown(cell) == (None if value is None else Decimal(value))


def _child(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code])


@pytest.mark.skipif(sys.platform != "linux", reason="nobody counts what a child computes")
def test_a_case_is_timed_by_what_it_computes_not_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    # On a machine that eight people used, cases that waited for their turn were counted as hanging.
    monkeypatch.setattr(fuzzing, "SLOWEST", 0.3)
    for code, wrong in (("while True: pass", "of the processor"), ("import time; time.sleep(60)", None)):
        child = _child(code)
        try:
            patience = fuzzing.Patience(child.pid)
            for _ in range(20):
                time.sleep(0.1)
                if said := patience.ended():
                    break
            assert (wrong is None and said is None) or (wrong is not None and said is not None and wrong in said), said
        finally:
            child.kill()
            child.wait()


def test_a_case_that_waits_for_ever_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "WAITS", 0.2)
    child = _child("import time; time.sleep(60)")
    try:
        patience = fuzzing.Patience(child.pid)
        time.sleep(0.4)
        assert "silent" in (patience.ended() or "")
    finally:
        child.kill()
        child.wait()
