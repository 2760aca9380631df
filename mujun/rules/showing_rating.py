"""The rating of a rule set in words: who is rated, by what, how scores become tiers."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from decimal import Decimal

from mujun.messages import show
from mujun.rules.document import Heading, Paragraph, Part, Table, cell_text, in_order, table
from mujun.rules.expressions import Expression, Scope
from mujun.rules.in_words import Words, in_words
from mujun.rules.lookups import ANY, Lookup
from mujun.rules.model import Indicator, Item, Policy, RuleField, Scoring, Stability, Statistic, TheRating
from mujun.rules.model.benchmark import EVERYBODY, Peers
from mujun.rules.model.names import Interpolation, LookupTable
from mujun.rules.peers import statistic_of
from mujun.rules.rating_plan import check_rating
from mujun.rules.relations import RELATION_LABELS, relation_of
from mujun.rules.ruleset import RuleSet
from mujun.rules.showing_tiers import tier_parts

SUBJECTS = {
    "enterprise": "企业",
    "group": "合并评价组（企业按 group_code 合并）",
    "parcel": "地块（同一地块上的企业合并）",
    "township": "镇街（所属企业合计）",
    "park": "园区（所属企业合计）",
    "zone": "片区（所属企业合计）",
    "industry": "行业大类（所属企业合计）",
}
COUNTINGS = {"alone": "单独评价", "merged": "合并评价"}
TREATMENTS = {
    "rated": "照常评价", "ungraded": "评价不定档", "own_tier": "单列一档", "measured": "只算指标",
    "collected": "只采集数据", "out": "不参评",
}  # fmt: skip
STATISTICS = {
    "ratio_of_sums": "合计之比", "mean": "平均", "median": "中位数", "quantile": "分位数",
    "max": "最大值", "min": "最小值", "sum": "合计", "count": "个数",
}  # fmt: skip
INTERPOLATIONS: Mapping[Interpolation, str] = {
    "linear": "按比例取", "midpoint": "取中", "lower": "取低的一位", "higher": "取高的一位",
    "nearest": "取近的一位，一样近取高的",
}  # fmt: skip
"""How a quantile between two places is taken, as explanations of it say too."""
POLICIES = {
    "zero": "得零分",
    "full": "得满分",
    "cap": "得封顶分",
    "cohort_mean": "取本组平均得分",
    "reweight": "权重分给其余指标",
}
AMONG = {"rated": "参评的", "all": "全部，不论是否参评", "cohort": "本组参评的"}


def words_of(
    scope: Scope,
    fields: Mapping[str, RuleField],
    statistics: Mapping[str, Statistic],
    rating: TheRating | None = None,
) -> Words:
    """The names of a file in words: a statistic without a label by what it is.

    Args:
        scope: the names.
        fields, statistics: what the file declares, and what it takes over.
        rating: the rating it belongs to or stands on.
    """
    units = {n: f.unit for n, f in fields.items() if f.unit}
    values = {"treatment": TREATMENTS}
    if rating is not None:
        units |= {n: i.unit for n, i in rating.indicators.items() if i.unit}
        units |= {n: f.unit for n, f in rating.fields.items() if f.unit and n not in units}
        values["cohort"] = {c.id: c.label or c.id for c in rating.cohorts}
    labels: dict[str, str] = {}
    words = Words(scope, labels, units, values)
    # Each in the words of those before it.
    for n, f in {**(rating.fields if rating is not None else {}), **fields}.items():
        if f.label is None and f.value is not None:
            labels[n] = f"（{in_words(f.value, words)}）"
    for n, i in (rating.indicators if rating is not None else {}).items():
        if i.label is None:
            labels[n] = f"（{_divided(i, words)}）"
    labels |= {n: s.label or described(s, words) for n, s in statistics.items()}
    if rating is not None:
        labels |= {f"adj_{a.id}": f"“{a.label}”加减分" for a in rating.adjustments.items if a.label is not None}
    return words


def _divided(indicator: Indicator, words: Words) -> str:
    """An indicator by its formula."""
    if indicator.of is not None and indicator.per is not None:
        return f"{_side(indicator.of, words)} ÷ {_side(indicator.per, words)}"
    return in_words(indicator.value, words) if indicator.value is not None else "—"


def described(statistic: Statistic, words: Words) -> str:
    """A statistic by what it is: 本组同行业大类实缴税金与实际用地的合计之比."""
    of = in_words(statistic.of, words) if statistic.of is not None else "对象"
    if statistic.per is not None:
        of = f"{of}与{in_words(statistic.per, words)}"
    return f"{_whom(statistic, words)}{of}的{STATISTICS[statistic.stat]}"


def _whom(statistic: Statistic, words: Words) -> str:
    """Of which year and among whom a statistic is taken."""
    related = relation_of(statistic, words.scope.meanings)
    over = "".join("本组" if o == "cohort" else f"同{words.of(o)}" for o in statistic.keys if o != related)
    over += RELATION_LABELS[related] if related is not None else ""
    over = over or "全部对象"
    over += "（含不参评的）" if statistic.among == "all" else ""
    return f"{'上年' if statistic.year == 'previous' else ''}{over}"


def quantile_words(q: Decimal, interpolation: Interpolation) -> str:
    """A quantile with what is taken between two places: 0.65分位（在两位之间取低的一位）."""
    return f"{show(q)}分位（在两位之间{INTERPOLATIONS[interpolation]}）"


def peers_in_words(peers: Peers, words: Words) -> str:
    """What an indicator's peers come to, as a benchmark.

    Its numbers follow one another as those of `q`, `members`, `min_members`, `otherwise`, `round` and `times`.

    Args:
        peers: the benchmark as the file states it.
        words: the names of the file.
    """
    statistic = statistic_of(peers, (Expression("null"), None))
    what = STATISTICS[peers.peers] if peers.q is None else quantile_words(peers.q, peers.interpolation)
    of = "分子与分母" if peers.peers == "ratio_of_sums" else ""
    parts = [f"{_whom(statistic, words)}本指标{of}的{what}"]
    if peers.members is not None:
        parts.append(f"只计{in_words(peers.members, words)}的")
    if peers.otherwise is not None:
        whole = peers.otherwise.text.strip() == EVERYBODY
        otherwise = "不分组的" if whole else in_words(peers.otherwise, words)
        parts.append(f"不足{peers.min_members}个时用{otherwise}")
    elif peers.min_members > 1:
        parts.append(f"不足{peers.min_members}个时没有")
    if peers.round is not None:
        parts.append(f"四舍五入到{peers.round}位")
    if peers.times != 1:
        parts.append(f"取{show(peers.times)}倍")
    return "；".join(parts)


def rating_words(ruleset: RuleSet, rating: TheRating) -> Words:
    """The names of a rating in words."""
    plan, _ = check_rating(ruleset, rating)
    return words_of(plan.scope, rating.fields, rating.statistics, rating)


def rating_parts(ruleset: RuleSet, rating: TheRating) -> Iterator[Part]:
    """The parts of a rating's document."""
    words = rating_words(ruleset, rating)
    if not rating.binding:
        yield Paragraph("试评：结果不作为执行依据。")
    yield Heading("评价对象")
    yield from _population(rating, words)
    yield Heading("指标与权重")
    yield from _indicators(rating, words)
    for cohort in rating.cohorts:
        scoring = rating.scoring.get(cohort.id)
        if scoring is not None:
            yield _scoring(cohort.label or cohort.id, scoring, rating, words)
    places = rating.decimals
    others = any(i.floor for scoring in rating.scoring.values() for i in scoring.items.values())
    yield Paragraph(
        f"指标得分保留{places.points}位小数，综合得分保留{places.score}位小数，四舍五入。"
        f"单项得分最低0分{'，表中另写的除外' if others else ''}。"
    )
    yield from name_parts(rating.fields, rating.tables, rating.statistics, words, ruleset.lookups.get("rating", {}))
    if rating.adjustments.items:
        yield Heading("加分与减分")
        yield from _adjustments(rating, words)
    if rating.tiers is not None:
        yield Heading("分档")
        yield from tier_parts(rating, rating.tiers, words)
    if rating.stability is not None:
        yield Heading("稳固性检验")
        yield from _stability(rating.stability, words)


