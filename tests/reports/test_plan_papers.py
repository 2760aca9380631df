"""The papers of a plan's course: sentences true for any data, the assessment by hand, the same bytes twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import docx
import pytest

from mujun.monitoring.assessing import assess
from mujun.monitoring.month import Month
from mujun.monitoring.plan_month import PlanMonth, plan_month_of
from mujun.monitoring.signs import signs_of
from mujun.monitoring.values import Report, Value, Values, values_of_file, values_reported
from mujun.reports.monitoring.course import Course
from mujun.reports.monitoring.plan_papers import assessment_paper, bulletin, monthly_sheet, quarter_ended
from mujun.reports.official.document import OfficialPaper
from mujun.reports.official.web_page import paper_page
from mujun.reports.official.word import word_bytes
from mujun.rules.document import Heading, Paragraph, Table
from mujun.rules.model import Contest, Due, Target, Task, TheTargets, Weighed

SEPTEMBER = Month(2022, 9)


def numbers(**years: object) -> dict[str, Decimal]:
    return {name.removeprefix("y"): Decimal(str(value)) for name, value in years.items()}


LAND = Target("land", "盘活用地", "campaign", "亩", {}, numbers(y2022=3000, y2023=5000), group="园区治理")
TAX = Target("tax", "亩均税收", "level", "万元/亩", numbers(y2021=16), numbers(y2022=20), group="园区治理")
LISTED = Target("listed", "累计上市企业", "cumulative", "家", numbers(y2021=7), numbers(y2022=9))
PLAN = TheTargets(
    1, "targets", "某县攻坚行动目标", years=(2021, 2022, 2023), targets=(LAND, TAX), goals=(LISTED,),
    offices={"资源": "县资源局", "金融": "县金融办", "镇街": "各镇街"}, townships_office="镇街",
    tasks=(
        Task(1, "盘活用地", ("资源",), goals=("land", "tax")),
        Task(2, "企业上市", ("金融",), goals=("listed",)),
        Task(3, "全域摸排", ("镇街",), due=(Due("清单报齐", date(2022, 4, 30)),)),
    ),
    assessment=Contest(
        "年度考核",
        {"land": Weighed(Decimal(50)), "tax": Weighed(Decimal(30)), "listed": Weighed(Decimal(20), cap=Decimal(1))},
        cap=Decimal("1.2"), floor=Decimal("0.3"),
    ),
)  # fmt: skip

ON_THE_WAY = {("land", 2022, 6): 1800, ("land", 2022, 9): 2100, ("tax", 2022, 6): 18, ("tax", 2022, 9): "18.5",
              ("listed", 2022, 6): 7, ("listed", 2022, 9): 8}  # fmt: skip
ALL_DONE = {("land", 2022, 9): 3200, ("tax", 2022, 9): 21, ("listed", 2022, 9): 9}
ALL_LATE = {("land", 2022, 9): 100, ("tax", 2022, 9): 10, ("listed", 2022, 9): 7}


LEADING = (
    ("资源", None, "1"), ("金融", None, "2"), ("镇街", "甲镇", "3"), ("镇街", "乙镇", "3"), ("镇街", "甲镇", "3.1"),
    ("镇街", "乙镇", "3.1"),
)  # fmt: skip


def month_of(
    values: Mapping[tuple[str, int, int], object],
    month: Month = SEPTEMBER,
    townships: tuple[str, ...] = ("甲镇", "乙镇"),
    more: tuple[Value, ...] = (),
    township: str | None = None,
    states: Mapping[str, str] | None = None,
) -> PlanMonth:
    day = date(2022, 10, 5)
    told = [
        Report(i, "figure", name, None, "资源", Month(y, m), Decimal(str(v)), "", "", "有", "", day, day, "某人")
        for i, ((name, y, m), v) in enumerate(values.items(), 1)
    ]
    for office, township_, subject in LEADING:
        state = (states or {}).get(subject)
        if state is not None:
            number, progress = len(told) + 1, "按计划推进"
            told.append(
                Report(
                    number, "task", subject, township_, office, month, None, state, progress, "有", "", day, day, "某人"
                )
            )
    known = Values([*values_of_file(PLAN), *values_reported(told, PLAN), *more])
    whole = plan_month_of(PLAN, known, told, month, townships, township=township)
    return whole if township is not None else replace(whole, signs=signs_of(whole, known, told, None))


def text_of(paper: OfficialPaper) -> str:
    texts = [p.text for p in paper.parts if isinstance(p, Heading | Paragraph)]
    return "\n".join([paper.title, *texts])


def course(told: PlanMonth, before: PlanMonth | None = None, office: str = "") -> Course:
    return Course(told, told.signs, before, office)


STATES = {"1": "working", "2": "working", "3": "working", "3.1": "done"}


def test_a_bulletin_that_can_be_read_out() -> None:
    before = month_of(ON_THE_WAY, Month(2022, 6))
    text = text_of(bulletin(course(month_of(ON_THE_WAY, states=STATES), before)))
    assert text.startswith("关于2022年第三季度某县攻坚行动进展情况的通报")
    assert "截至2022年9月底，3 项指标，全部慢时序；3 项任务全部推进中。" in text
    # 1500 + 1500 × 9/12 = 2625 are expected, 525 more; 900 in three months are 300; 100 a month of late.
    assert (
        "盘活用地累计 2,100亩，本季新增 300亩，为2022年目标（3,000亩）的 70.0%，慢于时序进度 525亩，"
        "今后 3 个月每月需增加 300亩，按近月进度，2022年末预计 2,400亩。" in text
    )
    # 16 + 4 × 9/12 = 19.
    assert (
        "亩均税收为 18.5万元/亩，比上季末提高 0.5万元/亩，为2022年目标（20万元/亩）的 92.5%，慢于时序进度 0.5万元/亩"
        in text
    )
    # The label says 累计 itself. 7 + 2 × 9/12 = 8.5.
    assert "累计上市企业为 8家，本季新增 1家，为2022年目标（9家）的 88.9%，慢于时序进度 0.5家" in text
    assert "县资源局：" in text
    assert "一是" not in text.split("下一步工作")[1] or "二是" in text.split("下一步工作")[1]


@pytest.mark.parametrize(
    ("told", "sentence", "never"),
    [
        (month_of({}), "3 项指标都没有数据", "全部慢时序"),
        (month_of(ALL_DONE, states={"1": "done", "2": "done", "3": "done", "3.1": "done"}),
         "3 项指标，全部已达标；3 项任务全部已完成。", "慢于时序"),
        (month_of(ALL_LATE, states={"1": "working", "2": "working", "3": "working"}),
         "3 项指标，全部慢时序；3 项任务中推进中 2 项、逾期 1 项。", "已达标"),
        (month_of(ON_THE_WAY, townships=("甲镇",), more=(Value("land", "甲镇", SEPTEMBER, F(2100), "loop"),)),
         "3 项指标，全部慢时序", "镇街情况"),
    ],
    ids=["no values", "all done", "all late", "one township"],
)  # fmt: skip
def test_sentences_are_true_for_any_data(told: PlanMonth, sentence: str, never: str) -> None:
    for paper in (monthly_sheet(course(told)), bulletin(course(told, told))):
        text = text_of(paper)
        assert sentence in text
        assert never not in text
        for broken in ("None", "{", "}", "，，", "。。", "、、", "：。", "共 0", " 0 项"):
            assert broken not in text


def test_all_done_asks_for_nothing_but_to_go_on() -> None:
    done = month_of(ALL_DONE, states={"1": "done", "2": "done", "3": "done", "3.1": "done"})
    text = text_of(bulletin(course(done)))
    assert "盘活用地累计 3,200亩，已达到2022年目标（3,000亩）。" in text
    # What is reported done although the plan's 5000 mu are not there yet is asked about.
    assert "第 1 项任务（盘活用地）报已完成，但盘活用地还没有达到全程目标" in text
    assert text.endswith("请各单位保持进度，按月上报，确保全年目标完成。")


def test_an_office_and_a_township_read_of_themselves_alone() -> None:
    told = month_of(ON_THE_WAY, states=STATES)
    of_office = text_of(bulletin(course(told, office="金融")))
    assert of_office.startswith("关于县金融办2022年第三季度")
    assert "累计上市企业" in of_office
    assert "盘活用地" not in of_office
    places = (Value("land", "甲镇", SEPTEMBER, F(900), "loop"), Value("land", "乙镇", SEPTEMBER, F(1200), "loop"))
    mine = month_of(ON_THE_WAY, more=places, township="甲镇", states={"3": "working"})
    text = text_of(bulletin(Course(mine)))
    assert "盘活用地900亩，在 2 个镇街中列第 2。" in text
    assert "1 项指标中没有目标 1 项" in text or "1 项指标，其中没有目标 1 项" in text
    assert "乙镇" not in text
    assert "县资源局" not in text


def test_the_assessment_of_a_year_by_hand() -> None:
    year = {("land", 2022, 12): 2400, ("tax", 2022, 12): 30, ("listed", 2022, 12): 2}
    told = month_of(year, Month(2022, 12))
    values = Values(
        [*values_of_file(PLAN), *(Value(n, None, Month(y, m), F(v), "reported") for (n, y, m), v in year.items())]
    )
    contest = PLAN.assessment
    assert contest is not None
    rows = assess(PLAN, contest, values, 2022)
    # 2400/3000 = 0.8; 30/20 = 1.5, no more than 1.2; 2/9, no less than 0.3.
    assert [(a.target.id, a.share, a.factor, a.points) for a in rows] == [
        ("land", F(4, 5), F(4, 5), 40), ("tax", F(3, 2), F(6, 5), 36), ("listed", F(2, 9), F(3, 10), 6)
    ]  # fmt: skip
    text = text_of(assessment_paper(course(told), contest, rows))
    assert "按年度考核，3 项指标计入权重 100 分，得 82 分（权重为示例" in text


def test_what_nobody_reported_brings_nothing_or_gives_its_weight_away() -> None:
    values = Values([*values_of_file(PLAN), Value("land", None, Month(2022, 12), F(2400), "reported")])
    contest = PLAN.assessment
    assert contest is not None
    assert [(a.counted, a.points, a.why) for a in assess(PLAN, contest, values, 2022)] == [
        (50, 40, ""), (30, 0, "missing"), (20, 0, "missing")
    ]  # fmt: skip
    given = Contest("年度考核", contest.items, cap=contest.cap, missing="reweight")
    assert [(a.counted, a.points) for a in assess(PLAN, given, values, 2022)] == [(100, 80), (0, 0), (0, 0)]
    # Of 2023 only the land has an aim: 50 of 100 become 100.
    of_2023 = Values([Value("land", None, Month(2023, 12), F(4000), "reported")])
    assert [(a.counted, a.points, a.why) for a in assess(PLAN, contest, of_2023, 2023)] == [
        (100, 80, ""), (0, 0, "no_aim"), (0, 0, "no_aim")
    ]  # fmt: skip


def test_word_and_page_say_the_same_and_are_the_same_twice(tmp_path: Path) -> None:
    paper = bulletin(course(month_of(ON_THE_WAY, states=STATES), month_of(ON_THE_WAY, Month(2022, 6))))
    drawn = word_bytes([paper])
    assert drawn == word_bytes([paper])
    (tmp_path / "通报.docx").write_bytes(drawn)
    words = "".join(p.text for p in docx.Document(str(tmp_path / "通报.docx")).paragraphs)
    page = paper_page(paper)
    for part in paper.parts:
        if isinstance(part, Paragraph):
            assert part.text in words
            assert part.text in page
    assert "<script" not in page
    assert "http" not in page


def test_a_name_is_no_markup() -> None:
    page = paper_page(OfficialPaper("<b>某县</b>", (Paragraph("<script>alert(1)</script>"),)))
    assert "<script>" not in page
    assert "&lt;b&gt;某县" in page


@pytest.mark.parametrize(("month", "end"), [((2022, 10), "2022-09"), ((2022, 12), "2022-12"), ((2023, 2), "2022-12")])
def test_the_last_quarter_that_is_over(month: tuple[int, int], end: str) -> None:
    assert str(quarter_ended(Month(*month))) == end


# ------------------------------------------------------------------------------------------- a bulletin of many figures


def many() -> TheTargets:
    """Twelve figures of 100 each, from a base of 0: 75 are expected at the end of September."""
    figures = tuple(
        Target(f"f{i}", f"指标{i}", "cumulative", "家", numbers(y2021=0), numbers(y2022=100)) for i in range(1, 13)
    )
    goals = (Target("g1", "补充一", "cumulative", "家", {}, numbers(y2022=10)),)
    return TheTargets(
        1, "targets", "某县攻坚行动目标", years=(2022,), targets=figures, goals=goals, offices={"经信": "县经信局"},
        tasks=(Task(1, "全部", ("经信",), goals=tuple(t.id for t in (*figures, *goals))),),
    )  # fmt: skip


def test_a_bulletin_of_many_figures_is_short_enough_to_be_read_out() -> None:
    plan = many()
    # Two are reached, four ahead, five behind, one without a value; in June everyone had half of it.
    ends = {1: 100, 2: 120, 3: 75, 4: 80, 5: 90, 6: 76, 7: 30, 8: 74, 9: 60, 10: 50, 11: 40}
    day = date(2022, 10, 5)
    told = [
        Report(n, "figure", f"f{i}", None, "经信", Month(2022, m), Decimal(v), "", "", "有", "", day, day, "某人")
        for n, (i, m, v) in enumerate([(i, m, v if m == 9 else v // 2) for i, v in ends.items() for m in (6, 9)], 1)
    ]
    known = Values([*values_of_file(plan), *values_reported(told, plan)])
    now, before = (plan_month_of(plan, known, told, Month(2022, m), ()) for m in (9, 6))
    whole = replace(now, signs=signs_of(now, known, told, None))
    text = text_of(bulletin(Course(whole, whole.signs, before)))
    assert "已达标的 2 项：指标1（100家，完成100.0%）、指标2（120家，完成120.0%）。" in text
    assert "快于或持平时序的 4 项：指标3（75家，完成75.0%）" in text
    assert "慢于时序的 5 项：指标7（30家，完成30.0%）" in text
    assert "没有数据的 1 项：指标12。" in text
    # 60 more of 120, 50 of 100, 45 of 90, 40 of 80, 38 of 76 and of 75.
    assert "本季新增：指标2 60家、指标1 50家、指标5 45家、指标4 40家、指标3 38家。" in text
    # 70 missing in three months, 60, 50.
    assert "今后 3 个月每月需增加：指标7 23.34家、指标11 20家、指标10 16.67家。" in text
    assert "补充目标 1 项，没有数 1 项。" in text
    # One warning of the office stands for all.
    assert re.search(r"县经信局：[^。]*（另有 \d+ 条）。", text)
    body = text.split("下一步工作")[0]
    assert len(body) < 900


def test_the_monthly_sheet_fits_on_a_page_whatever_is_warned_of() -> None:
    told = month_of(ALL_LATE, states={"1": "working"})
    long = replace(told.signs[0], rule="task_late", values={
        "number": 1, "label": "很长的任务名称" * 6, "what": "名单", "by": date(2022, 4, 30)
    })  # fmt: skip
    paper = monthly_sheet(Course(replace(told, signs=(long, *told.signs)), (long, *told.signs)))
    paragraphs = [p.text for p in paper.parts if isinstance(p, Paragraph)]
    assert paragraphs[-1].startswith("需要关注：第 1 项任务（很长的任务名称")
    # Of two long warnings the first alone is told.
    assert paragraphs[-1].count("；") == 0
    assert all(table.small for table in paper.parts if isinstance(table, Table))
