"""Sheets of what follows from a rating: the rectification list, and amounts by measure."""

from __future__ import annotations

import polars as pl

from mujun.numbers import at12, divided
from mujun.rectification.documents import office_of
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.industries import division_of
from mujun.reports.drawing.labels import places_of
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers, with_numerals
from mujun.reports.drawing.wording import KINDS, worded
from mujun.reports.year import summary
from mujun.reports.year.document import YearDocument
from mujun.rules.allocation_plan import compile_allocation

_BASES = {"equivalent": "等价值", "calorific": "当量值"}


# ------------------------------------------------------------------------------------------------------ the list


def rectification_sheet(document: YearDocument) -> Sheet | None:
    """The list in the form that offices exchange; `None` where there is none."""
    listed = document.rectification
    if listed is None:
        return None
    ratios = [r for r in document.facts.ratios if r.name in ("tax_per_mu", "va_per_tce")]
    rated = document.facts.rows.select(
        "credit_code",
        *(
            pl.when(pl.col(f"{r.name}:per") > 0)
            .then(at12(divided(*(pl.col(f"{r.name}:{s}").cast(pl.Float64) for s in ("of", "per")))))
            .alias(r.name)
            for r in ratios
        ),
    )
    rows = listed.join(rated, on="credit_code", how="left", maintain_order="left").with_columns(
        division_of().alias("division"),
        office_of(pl.col("township")).alias("office"),
    )
    basis = _BASES.get(document.energy_basis, "")
    columns = (
        known("name"),
        known("credit_code"),
        known("township"),
        known("division", width=22, wrapped=True),
        known("scale"),
        Column("land_mu", "用地（亩）", "number", 2),
        *(Column(r.name, f"{r.label}（{r.unit}）", "number", places_of(r.unit)) for r in ratios),
        known("tier"),
        known("reason_text", width=36, wrapped=True),
        known("path"),
        known("deadline"),
        known("expected_land_mu", places=2),
        known("expected_energy_tce", places=2),
        Column("office", "责任单位"),
    )
    lines = (document.origin, f"共 {listed.height} 家。预计腾出用能按{basis}计；责任单位按属地填写，可改")
    title = f"{document.year}年高耗低效整治企业清单"
    return Sheet(
        "整治清单", title, lines, (with_numbers(Table(columns, rows)),), 2, tiers=document.ladder, trial=document.trial
    )


# ---------------------------------------------------------------------------------------------------- the measures


def measures_sheet(document: YearDocument) -> Sheet | None:
    """Totals of every measure by tier, and what its notes say; `None` where there are no measures."""
    if document.allocation is None:
        return None
    rows = _worded(document, document.allocation)
    money = summary.by_measure(rows.filter(pl.col("kind") != KINDS["note"]))
    money = money.with_columns(
        pl.when("total").then(pl.col("measure") + "　合计").otherwise("measure").alias("measure"),
        _yuan("amount").alias("yuan"),
    )
    columns = (
        known("measure", width=26),
        Column("kind", "类别"),
        known("tier"),
        Column("touched", "涉及（家）", "whole"),
        Column("enterprises", "有金额（家）", "whole"),
        Column("exempted", "豁免（家）", "whole"),
        Column("capped", "封顶（家）", "whole"),
        Column("excluded", "改按他项（家）", "whole"),
        Column("computed", "计算数额", "number", 6, 16),
        Column("amount", "执行数额", "number", 6, 16),
        known("unit"),
        Column("yuan", "执行金额（元）", "number", 2, 18),
    )
    parts: list[Table | Text] = [Table(columns, money, "各项措施合计", "total")]
    notes = _notes(rows)
    if notes is not None:
        parts.append(notes)
    parts.append(Text(_documents(rows), "依据", "quiet"))
    title = f"{document.year}年度评价结果的差别化措施"
    return Sheet(
        "差别化措施", title, (document.origin,), with_numerals(parts), tiers=document.ladder, trial=document.trial
    )


