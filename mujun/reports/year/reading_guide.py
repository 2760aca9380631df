"""The last sheet: how to read the workbook, what every indicator is, and what the sources did not show."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from mujun.messages import show, speaking
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numerals
from mujun.reports.year.document import YearDocument
from mujun.rules.expressions import Expression
from mujun.rules.model import Head, Item, Statistic, TheRating

_READING = (
    "“概况”是总体情况；“图表”画出各档、镇街、行业；“按镇街”“按行业”是分组合计，亩均税收等都是合计之比，不是各企业的平均。",
    "“全部评价结果”每家企业一行，按评价组别和名次排列。指标值保留到小数点后 12 位，屏幕上只显示几位，单元格里是全部。",
    "某项得分＝按“基准值”和下表的方法算出的分，“计分说明”写明封顶、缺数据等情形；综合得分＝各项得分＋加减分。",
    "“划档结果”是按名次或分数划出的档；“符合的规则”是该企业符合的直接定档、升降档规则，“改变档次的规则”是真正起了作用的。",
    "空白表示没有数据，与 0 不同。表中没有公式，改动数字不会重算；要改请更正数据后重新评价。",
)
_POLICIES = {
    "zero": "计零分",
    "full": "给满分",
    "cap": "给封顶分",
    "cohort_mean": "取本组平均分",
    "reweight": "权重分给其他指标",
}
_STATISTICS = {
    "mean": "平均", "median": "中位数", "quantile": "分位数", "max": "最大值", "min": "最小值", "sum": "合计",
    "count": "个数",
}  # fmt: skip


def guide_sheet(document: YearDocument) -> Sheet:
    """How to read it all."""
    rating = document.rating.plan.rating
    parts: list[Table | Text] = [Text(_READING, "怎样看"), _indicators(document)]
    parts.append(_adjustments(rating))
    omits = _omits(document)
    if omits:
        parts.append(Text(tuple(omits), "出处未见的内容，以及这里的处理"))
    parts.append(Text(_record(document), "存档与复核"))
    return Sheet("说明", f"{document.title}：说明", (), with_numerals(parts), trial=document.trial)


# ----------------------------------------------------------------------------------------------------------- indicators


def _indicators(document: YearDocument) -> Table:
    plan = document.rating.plan
    rating = plan.rating
    names = _names(document)
    rows: list[dict[str, object]] = []
    for cohort in rating.cohorts:
        scoring = rating.scoring.get(cohort.id)
        for name, item in (scoring.items if scoring else {}).items():
            i = rating.indicators[name]
            how = f"{in_words(i.of, names)} ÷ {in_words(i.per, names)}" if i.of and i.per else in_words(i.value, names)
            rows.append(
                {
                    "cohort": cohort.label or cohort.id,
                    "indicator": f"{i.label or name}（{i.unit}）" if i.unit else i.label or name,
                    "weight": item.weight,
                    "how": how,
                    "benchmark": in_words(item.benchmark, names),
                    "method": _method(item),
                    "missing": _missing(item, rating),
                }
            )
    frame = pl.DataFrame(rows, schema={**dict.fromkeys(_COLUMNS, pl.String()), "weight": pl.Decimal(18, 4)})
    columns = (
        known("cohort"),
        Column("indicator", "指标", wrapped=True, width=26),
        known("weight", places=0 if all(r["weight"] == int(str(r["weight"]).split(".")[0]) for r in rows) else 2),
        Column("how", "怎样算", wrapped=True, width=30),
        Column("benchmark", "基准值", wrapped=True, width=46),
        Column("method", "计分方法", wrapped=True, width=24),
        Column("missing", "缺数据、分母不大于零时", wrapped=True, width=24),
    )
    return Table(columns, frame, "指标与计分")


_COLUMNS = ("cohort", "indicator", "weight", "how", "benchmark", "method", "missing")


def _method(item: Item) -> str:
    parts = [item.method.in_short]
    if item.cap is not None:
        parts.append(f"至多为权重的 {_shown(item.cap)} 倍")
    if item.floor:
        parts.append(f"至少为权重的 {_shown(item.floor)} 倍")
    return "，".join(parts)


def _missing(item: Item, rating: TheRating) -> str:
    def words(kind: str, points: object) -> str:
        return f"给 {_shown(points)} 分" if kind == "points" else _POLICIES[kind]

    parts = [f"缺数据先改用{rating.indicators[f.indicator].label or f.indicator}" for f in item.fallback]
    parts.append(f"{'仍' if parts else ''}缺数据{words(item.missing.kind, item.missing.points)}")
    if item.zero_denominator is not None:
        parts.append(f"分母不大于零{words(item.zero_denominator.kind, item.zero_denominator.points)}")
    if item.negative is not None:
        parts.append(f"值为负{words(item.negative.kind, item.negative.points)}")
    return "；".join(parts)


def _adjustments(rating: TheRating) -> Text:
    tiers = rating.tiers
    lines = [
        f"加减分：{a.label or a.id}，{_plain(a.points)}{_limits(rating, a.family)}" for a in rating.adjustments.items
    ]
    if tiers is not None:
        lines += [f"直接定档：{b.reason}（{b.set}）" for b in tiers.before]
        lines += [f"划档后调整：{a.reason}" for a in tiers.after]
    return Text(tuple(lines or ["没有加减分和升降档规则。"]), "加减分与升降档")


def _limits(rating: TheRating, family: str | None) -> str:
    limits = rating.adjustments.families.get(family) if family else None
    if limits is None:
        return ""
    parts = ["同类只取最高一项"] if limits.take == "highest" else []
    parts += [f"同类合计至多 {_shown(limits.max)} 分"] if limits.max is not None else []
    parts += [f"同类合计至少 {_shown(limits.min)} 分"] if limits.min is not None else []
    return f"（{'，'.join(parts)}）" if parts else ""


def _plain(points: Expression) -> str:
    return f"{points.text} 分" if re.fullmatch(r"[-+]?[\d.]+", points.text) else "按算式计"


# ------------------------------------------------------------------------------------------------- expressions in words


def in_words(expression: Expression | None, names: Mapping[str, str]) -> str:
    """An expression with Chinese names in place of field names; texts in quotes stay.

    >>> in_words(Expression("tax_paid / land_mu"), {"tax_paid": "实缴税金", "land_mu": "实际用地"})
    '实缴税金 / 实际用地'
    """
    if expression is None:
        return ""
    pieces = re.split(r"('[^']*')", expression.text)
    pieces[::2] = [re.sub(r"[A-Za-z_]\w*", lambda m: names.get(m[0], m[0]), p) for p in pieces[::2]]
    return "".join(pieces)


def _names(document: YearDocument) -> dict[str, str]:
    """Names of fields and statistics in words; a statistic without a label is told by what it computes."""
    meanings = document.rating.plan.scope.meanings
    names = {n: m.label for n, m in meanings.items() if m.label and m.label != n}
    names.setdefault("cohort", "评价组别")
    statistics = document.rating.plan.rating.statistics
    for name, s in statistics.items():
        names[name] = s.label or _statistic(s, statistics, names)
    return names


def _statistic(s: Statistic, others: Mapping[str, Statistic], names: Mapping[str, str]) -> str:
    last = "上年" if s.year == "previous" else ""
    if s.stat == "ratio_of_sums":
        what = f"{last}{in_words(s.of, names)}合计÷{in_words(s.per, names)}合计"
    else:
        what = f"{last}{in_words(s.of, names)}{_STATISTICS.get(s.stat, s.stat)}"
    few = ""
    if s.otherwise is not None and s.min_members > 1:
        other = others.get(s.otherwise.text.strip())
        # A wider group of the same number is told by its group alone.
        same = other is not None and (other.stat, str(other.of), str(other.per)) == (s.stat, str(s.of), str(s.per))
        instead = f"{_group(other, names)}的" if other is not None and same else in_words(s.otherwise, names)
        few = f"，不足{s.min_members}家时取{instead}"
    return f"〔{_group(s, names)}：{what}{few}〕"


def _group(s: Statistic, names: Mapping[str, str]) -> str:
    return "同" + "同".join(names.get(n, n) for n in s.keys) if s.keys else "全部"


# -------------------------------------------------------------------------------------------------- omits and records


def _omits(document: YearDocument) -> list[str]:
    files: list[tuple[str, Head | None]] = [
        ("评价", document.ruleset.rating),
        ("整治", document.ruleset.rectification),
        ("措施", document.ruleset.allocation),
    ]  # fmt: skip
    return [f"{what}：{line}" for what, file in files if file is not None for line in file.omits]


def _record(document: YearDocument) -> tuple[str, ...]:
    run = f"本结果存为第 {document.run} 次评价，用 mujun runs verify {document.run} 可按当时的数据和规则重算核对。"
    kept = run if document.run is not None else "本结果未存档。"
    return (kept, f"结果摘要（SHA-256）：{document.rating.digest}", f"规则摘要（SHA-256）：{document.ruleset.digest}")


def _shown(value: object) -> str:
    with speaking("zh"):
        return show(value)
