"""The smallest step along a lever that makes something true, for many levers at once, exact to the grid.

A lever is asked at whole numbers of steps. First at some points ever farther away; between the last that failed and
the first that held the bracket is cut until it is one step wide: where answers say how far they are from the goal, near
the place at which a straight line between them meets it, else into equal parts. So what is found holds, and one step
less does not; where holding is no matter of more or less alone (a benchmark that moves along), it is the first such
place that the points show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mujun.dataclass import dataclass

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

AT_ONCE, MOST_CUTS = 20, 255
"""About how many places are asked in a round, and the most of one bracket."""

MANY_CUTS = 15
"""So many places of a bracket are more than a straight line needs."""

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

    def dense(self) -> list[int]:
        """Places an eighth of an octave apart, from a hundredth of the value on; beside the end as well."""
        steps = {int(self.scale * 2 ** (k / 8)) for k in range(-53, 81)}
        return sorted(m for s in steps for m in (s, self.most - s) if 0 < m <= self.most)


def search(spans: Sequence[Span], holds: Holds, *, cuts: int, at_once: int = AT_ONCE) -> list[int | None]:
    """For each lever the steps at which it first holds, or `None` where it does nowhere.

    Args:
        spans: how far each lever goes. At no step nothing holds.
        holds: the question.
        cuts: into how many parts a bracket is cut at a time, less one, at least.
        at_once: about how many places are asked at once: of few levers more, for a round costs something by itself.
    """
    asked = [(number, m) for number, span in enumerate(spans) for m in span.points()]
    return narrowed(_bracketed(asked, holds(asked), range(len(spans))), holds, cuts=cuts, at_once=at_once)


def near(
    guesses: Sequence[int | None],
    spans: Sequence[Span],
    holds: Holds,
    *,
    cuts: int,
    at_none: Mapping[int, float | None] | None = None,
    rough: Container[int] = (),
) -> list[int | None]:
    """As `search`, with a guess for each lever that is mostly right: it and the step before are asked first.

    Args:
        guesses: the steps at which each probably first holds; `None`: probably nowhere.
        spans, holds, cuts: as for `search`.
        at_none: how far levers are from their goal at no step, where that is known.
        rough: the levers whose guess is a rough one.
    """
    at_none = at_none or {}
    first = [first_asked(guess, spans[n], rough=n in rough) for n, guess in enumerate(guesses)]
    asked = [(n, m) for n, several in enumerate(first) for m in several]
    results: list[int | None] = list(guesses)
    answers = dict(zip(asked, holds(asked), strict=True))
    wrong = [n for n, guess in enumerate(guesses) if not _right(n, guess, spans[n], answers)]
    while True:
        known = sorted(a for a in answers if a[0] in wrong)
        brackets = _bracketed(known, [answers[a] for a in known], wrong)
        refined = {
            n: b._replace(below=at_none.get(n)) if b.low == 0 else b for n, b in brackets.items() if b.high is not None
        }
        for n, steps in zip(refined, narrowed(refined, holds, cuts=cuts), strict=True):
            results[n] = steps
        wrong = [n for n in wrong if n not in refined]
        around = [(n, m) for n in wrong for m in _around(guesses[n], spans[n]) if (n, m) not in answers]
        if not around:
            break
        answers |= dict(zip(around, holds(around), strict=True))
    for n in wrong:
        results[n] = None
    return results


def first_asked(guess: int | None, span: Span, *, rough: bool = False) -> list[int]:
    """Where a guess is confirmed: there and at the step before it, of a rough one beyond it as well.

    What others are held against may rise along with it.
    """
    if guess is None:
        return span.points() if rough else [span.most] * bool(span.most)
    beyond = [-(-guess * part // 100) for part in (102, 108, 135, 200)] if rough else []
    return [m for m in (guess - 1, guess, *beyond) if 0 < m <= span.most]


def _right(n: int, guess: int | None, span: Span, answers: Mapping[Asked, Answer]) -> bool:
    if guess is None:
        return not any(answers.get((n, m), NOT_HELD).held for m in span.points())
    return answers.get((n, guess), NOT_HELD).held and not answers.get((n, guess - 1), NOT_HELD).held


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


def narrowed(brackets: dict[int, Bracket], holds: Holds, *, cuts: int, at_once: int = AT_ONCE) -> list[int | None]:
    """Brackets cut down to one step; in the order of the brackets, `None` where nothing held."""
    turn = 0
    while True:
        open_ = sum(1 for b in brackets.values() if b.high is not None and b.high - b.low > 1)
        wide = max(cuts, min(MOST_CUTS, at_once // max(1, open_)) | 1)
        asked = [(n, m) for n, bracket in brackets.items() for m in _between(bracket, wide, turn)]
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
    around: Iterable[int] = ()
    if measured is not None:
        # Points that stand still from a cap on put the line far off: where many places are asked, half are equal parts.
        cuts, near = (cuts // 2, cuts - cuts // 2) if cuts >= MANY_CUTS else (0, cuts)
        around = _around_met(bracket, *measured, (near - 1) // 2)
    equal = (low + (high - low) * i // (cuts + 1) for i in range(1, cuts + 1))
    return sorted({p for p in (*around, *equal) if low < p < high})


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
