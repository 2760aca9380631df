"""The empty workbook that departments fill in: a sheet per table, with labels, units, notes and drop-downs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from mujun.fields import TABLES, Field, Table
from mujun.fields.remark import remark
from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import (
    DAY,
    QUANTITY,
    TEXT,
    YEAR,
    Cell,
    Form,
    FormColumn,
    Look,
    Paper,
    Row,
    one_of,
    row_of,
    text_rows,
)

GUIDE = "填表说明"
"""The sheet that explains the others; `read_file` passes it over."""

OTHER = Look(bold=True, edged=True, wrapped=True, valign="vcenter", align="center", fill="#DDEBF7")
NEEDED = OTHER.but(fill="#F8CBAD")
"""Header cells: of any column, and of one that must be filled in."""

TITLE, WRAPPED, AS_TEXT = Look(bold=True, size=14), Look(wrapped=True, valign="top"), Look(numbers=TEXT)
_LOOKS = {"quantity": Look(numbers=QUANTITY), "date": Look(numbers=DAY), "whole": Look(numbers=YEAR)}


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
    return write_forms(path, [_guide(wanted), *(_empty(table) for table in wanted)])


def _empty(table: Table) -> Form:
    return Form(
        table.label, columns(table), (headers(table),), header=0, endless=True, fixed=keys_fixed(table), paper=Paper()
    )


def headers(table: Table, added: Sequence[Cell] = ()) -> Row:
    """The header row of a table with its notes, and cells added at its end."""
    cells = []
    for f in table.fields:
        needed = f.name in table.key or f.name in table.required
        cells.append(Cell(heading(f), NEEDED if needed else OTHER, remark(f, needed=needed)))
    return Row((*cells, *added), 32)


def columns(table: Table, *, as_text: bool = False) -> list[FormColumn]:
    """The columns of a table: widths, formats and drop-downs.

    Args:
        table: the table.
        as_text: whether every column is to hold text, as rows that are sent back for correction do.
    """
    return [
        FormColumn(
            _width(f), AS_TEXT if as_text else _LOOKS.get(f.kind, AS_TEXT), one_of(f.choices) if f.choices else None
        )
        for f in table.fields
    ]


def keys_fixed(table: Table) -> int:
    """How many first columns say whom a row is about: they stay in sight."""
    return sum(f.name in ("year", "credit_code", "name", "parcel") for f in table.fields[:3])


def _width(f: Field) -> float:
    if f.name == "credit_code":
        return 22
    if f.name in ("name", "counterparty", "holder", "document", "note"):
        return 30
    return max(12.0, min(26.0, 2.0 * len(heading(f)) + 2))


_LINES = (
    "一张工作表报一类数据，用不到的表可以删去；列的顺序可以变，列名不要改。",
    "橙色列必填。单位以列名括号内为准；用别的单位时，把括号内的单位改成实际单位，如（元）（平方米）。",
    "信用代码、户号等编码按文本填写，不要变成数字。没有数据留空，不要填 0；确实为零才填 0。",
)


def _guide(tables: Sequence[Table]) -> Form:
    fields = [
        row_of(
            (
                table.label, heading(f), "是" if f.name in table.key or f.name in table.required else "",
                "、".join(f.choices), f.note, f.owner,
            ),
            WRAPPED,
        )
        for table in tables
        for f in table.fields
    ]  # fmt: skip
    rows = (
        row_of(("填表说明",), TITLE), *text_rows(_LINES), Row(),
        row_of(("数据表", "列名", "必填", "可填内容", "说明", "责任部门"), OTHER), *fields,
    )  # fmt: skip
    return Form(
        GUIDE, [FormColumn(w) for w in (14, 28, 6, 22, 44, 14)], rows, header=5, body=len(fields), fixed=0, filtered=6,
        paper=Paper(repeated=(False, 0)),
    )  # fmt: skip
