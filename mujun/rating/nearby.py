"""A county rated again for changes of single subjects, of the others only those whom the change reaches.

Of a hundred thousand firms a figure moves the points of a few thousand. These stand beside the changed subject, world
by world, as in `worlds`; the sums of its groups are the county's with its own part exchanged, and whoever is not there
is counted in the ranking as he was rated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.rating import columns as c
from mujun.rating.evaluation import Evaluated, met_anew
from mujun.rating.formulas import Formula, formulas_of
from mujun.rating.grading import check_cohorts, graded
from mujun.rating.groups import Groups, group_rows
from mujun.rating.ranking import Cell, Whole, cells_of
from mujun.rating.reach import Reach
from mujun.rating.result import Rating
from mujun.rating.statistics import KnownStatistics, StatisticTable, moved_groups
from mujun.rating.world_peers import Beyond, WorldPeers, counted

WORLD = "_world"
"""Which world a subject is in."""
NOWHERE = -1
"""The place of what is in no group."""

Keys = tuple[str, ...]
"""The columns by which a statistic's groups are told apart."""


@dataclass(frozen=True)
class Touched:
    """Whom changes touch.

    Attributes:
        worlds: the world of each of the others who may come to other points.
        rows: at which row of the rating each of them stands.
        own: by world the row of the subject that is changed.
        changed: the subjects that are changed, world by world.
        tables: by name the statistics of the groups whose numbers are others in some world.
        names: the statistics that move, and what follows from them.
    """

    worlds: Whole
    rows: Whole
    own: Whole
    changed: pl.DataFrame
    tables: Mapping[str, StatisticTable]
    names: frozenset[str]


