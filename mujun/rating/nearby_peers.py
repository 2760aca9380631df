"""Peers of subjects that are changed one at a time: those whom a change touches, all others as they were rated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from mujun.rating import columns as c
from mujun.rating.evaluation import Evaluated
from mujun.rating.formulas import Formula
from mujun.rating.groups import Groups
from mujun.rating.nearby import NOWHERE, WORLD, Nearby, Others, Touched
from mujun.rating.peers import rounded_mean
from mujun.rating.ranking import Cell, Whole, cells_of
from mujun.rating.shifted import Shifted
from mujun.rating.world_peers import Beyond, WorldPeers, counted


class NearbyPeers(WorldPeers):
    """Those who are rated again, each in his world; those whose points moved and all others are counted.

    Args:
        nearby: the rated county.
        subjects: those who are rated again and, last, the changed subjects, with every name computed.
        touched: the changes and whom they touch.
    """

    def __init__(self, nearby: Nearby, subjects: Evaluated, touched: Touched) -> None:
        super().__init__(nearby.plan, subjects, touched.changed.height)
        self._nearby, self._touched = nearby, touched
        # By world the rows of the rating in whose place others stand.
        self._worlds = np.concatenate([touched.again.worlds, np.arange(self.count)])
        self._gone = np.concatenate([touched.again.rows, touched.own])
        settled = frozenset(name for name, table in subjects.statistics.items() if table.settled)
        self._shifted = Shifted(nearby, touched, settled)

    def mean(self, frame: pl.DataFrame, formula: Formula) -> pl.Series:
        """The mean of the county's points, with those who are in the frame as they are there; whoever else is given it
        is given it as it becomes."""
        peers = [WORLD, c.SCORED.name]

        def sums(rows: pl.DataFrame, over: Sequence[str], which: str) -> pl.DataFrame:
            mine = rows.lazy().filter(formula.has_points, c.SCORED.col.is_not_null()).group_by(over)
            told = mine.agg(
                formula.points.sum().alias(f"sum:{which}"), formula.points.count().cast(pl.Int64).alias(f"n:{which}")
            )
            return told.collect(engine="in-memory")

        as_scored = self._nearby.as_scored
        gone = as_scored[pl.Series(self._gone, dtype=pl.UInt32)].with_columns(
            pl.Series(WORLD, self._worlds, dtype=pl.UInt32)
        )
        cohorts = pl.Series(c.SCORED.name, range(len(self.plan.rating.cohorts)), dtype=pl.UInt32)
        table = (
            pl.DataFrame(pl.Series(WORLD, range(self.count), dtype=pl.UInt32))
            .join(pl.DataFrame(cohorts), how="cross")
            .join(sums(as_scored, [c.SCORED.name], "all"), on=c.SCORED.name, how="left")
            .join(sums(gone, peers, "gone"), on=peers, how="left")
            .join(sums(frame, peers, "here"), on=peers, how="left")
            .join(self._shifted.counted(formula), on=peers, how="left")
            .fill_null(0)
        )
        total, count = (pl.col(f"{n}:all") - pl.col(f"{n}:gone") + pl.col(f"{n}:here") for n in ("sum", "n"))
        means = table.select(
            *peers,
            rounded_mean(total + pl.col("added"), count).alias("mean"),
            rounded_mean(pl.col("sum:all"), pl.col("n:all")).alias("was"),
        )
        self._shifted.give(formula, means.filter(pl.col("mean") != pl.col("was")))
        return frame.select(peers).join(means, on=peers, how="left", maintain_order="left")["mean"]

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
        here = nearby.cells[self._gone] == was[self._worlds]
        codes = becomes[self._worlds[here]]
        gone = nearby.placed[pl.Series(self._gone[here], dtype=pl.UInt32)].with_columns(
            pl.Series(c.CELL.name, codes, dtype=pl.UInt32)
        )
        ahead_of = gone[c.SCORE_CODE.name].fill_null(0).to_numpy() > level[codes]
        ahead = -counted(codes, ahead_of & gone[c.RANKED.name].to_numpy(), groups)
        without = {cell.code: cell for cell in cells_of(self.plan, gone, groups)}
        # Those whose points moved stay in their cell.
        others, score = self._shifted.scores()
        here = nearby.ranks[others.rows] & (nearby.cells[others.rows] == was[others.worlds])
        others, score = others.among(here), score[here]
        codes, as_it_was = becomes[others.worlds], nearby.scores[others.rows]
        ahead += counted(codes, score > level[codes], groups) - counted(codes, as_it_was > level[codes], groups)
        put_together: dict[int, Cell] = {}
        equal: list[tuple[int, int, Whole]] = []
        for world, code, is_ranked, cell in there:
            put_together[code] = _put_together(cells[code], cell, without.get(code))
            if is_ranked:
                scores, rows = nearby.ranked(cell.code)
                low, high = np.searchsorted(scores, [level[code], level[code] + 1])
                ahead[code] += scores.size - high
                equal.append((world, code, rows[low:high]))
        stay = self._at_rest(equal, others)
        come = others.among(score == level[codes])
        level_with = Others(*(np.concatenate(parts) for parts in zip(stay, come, strict=True)))
        return Beyond(put_together, ahead, self._level(level_with, becomes, changed))

    def _at_rest(self, equal: Sequence[tuple[int, int, Whole]], shifted: Others) -> Others:
        """Rows of some worlds, but for those in whose place others stand and those whose points moved."""
        own, again, moved = self._touched.own, self._touched.again.by_world(self.count), shifted.by_world(self.count)
        stay, worlds = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for world, _, rows in equal:
            if rows.size:
                stay.append(rows[self._nearby.not_among(rows, again[world], moved[world], own[[world]])])
                worlds.append(np.full(stay[-1].size, world))
        return Others(np.concatenate(worlds), np.concatenate(stay))

    def _level(self, others: Others, cell_of: Whole, changed: pl.DataFrame) -> pl.DataFrame:
        """Subjects with the score of the one that is changed in their world, in its cell."""
        subjects = self._nearby.rating.subjects
        rows = subjects.select(n for n in subjects.columns if n in changed.columns)
        scores = changed.select(c.SCORE.name, c.SCORE_CODE.name)[pl.Series(others.worlds, dtype=pl.UInt32)]
        return rows[pl.Series(others.rows, dtype=pl.UInt32)].with_columns(
            *scores.get_columns(),
            pl.Series(WORLD, others.worlds, dtype=pl.UInt32),
            pl.Series(c.CELL.name, cell_of[others.worlds], dtype=pl.UInt32),
        )


def _put_together(here: Cell, as_rated: Cell, gone: Cell | None) -> Cell:
    """A cell of a world: what it was in the rating, with some as they are there in place of what they were."""
    taken = gone or replace(as_rated, size=0, base=0, fixed={})
    fixed = {
        tier: here.fixed.get(tier, 0) + as_rated.fixed.get(tier, 0) - taken.fixed.get(tier, 0)
        for tier in {**here.fixed, **as_rated.fixed}
    }
    size, base = here.size + as_rated.size - taken.size, here.base + as_rated.base - taken.base
    return replace(here, size=size, base=base, fixed=fixed)
