"""A rule set as a workbook: printed as a notice would, its numbers and reasons open, everything else locked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import field
from decimal import Decimal
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import TEXT, Cell, Entry, Form, FormColumn, Look, Paper, Row, row_of, text_rows
from mujun.reports.drawing.terminal import width
from mujun.rules.filling import FormCell, FormPage

GUIDE, ORIGINAL = "填写说明", "规则原文"
MARK = "mujun 规则"
"""What the first cell of the sheet that carries the files says."""
CHUNK = 30_000
"""Characters of a cell of that sheet."""
WIDEST, NARROWEST = 46, 9

_GUIDE = (
    "黄色单元格可以改：数、日期、名称、理由、说明。灰白的是规则的结构，锁定了，不要改，不要插入或删除行列。",
    "条件用文字写出；其中的数列在右边“其中的数”各列，按在文字里出现的先后，改了它，条件就跟着变。",
    "空白的黄色单元格是文件没有写的：填上就写进规则，清空就从规则里去掉。缺数据一格空白的，得零分。",
    "缺数据等情形可以从下拉里选，也可以写“得5分”这样的定数。年度几个并列的，用顿号分开。",
    "改好后运行：mujun rules load 本文件.xlsx --as 新文件夹。逐项说明改了什么，并检查新规则；填错的说明是哪一格。",
    "再用 mujun whatif --rules 新文件夹 --year 年度，看各档企业怎样变动。",
)

_BODY = Look(font="宋体", size=10, valign="vcenter", wrapped=True)
_TITLE = _BODY.but(font="黑体", size=16, wrapped=False)
_PART = _BODY.but(font="黑体", size=11, wrapped=False)
_HEAD = _BODY.but(bold=True, align="center", edged=True, edge="#A6A6A6", fill="#DDEBF7")
_GIVEN = _BODY.but(edged=True, edge="#BFBFBF", fill="#F2F2F2")
_NUMBER = _BODY.but(edged=True, edge="#BFBFBF", fill="#FFF7D6", open=True, align="right")
_WORDS = _BODY.but(edged=True, edge="#BFBFBF", fill="#FFF7D6", open=True, numbers=TEXT)


@dataclass(frozen=True)
class RulesForm:
    """What the workbook is made from.

    Attributes:
        title: the rule set's name.
        address: what it is called.
        pages: its files laid out.
        original: its files packed, which the workbook carries.
        layout: the way in which they are laid out.
    """

    title: str
    address: str
    pages: tuple[FormPage, ...] = field(repr=False)
    original: str = field(repr=False)
    layout: int = 1


def write_rules_form(path: str | Path, form: RulesForm) -> Path:
    """Write the workbook.

    Raises:
        InputError: the file cannot be written.
    """
    guide = (
        row_of((f"{form.title}：怎样改",), _TITLE),
        *text_rows(_GUIDE, _BODY),
        row_of((f"抄自 {form.address}",), _BODY),
    )
    pieces = [form.original[i : i + CHUNK] for i in range(0, len(form.original), CHUNK)]
    original = (row_of((MARK, str(form.layout)), _BODY.but(numbers=TEXT)), *(row_of((p,), Look()) for p in pieces))
    return write_forms(
        path,
        [
            *(_form(page, active=not i) for i, page in enumerate(form.pages)),
            Form(GUIDE, [FormColumn(110)], guide, paper=Paper("A4")),
            Form(ORIGINAL, [FormColumn(20), FormColumn(9)], original, locked=(), hidden=True),
        ],
        title=form.title,
    )


def _form(page: FormPage, *, active: bool) -> Form:
    widths = _widths(page)
    return Form(
        page.name,
        [FormColumn(w) for w in widths],
        tuple(_rows(page, widths)),
        locked=("format_columns", "format_rows"),
        paper=Paper("A4", repeated=(False, 0), footer="&C&P"),
        active=active,
    )


def _widths(page: FormPage) -> list[float]:
    """Columns as wide as what stands in them, within bounds; titles run over."""
    longest: dict[int, int] = {}
    for line in page.lines():
        for i, cell in enumerate(line.cells):
            longest[i] = max(longest.get(i, 0), width(_text(cell)) if len(line.cells) > 1 else 0)
    return [min(max(longest[i] * 1.06 + 2, NARROWEST), WIDEST) for i in sorted(longest)] or [WIDEST]


def _rows(page: FormPage, widths: Sequence[float]) -> Iterator[Row]:
    for line in page.lines():
        if line.title is not None:
            looks, height = (_TITLE, 26) if line.title.level == 1 else (_PART, None)
            yield Row((Cell(line.title.text, looks),), height)
            continue
        # A table of one column of sentences runs over the columns beside it.
        alone = len(line.cells) == 1 and len(widths) > 1
        needed = [math.ceil(width(_text(c)) * 1.06 / w) for c, w in zip(line.cells, widths, strict=False)]
        cells = tuple(_cell(c, is_header=line.is_header, alone=alone) for c in line.cells)
        yield Row(cells, 15 * (1 if alone else max(needed)) + 3 if cells else None)


def _cell(cell: FormCell, *, is_header: bool, alone: bool) -> Cell:
    if is_header:
        return Cell(cell.value, _HEAD)
    if cell.spot is None:
        return Cell(cell.value, _GIVEN.but(wrapped=not alone))
    numbers = cell.spot.kind in ("number", "whole") or isinstance(cell.value, Decimal)
    hint = "请从下拉里选，或写“得5分”"
    entry = Entry(cell.choices, title="缺数据等情形", hint=hint, warns=True) if cell.choices else None
    return Cell(cell.value, (_NUMBER if numbers else _WORDS).but(wrapped=not alone), entry=entry)


def _text(cell: FormCell) -> str:
    return str(cell.value or "")
