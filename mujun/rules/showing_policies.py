"""Rectification and allocation of a rule set in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from mujun.messages import show
from mujun.rules.allocation_plan import SHARE, MeasurePlan, check_allocation
from mujun.rules.document import Heading, Paragraph, Part, in_order, table
from mujun.rules.expressions import Scope
from mujun.rules.in_words import Words, in_words
from mujun.rules.model import Measure, TheAllocation, TheRectification
from mujun.rules.model.allocation import Account, Lever, Office, Period, Rate
from mujun.rules.named_lists import each_list
from mujun.rules.policy_names import PolicyNames
from mujun.rules.pool_plan import PoolPlan
from mujun.rules.rectification_plan import RectificationPlan, check_rectification
from mujun.rules.ruleset import RuleSet
from mujun.rules.showing_rating import name_parts, words_of

EFFECTS = {"land_mu": "腾出用地（亩）", "energy_tce": "腾出用能（吨标煤）"}
OFFICES: Mapping[Office, str] = {"power": "供电", "water": "供水", "gas": "供气", "heat": "供热", "tax": "税务"}
LEVERS: Mapping[Lever, str] = {
    "land_tax_relief": "减免城镇土地使用税", "award": "奖励资金", "power_market": "电力市场化交易让利",
    "new_land": "新增用地", "energy_quota": "新增用能指标", "emission_quota": "新增排污指标",
    "power_surcharge": "差别化电价加价", "water_surcharge": "差别化水价加价",
    "emission_surcharge": "差别化排污加价", "energy_cut": "削减用能指标", "emission_cut": "削减排污指标",
}  # fmt: skip
KINDS = {"surcharge": "加价", "relief": "减免", "quota": "配额", "note": "提示"}


def policy_words(ruleset: RuleSet, file: TheRectification | TheAllocation, scope: Scope) -> Words:
    """The names of a policy file in words: its own, and those it takes over from the rating."""
    rating = ruleset.rating
    inherited = rating.statistics if rating is not None else {}
    return words_of(scope, file.fields, {**inherited, **file.statistics}, rating)


def effects_in_words(plan: RectificationPlan) -> tuple[tuple[str, str], ...]:
    """How each expected effect that the rules have is computed, in Chinese words, by its name."""
    words = policy_words(plan.ruleset, plan.file, plan.effects_scope)
    return tuple((name, in_words(e, words)) for name, e in plan.file.effects.items())


def exit_in_words(plan: RectificationPlan) -> tuple[str, str]:
    """The standard by which one is struck off and its margin, in Chinese words; empty where the rules have none."""
    words = policy_words(plan.ruleset, plan.file, plan.scope)
    exit_ = plan.file.exit
    if exit_ is None:
        return "", ""
    return in_words(exit_.when, words), in_words(exit_.margin, words) if exit_.margin is not None else ""


def conditions_in_words(plan: RectificationPlan) -> dict[str, str]:
    """The condition of every reason for being listed, with its thresholds, in Chinese words, by the reason's id."""
    words = policy_words(plan.ruleset, plan.file, plan.scope)
    return {reason.id: in_words(reason.when, words) for reason in plan.file.listing}


def rectification_parts(ruleset: RuleSet, file: TheRectification) -> Iterator[Part]:
    """The parts of a rectification's document; of several lists one after the other, and their names once."""
    plan, _ = check_rectification(ruleset, file)
    words = policy_words(ruleset, file, plan.scope)
    for name, one in zip(file.lists or ("",), each_list(file), strict=True):
        if name:
            yield Heading(f"清单：{file.lists[name].label or name}", 2)
        yield from _list_parts(one, words)
    tables = ruleset.lookups.get("rectification", {})
    yield from name_parts(file.fields, file.tables, file.statistics, words, tables)
    yield from _counted(plan.policy, words)


