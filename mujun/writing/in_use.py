"""What must not be written over: stores that this process has opened, and files that the running command has read.

Files are known by device and inode, not by name: a link or another spelling leads to the same file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import field
from pathlib import Path

from mujun.dataclass import dataclass

Identity = tuple[int, int]


@dataclass
class PartOfSet:
    """A set of files that belong together and are not all there yet.

    Attributes:
        folder: where they go.
        done: those that are there, or are complete beside their places.
        of: how many there will be, where that is known.
    """

    folder: Path
    done: list[Path]
    of: int | None = None


@dataclass(frozen=True)
class SoFar:
    """What a command has done so far.

    Attributes:
        asked: the files that are to be taken into the store.
        taken: those that are in, and their batches.
        files: the files that are written.
        sets: the sets of files that are begun.
    """

    asked: Sequence[str] = ()
    taken: Mapping[str, int] = field(default_factory=dict)
    files: Sequence[Path] = ()
    sets: Sequence[PartOfSet] = ()


@dataclass
class _Command:
    """What one command has read and written so far."""

    read: set[Identity] = field(default_factory=set)
    written: set[Identity] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    sets: list[PartOfSet] = field(default_factory=list)


_command: ContextVar[_Command | None] = ContextVar("mujun_command", default=None)
_stores: set[Path] = set()


@contextlib.contextmanager
def one_command() -> Iterator[None]:
    """Within the block, files that were read or written are remembered, and not written over.

    A block within another belongs to it.
    """
    if _command.get() is not None:
        yield
        return
    token = _command.set(_Command())
    try:
        yield
    finally:
        _command.reset(token)


def identity(stat: os.stat_result) -> Identity:
    """What makes a file the same file under any name."""
    return stat.st_dev, stat.st_ino


def note_read(path: str | Path) -> None:
    """Remember that this command has read a file."""
    command = _command.get()
    if command is not None:
        with contextlib.suppress(OSError):
            command.read.add(identity(Path(path).stat()))


def note_edited(path: str | Path) -> None:
    """This command changes a file in its place: that it has read or written it is no reason to refuse that."""
    command = _command.get()
    if command is not None:
        with contextlib.suppress(OSError):
            same = identity(Path(path).stat())
            command.read.discard(same)
            command.written.discard(same)


def note_written(stat: os.stat_result, path: Path) -> None:
    """Remember that this command has written a file, by the path that was asked for."""
    command = _command.get()
    if command is not None:
        command.written.add(identity(stat))
        command.files.append(path)


def note_set(begun: PartOfSet) -> None:
    """Remember a set of files that this command has begun."""
    command = _command.get()
    if command is not None:
        command.sets.append(begun)


def note_set_whole(begun: PartOfSet) -> None:
    """That set is complete, or what it lacks has been said."""
    command = _command.get()
    if command is not None:
        command.sets = [one for one in command.sets if one is not begun]


def note_asked(names: Sequence[str]) -> None:
    """Remember the files that this command is to take into the store."""
    command = _command.get()
    if command is not None:
        command.asked += names


def note_taken(name: str, batch: int) -> None:
    """Remember a file that is in the store now."""
    command = _command.get()
    if command is not None:
        command.taken[name] = batch


def so_far() -> SoFar:
    """What the running command has done."""
    command = _command.get()
    if command is None:
        return SoFar()
    return SoFar(tuple(command.asked), dict(command.taken), tuple(command.files), tuple(command.sets))


def note_store(path: str | Path) -> None:
    """Remember a store that this process has opened.

    Its header must not be looked at while it is open: closing any other handle of a file lets go of all locks that
    the process holds on it.
    """
    _stores.add(Path(path).absolute())


def was_read(stat: os.stat_result) -> bool:
    """Whether this command has read the file."""
    command = _command.get()
    return command is not None and identity(stat) in command.read


def was_written(stat: os.stat_result) -> bool:
    """Whether this command has written the file."""
    command = _command.get()
    return command is not None and identity(stat) in command.written


def is_known_store(stat: os.stat_result) -> bool:
    """Whether the file is a store that this process has opened."""
    for store in _stores:
        with contextlib.suppress(OSError):
            if identity(store.stat()) == identity(stat):
                return True
    return False
