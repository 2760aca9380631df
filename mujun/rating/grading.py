"""Grading: subjects with every name computed brought to points, score, rank and tier, among their peers."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from mujun.errors import RatingError, problem
from mujun.messages import Firm
from mujun.rating import columns as c
from mujun.rating.adjusting import with_score
from mujun.rating.evaluation import Evaluated
from mujun.rating.groups import rows_of
from mujun.rating.outcome import with_outcome
from mujun.rating.peers import CountyPeers, Peers
from mujun.rating.ranking import Cell, with_ranks, with_sizes
from mujun.rating.scoring import scored
from mujun.rating.tiering import with_after, with_cut, with_fixed
from mujun.rules.rating_plan import RatingPlan


def graded(
    plan: RatingPlan,
    subjects: Evaluated,
    peers: Peers | None = None,
    asked: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame,
) -> tuple[pl.DataFrame, tuple[Cell, ...]]:
    """The one way from names to tiers, and the cells of the ranking.

    Args:
        plan: the rules.
        subjects: the subjects with every name computed.
        peers: with whom they are held together; with one another unless told.
        asked: takes those out whose result is wanted; what follows the cut looks at each by itself. All unless told.

    Raises:
        RatingError: a subject of a county is in no cohort, or a benchmark is missing.
    """
    if peers is None:
        check_cohorts(subjects.frame)
        peers = CountyPeers(plan, subjects)
    tiers = plan.rating.tiers
    assert tiers is not None
    frame = with_score(plan, peers.fit(scored(plan, subjects, peers)))
    frame, groups = peers.with_cells(with_fixed(plan, frame))
    frame = with_ranks(plan, tiers, frame, peers)
    frame, cells, groups = peers.cut_cells(frame, groups)
    frame = with_cut(plan, with_sizes(frame, cells, groups), cells, groups, peers)
    return with_outcome(plan, with_after(plan, asked(frame))), cells


def check_cohorts(frame: pl.DataFrame) -> None:
    """Refuse a county in which somebody who is rated belongs nowhere.

    Raises:
        RatingError: a subject is in no cohort.
    """
    nowhere = rows_of(frame[c.COHORT_CODE.name].is_null())
    needed = ("rated", "ungraded", "measured")
    if not set(needed).isdisjoint(frame[c.TREATMENT.name].gather(nowhere).unique()):
        lost = frame.filter(c.TREATMENT.col.is_in(needed) & c.COHORT_CODE.col.is_null())
        codes = lost["credit_code"].sort().head(3).to_list()
        raise RatingError(problem("no_cohort", count=lost.height, codes=[Firm(code) for code in codes]))
