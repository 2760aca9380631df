"""Peers in several worlds of one frame, of whom only the changed subjects, its last rows, are asked for their place.

Where who is ahead goes by the score first, those with another score have only to be counted; some may not be in the
frame at all.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.rating import columns as c
from mujun.rating.evaluation import Evaluated
from mujun.rating.groups import Groups
from mujun.rating.peers import CountyPeers, Side
from mujun.rating.ranking import RANKED as WHO_IS_RANKED
from mujun.rating.ranking import Cell, Whole, cells_of
from mujun.rules.rating_plan import RatingPlan


@dataclass(frozen=True)
class Beyond:
    """Those who are in the changed subjects' cells and not in the frame.

    Attributes:
        cells: by code the cells with them in it.
        ahead: by code how many of them are ahead by their score.
        level: those with the same score, as rows of the frame.
    """

    cells: Mapping[int, Cell]
    ahead: Whole
    level: pl.DataFrame


class WorldPeers(CountyPeers):
    """Everybody in his world.

    Args:
        plan: the rules.
        subjects: the subjects of every world with every name computed, those that are changed last, world by world.
        count: how many worlds there are.
    """

    def __init__(self, plan: RatingPlan, subjects: Evaluated, count: int) -> None:
        super().__init__(plan, subjects)
        self.count = count
        self._counts = ranked_by_score(plan)

    def with_cells(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, Groups]:
        """The cells, and in them those who are level by the score with whoever was changed; the others are counted."""
        frame, groups = super().with_cells(frame)
        if not self._counts:
            return frame, groups
        frame = frame.with_columns(WHO_IS_RANKED.alias(c.RANKED.name))
        cells = {cell.code: cell for cell in cells_of(self.plan, frame, groups)}
        score = frame[c.SCORE_CODE.name].fill_null(0).to_numpy()
        codes = frame[c.CELL.name].fill_null(groups.count).to_numpy()
        level = np.zeros(groups.count + 1, dtype=np.int64)
        level[codes[-self.count :]] = score[-self.count :]
        ahead = counted(codes, (score > level[codes]) & frame[c.RANKED.name].to_numpy(), groups)
        near = score == level[codes]
        near[-self.count :] = True
        frame = frame.filter(pl.Series(near))
        beyond = self.beyond(frame.tail(self.count), groups, cells, level)
        if beyond is not None:
            cells |= beyond.cells
            ahead += beyond.ahead
            frame = pl.concat([beyond.level, frame], how="diagonal_relaxed", rechunk=True)
        self._cells, self._ahead = tuple(cells.values()), pl.Series(ahead)
        return frame, groups

    def beyond(self, changed: pl.DataFrame, groups: Groups, cells: Mapping[int, Cell], level: Whole) -> Beyond | None:
        """Who is not in the frame; nobody, where all of the county are there.

        Args:
            changed: the changed subjects in their cells.
            groups: the cells' groups.
            cells: by code the cells as the frame has them.
            level: by code the score of whoever was changed.
        """
        return None

    def ranks(self, frame: pl.DataFrame, side: Side) -> pl.Series:
        """The place of each ranked row in its cell by `_order`."""
        ranks = super().ranks(frame, side)
        return ranks + self._ahead.gather(frame[c.CELL.name]) if self._counts else ranks

    def cut_cells(self, frame: pl.DataFrame, groups: Groups) -> tuple[pl.DataFrame, tuple[Cell, ...], Groups]:
        """The cells with their size and base as a cut takes shares of them."""
        return (frame, self._cells, groups) if self._counts else super().cut_cells(frame, groups)


def ranked_by_score(plan: RatingPlan) -> bool:
    """Whether who is ahead goes by the score first, and nobody is picked."""
    first = [keys[0] for keys in plan.rank_by.values()]
    by_score = all(key.compiled.source.text == c.SCORE.name and key.descending for key in first)
    return by_score and not any(cut.picks for cut in plan.cuts.values())


def counted(codes: npt.NDArray[np.integer], marks: npt.NDArray[np.bool_], groups: Groups) -> Whole:
    """By code how many rows are marked; the last place is for rows in no cell."""
    return np.bincount(codes[marks], minlength=groups.count + 1)
