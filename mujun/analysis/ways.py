"""The way up computed: for many subjects at once, exact, by rating again.

A value is put in and the subject is rated again: alone, where nothing of the others depends on it (`Candidates`), else
with the whole county (`Worlds`). Both are the engine's own steps. What a search finds reaches the tier, and one step
less does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property

import polars as pl

from mujun.analysis.levers import (
    Lever,
    figure_lever,
    figures_behind,
    indicator_lever,
    joint_lever,
    step_of,
)
from mujun.analysis.solving import Goal, Row, Solved, Solver, Task
from mujun.analysis.tier_steps import cell_of
from mujun.analysis.way_up import Bar, Joint, Needed, Part, Reach, WayUp
from mujun.errors import UsageError, problem
from mujun.fields import FRAME_FIELDS, nearest
from mujun.numbers import round_decimal
from mujun.rating import Rating
from mujun.rating.change import Change
from mujun.rating.ranking import Cell, last_ranks
from mujun.rules.model import Item


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
        self.solver = Solver(rating, frame, previous)
        self._chosen = tuple(self._indicator(word) for word in chosen)
        self._position = {t: i for i, t in enumerate(self.plan.tier_ids)}
        self._labels = {c.id: c.label or c.id for c in self.plan.rating.tiers.classes} if self.plan.rating.tiers else {}

    def _indicator(self, word: str) -> str:
        indicators, meaning = self.plan.rating.indicators, self.plan.scope.find(word)
        if meaning is not None and meaning.name in indicators:
            return meaning.name
        known = [i.label or n for n, i in indicators.items()]
        near = nearest(word, [*indicators, *known]) or known[0]
        raise UsageError(problem("explain_unknown_indicator", name=word, near=near, known=known))

    # ------------------------------------------------------------------------------------------------- for subjects

    def of(self, rows: Sequence[Row], *, figures: Mapping[str, str] | None = None) -> dict[str, WayUp]:
        """The way up of some subjects.

        Args:
            rows: the subjects with everything the rating kept and both sides of every ratio (`Explainer.subjects`).
            figures: by subject the enterprise whose figures are to be tried as well; it takes a second a firm.

        Returns:
            By subject.
        """
        self.solver.candidates.look_at([row["subject"] for row in rows])
        starts = {row["subject"]: self._start(row) for row in rows}
        self._lower = self._lower_is_better(rows)
        climbing = [r for r in rows if starts[r["subject"]].target is not None]
        standing = [r for r in rows if starts[r["subject"]].falls_to is not None]
        up = [
            self._task(r, n, self._up(r, n), self._reaching(starts[r["subject"]]), starts[r["subject"]].score_needed)
            for r in climbing
            for n in self._items(r)
        ]
        down = [
            self._task(r, n, not self._up(r, n), self._falling(r), self._score_kept(r), rises=False)
            for r in standing
            for n in self._items(r)
        ]
        joint = [t for r in climbing for t in self._joint_tasks(r, starts[r["subject"]])]
        asked = self._figure_tasks(climbing, starts, figures or {})
        told = self.solver.solve([*up, *down, *joint, *asked])
        by_row = {r["subject"]: r for r in rows}
        a, b, c = len(up), len(up) + len(down), len(up) + len(down) + len(joint)
        for subject, way in starts.items():
            row = by_row[subject]
            mine = [self._reach(row, t, way) for t in told[:a] if t.task.lever.subject == subject]
            falls = [self._reach(row, t, way) for t in told[a:b] if t.task.lever.subject == subject and _told(t)]
            several = [self._joint(row, t) for t in told[b:c] if t.task.lever.subject == subject]
            moved = [self._reach(row, t, way) for t in told[c:] if t.task.lever.subject == subject]
            starts[subject] = replace(
                way,
                alone=_nearest_first(mine),
                falling=_nearest_first([f for f in falls if f.target is not None]),
                together=next(iter(several), None),
                figures=_nearest_first(moved),
            )
        self._with_capped(starts, by_row)
        return self._with_bars(starts, by_row)

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

    def _score_needed(self, cell: Cell, row: Row, target: str, after: int = 0) -> Decimal | None:
        """The score of the last place of a tier as things stand, or so many places after it; missing where the cut goes
        by something else."""
        cut = self.plan.cuts[cell.cut].source
        if cut.thresholds is not None:
            return cut.thresholds.get(target) if cut.by == "score" else None
        keys = self.plan.rank_by.get(row["cohort"]) or self.plan.rank_by.get("default", ())
        if cut.shares is None or not keys or keys[0].compiled.source.text != "score" or not keys[0].descending:
            return None
        rank = dict(zip(cut.shares, last_ranks(cut, cell, self._position), strict=True))[target]
        scores = self._scores(cell.code)
        if not 0 < rank + after <= len(scores):
            return None
        # The subject itself is worse and takes none of those places.
        needed: Decimal = scores[rank - 1 + after]
        return needed

    def _score_kept(self, row: Row) -> Decimal | None:
        """The score below which the subject's tier is lost as things stand: that of whoever comes first after it."""
        cell = cell_of(self.rating, row)
        return None if cell is None else self._score_needed(cell, row, row["tier"], after=1)

    def _scores(self, code: int) -> pl.Series:
        if code not in self._sorted_scores:
            mine = pl.col("score").filter((pl.col("_cell") == code) & pl.col("_ranked"))
            self._sorted_scores[code] = self.rating.subjects.select(mine.sort(descending=True))["score"]
        return self._sorted_scores[code]

    @cached_property
    def _sorted_scores(self) -> dict[int, pl.Series]:
        return {}

    # ------------------------------------------------------------------------------------------------------- levers

    def _items(self, row: Row) -> dict[str, Item]:
        return self.plan.rating.scoring[row["cohort"]].items

    def _up(self, row: Row, name: str) -> bool:
        return name not in self._lower[row["subject"]]

    def _lower_is_better(self, rows: Sequence[Row]) -> dict[str, frozenset[str]]:
        """By subject the indicators of which lower values earn more; where the method does not tell, by rating both."""
        said = {
            (r["subject"], n): item.method.earns_more_below(item, r[n])
            for r in rows
            if r["treatment"] == "rated"
            for n, item in self._items(r).items()
        }
        by_subject = {r["subject"]: r for r in rows}
        unsaid = [asked for asked, below in said.items() if below is None]
        if unsaid:
            places = {asked: _either_side(by_subject[asked[0]], asked[1]) for asked in unsaid}
            changes = [Change(s, {n: v}) for (s, n), sides in places.items() for side in sides for v in side]
            rated = self.solver.candidates.rate(changes).iter_rows(named=True)
            for (subject, name), sides in places.items():
                below, above = (max(next(rated)[f"{name}_points"] for _ in side) for side in sides)
                said[subject, name] = below > above
        return {s: frozenset(n for (whose, n), below in said.items() if whose == s and below) for s in by_subject}

    def _task(self, row: Row, name: str, up: bool, goal: Goal, level: Decimal | None, *, rises: bool = True) -> Task:
        subject = row["subject"]
        lever = indicator_lever(row, name, up=up)
        close, alone = self.solver.candidates.close(subject, name), self.solver.candidates.stands_alone(subject, name)
        return Task(lever, goal, close, alone, level, rises)

    def _reaching(self, way: WayUp) -> Goal:
        wanted = self._position[str(way.target)]
        return lambda row: row is not None and row["_tier"] is not None and row["_tier"] <= wanted

    def _falling(self, row: Row) -> Goal:
        now = row["_tier"]
        return lambda new: new is not None and (new["_tier"] is None or new["_tier"] > now)

    def _joint_tasks(self, row: Row, way: WayUp) -> list[Task]:
        """The chosen indicators, or all that are not at their cap, moved together where they have a positive value."""
        earning = tuple(n for n in self._moving(row) if self._chosen or row[f"{n}_note"] != "capped")
        return [self._joint_task(row, way, earning)] if earning else []

    def _moving(self, row: Row) -> tuple[str, ...]:
        return tuple(n for n in self._items(row) if (row[n] or 0) > 0 and (not self._chosen or n in self._chosen))

    def _with_capped(self, ways: dict[str, WayUp], rows: Mapping[str, Row]) -> None:
        """What is at its cap may still decide, among equals or where a rule looks at it: where nothing else does it, it
        is moved along."""
        lost = [s for s, w in ways.items() if w.target is not None and w.together is None and not _alone_reached(w)]
        tasks = []
        for row in (rows[subject] for subject in lost):
            capped = {n for n in self._moving(row) if row[f"{n}_note"] == "capped"}
            if self._beyond_points & capped and not self._chosen:
                tasks.append(self._joint_task(row, ways[row["subject"]], self._moving(row)))
        for solved in self.solver.solve(tasks) if tasks else ():
            subject = solved.task.lever.subject
            ways[subject] = replace(ways[subject], together=self._joint(rows[subject], solved))

    @cached_property
    def _beyond_points(self) -> frozenset[str]:
        """The names by which ranking, cuts and the rules around them go."""
        keys = [key.compiled for several in self.plan.rank_by.values() for key in several]
        picks = [pick for cut in self.plan.cuts.values() for pick in cut.picks]
        keys += [key.compiled for pick in picks for key in pick.by]
        asked = [*keys, *(cut.by for cut in self.plan.cuts.values())]
        asked += [when for _, when in (*self.plan.before, *self.plan.after)]
        return frozenset(n for compiled in asked if compiled is not None for n in compiled.names)

    def _joint_task(self, row: Row, way: WayUp, several: tuple[str, ...]) -> Task:
        subject = row["subject"]
        close = all(self.solver.candidates.close(subject, n) for n in several)
        alone = all(self.solver.candidates.stands_alone(subject, n) for n in several)
        lever = joint_lever(row, several, self._lower[subject])
        return Task(lever, self._reaching(way), close, alone, way.score_needed)

    def _figure_tasks(self, rows: Sequence[Row], ways: Mapping[str, WayUp], firms: Mapping[str, str]) -> list[Task]:
        wanted = {firms[r["subject"]]: r for r in rows if r["subject"] in firms}
        if not wanted or self.plan.rating.population.area is not None:
            # An area's figures are sums: no record of its own could be another.
            return []
        mine = self.frame.filter(pl.col("credit_code").is_in(list(wanted)))
        by_firm = {r["credit_code"]: r for r in mine.iter_rows(named=True)}
        tasks = []
        for firm, row in wanted.items():
            for name, up in figures_behind(self.plan, row["cohort"], self._lower[row["subject"]]):
                current = by_firm[firm].get(name)
                if isinstance(current, Decimal) and current > 0:
                    lever = figure_lever(row, name, current, firm, up=up)
                    way = ways[row["subject"]]
                    close = self.solver.candidates.close_by_figures(row["subject"])
                    tasks.append(Task(lever, self._reaching(way), close, alone=False, level=way.score_needed))
        return tasks

    # ------------------------------------------------------------------------------------------------------ telling

    def _reach(self, row: Row, solved: Solved, way: WayUp) -> Reach:
        lever, name, steps, end = solved.task.lever, solved.task.lever.name, solved.steps, solved.end
        label = FRAME_FIELDS[name].label if lever.kind == "figure" else self.plan.scope.meanings[name].label
        unit = self._unit(lever)
        current = None if lever.missing else lever.current
        if steps is None or end is None:
            return Reach(lever.kind, name, label, unit, current, bars=self._bars(solved, way))
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
            any_value=solved.any_value,
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

    def _bars(self, solved: Solved, way: WayUp) -> tuple[Bar, ...]:
        """What stands in the way where a lever comes nearest."""
        lever, end = solved.task.lever, solved.end
        rules = self._rule_bars(end, way)
        if rules or way.target is None or not lever.span.most:
            return rules
        short = most = penalties = None
        if end is not None and way.score_needed is not None and end["score"] is not None:
            most = end["score"]
            penalties = sum((p for p in self._penalties(end)), Decimal(0)) or None
            short = way.score_needed - most if way.score_needed > most else None
        unit = self._unit(lever)
        if (left := solved.left) is not None:
            return (Bar("leaves", left.treatment, left.reason, short, lever.value(left.steps), unit, most, penalties),)
        capped = end is not None and lever.kind == "indicator" and end.get(f"{lever.name}_note") == "capped"
        return (
            Bar("cap" if capped else "range", None, None, short, lever.value(lever.span.most), unit, most, penalties),
        )

    def _penalties(self, row: Row) -> Iterator[Decimal]:
        for a in self.plan.rating.adjustments.items:
            points = row.get(f"adj_{a.id}")
            if points is not None and points < 0:
                yield points

    def _unit(self, lever: Lever) -> str:
        if lever.kind == "figure":
            return FRAME_FIELDS[lever.name].unit
        return self.plan.rating.indicators[lever.name].unit or "" if lever.kind == "indicator" else ""

    def _rule_bars(self, end: Row | None, way: WayUp) -> tuple[Bar, ...]:
        """The rules that hold a subject below the target although the cut would give it."""
        if end is None or way.target is None or end["tier_cut"] not in self._position:
            return ()
        if self._position[end["tier_cut"]] > self._position[way.target]:
            return ()
        reasons = {a.id: a.reason for a, _ in self.plan.after}
        return tuple(Bar("rule", i, reasons[i]) for i in end["rules_changed"] if i in reasons)

    def _joint(self, row: Row, solved: Solved) -> Joint | None:
        task, steps, end = solved.task, solved.steps, solved.end
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
        for subject, end in zip(barred, self.solver.with_county(changes), strict=True):
            way = ways[subject]
            if not self._reaching(way)(end):
                ways[subject] = replace(way, bars=self._rule_bars(end, way) or (Bar("range"),))
        return ways


def _either_side(row: Row, name: str) -> tuple[list[float], list[float]]:
    """Values below and above a subject's, near and far: enough to tell in which direction points grow."""
    size = max(abs(row[name] or 0.0), abs(row.get(f"{name}_benchmark") or 0.0)) or 1.0
    middle = size if row[name] is None else row[name]
    return [middle - size * k for k in (0.5, 0.9, 0.99, 1.0)], [middle + size * k for k in (0.5, 2.0, 9.0, 99.0)]


def _told(solved: Solved) -> bool:
    """Whether a fall can be told: a missing value that loses the tier at best, but not everywhere, has no border."""
    return not solved.task.lever.missing or solved.steps != 1 or solved.any_value


def _alone_reached(way: WayUp) -> bool:
    return any(r.target is not None for r in way.alone)


def _reached(way: WayUp) -> bool:
    return _alone_reached(way) or any(r.target is not None for r in way.figures)


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
