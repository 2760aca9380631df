"""What reading a department's file gives: typed rows, rows kept out, and everything found wrong."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mujun.records.finding import Finding


@dataclass(frozen=True)
class LoadedTable:
    """The records of one table from one file.

    Attributes:
        table: the table's name.
        rows: exactly the columns of the table's schema, then `_sheet` (String) and `_row` (Int64, as Excel shows it).
        quarantine: `_sheet`, `_row`, then the cells as text as the file had them, under the dictionary's field names.
    """

    table: str
    rows: pl.DataFrame
    quarantine: pl.DataFrame


@dataclass(frozen=True)
class FileRecords:
    """All that one file gave. `file` is the name only; `sha256` is of its bytes."""

    file: str
    sha256: str
    tables: tuple[LoadedTable, ...]
    findings: tuple[Finding, ...]
    totals_left_out: int
    rows_read: int
