"""A plan's month as a workbook and as JSON: figures, province and city, townships, tasks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from mujun import messages
from mujun.monitoring.month import Month
from mujun.monitoring.plan_month import PlanMonth
from mujun.numbers import round_decimal
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers
from mujun.reports.drawing.workbook import write_workbook
from mujun.reports.monitoring.wording import sentence_of

FORMAT = "mujun-plan-month/1"

TASK_STATES = ("not_begun", "working", "late", "done", "stopped")
"""The states of tasks in the order in which they are told."""


def word(made: str) -> str:
    """A word of the catalogue, by its key, in the language of papers."""
    with messages.speaking("zh"):
        return messages.text(messages.key(made))


def write_plan_month(path: str | Path, told: PlanMonth) -> Path:
    """Write the workbook.

    Raises:
        InputError: the file cannot be written.
    """
    whose = told.township or "全县（市）"
    title = f"{told.file.name}：{whose}截至{told.month.year}年{told.month.month}月"
    lines = (title, *((f"按 {told.known_on} 已知的情况",) if told.known_on else ()))
    sheets = [_figures(told, lines), *_signs(told), *_regions(told), *_townships(told), *_tasks(told)]
    return write_workbook(path, sheets, created=told.month.last_day, title=title, footer=title)


def _figures(told: PlanMonth, lines: tuple[str, ...]) -> Sheet:
    rows = told.rows().with_columns(
        pl.col("verdict").map_elements(lambda v: word(f"verdict_{v}"), return_dtype=pl.String),
        pl.col("source").fill_null("none").map_elements(lambda v: word(f"source_{v}"), return_dtype=pl.String),
        pl.col("offices").list.eval(pl.element().replace(told.file.offices)).list.join("、"),
    )
    columns = (
        Column("group", "类别"), Column("label", "指标", width=30), Column("unit", "单位"),
        Column("offices", "牵头单位", width=16), Column("base_year", "基期", "whole"),
        _amount("base", "基期数"), _amount("value", "现值"), Column("period", "期间"),
        Column("source", "来源"), _amount("reported", "同期上报数"),
        _amount("differs", "上报与算出之差"),
        Column("aim_year", "目标年", "whole"), _amount("aim", "年度目标"),
        Column("share", "完成年度目标", "percent"), _amount("year_done", "当年新增"),
        _amount("year_aim", "当年应新增"), _amount("expected", "时序应达"),
        _amount("gap", "比时序"), Column("verdict", "研判"), _amount("remaining", "距年度目标"),
        _amount("needed", "每月需完成"), _amount("pace", "近月每月"),
        _amount("forecast", "年末预测"), _amount("forecast_low", "预测低"),
        _amount("forecast_high", "预测高"), Column("plan_year", "全程", "whole"),
        _amount("plan_aim", "全程目标"), Column("plan_share", "完成全程目标", "percent"),
        *((Column("rank", "名次", "whole"), Column("among", "镇街数", "whole")) if told.township else ()),
    )  # fmt: skip
    return Sheet("指标", lines[0], lines[1:], (Table(columns, rows), Text(_NOTES, "说明", "quiet")), 2)


def _amount(name: str, header: str) -> Column:
    return Column(name, header, "number", 2)


_NOTES = (
    "累计类指标的现值是月末累计数；“当年新增”是其中本年的部分。时序应达：两个年末目标之间按年平均，年内按月平均或按规则文件的进度。",
    "研判：已达标为现值不低于当年目标；超时序、慢时序是与时序应达相比；没有基数的不能按时序比，只看完成率。",
    "年末预测按最近三个月的平均进度推算，高、低按其中最快、最慢的一段推算，不是承诺。",
)


def _regions(told: PlanMonth) -> Iterable[Sheet]:
    rows = [
        {
            "label": s.target.label, "unit": s.target.unit, "region": b.region, "year": b.year,
            "aim": decimal_of(b.aim),
            "added": "当年新增" if b.added else "", "value": decimal_of(s.value.value) if s.value else None,
            "difference": decimal_of(b.difference),
        }
        for s in told.standings
        for b in s.regions
    ]  # fmt: skip
    if not rows:
        return
    amount = pl.Decimal(38, 6)
    frame = pl.DataFrame(
        rows,
        schema={"label": pl.String, "unit": pl.String, "region": pl.String, "year": pl.Int32, "aim": amount,
                "added": pl.String, "value": amount, "difference": amount},
    )  # fmt: skip
    columns = (
        Column("label", "指标", width=30), Column("unit", "单位"), Column("region", "地区"),
        Column("year", "目标年", "whole"), Column("aim", "该地区目标", "number", 2), Column("added", "口径"),
        Column("value", "本地现值", "number", 2), Column("difference", "本地高出（比值类）", "number", 2),
    )  # fmt: skip
    yield Sheet("省市对照", "省、市目标对照", (), (Table(columns, frame),), 1)


def _townships(told: PlanMonth) -> Iterable[Sheet]:
    labels = {t.id: (t.label, t.unit) for t in told.file.figures}
    rows = [
        {"label": labels[figure][0], "unit": labels[figure][1], "rank": p.rank, "township": p.township,
         "value": decimal_of(p.value), "period": str(p.month), "aim": decimal_of(p.aim),
         "share": None if p.share is None else float(p.share)}
        for figure, several in told.places.items()
        for p in several
    ]  # fmt: skip
    if not rows:
        return
    amount = pl.Decimal(38, 6)
    frame = pl.DataFrame(
        rows,
        schema={"label": pl.String, "unit": pl.String, "rank": pl.Int64, "township": pl.String, "value": amount,
                "period": pl.String, "aim": amount, "share": pl.Float64},
    )  # fmt: skip
    columns = (
        Column("label", "指标", width=30), Column("unit", "单位"), Column("rank", "名次", "whole"),
        Column("township", "镇街", width=14), Column("value", "现值", "number", 2), Column("period", "期间"),
        Column("aim", "分解目标", "number", 2), Column("share", "完成率", "percent"),
    )  # fmt: skip
    yield Sheet("镇街", "各镇街按指标的名次", (), (Table(columns, frame),), 1)


def _tasks(told: PlanMonth) -> Iterable[Sheet]:
    if not told.tasks or told.township is not None:
        return
    offices = told.file.offices
    rows: list[dict[str, Any]] = []
    for t in told.tasks:
        head = {"number": str(t.task.number), "title": t.task.title, "state": word(f"task_{t.state}")}
        last = t.last
        rows.append(
            {**head, "lead": "、".join(offices[o] for o in t.task.lead), "due": None,
             "month": _month(last.month) if last else None,
             "said": last.said if last else None, "evidence": last.evidence if last else None}
        )  # fmt: skip
        rows += [
            {"number": d.subject, "title": f"　其中：{d.what}", "lead": None, "due": d.by, "month": _month(d.done_in),
             "state": word(f"due_{'late' if d.late else 'done' if d.done_in else 'open'}"), "said": None,
             "evidence": None}
            for d in t.due
        ]  # fmt: skip
    schema = {"number": pl.String, "title": pl.String, "state": pl.String, "lead": pl.String, "due": pl.Date,
              "month": pl.String, "said": pl.String, "evidence": pl.String}  # fmt: skip
    columns = (
        Column("number", "序号"), Column("title", "任务", width=44, wrapped=True),
        Column("lead", "牵头单位", width=22), Column("state", "状态"), Column("due", "时限", "date"),
        Column("month", "上报月份"), Column("said", "最近进展", width=40, wrapped=True),
        Column("evidence", "佐证", width=20),
    )  # fmt: skip
    frame = pl.DataFrame([{n: r[n] for n in schema} for r in rows], schema=schema)
    counted = "、".join(f"{word(f'task_{s}')} {sum(t.state == s for t in told.tasks)} 项" for s in TASK_STATES)
    yield Sheet("任务", f"任务（{len(told.tasks)} 项）", (counted,), (Table(columns, frame),), 2)


def _signs(told: PlanMonth) -> Iterable[Sheet]:
    if not told.signs:
        return
    offices = told.file.offices
    with messages.speaking("zh"):
        rows = [(offices.get(s.office, s.office) or "—", s.label, sentence_of(s)) for s in told.signs]
    frame = pl.DataFrame(rows, schema={"office": pl.String, "label": pl.String, "said": pl.String}, orient="row")
    columns = (
        Column("office", "单位", width=20), Column("label", "指标或任务", width=32),
        Column("said", "提醒", width=90, wrapped=True),
    )  # fmt: skip
    yield Sheet("提醒", f"提醒（{len(rows)} 条）", (), (with_numbers(Table(columns, frame)),), 1)


def _month(month: Month | None) -> str | None:
    return None if month is None else str(month)


def decimal_of(value: Fraction | None) -> Decimal | None:
    """A figure as it is kept and shown, at six decimals."""
    return None if value is None else round_decimal(value, 6)


def plan_month_json(told: PlanMonth) -> str:
    """The month as JSON: quantities as exact text, shares as numbers; keys in English."""
    data = {
        "format": FORMAT,
        "plan": told.file.name,
        "month": str(told.month),
        "known_on": told.known_on,
        "township": told.township,
        "figures": told.rows().to_dicts(),
        "regions": {s.target.id: [asdict(b) for b in s.regions] for s in told.standings if s.regions},
        "townships": {figure: [_placed(p) for p in several] for figure, several in told.places.items()},
        "tasks": [
            {
                "number": t.task.number, "title": t.task.title, "lead": list(t.task.lead), "state": t.state,
                "due": [{"subject": d.subject, "what": d.what, "by": d.by, "done_in": _month(d.done_in),
                         "late": d.late} for d in t.due],
                "last": None if t.last is None else {"month": str(t.last.month), "said": t.last.said,
                                                     "evidence": t.last.evidence, "office": t.last.office},
            }
            for t in told.tasks
        ],
        "warnings": [
            {"rule": s.rule, "subject": s.subject, "label": s.label, "office": s.office, "said": sentence_of(s)}
            for s in told.signs
        ],
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, indent=1, default=_plain)


def _placed(place: Any) -> dict[str, Any]:
    return {**asdict(place), "month": str(place.month), "share": None if place.share is None else float(place.share)}


def _plain(value: Any) -> str:
    if isinstance(value, Fraction):
        return messages.show(round_decimal(value, 6))
    return value.isoformat() if isinstance(value, date) else messages.show(value)
