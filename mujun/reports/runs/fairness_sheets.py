"""Fairness at a glance as a workbook and as a document for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun.analysis.fairness import DIMENSIONS, Fairness
from mujun.analysis.fairness.fairness import ALIKE, REST, SMALL
from mujun.messages import MessageKey, key, speaking, text
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.exporting import TRIAL
from mujun.reports.drawing.industries import DIVISIONS
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text
from mujun.reports.drawing.workbook import write_workbook

FORMAT = "mujun-fairness"
FORMAT_VERSION = 1
"""Of the document for other programs; raised when a key changes its meaning or goes."""

READING: tuple[MessageKey, ...] = (
    "fairness_read_association", "fairness_read_small", "fairness_read_drivers", "fairness_read_weights",
    "fairness_read_explained",
)  # fmt: skip
"""How to read the tables, line by line."""


def write_fairness(path: str | Path, fairness: Fairness, *, run: int | None = None) -> Path:
    """Write the workbook: 概况, 各组档次, 得分差异, 权重与重复.

    Args:
        path: where to; an existing file is replaced.
        fairness: what the analysis gave.
        run: the run's number, where it was kept.

    Raises:
        InputError: the file cannot be written.
    """
    with speaking("zh"):
        sheets = [_front(fairness, run), _shares(fairness), *_drivers(fairness), _weights(fairness)]
    rating = fairness.rating
    return write_workbook(
        path, sheets, footer=rating.plan.ruleset.address, title=f"{rating.year}年{rating.plan.rating.name}：公平性一览"
    )


def fairness_document(fairness: Fairness, engine: str, *, run: int | None = None) -> dict[str, Any]:
    """Everything as plain values: a list of objects per table, decimals as exact text, missing as null.

    Args:
        fairness: what the analysis gave.
        engine: the version of mujun.
        run: the run's number, where it was kept.
    """
    rating = fairness.rating
    tables = {
        "dimensions": fairness.dimensions,
        "shares": fairness.shares,
        "drivers": fairness.drivers,
        "weights": fairness.weights,
        "correlations": fairness.correlations,
    }
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "engine": engine,
        "run": run,
        "year": rating.year,
        "rules": rating.plan.ruleset.address,
        "result_digest": rating.digest,
        "binding": rating.binding,
        "tiers": list(fairness.tiers),
        **{name: [_plain(row) for row in rows.iter_rows(named=True)] for name, rows in tables.items()},
    }


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}


# --------------------------------------------------------------------------------------------------------------- words


def group_name(dimension: str, group: str | None) -> str:
    """A group as a reader calls it, in the language in force."""
    if dimension == "all":
        return text("fairness_dim_all")
    if group is None:
        return text("fairness_outside" if dimension == "park" else "fairness_unknown")
    if dimension == "age":
        return text(key(f"fairness_age_{group}"))
    if dimension == "tenure":
        return text(key(f"land_tenure_{group}"))
    if dimension == "industry":
        return f"{group} {DIVISIONS[group]}" if group in DIVISIONS else group
    return group


def dimension_name(dimension: str) -> str:
    """A dimension as a reader calls it."""
    return text(key(f"fairness_dim_{dimension}"))


def names_of(fairness: Fairness) -> dict[str, str]:
    """Cohorts and indicators by their labels, and the rest."""
    rating = fairness.rating.plan.rating
    return {
        **{n: i.label or n for n, i in rating.indicators.items()},
        **{c.id: c.label or c.id for c in rating.cohorts},
        REST: text("fairness_rest"),
    }


def reading() -> list[str]:
    """How to read the tables, in the language in force."""
    return [text(key, small=SMALL) for key in READING]


def most_of(fairness: Fairness, dimension: str, tier: str) -> tuple[str | None, Decimal] | None:
    """The group of a dimension with the largest share in a tier, of those that are not small; the first of equals."""
    known = fairness.shares.filter(pl.col("dimension") == dimension, ~pl.col("small"), pl.col("group").is_not_null())
    if known.is_empty():
        return None
    best = known.sort(f"share:{tier}", descending=True, maintain_order=True).row(0, named=True)
    return best["group"], best[f"share:{tier}"]


def alike(fairness: Fairness) -> pl.DataFrame:
    """Pairs of indicators that say nearly the same, the nearest first."""
    pairs = fairness.correlations.filter(pl.col("spearman").abs() >= ALIKE)
    return pairs.sort(pl.col("spearman").abs(), descending=True, maintain_order=True)


# ------------------------------------------------------------------------------------------------------------ workbook


def _trial(fairness: Fairness) -> str:
    return "" if fairness.rating.binding else TRIAL


def _named(column: str, names: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace(dict(names))


def _group_names(rows: pl.DataFrame) -> pl.Series:
    return pl.Series("name", [group_name(d, g) for d, g in rows.select("dimension", "group").iter_rows()], pl.String)


def _front(fairness: Fairness, run: int | None) -> Sheet:
    rating, names = fairness.rating, names_of(fairness)
    first, last = (fairness.tiers[0], fairness.tiers[-1]) if fairness.tiers else ("", "")
    lines = []
    for dimension, groups, _, firms, association, chance, as_large in fairness.dimensions.iter_rows():
        best, worst = (most_of(fairness, dimension, t) if fairness.tiers else None for t in (first, last))
        lines.append(
            (
                dimension_name(dimension), groups, firms, association, chance,
                as_large.scaleb(2) if as_large is not None else None,
                group_name(dimension, best[0]) if best else None, best[1] if best else None,
                group_name(dimension, worst[0]) if worst else None, worst[1] if worst else None,
            )
        )  # fmt: skip
    number = pl.Decimal(18, 4)
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "dimension": pl.String, "groups": pl.Int64, "known": pl.Int64, "association": number, "chance": number,
        "as_large": number, "best": pl.String,
        "best_share": number, "worst": pl.String, "worst_share": number,
    }  # fmt: skip
    glance = pl.DataFrame(lines, schema=schema, orient="row")
    whole = fairness.shares.filter(pl.col("dimension") == "all").with_columns(pl.lit("全部参评定档企业").alias("name"))
    parts: list[Table | Text] = [
        Text(tuple(reading()), "怎样读"),
        Table((Column("name", "范围"), *_tier_columns(fairness)), whole, "总体"),
        Table(
            (
                known("dimension"),
                Column("groups", "组数", "whole"),
                Column("known", "有分组的（家）", "whole"),
                Column("association", "关联强度（0至1）", "number", 4),
                Column("chance", "纯属偶然时可达", "number", 4),
                Column("as_large", "偶然也有这么强的可能（%）", "number", 2),
                Column("best", f"{first}档占比最高的组"),
                Column("best_share", "占比（%）", "number", 2),
                Column("worst", f"{last}档占比最高的组"),
                Column("worst_share", "占比（%）", "number", 2),
            ),
            glance,
            "各种分组的差别",
        ),
    ]
    near = alike(fairness).with_columns(_named("cohort", names), _named("first", names), _named("second", names))
    if near.height:
        parts.append(Table(_PAIR_COLUMNS, near, f"说的几乎是同一件事的指标（名次相关在 {ALIKE} 以上）"))
    kept = f"　第 {run} 次评价" if run is not None else ""
    origin = f"数据年度 {rating.year}　规则集 {rating.plan.ruleset.address}{kept}　结果摘要 {rating.digest[:12]}"
    title = f"{rating.year}年{rating.plan.rating.name}：公平性一览"
    return Sheet("概况", title, (origin,), tuple(parts), trial=_trial(fairness))


_PAIR_COLUMNS = (
    known("cohort"),
    Column("first", "指标"),
    Column("second", "指标"),
    known("subjects"),
    Column("spearman", "名次相关", "number", 4),
    Column("pearson", "得分相关", "number", 4),
)


def _tier_columns(fairness: Fairness) -> list[Column]:
    pairs = [(Column(f"count:{t}", f"{t}档（家）", "whole"), Column(f"share:{t}", f"{t}档（%）", "number", 2))
             for t in fairness.tiers]  # fmt: skip
    return [known("subjects"), *(c for pair in pairs for c in pair)]


def _shares(fairness: Fairness) -> Sheet:
    rows = fairness.shares.with_columns(
        _group_names(fairness.shares),
        pl.col("dimension").replace({d: dimension_name(d) for d in ("all", *DIMENSIONS)}),
        pl.when("small").then(pl.lit("家数少")).alias("note"),
    )
    columns = (known("dimension"), Column("name", "组"), *_tier_columns(fairness), known("note"))
    lines = (f"只含参评定档的企业；不足 {SMALL} 家的组注“家数少”，占比仅供参考",)
    table = Table(columns, rows)
    return Sheet("各组档次", f"{fairness.rating.year}年各组企业的档次分布", lines, (table,), 2, trial=_trial(fairness))


def _drivers(fairness: Fairness) -> list[Sheet]:
    """One sheet per cohort: what makes each group's mean score differ."""
    names, sheets = names_of(fairness), []
    for cohort in fairness.rating.plan.rating.cohorts:
        rows = fairness.drivers.filter(pl.col("cohort") == cohort.id)
        if rows.is_empty():
            continue
        parts = [c for c in rows.columns if c.startswith("part:") and rows[c].null_count() < rows.height]
        shown = rows.with_columns(
            _group_names(rows),
            pl.col("dimension").replace({d: dimension_name(d) for d in DIMENSIONS}),
            _named("driver", names),
            pl.when("small").then(pl.lit("家数少")).alias("note"),
        )
        columns = (
            known("dimension"),
            Column("name", "组"),
            known("subjects"),
            Column("mean_score", "平均得分（分）", "number", 4),
            Column("difference", "与全组别相差（分）", "number", 4),
            Column("driver", "主要差在"),
            *(Column(c, f"{names[c.removeprefix('part:')]}（分）", "number", 4) for c in parts),
            known("note"),
        )
        label = cohort.label or cohort.id
        lines = (
            "相差 = 该组平均得分 − 本评价组别的平均得分；右边各列是各部分的差，相加恰为相差",
            "主要差在：与相差同方向、数值最大的一部分",
        )
        title = f"{fairness.rating.year}年{label}：各组得分差在哪里"
        table = Table(columns, shown)
        sheets.append(Sheet(f"得分差异·{label}", title, lines, (table,), 2, trial=_trial(fairness)))
    return sheets


