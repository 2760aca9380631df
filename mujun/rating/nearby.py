"""A county rated again for changes of single subjects, of the others only those whom the change reaches.

Of a hundred thousand firms a figure moves the points of a few thousand. Who is only held against another benchmark is
given his points anew and counted (`shifted`); who is scored or placed by what moved in any other way stands beside the
changed subject, world by world, as in `worlds`. The sums of a group are the county's with the subject's own part
exchanged, and whoever is not touched is counted in the ranking as he was rated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.rating import columns as c
from mujun.rating.adjusting import added_up
from mujun.rating.distinct import each_once
from mujun.rating.evaluation import Evaluated, met_anew
from mujun.rating.formulas import METHOD, NEGATIVE, Formula, formulas_of
from mujun.rating.grading import check_cohorts, graded
from mujun.rating.groups import group_rows
from mujun.rating.ranking import Cell, Whole
from mujun.rating.reach import Reach, Way
from mujun.rating.result import Rating
from mujun.rating.statistics import KnownStatistics, StatisticTable, moved_groups

WORLD = "_world"
"""Which world a subject is in."""
NOWHERE = -1
"""The place of what is in no group."""

Keys = tuple[str, ...]
"""The columns by which a statistic's groups are told apart."""


class Others(NamedTuple):
    """Subjects besides the changed ones, each in a world, the worlds in ascending order.

    Attributes:
        worlds: the world of each.
        rows: at which row of the rating each of them stands.
    """

    worlds: Whole
    rows: Whole

    def among(self, wanted: npt.NDArray[np.bool_]) -> Others:
        """Some of them."""
        return Others(self.worlds[wanted], self.rows[wanted])

    def by_world(self, count: int) -> list[Whole]:
        """Their rows in each of so many worlds."""
        return np.split(self.rows, np.searchsorted(self.worlds, np.arange(1, count)))


@dataclass(frozen=True)
class Touched:
    """Whom changes touch.

    Attributes:
        again: those who are scored or placed otherwise, in whatever way, and are rated again.
        held: by the key of a formula, those of whom only the benchmark in it is another.
        own: by world the row of the subject that is changed.
        changed: the subjects that are changed, world by world.
        tables: by name the statistics of the groups whose numbers are others in some world.
        codes: by the keys of groups, which of the rating's groups each row of these tables is; below zero for one in
            which nobody was.
        names: the statistics that move, and what follows from them.
    """

    again: Others
    held: Mapping[str, Others]
    own: Whole
    changed: pl.DataFrame
    tables: Mapping[str, StatisticTable]
    codes: Mapping[Keys, Whole]
    names: frozenset[str]

    @property
    def size(self) -> int:
        """How many rows rating them takes, about; of those who are only held again there are a few columns."""
        return self.again.rows.size + sum(others.rows.size for others in self.held.values()) // 8


