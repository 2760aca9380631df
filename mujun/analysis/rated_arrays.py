"""A rated county as arrays, in which one subject at a time can be put elsewhere: its points, its place, its tier.

Points come from the scoring methods' own formulas; the rest is counting. It is made for guesses that a rating confirms
(`estimating`): what it leaves out is told there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import points_of_twelfths
from mujun.numbers.arrays import floats_of
from mujun.rating import Rating
from mujun.rating import columns as c
from mujun.rating.adjusting import added_up
from mujun.rating.change import Places
from mujun.rating.formulas import Formula, formulas_of
from mujun.rating.ranking import Cell, last_ranks
from mujun.rating.tiering import rung_after, rungs_of
from mujun.rules.expressions import as_float12
from mujun.rules.methods import Scored
from mujun.rules.model import Item
from mujun.rules.rating_plan import RankKey

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

NOWHERE = -1
"""The tier of who has none, and the cell, cohort or points of who is in none."""


@dataclass(frozen=True)
class Scoring:
    """An indicator in a cohort, and the expression that gives its points from a value and a benchmark.

    Attributes:
        indicator: the indicator.
        value, benchmark: what the expression calls them, no other scoring's likewise.
        points: whole numbers of 10⁻ᵖˡᵃᶜᵉˢ.
        counted: which of the cohort make up the mean of its points, row by row of the rating.
        lent: who is given that mean.
        most: the most that the mean may give.
    """

    indicator: str
    value: str
    benchmark: str
    points: pl.Expr
    counted: Truths
    lent: Truths
    most: float

    @cached_property
    def lends(self) -> bool:
        """Whether somebody is given a mean."""
        return bool(self.lent.any() and self.counted.any())


class RatedArrays:
    """The arrays, a row each as in `rating.subjects`.

    Args:
        rating: the rating.
    """

    def __init__(self, rating: Rating) -> None:
        self.rating, self.plan, self.subjects = rating, rating.plan, rating.subjects
        decimals = self.plan.rating.decimals
        self.places, self.kept = decimals.points, decimals.score
        self.tiers = {t: i for i, t in enumerate(self.plan.tier_ids)}
        self.row = Places(self.subjects["subject"])
        self.cohort = self._codes(c.SCORED.name)
        self.cell = self._codes(c.CELL.name)
        self.ranked = self.subjects[c.RANKED.name].fill_null(value=False).to_numpy()
        self.fixed = self._codes(c.FIXED.name)

    def _codes(self, name: str) -> Whole:
        return self.subjects[name].cast(pl.Int64).fill_null(NOWHERE).to_numpy()

    def values(self, name: str) -> Floats:
        """A column of numbers, NaN where one is missing."""
        if name not in self._columns:
            self._columns[name] = floats_of(self.subjects[name])
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, Floats]:
        return {}

    @cached_property
    def total(self) -> Whole:
        """Points with everything added, as whole numbers of 10⁻ᵖˡᵃᶜᵉˢ."""
        return sum((self.points(n) for n in added_up(self.plan)), np.zeros(self.subjects.height, dtype=np.int64))

    def points(self, name: str) -> Whole:
        """A column of points as whole numbers of 10⁻ᵖˡᵃᶜᵉˢ, 0 where there are none."""
        if name not in self._points:
            self._points[name] = np.rint(np.nan_to_num(self.values(name)) * 10.0**self.places).astype(np.int64)
        return self._points[name]

    @cached_property
    def _points(self) -> dict[str, Whole]:
        return {}

    def score(self, total: Whole) -> Whole:
        """Scores as whole numbers of their last decimal."""
        limits, step = self.plan.rating.adjustments.score, 10 ** abs(self.places - self.kept)
        if self.kept < self.places:
            total = np.sign(total) * ((np.abs(total) + step // 2) // step)
        else:
            total = total * step
        low, high = (None if limit is None else int(limit.scaleb(self.kept)) for limit in (limits.min, limits.max))
        return total if low is None and high is None else np.clip(total, low, high)

    # --------------------------------------------------------------------------------------------- what can be told

    def tells(self, row: int) -> bool:
        """Whether a subject's cohort, order, cut and rules are of the kinds that are counted here."""
        cell = self.cells.get(int(self.cell[row]))
        return (
            cell is not None
            and self._tells_cohort(int(self.cohort[row]))
            and self._tells_rules
            and self._tells_cut(cell)
        )

    def _tells_cohort(self, cohort: int) -> bool:
        if cohort == NOWHERE:
            return False
        mine = [f for f in self._formulas if any(i.cohort == self._ids[cohort] for i in f.items)]
        keys = self.keys(cohort)
        by_score = bool(keys) and keys[0].compiled.source.text == c.SCORE.name and keys[0].descending
        return by_score and not any(_is_special(f) for f in mine)

    @cached_property
    def _tells_rules(self) -> bool:
        """A rule that looks at the tier or the score would have to be asked anew at every step."""
        looked_at = {c.TIER.name, c.SCORE.name, *(c.POINTS.of(i) for i in self.plan.rating.indicators)}
        return not any(when is not None and when.names & looked_at for _, when in (*self.plan.before, *self.plan.after))

    def _tells_cut(self, cell: Cell) -> bool:
        cut = self.plan.cuts[cell.cut].source
        return cut.shares is not None or (cut.thresholds is not None and cut.by == c.SCORE.name)

    @cached_property
    def cells(self) -> Mapping[int, Cell]:
        """The cells by code."""
        return {cell.code: cell for cell in self.rating.cells}

    @cached_property
    def _ids(self) -> list[str]:
        return [one.id for one in self.plan.rating.cohorts]

    @cached_property
    def _formulas(self) -> tuple[Formula, ...]:
        return formulas_of(self.plan)

    # -------------------------------------------------------------------------------------------------------- points

    def scorings(self, cohort: int) -> tuple[Scoring, ...]:
        """The indicators of a cohort."""
        if cohort not in self._scorings:
            mine = [(f, i.item) for f in self._formulas for i in f.items if i.cohort == self._ids[cohort]]
            self._scorings[cohort] = tuple(self._scoring(cohort, f, item) for f, item in mine)
        return self._scorings[cohort]

    @cached_property
    def _scorings(self) -> dict[int, tuple[Scoring, ...]]:
        return {}

    def _scoring(self, cohort: int, formula: Formula, item: Item) -> Scoring:
        acts = self._codes(c.ACTS.of(formula.key))
        mine = self.cohort == cohort
        value, benchmark = (f"{cohort}:{formula.indicator}:{what}" for what in ("value", "benchmark"))
        raw = item.method.raw(item, Scored(pl.col(value), pl.col(benchmark), pl.lit(float(item.weight)), {}))
        low, high = (
            None if limit is None else float(round(float(limit) * float(item.weight) * 1e12))
            for limit in (item.floor, item.cap)
        )
        points = points_of_twelfths((raw * 1e12).round().clip(low, high).cast(pl.Int64, strict=False), self.places)
        most = float("inf") if item.cap is None else round(float(item.cap * item.weight) * 10.0**self.places)
        return Scoring(
            formula.indicator, value, benchmark, points.fill_null(0).alias(value),
            mine & np.isin(acts, formula.counted), mine & np.isin(acts, formula.means), most,
        )  # fmt: skip

    @staticmethod
    def scored(several: Sequence[tuple[Scoring, Floats, Floats]]) -> list[Whole]:
        """The points of some values by their benchmarks, 0 where there is none; of several scorings all at once."""
        most = max((value.size for _, value, _ in several), default=0)

        def filled(numbers: Floats) -> Floats:
            return np.concatenate([numbers, np.full(most - numbers.size, np.nan)])

        columns = {
            name: filled(v) for s, *both in several for name, v in zip((s.value, s.benchmark), both, strict=True)
        }
        points = pl.DataFrame(columns).select(scoring.points for scoring, _, _ in several)
        return [points[scoring.value].to_numpy()[: value.size] for scoring, value, _ in several]

    # --------------------------------------------------------------------------------------------------------- places

    def keys(self, cohort: int) -> tuple[RankKey, ...]:
        """What a cohort's subjects are ranked by."""
        tiers, by = self.plan.rating.tiers, self.plan.rank_by
        apart = tiers is not None and "cohort" in tiers.cells
        return by.get(self._ids[cohort] if apart else "default", by.get("default", ()))

    def parting(self, key: RankKey) -> Floats:
        """What equal scores are parted by: more is ahead, who has none comes last."""
        text = key.compiled.source.text
        if text not in self._parting:
            self._parting[text] = parted(key, self.subjects)
        return self._parting[text]

    @cached_property
    def _parting(self) -> dict[str, Floats]:
        return {}

    @cached_property
    def ordered(self) -> dict[int, tuple[Whole, Whole]]:
        """By cell, the rows of its ranked subjects by score, equals by what they are parted by, and their scores; the
        least first."""
        score, ordered = self.score(self.total), {}
        for code in self.cells:
            rows = np.flatnonzero(self.ranked & (self.cell == code))
            # Who is ranked in a cell by the keys of his cohort is among his cohort; else all have the same keys.
            keys = self.keys(int(self.cohort[rows[0]]))[1:] if rows.size else ()
            by = [score[rows], *(self.parting(key)[rows] for key in keys)]
            columns = pl.DataFrame({str(i): column for i, column in enumerate(by)})
            rows = rows[columns.select(pl.arg_sort_by(columns.columns)).to_series().to_numpy()]
            ordered[code] = rows, score[rows]
        return ordered

    def ahead(
        self, code: int, rows: Whole, score: Whole, parting: Sequence[tuple[RankKey, Floats]]
    ) -> tuple[Whole, Whole]:
        """How many of a cell are ahead of scores, and how many are level, in the stead of the subjects that have them.

        Args:
            code: the cell.
            rows: whose each score is.
            score: the scores.
            parting: by what equal scores are parted, a number for each of them.
        """
        there, scores = self.ordered[code]
        low, high = np.searchsorted(scores, score, "left"), np.searchsorted(scores, score, "right")
        # And the subjects themselves, who stand among them as they were rated.
        as_rated, mine = self.score(self.total)[rows], self.ranked[rows] & (self.cell[rows] == code)
        better, equal = mine & (as_rated > score), mine & (as_rated == score)
        for key, values in parting:
            theirs, own = self.parting(key)[there], self.parting(key)[rows]
            low, high = _bisected(theirs, low, high, values)
            better, equal = better | (equal & (own > values)), equal & (own == values)
        return scores.size - high - better, high - low - equal

    def part(
        self, before: Whole, level: Whole, tied: Whole, place: Whole, parting: Sequence[tuple[RankKey, Floats]]
    ) -> None:
        """Those who are level at some places parted by the other keys: some are ahead, some stay level.

        Args:
            before: how many are ahead at each place; who is ahead by the keys is added.
            level: how many are level at each place; who is not level by the keys is taken out.
            tied: who is level, each at a place.
            place: at which.
            parting: the keys, each with its number at every place.
        """
        better, equal = np.zeros(tied.size, dtype=np.bool_), np.ones(tied.size, dtype=np.bool_)
        for key, values in parting:
            theirs, mine = self.parting(key)[tied], values[place]
            better |= equal & (theirs > mine)
            equal &= theirs == mine
        before += np.bincount(place[better], minlength=before.size)
        level[:] = np.bincount(place[equal], minlength=level.size)

    # ---------------------------------------------------------------------------------------------------------- tiers

    def by_cut(self, code: int, score: Whole, before: Whole, level: Whole) -> Whole:
        """The tier by the cut of who has a score, and so many ahead and level, in a cell."""
        cell = self.cells[code]
        cut = self.plan.cuts[cell.cut].source
        if cut.shares is None:
            assert cut.thresholds is not None
            assert cut.rest is not None
            given = [*cut.thresholds, cut.rest]
            beyond = [score < int(np.ceil(float(limit.scaleb(self.kept)))) for limit in cut.thresholds.values()]
        else:
            given = list(cut.shares)
            rank = before + 1 + (level if cut.ties == "worse" else 0)
            beyond = [rank > last for last in last_ranks(cut, cell, self.tiers)[:-1]]
        place = sum((b.astype(np.int64) for b in beyond), np.zeros(score.size, dtype=np.int64))
        return np.array([self.tiers[t] for t in given], dtype=np.int64)[place]

    def after_rules(self, code: int, tier: Whole, met: Truths, before: Truths) -> Whole:
        """Tiers after all rules.

        Args:
            code: the cell.
            tier: by the cut or as fixed.
            met: whether each rule's condition after the cut holds, a column per rule.
            before: the same before the cut.
        """
        seen = {b.id: before[:, n] & ~before[:, :n].any(axis=1) for n, (b, _) in enumerate(self.plan.before)}
        rungs = rungs_of(self.plan.cuts[self.cells[code].cut].source, self.tiers)
        for n, (after, _) in enumerate(self.plan.after):
            holds = met[:, n].copy()
            for other in after.unless:
                holds &= ~seen[other]
            table = np.array(rung_after(after, rungs, self.tiers), dtype=np.int64)
            seen[after.id], tier = holds, np.where(holds, table[tier], tier)
        return tier


