"""What reading a department's file gives: typed rows, rows kept out, and everything found wrong."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import polars as pl

from mujun.dataclass import dataclass
from mujun.records.finding import Finding
from mujun.records.sent_back import SentBack

if TYPE_CHECKING:
    from mujun.records.readings.model import Reading
    from mujun.records.readings.questions import Question


@dataclass(frozen=True)
class LoadedTable:
    """The records of one table from one file, as far as they carry the same columns.

    Attributes:
        table: the table's name.
        rows: exactly the columns of the table's schema, then `_sheet` (String) and `_row` (Int64, as Excel shows it).
        quarantine: `_sheet`, `_row`, then the cells as text as the file had them, under the dictionary's field names,
            and `_township`: where the file says the firm is.
        columns: the fields that the file carried for these rows, blank or not, keys included. Empty means all of the
            table's. Of a field that is not among them the file says nothing: what was known before stands.
        of_form: the number under which the store keeps these rows as kept out, where they complete their batch now,
            corrected; `_sheet` and `_row` are then those of its file.
    """

    table: str
    rows: pl.DataFrame
    quarantine: pl.DataFrame
    columns: tuple[str, ...] = ()
    of_form: int | None = None


@dataclass(frozen=True)
class FileRecords:
    """All that one file gave. `file` is the name only; `sha256` is of its bytes; `reading` is how it was understood;
    `sent_back` what it says as a findings workbook that comes back.

    A table comes once for each set of columns that its sheets carry. The same key may then stand in two of them: each
    says something the other does not, and nothing that contradicts it.
    """

    file: str
    sha256: str
    tables: tuple[LoadedTable, ...]
    findings: tuple[Finding, ...]
    totals_left_out: int
    rows_read: int
    reading: Reading | None = None
    sent_back: SentBack = field(default_factory=SentBack)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What waits for an answer: the tables it is about are not among `tables`."""
        return () if self.reading is None else self.reading.questions
