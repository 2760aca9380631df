"""What a rule set asks of a frame: which columns it reads, and how many earlier years it looks back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from mujun.errors import UsageError, problem
from mujun.fields import LAGS
from mujun.rectification.listing import ENERGY_YEARS
from mujun.rules.allocation_plan import compile_allocation
from mujun.rules.names import FieldPlan
from mujun.rules.policy_names import PolicyNames
from mujun.rules.rating_plan import columns_read, compile_rating
from mujun.rules.rectification_plan import compile_rectification
from mujun.rules.ruleset import RuleSet

Step = Literal["rating", "rectification", "allocation"]
"""What is computed of each county and year: the rating, the list, or the amounts."""

HISTORY = ("tier_history", "tier_last", "streak")
"""Results of earlier years: a frame brings them, they do not follow from earlier years' figures."""

_ALWAYS: tuple[str, ...] = (
    "year", "credit_code", "name", "township", "park", "industry", "scale", "as_of", "land_mu", "floor_area_m2",
    "tier", "managed_as", "treatment", "cohort", "score", "rank", "size", *HISTORY,
)  # fmt: skip
"""Columns that results carry, that others follow from or that say how a firm was rated: brought where they are."""


@dataclass(frozen=True)
class Needs:
    """What one step of a rule set asks of a frame that has certain columns.

    Attributes:
        columns: the columns of the frame that are brought along.
        lags: earlier years' values that the frame does not have and its earlier years give: by name the column and how
            many years back it stands.
        previous: whether a statistic looks at last year's frame.
    """

    columns: tuple[str, ...]
    lags: dict[str, tuple[str, int]]
    previous: bool

    @property
    def years_back(self) -> int:
        """How many earlier years' rows a year's result rests on."""
        return max((back for _, back in self.lags.values()), default=0) + (1 if self.previous else 0)


def needs_of(ruleset: RuleSet, step: Step, have: Collection[str]) -> Needs:
    """What a step asks of a frame with the columns `have`.

    Raises:
        RuleError: the rule set does not have that step, or does not fit together.
        UsageError: the rules look at earlier years' tiers, and the frame does not bring them.
    """
    reads: set[str] = set()
    whole = previous = False
    if step == "rating" or ruleset.rating is not None:
        plan = compile_rating(ruleset)
        fields = [p for p in plan.names.all_of(FieldPlan) if isinstance(p, FieldPlan)]
        reads |= columns_read(plan) | {p.name for p in fields if p.compiled is None}
        previous = any(s.year == "previous" for s in plan.rating.statistics.values())
        # Firms that are merged, or added up to areas, bring all their figures along.
        population = plan.rating.population
        whole = population.subject != "enterprise" or population.counting is not None or population.area is not None
    policies: list[PolicyNames] = []
    if step == "rectification":
        listing = compile_rectification(ruleset)
        reads |= {*listing.reads(), *ENERGY_YEARS}
        policies = [listing.policy]
        whole = whole or listing.file.subject == "parcel"
    if step == "allocation":
        parts = compile_allocation(ruleset).parts
        reads |= {name for part in parts for name in part.reads()}
        policies = [part.policy for part in parts]
    reads |= {meaning.name for policy in policies for meaning in policy.inputs}
    previous = previous or any(policy.last is not None for policy in policies)
    if (asked := sorted(reads & set(HISTORY))) and not set(have) & set(HISTORY):
        raise UsageError(problem("spark_needs_tiers", rules=ruleset.address, names=asked, columns=HISTORY))
    lags = _lags(reads, have)
    kept = set(have) if whole else reads | set(_ALWAYS) | {column for column, _ in lags.values()}
    return Needs(tuple(c for c in have if c in kept), lags, previous)


def _lags(reads: Iterable[str], have: Collection[str]) -> dict[str, tuple[str, int]]:
    """Which names are an earlier year's value of a column that is there, and are not there themselves."""
    lags: dict[str, tuple[str, int]] = {}
    for name in sorted(set(reads) - set(have)):
        for suffix, back in LAGS.items():
            column = name.removesuffix(suffix)
            if column != name and column in have and column not in ("year", "credit_code", "as_of"):
                lags[name] = (column, back)
    return lags