def _list_parts(file: TheRectification, words: Words) -> Iterator[Part]:
    if file.scope is not None:
        yield Paragraph(f"筛查范围：{in_words(file.scope, words)}。")
    yield Heading("列入条件", 2)
    reasons = {r.id: r.reason for r in file.listing}
    yield table(("列入理由", "条件"), ((r.reason, in_words(r.when, words)) for r in file.listing), "符合其一即列入")
    if file.exempt:
        exempt = [
            (e.reason, in_words(e.when, words), "；".join(reasons.get(o, o) for o in e.of) or "全部理由")
            for e in file.exempt
        ]
        yield table(("豁免理由", "条件", "豁免哪些列入理由"), exempt, "豁免")
    if file.paths:
        yield Heading("整治方式", 2)
        paths = [(p.path, in_order(in_words(p.when, words), i), f"{p.months}个月") for i, p in enumerate(file.paths)]
        yield table(("整治方式", "条件", "完成时限"), paths, "依次判断，先符合者适用")
    if file.effects:
        effects = [(EFFECTS.get(n, n), in_words(e, words)) for n, e in file.effects.items()]
        yield table(("预计成效", "算法"), effects)
    if file.exit is not None:
        yield Heading("销号", 2)
        yield Paragraph(f"销号条件：{in_words(file.exit.when, words)}。")
        if file.exit.evidence:
            kinds = [
                e.evidence.kind + (f"（{'、'.join(e.evidence.paths)}）" if e.evidence.paths else "")
                for e in file.exit.evidence
            ]
            yield Paragraph(f"佐证材料：{'、'.join(kinds)}。")
        if file.exit.margin is not None:
            yield Paragraph(f"达标余量，建议验收还须满足：{in_words(file.exit.margin, words)}。")
    if file.watch is not None:
        yield Paragraph(f"销号后跟踪{file.watch.months}个月。")


def _counted(policy: PolicyNames, words: Words) -> Iterator[Part]:
    """Among whom the statistics are computed, where the file has any that do not say it themselves."""
    if policy.counted is not None:
        of = {"all": "全部企业（不论是否参评）", "rated": "参评企业"}[policy.counted.of]
        scope = policy.counted.scope
        met = f"中{in_words(scope.source, words)}的" if scope is not None else ""
        yield Paragraph(f"统计值在{of}{met}当中计算。")


def allocation_parts(ruleset: RuleSet) -> Iterator[Part]:
    """The parts of an allocation's document: every measure, included ones with where they come from."""
    plan, _ = check_allocation(ruleset)
    if ruleset.allocation is not None and not ruleset.allocation.binding:
        yield Paragraph("试行：不实际收取或减免。")
    others = {m.name: m.source for m in plan.measures}
    for part in plan.parts:
        words = policy_words(ruleset, part.part.file, part.scope)
        streak = _streak(part.gaps)
        if streak:
            yield Paragraph(streak)
        for compiled in part.measures:
            yield from _measure(compiled, others, words)
        file = part.part.file
        if part.measures:
            yield from name_parts(file.fields, file.tables, file.statistics, words, part.part.lookups)
            yield from _counted(part.policy, words)
    for pool in plan.pools:
        yield from _pool(pool)
    if plan.substitution is not None:
        yield from _substitution(*plan.substitution)


def included_parts(ruleset: RuleSet) -> Iterator[tuple[str, Part]]:
    """The measures that a set takes in from others, as it changes them, each with the address of the set it is of."""
    plan, _ = check_allocation(ruleset)
    others = {m.name: m.source for m in plan.measures}
    for part in plan.parts:
        if part.part.address != ruleset.address:
            words = policy_words(ruleset, part.part.file, part.scope)
            for compiled in part.measures:
                yield from ((part.part.address, shown) for shown in _measure(compiled, others, words))


def _streak(gaps: frozenset[str]) -> str:
    """What a streak passes over, where it is not the usual."""
    if gaps == {"untiered", "other_tier"}:
        return "连续年数按累计计：没有档次和列入其他档次的年份不计也不中断。"
    if not gaps:
        return ""
    which = "没有档次的年份" if "untiered" in gaps else "列入其他档次的年份"
    return f"连续年数：{which}不计也不中断。"


def _pool(plan: PoolPlan) -> Iterator[Part]:
    pool, words = plan.source, words_of(plan.scope, {}, {}, None)
    yield Heading(pool.label, 2)
    total = (
        f"{show(pool.amount)}吨标煤" if pool.amount is not None else "腾退来源未用于替代的用能，加整治验收核定的用能"
    )
    facts = [("总量", total), ("用于分配", f"{show(pool.share * 100)}%"), ("最小单位", f"{show(pool.step)}吨标煤")]
    facts.append(("依据", plan.document))
    yield table(("项目", "内容"), facts)
    order = [
        (str(i), in_words(o.when, words), in_words(o.weight, words) if o.weight is not None else "相同")
        for i, o in enumerate(pool.order, start=1)
    ]
    yield table(("顺位", "项目", "权重"), order, "分配顺位（前一顺位满足后才轮到后一顺位）")
    if pool.refuse:
        yield table(("理由", "条件"), ((r.reason, in_words(r.when, words)) for r in pool.refuse), "不予分配")


