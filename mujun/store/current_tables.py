"""Tables as they stand: each as a whole, or when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import polars as pl

from mujun.fields import TABLES
from mujun.store import reading
from mujun.store.duckdb_errors import told_plainly
from mujun.store.open_file import OpenFile


class CurrentTables(OpenFile):
    """The part of a store that tells what stands."""

    def table(self, name: str, *, as_of_batch: int | None = None) -> pl.DataFrame:
        """A table as it stands, or stood when `as_of_batch` was the newest.

        Each field comes from the newest batch that said something of it: the power company's file and the statistics
        bureau's make up one row of `energy`; what was added to a figure is in it. Of `land` the rows stand that nothing
        superseded.

        Returns:
            The table's columns, then `_batch, _file, _sheet, _row, _loaded_at` of the newest batch that says anything
            of the key (`origin` tells it field by field), sorted by key.

        Raises:
            UsageError: there is no such table or batch.
        """
        with told_plainly(self.path):
            return reading.current(self._connection, name, as_of_batch=as_of_batch)

    def tables(
        self,
        names: Iterable[str] = tuple(TABLES),
        *,
        as_of_batch: int | None = None,
        years: Mapping[str, Collection[int]] | None = None,
        fields: Mapping[str, Collection[str]] | None = None,
    ) -> dict[str, pl.DataFrame]:
        """Several tables (all unless told) by name, as `build_frame` and `YearEnd.of` take them.

        Args:
            names: the tables.
            as_of_batch: as they stood when this batch was the newest.
            years: by table the data years that are wanted; of other tables all rows.
            fields: by table the fields that are wanted beside its key, in no order and of the places `_batch` at most;
                of other tables all, with all places.
        """
        with told_plainly(self.path):
            return reading.current_tables(self._connection, names, as_of_batch=as_of_batch, years=years, fields=fields)

    def reader(
        self,
        *,
        as_of_batch: int | None = None,
        years: Mapping[str, Collection[int]] | None = None,
        fields: Mapping[str, Collection[str]] | None = None,
    ) -> Callable[[str], pl.DataFrame]:
        """What gives single tables as `tables` does, each when it is asked for by name, while the store is open."""
        with told_plainly(self.path):
            read = reading.current_reader(self._connection, as_of_batch=as_of_batch, years=years, fields=fields)

        def told(name: str) -> pl.DataFrame:
            with told_plainly(self.path):
                return read(name)

        return told

    def years(self, name: str) -> list[int]:
        """The data years of which a table says anything that stands, ascending."""
        with told_plainly(self.path):
            return reading.years_of(self._connection, reading.known_table(name))
