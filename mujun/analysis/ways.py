"""The way up computed: for many subjects at once, exact, by rating again.

A value is put in and the subject is rated again: alone, where nothing of the others depends on it (`Candidates`), else
with the whole county (`Worlds`). Both are the engine's own steps. What a search finds reaches the tier, and one step
less does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any

import polars as pl

from mujun.analysis.levers import (
    Lever,
    figure_lever,
    figures_behind,
    indicator_lever,
    is_less_better,
    joint_lever,
    step_of,
)
from mujun.analysis.searching import near, search
from mujun.analysis.tier_steps import cell_of
from mujun.analysis.way_up import Bar, Joint, Needed, Part, Reach, WayUp
from mujun.errors import UsageError, problem
from mujun.fields import FRAME_FIELDS, nearest
from mujun.numbers import round_decimal
from mujun.rating import Rating
from mujun.rating.candidates import Candidates
from mujun.rating.change import Change
from mujun.rating.ranking import Cell
from mujun.rating.tiering import last_ranks
from mujun.rating.worlds import Worlds
from mujun.rules.model import Item

Row = Mapping[str, Any]
Goal = Callable[[Row | None], bool]

WORLD_CUTS = 7
"""Into how many parts, less one, a bracket is cut where a county is rated for each answer."""


def alone_cuts(levers: int) -> int:
    """The same where a subject is rated by itself: few questions for many levers, few rounds for few."""
    return 15 if levers < 200 else 3


@dataclass(frozen=True)
class _Task:
    """A lever with what is wanted of it, and whether the subject can be rated by itself."""

    lever: Lever
    goal: Goal
    close: bool
    alone: bool


class Ways:
    """The ways up of one rating.

    Args:
        rating: the rating.
        frame: the frame that was rated.
        previous: last year's frame, where the rules look back.
        chosen: the indicators, by id or label, that are moved together; all that can move unless told.

    Raises:
        UsageError: the rules have no such indicator; names the nearest.
    """

    def __init__(
        self, rating: Rating, frame: pl.DataFrame, previous: pl.DataFrame | None = None, chosen: Sequence[str] = ()
    ) -> None:
        self.rating, self.plan, self.frame, self.previous = rating, rating.plan, frame, previous
        self._remembered: dict[tuple[object, ...], Row | None] = {}
        self._chosen = tuple(self._indicator(word) for word in chosen)
        self._position = {t: i for i, t in enumerate(self.plan.tier_ids)}
        self._labels = {c.id: c.label or c.id for c in self.plan.rating.tiers.classes} if self.plan.rating.tiers else {}

    def _indicator(self, word: str) -> str:
        indicators, found = self.plan.rating.indicators, self.plan.scope.find(word)
        if found is not None and found.name in indicators:
            return found.name
        known = [i.label or n for n, i in indicators.items()]
        near = nearest(word, [*indicators, *known]) or known[0]
        raise UsageError(problem("explain_unknown_indicator", name=word, near=near, known=known))

    @cached_property
    def candidates(self) -> Candidates:
        """Subjects rated again by themselves."""
        return Candidates(self.rating)

    @cached_property
    def worlds(self) -> Worlds:
        """Subjects rated again with their county."""
        return Worlds(self.rating, self.frame, self.previous)

    # ------------------------------------------------------------------------------------------------- for subjects

    def of(self, rows: Sequence[Row], *, figures: Mapping[str, str] | None = None) -> dict[str, WayUp]:
        """The way up of some subjects.

        Args:
            rows: the subjects with everything the rating kept and both sides of every ratio (`Explainer.subjects`).
            figures: by subject the enterprise whose figures are to be tried as well; it takes a second a firm.

        Returns:
            By subject.
        """
        self._remembered.clear()
        found = {row["subject"]: self._start(row) for row in rows}
        climbing = [r for r in rows if found[r["subject"]].target is not None]
        standing = [r for r in rows if found[r["subject"]].falls_to is not None]
        up = [
            self._task(r, n, self._up(r, n), self._reaching(found[r["subject"]]))
            for r in climbing
            for n in self._items(r)
        ]
        down = [self._task(r, n, not self._up(r, n), self._falling(r)) for r in standing for n in self._items(r)]
        joint = [t for r in climbing for t in self._joint_tasks(r, found[r["subject"]])]
        asked = self._figure_tasks(climbing, found, figures or {})
        steps = self._solved([*up, *down, *joint, *asked])
        ends = self._ends([*up, *down, *joint, *asked], steps)
        told = list(zip([*up, *down, *joint, *asked], steps, ends, strict=True))
        by_row = {r["subject"]: r for r in rows}
        a, b, c = len(up), len(up) + len(down), len(up) + len(down) + len(joint)
        for subject, way in found.items():
            row = by_row[subject]
            mine = [self._reach(row, t, s, e, way) for t, s, e in told[:a] if t.lever.subject == subject]
            falls = [self._reach(row, t, s, e, way) for t, s, e in told[a:b] if t.lever.subject == subject]
            several = [self._joint(row, t, s, e) for t, s, e in told[b:c] if t.lever.subject == subject]
            moved = [self._reach(row, t, s, e, way) for t, s, e in told[c:] if t.lever.subject == subject]
            found[subject] = replace(
                way,
                alone=_nearest_first(mine),
                falling=_nearest_first([f for f in falls if f.target is not None]),
                together=next(iter(several), None),
                figures=_nearest_first(moved),
            )
        return self._with_bars(found, by_row)

    def _start(self, row: Row) -> WayUp:
        """Where a subject stands: its tier, the next better one, and the next worse one."""
        tier, cell = row["tier"], cell_of(self.rating, row)
        if row["treatment"] != "rated" or cell is None or tier is None:
            return WayUp(tier, "unranked")
        ladder = self._ladder(cell)
        if tier not in ladder:
            return WayUp(tier, "elsewhere")
        place = ladder.index(tier)
        target = ladder[place - 1] if place else None
        return WayUp(
            tier,
            None if target is not None else "best",
            target,
            self._labels.get(target) if target is not None else None,
            row["score"],
            self._score_needed(cell, row, target) if target is not None else None,
            falls_to=ladder[place + 1] if place + 1 < len(ladder) else None,
        )

    def _ladder(self, cell: Cell) -> list[str]:
        cut = self.plan.cuts[cell.cut].source
        named = set(cut.shares or cut.thresholds or [p.tier for p in cut.picks or ()])
        return [t for t in self.plan.tier_ids if t in named or t == cut.rest]

    def _score_needed(self, cell: Cell, row: Row, target: str) -> Decimal | None:
        """The score of the last place of a tier as things stand; missing where the cut goes by something else."""
        cut = self.plan.cuts[cell.cut].source
        if cut.thresholds is not None:
            return cut.thresholds.get(target) if cut.by == "score" else None
        keys = self.plan.rank_by.get(row["cohort"]) or self.plan.rank_by.get("default", ())
        if cut.shares is None or not keys or keys[0].compiled.source.text != "score" or not keys[0].descending:
            return None
        rank = dict(zip(cut.shares, last_ranks(cut, cell, self._position), strict=True))[target]
        scores = self._scores(cell.code)
        # The subject itself is worse and takes none of those places.
        return scores[rank - 1] if 0 < rank <= len(scores) else None

    def _scores(self, code: int) -> list[Decimal]:
        if code not in self._sorted_scores:
            mine = self.rating.subjects.filter(pl.col("_cell") == code, pl.col("_ranked"))
            self._sorted_scores[code] = mine["score"].sort(descending=True).to_list()
        return self._sorted_scores[code]

    @cached_property
    def _sorted_scores(self) -> dict[int, list[Decimal]]:
        return {}

    # ------------------------------------------------------------------------------------------------------- levers

    def _items(self, row: Row) -> dict[str, Item]:
        return self.plan.rating.scoring[row["cohort"]].items

    def _up(self, row: Row, name: str) -> bool:
        return not is_less_better(self._items(row)[name])

    def _task(self, row: Row, name: str, up: bool, goal: Goal) -> _Task:
        subject = row["subject"]
        lever = indicator_lever(row, name, up=up)
        return _Task(lever, goal, self.candidates.close(subject, name), self.candidates.stands_alone(subject, name))

    def _reaching(self, way: WayUp) -> Goal:
        wanted = self._position[str(way.target)]
        return lambda row: row is not None and row["_tier"] is not None and row["_tier"] <= wanted

    def _falling(self, row: Row) -> Goal:
        now = row["_tier"]
        return lambda new: new is not None and (new["_tier"] is None or new["_tier"] > now)

    def _joint_tasks(self, row: Row, way: WayUp) -> list[_Task]:
        """The chosen indicators, or all that are not at their cap, moved together where they have a positive value."""
        items = self._items(row)
        wanted = [n for n in items if n in self._chosen] if self._chosen else items
        chosen = tuple(n for n in wanted if (row[n] or 0) > 0 and (self._chosen or row[f"{n}_note"] != "capped"))
        if not chosen:
            return []
        subject = row["subject"]
        close = all(self.candidates.close(subject, n) for n in chosen)
        alone = all(self.candidates.stands_alone(subject, n) for n in chosen)
        return [_Task(joint_lever(row, chosen, items), self._reaching(way), close, alone)]

    def _figure_tasks(self, rows: Sequence[Row], ways: Mapping[str, WayUp], firms: Mapping[str, str]) -> list[_Task]:
        wanted = {firms[r["subject"]]: r for r in rows if r["subject"] in firms}
        if not wanted:
            return []
        mine = self.frame.filter(pl.col("credit_code").is_in(list(wanted)))
        own = {r["credit_code"]: r for r in mine.iter_rows(named=True)}
        tasks = []
        for firm, row in wanted.items():
            for name, up in figures_behind(self.plan, row["cohort"]):
                current = own[firm].get(name)
                if isinstance(current, Decimal) and current > 0:
                    lever = figure_lever(row, name, current, firm, up=up)
                    tasks.append(_Task(lever, self._reaching(ways[row["subject"]]), close=False, alone=False))
        return tasks

    # ------------------------------------------------------------------------------------------------------ solving

    def _solved(self, tasks: Sequence[_Task]) -> list[int | None]:
        """The steps at which each task's goal is first reached."""
        found: list[int | None] = [None] * len(tasks)
        close = [i for i, t in enumerate(tasks) if t.close]
        guesses = self._searched([tasks[i] for i in close], self._by_themselves, alone_cuts(len(close)))
        for i, steps in zip(close, guesses, strict=True):
            found[i] = steps
        open_ = [i for i, t in enumerate(tasks) if t.close and not t.alone]
        for i, steps in zip(open_, self._checked([tasks[i] for i in open_], [found[i] for i in open_]), strict=True):
            found[i] = steps
        rest = [i for i, t in enumerate(tasks) if not t.close]
        for i, steps in zip(rest, self._searched([tasks[i] for i in rest], self._with_county, WORLD_CUTS), strict=True):
            found[i] = steps
        return found

    def _searched(
        self, tasks: Sequence[_Task], rated: Callable[[Sequence[Change]], Sequence[Row | None]], cuts: int
    ) -> list[int | None]:
        if not tasks:
            return []

        def holds(asked: Sequence[tuple[int, int]]) -> list[bool]:
            rows = rated([tasks[n].lever.change(m) for n, m in asked])
            return [tasks[n].goal(row) for (n, _), row in zip(asked, rows, strict=True)]

        return search([t.lever.span for t in tasks], holds, cuts=cuts)

    def _checked(self, tasks: Sequence[_Task], guesses: Sequence[int | None]) -> list[int | None]:
        if not tasks:
            return []

        def holds(asked: Sequence[tuple[int, int]]) -> list[bool]:
            rows = self._with_county([tasks[n].lever.change(m) for n, m in asked])
            return [tasks[n].goal(row) for (n, _), row in zip(asked, rows, strict=True)]

        return near(guesses, [t.lever.span for t in tasks], holds, cuts=WORLD_CUTS)

    def _by_themselves(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        return list(self.candidates.rate(changes).select(_LOOKED_AT).iter_rows(named=True)) if changes else []

    def _with_county(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        """The county rated again for each change; what was asked before in this round is remembered."""
        keys = [(c.subject, tuple(c.indicators.items()), tuple(c.figures.items())) for c in changes]
        new = {k: c for k, c in zip(keys, changes, strict=True) if k not in self._remembered}
        if new:
            self._remembered |= dict(zip(new, self.worlds.rate(list(new.values())), strict=True))
        return [self._remembered[k] for k in keys]

    def _ends(self, tasks: Sequence[_Task], steps: Sequence[int | None]) -> list[Row | None]:
        """Each task's subject at what was found, or at the far end where nothing was."""
        found: list[Row | None] = [None] * len(tasks)
        for alone in (True, False):
            mine = [i for i, t in enumerate(tasks) if t.alone == alone and (steps[i] or t.lever.span.most)]
            changes = [tasks[i].lever.change(steps[i] or tasks[i].lever.span.most) for i in mine]
            rows = self._rows_of(changes) if alone else self._with_county(changes)
            for i, row in zip(mine, rows, strict=True):
                found[i] = row
        return found

    def _rows_of(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        return list(self.candidates.rate(changes).iter_rows(named=True)) if changes else []

    # ------------------------------------------------------------------------------------------------------ telling

    def _reach(self, row: Row, task: _Task, steps: int | None, end: Row | None, way: WayUp) -> Reach:
        lever, name = task.lever, task.lever.name
        if lever.kind == "figure":
            label, unit = FRAME_FIELDS[name].label, FRAME_FIELDS[name].unit
        else:
            label, unit = self.plan.scope.meanings[name].label, self.plan.rating.indicators[name].unit or ""
        current = lever.current if lever.kind == "figure" or row[name] is not None else None
        if steps is None or end is None:
            return Reach(lever.kind, name, label, unit, current, bars=self._bars(task, end, way))
        target = lever.value(steps)
        return Reach(
            lever.kind,
            name,
            label,
            unit,
            current,
            target,
            lever.step,
            _relative(current, target),
            end["tier"],
            end["score"],
            end["rank"],
            self._needed(row, name, target) if lever.kind == "indicator" else None,
        )

    def _needed(self, row: Row, name: str, target: Decimal) -> Needed | None:
        """The numerator that gives an indicator's value, the denominator staying."""
        plan = next(p for p in self.plan.indicators if p.name == name)
        of, per = row.get(f"side:{name}:of"), row.get(f"side:{name}:per")
        if plan.of is None or not isinstance(of, Decimal) or not isinstance(per, Decimal) or per <= 0:
            return None
        text = plan.of.source.text.strip()
        known = self.plan.scope.find(text)
        unit = str(plan.of.value.unit) if plan.of.value.unit is not None and plan.of.value.unit.factor == 1 else ""
        step = step_of(text) if text in FRAME_FIELDS else Decimal("0.0001") if unit == "万元" else Decimal("0.000001")
        exact = target * per
        upwards = row[name] is None or float(target) > row[name]
        wanted = (exact / step).to_integral_value(ROUND_CEILING if upwards else ROUND_FLOOR) * step
        return Needed(known.label if known is not None else text, unit, of, wanted, _relative(of, wanted))

    def _bars(self, task: _Task, end: Row | None, way: WayUp) -> tuple[Bar, ...]:
        """What stands in the way at the far end of a lever."""
        rules = self._rule_bars(end, way)
        if rules or end is None or way.target is None:
            return rules or ((Bar("range"),) if end is not None or task.lever.span.most else ())
        short = None
        if way.score_needed is not None and end["score"] is not None and way.score_needed > end["score"]:
            short = way.score_needed - end["score"]
        notes = [end.get(f"{n}_note") for n in (task.lever.name,) if task.lever.kind == "indicator"]
        return (Bar("cap" if "capped" in notes else "range", short=short),)

    def _rule_bars(self, end: Row | None, way: WayUp) -> tuple[Bar, ...]:
        """The rules that hold a subject below the target although the cut would give it."""
        if end is None or way.target is None or end["tier_cut"] not in self._position:
            return ()
        if self._position[end["tier_cut"]] > self._position[way.target]:
            return ()
        reasons = {a.id: a.reason for a, _ in self.plan.after}
        return tuple(Bar("rule", i, reasons[i]) for i in end["rules_changed"] if i in reasons)

    def _joint(self, row: Row, task: _Task, steps: int | None, end: Row | None) -> Joint | None:
        if steps is None or end is None:
            return None
        values = task.lever.change(steps).indicators
        meanings, indicators = self.plan.scope.meanings, self.plan.rating.indicators
        parts = tuple(
            Part(n, meanings[n].label, indicators[n].unit or "", Decimal(repr(row[n])), Decimal(repr(v)))
            for n, v in values.items()
        )
        return Joint(task.lever.value(steps), parts, end["tier"], end["score"], end["rank"])

    def _with_bars(self, ways: dict[str, WayUp], rows: Mapping[str, Row]) -> dict[str, WayUp]:
        """What bars the next tier however good the indicators are: every one of them at its best at once."""
        barred = [s for s, w in ways.items() if w.target is not None and w.together is None and not _reached(w)]
        changes = []
        for subject in barred:
            row = rows[subject]
            best: dict[str, float] = {}
            for name in self._items(row):
                lever = indicator_lever(row, name, up=self._up(row, name))
                best[name] = float(lever.value(lever.span.most))
            changes.append(Change(subject, best))
        for subject, end in zip(barred, self._with_county(changes), strict=True):
            way = ways[subject]
            if not self._reaching(way)(end):
                ways[subject] = replace(way, bars=self._rule_bars(end, way) or (Bar("range"),))
        return ways


_LOOKED_AT = ("_tier",)
"""What a search looks at."""


def _reached(way: WayUp) -> bool:
    return any(r.target is not None for r in way.alone)


def _relative(current: Decimal | None, target: Decimal) -> Decimal | None:
    """The relative change at six decimals; none from nothing."""
    if current is None or current == 0:
        return None
    return round_decimal((target - current) / abs(current), 6)


def _nearest_first(several: Sequence[Reach]) -> tuple[Reach, ...]:
    """By relative change; what has none comes after, what reaches nothing last."""

    def key(r: Reach) -> tuple[int, Decimal]:
        far = 2 if r.target is None else 1 if r.change is None else 0
        return far, abs(r.change) if r.change is not None else Decimal(0)

    return tuple(sorted(several, key=key))
