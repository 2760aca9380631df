"""How firm the tiers are, as a workbook and as a document for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from mujun.analysis.stability import Firmness
from mujun.errors import Place, UsageError, problem
from mujun.messages import MessageKey, key, show, speaking, text
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.exporting import TRIAL, ladder_of
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers, with_numerals
from mujun.reports.drawing.workbook import write_workbook
from mujun.writing import written

FORMAT, FORMAT_VERSION = "mujun-stability", 1
"""The version of the document for other programs; raised when a key changes its meaning or goes."""

LARGEST_PARAMETERS = 300_000
"""Cells of drawn numbers that the workbook takes in; more go to a file of their own."""

SOURCES = ("weights", "benchmarks", "caps", "cuts", "inputs")


def write_stability(path: str | Path, firmness: Firmness) -> Path:
    """Write the workbook: 概况, 不稳固企业, 全部企业, 抽取的数.

    Raises:
        InputError: the file cannot be written.
    """
    rating = firmness.rating
    name = rating.plan.rating.name
    with speaking("zh"):
        sheets = [
            _front(firmness),
            _firms(firmness, "不稳固企业", firmness.fragile),
            _firms(firmness, "全部企业", firmness.subjects),
        ]
        drawn = _drawn(firmness)
    sheets += [drawn] if drawn is not None else []
    return write_workbook(
        path, sheets, footer=rating.plan.ruleset.address, title=f"{rating.year}年{name}：档次稳固性检验"
    )


def names_of(firmness: Firmness) -> Mapping[str, str]:
    """Cohorts, indicators and expressions by what they are called."""
    rating = firmness.rating.plan.rating
    return {n: i.label or n for n, i in rating.indicators.items()} | {c.id: c.label or c.id for c in rating.cohorts}


def ranges_in_words(firmness: Firmness) -> str:
    """The ranges in one sentence."""
    stated = firmness.stated
    key: MessageKey = "stability_origin_usual" if firmness.by_default else "stability_origin_rules"
    usual = {s: show(stated.width(s, "default")) for s in SOURCES}
    return text("stability_ranges", origin=text(key), **usual)


def assumptions_in_words(firmness: Firmness) -> list[str]:
    """What was held as in the rating."""
    return [text(key, names=list(names)) for key, names in firmness.assumptions]


# ------------------------------------------------------------------------------------------------------------ workbook


def _front(firmness: Firmness) -> Sheet:
    rating, stated = firmness.rating, firmness.stated
    names = names_of(firmness)
    limit = show(stated.fragile_below)
    counts = text(
        "stability_count", rated=firmness.subjects.height, fragile=int(firmness.subjects["fragile"].sum()), limit=limit
    )
    tiers = firmness.tiers.with_columns(_called("cohort", names))
    parts: list[Table | Text] = [
        Text((ranges_in_words(firmness), *_other_ranges(firmness), *assumptions_in_words(firmness)), "怎样检验"),
        Table(
            (
                known("cohort"),
                known("tier"),
                Column("subjects", "对象数", "whole"),
                Column("kept", "平均保持本档", "percent", 1),
                Column("fragile", "不稳固", "whole"),
            ),
            tiers,
            "各档稳固程度",
        ),
        Text((counts,)),
    ]
    if firmness.variance_draws:
        parts.append(_sources(firmness, names))
        note = text(
            "stability_source_note",
            draws=firmness.variance_draws,
            designs=firmness.sources["source"].n_unique() + 2,
            subjects=firmness.variance_subjects,
        )
        parts.append(Text((note,), tone="quiet"))
    dropped = firmness.dropped.with_columns(_called("cohort", names), _called("indicator", names))
    parts.append(
        Table(
            (
                known("cohort"),
                Column("indicator", "去掉的指标"),
                Column("subjects", "排名对象数", "whole"),
                Column("moved", "变档", "whole"),
                Column("up", "其中升档", "whole"),
                Column("down", "其中降档", "whole"),
                known("rank_shift", places=1),
            ),
            dropped,
            "去掉一个指标（权重按比例分给其余指标）",
        )
    )
    parts.append(Text(_guide(firmness), "怎样读", "quiet"))
    head = text(
        "stability_head", year=rating.year, name=rating.plan.rating.name, draws=firmness.draws, seed=stated.seed
    )
    lines = (head, f"规则集 {rating.plan.ruleset.address}　结果摘要 {rating.digest[:12]}")
    title = f"{rating.year}年档次稳固性检验"
    return Sheet(
        "概况", title, lines, with_numerals(parts), trial="" if rating.binding else TRIAL, tiers=_ladder(firmness)
    )


def _other_ranges(firmness: Firmness) -> list[str]:
    """Ranges stated for single numbers."""
    names = names_of(firmness)
    lines = []
    for source in SOURCES:
        stated: Mapping[str, Any] = getattr(firmness.stated, source)
        others = [f"{names.get(n, n)} ±{show(w)}" for n, w in stated.items() if n != "default"]
        if others:
            lines.append(f"{text(key(f'stability_source_{source}'))}另有：{'；'.join(others)}。")
    return lines


def _guide(firmness: Firmness) -> tuple[str, ...]:
    limit = show(firmness.stated.fragile_below)
    return (
        f"保持本档：{firmness.draws} 次抽取中，档次与评价结果相同的比例。低于 {limit}% 的标为不稳固："
        "数据或标准稍有出入，档次就可能不同，宜先核实数据，再作限制性处理。",
        f"名次范围：{firmness.rank_draws} 次抽取中名次的 5% 至 95% 分位。直接定档的企业不参加排名，没有名次。",
        "受影响指标：去掉该指标后档次会变的指标。",
    )


def _sources(firmness: Firmness, names: Mapping[str, str]) -> Table:
    wide = firmness.sources.pivot(
        on="output", index=["cohort", "source"], values=["first_order", "total_order"], maintain_order=True
    )
    rows = wide.with_columns(
        pl.col("cohort").replace(names).fill_null("全部"),
        pl.col("source").replace({s: text(key(f"stability_source_{s}")) for s in SOURCES}),
        # An estimate of nothing may come out a little below it.
        cs.float().clip(lower_bound=0.0),
    )
    columns = (
        known("cohort"),
        Column("source", "来源"),
        Column("first_order_rank_shift", "名次变动：独自", "percent", 0),
        Column("total_order_rank_shift", "名次变动：合计", "percent", 0),
        Column("first_order_tier_moves", "档次变动：独自", "percent", 0),
        Column("total_order_tier_moves", "档次变动：合计", "percent", 0),
    )
    return Table(columns, rows, "变动来自哪里（占方差的份额）")


def _firms(firmness: Firmness, name: str, firms: pl.DataFrame) -> Sheet:
    names = names_of(firmness)
    shares = [c for c in firms.columns if c.startswith("share_")]
    rows = firms.with_columns(
        _called("cohort", names),
        pl.col("sensitive_to").list.eval(pl.element().replace(names)).list.join("、").alias("sensitive_to"),
        pl.when("fragile").then(pl.lit("不稳固")).alias("fragile"),
        pl.col("score").cast(pl.Float64),
    )
    grouped = firmness.rating.plan.rating.population.subject != "enterprise"
    columns = (
        *((Column("subject", "评价对象"),) if grouped else ()),
        known("name"),
        known("credit_code"),
        known("township"),
        known("cohort"),
        known("tier"),
        Column("kept", "保持本档", "percent", 1),
        Column("fragile", "是否稳固"),
        Column("likely", "最常见档次", "tier"),
        *(Column(c, f"{c.removeprefix('share_')}档频率", "percent", 1) for c in shares),
        known("score", places=firmness.rating.plan.rating.decimals.score),
        known("rank", places=0),
        Column("rank_low", "名次范围：自", "whole", 0),
        Column("rank_high", "名次范围：至", "whole", 0),
        known("rank_shift", places=1),
        Column("sensitive_to", "受影响指标", wrapped=True, width=30),
    )
    order = "由最不稳固的开始" if name == "不稳固企业" else "按评价组别、名次排列"
    line = f"共 {rows.height} 个，{order}"
    return Sheet(
        name,
        f"{firmness.rating.year}年{name}",
        (line,),
        (with_numbers(Table(columns, rows)),),
        2,
        tiers=_ladder(firmness),
    )


def _drawn(firmness: Firmness) -> Sheet | None:
    rows = firmness.parameters
    if rows.width * rows.height > LARGEST_PARAMETERS:
        return None
    names = names_of(firmness)
    columns = [Column("draw", "次序", "whole", 0)]
    for name in rows.columns[1:]:
        if name == "inputs_stream":
            columns.append(Column(name, "企业数据误差的随机数流"))
            continue
        source, *where = name.split(":", 3)
        words = {"weight": "权重", "cap": "封顶倍数", "cut": "分档", "benchmark": "基准值倍数"}[source]
        columns.append(Column(name, "·".join([words, *(names.get(w, w) for w in where)]), "number", 4))
    line = "一行为一次抽取；企业数据误差按种子和随机数流可以再算出来"
    return Sheet("抽取的数", f"{firmness.rating.year}年各次抽取的数", (line,), (Table(tuple(columns), rows),), 1)


def _called(column: str, names: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace(names)


def _ladder(firmness: Firmness) -> tuple[str, ...]:
    return ladder_of(firmness.rating.plan.rating)


# ---------------------------------------------------------------------------------------------------- other programs


def stability_document(firmness: Firmness, version: str) -> dict[str, Any]:
    """Everything but the drawn numbers, as plain values.

    Keys: `format`, `format_version`, `mujun`, `year`, `rules`, `rules_digest`, `rating_digest`, `draws`, `seed`,
    `ranges` (half widths: per cent, of cuts by shares in points), `fragile_below` (per cent), `rank_draws`,
    `variance_draws`, `variance_subjects`, and the tables `subjects`, `tiers`, `sources`, `dropped`, columns as in
    `Firmness`. Nothing of it is rounded; shares are between 0 and 1.
    """
    rating, stated = firmness.rating, firmness.stated
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "mujun": version,
        "year": rating.year,
        "rules": rating.plan.ruleset.address,
        "rules_digest": rating.plan.ruleset.digest,
        "rating_digest": rating.digest,
        "draws": firmness.draws,
        "seed": stated.seed,
        "ranges": {s: {n: float(w) for n, w in getattr(stated, s).items()} for s in SOURCES},
        "fragile_below": float(stated.fragile_below),
        "rank_draws": firmness.rank_draws,
        "variance_draws": firmness.variance_draws,
        "variance_subjects": firmness.variance_subjects,
        "tiers": firmness.tiers.to_dicts(),
        "sources": firmness.sources.to_dicts(),
        "dropped": firmness.dropped.to_dicts(),
        "subjects": firmness.subjects.with_columns(pl.col("score").cast(pl.Float64)).to_dicts(),
    }


def write_parameters(path: Path, firmness: Firmness) -> None:
    """Write the numbers of every draw as .csv or .parquet.

    Raises:
        UsageError: another kind of file is asked for.
        InputError: the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise UsageError(problem("stability_parameters_kind", Place(file=str(path)), known=[".csv", ".parquet"]))
    with written(path) as stream:
        if kind == ".csv":
            firmness.parameters.write_csv(stream)
        else:
            firmness.parameters.write_parquet(stream)
