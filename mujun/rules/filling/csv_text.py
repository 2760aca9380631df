"""A lookup table's text cell by cell, and with some cells written anew: all other lines stay as they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from mujun.dataclass import dataclass


@dataclass(frozen=True)
class CsvCell:
    """A cell: its text without blanks around it, and its record, counted from the first line of the file."""

    value: str
    row: int


def csv_cells(text: str) -> list[list[CsvCell]]:
    """The records of a csv file that hold anything, the header first."""
    records = list(csv.reader(io.StringIO(text, newline="")))
    return [[CsvCell(c.strip(), i) for c in r] for i, r in enumerate(records) if any(c.strip() for c in r)]


def with_cells(text: str, changed: Mapping[tuple[int, int], str]) -> str:
    """The text with the cells at some records and columns written anew."""
    source = _Lines(text)
    records = []
    for row, record in enumerate(csv.reader(source)):
        raw = source.taken()
        cells = {column: value for (at, column), value in changed.items() if at == row}
        if cells:
            ending = raw[len(raw.rstrip("\r\n")) :]
            raw = _line([cells.get(i, c) for i, c in enumerate(record)]) + ending
        records.append(raw)
    return "".join(records)


def _line(record: list[str]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="").writerow(record)
    return written.getvalue()


class _Lines:
    """The lines of a text one by one, and those that went into the last record."""

    def __init__(self, text: str) -> None:
        self._lines = iter(io.StringIO(text, newline=""))
        self._read: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._read.append(line)
        return line

    def taken(self) -> str:
        """What was read since this was last asked."""
        read, self._read = "".join(self._read), []
        return read
