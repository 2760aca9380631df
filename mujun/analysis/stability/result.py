"""What a test of stability found."""

from __future__ import annotations

from dataclasses import field

import polars as pl

from mujun.dataclass import dataclass
from mujun.messages import MessageKey
from mujun.notebooks import InNotebooks
from mujun.rating.result import Rating
from mujun.rules.model import Stability

SUBJECTS: tuple[str, ...] = (
    "subject", "credit_code", "name", "township", "industry", "scale", "cohort", "tier", "kept", "likely", "fragile",
    "score", "rank", "size", "rank_low", "rank_median", "rank_high", "rank_shift", "sensitive_to",
)  # fmt: skip
"""Columns of a firm's row; `share_<tier>` for every tier that occurs stand behind `likely`."""

OUTPUTS: tuple[str, ...] = ("rank_shift", "tier_moves")
"""What the indices explain: the mean change of rank, and the share of subjects whose tier changes."""


@dataclass(frozen=True)
class Firmness(InNotebooks):
    """How firm the tiers of a rating are.

    Attributes:
        rating: the rating.
        stated: the ranges, draws and seed used.
        by_default: whether the rule set says nothing and the usual ranges stand.
        subjects: a row per rated subject: `kept`, the share of draws (0 to 1) in which it has its own tier;
            `share_<tier>`; `likely`, its most frequent tier; `fragile`, whether `kept` is below the stated limit;
            `rank_low` and `rank_high`, between which its rank lies in 90 % of the draws; `rank_shift`, the mean change
            of its rank; `sensitive_to`, the indicators without which it would have another tier. Subjects that a rule
            fixes before the cut have no rank and keep their tier.
        sources: `cohort` (missing for all), `output`, `source`, `first_order`, `total_order`.
        dropped: what leaving out one indicator does: `cohort`, `indicator`, `subjects`, `moved`, `up`, `down`,
            `rank_shift`.
        parameters: a row per draw: `draw`, then every weight, benchmark factor, cap and limit that was drawn, and
            `inputs_stream`, the place in the seed's stream from which `drawing.factors` gives the firms' factors again.
        rank_draws: how many draws the ranks were taken from.
        variance_draws: how many draws each set of the variance design has; 0 where nothing was drawn.
        variance_subjects: how many ranked subjects it was computed on.
        assumptions: what was held as in the rating, as message keys with what they concern.
    """

    rating: Rating
    stated: Stability
    by_default: bool
    subjects: pl.DataFrame = field(repr=False)
    sources: pl.DataFrame = field(repr=False)
    dropped: pl.DataFrame = field(repr=False)
    parameters: pl.DataFrame = field(repr=False)
    rank_draws: int
    variance_draws: int
    variance_subjects: int
    assumptions: tuple[tuple[MessageKey, tuple[str, ...]], ...]

    @property
    def draws(self) -> int:
        """How many draws were made."""
        return self.parameters.height

    @property
    def tiers(self) -> pl.DataFrame:
        """Per cohort and tier: `subjects`, `kept` (mean), `fragile` (how many)."""
        order = {c.id: i for i, c in enumerate(self.rating.plan.rating.cohorts)}
        place = {t: i for i, t in enumerate(self.rating.plan.tier_ids)}
        # Shares are whole numbers of draws: added as such, the mean is the same in any order.
        counted = pl.col("kept") * self.draws
        return (
            self.subjects.group_by("cohort", "tier")
            .agg(
                pl.len().alias("subjects"),
                counted.round().cast(pl.Int64).sum().alias("_kept"),
                pl.col("fragile").sum().cast(pl.Int64).alias("fragile"),
            )
            .with_columns((pl.col("_kept") / (pl.col("subjects") * self.draws)).alias("kept"))
            .sort(
                pl.col("cohort").replace_strict(order, default=None, return_dtype=pl.Int32),
                pl.col("tier").replace_strict(place, default=None, return_dtype=pl.Int32),
            )
            .select("cohort", "tier", "subjects", "kept", "fragile")
        )

    @property
    def fragile(self) -> pl.DataFrame:
        """The fragile subjects, the least firm first."""
        return self.subjects.filter("fragile").sort("kept", "subject")
