"""What came out of the rules and is kept: ratings, and amounts of rules that stand alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import polars as pl

from mujun.late import LateModule
from mujun.store.duckdb_errors import told_plainly
from mujun.store.open_file import OpenFile

if TYPE_CHECKING:
    from mujun.store import amounts, runs
    from mujun.store.amounts import KeptAmounts
    from mujun.store.runs import KeptFrame, RunRecord
else:
    amounts = LateModule("mujun.store.amounts")
    runs = LateModule("mujun.store.runs")


class KeptResults(OpenFile):
    """The part of a store that keeps what came out of the rules."""

    def save_run(self, run: RunRecord) -> int:
        """Store a rating and return its number.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path):
            return runs.save(self._connection, run)

    def save_amounts(self, kept: KeptAmounts) -> int:
        """Store amounts of rules that stand alone and return their number.

        Raises:
            StoreError: they could not be written; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path):
            return amounts.save(self._connection, kept)

    def runs(self) -> pl.DataFrame:
        """All ratings ever stored, oldest first, without rule files and results."""
        with told_plainly(self.path):
            return runs.run_list(self._connection)

    def runs_of_areas(self) -> list[int]:
        """The ratings of townships, parks and the like: those that keep no result of any enterprise."""
        with told_plainly(self.path):
            return runs.area_runs(self._connection)

    def newest_run(self, year: int | None = None) -> int | None:
        """The number of the newest rating of enterprises, of a data year if one is given; none where there is none."""
        with told_plainly(self.path):
            return runs.newest_run(self._connection, year)

    def loaded_since(self, number: int) -> int:
        """How many batches came in after a rating took its records."""
        with told_plainly(self.path):
            return runs.loaded_since(self._connection, number)

    def run(self, number: int, *, results: bool = True) -> RunRecord:
        """One rating with its rule files and, unless told otherwise, its results.

        Raises:
            UsageError: there is no such run.
        """
        with told_plainly(self.path):
            return runs.run_of(self._connection, number, results=results)

    def run_frames(self, number: int) -> dict[str, KeptFrame]:
        """What a rating was computed from, by name (`FRAME`, `PREVIOUS`); nothing of one kept by an earlier version."""
        with told_plainly(self.path):
            return runs.frames_of(self._connection, number)

    def run_table(self, number: int, name: str = "ratings", columns: Collection[str] | None = None) -> pl.DataFrame:
        """One table of a rating's result, exactly as it was saved, or those of some columns that it has.

        Raises:
            UsageError: there is no such run or table.
        """
        with told_plainly(self.path):
            return runs.run_table(self._connection, number, name, columns)

    def run_tables(self, number: int) -> list[str]:
        """The names of the tables that a rating keeps."""
        with told_plainly(self.path):
            return runs.tables_of(self._connection, number)

    def kept_amounts(self) -> pl.DataFrame:
        """All amounts of rules that stand alone that were kept, oldest first, without rule files and tables."""
        with told_plainly(self.path):
            return amounts.amounts_list(self._connection)

    def kept_amount(self, number: int) -> KeptAmounts:
        """Amounts of rules that stand alone, with everything they rest on.

        Raises:
            UsageError: there are none of that number.
        """
        with told_plainly(self.path):
            return amounts.amounts_of(self._connection, number)
