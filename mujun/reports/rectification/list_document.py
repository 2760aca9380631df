"""A rectification list as a workbook: the list in the form that offices exchange, and everything it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.rectification.documents import CORRECTABLE
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.industries import division_of
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers
from mujun.reports.drawing.workbook import write_workbook

CHANGES = {"add": "增列", "remove": "移出", "correct": "更正"}
KINDS = {"enterprise": "企业", "parcel": "地块"}
_UNITS = {"expected_land_mu": "（亩）", "expected_energy_tce": "（吨标煤）"}
_FIELDS = {name: label + _UNITS.get(name, "") for name, label in CORRECTABLE.items()}
_BASES = {"equivalent": "等价值", "calorific": "当量值"}


@dataclass(frozen=True)
class ListPaper:
    """A list or amendment to be put on paper.

    Attributes:
        title, document, issued_on: what stands at its head.
        number: its number in the store, and `amends` that of the list it amends.
        origin: which run and rules it rests on, and its digest, in one line.
        reason: why it was amended.
        energy_basis: `equivalent` or `calorific`.
        tables: `firms`, `parcels`, and for a list `triggers`, `exempted`, `left_out`, for an amendment `changes`.
        reasons: the reasons of the rules by id, and `conditions` theirs in Chinese words.
    """

    title: str
    document: str
    issued_on: date
    number: int | None
    origin: str
    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    reasons: Mapping[str, str] = field(repr=False)
    energy_basis: str = "equivalent"
    amends: int | None = None
    reason: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict, repr=False)


def write_list(path: str | Path, paper: ListPaper) -> Path:
    """Write a list's workbook: 整治清单, 地块清单, 列入依据, 豁免, 核实后不列入; of an amendment 调整事项 first.

    Raises:
        InputError: the file cannot be written.
    """
    tables = paper.tables
    sheets: list[Sheet] = []
    if "changes" in tables:
        sheets.append(_changes(paper))
    if tables["firms"].height or "changes" not in tables:
        sheets.append(firms_sheet(paper))
    if tables["parcels"].height:
        sheets.append(_parcels(paper))
    if "triggers" in tables:
        sheets += [_triggers(paper), _exempted(paper)]
        if tables["left_out"].height:
            sheets.append(_left_out(paper))
    return write_workbook(path, sheets, created=paper.issued_on, footer=paper.origin, title=paper.title)


def firms_sheet(paper: ListPaper) -> Sheet:
    """The list with exactly the columns that offices exchange."""
    firms = paper.tables["firms"]
    rows = firms.with_columns(division_of().alias("division"))
    columns = (
        known("name"),
        known("credit_code"),
        known("township"),
        known("division", width=22, wrapped=True),
        known("scale"),
        Column("land_mu", "用地（亩）", "number", 2),
        Column("tax_per_mu", "亩均税收（万元/亩）", "number", 2),
        Column("va_per_tce", "单位能耗增加值（万元/吨标煤）", "number", 2),
        known("tier"),
        known("reason_text", width=36, wrapped=True),
        known("path"),
        known("deadline"),
        known("expected_land_mu", places=2),
        known("expected_energy_tce", places=2),
        known("department"),
    )
    total = (
        f"共 {firms.height} 家。预计腾出用能按{_BASES[paper.energy_basis]}计；"
        "预计腾出用地只算按规则要退出的用地，原地整治提升的不算"
    )
    return Sheet("整治清单", paper.title, (_head(paper), total), (with_numbers(Table(columns, rows)),), 2)


def _head(paper: ListPaper) -> str:
    number = f"第 {paper.number} 号清单文件" if paper.number is not None else "未印发"
    amends = f"（调整第 {paper.amends} 号清单）" if paper.amends is not None else ""
    return "　".join(t for t in (number + amends, paper.document, f"{paper.issued_on}", paper.origin) if t)


def _parcels(paper: ListPaper) -> Sheet:
    columns: tuple[Column, ...] = (
        known("parcel"),
        known("holder"),
        known("township"),
        Column("area_mu", "面积（亩）", "number", 2),
        known("path"),
        known("deadline"),
        Column("listed", "地块上的列入企业", "texts", wrapped=True, width=44),
        Column("others", "地块上的其他企业", "texts", wrapped=True, width=44),
        known("department"),
    )
    rows = paper.tables["parcels"]
    lines = (_head(paper), "列入企业所在的地块。几家企业共用的地块只列一次，整治方式不一致的留空，定方案时确定")
    if "reasons" in paper.tables:
        # The parcels themselves are listed, for reasons of their own.
        rows = rows.join(paper.tables["reasons"], on="parcel", how="left", maintain_order="left")
        more = (
            Column("reason_text", "列入理由", wrapped=True, width=40),
            Column("land_mu", "地块上企业用地（亩）", "number", 2),
            Column("expected_land_mu", "预计腾出用地（亩）", "number", 2),
            Column("expected_energy_tce", "预计腾出用能（吨标煤）", "number", 2),
        )
        columns = (*columns[:4], *more, *columns[4:7], *columns[8:])
        lines = (_head(paper), "一家企业占几块地的，这几块合在一起看，数量记在编号最小的一块")
    return Sheet("地块清单", paper.title, lines, (with_numbers(Table(columns, rows)),), 2)


def _triggers(paper: ListPaper) -> Sheet:
    names = paper.tables["firms"].select("credit_code", "name")
    rows = paper.tables["triggers"].join(names, on="credit_code", how="left", maintain_order="left")
    rows = rows.with_columns(
        pl.col("reason").replace_strict(paper.reasons, default=pl.col("reason"), return_dtype=pl.String).alias("said"),
        pl.col("reason")
        .replace_strict(paper.conditions, default=pl.col("condition"), return_dtype=pl.String)
        .alias("condition"),
    )
    columns = (
        known("name"),
        known("credit_code"),
        Column("said", "列入理由", wrapped=True, width=30),
        Column("label", "指标", width=22),
        known("value", width=16),
        known("unit"),
        Column("condition", "条件和限值", wrapped=True, width=48),
    )
    lines = (_head(paper), "每条理由所依据的数值，以及规则中的条件和限值")
    return Sheet("列入依据", paper.title, lines, (Table(columns, rows),), 1)


def _exempted(paper: ListPaper) -> Sheet:
    rows = paper.tables["exempted"].with_columns(
        pl.col("reason").replace_strict(paper.reasons, default=pl.col("reason"), return_dtype=pl.String).alias("said")
    )
    columns = (
        known("name"),
        known("credit_code"),
        Column("said", "符合的列入条件", wrapped=True, width=36),
        Column("exempt_reason", "豁免理由", wrapped=True, width=30),
    )
    return Sheet("豁免", paper.title, (_head(paper),), (with_numbers(Table(columns, rows)),), 2)


def _left_out(paper: ListPaper) -> Sheet:
    columns = (
        known("name"),
        known("credit_code"),
        Column("why", "不列入的原因", width=40),
    )
    return Sheet("未列入", paper.title, (_head(paper),), (with_numbers(Table(columns, paper.tables["left_out"])),), 2)


def _changes(paper: ListPaper) -> Sheet:
    rows = paper.tables["changes"].with_columns(
        pl.col("change").replace_strict(CHANGES, return_dtype=pl.String),
        pl.col("kind").replace_strict(KINDS, return_dtype=pl.String),
        pl.col("field").replace_strict(_FIELDS, default=None, return_dtype=pl.String),
    )
    columns = (
        Column("change", "调整"),
        Column("kind", "对象"),
        known("subject"),
        Column("name", "名称"),
        Column("field", "内容"),
        Column("before", "原为"),
        Column("after", "改为"),
    )
    parts = (Text((f"调整理由：{paper.reason}",)), with_numbers(Table(columns, rows)))
    return Sheet("调整事项", paper.title, (_head(paper),), parts)
