"""The papers of a plan's course: monthly sheet, quarterly bulletin, annual assessment; whole, per office, per township.

Every sentence is made from what is there: without values, with one township, with everything done or everything late
it says that and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mujun.messages import speaking
from mujun.monitoring.assessing import Assessed, points_of
from mujun.monitoring.month import Month
from mujun.monitoring.plan_month import PlanMonth
from mujun.monitoring.signs import Sign
from mujun.monitoring.standing import Standing
from mujun.monitoring.tasks import TaskStanding
from mujun.reports.monitoring.brief_parts import (
    MANY,
    brief_figures,
    brief_warnings,
    most_urgent,
    project_parts,
)
from mujun.reports.monitoring.course import Course
from mujun.reports.monitoring.league_parts import league_annexes, township_parts
from mujun.reports.monitoring.month_sheets import TASK_STATES, word
from mujun.reports.monitoring.race_parts import race_annexes, race_parts
from mujun.reports.monitoring.wording import (
    VERDICTS,
    counted,
    figure_sentence,
    month_words,
    number,
    percent,
    sentence_of,
    several,
)
from mujun.reports.official.document import Annex, OfficialPaper, Part, worded
from mujun.rules.document import Heading, Paragraph, Table
from mujun.rules.model import Contest

QUARTERS = {3: "一", 6: "二", 9: "三", 12: "四"}
NAMED = 6
"""How many figures or tasks are named in a sentence before the rest is counted."""
TOLD = 3
"""How many warnings of an office are written out."""
ROWS = 18
"""Rows of the monthly sheet's table: what one page holds."""
ROOM = 90
"""Characters that the monthly sheet has for its warnings: of two longer ones the first alone is told."""


def monthly_sheet(course: Course) -> OfficialPaper:
    """月监测: one page with the main figures, tasks and the first warnings."""
    told = course.told
    parts: list[Part] = [Paragraph(_overview(course))]
    shown = course.main or course.figures
    if shown:
        parts.append(_monthly_table(shown[:ROWS]))
    urgent = [_bare(sentence_of_zh(s)) for s in most_urgent(course.warnings, 2)]
    if urgent:
        if len("".join(urgent)) > ROOM:
            urgent = urgent[:1]
        more = f"等 {len(course.warnings)} 条，详见进度工作簿" if len(course.warnings) > len(urgent) else ""
        parts.append(Paragraph(f"需要关注：{'；'.join(urgent)}{more}。"))
    title = f"{course.whose}{month_words(told.month)}重点指标监测"
    return OfficialPaper(title, tuple(parts), year=told.month.year)


def bulletin(course: Course) -> OfficialPaper:
    """季度通报: where everything stands at the end of a quarter, to be read out."""
    told = course.told
    quarter = f"{told.month.year}年第{QUARTERS[told.month.month]}季度"
    parts: list[Part] = [Paragraph(_opening(course, quarter)), Heading("总体进度"), Paragraph(_overview(course))]
    brief = len(course.figures) > MANY
    parts += brief_figures(course) if brief else _figure_parts(course)
    parts += _task_parts(course, brief=brief)
    parts += [*project_parts(course), *_race_parts(course), *([] if brief and course.race else township_parts(course))]
    parts += [Heading("存在的问题"), *(brief_warnings(course) if brief else _warning_parts(course))]
    parts += [Heading("下一步工作"), Paragraph(_next_steps(course))]
    title = f"关于{course.whose}{quarter}{_plan_name(told)}进展情况的通报"
    paper = OfficialPaper(title, tuple(parts), _annexes(course), year=told.month.year)
    return worded(paper, course.texts)


def assessment_paper(course: Course, contest: Contest, assessed: Sequence[Assessed]) -> OfficialPaper:
    """年度考核: the year's figures, what each weighed one brought, and the tasks."""
    told, year = course.told, course.told.month.year
    mine = {s.target.id for s in course.figures}
    rows = [a for a in assessed if not course.office or a.target.id in mine]
    parts: list[Part] = [
        Paragraph(_opening(course, f"{year}年度")), Heading("年度完成情况"), Paragraph(_overview(course)),
        *_figure_parts(course), *_assessed_parts(course, contest, rows), *_task_parts(course),
        *project_parts(course), *_race_parts(course), *township_parts(course), Heading("存在的问题"),
        *_warning_parts(course),
    ]  # fmt: skip
    title = f"{course.whose}{year}年度{_plan_name(told)}考核情况"
    paper = OfficialPaper(title, tuple(parts), _annexes(course), year=year)
    return worded(paper, course.texts)


