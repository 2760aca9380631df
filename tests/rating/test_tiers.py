"""Ranks, cuts, ties, and the rules before and after the cut; all computed by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from mujun.errors import RatingError
from mujun.messages import Firm
from mujun.rating import Rating, notes_of
from tests.rating.given import CLASSES, column, rated

SHARES = "{shares: {A: 20, B: 60, C: 95, D: 100}}"


def scheme(tiers: str, population: str = "{}", cohorts: str = '[{id: all, when: "true"}]') -> str:
    names = [part.split(",")[0].strip() for part in cohorts.split("id:")[1:]]
    scoring = "\n".join(f"  {name}: {{tax_per_mu: {{weight: 100, benchmark: 100}}}}" for name in names)
    return f"""
population: {population}
cohorts: {cohorts}
indicators:
  tax_per_mu: {{of: tax_paid, per: land_mu}}
scoring:
{scoring}
tiers:
  classes: {CLASSES}
{tiers}
"""


def run(taxes: list[Any], tiers: str, more: list[dict[str, Any]] | None = None, **parts: str) -> Rating:
    rows = [{"tax_paid": t, "land_mu": 1, **((more or [{}] * len(taxes))[i])} for i, t in enumerate(taxes)]
    return rated(scheme(tiers, **parts), [{**r, "credit_code": f"E{i:03d}"} for i, r in enumerate(rows)])


def tiers_of(rating: Rating) -> str:
    return "".join(t or "-" for t in column(rating, "tier"))


def counts(rating: Rating) -> dict[str, int]:
    found = rating.subjects.group_by("tier").len().iter_rows()
    return dict(sorted((t, n) for t, n in found))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (120, {"A": 24, "B": 48, "C": 42, "D": 6}),
        (10, {"A": 2, "B": 4, "C": 4}),  # 95 % of 10 is 9.5, rounded to 10: nobody is left for D
        (1, {"C": 1}),  # 20 % and 60 % of one are 0.2 and 0.6: the second rounds to 1
        (7, {"A": 1, "B": 3, "C": 3}),  # 1.4 → 1, 4.2 → 4, 6.65 → 7
    ],
)
def test_shares_are_cumulative_and_rounded(size: int, expected: dict[str, int]) -> None:
    got = counts(run([1000 - i for i in range(size)], f"  cut: {{default: {SHARES}}}"))
    if size == 1:
        expected = {"B": 1}
    assert got == expected


@pytest.mark.parametrize(("rounding", "expected"), [("half_up", "ABBBCCC"), ("floor", "ABBBCCD"), ("ceil", "AABBBCC")])
def test_rounding_of_the_last_rank(rounding: str, expected: str) -> None:
    # of 7: 1.4, 4.2, 6.65
    cut = f"{{shares: {{A: 20, B: 60, C: 95, D: 100}}, rounding: {rounding}}}"
    assert tiers_of(run([70, 60, 50, 40, 30, 20, 10], f"  cut: {{default: {cut}}}")) == expected


@pytest.mark.parametrize(("ties", "expected"), [("better", "AAABB"), ("worse", "BBBBB")])
def test_equals_share_a_tier(ties: str, expected: str) -> None:
    # five subjects, the last A is rank 1; three are equal at the top
    cut = f"{{shares: {{A: 20, B: 100}}, ties: {ties}}}"
    assert tiers_of(run([9, 9, 9, 2, 1], f"  cut: {{default: {cut}}}")) == expected


def test_ranked_before_adjusting_where_the_rules_add_up_the_points() -> None:
    # 90, 80, 70 of points; the last has 30 more for its staff: after adjusting it is first, before it is last.
    more: list[dict[str, Any]] = [{"employees": 5}, {"employees": 5}, {"employees": 9}]
    extra = 'adjustments: {items: [{id: staff, when: "employees > 8", points: 30}]}'
    adjusted = f"  cut: {{default: {SHARES}}}\n{extra}"
    plain = f'  rank_by: ["tax_per_mu_points", score]\n{adjusted}'
    assert column(run([90, 80, 70], adjusted, more), "rank") == [2, 3, 1]
    assert column(run([90, 80, 70], plain, more), "rank") == [1, 2, 3]


def test_later_keys_break_ties_and_missing_comes_last() -> None:
    more: list[dict[str, Any]] = [{"employees": 5}, {"employees": 9}, {"employees": None}]
    rating = run([9, 9, 9], f'  rank_by: [score, "employees"]\n  cut: {{default: {SHARES}}}', more)
    assert column(rating, "rank") == [2, 1, 3]
    rating = run([9, 9, 9], f'  rank_by: [score, "-employees"]\n  cut: {{default: {SHARES}}}', more)
    assert column(rating, "rank") == [1, 2, 3]


def test_rank_is_one_more_than_those_strictly_ahead() -> None:
    rating = run([9, 9, 8, 7], f"  cut: {{default: {SHARES}}}")
    assert column(rating, "rank") == [1, 1, 3, 4]
    assert column(rating, "size") == [4] * 4


def test_cohorts_have_their_own_cut_and_keys() -> None:
    cohorts = '[{id: above, when: "scale = \'规上\'"}, {id: below, when: "true"}]'
    more = [{"scale": "规上"}] * 2 + [{"scale": "规下"}] * 2
    tiers = "  cut: {default: {shares: {A: 50, D: 100}}, below: {shares: {B: 50, C: 100}}}"
    assert tiers_of(run([9, 8, 7, 6], tiers, more, cohorts=cohorts)) == "ADBC"


def test_cells_cut_inside_and_a_mixed_cell_takes_default() -> None:
    cohorts = '[{id: above, when: "scale = \'规上\'"}, {id: below, when: "true"}]'
    more = [{"scale": s, "township": t} for s, t in (("规上", "甲"), ("规下", "甲"), ("规上", "乙"), ("规下", "乙"))]
    tiers = "  cells: [township]\n  cut: {default: {shares: {A: 50, D: 100}}, below: {shares: {B: 100}}}"
    assert tiers_of(run([9, 8, 7, 6], tiers, more, cohorts=cohorts)) == "ADAD"


def test_thresholds() -> None:
    cut = "{thresholds: {A: 90, B: 75, C: 60}, rest: D}"
    assert tiers_of(run([90, "89.999949", 75, 60, 0, None], f"  cut: {{default: {cut}}}")) == "ABBCDD"


def test_picks_take_in_order_and_never_twice() -> None:
    cut = """{picks: [
      {id: best, tier: A, among: "rank <= 0.5 * size", by: [employees], take: 25},
      {id: worst, tier: D, by: ["-score"], take: 25}], rest: B}"""
    more = [{"employees": n} for n in (1, 2, 9, 9)]
    # of 4: A takes 1 among the first two, by employees: E001; D takes 1, the lowest score: E003
    assert tiers_of(run([9, 8, 7, 6], f"  cut:\n    default: {cut}", more)) == "BABD"


@pytest.mark.parametrize(("tier", "expected"), [("A", "AABB"), ("D", "BBBB")])
def test_equals_at_a_picks_limit(tier: str, expected: str) -> None:
    cut = f"{{picks: [{{id: p, tier: {tier}, by: [score], take: 25}}], rest: B}}"
    assert tiers_of(run([9, 9, 7, 6], f"  cut:\n    default: {cut}")) == expected


def test_fixed_before_has_no_rank_and_may_use_up_the_share() -> None:
    before = '  before: [{id: top, when: "employees >= 100", set: A, reason: 百强, in_base: %s}]\n'
    more = [{"employees": n} for n in (1, 1, 1, 1, 100)]
    taxes = [90, 80, 70, 60, 1]
    # base 5, last A = 1 − 1 = 0, last B = 3 − 1 = 2, last C = 5 (4.75) − 1 = 4
    inside = run(taxes, before % "true" + f"  cut: {{default: {SHARES}}}", more)
    assert tiers_of(inside) == "BBCCA"
    assert column(inside, "rank") == [1, 2, 3, 4, None]
    # base 4: A 0.8 → 1, B 2.4 → 2, C 3.8 → 4
    outside = run(taxes, before % "false" + f"  cut: {{default: {SHARES}}}", more)
    assert tiers_of(outside) == "ABCCA"
    assert column(outside, "rules_matched") == [[], [], [], [], ["top"]]


AFTER = """  after:
    - {id: veto, when: "array_contains(labels, '事故')", at_most: C, reason: 一票否决}
    - {id: young, when: "employees = 7", at_least: C, unless: [veto], reason: 保护}
    - {id: listed, when: "employees = 8", move: 1, reason: 上市}
    - {id: sink, when: "tier = 'A' and employees = 9", set: T, reason: 另列}
