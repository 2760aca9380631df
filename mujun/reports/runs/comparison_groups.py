"""A comparison counted by groups: movements, burdens, and the migration matrix."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mujun import messages
from mujun.analysis import comparing
from mujun.analysis.comparison import Comparison
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.industries import DIVISIONS
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text

_MANY = 3
"""How many changed figures are named beside a firm; the sheet of figures has all."""

_BY = {"cohort": "按评价组别", "township": "按镇街", "industry_division": "按行业", "scale": "按规模"}


def worded(column: str, words: Mapping[str, str]) -> pl.Expr:
    """A column of codes in words; a code without a word stays."""
    return pl.col(column).replace_strict(dict(words), default=pl.col(column), return_dtype=pl.String)


def counts_said(firms: pl.DataFrame) -> str:
    """How many moved which way, in a sentence of the language in force."""
    total = comparing.directions(firms)
    counts = dict.fromkeys(comparing.DIRECTIONS, 0)
    if total.height:
        counts = {d: total[d][0] for d in comparing.DIRECTIONS}
    moved = sum(counts.values()) - counts[comparing.SAME]
    unmoved = firms.filter(pl.col("direction") == comparing.SAME)
    scores = unmoved.filter(pl.col("score_change").fill_null(0) != 0).height
    if not moved:
        return messages.text("diff_none_moved", scores=scores)
    return messages.text("diff_counts", moved=moved, scores=scores, **counts)


def figures_changed(comparison: Comparison) -> pl.DataFrame:
    """The first changed figures of each firm, in words: `credit_code`, `why`."""
    inputs = comparison.inputs
    if inputs is None or inputs.is_empty():
        return pl.DataFrame(schema={"credit_code": pl.String, "why": pl.String})
    sides = [pl.concat_str(s, "unit").fill_null("空") for s in ("before", "after")]
    one = pl.format("{} {}→{}", "label", *sides).alias("one")
    told = inputs.filter(pl.col("field") != "as_of").with_columns(one)
    return told.group_by("credit_code", maintain_order=True).agg(
        pl.when(pl.len() > _MANY)
        .then(pl.format("{}等 {} 项", pl.col("one").head(_MANY).str.join("；"), pl.len()))
        .otherwise(pl.col("one").str.join("；"))
        .alias("why")
    )


def groups_sheet(comparison: Comparison, tab: str) -> Sheet:
    """Everything that differs, counted by group."""
    parts: list[Table | Text] = []
    for by, caption in ((None, "全部"), *_BY.items()):
        rows = comparison.effects(by)
        head: list[Column] = []
        if by is not None:
            rows = rows.with_columns(_group_words(by, comparison).alias("group"))
            head = [Column("group", caption.removeprefix("按"))]
        columns = [
            *head,
            *(Column(d, messages.text(messages.key(f"direction_{d}")), "whole") for d in comparing.DIRECTIONS),
            Column("enterprises", "家数", "whole"),
        ]
        if comparison.lists is not None:
            columns += [Column("listed", "清单新列", "whole"), Column("struck", "清单减少", "whole")]
        if comparison.amounts is not None:
            columns += [
                known("burden", places=2),
                Column("losers", "负担加重", "whole"),
                Column("winners", "负担减轻", "whole"),
            ]
        parts.append(Table(tuple(columns), rows, caption))
    line = "单位：家。家数为两边任一有档次的企业；负担增加为正，减轻为负。"
    return Sheet(tab, "", (line,), tuple(parts))


def migration_table(comparison: Comparison, by: str | None) -> tuple[list[str], pl.DataFrame]:
    """The migration matrix, wide.

    Returns:
        The tiers across, and rows `group`, `from`, a column `to:<tier>` per tier, `to:` for no tier, `total`.
    """
    tiers = list(comparison.tiers)
    moves = comparing.migration(comparison.firms, by)
    counted = [
        pl.col("enterprises")
        .filter(pl.col("tier_after").eq_missing(pl.lit(t, dtype=pl.String)))
        .sum()
        .alias(f"to:{t or ''}")
        for t in (*tiers, None)
    ]
    order = {t: i for i, t in enumerate(tiers)}
    wide = (
        moves.group_by("group", pl.col("tier_before").alias("from"))
        .agg(*counted, pl.col("enterprises").sum().alias("total"))
        .sort("group", pl.col("from").replace_strict(order, default=None, return_dtype=pl.Int64), nulls_last=True)
    )
    return tiers, wide


def migration_sheet(comparison: Comparison, tab: str) -> Sheet:
    """Who went from which tier to which, by group."""
    parts: list[Table | Text] = []
    for by, caption in ((None, "全部"), *_BY.items()):
        tiers, wide = migration_table(comparison, by)
        shown = wide.with_columns(pl.col("from").fill_null("无"))
        head: list[Column] = []
        if by is not None:
            shown = shown.with_columns(_group_words(by, comparison).alias("group"))
            head = [Column("group", caption.removeprefix("按"))]
        columns = (
            *head,
            Column("from", "原档次", "tier"),
            *(Column(f"to:{t}", f"现 {t}", "whole") for t in tiers),
            Column("to:", "现无档次", "whole"),
            Column("total", "合计", "whole"),
        )
        parts.append(Table(columns, shown, caption))
    line = "每行是原来的档次，各列是现在的档次；没有档次的（不参评、只算指标等）列为“无”。"
    return Sheet(tab, "", (line,), tuple(parts))


def _group_words(by: str, comparison: Comparison) -> pl.Expr:
    if by == "cohort":
        return cohort_words("group", comparison)
    if by == "industry_division":
        return pl.concat_str(
            pl.col("group"),
            pl.col("group").replace_strict(DIVISIONS, default="", return_dtype=pl.String),
            separator=" ",
        ).fill_null("—")
    return pl.col("group").fill_null("—")


def cohort_words(column: str, comparison: Comparison) -> pl.Expr:
    """A column of cohorts by their labels."""
    return worded(column, comparison.cohorts).fill_null("—")