def _bisected(values: Floats, low: Whole, high: Whole, wanted: Floats) -> tuple[Whole, Whole]:
    """Where some numbers stand among those between two places, which ascend there: before and after their equals."""

    def place(*, after: bool) -> Whole:
        first, last = low, high
        while (open_ := first < last).any():
            middle = np.where(open_, (first + last) // 2, 0)
            there = values[middle]
            beyond = open_ & ((there <= wanted) if after else (there < wanted))
            first, last = np.where(beyond, middle + 1, first), np.where(open_ & ~beyond, middle, last)
        return first

    return place(after=False), place(after=True)


def parted(key: RankKey, frame: pl.DataFrame) -> Floats:
    """A key of a ranking for each row: more is ahead, who has none comes last."""
    value = key.compiled.value
    number = value.expr.cast(pl.Float64) if value.kind == "exact" else as_float12(value)
    signed = number if key.descending else number * -1.0
    return frame.select(signed.fill_null(float("-inf")).alias("key"))["key"].to_numpy()


def _is_special(formula: Formula) -> bool:
    """Whether points hang on more than a value, its benchmark and the weight."""
    reweighs = any(policy.kind == "reweight" for _, policy in formula.policies())
    return reweighs or bool(formula.method.asks or formula.model.formula or formula.fallbacks)
