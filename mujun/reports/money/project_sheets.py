"""Freed energy for projects and the substitution ledger, as workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.allocation import Ledger, ProjectPool
from mujun.allocation.spending import ProjectNeed
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers, with_numerals
from mujun.reports.drawing.workbook import write_workbook

_QUANTITY = pl.Decimal(38, 6)


def write_pools(path: str | Path, pools: Iterable[ProjectPool]) -> Path:
    """Write how pools were shared out among projects, a sheet for each.

    Args:
        path: where to; an existing file is replaced.
        pools: the pools.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    with messages.speaking("zh"):
        return write_workbook(path, [_pool(p) for p in pools], title="腾出用能分配")


def said_of(pool: ProjectPool, why: str, reason: str | None) -> str:
    """Why a project got nothing, in the language in force; empty where it was served."""
    if why == "served":
        return ""
    return reason if why == "refused" and reason else messages.text(messages.key(f"pool_{why}"))


def _pool(pool: ProjectPool) -> Sheet:
    rows = pool.rows.with_columns(
        pl.Series(
            "remark",
            [said_of(pool, w, r) for w, r in pool.rows.select("why", "reason").iter_rows()],
            dtype=pl.String,
        )
    )
    columns = (
        known("project"),
        known("project_name"),
        Column("name", "建设单位"),
        known("tier"),
        known("project_kind"),
        Column("priority", "顺位", "whole", 0),
        Column("weight", "权重", "number", 4),
        known("need_tce", places=2, unit=True),
        Column("given", "分配（吨标煤）", "number", 2),
        Column("shortfall", "缺口（吨标煤）", "number", 2),
        Column("remark", "说明", wrapped=True, width=28),
    )
    total = rows.select(
        pl.lit("合计").alias("project"),
        pl.col("need_tce").filter(pl.col("given").is_not_null()).sum(),
        pl.col("given").sum(),
        pl.col("shortfall").sum(),
    )
    rows = pl.concat([rows.with_columns(_total=False), total.with_columns(_total=True)], how="diagonal_relaxed")
    source = pool.plan.source
    lines = (
        f"依据：{pool.plan.document}",
        f"腾出 {messages.show(pool.freed)} 吨标煤，用于分配 {messages.show(pool.amount)}，"
        f"已分 {messages.show(pool.given)}，剩余 {messages.show(pool.left)}",
    )
    table = with_numbers(Table(columns, rows, totals="_total"))
    return Sheet(source.label[:28], source.label, lines, (table,), 3)


def write_substitutions(
    path: str | Path, ledger: Ledger, needs: Sequence[ProjectNeed], spent: pl.DataFrame, document: str
) -> Path:
    """Write the substitution ledger: balances of sources, what projects lack, and every spending.

    Args:
        path: where to; an existing file is replaced.
        ledger: the ledger.
        needs: what each project has to substitute.
        spent: rows of the `substitutions` table.
        document: what the multiples rest on.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    return write_workbook(path, _ledger(ledger, needs, spent, document), title="替代台账")


def _ledger(ledger: Ledger, needs: Sequence[ProjectNeed], spent: pl.DataFrame, document: str) -> list[Sheet]:
    balances = pl.DataFrame(
        [
            (b.source.id.rsplit("（", 1)[0], b.source.firm, b.source.account, b.source.amount, b.spent, b.left,
             b.source.document)
            for b in ledger.balances()
        ],
        schema={
            **dict.fromkeys(("source", "firm", "account"), pl.String()),
            **dict.fromkeys(("freed", "spent", "left"), _QUANTITY), "document": pl.String(),
        },
        orient="row",
    )  # fmt: skip
    accounts = (
        balances.group_by("account", maintain_order=True)
        .agg(pl.col("freed", "spent", "left").sum())
        .with_columns(pl.col("account").replace_strict(_UNITS, default=None, return_dtype=pl.String).alias("unit"))
    )
    wanted = pl.DataFrame(
        [(n.project, n.project_name, n.account, n.need, n.multiple, n.required, n.given, n.shortage) for n in needs],
        schema={
            **dict.fromkeys(("project", "project_name", "account"), pl.String()),
            **dict.fromkeys(("need", "multiple", "required", "given", "shortage"), _QUANTITY),
        },
        orient="row",
    )
    amounts = (
        Column("freed", "腾出", "number", 4),
        Column("spent", "已使用", "number", 4),
        Column("left", "余额", "number", 4),
    )
    parts: list[Table | Text] = [
        Table((Column("account", "账户"), *amounts, known("unit")), accounts, "各账户余额"),
        Table(
            (
                known("source"),
                Column("firm", "腾退企业"),
                Column("account", "账户"),
                *amounts,
                known("document"),
            ),
            balances,
            "各来源余额",
        ),
    ]
    need_columns = (
        known("project"),
        known("project_name"),
        Column("account", "账户"),
        Column("need", "需要", "number", 4),
        Column("multiple", "替代倍数", "number", 2),
        Column("required", "应替代", "number", 4),
        Column("given", "已替代", "number", 4),
        Column("shortage", "尚缺", "number", 4),
    )
    spent_columns = (
        known("project"),
        known("source"),
        Column("substituted", "账户"),
        known("spent", places=4),
        known("document"),
        Column("_batch", "导入批次", "whole", 0),
        Column("_file", "来源文件"),
    )
    line = f"替代倍数依据：{document}；能耗单位吨标煤，其余吨"
    return [
        Sheet("余额", "替代台账", (line,), with_numerals(parts)),
        Sheet("项目", "项目替代情况", (line,), (with_numbers(Table(need_columns, wanted)),)),
        Sheet("使用", "使用明细", (line,), (with_numbers(Table(spent_columns, spent)),)),
    ]


_UNITS = {"产能": "吨", "能耗": "吨标煤", "煤": "吨", "污染物": "吨", "碳": "吨"}
