"""Who has a store open, in the words of whoever uses mujun: its workbench, another of its commands, or a program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mujun.errors import Problem, problem
from mujun.writing.serving_note import process_serving

_PATHS = re.compile(r"[\\/]")

_WITH_VALUE = ("--db", "--lang")
"""Options before a command that take a value."""


def held_by(store: Path, program: str, process: int) -> Problem:
    """What is to be said where a store is in use.

    Args:
        store: the store.
        program: the path of the program that holds it, as the engine tells it.
        process: its process.
    """
    if process == process_serving(store):
        return problem("store_locked_workbench", file=store, pid=process)
    command = command_of(_arguments(process))
    if command == "serve":
        return problem("store_locked_workbench", file=store, pid=process)
    if command is not None:
        return problem("store_locked_command", file=store, command=command, pid=process)
    return problem("store_locked_by", file=store, program=_PATHS.split(program)[-1], pid=process)


def command_of(arguments: Sequence[str]) -> str | None:
    """The command of mujun's that a process was started with; `None` where it is none.

    >>> command_of(["/usr/bin/python3", "/usr/bin/mujun", "--db", "a.duckdb", "rate", "--year", "2022"])
    'rate'
    >>> command_of(["python", "-m", "mujun", "--lang=en", "rules", "check"]), command_of(["python", "x.py", "rate"])
    ('rules', None)
    """
    # The program itself, or the program after the interpreter and its options.
    begins = next((n for n, a in enumerate(arguments[:6]) if _is_mujun(arguments, n)), None)
    if begins is None:
        return None
    rest = iter(arguments[begins + 1 :])
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def _is_mujun(arguments: Sequence[str], at: int) -> bool:
    if arguments[at] == "mujun":
        return at == 0 or arguments[at - 1] == "-m"
    name = _PATHS.split(arguments[at])
    return len(name) > 1 and (name[-1] in ("mujun", "mujun.exe") or name[-2:] == ["mujun", "__main__.py"])


def _arguments(process: int) -> list[str]:
    """How a process was started, where the system tells it (Linux does); empty elsewhere."""
    try:
        raw = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return []
    return [a.decode("utf-8", "replace") for a in raw.rstrip(b"\0").split(b"\0")]