def _population(rating: TheRating, words: Words) -> Iterator[Part]:
    population = rating.population
    yield Paragraph(f"评价对象为{SUBJECTS[population.subject]}。")
    if population.members is not None:
        yield Paragraph(f"计入合计的企业：{in_words(population.members, words)}。")
    if population.scope is not None:
        yield Paragraph(f"评价范围：{in_words(population.scope, words)}。范围以外的不参评。")
    if population.apart is not None:
        yield Paragraph(f"单独评价：{in_words(population.apart, words)}的，带自己的用地单独评价。")
    if population.both is not None:
        partners = {"parcel": "同一地块上的企业", "group": "同一合并评价组的企业"}[population.merges_by]
        yield Paragraph(
            f"两种都评：{in_words(population.both.condition, words)}的，单独评价一次，与{partners}合并评价一次；"
            f"以{COUNTINGS[population.counting or 'alone']}的结果为准，另一种结果并列列出。"
        )
    if population.special:
        rows = [
            (s.reason, in_order(in_words(s.when, words), i), TREATMENTS[s.treatment], s.tier, s.managed_as,
             "是" if s.in_base else None)
            for i, s in enumerate(population.special)
        ]  # fmt: skip
        titles = ("理由", "条件", "处理", "所列档次", "政策上按何档管理", "计入分档基数")
        yield table(titles, rows, "特殊情形（依次判断，先符合者适用）")
    cohorts = [(c.label or c.id, in_order(in_words(c.when, words), i)) for i, c in enumerate(rating.cohorts)]
    yield table(("评价组别", "条件"), cohorts, "评价组别（依次判断，先符合者归入）")


