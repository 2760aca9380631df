"""The manifest: every defect planted, every defect that follows from one, and where each is to be found."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .files import Book, Row, Sheet

COLUMNS = ("file", "sheet", "row", "table", "credit_code", "field", "value", "code", "note")

CONSEQUENCE = "consequence"
"""How the note of a defect begins that nobody planted by itself."""


@dataclass(frozen=True)
class Defect:
    """One finding to be made.

    Attributes:
        row: the row at which it is found.
        credit_code: the firm's true code: what a repair has to come to. Empty where nothing tells the firm.
        field: the field that is wrong.
        value: what stands in the file.
        code: the finding's code.
        note: how it came about, for a person.
    """

    row: Row
    credit_code: str
    field: str
    value: str
    code: str
    note: str


@dataclass
class Manifest:
    """All defects so far."""

    defects: list[Defect] = field(default_factory=list)

    def add(self, row: Row, name: str, code: str, note: str, *, value: object = None, whose: str | None = None) -> None:
        """Note a defect; the value is the cell's unless given."""
        seen = row.cells.get(name) if value is None else value
        truth = whose if whose is not None else row.firm.code if row.firm else ""
        self.defects.append(Defect(row, truth, name, "" if seen is None else str(seen), code, note))

    def lines(self, books: Iterable[Book]) -> list[tuple[str, ...]]:
        """The manifest's lines, sorted by file, sheet and row."""
        places: dict[int, tuple[Book, Sheet, int]] = {}
        for book in books:
            for sheet in book.sheets:
                places.update({which: (book, sheet, number) for which, number in sheet.numbers().items()})
        lines = []
        for d in self.defects:
            book, sheet, number = places[id(d.row)]
            lines.append((book.path, sheet.name, number, sheet.table, d.credit_code, d.field, d.value, d.code, d.note))
        return [tuple(map(str, line)) for line in sorted(lines)]

    def write(self, books: Iterable[Book], path: Path) -> None:
        """Write `manifest.csv`."""
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(self.lines(books))
