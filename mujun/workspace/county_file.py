"""Where a county's records are kept and who works on them: what every room needs to know of a county."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from mujun.errors import MujunError

Progress = Callable[[str], None]
"""Is told what is being worked on."""


class CountyFile:
    """A county's store and who works on it.

    The store is opened for each step and closed again, so that a colleague's program can use it in between.

    Args:
        path: the store's file.
        who: whose name the store notes beside what is put in; by default whoever is at this computer.
    """

    def __init__(self, path: str | Path, *, who: str | None = None) -> None:
        self.path = Path(path)
        self.who = who or _at_this_computer()

    def create(self) -> None:
        """Make a new, empty store.

        Raises:
            StoreError: the file exists, or cannot be written.
        """
        from mujun.store import Store

        Store.create(self.path).close()

    @cached_property
    def _names(self) -> dict[str, str]:
        from mujun.store import Store

        with Store.open(self.path) as store:
            rolls = store.reader(fields={"enterprises": ("name",)})("enterprises")
            roll = rolls.sort("year").select("credit_code", "name").drop_nulls()
        return dict(roll.iter_rows())

    def name_of(self, code: str) -> str | None:
        """What the newest roll calls a firm; nothing where no roll has it, or where nobody can look just now."""
        try:
            return self._names.get(code)
        except MujunError:
            # The sentence that wants the name may be about the very store: it is said with the code alone.
            return None

    @contextlib.contextmanager
    def kept_open(self) -> Iterator[None]:
        """Several steps that read, on one opening of the store: opening takes longer than most questions.

        Nobody else can write to the store meanwhile.

        Raises:
            StoreError: it cannot be opened.
        """
        from mujun.store import Store

        with Store.open(self.path):
            yield

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"


def _at_this_computer() -> str:
    try:
        return getpass.getuser()
    except OSError:
        return "unknown"
