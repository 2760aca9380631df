"""What is being done, for whoever waits: long work says its step, and the screen shows it where there is one.

A step is said by a key of the catalogue, so that whoever computes knows nothing of screens and languages. Nobody has to
listen: without a listener saying a step costs a look at a variable.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import field, replace
from typing import TYPE_CHECKING

from mujun.dataclass import dataclass

if TYPE_CHECKING:
    from mujun.messages import MessageKey


@dataclass(frozen=True)
class Step:
    """A step of long work.

    Attributes:
        key: of the catalogue, what is done.
        values: of its sentence.
        file: the file in work, if it is about one.
        share: how much of the whole was done when it began, from 0 to 1; missing where nobody counts the whole.
        rows: how many rows are done since it was none, where they are counted.
    """

    key: MessageKey
    values: Mapping[str, object] = field(default_factory=dict)
    file: str = ""
    share: float | None = None
    rows: int | None = None


Listener = Callable[[Step], None]


@dataclass(frozen=True)
class _Within:
    """The part of the whole that is in work: where it begins and how long it is, and the file it is about.

    `counted` says whether anybody told what the whole is: a step that is one of three of its own work is no third of a
    command that does other work besides.
    """

    start: float | None = None
    length: float = 1.0
    file: str = ""
    counted: bool = False


_WHOLE = _Within()

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)
_within: ContextVar[_Within] = ContextVar("within")


def step(key: MessageKey, *, done: int = 0, of: int = 1, rows: int | None = None, **values: object) -> None:
    """Say what is done from now on.

    Args:
        key: of the catalogue.
        done, of: how many of how many steps, or rows, of the part in work are done.
        rows: how many rows are done, where their rate is worth telling; counted from when it is 0.
        values: of the key's sentence.
    """
    listener = _listener.get()
    if listener is None:
        return
    within = _within.get(_WHOLE)
    unknown = not within.counted or (within.start is None and of == 1)
    share = None if unknown else (within.start or 0.0) + within.length * done / max(of, 1)
    listener(Step(key, values, within.file, share, rows))


def part(number: int, of: int, *, parts: int = 1, file: str | None = None) -> contextlib.AbstractContextManager[None]:
    """Within the block steps are those of a part of what is in work.

    Args:
        number: which, from 0.
        of: of how many.
        parts: how many of them it makes up.
        file: the file that it is about; the one already named if not said.
    """
    around = _within.get(_WHOLE)
    start = (around.start or 0.0) + around.length * number / of
    alone = around.start is None and of == parts
    name = around.file if file is None else file
    return _in_work(_Within(None if alone else start, around.length * parts / of, name, around.counted))


def whole() -> contextlib.AbstractContextManager[None]:
    """Within the block steps are those of all that there is to do: their shares are shares of it.

    Who starts the work says so; the same work may be a part of another's.
    """
    return _in_work(replace(_within.get(_WHOLE), counted=True))


@contextlib.contextmanager
def _in_work(within: _Within) -> Iterator[None]:
    token = _within.set(within)
    try:
        yield
    finally:
        _within.reset(token)


@contextlib.contextmanager
def listened(listener: Listener) -> Iterator[None]:
    """Within the block every step is told to a listener."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
