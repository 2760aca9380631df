"""一企一单: a sheet per firm with every figure that will count and where it comes from, for signature on A4.

An objection is written beside the figure it is about; the bureau decides it there, and the workbook comes back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.messages import show
from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import QUANTITY, TEXT, Cell, Form, FormColumn, Look, Paper, Row, one_of
from mujun.reports.drawing.terminal import width
from mujun.reports.drawing.workbook import tab_name

GIVEN: tuple[str, ...] = ("序号", "项目", "单位", "数值", "来源")
ASKED: tuple[str, ...] = ("申请更正为", "理由", "核定意见", "文号")
KEY = "序号"
AGREED, REJECTED = "同意", "不同意"
OTHER = "other"
"""The field of the line for what is about none of the figures: whether a firm is to be rated, its tier, whose it is."""
HEADER = 4
"""Position of the header row, counted from 0."""

_FONT = "宋体"
_WIDTHS = (7.0, 27.0, 9.0, 15.0, 36.0, 14.0, 22.0, 9.0, 16.0)


@dataclass(frozen=True)
class Line:
    """One figure: what it is called, its unit, its value, where it stands, and which record's field it is.

    `table` and `field` are empty for what follows from other lines and cannot be corrected by itself; on the line for
    objections to anything else `field` is `OTHER`. `holder` is the code that the record stands under: the firm's own or
    one that it had before.
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
    forms = [_form(confirmation, firm, at, mark) for at, firm in enumerate(confirmation.firms, start=1)]
    return write_forms(path, forms, title=confirmation.title)


_BASE = Look(font=_FONT, size=10, valign="vcenter")
_TITLE = Look(font="黑体", size=18, align="center", valign="vcenter")
_LINE, _QUIET = _BASE.but(wrapped=True), _BASE.but(colour="#595959", wrapped=True)
_TEXT = _BASE.but(edged=True, edge="#7F7F7F", wrapped=True)
_GIVEN_HEAD = _TEXT.but(bold=True, align="center", fill="#DDEBF7")
_ASKED_HEAD = _GIVEN_HEAD.but(fill="#FFE699")
_NUMBER, _SMALL = _TEXT.but(numbers=QUANTITY, align="right"), _TEXT.but(size=8, colour="#595959")
_OPEN = _TEXT.but(fill="#FFFBE6", open=True, numbers=TEXT)


def _form(c: Confirmation, firm: FirmSheet, at: int, mark: str) -> Form:
    across = len(_WIDTHS)
    lines = [_row(number, line) for number, line in numbered(at, firm)]
    rows = (
        Row((Cell(c.title, _TITLE, span=across),), 30),
        Row((Cell(f"{firm.name}　{firm.credit_code}　{firm.about}", _LINE, span=across),), 18),
        Row((Cell(f"编号：{mark}　第 {at} 家，共 {len(c.firms)} 家", _QUIET, span=across),), 16),
        Row((Cell(c.purpose, _QUIET, span=across),), 30),
        Row((*(Cell(h, _GIVEN_HEAD) for h in GIVEN), *(Cell(h, _ASKED_HEAD) for h in ASKED)), 20),
        *lines,
        Row(),
        *(Row((Cell(left, _LINE, span=5), Cell(right, _LINE, span=across - 5)), 24) for left, right in _SIGNATURES),
    )
    return Form(
        tab_of(at, firm),
        # Numbers such as 3-12 and codes are texts on purpose.
        [
            FormColumn(w, entry=one_of((AGREED, REJECTED)) if header == "核定意见" else None, codes=True)
            for w, header in zip(_WIDTHS, (*GIVEN, *ASKED), strict=True)
        ],
        rows,
        header=HEADER,
        body=len(lines),
        fixed=0,
        locked=("format_columns", "format_rows"),
        paper=Paper("A4", margins=(0.5, 0.5, 0.5, 0.6), footer=f"&L{mark}&C第 &P 页，共 &N 页&R&A"),
    )


def _row(number: str, line: Line) -> Row:
    exact = isinstance(line.value, Decimal)
    value = line.value if isinstance(line.value, Decimal) else None if line.value is None else show(line.value)
    given = (
        Cell(number, _TEXT), Cell(line.label, _TEXT), Cell(line.unit, _TEXT), Cell(value, _NUMBER if exact else _TEXT),
        Cell(line.place, _SMALL),
    )  # fmt: skip
    # The small print of a place is set narrower than the column's width says.
    taken = ((line.label, 1.0, 1), (line.place, 0.66, 4), (show(line.value), 1.0, 3))
    lines = max(math.ceil(width(text) * size / (_WIDTHS[i] - 1)) for text, size, i in taken)
    asked = Cell(None, _OPEN if line.table or line.field == OTHER else _TEXT)
    return Row((*given, *(asked,) * len(ASKED)), 6 + 13.0 * max(1, lines))


_SIGNATURES: Sequence[tuple[str, str]] = (
    ("企业意见：□ 以上数据无误　　□ 有异议，见黄色各栏，共 ＿＿ 项", "企业（盖章）：＿＿＿＿＿＿＿＿"),
    ("经办人（签字）：＿＿＿＿＿＿　　电话：＿＿＿＿＿＿＿＿", "日期：＿＿＿＿年＿＿月＿＿日"),
    ("镇街核对人（签字）：＿＿＿＿＿＿", "日期：＿＿＿＿年＿＿月＿＿日"),
)
