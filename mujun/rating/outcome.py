"""What is said of a subject in the end: its tier, as what it is managed, the rules that met it and the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from mujun.dataclass import dataclass
from mujun.rating import columns as c
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


FEW = 8
"""Up to so many rules all their combinations are listed, and the marks of a row are its code."""
WORD = 62
"""Marks that one whole number holds."""


def _combinations(plan: RatingPlan, frame: pl.DataFrame, what: c.StageColumn) -> _Combinations:
    """The rules that matched or changed something: of many rules few combinations occur, and those are numbered."""
    marks = [(b.id, c.FIXED.col == number) for number, (b, _) in enumerate(plan.before)]
    marks += [(a.id, pl.col(what.of(a.id))) for a, _ in plan.after]
    ids = [identity for identity, _ in marks]
    if not marks:
        return _Combinations(pl.Series(dtype=pl.UInt32), ((),))
    if len(marks) <= FEW:
        every = [tuple(identity for i, identity in enumerate(ids) if code >> i & 1) for code in range(1 << len(marks))]
        return _Combinations(_packed(frame, [m for _, m in marks], pl.UInt32()), tuple(every))
    codes, together = np.zeros(frame.height, dtype=np.int64), list[tuple[str, ...]]([()])
    for start in range(0, len(marks), WORD):
        word = _packed(frame, [m for _, m in marks[start : start + WORD]], pl.Int64())
        distinct = word.unique().sort().to_numpy()
        codes = codes * len(distinct) + np.searchsorted(distinct, word.to_numpy())
        named = [tuple(ids[start + i] for i in range(WORD) if number >> i & 1) for number in distinct.tolist()]
        occurring = pl.Series(codes).unique().sort().to_numpy()
        codes = np.searchsorted(occurring, codes)
        together = [together[code // len(named)] + named[code % len(named)] for code in occurring.tolist()]
    return _Combinations(pl.Series(codes, dtype=pl.UInt32), tuple(together))


def _packed(frame: pl.DataFrame, marks: Sequence[pl.Expr], dtype: pl.DataType) -> pl.Series:
    """Marks as the bits of one whole number per row."""
    none = pl.lit(0, dtype=dtype)
    bits = [pl.when(mark).then(pl.lit(1 << i, dtype=dtype)).otherwise(none) for i, mark in enumerate(marks)]
    return frame.select(pl.sum_horizontal(bits).cast(dtype).alias("word"))["word"]
