"""项目全周期: stages, delays, investment and promises, land supplied, the special fund, as a workbook or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from mujun import messages
from mujun.monitoring.projects import ProjectBook, ProjectStanding, Promise
from mujun.numbers import round_decimal
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text
from mujun.reports.drawing.workbook import write_workbook
from mujun.reports.monitoring.month_sheets import word
from mujun.reports.monitoring.wording import percent

FORMAT = "mujun-projects/1"
AMOUNT = pl.Decimal(38, 6)


def of_township(book: ProjectBook, township: str | None) -> tuple[ProjectStanding, ...]:
    """The projects of a township, of all without one."""
    return tuple(p for p in book.projects if township is None or p.row["township"] == township)


def promise_word(promise: Promise) -> str:
    """兑现, 没有兑现 or 还没有数据."""
    if promise.short is None:
        return messages.text("promise_unknown")
    return messages.text("promise_short" if promise.short else "promise_kept")


def year_share(project: ProjectStanding) -> Fraction | None:
    """The investment done in the year as a share of what was planned for it."""
    if project.year_done is None or not project.year_due:
        return None
    return Fraction(project.year_done) / Fraction(project.year_due)


def write_projects(path: str | Path, book: ProjectBook, township: str | None = None) -> Path:
    """Write the workbook.

    Raises:
        InputError: the file cannot be written.
    """
    shown = of_township(book, township)
    title = f"{township or ''}项目全周期：截至{book.day.year}年{book.day.month}月{book.day.day}日"
    sheets = [_stages(shown, title), *_promises(shown)]
    if township is None:
        sheets += [*_supply(book), *_funds(book)]
    return write_workbook(path, sheets, created=book.day, title=title, footer=title)


def _stages(shown: Sequence[ProjectStanding], title: str) -> Sheet:
    names = [d.stage for d in shown[0].days] if shown else []
    rows = [
        {
            "name": p.row["project_name"], "code": p.row["project"], "township": p.row["township"],
            "industry": p.row["industry"], "total": p.row["total_investment"], "stage": p.stage or "未签约",
            "next": "已终止" if p.ended else p.next.stage if p.next else "—", "due": p.next.due if p.next else None,
            "late": p.late or None, "year_due": p.year_due, "year_done": p.year_done, "done": p.done,
            "share": _float(year_share(p)), "leader": p.row["leader"], "team": p.row["team"],
            "unled": "缺" if p.unled else None,
            **{f"d{i}": d.due for i, d in enumerate(p.days)}, **{f"o{i}": d.on for i, d in enumerate(p.days)},
        }
        for p in shown
    ]  # fmt: skip
    texts = dict.fromkeys(
        ("name", "code", "township", "industry", "stage", "next", "leader", "team", "unled"), pl.String()
    )
    amounts = dict.fromkeys(("total", "year_due", "year_done", "done"), AMOUNT)
    days = {f"{k}{i}": pl.Date() for i in range(len(names)) for k in ("d", "o")}
    schema = {**texts, **amounts, **days, "due": pl.Date(), "late": pl.Int64(), "share": pl.Float64()}
    columns = (
        Column("name", "项目", width=34, wrapped=True), Column("code", "项目代码", width=24),
        Column("township", "镇街", width=12), Column("industry", "行业代码"),
        Column("total", "计划总投资（万元）", "number", 2), Column("stage", "已到环节"), Column("next", "下一环节"),
        Column("due", "计划日期", "date"), Column("late", "晚（天）", "whole"),
        Column("year_due", "本年计划投资", "number", 2), Column("year_done", "本年完成投资", "number", 2),
        Column("share", "完成年计划", "percent"), Column("done", "累计完成投资", "number", 2),
        Column("leader", "牵头领导", width=14), Column("team", "工作专班", width=14), Column("unled", "领导或专班"),
        *(c for i, n in enumerate(names)
          for c in (Column(f"d{i}", f"计划{n}", "date"), Column(f"o{i}", f"实际{n}", "date"))),
    )  # fmt: skip
    note = "晚（天）：下一环节的计划日期已过而没有完成的天数。终止的项目不计晚。"
    frame = pl.DataFrame(rows, schema=schema)
    return Sheet("项目", title, (), (Table(columns, frame), Text((note,), "说明", "quiet")), 1)


def _promises(shown: Sequence[ProjectStanding]) -> Iterator[Sheet]:
    rows = [
        (
            p.row["project_name"], p.row["name"], word(f"promise_{v.promised}"), _year(v.year), v.aim, v.value,
            _float(v.share), _zh(v),
        )
        for p in shown
        for v in p.promises
    ]  # fmt: skip
    if not rows:
        return
    schema = {
        "project": pl.String(), "firm": pl.String(), "what": pl.String(), "year": pl.String(), "aim": AMOUNT,
        "value": AMOUNT, "share": pl.Float64(), "kept": pl.String(),
    }  # fmt: skip
    columns = (
        Column("project", "项目", width=34), Column("firm", "企业", width=30), Column("what", "承诺", width=16),
        Column("year", "数据年度"), Column("aim", "承诺数", "number", 2), Column("value", "实际", "number", 2),
        Column("share", "实际占承诺", "percent"), Column("kept", "兑现"),
    )  # fmt: skip
    note = "到了达产期的项目，与企业申报的最近一年数据相比，是整个企业的数，不只是这个项目的；用能以不超过承诺为兑现。"
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    yield Sheet("达产兑现", "达产兑现", (), (Table(columns, frame), Text((note,), "说明", "quiet")), 1)


def _year(year: int | None) -> str | None:
    return None if year is None else str(year)


def _zh(promise: Promise) -> str:
    with messages.speaking("zh"):
        return promise_word(promise)


def _supply(book: ProjectBook) -> Iterator[Sheet]:
    rows = [
        (str(s.year), s.parcels, s.mu, s.industrial, _hundredth(s.industrial_share), s.standard,
         _hundredth(s.standard_share), s.price)
        for s in book.supply
    ]  # fmt: skip
    if not rows:
        return
    schema = {
        "year": pl.String(), "parcels": pl.Int64(), "mu": AMOUNT, "industrial": AMOUNT, "share": pl.Float64(),
        "standard": AMOUNT, "standards": pl.Float64(), "price": AMOUNT,
    }  # fmt: skip
    columns = (
        Column("year", "年度"), Column("parcels", "宗数", "whole"), Column("mu", "供地（亩）", "number", 2),
        Column("industrial", "工业（亩）", "number", 2), Column("share", "工业占比", "percent"),
        Column("standard", "标准地（亩）", "number", 2), Column("standards", "标准地占工业", "percent"),
        Column("price", "成交价款（万元）", "number", 2),
    )  # fmt: skip
    lines = (f"本年不是标准地的工业用地：{'、'.join(book.parcels)}",) if book.parcels else ()
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    yield Sheet("供地", "供地", lines, (Table(columns, frame),), 1)


def _funds(book: ProjectBook) -> Iterator[Sheet]:
    rows = [
        (str(f.year), f.income, book.owed(f), f.paid_in, percents(f.share, 3), f.spent, f.balance)
        for f in book.funds
    ]  # fmt: skip
    if not rows:
        return
    schema = {
        "year": pl.String(), "income": AMOUNT, "owed": AMOUNT, "paid": AMOUNT, "share": pl.String(), "spent": AMOUNT,
        "balance": AMOUNT,
    }  # fmt: skip
    columns = (
        Column("year", "年度"), Column("income", "土地出让收入", "number", 2),
        Column("owed", "应提取", "number", 2), Column("paid", "已提取", "number", 2), Column("share", "已提取占收入"),
        Column("spent", "支出", "number", 2), Column("balance", "累计结余", "number", 2),
    )  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    yield Sheet("专项资金", "专项资金（万元）", (), (Table(columns, frame),), 1)


def _hundredth(share: Fraction | None) -> float | None:
    return None if share is None else _float(share / 100)


def _float(share: Fraction | None) -> float | None:
    return None if share is None else share.numerator / share.denominator


def percents(share: Fraction | None, places: int = 1) -> str:
    """A share that is told in per cent already: 0.514%."""
    if share is None:
        return "—"
    return percent(share / 100) if places == 1 else f"{round_decimal(share, places):f}%"


def projects_json(book: ProjectBook) -> str:
    """The same as JSON: quantities as exact text; keys in English."""
    data = {
        "format": FORMAT,
        "day": book.day,
        "projects": [
            {
                "project": p.row["project"], "name": p.row["project_name"], "township": p.row["township"],
                "total_investment": p.row["total_investment"], "ended": p.ended, "stage": p.stage,
                "next": None if p.next is None else p.next.stage, "late": p.late, "unled": p.unled,
                "year_due": p.year_due, "year_done": p.year_done, "done": p.done,
                "days": [{"stage": d.stage, "due": d.due, "on": d.on, "late": d.late} for d in p.days],
                "promises": [
                    {"promised": v.promised, "of": v.of, "year": v.year, "aim": v.aim, "value": v.value,
                     "short": v.short}
                    for v in p.promises
                ],
            }
            for p in book.projects
        ],
        "supply": [
            {"year": s.year, "parcels": s.parcels, "mu": s.mu, "industrial": s.industrial, "standard": s.standard,
             "price": s.price}
            for s in book.supply
        ],
        "not_standard": list(book.parcels),
        "funds": [
            {"year": f.year, "income": f.income, "owed": book.owed(f), "paid_in": f.paid_in,
             "spent": f.spent, "balance": f.balance}
            for f in book.funds
        ],
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return messages.show(round_decimal(Fraction(value), 6))
    return value.isoformat() if isinstance(value, date) else messages.show(value)
