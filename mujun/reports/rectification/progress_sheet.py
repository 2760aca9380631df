"""The progress sheet: who is on the lists, where each stands, and columns in which what happened is filled in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.rectification.states import ACTIONS, BY_DOCUMENT, WAYS, Action, State, allowed
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
from mujun.rules.rectification_plan import FOUR_PATHS

FIRMS, PARCELS, GUIDE = "企业进度", "地块进度", "填写说明"

KEYS = {FIRMS: "统一社会信用代码", PARCELS: "地块编号"}
"""The header of the column that tells the rows of a sheet apart."""

AGAIN = {FIRMS: ("统一社会信用代码", "企业名称"), PARCELS: ("地块编号", "权利人")}
"""What a further row of the same subject repeats, so that one wrong digit does not hit another."""

STATE = "当前状态"
"""The header by which a progress sheet is known that has lost its number."""

SPARE = 20
"""Empty rows below the table, for further events of the same subjects."""

_GUIDE = (
    "每行是清单上的一家企业（一宗地块）。灰色列由程序写好并已锁定，导入时逐格核对，改过的行退回；黄色列由填报人填写，没有进展的行留空。",
    "“确定方案”的“说明”写整治措施，几条用分号分开，条首可写日期，方案表照此列出，如：2023-06-30 拆除锅炉；厂房腾空。",
    "“动作”用下拉选：只列出这一行当前状态下允许的动作。“日期”是事情发生的那一天，不能晚于填报当天。",
    "同一家要登记几件事的，在表下方的“加行”里再填，每件事一行：代码（地块编号）和名称照原行抄，其余灰色列空着；先后次序不要紧，按日期处理。",
    "“验收通过”须写明所见的佐证材料（用顿号分开），名称照“验收要的佐证”一列写；确实免交的，写“免交理由”。",
    "地块验收须填核实腾出用地；企业只填核实腾出用能，用地按地块计，几家共用的地块只计一次。不在任何地块上的企业才在企业行填用地。",
    "整治方式、具体方式、完成时限、责任单位有变化的，填在“改定”各列；不变的留空。具体方式为兼并重组、整体腾退、搬迁入园、改造提升之一。",
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
        township: whose it is; none: everyone's.
    """

    title: str
    rows: pl.DataFrame = field(repr=False)
    evidence: Mapping[tuple[str, str], Sequence[str]] = field(repr=False)
    advice: Mapping[str, str] | None = field(default=None, repr=False)
    day: date = field(default_factory=date.today)
    filled: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    township: str | None = None


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
    ("list", "清单号", 7, "text"),
    ("state", STATE, 10, "text"),
    ("since", "状态日期", 11, "text"),
    ("path", "整治方式", 10, "text"),
    ("way", "具体方式", 10, "text"),
    ("deadline", "完成时限", 11, "text"),
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
    ("new_way", "改定具体方式", 12, "text"),
    ("new_deadline", "改定完成时限", 12, "date"),
    ("new_department", "改定责任单位", 16, "text"),
    ("freed_land", "核实腾出用地（亩）", 11, "number"),
    ("freed_energy", "核实腾出用能（吨标煤）", 12, "number"),
)
_WRAPPED = ("needed", "advice", "note")
_ADVICE: _Column = ("advice", "建议和依据", 40, "text")


def write_progress_sheet(path: str | Path, sheet: ProgressSheet, mark: str) -> Path:
    """Write the workbook: enterprises, parcels, and how to fill them in.

    Args:
        path: where to; an existing file is replaced.
        sheet: its content.
        mark: the number under which the store keeps what it gives.

    Raises:
        InputError: the file cannot be written.
    """
    with messages.speaking("zh"):
        forms = [_form(name, sheet, rows, mark) for name, rows in _parts(sheet)]
        guide = (row_of(("填写说明",), _TITLE), *text_rows(_GUIDE, _BODY.but(wrapped=True)))
        return write_forms(path, [*forms, Form(GUIDE, [FormColumn(110)], guide)])


def given(sheet: ProgressSheet) -> pl.DataFrame:
    """Every given cell as text, as the store keeps it and `given_on` takes it apart again."""
    parts = []
    with messages.speaking("zh"):
        for name, rows in _parts(sheet):
            shown = _shown(name, sheet, rows)
            values = [_values(row, sheet) for row in rows.iter_rows(named=True)]
            texts = {_kept(name, h): [_text(v[key]) for v in values] for key, h, _, _ in shown}
            firm = {"credit_code": rows["subject"].to_list(), "name": rows["name"].to_list()}
            parts.append(pl.DataFrame({**texts, **firm}, schema=dict.fromkeys((*texts, *firm), pl.String())))
    return pl.concat(parts, how="diagonal")


def given_on(name: str, kept: pl.DataFrame) -> pl.DataFrame:
    """What one of the two sheets gave: a column per header, and `credit_code, name`; empty where not made."""
    mine = {c: c.removeprefix(_kept(name, "")) for c in kept.columns if c.startswith(_kept(name, ""))}
    if not mine:
        return pl.DataFrame()
    rows = kept.select(*mine, "credit_code", "name").rename(mine)
    return rows.filter(pl.col(KEYS[name]).is_not_null())


def filled_headers() -> tuple[str, ...]:
    """The headers of the columns to fill in."""
    return tuple(header for _, header, _, _ in _FILLED)


def _kept(name: str, header: str) -> str:
    return f"{name}/{header}"


