"""镇街赛马: ranks, points item by item, what would lift each, as a workbook and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.monitoring.racing import Race, RaceItem, Racer
from mujun.numbers import round_decimal
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text
from mujun.reports.drawing.workbook import write_workbook
from mujun.reports.monitoring.month_sheets import decimal_of, word
from mujun.reports.monitoring.wording import in_unit, month_words, number
from mujun.rules.model import Contest
from mujun.rules.showing_targets import MISSING, TIES

FORMAT = "mujun-race/1"


def moved_words(racer: Racer) -> str:
    """升 2 位, 降 1 位, 持平; nothing where there is no earlier race."""
    if racer.moved is None:
        return ""
    if racer.moved == 0:
        return "持平"
    return f"{'升' if racer.moved > 0 else '降'} {abs(racer.moved)} 位"


def lift_words(race: Race, racer: Racer) -> str:
    """What would lift a township most: 盘活用地达到 42亩，得分增加 15.72，可列第 9."""
    lifts = race.lifts[racer.township]
    if not lifts:
        return "没有能再增加得分的项"
    best = lifts[0]
    reach = f"{best.target.label}达到 {in_unit(best.value, best.target.unit)}"
    where = f"可列第 {best.rank}" if best.rank < racer.rank else "名次不变"
    return f"{reach}，得分增加 {number(best.points)}，{where}"


def basis_words(contest: Contest) -> str:
    """On what the weights rest, what happens to what was not reported, and how ties are ranked."""
    basis = f"权重依据：{contest.document}" if contest.document else "权重是示例，不是文件所定，请以本地办法为准"
    late = "" if contest.within is None else f"；上报数早于 {contest.within} 个月以前的按没有上报"
    return f"{basis}。没有上报的{MISSING[contest.missing]}{late}；没有目标的项不计，权重按比例分给其余各项；{TIES[contest.ties]}。"  # noqa: E501


def item_note(item: RaceItem) -> str:
    """Why an item brought nothing, in a word."""
    return "" if item.note is None else word(f"race_note_{item.note}")


def write_race(path: str | Path, told: Race) -> Path:
    """Write the workbook.

    Raises:
        InputError: the file cannot be written.
    """
    title = f"{told.contest.label}：截至{month_words(told.month)}底"
    return write_workbook(
        path, [_ranks(told, title), _items(told), *_lifts(told)], created=told.month.last_day, title=title, footer=title
    )


def _ranks(told: Race, title: str) -> Sheet:
    items = [(f"i{i}", item.target.label, item.weight) for i, item in enumerate(told.racers[0].items)]
    rows = [
        {
            "rank": r.rank, "township": r.township, "score": r.score, "before": r.before, "moved": moved_words(r),
            "ahead": r.ahead, "lift": lift_words(told, r),
            **{name: item.points for (name, _, _), item in zip(items, r.items, strict=True)},
        }
        for r in told.racers
    ]  # fmt: skip
    amount = pl.Decimal(38, 6)
    schema = {
        "rank": pl.Int64(), "township": pl.String(), "score": amount, "before": pl.Int64(), "moved": pl.String(),
        **{name: amount for name, _, _ in items}, "ahead": amount, "lift": pl.String(),
    }  # fmt: skip
    frame = pl.DataFrame([{n: r[n] for n in schema} for r in rows], schema=schema)
    since = f"{month_words(told.since)}名次" if told.since is not None else "上次名次"
    columns = (
        Column("rank", "名次", "whole"), Column("township", "镇街", width=14), Column("score", "得分", "number", 2),
        Column("before", since, "whole"), Column("moved", "升降"),
        *(Column(name, f"{label}（{messages.show(weight)}分）", "number", 2, width=14, wrapped=True)
          for name, label, weight in items),
        Column("ahead", "距前一名（分）", "number", 2), Column("lift", "最能提升名次的一项", width=46, wrapped=True),
    )  # fmt: skip
    return Sheet("名次", title, (), (Table(columns, frame), Text((basis_words(told.contest),), "说明", "quiet")), 2)


def _items(told: Race) -> Sheet:
    rows = [
        (
            r.rank, r.township, item.target.label, item.target.unit, decimal_of(item.entry.value),
            str(item.entry.month) if item.entry.month is not None else None, decimal_of(item.against),
            None if item.share is None else float(item.share), item.weight, item.points, item_note(item),
        )
        for r in told.racers
        for item in r.items
    ]  # fmt: skip
    amount = pl.Decimal(38, 6)
    schema = {
        "rank": pl.Int64(), "township": pl.String(), "label": pl.String(), "unit": pl.String(), "value": amount,
        "period": pl.String(), "against": amount, "share": pl.Float64(), "weight": amount, "points": amount,
        "note": pl.String(),
    }  # fmt: skip
    columns = (
        Column("rank", "名次", "whole"), Column("township", "镇街", width=14), Column("label", "指标", width=30),
        Column("unit", "单位"), Column("value", "现值", "number", 2), Column("period", "期间"),
        Column("against", "目标或最高者", "number", 2), Column("share", "比率", "percent"),
        Column("weight", "权重", "number", 2), Column("points", "得分", "number", 2), Column("note", "备注", width=20),
    )  # fmt: skip
    return Sheet(
        "逐项得分", "各镇街逐项得分", (), (Table(columns, pl.DataFrame(rows, schema=schema, orient="row")),), 2
    )


def _lifts(told: Race) -> Iterator[Sheet]:
    rows = [
        (r.township, r.rank, lift.target.label, lift.target.unit, decimal_of(_now(r, lift.target.id)),
         decimal_of(lift.value), lift.points, lift.rank)
        for r in told.racers
        for lift in told.lifts[r.township]
    ]  # fmt: skip
    if not rows:
        return
    amount = pl.Decimal(38, 6)
    schema = {
        "township": pl.String(), "rank": pl.Int64(), "label": pl.String(), "unit": pl.String(), "value": amount,
        "wanted": amount, "points": amount, "then": pl.Int64(),
    }  # fmt: skip
    columns = (
        Column("township", "镇街", width=14), Column("rank", "现名次", "whole"), Column("label", "指标", width=30),
        Column("unit", "单位"), Column("value", "现值", "number", 2), Column("wanted", "达到", "number", 2),
        Column("points", "得分增加", "number", 2), Column("then", "届时名次", "whole"),
    )  # fmt: skip
    note = "只提升这一项、其他镇街不变时的结果：按完成率计的达到目标，按数值计的达到最高镇街的数。"
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    yield Sheet("怎样提升", "每个镇街提升哪一项最有效", (), (Table(columns, frame), Text((note,), "说明", "quiet")), 2)


def _now(racer: Racer, figure: str) -> Fraction | None:
    return next(i.entry.value for i in racer.items if i.target.id == figure)


def race_json(told: Race) -> str:
    """The race as JSON: quantities as exact text; keys in English."""
    data = {
        "format": FORMAT,
        "plan": told.file.name,
        "race": told.contest.label,
        "document": told.contest.document,
        "month": str(told.month),
        "since": None if told.since is None else str(told.since),
        "townships": [
            {
                "township": r.township, "rank": r.rank, "score": _said(r.score), "before": r.before,
                "moved": r.moved, "ahead": _said(r.ahead),
                "items": [
                    {
                        "id": i.target.id, "label": i.target.label, "weight": _said(i.weight),
                        "value": _said(i.entry.value), "month": str(i.entry.month) if i.entry.month else None,
                        "against": _said(i.against), "points": _said(i.points), "note": i.note,
                    }
                    for i in r.items
                ],
                "lifts": [
                    {"id": x.target.id, "value": _said(x.value), "points": _said(x.points), "rank": x.rank}
                    for x in told.lifts[r.township]
                ],
            }
            for r in told.racers
        ],
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, indent=1)


def _said(value: Fraction | Decimal | None) -> str | None:
    return None if value is None else messages.show(round_decimal(Fraction(value), 6))