# ------------------------------------------------------------------------------------------------------------ sentences


def sentence_of_zh(sign: Sign) -> str:
    """A warning in the language of papers."""
    with speaking("zh"):
        return sentence_of(sign)


def _plan_name(told: PlanMonth) -> str:
    return told.file.name.removesuffix("目标")


def _opening(course: Course, period: str) -> str:
    whose = course.whose or "全县（市）"
    known = f"（按 {course.told.known_on} 已掌握的情况）" if course.told.known_on else ""
    return f"现将{period}{whose}《{_plan_name(course.told)}》各项指标和任务的进展情况通报如下{known}。"


def _overview(course: Course) -> str:
    told, figures = course.told, course.figures
    clauses = [f"截至{month_words(told.month)}底"]
    known = [s for s in figures if s.value is not None]
    if not figures:
        clauses.append("没有分解的指标")
    elif not known:
        clauses.append(f"{len(figures)} 项指标都没有数据")
    else:
        split = [(word(f"verdict_{v}"), sum(s.verdict == v for s in figures)) for v in VERDICTS if v != "unknown"]
        head = (
            f"{len(figures)} 项指标"
            if len(known) == len(figures)
            else (f"{len(figures)} 项指标中有数据的 {len(known)} 项")
        )
        only = [label for label, count in split if count == len(known)]
        clauses.append(f"{head}，全部{only[0]}" if only and len(known) > 1 else f"{head}，其中{counted(split)}")
    tasks = course.tasks
    if tasks:
        states = [(word(f"task_{s}"), sum(_state_of(course, t) == s for t in tasks)) for s in TASK_STATES]
        only = [label for label, count in states if count == len(tasks)]
        clauses.append(
            f"{len(tasks)} 项任务全部{only[0]}"
            if only and len(tasks) > 1
            else f"{len(tasks)} 项任务中{counted(states)}"
        )
    return "，".join(clauses[:2]) + "".join(f"；{s}" for s in clauses[2:]) + "。"


def _state_of(course: Course, t: TaskStanding) -> str:
    """A task's state: for a township's paper what the township itself reported, late where it is."""
    township = course.told.township
    if township is None:
        return t.state
    mine = [r for _, name, r in t.offices if name == township]
    state = mine[0].state if mine and mine[0] is not None else "not_begun"
    return state if state in ("done", "stopped") else "late" if any(d.late for d in t.due) else state


def _figure_parts(course: Course) -> Iterator[Part]:
    """Every figure that has a value in a sentence, by group; the others are named together."""
    before = {s.target.id: s for s in course.before.standings} if course.before is not None else {}
    known = [s for s in course.figures if s.value is not None]
    main = {s.target.id for s in course.main}
    if known:
        yield Heading("指标进展")
    groups = dict.fromkeys(_group(s, main) for s in known)
    for group in groups:
        if len(groups) > 1:
            yield Heading(group, 2)
        mine = [s for s in known if _group(s, main) == group]
        yield Paragraph("".join(figure_sentence(s, before.get(s.target.id)) for s in mine))
    without = [s.target.label for s in course.figures if s.value is None]
    if without:
        head = "其余" if known else ""
        yield Paragraph(f"{head}没有数据的指标 {len(without)} 项：{several(without, NAMED)}。")


def _race_parts(course: Course) -> Iterator[Part]:
    """The race: of no office's concern, of the whole and of a township's."""
    return iter(()) if course.office else race_parts(course.race, course.told.township)


def _group(s: Standing, main: set[str]) -> str:
    return (s.target.group or "主要指标") if s.target.id in main else "补充目标"