def _indicators(rating: TheRating, words: Words) -> Iterator[Part]:
    rows = []
    for name, indicator in rating.indicators.items():
        rows.append((words.of(name), _divided(indicator, words), indicator.unit))
    yield table(("指标", "算法", "单位"), rows, "指标")


def _side(source: Expression, words: Words) -> str:
    text = in_words(source, words)
    return f"（{text}）" if any(sign in text for sign in (" + ", " − ", " × ", " ÷ ")) else text


def _scoring(label: str, scoring: Scoring, rating: TheRating, words: Words) -> Table:
    rows: list[tuple[object, ...]] = []
    for name, item in scoring.items.items():
        unit = rating.indicators[name].unit if name in rating.indicators else None
        benchmark = in_words(item.benchmark, words) if item.benchmark is not None else None
        if item.benchmark is not None and unit and benchmark is not None and _is_number(benchmark):
            benchmark = f"{benchmark} {unit}"
        rows.append(
            (
                words.of(name),
                item.weight if item.group is None else f"{show(item.weight)}（{item.group}）",
                benchmark,
                item.method.words(item, words),
                _limits(item),
                _exceptions(item, words),
            )
        )
    total = sum((i.weight for i in scoring.items.values()), Decimal(0))
    rows.append(("合计", total, None, None, None, None))
    titles = ("指标", "权重", "基准值", "计分方法", "上下限", "缺数据等情形")
    return table(titles, rows, f"{label}：权重与基准值")


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _limits(item: Item) -> str | None:
    """The cap, and the floor where it is not 0: of the usual one a sentence below the tables tells."""
    parts = []
    if item.cap is not None:
        parts.append(f"至多{show(item.cap * item.weight)}分（权重的{show(item.cap)}倍）")
    if item.floor:
        parts.append(f"至少{show(item.floor * item.weight)}分（权重的{show(item.floor)}倍）")
    return "；".join(parts) or None


def _exceptions(item: Item, words: Words) -> str:
    parts = []
    for fallback in item.fallback:
        base = f"，基准值{in_words(fallback.benchmark, words)}" if fallback.benchmark is not None else ""
        parts.append(f"缺数据时改用{words.of(fallback.indicator)}{base}")
    parts.append(f"{'仍缺的' if item.fallback else '缺数据'}{_policy(item.missing)}")
    if item.zero_denominator is not None:
        parts.append(f"分母不大于零{_policy(item.zero_denominator)}")
    if item.negative is not None:
        parts.append(f"为负{_policy(item.negative)}")
    return "；".join(parts)


def _policy(policy: Policy) -> str:
    return f"得{show(policy.points)}分" if policy.points is not None else POLICIES[policy.kind]


