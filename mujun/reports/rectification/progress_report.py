"""How far the rectification is, as a workbook and as JSON: the race, the targets, and everyone on the lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.monitoring import Totals
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.industries import DIVISIONS
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers, with_numerals
from mujun.reports.drawing.workbook import write_workbook

FORMAT = "mujun.rectification.status/1"
"""What the JSON says it is."""

NAMES: Mapping[str, str] = {
    "township": "镇街", "park": "园区", "industry": "行业", "tier": "档次", "path": "整治方式",
    "way": "具体方式",
}  # fmt: skip
_BASES = {"equivalent": "等价值", "calorific": "当量值"}
_TARGETS = {"total": "累计", "yearly": "当年新增", "value": "当年值"}
_SOURCES = {"loop": "整治闭环", "reported": "填报", "none": "未填报"}


@dataclass(frozen=True)
class ProgressReport:
    """What the report is made from; see `mujun.workspace.rectification.monitoring.Status`."""

    day: date
    totals: Totals
    states: pl.DataFrame = field(repr=False)
    groups: Mapping[str, pl.DataFrame] = field(repr=False)
    tracked: pl.DataFrame = field(repr=False)
    energy_basis: str = "equivalent"
    until: date | None = None
    targets: pl.DataFrame | None = field(default=None, repr=False)
    plan: str = ""
    known_on: date | None = None
    number: int | None = None


def group_name(dimension: str, group: str | None) -> str:
    """A group as a reader knows it: an industry's code with its name; those without one are said to be so."""
    if group is None:
        return messages.text("group_unnamed")
    return f"{group} {DIVISIONS.get(group, '')}".strip() if dimension == "industry" else group


