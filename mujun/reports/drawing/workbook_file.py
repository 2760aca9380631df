"""Excel workbooks as files: written whole or not at all, and with nothing in them but text and numbers.

The one module that imports xlsxwriter; `workbook` and `form_workbook` draw on what it opens.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
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
        book.set_properties({"author": "mujun", "created": CREATED.replace(tzinfo=None)})
        try:
            yield book
            book.close()
        finally:
            # A workbook that was not closed warns when it is collected.
            book.fileclosed = True


def cells_named(columns: Sequence[int], first: int, last: int) -> str:
    """Cells of some columns from one row to another, all counted from 0, in Excel's words.

    >>> cells_named([0, 2], 3, 9)
    'A4:A10 C4:C10'
    """
    from xlsxwriter.utility import xl_range

    return " ".join(xl_range(first, c, last, c) for c in columns)
