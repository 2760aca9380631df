"""Scenarios side by side, and each against its baseline, as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.analysis import comparing
from mujun.analysis.comparison import Comparison
from mujun.dataclass import dataclass
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers, with_numerals, with_tiers
from mujun.reports.drawing.workbook import write_workbook
from mujun.reports.runs.comparison_workbook import comparison_sheets
from mujun.rules.differing import Difference, shown


@dataclass(frozen=True)
class Tried:
    """A scenario as the workbook shows it."""

    id: str
    name: str
    comparison: Comparison


def summary(tried: Sequence[Tried]) -> pl.DataFrame:
    """Scenarios in a row each: `name, up, down, other, listed, struck, burden, losers, winners`.

    `other` gathers those who are newly tiered, no longer, or tiered beside the ladder; `burden` is in 万元, and missing
    (like `listed` and `struck`) where the rules do not say so on both sides.
    """
    rows = []
    for t in tried:
        row = t.comparison.effects().to_dicts()
        # Without any tier on either side there is no row, and nothing moved.
        total = row[0] if row else dict.fromkeys((*comparing.DIRECTIONS, "listed", "struck", "losers", "winners"), 0)
        rows.append(
            {
                "name": t.name,
                "up": total["up"],
                "down": total["down"],
                "other": total["gained"] + total["lost"] + total["other"],
                **{n: total.get(n) for n in ("listed", "struck", "burden", "losers", "winners")},
            }
        )
    types: dict[str, pl.DataType] = {
        "name": pl.String(),
        "burden": pl.Decimal(38, 6),
        **dict.fromkeys(("up", "down", "other", "listed", "struck", "losers", "winners"), pl.Int64()),
    }
    return pl.DataFrame(rows, schema={k: types[k] for k in rows[0]} if rows else types)


def tiers_side_by_side(tried: Sequence[Tried]) -> pl.DataFrame:
    """How many enterprises each tier of each cohort has: `group, tier, baseline`, a column `s0, s1, …` per scenario."""
    joined: pl.DataFrame | None = None
    for number, t in enumerate(tried):
        counts = comparing.tier_counts(t.comparison.firms)
        words = t.comparison.cohorts
        one = counts.select(
            pl.col("group").replace_strict(words, default=pl.col("group"), return_dtype=pl.String),
            "tier",
            pl.col("before").alias("baseline"),
            pl.col("after").alias(f"s{number}"),
        )
        if joined is None:
            joined = one
            continue
        joined = joined.join(one, on=["group", "tier"], how="full", coalesce=True, nulls_equal=True).with_columns(
            pl.coalesce("baseline", "baseline_right").alias("baseline")
        )
        joined = joined.drop("baseline_right")
    if joined is None:
        return pl.DataFrame(schema={"group": pl.String, "tier": pl.String, "baseline": pl.Int64})
    return joined.with_columns(pl.col(pl.Int64).fill_null(0)).sort("group", "tier", nulls_last=True)


def winners_and_losers(comparison: Comparison) -> pl.DataFrame:
    """Everybody whose tier, burden or listing differs: the heaviest new burden first, then who fell furthest.

    Columns `credit_code, name, township, industry, scale, tier_before, tier_after, direction, score_change,
    rank_change, burden, list`.
    """
    empty = pl.DataFrame(schema={"credit_code": pl.String, "burden": pl.Decimal(38, 6)})
    burdens = empty if comparison.amounts is None else comparing.burdens(comparison.amounts)
    lists = pl.DataFrame(schema={"credit_code": pl.String, "list": pl.String})
    if comparison.lists is not None:
        # Of a firm that several lists say something of, that it is newly listed goes before all else.
        lists = comparison.lists.select("credit_code", pl.col("change").alias("list"))
        lists = lists.sort("credit_code", "list").unique("credit_code", keep="first", maintain_order=True)
    joined = comparison.firms.join(burdens, on="credit_code", how="left").join(lists, on="credit_code", how="left")
    touched = (pl.col("direction") != comparing.SAME) | pl.col("burden").is_not_null() | pl.col("list").is_not_null()
    order = pl.col("direction").replace_strict(
        {d: i for i, d in enumerate(("down", "lost", "other", "same", "gained", "up"))}
    )
    return (
        joined.filter(touched)
        .sort(pl.col("burden").fill_null(0) * -1, order, "steps", "score_change", "credit_code", nulls_last=True)
        .select(
            "credit_code", "name", "township", "industry", "scale", "tier_before", "tier_after", "direction",
            "score_change", "rank_change", "burden", "list",
        )
    )  # fmt: skip


def said_changes(rules: Sequence[Difference]) -> list[str]:
    """What a scenario changes, in a few words each; its name is none of it."""
    told = [d for d in rules if d.key not in ("name", "status", "years", "sources", "omits", "place")]
    return [f"{d.what} {d.said_before or shown(d.before)}→{d.said_after or shown(d.after)}" for d in told]


def write_scenarios(path: str | Path, baseline: str, tried: Sequence[Tried]) -> Path:
    """Write scenarios as a workbook, in Chinese.

    Args:
        path: where to.
        baseline: what the baseline is, in a sentence.
        tried: the scenarios that could be computed.

    Raises:
        InputError: the file cannot be written.
    """
    with messages.speaking("zh"):
        sheets = [_front(baseline, tried)]
        for number, t in enumerate(tried, start=1):
            prefix = f"{number}·" if len(tried) > 1 else ""
            inner = comparison_sheets(t.comparison, f"{t.name}与基准比较", prefix)
            sheets += [*inner[:2], _firms(t, prefix), *inner[2:]]
        return write_workbook(path, sheets, title="规则试算")


def _front(baseline: str, tried: Sequence[Tried]) -> Sheet:
    lines = [baseline, "试算结果，不作执行依据。"]
    for number, t in enumerate(tried, start=1):
        lines.append(f"方案 {number} {t.name}：{_changes(t)}")
    parts: list[Table | Text] = [
        Text(tuple(lines), "试算什么"),
        Table(
            (
                Column("name", "方案"),
                Column("up", "上升（家）", "whole"),
                Column("down", "下降（家）", "whole"),
                Column("other", "其他变动（家）", "whole"),
                Column("listed", "清单新列（家）", "whole"),
                Column("struck", "清单减少（家）", "whole"),
                known("burden", places=2),
                Column("losers", "负担加重（家）", "whole"),
                Column("winners", "负担减轻（家）", "whole"),
            ),
            summary(tried),
            "各方案与基准相比",
        ),
        Table(
            (
                Column("group", "组别"),
                known("tier"),
                Column("baseline", "基准（家）", "whole"),
                *(Column(f"s{i}", f"{t.name}（家）", "whole") for i, t in enumerate(tried)),
            ),
            tiers_side_by_side(tried),
            "各档家数",
        ),
    ]
    ladder = tried[0].comparison.ladder if tried else ()
    return with_tiers(Sheet("方案对照", "规则试算", (), with_numerals(parts), portrait=True), ladder)


_MOST_CHANGES = 8


def _changes(tried: Tried) -> str:
    changes = said_changes(tried.comparison.rules)
    if len(changes) > _MOST_CHANGES:
        return f"规则有 {len(tried.comparison.rules)} 处不同，见“规则差别”"
    return "；".join(changes) or "与基准相同"


def _firms(tried: Tried, prefix: str) -> Sheet:
    comparison = tried.comparison
    words = {d: messages.text(messages.key(f"direction_{d}")) for d in comparing.DIRECTIONS}
    lists = {c: messages.text(messages.key(f"change_{c}")) for c in ("listed", "struck", "reasons")}
    rows = winners_and_losers(comparison).with_columns(
        pl.col("direction").replace_strict(words, return_dtype=pl.String),
        pl.col("list").replace_strict(lists, default=None, return_dtype=pl.String),
    )
    columns = (
        known("name"),
        known("credit_code"),
        known("township"),
        known("industry"),
        known("scale"),
        Column("tier_before", "基准档次", "tier"),
        Column("tier_after", "方案档次", "tier"),
        known("direction"),
        known("score_change", places=2),
        known("rank_change", places=0),
        Column("burden", "负担增减（万元）", "number", 6),
        Column("list", "整治清单"),
    )
    line = "档次、负担或清单有变化的全部企业：负担增加多的在前，负担减轻多的在后。"
    sheet = Sheet(f"{prefix}得失企业", "", (line,), (with_numbers(Table(columns, rows)),), fixed=2)
    return with_tiers(sheet, comparison.ladder)
