"""Levers brought to their goals: how many steps each takes, by rating again, or where it comes nearest.

A value is put in and the subject is rated again: alone, where nothing of the others depends on it (`Candidates`), else
with the whole county (`Worlds`). Both are the engine's own steps.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl

from mujun.analysis.estimating import Estimates, Wanted
from mujun.analysis.levers import Lever
from mujun.analysis.searching import AT_ONCE as SEARCHED_AT_ONCE
from mujun.analysis.searching import Answer, Asked, Holds, first_asked, near, search, within
from mujun.analysis.stretches import CUTS, Stretches
from mujun.dataclass import dataclass
from mujun.rating import Rating
from mujun.rating.adjusting import added_up
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


ESTIMATED_AT_ONCE, FEWEST_AT_ONCE, MOVED_AT_ONCE = 300, 60, 1_000_000
"""How many are estimated at once where others move along, at most and at least, and of how many subjects in all: each
costs as much as they."""


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
        end: the subject there, or where it came nearest: at least what is told of it (`Solver.told`).
        left: where it leaves the rating, if the goal is not reached.
        any_value: the goal is reached wherever it was asked.
    """

    task: Task
    steps: int | None
    end: Row | None
    left: Left | None = None
    any_value: bool = False


@dataclass(frozen=True)
class _Alone:
    """A subject rated by itself: what a search looks at, and where its whole row is."""

    seen: Row
    frame: pl.DataFrame
    place: int


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
        self._rows_alone: dict[tuple[object, ...], _Alone] = {}
        self._edges: dict[int, list[int]] = {}
        self._before: dict[tuple[int, int], list[int]] = {}

    @cached_property
    def candidates(self) -> Candidates:
        """Subjects rated again by themselves."""
        return Candidates(self.rating)

    @cached_property
    def worlds(self) -> Worlds:
        """Subjects rated again with their county."""
        return Worlds(self.rating, self.frame, self.previous)

    @cached_property
    def estimates(self) -> Estimates:
        """What becomes of subjects, about."""
        return Estimates(self.rating, lambda changes: self.worlds.alone(changes))

    @cached_property
    def stretches(self) -> Stretches:
        """Where levers cross an edge of the rules."""
        return Stretches(self.rating.plan, self.worlds)

    def solve(self, tasks: Sequence[Task]) -> list[Solved]:
        """Each task with the steps at which its goal is first reached, in their order."""
        self._forget()
        steps = self._seen_from_afar(tasks)
        # What no place far and near reaches may lie between two of them: the edges of the rules are asked one by one.
        lost = [i for i, fewest in enumerate(steps) if fewest is None and tasks[i].lever.span.most]
        places = self._edges_of(tasks, lost)
        if self._turns_by_place:
            places = {i: sorted({*several, *tasks[i].lever.span.dense()}) for i, several in places.items()}
        # And what a condition of the rules gives may lie nearer than what they showed.
        nearer = self._conditions_before(tasks, dict(enumerate(steps)))
        if self._turns_by_place:
            dense = {
                i: [m for m in tasks[i].lever.span.dense() if m < fewest] for i, fewest in enumerate(steps) if fewest
            }
            nearer = {i: sorted({*nearer.get(i, ()), *several}) for i, several in dense.items() if several}
        for alone, rated, cuts in ((True, self._by_themselves, CUTS), (False, self.with_county, WORLD_CUTS)):
            mine = [i for i in (*lost, *nearer) if tasks[i].alone == alone]
            holds, asked = self._holding([tasks[i] for i in mine], rated), [(places | nearer)[i] for i in mine]
            for i, fewest in zip(mine, within(asked, holds, cuts=cuts), strict=True):
                steps[i] = steps[i] if fewest is None else fewest
        at_last = [
            [fewest] if fewest is not None else [*places.get(i, ()), tasks[i].lever.span.most]
            for i, fewest in enumerate(steps)
        ]
        return self._ends(tasks, steps, at_last)

    @cached_property
    def _turns_by_place(self) -> bool:
        """Whether rules around the cut ask for a score or a place: they turn where no edge of a subject alone is."""
        plan = self.rating.plan
        asked = [*(when for _, when in plan.before), *(when for _, when in plan.after)]
        by_place = {"score", "rank", "size", *(f"{name}_points" for name in plan.rating.indicators)}
        picked = any(cut.picks for cut in plan.cuts.values())
        return picked or any(when is not None and when.names & by_place for when in asked)

    def _forget(self) -> None:
        self._remembered.clear()
        self._rows_alone.clear()
        self._edges.clear()
        self._before.clear()

    def _edges_of(self, tasks: Sequence[Task], lost: Sequence[int]) -> dict[int, list[int]]:
        """Of some tasks the places at which a stretch begins or ends; looked for once."""
        new = [i for i in lost if i not in self._edges]
        if new:
            at_rest = [tasks[i].close and tasks[i].lever.kind != "figure" for i in new]
            self._edges |= dict(zip(new, self.stretches.places([tasks[i].lever for i in new], at_rest), strict=True))
        return {i: self._edges[i] for i in lost}

    def _conditions_before(self, tasks: Sequence[Task], steps: Mapping[int, int | None]) -> dict[int, list[int]]:
        """Of tasks with a way the places before it at which a condition of the rules turns; those that have any."""
        found = {i: fewest for i, fewest in steps.items() if fewest is not None and fewest > 1}
        new = [(i, fewest) for i, fewest in found.items() if (i, fewest) not in self._before]
        at_rest = [tasks[i].close and tasks[i].lever.kind != "figure" for i, _ in new]
        several = self.stretches.places([tasks[i].lever for i, _ in new], at_rest, [fewest - 1 for _, fewest in new])
        self._before |= zip(new, several, strict=True)
        return {i: places for i, fewest in found.items() if (places := self._before[i, fewest])}

    def _seen_from_afar(self, tasks: Sequence[Task]) -> list[int | None]:
        """Each task's fewest steps as places far and near show them: guessed first, then confirmed by rating."""
        guesses = self._estimated(tasks)
        self._ask_at_once(tasks, guesses)
        guessed = list(guesses)
        sure = [i for i in guessed if tasks[i].alone]
        fewest = self._confirmed(tasks, sure, guesses, self._by_themselves, ALONE_CUTS)
        close = [i for i, t in enumerate(tasks) if t.close and i not in guesses]
        holds = self._holding([tasks[i] for i in close], self._by_themselves)
        guesses |= self._searched(tasks, close, holds, cuts=ALONE_CUTS, at_once=AT_ONCE)
        fewest |= {i: guesses[i] for i in close if tasks[i].alone}
        moving = [i for i, t in enumerate(tasks) if t.close and not t.alone]
        rough = {k for k, i in enumerate(moving) if i not in guessed and tasks[i].lever.kind == "figure"}
        fewest |= self._confirmed(tasks, moving, guesses, self.with_county, WORLD_CUTS, rough)
        rest = [i for i, t in enumerate(tasks) if not t.close]
        holds = self._holding([tasks[i] for i in rest], self.with_county)
        fewest |= self._searched(tasks, rest, holds, cuts=WORLD_CUTS)
        return [fewest[i] for i in range(len(tasks))]

    def _estimated(self, tasks: Sequence[Task]) -> dict[int, int | None]:
        """The tasks that can be estimated, each with the steps at which its goal is probably first reached."""
        covered = self.estimates.covered({t.lever.subject for t in tasks})
        mine = [i for i, t in enumerate(tasks) if t.close and t.lever.subject in covered]
        guesses: dict[int, int | None] = {}
        moving = min(ESTIMATED_AT_ONCE, max(FEWEST_AT_ONCE, MOVED_AT_ONCE // max(1, self.rating.subjects.height)))
        for still, at_once in ((True, AT_ONCE), (False, moving)):
            several = [i for i in mine if tasks[i].alone == still]
            holds = self.estimates.holds([_wanted(tasks[i]) for i in several])
            guesses |= self._searched(tasks, several, holds, cuts=ALONE_CUTS, at_once=at_once)
        lost = [i for i, guess in guesses.items() if guess is None and tasks[i].lever.span.most]
        places = self._edges_of(tasks, lost)
        holds = self.estimates.holds([_wanted(tasks[i]) for i in lost])
        return guesses | dict(zip(lost, within([places[i] for i in lost], holds, cuts=ALONE_CUTS), strict=True))

    def _ask_at_once(self, tasks: Sequence[Task], guesses: Mapping[int, int | None]) -> None:
        """What will be asked if all guesses are right, in one rating: a rating costs something by itself."""
        before = self._conditions_before(tasks, guesses)
        for alone, rated in ((True, self._by_themselves), (False, self.with_county)):
            rated(
                [
                    tasks[i].lever.change(m)
                    for i, guess in guesses.items()
                    if tasks[i].alone == alone
                    for m in (
                        *first_asked(guess, tasks[i].lever.span),
                        *(self._edges.get(i, ()) if guess is None else before.get(i, ())),
                    )
                ]
            )

    @staticmethod
    def _searched(
        tasks: Sequence[Task], mine: Sequence[int], holds: Holds, *, cuts: int, at_once: int = SEARCHED_AT_ONCE
    ) -> dict[int, int | None]:
        spans = [tasks[i].lever.span for i in mine]
        return dict(zip(mine, search(spans, holds, cuts=cuts, at_once=at_once) if mine else [], strict=True))

    def _confirmed(
        self,
        tasks: Sequence[Task],
        mine: Sequence[int],
        guesses: Mapping[int, int | None],
        rated: Rated,
        cuts: int,
        rough: Container[int] = (),
    ) -> dict[int, int | None]:
        if not mine:
            return {}
        several = [tasks[i] for i in mine]
        holds, spans, gaps = (
            self._holding(several, rated),
            [t.lever.span for t in several],
            self._gaps_of_figures(several),
        )
        steps = near([guesses[i] for i in mine], spans, holds, cuts=cuts, at_none=gaps, rough=rough)
        return dict(zip(mine, steps, strict=True))

    def _gaps_of_figures(self, tasks: Sequence[Task]) -> dict[int, float | None]:
        """How far the subjects whose figures move are from their goals as things stand, by the task's place."""
        moving = {i: t for i, t in enumerate(tasks) if t.lever.kind == "figure"}
        mine = pl.col("subject").is_in({t.lever.subject for t in moving.values()})
        now = self.rating.subjects.filter(mine).select("subject", *self._height)
        rows = {r["subject"]: r for r in now.iter_rows(named=True)}
        return {i: self._gap(t, rows[t.lever.subject]) for i, t in moving.items()}

    def _by_themselves(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        """Each subject rated by itself: its tier and what adds up to its score."""
        self._rate_alone(changes)
        return [self._rows_alone[_key(change)].seen for change in changes]

    def _rate_alone(self, changes: Sequence[Change]) -> None:
        """Subjects rated by themselves; what was asked before in this round is remembered."""
        new = {k: change for change in changes if (k := _key(change)) not in self._rows_alone}
        if new:
            frame = self.candidates.rate(list(new.values()))
            rows = frame.select("_tier", *self._height).iter_rows(named=True)
            self._rows_alone |= {k: _Alone(row, frame, i) for i, (k, row) in enumerate(zip(new, rows, strict=True))}

    @cached_property
    def _height(self) -> tuple[str, ...]:
        """The columns that add up to the score before it is rounded."""
        return added_up(self.rating.plan)

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
        keys = [_key(change) for change in changes]
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
            rows = self._told_rows(changes) if alone else self.with_county(changes)
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

    @cached_property
    def told(self) -> tuple[str, ...]:
        """The columns of a result that are told of where a lever ends."""
        rating = self.rating.plan.rating
        notes, given = [f"{name}_note" for name in rating.indicators], [f"adj_{a.id}" for a in rating.adjustments.items]
        named = {"treatment", "reason", "tier", "tier_cut", "_tier", "score", "rank", "rules_changed", *notes, *given}
        return tuple(name for name in self.rating.subjects.columns if name in named)

    def _told_rows(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        """Each subject rated by itself, with what is told of it."""
        self._rate_alone(changes)
        asked = [self._rows_alone[_key(change)] for change in changes]
        places: dict[int, list[int]] = {}
        for i, one in enumerate(asked):
            places.setdefault(id(one.frame), []).append(i)
        rows: list[Row | None] = [None] * len(asked)
        for mine in places.values():
            frame = asked[mine[0]].frame.select(self.told)[[asked[i].place for i in mine]]
            for i, row in zip(mine, frame.iter_rows(named=True), strict=True):
                rows[i] = row
        return rows


def _key(change: Change) -> tuple[object, ...]:
    return change.subject, tuple(change.indicators.items()), tuple(change.figures.items())


def _wanted(task: Task) -> Wanted:
    level = None if task.level is None else float(task.level)
    return Wanted(task.lever, task.goal, level, task.rises, task.alone)


def _nearer(row: Row | None, than: Row | None) -> bool:
    """Whether a place is to be told of rather than another: rated before not, then by the score."""

    def key(r: Row | None) -> tuple[bool, bool, Decimal]:
        rated = r is not None and r["treatment"] == "rated"
        score = r["score"] if r is not None else None
        return rated, score is not None, score or Decimal(0)

    return than is None or key(row) >= key(than)
