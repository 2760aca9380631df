"""The gate before rating: whether what the rules ask for is there, and who stands at the top for want of data only.

A rating computes whatever it is given: where a column was lost, every firm has nothing of it, and the cut still hands
out tiers. Whether figures are missing for so many that a rating says nothing is asked here, before a run is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.fields import FRAME_FIELDS, find_field, label_of, nearest
from mujun.rules.model.scoring import Item
from mujun.rules.needed import fields_needed
from mujun.rules.rating_plan import SCORED
from mujun.workspace.computing import YearResult

LARGE = 5
"""A gap of one firm in this many is told, however the rules treat it."""


@dataclass(frozen=True)
class Gap:
    """A figure that an indicator asks for and that some of those asked do not have.

    Attributes:
        cohort, indicator, field: where it is missing; `cohort_label` and `indicator_label` as the rules call them.
        missing, asked: how many firms lack it, of how many it is asked.
        stated: whether the rules state what a missing value earns.
    """

    cohort: str
    cohort_label: str
    indicator: str
    indicator_label: str
    field: str
    missing: int
    asked: int
    stated: bool

    @property
    def refuses(self) -> bool:
        """Whether no rating should be made: missing for all, or for more than half where the rules say nothing."""
        return self.missing == self.asked or (not self.stated and self.missing * 2 > self.asked)

    @property
    def large(self) -> bool:
        """Whether it is worth telling."""
        return self.missing * LARGE >= self.asked


@dataclass(frozen=True)
class TieForWant:
    """Firms that tie in a cell and whose place rests on missing figures: the tier, who, and what they lack."""

    cell: str
    tier: str
    firms: tuple[str, ...]
    fields: tuple[str, ...]


def gaps_of(result: YearResult) -> tuple[Gap, ...]:
    """What the indicators of a rating ask for and some do not have, the largest share first."""
    return tuple(sorted(_gaps(result), key=lambda g: (-g.missing / g.asked, g.cohort, g.indicator, g.field)))


def _gaps(result: YearResult) -> Iterator[Gap]:
    rating = result.rating.plan.rating
    firms = _scored(result)
    for cohort in rating.cohorts:
        asked = firms.filter(pl.col("cohort") == cohort.id)
        scoring = rating.scoring.get(cohort.id)
        if asked.is_empty() or scoring is None:
            continue
        for name, item in scoring.items.items():
            if _has_another_way(result, asked, item):
                continue
            for field in fields_needed(rating, name):
                missing = asked.height if field not in asked.columns else asked[field].null_count()
                if missing:
                    label = rating.indicators[name].label or name
                    yield Gap(
                        cohort.id, cohort.label or cohort.id, name, label, field, missing, asked.height,
                        item.says_missing or bool(item.fallback),
                    )  # fmt: skip


def _scored(result: YearResult, *also: str) -> pl.DataFrame:
    """The firms that are scored, with the figures that their indicators ask for and nothing else of all there is."""
    rating = result.rating.plan.rating
    items = [(name, item) for scoring in rating.scoring.values() for name, item in scoring.items.items()]
    indicators = dict.fromkeys(n for name, item in items for n in (name, *(f.indicator for f in item.fallback)))
    asked = dict.fromkeys(f for n in indicators for f in fields_needed(rating, n))
    every = result.rating.enterprises
    wanted = dict.fromkeys(("treatment", "cohort", *also, *(f for f in asked if f in every.columns)))
    return every.select(list(wanted)).filter(pl.col("treatment").is_in(SCORED))


def _has_another_way(result: YearResult, asked: pl.DataFrame, item: Item) -> bool:
    """Whether an indicator's fallback has figures of some firm, so that its own missing for all is no loss."""
    for fallback in item.fallback:
        fields = fields_needed(result.rating.plan.rating, fallback.indicator)
        if fields and all(f in asked.columns and asked[f].null_count() < asked.height for f in fields):
            return True
    return False


def check_gate(result: YearResult, despite: Collection[str] = ()) -> None:
    """Refuse a rating that figures are missing for.

    Args:
        result: the rating, computed.
        despite: fields whose absence is accepted, by name or label.

    Raises:
        UsageError: one sentence per field, with the indicators that ask for it and how to go on.
    """
    for word in despite:
        if find_field(word) is None:
            near = nearest(word, [*FRAME_FIELDS, *(f.label for f in FRAME_FIELDS.values())])
            raise UsageError(problem("gate_unknown_field", field=word, guess=messages.Guess(near)))
    wrong: dict[str, list[Gap]] = {}
    for gap in gaps_of(result):
        if gap.refuses and gap.field not in despite and label_of(gap.field) not in despite:
            wrong.setdefault(gap.field, []).append(gap)
    if wrong:
        raise UsageError([_refusal(result.year, field, gaps) for field, gaps in wrong.items()])


def _refusal(year: int, field: str, gaps: list[Gap]) -> Problem:
    asked = [f"{g.cohort_label} {g.indicator_label} {g.missing}/{g.asked}" for g in gaps]
    return problem("gate_missing", label=label_of(field), field=field, asked=asked, year=year)


def ties_for_want(result: YearResult) -> tuple[TieForWant, ...]:
    """Groups of firms whose place rests on missing figures, the better tiers first.

    At the top those that share a score with some figure of it missing for all of them; in any other tier but the last
    those whose score comes from missing figures only.
    """
    rating = result.rating.plan.rating
    if rating.tiers is None or "tier_cut" not in result.rating.enterprises.columns:
        return ()
    tiers = [c.id for c in rating.tiers.classes]
    firms = _scored(result, "credit_code", "name", "score", "tier_cut").filter(pl.col("score").is_not_null())
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
