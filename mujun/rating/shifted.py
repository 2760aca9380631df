"""Those whose points are others where another subject is changed, and nothing else of them: by how much.

They are held against another benchmark, or given another mean. Their points come of the very steps that rate a county,
of the columns that these steps read; what else they score, and in which cell they are ranked, is as it was rated.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from mujun.rating import columns as c
from mujun.rating.adjusting import rounded_score
from mujun.rating.distinct import added_up
from mujun.rating.evaluation import met_anew, reads_of
from mujun.rating.formulas import Formula
from mujun.rating.nearby import WORLD, Nearby, Others, Touched
from mujun.rating.ranking import Whole
from mujun.rating.scoring import held_anew


class Gains(NamedTuple):
    """Subjects whose points in a formula become others, each in a world, the worlds in ascending order.

    Attributes:
        others: the subjects.
        added: what is added to their points, in whole numbers of 10⁻ᵖˡᵃᶜᵉˢ.
    """

    others: Others
    added: Whole


class Shifted:
    """The subjects whose points changes of single others move.

    Args:
        nearby: the rated county.
        touched: the changes and whom they touch.
        settled: the statistics whose numbers are at 12 decimals as they stand.
    """

    def __init__(self, nearby: Nearby, touched: Touched, settled: frozenset[str]) -> None:
        self._nearby, self._touched, self._settled = nearby, touched, settled
        self._given: list[Gains] = []

    @cached_property
    def held(self) -> dict[str, Gains]:
        """By the key of a formula those who get other points by another benchmark.

        Raises:
            RatingError: a benchmark is missing or not above zero where it is needed.
        """
        by_key = {formula.key: formula for formula in self._nearby.formulas}
        return {key: self._held_anew(by_key[key], others) for key, others in self._touched.held.items()}

    def _held_anew(self, formula: Formula, others: Others) -> Gains:
        nearby, names = self._nearby, self._nearby.plan.names
        moved, read = self._behind(formula)
        rows = pl.Series(others.rows, dtype=pl.UInt32)
        anew = nearby.anew(self._touched, others, moved)
        numbers = {name: of.gather(rows) for name, of in nearby.numbers.items() if name in moved}
        frame = met_anew(names, self._columns(formula, read)[rows], moved, numbers, anew)
        now = held_anew(nearby.plan, formula, frame, self._settled)[f"{formula.key}:points"]
        # Who is given the mean has no points of its own here. Whoever has any has a value and a benchmark above zero.
        counts = frame.select(formula.has_points).to_series().to_numpy()
        added = np.where(counts, now.fill_null(0).to_numpy() - nearby.points(formula.indicator)[others.rows], 0)
        return Gains(others.among(added != 0), added[added != 0])

    def _behind(self, formula: Formula) -> tuple[frozenset[str], frozenset[str]]:
        """The names that move and that a formula's benchmark is made of, and what these are read from."""
        moving = self._touched.names
        read = set(formula.benchmark_names)
        moved = set(read & moving)
        for level in reversed(self._nearby.plan.names.levels):
            for one in level.statistics:
                if one.name in moved and one.otherwise is not None:
                    read |= one.otherwise.names
                    moved |= one.otherwise.names & moving
            # A name may read another one of its level.
            for row in reversed(level.rows):
                if row.name in moved:
                    read |= reads_of(row)
                    moved |= reads_of(row) & moving
        return frozenset(moved), frozenset(read)

    def _columns(self, formula: Formula, read: frozenset[str] = frozenset()) -> pl.DataFrame:
        """What a formula's points are worked out from, of everybody."""
        key, subjects = formula.key, self._nearby.rating.subjects
        mine = {formula.indicator, *formula.fallbacks, *formula.benchmark_names, *read, "credit_code"}
        mine |= {column.of(key) for column in (c.ACTS, c.VALUE, c.FALLBACK)}
        mine |= {column.name for column in (c.SCORED, c.COHORT, c.LEFT, c.UNIT)}
        return subjects.select(name for name in subjects.columns if name in mine)

    # ----------------------------------------------------------------------------------------------------------- means

    def counted(self, formula: Formula) -> pl.DataFrame:
        """By world (`_world`) and cohort (`_scored`) what is added to the sum of the points that count in a mean."""
        gains = self.held.get(formula.key, NOBODY)
        return (
            pl.DataFrame(
                {
                    WORLD: pl.Series(gains.others.worlds, dtype=pl.UInt32),
                    c.SCORED.name: self._nearby.rating.subjects[c.SCORED.name][gains.others.rows],
                    "added": gains.added,
                }
            )
            .group_by(WORLD, c.SCORED.name)
            .agg(pl.col("added").sum())
        )

    def give(self, formula: Formula, means: pl.DataFrame) -> None:
        """The mean of some cohorts in some worlds (`_world`, `_scored`, `mean`) is given to whom a formula gives it."""
        nearby, own = self._nearby, self._touched.own
        again = self._touched.again.by_world(own.size)
        most: dict[int, Whole | None] = {}
        worlds, rows, added = ([np.zeros(0, dtype=np.int64)] for _ in range(3))
        for world, cohort, mean in means.sort(WORLD).select(WORLD, c.SCORED.name, "mean").iter_rows():
            given = nearby.given(formula, cohort)
            if cohort not in most:
                most[cohort] = self._most(formula, given)
            limit = most[cohort]
            more = (mean if limit is None else np.minimum(mean, limit)) - nearby.points(formula.indicator)[given]
            stays = nearby.not_among(given, again[world], own[[world]]) & (more != 0)
            rows.append(given[stays])
            added.append(more[stays])
            worlds.append(np.full(rows[-1].size, world))
        together = [np.concatenate(parts) for parts in (worlds, rows, added)]
        self._given.append(Gains(Others(together[0], together[1]), together[2]))

    def _most(self, formula: Formula, given: Whole) -> Whole | None:
        """The most that each of those who are given a mean can earn by it; `None` where that is not limited."""
        if not formula.mean_is_capped:
            return None
        frame = self._columns(formula)[pl.Series(given, dtype=pl.UInt32)]
        return held_anew(self._nearby.plan, formula, frame, self._settled)[f"{formula.key}:most"].to_numpy()

    # ---------------------------------------------------------------------------------------------------------- scores

    def scores(self) -> tuple[Others, Whole]:
        """Everybody whose points are others by all formulas together, each once in his world, and his score there, as a
        whole number. Means that others are given have been told (`give`)."""
        several = [gains for gains in (*self.held.values(), *self._given) if gains.added.size]
        if not several:
            return NOBODY
        height = self._nearby.height
        numbers, added = added_up([(g.others.worlds * height + g.others.rows, g.added) for g in several])
        worlds, rows = np.divmod(numbers, height)
        total = pl.lit(pl.Series(self._nearby.totals[rows] + added))
        return Others(worlds, rows), pl.select(rounded_score(self._nearby.plan, total)).to_series().to_numpy()


NOBODY = Gains(Others(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)), np.zeros(0, dtype=np.int64))