def _substitution(multiples: Mapping[str, Mapping[Account, Decimal]], document: str) -> Iterator[Part]:
    yield Heading("项目替代", 2)
    rows = [(kind, account, f"{show(value)}倍") for kind, of in multiples.items() for account, value in of.items()]
    yield table(("项目类别", "账户", "替代倍数"), rows, f"依据：{document}")


def _measure(plan: MeasurePlan, others: Mapping[str, Measure], words: Words) -> Iterator[Part]:
    measure = plan.source
    yield Heading(measure.label, 2)
    facts = [("类别", KINDS[measure.kind]), ("依据", plan.document), ("执行期", _period(measure.period, words))]
    if plan.refunds is not None:
        collected = others[plan.refunds]
        facts.insert(1, ("返还", f"“{collected.label}”{_period(collected.period, words)}的执行金额"))
    if plan.office is not None:
        facts.append(("交哪家执行", OFFICES[plan.office]))
    if measure.lever is not None:
        facts.append(("季度台账", LEVERS[measure.lever]))
    if measure.of is not None:
        facts.insert(1, ("计量", in_words(measure.of, words)))
    if measure.rest is not None:
        facts.append(("没有账单的日子", "按全年数扣除当年账单后，按天折算"))
    if measure.max_amount is not None:
        facts.append(("每家至多", f"{show(measure.max_amount)}万元"))
    if measure.exclusive is not None:
        rivals = [f"“{m.label}”" for m in others.values() if m.exclusive == measure.exclusive and m is not measure]
        with_whom = "、".join(rivals) or "同类的其他各项"
        facts.append(("互斥", f"与{with_whom}只执行金额最高的一项"))
    yield table(("项目", "内容"), facts)
    rates = [
        (in_order(in_words(r.when, words), i), _standard(r, measure, words), _dates(r.from_, r.until))
        for i, r in enumerate(measure.rate)
    ]  # fmt: skip
    yield table(("条件", "标准", "起止"), rates, "标准（依次判断，先符合者适用）")
    if measure.exempt:
        yield table(("豁免理由", "条件"), ((e.reason, in_words(e.when, words)) for e in measure.exempt), "豁免")


def _standard(rate: Rate, measure: Measure, words: Words) -> str:
    if rate.amount is None:
        return rate.note or "—"
    most = "最高" if rate.up_to is not None else ""
    return most + _number_of_rate(in_words(rate.amount, words), measure)


def _number_of_rate(value: str, measure: Measure) -> str:
    if measure.per == SHARE:
        return f"{show(Decimal(value) * 100)}%" if value.replace(".", "", 1).isdigit() else f"{value}（比例）"
    if measure.per is None:
        return value
    return f"（{value}）{measure.per}" if " " in value else f"{value} {measure.per}"


def _period(period: Period, words: Words) -> str:
    year = None
    if period.year is not None:
        year = "数据年度当年" if period.year == 0 else f"数据年度之后第{period.year}年"
    dates = _dates(period.from_, period.until)
    stated = "，".join(t for t in (year, dates) if t) or "数据年度当年"
    return "；".join(t for t in (stated, own_period_in_words(period, words)) if t)


def own_period_in_words(period: Period, words: Words) -> str:
    """The days of each enterprise's own, in Chinese words; empty where there are none."""
    ends = []
    if period.begins is not None:
        grace = f"满{period.grace}个月" if period.grace else ""
        ends.append(f"自{in_words(period.begins, words)}{grace}起")
    if period.ends is not None:
        ends.append(f"至{in_words(period.ends, words)}止")
    return f"各企业{'，'.join(ends)}" if ends else ""


def _dates(first: date | None, last: date | None) -> str | None:
    if first is None and last is None:
        return None
    if last is None:
        return f"自{first}起"
    return f"至{last}止" if first is None else f"{first}至{last}"