def _task_parts(course: Course, *, brief: bool = False) -> Iterator[Part]:
    tasks = course.tasks
    if not tasks:
        return
    yield Heading("任务推进")
    sentences = []
    for state in ("done", "working", "late", "stopped", "not_begun"):
        named = [f"“{t.task.title}”" for t in tasks if _state_of(course, t) == state]
        if named and state != "working":
            sentences.append(f"{word(f'task_{state}')}的 {len(named)} 项：{several(named, NAMED)}。")
        elif named:
            sentences.append(f"{word(f'task_{state}')}的 {len(named)} 项。")
    yield Paragraph("".join(sentences))
    township = course.told.township
    reports = [
        (t.task.title, r)
        for t in tasks
        for _, name, r in t.offices
        if r is not None and r.said and r.month == course.told.month and (township is None or name == township)
    ]
    if reports and not brief:
        told = "；".join(f"“{title}”{r.township or ''}{_bare(r.said)}" for title, r in reports[:NAMED])
        yield Paragraph(f"本月上报的进展：{told}。")
    late = [
        f"“{t.task.title}”的“{d.what}”（应于 {d.by.year}年{d.by.month}月{d.by.day}日前完成）"
        for t in tasks
        for d in t.due
        if d.late and d.by is not None
    ]
    if late:
        yield Paragraph(f"过了时限还没有报完成的：{several(late, NAMED)}。")


def _warning_parts(course: Course) -> Iterator[Part]:
    offices = course.told.file.offices
    if not course.warnings:
        if course.told.township is not None:
            late = [t.task.title for t in course.tasks if _state_of(course, t) == "late"]
            behind = [s.target.label for s in course.figures if s.verdict == "behind"]
            named = [f"“{n}”逾期" for n in late] + [f"{n}慢于时序" for n in behind]
            yield Paragraph(f"{several(named, NAMED)}。" if named else "没有逾期的任务和慢于时序的指标。")
            return
        yield Paragraph("没有需要提醒的事项。")
        return
    for office in dict.fromkeys(s.office for s in course.warnings):
        mine = [_bare(sentence_of_zh(s)) for s in course.warnings if s.office == office]
        name = offices.get(office, office) or "有关单位"
        most = len(mine) if course.office else TOLD
        more = f"；另有 {len(mine) - most} 条" if len(mine) > most else ""
        yield Paragraph(f"{name}：{'；'.join(mine[:most])}{more}。")


def _next_steps(course: Course) -> str:
    file = course.told.file
    behind = [s for s in course.figures if s.verdict == "behind"]
    late = [t for t in course.tasks if _state_of(course, t) == "late"]
    silent = [s for s in course.warnings if s.rule in ("never_reported", "silent", "townships_missing", "task_silent")]
    steps = []
    if behind:
        leads = _offices(course, [o for s in behind for o in file.led_by(s.target)])
        named = several([s.target.label for s in behind], NAMED)
        by = f"由{leads}" if leads else "请责任单位"
        steps.append(f"对慢于时序的{named}，{by}逐项分析原因，提出追赶的措施和时间表")
    if late:
        leads = _offices(course, [o for t in late for o in t.task.lead])
        steps.append(f"对逾期的 {len(late)} 项任务，由{leads}说明情况，限期完成")
    if silent:
        named = _offices(course, [s.office for s in silent])
        steps.append(f"请{named or '有关单位'}补报没有上报的数据和进展")
    if not steps:
        return "请各单位保持进度，按月上报，确保全年目标完成。"
    numbered = [f"{'一二三'[i]}是{step}" for i, step in enumerate(steps)] if len(steps) > 1 else steps
    return "；".join(numbered) + "。"


def _offices(course: Course, short: Iterable[str]) -> str:
    if course.told.township is not None:
        return course.told.township
    names = course.told.file.offices
    return "、".join(names.get(o, o) for o in dict.fromkeys(short) if o)


def _bare(sentence: str) -> str:
    return sentence.rstrip("。 ")


# --------------------------------------------------------------------------------------------------------------- tables


def _monthly_table(figures: Sequence[Standing]) -> Table:
    rows = [
        (
            f"{s.target.label}（{s.target.unit}）" if s.target.unit else s.target.label,
            number(s.value.value) if s.value else "—", number(s.aim), percent(s.share), word(f"verdict_{s.verdict}"),
            number(s.needed, 1) if s.needed else "—",
        )
        for s in figures
    ]  # fmt: skip
    widths = (5.2, 1.4, 1.4, 1.4, 1.3, 1.4)
    return Table(("指标", "现值", "年度目标", "完成", "研判", "每月需增"), tuple(rows), widths=widths, small=True)


