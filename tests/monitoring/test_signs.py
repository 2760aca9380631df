"""The warnings of a month, one rule at a time: what makes it speak, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction as F

import polars as pl
import pytest

from mujun import messages
from mujun.monitoring.month import Month
from mujun.monitoring.plan_month import plan_month_of
from mujun.monitoring.signs import RULES, Sign, signs_of
from mujun.monitoring.values import Report, Value, Values, values_of_file, values_reported
from mujun.rectification.tracking import TRACK_SCHEMA
from mujun.reports.monitoring.wording import sentence_of
from mujun.rules.model import Due, Target, Task, TheTargets

OCTOBER = Month(2022, 10)


def numbers(**years: object) -> dict[str, Decimal]:
    return {name.removeprefix("y"): Decimal(str(value)) for name, value in years.items()}


LAND = Target("land", "盘活用地", "campaign", "亩", {}, numbers(y2022=3000))
TAX = Target("tax", "亩均税收", "level", "万元/亩", numbers(y2020=10), numbers(y2022=25))
DORMS = Target("dorms", "清退宿舍", "campaign", "处", {}, numbers(y2022=60), reported_by="镇街")
TASK = Task(1, "用地", ("资源",), due=(Due("名单", date(2022, 4, 30)),), goals=("land", "tax", "dorms"))


def plan(*figures: Target) -> TheTargets:
    return TheTargets(
        1, "targets", "某县目标", years=(2021, 2022), targets=figures, offices={"资源": "县资源局", "镇街": "各镇街"},
        tasks=(TASK,), townships_office="镇街",
    )  # fmt: skip


def reports(figure: str, values: Mapping[tuple[int, int], object], evidence: str = "有") -> list[Report]:
    return [
        Report(i, "figure", figure, None, "资源", Month(*m), Decimal(str(v)), "", "", evidence, "", date(2023, 1, 1),
               date(2023, 1, 1), "某人")
        for i, (m, v) in enumerate(values.items(), 1)
    ]  # fmt: skip


def seen(
    figure: Target, told: list[Report], month: Month = OCTOBER, more: tuple[Value, ...] = (),
    tracked: pl.DataFrame | None = None, task: tuple[Report, ...] = (),
) -> dict[str, Sign]:  # fmt: skip
    file = plan(figure)
    values = Values([*values_of_file(file), *values_reported(told, file), *more])
    both = [*told, *task]
    return {
        s.rule: s for s in signs_of(plan_month_of(file, values, both, month, ("甲镇", "乙镇")), values, both, tracked)
    }


def about_task(state: str, month: Month, subject: str = "1") -> Report:
    return Report(
        90, "task", subject, None, "资源", month, None, state, "", "", "", date(2022, 5, 1), date(2022, 5, 1), "某人"
    )


def steady(last: object, first: object = 1000, step: object = 100) -> dict[tuple[int, int], F]:
    """July to September by equal steps, then October."""
    begin, by = F(str(first)), F(str(step))
    return {(2022, 7): begin, (2022, 8): begin + by, (2022, 9): begin + 2 * by, (2022, 10): F(str(last))}


def plain(values: Mapping[tuple[int, int], F]) -> dict[tuple[int, int], object]:
    return {m: float(v) for m, v in values.items()}


def test_every_rule_has_a_sentence_in_both_languages() -> None:
    for rule in RULES:
        entry = messages.catalogue()[f"sign_{rule}"]
        assert entry["zh"]
        assert entry["en"]


# 3000 at the end of 2022, 1500 halfway: 2750 are expected in October.
CASES: list[tuple[str, Target, dict[tuple[int, int], object], str]] = [
    ("never_reported", LAND, {}, "从未上报的指标 1 项：盘活用地。"),
    ("silent", LAND, {(2022, 8): 2600}, "盘活用地已有 2 个月没有上报，最近是 2022年8月。"),
    ("far_behind", LAND, {(2022, 10): 2400}, "盘活用地2,400亩，时序应达 2,750亩，差 350亩，超过目标的一成。"),
    # 600 missing in two months are 300 a month; 100 a month of late.
    ("pace", LAND, plain(steady(2400, 2100)),
     "盘活用地要完成 2022 年目标，每月需 300亩，是近月进度（每月 100亩）的两倍以上。"),
    # 450 missing: 225 a month, less than twice 150; at the fastest 150 a month it comes to 2850.
    ("forecast_short", LAND, plain(steady(2550, 2100, 150)),
     "盘活用地按近月最快的进度，2022年末也只能到 2,850亩，低于目标 3,000亩。"),
    # Steps of 100 and 100, then 400.
    ("jump", LAND, plain(steady(2800, 2200)), "盘活用地由 2022年9月 的 2,400亩 变为 2,800亩，变动异常，请核对。"),
    ("jump", TAX, {(2022, 9): 12, (2022, 10): 20},
     "亩均税收由 2022年9月 的 12万元/亩 变为 20万元/亩，变动异常，请核对。"),
    ("fell", LAND, plain(steady(2300, 2200)), "盘活用地是累计数，却由 2022年9月 的 2,400亩 降为 2,300亩，请核对。"),
    ("unchanged", LAND, plain(steady(2800, 2800, 0)), "盘活用地已有三个月没有变化，一直是 2,800亩，离目标还有差距。"),
    # 125 a month are expected and 100 come: in July 2375 were expected, 75 more than 2300; in October 2750 and 150.
    ("falling_behind", LAND, plain(steady(2600, 2300)),
     "盘活用地连续三个月离时序越来越远：与时序的差距由 75亩 扩大到 150亩。"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "figure", "values", "sentence"), CASES, ids=[f"{c[0]}-{c[1].id}" for c in CASES])
def test_what_a_figure_is_warned_of(
    rule: str, figure: Target, values: dict[tuple[int, int], object], sentence: str
) -> None:
    sign = seen(figure, reports(figure.id, values))[rule]
    assert sign.office == "资源"
    with messages.speaking("zh"):
        assert sentence_of(sign).replace("2022 年末", "2022年末") == sentence


def test_who_keeps_to_the_plan_is_not_warned() -> None:
    # 125 a month as expected, with evidence, and nothing missing of the task.
    told = reports("land", plain(steady(2750, 2375, 125)))
    task = (about_task("working", OCTOBER), about_task("done", Month(2022, 4), "1.1"))
    assert seen(LAND, told, task=task) == {}


def test_a_year_that_ended_short_is_told_once_it_is_over() -> None:
    signs = seen(LAND, reports("land", {(2022, 12): 2900}), Month(2022, 12))
    with messages.speaking("zh"):
        assert sentence_of(signs["missed"]) == "盘活用地2022 年目标 3,000亩，年末为 2,900亩，没有完成。"
    assert "missed" not in seen(LAND, reports("land", {(2022, 12): 3000}), Month(2022, 12))
    # A value of another year says nothing of how this one ended.
    assert "missed" not in seen(LAND, reports("land", {(2021, 12): 1000}), Month(2022, 12))


def test_reports_without_evidence_and_values_that_differ() -> None:
    computed = (Value("tax", None, OCTOBER, F(20), "computed"),)
    signs = seen(TAX, reports("tax", {(2022, 10): "20.3"}, evidence=""), more=computed)
    with messages.speaking("zh"):
        assert sentence_of(signs["no_evidence"]) == "本月上报没有写佐证的 1 项：亩均税收。"
        sentence = "亩均税收2022年10月 算出的是 20万元/亩，上报的是 20.3万元/亩，相差 0.3万元/亩，请核对。"
        assert sentence_of(signs["differs"]) == sentence
    # One per cent of 20 is 0.2: what is within it is not asked about.
    assert "differs" not in seen(TAX, reports("tax", {(2022, 10): "20.2"}), more=computed)


def test_townships_that_have_not_reported_are_named() -> None:
    one = Report(1, "figure", "dorms", "甲镇", "镇街", OCTOBER, Decimal(30), "", "", "有", "", date(2022, 11, 2),
                 date(2022, 11, 2), "某人")  # fmt: skip
    signs = seen(DORMS, [one])
    with messages.speaking("zh"):
        assert sentence_of(signs["townships_missing"]) == "清退宿舍有 1 个镇街近两个月没有上报：乙镇。"


def test_tasks_that_are_late_silent_or_done_too_early() -> None:
    silent = seen(LAND, reports("land", {(2022, 10): 2750}), task=(about_task("working", Month(2022, 7)),))
    with messages.speaking("zh"):
        assert sentence_of(silent["task_silent"]) == "近三个月没有上报进展的任务 1 项：用地。"
        late = "第 1 项任务（用地）中的“名单”应于 2022年4月30日 前完成，还没有报完成。"
        assert sentence_of(silent["task_late"]) == late
    early = seen(LAND, reports("land", {(2022, 10): 2750}), task=(about_task("done", OCTOBER),))
    assert "task_silent" not in early
    with messages.speaking("zh"):
        assert sentence_of(early["task_done_short"]) == "第 1 项任务（用地）报已完成，但盘活用地还没有达到全程目标。"


def test_promised_parcels_without_an_event_and_firms_past_their_time() -> None:
    empty = dict.fromkeys(TRACK_SCHEMA)
    rows = [
        {**empty, "kind": "parcel", "subject": "P1", "name": "一号地", "state": "listed", "listed_on": date(2022, 7, 1),
         "deadline": date(2023, 7, 1)},
        {**empty, "kind": "parcel", "subject": "P2", "name": "二号地", "state": "listed",
         "listed_on": date(2022, 8, 15)},
        {**empty, "kind": "enterprise", "subject": "F1", "name": "某厂", "state": "in_progress",
         "deadline": date(2022, 9, 30)},
    ]  # fmt: skip
    counted = Target("land", "盘活用地", "campaign", "亩", {}, numbers(y2022=3000), counts="land")
    signs = seen(counted, [], tracked=pl.DataFrame(rows, schema=TRACK_SCHEMA))
    # 1 July is 122 days before 31 October, 15 August 77.
    with messages.speaking("zh"):
        assert sentence_of(signs["subject_idle"]) == (
            "列入整治已超过 90 天、没有任何进展的：企业 0 家、地块 1 宗，如一号地。"
        )
        assert sentence_of(signs["subject_overdue"]) == "整治已过期限的：企业 1 家、地块 0 宗，如某厂。"
