"""Files held back: complete on the disk beside their places, and moved there only when what they rest on stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

from mujun.errors import InputError
from mujun.writing.destinations import Target
from mujun.writing.in_use import note_written
from mujun.writing.settling import settle
from mujun.writing.why import unwritten

AT_ONCE = 8
"""How many files the disk is asked to take at once."""


class HeldBack:
    """The files that a block has written and that are not in their places yet.

    Args:
        together: whether the disk is asked to take them only in the end, all at once.
    """

    def __init__(self, *, together: bool = False) -> None:
        self.together = together
        self._waiting: list[tuple[Path, Target]] = []

    @property
    def waiting(self) -> bool:
        """Whether any file is not in its place."""
        return bool(self._waiting)

    def take(self, draft: Path, target: Target) -> None:
        """Keep a complete draft until `move`."""
        self._waiting.append((draft, target))

    def move(self) -> None:
        """Move the files to their places, in the order they were written.

        Raises:
            InputError: one could not be moved; it and those after it are not in their places.
        """
        while self._waiting:
            draft, target = self._waiting[0]
            try:
                draft.replace(target.real)
                del self._waiting[0]
                note_written(target.real.stat(), target.given)
            except OSError as error:
                raise unwritten(target.given, error) from error

    def settled_and_moved(self) -> dict[Path, InputError]:
        """Have the disk take all files at once, and move each to its place; what went wrong, by the path asked for.

        Waiting for the disk takes longer than writing: asked by several threads, it takes many files in one go.
        """
        from concurrent.futures import ThreadPoolExecutor  # only where many files are written

        with ThreadPoolExecutor(AT_ONCE) as threads:
            settled = [threads.submit(settle, draft) for draft, _ in self._waiting]
        wrong: dict[Path, InputError] = {}
        for (draft, target), done in zip(self._waiting, settled, strict=True):
            try:
                done.result()
                draft.replace(target.real)
                note_written(target.real.stat(), target.given)
            except OSError as error:
                with contextlib.suppress(OSError):
                    draft.unlink()
                wrong[target.given] = unwritten(target.given, error)
        self._waiting.clear()
        return wrong

    def discard(self) -> None:
        """Remove what has not been moved."""
        for draft, _ in self._waiting:
            with contextlib.suppress(OSError):
                draft.unlink()
        self._waiting.clear()


_held: ContextVar[HeldBack | None] = ContextVar("mujun_held_back", default=None)


def held_now() -> HeldBack | None:
    """The innermost block's files."""
    return _held.get()


@contextlib.contextmanager
def held_back(*, together: bool = False) -> Iterator[HeldBack]:
    """Within the block, files are written whole beside their places; `move` puts them there.

    What has not been moved when the block ends is removed. A mark in the store and the workbook that bears it are
    made like this: workbook complete, mark committed, workbook in its place. Files written `together` are put there by
    `settled_and_moved`.
    """
    held = HeldBack(together=together)
    token = _held.set(held)
    try:
        yield held
    finally:
        _held.reset(token)
        held.discard()
