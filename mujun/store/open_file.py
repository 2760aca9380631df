"""A store's file, open: what every part of the store's face does its work on."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from mujun.errors import StoreError, problem
from mujun.store import opening


class OpenFile:
    """An open file of a store, for a `with` block: one process may write, or many may read."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, *, write: bool) -> None:
        self.path = path
        self.write = write
        self._connection = connection

    # ------------------------------------------------------------------------------------------- opening and closing

    @classmethod
    def create(cls, path: str | Path) -> Self:
        """Make a new, empty store and open it for writing.

        Raises:
            StoreError: the file exists, its folder does not, or it cannot be written.
        """
        opening.make(Path(path))
        return cls.open(path, write=True)

    @classmethod
    def open(cls, path: str | Path, *, write: bool = False) -> Self:
        """Open an existing store; one of an earlier format is brought up to date, or a copy of it to read.

        Raises:
            StoreError: it is missing, in use, not a store of ours, damaged, or of a newer program.
        """
        return cls(Path(path), opening.connect(Path(path), write=write), write=write)

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _must_write(self) -> None:
        if not self.write:
            raise StoreError(problem("store_opened_for_reading", file=self.path))
