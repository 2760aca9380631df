"""Several files of one command: all of them, or those that could, and said which."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from mujun.errors import InputError, MujunError, Problem, problem
from mujun.messages import MessageKey
from mujun.steps import part, step
from mujun.writing.destinations import check_folder
from mujun.writing.file_names import Names
from mujun.writing.held import held_back
from mujun.writing.in_use import PartOfSet, note_set, note_set_whole
from mujun.writing.why import unwritten

_SHOWN = 20


class Several:
    """Files that one command writes into a folder.

    What goes wrong with one file does not keep the others from being written; `finish` then says which are there and
    which are not.

    >>> import tempfile
    >>> from mujun.writing.files import write_text
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     several = Several(folder)
    ...     for township in ("甘霖镇", "甘霖镇/一村"):
    ...         with several.one(township, ".txt") as path:
    ...             _ = write_text(path, township)
    ...     [p.name for p in several.finish()]
    ['甘霖镇.txt', '甘霖镇_一村.txt']
    """

    def __init__(self, folder: str | Path, of: int | None = None) -> None:
        """Make the folder where it is missing.

        Args:
            folder: where to.
            of: how many files there will be, where it is known; then each is told as a part of the whole.

        Raises:
            UsageError: it would take the place of a store's log.
            InputError: it cannot be made.
        """
        check_folder(folder)
        self.folder = Path(folder)
        self.of = of
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritten(self.folder, error) from error
        self.done: list[Path] = []
        self._set = PartOfSet(self.folder, self.done, of)
        note_set(self._set)
        self._begun = 0
        self._names = Names(folder)
        self._problems: list[Problem] = []

    def expect(self, count: int) -> None:
        """Say how many files there will be, where each is no part of the work by itself: some are made together."""
        self._set.of = count

    @contextlib.contextmanager
    def one(self, name: str, ending: str) -> Iterator[Path]:
        """A block that writes one file.

        Args:
            name: from data; made plain by `mujun.writing.file_names.file_name`.
            ending: such as `.xlsx`.
        """
        path = self._names.path(name, ending)
        here = part(0, 1, file=path.name) if self.of is None else part(self._begun, self.of, file=path.name)
        self._begun += 1
        try:
            with here:
                step("step_file")
                yield path
        except InputError as error:
            self._problems += error.problems
        except MujunError as error:
            # What does not lie at the file would be the same for the next one.
            raise type(error)([*error.problems, *self._said()]) from error
        else:
            self.done.append(path)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """A block that writes many files: they are in their places when it has ended, however it has.

        The disk is asked to take them all at once, for waiting for each takes longer than writing it.
        """
        with held_back(together=True) as held:
            try:
                yield
            finally:
                wrong = held.settled_and_moved()
                self.done[:] = [path for path in self.done if path not in wrong]
                self._problems += (one for error in wrong.values() for one in error.problems)

    def finish(self) -> list[Path]:
        """The files that were written.

        Raises:
            InputError: some were not; the sentences say why, and how many are there.
        """
        note_set_whole(self._set)
        if self._problems:
            raise InputError([*self._problems, *self._said()])
        return self.done

    def _said(self) -> list[Problem]:
        names = [p.name for p in self.done]
        code: MessageKey = "output_some_written" if names else "output_none_written"
        shown = names if len(names) <= _SHOWN else [*names[:_SHOWN], "…"]
        return [problem(code, folder=str(self.folder), count=len(names), files=shown)]