def name_parts(
    fields: Mapping[str, RuleField],
    tables: Mapping[str, LookupTable],
    statistics: Mapping[str, Statistic],
    words: Words,
    lookups: Mapping[str, Lookup],
) -> Iterator[Part]:
    """What a file introduces: quantities, lookup tables with what stands in them, statistics."""
    if fields:
        rows = [
            (words.of(n), in_words(f.value, words) if f.value is not None else "由“补充指标”表填报", f.unit)
            for n, f in fields.items()
        ]
        yield table(("名称", "算法", "单位"), rows, "另行定义的数据")
    if tables:
        lookup_rows = [
            (
                n,
                "、".join(words.of(k) for k in (*t.keys, *([t.range] if t.range else ()))),
                t.file,
                "是" if t.required else None,
            )
            for n, t in tables.items()
        ]
        yield table(("对照表", "匹配依据", "文件", "必须有匹配的行"), lookup_rows, "对照表")
        for name in tables:
            if name in lookups:
                yield from _contents(lookups[name], words)
    lines = [
        (
            words.of(n),
            described(s, words) if s.label is not None else None,
            in_words(s.members, words) if s.members is not None else None,
            s.min_members if s.min_members > 1 else None,
            in_words(s.otherwise, words) if s.otherwise is not None else None,
            quantile_words(s.q, s.interpolation) if s.q is not None else None,
            f"{s.round}位" if s.round is not None else None,
        )
        for n, s in statistics.items()
    ]
    # A statistic whose name says everything needs no line of its own.
    telling = [line for line in lines if any(cell is not None for cell in line[1:])]
    if telling:
        titles = ("统计值", "算法", "计入哪些对象", "至少几个", "不足时用", "分位", "四舍五入")
        yield table(titles, telling, "统计值")


MOST_ROWS = 300
"""Rows of a lookup table that are printed; a longer one is read in its file."""


def _contents(lookup: Lookup, words: Words) -> Iterator[Part]:
    """A lookup table's rows: keys first, `*` as everything else."""
    columns = [(k, words.of(k)) for k in lookup.keys]
    if lookup.range is not None:
        columns += [("from", f"{words.of(lookup.range)}自（含）"), ("up_to", "至（不含）")]
    columns += [(m.name, words.of(m.name).removeprefix(f"{lookup.id}_")) for m in lookup.meanings]
    shown = lookup.rows.head(MOST_ROWS).select(n for n, _ in columns)
    keys = len(lookup.keys)
    rows = [tuple("其余" if i < keys and v == ANY else v for i, v in enumerate(row)) for row in shown.iter_rows()]
    yield table([label for _, label in columns], rows, f"对照表“{lookup.id}”")
    if lookup.rows.height > MOST_ROWS:
        yield Paragraph(f"以上为前{MOST_ROWS}行，全部{lookup.rows.height}行见 {posixpath.basename(lookup.file)}。")


def _adjustments(rating: TheRating, words: Words) -> Iterator[Part]:
    rows = [
        (
            a.label or a.id,
            in_words(a.when, words) if a.when is not None else "全部",
            in_words(a.points, words),
            _family(rating, a.family),
        )
        for a in rating.adjustments.items
    ]
    yield table(("项目", "条件", "分值", "类别"), rows)
    for name, family in rating.adjustments.families.items():
        taken = "累加" if family.take == "sum" else "只取最高一项"
        limits = [f"至多{show(family.max)}分"] if family.max is not None else []
        limits += [f"至少{show(family.min)}分"] if family.min is not None else []
        yield Paragraph(f"类别“{_family(rating, name)}”：{'，'.join([taken, *limits])}。")
    score = rating.adjustments.score
    if score.min is not None or score.max is not None:
        yield Paragraph(f"综合得分：最低{cell_text(score.min)}，最高{cell_text(score.max)}。")


def _family(rating: TheRating, name: str | None) -> str | None:
    family = rating.adjustments.families.get(name or "")
    return (family.label if family is not None else None) or name


STABILITY = {
    "weights": ("权重", "%"), "benchmarks": ("基准值", "%"), "caps": ("封顶倍数", "%"),
    "cuts": ("分档", " 个百分点（分数线为 %）"), "inputs": ("企业数据", "%"),
}  # fmt: skip
"""What each source of a test of stability is called, and what its range is counted in."""


def _stability(stability: Stability, words: Words) -> Iterator[Part]:
    rows = []
    for source, (label, unit) in STABILITY.items():
        stated: Mapping[str, Decimal] = getattr(stability, source)
        usual = stability.width(source, "default")
        others = [f"{_moved(n, source, words)} ±{show(w)}" for n, w in stated.items() if n != "default"]
        rows.append((label, f"±{show(usual)}{unit}", "；".join(others) or None))
    yield table(("来源", "浮动范围", "另写的"), rows)
    yield Paragraph(
        f"抽取{stability.draws}次，种子{stability.seed}；保持本档的频率低于{show(stability.fragile_below)}%的为不稳固。"
    )


def _moved(name: str, source: str, words: Words) -> str:
    if source == "cuts":
        return f"{name}档"
    return in_words(name, words) if source == "inputs" else words.of(name)
