"""Which columns of a frame a rule set reads: what no rule asks for has to be neither read nor carried along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from mujun.dataclass import dataclass
from mujun.rules.allocation_plan import compile_allocation
from mujun.rules.named_lists import lists_of, with_list
from mujun.rules.names import FieldPlan
from mujun.rules.policy_names import PolicyNames
from mujun.rules.rating_plan import columns_read, compile_rating, names_of_last_year
from mujun.rules.rectification_plan import ENERGY_YEARS, compile_rectification
from mujun.rules.ruleset import RuleSet

Step = Literal["rating", "rectification", "allocation"]
"""What is computed of a year: the rating, the list, or the amounts."""

HISTORY = ("tier_history", "tier_last", "streak")
"""Results of earlier years: a frame brings them, they do not follow from earlier years' figures."""

CARRIED: tuple[str, ...] = (
    "year", "credit_code", "name", "township", "park", "industry", "scale", "as_of", "land_mu", "floor_area_m2",
    "tier", "managed_as", "treatment", "cohort", "score", "rank", "size", *HISTORY,
)  # fmt: skip
"""Columns that results carry, that others follow from or that say how a firm was rated: brought where they are."""


@dataclass(frozen=True)
class Asked:
    """What one step of a rule set reads of a frame.

    Attributes:
        names: the columns that its rules read, of this year's frame or last year's.
        everything: that all columns count: firms that are merged, or added up to areas, bring all their figures along.
        previous: whether a statistic looks at last year's frame.
    """

    names: frozenset[str]
    everything: bool
    previous: bool


def asked_by(ruleset: RuleSet, step: Step) -> Asked:
    """What a step reads of a frame, what it goes by of the rating included.

    Raises:
        RuleError: the rule set does not have that step, or does not fit together.
    """
    names: set[str] = set()
    everything = previous = False
    if step == "rating" or ruleset.rating is not None:
        plan = compile_rating(ruleset)
        fields = [p for p in plan.names.all_of(FieldPlan) if isinstance(p, FieldPlan)]
        names |= columns_read(plan) | {p.name for p in fields if p.compiled is None}
        if previous := any(s.year == "previous" for s in plan.rating.statistics.values()):
            names |= columns_read(replace(plan, names=names_of_last_year(plan)))
        population = plan.rating.population
        everything = (
            population.subject != "enterprise" or population.counting is not None or population.area is not None
        )
    policies: list[PolicyNames] = []
    if step == "rectification":
        listing = compile_rectification(ruleset)
        names |= {*listing.reads(), *ENERGY_YEARS}
        policies = [listing.policy]
        everything = everything or listing.file.subject == "parcel"
    if step == "allocation":
        parts = compile_allocation(ruleset).parts
        names |= {name for part in parts for name in part.reads()}
        policies = [part.policy for part in parts]
    names |= {meaning.name for policy in policies for meaning in policy.inputs}
    return Asked(frozenset(names), everything, previous or any(policy.last is not None for policy in policies))


def columns_asked(ruleset: RuleSet, *, amounts: bool = True) -> frozenset[str] | None:
    """The columns of a frame that rating a year, its lists and its amounts read; `None` where all of them count.

    Args:
        ruleset: the rules.
        amounts: whether amounts are wanted.

    Raises:
        RuleError: the rule set does not fit together.
    """
    asked = list(_each(ruleset, amounts=amounts))
    if any(one.everything for one in asked):
        return None
    return frozenset(CARRIED).union(*(one.names for one in asked))


def _each(ruleset: RuleSet, *, amounts: bool) -> Iterator[Asked]:
    if ruleset.rating is not None:
        yield asked_by(ruleset, "rating")
    if ruleset.rectification is not None:
        for name in lists_of(ruleset) or (None,):
            yield asked_by(with_list(ruleset, name), "rectification")
    if amounts and ruleset.allocation is not None:
        yield asked_by(ruleset, "allocation")
