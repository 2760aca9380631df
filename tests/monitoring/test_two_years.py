"""Two scripted years of 嵊州's plan: every month of 17 indicators, ten goals and six tasks against plain arithmetic.

The table below was worked out by hand from the plan as printed, before the engine was run: what each year should end
with. The rest is counted here once more, in plain Python, from the words of the documentation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction as F

import pytest

from mujun.monitoring.month import Month
from mujun.monitoring.plan_month import PlanMonth, plan_month_of
from mujun.monitoring.values import Report, Values, values_of_file, values_reported
from mujun.rules import load_rules
from mujun.rules.targets_plan import whole_targets

PLAN = whole_targets(load_rules("zhejiang/shengzhou-2022"))
MONTHS = [Month(2022, 1).later(i) for i in range(24)]
TOWNSHIPS = ("甘霖镇", "剡湖街道")

# The ends of 2021, 2022 and 2023: of what is counted up with the bases added up, of a level halfway where the plan
# names no end of 2021. 13.68 → 25 in two years: 19.34. 168 + 20 = 188, + 20 = 208. A campaign begins with nothing.
ENDS: Mapping[str, tuple[str, object, object, object]] = {
    "tax_per_mu": ("level", "19.34", 25, 28),
    "va_per_mu": ("level", "85.33", 100, 115),
    "land": ("total", 1500, 3000, 5000),
    "outdated": ("total", 188, 208, 220),
    "scattered": ("total", 1184, 1314, 1385),
    "energy": ("total", "1.5", 3, 5),
    "firms": ("total", 27, 100, 200),
    "energy_drop": ("rate", None, 8, 8),
    "rd": ("level", "2.975", 3, "3.2"),
    "champions": ("total", 0, 1, 1),
    "little_giants": ("total", 4, 6, 7),
    "projects": ("total", 15, 19, 23),
    "investment": ("rate", None, 25, 25),
    "stock_listed": ("total", 7, 9, 9),
    "standards": ("total", 18, 19, 20),
    "brands": ("total", 17, 19, 22),
    "first_sets": ("total", 19, 26, 30),
    "labour_productivity": ("level", None, None, 33),
    "high_tech": ("total", None, None, 270),
    "tech_small": ("total", None, None, 990),
    "institutes": ("total", None, None, 20),
    "rd_centres": ("total", None, None, 69),
    "incubators": ("total", None, None, 19),
    "laboratories": ("total", None, None, 2),
    "contracts": ("yearly", None, None, 43),
    "robots": ("total", 600, 1200, 1800),
    # A share that each year's records make anew has to hold all year, as a rate does.
    "industrial_land_share": ("rate", None, 30, 30),
}
BASE_OF_2021 = {"outdated": 188, "scattered": 1184, "firms": 27, "champions": 0, "little_giants": 4, "projects": 15,
                "stock_listed": 7, "standards": 18, "brands": 17, "first_sets": 19}  # fmt: skip
"""What the plan itself says of the end of 2021: known before anybody reports."""
AIM_OF_2022_IS_NAMED = [name for name, (_, _, end, _) in ENDS.items() if end is not None and name != "robots"]


def fraction(value: object) -> F | None:
    return None if value is None else F(str(value))


def script() -> list[Report]:
    """What offices reported, month by month: with gaps, with months in which nothing moved, and with corrections.

    A month is received on the fifth of the next one. Every seventh figure skips every fifth month, one figure is silent
    for half a year, and the values of March are corrected in August by a tenth.
    """
    told: list[Report] = []
    for month in MONTHS:
        for at, (name, (kind, end_2021, end_2022, end_2023)) in enumerate(ENDS.items()):
            if (at % 7 == 3 and month.month % 5 == 0) or (
                name == "robots" and Month(2022, 6) <= month < Month(2022, 12)
            ):
                continue
            told.append(
                report(len(told) + 1, name, month, value_of(name, at, kind, (end_2021, end_2022, end_2023), month))
            )
        if month == Month(2022, 8):
            for name in ("land", "tax_per_mu", "contracts"):
                march = next(r for r in told if r.subject == name and r.month == Month(2022, 3))
                assert march.value is not None
                told.append(report(len(told) + 1, name, march.month, march.value * Decimal("1.1"), late=month))
    return told


def value_of(name: str, at: int, kind: str, ends: tuple[object, object, object], month: Month) -> Decimal:
    """Some value of a month: on the way between the plan's ends, faster or slower by the figure's place."""
    last, this = (ends[0], ends[1]) if month.year == 2022 else (ends[1], ends[2])
    end = F(str(this if this is not None else ends[2]))
    start = F(str(last)) if last is not None else end / 2
    speed = F(70 + 5 * (at % 11), 100)
    if kind == "rate":
        return Decimal(round((end * speed + month.month % 3) * 100)) / 100
    if kind == "yearly":
        return Decimal(round(end * speed * month.month / 12 * 100)) / 100
    raw = start + (end - start) * speed * F(month.month, 12)
    return Decimal(round(raw * 100)) / 100 if kind == "level" or name == "energy" else Decimal(math.floor(raw))


def report(number: int, name: str, month: Month, value: Decimal, late: Month | None = None) -> Report:
    day = (late or month).last_day + timedelta(days=5)
    return Report(number, "figure", name, None, "经信", month, value, "", "", "有", "", day, day, "某人")


REPORTS = script()


def told(month: Month, known_on: date | None = None) -> PlanMonth:
    reports = [r for r in REPORTS if known_on is None or r.known_on <= known_on]
    values = Values([*values_of_file(PLAN), *values_reported(reports, PLAN)])
    return plan_month_of(PLAN, values, reports, month, TOWNSHIPS, known_on=known_on)


# ------------------------------------------------------------------------------------------------- plain arithmetic


def standing_reports_by_hand(name: str, until: Month) -> dict[Month, F]:
    """The last thing said of each month."""
    return {r.month: F(r.value) for r in REPORTS if r.subject == name and r.month <= until and r.value is not None}


def by_hand(name: str, month: Month) -> dict[str, object]:
    kind, end_2021, end_2022, end_2023 = ENDS[name]
    ends = {2021: fraction(end_2021), 2022: fraction(end_2022), 2023: fraction(end_2023)}
    reported = standing_reports_by_hand(name, month)
    if kind == "yearly":
        reported = {m: v for m, v in reported.items() if m.year == month.year}
    newest = max(reported, default=None)
    value = reported[newest] if newest is not None else None
    # The year's aim, else that of the next year.
    aim_year: int | None = 2022 if month.year == 2022 and name in AIM_OF_2022_IS_NAMED else 2023
    if kind == "yearly" and month.year == 2022:
        aim_year = None  # what 2023 is to bring says nothing of 2022
    aim = ends[aim_year] if aim_year is not None else None
    plan_aim = None if kind == "yearly" and aim is None else F(str(end_2023))
    left = (aim_year - month.year) * 12 + 12 - month.month if aim_year is not None else 0
    before, after = ends[month.year - 1], ends[month.year]
    if kind == "rate":
        expected = after
    elif kind == "yearly":
        expected = None if after is None else after * F(month.month, 12)
    elif before is None or after is None:
        expected = after if month.month == 12 else None
    else:
        expected = before + (after - before) * F(month.month, 12)
    if value is None:
        verdict = "unknown"
    elif aim is None:
        verdict = "no_aim"
    elif aim_year == month.year and value >= aim:
        verdict = "reached"
    elif expected is None:
        verdict = "open"
    else:
        verdict = "ahead" if value >= expected else "behind"
    needed: F | None = None
    if value is not None and aim is not None and kind != "rate":
        missing = aim - value
        if missing <= 0:
            needed = F(0)
        elif left > 0:
            needed = F(math.ceil(missing * 100 / left), 100)
    pace, forecast = course_by_hand(name, kind, reported, month, aim_year or month.year)
    return {
        "value": value, "month": newest, "aim": aim, "aim_year": aim_year, "expected": expected, "verdict": verdict,
        "gap": None if value is None or expected is None else value - expected,
        "share": None if value is None or aim is None else value / aim,
        "plan_share": None if value is None or plan_aim is None else value / plan_aim,
        "left": left, "needed": needed, "pace": pace, "forecast": forecast,
    }  # fmt: skip


def course_by_hand(
    name: str, kind: str, reported: Mapping[Month, F], month: Month, aim_year: int
) -> tuple[F | None, tuple[F, F, F] | None]:
    """The pace of the last three months before the newest value, and where it leads by the end of the aim's year."""
    points = dict(reported)
    if name in BASE_OF_2021:
        points[Month(2021, 12)] = F(BASE_OF_2021[name])
    if kind == "yearly" and points:
        points[Month(month.year - 1, 12)] = F(0)
    order = sorted(points)
    if not order:
        return None, None
    newest = order[-1]
    recent = [m for m in order if (newest.year - m.year) * 12 + newest.month - m.month <= 3]
    if len(recent) == 1 and len(order) > 1:
        gap = (newest.year - order[-2].year) * 12 + newest.month - order[-2].month
        recent = order[-2:] if gap < 12 else recent
    over = aim_year < month.year or (aim_year == month.year and month.month == 12)
    if kind == "rate":
        seen = [points[m] for m in recent if m.year == newest.year]
        return None, None if over or newest.year != month.year else (points[newest], min(seen), max(seen))
    if len(recent) < 2:
        return None, None
    steps = []
    for i in range(1, len(recent)):
        apart = (recent[i].year - recent[i - 1].year) * 12 + recent[i].month - recent[i - 1].month
        steps.append((points[recent[i]] - points[recent[i - 1]]) / apart)
    whole = (newest.year - recent[0].year) * 12 + newest.month - recent[0].month
    pace = (points[newest] - points[recent[0]]) / whole
    if over or (kind == "yearly" and aim_year != month.year):
        return pace, None
    rest = (aim_year - newest.year) * 12 + 12 - newest.month
    ends = [points[newest] + p * rest for p in (pace, min(steps), max(steps))]
    if kind != "level":
        ends = [max(e, F(0)) for e in ends]
    return pace, (ends[0], ends[1], ends[2])


