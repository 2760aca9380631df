"""The land register as a workbook: firms, leases with both sides' reports, parties outside the roll, findings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun.fields.tenure import TENURES
from mujun.messages import key, speaking, text
from mujun.numbers import QUANTITY
from mujun.records import LandRegister, findings_frame
from mujun.records.land_findings import QUIET
from mujun.records.parties import PARTIES
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.labels import headings
from mujun.reports.drawing.sheets import Column, Sheet, Table, columns_of
from mujun.reports.drawing.wording import worded
from mujun.reports.drawing.workbook import write_workbook


def write_land(path: str | Path, register: LandRegister, *, whose: str = "") -> Path:
    """Write a land register as a workbook: 企业用地, 租赁关系, 名录外对方, 用地问题.

    Args:
        path: where to; an existing file is replaced.
        register: the year's, or a part of it.
        whose: the township or firm, for the titles.

    Returns:
        The path.

    Raises:
        UsageError: a table has more rows than an Excel sheet.
        InputError: the file cannot be written.
    """
    with speaking("zh"):
        sheets = [_firms(register, whose), _leases(register, whose)]
        sheets += [s for s in (_outside(register, whose), _findings(register, whose)) if s is not None]
    return write_workbook(path, sheets, title=f"{register.year}年{whose}用地台账")


FORMAT, FORMAT_VERSION = "mujun-land", 1
"""Of the document for other programs; the version is raised when a key changes its meaning or goes."""


def land_document(register: LandRegister, engine: str) -> dict[str, Any]:
    """A land register as plain values: decimals as exact text, missing as null, findings in the language in force."""
    tables = {"firms": register.firms, "leases": register.leases, "findings": findings_frame(register.findings)}
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "engine": engine,
        "year": register.year,
        **{name: [_plain(row) for row in rows.iter_rows(named=True)] for name, rows in tables.items()},
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _words(prefix: str, codes: tuple[str, ...]) -> dict[str, str]:
    return {code: text(key(f"{prefix}_{code}")) for code in codes}


def _firms(register: LandRegister, whose: str) -> Sheet:
    rows = register.firms.with_columns(pl.col("tenure").replace(_words("land_tenure", TENURES)))
    columns = (
        known("township"),
        known("credit_code"),
        known("name"),
        known("scale"),
        Column("tenure", "用地类型"),
        known("owned_mu", places=4, unit=True),
        known("rented_in_mu", places=4, unit=True),
        known("rented_out_mu", places=4, unit=True),
        known("land_mu", places=4, unit=True),
        known("floor_area_m2", places=2, unit=True),
        Column("tenants_above", "规上承租企业（家）", "number", 0),
        Column("tenants_below", "规下承租企业（家）", "number", 0),
        known("leases"),
        Column("findings", "用地问题（条）", "whole"),
        known("parcels", width=30.0),
    )
    off = f"（其中不在名录 {register.off_roll} 家）" if register.off_roll else ""
    lines = (
        f"共 {rows.height} 家{off}；实际用地 = 自有 + 租入 − 租出",
        "租赁双方有一方报送即对双方计入，不一致时以出租方为准",
        "混合型：既有自有又有租入；面积空白的企业没有任何用地记录提到",
    )
    title = f"{register.year}年{whose}企业用地台账"
    return Sheet("企业用地", title, lines, (Table(columns, rows),), fixed=3, printed=14)


def _leases(register: LandRegister, whose: str) -> Sheet:
    sides = {"both": "双方", "landlord": "只有出租方", "tenant": "只有承租方"}
    apart = pl.col("difference").is_not_null() & (pl.col("difference") != 0)
    verdict = pl.when(apart).then(pl.lit("不一致")).when(pl.col("said_by") == "both").then(pl.lit("一致"))
    rows = register.leases.with_columns(
        pl.col("party").replace(_words("land_party", PARTIES)),
        verdict.alias("verdict"),
        pl.col("said_by").replace(sides),
    )
    columns = (
        Column("landlord_name", "出租方"),
        Column("landlord", "出租方信用代码"),
        Column("tenant_name", "承租方"),
        Column("tenant", "承租方信用代码"),
        known("party"),
        Column("parcels", "地块", "texts"),
        Column("area_landlord", "出租方所报（亩）", "number", 4),
        Column("area_tenant", "承租方所报（亩）", "number", 4),
        Column("difference", "相差（亩）", "number", 4),
        known("verdict"),
        Column("area_mu", "计入（亩）", "number", 4),
        known("floor_area_m2", places=2, unit=True),
        Column("said_by", "谁报的"),
        Column("landlord_township", "出租方镇街"),
        Column("tenant_township", "承租方镇街"),
        Column("landlord_rows", "出租方记录位置", width=30.0),
        Column("tenant_rows", "承租方记录位置", width=30.0),
    )
    both = register.leases.filter(pl.col("said_by") == "both").height
    lines = (f"共 {rows.height} 宗，双方都报 {both} 宗；相差 = 出租方 − 承租方",)
    title = f"{register.year}年{whose}租赁关系"
    return Sheet("租赁关系", title, lines, (Table(columns, rows),), fixed=3, printed=13)


def _outside(register: LandRegister, whose: str) -> Sheet | None:
    """Villages, persons and others outside the roll, with how much they let or rent in all."""
    outside = register.leases.filter(pl.col("party") != "firm")
    if outside.is_empty():
        return None
    lets = pl.col("landlord").is_null()
    named = outside.with_columns(
        pl.when(lets).then("landlord_name").otherwise("tenant_name").alias("who"),
        pl.when(lets).then(pl.lit("出租方")).otherwise(pl.lit("承租方")).alias("side"),
        pl.when(lets).then("tenant_name").otherwise("landlord_name").alias("firm"),
    )
    rows = (
        named.group_by("party", "side", "who")
        .agg(
            pl.col("firm").n_unique().alias("firms"),
            pl.len().alias("leases"),
            pl.col("area_mu").sum().cast(QUANTITY),
            pl.when(pl.col("floor_area_m2").count() > 0).then(pl.col("floor_area_m2").sum()).cast(QUANTITY),
            pl.col("firm").unique().sort().alias("names"),
        )
        .with_columns(pl.col("party").cast(pl.Enum(PARTIES)))
        .sort("party", "side", "area_mu", "who", descending=[False, False, True, False], nulls_last=True)
        .with_columns(pl.col("party").cast(pl.String).replace(_words("land_party", PARTIES)))
    )
    columns = (
        known("party"),
        Column("side", "在租赁中"),
        Column("who", "名称"),
        known("firms"),
        known("leases"),
        Column("area_mu", "面积（亩）", "number", 4),
        known("floor_area_m2", places=2, unit=True),
        Column("names", "哪些企业", "texts", width=46.0, wrapped=True),
    )
    lines = (
        "村集体、公共机构、个人不报送用地，面积只有企业一面之词，可与其租赁台账核对；名录外企业、重名、没有写的请补正",
    )
    title = f"{register.year}年{whose}名录外的租赁对方"
    return Sheet("名录外对方", title, lines, (Table(columns, rows),), fixed=3)


def _findings(register: LandRegister, whose: str) -> Sheet | None:
    if not register.findings:
        return None
    # What has to be mended goes before what is only to be compared.
    ordered = sorted(register.findings, key=lambda f: f.code in QUIET)
    rows = findings_frame(ordered)
    kinds = {code: text(key(f"land_kind_{code}")) for code in rows["code"].unique()}
    rows = worded(rows.with_columns(pl.col("code").replace(kinds).alias("kind")), what="findings")
    known = headings(rows.schema, what="findings")
    wide = {"name": 24.0, "value": 16.0, "what": 46.0, "remedy": 30.0}
    wanted = ("credit_code", "name", "value", "what", "remedy", "owner", "file", "sheet", "row")
    columns = tuple(
        replace(c, width=wide.get(c.name)) for c in columns_of((known[c] for c in wanted), wrapped=list(wide))
    )
    table = Table((Column("kind", "类别", width=24.0), *columns), rows)
    lines = (f"共 {rows.height} 条；每条写明涉及的全部记录位置",)
    return Sheet("用地问题", f"{register.year}年{whose}用地问题", lines, (table,), fixed=3)
