"""Estimates are what rating again gives, nearly always: a search that starts from them is confirmed at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mujun.analysis import Explainer, Ways
from mujun.analysis.estimating import Wanted
from mujun.analysis.searching import Asked
from mujun.analysis.solving import Solved, Solver, Task
from mujun.rating import rate
from mujun.rating.change import Change
from mujun.rating.worlds import Result, Worlds
from mujun.rules import load_rules
from mujun.rules.ruleset import RuleSet
from mujun.workspace import County
from tests.rating.given import CLASSES, frame_of, rules_of

RULE_SETS = ("zhejiang/shengzhou-2022", "zhejiang/huangyan-2022", "shandong/changle-2023", "anhui/jingde-2022")


def tasks_of(
    frame: Any, rules: RuleSet, codes: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[Solver, list[Task]]:
    """All that is asked of some firms' ways up and down, and who answers it."""
    asked: list[Task] = []
    solve = Solver.solve

    def noted(solver: Solver, tasks: Sequence[Task]) -> list[Solved]:
        asked.extend(tasks)
        return solve(solver, tasks)

    monkeypatch.setattr(Solver, "solve", noted)
    rating = rate(frame, rules)
    ways = Ways(rating, frame)
    Explainer(rating, frame).explain_all(codes, ways=ways, figures=True)
    return ways.solver, asked


def compared(solver: Solver, tasks: Iterable[Task]) -> Iterator[tuple[Task, int, bool, bool]]:
    """Of tasks that are estimated, place by place, whether the goal is reached as estimated and as rated."""
    close = [t for t in tasks if t.close and t.lever.subject in solver.estimates.covered({t.lever.subject})]
    level = [None if t.level is None else float(t.level) for t in close]
    wanted = [Wanted(t.lever, t.goal, at, t.rises, t.alone) for t, at in zip(close, level, strict=True)]
    asked: list[Asked] = [(n, m) for n, t in enumerate(close) for m in t.lever.span.points()]
    estimated = solver.estimates.holds(wanted)(asked)
    rated = solver.with_county([close[n].lever.change(m) for n, m in asked])
    for (n, m), guess, row in zip(asked, estimated, rated, strict=True):
        yield close[n], m, guess.held, close[n].goal(row)


@pytest.mark.parametrize("address", RULE_SETS)
def test_what_is_estimated_is_what_rating_gives(
    address: str, sample_county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, _ = County(sample_county).data.frame(2022)
    rules = load_rules(address)
    rating = rate(frame, rules)
    rated = rating.enterprises.filter(rating.enterprises["treatment"] == "rated").sort("credit_code")
    solver, tasks = tasks_of(frame, rules, rated["credit_code"].to_list()[::400], monkeypatch)
    answers = list(compared(solver, tasks))
    wrong = [(t.lever.kind, t.lever.name, m) for t, m, guess, right in answers if guess != right]
    assert len(wrong) <= len(answers) // 50, wrong
    # An indicator by which nobody else moves is no estimate at all.
    assert not [one for one in answers if one[0].alone and one[2] != one[3]]


def test_peers_and_the_mean_of_their_points_move_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """甲's tax is part of the benchmark that all are held against, and 丁 is given the mean of their points."""
    rules = rules_of(f"""
statistics:
  all_tax: {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [cohort]}}
cohorts: [{{id: all, when: "true"}}]
indicators:
  tax_per_mu: {{label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
scoring:
  all:
    tax_per_mu: {{weight: 100, benchmark: all_tax, cap: 1.5, missing: cohort_mean}}
decimals: {{points: 4, score: 2}}
tiers:
  classes: {CLASSES}
  rank_by: [score, tax_per_mu]
  cut: {{default: {{shares: {{A: 25, B: 50, C: 75, D: 100}}}}}}
""")
    rows: list[dict[str, Any]] = [
        {"credit_code": code, "land_mu": 10, "tax_paid": tax, "labels": []}
        for code, tax in (
            ("甲", 10),
            ("乙", 20),
            ("丙", 30),
            ("丁", None),
            ("戊", 45),
            ("己", 60),
            ("庚", 61),
            ("辛", 5),
        )
    ]
    solver, tasks = tasks_of(frame_of(rows), rules, [row["credit_code"] for row in rows], monkeypatch)
    answers = list(compared(solver, tasks))
    assert {t.lever.kind for t, *_ in answers} >= {"indicator", "figure"}
    assert any(right for *_, right in answers)
    assert not [(t.lever.subject, t.lever.name, m) for t, m, guess, right in answers if guess != right]


def test_a_rule_that_compares_with_a_mean_that_moves_along_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    """甲 becomes an A once its tax reaches the mean, which its own tax lifts: one rating confirms it."""
    rules = rules_of(f"""
statistics:
  all_tax: {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [cohort]}}
cohorts: [{{id: all, when: "true"}}]
indicators:
  tax_per_mu: {{label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
  per_worker: {{label: 全员劳动生产率, unit: 万元/人, of: value_added, per: employees}}
scoring:
  all:
    tax_per_mu: {{weight: 1, benchmark: 1000, cap: 1}}
    per_worker: {{weight: 99, benchmark: 1, cap: 1}}
decimals: {{points: 4, score: 2}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{shares: {{A: 25, B: 100}}}}}}
  after: [{{id: low, when: "tax_per_mu < all_tax", at_most: B, reason: 低于平均}}]
""")
    rows: list[dict[str, Any]] = [
        {"credit_code": code, "land_mu": 10, "tax_paid": tax, "value_added": added, "employees": 10, "labels": []}
        for code, tax, added in (("甲", 10, 100), ("乙", 217, 3), ("丙", 331, 2), ("丁", 409, 1))
    ]
    ratings: list[int] = []
    rated = Worlds.rate

    def counted(worlds: Worlds, changes: Sequence[Change]) -> list[Result]:
        ratings.append(len(changes))
        return rated(worlds, changes)

    monkeypatch.setattr(Worlds, "rate", counted)
    solver, tasks = tasks_of(frame_of(rows), rules, ["甲"], monkeypatch)
    (tax,) = [t for t in tasks if t.lever.name == "tax_paid"]
    assert len(ratings) == 1
    (solved,) = solver.solve([tax])
    # 3 × x = 217 + 331 + 409, and the smallest step above it.
    assert (solved.steps, tax.lever.change(solved.steps or 0).figures) == (3090000, {"tax_paid": Decimal(319)})


def test_rules_that_look_at_the_score_are_not_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = rules_of(f"""
cohorts: [{{id: all, when: "true"}}]
indicators:
  tax_per_mu: {{label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
scoring:
  all:
    tax_per_mu: {{weight: 100, benchmark: 10, cap: 1.5}}
decimals: {{points: 4, score: 2}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{thresholds: {{A: 90, B: 60, C: 30}}, rest: D}}}}
  after: [{{id: low, when: "score < 50", at_most: C, reason: 得分不足50}}]
""")
    rows = [{"credit_code": "甲", "land_mu": 10, "tax_paid": 40, "labels": []}]
    solver, _ = tasks_of(frame_of(rows), rules, ["甲"], monkeypatch)
    assert not solver.estimates.covered({"甲"})
