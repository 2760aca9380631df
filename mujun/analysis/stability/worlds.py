"""Many counties at once: a rated county in many worlds, in each of which some numbers are others.

The worlds stand in one frame, told apart by a column, and are graded by the rating's own steps: points, score, ranks
and cuts are those of `mujun.rating`, asked of the peers of each world. What no draw moves stands as it was rated: who
is scored in which cohort, what acts on whom, adjustments, who is fixed before the cut, and the cells with their bases.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.analysis.stability.building import ADDED, numbered_benchmark, read_in_order
from mujun.analysis.stability.drawing import Draw, Ranges, factors
from mujun.analysis.stability.model import Floats, Model, Whole
from mujun.dataclass import dataclass
from mujun.numbers import divided, points_to_decimal
from mujun.rating import columns as c
from mujun.rating.adjusting import rounded_score
from mujun.rating.evaluation import Evaluated
from mujun.rating.formulas import Formula, formulas_of
from mujun.rating.groups import Groups
from mujun.rating.peers import CountyPeers, Side
from mujun.rating.ranking import Cell, shares_of, with_ranks
from mujun.rating.scoring import Points, with_means, with_peers
from mujun.rating.tiering import with_cut
from mujun.rules.model import Cut
from mujun.rules.rating_plan import CutPlan

WORLD = "_world"

_COHORT = "_cohort_of_world"
"""In which cohort of which world a row is, by number."""

AT_ONCE = 120_000
"""Rows of so many worlds are graded at once."""

LARGE_CELL = 200
"""Cells of so many are faster to rank one by one than all in one order."""

Codes = npt.NDArray[np.int8]
Factors = Sequence[Floats | None]
"""By expression, what its values are multiplied by, world × row; `None` for one that does not move."""


@dataclass(frozen=True)
class Placed:
    """Several worlds as they came out, world × ranked row.

    Attributes:
        scores: as whole numbers of the last decimal.
        ranks: within the cell.
        tiers: the tier of the cut by number, -1 for none.
    """

    scores: Whole
    ranks: Whole
    tiers: Codes


class Worlds:
    """A model of which many worlds can be graded.

    Args:
        model: the rating.
        most: how many worlds there will be.
    """

    def __init__(self, model: Model, most: int) -> None:
        self.model, self.plan = model, model.plan
        self._own = threading.local()
        self.formulas = formulas_of(self.plan)
        self.cohorts = [cohort.id for cohort in self.plan.rating.cohorts]
        self.at_once = max(1, min(most, AT_ONCE // max(1, model.frame.height)))
        numbered = [numbered_benchmark(f) for f in self.formulas if f.method.divides]
        own_numbers = [(pl.col(WORLD) * len(self.cohorts) + c.SCORED.col).alias(_COHORT)]
        own_numbers += [(pl.col(WORLD) * len(model.benchmarks) + pl.col(name)).alias(name) for name in numbered]
        # Cohort by cohort, and in each world after world: a formula is worked out for those whom it serves.
        self._scored = [self._copies(model.scored[rows]).with_columns(own_numbers) for rows in model.cohorts]
        self._standing = self._copies(model.standing).with_columns(
            (pl.col(WORLD) * len(model.cells) + c.CELL.col).alias(c.CELL.name)
        )
        self._cells = [
            Cell(world * len(model.cells) + i, cell.keys, cell.cut, cell.size, cell.base, cell.fixed)
            for world in range(self.at_once)
            for i, cell in enumerate(model.cells)
        ]

    def _copies(self, one: pl.DataFrame) -> pl.DataFrame:
        """So many copies of the county, world after world."""
        world = np.repeat(np.arange(self.at_once, dtype=np.uint32), one.height)
        return pl.concat([one] * self.at_once).with_columns(pl.Series(WORLD, world))

    def factors(self, ranges: Ranges, draws: Sequence[Draw]) -> Factors:
        """What the figures of some draws are multiplied by; good until the same thread asks again."""
        if getattr(self._own, "room", None) is None:
            # Memory from the system costs more than the numbers that are put there.
            moving = int(np.count_nonzero(ranges.inputs > 0))
            self._own.room = np.empty((moving, self.at_once, self.model.frame.height))
        return factors(ranges, [draw.inputs for draw in draws], self._own.room)

    def placed(self, draws: Sequence[Draw], factors: Factors) -> Placed:
        """Some worlds graded, at most `at_once`.

        Args:
            draws: the numbers of each.
            factors: what the values of every numerator and denominator are multiplied by.
        """
        model, count = self.model, len(draws)
        scores = self._scores(draws, factors)[:, model.ranked]
        frame = self._standing.head(scores.size).with_columns(pl.Series(c.SCORE_CODE.name, scores.ravel()))
        frame = self._with_what_is_read(frame, factors)
        tiers = self.plan.rating.tiers
        assert tiers is not None
        peers = DrawnPeers(self, draws, Evaluated(frame, worlds=(WORLD,)))
        frame = with_ranks(self.plan, tiers, frame, peers)
        cells = self._cells[: count * len(model.cells)]
        groups = Groups((), frame[c.CELL.name], len(cells), pl.DataFrame())
        frame = with_cut(self.plan, frame, cells, groups, peers)
        codes = frame[c.TIER_CUT_CODE.name].fill_null(-1).to_numpy()
        return Placed(scores, frame[c.RANK.name].to_numpy().reshape(scores.shape), codes.reshape(scores.shape))

    # ------------------------------------------------------------------------------------------------------- points

    def _scores(self, draws: Sequence[Draw], factors: Factors) -> Whole:
        """World × row: the score."""
        total = np.empty((len(draws), self.model.frame.height), dtype=np.int64)
        total[:] = self.model.scored[ADDED].to_numpy()
        together: dict[tuple[int, ...], list[Formula]] = {}
        for formula in self.formulas:
            served = sorted(self.cohorts.index(item.cohort) for item in formula.items)
            there = tuple(k for k in served if self._scored[k].height)
            if there:
                together.setdefault(there, []).append(formula)
        asked = self._asked(draws, factors) if any(f.method.asks for f in self.formulas) else None
        for there, formulas in together.items():
            several = [self._valued(k, draws, factors, formulas, asked) for k in there]
            points = self._points(pl.concat(several), draws, formulas).to_numpy()
            start = 0
            for k in there:
                rows = self.model.cohorts[k]
                size = len(draws) * (rows.stop - rows.start)
                total[:, rows] += points[start : start + size].reshape(len(draws), -1)
                start += size
        score = pl.Series("total", total.ravel()).to_frame().select(rounded_score(self.plan, pl.col("total")))
        return score["total"].to_numpy().reshape(total.shape)

    def _valued(
        self,
        cohort: int,
        draws: Sequence[Draw],
        factors: Factors,
        formulas: Sequence[Formula],
        asked: pl.DataFrame | None,
    ) -> pl.LazyFrame:
        """The rows of a cohort in each world, with values as the inputs make them and what peers were asked."""
        rows = self.model.cohorts[cohort]
        count = len(draws) * (rows.stop - rows.start)
        frame = self._scored[cohort].head(count).lazy()
        names = {n for f in formulas for n in (f.indicator, *f.fallbacks)}
        frame = _moved(frame, self.model, names, factors, rows, formulas)
        if asked is None:
            return frame
        start = sum(r.stop - r.start for r in self.model.cohorts[:cohort]) * len(draws)
        return frame.with_columns(asked.slice(start, count).get_columns())

    def _asked(self, draws: Sequence[Draw], factors: Factors) -> pl.DataFrame:
        """What methods ask of the peers in each world, who may be of other cohorts."""
        asking = [f for f in self.formulas if f.method.asks]
        valued = [
            self._valued(k, draws, factors, asking, None) for k in range(len(self.cohorts)) if self._scored[k].height
        ]
        frame = pl.concat(valued).collect(engine="in-memory")
        peers = DrawnPeers(self, draws, Evaluated(frame, worlds=(WORLD,)))
        return with_peers(self.formulas, frame.select(WORLD), peers).drop(WORLD)

    def _points(self, frame: pl.LazyFrame, draws: Sequence[Draw], formulas: Sequence[Formula]) -> pl.Series:
        """The points of some formulas added up, of each of the rows that they serve."""
        steps = DrawnPoints(self, draws)
        lazy = steps.with_numbers(frame, formulas)
        numbered = [(n, f) for n, f in enumerate(self.formulas) if f in formulas]
        points = steps.points_of(lazy, numbered, told=False)
        if any(f.means for f in formulas):
            acts = [c.ACTS.of(f.key) for f in formulas if f.means]
            acting = lazy.select(_COHORT, *acts).collect(engine="in-memory")
            peers = DrawnPeers(self, draws, Evaluated(acting, worlds=(WORLD,)))
            points = with_means(formulas, acting.hstack(points), peers)
        each = [pl.col(f"{f.key}:points").fill_null(0) for f in formulas]
        return points.select(pl.sum_horizontal(each).alias("points"))["points"]

    def _with_what_is_read(self, frame: pl.DataFrame, factors: Factors) -> pl.DataFrame:
        """Scores and indicators as ranking and cutting may look at them."""
        read = read_in_order(self.plan)
        lazy, moving = frame.lazy(), read & set(self.plan.rating.indicators)
        if moving:
            lazy = _moved(lazy, self.model, moving, factors, self.model.ranked, ())
        if c.SCORE.name in read:
            kept = self.plan.rating.decimals.score
            lazy = lazy.with_columns(points_to_decimal(c.SCORE_CODE.col, kept).alias(c.SCORE.name))
        return lazy.collect(engine="in-memory")


def _moved(
    frame: pl.LazyFrame,
    model: Model,
    names: Iterable[str],
    factors: Factors,
    rows: slice | Whole,
    formulas: Sequence[Formula],
) -> pl.LazyFrame:
    """Indicators, and the values that formulas score in their place, as the inputs of each world make them."""
    moving = {n: one for n, one in enumerate(factors) if one is not None}
    moved = {n: model.sides[n] for n in sorted(names) if moving.keys() & set(model.sides[n])}
    if not moved:
        return frame
    sides = sorted({side for both in moved.values() for side in both if side in moving})
    frame = frame.with_columns([pl.Series(f"_side{n}", moving[n][:, rows].ravel()) for n in sides])

    def factor(name: str) -> pl.Expr:
        of, per = (pl.col(f"_side{n}") if n in moving else None for n in model.sides[name])
        if of is not None and per is not None:
            return of / per
        return of if of is not None else 1.0 / per if per is not None else pl.lit(1.0)

    values = [pl.col(name) * factor(name) for name in moved]
    for formula in formulas:
        if formula.has_own_value:
            by = factor(formula.indicator)
            for number, name in enumerate(formula.fallbacks, start=1):
                by = pl.when(pl.col(c.FALLBACK.of(formula.key)) == number).then(factor(name)).otherwise(by)
            values.append(pl.col(c.VALUE.of(formula.key)) * by)
    return frame.with_columns(values)


class DrawnPoints(Points):
    """The points of all formulas by the weights, caps and benchmarks of each world."""

    def __init__(self, worlds: Worlds, draws: Sequence[Draw]) -> None:
        super().__init__(worlds.plan, worlds.formulas, worlds.cohorts, everybody=True)
        numbers = {(p.cohort, p.indicator): p.number for p in worlds.model.parts}
        self.parts = {
            f.key: [(worlds.cohorts.index(i.cohort), numbers[i.cohort, i.indicator]) for i in f.items]
            for f in worlds.formulas
        }
        self.weights = np.array([d.weights for d in draws])
        self.caps = np.array([d.caps for d in draws])
        self.benchmarks = np.array([d.benchmarks for d in draws])

    def with_numbers(self, frame: pl.LazyFrame, formulas: Sequence[Formula]) -> pl.LazyFrame:
        """`<key>:of` and `<key>:weight` of every world, and nobody acted on in a part that a world leaves out."""
        needed = self.formulas if self.reweighing else formulas
        numbers = [self._gathered(f, self.weights).alias(c.WEIGHT.of(f.key)) for f in needed]
        if np.any(self.benchmarks != 1.0):
            factor = pl.lit(pl.Series(self.benchmarks.ravel()))
            numbers += [
                (pl.col(c.OF.of(f.key)) * factor.gather(pl.col(numbered_benchmark(f)))).alias(c.OF.of(f.key))
                for f in formulas
                if f.method.divides
            ]
        frame = frame.with_columns(numbers)
        left_out = [f for f in formulas if not np.all(self.weights[:, [n for _, n in self.parts[f.key]]] > 0)]
        frame = frame.with_columns(
            pl.when(pl.col(c.WEIGHT.of(f.key)) > 0).then(c.ACTS.of(f.key)).alias(c.ACTS.of(f.key)) for f in left_out
        )
        return self._reweighed(frame) if self.reweighing else frame

    def _reweighed(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The weights of what is missing given to the others, in proportion."""
        taken = [
            pl.when(pl.col(c.ACTS.of(f.key)) == code).then(c.WEIGHT.of(f.key)).otherwise(0.0)
            for f, code in self.reweighing
        ]
        whole = pl.sum_horizontal([pl.col(c.WEIGHT.of(f.key)).fill_null(0.0) for f in self.formulas])
        frame = frame.with_columns(whole.alias("_whole"), pl.sum_horizontal(taken).alias("_taken"))
        left = pl.col("_whole") - pl.col("_taken")
        share = (
            pl.when(pl.col("_taken") == 0).then(1.0)
            .when(left > pl.col("_whole") * 1e-12).then(divided(pl.col("_whole"), left))
            .otherwise(0.0)
        )  # fmt: skip
        frame = frame.with_columns(share.alias("_share"))
        return frame.with_columns(pl.col(c.WEIGHT.of(f.key)) * pl.col("_share") for f in self.formulas)

    def limit(self, formula: Formula, side: str) -> pl.Expr:
        """The cap of each world, or the floor, as a multiple of the weight."""
        return self._gathered(formula, self.caps) if side == "cap" else super().limit(formula, side)

    def limit_twelfths(self, formula: Formula, side: str) -> pl.Expr:
        """The points at the cap or the floor in 10⁻¹²."""
        if side == "floor" and not any(i.item.floor for i in formula.items):
            return pl.lit(0.0)
        if side == "floor" or {i.cohort for i in formula.items} & self.reweighed:
            return (self.limit(formula, side) * pl.col(c.WEIGHT.of(formula.key)) * 1e12).round()
        most, mine = np.zeros_like(self.weights), [number for _, number in self.parts[formula.key]]
        most[:, mine] = np.rint(self.caps[:, mine] * self.weights[:, mine] * 1e12)
        return self._gathered(formula, most)

    def _gathered(self, formula: Formula, numbers: Floats) -> pl.Expr:
        """A number of each part and world as a number per row."""
        table = np.full((numbers.shape[0], len(self.cohorts)), np.nan)
        for cohort, number in self.parts[formula.key]:
            table[:, cohort] = numbers[:, number]
        return pl.lit(pl.Series(table.ravel(), nan_to_null=True)).gather(pl.col(_COHORT))


