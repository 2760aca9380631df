"""An allocation: amounts as a document has them, and everything that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property

import polars as pl

from mujun.allocation.charging import OF_FIRM, SEGMENT, SHARED, segments, shared_by
from mujun.allocation.exactly import AMOUNT
from mujun.allocation.periods import span_of
from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks
from mujun.rating.counted_words import counted_in_words
from mujun.rating.policy_frame import CountedAmong
from mujun.rating.result import Rating
from mujun.rules.allocation_plan import AllocationPlan, MeasurePlan
from mujun.rules.in_words import Words
from mujun.rules.showing_policies import policy_words

COLUMNS: tuple[str, ...] = (
    "year", "credit_code", "name", "township", "scale", "tier", "measure", "kind", "quantity", "rate", "computed",
    "amount", "unit", "exempt", "capped", "excluded_by", "from", "until", "document",
)  # fmt: skip

OF_MEASURE: dict[str, pl.DataType] = {
    **SHARED,
    "order": pl.Int32(),
    "measure": pl.String(),
    "label": pl.String(),
    "kind": pl.String(),
    "per": pl.String(),
    "unit": pl.String(),
    "max_amount": AMOUNT,
    "exclusive": pl.String(),
    "document": pl.String(),
    "binding": pl.Boolean(),
}
"""What enterprises that are charged together by a measure have in common."""

IDENTITY: tuple[str, ...] = (
    "subject", "name", "township", "park", "industry", "scale", "cohort", "rank", "treatment", "tier", "tier_shown",
    "streak",
)  # fmt: skip
"""Who an enterprise is and how it was rated."""

ROWS: tuple[str, ...] = (
    *(n for n in OF_FIRM if not n.startswith("_")), *OF_MEASURE, "capped", "amount", "excluded_by", "amount_alone",
    *IDENTITY, "year",
)  # fmt: skip
"""Everything that is known of an enterprise and a measure, in the order of its columns."""

SEGMENTS: dict[str, pl.DataType] = {"measure": pl.String(), **SEGMENT}


@dataclass(frozen=True)
class Allocation(InNotebooks):
    """What every measure costs and brings every enterprise it touches.

    What several rows have in common is held once; `rows` and `allocation` put together what is asked for.

    Attributes:
        plan: the rules, compiled.
        rating: the rating it rests on, if there was one.
        year: the data year.
        charged: what each row of `rows` has of its own, with `_place`, its enterprise's row in `firms`, and `_shared`,
            its row in `shared`; sorted as they are.
        shared: what rows of a measure have in common, columns as in `OF_MEASURE`.
        firms: every enterprise: `credit_code` and `IDENTITY`.
        usage: the usage records, checked.
        frames: per allocation file, every enterprise with the names its measures read.
        counted: per allocation file, among whom its statistics were computed, if it has any.
    """

    plan: AllocationPlan
    rating: Rating | None = field(repr=False)
    year: int | None
    charged: pl.DataFrame = field(repr=False)
    shared: pl.DataFrame = field(repr=False)
    firms: pl.DataFrame = field(repr=False)
    usage: pl.DataFrame | None = field(repr=False)
    frames: tuple[pl.DataFrame, ...] = field(repr=False)
    counted: tuple[CountedAmong | None, ...] = ()

    @property
    def binding(self) -> bool:
        """Whether all of it has effect; where not, `rows` says of which measures it has none."""
        trial = self.rating is not None and not self.rating.binding
        return not trial and all(m.binding for m in self.plan.measures)

    @cached_property
    def words(self) -> tuple[Words, ...]:
        """The names of each allocation file in Chinese words."""
        return tuple(policy_words(self.plan.ruleset, p.part.file, p.scope) for p in self.plan.parts)

    @property
    def counted_in_words(self) -> tuple[str, ...]:
        """Per file that has statistics, among whom they were computed and how many these are."""
        told = (counted_in_words(c, w) for c, w in zip(self.counted, self.words, strict=False))
        return tuple(dict.fromkeys(t for t in told if t))

    @cached_property
    def allocation(self) -> pl.DataFrame:
        """The result as exported, columns as in `COLUMNS`: sorted by cohort, rank, subject, credit code, measure."""
        return self._with(COLUMNS)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """A row per enterprise and measure with every step, columns as in `ROWS`, sorted as `allocation`.

        `quantity` charged, `yearly` figure, `basis` (`usage`, `usage_rest`, `year`, missing for lump sums and notes),
        `days` charged and `covered_days` with a usage record, of `usage_rest` what is `billed` in them and what bills
        have `carried` of the year's figure, `rate`, `rate_ids`, `notes`, `computed`, `capped`, `amount_alone` before
        exclusion, `amount`, `binding`.
        """
        return self._with(ROWS)

    def _with(self, names: Sequence[str]) -> pl.DataFrame:
        """The rows with some of their columns."""
        asked: list[pl.Expr] = []
        for name in names:
            if name == "year":
                asked.append(pl.lit(self.year, dtype=pl.Int32).alias(name))
            elif name in self.charged.columns:
                asked.append(pl.col(name))
            elif name in self.shared.columns:
                asked.append(shared_by(name, self.shared))
            else:
                asked.append(pl.lit(self.firms[name]).gather(pl.col("_place")).alias(name))
        return self.charged.select(asked)

    @cached_property
    def segments(self) -> pl.DataFrame:
        """The days on which each row of a rate applied.

        `measure, credit_code, from, until, days, rate_id, rate, note, quantity`, and `finely`, the quantity at twelve
        decimals.
        """
        made = [pl.DataFrame(schema=SEGMENTS)]
        for part, stood in zip(self.plan.parts, self.frames, strict=True):
            for measure in part.measures if stood.height else ():
                span = span_of(measure.source.period, self.year)
                if span is not None:
                    days = segments(measure, span, stood, self.usage, self.year)
                    made.append(days.select(pl.lit(measure.name).alias("measure"), pl.all()))
        return pl.concat(made)

    @cached_property
    def totals(self) -> pl.DataFrame:
        """Exact sums: `measure, label, kind, tier, unit, binding, enterprises, computed, amount`.

        `enterprises` are those with an amount above zero; tiers in order, none last.
        """
        return self.totals_by("tier")

    def totals_by(self, *names: str) -> pl.DataFrame:
        """Exact sums by `tier`, `township`, `industry`, `scale`, `cohort` or `park`, or several of them."""
        return (
            self.rows.group_by("order", "measure", "label", "kind", *names, "unit", "binding")
            .agg(
                (pl.col("amount") > 0).sum().cast(pl.Int64).alias("enterprises"),
                pl.col("computed").sum(),
                pl.col("amount").sum(),
            )
            .sort("order", *names, nulls_last=True)
            .drop("order")
        )

    def measure(self, name: str) -> MeasurePlan:
        """A measure by the name that results call it."""
        return next(m for m in self.plan.measures if m.name == name)

    def of(self, credit_code: str) -> pl.DataFrame:
        """Everything that touches one enterprise."""
        return self.rows.filter(pl.col("credit_code") == credit_code)