def _annexes(course: Course) -> tuple[Annex, ...]:
    annexes = []
    if course.figures:
        rows = [
            (
                f"{s.target.label}（{s.target.unit}）" if s.target.unit else s.target.label, _seen(s, course),
                number(s.aim), percent(s.share), number(s.expected), word(f"verdict_{s.verdict}"), number(s.plan_aim),
                percent(s.plan_share),
            )
            for s in course.figures
        ]  # fmt: skip
        titles = ("指标", "现值", "年度目标", "完成", "时序应达", "研判", "全程目标", "完成")
        note = f"截至{month_words(course.told.month)}底；现值旁注明月份的，是那个月的数"
        widths = (3.2, 1.5, 1.3, 1.3, 1.3, 1.2, 1.3, 1.3)
        annexes.append(Annex("指标进度表", Table(titles, tuple(rows), small=True), note, widths))
    if course.tasks:
        offices = course.told.file.offices
        tasks = [
            (
                str(t.task.number), t.task.title, "、".join(offices[o] for o in t.task.lead),
                word(f"task_{_state_of(course, t)}"), _bare(t.last.said) if t.last and t.last.said else "—",
            )
            for t in course.tasks
        ]  # fmt: skip
        annexes.append(
            Annex(
                "任务进度表",
                Table(("序号", "任务", "牵头单位", "状态", "最近上报的进展"), tuple(tasks), small=True),
                "",
                (0.8, 4, 2.4, 1.2, 3.6),
            )
        )
    annexes += league_annexes(course)
    annexes += race_annexes(course.race, course.told.township) if not course.office else ()
    return tuple(annexes)


def _seen(s: Standing, course: Course) -> str:
    if s.value is None:
        return "—"
    return number(s.value.value) + ("" if s.value.month == course.told.month else f"\n{s.value.month}")


def _assessed_parts(course: Course, contest: Contest, rows: Sequence[Assessed]) -> Iterator[Part]:
    if course.told.township is not None and points_of(rows) is None:
        # A township without targets of its own is told by its place in the race alone.
        return
    yield Heading("考核得分")
    if not rows:
        yield Paragraph("没有列入考核的指标。")
        return
    total = sum((a.points for a in rows), start=rows[0].points * 0)
    full = sum((a.counted for a in rows), start=rows[0].counted * 0)
    basis = f"权重依据：{contest.document}" if contest.document else "权重为示例，不是文件所定，请以本地办法为准"
    missing = [a.target.label for a in rows if a.why == "missing"]
    no_aim = [a.target.label for a in rows if a.why == "no_aim"]
    sentences = [f"按{contest.label}，{len(rows)} 项指标计入权重 {number(full)} 分，得 {number(total)} 分（{basis}）"]
    if missing:
        how = "记零分" if contest.missing == "zero" else "权重按比例分给其余各项"
        sentences.append(f"本年没有数据的 {len(missing)} 项（{several(missing, NAMED)}）{how}")
    if no_aim:
        sentences.append(f"没有当年目标的 {len(no_aim)} 项（{several(no_aim, NAMED)}）不考核，权重按比例分给其余各项")
    yield Paragraph("。".join(sentences) + "。")
    table = [
        (
            a.target.label, number(a.counted), number(a.value.value) if a.value else "—",
            number(a.aim), percent(a.share), number(a.factor) if a.factor is not None else "—", number(a.points),
        )
        for a in rows
    ]  # fmt: skip
    yield Table(("指标", "权重", "年末数", "年度目标", "完成率", "计分系数", "得分"), tuple(table))


def quarter_ended(month: Month) -> Month:
    """The end of the last quarter that is over at the end of a month.

    >>> str(quarter_ended(Month(2022, 10))), str(quarter_ended(Month(2022, 9))), str(quarter_ended(Month(2022, 1)))
    ('2022-09', '2022-09', '2021-12')
    """
    return month.later(-(month.month % 3))


def without_blanks(paper: OfficialPaper) -> OfficialPaper:
    """The paper without letterhead and signature: a page to be looked at, not sent."""
    return replace(paper, letterhead="", number="", office="", day="", copies="", to="")
