"""Where a figure stands, kind by kind; every expected number is worked out in the comment above it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction as F

import pytest

from mujun.monitoring.month import Month
from mujun.monitoring.path import expected_at, share_of_year
from mujun.monitoring.standing import Forecast, Standing, places, standing_of
from mujun.monitoring.values import Value, Values, values_of_file
from mujun.rules.model import Region, Target, TheTargets

OCTOBER = Month(2022, 10)


def plan(target: Target, **more: object) -> TheTargets:
    return TheTargets(1, "targets", "某县目标", years=(2021, 2022, 2023), targets=(target,), **more)  # type: ignore[arg-type]


def numbers(**years: object) -> dict[str, Decimal]:
    """`y2022=25` as a target file has it."""
    return {name.removeprefix("y"): Decimal(str(value)) for name, value in years.items()}


def stands(
    target: Target, reported: Mapping[tuple[int, int], object], month: Month = OCTOBER, **more: object
) -> Standing:
    file = plan(target, **more)
    told = [Value(target.id, None, Month(*m), F(str(v)), "reported") for m, v in reported.items()]
    return standing_of(target, file, Values([*values_of_file(file), *told]), month)


# ------------------------------------------------------------------------------------------------------------- by kind


def test_a_level_is_the_value_itself() -> None:
    beside = {"某省": Region(numbers(y2023=37))}
    tax = Target("tax", "亩均税收", "level", "万元/亩", numbers(y2020=10), numbers(y2022=25, y2023=28), regions=beside)
    s = stands(tax, {(2022, 7): 19, (2022, 8): 20, (2022, 9): "20.5", (2022, 10): 22})
    assert (s.base, s.aim_year, s.aim, s.plan_year, s.plan_aim) == ((2020, 10), 2022, 25, 2023, 28)
    # From 10 at the end of 2020 to 25 at the end of 2022 are 24 months: 22 of them are over.
    assert s.expected == 10 + F(15 * 22, 24) == F(95, 4)
    assert (s.gap, s.verdict) == (22 - F(95, 4), "behind")
    assert (s.done, s.share, s.plan_share) == (12, F(22, 25), F(22, 28))
    # 3 are missing and two months are left.
    assert (s.remaining, s.left, s.needed) == (3, 2, F(3, 2))
    # July to October: 3 in 3 months; the steps are 1, 0.5 and 1.5 a month.
    assert s.pace == 1
    assert s.forecast == Forecast(F(24), F(23), F(25))
    (region,) = s.regions
    assert (region.region, region.year, region.aim, region.difference) == ("某省", 2023, 37, -15)


def test_a_rate_has_to_hold_all_year() -> None:
    drop = Target("drop", "能耗下降", "rate", "%", numbers(y2020="0.8"), numbers(y2022=8, y2023=8))
    s = stands(drop, {(2022, 8): 5, (2022, 9): 9, (2022, 10): "7.5"})
    # Nothing accrues: what is expected in October is the aim of the year, and nothing is to be added each month.
    assert (s.expected, s.gap, s.verdict, s.needed) == (8, F(-1, 2), "behind", None)
    assert (s.base, s.done, s.share) == (None, F(15, 2), F(15, 16))
    # The newest value, between the least and the most of the last months.
    assert s.forecast == Forecast(F(15, 2), F(5), F(9))
    assert s.pace is None


def test_a_campaign_counts_from_its_beginning() -> None:
    land = Target("land", "盘活用地", "campaign", "亩", {}, numbers(y2022=3000, y2023=5000))
    s = stands(land, {(2021, 12): 1000, (2022, 6): 1500, (2022, 9): 1800, (2022, 10): 2100})
    # It begins with nothing at the end of 2020; halfway to 3000 at the end of 2021; 1500 + 1500 × 10/12 now.
    assert (s.base, s.expected) == ((2020, 0), 2750)
    assert (s.done, s.share, s.plan_share) == (2100, F(7, 10), F(42, 100))
    # 1000 were there when the year began, so 2000 were to be added and 1100 are.
    assert (s.year_done, s.year_aim) == (1100, 2000)
    assert (s.remaining, s.needed) == (900, 450)
    # The last three months begin in July: only September and October are known, 300 in a month.
    assert (s.pace, s.forecast) == (300, Forecast(F(2700), F(2700), F(2700)))
    assert s.verdict == "behind"


def test_a_campaign_with_a_base_goes_on_from_it() -> None:
    firms = Target("firms", "整治企业", "campaign", "家", numbers(y2021=27), numbers(y2022=100, y2023=200))
    s = stands(firms, {(2022, 10): 90})
    # 27 + 73 × 10/12.
    assert (s.base, s.expected) == ((2021, 27), 27 + F(730, 12))
    assert (s.done, s.year_done, s.year_aim, s.verdict) == (63, 63, 73, "ahead")
    # From the base ten months before to the only report it is more than three months: no pace is told of the last ones,
    # but of the two newest values: 63 in 10 months.
    assert (s.pace, s.forecast) == (F(63, 10), Forecast(90 + F(126, 10), 90 + F(126, 10), 90 + F(126, 10)))


def test_what_is_cumulative_counts_with_its_base() -> None:
    outdated = Target(
        "outdated", "淘汰企业", "cumulative", "家", numbers(y2020=168, y2021=20), numbers(y2023=220), numbers(y2022=20)
    )  # fmt: skip
    s = stands(outdated, {(2022, 9): 200, (2022, 10): 206})
    # 168 + 20 stood at the end of 2021; 20 more make 208 at the end of 2022.
    assert (s.base, s.aim, s.plan_aim) == ((2021, 188), 208, 220)
    assert s.expected == 188 + F(200, 12)
    assert (s.done, s.year_done, s.year_aim, s.share) == (18, 18, 20, F(206, 208))
    assert (s.verdict, s.needed, s.pace) == ("ahead", 1, 6)
    late = stands(outdated, {(2022, 10): 206, (2023, 12): 219}, Month(2023, 12))
    assert (late.verdict, late.aim, late.left, late.needed, late.remaining) == ("behind", 220, 0, None, 1)


def test_a_yearly_figure_begins_each_year_with_nothing() -> None:
    contracts = Target("contracts", "合同额", "yearly", "亿元", {}, numbers(y2022=40, y2023=43))
    s = stands(contracts, {(2021, 12): 38, (2022, 9): 27, (2022, 10): 30})
    # 40 × 10/12; last year's 38 says nothing of this year.
    assert (s.base, s.expected, s.year_done, s.year_aim) == (None, F(100, 3), 30, 40)
    assert (s.verdict, s.needed, s.pace, s.forecast) == ("behind", 5, 3, Forecast(F(36), F(36), F(36)))
    # In January nobody has reported yet, and last year's figure does not stand in.
    begun = stands(contracts, {(2022, 12): 41}, Month(2023, 1))
    assert (begun.value, begun.verdict) == (None, "unknown")


def test_a_curve_says_how_the_year_goes() -> None:
    curve = {"3": Decimal("0.1"), "6": Decimal("0.3"), "9": Decimal("0.6")}
    # Between June (0.3) and September (0.6): July 0.4; after September to 1 in December.
    assert [share_of_year(curve, m) for m in (3, 7, 9, 10, 12)] == [F(1, 10), F(2, 5), F(3, 5), F(11, 15), 1]
    land = Target("land", "用地", "campaign", "亩", numbers(y2021=100), numbers(y2022=400), curve=curve)
    assert expected_at(land, plan(land), Month(2022, 7)) == 100 + 300 * F(2, 5)
    # The file's curve holds for figures that have none of their own.
    plain = Target("land", "用地", "campaign", "亩", numbers(y2021=100), numbers(y2022=400))
    assert expected_at(plain, plan(plain, curve=curve), Month(2022, 3)) == 130


def test_without_a_base_nothing_is_expected_by_now() -> None:
    institutes = Target("institutes", "研究院", "cumulative", "家", {}, numbers(y2023=20))
    s = stands(institutes, {(2022, 10): 12})
    assert (s.base, s.expected, s.gap, s.verdict) == (None, None, None, "open")
    # What is needed does not rest on a base: 8 in 14 months, rounded up at the second place.
    assert (s.aim_year, s.left, s.needed) == (2023, 14, F(58, 100))
    assert stands(institutes, {(2022, 10): 20}).verdict == "open"  # the aim is of 2023
    assert stands(institutes, {(2023, 12): 20}, Month(2023, 12)).verdict == "reached"


def test_nothing_known_is_said_as_that() -> None:
    robots = Target("robots", "机器人", "campaign", "台", {}, numbers(y2023=1800))
    s = stands(robots, {})
    assert (s.value, s.done, s.share, s.needed, s.forecast, s.verdict) == (None, None, None, None, None, "unknown")
    # Expected it is all the same: 22 of 36 months.
    assert s.expected == 1100


# ---------------------------------------------------------------------------------------------------------- townships


def test_townships_are_ranked_by_their_shares_or_by_their_values() -> None:
    target = Target(
        "land", "用地", "campaign", "亩", {}, numbers(y2022=3000),
        townships={"甲镇": numbers(y2022=100), "乙镇": numbers(y2022=50), "丙镇": numbers(y2022=200)},
    )  # fmt: skip
    file = plan(target)
    told = {"甲镇": 60, "乙镇": 30, "丙镇": 100}
    values = Values(Value("land", t, OCTOBER, F(v), "loop") for t, v in told.items())
    # 60 %, 60 % and 50 %.
    assert [(p.township, p.rank, p.share, p.among) for p in places(target, file, values, OCTOBER)] == [
        ("乙镇", 1, F(3, 5), 3), ("甲镇", 1, F(3, 5), 3), ("丙镇", 3, F(1, 2), 3)
    ]  # fmt: skip
    # With a township that has no target nobody's share is compared: the values are.
    more = Values(Value("land", t, OCTOBER, F(v), "loop") for t, v in (told | {"丁镇": 70}).items())
    assert [(p.township, p.rank) for p in places(target, file, more, OCTOBER)] == [
        ("丙镇", 1), ("丁镇", 2), ("甲镇", 3), ("乙镇", 4)
    ]  # fmt: skip


@pytest.mark.parametrize(("month", "expected"), [(Month(2020, 12), 0), (Month(2024, 5), 5000)])
def test_before_the_first_end_and_after_the_last(month: Month, expected: int) -> None:
    land = Target("land", "用地", "campaign", "亩", {}, numbers(y2022=3000, y2023=5000))
    assert expected_at(land, plan(land), month) == expected
