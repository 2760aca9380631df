"""Pipes and devices named where a command reads a file: refused at once, by every command."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from mujun.cli import main
from mujun.cli.options import reads
from mujun.cli.reference_page import commands
from mujun.store import Store


def is_written(parameter: click.Parameter) -> bool:
    """Whether a parameter names what the command makes: such a place is looked at by `writes`, or by `Several`."""
    by = getattr(parameter.callback, "__qualname__", "")
    return bool({"-o", "--output"} & set(parameter.opts)) or by.startswith("writes.")


def test_every_file_that_is_read_is_looked_at_first() -> None:
    # `whatif --scenarios PIPE` waited for ever; so would the next command that opens a path without looking.
    given = [(n, p) for n, c in commands() for p in c.params if isinstance(p.type, click.Path) and not is_written(p)]
    unseen = [f"{name} {p.name}" for name, p in given if p.callback is not reads]
    assert sorted(unseen) == ["allocate offices folder", "demo folder", "monitor paper folder", "rules load folder"]
    assert len(given) - len(unseen) >= 7


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
@pytest.mark.parametrize(
    "words",
    [
        ("whatif", "--scenarios", "{}"), ("load", "{}"), ("read", "{}"), ("verify", "{}"), ("rectify", "load", "{}"),
        ("identity", "accept", "{}"), ("allocate", "substitute", "{}"),
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "device"])
def test_a_pipe_or_device_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...], make: Callable[[Path], object]
) -> None:
    store, given = tmp_path / "县 级.duckdb", tmp_path / "管道.xlsx"
    Store.create(store).close()
    make(given)
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "zh", "--db", str(store), *(w.format(given) for w in words)])
    printed = capsys.readouterr()
    assert ended.value.code == 1
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "不是普通文件" in printed.err
    assert "管道.xlsx" in printed.err
