"""Levers brought to their goals: how many steps each takes, by rating again, or where it comes nearest.

A value is put in and the subject is rated again: alone, where nothing of the others depends on it (`Candidates`), else
with the whole county (`Worlds`). Both are the engine's own steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl

from mujun.analysis.levers import Lever
from mujun.analysis.searching import Answer, Asked, Holds, near, search, within
from mujun.analysis.stretches import CUTS, Stretches
from mujun.rating import Rating
from mujun.rating.candidates import Candidates
from mujun.rating.change import Change
from mujun.rating.worlds import Worlds

Row = Mapping[str, Any]
Goal = Callable[[Row | None], bool]
Rated = Callable[[Sequence[Change]], Sequence[Row | None]]

WORLD_CUTS = 7
"""Into how many parts, less one, a bracket is cut where a county is rated for each answer."""


ALONE_CUTS, AT_ONCE = 3, 6000
"""The same where a subject is rated by itself, and how many places are asked at once: so many cost little more than
one."""


@dataclass(frozen=True)
class Task:
    """A lever with what is wanted of it, and whether the subject can be rated by itself.

    Attributes:
        lever: the lever.
        goal: whether a subject's row is what is wanted.
        close: whether rating the subject by itself is nearly right.
        alone: whether it is exactly right.
        level: about which score it is that decides, where a score does.
        rises: whether the score has to rise to it; else it falls below.
    """

    lever: Lever
    goal: Goal
    close: bool
    alone: bool
    level: Decimal | None = None
    rises: bool = True


@dataclass(frozen=True)
class Left:
    """The first place at which a subject that is moved is no longer rated, how it is treated there, and why."""

    steps: int
    treatment: str
    reason: str | None


@dataclass(frozen=True)
class Solved:
    """What became of a task.

    Attributes:
        task: the task.
        steps: at how many the goal is first reached; `None`: nowhere.
        end: the subject there, or where it came nearest.
        left: where it leaves the rating, if the goal is not reached.
        any_value: the goal is reached wherever it was asked.
    """

    task: Task
    steps: int | None
    end: Row | None
    left: Left | None = None
    any_value: bool = False


class Solver:
    """The county in which levers are moved.

    Args:
        rating: the rating.
        frame: the frame that was rated.
        previous: last year's frame, where the rules look back.
    """

    def __init__(self, rating: Rating, frame: pl.DataFrame, previous: pl.DataFrame | None) -> None:
        self.rating, self.frame, self.previous = rating, frame, previous
        self._remembered: dict[tuple[object, ...], Row | None] = {}

    @cached_property
    def candidates(self) -> Candidates:
        """Subjects rated again by themselves."""
        return Candidates(self.rating)

    @cached_property
    def worlds(self) -> Worlds:
        """Subjects rated again with their county."""
        return Worlds(self.rating, self.frame, self.previous)

    @cached_property
    def stretches(self) -> Stretches:
        """Where levers cross an edge of the rules."""
        return Stretches(self.rating.plan, self.worlds)

    def solve(self, tasks: Sequence[Task]) -> list[Solved]:
        """Each task with the steps at which its goal is first reached, in their order."""
        self._remembered.clear()
        steps = self._seen_from_afar(tasks)
        # What no place far and near reaches may lie between two of them: the edges of the rules are asked one by one.
        lost = [i for i, fewest in enumerate(steps) if fewest is None and tasks[i].lever.span.most]
        follow = [tasks[i].close and tasks[i].lever.kind != "figure" for i in lost]
        places = self.stretches.places([tasks[i].lever for i in lost], follow) if lost else []
        for alone, rated, cuts in ((True, self._by_themselves, CUTS), (False, self.with_county, WORLD_CUTS)):
            mine = [k for k, i in enumerate(lost) if tasks[i].alone == alone]
            holds = self._holding([tasks[lost[k]] for k in mine], rated)
            for k, fewest in zip(mine, within([places[k] for k in mine], holds, cuts=cuts), strict=True):
                steps[lost[k]] = fewest
        looked_at = dict(zip(lost, places, strict=True))
        asked = [
            [fewest] if fewest is not None else [*looked_at.get(i, ()), tasks[i].lever.span.most]
            for i, fewest in enumerate(steps)
        ]
        return self._ends(tasks, steps, asked)

    def _seen_from_afar(self, tasks: Sequence[Task]) -> list[int | None]:
        fewest: list[int | None] = [None] * len(tasks)
        close = [i for i, t in enumerate(tasks) if t.close]
        spans = [tasks[i].lever.span for i in close]
        by_themselves = self._holding([tasks[i] for i in close], self._by_themselves)
        guesses = search(spans, by_themselves, cuts=ALONE_CUTS, at_once=AT_ONCE) if close else []
        for i, steps in zip(close, guesses, strict=True):
            fewest[i] = steps
        open_ = [i for i, t in enumerate(tasks) if t.close and not t.alone]
        for i, steps in zip(open_, self._checked([tasks[i] for i in open_], [fewest[i] for i in open_]), strict=True):
            fewest[i] = steps
        rest = [i for i, t in enumerate(tasks) if not t.close]
        spans = [tasks[i].lever.span for i in rest]
        with_county = self._holding([tasks[i] for i in rest], self.with_county)
        for i, steps in zip(rest, search(spans, with_county, cuts=WORLD_CUTS) if rest else [], strict=True):
            fewest[i] = steps
        return fewest

    def _checked(self, tasks: Sequence[Task], guesses: Sequence[int | None]) -> list[int | None]:
        if not tasks:
            return []
        holds, spans = self._holding(tasks, self.with_county), [t.lever.span for t in tasks]
        return near(guesses, spans, holds, cuts=WORLD_CUTS, rough=self._gaps_of_figures(tasks))

    def _gaps_of_figures(self, tasks: Sequence[Task]) -> dict[int, float | None]:
        """How far the subjects whose figures move are from their goals as things stand, by the task's place."""
        moving = {i: t for i, t in enumerate(tasks) if t.lever.kind == "figure"}
        mine = pl.col("subject").is_in({t.lever.subject for t in moving.values()})
        now = self.rating.subjects.filter(mine).select("subject", *self._height)
        rows = {r["subject"]: r for r in now.iter_rows(named=True)}
        return {i: self._gap(t, rows[t.lever.subject]) for i, t in moving.items()}

    def _by_themselves(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        looked_at = ("_tier", *self._height)
        return list(self.candidates.rate(changes).select(looked_at).iter_rows(named=True)) if changes else []

    @cached_property
    def _height(self) -> tuple[str, ...]:
        """The columns that add up to the score before it is rounded."""
        adjustments = self.rating.plan.rating.adjustments
        loose = [f"adj_{a.id}" for a in adjustments.items if a.family is None]
        return "score:points", *loose, *(f"family:{name}" for name in adjustments.families)

    def _gap(self, task: Task, row: Row | None) -> float | None:
        """About how far a subject's points are beyond what the task wants of them, in the last decimal of a score."""
        if task.level is None or row is None:
            return None
        parts = [row[name] for name in self._height]
        if any(p is None for p in parts):
            return None
        decimals = self.rating.plan.rating.decimals
        beyond = (sum(parts, Decimal(0)) - task.level).scaleb(decimals.score)
        # What lies half a unit below a score is rounded to it.
        half = Decimal("0.5") if decimals.score < decimals.points else Decimal(0)
        return float(beyond + half) * (1 if task.rises else -1)

    def _holding(self, tasks: Sequence[Task], rated: Rated) -> Holds:
        """Whether tasks reach their goals at some places, as a way of rating says, and how far they are from it."""

        def holds(asked: Sequence[Asked]) -> list[Answer]:
            rows = rated([tasks[n].lever.change(m) for n, m in asked])
            return [
                Answer(tasks[n].goal(row), self._gap(tasks[n], row)) for (n, _), row in zip(asked, rows, strict=True)
            ]

        return holds

    def with_county(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        """The county rated again for each change; what was asked before in this round is remembered."""
        keys = [(c.subject, tuple(c.indicators.items()), tuple(c.figures.items())) for c in changes]
        new = {k: c for k, c in zip(keys, changes, strict=True) if k not in self._remembered}
        if new:
            self._remembered |= dict(zip(new, self.worlds.rate(list(new.values())), strict=True))
        return [self._remembered[k] for k in keys]

    def _ends(
        self, tasks: Sequence[Task], steps: Sequence[int | None], places: Sequence[Sequence[int]]
    ) -> list[Solved]:
        """Each task's subject at what was found, or where it came nearest: at its best score while it is rated."""
        best: list[Row | None] = [None] * len(tasks)
        left: list[Left | None] = [None] * len(tasks)
        for alone in (True, False):
            mine = [i for i, t in enumerate(tasks) if t.alone == alone and (steps[i] or t.lever.span.most)]
            asked = [(i, m) for i in mine for m in places[i]]
            changes = [tasks[i].lever.change(m) for i, m in asked]
            rows = self._whole_rows(changes) if alone else self.with_county(changes)
            for (i, m), row in zip(asked, rows, strict=True):
                if steps[i] is not None or _nearer(row, best[i]):
                    best[i] = row
                if steps[i] is None and left[i] is None and row is not None and row["treatment"] != "rated":
                    left[i] = Left(m, row["treatment"], row["reason"])
        any_value = self._indifferent(tasks, steps)
        return [Solved(*told, i in any_value) for i, told in enumerate(zip(tasks, steps, best, left, strict=True))]

    def _indifferent(self, tasks: Sequence[Task], steps: Sequence[int | None]) -> set[int]:
        """The tasks that reach their goals at the first step and everywhere beyond."""
        first = [i for i, fewest in enumerate(steps) if fewest == 1 and tasks[i].lever.missing]
        asked = [(i, m) for i in first for m in tasks[i].lever.span.points()]
        rows = self.with_county([tasks[i].lever.change(m) for i, m in asked])
        return set(first) - {i for (i, _), row in zip(asked, rows, strict=True) if not tasks[i].goal(row)}

    def _whole_rows(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        return list(self.candidates.rate(changes).iter_rows(named=True)) if changes else []


def _nearer(row: Row | None, than: Row | None) -> bool:
    """Whether a place is to be told of rather than another: rated before not, then by the score."""

    def key(r: Row | None) -> tuple[bool, bool, Decimal]:
        rated = r is not None and r["treatment"] == "rated"
        score = r["score"] if r is not None else None
        return rated, score is not None, score or Decimal(0)

    return than is None or key(row) >= key(than)
