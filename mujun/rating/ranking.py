"""Who stands before whom: cells, ranks and sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import round_decimal
from mujun.rating import columns as c
from mujun.rating.groups import Groups, group_rows, numbered
from mujun.rules.expressions import as_float12
from mujun.rules.model import Cut, Tiers
from mujun.rules.rating_plan import RankKey, RatingPlan

if TYPE_CHECKING:
    from mujun.rating.peers import Peers

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

RANKED = c.SCORED.col.is_not_null() & c.FIXED.col.is_null() & c.CELL.col.is_not_null()
"""Who takes part in a ranking."""


@dataclass(frozen=True)
class Cell:
    """A cell in which subjects are ranked and cut.

    Attributes:
        code: its number.
        keys: the values of the cell's keys.
        cut: which entry of `cut` applies, a cohort or `default`.
        size: how many are ranked.
        base: what shares are taken of: the size and what `in_base` adds.
        fixed: by tier, how many `before` fixed into it with `in_base`.
    """

    code: int
    keys: dict[str, object]
    cut: str
    size: int
    base: int
    fixed: dict[str, int]


def with_cells(
    plan: RatingPlan, tiers: Tiers, frame: pl.DataFrame, known: Groups | None = None, worlds: tuple[str, ...] = ()
) -> tuple[pl.DataFrame, Groups]:
    """`_cell` for every subject in scope; a missing key is a cell of its own, except a missing cohort.

    `known` are the same groups as statistics have used, if they have: where no key is missing they serve again.
    """
    if known is not None and not known.codes.null_count():
        groups = known
    else:
        groups = group_rows(frame, (*worlds, *tiers.cells), missing_is_a_value=True)
    outside = c.TREATMENT.col == "out"
    in_base = c.SPECIAL.col.is_in([i for i, s in enumerate(plan.rating.population.special) if s.in_base]).fill_null(
        value=False
    )
    nowhere = (outside & ~in_base) | (c.COHORT.col.is_null() if "cohort" in tiers.cells else pl.lit(value=False))
    cell = pl.when(~nowhere).then(pl.lit(groups.codes.rename(c.CELL.name)))
    return frame.with_columns(cell.alias(c.CELL.name), in_base.alias(c.IN_BASE.name)), groups


def order_of(keys: Sequence[RankKey], frame: pl.DataFrame) -> pl.Series:
    """A whole number per row, smaller is better, equal where all keys are equal; missing values come last."""
    if len(keys) == 1 and keys[0].compiled.source.text == "score" and keys[0].descending:
        return frame[c.SCORE_CODE.name].fill_null(0) * -1
    combined: pl.Series | None = None
    for key in keys:
        value = key.compiled.value
        expr = value.expr if value.kind == "exact" else as_float12(value)
        dense = frame.select(expr.rank("dense", descending=key.descending).alias("_dense"))["_dense"].cast(pl.Int64)
        size = int(dense.max() or 0) + 2  # type: ignore[arg-type]
        place = dense.fill_null(size - 1)
        if combined is None:
            combined = place
            continue
        combined = combined * size + place
        if (combined.max() or 0) > 2**40:  # type: ignore[operator]
            combined = combined.rank("dense").cast(pl.Int64)
    assert combined is not None
    return combined


def orders_of(plan: RatingPlan, tiers: Tiers, frame: pl.DataFrame) -> pl.Series:
    """`order_of` by the keys that count for each row: its cohort's, or `default`.

    Keys stated for a cohort count within it; where a cell mixes cohorts, `default` counts for all.
    """
    apart = "cohort" in tiers.cells
    by_cohort = {one.id: plan.rank_by[one.id] for one in plan.rating.cohorts if apart and one.id in plan.rank_by}
    order = order_of(plan.rank_by["default"], frame) if "default" in plan.rank_by else None
    for cohort, keys in by_cohort.items():
        this = order_of(keys, frame)
        order = (
            this
            if order is None
            else pl.select(pl.when(frame[c.COHORT.name] == cohort).then(this).otherwise(order).alias("o"))["o"]
        )
    assert order is not None
    return order


def with_ranks(plan: RatingPlan, tiers: Tiers, frame: pl.DataFrame, peers: Peers) -> pl.DataFrame:
    """`_ranked`, `_order`, `rank` (1 + the number strictly ahead) and `_rank_worse` (with all equals)."""
    frame = frame.with_columns(RANKED.alias(c.RANKED.name))
    order = pl.lit(orders_of(plan, tiers, frame))
    frame = frame.with_columns(pl.when(c.RANKED.col).then(order).alias(c.ORDER.name))
    ranks = [peers.ranks(frame, "min").alias(c.RANK.name)]
    if any(cut.source.ties == "worse" for cut in plan.cuts.values()):
        ranks.append(peers.ranks(frame, "max").alias(c.RANK_WORSE.name))
    return frame.with_columns(ranks)


def cells_of(plan: RatingPlan, frame: pl.DataFrame, groups: Groups) -> list[Cell]:
    """Every cell with its size, base and what was fixed into it."""
    fixed_in_base = [i for i, (b, _) in enumerate(plan.before) if b.in_base]
    there = c.CELL.col.is_not_null()
    marks = [
        (c.RANKED.col & there).alias("size"),
        (c.IN_BASE.col & there).alias("added"),
        *((there & (c.FIXED.col == i) & (c.TREATMENT.col == "rated")).alias(f"fixed:{i}") for i in fixed_in_base),
    ]
    told = frame.select(c.CELL.col.fill_null(0), there.alias("there"), *(mark.fill_null(value=False) for mark in marks))
    codes = told[c.CELL.name].to_numpy()
    counts = {
        name: np.bincount(codes[told[name].to_numpy()], minlength=groups.count).tolist() for name in told.columns[1:]
    }
    cells: list[Cell] = []
    keys_of = groups.keys.rows(named=True) if groups.names else [{}]
    for code in range(groups.count):
        if not counts["there"][code]:
            continue
        keys = keys_of[code]
        cohort = keys.get("cohort")
        cut = str(cohort) if cohort in plan.cuts else "default"
        fixed: dict[str, int] = {}
        for i in fixed_in_base:
            tier = plan.before[i][0].set
            fixed[tier] = fixed.get(tier, 0) + counts[f"fixed:{i}"][code]
        size = counts["size"][code]
        base = size + counts["added"][code] + sum(fixed.values())
        cells.append(Cell(code, keys, cut, size, base, fixed))
    return cells


def with_sizes(frame: pl.DataFrame, cells: Sequence[Cell], groups: Groups) -> pl.DataFrame:
    """`size` of the cell, for ranked subjects."""
    size = numbered(groups, {cell.code: cell.size for cell in cells})
    return frame.with_columns(pl.when(c.RANKED.col).then(pl.lit(size).gather(c.CELL.col)).alias("size"))


def share_of(share: Decimal, base: int, rounding: str) -> int:
    """`share` per cent of `base`, rounded as a cut rounds."""
    exact = share * base / 100
    if rounding == "floor":
        return int(exact.to_integral_value(ROUND_FLOOR))
    if rounding == "ceil":
        return int(exact.to_integral_value(ROUND_CEILING))
    return int(round_decimal(exact, 0))


NINTH = 10**9


def shares_of(shares: Floats, bases: Whole, rounding: str) -> Whole:
    """`share_of` of many bases and shares at once, base × share; shares are taken at nine decimals.

    Args:
        shares: per cent, a row per base or one row for all.
        bases: below 90 million each.
        rounding: as a cut rounds.
    """
    exact = bases[..., None] * np.rint(shares * NINTH).astype(np.int64)
    whole = 100 * NINTH
    if rounding == "floor":
        return exact // whole
    if rounding == "ceil":
        return -(-exact // whole)
    return (exact + whole // 2) // whole


def last_ranks(cut: Cut, cell: Cell, order: Mapping[str, int]) -> list[int]:
    """The last rank of each tier of a cut by shares, in the order of the cut.

    It is share × base, rounded, less what was fixed with `in_base` into that tier or a better one.
    """
    assert cut.shares is not None
    ranks = [
        share_of(share, cell.base, cut.rounding) - sum(n for t, n in cell.fixed.items() if order[t] <= order[tier])
        for tier, share in cut.shares.items()
    ]
    return list(accumulate(ranks, max))
