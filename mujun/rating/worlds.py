"""A county rated again many times at once, each time with one subject changed: what if this firm had that figure?

Copies of the county (worlds) stand in one frame, told apart by a column; everything that looks at several subjects
looks within its world. So a world is rated by the very code that rates a county, and costs a few milliseconds. What is
known of the others stands, but for what is counted over all; and of them only who is level is put in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import polars as pl

from mujun.errors import RatingError
from mujun.numbers import QUANTITY
from mujun.rating.change import Change, Places, figures_of, indicators_of
from mujun.rating.columns import GIVEN
from mujun.rating.evaluation import Evaluated, evaluate, evaluated_again
from mujun.rating.grading import check_cohorts, graded
from mujun.rating.nearby import WORLD, Nearby
from mujun.rating.rate import gathered, last_year_of, made_ready, put_together, put_together_as
from mujun.rating.reach import Reaches
from mujun.rating.result import Rating
from mujun.rating.statistics import KnownStatistics
from mujun.rating.world_peers import WorldPeers
from mujun.rules.rating_plan import RatingPlan

_ITSELF = "_itself"
"""Whether a subject is the one that is changed in its world."""
LARGEST = 400_000
"""Rows that are rated at once; more are rated in turns."""
NEARBY_FROM = 12_000
"""Rows of whole worlds from which it takes less to find out whom the changes touch."""


Result = Mapping[str, object] | None
"""A subject's row, or nothing where its county cannot be rated."""

_Asked = TypeVar("_Asked")


