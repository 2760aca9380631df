"""The rule language: reading, checking and compiling rule sets.

A rule set is a folder of YAML files that read like the document they render. `load_rules` reads one, with everything
that is wrong in it at once; `compile_rating` makes it ready to run; `run_cases` runs its hand-computed cases.
"""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.rules.folders import addresses, find_folder
    from mujun.rules.loading import load_kept, load_rules
    from mujun.rules.rating_plan import RatingPlan, compile_rating
    from mujun.rules.ruleset import RuleSet
    from mujun.rules.testing import CaseOutcome, Mismatch, run_cases

open_late(
    __name__,
    {
        "folders": "addresses find_folder",
        "loading": "load_kept load_rules",
        "rating_plan": "RatingPlan compile_rating",
        "ruleset": "RuleSet",
        "testing": "CaseOutcome Mismatch run_cases",
    },
)

__all__ = [
    "CaseOutcome",
    "Mismatch",
    "RatingPlan",
    "RuleSet",
    "addresses",
    "compile_rating",
    "find_folder",
    "load_kept",
    "load_rules",
    "run_cases",
]
