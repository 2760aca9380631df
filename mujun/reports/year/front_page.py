"""The first sheet: what was rated, by which rules, and what came out."""

from __future__ import annotations

import polars as pl

from mujun.reports.drawing.columns import known
from mujun.reports.drawing.labels import places_of
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numerals
from mujun.reports.drawing.wording import STATUSES, treatment_words
from mujun.reports.year import summary
from mujun.reports.year.document import YearDocument


def front_sheet(document: YearDocument) -> Sheet:
    """The first sheet of a year's workbook."""
    parts: list[Table | Text] = [_overview(document)]
    if document.rectification is not None or document.allocation is not None:
        parts.append(_consequences(document))
    parts.append(_tiers(document))
    parts += [
        p
        for p in (_verified(document), _reasons(document), _findings(document), _slips(document), _sources(document))
        if p is not None
    ]
    lines = [document.origin]
    if document.rating.plan.rating.place:
        lines.insert(0, f"适用地区：{document.rating.plan.rating.place}")
    if document.rating.plan.rating.status == "example":
        parts.insert(
            0,
            Text(
                ("所用规则集是示例：权重、基准、比例等不是当地文件的规定，正式使用前请换成当地规则集。",),
                tone="warning",
            ),
        )
    return Sheet(
        "概况", document.title, tuple(lines), with_numerals(parts), tiers=document.ladder, trial=document.trial
    )


def ratio_columns(document: YearDocument) -> tuple[Column, ...]:
    """The columns of land, tax, value added and the ratios of sums."""
    facts = document.facts
    ratios = (Column(r.name, f"{r.label}（{r.unit}）", "number", places_of(r.unit)) for r in facts.ratios)
    return (
        Column("land_mu", "用地（亩）", "number", 2),
        Column("tax", f"{facts.tax_label}（万元）", "number", 2),
        known("value_added", places=2, unit=True),
        *ratios,
    )


def consequence_columns(document: YearDocument, before: str = "") -> tuple[Column, ...]:
    """The columns of what follows: firms listed with what they free, surcharges and reliefs; `before` their words."""
    columns: list[Column] = []
    if document.rectification is not None:
        columns += [known("listed"), known("expected_land_mu", places=2), known("expected_energy_tce", places=2)]
    if document.allocation is not None:
        columns += [
            Column("surcharge", f"{before}加价（万元）", "number", 2),
            Column("relief", f"{before}减免（万元）", "number", 2),
        ]
    return tuple(columns)


def _overview(document: YearDocument) -> Table:
    """A row per cohort and the total."""
    facts = document.facts
    total = summary.total_of(facts).with_columns(pl.lit("全部").alias("label"))
    cohorts = [
        summary.total_of(summary.only(facts, pl.col("cohort") == cohort)).with_columns(pl.lit(label).alias("label"))
        for cohort, label in facts.cohorts.items()
    ]
    outside = total.with_columns(pl.lit(value=True).alias("_total"))
    rows = pl.concat([*(c.with_columns(pl.lit(value=False).alias("_total")) for c in cohorts), outside])
    columns = (
        Column("label", "评价组别"),
        Column("enterprises", "企业数（家）", "whole"),
        known("counted"),
        *ratio_columns(document),
    )
    return Table(columns, rows, "总体情况（用地、税收等为参评企业合计，亩均等为合计之比）", "_total")


def _consequences(document: YearDocument) -> Table:
    rows = summary.total_of(document.facts)
    return Table(consequence_columns(document, "差别化"), rows, "整治与资源要素配置")


def _tiers(document: YearDocument) -> Table:
    facts = document.facts
    words = treatment_words()
    rows = summary.by_tier(facts)
    names = pl.col("tier").replace_strict(dict(document.tier_labels), default=None, return_dtype=pl.String)
    treated = pl.col("treatment").replace_strict(words, default=None, return_dtype=pl.String)
    rows = rows.with_columns(
        pl.when("total")
        .then(pl.col("label") + "合计")
        .otherwise(pl.coalesce("label", pl.lit("不划档")))
        .alias("label"),
        pl.coalesce(pl.concat_str(names, pl.lit("（"), treated, pl.lit("）")), treated, names).alias("named"),
    )
    columns = [
        Column("label", "评价组别"),
        known("tier"),
        Column("named", "名称"),
        Column("enterprises", "家数", "whole"),
        Column("share", "占比（%）", "number", 2),
        *ratio_columns(document),
    ]
    if document.rectification is not None:
        columns.append(known("listed"))
    return Table(tuple(columns), rows, "档次分布（各行为该行企业自己的合计与合计之比）", "total")