class Nearby:
    """A rated county whose subjects can be changed one at a time.

    Args:
        rating: the county's rating, nobody in it merged.
        known: its statistics.
    """

    def __init__(self, rating: Rating, known: KnownStatistics) -> None:
        self.rating, self.plan, self._statistics = rating, rating.plan, known
        self._members_of: dict[tuple[Keys, str | None, str | None], _Members] = {}
        self._grouped: dict[Keys, tuple[pl.DataFrame, Whole]] = {}
        self._given: dict[tuple[str, int], Whole] = {}
        self._points: dict[str, Whole] = {}
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
        again, held = list[Whole](), dict[str, list[Whole]]()
        # Changes reach equally far where they move the same columns.
        kinds = list({id(reach): reach for reach in reaches}.values())
        at = {id(reach): place for place, reach in enumerate(kinds)}
        kind = np.array([at[id(reach)] for reach in reaches], dtype=np.int64)
        codes: dict[Keys, Whole] = {}
        for keys, several in by_keys.items():
            tables |= moved_groups(several, before, after, WORLD)
            rows, names = tables[several[0].plan.name].rows, {t.plan.name for t in several}
            codes[keys] = self._codes_of(rows, keys)
            there = _Moved(keys, names, codes[keys], rows[WORLD].to_numpy().astype(np.int64))
            again += self._met(there, [reach.ways for reach in kinds], kind)
            for formula in self.formulas:
                ways = [reach.held.get(formula.key, frozenset()) for reach in kinds]
                held.setdefault(formula.key, []).extend(self._met(there, ways, kind, formula))
        rated_again = self._each_once(again, own)
        return Touched(
            rated_again,
            {key: self._each_once(met, own, rated_again) for key, met in held.items() if met},
            own,
            after,
            tables,
            codes,
            frozenset(name for reach in kinds for name in reach.names),
        )

    def rate(self, touched: Touched) -> list[Mapping[str, object]]:
        """The changed subject's row of each world, as `rating.subjects` would have it.

        Raises:
            RatingError: a world cannot be rated.
        """
        # Those who are counted in each world are found out with it.
        from mujun.rating.nearby_peers import NearbyPeers

        rows, worlds = (
            pl.Series(n, v, dtype=pl.UInt32) for n, v in (("", touched.again.rows), (WORLD, touched.again.worlds))
        )
        frame = pl.concat(
            [self._known[rows].with_columns(worlds), touched.changed], how="diagonal_relaxed", rechunk=True
        )
        anew = self.anew(touched, touched.again, touched.names, with_changed=True)
        own = self._of_their_own(touched.changed)
        numbers = {name: pl.concat([of.gather(rows), own[name]]) for name, of in self.numbers.items()}
        frame = met_anew(self.plan.names, frame, touched.names, numbers, anew)
        # Of what one rating knows of the size of its numbers only that counts which holds of both.
        tables = touched.tables
        still = {n: t for n, t in self.rating.statistics.items() if n not in tables or tables[n].settled}
        subjects = Evaluated(frame, statistics=still, worlds=(WORLD,))
        check_cohorts(frame)
        count = touched.changed.height
        result, _ = graded(
            self.plan, subjects, NearbyPeers(self, subjects, touched), asked=lambda all_: all_.tail(count)
        )
        return list(result.iter_rows(named=True))

    # ---------------------------------------------------------------------------------------------------- who is there

    def _met(
        self, moved: _Moved, ways: Sequence[frozenset[Way]], kind: Whole, formula: Formula | None = None
    ) -> Iterator[Whole]:
        """Those in groups whose number is another who meet it, as whole numbers: world × subjects + row.

        Args:
            moved: the groups.
            ways: by which statistics they are met, by the kind of a change.
            kind: the kind of each world's change.
            formula: only those to whom it gives points by a benchmark.
        """
        for through in sorted({t for several in ways for name, t in several if name in moved.names}, key=str):
            asked = np.array([any(t == through and name in moved.names for name, t in several) for several in ways])
            at = np.flatnonzero((moved.codes >= 0) & asked[kind[moved.worlds]])
            which, rows = self._members(moved.keys, through, formula).of(moved.codes[at])
            if rows.size:
                yield moved.worlds[at][which] * self.height + rows

    def _each_once(self, met: Sequence[Whole], own: Whole, besides: Others | None = None) -> Others:
        """Those who were met, each once in his world, without the changed subject and some others."""
        # By one way each is met once, and world by world.
        numbers = met[0] if len(met) == 1 else each_once(met)
        worlds, rows = np.divmod(numbers, self.height)
        stays = rows != own[worlds]
        if besides is not None and besides.rows.size:
            taken = besides.worlds * self.height + besides.rows
            at = np.searchsorted(taken, numbers)
            stays &= taken[np.minimum(at, taken.size - 1)] != numbers
        return Others(worlds, rows).among(stays)

    @cached_property
    def height(self) -> int:
        """How many subjects there are."""
        return self.rating.subjects.height

    @cached_property
    def _marked(self) -> npt.NDArray[np.bool_]:
        """A mark per row to work with; whoever sets some takes them away."""
        return np.zeros(self.height, dtype=np.bool_)

    def not_among(self, rows: Whole, *several: Whole) -> npt.NDArray[np.bool_]:
        """Which of some rows are none of others."""
        for others in several:
            self._marked[others] = True
        stays = ~self._marked[rows]
        for others in several:
            self._marked[others] = False
        return stays

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas of the rules."""
        return formulas_of(self.plan)

    def _members(self, keys: Keys, through: str | None, formula: Formula | None) -> _Members:
        """The rows that have points, by the groups of some keys.

        Args:
            keys: the keys.
            through: only of those in whose group this statistic has no number.
            formula: only of those whom it serves, and holds against its benchmark.
        """
        known = (keys, through, None if formula is None else formula.key)
        if known not in self._members_of:
            acts = pl.lit(value=True) if formula is None else pl.col(c.ACTS.of(formula.key)).is_in([METHOD, NEGATIVE])
            asked = self.rating.subjects.select((c.SCORED.col.is_not_null() & acts).fill_null(value=False)).to_series()
            if through is not None:
                asked &= self.numbers[through].is_null()
            rows = asked.arg_true().cast(pl.Int64).to_numpy()
            codes = self._groups(keys)[1][rows]
            order = np.argsort(codes, kind="stable")
            self._members_of[known] = _Members(rows[order], codes[order])
        return self._members_of[known]

    @cached_property
    def numbers(self) -> dict[str, pl.Series]:
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

    def _codes_of(self, moved: pl.DataFrame, keys: Keys) -> Whole:
        """The places of moved groups among those of the rating; below zero where nobody was in such a one."""
        if not keys:
            return np.zeros(moved.height, dtype=np.int64)
        known = self._groups(keys)[0].with_row_index("_at")
        at = moved.select(keys).join(known, on=keys, how="left", maintain_order="left")["_at"]
        return at.cast(pl.Int64).fill_null(NOWHERE).to_numpy()

    def anew(
        self, touched: Touched, others: Others, names: frozenset[str], *, with_changed: bool = False
    ) -> dict[str, tuple[StatisticTable, pl.Series]]:
        """By name the statistics of moved groups, and for each of some subjects which of these is its own.

        Args:
            touched: the changes.
            others: the subjects.
            names: which statistics, if they moved.
            with_changed: whether the changed subjects come after them.
        """
        places: dict[Keys, pl.Series] = {}
        asked = {name: table for name, table in touched.tables.items() if name in names}
        for table in asked.values():
            if (keys := table.plan.source.keys) not in places:
                mine = self._places(touched, table, others)
                places[keys] = pl.concat([mine, _places_of_changed(table, touched.changed)]) if with_changed else mine
        return {name: (table, places[table.plan.source.keys]) for name, table in asked.items()}

    def _places(self, touched: Touched, moved: StatisticTable, others: Others) -> pl.Series:
        """For each of some subjects which row of the moved groups is its own; missing for other groups."""
        keys = moved.plan.source.keys
        worlds, codes = moved.rows[WORLD].to_numpy(), touched.codes[keys]
        places = np.full(others.rows.size, NOWHERE)
        groups = self._groups(keys)[1][others.rows]
        # A world has two moved groups of some keys at most: where its subject was, and where it is.
        first = np.unique(worlds, return_index=True)[1]
        for several in (first, np.setdiff1d(np.arange(worlds.size), first)):
            code_of, place_of = (np.full(touched.own.size, NOWHERE) for _ in range(2))
            code_of[worlds[several]], place_of[worlds[several]] = codes[several], several
            mine = code_of[others.worlds]
            places = np.where((mine >= 0) & (groups == mine), place_of[others.worlds], places)
        return pl.select(pl.when(pl.Series(places) >= 0).then(pl.Series(places)).cast(pl.UInt32).alias("_at"))["_at"]

    @cached_property
    def _known(self) -> pl.DataFrame:
        return self.rating.subjects.select(self.rating.computed)

    # ------------------------------------------------------------------------------------------------- who is not there

    @cached_property
    def as_scored(self) -> pl.DataFrame:
        """What acted by the formulas that give means, and what points they gave, as whole numbers of their decimal."""
        every = [formula for formula in self.formulas if formula.means]
        acts = [pl.col(c.ACTS.of(formula.key)) for formula in every]
        points = [pl.Series(f"{formula.key}:points", self.points(formula.indicator)) for formula in every]
        return self.rating.subjects.select(c.SCORED.name, *acts).with_columns(points)

    def points(self, indicator: str) -> Whole:
        """The points of an indicator, as whole numbers of their decimal; 0 where there are none."""
        return self.whole(c.POINTS.of(indicator))

    def whole(self, name: str) -> Whole:
        """A column of points as whole numbers of their decimal, 0 where there are none."""
        if name not in self._points:
            places = self.plan.rating.decimals.points
            exact = pl.col(name).cast(pl.Decimal(38, places)) * 10**places
            self._points[name] = self.rating.subjects.select(exact.cast(pl.Int64).fill_null(0)).to_series().to_numpy()
        return self._points[name]

    @cached_property
    def totals(self) -> Whole:
        """What scores are rounded from: points with everything added, as whole numbers of their decimal."""
        return sum((self.whole(name) for name in added_up(self.plan)), np.zeros(self.height, dtype=np.int64))

    def given(self, formula: Formula, cohort: int) -> Whole:
        """The rows of a cohort that are given the mean by a formula."""
        if (formula.key, cohort) not in self._given:
            acts = pl.col(c.ACTS.of(formula.key)).is_in(formula.means)
            given = self.as_scored.select((acts & (c.SCORED.col == cohort)).fill_null(value=False)).to_series()
            self._given[formula.key, cohort] = given.arg_true().cast(pl.Int64).to_numpy()
        return self._given[formula.key, cohort]

    @cached_property
    def placed(self) -> pl.DataFrame:
        """In which cells the subjects were rated, and what counts there."""
        asked = (c.CELL, c.RANKED, c.IN_BASE, c.FIXED, c.TREATMENT, c.SCORE_CODE)
        return self.rating.subjects.select(column.name for column in asked)

    @cached_property
    def cells(self) -> Whole:
        """The cell of every subject by code."""
        return self.placed[c.CELL.name].cast(pl.Int64).fill_null(NOWHERE - 1).to_numpy()

    @cached_property
    def ranks(self) -> npt.NDArray[np.bool_]:
        """Whether each subject is ranked."""
        return self.placed[c.RANKED.name].to_numpy()

    @cached_property
    def scores(self) -> Whole:
        """The score of every subject as a whole number, 0 where it has none."""
        return self.placed[c.SCORE_CODE.name].fill_null(0).to_numpy()

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


class _Moved(NamedTuple):
    """Groups whose numbers are others: their keys, of which statistics, which of the rating's groups each is, and in
    which world, these in ascending order."""

    keys: Keys
    names: set[str]
    codes: Whole
    worlds: Whole


class _Members(NamedTuple):
    """Rows by the codes of their groups, which ascend."""

    rows: Whole
    codes: Whole

    def of(self, codes: Whole) -> tuple[Whole, Whole]:
        """The rows of some groups, one group after the other, and for each which of these is its own."""
        low, high = np.searchsorted(self.codes, codes), np.searchsorted(self.codes, codes, side="right")
        sizes = high - low
        which = np.repeat(np.arange(codes.size), sizes)
        starts = np.cumsum(sizes) - sizes
        return which, self.rows[np.arange(which.size) + (low - starts)[which]]


def _places_of_changed(moved: StatisticTable, changed: pl.DataFrame) -> pl.Series:
    """For each changed subject which row of the moved groups is its own; missing where none is."""
    own = [WORLD, *moved.plan.source.keys]
    at = moved.rows.select(own).with_row_index("_at")
    return changed.select(own).join(at, on=own, how="left", maintain_order="left")["_at"]
