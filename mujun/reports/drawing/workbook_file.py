"""Excel workbooks as files: written whole or not at all, and with nothing in them but text and numbers.

The one module that imports xlsxwriter; `workbook` and `form_workbook` draw on what it opens.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from mujun.writing import written

CELL_LIMIT = 32_767
"""Characters an Excel cell holds."""


CREATED = datetime(2000, 1, 1, tzinfo=UTC)
"""When a workbook says it was made unless it is told, so that equal content gives equal bytes."""


@contextlib.contextmanager
def workbook_at(path: str | Path) -> Iterator[Any]:
    """An xlsxwriter workbook that appears at `path` only when the block has ended well.

    Text never becomes a formula, a link or a number: company names are input.

    Raises:
        UsageError, InputError: as of `mujun.writing.written`.
    """
    import xlsxwriter

    # In memory: what is being written must not lie about among the machine's temporary files, nor fill that disk.
    options = {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True,
    }  # fmt: skip
    with written(path) as stream:
        book = xlsxwriter.Workbook(stream, options)
        book.worksheet_class = _sheet_class()
        book.set_properties({"author": "mujun", "created": CREATED.replace(tzinfo=None)})
        try:
            yield book
            book.close()
        finally:
            # A workbook that was not closed warns when it is collected.
            book.fileclosed = True


@cache
def _sheet_class() -> Any:
    """A worksheet that takes the XML of many rows as it is, between what it writes cell by cell."""
    from xlsxwriter.worksheet import Worksheet

    class Sheet(Worksheet):  # type: ignore[misc]
        """Rows at once: see `put_rows`."""

        dim_rowmin: int | None
        dim_rowmax: int | None

        def __init__(self) -> None:
            super().__init__()
            self.rows_at_once: list[tuple[int, int, Iterable[str]]] = []

        def _write_rows(self) -> None:
            sheet: Any = self
            low, high = sheet.dim_rowmin, sheet.dim_rowmax
            for first, last, parts in sorted(self.rows_at_once, key=lambda r: r[0]):
                self.dim_rowmax = first - 1
                super()._write_rows()
                for xml in parts:
                    self.fh.write(xml)
                self.dim_rowmin = last + 1
            self.dim_rowmax = high
            super()._write_rows()
            self.dim_rowmin = low

    return Sheet


def put_rows(page: Any, rows: range, columns: int, parts: Iterable[str]) -> None:
    """Put rows into a sheet as XML; they are read when the workbook is closed.

    Args:
        page: the sheet.
        rows: which, from 0; nothing else is written there.
        columns: how many columns they have.
        parts: their XML, in order.
    """
    page._check_dimensions(rows.start, 0)
    page._check_dimensions(rows.stop - 1, columns - 1)
    page.rows_at_once.append((rows.start, rows.stop - 1, parts))


def text_places(page: Any, texts: Sequence[str | None]) -> list[int | None]:
    """The place of each text in the workbook's list of texts, where it is put if it is not there yet."""
    place = page.str_table._get_shared_string_index
    return [None if t is None else place(t) for t in texts]


def format_number(style: Any) -> int:
    """The number by which a workbook calls a format."""
    return int(style._get_xf_index())


def cells_named(columns: Sequence[int], first: int, last: int) -> str:
    """Cells of some columns from one row to another, all counted from 0, in Excel's words.

    >>> cells_named([0, 2], 3, 9)
    'A4:A10 C4:C10'
    """
    from xlsxwriter.utility import xl_range

    return " ".join(xl_range(first, c, last, c) for c in columns)
