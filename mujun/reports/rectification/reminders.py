"""Reminder sheets: what a township or an office has to see to, one printable sheet each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers, with_numerals
from mujun.reports.drawing.workbook import write_workbook
from mujun.writing import Several

_MATTERS = {"overdue": "已逾期", "due": "即将到期", "watch": "跟踪期满，请复核办结"}
_KINDS = {"enterprise": "企业", "parcel": "地块"}


def write_reminders(folder: Path, rows: pl.DataFrame, day: date, within: int) -> tuple[Path, ...]:
    """Write a reminder for every township, and for every responsible office that answers for something else.

    Args:
        folder: made where it is missing.
        rows: columns as in `mujun.rectification.due.DUE_SCHEMA`.
        day, within: what was asked for.

    Returns:
        The files.

    Raises:
        InputError: a file cannot be written.
    """
    several = Several(folder)
    told: list[set[tuple[str, str, str]]] = []
    for by in ("township", "department"):
        for group in rows[by].drop_nulls().unique().sort():
            mine = rows.filter(pl.col(by) == group)
            what = set(mine.select("kind", "subject", "matter").iter_rows())
            if what in told:
                # The office of a township that answers for just what lies in it has its sheet already.
                continue
            told.append(what)
            with several.one(f"催办_{group}", ".xlsx") as file:
                write_workbook(file, [_sheet(group, mine, day, within)], created=day, title="催办单")
    return tuple(several.finish())


def _sheet(group: str, rows: pl.DataFrame, day: date, within: int) -> Sheet:
    with messages.speaking("zh"):
        states = {
            s: messages.text(messages.key(f"problem_state_{s}" if s == "ordered" else f"state_{s}"))
            for s in rows["state"].drop_nulls().unique()
        }
    worded_rows = rows.with_columns(
        pl.col("kind").replace_strict(_KINDS, return_dtype=pl.String),
        pl.col("state").replace_strict(states, default=None, return_dtype=pl.String),
        pl.col("days").abs().alias("days"),
    )
    columns = (
        Column("kind", "对象", width=8),
        Column("name", "企业或权利人", width=28),
        known("subject", width=22),
        known("township", width=10),
        known("path", width=10),
        Column("state", "当前状态", width=10),
        Column("due_on", "时限", "date", width=12),
        Column("days", "天数", "whole", 0, width=8),
        known("department", width=20),
    )
    parts: list[Table | Text] = []
    for matter, words in _MATTERS.items():
        mine = worded_rows.filter(pl.col("matter") == matter)
        if mine.height:
            parts.append(with_numbers(Table(columns, mine, f"{words}（{mine.height} 项）")))
    parts.append(Text(("请在收到本单后及时办理，并把进展填入进度表报送；确需延期的，报请调整清单。",), tone="quiet"))
    lines = (f"截至 {day}，含此后 {within} 天内到期的；逾期的天数为已过天数，其余为剩余天数",)
    return Sheet("催办单", f"高耗低效整治催办单（{group}）", lines, with_numerals(parts))
