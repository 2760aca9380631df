"""The gate before rating: whether what the rules ask for is there, and who stands at the top for want of data only.

Asked before a run is kept; what a gap is says `mujun.rules.gaps`.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from mujun.dataclass import dataclass
from mujun.rules.gaps import Gap, check_gaps, check_words, gaps_in, scored_firms
from mujun.rules.needed import fields_needed
from mujun.workspace.computing import YearResult


@dataclass(frozen=True)
class TieForWant:
    """Firms that tie in a cell and whose place rests on missing figures: the tier, who, and what they lack."""

    cell: str
    tier: str
    firms: tuple[str, ...]
    fields: tuple[str, ...]


def gaps_of(result: YearResult) -> tuple[Gap, ...]:
    """What the indicators of a rating ask for and some do not have, the largest share first."""
    return gaps_in(result.rating.plan.rating, result.rating.enterprises)


def check_gate(result: YearResult, despite: Collection[str] = ()) -> None:
    """Refuse a rating that figures are missing for.

    Args:
        result: the rating, computed.
        despite: fields whose absence is accepted, by name or label.

    Raises:
        UsageError: one sentence per field, with the indicators that ask for it and how to go on.
    """
    check_words(despite)
    check_gaps(result.rating.plan.rating, result.rating.enterprises, result.year, despite)


def ties_for_want(result: YearResult) -> tuple[TieForWant, ...]:
    """Groups of firms whose place rests on missing figures, the better tiers first.

    At the top those that share a score with some figure of it missing for all of them; in any other tier but the last
    those whose score comes from missing figures only.
    """
    rating = result.rating.plan.rating
    if rating.tiers is None or "tier_cut" not in result.rating.enterprises.columns:
        return ()
    tiers = [c.id for c in rating.tiers.classes]
    firms = scored_firms(rating, result.rating.enterprises, "credit_code", "name", "score", "tier_cut").filter(
        pl.col("score").is_not_null()
    )
    ties = []
    for tier in tiers[:-1]:
        for cohort in rating.cohorts:
            scoring = rating.scoring.get(cohort.id)
            if scoring is None:
                continue
            asked = (f for n in scoring.items for f in fields_needed(rating, n) if f in firms.columns)
            fields = list(dict.fromkeys(asked))
            here = firms.filter(pl.col("cohort") == cohort.id, pl.col("tier_cut") == tier)
            lacks = [pl.col(f).is_null().all().alias(f"lacks:{f}") for f in fields]
            by_score = here.group_by("score", maintain_order=True).agg(pl.len().alias("firms"), *lacks)
            for row in by_score.filter(pl.col("firms") > 1).iter_rows(named=True):
                lacking = tuple(f for f in fields if row[f"lacks:{f}"])
                if lacking and (tier == tiers[0] or len(lacking) == len(fields)):
                    tied = here.filter(pl.col("score") == row["score"]).sort("credit_code")
                    names = tied["name"].fill_null("").to_list()
                    ties.append(TieForWant(cohort.label or cohort.id, tier, tuple(names), lacking))
    return tuple(ties)