def status_json(report: ProgressReport) -> str:
    """The report as JSON: dates as year-month-day, quantities as exact text, shares as numbers; keys in English.

    `format, day, known_on, list, energy_basis, until, totals, states, groups` (by dimension), `targets`, `subjects`.
    """
    data = {
        "format": FORMAT,
        "day": report.day,
        "known_on": report.known_on,
        "list": report.number,
        "energy_basis": report.energy_basis,
        "until": report.until,
        "totals": asdict(report.totals),
        "states": report.states.to_dicts(),
        "groups": {d: rows.to_dicts() for d, rows in report.groups.items()},
        "targets": report.targets.to_dicts() if report.targets is not None else None,
        "subjects": report.tracked.to_dicts(),
    }
    return json.dumps(data, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else messages.show(value)


def write_status(path: str | Path, report: ProgressReport) -> Path:
    """Write the workbook: 总体 with the targets, a sheet for each dimension, and 逐家逐宗.

    Raises:
        InputError: the file cannot be written.
    """
    sheets = [_front(report), *(_groups(report, d) for d in report.groups), _everyone(report)]
    title = f"高耗低效整治进度（截至 {report.day}）"
    return write_workbook(path, sheets, created=report.day, title=title, footer=title)


def _lines(report: ProgressReport) -> tuple[str, ...]:
    known = f"按 {report.known_on} 已登记的内容　" if report.known_on else ""
    which = f"第 {report.number} 号清单　" if report.number else ""
    until = f"　“每月需完成”按 {report.until} 前完成计算" if report.until else ""
    return (f"{which}{known}用能按{_BASES[report.energy_basis]}计；用地按地块、用能按企业各计一次{until}",)


def _front(report: ProgressReport) -> Sheet:
    t = report.totals
    counted = pl.DataFrame(
        [("企业（家）", t.firms, t.done, t.overdue), ("地块（宗）", t.parcels, t.parcels_done, None)],
        schema={"what": pl.String, "listed": pl.Int64, "done": pl.Int64, "late": pl.Int64},
        orient="row",
    )
    freed = pl.DataFrame(
        [
            ("腾出用地（亩）", t.expected_land_mu, t.verified_land_mu),
            ("腾出用能（吨标煤）", t.expected_energy_tce, t.verified_energy_tce),
        ],
        schema={"what": pl.String, "expected": pl.Decimal(38, 6), "verified": pl.Decimal(38, 6)},
        orient="row",
    )
    what = Column("what", "项目", width=34)
    parts: list[Table | Text] = [
        Table(
            (
                what,
                Column("listed", "列入", "whole"),
                Column("done", "完成", "whole"),
                Column("late", "逾期", "whole"),
            ),
            counted,
            "总体",
        ),
        Table(
            (what, Column("expected", "预计", "number", 2), Column("verified", "核实", "number", 2)),
            freed,
            "腾出的用地和用能",
        ),
    ]
    if t.land_not_counted_mu:
        apart = messages.show(t.land_not_counted_mu)
        parts.append(Text((f"另有核实用地 {apart} 亩不计入盘活：按规则，所用的整治方式不腾出用地。",), tone="warning"))
    if t.without_energy:
        warning = f"另有 {t.without_energy} 家已验收而没有核实腾出用能的数量，没有计入。"
        parts.append(Text((warning,), tone="warning"))
    with messages.speaking("zh"):
        states = report.states.with_columns(
            pl.col("kind").replace_strict({"enterprise": "企业", "parcel": "地块"}),
            pl.Series("state", [messages.text(messages.key(f"state_{s or 'none'}")) for s in report.states["state"]]),
        )
    parts.append(Table((Column("kind", "对象"), known("state"), Column("count", "数量", "whole")), states, "各状态"))
    if report.targets is not None:
        parts.append(_targets(report))
    return Sheet("总体", f"高耗低效整治进度（截至 {report.day}）", _lines(report), with_numerals(parts))


def _targets(report: ProgressReport) -> Table:
    assert report.targets is not None
    rows = report.targets.with_columns(
        pl.col("basis").replace_strict(_TARGETS, return_dtype=pl.String),
        pl.col("source").replace_strict(_SOURCES, return_dtype=pl.String),
        pl.concat_str(
            pl.when("doubtful").then(pl.lit("原表位置存疑")),
            pl.when(pl.col("of_file").is_not_null()).then(
                pl.format("其中 {} 为目标文件所列基数和以前年度，不在清单上", pl.col("of_file").cast(pl.Float64))
            ),
            separator="；",
            ignore_nulls=True,
        ).alias("remark"),
    )
    columns = (
        Column("group", "类别"),
        Column("label", "指标", width=30),
        known("unit"),
        known("year", places=0),
        Column("basis", "口径"),
        Column("target", "目标", "number", 2),
        Column("done", "完成", "number", 2),
        known("share"),
        Column("remaining", "还差", "number", 2),
        Column("months_left", "剩余月数", "whole", 0),
        Column("per_month", "每月需完成", "number", 2),
        Column("source", "来源"),
        Column("remark", "备注"),
    )
    return Table(columns, rows, f"对照目标：{report.plan}")


def _groups(report: ProgressReport, dimension: str) -> Sheet:
    rows = report.groups[dimension]
    with messages.speaking("zh"):
        named = [group_name(dimension, g) for g in rows["group"]]
    rows = rows.with_columns(pl.Series("group", named, dtype=pl.String))
    has_targets = rows["target"].null_count() < rows.height
    columns = (
        known("rank", places=0),
        Column("group", NAMES[dimension], width=22),
        Column("firms", "列入（家）", "whole"),
        Column("done", "完成（家）", "whole"),
        known("share"),
        *(
            (Column("target", "目标（家）", "whole"), Column("target_share", "目标完成率", "percent"))
            if has_targets
            else ()
        ),
        Column("working", "整治中（家）", "whole"),
        Column("overdue", "逾期（家）", "whole"),
        Column("per_month", "每月需完成（家）", "number", 2),
        Column("parcels", "地块（宗）", "whole"),
        Column("parcels_done", "完成（宗）", "whole"),
        known("expected_land_mu", places=2),
        known("verified_land_mu", places=2),
        known("expected_energy_tce", places=2),
        known("verified_energy_tce", places=2),
    )
    title = f"按{NAMES[dimension]}的整治进度（截至 {report.day}）"
    return Sheet(f"按{NAMES[dimension]}", title, _lines(report), (Table(columns, rows),), 2)


def _everyone(report: ProgressReport) -> Sheet:
    with messages.speaking("zh"):
        states = [messages.text(messages.key(f"state_{s or 'none'}")) for s in report.tracked["state"]]
    rows = report.tracked.with_columns(
        pl.Series("state", states, dtype=pl.String),
        pl.col("kind").replace_strict({"enterprise": "企业", "parcel": "地块"}, return_dtype=pl.String),
    )
    columns = (
        Column("kind", "对象"),
        Column("name", "企业或权利人"),
        known("subject"),
        known("township"),
        known("park"),
        known("tier"),
        known("state"),
        Column("since", "状态日期", "date"),
        known("path"),
        Column("way", "具体方式"),
        known("deadline"),
        known("department"),
        Column("land_mu", "用地（亩）", "number", 2),
        known("expected_land_mu", places=2),
        known("verified_land_mu", places=2),
        known("expected_energy_tce", places=2),
        known("verified_energy_tce", places=2),
        Column("accepted_on", "验收日期", "date"),
        Column("accepted_path", "验收时整治方式"),
        Column("accepted_way", "验收时具体方式"),
        Column("watch_until", "跟踪期满", "date"),
        Column("others", "所在地块或地块上的企业", "texts", wrapped=True, width=40),
    )
    title = f"整治企业和地块（截至 {report.day}）"
    return Sheet("逐家逐宗", title, _lines(report), (with_numbers(Table(columns, rows)),), 3)
