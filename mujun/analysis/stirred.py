"""Whose points become others at some places at which a lever is asked, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mujun.analysis.rated_arrays import Scoring, Whole
from mujun.rating.distinct import each_once


class Stirred(NamedTuple):
    """Subjects whose points become others at some places, as rows of the rating, each once.

    Attributes:
        rows: which subjects.
        added: what is added to their points, a row each, a column per place.
    """

    rows: Whole
    added: Whole


def together(parts: Sequence[Stirred], places: int) -> Stirred:
    """What several parts add up to."""
    rows = each_once([part.rows for part in parts])
    added = np.zeros((rows.size, places), dtype=np.int64)
    for part in parts:
        added[np.searchsorted(rows, part.rows)] += part.added
    return Stirred(rows, added)


def lent(
    scoring: Scoring, mine: Whole, points: Whole, added: Sequence[Stirred], row: int, own: Whole | None
) -> Stirred:
    """Those who are given the mean of the cohort's points, as it becomes.

    Args:
        scoring: the indicator whose points are given.
        mine: the rows of the cohort.
        points: their points.
        added: what is added to the points of those who have some of their own.
        row: the subject that is moved.
        own: what is added to its points at each place; nothing where these stay.
    """
    given, counted = scoring.lent[mine], scoring.counted[mine]
    count, at = int(np.count_nonzero(counted)), int(np.searchsorted(mine, row))
    sums = points[counted].sum() + sum(more.sum(axis=0) for _, more in added)
    if own is not None and counted[at]:
        sums = sums + own - sum(more[rows == row].sum(axis=0) for rows, more in added)
    elif own is not None and given[at]:
        # Who has a value now has points of its own, which are counted.
        count, sums = count + 1, sums + points[at] + own
    mean = np.minimum(np.sign(sums) * ((2 * np.abs(sums) + count) // (2 * count)), scoring.most)
    # All are given the same. Where it is what they have, nothing of them stirs.
    more = np.atleast_1d(mean).astype(np.int64) - points[given][0]
    rows = mine[given] if more.any() else mine[:0]
    return Stirred(rows, np.broadcast_to(more, (rows.size, more.size)))