def _verified(document: YearDocument) -> Table | None:
    labels = document.facts.cohorts
    rows = [
        {
            "cell": "、".join(labels.get(part, part) for part in v.cell.split("、")),
            "tier": v.tier,
            "verdict": "符合" if v.kept else "不符合",
            "count": v.count,
            "base": v.base,
            "least": v.least,
            "most": v.most,
        }
        for v in document.rating.verified
    ]
    if not rows:
        return None
    columns = (
        Column("cell", "评价组别"),
        known("tier"),
        known("verdict"),
        Column("count", "实际家数", "whole"),
        Column("base", "比例的基数", "whole"),
        Column("least", "至少（家）", "whole"),
        Column("most", "至多（家）", "whole"),
    )
    frame = pl.DataFrame(rows, schema_overrides={"least": pl.Int64, "most": pl.Int64})
    return Table(columns, frame, "档次比例核对（规则集的要求，划档后各条规则可能使其不符，只核对不强行调整）")


def _reasons(document: YearDocument) -> Text | None:
    words = treatment_words()
    rows = document.rating.treatments
    lines = []
    for treatment, word in words.items():
        mine = rows.filter(pl.col("treatment") == treatment)
        reasons = [
            f"{r['reason'] or _unsaid(treatment)} {r['subjects']} 家"
            for r in mine.iter_rows(named=True)
            if not (treatment == "rated" and r["reason"] is None)
        ]
        if reasons:
            head = "直接定档或划档后调整" if treatment == "rated" else word
            lines.append(f"{head}：{'；'.join(reasons)}")
    return Text(tuple(lines), "特殊情形与理由") if lines else None


def _unsaid(treatment: str) -> str:
    return "不在评价范围" if treatment == "out" else "未写理由"


def _findings(document: YearDocument) -> Table | None:
    if document.findings.is_empty():
        return None
    counted = (
        document.findings.group_by(pl.col("owner").fill_null("").replace({"": "未指明"}).alias("owner"))
        .agg(
            (pl.col("severity") == "error").sum().cast(pl.Int64).alias("errors"),
            (pl.col("severity") == "warning").sum().cast(pl.Int64).alias("warnings"),
        )
        .sort("errors", "warnings", "owner", descending=[True, True, False])
        .with_columns(pl.lit(value=False).alias("_total"))
    )
    total = counted.select(
        pl.lit("合计").alias("owner"),
        pl.col("errors").sum(),
        pl.col("warnings").sum(),
        pl.lit(value=True).alias("_total"),
    )
    columns = (
        Column("owner", "责任部门"),
        Column("errors", "错误（未装入）", "whole"),
        Column("warnings", "提示（已装入）", "whole"),
    )
    return Table(columns, pl.concat([counted, total]), "数据问题（逐条见“数据问题”）", "_total")


def _slips(document: YearDocument) -> Text | None:
    """A wrong unit in one firm can be more than the county's sum: whoever reads the sums has to know."""
    slips = document.findings.filter(pl.col("code") == "unit_slip")
    if slips.is_empty():
        return None
    firms = slips["credit_code"].n_unique()
    sentence = f"其中疑似单位填错 {slips.height} 条，涉及 {firms} 家企业。"
    return Text((sentence + "这些数字按原样计入，可能使合计和亩均明显偏离，请先核实。",), tone="warning")


def _sources(document: YearDocument) -> Text | None:
    lines = []
    for source in document.ruleset.sources:
        seen = f"，{source.checked:%Y-%m-%d} 核对" if source.checked else ""
        note = f"（{source.note}）" if source.note else ""
        lines.append(f"{source.document}{note}{seen}{'　' + source.url if source.url else ''}")
    status = STATUSES[document.rating.plan.rating.status]
    omitted = sum(
        len(f.omits)
        for f in (document.ruleset.rating, document.ruleset.rectification, document.ruleset.allocation)
        if f
    )
    lines.append(f"规则集性质：{status}。" + (f"出处未见、另作处理的有 {omitted} 条，见“说明”。" if omitted else ""))
    return Text(tuple(lines), "规则依据", "quiet")