class Nearby:
    """A rated county whose subjects can be changed one at a time.

    Args:
        rating: the county's rating, nobody in it merged.
        known: its statistics.
    """

    def __init__(self, rating: Rating, known: KnownStatistics) -> None:
        self.rating, self.plan, self._statistics = rating, rating.plan, known
        self._members_of: dict[tuple[Keys, str | None], _Members] = {}
        self._grouped: dict[Keys, tuple[pl.DataFrame, Whole]] = {}
        self._given_means: dict[tuple[str, int], Whole] = {}
        self._ranked: dict[int, tuple[Whole, Whole]] = {}

    def touched(self, own: Whole, before: pl.DataFrame, after: pl.DataFrame, reaches: Sequence[Reach]) -> Touched:
        """Whom changes touch.

        Args:
            own: at which row of the rating each change's subject stands.
            before: the subjects as they were rated.
            after: the same with the change and all that follows from it in its own row, with every statistic as it was.
            reaches: how far each change reaches.

        Raises:
            RatingError: a value too large to be averaged exactly.
        """
        worlds = pl.Series(WORLD, range(len(reaches)), dtype=pl.UInt32)
        before, after = before.with_columns(worlds), after.with_columns(worlds)
        by_keys: dict[Keys, list[StatisticTable]] = {}
        for name in sorted({name for reach in reaches for name in reach.counted}):
            table = self.rating.statistics[name]
            by_keys.setdefault(table.plan.source.keys, []).append(table)
        tables: dict[str, StatisticTable] = {}
        met: list[list[Whole]] = [[] for _ in reaches]
        for several in by_keys.values():
            tables |= moved_groups(several, before, after, WORLD)
            self._meet(met, tables[several[0].plan.name], {t.plan.name for t in several}, reaches)
        self._give_means(met, (before, after), reaches)
        rows = [self._each_once(parts, row) for parts, row in zip(met, own.tolist(), strict=True)]
        numbers = np.repeat(np.arange(len(rows)), [one.size for one in rows])
        names = frozenset(name for reach in reaches for name in reach.names)
        return Touched(numbers, np.concatenate(rows), own, after, tables, names)

    def rate(self, touched: Touched) -> list[Mapping[str, object]]:
        """The changed subject's row of each world, as `rating.subjects` would have it.

        Raises:
            RatingError: a world cannot be rated.
        """
        rows, worlds = (pl.Series(n, v, dtype=pl.UInt32) for n, v in (("", touched.rows), (WORLD, touched.worlds)))
        frame = pl.concat(
            [self._known[rows].with_columns(worlds), touched.changed], how="diagonal_relaxed", rechunk=True
        )
        places: dict[Keys, pl.Series] = {}
        for table in touched.tables.values():
            if table.plan.source.keys not in places:
                places[table.plan.source.keys] = self._places(touched, table)
        anew = {name: (table, places[table.plan.source.keys]) for name, table in touched.tables.items()}
        own = self._of_their_own(touched.changed)
        numbers = {name: pl.concat([of.gather(rows), own[name]]) for name, of in self._numbers.items()}
        frame = met_anew(self.plan.names, frame, touched.names, numbers, anew)
        # Of what one rating knows of the size of its numbers only that counts which holds of both.
        tables = touched.tables
        still = {n: t for n, t in self.rating.statistics.items() if n not in tables or tables[n].settled}
        subjects = Evaluated(frame, statistics=still, worlds=(WORLD,))
        check_cohorts(frame)
        count = touched.changed.height
        result, _ = graded(
            self.plan, subjects, _NearbyPeers(self, subjects, touched), asked=lambda all_: all_.tail(count)
        )
        return list(result.iter_rows(named=True))

    # ---------------------------------------------------------------------------------------------------- who is there

    def _each_once(self, parts: Sequence[Whole], own: int) -> Whole:
        """The rows of several parts, each once, without one's own."""
        for rows in parts:
            self.marked[rows] = True
        self.marked[own] = False
        together = np.flatnonzero(self.marked)
        self.marked[together] = False
        return together

    @cached_property
    def marked(self) -> npt.NDArray[np.bool_]:
        """A mark per row to work with; whoever sets some takes them away."""
        return np.zeros(self.rating.subjects.height, dtype=np.bool_)

    def _meet(
        self, met: Sequence[list[Whole]], moved: StatisticTable, names: set[str], reaches: Sequence[Reach]
    ) -> None:
        """Adds by world those in groups whose number is another, where it decides about their points.

        Args:
            met: by world the rows so far.
            moved: the groups that moved, the same for some statistics.
            names: these statistics.
            reaches: how far each change reaches.
        """
        keys = moved.plan.source.keys
        codes = self._codes_of(moved)
        for world, code in zip(moved.rows[WORLD].to_list(), codes.tolist(), strict=True):
            for through in {through for name, through in reaches[world].ways if name in names}:
                if code >= 0:
                    met[world].append(self._members(keys, through).of(code))

    def _give_means(self, met: Sequence[list[Whole]], sides: Iterable[pl.DataFrame], reaches: Sequence[Reach]) -> None:
        """Adds by world those who are given the mean of others' points, where that may be another."""
        cohorts = [set[int | None](several) for several in zip(*(s[c.COHORT_CODE.name] for s in sides), strict=True)]
        for formula in self.giving_means:
            for world, reach in enumerate(reaches):
                if formula.key in reach.means:
                    met[world] += [self._given(formula, cohort) for cohort in cohorts[world] if cohort is not None]

    def _given(self, formula: Formula, cohort: int) -> Whole:
        """The rows of a cohort that are given the mean by a formula."""
        if (formula.key, cohort) not in self._given_means:
            acts = pl.col(c.ACTS.of(formula.key)).is_in(formula.means)
            given = self.as_scored.select((acts & (c.SCORED.col == cohort)).fill_null(value=False)).to_series()
            self._given_means[formula.key, cohort] = given.arg_true().cast(pl.Int64).to_numpy()
        return self._given_means[formula.key, cohort]

    def _members(self, keys: Keys, through: str | None) -> _Members:
        """The rows that have points, by the groups of some keys; of those in whose group a statistic has no number."""
        if (keys, through) not in self._members_of:
            asked = self.rating.subjects.select(c.SCORED.col.is_not_null())[c.SCORED.name]
            if through is not None:
                asked &= self._numbers[through].is_null()
            rows = asked.arg_true().cast(pl.Int64).to_numpy()
            codes = self._groups(keys)[1][rows]
            order = np.argsort(codes, kind="stable")
            self._members_of[keys, through] = _Members(rows[order], codes[order])
        return self._members_of[keys, through]

    @cached_property
    def _numbers(self) -> dict[str, pl.Series]:
        """`_of_their_own` of everybody."""
        return self._of_their_own(self.rating.subjects)

    def _of_their_own(self, rows: pl.DataFrame) -> dict[str, pl.Series]:
        """Of statistics that may be stood in for the number of each row's group; missing where it has none."""
        plans = (one for level in self.plan.names.levels for one in level.statistics)
        names = [one.name for one in plans if one.otherwise is not None]
        return dict(zip(names, self._statistics.columns(rows, names), strict=True))

    def _groups(self, keys: Keys) -> tuple[pl.DataFrame, Whole]:
        """The groups of some keys, and by row the place of its own among them; below zero where a key is missing."""
        if keys not in self._grouped:
            groups = group_rows(self.rating.subjects, keys)
            self._grouped[keys] = groups.keys, groups.codes.cast(pl.Int64).fill_null(NOWHERE).to_numpy()
        return self._grouped[keys]

    def _codes_of(self, moved: StatisticTable) -> Whole:
        """The places of moved groups among those of the rating; below zero where nobody was in such a one."""
        keys = moved.plan.source.keys
        if not keys:
            return np.zeros(moved.rows.height, dtype=np.int64)
        known = self._groups(keys)[0].with_row_index("_at")
        at = moved.rows.select(keys).join(known, on=keys, how="left", maintain_order="left")["_at"]
        return at.cast(pl.Int64).fill_null(NOWHERE).to_numpy()

    def _places(self, touched: Touched, moved: StatisticTable) -> pl.Series:
        """For each row, the changed ones last, which row of the moved groups is its own; missing for other groups."""
        keys, own = moved.plan.source.keys, [WORLD, *moved.plan.source.keys]
        worlds, codes = moved.rows[WORLD].to_numpy(), self._codes_of(moved)
        places = np.full(touched.rows.size, NOWHERE)
        groups = self._groups(keys)[1][touched.rows]
        # A world has two moved groups of some keys at most: where its subject was, and where it is.
        first = np.unique(worlds, return_index=True)[1]
        for several in (first, np.setdiff1d(np.arange(worlds.size), first)):
            code_of, place_of = (np.full(touched.own.size, NOWHERE) for _ in range(2))
            code_of[worlds[several]], place_of[worlds[several]] = codes[several], several
            mine = code_of[touched.worlds]
            places = np.where((mine >= 0) & (groups == mine), place_of[touched.worlds], places)
        changed = touched.changed.select(own).join(
            moved.rows.select(own).with_row_index("_at"), on=own, how="left", maintain_order="left"
        )["_at"]
        others = pl.select(pl.when(pl.Series(places) >= 0).then(pl.Series(places)).cast(pl.UInt32).alias("_at"))["_at"]
        return pl.concat([others, changed])

    @cached_property
    def _known(self) -> pl.DataFrame:
        return self.rating.subjects.select(self.rating.computed)

    # ------------------------------------------------------------------------------------------------- who is not there

    @cached_property
    def giving_means(self) -> list[Formula]:
        """The formulas by which somebody may be given the mean of others' points."""
        return [f for f in formulas_of(self.plan) if f.means]

    @cached_property
    def as_scored(self) -> pl.DataFrame:
        """What points were given by these formulas, as whole numbers of their decimal, and what acted."""
        places = self.plan.rating.decimals.points
        columns = [pl.col(c.SCORED.name)]
        for formula in self.giving_means:
            points = pl.col(c.POINTS.of(formula.indicator)).cast(pl.Decimal(38, places)) * 10**places
            columns += [pl.col(c.ACTS.of(formula.key)), points.cast(pl.Int64).alias(f"{formula.key}:points")]
        return self.rating.subjects.select(columns)

    @cached_property
    def placed(self) -> pl.DataFrame:
        """In which cells the subjects were rated, and what counts there."""
        asked = (c.CELL, c.RANKED, c.IN_BASE, c.FIXED, c.TREATMENT, c.SCORE_CODE)
        return self.rating.subjects.select(column.name for column in asked)

    @cached_property
    def cell_of(self) -> dict[tuple[object, ...], Cell]:
        """The cells of the rating by their keys."""
        return {tuple(cell.keys.values()): cell for cell in self.rating.cells}

    def ranked(self, cell: int) -> tuple[Whole, Whole]:
        """Who is ranked in a cell, by ascending score: the scores as whole numbers, and the rows."""
        if cell not in self._ranked:
            rows = self.placed.select(c.RANKED.col & (c.CELL.col == cell)).to_series().arg_true()
            scores = self.placed[c.SCORE_CODE.name].gather(rows).to_numpy()
            order = np.argsort(scores, kind="stable")
            self._ranked[cell] = scores[order], rows.cast(pl.Int64).to_numpy()[order]
        return self._ranked[cell]