"""


def test_rules_after_the_cut_see_what_the_one_before_left() -> None:
    more: list[dict[str, Any]] = [
        {"labels": ["事故"], "employees": 8},  # A → C by the veto → B by the move
        {"labels": [], "employees": 9},  # stays B: sink wants an A
        {"labels": [], "employees": 8},  # C → B
        {"labels": [], "employees": 7},  # C stays, matched
        {"labels": ["事故"], "employees": 7},  # D stays: the veto bars the protection, and D is worse than C
    ]
    cut = "  cut: {default: {shares: {A: 20, B: 40, C: 80, D: 100}}}\n"
    rating = run([9, 8, 7, 6, 5], cut + AFTER, more)
    assert tiers_of(rating) == "BBBCD"
    assert column(rating, "tier_cut") == ["A", "B", "C", "C", "D"]
    assert column(rating, "rules_matched") == [["veto", "listed"], [], ["listed"], ["young"], ["veto"]]
    assert column(rating, "rules_changed") == [["veto", "listed"], [], ["listed"], [], []]
    assert column(rating, "reason") == ["一票否决；上市", None, "上市", None, None]


def test_moves_stop_at_the_ends_of_the_ladder() -> None:
    after = '  after: [{id: up, when: "true", move: 2, reason: 升}]\n'
    assert tiers_of(run([9, 8, 7, 6, 5], f"  cut: {{default: {SHARES}}}\n{after}")) == "AAAAA"
    down = '  after: [{id: down, when: "true", move: -9, reason: 降}]\n'
    # T is no rung of the cut's ladder
    assert tiers_of(run([9, 8, 7, 6, 5], f"  cut: {{default: {SHARES}}}\n{down}")) == "DDDDD"


POPULATION = """
  scope: "land_mu >= 1"
  special:
    - {id: utility, when: "employees = 1", treatment: collected, reason: 公用}
    - {id: young, when: "employees = 2", treatment: own_tier, tier: T, reason: 新}
    - {id: held, when: "employees = 3", treatment: ungraded, reason: 保留, managed_as: B}
    - {id: seen, when: "employees = 4", treatment: measured, reason: 只算, in_base: true}
