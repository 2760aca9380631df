"""What is said of a subject in the end: its tier, as what it is managed, the rules that met it and the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.rating import columns as c
from mujun.rating.groups import rows_of
from mujun.rules.rating_plan import RatingPlan


def with_outcome(plan: RatingPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """`tier`, `managed_as`, `reason`, `rules_matched`, `rules_changed` of every subject."""
    special = plan.rating.population.special
    given = _of_case([s.tier if s.treatment in ("ungraded", "own_tier") else None for s in special])
    ids = pl.lit(pl.Series(list(plan.tier_ids), dtype=pl.String))
    # Without rules after the cut a tier is the one that the cut gave, the same column.
    by_rank = ids.gather(c.TIER_CODE.col.cast(pl.UInt32)) if plan.after else c.TIER_CUT.col
    matched, changed = _combinations(plan, frame, c.AFTER_MET), _combinations(plan, frame, c.CHANGED)
    reasons = [_of_case([s.reason for s in special])]
    by_id = {b.id: b.reason for b, _ in plan.before} | {a.id: a.reason for a, _ in plan.after}
    if any(changed.rules):
        reasons.append(pl.lit(changed.texts(by_id)))
    return frame.with_columns(
        by_rank.alias(c.TIER.name) if given is None else pl.coalesce(by_rank, given).alias(c.TIER.name),
        *([] if given is None else [pl.coalesce(c.TIER_CUT.col, given).alias(c.TIER_CUT.name)]),
        _first([_of_case([s.managed_as for s in special])]).alias(c.MANAGED_AS.name),
        matched.lists().alias(c.RULES_MATCHED.name),
        changed.lists().alias(c.RULES_CHANGED.name),
        # Why a subject is treated or tiered otherwise: its special case, or the rules that gave or changed its tier.
        _first(reasons).alias(c.REASON.name),
    )


def _of_case(texts: Sequence[str | None]) -> pl.Expr | None:
    """A text of the special case of every row; `None` where no case has any."""
    if all(text is None for text in texts):
        return None
    return pl.lit(pl.Series([*texts, None], dtype=pl.String)).gather(c.SPECIAL.col.cast(pl.UInt32))


def _first(texts: Sequence[pl.Expr | None]) -> pl.Expr:
    """The first text that is there; a missing one that takes no memory where there can be none."""
    known = [text for text in texts if text is not None]
    return pl.coalesce(known) if known else pl.lit(None, dtype=pl.String)


@dataclass(frozen=True)
class _Combinations:
    """Which rules met which subject: a code per row, and the rules of each code. Few combinations occur."""

    codes: pl.Series
    rules: tuple[tuple[str, ...], ...]

    def lists(self) -> pl.Expr:
        """The ids as a list per row."""
        if len(self.rules) == 1:
            return pl.lit(list(self.rules[0]), dtype=pl.List(pl.String))
        return pl.lit(pl.Series([list(r) for r in self.rules], dtype=pl.List(pl.String)).gather(self.codes))

    def texts(self, of: Mapping[str, str]) -> pl.Series:
        """What is said of each rule, joined, per row; missing where no rule met."""
        texts = ["；".join(of[i] for i in r) if r else None for r in self.rules]
        return pl.Series(texts, dtype=pl.String).gather(self.codes)


def _combinations(plan: RatingPlan, frame: pl.DataFrame, what: c.StageColumn) -> _Combinations:
    """The rules that matched or changed something: of many rules few combinations occur, and those are numbered.

    At most one rule before the cut acts on a subject. Every rule after it moves those whom it met on, from the number
    of the rules so far to that of these and itself.
    """
    if not plan.before and not plan.after:
        return _Combinations(pl.Series(dtype=pl.UInt32), ((),))
    came_from, joined = [0] * (1 + len(plan.before)), ["", *(b.id for b, _ in plan.before)]
    codes = (frame[c.FIXED.name].fill_null(-1) + 1).to_numpy().copy()
    for after, _ in plan.after:
        rows = rows_of(frame[what.of(after.id)])
        if rows.size:
            so_far = codes[rows]
            occurring = _occurring(so_far, len(joined))
            moves = np.zeros(len(joined), dtype=np.int32)
            moves[occurring] = np.arange(len(joined), len(joined) + occurring.size)
            codes[rows] = moves[so_far]
            came_from += occurring.tolist()
            joined += [after.id] * occurring.size
    occurring = _occurring(codes, len(joined))
    dense = np.zeros(len(joined), dtype=np.uint32)
    dense[occurring] = np.arange(occurring.size)
    rules = list[tuple[str, ...]]()
    for code in occurring.tolist():
        several = list[str]()
        while code:
            several.append(joined[code])
            code = came_from[code]
        rules.append(tuple(reversed(several)))
    return _Combinations(pl.Series(dense[codes]), tuple(rules))


def _occurring(codes: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.int64]:
    """The numbers below `count` that occur."""
    return np.flatnonzero(np.bincount(codes, minlength=count))