# ---------------------------------------------------------------------------------------------------------- the months


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_every_figure_of_a_month(month: Month) -> None:
    standing = {s.target.id: s for s in told(month).standings}
    for name in ENDS:
        s, hand = standing[name], by_hand(name, month)
        seen = s.value is not None and s.value.source == "reported"
        engine = {
            "value": s.value.value if seen and s.value else None, "month": s.value.month if seen and s.value else None,
            "aim": s.aim, "aim_year": s.aim_year, "expected": s.expected, "verdict": s.verdict, "gap": s.gap,
            "share": s.share, "plan_share": s.plan_share, "left": s.left, "needed": s.needed, "pace": s.pace,
            "forecast": (s.forecast.value, s.forecast.low, s.forecast.high) if s.forecast else None,
        }  # fmt: skip
        assert engine == hand, name


def test_a_few_figures_worked_out_on_paper() -> None:
    october = {s.target.id: s for s in told(Month(2022, 10)).standings}
    # 1500 at the end of 2021, 3000 at the end of 2022: 2750 after ten months. The script: third in the table, so 80 %
    # of the way: 1500 + 1500 × 0.8 × 10/12 = 2500.
    land = october["land"]
    assert land.value is not None
    assert (land.value.value, land.expected, land.gap, land.verdict) == (2500, 2750, -250, "behind")
    # 500 are missing in two months; 100 a month of late, so 2700 at the end of the year.
    assert (land.needed, land.pace, land.forecast and land.forecast.value) == (250, 100, 2700)
    # 188 + 20 × 0.85 × 9/12 = 200.75, of which 200 firms (October is a month it skips).
    outdated = october["outdated"]
    assert outdated.value is not None
    assert (outdated.value.value, outdated.value.month) == (200, Month(2022, 9))
    assert (outdated.base, outdated.done, outdated.aim) == ((2021, 188), 12, 208)


