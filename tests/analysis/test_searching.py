"""A search finds the first step that holds, exact to one step, with or without a good guess."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from mujun.analysis.searching import Answer, Span, near, search

LIMITS = [1, 2, 3, 17, 1000, 123_456_789, 10**9, 5 * 10**9]


class Question:
    """Levers that hold from some step on; counts how often it is asked."""

    def __init__(self, firsts: Sequence[int | None]) -> None:
        self.firsts, self.rounds, self.asked = firsts, 0, 0

    def __call__(self, asked: Sequence[tuple[int, int]]) -> list[Answer]:
        self.rounds += 1
        self.asked += len(asked)
        return [Answer((first := self.firsts[n]) is not None and m >= first) for n, m in asked]


class Measured(Question):
    """The same with gaps on a bent line that is rounded and meets the goal beside zero; every third lever has none."""

    def __init__(self, firsts: Sequence[int | None], goal: int) -> None:
        super().__init__(firsts)
        self.goal = goal

    def __call__(self, asked: Sequence[tuple[int, int]]) -> list[Answer]:
        return [
            answer if n % 3 == 2 else answer._replace(gap=self._gap(self.firsts[n] or 10**10, m))
            for (n, m), answer in zip(asked, super().__call__(asked), strict=True)
        ]

    def _gap(self, first: int, m: int) -> float:
        far = 400 * (m - first + 0.5) / (m + 3 * first)
        return self.goal + (math.floor(far * 100) + (1 if m >= first else 0)) / 100


@pytest.mark.parametrize("cuts", [1, 3, 7, 15])
@pytest.mark.parametrize("seed", range(3))
def test_the_first_step_that_holds(cuts: int, seed: int) -> None:
    draw = random.Random(seed)
    firsts = [*LIMITS, *(draw.randint(1, 10**9) for _ in range(20)), None]
    spans = [Span(draw.choice([1, 1000, 10**6]), 10**10) for _ in firsts]
    assert search(spans, Question(firsts), cuts=cuts) == firsts


@pytest.mark.parametrize("cuts", [1, 3, 7, 15])
@pytest.mark.parametrize("goal", [0, 1, -2])
def test_gaps_only_say_where_to_ask(cuts: int, goal: int) -> None:
    draw = random.Random(cuts)
    firsts = [*LIMITS, *(draw.randint(1, 10**9) for _ in range(20)), None]
    spans = [Span(draw.choice([1000, 10**6]), 10**10) for _ in firsts]
    assert search(spans, Measured(firsts, goal), cuts=cuts) == firsts


def test_gaps_save_rounds() -> None:
    firsts = [1_461_687, 2_170_438]
    spans = [Span(f - 70_000, 10**9) for f in firsts]
    plain, measured = Question(firsts), Measured(firsts, 0)
    measured._gap = lambda first, m: round((m - first) / 400, 2)  # type: ignore[method-assign]
    assert search(spans, measured, cuts=7) == search(spans, plain, cuts=7) == firsts
    assert (measured.rounds, plain.rounds) == (3, 7)


def test_what_holds_only_beyond_the_end_is_not_found() -> None:
    assert search([Span(10, 100), Span(10, 0), Span(10, 101)], Question([101, 1, 101]), cuts=3) == [None, None, 101]


@pytest.mark.parametrize("off", [0, 1, -1, 5, -1000, 10**6, -(10**6)])
def test_a_guess_is_put_right(off: int) -> None:
    firsts = [2_000_000, 1, 10**9, None]
    guesses = [None if f is None else max(1, f + off) for f in firsts]
    spans = [Span(10**6, 10**9) for _ in firsts]
    assert near(guesses, spans, Question(firsts), cuts=7) == firsts


def test_a_right_guess_costs_two_questions() -> None:
    question = Question([77, 10**6])
    assert near([77, 10**6], [Span(100, 10**7)] * 2, question, cuts=7) == [77, 10**6]
    assert (question.rounds, question.asked) == (1, 4)


def test_a_rough_guess_is_put_right_in_few_rounds() -> None:
    firsts = [1_461_687, 2_170_438]
    question = Measured(firsts, 0)
    question._gap = lambda first, m: round((m - first) / 400, 2)  # type: ignore[method-assign]
    guesses = [int(f * 0.95) for f in firsts]
    spans = [Span(10**6, 10**9) for _ in firsts]
    assert near(guesses, spans, question, cuts=7, rough={n: -f / 400 for n, f in enumerate(firsts)}) == firsts
    assert question.rounds <= 3


def test_a_missing_guess_that_is_wrong_is_searched() -> None:
    assert near([None], [Span(100, 10**7)], Question([4_321]), cuts=7) == [4_321]


def test_an_island_is_told_to_the_step() -> None:
    def holds(asked: Sequence[tuple[int, int]]) -> list[Answer]:
        return [Answer(40 <= m <= 60 or m >= 700) for _, m in asked]

    found = search([Span(100, 1000)], holds, cuts=3)[0]
    # Wherever the points fall: what is found holds, and one step less does not.
    assert found in (40, 700)
