"""Sheets of text: what every kind of file becomes before anything is understood."""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.records.sheets.opening import read_sheets
    from mujun.records.sheets.sheet import Sheet, check_size, fifteen_digits, trimmed

open_late(
    __name__,
    {
        "opening": "read_sheets",
        "sheet": "Sheet check_size fifteen_digits trimmed",
    },
)

__all__ = ["Sheet", "check_size", "fifteen_digits", "read_sheets", "trimmed"]
