"""Money in totals: a year beside the year before, and what other rules would make of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from mujun.allocation import Allocation
from mujun.analysis.money_change import MoneyChange
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.exporting import ladder_of
from mujun.reports.drawing.industries import division_name
from mujun.reports.drawing.sheets import Column, Sheet, Table, with_numbers
from mujun.reports.drawing.wording import KINDS
from mujun.reports.drawing.workbook import write_workbook

LABELS: Mapping[str, str] = {
    "tier": "档次",
    "township": "镇街",
    "industry": "行业",
    "scale": "规模",
    "park": "园区",
    "cohort": "评价组别",
}
"""What totals can be broken down by."""


def write_totals(path: str | Path, totals: Mapping[str, pl.DataFrame], allocation: Allocation) -> Path:
    """Write totals as a workbook, a sheet for each way to break them down.

    Args:
        path: where to; an existing file is replaced.
        totals: by the column, rows as `mujun.workspace.money.amounts.AgainstLastYear` has them.
        allocation: the amounts.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    sheets = [_totals(rows, by, allocation) for by, rows in totals.items()]
    return write_workbook(path, sheets, title="差别化措施合计")


def with_industry(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose `industry` is a division of two digits, with its name behind it."""
    name = division_name(pl.col("industry"))
    return rows.with_columns(
        pl.when(pl.col("industry").is_not_null())
        .then(pl.concat_str("industry", name, separator=" ", ignore_nulls=True))
        .alias("industry")
    )


def _totals(rows: pl.DataFrame, by: str, allocation: Allocation) -> Sheet:
    rows = rows.with_columns(pl.col("kind").replace(KINDS))
    if by == "industry":
        rows = with_industry(rows)
    columns = (
        Column("label", "措施", width=26),
        Column("kind", "类别"),
        Column(by, LABELS[by], "tier" if by == "tier" else "text"),
        Column("enterprises", "本年（家）", "whole"),
        Column("amount", "本年", "number", 6, 16),
        Column("enterprises_last", "上年（家）", "whole"),
        Column("amount_last", "上年", "number", 6, 16),
        Column("change", "增减", "number", 6, 16),
        known("unit"),
    )
    lines = (_origin(allocation), "本年和上年都指评价的数据年度；上年没有评价的为空")
    title = f"{allocation.year or ''}年度差别化措施合计（按{LABELS[by]}）"
    return Sheet(f"按{LABELS[by]}", title, lines, (Table(columns, rows),), tiers=_ladder(allocation))


def write_money_change(path: str | Path, change: MoneyChange, allocation: Allocation, other: str) -> Path:
    """Write what other rules would make, in money, as a workbook.

    Args:
        path: where to; an existing file is replaced.
        change: the comparison.
        allocation: the amounts as they are.
        other: the address of the other rules.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    lines = (
        _origin(allocation),
        f"与规则集 {other} 比较；金额单位万元；净增为多缴（加价增加减去减免增加），负数为少缴",
    )
    measures = (
        Column("label", "措施", width=26),
        Column("kind", "类别"),
        Column("firms_before", "现行（家）", "whole"),
        Column("firms", "改后（家）", "whole"),
        Column("before", "现行", "number", 6, 16),
        Column("after", "改后", "number", 6, 16),
        Column("change", "增减", "number", 6, 16),
    )
    rows = change.measures.with_columns(pl.col("kind").replace(KINDS))
    sheets = [Sheet("按措施", f"规则调整的金额影响（{allocation.year or ''}）", lines, (Table(measures, rows),))]
    ladder = _ladder(allocation)
    for by in ("tier", "township"):
        columns = (Column(by, LABELS[by], "tier" if by == "tier" else "text"), *_GROUP)
        table = Table(columns, change.by(by))
        sheets.append(Sheet(f"按{LABELS[by]}", f"按{LABELS[by]}", lines, (table,), tiers=ladder))
    firms = (
        known("name"),
        known("credit_code"),
        known("township"),
        Column("tier_before", "现行档次", "tier"),
        Column("tier", "改后档次", "tier"),
        *_AMOUNTS,
    )
    for name, several in (("多缴的企业", change.losers), ("少缴的企业", change.winners)):
        sheets.append(Sheet(name, name, lines, (with_numbers(Table(firms, several)),), 2, tiers=ladder))
    return write_workbook(path, sheets, title="规则调整的金额影响")


_AMOUNTS = (
    Column("surcharge_before", "现行加价", "number", 6),
    Column("surcharge", "改后加价", "number", 6),
    Column("relief_before", "现行减免", "number", 6),
    Column("relief", "改后减免", "number", 6),
    Column("change", "净增", "number", 6),
)
_GROUP = (
    Column("firms", "涉及（家）", "whole"),
    Column("losers", "多缴（家）", "whole"),
    Column("winners", "少缴（家）", "whole"),
    *_AMOUNTS,
)


def _ladder(allocation: Allocation) -> tuple[str, ...]:
    rating = allocation.plan.ruleset.rating
    return ladder_of(rating) if rating is not None else ()


def _origin(allocation: Allocation) -> str:
    return f"数据年度 {allocation.year or ''}　规则集 {allocation.plan.ruleset.address}"
