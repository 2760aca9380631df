"""How far a rating can be leaned on: how firm its tiers are, and who gets which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mujun.errors import UsageError, problem
from mujun.steps import part, step
from mujun.workspace.county_file import CountyFile
from mujun.workspace.runs.past import recalled
from mujun.workspace.runs.rating import rate_year

if TYPE_CHECKING:
    from mujun.analysis.fairness import Fairness
    from mujun.analysis.stability import Firmness


def fairness_of(county: CountyFile, run: int | None = None) -> Fairness:
    """Who gets which tier: shares by group, what drives differences, effective weights.

    Args:
        county: the county.
        run: which run; the newest where none is named.

    Raises:
        UsageError: there is no such run, or nobody in it has a tier.
    """
    from mujun.analysis.fairness import fairness

    result = recalled(county, run)
    step("step_fairness")
    looked_at = fairness(result.rating, result.frame)
    if not looked_at.tiers:
        raise UsageError(problem("fairness_nobody"))
    return looked_at


def stability_of(
    county: CountyFile,
    run: int | None = None,
    *,
    rules: str | Path | None = None,
    year: int | None = None,
    draws: int | None = None,
    seed: int | None = None,
) -> Firmness:
    """How firm the tiers of a rating are, by drawing its uncertain inputs many times.

    Args:
        county: the county.
        run: which run; the newest where nothing is named.
        rules, year: a year rated by these rules in place of a run.
        draws, seed: how many draws, and what they start from; as the rules state them by default.

    Raises:
        UsageError: there is no such run, or a run and rules are both named.
        RuleError, RatingError: as `mujun.rate` says.
    """
    from mujun.analysis.stability import firmness

    if (rules is None) != (year is None) or (run is not None and rules is not None):
        raise UsageError(problem("stability_run_or_year"))
    if rules is not None and year is not None:
        with part(0, 10):
            rating = rate_year(county, rules, year, save=False).rating
    else:
        with part(0, 10):
            rating = recalled(county, run).rating
    with part(1, 10, parts=9):
        return firmness(rating, draws=draws, seed=seed)
