"""Excel workbooks as files: written whole or not at all, and with nothing in them but text and numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mujun.reports.drawing.unwritten import unwritten

CELL_LIMIT = 32_767
"""Characters an Excel cell holds."""


CREATED = datetime(2000, 1, 1, tzinfo=UTC)
"""When a workbook says it was made unless it is told, so that equal content gives equal bytes."""


@contextlib.contextmanager
def workbook_at(path: str | Path) -> Iterator[Any]:
    """An xlsxwriter workbook that appears at `path` only when the block has ended well.

    Text never becomes a formula, a link or a number: company names are input.

    Raises:
        InputError: `no_such_folder`; `workbook_not_written`, where the file is open elsewhere or the disk full.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    path = Path(path)
    draft = path.with_name(f".{path.name}.part")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(draft), options)
    book.set_properties({"author": "mujun", "created": CREATED.replace(tzinfo=None)})
    try:
        yield book
        book.close()
        draft.replace(path)
    except (FileCreateError, OSError) as e:
        raise unwritten(path, e, "workbook_not_written") from e
    finally:
        # A workbook that was not closed warns when it is collected; one that failed leaves its draft.
        book.fileclosed = True
        draft.unlink(missing_ok=True)
