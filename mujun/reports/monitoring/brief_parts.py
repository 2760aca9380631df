"""What a bulletin that is read out says of many figures: who is where, in a few sentences; all is in the annex."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from mujun.messages import speaking
from mujun.monitoring.projects import ProjectBook
from mujun.monitoring.signs import RULES, Sign
from mujun.monitoring.standing import Standing
from mujun.reports.monitoring.course import Course
from mujun.reports.monitoring.month_sheets import word
from mujun.reports.monitoring.project_sheets import of_township, percents
from mujun.reports.monitoring.wording import VERDICTS, counted, in_unit, number, percent, sentence_of, several
from mujun.reports.official.document import Part
from mujun.rules.document import Heading, Paragraph

MANY = 10
"""From how many figures on a bulletin does not tell each in a sentence of its own."""
ADDED = 5
"""How many figures are named by what the quarter added."""
WORST = 3
"""How many figures are named by what they still need, and how many goals by how little was reached."""
NAMED = 3
"""How many projects are named."""

SAID = {
    "reached": "已达标", "ahead": "快于或持平时序", "behind": "慢于时序", "open": "没有达到目标、也没有时序可比",
    "no_aim": "没有当年目标", "unknown": "没有数据",
}  # fmt: skip
"""What is said of a verdict aloud."""

URGENT = (
    "missed", "task_late", "subject_overdue", "far_behind", "project_late", "fund_short", "land_not_standard", "pace",
    "falling_behind", "forecast_short", "differs", "promise_short", "project_unled",
)  # fmt: skip
"""Rules in the order in which their warnings are told first."""


def most_urgent(signs: Sequence[Sign], most: int) -> list[Sign]:
    """The warnings that come first: what is missed or late, then what will be, then what is not known."""
    order = {rule: i for i, rule in enumerate(URGENT)}
    return sorted(signs, key=lambda s: (order.get(s.rule, len(order)), RULES.index(s.rule)))[:most]


def brief_figures(course: Course) -> Iterator[Part]:
    """The plan's indicators by how they stand, what the quarter added, what is needed; its goals in a sentence."""
    main = course.main or course.figures
    yield Heading("主要指标")
    yield Paragraph("".join(_standing(main)))
    course_of = "".join(_course(course, main))
    if course_of:
        yield Paragraph(course_of)
    shown = {s.target.id for s in main}
    goals = [s for s in course.figures if s.target.id not in shown]
    if goals:
        yield Paragraph(_goals(goals))


def _standing(figures: Sequence[Standing]) -> Iterator[str]:
    for verdict in VERDICTS:
        mine = [s for s in figures if s.verdict == verdict]
        if not mine:
            continue
        names = "、".join(_named(s) for s in mine)
        yield f"{SAID[verdict]}的 {len(mine)} 项：{names}。"


def _named(s: Standing) -> str:
    if s.value is None:
        return s.target.label
    reached = f"，完成{percent(s.share)}" if s.share is not None and s.value.value >= 0 else ""
    return f"{s.target.label}（{in_unit(s.value.value, s.target.unit)}{reached}）"


def _course(course: Course, figures: Sequence[Standing]) -> Iterator[str]:
    before = {s.target.id: s for s in course.before.standings} if course.before is not None else {}
    added = []
    for s in figures:
        was = before.get(s.target.id)
        counts = s.target.kind not in ("level", "rate")
        if (
            counts
            and s.value is not None
            and was is not None
            and was.value is not None
            and was.value.month == was.month
        ):
            more = s.value.value - was.value.value
            if more > 0 and (s.target.kind != "yearly" or was.value.month.year == s.value.month.year):
                added.append((more / s.aim if s.aim else Fraction(0), s, more))
    added.sort(key=lambda a: -a[0])
    if added:
        names = "、".join(f"{s.target.label} {in_unit(more, s.target.unit)}" for _, s, more in added[:ADDED])
        yield f"本季新增：{names}。"
    lacking = [s for s in figures if s.needed and s.share is not None and s.left > 0]
    lacking.sort(key=lambda s: s.share or Fraction(0))
    if lacking:
        names = "、".join(f"{s.target.label} {in_unit(s.needed, s.target.unit)}" for s in lacking[:WORST] if s.needed)
        left = lacking[0].left
        yield f"差距最大的几项，要完成目标，今后 {left} 个月每月需增加：{names}。"


