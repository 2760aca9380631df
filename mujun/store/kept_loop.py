"""What becomes of the listed: lists and amendments, events of the rectification, reports of what a plan did."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from mujun.late import LateModule
from mujun.store.connecting import now
from mujun.store.duckdb_errors import told_plainly
from mujun.store.open_file import OpenFile
from mujun.store.transactions import transaction

if TYPE_CHECKING:
    from mujun.store import events, lists, monitor_reports
    from mujun.store.lists import ListDocument
else:
    events = LateModule("mujun.store.events")
    lists = LateModule("mujun.store.lists")
    monitor_reports = LateModule("mujun.store.monitor_reports")


class KeptLoop(OpenFile):
    """The part of a store that keeps lists and what happened to those who are on them."""

    def add_events(
        self, told: pl.DataFrame, *, who: str, listed: ListDocument | None = None, recorded_at: datetime | None = None
    ) -> tuple[int | None, list[int]]:
        """Append events of the rectification, and the list document that they come from: all of it or nothing.

        Args:
            told: columns as in `mujun.store.events.EVENT_SCHEMA`.
            who: who records them.
            listed: a list or amendment that is recorded with them; its number becomes the events' `list_document`.
            recorded_at: when, in UTC; now where nothing is said.

        Returns:
            The list's number, if there is one, and the events' numbers.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        self._must_write()
        at = recorded_at or now()
        with told_plainly(self.path), transaction(self._connection):
            number = None
            if listed is not None:
                number = lists.append(self._connection, replace(listed, who=who, recorded_at=at))
                told = told.with_columns(pl.lit(number, dtype=pl.Int32).alias("list_document"))
            return number, events.append(self._connection, told, who=who, recorded_at=at)

    def add_reports(self, reports: pl.DataFrame, *, who: str, recorded_at: datetime | None = None) -> list[int]:
        """Append what offices reported of a plan (`REPORT_SCHEMA`): all of it or nothing; returns their numbers.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path), transaction(self._connection):
            return monitor_reports.append_reports(self._connection, reports, who=who, recorded_at=recorded_at)

    def list_documents(self) -> pl.DataFrame:
        """All rectification lists and amendments, oldest first, without rule files and tables."""
        with told_plainly(self.path):
            return lists.document_list(self._connection)

    def list_document(self, number: int) -> ListDocument:
        """One rectification list or amendment with its rule files and tables.

        Raises:
            UsageError: there is no such document.
        """
        with told_plainly(self.path):
            return lists.document_of(self._connection, number)

    def events(self) -> pl.DataFrame:
        """Every event of the rectification ever recorded, in the order of recording."""
        with told_plainly(self.path):
            return events.event_table(self._connection)

    def reports(self) -> pl.DataFrame:
        """Everything that offices ever reported of a plan, in the order of recording."""
        with told_plainly(self.path):
            return monitor_reports.report_table(self._connection)
