"""The gate before a rating counts: whether what its rules ask for is there.

A rating computes whatever it is given: where a column was lost, every firm has nothing of it, and the cut still hands
out tiers. Here it is seen whether figures are missing for so many that a rating says nothing: on one PC before a run is
kept, on many machines before a county's year is handed back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.fields import FRAME_FIELDS, find_field, label_of, nearest
from mujun.rules.model import TheRating
from mujun.rules.model.scoring import Item
from mujun.rules.needed import fields_needed
from mujun.rules.rating_plan import SCORED

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


def gaps_in(rating: TheRating, enterprises: pl.DataFrame) -> tuple[Gap, ...]:
    """What the indicators of a rating ask for and some do not have, the largest share first.

    Args:
        rating: the rules.
        enterprises: the rated: `treatment`, `cohort`, and the figures that the rules read.
    """
    return tuple(
        sorted(_gaps(rating, enterprises), key=lambda g: (-g.missing / g.asked, g.cohort, g.indicator, g.field))
    )


def _gaps(rating: TheRating, enterprises: pl.DataFrame) -> Iterator[Gap]:
    firms = scored_firms(rating, enterprises)
    for cohort in rating.cohorts:
        asked = firms.filter(pl.col("cohort") == cohort.id)
        scoring = rating.scoring.get(cohort.id)
        if asked.is_empty() or scoring is None:
            continue
        for name, item in scoring.items.items():
            if _has_another_way(rating, asked, item):
                continue
            for field in fields_needed(rating, name):
                missing = asked.height if field not in asked.columns else asked[field].null_count()
                if missing:
                    label = rating.indicators[name].label or name
                    yield Gap(
                        cohort.id, cohort.label or cohort.id, name, label, field, missing, asked.height,
                        item.says_missing or bool(item.fallback),
                    )  # fmt: skip


def scored_firms(rating: TheRating, enterprises: pl.DataFrame, *also: str) -> pl.DataFrame:
    """The firms that are scored, with the figures that their indicators ask for and nothing else of all there is."""
    items = [(name, item) for scoring in rating.scoring.values() for name, item in scoring.items.items()]
    indicators = dict.fromkeys(n for name, item in items for n in (name, *(f.indicator for f in item.fallback)))
    asked = dict.fromkeys(f for n in indicators for f in fields_needed(rating, n))
    wanted = dict.fromkeys(("treatment", "cohort", *also, *(f for f in asked if f in enterprises.columns)))
    return enterprises.select(list(wanted)).filter(pl.col("treatment").is_in(SCORED))


def _has_another_way(rating: TheRating, asked: pl.DataFrame, item: Item) -> bool:
    """Whether an indicator's fallback has figures of some firm, so that its own missing for all is no loss."""
    for fallback in item.fallback:
        fields = fields_needed(rating, fallback.indicator)
        if fields and all(f in asked.columns and asked[f].null_count() < asked.height for f in fields):
            return True
    return False


def check_words(despite: Collection[str]) -> None:
    """See that what is to be done without is in the dictionary.

    Raises:
        UsageError: it is not; with the nearest that is.
    """
    for word in despite:
        if find_field(word) is None:
            near = nearest(word, [*FRAME_FIELDS, *(f.label for f in FRAME_FIELDS.values())])
            raise UsageError(problem("gate_unknown_field", field=word, guess=messages.Guess(near)))


def check_gaps(rating: TheRating, enterprises: pl.DataFrame, year: int, despite: Collection[str] = ()) -> None:
    """Refuse a rating that figures are missing for.

    Args:
        rating, enterprises: as of `gaps_in`.
        year: the data year.
        despite: fields whose absence is accepted, by name or label.

    Raises:
        UsageError: one sentence per field, with the indicators that ask for it and how to go on.
    """
    wrong: dict[str, list[Gap]] = {}
    for gap in gaps_in(rating, enterprises):
        if gap.refuses and gap.field not in despite and label_of(gap.field) not in despite:
            wrong.setdefault(gap.field, []).append(gap)
    if wrong:
        raise UsageError([_refusal(year, field, gaps) for field, gaps in wrong.items()])


def _refusal(year: int, field: str, gaps: list[Gap]) -> Problem:
    asked = [f"{g.cohort_label} {g.indicator_label} {g.missing}/{g.asked}" for g in gaps]
    return problem("gate_missing", label=label_of(field), field=field, asked=asked, year=year)
