"""一企一单: a sheet per firm with every figure that will count and where it comes from, for signature on A4.

An objection is written beside the figure it is about; the bureau decides it there, and the workbook comes back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun.messages import show
from mujun.reports.drawing.terminal import width
from mujun.reports.drawing.workbook import tab_name
from mujun.reports.drawing.workbook_file import workbook_at

GIVEN: tuple[str, ...] = ("序号", "项目", "单位", "数值", "来源")
ASKED: tuple[str, ...] = ("申请更正为", "理由", "核定意见", "文号")
KEY = "序号"
AGREED, REJECTED = "同意", "不同意"
HEADER = 4
"""Position of the header row, counted from 0."""

_FONT = "宋体"
_WIDTHS = (7.0, 27.0, 9.0, 15.0, 36.0, 14.0, 22.0, 9.0, 16.0)


@dataclass(frozen=True)
class Line:
    """One figure: what it is called, its unit, its value, where it stands, and which record's field it is.

    `table` and `field` are empty for what follows from other lines and cannot be corrected by itself. `holder` is the
    code that the record stands under: the firm's own or one that it had before.
    """

    label: str
    unit: str
    value: object
    place: str
    table: str = ""
    field: str = ""
    record: str = ""
    holder: str = ""


@dataclass(frozen=True)
class FirmSheet:
    """One firm's sheet: who it is, in words, and its figures."""

    credit_code: str
    name: str
    about: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Confirmation:
    """What a confirmation workbook holds: a title, what it is for, and a sheet per firm."""

    title: str
    purpose: str
    firms: tuple[FirmSheet, ...]

    def given(self) -> pl.DataFrame:
        """The given cells as text, by header, and what each line is about: what an issue keeps."""
        rows = [
            {
                **dict(zip(GIVEN, _cells(number, line), strict=True)),
                "credit_code": firm.credit_code,
                "name": firm.name,
                "table": line.table,
                "field": line.field,
                "record": line.record,
                "holder": line.holder or firm.credit_code,
            }
            for at, firm in enumerate(self.firms, start=1)
            for number, line in numbered(at, firm)
        ]
        names = (*GIVEN, "credit_code", "name", "table", "field", "record", "holder")
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()))


def numbered(at: int, firm: FirmSheet) -> list[tuple[str, Line]]:
    """The lines with their numbers, which are unique in the workbook: `3-12` is the third firm's twelfth."""
    return [(f"{at}-{i}", line) for i, line in enumerate(firm.lines, start=1)]


def _cells(number: str, line: Line) -> tuple[str | None, ...]:
    value = None if line.value is None else show(line.value)
    return number, line.label, line.unit or None, value, line.place or None


def tab_of(at: int, firm: FirmSheet) -> str:
    """A firm's tab: its number and as much of its name as fits."""
    return tab_name(f"{at:03d} {firm.name}")


