"""The race between townships: points, ties, missing reports and floors by hand, and two years of fifteen townships."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction as F

import pytest

from mujun.analysis import explain
from mujun.monitoring.month import Month
from mujun.monitoring.racing import Race, entries_of, race_of, tried
from mujun.monitoring.values import Source, Value, Values
from mujun.reports.monitoring.race_parts import race_parts
from mujun.reports.monitoring.race_sheets import basis_words, lift_words
from mujun.rules import load_rules
from mujun.rules.document import Paragraph
from mujun.rules.model import Contest, Target, TheTargets, Weighed
from mujun.rules.targets_plan import whole_targets

OCTOBER = Month(2022, 10)


def numbers(**years: object) -> dict[str, Decimal]:
    return {name.removeprefix("y"): Decimal(str(value)) for name, value in years.items()}


TAX = Target("tax_per_mu", "亩均税收", "level", "万元/亩", {}, numbers(y2022=20))
LAND = Target(
    "land", "盘活用地", "campaign", "亩", {}, numbers(y2022=300),
    townships={"甲镇": numbers(y2022=100), "乙镇": numbers(y2022=50), "丙镇": numbers(y2022=40)},
)  # fmt: skip
FIRMS = Target("firms", "整治企业", "campaign", "家", {}, numbers(y2022=50), counts="firms")
FOUR = ("甲镇", "乙镇", "丙镇", "丁镇")
WEIGHED: Mapping[str, Weighed] = {
    "tax_per_mu": Weighed(Decimal(50), "value"), "land": Weighed(Decimal(30), "share", cap=Decimal("1.2")),
    "firms": Weighed(Decimal(20), "share", floor=Decimal("0.1")),
}  # fmt: skip
LISTED = {"甲镇": (10, 5), "乙镇": (4, 4), "丙镇": (5, 0)}

# The value of each township by each item; 丙镇 has reported no tax.
GIVEN: Mapping[tuple[str, str], object] = {
    ("tax_per_mu", "甲镇"): 16, ("tax_per_mu", "乙镇"): 20, ("tax_per_mu", "丁镇"): 10,
    ("land", "甲镇"): 150, ("land", "乙镇"): 25, ("land", "丙镇"): 10,
}  # fmt: skip


def contest(**more: object) -> Contest:
    return Contest("赛马", dict(WEIGHED), **more)  # type: ignore[arg-type]


def raced(
    given: Contest, month: Month = OCTOBER, values: Mapping[tuple[str, str], object] = GIVEN,
    before: Race | None = None, source: Source = "reported", of: Month = OCTOBER,
) -> Race:  # fmt: skip
    file = TheTargets(1, "targets", "某县目标", years=(2022,), targets=(TAX, LAND, FIRMS), race=given)
    known = Values(Value(figure, name, of, F(str(v)), source) for (figure, name), v in values.items())
    return race_of(file, given, month, entries_of(file, given, known, month, FOUR, LISTED), before)


def places(race: Race) -> list[tuple[str, int, Decimal]]:
    return [(r.township, r.rank, r.score) for r in race.racers]


def test_points_by_hand() -> None:
    # 甲: 50 × 16/20 = 40; 150 of 100 mu is 1.5, at most 1.2: 36; 5 of 10 firms: 10. 86.
    # 乙: 50 × 20/20 = 50; 25 of 50: 15; 4 of 4: 20. 85.
    # 丙: no tax reported: 0; 10 of 40: 7.5; 0 of 5 firms, at least 0.1: 2. 9.5.
    # 丁: 10/20 alone, without aims of land and lists: all of 100 on tax: 50.
    assert places(raced(contest())) == [
        ("甲镇", 1, Decimal("86")), ("乙镇", 2, Decimal("85")), ("丁镇", 3, Decimal("50")), ("丙镇", 4, Decimal("9.5")),
    ]  # fmt: skip
    second = raced(contest()).racer("乙镇")
    assert second is not None
    assert (second.ahead, [i.points for i in second.items]) == (1, [50, 15, 20])
    third = raced(contest()).racer("丁镇")
    assert third is not None
    assert [i.note for i in third.items] == [None, "zero_denominator", "zero_denominator"]


def test_what_is_missing_weighs_on_the_others_where_the_file_says_so() -> None:
    # 丙 without tax: 30 and 20 of 50 weigh 60 and 40: 10/40 of 60 = 15, and at least 0.1 of 40 = 4: 19.
    race = raced(contest(missing="reweight"))
    assert {t: s for t, _, s in places(race)}["丙镇"] == 19
    lost = race.racer("丙镇")
    assert lost is not None
    assert lost.items[0].note == "missing"


def test_equals_share_a_rank_and_the_next_one_follows_as_the_file_says() -> None:
    values = {("tax_per_mu", name): v for name, v in zip(FOUR, (20, 20, 10, 5), strict=True)}
    only = Contest("赛马", {"tax_per_mu": Weighed(Decimal(100), "value")})
    dense = Contest("赛马", {"tax_per_mu": Weighed(Decimal(100), "value")}, ties="dense")
    assert [rank for _, rank, _ in places(raced(only, values=values))] == [1, 1, 3, 4]
    assert [rank for _, rank, _ in places(raced(dense, values=values))] == [1, 1, 2, 3]
    # The rating's own ranks are those of the first way.
    race = raced(only, values=values)
    assert dict(race.rating.subjects.select("subject", "rank").iter_rows()) == {
        "甲镇": 1, "乙镇": 1, "丙镇": 3, "丁镇": 4
    }  # fmt: skip
    # 丙 brought to 20 is first among equals: by the second way too.
    assert [(x.rank, x.points) for x in raced(dense, values=values).lifts["丙镇"]] == [(1, 50)]


def test_an_old_report_counts_as_none_where_the_file_limits_its_age() -> None:
    def tax_of(limited: Contest, source: Source) -> str | None:
        first = raced(limited, source=source, of=Month(2022, 7)).racer("甲镇")
        assert first is not None
        return first.items[0].note

    # July is three months before October.
    assert tax_of(contest(within=2), "reported") == "missing"
    assert tax_of(contest(within=3), "reported") is None
    assert tax_of(contest(), "reported") is None
    # What mujun computes of the last year's records is as new as it can be.
    assert tax_of(contest(within=2), "computed") is None


def test_what_would_lift_one_most_is_tried_in_the_very_rules() -> None:
    race = raced(contest())
    # 乙: land from 25 to 50 brings 15, 85 + 15 = 100 and the first place; nothing else falls short.
    assert [(x.target.id, x.value, x.points, x.rank) for x in race.lifts["乙镇"]] == [("land", 50, 15, 1)]
    # 丙: tax to 20 brings 50 (59.5, third); land to 40 brings 22.5 (32); firms to 5 bring 18 (27.5).
    assert [(x.target.id, x.points, x.rank) for x in race.lifts["丙镇"]] == [
        ("tax_per_mu", 50, 3), ("land", Decimal("22.5"), 4), ("firms", 18, 4)
    ]  # fmt: skip
    second = race.racer("乙镇")
    assert second is not None
    assert lift_words(race, second) == "盘活用地达到 50亩，得分增加 15，可列第 1"
    # Tried by hand it comes to the same: 25 mu more, everything else as it is.
    again = tried(race, {("乙镇", "land"): F(50)})
    assert [(r.township, r.rank, r.before, r.score) for r in again.racers[:2]] == [
        ("乙镇", 1, 2, Decimal(100)), ("甲镇", 2, 1, Decimal(86))
    ]  # fmt: skip


def test_a_race_is_explained_as_every_rating_is() -> None:
    race = raced(contest())
    told = explain(race.rating, "甲镇", race.frame)
    assert told.score is not None
    assert told.score.score == 86
    assert [(step.label, step.points) for step in told.indicators] == [
        ("亩均税收（万元/亩）", 40), ("盘活用地完成率", 36), ("整治企业完成率", 10)
    ]  # fmt: skip


def test_nobody_with_a_value_brings_nobody_points() -> None:
    race = raced(contest(), values={})
    # 甲 has 5 of 10 firms; land was not reported by those who have an aim of it; tax by nobody.
    assert [(t, s) for t, _, s in places(race)] == [("乙镇", 20), ("甲镇", 10), ("丙镇", 2), ("丁镇", 0)]


def test_the_sentences_of_a_race() -> None:
    values = {**GIVEN, ("tax_per_mu", "丙镇"): 20, ("land", "丙镇"): 48, ("land", "甲镇"): 10}
    race = raced(contest(), values=values, before=raced(contest(), Month(2022, 9), of=Month(2022, 9)))
    # 丙: 50 + 36 + 2 = 88, from fourth to first; 甲: 40 + 3 + 10 = 53, from first to third; 乙 stays second.
    of_all = [p.text for p in race_parts(race, None) if isinstance(p, Paragraph)]
    assert of_all[0] == (
        "截至2022年10月底，4 个镇街按赛马排名，居前的是丙镇（88分）、乙镇（85分）、甲镇（53分）；居后的是丁镇（50分）。"
        "与上月相比，上升最多的是丙镇（升 3 位），下降最多的是甲镇（降 2 位）。权重是示例，不是文件所定。"
    )
    assert basis_words(contest(document="某文")).startswith("权重依据：某文。没有上报的该项记零分")
    (of_one,) = (p.text for p in race_parts(race, "甲镇") if isinstance(p, Paragraph))
    assert of_one == (
        "按赛马，甲镇得 53 分，在 4 个镇街中列第 3，比上月降 2 位，距前一名 32 分。"
        "最能提升名次的一项：盘活用地达到 100亩，得分增加 27，名次不变（其他镇街不变时）。"
    )


# ------------------------------------------------------------------------------------- two years of fifteen townships

PLAN = whole_targets(load_rules("zhejiang/shengzhou-2022"))
FIFTEEN = (
    "剡湖街道", "三江街道", "鹿山街道", "浦口街道", "甘霖镇", "长乐镇", "崇仁镇", "黄泽镇", "三界镇", "石璜镇",
    "谷来镇", "仙岩镇", "金庭镇", "下王镇", "贵门乡",
)  # fmt: skip
MONTHS = [Month(2022, 1).later(i) for i in range(24)]
BY_VALUE = {"tax_per_mu": 25, "va_per_mu": 25, "land": 20, "energy": 10}
FIRMS_WEIGH = 20


def value_of(figure: str, at: int, n: int) -> F | None:
    """The script: what the township in place `at` has at the end of the month `n` (from 0), by plain formulas."""
    if figure == "tax_per_mu":  # 甘霖镇 reports nothing in the first half year; others once a year
        return None if at == 4 and n < 6 else F(10 + (at * 7) % 15 + n // 12 * (at % 4))
    if figure == "va_per_mu":
        return F(60 + (at * 11) % 40 + n // 12 * 3)
    if figure == "land":  # in steps, by other months in each township
        return F(((n + at) // 3) * (5 + at % 6))
    return None if at in (12, 13) else F((n + 1) * (at % 5), 100)  # two townships free no energy at all


def listed_by(at: int, n: int) -> tuple[int, int]:
    """Enterprises on the list and done: the last two townships have none on it."""
    on = 0 if at > 12 else 4 + at
    return on, min(on, n * (1 + at % 3) // 4)


def race_by_engine(n: int, before: Race | None) -> Race:
    month = MONTHS[n]
    told = [
        Value(figure, name, month, seen, "loop")
        for figure in BY_VALUE
        for at, name in enumerate(FIFTEEN)
        if (seen := value_of(figure, at, n)) is not None
    ]
    lists = {name: listed_by(at, n) for at, name in enumerate(FIFTEEN)}
    assert PLAN.race is not None
    entries = entries_of(PLAN, PLAN.race, Values(told), month, FIFTEEN, lists)
    return race_of(PLAN, PLAN.race, month, entries, before)


def rounded(value: F, places: str) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(places), ROUND_HALF_UP)


def race_by_hand(n: int) -> dict[str, tuple[int, Decimal]]:
    """The same from the words of targets.yaml: a value as a share of the best one, firms done of those listed; what was
    not reported is zero, who has nobody listed is not judged by that."""
    best = {f: max(v for at in range(15) if (v := value_of(f, at, n)) is not None) for f in BY_VALUE}
    scores: dict[str, Decimal] = {}
    for at, name in enumerate(FIFTEEN):
        on, done = listed_by(at, n)
        times = F(1) if on else F(100, 100 - FIRMS_WEIGH)
        points = [rounded(FIRMS_WEIGH * F(done, on), "0.0001")] if on else []
        for figure, weight in BY_VALUE.items():
            seen = value_of(figure, at, n)
            share = seen / best[figure] if seen is not None and best[figure] > 0 else F(0)
            points.append(rounded(weight * times * share, "0.0001"))
        scores[name] = sum(points, Decimal(0)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {name: (1 + sum(s > score for s in scores.values()), score) for name, score in scores.items()}


@pytest.fixture(scope="module")
def races() -> list[Race]:
    told: list[Race] = []
    for n in range(24):
        told.append(race_by_engine(n, told[-1] if told else None))
    return told


@pytest.mark.parametrize("n", range(24), ids=[str(m) for m in MONTHS])
def test_a_month_of_fifteen_townships(races: list[Race], n: int) -> None:
    hand = race_by_hand(n)
    assert {r.township: (r.rank, r.score) for r in races[n].racers} == hand
    if n:
        earlier = race_by_hand(n - 1)
        assert {r.township: r.moved for r in races[n].racers} == {t: earlier[t][0] - hand[t][0] for t in hand}


def test_a_township_worked_out_on_paper(races: list[Race]) -> None:
    # 三江街道 stands second in the list (at 1); October 2022 is n 9. Tax 10 + 7 = 17 of 24 (鹿山街道: 10 + 14). Value
    # added 60 + 11 = 71 of 97 (黄泽镇: 60 + 77 mod 40). Land (9 + 1) // 3 = 3 times 6 = 18 of 60 (仙岩镇: 6 times 10).
    # Energy 10 × 1/100 of 10 × 4/100. Listed 5, done 9 × 2 // 4 = 4.
    # 25 × 17/24 = 17.7083, 25 × 71/97 = 18.2990, 20 × 4/5 = 16, 20 × 18/60 = 6, 10 × 1/4 = 2.5: 60.5073.
    mine = races[9].racer("三江街道")
    assert mine is not None
    assert [i.points for i in mine.items] == [
        Decimal("17.7083"), Decimal("18.2990"), Decimal(16), Decimal(6), Decimal("2.5")
    ]  # fmt: skip
    assert mine.score == Decimal("60.51")
