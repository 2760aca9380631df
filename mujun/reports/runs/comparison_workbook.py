"""A comparison of two results as sheets of a workbook."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mujun import messages
from mujun.analysis import comparing
from mujun.analysis.comparison import Comparison, Side
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers, with_numerals, with_tiers
from mujun.reports.drawing.wording import KINDS, treatment_words
from mujun.reports.drawing.workbook import write_workbook
from mujun.reports.runs.comparison_groups import (
    cohort_words,
    counts_said,
    figures_changed,
    groups_sheet,
    migration_sheet,
    worded,
)


def write_comparison(path: str | Path, comparison: Comparison) -> Path:
    """Write a comparison of two runs as a workbook, in Chinese.

    Raises:
        InputError: the file cannot be written.
    """
    with messages.speaking("zh"):
        title = f"第 {comparison.before.name} 次与第 {comparison.after.name} 次评价比较"
        return write_workbook(path, comparison_sheets(comparison, title), title=title)


def comparison_sheets(comparison: Comparison, title: str, prefix: str = "") -> list[Sheet]:
    """The sheets of a comparison.

    Args:
        comparison: what to show.
        title: of the first sheet.
        prefix: what the tabs begin with, where a workbook holds several comparisons.
    """
    made = [
        _front(comparison, title, f"{prefix}概况"),
        groups_sheet(comparison, f"{prefix}分组变化"),
        migration_sheet(comparison, f"{prefix}档次迁移"),
        _movers(comparison, f"{prefix}变动企业"),
        _parts(comparison, f"{prefix}得分变化构成"),
        _inputs(comparison, f"{prefix}数据变化"),
        _lists(comparison, f"{prefix}清单变化"),
        _amounts(comparison, f"{prefix}金额变化"),
        _rules(comparison, f"{prefix}规则差别"),
    ]
    return [with_tiers(s, comparison.ladder) for s in made if s is not None]


def _front(comparison: Comparison, title: str, tab: str) -> Sheet:
    moved = comparison.firms.filter(pl.col("direction") != comparing.SAME)
    lines = [*(_said(side) for side in (comparison.before, comparison.after)), counts_said(comparison.firms)]
    if comparison.untold is not None:
        lines.append(str(comparison.untold))
    if comparison.lists is None:
        lines.append(messages.text("diff_no_list"))
    if comparison.amounts is None:
        lines.append(messages.text("diff_no_amounts"))
    parts: list[Table | Text] = [Text(tuple(lines), "比较什么")]
    if moved.height and comparison.causes is not None:
        parts.append(Text((messages.text("diff_how"),), "怎么看"))
    counts = comparing.tier_counts(comparison.firms)
    parts.append(
        Table(
            (
                Column("label", "组别"),
                known("tier"),
                Column("before", "原来（家）", "whole"),
                Column("after", "现在（家）", "whole"),
                Column("change", "增减", "whole"),
            ),
            counts.with_columns(cohort_words("group", comparison).alias("label")),
            "各档家数",
        )
    )
    totals = None if comparison.amounts is None else comparing.total_burden(comparison.amounts)
    if totals is not None and totals.height:
        parts.append(
            Table(
                (
                    Column("kind", "类别"),
                    known("measure"),
                    Column("enterprises", "有变化（家）", "whole"),
                    Column("before", "原来（万元）", "number", 4),
                    Column("after", "现在（万元）", "number", 4),
                    Column("change", "增减（万元）", "number", 4),
                ),
                _measures(totals, comparison),
                "金额有变化的企业，各项措施合计",
            )
        )
    if comparison.batches is not None:
        parts.append(_batches(comparison.batches))
    return Sheet(tab, title, (), with_numerals(parts), portrait=True)


def _said(side: Side) -> str:
    label = messages.text("diff_label", label=side.label) if side.label else ""
    if side.number is None:
        return f"{side.name}：{side.year} 年度，{side.rules}，数据到第 {side.batch} 批，摘要 {side.digest[:12]}"
    return messages.text(
        "diff_side", run=side.number, year=side.year, rules=side.rules, batch=side.batch, digest=side.digest[:12],
        label=label,
    )  # fmt: skip


def _batches(batches: pl.DataFrame) -> Table | Text:
    if batches.is_empty():
        return Text((messages.text("diff_no_batches"),), "期间导入的数据")
    return Table(
        (
            Column("number", "批次", "whole", 0),
            Column("file", "文件", wrapped=True, width=28),
            Column("reason", "理由", wrapped=True, width=20),
            known("document"),
            Column("firms", "涉及企业（家）", "whole"),
            *([Column("changed", "数据有变（家）", "whole")] if "changed" in batches.columns else []),
            Column("moved", "其中变档（家）", "whole"),
        ),
        batches,
        "期间导入的数据",
    )


# --------------------------------------------------------------------------------------------------------------- movers


def _movers(comparison: Comparison, tab: str) -> Sheet:
    rows = comparison.movers.with_columns(
        worded("direction", {d: messages.text(messages.key(f"direction_{d}")) for d in comparing.DIRECTIONS}),
        *(cohort_words(f"cohort_{s}", comparison).alias(f"cohort_{s}") for s in ("before", "after")),
        *(worded(f"treatment_{s}", treatment_words()) for s in ("before", "after")),
    )
    columns = [
        known("name"),
        known("credit_code"),
        known("township"),
        known("industry"),
        known("scale"),
        Column("cohort_before", "原组别"),
        Column("cohort_after", "现组别"),
        Column("tier_before", "原档次", "tier"),
        Column("tier_after", "现档次", "tier"),
        known("direction"),
        Column("score_before", "原得分", "number", 2),
        Column("score_after", "现得分", "number", 2),
        known("score_change", places=2),
    ]
    caused = comparison.causes is not None
    joint = caused and any(rows[f"{n}_joint"].null_count() < rows.height for n in ("score", "rank"))
    if caused:
        columns += _cause_columns("score", 2, joint=joint)
    columns += [
        Column("rank_before", "原名次", "whole", 0),
        Column("rank_after", "现名次", "whole", 0),
        known("rank_change", places=0),
    ]
    if caused:
        columns += _cause_columns("rank", 0, joint=joint)
        steps = {s: messages.text(messages.key(f"step_{s}")) for s in ("own", "peers", "rules")}
        rows = rows.with_columns(
            pl.col("tier_by")
            .list.eval(pl.element().replace_strict(steps, return_dtype=pl.String))
            .list.join("、")
            .alias("tier_by"),
            *(pl.col(f"tier_{i}").fill_null("无").alias(f"tier_{i}") for i in range(4)),
        )
        columns += [
            Column("tier_1", "只换本企业数据时的档次", "tier"),
            Column("tier_2", "原规则、新数据的档次", "tier"),
            Column("tier_by", "档次变在哪一步"),
            Column("why", "本企业数据的变化", wrapped=True, width=40),
        ]
        rows = rows.join(figures_changed(comparison), on="credit_code", how="left", maintain_order="left")
    columns += [
        Column("treatment_before", "原参评情形"),
        Column("treatment_after", "现参评情形"),
        Column("reason_before", "原定档理由", wrapped=True, width=20),
        Column("reason_after", "现定档理由", wrapped=True, width=20),
    ]
    if comparison.touched is not None and comparison.batches is not None:
        rows = rows.join(_batches_of(comparison), on="credit_code", how="left", maintain_order="left")
        columns.append(Column("batches", "期间涉及它的批次", wrapped=True, width=28))
    return Sheet(tab, "", (), (with_numbers(Table(tuple(columns), rows)),), fixed=2)


def _cause_columns(name: str, places: int, *, joint: bool) -> list[Column]:
    cause_words = {"own": "本企业数据", "peers": "同行数据", "rules": "规则", **({"joint": "不可分"} if joint else {})}
    what = {"score": "得分", "rank": "名次"}[name]
    return [
        Column(f"{name}_{part}", f"{what}变化·{word}", "number" if name == "score" else "whole", places)
        for part, word in cause_words.items()
    ]


def _batches_of(comparison: Comparison) -> pl.DataFrame:
    assert comparison.touched is not None
    assert comparison.batches is not None
    named = comparison.touched.join(
        comparison.batches.select(pl.col("number").alias("batch"), "reason", "document"), on="batch"
    )
    more = pl.concat_str("reason", "document", separator=" ", ignore_nulls=True)
    batch_words = (
        pl.when(more != "").then(pl.format("第 {} 批（{}）", "batch", more)).otherwise(pl.format("第 {} 批", "batch"))
    )
    return (
        named.sort("batch")
        .group_by("credit_code", maintain_order=True)
        .agg(batch_words.str.join("；").alias("batches"))
    )


# --------------------------------------------------------------------------------------------------------- details


def _named(comparison: Comparison, rows: pl.DataFrame) -> pl.DataFrame:
    """The names beside a long table about firms: the movers in their order, then whose figures alone changed."""
    several = [t.select("credit_code", "name") for t in (comparison.movers, comparison.changed)]
    order = pl.concat(several).with_row_index("_place")
    return rows.with_row_index("_within").join(order, on="credit_code", how="left").sort("_place", "_within")


def _parts(comparison: Comparison, tab: str) -> Sheet | None:
    parts = comparison.parts
    if parts is None or parts.is_empty():
        return None
    steps = {s: messages.text(messages.key(f"step_{s}")) for s in ("own", "peers", "rules")}
    in_words = [
        comparison.word_of_part(p, n) if p != "rounding" else messages.text("part_rounding")
        for p, n in parts.select("part", "name").iter_rows()
    ]
    rows = _named(comparison, parts.with_columns(worded("step", steps), pl.Series("what", in_words, dtype=pl.String)))
    columns = (
        Column("name_right", "企业名称"),
        known("credit_code"),
        Column("step", "原因"),
        Column("what", "得分项"),
        Column("before", "原得分", "number", 4),
        Column("after", "得分", "number", 4),
        Column("change", "变化", "number", 4),
    )
    line = "每家企业、每个原因的各行之和，等于“变动企业”表中该原因引起的得分变化。"
    return Sheet(tab, "", (line,), (Table(columns, rows),), fixed=1)


def _inputs(comparison: Comparison, tab: str) -> Sheet | None:
    inputs = comparison.inputs
    if inputs is None or inputs.is_empty():
        return None
    columns = (
        known("name"),
        known("credit_code"),
        Column("label", "数据"),
        known("before"),
        known("after"),
        known("unit"),
        Column("tiers", "档次"),
    )
    was, now = (pl.col(f"tier_{side}").fill_null("无") for side in ("before", "after"))
    tiers = pl.when(was == now).then(pl.format("{}（未变）", now)).otherwise(pl.format("{}→{}", was, now))
    rows = _named(comparison, inputs).join(
        comparison.firms.select("credit_code", tiers.alias("tiers")),
        on="credit_code",
        how="left",
        maintain_order="left",
    )
    return Sheet(tab, "", (), (Table(columns, rows),), fixed=1)


def _lists(comparison: Comparison, tab: str) -> Sheet | None:
    if comparison.lists is None or comparison.lists.is_empty():
        return None
    words = {c: messages.text(messages.key(f"change_{c}")) for c in ("listed", "struck", "reasons")}
    columns = (
        *([Column("list", "清单")] if "list" in comparison.lists.columns else []),
        known("name"),
        known("credit_code"),
        known("township"),
        Column("change", "变化"),
        Column("reasons_before", "原列入理由", wrapped=True, width=36),
        Column("reasons_after", "现列入理由", wrapped=True, width=36),
    )
    rows = comparison.lists.with_columns(worded("change", words))
    return Sheet(tab, "", (), (with_numbers(Table(columns, rows)),), fixed=2)


def _amounts(comparison: Comparison, tab: str) -> Sheet | None:
    if comparison.amounts is None or comparison.amounts.is_empty():
        return None
    total = comparison.amounts.group_by("credit_code").agg(pl.col("burden").sum().alias("all"))
    rows = comparison.amounts.join(total, on="credit_code", how="left").sort(
        "all", "credit_code", "measure", descending=[True, False, False]
    )
    columns = (
        known("name"),
        known("credit_code"),
        known("township"),
        Column("kind", "类别"),
        known("measure"),
        Column("amount_before", "原来（万元）", "number", 6),
        Column("amount_after", "现在（万元）", "number", 6),
        Column("change", "增减（万元）", "number", 6),
        known("burden", places=6),
        Column("all", "该企业合计（万元）", "number", 6),
    )
    line = "负担增加为正：多收或少减；负担减轻为负。按每家企业的合计由多到少。"
    return Sheet(tab, "", (line,), (with_numbers(Table(columns, _measures(rows, comparison))),), fixed=2)


def _measures(rows: pl.DataFrame, comparison: Comparison) -> pl.DataFrame:
    labels: dict[str, str] = {}
    for rules in (comparison.earlier, comparison.ruleset):
        for part in rules.allocation_parts:
            labels |= {m.id: m.label for m in part.measures}
    return rows.with_columns(worded("measure", labels), worded("kind", KINDS))


def _rules(comparison: Comparison, tab: str) -> Sheet | None:
    if not comparison.rules:
        return None
    rows = pl.DataFrame(
        [
            {
                "what": d.what,
                "key": f"{d.kind}: {d.key}",
                "before": d.said_before or _plain(d.before),
                "after": d.said_after or _plain(d.after),
            }
            for d in comparison.rules
        ],
        schema=dict.fromkeys(("what", "key", "before", "after"), pl.String),
    )
    columns = (
        Column("what", "哪一条", wrapped=True, width=36),
        known("before", width=36, wrapped=True),
        known("after", width=36, wrapped=True),
        Column("key", "规则文件中的位置", width=36),
    )
    return Sheet(tab, "", (), (with_numbers(Table(columns, rows)),))


def _plain(value: object) -> str:
    return "—" if value is None else messages.show(value)
