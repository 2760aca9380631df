"""Many rows of a table as the XML of a worksheet, column by column: what xlsxwriter takes cell by cell.

A county's workbook has a million cells and more, and each one costs xlsxwriter ten microseconds; here they cost one.
Cells say the same: numbers with all their digits, texts by their place in the workbook's list, formats by their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from mujun.dataclass import dataclass
from mujun.steps import step
from mujun.writing.cell_names import column_letters

TOGETHER = 2_000
"""Rows that are put together at once."""

_ZERO = date(1899, 12, 30)
"""The day before which Excel counts: right for all days after February 1900."""


@dataclass(frozen=True)
class Cells:
    """A column of cells.

    Attributes:
        values: numbers, dates, or the places of texts in the workbook's list of texts; what is missing is an empty cell
            with its format.
        formats: the number of each cell's format.
        texts: whether the values are places of texts.
    """

    values: pl.Series
    formats: pl.Series
    texts: bool = False


def rows_xml(cells: Sequence[Cells], first: int, heights: Sequence[float | None]) -> Iterator[str]:
    """The `<row>` elements of a table, some thousands at a time.

    Args:
        cells: its columns, from the left edge of the sheet on.
        first: the row of the first, from 0.
        heights: the height of each row; `None` for the usual one.
    """
    tall = pl.Series("_height", list(heights), dtype=pl.Float64)
    for start in range(0, tall.len(), TOGETHER):
        step("step_writing_rows", done=start, of=tall.len(), rows=start)
        part = slice(start, min(start + TOGETHER, tall.len()))
        rows = pl.Series("_row", range(first + part.start + 1, first + part.stop + 1), dtype=pl.Int64).cast(pl.String)
        high = pl.lit(' ht="') + tall[part].cast(pl.String) + pl.lit('" customHeight="1"')
        named = pl.DataFrame({"_row": rows}).select(
            pl.concat_str(
                pl.lit('<row r="'),
                "_row",
                pl.lit('"'),
                high.fill_null(""),
                pl.lit(">"),
                *(_cells(c, part, column_letters(i)) for i, c in enumerate(cells)),
                pl.lit("</row>"),
            )
        )
        yield "".join(named.to_series().to_list())


def can_be_written(values: pl.Series) -> bool:
    """Whether a column's cells are of a kind that is written here: no times of day."""
    return values.dtype.is_numeric() or values.dtype in (pl.String, pl.Date, pl.Null)


def _cells(cells: Cells, part: slice, letters: str) -> pl.Expr:
    head = pl.concat_str(
        pl.lit(f'<c r="{letters}'), "_row", pl.lit('" s="'), pl.lit(cells.formats[part].cast(pl.String)), pl.lit('"')
    )
    numbers = _numbers(cells.values[part])
    before = ' t="s"><v>' if cells.texts else "><v>"
    return head + pl.lit((before + numbers + "</v></c>").fill_null("/>"))


def _numbers(values: pl.Series) -> pl.Series:
    """Numbers with all their digits, as texts."""
    if values.dtype == pl.Date:
        return (values - _ZERO).dt.total_days().cast(pl.String)
    if values.dtype == pl.Null or values.dtype.is_integer():
        return values.cast(pl.String)
    return _finite(values.cast(pl.Float64)).cast(pl.String)


def _finite(values: pl.Series) -> pl.Series:
    return values.to_frame("v").select(pl.when(pl.col("v").is_finite()).then("v")).to_series()
