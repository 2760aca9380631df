"""The smallest step along a lever that makes something true, for many levers at once, exact to the grid.

A lever is asked at whole numbers of steps. First at some points ever farther away; between the last that failed and
the first that held the bracket is cut until it is one step wide: where answers say how far they are from the goal, near
the place at which a straight line between them meets it, else into equal parts. So what is found holds, and one step
less does not; where holding is no matter of more or less alone (a benchmark that moves along), it is the first such
place that the points show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Asked = tuple[int, int]
"""A lever's number and how many steps."""


class Answer(NamedTuple):
    """What becomes of a lever at a place.

    Attributes:
        held: whether the goal is reached.
        gap: about how far it is from that, in units of the last decimal of a score, negative where it is not reached;
            missing where that cannot be told. It only says where to ask next: what holds is what `held` says.
    """

    held: bool
    gap: float | None = None


NOT_HELD = Answer(held=False)

Holds = Callable[[Sequence[Asked]], Sequence[Answer]]
"""What is asked of several levers at several places, all at once."""


class Bracket(NamedTuple):
    """The last place that failed and the first beyond it that held, each with its gap."""

    low: int = 0
    high: int | None = None
    below: float | None = None
    above: float | None = None


FINEST = 0.01
"""The gap that is not measured any more: points are rounded there."""

NEAREST, FARTHEST = -13, 9
"""The points first asked: the scale times every other power of two between these."""


