"""The smallest step along a lever that makes something true, for many levers at once, exact to the grid.

A lever is asked at whole numbers of steps. First at some points ever farther away; between the last that failed and
the first that held the bracket is cut into equal parts until it is one step wide. So what is found holds, and one step
less does not; where holding is no matter of more or less alone (a benchmark that moves along), it is the first such
place that the points show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Asked = tuple[int, int]
"""A lever's number and how many steps."""

Holds = Callable[[Sequence[Asked]], Sequence[bool]]
"""What is asked of several levers at several places, all at once."""

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
    brackets = _bracketed(asked, holds(asked), dict.fromkeys(range(len(spans)), (0, None)))
    return narrowed(brackets, holds, cuts=cuts)


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
    held = dict(zip(asked, holds(asked), strict=True))
    for n, guess in enumerate(guesses):
        if guess is None:
            right = not held.get((n, spans[n].most), False)
        else:
            right = held.get((n, guess), False) and not held.get((n, guess - 1), False)
        if not right:
            wrong.append(n)
    if not wrong:
        return results
    around = {n: _around(guesses[n], spans[n]) for n in wrong}
    asked = [(n, m) for n in wrong for m in around[n]]
    brackets = _bracketed(asked, holds(asked), dict.fromkeys(wrong, (0, None)))
    several = narrowed(brackets, holds, cuts=cuts)
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


def _bracketed(
    asked: Sequence[Asked], answers: Sequence[bool], brackets: dict[int, tuple[int, int | None]]
) -> dict[int, tuple[int, int | None]]:
    """Each lever's bracket after some answers: the last place that failed before the first that held."""
    for (n, m), held in zip(asked, answers, strict=True):
        low, high = brackets[n]
        if high is not None and m >= high:
            continue
        if held:
            brackets[n] = (low, m)
        elif high is None or m < high:
            brackets[n] = (max(low, m), high)
    return brackets


def within(places: Sequence[Sequence[int]], holds: Holds, *, cuts: int) -> list[int | None]:
    """For each lever the steps at which it first holds, seen from some places; `None` where it holds at none of them.

    Args:
        places: for each lever where to ask, in order.
        holds, cuts: as for `search`.
    """
    asked = [(n, m) for n, several in enumerate(places) for m in several]
    if not asked:
        return [None] * len(places)
    brackets = _bracketed(asked, holds(asked), dict.fromkeys(range(len(places)), (0, None)))
    return narrowed(brackets, holds, cuts=cuts)


def narrowed(brackets: dict[int, tuple[int, int | None]], holds: Holds, *, cuts: int) -> list[int | None]:
    """Brackets cut down to one step; in the order of the brackets, `None` where nothing held."""
    while True:
        asked = [
            (n, m)
            for n, (low, high) in brackets.items()
            if high is not None and high - low > 1
            for m in _between(low, high, cuts)
        ]
        if not asked:
            return [high for _, high in brackets.values()]
        brackets = _cut(brackets, asked, holds(asked))


def _between(low: int, high: int, cuts: int) -> Iterable[int]:
    """Equal places strictly between two."""
    return sorted({low + (high - low) * i // (cuts + 1) for i in range(1, cuts + 1)} - {low, high})


def _cut(
    brackets: dict[int, tuple[int, int | None]], asked: Sequence[Asked], answers: Sequence[bool]
) -> dict[int, tuple[int, int | None]]:
    new = dict(brackets)
    done: set[int] = set()
    for (n, m), held in zip(asked, answers, strict=True):
        if n in done:
            continue
        low, high = new[n]
        if held:
            new[n] = (low, m)
            done.add(n)
        else:
            new[n] = (m, high)
    return new
