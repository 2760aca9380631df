"""A reading: what a file says and how it was understood, to be shown, questioned, answered and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Literal

from mujun import messages
from mujun.dataclass import dataclass
from mujun.records.readings.questions import Question
from mujun.records.readings.rows import Role
from mujun.records.readings.units_said import UnitSource

Use = Literal["field", "added", "checked", "aside", "apart", "unit", "township", "not_taken"]
"""What becomes of a column.

field: it is the field; added: one of several that are added up to it; checked: its sum with others is held against the
field; aside: another year's figure, or a part of which the rest is not there; apart: it tells rows of one firm apart;
unit: it says the unit row by row; township: it helps to tell whose a row is; not_taken: nothing becomes of it.
"""


@dataclass(frozen=True)
class ColumnRead:
    """One column of a table as it was understood.

    Attributes:
        letters: the column as Excel names it.
        header: its header path.
        use: what becomes of it.
        table, field, label: the field it feeds, where it feeds one.
        unit, unit_from: the unit of its figures and where that is said.
        first: its first filled cells.
        filled, blank: how many records have a figure or text in it, and how many have none.
        read: the sum of its figures as they stand in the file, in the file's unit; `None` for texts and where a cell
            cannot be read.
        own_total: the file's own total of it.
    """

    letters: str
    header: str
    use: Use
    table: str = ""
    field: str = ""
    label: str = ""
    unit: str = ""
    unit_from: UnitSource | None = None
    first: tuple[str, ...] = ()
    filled: int = 0
    blank: int = 0
    read: Decimal | None = None
    own_total: Decimal | None = None

    @property
    def agrees(self) -> bool | None:
        """Whether the file's own total is what was read; `None` where it has none, or nothing can be compared."""
        return None if self.read is None or self.own_total is None else self.read == self.own_total


@dataclass(frozen=True)
class RowRead:
    """A row that is no record: the number a reader sees, what it is, and what it says."""

    row: int
    role: Role
    text: str


@dataclass(frozen=True)
class Note:
    """Something that was understood in one of several possible ways, or is worth knowing: `reading_<code>`."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def says(self) -> str:
        """The sentence, in the language in force."""
        return messages.text(messages.key(f"reading_{self.code}"), **self.values)


@dataclass(frozen=True)
class BlockRead:
    """One table of a sheet as it was understood.

    Attributes:
        sheet: the sheet's name; `None` for files without sheets.
        tables: the dictionary's tables that it feeds.
        header_rows: the first and last row of its header, as a reader sees them.
        year: the data year of rows that have none of their own.
        columns: its columns from the left.
        rows: its rows that are no records.
        records: how many rows are records.
        firms: how many firms they are about.
        notes: what was understood how.
        questions: what is to be answered, and what was.
        hidden, struck: the records that stand in hidden rows, and those that are struck through.
    """

    sheet: str | None
    tables: tuple[str, ...]
    header_rows: tuple[int, int]
    year: int | None
    columns: tuple[ColumnRead, ...]
    rows: tuple[RowRead, ...]
    records: int
    firms: int
    notes: tuple[Note, ...] = ()
    questions: tuple[Question, ...] = ()
    hidden: tuple[int, ...] = ()
    struck: tuple[int, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer: none of its rows is in."""
        return any(q.answer is None for q in self.questions)


@dataclass(frozen=True)
class Reading:
    """A file as it was understood: its tables, and the sheets that hold none.

    Attributes:
        file: the file's name.
        sha256: of its bytes.
        blocks: the tables, sheet by sheet.
        passed_over: sheets that were not read, with why.
    """

    file: str
    sha256: str
    blocks: tuple[BlockRead, ...]
    passed_over: tuple[tuple[str, str], ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that are still open, each once."""
        asked = {q.id: q for b in self.blocks for q in b.questions if q.answer is None}
        return tuple(asked.values())

    @property
    def answered(self) -> tuple[Question, ...]:
        """The questions that were answered, now or for an earlier file of the same layout."""
        asked = {q.id: q for b in self.blocks for q in b.questions if q.answer is not None}
        return tuple(asked.values())