class Worlds:
    """A rated county that can be rated again with changes.

    Args:
        rating: the county's rating.
        frame: the frame that was rated.
        previous: last year's frame, where the rules look back.

    Attributes:
        pools: whether a subject may be several enterprises merged.
    """

    def __init__(self, rating: Rating, frame: pl.DataFrame, previous: pl.DataFrame | None = None) -> None:
        self.rating, self.plan = rating, rating.plan
        self._counting = rating.counting
        self._last_year = last_year_of(self.plan, previous, self._counting)
        self._ready = made_ready(self.plan, frame, self._counting)
        self.pools = rating.merged
        if self.pools:
            self._brought = put_together(self.plan, self._ready, self._counting)[3]
        else:
            by_area = self.plan.rating.population.area is not None
            self._brought = gathered(self.plan, self._ready)[1] if by_area else frozenset()
        # Who is out counts nowhere, whatever becomes of others: treatments look at the subject alone.
        everybody = any(s.among == "all" for s in self.plan.rating.statistics.values())
        counted = (pl.col("treatment") != "out") | pl.col("_in_base") | pl.lit(everybody)
        self._counted = rating.subjects.select(pl.col("subject", "cohort").filter(counted))
        self._apart = _cohorts_stand_apart(self.plan)

    def rate(self, changes: Sequence[Change]) -> list[Result]:
        """The changed subject's row of each world, as `rating.subjects` would have it, in the order of the changes.

        `None` where that county cannot be rated, for want of a benchmark above zero.
        """
        results: list[Result] = [None] * len(changes)
        rest = list(range(len(changes)))
        if len(changes) * self._counted.height >= NEARBY_FROM and self._near is not None:
            rest = self._into_nearby(self._near, results, changes)
        if not self._apart:
            self._into(results, changes, rest, None)
            return results
        asked = pl.col("subject").is_in({changes[n].subject for n in rest})
        cohort_of = dict(self.rating.subjects.select(pl.col("subject", "cohort").filter(asked)).iter_rows())
        by_cohort: dict[str | None, list[int]] = {}
        for number in rest:
            by_cohort.setdefault(cohort_of.get(changes[number].subject), []).append(number)
        for cohort, numbers in by_cohort.items():
            self._into(results, changes, numbers, cohort)
            # Whom the change moves to another cohort is rated among its new peers; who is out has none.
            moved = [n for n in numbers if cohort is not None and _elsewhere(results[n], cohort)]
            self._into(results, changes, moved, None)
        return results

    def alone(self, changes: Sequence[Change]) -> pl.DataFrame:
        """Each changed subject by itself with every name computed: a row per change, in their order.

        What comes of many subjects, statistics and benchmarks, stands as it is in the county. So of a firm whose
        figures move its peers' benchmark it is nearly, not exactly, what `rate` gives.
        """
        specials = self.plan.rating.population.special
        cohorts = tuple(c.id for c in self.plan.rating.cohorts)
        by = self._statistics
        if self.pools and any(c.figures for c in changes):
            pooled = self._members_together(changes)
            return evaluate(self.plan.names, pooled, specials, cohorts, skip=self._brought, given=by).frame
        rows = pl.Series(self._row.of([c.subject for c in changes]))
        given, figures = indicators_of(changes), figures_of(changes)
        frame = self._known[rows].with_columns(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias(WORLD),
            *(value.alias(GIVEN.of(n)) for n, value in given.items()),
            *(pl.coalesce(value, n).alias(n) for n, value in figures.items()),
        )
        moved = frozenset({*given, *figures})
        return evaluated_again(self.plan.names, frame, moved, specials, cohorts, skip=self._brought, given=by).frame

    @cached_property
    def _known(self) -> pl.DataFrame:
        """The subjects with every name computed, as the rating left them."""
        return self.rating.subjects.select(self.rating.computed)

    @cached_property
    def _row(self) -> Places:
        return Places(self._known["credit_code"])

    def _members_together(self, changes: Sequence[Change]) -> pl.DataFrame:
        """The members of each changed subject pooled, a row per change."""
        members = dict(self.rating.subjects.select("subject", "members").iter_rows())
        several = pl.DataFrame(
            {
                WORLD: pl.Series([k for k, c in enumerate(changes) for _ in members[c.subject]], dtype=pl.UInt32),
                "credit_code": [m for c in changes for m in members[c.subject]],
            }
        ).join(self._ready, on="credit_code", how="left", maintain_order="left")
        as_members = [c._replace(subject=c.firm or c.subject, indicators={}) for c in changes]
        changed = _put_in(several, as_members)
        mark = changed[WORLD].cast(pl.String).str.zfill(9)
        frame = put_together_as(self.plan, changed.drop(WORLD), mark).with_columns(
            pl.Series("subject", [c.subject for c in changes]),
            pl.Series("credit_code", [c.subject for c in changes]),
            pl.Series(WORLD, range(len(changes)), dtype=pl.UInt32),
        )
        return _put_in(frame, [c._replace(figures={}) for c in changes])

    def _into_nearby(self, near: Nearby, results: list[Result], changes: Sequence[Change]) -> list[int]:
        """The changes whose reach the rules show rated, with those whom they touch; the numbers of the others."""
        own = np.array(self._row.of([change.subject for change in changes]), dtype=np.int64)
        before, after = self._known[pl.Series(own, dtype=pl.UInt32)], self.alone(changes)
        reaches = [self._reaches.of(moved) for moved in _moved(before, after)]

        def rated(numbers: Sequence[int]) -> list[Result] | None:
            mine = [reach for n in numbers if (reach := reaches[n]) is not None]
            touched = near.touched(own[numbers], before[numbers], after[numbers], mine)
            return None if touched.size > LARGEST and len(numbers) > 1 else [*near.rate(touched)]

        told = [n for n, reach in enumerate(reaches) if reach is not None]
        for number, row in zip(told, _each_rated(told, rated), strict=True):
            results[number] = row
        return [n for n, reach in enumerate(reaches) if reach is None]

    @cached_property
    def _near(self) -> Nearby | None:
        """The county in which those whom a change touches are rated again; none where firms may be merged."""
        if self.pools or not self._reaches.told:
            return None
        return Nearby(self.rating, self._statistics)

    @cached_property
    def _reaches(self) -> Reaches:
        return Reaches(self.plan)

    def _into(
        self, results: list[Result], changes: Sequence[Change], numbers: Sequence[int], cohort: str | None
    ) -> None:
        """Some of the changes rated, in turns of a size that memory bears; with one cohort's subjects or all."""
        mine = pl.lit(value=True) if cohort is None else pl.col("cohort") == cohort
        kept = self._counted.filter(mine)["subject"]
        step = max(1, LARGEST // max(1, len(kept)))
        for start in range(0, len(numbers), step):
            turn = numbers[start : start + step]
            rows = _each_rated([changes[n] for n in turn], lambda several: self._rated(several, kept))
            for number, row in zip(turn, rows, strict=True):
                results[number] = row

    def _rated(self, changes: Sequence[Change], kept: pl.Series) -> list[Result]:
        count, subjects = len(changes), self._evaluated(changes, kept)
        check_cohorts(subjects.frame)
        peers = WorldPeers(self.plan, subjects, count)
        result, _ = graded(self.plan, subjects, peers, asked=lambda frame: frame.tail(count))
        return list(result.iter_rows(named=True))

    # ------------------------------------------------------------------------------------------------------- worlds

    def _evaluated(self, changes: Sequence[Change], kept: pl.Series) -> Evaluated:
        """The subjects of every world with every name computed; those that are changed come last, world by world."""
        names, specials = self.plan.names, self.plan.rating.population.special
        cohorts = tuple(c.id for c in self.plan.rating.cohorts)
        if self.pools and any(c.figures for c in changes):
            worlds, previous = self._put_together(changes, kept), self._last_year
            return evaluate(names, worlds, specials, cohorts, skip=self._brought, previous=previous, worlds=(WORLD,))
        changed = self.alone(changes)
        subjects = [c.subject for c in changes]
        was = self._known[pl.Series(self._row.of(subjects))]
        moved = frozenset(n for n in was.columns if not was[n].equals(changed[n], null_equal=True))
        done = evaluated_again(
            names, self._beside(changed, kept), frozenset(), specials, cohorts, skip=self._brought,
            previous=self._last_year, worlds=(WORLD,), counted=moved,
        )  # fmt: skip
        return replace(done, statistics={**self.rating.statistics, **done.statistics})

    def _beside(self, changed: pl.DataFrame, kept: pl.Series) -> pl.DataFrame:
        """Changed subjects after the others of their worlds, who stay as they are known."""
        among = self._known.filter(pl.col("credit_code").is_in(kept.implode()))
        others = {s: among.filter(pl.col("credit_code") != s) for s in changed["credit_code"].unique()}
        parts = [others[subject] for subject in changed["credit_code"]]
        worlds = np.repeat(np.arange(len(parts), dtype=np.uint32), [part.height for part in parts])
        beside = pl.concat(parts, rechunk=False).with_columns(pl.Series(WORLD, worlds))
        return pl.concat([beside, changed], how="diagonal_relaxed", rechunk=True)

    @cached_property
    def _statistics(self) -> KnownStatistics:
        return KnownStatistics(self.rating.statistics)

    def _put_together(self, changes: Sequence[Change], kept: pl.Series) -> pl.DataFrame:
        """The subjects of every world pooled anew, before anything is computed; those that are changed come last."""
        frames = [
            _only(self._together(c), kept, [c.subject]).with_columns(
                pl.lit(k, dtype=pl.UInt32).alias(WORLD), (pl.col("credit_code") == c.subject).alias(_ITSELF)
            )
            for k, c in enumerate(changes)
        ]
        together = pl.concat(frames).sort(_ITSELF, WORLD)
        assert together[_ITSELF].sum() == len(changes)
        ordered = together.drop(_ITSELF)
        return _put_in(ordered, [c._replace(figures={}) for c in changes])

    def _together(self, change: Change) -> pl.DataFrame:
        """The subjects with a member's figures changed, pooled anew."""
        mine = pl.col("credit_code") == (change.firm or change.subject)
        new = [
            pl.when(mine).then(pl.lit(value, dtype=QUANTITY)).otherwise(pl.col(name)).alias(name)
            for name, value in change.figures.items()
        ]
        return put_together(self.plan, self._ready.with_columns(new), self._counting)[2]


def _put_in(worlds: pl.DataFrame, changes: Sequence[Change]) -> pl.DataFrame:
    """Each world's change at its subject: figures in their columns, indicators as `given:<id>`."""
    indicators, figures = indicators_of(changes), figures_of(changes)
    if not indicators and not figures:
        return worlds
    columns = {
        WORLD: pl.Series(range(len(changes)), dtype=pl.UInt32),
        "credit_code": pl.Series([c.subject for c in changes], dtype=pl.String),
        **{GIVEN.of(n): values for n, values in indicators.items()},
        **{f"new:{n}": values for n, values in figures.items()},
    }
    joined = worlds.join(pl.DataFrame(columns), on=[WORLD, "credit_code"], how="left", maintain_order="left")
    changed = joined.with_columns([pl.coalesce(f"new:{n}", n).alias(n) for n in figures])
    return changed.drop([f"new:{n}" for n in figures])


def _only(subjects: pl.DataFrame, kept: pl.Series, also: Sequence[str]) -> pl.DataFrame:
    wanted = pl.concat([kept, pl.Series(also, dtype=pl.String)])
    return subjects.filter(pl.col("credit_code").is_in(wanted.implode()))


def _each_rated(several: Sequence[_Asked], rated: Callable[[Sequence[_Asked]], list[Result] | None]) -> list[Result]:
    """What becomes of each, all at once or, where that gives nothing or cannot be done, half of them at a time."""
    if not several:
        return []
    try:
        results = rated(several)
    except RatingError:
        # One world that cannot be rated must not take the others with it.
        results = [None] if len(several) == 1 else None
    if results is not None:
        return results
    half = len(several) // 2
    return [*_each_rated(several[:half], rated), *_each_rated(several[half:], rated)]


def _moved(before: pl.DataFrame, after: pl.DataFrame) -> list[frozenset[str]]:
    """Of rows that stand beside each other in two frames the columns in which they differ."""
    names = [n for n in before.columns if n in after.columns]
    differs = [before[n].ne_missing(after[n]) for n in names]
    moved: list[set[str]] = [set() for _ in range(before.height)]
    for name, rows in zip(names, differs, strict=True):
        for row in rows.arg_true().to_list():
            moved[row].add(name)
    return [frozenset(one) for one in moved]


def _elsewhere(row: Result, cohort: str) -> bool:
    """Whether a subject is not rated in a cohort, but perhaps in another."""
    return row is None or row["cohort"] not in (cohort, None)


def _cohorts_stand_apart(plan: RatingPlan) -> bool:
    """Whether nothing looks across cohorts: statistics, extremes and cells are all within one."""
    tiers, statistics = plan.rating.tiers, plan.rating.statistics.values()
    within = all("cohort" in s.keys for s in statistics if s.year == "this")
    extremes = all(i.item.over is None or "cohort" in i.item.over for i in plan.items)
    return within and extremes and tiers is not None and "cohort" in tiers.cells