def _parts(sheet: ProgressSheet) -> Iterator[tuple[str, pl.DataFrame]]:
    for name, kind in ((FIRMS, "enterprise"), (PARCELS, "parcel")):
        rows = sheet.rows.filter(pl.col("kind") == kind)
        if rows.height:
            yield name, rows


_BODY = Look(font="宋体", size=10, valign="vcenter")
_TITLE, _QUIET = _BODY.but(font="黑体", size=16), _BODY.but(colour="#595959")
_HEAD = _BODY.but(bold=True, wrapped=True, align="center", edged=True, edge="#A6A6A6")
_CELL = _BODY.but(edged=True, edge="#BFBFBF")
_OPEN = _CELL.but(fill="#FFFBEA", open=True)
_NUMBERS = {"text": TEXT, "date": DAY, "number": QUANTITY}


def _shown(name: str, sheet: ProgressSheet, rows: pl.DataFrame) -> tuple[_Column, ...]:
    """The given columns of a sheet, in order."""
    advice = (_ADVICE,) if sheet.advice is not None and name == FIRMS else ()
    shown = (*(_FIRM if name == FIRMS else _PARCEL), *_STANDS, *advice)
    if not sheet.filled:
        return shown
    # Those who are on no list yet have nothing to show in most columns.
    kept = ("subject", *(n for n in rows.columns if any(v not in (None, []) for v in rows[n].to_list())), "advice")
    return tuple(c for c in shown if c[0] in kept)


def _form(name: str, sheet: ProgressSheet, rows: pl.DataFrame, mark: str) -> Form:
    shown = _shown(name, sheet, rows)
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
        row_of((f"编号：{mark}　共 {rows.height} 行，截至 {sheet.day}。黄色列填写，其余已锁定",), _QUIET),
        Row(headers, 34),
    )
    body = [_row(row, columns, len(shown), sheet) for row in rows.iter_rows(named=True)]
    return Form(
        name,
        [FormColumn(wide) for _, _, wide, _ in columns],
        (*top, *body, *(_spare(columns, len(shown), name) for _ in range(SPARE))),
        header=len(top) - 1,
        body=rows.height + SPARE,
        fixed=2,
        filtered=len(columns),
        locked=("format_columns", "format_rows", "sort", "autofilter"),
        paper=Paper("A4"),
    )


def _values(row: Mapping[str, Any], sheet: ProgressSheet) -> dict[str, Any]:
    """What the given cells of a row hold."""
    return {
        **row,
        "state": messages.text(messages.key(f"state_{row['state'] or 'none'}")),
        "others": "、".join(row["others"] or ()),
        "needed": "、".join(sheet.evidence.get((row["kind"], row["subject"]), ())),
        "advice": (sheet.advice or {}).get(row["subject"], ""),
    }


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else messages.show(value)


def _row(row: Mapping[str, Any], columns: Sequence[_Column], filled: int, sheet: ProgressSheet) -> Row:
    values = _values(row, sheet)
    lines, cells = 1, []
    for i, (key, _, wide, shape) in enumerate(columns):
        mine, wrapped = i >= filled, key in _WRAPPED
        look = _OPEN.but(numbers=_NUMBERS[shape]) if mine else _CELL.but(numbers=_NUMBERS[shape], fill="#F2F2F2")
        value = sheet.filled.get(row["subject"], {}).get(key) if mine else values.get(key)
        if shape == "text" and value is not None:
            value = str(value)
            lines = max(lines, math.ceil(width(value) * 1.06 / wide) if wrapped else 1)
        entry = _entry(key, allowed(row["state"]), row["state"]) if mine else None
        cells.append(Cell(value, look.but(wrapped=wrapped), entry=entry))
    return Row(tuple(cells), 15 * lines + 2 if lines > 1 else None)


def _spare(columns: Sequence[_Column], filled: int, name: str) -> Row:
    """A row for one more event: whom it is about is written in by hand."""
    cells = []
    for i, (key, header, _, shape) in enumerate(columns):
        open_ = i >= filled or header in AGAIN[name]
        look = (_OPEN if open_ else _CELL.but(fill="#F2F2F2")).but(numbers=_NUMBERS[shape])
        cells.append(Cell(None, look, entry=_entry(key, ACTIONS, None) if i >= filled else None))
    return Row(tuple(cells))


def _entry(key: str, actions: Sequence[Action], state: State | None) -> Entry | None:
    """What may be entered: other things are let in after a warning, and looked at when the sheet comes back."""
    if key == "action":
        words = [messages.text(messages.key(f"action_{a}")) for a in actions if a not in BY_DOCUMENT]
        stands = messages.text(messages.key(f"state_{state or 'none'}"))
        allowed = f"这一行现在是“{stands}”，可以选：{'、'.join(words)}" if state else f"可以选：{'、'.join(words)}"
        return Entry(tuple(words), title="当前状态不允许", hint=allowed, warns=True) if words else None
    if key == "new_path":
        return Entry(tuple(FOUR_PATHS), warns=True)
    if key == "new_way":
        return Entry(WAYS, warns=True)
    if key in ("on", "new_deadline"):
        return Entry(after=date(2000, 1, 1), title="日期", hint="请填写日期，如 2023-06-30", warns=True)
    if key in ("freed_land", "freed_energy"):
        return Entry(least=0, title="数量", hint="请填写不小于零的数", warns=True)
    return None
