"""月度填报表: what an office owes for a month: its figures and tasks, locked but for what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.monitoring.month import Month
from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import (
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
    one_of,
    row_of,
    text_rows,
)

FIGURES, TASKS, GUIDE = "指标", "任务", "填写说明"
FIGURE_KEY, TASK_KEY = "代号", "序号"
FIGURES_GIVEN: tuple[str, ...] = (
    FIGURE_KEY, "指标", "单位", "填什么", "年度目标", "全程目标", "上次期间", "上次数",
)  # fmt: skip
FIGURES_ASKED: tuple[str, ...] = ("本月数", "佐证", "说明")
TASKS_GIVEN: tuple[str, ...] = (TASK_KEY, "任务", "时限", "上次期间", "上次状态", "上次进展")
TASKS_ASKED: tuple[str, ...] = ("本月状态", "本月进展", "佐证", "说明")

STATES = {"not_begun": "未启动", "working": "推进中", "done": "已完成", "stopped": "已停止"}
"""What may be said of a task, as it stands in a sheet."""

ASKS = {
    "level": "本期数值",
    "rate": "本年累计同比",
    "campaign": "行动以来累计数",
    "cumulative": "累计数（含基期）",
    "yearly": "本年累计数",
}
"""What an office fills in, by the figure's kind."""


@dataclass(frozen=True)
class OfficeSheet:
    """What one office, or one township, owes for a month.

    Attributes:
        office: its short name.
        called: its full name, or the township's.
        township: whose sheet it is, of the office that stands for the townships.
        plan: what the plan is called.
        month: of which month.
        figures, tasks: the given cells as text, by header.
    """

    office: str
    called: str
    township: str | None
    plan: str
    month: Month
    figures: tuple[dict[str, str | None], ...]
    tasks: tuple[dict[str, str | None], ...]

    @property
    def lines(self) -> int:
        """How much it owes."""
        return len(self.figures) + len(self.tasks)

    def given(self) -> pl.DataFrame:
        """The given cells of both sheets, and whose they are: what an issue keeps."""
        whose = {"_office": self.office, "_township": self.township, "_month": str(self.month)}
        rows = [
            {**row, "_sheet": sheet, **whose, "credit_code": row[key], "name": row[label]}
            for sheet, key, label, several in (
                (FIGURES, FIGURE_KEY, "指标", self.figures), (TASKS, TASK_KEY, "任务", self.tasks),
            )
            for row in several
        ]  # fmt: skip
        names = dict.fromkeys((*FIGURES_GIVEN, *TASKS_GIVEN))
        columns = (*names, "_sheet", "_office", "_township", "_month", "credit_code", "name")
        return pl.DataFrame(
            [{c: r.get(c) for c in columns} for r in rows], schema=dict.fromkeys(columns, pl.String())
        )  # fmt: skip


_BODY = Look(font="宋体", size=10, valign="vcenter")
_TITLE, _QUIET = _BODY.but(font="黑体", size=16), _BODY.but(colour="#595959")
_HEAD = _BODY.but(bold=True, wrapped=True, align="center", edged=True, edge="#A6A6A6", fill="#DDEBF7")
_ASK_HEAD = _HEAD.but(fill="#FFE699")
_LOCKED = _BODY.but(edged=True, edge="#BFBFBF", fill="#F2F2F2", wrapped=True, numbers=TEXT)
_OPEN = _BODY.but(edged=True, edge="#BFBFBF", fill="#FFFBEA", open=True, wrapped=True, numbers=TEXT)
_NUMBER = _OPEN.but(numbers=QUANTITY)
_ALLOWED: tuple[Allowance, ...] = ("format_columns", "format_rows", "sort", "autofilter")

_LINES = (
    "灰色列已锁定，装入时逐格核对，改过的行退回；黄色列填写本月的情况。",
    "“指标”：按“填什么”一列的口径填月末的数，只填数字；没有变化的也请填上次的数，空着的视为没有上报。",
    "“任务”：状态只能选 未启动、推进中、已完成、已停止；进展用一两句话写本月做了什么。",
    "佐证写文件名、文号或表号；与上次相差很大的，请在说明中写明原因。",
    "发现以前月份的数有误：请索取那个月的填报表重新填报，原来的数保留备查。",
)


def write_office_sheet(path: str | Path, sheet: OfficeSheet, mark: str) -> Path:
    """Write the workbook of an issue.

    Raises:
        InputError: the file cannot be written.
    """
    title = f"{sheet.called}{sheet.month.year}年{sheet.month.month}月填报表"
    head = (
        f"编号：{mark}　{sheet.plan}　共 {len(sheet.figures)} 项指标、{len(sheet.tasks)} 项任务。黄色列填写，其余已锁定"
    )
    figures = _form(
        FIGURES, title, head, (FIGURES_GIVEN, FIGURES_ASKED), sheet.figures,
        (16, 28, 8, 18, 11, 11, 10, 12, 13, 26, 26), (Cell(None, _NUMBER), Cell(None, _OPEN), Cell(None, _OPEN)),
    )  # fmt: skip
    state = Cell(None, _OPEN, entry=one_of(STATES.values()))
    progress = Cell(None, _OPEN, entry=Entry(longest=500, title="进展", hint="不超过 500 字"))
    tasks = _form(
        TASKS, title, head, (TASKS_GIVEN, TASKS_ASKED), sheet.tasks, (8, 40, 12, 10, 10, 26, 11, 36, 22, 22),
        (state, progress, Cell(None, _OPEN), Cell(None, _OPEN)),
    )  # fmt: skip
    guide = Form(GUIDE, [FormColumn(110)], (row_of((GUIDE,), _TITLE), *text_rows(_LINES, _BODY.but(wrapped=True))))
    return write_forms(path, [figures, tasks, guide], title=title)


def _form(
    name: str,
    title: str,
    head: str,
    headers: tuple[Sequence[str], Sequence[str]],
    rows: Sequence[dict[str, str | None]],
    widths: Sequence[float],
    asked: Sequence[Cell],
) -> Form:
    given, asks = headers
    heads = Row((*(Cell(h, _HEAD) for h in given), *(Cell(h, _ASK_HEAD) for h in asks)), 30)
    body = [Row((*(Cell(row[h], _LOCKED) for h in given), *asked)) for row in rows]
    return Form(
        name, [FormColumn(w, codes=True) for w in widths],
        (row_of((title,), _TITLE, 26), row_of((head,), _QUIET), heads, *body),
        header=2, body=len(rows), fixed=2, filtered=len(widths) if rows else 0, locked=_ALLOWED,
        paper=Paper("A4"), active=name == FIGURES,
    )  # fmt: skip


def amount_text(value: Decimal | None) -> str | None:
    """A number as the sheet gives it: plain, without zeros at its end."""
    if value is None:
        return None
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