def _weights(fairness: Fairness) -> Sheet:
    names = names_of(fairness)
    hundred = [
        (100 * pl.col(c).cast(pl.Float64)).alias(c) for c in ("nominal", "effective", "least", "most", "explained")
    ]
    rows = fairness.weights.with_columns(
        _named("cohort", names), _named("indicator", names), *hundred,
        (pl.col("effective") - pl.col("nominal")).cast(pl.Float64).mul(100).alias("beyond"),
    )  # fmt: skip
    pairs = fairness.correlations.with_columns(_named("cohort", names), _named("first", names), _named("second", names))
    parts = (
        Table(
            (
                known("cohort"),
                Column("indicator", "部分"),
                known("weight", places=2),
                Column("nominal", "规定权重（%）", "number", 2),
                Column("effective", "实际作用（%）", "number", 2),
                Column("least", "可能低至（%）", "number", 2),
                Column("most", "可能高至（%）", "number", 2),
                Column("beyond", "实际 − 规定（百分点）", "number", 2),
                Column("explained", "被其余指标解释（%）", "number", 2),
            ),
            rows,
            "规定权重与实际作用",
        ),
        Table(_PAIR_COLUMNS, pairs, "指标之间的相关"),
        Text(tuple(reading()[-2:])),
    )
    return Sheet("权重与重复", f"{fairness.rating.year}年指标的实际作用与重复", (), parts, trial=_trial(fairness))
