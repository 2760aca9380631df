"""The empty workbook that departments fill in: a sheet per table, with labels, units, notes and drop-downs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mujun.fields import TABLES, Field, Table
from mujun.reports.drawing.workbook_file import workbook_at

GUIDE = "填表说明"
"""The sheet that explains the others; `read_file` passes it over."""

LAST_ROW = 1_048_575


def heading(f: Field) -> str:
    """A field's column header: its label, and its unit in brackets.

    >>> from mujun.fields import FIELDS
    >>> heading(FIELDS["tax_paid"]), heading(FIELDS["energy_tce_calorific"]), heading(FIELDS["name"])
    ('实缴税金（万元）', '综合能耗（当量值）（吨标煤）', '企业名称')
    """
    # 吨标煤(当量值): the label says 当量值 already.
    unit = re.sub(r"\(.*\)", "", f.unit)
    return f"{f.label}（{unit}）" if unit else f.label


def write_template(path: str | Path, tables: Iterable[str] | None = None) -> Path:
    """Write the empty workbook.

    Args:
        path: where to; an existing file is replaced.
        tables: names of the tables wanted; all by default.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    wanted = [TABLES[name] for name in (tables or (t.name for t in TABLES.values() if t.in_template))]
    with workbook_at(path) as book:
        styles = header_styles(book)
        _guide(book, wanted, styles)
        for table in wanted:
            sheet = book.add_worksheet(table.label)
            columns(book, sheet, table, styles)
    return Path(path)


def header_styles(book: Any) -> dict[str, Any]:
    """Formats of header cells and columns."""
    base = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "align": "center"}
    return {
        "needed": book.add_format({**base, "bg_color": "#F8CBAD"}),
        "other": book.add_format({**base, "bg_color": "#DDEBF7"}),
        "text": book.add_format({"num_format": "@"}),
        "number": book.add_format({"num_format": "#,##0.######"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "year": book.add_format({"num_format": "0"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def columns(book: Any, sheet: Any, table: Table, styles: dict[str, Any], *, as_text: bool = False) -> None:
    """The header row of a table with its notes, column formats and drop-downs.

    Args:
        book: the workbook.
        sheet: an empty worksheet of it.
        table: the table.
        styles: from `header_styles`.
        as_text: whether every column is to hold text, as rows that are sent back for correction do.
    """
    sheet.set_row(0, 32)
    for i, f in enumerate(table.fields):
        needed = f.name in table.key or f.name in table.required
        sheet.write_string(0, i, heading(f), styles["needed" if needed else "other"])
        note = remark(f, needed=needed)
        if note:
            sheet.write_comment(0, i, note, {"x_scale": 1.6})
        kind = "text" if as_text else {"quantity": "number", "date": "date", "whole": "year"}.get(f.kind, "text")
        sheet.set_column(i, i, _width(f), styles[kind])
        if f.choices:
            sheet.data_validation(1, i, LAST_ROW, i, {
                "validate": "list", "source": list(f.choices), "ignore_blank": True,
                "error_title": "只能选", "error_message": "、".join(f.choices),
            })  # fmt: skip
    frozen = sum(f.name in ("year", "credit_code", "name", "parcel") for f in table.fields[:3])
    sheet.freeze_panes(1, frozen)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def remark(f: Field, *, needed: bool) -> str:
    """What a department has to know about a column."""
    parts = ["必填" if needed else "", f.note]
    if f.choices:
        parts.append("只能填：" + "、".join(f.choices))
    if f.kind == "date":
        parts.append("日期，如 2022-03-05")
    if f.kind == "quantity" and f.unit:
        parts.append(f"单位：{f.unit}；没有数据留空，确实为零填 0")
    return "；".join(p for p in parts if p)


def _width(f: Field) -> float:
    if f.name == "credit_code":
        return 22
    if f.name in ("name", "counterparty", "holder", "document", "note"):
        return 30
    return max(12.0, min(26.0, 2.0 * len(heading(f)) + 2))


def _guide(book: Any, tables: list[Table], styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(GUIDE)
    sheet.write_string(0, 0, "填表说明", styles["title"])
    for i, line in enumerate((
        "一张工作表报一类数据，用不到的表可以删去；列的顺序可以变，列名不要改。",
        "橙色列必填。单位以列名括号内为准；用别的单位时，把括号内的单位改成实际单位，如（元）（平方米）。",
        "信用代码、户号等编码按文本填写，不要变成数字。没有数据留空，不要填 0；确实为零才填 0。",
    )):  # fmt: skip
        sheet.write_string(1 + i, 0, line)
    top = 5
    for i, title in enumerate(("数据表", "列名", "必填", "可填内容", "说明", "责任部门")):
        sheet.write_string(top, i, title, styles["other"])
    row = top + 1
    for table in tables:
        for f in table.fields:
            needed = f.name in table.key or f.name in table.required
            cells = (table.label, heading(f), "是" if needed else "", "、".join(f.choices), f.note, f.owner)
            for i, cell in enumerate(cells):
                sheet.write_string(row, i, cell, styles["wrap"])
            row += 1
    for i, width in enumerate((14, 28, 6, 22, 44, 14)):
        sheet.set_column(i, i, width)
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, row - 1, 5)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
