"""The list of problems on paper: hand-over books that come back filled in, and all townships' lists in one book."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.fields import TABLES, Field
from mujun.fields.tables.problems import KINDS
from mujun.reports.departments.template import heading
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import (
    DAY,
    QUANTITY,
    TEXT,
    Allowance,
    Cell,
    Entry,
    Form,
    FormColumn,
    Look,
    Paper,
    Row,
    row_of,
    text_rows,
)
from mujun.reports.drawing.sheets import Column, Sheet, Table, with_numbers
from mujun.reports.drawing.workbook import write_workbook

SHEET, NEW, GUIDE = "问题治理", "新增问题", "填写说明"

GIVEN: tuple[str, ...] = (
    "problem", "name", "credit_code", "parcel", "township", "problem_kind", "problem_text", "found_by", "found_on",
)  # fmt: skip
"""The locked columns; `state` follows them."""

STATE = "处置状态"

ASKED: tuple[str, ...] = (
    "handled_by", "order_document", "order_deadline", "mended_on", "mend_result", "fined_on", "fine_amount",
    "closed_on", "evidence",
)  # fmt: skip
"""What may be filled in: a blank cell says nothing."""

ADDED: tuple[str, ...] = (
    "name", "credit_code", "parcel", "problem_kind", "problem_text", "found_by", "found_on", "handled_by",
    "order_document", "order_deadline", "evidence",
)  # fmt: skip
"""What is said of a problem that is new."""

SPARE = 30
"""Empty rows for new problems."""

_FIELDS = TABLES["problems"].by_name
_WIDTHS = {
    "problem": 30.0,
    "name": 26.0,
    "credit_code": 21.0,
    "problem_text": 30.0,
    "parcel": 21.0,
    "mend_result": 24.0,
}
_BODY = Look(font="宋体", size=10, valign="vcenter")
_TITLE, _QUIET = _BODY.but(font="黑体", size=16), _BODY.but(colour="#595959")
_HEAD = _BODY.but(bold=True, wrapped=True, align="center", edged=True, edge="#A6A6A6", fill="#DDEBF7")
_LOCKED = _BODY.but(edged=True, edge="#BFBFBF", fill="#F2F2F2", wrapped=True)
_OPEN = _BODY.but(edged=True, edge="#BFBFBF", fill="#FFFBEA", open=True, wrapped=True)
_NUMBERS = {"quantity": QUANTITY, "date": DAY}

_LINES = (
    "“问题治理”每行是一个问题。灰色列已锁定，装入时逐格核对，改过的行退回；黄色列填这次的进展，空着的表示没有变化。",
    "责令限期整改的填文号和期限；已整改的填完成日期和结果；处罚的填日期和金额（万元）；整改或处罚后经核实，填问题销号日期。",
    "新发现的问题填在“新增问题”表：企业填统一社会信用代码，地块填地块编号，至少填一个；类别为八类之一或本县另定的类别。",
    "“佐证文件”填文件名，文件与本工作簿放在同一文件夹，装入时存入佐证夹；几份用顿号分开。",
)
_LOADED = "填好后用 mujun problems load 文件.xlsx 装入。"


def headers_of() -> tuple[str, ...]:
    """All headers of the sheet of problems, in order."""
    return (*(heading(_FIELDS[n]) for n in GIVEN), STATE, *(heading(_FIELDS[n]) for n in ASKED))


def given(rows: pl.DataFrame) -> pl.DataFrame:
    """The locked cells as text by header, with `credit_code, name` of each row."""
    texts: dict[str, list[str | None]] = {heading(_FIELDS[n]): [_text(v) for v in rows[n].to_list()] for n in GIVEN}
    texts[STATE] = [*state_words(rows)]
    firm = {"credit_code": rows["credit_code"].to_list(), "name": rows["name"].to_list()}
    return pl.DataFrame({**texts, **firm}, schema=dict.fromkeys((*texts, *firm), pl.String()))


def problem_part(rows: pl.DataFrame) -> pl.DataFrame:
    """The same, of the sheet within another workbook: headers with the sheet's name before them."""
    return given(rows).rename(lambda c: c if c in ("credit_code", "name") else f"{SHEET}/{c}")


def problems_given(gave: pl.DataFrame) -> pl.DataFrame | None:
    """What a workbook gave on its sheet of problems, as `given` has it; none where it has no such sheet."""
    mine = {c: c.removeprefix(f"{SHEET}/") for c in gave.columns if c.startswith(f"{SHEET}/")}
    if not mine:
        return None
    rows = gave.select(*mine, "credit_code", "name").rename(mine)
    return rows.filter(pl.col(heading(_FIELDS["problem"])).is_not_null())


def state_words(rows: pl.DataFrame) -> list[str]:
    """Where each row stands, in Chinese: rows have `state`."""
    with messages.speaking("zh"):
        return [messages.text(messages.key(f"problem_state_{s}")) for s in rows["state"]]


def write_problem_sheet(path: str | Path, rows: pl.DataFrame, title: str, mark: str, nobody: int = 0) -> Path:
    """Write a hand-over book: the problems, room for new ones, how to fill it in.

    Args:
        path: where to.
        rows: rows of `problems` with `state`.
        title: the first line.
        mark: the workbook's mark.
        nobody: how many of them no department was given; said in the second line.

    Raises:
        InputError: the file cannot be written.
    """
    guide = (row_of((GUIDE,), _TITLE), *text_rows((*_LINES, _LOADED), _BODY.but(wrapped=True)))
    forms = [*problem_forms(rows, title, mark, nobody, active=True), Form(GUIDE, [FormColumn(110)], guide)]
    return write_forms(path, forms, title=title)