def _goals(goals: Sequence[Standing]) -> str:
    split = [(word(f"verdict_{v}"), sum(s.verdict == v for s in goals)) for v in VERDICTS]
    told = f"补充目标 {len(goals)} 项，{counted(split)}"
    low = sorted((s for s in goals if s.share is not None and s.share < 1), key=lambda s: s.share or Fraction(0))
    if low:
        told += f"；完成率最低的是{'、'.join(f'{s.target.label}（{percent(s.share)}）' for s in low[:WORST])}"
    return f"{told}。"


def brief_warnings(course: Course) -> Iterator[Part]:
    """One warning of each office, the most urgent one, and how many more there are."""
    offices = course.told.file.offices
    lines = []
    for office in dict.fromkeys(s.office for s in course.warnings):
        mine = [s for s in course.warnings if s.office == office]
        with speaking("zh"):
            first = sentence_of(most_urgent(mine, 1)[0]).rstrip("。 ")
        more = f"（另有 {len(mine) - 1} 条）" if len(mine) > 1 else ""
        lines.append(f"{offices.get(office, office) or '有关单位'}：{first}{more}。")
    for line in lines:
        yield Paragraph(line)
    if not lines:
        yield Paragraph("没有需要提醒的事项。")


def project_parts(course: Course) -> Iterator[Part]:
    """Projects, land and the special fund: of the whole, of the offices that see to them, of a township."""
    book = course.book
    if book is None:
        return
    watched, township = book.watched, course.told.township
    sees = (watched.office, watched.land_office) if watched is not None else ()
    if course.office and course.office not in sees:
        return
    sentences = [_projects(book, township)]
    if township is None:
        sentences += [*_land(book), *_fund(book)]
    told = "".join(s for s in sentences if s)
    if told:
        yield Heading("项目和要素")
        yield Paragraph(told)


def _projects(book: ProjectBook, township: str | None) -> str:
    shown = of_township(book, township)
    going = [p for p in shown if not p.ended]
    if not going:
        return ""
    total = sum(
        (Fraction(p.row["total_investment"]) for p in going if p.row["total_investment"] is not None), Fraction(0)
    )
    told = f"在推进的项目 {len(going)} 个，计划总投资 {number(total / 10000)}亿元"
    late = [p for p in book.late if p in going]
    if late:
        names = [f"{p.row['project_name']}（{p.next.stage}晚 {p.late} 天）" for p in late if p.next is not None]
        told += f"，晚于计划的 {len(late)} 个：{several(names, NAMED).replace(' 项', ' 个')}"
    else:
        told += "，没有晚于计划的"
    done = [p for p in going if p.year_done is not None and p.year_due]
    if done:
        planned = sum((Fraction(p.year_due or 0) for p in done), Fraction(0))
        spent = sum((Fraction(p.year_done or 0) for p in done), Fraction(0))
        told += f"；本年完成投资 {number(spent / 10000)}亿元，为年计划的 {percent(spent / planned)}"
    unled = sum(p.unled for p in going)
    if unled:
        told += f"；没有写明牵头领导或工作专班的大项目 {unled} 个"
    short = sum(any(v.short for v in p.promises) for p in going)
    if short:
        told += f"；到了达产期没有达到承诺的 {short} 个"
    return f"{told}。"


def _land(book: ProjectBook) -> Iterator[str]:
    mine = next((s for s in book.supply if s.year == book.day.year), None)
    if mine is not None and mine.mu > 0:
        yield f"本年供地 {number(mine.mu)}亩，其中工业用地占 {percents(mine.industrial_share)}"
        if mine.standard_share is not None:
            yield f"，标准地占工业用地的 {percents(mine.standard_share)}"
        yield "。"


def _fund(book: ProjectBook) -> Iterator[str]:
    mine = next((f for f in book.funds if f.year == book.day.year), None)
    if mine is not None and mine.income > 0:
        yield f"专项资金本年提取 {number(mine.paid_in)}万元，占土地出让收入的 {percents(mine.share, 2)}"
        owed = book.owed(mine)
        if owed is not None and owed > mine.paid_in:
            yield f"，少提 {number(owed - mine.paid_in)}万元"
        yield f"；支出 {number(mine.spent)}万元，累计结余 {number(mine.balance)}万元。"