class _NearbyPeers(WorldPeers):
    """Those whom the changes touch, each in his world; all others are counted as they were rated."""

    def __init__(self, nearby: Nearby, subjects: Evaluated, touched: Touched) -> None:
        super().__init__(nearby.plan, subjects, touched.changed.height)
        self._nearby, self._touched = nearby, touched
        # By world the rows of the rating in whose place others stand.
        self._worlds = np.concatenate([touched.worlds, np.arange(self.count)])
        self._gone = np.concatenate([touched.rows, touched.own])

    def _gone_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows[pl.Series(self._gone, dtype=pl.UInt32)].with_columns(
            pl.Series(WORLD, self._worlds, dtype=pl.UInt32)
        )

    def point_sums(self, frame: pl.DataFrame, groups: Groups, points: pl.Expr, have_points: pl.Expr) -> pl.DataFrame:
        """The sums of the county, with those who are in the frame as they are there."""
        as_scored, cohort = self._nearby.as_scored, c.SCORED.name

        def sums(rows: pl.DataFrame, over: Sequence[str], which: str) -> pl.DataFrame:
            mine = rows.lazy().filter(have_points, c.SCORED.col.is_not_null()).group_by(over)
            told = mine.agg(points.sum().alias(f"sum:{which}"), points.count().cast(pl.Int64).alias(f"n:{which}"))
            return told.collect(engine="in-memory")

        worlds = [WORLD, cohort]
        here = (
            groups.keys.with_row_index("_group")
            .join(sums(as_scored, [cohort], "all"), on=cohort, how="left")
            .join(sums(self._gone_of(as_scored), worlds, "gone"), on=worlds, how="left")
            .join(sums(frame, worlds, "here"), on=worlds, how="left")
        )
        sides = {n: [pl.col(f"{n}:{which}").fill_null(0) for which in ("all", "gone", "here")] for n in ("sum", "n")}
        return here.select("_group", *((all_ - gone_ + here_).alias(n) for n, (all_, gone_, here_) in sides.items()))

    def beyond(self, changed: pl.DataFrame, groups: Groups, cells: Mapping[int, Cell], level: Whole) -> Beyond:
        """Who is not in the frame: all of the changed subjects' cells but those in whose place others stand."""
        nearby, tiers = self._nearby, self.plan.rating.tiers
        keys = tiers.cells if tiers is not None else ()
        told = changed.select(WORLD, c.CELL.name, c.RANKED.name).filter(c.CELL.col.is_not_null())
        names = groups.keys.select(keys)[told[c.CELL.name]].rows() if keys else [()] * told.height
        as_rated = [nearby.cell_of.get(name) for name in names]
        there = [(*row, cell) for row, cell in zip(told.rows(), as_rated, strict=True) if cell is not None]
        # Those of its cell in whose place others stand, put into the cell that it has in its world.
        was, becomes = np.full(self.count, NOWHERE), np.full(self.count, NOWHERE)
        for world, code, _, cell in there:
            was[world], becomes[world] = cell.code, code
        cell_was = nearby.placed[c.CELL.name].cast(pl.Int64).fill_null(NOWHERE - 1).to_numpy()[self._gone]
        here = cell_was == was[self._worlds]
        codes = becomes[self._worlds[here]]
        gone = nearby.placed[pl.Series(self._gone[here], dtype=pl.UInt32)].with_columns(
            pl.Series(c.CELL.name, codes, dtype=pl.UInt32)
        )
        ahead_of = gone[c.SCORE_CODE.name].fill_null(0).to_numpy() > level[codes]
        ahead = -counted(codes, ahead_of & gone[c.RANKED.name].to_numpy(), groups)
        without = {cell.code: cell for cell in cells_of(self.plan, gone, groups)}
        put_together: dict[int, Cell] = {}
        equal: list[tuple[int, int, Whole]] = []
        for world, code, is_ranked, cell in there:
            put_together[code] = _put_together(cells[code], cell, without.get(code))
            if is_ranked:
                scores, rows = nearby.ranked(cell.code)
                low, high = np.searchsorted(scores, [level[code], level[code] + 1])
                ahead[code] += scores.size - high
                equal.append((world, code, rows[low:high]))
        return Beyond(put_together, ahead, self._level(equal, changed.columns))

    def _level(self, equal: Sequence[tuple[int, int, Whole]], columns: Sequence[str]) -> pl.DataFrame:
        """Rows of some worlds in their cells, but for those in whose place others stand."""
        marked, subjects = self._nearby.marked, self._nearby.rating.subjects
        bounds = np.searchsorted(self._touched.worlds, np.arange(self.count + 1))
        stay: list[Whole] = []
        for world, _, rows in equal:
            others = self._touched.rows[bounds[world] : bounds[world + 1]]
            marked[others] = marked[self._touched.own[world]] = True
            stay.append(rows[~marked[rows]])
            marked[others] = marked[self._touched.own[world]] = False
        sizes = [rows.size for rows in stay]
        worlds, codes = (np.repeat(np.array([one[k] for one in equal], dtype=np.int64), sizes) for k in (0, 1))
        together = pl.Series(np.concatenate([np.zeros(0, dtype=np.int64), *stay]), dtype=pl.UInt32)
        return subjects.select(n for n in subjects.columns if n in columns)[together].with_columns(
            pl.Series(WORLD, worlds, dtype=pl.UInt32), pl.Series(c.CELL.name, codes, dtype=pl.UInt32)
        )


class _Members(NamedTuple):
    """Rows by the codes of their groups, which ascend."""

    rows: Whole
    codes: Whole

    def of(self, code: int) -> Whole:
        """The rows of one group."""
        low, high = np.searchsorted(self.codes, [code, code + 1])
        return self.rows[low:high]


def _put_together(here: Cell, as_rated: Cell, gone: Cell | None) -> Cell:
    """A cell of a world: what it was in the rating, with some as they are there in place of what they were."""
    taken = gone or replace(as_rated, size=0, base=0, fixed={})
    fixed = {
        tier: here.fixed.get(tier, 0) + as_rated.fixed.get(tier, 0) - taken.fixed.get(tier, 0)
        for tier in {**here.fixed, **as_rated.fixed}
    }
    size, base = here.size + as_rated.size - taken.size, here.base + as_rated.base - taken.base
    return replace(here, size=size, base=base, fixed=fixed)