def amounts_sheet(document: YearDocument) -> Sheet | None:
    """Every enterprise's amounts, a row per measure; notes without amounts are told by tier only."""
    if document.allocation is None:
        return None
    unit = pl.col("measure").replace_strict(_units(document), default=None, return_dtype=pl.String)
    rows = _worded(document, document.allocation.with_columns(unit.alias("quantity_unit")))
    rows = rows.filter(pl.col("kind") != KINDS["note"])
    shown = [pl.when(pl.col("quantity").is_not_null()).then("quantity_unit").alias("quantity_unit")]
    if "per" in rows.columns:
        # A note in place of a rate has no unit.
        shown.append(
            pl.when(pl.col("rate").is_not_null()).then(pl.col("per").replace({"share": "（比例）"})).alias("per")
        )
    rows = rows.with_columns(_yuan("amount").alias("yuan"), _remark(rows.columns).alias("remark"), *shown)
    money = rows["unit"].drop_nulls().is_in(["万元"]).all()
    amount = "金额（万元）" if money else "数额"
    wanted = [
        known("name"),
        known("credit_code"),
        known("township"),
        known("tier"),
        known("measure"),
        Column("kind", "类别"),
        Column("quantity", "计量数量", "number", 2),
        Column("quantity_unit", "计量单位"),
        known("rate", places=4),
        known("per"),
        Column("amount", f"执行{amount}", "number", 6),
        *([] if money else [Column("unit", "数额单位")]),
        Column("yuan", "执行金额（元）", "number", 2),
        Column("remark", "说明", wrapped=True, width=20),
    ]
    more = (
        known("scale"),
        Column("computed", f"计算{amount}", "number", 6),
        Column("from", "执行起", "date"),
        Column("until", "执行止", "date"),
        Column("basis", "数量来源"),
        Column("document", "依据"),
    )
    printed = [c for c in wanted if c.name in rows.columns]
    columns = (*printed, *(c for c in more if c.name in rows.columns))
    lines = (document.origin, "一行为一家企业的一项措施；打印到“说明”为止，右边是计算金额、执行期和依据")
    table = with_numbers(Table(columns, rows))
    title = f"{document.year}年度评价结果的差别化措施明细"
    return Sheet("差别化措施明细", title, lines, (table,), 2, len(printed) + 1, document.ladder, document.trial)


def _units(document: YearDocument) -> dict[str, str]:
    """The unit of each measure's quantity."""
    if document.ruleset.allocation is None:
        return {}
    measures = compile_allocation(document.ruleset).measures
    return {m.name: str(m.of.value.unit) for m in measures if m.of is not None and m.of.value.unit}


def _worded(document: YearDocument, rows: pl.DataFrame) -> pl.DataFrame:
    return worded(rows, what="allocation", ruleset=document.ruleset)


def _yuan(amount: str) -> pl.Expr:
    """万元 with six decimals as 元 with 分, exactly."""
    exact = pl.col(amount).cast(pl.Decimal(38, 6)) * pl.lit(10_000, dtype=pl.Decimal(38, 6))
    return pl.when(pl.col("unit") == "万元").then(exact.cast(pl.Decimal(38, 2)))


def _remark(columns: list[str]) -> pl.Expr:
    """Why an amount is not simply rate × quantity."""
    parts = [
        pl.when(pl.col("exempt").is_not_null()).then("豁免：" + pl.col("exempt")),
        pl.when(pl.col("capped")).then(pl.lit("按每家上限封顶")),
        pl.when(pl.col("excluded_by").is_not_null()).then("改按“" + pl.col("excluded_by") + "”执行"),
    ]
    if "notes" in columns:
        parts.append(pl.when(pl.col("notes").list.len() > 0).then(pl.col("notes").list.join("；")))
    if "binding" in columns:
        parts.append(pl.when(~pl.col("binding")).then(pl.lit("试行，不实际执行")))
    return pl.concat_str(parts, separator="；", ignore_nulls=True)


def _notes(rows: pl.DataFrame) -> Text | None:
    """What the rules say in words, by measure and tier."""
    if "notes" not in rows.columns:
        return None
    noted = rows.filter(pl.col("notes").list.len() > 0).with_columns(pl.col("notes").list.join("；").alias("said"))
    if noted.is_empty():
        return None
    counted = (
        noted.group_by("measure", "tier", "said", maintain_order=True)
        .agg(pl.len().alias("touched"))
        .sort("measure", "tier", nulls_last=True, maintain_order=True)
    )
    lines = [f"{m}　{t or '不划档'}（{n} 家）：{words}" for m, t, words, n in counted.iter_rows()]
    return Text(tuple(lines), "文字提示")


def _documents(rows: pl.DataFrame) -> tuple[str, ...]:
    named = rows.select("measure", "document").unique(maintain_order=True)
    return tuple(f"{m}：{d}" for m, d in named.iter_rows() if d)