"""


def test_the_six_treatments() -> None:
    more: list[dict[str, Any]] = [{"employees": n, "land_mu": 1} for n in (1, 2, 3, 4, 5, 6)]
    more[5]["land_mu"] = "0.5"
    rating = run([9] * 4 + [8, 9], f"  cut: {{default: {SHARES}}}", more, population=POPULATION)
    assert column(rating, "treatment") == ["collected", "own_tier", "ungraded", "measured", "rated", "out"]
    assert column(rating, "score") == [None, None, 9, None, 8, None]
    # The ungraded one holds its place; the measured one is in the base: 3, of which B reaches to 2 (1.8)
    assert column(rating, "rank") == [None, None, 1, None, 2, None]
    assert column(rating, "size") == [None, None, 2, None, 2, None]
    assert column(rating, "tier") == [None, "T", None, None, "B", None]
    assert column(rating, "managed_as")[2] == "B"
    assert column(rating, "reason") == ["公用", "新", "保留", "只算", None, None]
    assert column(rating, "tax_per_mu") == [9, 9, 9, 9, 8, 18]


def test_a_condition_that_lacks_a_field_is_not_met_and_noted() -> None:
    more: list[dict[str, Any]] = [{"employees": None}, {"employees": 1}]
    rating = run([9, 8], f"  cut: {{default: {SHARES}}}", more, population=POPULATION)
    assert column(rating, "treatment") == ["rated", "collected"]
    noted = notes_of(rating, ["E000"])
    assert noted["where"].to_list() == ["special.held", "special.seen", "special.utility", "special.young"]
    assert noted["missing"].to_list() == [["employees"]] * 4


def test_verify_reports_and_enforces_nothing() -> None:
    verify = "  verify: {A: {max: 20}, D: {min: 30}}\n"
    rating = run([9, 8, 7, 6, 5], f"  cut: {{default: {SHARES}}}\n{verify}")
    assert [(v.tier, v.count, v.least, v.most, v.kept) for v in rating.verified] == [
        ("A", 1, None, 1, True),
        ("D", 0, 2, None, False),
    ]


def test_a_subject_in_no_cohort_stops_the_run() -> None:
    cohorts = "[{id: above, when: \"scale = '规上'\"}]"
    with pytest.raises(RatingError) as caught:
        run([9, 8], f"  cut: {{default: {SHARES}}}", [{"scale": "规上"}, {"scale": "规下"}], cohorts=cohorts)
    assert caught.value.problems[0].code == "no_cohort"
    assert caught.value.problems[0].values["codes"] == [Firm("E001")]


def test_the_exported_columns_are_those_of_the_design_in_order() -> None:
    rating = run([9, 8], f"  cut: {{default: {SHARES}}}")
    assert rating.ratings.columns == [
        "run", "year", "subject", "credit_code", "name", "township", "park", "industry", "scale", "cohort", "treatment",
        "reason", "score", "rank", "size", "tier", "tier_cut", "rules_matched", "rules_changed",
        "tax_per_mu", "tax_per_mu_benchmark", "tax_per_mu_points", "tax_per_mu_note",
    ]  # fmt: skip
    assert rating.ratings["rank"].to_list() == [1, 2]
    assert isinstance(rating.ratings, pl.DataFrame)
