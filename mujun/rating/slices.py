"""Row-by-row work on a large frame, some rows at a time.

What is worked out on the way is fresh memory as large as a column each time, and of ten million rows the operating
system takes longer to hand it out than the arithmetic takes; of some of the rows the same memory serves again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import polars as pl

ROWS = 1_000_000
"""Rows that are worked on at once."""


def in_slices(
    frame: pl.DataFrame, work: Callable[[pl.DataFrame], pl.DataFrame], anew: Collection[str] = ()
) -> pl.DataFrame:
    """The frame with what some work adds to it.

    Args:
        frame: any rows.
        work: adds columns of which each row depends on that row alone.
        anew: columns that are there already and that it computes again.
    """
    if frame.height <= ROWS:
        return work(frame)

    def added(rows: pl.DataFrame) -> pl.DataFrame:
        whole = work(rows)
        return whole.select(name for name in whole.columns if name in anew or name not in frame.columns)

    # The parts stay where they are: in one piece they would be copied.
    parts = [added(frame.slice(start, ROWS)) for start in range(0, frame.height, ROWS)]
    return frame.with_columns(pl.concat(parts, rechunk=False).get_columns())
