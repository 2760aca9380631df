"""The items of a rating gathered into formulas: what differs between cohorts only in numbers is computed once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import polars as pl

from mujun.dataclass import dataclass
from mujun.rating.columns import ACTS, SCORED
from mujun.rating.columns import UNDIVIDED as UNDIVIDED_MARK
from mujun.rules.methods import ScoringMethod
from mujun.rules.model import Item, Policy
from mujun.rules.rating_plan import ItemPlan, RatingPlan

METHOD, MISSING, UNDIVIDED, NEGATIVE = 0, 1, 2, 3
"""What acts on a subject: the method, or the policy for a value that is missing, not to be divided, or negative."""


@dataclass(frozen=True)
class Formula:
    """The items of one indicator that differ only in numbers, by cohort."""

    indicator: str
    items: tuple[ItemPlan, ...]

    @property
    def key(self) -> str:
        """Its name among working columns: its indicator and the first cohort it serves."""
        return f"{self.indicator}@{self.items[0].cohort}"

    @property
    def model(self) -> Item:
        """An item that stands for all in everything but numbers."""
        return self.items[0].item

    @property
    def method(self) -> ScoringMethod:
        """How its items earn points."""
        return self.model.method

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """The indicators that stand in for a missing value, in order."""
        return tuple(name for name, _ in self.items[0].fallbacks)

    @property
    def benchmark_names(self) -> frozenset[str]:
        """The names that its benchmarks are made of."""
        benchmarks = [b for i in self.items for b in (i.benchmark, *(b for _, b in i.fallbacks)) if b is not None]
        return frozenset(name for benchmark in benchmarks for name in benchmark.names)

    @property
    def value_names(self) -> frozenset[str]:
        """The names by whose values it gives points, beside its benchmarks."""
        indicators = (self.indicator, *self.fallbacks)
        read = (name for i in self.items if i.formula is not None for name in i.formula.names)
        return frozenset(indicators).union((UNDIVIDED_MARK.of(name) for name in indicators), read)

    def policies(self) -> Iterable[tuple[int, Policy]]:
        """What acts, by code, and the policy that says how."""
        item = self.model
        yield MISSING, item.missing
        if item.zero_denominator is not None:
            yield UNDIVIDED, item.zero_denominator
        if item.negative is not None:
            yield NEGATIVE, item.negative

    @property
    def means(self) -> list[int]:
        """What acts where the mean of the cohort's points is given, by code."""
        return [code for code, policy in self.policies() if policy.kind == "cohort_mean"]

    @property
    def counted(self) -> list[int]:
        """What acts on those whose points are in that mean, by code."""
        # Those handled by `negative` have a value too; those who get the mean have no points of their own.
        return [code for code in (METHOD, NEGATIVE) if code not in self.means]

    @property
    def points(self) -> pl.Expr:
        """Its points as they are worked out, in whole numbers of 10⁻ᵖˡᵃᶜᵉˢ."""
        return pl.col(f"{self.key}:points")

    @property
    def has_points(self) -> pl.Expr:
        """Who has points of its own in it, which count in the mean."""
        return pl.col(ACTS.of(self.key)).is_in(self.counted)

    @property
    def mean_is_capped(self) -> bool:
        """Whether the mean of the cohort may be more than a subject can earn: its weight may be less than others'."""
        return bool(self.means) and self.model.cap is not None

    @property
    def has_own_value(self) -> bool:
        """Whether what is scored may be another value than the indicator's own, or is read by a formula."""
        return bool(self.items[0].fallbacks or self.model.formula or self.model.zero_denominator)


def formulas_of(plan: RatingPlan) -> tuple[Formula, ...]:
    """The items of a rating gathered into formulas, in the order of the file."""
    items_of: dict[tuple[object, ...], list[ItemPlan]] = {}
    for item in plan.items:
        items_of.setdefault((item.indicator, *_shape(item)), []).append(item)
    return tuple(Formula(items[0].indicator, tuple(items)) for items in items_of.values())


def _shape(plan: ItemPlan) -> tuple[object, ...]:
    """All of an item but what is looked up by cohort: its weight, cap, floor, and a benchmark that is a number."""
    item = plan.item
    benchmark = None if plan.benchmark is None or stated_number(plan) is not None else plan.benchmark.source.text
    fallbacks = tuple((name, b.source.text if b else None) for name, b in plan.fallbacks)
    return (
        item.method, benchmark, fallbacks, item.missing, item.zero_denominator, item.negative, item.start,
        item.over, item.flat,
        item.zero_at, item.points, item.steps, item.cap is None, plan.benchmark is None,
        # A formula reads columns of its own cohort.
        plan.cohort if item.formula else None,
    )  # fmt: skip


def stated_number(plan: ItemPlan) -> Decimal | None:
    """A benchmark that is a number."""
    constant = plan.benchmark.value.constant if plan.benchmark else None
    return constant if isinstance(constant, Decimal) else None


def alike(cohorts: Sequence[str], numbers: Sequence[float | None]) -> bool:
    """Whether numbers by cohort are one number for everybody whom a formula serves."""
    return len(cohorts) == 1 or len(set(numbers)) == 1


def by_cohort(formula: Formula, cohorts: Sequence[str], numbers: Sequence[float | None]) -> pl.Expr:
    """A number per cohort as a number per row."""
    if alike(cohorts, numbers):
        return pl.lit(numbers[0], dtype=pl.Float64)
    table: list[float | None] = [None] * len(cohorts)
    for item, number in zip(formula.items, numbers, strict=True):
        table[cohorts.index(item.cohort)] = number
    return pl.lit(pl.Series(table, dtype=pl.Float64)).gather(SCORED.col)
