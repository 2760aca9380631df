"""The rule language as frozen objects: what each file of a rule set may say.

The `doc` of every key is the reference: the JSON Schema shows it in editors and `docs/rules/files.md` is held to it.
"""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.rules.model.allocation import (
        Exemption,
        Include,
        Measure,
        MeasureChange,
        Multiples,
        Period,
        Pool,
        PoolOrder,
        PoolRefusal,
        Rate,
        StreakRule,
        Substitution,
        TheAllocation,
    )
    from mujun.rules.model.benchmark import Benchmark, Peers
    from mujun.rules.model.cases import Case, TheCases
    from mujun.rules.model.head import Head, Source
    from mujun.rules.model.ladders import Ladder, Rung, TheLadders
    from mujun.rules.model.names import CountedIn, LookupTable, RuleField, Statistic
    from mujun.rules.model.rating import (
        AddedIndicators,
        Adjustment,
        Adjustments,
        Both,
        Cohort,
        Decimals,
        Family,
        Indicator,
        Population,
        Requirement,
        Scoring,
        ScoringGroup,
        Special,
        TheRating,
    )
    from mujun.rules.model.rectification import Evidence, Exempt, Exit, NamedList, Path, Reason, TheRectification, Watch
    from mujun.rules.model.scoring import Fallback, Item, Policy, Step
    from mujun.rules.model.stability import Stability
    from mujun.rules.model.targets import Computed, Contest, Due, Region, Target, Task, TheTargets, Watched, Weighed
    from mujun.rules.model.tiers import After, Before, Cut, Pick, TierClass, Tiers, Verify

open_late(
    __name__,
    {
        "allocation": (
            "Exemption Include Measure MeasureChange Multiples Period Pool PoolOrder PoolRefusal Rate "
            "StreakRule Substitution TheAllocation"
        ),
        "benchmark": "Benchmark Peers",
        "cases": "Case TheCases",
        "head": "Head Source",
        "ladders": "Ladder Rung TheLadders",
        "names": "CountedIn LookupTable RuleField Statistic",
        "rating": (
            "AddedIndicators Adjustment Adjustments Both Cohort Decimals Family Indicator Population "
            "Requirement Scoring ScoringGroup Special TheRating"
        ),
        "rectification": "Evidence Exempt Exit NamedList Path Reason TheRectification Watch",
        "scoring": "Fallback Item Policy Step",
        "stability": "Stability",
        "targets": "Computed Contest Due Region Target Task TheTargets Watched Weighed",
        "tiers": "After Before Cut Pick TierClass Tiers Verify",
    },
)

__all__ = [
    "AddedIndicators",
    "Adjustment",
    "Adjustments",
    "After",
    "Before",
    "Benchmark",
    "Both",
    "Case",
    "Cohort",
    "Computed",
    "Contest",
    "CountedIn",
    "Cut",
    "Decimals",
    "Due",
    "Evidence",
    "Exempt",
    "Exemption",
    "Exit",
    "Fallback",
    "Family",
    "Head",
    "Include",
    "Indicator",
    "Item",
    "Ladder",
    "LookupTable",
    "Measure",
    "MeasureChange",
    "Multiples",
    "NamedList",
    "Path",
    "Peers",
    "Period",
    "Pick",
    "Policy",
    "Pool",
    "PoolOrder",
    "PoolRefusal",
    "Population",
    "Rate",
    "Reason",
    "Region",
    "Requirement",
    "RuleField",
    "Rung",
    "Scoring",
    "ScoringGroup",
    "Source",
    "Special",
    "Stability",
    "Statistic",
    "Step",
    "StreakRule",
    "Substitution",
    "Target",
    "Task",
    "TheAllocation",
    "TheCases",
    "TheLadders",
    "TheRating",
    "TheRectification",
    "TheTargets",
    "TierClass",
    "Tiers",
    "Verify",
    "Watch",
    "Watched",
    "Weighed",
]
