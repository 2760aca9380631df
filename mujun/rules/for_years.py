"""Whether rules are for a year: those that rate refuse any other."""

from __future__ import annotations

from collections.abc import Sequence

from mujun.errors import UsageError, problem
from mujun.rules.ruleset import RuleSet


def check_year(ruleset: RuleSet, year: int) -> None:
    """Refuse a year that the rules are not for.

    Raises:
        UsageError: the rules name their years, and this is none of them.
    """
    if not fits_year(ruleset, year):
        assert ruleset.rating is not None
        years: Sequence[int] = ruleset.rating.years
        raise UsageError(problem("rules_not_for_year", address=ruleset.address, year=year, years=list(years)))


def fits_year(ruleset: RuleSet, year: int) -> bool:
    """Whether the rules may rate a year."""
    rating = ruleset.rating
    return rating is None or not rating.years or year in rating.years
