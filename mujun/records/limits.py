"""How large a file may be, and how early and late a year: every bound in one place.

A bound of size is far above what a county sends and far below what a bureau's PC can hold, so that a file made or
damaged to fill the memory is refused with a sentence instead.
"""

from datetime import date

MAX_FILE_BYTES = 512 * 2**20
"""Bytes of a file on disk."""

MAX_MAP_BYTES = 2**27
"""Bytes of a map layer: read as one tree of objects, it takes about ten times its size in memory."""

MAX_UNPACKED_BYTES = 2**30
"""Bytes that a workbook's parts may unpack to, together."""

MAX_ROWS = 2_000_000
"""Rows of a sheet or text file; Excel itself ends at 1,048,576."""

MAX_COLUMNS = 1_000
"""Columns of a sheet or text file."""

MAX_CELLS = 60_000_000
"""Rows times columns: a workbook is read into a full rectangle, so that two cells in opposite corners cost as much
as all the cells between them."""

MAX_TEXT = 2**28
"""Characters of all texts of a sheet together, each counted as often as it is used: a text that is kept once in the
file and shown in a thousand cells is a thousand texts here."""

MAX_MARKS = 10_000_000
"""Cells of a sheet that bear one kind of mark: formulas, struck-out texts and their like."""

MAX_FINDINGS = 250_000
"""Findings of a table of a file: nobody reads as many, and 300 bytes of Parquet may stand for two million bad rows."""

MAX_TITLE_ROWS = 30
"""How far down a header row is looked for."""

EARLIEST_YEAR = 2000
"""No data year is before this: no county rated by 亩均 earlier."""

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Dates outside are typing errors."""


def latest_year() -> int:
    """The latest data year there can be: this year. A clock that stands wrong does not make 2026 impossible."""
    return max(date.today().year, 2026)
