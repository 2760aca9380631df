"""How tiers are cut and what moves them afterwards, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from mujun.messages import show
from mujun.rules.document import Paragraph, Part, Table, table
from mujun.rules.in_words import Words, in_words
from mujun.rules.model import Cut, TheRating, Tiers

ROUNDINGS = {"half_up": "四舍五入", "floor": "舍去小数", "ceil": "进一"}


def tier_parts(rating: TheRating, tiers: Tiers, words: Words) -> Iterator[Part]:
    """The tiers, how each cohort is cut into them, and what is changed after the cut."""
    labels = {c.id: c.label or c.id for c in rating.cohorts}
    yield table(("档次", "名称"), ((c.id, c.label) for c in tiers.classes), "档次（由好到差）")
    cells = "、".join(words.of(c) for c in tiers.cells) or "全部对象"
    yield Paragraph(f"在同一{cells}内排名分档。" if tiers.cells else "全部对象一起排名分档。")
    for cohort, keys in tiers.rank_by.items():
        whose = f"{_whose(cohort, tiers.rank_by, labels, cells=tiers.cells)}：" if len(tiers.rank_by) > 1 else ""
        ordered = "；相同的再按".join(ordered_in_words(k, words) for k in keys)
        yield Paragraph(f"{whose}按{ordered}排名。")
    if tiers.before:
        rows = [
            (b.reason, in_words(b.when, words), b.set, "占用名额" if b.in_base else "不占名额") for b in tiers.before
        ]
        yield table(("理由", "条件", "定为", "名额"), rows, "分档前直接定档（依次判断，先符合者适用）")
    for name, cut in tiers.cut.items():
        yield from _cut(_whose(name, tiers.cut, labels, cells=tiers.cells), cut, words)
    if tiers.after:
        reasons = {b.id: b.reason for b in tiers.before} | {a.id: a.reason for a in tiers.after}
        after = [
            (a.reason, in_words(a.when, words), action_in_words(a.set, a.at_most, a.at_least, a.move),
             "；".join(reasons.get(u, u) for u in a.unless) or None)
            for a in tiers.after
        ]  # fmt: skip
        yield table(("理由", "条件", "处理", "有下列情形的除外"), after, "分档后调整（依次进行）")
    if tiers.verify:
        promised = [(t, _percents(v.max), _percents(v.min)) for t, v in tiers.verify.items()]
        yield table(("档次", "至多", "至少"), promised, "各档比例核对（只核对，不据此调整）")


def _whose(name: str, keyed: Collection[str], labels: Mapping[str, str], *, cells: tuple[str, ...]) -> str:
    """Whom one entry of those by cohort is for, by the cohorts' labels; `default` is for those without their own."""
    if name in labels:
        return labels[name]
    if "cohort" not in cells:
        return "全部"
    return "、".join(label for cohort, label in labels.items() if cohort not in keyed) or "其他组别"


def ordered_in_words(key: str, words: Words) -> str:
    """A key of a ranking in words."""
    direction = "从低到高" if key.startswith("-") else "从高到低"
    return f"{in_words(key.removeprefix('-').strip(), words)}{direction}"


def _percents(share: Decimal | None) -> str | None:
    return None if share is None else f"{show(share)}%"


def action_in_words(fixed: str | None, most: str | None, least: str | None, move: int | None) -> str:
    """What a rule does to a tier, in words."""
    if fixed is not None:
        return f"改为{fixed}"
    if most is not None:
        return f"不得好于{most}"
    if least is not None:
        return f"不得差于{least}"
    return f"{'升' if (move or 0) > 0 else '降'}{abs(move or 0)}档"


def _cut(label: str, cut: Cut, words: Words) -> Iterator[Part]:
    ties = "同名次的归较好一档" if cut.ties == "better" else "同名次的归较差一档"
    if cut.shares is not None:
        rows: list[tuple[str, str, str]] = []
        before = Decimal(0)
        for tier, cumulative in cut.shares.items():
            rows.append((tier, f"{show(cumulative - before)}%", f"前{show(cumulative)}%"))
            before = cumulative
        yield Table(("档次", "比例", "累计"), tuple(rows), f"{label}：名额{ROUNDINGS[cut.rounding]}，{ties}")
    elif cut.thresholds is not None:
        limits = [(t, f"不低于{show(v)}") for t, v in cut.thresholds.items()]
        limits += [(cut.rest, "其余")] if cut.rest is not None else []
        yield table(("档次", in_words(cut.by, words)), limits, label)
    else:
        picks = [
            (p.tier, in_words(p.among, words) if p.among is not None else "全部",
             "；".join(ordered_in_words(b, words) for b in p.by),
             f"{show(p.take)}%")
            for p in cut.picks or ()
        ]  # fmt: skip
        picks += [(cut.rest, "其余", "—", "—")] if cut.rest is not None else []
        yield table(
            ("档次", "在哪些对象中", "按什么取", "取基数的"), picks, f"{label}：依次择取，名额{ROUNDINGS[cut.rounding]}"
        )