class DrawnPeers(CountyPeers):
    """Everybody in one world of several, each with cuts of its own."""

    def __init__(self, worlds: Worlds, draws: Sequence[Draw], subjects: Evaluated) -> None:
        super().__init__(worlds.plan, subjects)
        self.model, self.worlds = worlds.model, len(draws)
        self.limits = {cut.name: np.array([d.limits[i] for d in draws]) for i, cut in enumerate(self.model.cuts)}

    @property
    def scored(self) -> pl.Expr:
        """Which rows are scored at all: nobody else is there."""
        return pl.lit(value=True)

    def cohorts(self, frame: pl.DataFrame) -> Groups:
        """The rows by cohort and world."""
        return Groups((), frame[_COHORT], len(self.plan.rating.cohorts) * self.worlds, pl.DataFrame())

    def places(self, indicator: str) -> tuple[pl.Series, pl.Series]:
        """How many of the cohort's values are at or below each, and how many there are."""
        frame = self.subjects.frame
        return self.place(frame, indicator, _COHORT, "max"), self.group_size(frame, indicator, _COHORT)

    def place(self, frame: pl.DataFrame, by: str, over: str, side: Side) -> pl.Series:
        """The place of each row in its group; in the many cells of many worlds by one order of all."""
        if over != c.CELL.name or frame.height > LARGE_CELL * len(self.model.cells) * self.worlds:
            return super().place(frame, by, over, side)
        cell = frame[c.CELL.name].to_numpy()
        order = frame[by].to_numpy()
        least = order.min(initial=0)
        room, count = int(order.max(initial=0)) - int(least) + 1, int(cell.max(initial=0)) + 1
        if room * count >= 2**62:
            return super().place(frame, by, over, side)
        first = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=count))[:-1]])
        keys = pl.Series("place", cell * np.int64(room) + (order - least))
        return keys.rank(side).cast(pl.Int64) - pl.Series(first[cell])

    def last_ranks(self, cut: Cut, cells: Sequence[Cell], groups: Groups) -> list[pl.Series]:
        """By cell code the last rank of each tier but the last one; of a sample its part."""
        drawn = next(one for one in self.model.cuts if one.source is cut)
        limits = self.limits[drawn.name]
        here = np.array([i for i, cell in enumerate(self.model.cells) if cell.cut == drawn.name])
        bases = np.array([self.model.cells[i].base for i in here], dtype=np.int64)
        ids = self.plan.tier_ids
        fixed = np.array([[self.model.cells[i].fixed.get(t, 0) for t in ids] for i in here], dtype=np.int64)
        taken = np.cumsum(fixed, axis=1)[:, list(drawn.tiers[:-1])]
        # World × cell × tier.
        shares = shares_of(limits[:, None, :], np.broadcast_to(bases, (len(limits), bases.size)), cut.rounding)
        ranks = np.maximum.accumulate(shares - taken, axis=2)
        kept = self.model.kept[here][None, :, None]
        ranks = np.where(kept == 1.0, ranks, np.rint(ranks * kept).astype(np.int64))
        table = np.zeros((len(limits), len(self.model.cells), limits.shape[1]), dtype=np.int64)
        table[:, here] = ranks
        return [pl.Series(np.ascontiguousarray(table[:, :, k]).ravel()) for k in range(limits.shape[1])]

    def threshold(self, cut: CutPlan, tier: str) -> pl.Expr:
        """What a tier of a cut by thresholds asks in each world."""
        drawn = next(one for one in self.model.cuts if one.source is cut.source)
        number = [self.plan.tier_ids[t] for t in drawn.tiers].index(tier)
        limits = self.limits[drawn.name][:, number]
        assert cut.by is not None
        if cut.by.value.kind == "exact":
            exact = pl.Series(
                [Decimal(round(limit * 1e12)).scaleb(-12) for limit in limits.tolist()], dtype=pl.Decimal(38, 12)
            )
            return pl.lit(exact).gather(pl.col(WORLD))
        return pl.lit(pl.Series(np.rint(limits * 1e12) / 1e12)).gather(pl.col(WORLD))
