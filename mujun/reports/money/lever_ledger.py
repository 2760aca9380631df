"""The quarterly ledger of levers as a sheet: eleven lines, and why a line is blank."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mujun import messages
from mujun.allocation import Allocation, LeverLedger, LeverLine
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers
from mujun.reports.drawing.workbook import write_workbook


def why_blank(line: LeverLine) -> str:
    """Why a line is blank, or what is not in it, in the language in force."""
    reasons: list[str] = []
    if line.why:
        reasons.append(messages.text(line.why, count=line.open))
    elif line.open:
        reasons.append(messages.text("lever_open", count=line.open))
    if line.others:
        reasons.append(messages.text("lever_others", amount=line.others, unit=line.unit))
    return messages.text("lever_joined").join(reasons)


def name_of(line: LeverLine) -> str:
    """What a line is called, in the language in force."""
    return messages.text(messages.key(f"lever_{line.lever}"))


def tiers_of(line: LeverLine) -> str:
    """The tiers that a line is for."""
    return messages.text("lever_better" if line.for_better else "lever_worse")


def write_lever_ledger(path: str | Path, ledger: LeverLedger, allocation: Allocation) -> Path:
    """Write the ledger as a workbook, in Chinese.

    Args:
        path: where to; an existing file is replaced.
        ledger: the ledger.
        allocation: the amounts it is from.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    with messages.speaking("zh"):
        return write_workbook(path, [_sheet(ledger, allocation)], title="政策措施季度台账")


def _sheet(ledger: LeverLedger, allocation: Allocation) -> Sheet:
    quarters = [str(q) for q in ledger.quarters]
    rows = [
        {
            "tiers": tiers_of(line),
            "name": name_of(line),
            "unit": line.unit,
            **{str(q): line.amounts.get(q) for q in ledger.quarters},
            "total": line.total,
            "enterprises": line.enterprises if line.amounts else None,
            "measures": "、".join(line.measures),
            "why": why_blank(line),
        }
        for line in ledger.lines
    ]
    amount = pl.Decimal(38, 6)
    text = dict.fromkeys(("tiers", "name", "unit", "measures", "why"), pl.String())
    schema = {**text, **dict.fromkeys((*quarters, "total"), amount), "enterprises": pl.Int64()}
    frame = pl.DataFrame(rows, schema_overrides=schema)
    columns = (
        Column("tiers", "对象"),
        Column("name", "项目", width=22),
        known("unit"),
        *(Column(q, f"{q[:4]}年{q[-1]}季度", "number", 2, 14) for q in quarters),
        Column("total", "合计", "number", 2, 16),
        known("enterprises"),
        Column("measures", "措施", wrapped=True, width=26),
        Column("why", "说明", wrapped=True, width=40),
    )
    notes = ["空白的行没有数可填，原因见“说明”；执行期的金额按各季度的用量分月记录分到季度，没有分月记录的按天数分。"]
    notes.append("各季度之和等于执行金额，一分不差；一次性数额记在执行期开始的季度，返还记在执行期结束的季度。")
    if ledger.outside:
        notes.append(f"不属于十一行的措施：{'、'.join(ledger.outside)}。")
    title = f"{allocation.year or ''}年度评价结果的政策措施季度台账"
    origin = f"数据年度 {allocation.year or ''}　规则集 {allocation.plan.ruleset.address}"
    parts: tuple[Table | Text, ...] = (with_numbers(Table(columns, frame)), Text(tuple(notes), tone="quiet"))
    return Sheet("季度台账", title, (origin,), parts)