def problem_forms(
    rows: pl.DataFrame, title: str, mark: str, nobody: int = 0, *, active: bool = False
) -> tuple[Form, Form]:
    """The two sheets of problems: those on record, with what was done to be filled in, and room for new ones.

    Args:
        rows: rows of `problems` with `state`.
        title: the first line.
        mark: the workbook's mark; empty within a survey workbook, which bears it on its first sheet.
        nobody: how many of them no department was given.
        active: whether the workbook opens there.
    """
    heads = [Cell(h, _HEAD) for h in headers_of()]
    texts = given(rows)
    names = (*(heading(_FIELDS[n]) for n in GIVEN), STATE)
    body = []
    for at in range(rows.height):
        locked = [Cell(texts[h][at], _LOCKED.but(numbers=TEXT)) for h in names]
        body.append(Row((*locked, *(_blank(_FIELDS[n]) for n in ASKED))))
    widths = [_WIDTHS.get(n, 12.0) for n in (*GIVEN, "state", *ASKED)]
    head = f"{f'编号：{mark}　' if mark else ''}共 {rows.height} 个问题。黄色列填写，其余已锁定"
    if nobody:
        head += f"。其中 {nobody} 个还没有处置部门，列在本册：请填写“处置部门”"
    top = (row_of((title,), _TITLE, 26), row_of((head,), _QUIET), Row(tuple(heads), 34))
    allowances: tuple[Allowance, ...] = ("format_columns", "format_rows", "sort", "autofilter")
    first = Form(
        SHEET, [FormColumn(w, codes=bool(rows.height)) for w in widths], (*top, *body), header=2, body=rows.height,
        fixed=2, filtered=len(heads), locked=allowances, paper=Paper("A3"), active=active,
    )  # fmt: skip
    new_heads = Row(tuple(Cell(heading(_FIELDS[n]), _HEAD) for n in ADDED), 34)
    spare = [Row(tuple(_blank(_FIELDS[n]) for n in ADDED)) for _ in range(SPARE)]
    second = Form(
        NEW, [FormColumn(_WIDTHS.get(n, 14.0)) for n in ADDED], (row_of((NEW,), _TITLE, 26), new_heads, *spare),
        header=1, body=SPARE, fixed=1, locked=allowances, paper=Paper("A4"),
    )  # fmt: skip
    return first, second


def _blank(f: Field) -> Cell:
    entry = None
    if f.kind == "date":
        entry = Entry(days=(date(2000, 1, 1), date(2100, 12, 31)), title=f.label, hint="填日期，如 2023-05-18")
    elif f.kind == "quantity":
        entry = Entry(least=0, title=f.label, hint=f"填数字，单位{f.unit}")
    elif f.name == "problem_kind":
        entry = Entry(KINDS, title=f.label, hint="八类以外的由县里另定", warns=True)
    return Cell(None, _OPEN.but(numbers=_NUMBERS.get(f.kind, TEXT)), entry=entry)


def _text(value: object) -> str | None:
    return None if value is None else messages.show(value)


# ----------------------------------------------------------------------------------------------------- the whole county

_SHOWN = (
    "problem", "name", "credit_code", "parcel", "township", "problem_kind", "problem_text", "found_by", "found_on",
    "handled_by", "order_document", "order_deadline", "mended_on", "mend_result", "fined_on", "fine_amount",
    "closed_on", "evidence",
)  # fmt: skip


def write_problem_book(path: str | Path, rows: pl.DataFrame, status: pl.DataFrame, day: date) -> Path:
    """Write all townships' lists in one book: who has how many and who has not sent theirs, then each township.

    Args:
        path: where to.
        rows: rows of `problems` with `state`.
        status: columns as in `mujun.workspace.problems.problem_list.STATUS_SCHEMA`.
        day: the day as of which it is told.

    Raises:
        InputError: the file cannot be written.
    """
    told = rows.with_columns(pl.Series("_state", state_words(rows), dtype=pl.String))
    heads = (
        Column("township", "镇街", width=12), Column("sent", "清单", width=10), Column("firms", "应核查企业", "whole"),
        Column("visited", "已核查", "whole"), Column("found", "问题数", "whole"), Column("open", "待处置", "whole"),
        Column("ordered", "责令整改中", "whole"), Column("overdue", "其中逾期", "whole"),
        Column("mended", "已整改待销号", "whole"), Column("fined", "已处罚", "whole"),
        Column("closed", "已销号", "whole"),
    )  # fmt: skip
    missing = status.filter(pl.col("sent") == "未报")["township"].to_list()
    lines = (f"截至 {day}", f"未报清单的镇街：{'、'.join(missing) if missing else '无'}")
    summary = Sheet("汇总", "问题隐患治理清单汇总", lines, (with_numbers(Table(heads, status)),))
    sheets = [summary]
    for (township,), mine in told.sort("township", "problem", nulls_last=True).group_by(
        "township", maintain_order=True
    ):
        columns = (*(known(n, wrapped=n in ("problem_text", "mend_result")) for n in _SHOWN), Column("_state", STATE))
        name = str(township or "未填镇街")
        sheets.append(Sheet(name, f"{name}问题隐患治理清单", (f"共 {mine.height} 个",), (Table(columns, mine),), 2))
    return write_workbook(path, sheets, created=day, footer=f"截至 {day}", title="问题隐患治理清单")