def test_robots_were_silent_for_half_a_year() -> None:
    november = told(Month(2022, 11)).standing("robots")
    assert november.value is not None
    assert november.value.month == Month(2022, 5)


# ------------------------------------------------------------------------------------------------------- as known then


@pytest.mark.parametrize("month", [Month(2022, 3), Month(2022, 6), Month(2022, 7), Month(2023, 2)], ids=str)
def test_an_earlier_month_stays_what_it_was_known_to_be(month: Month) -> None:
    known_on = month.last_day + timedelta(days=8)
    then = told(month, known_on).rows()
    later = [r for r in REPORTS if r.known_on > known_on]
    assert later
    # What came later is there, and says nothing of what was known then.
    assert told(month, known_on).rows().equals(then)
    received = [r for r in REPORTS if r.known_on <= known_on]
    values = Values([*values_of_file(PLAN), *values_reported(REPORTS, PLAN, known_on)])
    assert plan_month_of(PLAN, values, received, month, TOWNSHIPS, known_on=known_on).rows().equals(then)


def test_march_as_known_in_april_and_in_september() -> None:
    # land, March 2022: 1500 + 1500 × 0.8 × 3/12 = 1800; corrected in August by a tenth to 1980.
    march = Month(2022, 3)
    assert told(march, date(2022, 4, 6)).standing("land").value.value == 1800  # type: ignore[union-attr]
    assert told(march, date(2022, 9, 6)).standing("land").value.value == 1980  # type: ignore[union-attr]
    now = told(march).standing("land").value
    assert now is not None
    assert (now.value, now.again) == (1980, 1)


