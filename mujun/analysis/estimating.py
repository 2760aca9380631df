"""What becomes of levers, about: by arithmetic on the rated county, so that a rating has only to confirm it.

A rating costs as much as its many steps, however few it is asked about, and a search asks again and again. Here points
and places are computed by themselves (`rated_arrays`). Of a figure the ratios follow that its sums make, the benchmarks
with them, and the others' points. What is left out (other bonuses, another cohort, medians) makes a guess wrong, and
not the answer: every guess is confirmed by rating.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import polars as pl

from mujun.analysis.levers import Lever
from mujun.analysis.rated_arrays import NOWHERE, Floats, RatedArrays, Scoring, Truths, Whole, parted
from mujun.analysis.searching import Answer, Asked, Holds
from mujun.analysis.stirred import Stirred, lent, together
from mujun.dataclass import dataclass
from mujun.numbers.arrays import floats_of
from mujun.rating import Rating
from mujun.rating import columns as c
from mujun.rating.change import Change, indicators_of
from mujun.rating.statistics import summed
from mujun.rules.names import StatisticPlan
from mujun.rules.rating_plan import RankKey

AT_ONCE = 1_000_000
"""So many points of others are computed at once."""

Goal = Callable[[Mapping[str, object] | None], bool]
Group = dict[tuple[object, ...], tuple[float, float, float]]
"""By the keys of a group its ratio, and the sums above and below it."""


@dataclass(frozen=True)
class Wanted:
    """A lever, and what is wanted of it.

    Attributes:
        lever: the lever.
        goal: whether a subject's row is what is wanted; nothing but its `_tier` is looked at.
        level: about which score decides, where one does.
        rises: whether the score has to rise to it; else it falls below.
        alone: whether nothing of the others moves along.
    """

    lever: Lever
    goal: Goal
    level: float | None
    rises: bool
    alone: bool


@dataclass(frozen=True)
class _Places:
    """Places at which levers are asked, each a subject with something changed.

    Attributes:
        rows: whose each is, as a row of the rating.
        values: by indicator, NaN where it is as rated.
        frame: what the rules' conditions and ranking keys read at each place.
        as_rated: whether that is what was rated.
        rated: where the subject is rated in its cohort.
        levers: the places of each lever.
    """

    rows: Whole
    values: Mapping[str, Floats]
    frame: pl.DataFrame
    as_rated: bool
    rated: Truths
    levers: tuple[_OfLever, ...] = ()


@dataclass(frozen=True)
class _OfLever:
    """The places of one lever, and by what a benchmark was what it becomes at each of them."""

    at: slice
    benchmarks: Mapping[float, Floats]


class Estimates:
    """A rated county in which one subject at a time is moved, by arithmetic.

    Args:
        rating: the county's rating.
        alone: computes every name of some changed subjects by themselves (`Worlds.alone`).
    """

    def __init__(self, rating: Rating, alone: Callable[[Sequence[Change]], pl.DataFrame]) -> None:
        self.rating, self.plan, self._alone = rating, rating.plan, alone
        self.arrays = RatedArrays(rating)

    def covered(self, subjects: Collection[str]) -> set[str]:
        """The subjects whose levers can be estimated."""
        rows = self.arrays.row.of(list(subjects))
        return {subject for subject, row in zip(subjects, rows, strict=True) if self.arrays.tells(row)}

    def holds(self, wanted: Sequence[Wanted]) -> Holds:
        """Whether levers reach their goals at some places, about, and how far they are from it."""
        tiers = range(NOWHERE, len(self.plan.tier_ids))
        held = [[w.goal({c.TIER_CODE.name: None if t == NOWHERE else t}) for t in tiers] for w in wanted]
        decimals = self.plan.rating.decimals
        unit, half = 10.0 ** (decimals.score - decimals.points), 0.5 if decimals.score < decimals.points else 0.0

        def gap(w: Wanted, total: int) -> float | None:
            if w.level is None:
                return None
            return (total * unit - w.level * 10.0**decimals.score + half) * (1 if w.rises else -1)

        def answers(asked: Sequence[Asked]) -> list[Answer]:
            told: list[Answer | None] = [None] * len(asked)
            for numbers, tier, total in self._told(wanted, asked):
                for i, t, points in zip(numbers, tier.tolist(), total.tolist(), strict=True):
                    n = asked[i][0]
                    told[i] = Answer(held[n][t - NOWHERE], gap(wanted[n], points) if t != NOWHERE else None)
            return [answer for answer in told if answer is not None]

        return answers

    def _told(self, wanted: Sequence[Wanted], asked: Sequence[Asked]) -> Iterator[tuple[Sequence[int], Whole, Whole]]:
        """Some of the places by number, with the tier and the points of each."""
        changes = [wanted[n].lever.change(m) for n, m in asked]
        still = [i for i, (n, _) in enumerate(asked) if wanted[n].alone]
        if still:
            yield still, *self._among_others_at_rest(self._changed([changes[i] for i in still]))
        moving: dict[int, list[int]] = {}
        for i, (n, _) in enumerate(asked):
            if not wanted[n].alone:
                moving.setdefault(n, []).append(i)
        for figures in (False, True):
            mine = {n: several for n, several in moving.items() if (wanted[n].lever.kind == "figure") == figures}
            if mine:
                several = [i for places in mine.values() for i in places]
                made = self._with_figures if figures else self._lending
                places = made([wanted[n].lever for n in mine], [[changes[i] for i in at] for at in mine.values()])
                yield several, *self._among_others_that_move(places)

    # --------------------------------------------------------------------------------------------------------- places

    def _changed(self, changes: Sequence[Change]) -> _Places:
        """Subjects with other values of their indicators."""
        rows = np.array(self.arrays.row.of([change.subject for change in changes]), dtype=np.int64)
        values = {n: floats_of(column) for n, column in indicators_of(changes).items()}
        frame = self._read_by_rules.select(pl.all().gather(pl.Series(rows)))
        moved = [
            pl.when(pl.Series(v).is_not_nan()).then(pl.Series(v)).otherwise(pl.col(n)).alias(n)
            for n, v in values.items()
            if n in frame.columns
        ]
        return _Places(rows, values, frame.with_columns(moved), not moved, np.ones(rows.size, dtype=np.bool_))

    def _lending(self, _levers: Sequence[Lever], changes: Sequence[Sequence[Change]]) -> _Places:
        """The same of levers by which the mean of a cohort's points moves."""
        places = self._changed([change for several in changes for change in several])
        return replace(places, levers=tuple(_OfLever(at, {}) for at in _slices(changes)))

    def _with_figures(self, levers: Sequence[Lever], changes: Sequence[Sequence[Change]]) -> _Places:
        """Subjects with other figures."""
        arrays = self.arrays
        as_they_stand = [lever.change(0) for lever in levers]
        moved = [change for several in changes for change in several]
        both = self._alone([*as_they_stand, *moved]).with_columns(self._summed)
        first, frame = both[: len(levers)], both[len(levers) :]
        rows = np.array(arrays.row.of([change.subject for change in moved]), dtype=np.int64)
        indicators = [n for n in self.plan.rating.indicators if n in frame.columns]
        rated = (frame[c.TREATMENT.name] == "rated").fill_null(value=False).to_numpy()
        there = frame[c.COHORT_CODE.name].fill_null(NOWHERE).to_numpy() == arrays.cohort[rows]
        values = {n: floats_of(frame[n]) for n in indicators}
        of_levers, read = self._benchmarks(first, frame, _slices(changes))
        return _Places(rows, values, read, False, rated & there, of_levers)

    @cached_property
    def _read_by_rules(self) -> pl.DataFrame:
        """What the rules' conditions and the keys of the ranking read of each subject."""
        plan = self.plan
        read = {n for _, when in (*plan.before, *plan.after) if when is not None for n in when.names}
        read |= {n for keys in plan.rank_by.values() for key in keys for n in key.compiled.names}
        return self.rating.subjects.select(n for n in self.rating.subjects.columns if n in read)

    # ----------------------------------------------------------------------------------------------------- benchmarks

    @cached_property
    def _ratios(self) -> list[tuple[StatisticPlan, Group]]:
        """The ratios of sums of this year."""
        ratios = []
        for plan in (p for level in self.plan.names.levels for p in level.statistics):
            table, source = self.rating.statistics.get(plan.name), plan.source
            if table is None or source.stat != "ratio_of_sums" or source.relation or source.year != "this":
                continue
            rows = table.rows.select(*source.keys, pl.col("value", "sum_of", "sum_per").cast(pl.Float64)).rows()
            width = len(source.keys)
            ratios.append((plan, {r[:width]: r[width:] for r in rows if r[width] is not None}))
        return ratios

    @cached_property
    def _summed(self) -> list[pl.Expr]:
        """What a row adds to the sums of each of them."""
        return [
            side.cast(pl.Float64).fill_null(0.0).alias(f"{plan.name}.{which}")
            for plan, _ in self._ratios
            for which, side in zip(("of", "per"), summed(plan), strict=True)
        ]

    def _benchmarks(
        self, first: pl.DataFrame, frame: pl.DataFrame, levers: Sequence[slice]
    ) -> tuple[tuple[_OfLever, ...], pl.DataFrame]:
        """The ratios of each subject's own groups: what they were, and what they become at its lever's places.

        With them what the rules' conditions read at those places.
        """
        becomes: list[dict[float, Floats]] = [{} for _ in levers]
        moved: dict[str, Floats] = {}
        for plan, groups in self._ratios:
            keys = first.select(plan.source.keys).rows() if plan.source.keys else [()] * len(levers)
            of, per = (frame[f"{plan.name}.{which}"].to_numpy() for which in ("of", "per"))
            of_first, per_first = (first[f"{plan.name}.{which}"].to_numpy() for which in ("of", "per"))
            for k, at in enumerate(levers):
                group = groups.get(keys[k])
                if group is None or (np.all(of[at] == of_first[k]) and np.all(per[at] == per_first[k])):
                    continue
                number, sum_of, sum_per = group
                above, below = sum_of - of_first[k] + of[at], sum_per - per_first[k] + per[at]
                ratio = np.divide(above, below, out=np.full(below.size, number), where=below > 0)
                becomes[k][number] = np.rint(ratio * 1e12) / 1e12
                if plan.name in frame.columns:
                    moved.setdefault(plan.name, floats_of(frame[plan.name]).copy())[at] = becomes[k][number]
        read = frame.with_columns(
            pl.Series(name, values).fill_nan(None).cast(frame.schema[name]) for name, values in moved.items()
        )
        return tuple(_OfLever(at, by) for at, by in zip(levers, becomes, strict=True)), read

    # ---------------------------------------------------------------------------------------------------------- points

    def _own(self, places: _Places) -> tuple[Whole, dict[str, Whole]]:
        """The subjects' points with everything added, and by indicator what is new in them."""
        arrays, rows = self.arrays, places.rows
        cohorts = arrays.cohort[rows]
        moved: list[tuple[Scoring, Whole, Floats, Floats]] = []
        for cohort in np.unique(cohorts).tolist():
            here = cohorts == cohort
            for scoring in arrays.scorings(cohort):
                as_rated, name = arrays.values(scoring.indicator)[rows], scoring.indicator
                value = (
                    np.where(np.isnan(places.values[name]), as_rated, places.values[name])
                    if name in places.values
                    else as_rated
                )
                was = arrays.values(c.BENCHMARK.of(name))[rows]
                base = was.copy()
                for lever in places.levers:
                    for number, becomes in lever.benchmarks.items():
                        base[lever.at] = np.where(was[lever.at] == number, becomes, base[lever.at])
                # Who has no value keeps what it is given.
                at = np.flatnonzero(here & ((value != as_rated) | (base != was)) & ~np.isnan(value))
                if at.size:
                    moved.append((scoring, at, value[at], base[at]))
        gains: dict[str, Whole] = {}
        now = arrays.scored([(scoring, value, base) for scoring, _, value, base in moved])
        for (scoring, at, _, _), points in zip(moved, now, strict=True):
            gained = gains.setdefault(scoring.indicator, np.zeros(rows.size, dtype=np.int64))
            gained[at] = points - arrays.points(c.POINTS.of(scoring.indicator))[rows[at]]
        return sum(gains.values(), arrays.total[rows]), gains

    def _others(self, places: _Places, levers: Sequence[_OfLever], gains: Mapping[str, Whole]) -> list[Stirred]:
        """Whose points become others at the places of some levers, and by how much."""
        arrays = self.arrays
        cohorts = [int(arrays.cohort[places.rows[lever.at.start]]) for lever in levers]
        parts: list[list[Stirred]] = [[] for _ in levers]
        for cohort in set(cohorts):
            mine = np.flatnonzero(arrays.cohort == cohort)
            for scoring in arrays.scorings(cohort):
                value, was = (
                    arrays.values(scoring.indicator)[mine],
                    arrays.values(c.BENCHMARK.of(scoring.indicator))[mine],
                )
                points = arrays.points(c.POINTS.of(scoring.indicator))[mine]
                moved = [
                    (k, np.flatnonzero((was == number) & scoring.counted[mine]), becomes)
                    for k, lever in enumerate(levers)
                    if cohorts[k] == cohort
                    for number, becomes in lever.benchmarks.items()
                ]
                moved = [(k, at, becomes) for k, at, becomes in moved if at.size]
                added: list[list[Stirred]] = [[] for _ in levers]
                if moved:
                    values = np.concatenate([np.repeat(value[at], becomes.size) for _, at, becomes in moved])
                    bases = np.concatenate([np.tile(becomes, at.size) for _, at, becomes in moved])
                    (now,) = arrays.scored([(scoring, values, bases)])
                    start = 0
                    for k, at, becomes in moved:
                        size = at.size * becomes.size
                        more = now[start : start + size].reshape(at.size, becomes.size) - points[at][:, None]
                        added[k].append(Stirred(mine[at], more))
                        start += size
                gained = gains.get(scoring.indicator)
                for k, lever in enumerate(levers):
                    if cohorts[k] != cohort:
                        continue
                    parts[k] += added[k]
                    if scoring.lends:
                        own = None if gained is None else gained[lever.at]
                        row = int(places.rows[lever.at.start])
                        parts[k].append(lent(scoring, mine, points, added[k], row, own))
        width = [lever.at.stop - lever.at.start for lever in levers]
        return [together(several, size) for several, size in zip(parts, width, strict=True)]

    # ----------------------------------------------------------------------------------------------------------- tiers

    def _among_others_at_rest(self, places: _Places) -> tuple[Whole, Whole]:
        """Tiers and points where nobody else moves."""
        arrays, rows = self.arrays, places.rows
        total, _ = self._own(places)
        score, tier = arrays.score(total), np.full(rows.size, NOWHERE, dtype=np.int64)
        for code in np.unique(arrays.cell[rows]).tolist():
            for cohort in np.unique(arrays.cohort[rows[arrays.cell[rows] == code]]).tolist():
                at = np.flatnonzero((arrays.cell[rows] == code) & (arrays.cohort[rows] == cohort))
                keys = arrays.keys(cohort)[1:]
                there = places.frame[at] if keys else places.frame
                before, level = arrays.ahead(code, rows[at], score[at], [(k, parted(k, there)) for k in keys])
                tier[at] = arrays.by_cut(code, score[at], before, level)
        return self._after_rules(places, tier), total

    def _among_others_that_move(self, places: _Places) -> tuple[Whole, Whole]:
        """Tiers and points where the others move along."""
        arrays = self.arrays
        total, gains = self._own(places)
        score, tier = arrays.score(total), np.full(total.size, NOWHERE, dtype=np.int64)
        parting: dict[int, list[tuple[RankKey, Floats]]] = {}
        for several in self._in_turns(places):
            for lever, stirred in zip(several, self._others(places, several, gains), strict=True):
                at, row = lever.at, int(places.rows[lever.at.start])
                cohort, code = int(arrays.cohort[row]), int(arrays.cell[row])
                before, level, tied, place = self._beside(code, row, score[at], stirred)
                if level.any() and (keys := arrays.keys(cohort)[1:]):
                    if cohort not in parting:
                        parting[cohort] = [(key, parted(key, places.frame)) for key in keys]
                    arrays.part(before, level, tied, place, [(key, v[at]) for key, v in parting[cohort]])
                tier[at] = arrays.by_cut(code, score[at], before, level)
        return self._after_rules(places, tier), total

    def _beside(self, code: int, row: int, score: Whole, stirred: Stirred) -> tuple[Whole, Whole, Whole, Whole]:
        """How many of a cell are ahead of a subject's scores at some places, how many are level, and who at which."""
        arrays = self.arrays
        ranked, scores = arrays.ordered[code]
        moves = np.zeros(arrays.cell.size, dtype=np.bool_)
        moves[stirred.rows] = moves[row] = True
        stays = ~moves[ranked]
        ranked, scores = ranked[stays], scores[stays]
        low, high = np.searchsorted(scores, score, "left"), np.searchsorted(scores, score, "right")
        mine = arrays.ranked[stirred.rows] & (arrays.cell[stirred.rows] == code) & (stirred.rows != row)
        others = arrays.score(arrays.total[stirred.rows[mine]][:, None] + stirred.added[mine])
        equal = others == score
        before, level = scores.size - high + (others > score).sum(axis=0), high - low + equal.sum(axis=0)
        moved, there = np.nonzero(equal)
        stay = [ranked[low[p] : high[p]] for p in np.flatnonzero(high > low)]
        tied = np.concatenate([stirred.rows[mine][moved], *stay])
        return before, level, tied, np.concatenate([there, np.repeat(np.arange(score.size), high - low)])

    def _in_turns(self, places: _Places) -> Iterator[list[_OfLever]]:
        """The levers in turns of a size that memory bears."""
        turn: list[_OfLever] = []
        size = 0
        for lever in places.levers:
            mine = int(np.count_nonzero(self.arrays.cohort == self.arrays.cohort[places.rows[lever.at.start]]))
            size += mine * (lever.at.stop - lever.at.start)
            if turn and size > AT_ONCE:
                yield turn
                turn, size = [], mine * (lever.at.stop - lever.at.start)
            turn.append(lever)
        yield turn

    def _after_rules(self, places: _Places, tier: Whole) -> Whole:
        """Tiers after what is fixed before the cut and what the rules after it do."""
        arrays, plan = self.arrays, self.plan
        holds = self._met_as_rated[places.rows] if places.as_rated else self._met(places.frame, tier.size)
        before, after = holds[:, : len(plan.before)], holds[:, len(plan.before) :]
        for n in reversed(range(len(plan.before))):
            tier = np.where(before[:, n], arrays.tiers[plan.before[n][0].set], tier)
        done = np.full(tier.size, NOWHERE, dtype=np.int64)
        for code in np.unique(arrays.cell[places.rows]).tolist():
            at = np.flatnonzero(arrays.cell[places.rows] == code)
            done[at] = arrays.after_rules(code, tier[at], after[at], before[at])
        return np.where(places.rated, done, NOWHERE)

    @cached_property
    def _met_as_rated(self) -> Truths:
        """Whether each rule's condition holds of each subject of the rating."""
        return self._met(self._read_by_rules, self.rating.subjects.height)

    def _met(self, frame: pl.DataFrame, count: int) -> Truths:
        """Whether each rule's condition before and after the cut holds, a column per rule."""
        rules = [when for _, when in (*self.plan.before, *self.plan.after)]
        met = frame.select(
            (pl.lit(value=False) if when is None else when.value.expr).fill_null(value=False).alias(str(i))
            for i, when in enumerate(rules)
        )
        holds = np.zeros((count, len(rules)), dtype=np.bool_)
        for i, column in enumerate(met.get_columns()):
            holds[:, i] = column.to_numpy() if column.len() == count else column[0]
        return holds


def _slices(several: Sequence[Sequence[object]]) -> list[slice]:
    """Where each of some sequences is when they follow one another."""
    ends = np.cumsum([len(one) for one in several]).tolist()
    return [slice(end - len(one), end) for end, one in zip(ends, several, strict=True)]
