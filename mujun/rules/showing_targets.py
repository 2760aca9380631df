"""targets.yaml in words: indicators beside province and city, goals, tasks with their offices, weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from mujun.messages import show
from mujun.rules.document import Heading, Paragraph, Part, table
from mujun.rules.model import Contest, Target, Task, TheTargets

KINDS: Mapping[str, str] = {
    "level": "本年值",
    "rate": "年增幅",
    "campaign": "自行动开始累计",
    "cumulative": "含基期累计",
    "yearly": "当年累计",
}
BY: Mapping[str, str] = {"share": "权重 × 目标完成率", "value": "权重 × 本镇街的值 ÷ 最高者"}
MISSING: Mapping[str, str] = {"zero": "该项记零分", "reweight": "权重按比例分给其余各项"}
TIES: Mapping[str, str] = {"skip": "同分并列，其后空出名次", "dense": "同分并列，其后接着排"}


def targets_parts(file: TheTargets) -> Iterator[Part]:
    """A targets file, section by section, without those that it has not."""
    if file.targets:
        yield Heading("指标", 2)
        yield from _figures(file.targets, "目标")
        yield from _townships(file.targets)
    if file.goals:
        yield Heading("补充目标", 2)
        yield from _figures(file.goals, "补充目标")
        yield from _townships(file.goals)
    if file.tasks:
        yield Heading("任务", 2)
        yield _tasks(file)
    for contest in (file.assessment, file.race):
        if contest is not None:
            yield Heading(contest.label, 2)
            yield from _contest(contest, file)


def _figures(figures: Sequence[Target], title: str) -> Iterator[Part]:
    years = sorted({y for t in figures for y in (*t.base, *t.targets, *t.yearly)})
    beside = sorted(
        {(name, y) for t in figures for name, r in t.regions.items() for y in (*r.targets, *r.yearly)},
        key=lambda column: (_regions(figures).index(column[0]), column[1]),
    )
    rows = [
        (
            t.label, t.unit, KINDS[t.kind], t.group, *(_own(t, y) for y in years),
            *(_beside(t, name, y) for name, y in beside), _note(t),
        )
        for t in figures
    ]  # fmt: skip
    yield table((title, "单位", "口径", "类别", *years, *(f"{name}{y}" for name, y in beside), "说明"), rows)
    if any(t.doubtful for t in figures):
        yield Paragraph("标有“？”的数，在印刷表中的位置存疑。")


def _regions(figures: Sequence[Target]) -> list[str]:
    """The regions in the order in which the file first names them."""
    return list(dict.fromkeys(name for t in figures for name in t.regions))


def _own(t: Target, year: str) -> str | None:
    aim = _value(t.targets.get(year, t.base.get(year)), t.yearly.get(year))
    return f"{aim}？" if aim is not None and year in t.doubtful else aim


def _beside(t: Target, region: str, year: str) -> str | None:
    column = t.regions.get(region)
    return None if column is None else _value(column.targets.get(year), column.yearly.get(year))


def _value(reached: Decimal | None, added: Decimal | None) -> str | None:
    parts = [show(reached)] if reached is not None else []
    parts += [f"新增{show(added)}"] if added is not None else []
    return "，".join(parts) or None


def _note(t: Target) -> str:
    regional = [f"{name}：{r.note}" for name, r in t.regions.items() if r.note]
    return "；".join(n for n in (t.note, *regional) if n)


def _townships(figures: Sequence[Target]) -> Iterator[Part]:
    for t in figures:
        if t.townships:
            years = sorted({y for values in t.townships.values() for y in values})
            rows = [(name, *(values.get(y) for y in years)) for name, values in t.townships.items()]
            yield table(("镇街", *years), rows, f"{t.label}：分解到镇街（{t.unit}）")


def _tasks(file: TheTargets) -> Part:
    by_id = {t.id: t for t in file.figures}
    rows = [
        (
            str(task.number), task.title, _names(file, task.lead), _names(file, task.support), _due(task),
            "；".join(goal_in_words(by_id[g]) for g in task.goals), task.note,
        )
        for task in sorted(file.tasks, key=lambda t: t.number)
    ]  # fmt: skip
    return table(("序号", "任务", "牵头单位", "配合单位", "要完成的工作", "可计数的目标", "说明"), rows)


def _names(file: TheTargets, offices: Sequence[str]) -> str:
    return "、".join(file.offices[o] for o in offices)


def _due(task: Task) -> str:
    return "；".join(d.what if d.by is None else f"{d.by.isoformat()}前：{d.what}" for d in task.due)


def goal_in_words(target: Target) -> str:
    """An indicator with what it has to reach in the last year that says so: `省级企业研究院20家（2023）`."""
    values = target.targets or target.yearly
    year = max(values)
    added = "" if target.targets else "新增"
    return f"{target.label}{added}{show(values[year])}{target.unit}（{year}）"


def _contest(contest: Contest, file: TheTargets) -> Iterator[Part]:
    by_id = {t.id: t for t in file.figures}
    rows: list[tuple[object, ...]] = []
    for name, item in contest.items.items():
        floor, cap = (item.weight * times for times in contest.limits(item))
        rows.append((by_id[name].label, item.weight, BY[item.by], floor, cap))
    rows.append(("合计", contest.total, None, None, None))
    yield table(("指标", "权重", "怎样得分", "最少得分", "最多得分"), rows)
    basis = f"权重依据：{contest.document}。" if contest.document else "权重是示例，不是文件所定。"
    old = "" if contest.within is None else f"，上报数早于{contest.within}个月以前的按没有上报"
    yield Paragraph(f"{basis}没有上报的{MISSING[contest.missing]}{old}；{TIES[contest.ties]}。")
