"""The formats of a workbook's cells: fonts, colours, how numbers are written."""

from __future__ import annotations

from typing import Any

from mujun.reports.drawing.sheets import Column

BODY, HEADS = "宋体", "黑体"


class Styles:
    """The workbook's cell formats, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def of(self, **properties: object) -> Any:
        """The format with these properties."""
        wanted = {"font_name": BODY, "font_size": 10, "valign": "vcenter", **properties}
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(wanted)
        return self._made[key]

    def title(self) -> Any:
        """A sheet's first line."""
        return self.of(font_name=HEADS, font_size=16)

    def front_title(self) -> Any:
        """The first line of a sheet of several parts."""
        return self.of(font_name=HEADS, font_size=18, align="center")

    def line(self, tone: str) -> Any:
        """A line of text."""
        colours: dict[str, dict[str, object]] = {
            "warning": {"font_color": "#C00000", "bold": True},
            "quiet": {"font_color": "#595959"},
        }
        return self.of(text_wrap=True, **colours.get(tone, {}))

    def caption(self) -> Any:
        """The line above a table."""
        return self.of(font_name=HEADS, font_size=12, font_color="#1F4E79")

    def header(self) -> Any:
        """A header cell."""
        return self.of(
            font_name=HEADS, bold=False, text_wrap=True, align="center", bg_color="#DDEBF7", border=1,
            border_color="#A6A6A6",
        )  # fmt: skip

    def cell(self, column: Column, *, total: bool, tier_fill: str | None = None, red: bool = False) -> Any:
        """A cell of a column."""
        wanted: dict[str, object] = {"border": 1, "border_color": "#BFBFBF"}
        if total:
            wanted.update(bold=True, bg_color="#F2F2F2")
        if column.shape in ("number", "percent", "whole"):
            wanted["num_format"] = number_format(column)
            if column.shape == "whole" and column.places == 0:
                wanted["align"] = "center"
        elif column.shape == "date":
            wanted.update(num_format="yyyy-mm-dd", align="center")
        else:
            wanted["num_format"] = "@"
            if column.shape in ("tier", "boolean", "verdict"):
                wanted["align"] = "center"
            else:
                # Away from the number on its left.
                wanted["indent"] = 1
        if column.wrapped:
            wanted["text_wrap"] = True
        if tier_fill:
            wanted["bg_color"] = tier_fill
        if column.to_sheet:
            wanted.update(font_color="#1F4E79", underline=1)
        if red:
            wanted.update(font_color="#C00000", bold=True)
        return self.of(**wanted)


def number_format(column: Column) -> str:
    """Excel's format code for a column of numbers.

    >>> number_format(Column("land_mu", "用地（亩）", "number", 2)), number_format(Column("year", "年度", "whole", 0))
    ('#,##0.00', '0')
    """
    if column.shape == "percent":
        return "0.00%"
    if column.shape == "whole":
        return "0" if column.places == 0 else "#,##0"
    return "#,##0." + "0" * column.places if column.places else "#,##0"
