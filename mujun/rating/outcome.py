"""What is said of a subject in the end: its tier, as what it is managed, the rules that met it and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from mujun.rules.rating_plan import RatingPlan


def with_outcome(plan: RatingPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """`tier`, `managed_as`, `reason`, `rules_matched`, `rules_changed` of every subject."""
    special = plan.rating.population.special
    shown = [s.tier if s.treatment in ("ungraded", "own_tier") else None for s in special]
    by_rank = pl.lit(pl.Series(list(plan.tier_ids), dtype=pl.String)).gather(pl.col("_tier").cast(pl.UInt32))
    case = pl.col("_special").cast(pl.UInt32)
    given = pl.lit(pl.Series([*shown, None], dtype=pl.String)).gather(case)
    frame = frame.with_columns(
        pl.coalesce(by_rank, given).alias("tier"),
        pl.coalesce("tier_cut", given).alias("tier_cut"),
        pl.lit(pl.Series([*(s.managed_as for s in special), None], dtype=pl.String)).gather(case).alias("managed_as"),
    )
    matched, changed = _combinations(plan, frame, "matched"), _combinations(plan, frame, "changed")
    return frame.with_columns(
        matched.lists().alias("rules_matched"),
        changed.lists().alias("rules_changed"),
        _reasons(plan, frame, changed).alias("reason"),
    )


@dataclass(frozen=True)
class _Combinations:
    """Which rules met which subject: a code per row, and the rules of each code. Few combinations occur."""

    codes: pl.Series
    rules: tuple[tuple[str, ...], ...]

    def lists(self) -> pl.Series:
        """The ids as a list per row."""
        return pl.Series([list(r) for r in self.rules], dtype=pl.List(pl.String)).gather(self.codes)

    def texts(self, of: Mapping[str, str]) -> pl.Series:
        """What is said of each rule, joined, per row; missing where no rule met."""
        texts = ["；".join(of[i] for i in r) if r else None for r in self.rules]
        return pl.Series(texts, dtype=pl.String).gather(self.codes)


def _combinations(plan: RatingPlan, frame: pl.DataFrame, what: str) -> _Combinations:
    """The rules that matched or changed something. Marks are packed into whole numbers, sixty-two at a time."""
    marks = [(b.id, pl.col("_fixed") == number) for number, (b, _) in enumerate(plan.before)]
    marks += [(a.id, pl.col(f"after:{a.id}" if what == "matched" else f"changed:{a.id}")) for a, _ in plan.after]
    if not marks:
        return _Combinations(pl.repeat(0, frame.height, dtype=pl.UInt32, eager=True), ((),))
    words: list[pl.Expr] = []
    for start in range(0, len(marks), 62):
        bits = [
            m.fill_null(value=False).cast(pl.Int64) * (1 << i) for i, (_, m) in enumerate(marks[start : start + 62])
        ]
        words.append(pl.sum_horizontal(bits).alias(f"w{start}"))
    packed = frame.select(words)
    distinct = packed.unique(maintain_order=True).with_row_index("code")
    codes = packed.join(distinct, on=packed.columns, how="left", maintain_order="left")["code"]
    rules = tuple(
        tuple(marks[start + i][0] for start in range(0, len(marks), 62) for i in range(62) if row[f"w{start}"] >> i & 1)
        for row in distinct.iter_rows(named=True)
    )
    return _Combinations(codes, rules)


def _reasons(plan: RatingPlan, frame: pl.DataFrame, changed: _Combinations) -> pl.Series:
    """Why a subject is treated or tiered otherwise: its special case, or the rules that gave or changed its tier."""
    reasons = pl.Series([*(s.reason for s in plan.rating.population.special), None], dtype=pl.String)
    special = pl.lit(reasons).gather(pl.col("_special").cast(pl.UInt32))
    by_id = {b.id: b.reason for b, _ in plan.before} | {a.id: a.reason for a, _ in plan.after}
    return frame.select(pl.coalesce(special, pl.lit(changed.texts(by_id))).alias("reason"))["reason"]