def write_confirmation(path: str | Path, confirmation: Confirmation, mark: str) -> Path:
    """Write the workbook of an issue.

    Args:
        path: where to; an existing file is replaced.
        confirmation: its content.
        mark: the issue's mark, which every sheet bears.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    with workbook_at(path) as book:
        book.set_properties({"title": confirmation.title, "author": "mujun"})
        styles = _styles(book)
        for at, firm in enumerate(confirmation.firms, start=1):
            _draw(book.add_worksheet(tab_of(at, firm)), confirmation, firm, at, mark, styles)
    return Path(path)


def _styles(book: Any) -> dict[str, Any]:
    base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
    edged = {**base, "border": 1, "border_color": "#7F7F7F", "text_wrap": True}
    return {
        "title": book.add_format({"font_name": "黑体", "font_size": 18, "align": "center", "valign": "vcenter"}),
        "line": book.add_format({**base, "text_wrap": True}),
        "quiet": book.add_format({**base, "font_color": "#595959", "text_wrap": True}),
        "given_head": book.add_format({**edged, "bold": True, "align": "center", "bg_color": "#DDEBF7"}),
        "asked_head": book.add_format({**edged, "bold": True, "align": "center", "bg_color": "#FFE699"}),
        "text": book.add_format(edged),
        "number": book.add_format({**edged, "num_format": "#,##0.######", "align": "right"}),
        "small": book.add_format({**edged, "font_size": 8, "font_color": "#595959"}),
        "open": book.add_format({**edged, "bg_color": "#FFFBE6", "locked": False, "num_format": "@"}),
    }


def _draw(sheet: Any, c: Confirmation, firm: FirmSheet, at: int, mark: str, styles: dict[str, Any]) -> None:
    last = len(_WIDTHS) - 1
    for i, w in enumerate(_WIDTHS):
        sheet.set_column(i, i, w)
    for row, text, style, height in (
        (0, c.title, "title", 30.0),
        (1, f"{firm.name}　{firm.credit_code}　{firm.about}", "line", 18.0),
        (2, f"编号：{mark}　第 {at} 家，共 {len(c.firms)} 家", "quiet", 16.0),
        (3, c.purpose, "quiet", 30.0),
    ):
        sheet.merge_range(row, 0, row, last, "", styles[style])
        sheet.write_string(row, 0, text, styles[style])
        sheet.set_row(row, height)
    for i, header in enumerate((*GIVEN, *ASKED)):
        sheet.write_string(HEADER, i, header, styles["given_head" if i < len(GIVEN) else "asked_head"])
    sheet.set_row(HEADER, 20)
    end = HEADER
    for number, line in numbered(at, firm):
        end += 1
        _draw_line(sheet, end, number, line, styles)
    verdicts = len(GIVEN) + ASKED.index("核定意见")
    sheet.data_validation(HEADER + 1, verdicts, max(end, HEADER + 1), verdicts, {
        "validate": "list", "source": [AGREED, REJECTED], "ignore_blank": True, "error_title": "只能选",
        "error_message": f"{AGREED}、{REJECTED}",
    })  # fmt: skip
    # Numbers such as 3-12 and codes are texts on purpose.
    sheet.ignore_errors({"number_stored_as_text": f"A1:I{end + 1}"})
    _signature(sheet, end + 2, last, styles)
    _set_up(sheet, mark)


def _draw_line(sheet: Any, row: int, number: str, line: Line, styles: dict[str, Any]) -> None:
    sheet.write_string(row, 0, number, styles["text"])
    sheet.write_string(row, 1, line.label, styles["text"])
    sheet.write_string(row, 2, line.unit, styles["text"]) if line.unit else sheet.write_blank(
        row, 2, None, styles["text"]
    )
    if isinstance(line.value, Decimal):
        sheet.write_number(row, 3, float(line.value), styles["number"])
    elif line.value is None:
        sheet.write_blank(row, 3, None, styles["text"])
    else:
        sheet.write_string(row, 3, show(line.value), styles["text"])
    sheet.write_string(row, 4, line.place, styles["small"])
    for i in range(len(GIVEN), len(GIVEN) + len(ASKED)):
        sheet.write_blank(row, i, None, styles["open"] if line.table else styles["text"])
    # The small print of a place is set narrower than the column's width says.
    taken = ((line.label, 1.0, 1), (line.place, 0.66, 4), (show(line.value), 1.0, 3))
    lines = max(math.ceil(width(text) * size / (_WIDTHS[i] - 1)) for text, size, i in taken)
    sheet.set_row(row, 6 + 13.0 * max(1, lines))


_SIGNATURES: Sequence[tuple[str, str]] = (
    ("企业意见：□ 以上数据无误　　□ 有异议，见黄色各栏，共 ＿＿ 项", "企业（盖章）：＿＿＿＿＿＿＿＿"),
    ("经办人（签字）：＿＿＿＿＿＿　　电话：＿＿＿＿＿＿＿＿", "日期：＿＿＿＿年＿＿月＿＿日"),
    ("镇街核对人（签字）：＿＿＿＿＿＿", "日期：＿＿＿＿年＿＿月＿＿日"),
)


def _signature(sheet: Any, row: int, last: int, styles: dict[str, Any]) -> None:
    for left, right in _SIGNATURES:
        sheet.merge_range(row, 0, row, 4, "", styles["line"])
        sheet.write_string(row, 0, left, styles["line"])
        sheet.merge_range(row, 5, row, last, "", styles["line"])
        sheet.write_string(row, 5, right, styles["line"])
        sheet.set_row(row, 24)
        row += 1


def _set_up(sheet: Any, mark: str) -> None:
    sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
    sheet.freeze_panes(HEADER + 1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L{mark}&C第 &P 页，共 &N 页&R&A")
