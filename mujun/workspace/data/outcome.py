"""What became of files that were to be loaded: their batches, their findings, and why one is not in."""

from __future__ import annotations

from dataclasses import field

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Problem
from mujun.notebooks import InNotebooks
from mujun.records import FileRecords, Finding
from mujun.records.readings.questions import Question
from mujun.store import Met


@dataclass(frozen=True)
class FileOutcome(InNotebooks):
    """What became of one file: its batch, or why it is not in; `met` is what came of figures said before.

    `dropped` are the firms of the sender's version before whose figures were made blank, as the batch `dropped_in`.
    """

    file: str
    records: FileRecords | None = None
    batch: int | None = None
    already: int | None = None
    refused: tuple[Problem, ...] = ()
    met: Met | None = None
    dropped_in: int | None = None
    dropped: pl.DataFrame | None = field(default=None, repr=False)

    @property
    def rows_in(self) -> int:
        """Rows that are in."""
        return sum(t.rows.height for t in self.records.tables) if self.records else 0

    @property
    def rows_out(self) -> int:
        """Rows kept out, in quarantine."""
        return sum(t.quarantine.height for t in self.records.tables) if self.records else 0


@dataclass(frozen=True)
class LoadOutcome(InNotebooks):
    """What became of several files; `unanswered` says which answers of a workbook could not be used, and why."""

    files: tuple[FileOutcome, ...]
    unanswered: tuple[Problem, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all files, in the order of the files."""
        return tuple(f for o in self.files if o.records for f in o.records.findings)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What waits for an answer, each question once."""
        return tuple({q.id: q for r in self.records() for q in r.questions}.values())

    @property
    def refused(self) -> bool:
        """Whether any file could not be taken in."""
        return any(o.refused for o in self.files) or bool(self.unanswered)

    def records(self) -> list[FileRecords]:
        """What was read."""
        return [o.records for o in self.files if o.records is not None]
