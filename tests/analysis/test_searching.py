"""A search finds the first step that holds, exact to one step, with or without a good guess."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from mujun.analysis.searching import Span, near, search

LIMITS = [1, 2, 3, 17, 1000, 123_456_789, 10**9, 5 * 10**9]


class Question:
    """Levers that hold from some step on; counts how often it is asked."""

    def __init__(self, firsts: Sequence[int | None]) -> None:
        self.firsts, self.rounds, self.asked = firsts, 0, 0

    def __call__(self, asked: Sequence[tuple[int, int]]) -> list[bool]:
        self.rounds += 1
        self.asked += len(asked)
        return [(first := self.firsts[n]) is not None and m >= first for n, m in asked]


@pytest.mark.parametrize("cuts", [1, 3, 7, 15])
@pytest.mark.parametrize("seed", range(3))
def test_the_first_step_that_holds(cuts: int, seed: int) -> None:
    draw = random.Random(seed)
    firsts = [*LIMITS, *(draw.randint(1, 10**9) for _ in range(20)), None]
    spans = [Span(draw.choice([1, 1000, 10**6]), 10**10) for _ in firsts]
    assert search(spans, Question(firsts), cuts=cuts) == firsts


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


def test_a_missing_guess_that_is_wrong_is_searched() -> None:
    assert near([None], [Span(100, 10**7)], Question([4_321]), cuts=7) == [4_321]


def test_an_island_is_told_to_the_step() -> None:
    def holds(asked: Sequence[tuple[int, int]]) -> list[bool]:
        return [40 <= m <= 60 or m >= 700 for _, m in asked]

    found = search([Span(100, 1000)], holds, cuts=3)[0]
    # Wherever the points fall: what is found holds, and one step less does not.
    assert found in (40, 700)
