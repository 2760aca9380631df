"""Excel workbooks as files: written whole or not at all, and with nothing in them but text and numbers.

The one module that imports xlsxwriter; `workbook` and `form_workbook` draw on what it opens.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import polars as pl

from mujun.dataclass import dataclass
from mujun.steps import part, step
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
    with written(path) as stream, part(0, 1, file=Path(path).name):
        step("step_drawing")
        parts = io.BytesIO()
        book = xlsxwriter.Workbook(parts, options)
        book.worksheet_class = _sheet_class()
        book.set_properties({"author": "mujun", "created": CREATED.replace(tzinfo=None)})
        try:
            yield book
            step("step_packing")
            book.close()
        finally:
            # A workbook that was not closed warns when it is collected.
            book.fileclosed = True
        _put_together(parts, stream, [rows for page in book.worksheets() for rows in page.rows_at_once])


_PLACE = "<!--rows {}-->"
"""What stands in a sheet for rows that are put there at once: no text of a cell can, its < is written out."""

_PLACES = re.compile(rb"<!--rows (\d+)-->")


@dataclass(frozen=True)
class _Rows:
    """Rows that are put into a sheet at once: the first and last, from 0, their XML in order, and their place."""

    first: int
    last: int
    parts: Iterable[str]
    place: str


@cache
def _sheet_class() -> Any:
    """A worksheet that leaves a place for the XML of many rows, between what it writes cell by cell."""
    from xlsxwriter.worksheet import Worksheet

    class Sheet(Worksheet):  # type: ignore[misc]
        """Rows at once: see `put_rows`."""

        dim_rowmin: int | None
        dim_rowmax: int | None

        def __init__(self) -> None:
            super().__init__()
            self.rows_at_once: list[_Rows] = []

        def _write_rows(self) -> None:
            sheet: Any = self
            low, high = sheet.dim_rowmin, sheet.dim_rowmax
            for rows in sorted(self.rows_at_once, key=lambda r: r.first):
                self.dim_rowmax = rows.first - 1
                super()._write_rows()
                self.fh.write(rows.place)
                self.dim_rowmin = rows.last + 1
            self.dim_rowmax = high
            super()._write_rows()
            self.dim_rowmin = low

    return Sheet


def _put_together(parts: io.BytesIO, stream: io.BytesIO, several: Sequence[_Rows]) -> None:
    """The workbook with the rows that were left out of it, a part at a time.

    The library holds a sheet as text three times over before it packs it: of a county's results half a gigabyte.
    """
    if not several:
        stream.write(parts.getbuffer())
        return
    by_place = {rows.place.encode(): rows.parts for rows in several}
    with ZipFile(parts) as begun, ZipFile(stream, "w", ZIP_DEFLATED, allowZip64=False) as book:
        for member in begun.infolist():
            content = begun.read(member)
            places = list(_PLACES.finditer(content)) if member.filename.startswith("xl/worksheets/") else []
            whole = ZipInfo(member.filename, member.date_time)
            whole.compress_type = member.compress_type
            with book.open(whole, "w") as file:
                at = 0
                for place in places:
                    file.write(content[at : place.start()])
                    for xml in by_place[place[0]]:
                        file.write(xml.encode())
                    at = place.end()
                file.write(content[at:])


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
    place = _PLACE.format(f"{page.index}{len(page.rows_at_once):04}")
    page.rows_at_once.append(_Rows(rows.start, rows.stop - 1, parts, place))


def text_places(page: Any, texts: pl.Series) -> pl.Series:
    """The place of each text in the workbook's list of texts, where it is put if it is not there yet."""
    table = page.str_table
    first = texts.drop_nulls().unique(maintain_order=True)
    places = [table._get_shared_string_index(text) for text in first.to_list()]
    # The list counts every cell that has a text.
    table.count += texts.len() - texts.null_count() - len(places)
    known = pl.DataFrame({"text": first, "place": pl.Series(places, dtype=pl.Int64)})
    return texts.to_frame("text").join(known, on="text", how="left", maintain_order="left")["place"]


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
