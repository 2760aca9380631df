"""The progress sheet: who is on the lists, where each stands, and columns in which what happened is filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from mujun import messages
from mujun.rectification.checking import FOUR_PATHS
from mujun.rectification.states import BY_DOCUMENT, State, allowed
from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import (
    DAY,
    QUANTITY,
    TEXT,
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
from mujun.reports.drawing.terminal import width

FIRMS, PARCELS, GUIDE = "企业进度", "地块进度", "填写说明"

_GUIDE = (
    "每行是清单上的一家企业（一宗地块）。灰色列由程序写好，不要改；黄色列由填报人填写，没有进展的行留空。",
    "“动作”用下拉选：只列出这一行当前状态下允许的动作。“日期”是事情发生的那一天，不能晚于填报当天。",
    "同一家要登记几件事的，把这一行复制到表的最下面，每件事一行；先后次序不要紧，按日期处理。",
    "“验收通过”须写明所见的佐证材料（用顿号分开），名称照“验收要的佐证”一列写；确实免交的，写“免交理由”。",
    "地块验收须填核实腾出用地；企业只填核实腾出用能，用地按地块计，几家共用的地块只计一次。不在任何地块上的企业才在企业行填用地。",
    "整治方式、完成时限、责任单位有变化的，填在“改定”各列；不变的留空。",
    "填好后用 mujun rectify load 文件.xlsx 导入：说不通的行逐行说明原因，其余照常登记；同一份文件导入两次不会重复。",
)


@dataclass(frozen=True)
class ProgressSheet:
    """What the sheet is made from.

    Attributes:
        title: its first line.
        rows: columns as in `mujun.rectification.tracking.TRACK_SCHEMA`.
        evidence: the kinds of evidence that acceptance asks for, by kind of subject and subject.
        advice: what a recheck proposes, in words, by subject; none: the column is left out.
        day: the day on which the sheet was made.
        filled: what is filled in already for a person to look over, by subject and column: `action, on, actor, note,
            new_path`.
    """

    title: str
    rows: pl.DataFrame = field(repr=False)
    evidence: Mapping[tuple[str, str], Sequence[str]] = field(repr=False)
    advice: Mapping[str, str] | None = field(default=None, repr=False)
    day: date = field(default_factory=date.today)
    filled: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)


# A column: what it shows or holds, its header, its width, how it is written.
_Column = tuple[str, str, float, str]

_FIRM: tuple[_Column, ...] = (
    ("name", "企业名称", 26, "text"),
    ("subject", "统一社会信用代码", 22, "text"),
    ("township", "镇街", 11, "text"),
    ("others", "所在地块", 22, "text"),
)
_PARCEL: tuple[_Column, ...] = (
    ("subject", "地块编号", 22, "text"),
    ("name", "权利人", 24, "text"),
    ("township", "镇街", 11, "text"),
    ("others", "地块上的列入企业", 22, "text"),
)
_STANDS: tuple[_Column, ...] = (
    ("state", "当前状态", 10, "text"),
    ("since", "状态日期", 11, "date"),
    ("path", "整治方式", 10, "text"),
    ("deadline", "完成时限", 11, "date"),
    ("department", "责任单位", 18, "text"),
    ("land_mu", "用地（亩）", 10, "number"),
    ("expected_energy_tce", "预计腾出用能（吨标煤）", 12, "number"),
    ("needed", "验收要的佐证", 22, "text"),
)
_FILLED: tuple[_Column, ...] = (
    ("action", "动作", 11, "text"),
    ("on", "日期", 11, "date"),
    ("actor", "经办", 12, "text"),
    ("note", "说明", 24, "text"),
    ("document", "文号", 18, "text"),
    ("evidence", "佐证材料", 22, "text"),
    ("waiver", "免交理由", 16, "text"),
    ("new_path", "改定整治方式", 12, "text"),
    ("new_deadline", "改定完成时限", 12, "date"),
    ("new_department", "改定责任单位", 16, "text"),
    ("freed_land", "核实腾出用地（亩）", 11, "number"),
    ("freed_energy", "核实腾出用能（吨标煤）", 12, "number"),
)
_WRAPPED = ("needed", "advice", "note")
_ADVICE: _Column = ("advice", "建议和依据", 40, "text")


def write_progress_sheet(path: str | Path, sheet: ProgressSheet) -> Path:
    """Write the workbook: enterprises, parcels, and how to fill them in.

    Raises:
        InputError: the file cannot be written.
    """
    with messages.speaking("zh"):
        forms = []
        for name, kind, head in ((FIRMS, "enterprise", _FIRM), (PARCELS, "parcel", _PARCEL)):
            rows = sheet.rows.filter(pl.col("kind") == kind)
            if rows.height:
                forms.append(_form(name, sheet, rows, head))
        guide = (row_of(("填写说明",), _TITLE), *text_rows(_GUIDE, _BODY.but(wrapped=True)))
        return write_forms(path, [*forms, Form(GUIDE, [FormColumn(110)], guide)])


_BODY = Look(font="宋体", size=10, valign="vcenter")
_TITLE, _QUIET = _BODY.but(font="黑体", size=16), _BODY.but(colour="#595959")
_HEAD = _BODY.but(bold=True, wrapped=True, align="center", edged=True, edge="#A6A6A6")
_CELL = _BODY.but(edged=True, edge="#BFBFBF")
_NUMBERS = {"text": TEXT, "date": DAY, "number": QUANTITY}


def _form(name: str, sheet: ProgressSheet, rows: pl.DataFrame, head: Sequence[_Column]) -> Form:
    advice = (_ADVICE,) if sheet.advice is not None and name == FIRMS else ()
    shown = (*head, *_STANDS, *advice)
    if sheet.filled:
        # Those who are on no list yet have nothing to show in most columns.
        kept = ("subject", *(n for n in rows.columns if any(v not in (None, []) for v in rows[n].to_list())), "advice")
        shown = tuple(c for c in shown if c[0] in kept)
    columns = (*shown, *_FILLED)
    headers = tuple(
        Cell(
            header, _HEAD.but(fill="#FFF2CC" if at >= len(shown) else "#DDEBF7"),
            "验收通过须写明所见的佐证材料，用顿号分开" if key == "evidence" else "",
        )
        for at, (key, header, _, _) in enumerate(columns)
    )  # fmt: skip
    top = (
        row_of((sheet.title,), _TITLE),
        row_of((f"共 {rows.height} 行，截至 {sheet.day}。黄色列填写，其余不要改",), _QUIET),
        Row(headers, 34),
    )
    return Form(
        name,
        [FormColumn(wide) for _, _, wide, _ in columns],
        (*top, *(_row(row, columns, len(shown), sheet) for row in rows.iter_rows(named=True))),
        header=len(top) - 1,
        body=rows.height,
        fixed=2,
        filtered=len(columns),
        paper=Paper("A4"),
    )


def _row(row: Mapping[str, Any], columns: Sequence[_Column], filled: int, sheet: ProgressSheet) -> Row:
    values = dict(row)
    values["state"] = messages.text(messages.key(f"state_{row['state'] or 'none'}"))
    values["others"] = "、".join(row["others"] or ())
    values["needed"] = "、".join(sheet.evidence.get((row["kind"], row["subject"]), ()))
    values["advice"] = (sheet.advice or {}).get(row["subject"], "")
    lines, cells = 1, []
    for i, (key, _, wide, shape) in enumerate(columns):
        mine, wrapped = i >= filled, key in _WRAPPED
        look = _CELL.but(numbers=_NUMBERS[shape], wrapped=wrapped, fill="#FFFBEA" if mine else "#F2F2F2")
        value = sheet.filled.get(row["subject"], {}).get(key) if mine else values.get(key)
        if shape == "text" and value is not None:
            value = str(value)
            lines = max(lines, math.ceil(width(value) * 1.06 / wide) if wrapped else 1)
        cells.append(Cell(value, look, entry=_entry(key, row["state"]) if mine else None))
    return Row(tuple(cells), 15 * lines + 2 if lines > 1 else None)


def _entry(key: str, state: State | None) -> Entry | None:
    """What may be entered: other things are let in after a warning, and looked at when the sheet comes back."""
    if key == "action":
        words = [messages.text(messages.key(f"action_{a}")) for a in allowed(state) if a not in BY_DOCUMENT]
        stands = messages.text(messages.key(f"state_{state or 'none'}"))
        said = f"这一行现在是“{stands}”，可以选：{'、'.join(words)}"
        return Entry(tuple(words), title="当前状态不允许", said=said, warns=True) if words else None
    if key == "new_path":
        return Entry(tuple(FOUR_PATHS), warns=True)
    if key in ("on", "new_deadline"):
        return Entry(after=date(2000, 1, 1), title="日期", said="请填写日期，如 2023-06-30", warns=True)
    if key in ("freed_land", "freed_energy"):
        return Entry(least=0, title="数量", said="请填写不小于零的数", warns=True)
    return None
