"""Sharing out a pool (freed energy, land, emission rights) by priority, then by weight, never beyond need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem

SMALLEST = Decimal("0.000001")
"""The unit of quantities: any pool and any need is a multiple of it."""


@dataclass(frozen=True)
class Project:
    """Who wants something of the pool.

    Attributes:
        id: its name.
        need: how much it can use at most.
        priority: projects of a lower number are served first, as far as they need.
        weight: among equals, shares are in proportion to it (value added per energy, say).
    """

    id: str
    need: Decimal
    priority: int = 1
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class Shared:
    """What one project gets, and what it lacks."""

    project: Project
    given: Decimal

    @property
    def shortfall(self) -> Decimal:
        """What is missing to its need."""
        return self.project.need - self.given


@dataclass(frozen=True)
class SharedPool:
    """A pool shared out; projects in order of priority and id."""

    pool: Decimal
    step: Decimal
    shares: tuple[Shared, ...]

    @property
    def given(self) -> Decimal:
        """What was given in all."""
        return sum((s.given for s in self.shares), Decimal(0))

    @property
    def left(self) -> Decimal:
        """What is left when all needs are met."""
        return self.pool - self.given

    @property
    def shortfall(self) -> Decimal:
        """What all projects together lack."""
        return sum((s.shortfall for s in self.shares), Decimal(0))

    @property
    def short(self) -> tuple[Shared, ...]:
        """The projects that get less than they need."""
        return tuple(s for s in self.shares if s.shortfall > 0)


def share_pool(pool: Decimal, projects: Iterable[Project], *, step: Decimal = SMALLEST) -> SharedPool:
    """A pool shared out exactly: all of it is given, or every need is met.

    Within a priority the shares are in proportion to the weights; a project whose share would be beyond its need gets
    its need and the others share the rest anew. What whole steps leave over goes to the largest remainders, of equal
    ones to the smaller id. The order of the projects does not matter.

    Args:
        pool: what there is.
        projects: who wants it.
        step: the smallest unit that is given, such as 1 or 0.01; pool and needs are multiples of it.

    Raises:
        UsageError: a negative pool or need, a weight that is not above zero, an id twice, or no multiples of the step.

    >>> found = share_pool(Decimal(10), [Project("a", Decimal(9)), Project("b", Decimal(9)), Project("c", Decimal(1))])
    >>> [(s.project.id, s.given) for s in found.shares]
    [('a', Decimal('4.500000')), ('b', Decimal('4.500000')), ('c', Decimal('1.000000'))]
    """
    several = sorted(projects, key=lambda p: (p.priority, p.id))
    _check(pool, several, step)
    left = _steps(pool, step)
    shares: list[Shared] = []
    for _, group in groupby(several, key=lambda p: p.priority):
        equals = list(group)
        given = _by_weight(
            left, {p.id: _steps(p.need, step) for p in equals}, {p.id: Fraction(p.weight) for p in equals}
        )
        left -= sum(given.values())
        shares += [Shared(p, given[p.id] * step) for p in equals]
    return SharedPool(pool, step, tuple(shares))


def _by_weight(pool: int, needs: Mapping[str, int], weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Whole steps by weight, nobody beyond need."""
    if pool >= sum(needs.values()):
        return dict(needs)
    given: dict[str, int] = {}
    open_ = dict(needs)
    rest = pool
    while True:
        total = sum(weights[i] for i in open_)
        full = {i: n for i, n in open_.items() if n * total <= rest * weights[i]}
        if not full:
            break
        given |= full
        rest -= sum(full.values())
        open_ = {i: n for i, n in open_.items() if i not in full}
    exact = {i: rest * weights[i] / total for i in open_}
    parts = {i: int(e) for i, e in exact.items()}
    over = rest - sum(parts.values())
    by_remainder = sorted(open_, key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[:over]:
        parts[i] += 1
    return given | parts


def _steps(value: Decimal, step: Decimal) -> int:
    steps = Fraction(value) / Fraction(step)
    return steps.numerator // steps.denominator


def _check(pool: Decimal, projects: list[Project], step: Decimal) -> None:
    problems: list[Problem] = []
    if pool < 0:
        problems.append(problem("pool_not_positive", pool=pool))
    for identity, count in Counter(p.id for p in projects).items():
        if count > 1:
            problems.append(problem("pool_twice", id=identity))
    for p in projects:
        if p.weight <= 0 or p.need < 0:
            problems.append(problem("pool_weight", id=p.id, weight=p.weight, need=p.need))
    amounts = [("pool", pool), *((p.id, p.need) for p in projects)]
    for what, value in amounts:
        if step <= 0 or (Fraction(value) / Fraction(step)).denominator != 1:
            problems.append(problem("pool_step", what=what, value=value, step=step))
    if problems:
        raise UsageError(problems)
