"""年度考核: every weighed figure with its points, of the county and of each township, as a workbook and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.monitoring.assessing import Assessed, points_of
from mujun.notebooks import InNotebooks
from mujun.numbers import round_decimal
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text
from mujun.reports.drawing.workbook import write_workbook
from mujun.reports.monitoring.month_sheets import decimal_of
from mujun.rules.model import Contest

FORMAT = "mujun-assessment/1"
AMOUNT = pl.Decimal(38, 6)
WHY: Mapping[str, str] = {"": "", "no_aim": "没有当年目标，不考核", "missing": "本年没有数据"}


@dataclass(frozen=True)
class Assessment(InNotebooks):
    """A year's assessment.

    Attributes:
        plan: what the plan is called.
        contest: the weights, floors and caps.
        year: the year.
        whole: the county's figures, in the order of the file.
        townships: those of each township that has targets of its own.
    """

    plan: str
    contest: Contest = field(repr=False)
    year: int
    whole: tuple[Assessed, ...] = field(repr=False)
    townships: Mapping[str, tuple[Assessed, ...]] = field(repr=False)

    @property
    def points(self) -> Fraction | None:
        """The county's points; none where nothing was to be assessed."""
        return points_of(self.whole)

    @property
    def ranked(self) -> list[tuple[str, Fraction, int]]:
        """The townships by points: name, points, rank; equals share a rank, the next one as the file says."""
        points = {name: points_of(rows) or Fraction(0) for name, rows in self.townships.items()}
        told = []
        for name, mine in points.items():
            ahead = [p for p in points.values() if p > mine]
            told.append((name, mine, 1 + (len(set(ahead)) if self.contest.ties == "dense" else len(ahead))))
        return sorted(told, key=lambda t: (t[2], t[0]))


def write_assessment(path: str | Path, told: Assessment) -> Path:
    """Write the workbook.

    Raises:
        InputError: the file cannot be written.
    """
    title = f"{told.contest.label}：{told.year}年度"
    sheets = [_sheet("全县（市）", f"{title}（{told.plan}）", told.whole), *_townships(told)]
    return write_workbook(path, sheets, created=date(told.year, 12, 31), title=title, footer=title)


def _sheet(name: str, title: str, rows: Sequence[Assessed]) -> Sheet:
    cells = [
        (
            a.target.label, a.target.unit, decimal_of(a.weight), decimal_of(a.counted),
            decimal_of(a.value.value) if a.value else None, decimal_of(a.aim),
            None if a.share is None else float(a.share), decimal_of(a.factor), decimal_of(a.points), WHY[a.why],
        )
        for a in rows
    ]  # fmt: skip
    total = points_of(rows)
    cells.append(("合计", "", None, decimal_of(sum((a.counted for a in rows), Fraction(0))), None, None, None, None,
                  decimal_of(total), ""))  # fmt: skip
    schema = {
        "label": pl.String(), "unit": pl.String(), "weight": AMOUNT, "counted": AMOUNT, "value": AMOUNT, "aim": AMOUNT,
        "share": pl.Float64(), "factor": AMOUNT, "points": AMOUNT, "why": pl.String(),
    }  # fmt: skip
    columns = (
        Column("label", "指标", width=32), Column("unit", "单位"), Column("weight", "权重", "number", 2),
        Column("counted", "计入权重", "number", 2), Column("value", "年末数", "number", 2),
        Column("aim", "年度目标", "number", 2), Column("share", "完成率", "percent"),
        Column("factor", "计分系数", "number", 4), Column("points", "得分", "number", 2),
        Column("why", "备注", width=24),
    )  # fmt: skip
    note = "得分＝计入权重×计分系数；计分系数是完成率，不低于下限、不高于上限。没有当年目标的，权重按比例分给其余各项。"
    frame = pl.DataFrame(cells, schema=schema, orient="row")
    return Sheet(name, title, (), (Table(columns, frame), Text((note,), "说明", "quiet")), 1)


def _townships(told: Assessment) -> Iterator[Sheet]:
    if not told.townships:
        return
    rows = [(rank, name, decimal_of(points)) for name, points, rank in told.ranked]
    columns = (
        Column("rank", "名次", "whole"), Column("township", "镇街", width=14), Column("points", "得分", "number", 2),
    )  # fmt: skip
    frame = pl.DataFrame(rows, schema={"rank": pl.Int64(), "township": pl.String(), "points": AMOUNT}, orient="row")
    yield Sheet("镇街", f"{told.contest.label}：各镇街（按分解到镇街的目标）", (), (Table(columns, frame),), 1)
    for name, _, _ in told.ranked:
        yield _sheet(name, f"{told.contest.label}：{name}{told.year}年度", told.townships[name])


def assessment_json(told: Assessment) -> str:
    """The same as JSON: quantities as exact text; keys in English."""
    data = {
        "format": FORMAT, "plan": told.plan, "assessment": told.contest.label, "document": told.contest.document,
        "year": told.year, "points": points_of(told.whole), "figures": [_row(a) for a in told.whole],
        "townships": [
            {"township": name, "rank": rank, "points": points, "figures": [_row(a) for a in told.townships[name]]}
            for name, points, rank in told.ranked
        ],
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, indent=1, default=_plain)


def _row(a: Assessed) -> dict[str, Any]:
    return {
        "id": a.target.id, "label": a.target.label, "weight": a.weight, "counted": a.counted,
        "value": a.value.value if a.value else None, "aim": a.aim, "factor": a.factor, "points": a.points,
        "why": a.why or None,
    }  # fmt: skip


def _plain(value: Fraction | Decimal) -> str:
    return messages.show(round_decimal(Fraction(value), 6))
