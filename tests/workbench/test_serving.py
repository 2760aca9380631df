"""`mujun serve` as a program: one line with the whole address, a second start that finds the first, a clean end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mujun import County
from mujun.errors import UsageError
from mujun.workbench.serving import serve
from mujun.writing.serving_note import serving_note

LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())


def command(store: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "mujun", "--lang", "zh", "--db", str(store), "serve", "--no-browser", *more]


def outside() -> dict[str, str]:
    """The environment of a program that no test runs: NiceGUI behaves differently inside pytest."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "NICEGUI_"))}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


@contextmanager
def running(store: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program, and the address it printed."""
    program = subprocess.Popen(
        command(store, *more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        env=outside(),
    )  # fmt: skip
    assert program.stdout is not None
    try:
        line = program.stdout.readline()
        address = re.search(r"https?://127\.0\.0\.1:\d+/(enter\?token=\S+)?", line)
        assert address, line + program.stdout.read()
        yield program, address[0]
    finally:
        if program.poll() is None:
            program.kill()
        program.wait()
        program.stdout.close()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent to a program in another way there")
def test_it_is_found_by_a_second_start_and_ends_cleanly(tmp_path: Path) -> None:
    store = tmp_path / "嵊州.duckdb"
    with running(store) as (program, address):
        with LOCAL.open(address) as page:
            assert "亩均工作台" in page.read().decode()
        second = subprocess.run(
            command(store), env=outside(), capture_output=True, text=True, encoding="utf-8", check=True
        )
        again = re.search(r"http://\S+", second.stdout)
        assert again
        assert again[0].split("/enter")[0] == address.split("/enter")[0]
        assert again[0] != address
        with LOCAL.open(again[0]) as page:
            assert page.status == 200
        # The store is closed while nobody asks: the command line works beside it.
        County(store).create()
        program.send_signal(signal.SIGINT)
        rest, _ = program.communicate(timeout=60)
        assert program.returncode == 0
        assert rest.splitlines()[-1] == "工作台已关闭。"
        assert "Traceback" not in rest
    assert not serving_note(store).exists()


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_pc_that_shuts_down_leaves_no_file_behind(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store, aside = tmp_path / "嵊州.duckdb", tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setenv("TMPDIR", str(aside))
    with running(store) as (program, address):
        with LOCAL.open(address) as page:
            assert page.status == 200
        assert [f.name for f in aside.glob("mujun-workbench-*")]
        program.send_signal(getattr(signal, name))
        rest, _ = program.communicate(timeout=60)
        assert program.returncode == 0
        assert "Traceback" not in rest
    assert not list(aside.glob("mujun-workbench-*"))
    assert not serving_note(store).exists()


def test_a_note_left_by_a_killed_workbench_is_no_hindrance(tmp_path: Path) -> None:
    store = tmp_path / "mujun.duckdb"
    serving_note(store).write_text('{"port": 9, "process": 1, "key": "k"}', encoding="utf-8")
    with running(store) as (_, address):
        assert ":9/" not in address


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"端口 {port} 已被别的程序占用"):
            serve(tmp_path / "mujun.duckdb", port=port, ready=print)


def test_a_missing_extra_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nicegui", None)
    with pytest.raises(UsageError, match=r"pip install 'mujun\[workbench\]'"):
        serve(tmp_path / "mujun.duckdb", ready=print)