# --------------------------------------------------------------------------------------------------------------- tasks

# Of six tasks: what was reported, from when on. 5 is led by the townships, 6 by them and two offices, 7 by three.
SAID: tuple[tuple[str, str, str | None, Month, str], ...] = (
    ("5", "镇街", "甘霖镇", Month(2022, 3), "working"), ("5.1", "镇街", "甘霖镇", Month(2022, 4), "done"),
    ("5", "镇街", "剡湖街道", Month(2022, 4), "working"), ("5.1", "镇街", "剡湖街道", Month(2022, 6), "done"),
    ("5", "镇街", "甘霖镇", Month(2022, 9), "done"), ("5", "镇街", "剡湖街道", Month(2022, 9), "done"),
    ("6", "资源", None, Month(2022, 5), "working"), ("6.1", "资源", None, Month(2022, 12), "done"),
    ("6.1", "经信", None, Month(2022, 12), "done"), ("6.1", "镇街", "甘霖镇", Month(2022, 12), "done"),
    ("6.1", "镇街", "剡湖街道", Month(2023, 2), "done"),
    ("7", "开发区", None, Month(2022, 2), "working"), ("7", "高铁", None, Month(2022, 8), "stopped"),
    ("7", "开发区", None, Month(2023, 6), "done"), ("7", "经信", None, Month(2023, 6), "done"),
    ("12", "科技", None, Month(2022, 1), "working"), ("12", "科技", None, Month(2023, 12), "done"),
    ("13", "科技", None, Month(2022, 7), "stopped"),
)  # fmt: skip

# Quarter by quarter. 5: due by 30 April, all in only in June; done in September. 6: its pilot was due by 31 December
# and is done by all in February 2023. 7: one of three stopped, the others done: as a whole it is stopped. 32: nobody.
STATES: Mapping[int, tuple[str, ...]] = {
    5: ("working", "working", "done", "done", "done", "done", "done", "done"),
    6: ("not_begun", "working", "working", "late", "working", "working", "working", "working"),
    7: ("working", "working", "working", "working", "working", "stopped", "stopped", "stopped"),
    12: ("working",) * 7 + ("done",),
    13: ("not_begun", "not_begun", "stopped", "stopped", "stopped", "stopped", "stopped", "stopped"),
    32: ("not_begun",) * 8,
}


def test_six_tasks_by_quarter() -> None:
    reports = [
        Report(
            i, "task", subject, township, office, month, None, state, "", "", "", month.last_day, month.last_day, "某人"
        )
        for i, (subject, office, township, month, state) in enumerate(SAID, 1)
    ]
    seen: dict[int, list[str]] = {number: [] for number in STATES}
    for quarter in range(8):
        month = Month(2022, 3).later(3 * quarter)
        for t in plan_month_of(PLAN, Values([]), reports, month, TOWNSHIPS).tasks:
            if t.task.number in seen:
                seen[t.task.number].append(t.state)
    assert {number: tuple(states) for number, states in seen.items()} == STATES
    april = plan_month_of(PLAN, Values([]), reports, Month(2022, 4), TOWNSHIPS).tasks[4]
    assert (april.state, april.due[0].late, april.due[0].done_in) == ("late", True, None)
    june = plan_month_of(PLAN, Values([]), reports, Month(2022, 6), TOWNSHIPS).tasks[4]
    assert (june.due[0].late, june.due[0].done_in) == (False, Month(2022, 6))