@dataclass(frozen=True)
class Span:
    """How far a lever can go.

    Attributes:
        scale: the steps that double the value, roughly: where the first points lie.
        most: the most steps there are; 0: the lever cannot move.
    """

    scale: int
    most: int

    def points(self) -> list[int]:
        """The places asked first, nearest first."""
        powers = range(NEAREST, FARTHEST + 1, 2)
        steps = {max(1, self.scale * 2**k if k >= 0 else -(-self.scale // 2**-k)) for k in powers}
        return sorted({s for s in steps if s < self.most} | ({self.most} if self.most > 0 else set()))


def search(spans: Sequence[Span], holds: Holds, *, cuts: int) -> list[int | None]:
    """For each lever the steps at which it first holds, or `None` where it does nowhere.

    Args:
        spans: how far each lever goes. At no step nothing holds.
        holds: the question.
        cuts: into how many parts a bracket is cut at a time, less one.
    """
    asked = [(number, m) for number, span in enumerate(spans) for m in span.points()]
    return narrowed(_bracketed(asked, holds(asked), range(len(spans))), holds, cuts=cuts)


def near(guesses: Sequence[int | None], spans: Sequence[Span], holds: Holds, *, cuts: int) -> list[int | None]:
    """As `search`, with a guess for each lever that is mostly right: it and the step before are asked first.

    Args:
        guesses: the steps at which each probably first holds; `None`: probably nowhere.
        spans, holds, cuts: as for `search`.
    """
    asked = [
        (n, m)
        for n, guess in enumerate(guesses)
        for m in ([spans[n].most] if guess is None else [guess - 1, guess])
        if 0 < m <= spans[n].most
    ]
    results: list[int | None] = list(guesses)
    wrong: list[int] = []
    answers = dict(zip(asked, holds(asked), strict=True))
    for n, guess in enumerate(guesses):
        if guess is None:
            right = not answers.get((n, spans[n].most), NOT_HELD).held
        else:
            right = answers.get((n, guess), NOT_HELD).held and not answers.get((n, guess - 1), NOT_HELD).held
        if not right:
            wrong.append(n)
    if not wrong:
        return results
    around = {n: _around(guesses[n], spans[n]) for n in wrong}
    asked = [(n, m) for n in wrong for m in around[n]]
    several = narrowed(_bracketed(asked, holds(asked), wrong), holds, cuts=cuts)
    for n, steps in zip(wrong, several, strict=True):
        results[n] = steps
    return results


def _around(guess: int | None, span: Span) -> list[int]:
    """Places ever farther away from a guess on either side, and the span's own."""
    if guess is None:
        return span.points()
    offsets = [2**k for k in range(0, 40, 2)]
    places = {guess, *(guess - o for o in offsets), *(guess + o for o in offsets)}
    return sorted({p for p in places if 0 < p <= span.most} | {span.most})


def _bracketed(asked: Sequence[Asked], answers: Sequence[Answer], levers: Iterable[int]) -> dict[int, Bracket]:
    """Each lever's bracket after answers asked in order: the last place that failed before the first that held."""
    brackets = dict.fromkeys(levers, Bracket())
    for (n, m), answer in zip(asked, answers, strict=True):
        bracket = brackets[n]
        if bracket.high is None:
            brackets[n] = _taken(bracket, m, answer)
    return brackets


def _taken(bracket: Bracket, place: int, answer: Answer) -> Bracket:
    """A bracket after one more answer from inside it."""
    if answer.held:
        return bracket._replace(high=place, above=answer.gap)
    return bracket._replace(low=place, below=answer.gap)


def within(places: Sequence[Sequence[int]], holds: Holds, *, cuts: int) -> list[int | None]:
    """For each lever the steps at which it first holds, seen from some places; `None` where it holds at none of them.

    Args:
        places: for each lever where to ask, in order.
        holds, cuts: as for `search`.
    """
    asked = [(n, m) for n, several in enumerate(places) for m in several]
    if not asked:
        return [None] * len(places)
    return narrowed(_bracketed(asked, holds(asked), range(len(places))), holds, cuts=cuts)


def narrowed(brackets: dict[int, Bracket], holds: Holds, *, cuts: int) -> list[int | None]:
    """Brackets cut down to one step; in the order of the brackets, `None` where nothing held."""
    turn = 0
    while True:
        asked = [(n, m) for n, bracket in brackets.items() for m in _between(bracket, cuts, turn)]
        if not asked:
            return [bracket.high for bracket in brackets.values()]
        brackets = _cut(brackets, asked, holds(asked))
        turn += 1


def _between(bracket: Bracket, cuts: int, turn: int) -> list[int]:
    """Places strictly within a bracket, in order; none where it is one step wide or open."""
    low, high = bracket.low, bracket.high
    if high is None or high - low <= 1:
        return []
    # Every fourth time equal parts, for brackets in which points are no straight line.
    measured = None if cuts < 3 or turn % 4 == 3 else _met(bracket)
    if measured is None:
        places: Iterable[int] = (low + (high - low) * i // (cuts + 1) for i in range(1, cuts + 1))
    else:
        places = _around_met(bracket, *measured, (cuts - 1) // 2)
    return sorted({p for p in places if low < p < high})


def _met(bracket: Bracket) -> tuple[int, int] | None:
    """Where a straight line between a bracket's gaps meets the goal, and how many steps `FINEST` makes on it.

    Scores are rounded: a goal that is not met at zero (other firms' scores move too, equals stand behind) is met at a
    whole number of units.
    """
    low, high, below, above = bracket
    if high is None or below is None or above is None or above - below < 4 * FINEST:
        return None
    goal = 0 if below < 0 <= above else math.floor(below) + 1
    if goal > above:
        return None
    width = high - low
    met = low + int(width * ((goal - below) / (above - below)))
    return min(max(met, low + 1), high - 1), max(1, int(width * FINEST / (above - below)))


def _around_met(bracket: Bracket, met: int, finest: int, sides: int) -> Iterator[int]:
    """A place with others on either side of it, from the nearest that tells anything to a quarter of the bracket."""
    yield met
    farthest = max(finest, ((bracket.high or 0) - bracket.low) // 4)
    for i in range(sides):
        far = round(finest * (farthest / finest) ** (i / max(1, sides - 1)))
        yield from (met - far, met + far)


def _cut(brackets: dict[int, Bracket], asked: Sequence[Asked], answers: Sequence[Answer]) -> dict[int, Bracket]:
    new = dict(brackets)
    done: set[int] = set()
    for (n, m), answer in zip(asked, answers, strict=True):
        if n in done:
            continue
        new[n] = _taken(new[n], m, answer)
        if answer.held:
            done.add(n)
    return new
